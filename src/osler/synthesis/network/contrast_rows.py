"""Studies from a table with one row a contrast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.effects.measures import is_ratio
from osler.synthesis.asked import checked_level
from osler.synthesis.network import problems
from osler.synthesis.network.arms import Contrasts
from osler.synthesis.network.cells import ratio_named
from osler.synthesis.network.contrasts import (
    ContrastColumns,
    StudyContrasts,
    studies_of_contrasts,
)
from osler.synthesis.network.study_read import Read, StudyRead, Unusable


@dataclass(frozen=True, slots=True)
class ContrastRows:
    """Rows of a table: the two sides, estimates and variances on the analysis scale.

    ``bounds`` are the ends of intervals in the table, where it has any.
    """

    sides: Sequence[Sequence[str]]
    y: Floats
    v: Floats
    bounds: tuple[Floats, Floats] | None

    def studies(self, rows: Mapping[str, Sequence[int]]) -> dict[str, Read]:
        """Each study's contrasts, or why they cannot be used."""
        wrong = {name: self._unnamed(name, own) or self._outside(name, own)
                 for name, own in rows.items()}  # fmt: skip
        columns = ContrastColumns(self.sides[0], self.sides[1], self.y, self.v)
        sound = {name: own for name, own in rows.items() if wrong[name] is None}
        found = studies_of_contrasts(sound, columns)
        return {name: wrong[name] or _read(found[name]) for name in rows}

    def _unnamed(self, study: str, rows: Sequence[int]) -> Unusable | None:
        """A row without the name of a treatment."""
        for i in rows:
            if not (self.sides[0][i] and self.sides[1][i]):
                role = "treat2" if self.sides[0][i] else "treat1"
                return Unusable(problems.nameless(study), i, role)
        return None

    def _outside(self, study: str, rows: Sequence[int]) -> Unusable | None:
        """An estimate that its own interval does not hold."""
        if self.bounds is None:
            return None
        low, high = self.bounds
        for i in rows:
            y, ends = float(self.y[i]), (float(low[i]), float(high[i]))
            if y < ends[0] or y > ends[1]:
                told = problems.outside_interval(
                    study, self.sides[0][i], self.sides[1][i], y, *ends
                )
                return Unusable(told, i, "estimate")
        return None


def _read(found: StudyContrasts | Unusable) -> Read:
    if isinstance(found, Unusable):
        return replace(found, diagnostic=replace(found.diagnostic, so="the study is left out"))
    return StudyRead(found.arms, Contrasts(found.y, found.v, slack=found.slack))


def contrast_rows(
    sides: Sequence[Sequence[str]],
    numbers: Mapping[str, Floats],
    columns: Sequence[str],
    estimate: str,
    measure: str,
    level: float,
) -> ContrastRows:
    """Estimates and variances of a table's rows.

    A column named for ratios (OR, HR) holds ratios, with the interval beside it; all other
    estimates are taken as they are, those of ratios as logarithms.

    Parameters
    ----------
    sides : two sequences of str
    numbers : mapping of str to array
        By role: estimate with se, variance, or ci_lower and ci_upper.
    columns, estimate : sequence of str, str
        Names of all columns, and of the one with estimates.
    measure, level

    Raises
    ------
    DataError
        Where rows have no spread (NET020), or two that contradict each other (NET029).
    """
    held = dict(numbers)
    ratios = ratio_named(estimate)
    if ratios and not {"ci_lower", "ci_upper"} <= set(held):
        raise DataError(problems.ratios_without_interval(estimate))
    as_ratios = ("estimate",) * ratios
    if any(map(ratio_named, columns)):
        # The interval beside a ratio is the ratio's, even where its logarithm is there as well.
        as_ratios += ("ci_lower", "ci_upper")
    with np.errstate(divide="ignore", invalid="ignore"):
        held |= {role: np.log(held[role]) for role in as_ratios if role in held}
    if ratios:
        held = {role: held[role] for role in ("estimate", "ci_lower", "ci_upper")}
    both = {"ci_lower", "ci_upper"} <= set(held)
    return ContrastRows(
        sides,
        held["estimate"],
        _variances(held, measure, level),
        (held["ci_lower"], held["ci_upper"]) if both else None,
    )


def _variances(numbers: Mapping[str, Floats], measure: str, level: float) -> Floats:
    if "variance" in numbers:
        if "se" in numbers and not _agree(numbers["se"], numbers["variance"]):
            raise DataError(problems.columns_several("variance", ["variance", "se"]))
        return numbers["variance"]
    if "se" in numbers:
        return np.where(numbers["se"] > 0, numbers["se"] ** 2, np.nan)
    if "ci_lower" in numbers and "ci_upper" in numbers:
        half = (numbers["ci_upper"] - numbers["ci_lower"]) / 2.0
        z = float(normal_quantile(0.5 + checked_level(level) / 2.0))
        return np.where(half > 0, (half / z) ** 2, np.nan)
    raise DataError(problems.no_spread(is_ratio(measure)))


def _agree(se: Floats, variance: Floats) -> bool:
    both = ~np.isnan(se) & ~np.isnan(variance)
    return bool(np.allclose(se[both] ** 2, variance[both], rtol=1e-2))
