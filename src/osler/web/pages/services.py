"""Publishing: the one way from a review folder on the disk to what the public reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.core.rendering.listing import as_json
from osler.core.rendering.report import Told
from osler.review.folder import read_folder
from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.pages import parts, shelf
from osler.web.pages.composing import common_files
from osler.web.pages.making import MadeFolder, MadePage, digest_of, make_folder
from osler.web.pages.models import (
    LONGEST_DAY,
    LONGEST_FOLDER,
    LONGEST_SEARCHED,
    LONGEST_SLUG,
    Folder,
    OldAddress,
    Page,
    PublishedFile,
    Version,
)
from osler.web.pages.old_addresses import FILE, RESERVED, parse_redirects


class Result(StrEnum):
    """What came of an attempt to publish."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CHANGED_MEANWHILE = "changed meanwhile"


@dataclass(frozen=True)
class Outcome:
    """``pages`` are the addresses of those that say something new."""

    result: Result
    pages: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def published(self) -> bool:
        return self.result in (Result.PUBLISHED, Result.UNCHANGED)


def add_folder(path: Path, clinic: Clinic) -> Folder:
    """The row of a review folder; the same path is the same folder."""
    known = Folder.objects.filter(path=str(path)).first()
    if known is not None:
        if known.is_removed:
            known.is_removed = False
            known.save(update_fields=["is_removed"])
        return known
    base = slugify(path.name)[: LONGEST_FOLDER - 10].strip("-") or "folder"
    taken = set(Folder.objects.values_list("slug", flat=True))
    slug = next(s for n in range(1, len(taken) + 2) if (s := _numbered(base, n)) not in taken)
    return Folder.objects.create(clinic=clinic, path=str(path), slug=slug)


def publish_folder(
    folder: Folder, *, user: User | None, now: datetime, reason: str = ""
) -> Outcome:
    """Checks a folder and, where no page to be published has an error, publishes it.

    All of it becomes visible at once, or none of it: a folder that cannot be published
    leaves what the public sees as it was, and staff see why.

    Parameters
    ----------
    user : User or None
        None for the clock that looks after changes of files.
    reason : str
        Why an owner publishes although there are errors; it is kept with the version and
        holds until the files change.

    Raises
    ------
    PermissionDenied
        Where the user may not publish, or not with errors.
    """
    reason = reason.strip()
    if user is not None:
        action = "pages.publish_with_errors" if reason else "pages.publish"
        require(user, action, folder.clinic)
    try:
        files = read_folder(Path(folder.path))
    except OSError as error:
        return _refuse(folder, "", (_unreadable(folder, error),), user, now)
    digest = digest_of(files)
    allowed = reason or (folder.allowed_reason if folder.allowed_digest == digest else "")
    made = make_folder(
        files,
        timezone.localdate(now),
        settings.OSLER_URL,
        name=_site_name(folder),
        despite_errors=bool(allowed),
    )
    if made.pages is None:
        return _refuse(folder, digest, made.diagnostics, user, now)
    return _publish(folder, files, made, allowed, user, now)


def _site_name(folder: Folder) -> str:
    """One name on the pages of all folders: of the settings, else of the site's first folder.

    "" where this is the first: then it is what the folder says now.
    """
    before = Folder.objects.filter(pk__lt=folder.pk).exclude(site_name="").order_by("pk")
    return str(settings.OSLER_NAME or before.values_list("site_name", flat=True).first() or "")


