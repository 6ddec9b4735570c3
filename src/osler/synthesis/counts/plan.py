"""What was asked of the counts, checked."""

from dataclasses import dataclass

from osler.synthesis.counts.zeros import Correction


@dataclass(frozen=True, slots=True)
class Plan:
    """How counts are pooled; the names are those of :func:`osler.pool_counts`.

    ``keep_silent`` says whether studies take part in which no one, or everyone, had the event.
    """

    measure: str
    method: str
    ci_method: str
    level: float
    correction: Correction
    variance: str
    cmh_correct: bool
    points: int | None
    coding: float
    correlated: bool
    mid_p: bool
    keep_silent: bool
