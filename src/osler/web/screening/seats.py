"""Who sits at which desk: alone at a folder, or a member of a team at a review of their clinic."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.selectors import clinic_of
from osler.web.screening.desk import Desk
from osler.web.screening.models import TeamReview
from osler.web.screening.stores import FolderStore, Store
from osler.web.screening.tables import TableStore

ACTION = "records.screen"
LOCAL_SLUG = "here"


@dataclass(frozen=True)
class Seat:
    """A reviewer at a desk.

    ``team`` is None for somebody who works alone on a folder of their own machine; nobody is
    asked then who they are.
    """

    desk: Desk
    who: str
    slug: str
    title: str
    folder: Path
    team: TeamReview | None = None
    user: User | None = None

    @property
    def clinic(self) -> Clinic | None:
        return self.team.folder.clinic if self.team else None

    @property
    def store(self) -> Store:
        """Where this person's words go."""
        own = self.desk.store
        return own.by(self.user) if isinstance(own, TableStore) else own

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written within, or nothing of it."""
        try:
            with transaction.atomic():
                yield
        except BaseException:
            if isinstance(self.desk.store, TableStore):
                self.desk.store.forget()
            raise

    def check(self) -> None:
        """Raises PermissionDenied where this person may not screen here."""
        if self.team is not None:
            if self.user is None:
                raise PermissionDenied("nobody is logged in")
            require(self.user, ACTION, self.team.folder.clinic)


_DESKS: dict[UUID | str, Desk] = {}
_LOCK = threading.Lock()
MOST_DESKS = 8
"""Kept in mind by one process; a model of 2,500 records takes about 20 MB."""


def local_seat() -> Seat:
    """The one seat of ``osler screen``."""
    told = getattr(settings, "OSLER_SCREEN", {})
    folder, who = Path(told["folder"]), str(told["reviewer"])
    desk = _desk(str(folder), lambda: Desk(FolderStore(folder)))
    return Seat(desk, who, LOCAL_SLUG, folder.name, folder)


def is_local() -> bool:
    """Whether this is ``osler screen`` on one's own machine."""
    return bool(getattr(settings, "OSLER_SCREEN", None))


def seat_of(request: HttpRequest, slug: str) -> Seat:
    """Whose request it is, at which review; 404 for another clinic's, 403 for who may not."""
    if is_local():
        return local_seat()
    clinic = clinic_of(request)
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied("nobody is logged in")
    require(user, ACTION, clinic)
    reviews = TeamReview.objects.select_related("folder__clinic")
    return team_seat(get_object_or_404(reviews, folder__slug=slug, folder__clinic=clinic), user)


def team_seat(review: TeamReview, user: User) -> Seat:
    """A member of the team at its review."""
    desk = _desk(review.token, lambda: Desk(TableStore(review)))
    folder = Path(review.folder.path)
    name = user.username
    return Seat(desk, name, review.folder.slug, review.folder.slug, folder, review, user)


def _desk(key: UUID | str, make: Callable[[], Desk]) -> Desk:
    with _LOCK:
        if key not in _DESKS:
            while len(_DESKS) >= MOST_DESKS:
                _DESKS.pop(next(iter(_DESKS))).close()
            _DESKS[key] = make()
        return _DESKS[key]
