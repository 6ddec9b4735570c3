"""Shares quarter by quarter, and what in them is more than chance."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from osler.practice.model import Point, RunChart
from osler.review.model import Episode

# Perla, Provost & Murray (2011), BMJ Qual Saf 20, 46-51, doi:10.1136/bmjqs.2009.037895.
SHIFT = 6
TREND = 5
# Below ten points, the rules of the paper have little to go by.
LEAST = 10


def run_chart(episodes: Sequence[Episode]) -> RunChart | None:
    """The share that recovered among those who began in each quarter; None where none is dated.

    Quarters in which nobody's end is known are shown and take no part in the median.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> rows = [Episode(f"E{n}", f"2025-0{1 + n}", "sciatica", "", 5, "", None, None, n > 2, "",
    ...                 Place("")) for n in range(6)]
    >>> [(p.label, p.share) for p in run_chart(rows).points]
    [('2025 Q1', 0.0), ('2025 Q2', 1.0)]
    """
    dated = [e for e in episodes if e.started]
    if not dated:
        return None
    points = tuple(_point(label, rows) for label, rows in _by_quarter(dated))
    known = [p.share for p in points if p.known]
    middle = median(known) if known else float("nan")
    return RunChart(points, middle, tuple(_signals(known, middle)))


def _by_quarter(episodes: Sequence[Episode]) -> Iterator[tuple[str, list[Episode]]]:
    """Every quarter from the first to the last, also those in which nobody began."""
    found: dict[tuple[int, int], list[Episode]] = {}
    for episode in episodes:
        found.setdefault(_quarter(episode.started), []).append(episode)
    year, quarter = min(found)
    while (year, quarter) <= max(found):
        yield _label(year, quarter), found.get((year, quarter), [])
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)


def quarter_of(month: str) -> str:
    """The quarter of a month, as a run chart has it.

    Examples
    --------
    >>> quarter_of("2025-03")
    '2025 Q1'
    """
    return _label(*_quarter(month))


def _label(year: int, quarter: int) -> str:
    return f"{year} Q{quarter}"


def _quarter(month: str) -> tuple[int, int]:
    year, _, number = month.partition("-")
    return int(year), (int(number) + 2) // 3


def _point(label: str, rows: Sequence[Episode]) -> Point:
    known = [e.recovered for e in rows if e.recovered is not None]
    return Point(label, len(rows), len(known), sum(known))


def _signals(shares: Sequence[float], middle: float) -> Iterator[str]:
    if len(shares) < LEAST:
        return
    sides = [s > middle for s in shares if s != middle]
    longest = max((len(list(run)) for _, run in groupby(sides)), default=0)
    if longest >= SHIFT:
        yield f"{longest} quarters in a row lie on one side of the median: more than chance"
    steps = [(b > a) - (b < a) for a, b in pairwise(shares)]
    moving = [step for step in steps if step]
    most = max((len(list(run)) for _, run in groupby(moving)), default=0) + 1
    if most >= TREND and moving:
        yield f"{most} quarters in a row go the same way: more than chance"
