"""The optimal information size: how many participants one good trial would need."""

import math
from collections.abc import Sequence

from osler.certainty.baselines import absolute_risk
from osler.certainty.thresholds import RATIOS, Gauge, Limits, is_absolute, limits, size_of
from osler.review.model import Outcome
from osler.synthesis.answers import Answer, StudyEffect
from osler.synthesis.model import Synthesis

Z_ALPHA_PLUS_Z_BETA = 1.959963984540054 + 0.8416212335729143
"""Two-sided 5% and 80% power, as in GRADE guidelines 6 (Guyatt 2011)."""

FAR_BELOW = 0.3
"""Share of the information size under which two levels are taken.

GRADE guidance 34 (Zeng 2022) says "far less" without a number; the number is ours.
"""

RELATIVE_CHANGE_FOR_OIS = 0.25
"""Change in risk that an adequate sample should detect (GRADE guidelines 6, Guyatt 2011)."""


def needs_information(estimate: float, limit: Limits) -> str:
    """Why the information size is asked although no threshold is crossed; "" where it is not.

    A large effect from few participants is implausible (GRADE guidance 34), and "no
    difference" from few is no more to be trusted (GRADE guidance 35). Where no threshold for
    large effects is declared, a plausible effect cannot be told from an implausible one, and
    every important one is asked.

    Examples
    --------
    >>> needs_information(-30, Limits(10, 20)), needs_information(-15, Limits(10, 20))
    ('so large an effect', '')
    """
    size = size_of(estimate, limit)
    if size == "trivial":
        return "no important difference"
    if size == "large":
        return "so large an effect"
    return "" if math.isfinite(limit.large) else "an effect that may be implausibly large"


def information(answer: Answer, synthesis: Synthesis, scale: Gauge) -> tuple[int, str]:
    """Levels for too little information, and what was found.

    Where group sizes or counts are missing (as for hazard ratios), the standard error answers
    the same question: with the studies' own variances, fewer participants than the optimal
    information size is the same as a common-effect standard error above Delta / (z_a + z_b).
    """
    needed = information_size(answer.effects, answer.outcome)
    present = participants(answer.effects)
    if needed is not None and present is not None:
        facts = f"{present} participants against an information size of {needed}"
        return _levels(present / needed), facts
    what = "participants" if present is None else "events"
    levels, facts = information_by_error(answer.outcome, synthesis.common.se, scale)
    return levels, f"not every trial reports its {what}, but {facts}" if facts else UNKNOWN


UNKNOWN = "the information size cannot be computed from what was reported"


def information_by_error(outcome: Outcome, se: float, scale: Gauge) -> tuple[int, str]:
    """Levels by the standard error against that of one large enough trial; "" where none is."""
    change = _change(outcome, scale)
    if change <= 0:
        return 0, ""
    enough = change / Z_ALPHA_PLUS_Z_BETA
    facts = (
        f"the standard error, {se:.3g}, is "
        f"{'above' if se > enough else 'not above'} the {enough:.3g} of one large enough trial"
    )
    return _levels((enough / se) ** 2), facts


def _change(outcome: Outcome, scale: Gauge) -> float:
    """The difference that a trial should find, on the scale of the effects; 0 for none."""
    ratio = outcome.measure in RATIOS
    if scale.limits.mid == 0:
        return -math.log1p(-RELATIVE_CHANGE_FOR_OIS) if ratio else 0.0
    found = (scale.effect(-scale.limits.mid), scale.effect(scale.limits.mid))
    return min((abs(change) for change in found if change is not None), default=0.0)


def _levels(share: float) -> int:
    """Levels for a share of the information that one adequate trial would give."""
    return 2 if share < FAR_BELOW else int(share < 1)


def participants(effects: Sequence[StudyEffect]) -> int | None:
    """All participants together; None where a study does not report how many it had."""
    sizes = [effect.n for effect in effects]
    return None if None in sizes else sum(n for n in sizes if n is not None)


def information_size(effects: Sequence[StudyEffect], outcome: Outcome) -> int | None:
    r"""Participants that one adequately powered trial would need, in both arms together.

    Continuous: :math:`4 (z_{1-\alpha/2} + z_{1-\beta})^2 s^2 / \Delta^2` with the smallest
    important difference and the standard deviation that the studies' own variances imply
    (:math:`s^2 = v n / 4`, pooled by n). Binary: two proportions at the comparator groups'
    pooled risk and the smallest important difference, as it is declared: between risks, or as
    a ratio, up or down, whichever needs more. Where none is declared, a 25% relative change in
    the event or its absence, whichever is rarer.

    Returns
    -------
    int or None
        None where group sizes or a smallest important difference are missing.
    """
    factor = Z_ALPHA_PLUS_Z_BETA**2
    if outcome.kind == "binary":
        return _for_risks(effects, outcome, factor)
    sized = [(e.effect.variance, e.n) for e in effects if e.n is not None]
    mid = limits(outcome).mid
    if not sized or mid == 0:
        return None
    variance = sum(v * n / 4 * n for v, n in sized) / sum(n for _, n in sized)
    size = 4 * factor * variance / mid**2
    return math.ceil(size) if math.isfinite(size) else None


def _for_risks(effects: Sequence[StudyEffect], outcome: Outcome, factor: float) -> int | None:
    counts = [e.events for e in effects if e.events is not None]
    total = sum(c[3] for c in counts)
    risk = sum(c[2] for c in counts) / total if total else 0.0
    if not 0 < risk < 1:
        return None
    needed = [
        2 * factor * (one * (1 - one) + other * (1 - other)) / (one - other) ** 2
        for one, other in _pairs_of_risks(risk, outcome)
        if one != other
    ]
    return math.ceil(max(needed)) if needed else None


def _pairs_of_risks(risk: float, outcome: Outcome) -> tuple[tuple[float, float], ...]:
    """The comparator's risk and the one that a trial should tell from it; or their opposites."""
    mid = limits(outcome).mid
    absolute = is_absolute(outcome) or outcome.measure == "RD"
    if mid and not absolute:
        both = (absolute_risk(risk, effect, outcome.measure) for effect in (-mid, mid))
        return tuple((risk, other) for other in both if other < 1)
    # Of event and no event the rarer: an outcome and its opposite need the same trial.
    rarer = min(risk, 1 - risk)
    change = mid or rarer * RELATIVE_CHANGE_FOR_OIS
    # A change that is larger than the risk itself can only be a rise.
    return ((rarer, rarer - change if rarer > change else min(rarer + change, 1.0)),)
