"""What a RevMan file says: studies, analyses with their data, judgements of bias."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Literal

from osler.core.diagnostics import DataError, Diagnostic
from osler.core.wording import aligned, counted
from osler.review.revman import problems

Kind = Literal["binary", "continuous", "observed minus expected", "contrast"]

# Columns by the kind of data, as tables of trials name them.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "binary": ("events_treated", "n_treated", "events_control", "n_control"),
    "continuous": (
        *("mean_treated", "sd_treated", "n_treated"),
        *("mean_control", "sd_control", "n_control"),
    ),
    "observed minus expected": ("observed_minus_expected", "variance"),
    "contrast": ("estimate", "se"),
}


@dataclass(frozen=True, slots=True)
class RevmanStudy:
    """A study of the review, with its main reference."""

    id: str
    label: str
    year: int | None = None
    authors: str = ""
    title: str = ""
    journal: str = ""
    doi: str = ""
    pmid: str = ""


@dataclass(frozen=True, slots=True)
class RevmanPooled:
    """A pooled result as RevMan stored it; ratios as logs, NaN where there is none.

    ``q`` is RevMan's Chi²; ``i2`` a fraction.
    """

    estimate: float
    ci_lower: float
    ci_upper: float
    q: float
    df: float
    i2: float
    tau2: float
    studies: int


@dataclass(frozen=True, slots=True)
class RevmanRow:
    """What one study contributes.

    ``values`` holds the columns of the kind of data. ``estimate``, ``se`` and the bounds are
    those that RevMan stored, ratios as logs; NaN where it says "not estimable".
    """

    study: RevmanStudy
    subgroup: str
    values: Mapping[str, float]
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    weight: float
    line: int


@dataclass(frozen=True, slots=True)
class RevmanAnalysis:
    """One analysis: an outcome of a comparison.

    Attributes
    ----------
    number : str
        "1.2": comparison and outcome.
    kind : str
        "binary", "continuous", "observed minus expected" or "contrast".
    measure : str
        Empty where RevMan's name of it is not known; ``measure_named`` keeps that.
    method : str
        "MH", "IV", "PETO" and so on, as in the file.
    random : bool
        Random effects (DerSimonian and Laird's, in RevMan 5) or the fixed-effect model.
    swapped : bool
        Whether RevMan counts those without the event.
    subgroups : mapping of str to RevmanPooled
    """

    number: str
    comparison: str
    outcome: str
    kind: Kind
    measure: str
    measure_named: str
    method: str
    random: bool
    swapped: bool
    level: float
    intervention: str
    comparator: str
    favours: tuple[str, str]
    rows: tuple[RevmanRow, ...]
    pooled: RevmanPooled | None
    subgroups: Mapping[str, RevmanPooled] = field(default_factory=dict)

    def columns(self) -> dict[str, list[object]]:
        """The data as a table, one row a study, with the columns that pooling knows.

        Observed minus expected events are turned into logs of ratios and their standard
        errors; what is not estimable is NaN. Swapped events are counted as RevMan does.
        """
        out: dict[str, list[object]] = {"study": [row.study.label for row in self.rows]}
        if any(row.subgroup for row in self.rows):
            out["subgroup"] = [row.subgroup for row in self.rows]
        if self.kind in ("observed minus expected", "contrast"):
            return out | {
                "estimate": [row.estimate for row in self.rows],
                "se": [row.se for row in self.rows],
            }
        for name in COLUMNS[self.kind]:
            out[name] = [row.values.get(name, math.nan) for row in self.rows]
        if self.swapped and self.kind == "binary":
            for arm in ("treated", "control"):
                both = [self._without_event(row, arm) for row in self.rows]
                out[f"events_{arm}"] = both
        return out

    @staticmethod
    def _without_event(row: RevmanRow, arm: str) -> object:
        n, events = (row.values.get(f"{name}_{arm}", math.nan) for name in ("n", "events"))
        return n - events


@dataclass(frozen=True, slots=True)
class RevmanBias:
    """An answer in the table of risk of bias.

    ``domain`` is empty for items that belong to none of Osler's domains, ``judgement`` for
    answers that are not known.
    """

    study: RevmanStudy
    item: str
    domain: str
    judgement: str
    support: str


@dataclass(frozen=True, slots=True)
class RevmanReview:
    """A review read from RevMan.

    ``diagnostics`` tell what could not be read, or was read otherwise than it stands.
    """

    title: str
    doi: str
    studies: tuple[RevmanStudy, ...]
    analyses: tuple[RevmanAnalysis, ...]
    bias: tuple[RevmanBias, ...]
    diagnostics: tuple[Diagnostic, ...]

    def analysis(self, number: str) -> RevmanAnalysis:
        """An analysis by its number, such as "1.2".

        Raises
        ------
        DataError
            Where there is none (RMN006).
        """
        for each in self.analyses:
            if each.number == number:
                return each
        raise DataError(problems.no_analysis(number, [each.number for each in self.analyses]))

    def summary(self) -> str:
        """The analyses, one a line."""
        rows = [["", "outcome", "data", "measure", "studies"]]
        for each in self.analyses:
            studies = len({row.study.id for row in each.rows})
            measure = each.measure or each.measure_named or "?"
            outcome = shorten(each.outcome, 60, placeholder="…")
            rows.append([each.number, outcome, each.kind, measure, str(studies)])
        studies_read = counted(len(self.studies), "study", "studies")
        head = [
            self.title or "Review without title",
            f"{studies_read}, {counted(len(self.analyses), 'analysis', 'analyses')}",
        ]
        return "\n".join([*head, "", *aligned(rows, left=2)])
