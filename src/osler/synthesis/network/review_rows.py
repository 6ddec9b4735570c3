"""Every usable comparison within the trials of a review, for one outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.review.model import Comparison, Outcome, Review, Study
from osler.synthesis.answers import LeftOut
from osler.synthesis.candidates import Candidate, Reported, candidates, reported, sides
from osler.synthesis.network.contrasts import ContrastColumns, studies_of_contrasts
from osler.synthesis.network.study_read import Unusable

_INERT = ("inactive", "usual care")


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One treatment against another within one trial, on the analysis scale."""

    study: str
    label: str
    treatment: str
    comparator: str
    estimate: float
    variance: float
    weeks: float | None
    source: str

    @property
    def pair(self) -> frozenset[str]:
        return frozenset((self.treatment, self.comparator))

    def turned(self, treatment: str) -> float:
        """The estimate of ``treatment`` against the other."""
        return self.estimate if treatment == self.treatment else -self.estimate


def rows_of_review(
    review: Review, outcome: Outcome
) -> tuple[tuple[NetworkRow, ...], tuple[LeftOut, ...]]:
    """The comparisons that a network can take, and those that it cannot, with the reason."""
    rows: list[NetworkRow] = []
    left_out: list[LeftOut] = []
    tables = reported(review)
    for study in review.studies.values():
        if not study.included:
            continue
        found = _pairs(review, study, tables[study.id], outcome)
        kept, dropped = _consistent(review, study, tables[study.id], found)
        rows += kept
        left_out += dropped
    return tuple(rows), tuple(left_out)


def _pairs(review: Review, study: Study, table: Reported, outcome: Outcome) -> list[NetworkRow]:
    """For every two treatments of a trial the effect that an answer would use."""
    names = list(dict.fromkeys(arm.treatment for arm in table.arms))
    out: list[NetworkRow] = []
    for i, comparator in enumerate(names):
        for treatment in names[i + 1 :]:
            pair = Comparison("", treatment, comparator, (treatment,), (comparator,), study.place)
            arms = sides(table.arms, pair)
            found = candidates(review, table, arms, outcome) if arms is not None else ()
            if found and found[0].effect is not None:
                out.append(_row(study, treatment, comparator, found[0]))
    return out


def _row(study: Study, treatment: str, comparator: str, used: Candidate) -> NetworkRow:
    if used.effect is None:
        raise ValueError("a candidate without an effect cannot be used")
    effect = used.effect
    return NetworkRow(
        study.id, study.label, treatment, comparator,
        float(effect.estimate), float(effect.variance), used.weeks, used.source,
    )  # fmt: skip


def _consistent(
    review: Review, study: Study, table: Reported, rows: list[NetworkRow]
) -> tuple[list[NetworkRow], list[LeftOut]]:
    """All rows of a trial where they hang together, else one of them."""
    if not rows or _whole(study.id, rows):
        return rows, []
    usable = [row for row in rows if _whole(study.id, [row])]
    if not usable:
        return [], [_left(study, row, "its numbers cannot be weighed") for row in rows]
    best = min(usable, key=lambda row: (not _one_inert(review, row), usable.index(row)))
    why = (
        f"of {len({t for row in rows for t in row.pair})} arms, how they hang together cannot be "
        f"told from its tables: {best.treatment} against {best.comparator} is used alone"
    )
    return [best], [_left(study, row, why) for row in rows if row is not best]


def _left(study: Study, row: NetworkRow, why: str) -> LeftOut:
    what = f"{row.treatment} against {row.comparator}"
    return LeftOut(study.id, study.label, what, why, study.place)


def _one_inert(review: Review, row: NetworkRow) -> bool:
    """Whether one of the two, and not both, is placebo, sham or usual care."""
    known = [review.treatments.get(name) for name in row.pair]
    return sum(t is not None and t.role in _INERT for t in known) == 1


def _whole(study: str, rows: Sequence[NetworkRow]) -> bool:
    columns = ContrastColumns(
        [row.treatment for row in rows],
        [row.comparator for row in rows],
        np.array([row.estimate for row in rows]),
        np.array([row.variance for row in rows]),
    )
    found = studies_of_contrasts({study: range(len(rows))}, columns)
    return not isinstance(found[study], Unusable)
