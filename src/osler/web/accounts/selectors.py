"""Reading who is who."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from osler.web.accounts.models import AuditEntry, Clinic, Membership, User
from osler.web.accounts.policies import ACTIONS

CHOSEN = "clinic"  # the key in the session


def clinics_of(user: User) -> Sequence[Clinic]:
    """Where somebody works, by name."""
    return list(Clinic.objects.filter(memberships__user=user).distinct().order_by("name", "pk"))


def clinic_or_none(request: HttpRequest, user: User) -> Clinic | None:
    """The clinic chosen in this session, else the first by name; None where there is none."""
    clinics = clinics_of(user)
    chosen = request.session.get(CHOSEN)
    return next((c for c in clinics if c.slug == chosen), clinics[0] if clinics else None)


def clinic_of(request: HttpRequest) -> Clinic:
    """The clinic that a logged-in member works at; PermissionDenied where there is none."""
    user = request.user
    clinic = clinic_or_none(request, user) if isinstance(user, User) else None
    if clinic is None:
        raise PermissionDenied("a member of no clinic")
    return clinic


def actions(user: User, clinic: Clinic) -> frozenset[str]:
    """All that somebody may do at a clinic."""
    roles = set(Membership.objects.filter(user=user, clinic=clinic).values_list("role", flat=True))
    return frozenset(action for action, allowed in ACTIONS.items() if roles & allowed)


def members(clinic: Clinic) -> QuerySet[User]:
    """Everybody at a clinic, also those who may no longer log in."""
    return User.objects.filter(memberships__clinic=clinic).distinct().order_by("username")


def trail(clinic: Clinic) -> QuerySet[AuditEntry]:
    """The audit trail, newest first."""
    return AuditEntry.objects.filter(clinic=clinic).select_related("user").order_by("-at", "-pk")