@transaction.atomic
def _publish(
    folder: Folder,
    files: Mapping[str, bytes],
    made: MadeFolder,
    reason: str,
    user: User | None,
    now: datetime,
) -> Outcome:
    shelf.lock()
    folder.refresh_from_db()
    digest = digest_of(files)
    if _digest_now(folder) != digest:
        # Somebody saved while the check ran: what it said is of files that are no more.
        return Outcome(Result.CHANGED_MEANWHILE, (), ())
    pages = made.pages or ()
    taken = tuple(_taken(folder, pages))
    if taken:
        return _refuse(folder, digest, in_order([*made.diagnostics, *taken]), user, now)
    moved, of_moved = parse_redirects(files.get(FILE, b""))
    found = in_order([*made.diagnostics, *of_moved])
    changed = [p.meta.slug for p in pages if _keep(folder, p, made, reason, user, now)]
    gone = _leave(folder, pages)
    _keep_old_addresses(folder, [(m.old, m.new) for m in moved])
    _name(folder, made)
    _say_checked(folder, digest, found, now, refused=False)
    folder.published_digest, folder.published_at = digest, now
    folder.allowed_digest, folder.allowed_reason = (digest, reason) if reason else ("", "")
    folder.save()
    _fill_shelf(folder, made.files)
    if not changed and not gone:
        return Outcome(Result.UNCHANGED, (), found)
    write_trail(
        clinic=folder.clinic,
        user=user,
        action="pages.published",
        about=f"folder {folder.slug}",
        now=now,
        details={"changed": changed, "taken away": gone} | ({"reason": reason} if reason else {}),
    )
    return Outcome(Result.PUBLISHED, tuple(changed), found)


@transaction.atomic
def _refuse(
    folder: Folder,
    digest: str,
    found: Sequence[Diagnostic],
    user: User | None,
    now: datetime,
) -> Outcome:
    folder.refresh_from_db()
    is_news = not folder.is_refused or folder.checked_digest != digest
    _say_checked(folder, digest, found, now, refused=True)
    folder.save()
    if is_news or user is not None:
        errors = sorted({d.code for d in found if d.severity is Severity.ERROR})
        write_trail(
            clinic=folder.clinic,
            user=user,
            action="pages.refused",
            about=f"folder {folder.slug}",
            now=now,
            details={"errors": errors},
        )
    return Outcome(Result.REFUSED, (), tuple(found))


def _keep(
    folder: Folder,
    made: MadePage,
    whole: MadeFolder,
    reason: str,
    user: User | None,
    now: datetime,
) -> bool:
    """Writes a page's row and, where it says something new, a version; whether it does."""
    meta = made.meta
    page, _ = Page.objects.update_or_create(
        slug=meta.slug,
        defaults={
            "folder": folder,
            "is_live": True,
            "file": made.file,
            "title": meta.title,
            "description": meta.description,
            "author": meta.author,
            "date": _day(meta.date),
            "reviewed": _day(meta.reviewed),
            "next_review": _day(meta.next_review),
            "searched": whole.searched[:LONGEST_SEARCHED],
            "categories": list(meta.categories),
            "html": made.html,
            "text": made.text,
        },
    )
    last = page.versions.order_by("number").last()
    if last is not None and last.digest == made.digest:
        return False
    Version.objects.create(
        page=page,
        number=last.number + 1 if last else 1,
        at=now,
        user=user,
        digest=made.digest,
        title=meta.title,
        answers=dict(made.answers),
        wording=list(made.wording),
        reason=reason if whole.has_errors else "",
    )
    return True


def _day(told: str) -> str:
    """A date; "" for what is none, which an owner may have answered for."""
    return told if len(told) <= LONGEST_DAY else ""


def _leave(folder: Folder, pages: Sequence[MadePage]) -> list[str]:
    """Pages that are no longer in the folder are no longer live."""
    left = Page.objects.filter(folder=folder, is_live=True).exclude(
        slug__in=[p.meta.slug for p in pages]
    )
    slugs = list(left.values_list("slug", flat=True))
    left.update(is_live=False)
    return slugs


def _fill_shelf(folder: Folder, data: Mapping[str, bytes]) -> None:
    """Everything that is served, anew: a page's neighbours and the lists change with it."""
    live = list(Page.objects.filter(is_live=True).select_related("folder__clinic"))
    for page in live:
        shelf.put({f"{page.slug}/index.html": parts.dressed(page)}, page.folder)
    shelf.put(common_files(live), None)
    shelf.put({_data_path(folder, name): content for name, content in data.items()}, folder)
    wanted = {f"{page.slug}/index.html" for page in live if page.folder_id == folder.pk}
    wanted |= {_data_path(folder, name) for name in data}
    there = PublishedFile.objects.filter(folder=folder).values_list("path", flat=True)
    shelf.take_away(set(there) - wanted)
    shelf.mark_changed()


