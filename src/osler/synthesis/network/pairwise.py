"""Every comparison within every study, from a table with one row an arm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.core.frames import Table
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, significant
from osler.effects.scales import estimate_cell, scale_of
from osler.synthesis.network.data import Network
from osler.synthesis.network.model import Excluded
from osler.synthesis.network.reading import read_network


@dataclass(frozen=True, slots=True, repr=False)
class PairwiseContrasts(Result):
    """Every comparison within every study, treat1 against treat2 on the analysis scale.

    A study of m arms has m (m - 1) / 2 rows; their errors go together, as they share arms.
    """

    measure: str
    study: tuple[str, ...]
    treat1: tuple[str, ...]
    treat2: tuple[str, ...]
    estimate: tuple[float, ...]
    se: tuple[float, ...]
    excluded: tuple[Excluded, ...]
    notes: tuple[str, ...]

    def summary(self) -> str:
        scale = scale_of(self.measure)
        rows = [["", "", "", scale.measure or "Estimate", "SE"]]
        for s, a, b, y, se in zip(*self._rows(), strict=True):
            # Of an interval of no width only its middle is shown.
            shown = estimate_cell(scale, y, y, y).partition(" (")[0]
            rows.append([s, a, b, shown, significant(se)])
        left = [f"left out: {e.study}: {e.why}" for e in self.excluded]
        return "\n".join([*aligned(rows), *left, *(f"note: {note}" for note in self.notes)])

    def _rows(self) -> tuple[tuple[object, ...], ...]:
        return self.study, self.treat1, self.treat2, self.estimate, self.se

    def columns(self) -> dict[str, list[object]]:
        names = ("study", "treat1", "treat2", "estimate", "se")
        return {name: list(values) for name, values in zip(names, self._rows(), strict=True)}

    def text(self) -> str:
        studies = counted(len(set(self.study)), "study", "studies")
        comparisons = counted(len(self.study), "comparison")
        return f"{studies} gave {comparisons} ({scale_of(self.measure).name})."

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {}


@dataclass(frozen=True, slots=True)
class Pairs:
    """Contrasts by name, study by study: the first treatment against the second."""

    study: list[str]
    first: list[str]
    second: list[str]
    estimate: list[float]
    se: list[float]


def pairs_of(network: Network) -> Pairs:
    """Every pairwise contrast of a network."""
    rows = sorted(network.pairs(), key=lambda row: row[0])
    return Pairs(
        [network.studies[row[0]] for row in rows],
        [network.treatments[row[1]] for row in rows],
        [network.treatments[row[2]] for row in rows],
        [row[3] for row in rows],
        [float(np.sqrt(row[4])) for row in rows],
    )


def pairwise(
    table: Table,
    measure: str = "",
    *,
    columns: Mapping[str, str] | None = None,
    level: float = 0.95,
    smd: str = "d",
) -> PairwiseContrasts:
    """Contrasts between all arms of each study, from a table with one row an arm.

    Parameters
    ----------
    table, measure, columns, level, smd
        As in :func:`osler.synthesis.network.reading.read_network`.

    Raises
    ------
    DataError
        As ``read_network``.

    Notes
    -----
    As ``pairwise`` of meta and netmeta does. What is added where a cell is empty is added in every
    arm of the study, so that its contrasts stay consistent: half an event and half a non-event for
    OR, half an event for RR and IRR.

    Examples
    --------
    >>> data = {"study": ["Hart", "Hart"], "treatment": ["walking", "rest"],
    ...     "mean": [3.0, 5.0], "sd": [3.0, 4.0], "n": [9, 16]}
    >>> pairwise(data, "MD").columns()["estimate"]
    [-2.0]
    """
    read = read_network(table, measure, columns=columns, level=level, smd=smd)
    found = pairs_of(read.network)
    return PairwiseContrasts(
        read.measure,
        tuple(found.study),
        tuple(found.first),
        tuple(found.second),
        tuple(found.estimate),
        tuple(found.se),
        read.excluded,
        read.notes,
    )
