"""Folder and database told of each other, without loss.

What both said when they last met is kept. A file that only one of them has changed since then
is taken from it; of a table that both have added to, the rows of both are kept, the database's
first. A file that both have rewritten is left to a person (WEB083), and nothing is written.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.web.accounts.models import User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.pages.models import Folder
from osler.web.screening.models import StoredFile, TeamReview
from osler.web.screening.stores import TABLES, Files, FolderStore, Store
from osler.web.screening.tables import TableStore

ACTION = "records.screen"


def joined(met: bytes, ours: bytes, theirs: bytes, *, grows: bool) -> bytes | None:
    r"""What a file says after two that were once the same have met; None where it cannot be said.

    Examples
    --------
    >>> joined(b"h\na\n", b"h\na\nb\n", b"h\na\nc\n", grows=True)
    b'h\na\nb\nc\n'
    >>> joined(b"1", b"2", b"3", grows=False) is None
    True
    """
    if ours == theirs or theirs == met:
        return ours
    if ours == met:
        return theirs
    if not grows or not (ours.startswith(met) and theirs.startswith(met)):
        return None
    ours_new, theirs_new = ours[len(met) :], theirs[len(met) :]
    if not met.strip():
        # Both began the table by themselves: one header is enough, if it is the same.
        head = ours_new.split(b"\n", 1)[0] + b"\n"
        if not theirs_new.startswith(head):
            return None
        theirs_new = theirs_new[len(head) :]
    gap = b"" if ours.endswith(b"\n") or theirs_new.startswith(b"\n") else b"\n"
    return ours + gap + theirs_new


def begin(folder: Folder, *, store: Store, user: User | None, now: datetime) -> TeamReview:
    """A team screens a folder from now on: its files are brought into the database."""
    if user is not None:
        require(user, ACTION, folder.clinic)
    with transaction.atomic():
        review, is_new = TeamReview.objects.get_or_create(folder=folder, defaults={"begun_at": now})
        if is_new:
            write_trail(
                clinic=folder.clinic,
                user=user,
                action="screening.begun",
                about=f"folder {folder.slug}",
                now=now,
            )
        meet(review, store, user=user, now=now)
    return review


def meet(review: TeamReview, store: Store, *, user: User | None, now: datetime) -> tuple[str, ...]:
    """Both say the same afterwards; gives the names of the files that changed on either side.

    The database is written first: if the power fails between the two, the next meeting finds
    the folder as it was and gives it the rest.

    Raises
    ------
    DataError
        WEB083, before anything is written.
    """
    if user is not None:
        require(user, ACTION, review.folder.clinic)
    ours_store = TableStore(review).by(user)
    changed: list[str] = []

    def make(theirs: Files) -> Files:
        with transaction.atomic():
            TeamReview.objects.select_for_update().get(pk=review.pk)
            ours = ours_store.read()
            both = _both(review, ours, theirs)
            ours_store.change(lambda files: both)
            for name, content in both.items():
                StoredFile.objects.filter(review=review, name=name).update(met=content)
            changed.extend(n for n, c in both.items() if c != ours.get(n) or c != theirs.get(n))
            if changed:
                write_trail(
                    clinic=review.folder.clinic,
                    user=user,
                    action="screening.synchronised",
                    about=f"folder {review.folder.slug}",
                    now=now,
                    details={"files": changed},
                )
        return {name: content for name, content in both.items() if content != theirs.get(name)}

    store.change(make)
    return tuple(changed)


def folder_store(folder: Folder) -> FolderStore:
    """The folder on the disk of this machine."""
    return FolderStore.at(folder.path)


def _both(review: TeamReview, ours: Files, theirs: Files) -> Mapping[str, bytes]:
    met = {f.name: bytes(f.met) for f in review.files.only("name", "met")}
    both: dict[str, bytes] = {}
    for name in sorted({*ours, *theirs}):
        told = joined(
            met.get(name, b""), ours.get(name, b""), theirs.get(name, b""), grows=name in TABLES
        )
        if told is None:
            raise DataError(_both_changed(name))
        both[name] = told
    return both


def _both_changed(name: str) -> Diagnostic:
    return Diagnostic(
        "WEB083",
        Severity.ERROR,
        Place(name),
        "a file was changed in the folder and by the team",
        f"{name} was rewritten on both sides since they last met",
        "nothing is brought together: folder and site stay as they are",
        "put the folder's version back to what it was, or move it away, and try again",
    )