def _data_path(folder: Folder, name: str) -> str:
    """Tables of two reviews may have one name; the style sheet is the same for all."""
    kind, slash, rest = name.partition("/")
    return f"{kind}/{folder.slug}/{rest}" if slash and kind == "data" else name


def _keep_old_addresses(folder: Folder, moved: Sequence[tuple[str, str]]) -> None:
    OldAddress.objects.filter(folder=folder).delete()
    others = set(OldAddress.objects.values_list("old", flat=True))
    OldAddress.objects.bulk_create(
        OldAddress(folder=folder, old=old, new=new) for old, new in moved if old not in others
    )


def _name(folder: Folder, made: MadeFolder) -> None:
    if made.site is not None:
        folder.site_name = made.site.name[:300]
        folder.site_language = made.site.language[:35]
        folder.site_description = made.site.description


def _say_checked(
    folder: Folder, digest: str, found: Sequence[Diagnostic], now: datetime, *, refused: bool
) -> None:
    folder.checked_digest, folder.checked_at, folder.is_refused = digest, now, refused
    # PostgreSQL keeps no zero characters.
    told = as_json(Told(d) for d in found).replace("\\u0000", "\\ufffd")
    folder.last_check = json.loads(told)


def _digest_now(folder: Folder) -> str:
    try:
        return digest_of(read_folder(Path(folder.path)))
    except OSError:
        return ""


def _taken(folder: Folder, pages: Sequence[MadePage]) -> list[Diagnostic]:
    """WEB002: an address that a page of another folder has, or that the site needs itself."""
    slugs = {p.meta.slug: p for p in pages}
    others = Page.objects.filter(slug__in=slugs, is_live=True).exclude(folder=folder)
    held = {page.slug: f"folder {page.folder.slug} has it" for page in others} | {
        slug: "the site needs it itself" for slug in slugs if slug in RESERVED
    }
    held |= {
        slug: f"an address has {LONGEST_SLUG} characters at most"
        for slug in slugs
        if len(slug) > LONGEST_SLUG
    }
    return [_address_taken(slugs[slug], why) for slug, why in sorted(held.items())]


def _address_taken(page: MadePage, why: str) -> Diagnostic:
    return Diagnostic(
        "WEB002",
        Severity.ERROR,
        Place(page.file),
        "this address cannot be had on the site",
        f"{page.file} would be at /{page.meta.slug}/; {why}",
        "nothing of this folder is published; what was published stays",
        "rename the file, which names the address",
    )


def _unreadable(folder: Folder, error: OSError) -> Diagnostic:
    return Diagnostic(
        "WEB001",
        Severity.ERROR,
        Place(folder.slug),
        "the review folder cannot be read",
        f"{error.filename or folder.path}: {error.strerror or error}",
        "what was published of it stays as it was",
        "see that the folder is there and that the site's user may read it",
    )


def _numbered(base: str, number: int) -> str:
    return base if number == 1 else f"{base}-{number}"


@transaction.atomic
def remove_folder(folder: Folder, *, now: datetime) -> tuple[str, ...]:
    """Takes a folder's pages off the site and gives their addresses; rows of pages are kept."""
    shelf.lock()
    slugs = tuple(folder.pages.filter(is_live=True).values_list("slug", flat=True))
    write_trail(
        clinic=folder.clinic,
        user=None,
        action="pages.removed",
        about=f"folder {folder.slug}",
        now=now,
        details={"taken away": list(slugs)},
    )
    _leave(folder, ())
    folder.is_removed = True
    folder.published_digest = folder.checked_digest = ""
    folder.save()
    OldAddress.objects.filter(folder=folder).delete()
    _fill_shelf(folder, {})
    return slugs
