"""The tables of a review folder, of those alone who agreed to it, with no small groups."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from osler.practice.tables import practice_csv, scores_csv
from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.practice.auditing import shared

EXPORT = "audit.export"
TABLES = ("practice.csv", "practice_scores.csv")


@transaction.atomic
def table_export(
    table: str, purposes: Collection[str], *, clinic: Clinic, user: User, now: datetime
) -> bytes:
    """practice.csv or practice_scores.csv, of episodes with consent to all of ``purposes``.

    Raises
    ------
    ValidationError
        Where the table has no row: an empty file in a review folder would only be in the way.
    """
    require(user, EXPORT, clinic)
    found, _ = shared(clinic, purposes)
    if not (found.episodes if table == TABLES[0] else found.scores):
        raise ValidationError(f"There is nothing to put into {table} yet.")
    write_trail(
        clinic=clinic,
        user=user,
        action="audit.exported",
        about=table,
        now=now,
        details={"consents": sorted(purposes), "episodes": len(found.episodes)},
    )
    return practice_csv(found.episodes) if table == TABLES[0] else scores_csv(found.scores)
