"""The retention clock: what has been kept long enough is ended, for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from osler.web.privacy.keeping import Kept, all_kept
from osler.web.privacy.models import RetentionRun


@dataclass(frozen=True)
class Ended:
    """How many rows of one kind were ended."""

    what: str
    model: str
    count: int


def end_what_is_due(now: datetime) -> Sequence[Ended]:
    """Ends everything whose time is over at ``now``, each kind in a transaction of its own.

    Writes no trail entry: those are a clinic's, and a run is the site's. What was ended is kept
    as numbers in :class:`~osler.web.privacy.models.RetentionRun`.
    """
    ended = [_ended(kept, now) for kept in all_kept()]
    _remember(ended, now)
    return ended


def _ended(kept: Kept, now: datetime) -> Ended:
    period = kept.period()
    if period is None or kept.due is None or kept.end is None:
        return Ended(kept.what, kept.model, 0)
    with transaction.atomic():
        count = kept.end(kept.due(now - period), now)
    return Ended(kept.what, kept.model, count)


def _remember(ended: Sequence[Ended], now: datetime) -> None:
    counts: dict[str, int] = {}
    for one in ended:
        counts[one.model] = counts.get(one.model, 0) + one.count
    day = now.astimezone(UTC).date()
    with transaction.atomic():
        run, _ = RetentionRun.objects.select_for_update().get_or_create(
            day=day, defaults={"at": now}
        )
        before = dict(run.ended)
        run.ended = {model: before.get(model, 0) + n for model, n in counts.items()}
        run.at = now
        run.save()


def run_if_due(now: datetime) -> Sequence[Ended]:
    """The same, once a day: whoever writes the day's row first, of all processes, does it."""
    day = now.astimezone(UTC).date()
    if RetentionRun.objects.filter(day=day).exists():
        return ()
    _, is_mine = RetentionRun.objects.get_or_create(day=day, defaults={"at": now})
    return end_what_is_due(now) if is_mine else ()
