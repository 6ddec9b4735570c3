"""How many people must be treated for one more to gain, or to be harmed: only on request.

A number needed is one over a difference between risks, so it grows without bound as the
difference nears nothing. Where the interval holds no difference, the numbers run from a
benefit through infinity to a harm, and no finite interval tells that.

References
----------
.. [1] Altman (1998). Confidence intervals for the number needed to treat. BMJ 317, 1309-1312.
   doi:10.1136/bmj.317.7168.1309
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from osler.certainty.model import Absolute
from osler.review.model import Better

Towards: TypeAlias = Literal["benefit", "harm", "neither"]

NAMES = {"benefit": "NNTB", "harm": "NNTH"}


@dataclass(frozen=True, slots=True)
class End:
    """One number needed: ``value`` people, infinite where there is no difference."""

    value: float
    towards: Towards

    @property
    def shown(self) -> str:
        """In whole people: a benefit rounded up and a harm down, so that neither flatters."""
        if self.towards == "neither" or math.isinf(self.value):
            return "infinity"
        # 1 / 0.1 is 10.000000000000002 when 0.1 is the difference of two risks.
        near = round(self.value, 6)
        whole = math.ceil(near) if self.towards == "benefit" else math.floor(near)
        return f"{NAMES[self.towards]} {max(1, whole)}"


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """The estimate and the two ends of its interval, the more favourable first.

    ``crosses`` is True where the interval holds no difference: then it runs from ``best``
    through infinity to ``worst``.
    """

    estimate: End
    best: End
    worst: End
    crosses: bool
    baseline: float
    baseline_source: str

    def text(self) -> str:
        """The number with its interval, as Altman (1998) writes it.

        Examples
        --------
        >>> at = Absolute(0.40, 0.30, 0.15, 0.45, "an example")
        >>> number_needed(at, "lower").text()
        'NNTB 10 (NNTB 4 to infinity to NNTH 20)'
        """
        through = " to infinity" if self._through else ""
        return f"{self.estimate.shown} ({self.best.shown}{through} to {self.worst.shown})"

    @property
    def _through(self) -> bool:
        return self.crosses and "neither" not in (self.best.towards, self.worst.towards)


def number_needed(absolute: Absolute, better: Better) -> NumberNeeded:
    """The number needed to treat at one baseline risk, with its interval.

    Parameters
    ----------
    absolute : Absolute
        Risks with and without the intervention.
    better : "lower" or "higher"
        Whether fewer events are better (a harm, a relapse) or more (a recovery).

    Notes
    -----
    The baseline risk is taken as known; the interval is that of the effect alone. The number
    belongs to this baseline risk and to the length of the trials.

    Examples
    --------
    >>> number_needed(Absolute(0.20, 0.12, 0.10, 0.15, "an example"), "lower").text()
    'NNTB 13 (NNTB 10 to NNTB 20)'
    """
    gains = [
        _gain(absolute.baseline, risk, better)
        for risk in (absolute.risk, absolute.risk_lower, absolute.risk_upper)
    ]
    low, high = sorted(gains[1:])
    return NumberNeeded(
        _end(gains[0]),
        _end(high),
        _end(low),
        low <= 0 <= high,
        absolute.baseline,
        absolute.baseline_source,
    )


def _gain(baseline: float, risk: float, better: Better) -> float:
    """How many more of one person gain; rounded where two risks differ by rounding alone."""
    gain = risk - baseline if better == "higher" else baseline - risk
    return round(gain, 12)


def _end(gain: float) -> End:
    if gain == 0:
        return End(math.inf, "neither")
    return End(1 / abs(gain), "benefit" if gain > 0 else "harm")
