"""The audit trail: every service that changes something writes one entry."""

from datetime import datetime

from osler.web.accounts.models import AuditEntry, Clinic, User


def write_trail(
    *,
    clinic: Clinic,
    user: User | None,
    action: str,
    about: str,
    now: datetime,
    details: dict[str, object] | None = None,
) -> AuditEntry:
    """Adds an entry; called inside the transaction of the change itself.

    ``user`` is None where nobody did it: the retention clock, a reader by a signed link.
    ``about`` names the thing ("comment 12"), never a person.
    """
    return AuditEntry.objects.create(
        clinic=clinic, user=user, action=action, about=about[:200], details=details or {}, at=now
    )
