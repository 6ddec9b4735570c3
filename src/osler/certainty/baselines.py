"""Absolute effects: what a relative effect means for people at a stated risk."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from osler.certainty.model import Absolute
from osler.synthesis.answers import Answer
from osler.synthesis.model import Synthesis


@dataclass(frozen=True, slots=True)
class BaselineRisk:
    """A risk without the intervention, as a proportion; ``name`` is low, median or high."""

    name: str
    risk: float
    source: str


def baseline_risks(answer: Answer) -> tuple[BaselineRisk, ...]:
    """The risks at which an answer is told, low to high.

    Those of osler.toml where they are declared, for this comparison before those for all;
    otherwise what the comparator groups had. Nothing where everybody or nobody had the
    event, since a ratio then says nothing about absolute numbers.
    """
    if answer.outcome.kind != "binary":
        return ()
    found = tuple(_declared(answer)) or tuple(_of_groups(answer))
    return tuple(risk for risk in found if 0 < risk.risk < 1)


def _declared(answer: Answer) -> Iterator[BaselineRisk]:
    own = [b for b in answer.outcome.baselines if b.comparison == answer.comparison.name]
    for row in (own or [b for b in answer.outcome.baselines if not b.comparison])[:1]:
        for name, risk in (("low", row.low), ("median", row.median), ("high", row.high)):
            if risk is not None:
                yield BaselineRisk(name, risk, row.note or row.source)


def _of_groups(answer: Answer) -> Iterator[BaselineRisk]:
    risks = sorted(e.events[2] / e.events[3] for e in answer.effects if e.events is not None)
    if len(risks) == 1:
        yield BaselineRisk("median", risks[0], "the comparator group")
    if len(risks) < 2 or not 0 < median(risks) < 1:
        return
    of = f"of the comparator groups of {len(risks)} trials"
    if risks[0] < median(risks):
        yield BaselineRisk("low", risks[0], f"the lowest {of}")
    yield BaselineRisk("median", median(risks), f"the median {of}")
    if risks[-1] > median(risks):
        yield BaselineRisk("high", risks[-1], f"the highest {of}")


def absolutes(answer: Answer, synthesis: Synthesis) -> tuple[Absolute, ...]:
    """The risk with the intervention at each baseline risk, with its interval.

    The interval is that of the relative effect; the baseline risk is taken as known.
    """
    pooled, measure = synthesis.random, answer.outcome.measure
    return tuple(
        Absolute(
            at.risk,
            absolute_risk(at.risk, pooled.estimate, measure),
            absolute_risk(at.risk, pooled.ci_lower, measure),
            absolute_risk(at.risk, pooled.ci_upper, measure),
            at.source,
            at.name,
        )
        for at in baseline_risks(answer)
    )


def absolute_risk(baseline: float, effect: float, measure: str) -> float:
    r"""Risk with the intervention, in [0, 1].

    .. math:: p \cdot RR, \quad \frac{o}{1 + o} \text{ with } o = \frac{p}{1-p} OR, \quad
       p + RD, \quad 1 - (1 - p)^{HR}

    Parameters
    ----------
    baseline : float
        Risk without the intervention, between 0 and 1.
    effect : float
        On the analysis scale: the log of a ratio, a risk difference as it is.
    measure : str
        RR, OR, RD or HR. The last form holds for the risk up to one fixed time, under
        proportional hazards.

    Examples
    --------
    >>> round(absolute_risk(0.2, math.log(0.5), "RR"), 3)
    0.1
    >>> round(absolute_risk(0.2, math.log(0.5), "OR"), 3)
    0.111
    >>> round(absolute_risk(0.2, math.log(0.5), "HR"), 3)
    0.106
    """
    if measure == "RD":
        risk = baseline + effect
    elif measure == "OR":
        risk = 1 / (1 + (1 - baseline) / baseline * _exp(-effect))
    elif measure == "HR":
        risk = -math.expm1(_exp(effect) * math.log1p(-baseline))
    else:
        risk = baseline * _exp(effect)
    return min(1.0, max(0.0, risk))


def effect_for_risk(baseline: float, risk: float, measure: str) -> float:
    """The effect that turns one risk into another, both between 0 and 1.

    Examples
    --------
    >>> round(math.exp(effect_for_risk(0.2, 0.1, "RR")), 2)
    0.5
    >>> round(math.exp(effect_for_risk(0.5, 0.8, "OR")), 2)
    4.0
    """
    if measure == "RD":
        return risk - baseline
    if measure == "OR":
        return math.log(risk / (1 - risk)) - math.log(baseline / (1 - baseline))
    if measure == "HR":
        return math.log(math.log1p(-risk) / math.log1p(-baseline))
    return math.log(risk / baseline)


def _exp(value: float) -> float:
    """The exponential, finite for the widest interval that a table can give."""
    return math.exp(min(value, 700.0))
