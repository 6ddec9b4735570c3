"""What the staff's templates show around every page."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from osler.web.accounts import selectors
from osler.web.accounts.access import is_staff_side
from osler.web.accounts.models import Clinic, User
from osler.web.menu import Entry, entries


def for_templates(request: HttpRequest) -> dict[str, object]:
    """``menu`` and ``clinic`` for staff; nothing is asked of the database for a visitor."""
    user = getattr(request, "user", AnonymousUser())
    if not is_staff_side(request) or not isinstance(user, User):
        return {"menu": (), "clinic": None}
    clinic = selectors.clinic_or_none(request, user)
    return {"menu": shown(user, clinic), "clinic": clinic}


def shown(user: User, clinic: Clinic | None) -> tuple[Entry, ...]:
    """What this person sees."""
    if clinic is None or not user.is_active:
        return ()
    allowed = selectors.actions(user, clinic)
    return tuple(entry for entry in entries() if entry.action in allowed)
