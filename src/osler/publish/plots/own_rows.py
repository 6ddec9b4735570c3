"""Rows of one's own in a forest plot: other analyses of the studies, under what is pooled."""

import math
from collections.abc import Iterator
from typing import Any

from osler.core.diagnostics import DataError
from osler.core.wording import level_percent
from osler.publish.plots.benches import Bench
from osler.publish.plots.contents import Row, estimate_parts
from osler.publish.plots.problems import does_not_fit, no_interval
from osler.publish.plots.ticks import asked_limits

_Ends = tuple[float, float, float]


def own_rows(bench: Bench) -> list[Row]:
    """A row for each label of the wish, several for predictions at several places."""
    rows: list[Row] = []
    for label, given in bench.wish.also.items():
        _same_measure(label, given, bench)
        for name, ends in _found(label, given, bench):
            estimate, lower, upper = ends
            parts = estimate_parts(bench.display, *ends, bench.layout.brackets)
            rows.append(Row("own", name, estimate, lower, upper, cells={"estimate": parts}))
    return rows


def _same_measure(label: str, given: Any, bench: Bench) -> None:
    measure = getattr(given, "measure", "")
    if measure and measure != bench.display.measure:
        wanted = f"results of {bench.display.measure or 'the same measure'}"
        raise DataError(does_not_fit("forest", f"{label}: result of {measure}", wanted))


def _found(label: str, given: Any, bench: Bench) -> Iterator[tuple[str, _Ends]]:
    """Names and numbers, on the analysis scale."""
    if hasattr(given, "estimates") and isinstance(getattr(given, "ci_lower", None), tuple):
        told = _level_told(label, given, bench)
        several = len(given.estimates) > 1
        rows = zip(given.labels, given.estimates, given.ci_lower, given.ci_upper, strict=True)
        for name, estimate, lower, upper in rows:
            shown = f"{told}: {name}" if several else told
            yield shown, _checked(label, estimate, lower, upper)
        return
    pooled = getattr(given, "random", None) or getattr(given, "common", None) or given
    if hasattr(pooled, "estimate") and hasattr(pooled, "ci_lower"):
        found = _checked(label, pooled.estimate, pooled.ci_lower, pooled.ci_upper)
        yield _level_told(label, given, bench), found
        return
    yield label, _as_shown(label, given, bench)


def _as_shown(label: str, given: Any, bench: Bench) -> _Ends:
    """An estimate and both ends, written as they are shown."""
    try:
        estimate, lower, upper = (float(value) for value in given)
    except (TypeError, ValueError):
        raise DataError(no_interval(label, given)) from None
    if not (lower < upper and lower <= estimate <= upper) or (bench.display.ratio and lower <= 0):
        raise DataError(no_interval(label, given))
    low, high = asked_limits((lower, upper), bench.display)
    inner = bench.display.inward(estimate, low, high)
    return _checked(label, min(max(inner, low), high), low, high)


def _checked(label: str, estimate: float, lower: float, upper: float) -> _Ends:
    if not all(map(math.isfinite, (estimate, lower, upper))):
        raise DataError(no_interval(label, (estimate, lower, upper)))
    return float(estimate), float(lower), float(upper)


def _level_told(label: str, given: Any, bench: Bench) -> str:
    """The label, with the interval's level where it is not that of the figure."""
    level = float(getattr(given, "level", bench.level))
    return label if level == bench.level else f"{label} ({level_percent(level)} CI)"
