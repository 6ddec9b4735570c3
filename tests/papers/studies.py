"""The tables that ``make.R`` wrote, and what the tests of papers do with them again and again."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from osler import Synthesis, estimate_effects, synthesise

_FOLDER = Path(__file__).parent / "data"


def table(name: str) -> dict[str, list[Any]]:
    """Columns of a data set of R's metadat."""
    stored = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    columns: dict[str, list[Any]] = stored["columns"]
    return columns


def rows(columns: dict[str, list[Any]], chosen: Sequence[int]) -> dict[str, list[Any]]:
    """Some rows of a table, counted from 0."""
    return {name: [column[i] for i in chosen] for name, column in columns.items()}


def pooled(columns: dict[str, list[Any]], measure: str, tau2_method: str = "DL") -> Synthesis:
    """Effects and their synthesis with the plain interval that older papers used."""
    effects = estimate_effects(columns, measure, zero_cells="revman")
    return synthesise(
        effects.studies,
        effects.estimates,
        effects.variances,
        measure=measure,
        tau2_method=tau2_method,
        ci_method="Wald",
    )


class Estimated(Protocol):
    @property
    def estimate(self) -> float: ...
    @property
    def ci_lower(self) -> float: ...
    @property
    def ci_upper(self) -> float: ...


def ratio(fit: Estimated | None, decimals: int = 2) -> tuple[float, float, float]:
    """Estimate and limits of a ratio as printed."""
    assert fit is not None
    shown = (fit.estimate, fit.ci_lower, fit.ci_upper)
    estimate, lower, upper = (round(math.exp(x), decimals) for x in shown)
    return estimate, lower, upper
