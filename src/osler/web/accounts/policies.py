"""Who may do what: one table, asked by every service and by every view.

An action is allowed to an active user who has one of its roles at the clinic. Nobody is
allowed an action that does not stand here.
"""

from collections.abc import Mapping

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from osler.web.accounts.models import Clinic, Membership, Role, User

_EVERYBODY = frozenset(Role)

ACTIONS: Mapping[str, frozenset[Role]] = {
    "staff.enter": _EVERYBODY,
    "comments.moderate": frozenset({Role.MODERATOR, Role.OWNER}),
    "episodes.see": frozenset({Role.PRACTITIONER, Role.OWNER}),
    "episodes.write": frozenset({Role.PRACTITIONER, Role.OWNER}),
    "audit.see": frozenset({Role.PRACTITIONER, Role.EDITOR, Role.OWNER}),
    "audit.export": frozenset({Role.PRACTITIONER, Role.OWNER}),
    "pages.edit": frozenset({Role.EDITOR, Role.OWNER}),
    "pages.publish": frozenset({Role.EDITOR, Role.OWNER}),
    "pages.publish_with_errors": frozenset({Role.OWNER}),
    "records.screen": frozenset({Role.EDITOR, Role.PRACTITIONER, Role.OWNER}),
    "privacy.export": frozenset({Role.OWNER}),
    "privacy.erase": frozenset({Role.OWNER}),
    "members.manage": frozenset({Role.OWNER}),
    "trail.see": frozenset({Role.OWNER}),
}
"""Which roles allow which action."""


def may(user: User | AnonymousUser, action: str, clinic: Clinic) -> bool:
    """Whether ``user`` may do ``action`` at ``clinic``; False for an action nobody knows."""
    if not user.is_authenticated or not user.is_active or action not in ACTIONS:
        return False
    return Membership.objects.filter(
        user_id=user.pk, clinic=clinic, role__in=ACTIONS[action]
    ).exists()


def require(user: User | AnonymousUser, action: str, clinic: Clinic) -> None:
    """Raises PermissionDenied where :func:`may` says no."""
    if not may(user, action, clinic):
        raise PermissionDenied(f"{action} is not allowed here")
