"""Estimates with their intervals, as prose prints them: "-16.0 (95% CI -21.3 to -10.6)"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from osler.effects.scales import Scale, shown
from osler.review.model import Review

# Fixed at both ends and without a choice that overlaps: the time grows with the text alone.
_NUMBER = re.compile(r"[-−–]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,6})(?:\.\d{1,4})?")
# A spread of people or of trials, not the interval of an estimate.
_SPREAD = ("range", "iqr", "quartile", "sd", "median", "aged", "age", "each", "weeks", "months")
# Between the estimate and its interval stands a bracket or the name of the interval.
_LONGEST_GAP = 42
_LONGEST_JOIN = 20


@dataclass(frozen=True, slots=True)
class Triple:
    """An estimate and its interval without signs, which prose tells by words ("lower").

    ``steps`` are half a unit of the last place written, for each of the three; 0 where exact.
    """

    estimate: float
    lower: float
    upper: float
    steps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    start: int = 0
    end: int = 0

    @classmethod
    def shown(cls, scale: Scale, estimate: float, lower: float, upper: float) -> "Triple":
        """A computed estimate on the scale that pages print."""
        values = [_printed(scale, x) for x in (estimate, lower, upper)]
        return cls(values[0], values[1], values[2])

    def agrees(self, other: "Triple") -> bool:
        """Whether this one, as written, may be the other one rounded; the ends in any order."""
        return self._near(other.estimate, other.lower, other.upper) or self._near(
            other.estimate, other.upper, other.lower
        )

    def _near(self, *values: float) -> bool:
        mine = (self.estimate, self.lower, self.upper)
        return all(
            abs(abs(a) - abs(b)) <= step * 1.1 + 1e-9
            for a, b, step in zip(mine, values, self.steps, strict=True)
        )


def _printed(scale: Scale, value: float) -> float:
    text = shown(scale, value).replace("\u2212", "-").replace("\u202f", "")
    try:
        return float(text)
    except ValueError:
        return value


def triples_in(text: str) -> Iterator[Triple]:
    """Every estimate with an interval behind it.

    Examples
    --------
    >>> told = "It was -16.0 (95% CI -21.3 to -10.6), then 4.6 lower (11.1 lower to 2.0 higher)."
    >>> [(t.estimate, t.lower, t.upper) for t in triples_in(told)]
    [(16.0, 21.3, 10.6), (4.6, 11.1, 2.0)]
    >>> list(triples_in("from 13% to 40% in 2015 (11 trials)"))
    []
    """
    found = [m for m in _NUMBER.finditer(text) if not _is_level(text, m)]
    for first, second, third in zip(found, found[1:], found[2:], strict=False):
        gap = text[first.end() : second.start()]
        join = text[second.end() : third.start()].strip(" %")
        written = text[first.start() : third.end()]
        if _opens(gap) and _joins(join) and _is_estimate(written, gap):
            yield Triple(
                _value(first),
                _value(second),
                _value(third),
                (_step(first), _step(second), _step(third)),
                first.start(),
                third.end(),
            )


def _is_estimate(written: str, gap: str) -> bool:
    """Whether it is an estimate rather than "52 people (18 to 80 years old)"."""
    words = gap.lower().replace("(", " ").split()
    if any(word.strip(".,;") in _SPREAD for word in words):
        return False
    return "ci" in words or "interval" in words or "." in written


def _opens(gap: str) -> bool:
    """Whether what stands between two numbers begins an interval."""
    if len(gap) > _LONGEST_GAP or ")" in gap or ". " in gap:
        return False
    low = gap.lower()
    return "(" in gap or "[" in gap or "ci" in low.split() or "interval" in low


def _joins(join: str) -> bool:
    words = join.lower().split()
    if len(join) > _LONGEST_JOIN:
        return False
    return join in ("–", "-", ",", ";", "−") or words[-1:] == ["to"]


def _is_level(text: str, match: re.Match[str]) -> bool:
    """The 95 of "95% CI"."""
    behind = text[match.end() : match.end() + 12].lower()
    return behind.lstrip().startswith("%") and ("ci" in behind or "conf" in behind)


def _value(match: re.Match[str]) -> float:
    return float(match.group().lstrip("-−–").replace(",", ""))


def _step(match: re.Match[str]) -> float:
    return float(0.5 * 10.0 ** -len(match.group().partition(".")[2]))


def known_triples(review: Review) -> Iterator[Triple]:
    """Every estimate with its interval that a table holds, as printed."""
    rows = [(c.estimate, c.ci_lower, c.ci_upper, c.measure) for c in review.contrasts]
    rows += [(p.estimate, p.ci_lower, p.ci_upper, p.measure) for p in review.published]
    rows += [(f.value, f.low, f.high, "") for f in review.facts.values()]
    for estimate, lower, upper, measure in rows:
        if estimate is None or lower is None or upper is None:
            continue
        yield Triple(estimate, lower, upper)
        if measure == "RD":
            yield Triple(100 * estimate, 100 * lower, 100 * upper)
