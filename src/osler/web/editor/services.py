"""Saving a page: a commit by whoever wrote, and never over words that somebody else saved."""

import difflib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from osler.web.accounts.models import User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.editor import git
from osler.web.editor.files import (
    LONGEST,
    NoSuchPage,
    blob_hash,
    new_path,
    only_one,
    page_path,
    read_page,
    write_page,
)
from osler.web.pages.models import Folder

NOT_UNDER_GIT = "the folder is not under git"


@dataclass(frozen=True)
class Saved:
    """The page is saved; ``base`` is what the next save starts from."""

    base: str
    changed: bool


@dataclass(frozen=True)
class Conflict:
    """Somebody else saved meanwhile: theirs is kept, and ``diff`` leads from theirs to ours."""

    base: str
    diff: str
    by: str


class NotSaved(Exception):
    """Nothing was written; the message says why."""


def page_save(
    folder: Folder, name: str, text: str, *, base: str, note: str, user: User, now: datetime
) -> Saved | Conflict:
    r"""Write a page and commit it under the user's name.

    Parameters
    ----------
    folder : Folder
    name : str
        Of a page that is there.
    text : str
        Line ends of any kind; kept as ``\n``, or as the page has them.
    base : str
        Git's name of the text that the user began with.
    note : str
        A few words on what was changed, for the commit.

    Returns
    -------
    Saved or Conflict
        Conflict where the page is no longer what it was; nothing is written then.

    Raises
    ------
    PermissionDenied, NoSuchPage
    NotSaved
        Where the folder is not under git, or git refuses; the page is as it was.
    """
    require(user, "pages.edit", folder.clinic)
    root = Path(folder.path)
    if not git.is_under_git(root):
        raise NotSaved(NOT_UNDER_GIT)
    with only_one(root):
        path = page_path(root, name)
        before = read_page(path)
        content = _bytes(text, before)
        if blob_hash(before) != base and content != before:
            change = git.last_change(root, path)
            return Conflict(
                blob_hash(before), _diff(before, content, name), _who(root, path, change)
            )
        if content == before:
            return Saved(blob_hash(before), changed=False)
        _keep_outside_changes(root, path)
        _write(folder, path, before, content, note or f"Edit {name}", user, now)
    return Saved(blob_hash(content), changed=True)


def page_new(folder: Folder, name: str, title: str, *, user: User, now: datetime) -> None:
    """Write and commit a new page: a draft with its front matter, and nothing said yet.

    Raises PermissionDenied, NoSuchPage where the name cannot be used, and NotSaved.
    """
    require(user, "pages.edit", folder.clinic)
    root = Path(folder.path)
    if not git.is_under_git(root):
        raise NotSaved(NOT_UNDER_GIT)
    with only_one(root):
        path = new_path(root, name)
        path.parent.mkdir(exist_ok=True)
        content = _template(title, user, now.date()).encode()
        _write(folder, path, None, content, f"Begin {name}", user, now)


def _write(
    folder: Folder,
    path: Path,
    before: bytes | None,
    content: bytes,
    note: str,
    user: User,
    now: datetime,
) -> None:
    """File, commit and trail, or none of them."""
    try:
        with transaction.atomic():
            write_trail(
                clinic=folder.clinic,
                user=user,
                action="pages.saved",
                about=f"page {path.stem} in folder {folder.slug}",
                now=now,
                details={"blob": blob_hash(content)},
            )
            write_page(path, content)
            git.commit(Path(folder.path), path, " ".join(note.split())[:200], person(user))
    except (git.GitFailed, OSError) as error:
        _put_back(path, before, content)
        raise NotSaved(f"it could not be committed: {error}") from error


def _put_back(path: Path, before: bytes | None, content: bytes) -> None:
    """The page as it was, unless somebody has written to it again."""
    try:
        if read_page(path) != content:
            return
    except NoSuchPage:
        return
    if before is None:
        path.unlink()
    else:
        write_page(path, before)


def _keep_outside_changes(root: Path, path: Path) -> None:
    """What was written with another editor gets a commit of its own, not this user's name."""
    try:
        if git.differs_from_last(root, path):
            git.commit(root, path, f"{path.stem}: changed outside the editor", git.SITE)
    except git.GitFailed as error:
        raise NotSaved(f"it could not be committed: {error}") from error


def _bytes(text: str, before: bytes) -> bytes:
    """The text with the line ends and the mark that the page has so far."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    plain = plain if plain.endswith("\n") else f"{plain}\n"
    if b"\r\n" in before:
        plain = plain.replace("\n", "\r\n")
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    content = mark + plain.removeprefix("\ufeff").encode("utf-8", "replace")
    if len(content) > LONGEST:
        raise NotSaved(f"a page may have {LONGEST} bytes")
    return content


def _diff(theirs: bytes, ours: bytes, name: str) -> str:
    one, other = (t.decode("utf-8", "replace").splitlines() for t in (theirs, ours))
    return "\n".join(
        difflib.unified_diff(
            one, other, f"{name} as it is saved", f"{name} as you have it", lineterm=""
        )
    )


def _who(root: Path, path: Path, change: git.Change | None) -> str:
    if change is None or git.differs_from_last(root, path):
        return "somebody outside the editor"
    return change.by


def person(user: User) -> git.Person:
    """A user as git names people: no sign that would end the name."""
    name = "".join(c for c in user.get_full_name() or user.username if c not in "<>\n\r\0").strip()
    local = "".join(c for c in user.username if c.isalnum() or c in "._-") or f"user-{user.pk}"
    return git.Person(name or local, user.email or f"{local}@users.invalid")


def _template(title: str, user: User, today: date) -> str:
    return (
        f"---\ntitle: {_quoted(title)}\ndescription: \n"
        f"author: {_quoted(user.get_full_name() or user.username)}\ndate: {today}\n"
        f"reviewed: {today}\nnext_review: {today.replace(day=1, year=today.year + 1)}\n"
        "categories: []\ndraft: true\n---\n\n::: answer\n\n:::\n"
    )


def _quoted(text: str) -> str:
    """One line of front matter in quotes, whatever is typed.

    Examples
    --------
    >>> print(_quoted('Pain: "why" # where'))
    "Pain: 'why' # where"
    """
    return '"' + " ".join(text.split()).replace('"', "'") + '"'
