"""GRADE's reasons to rate up, for studies that were not randomised.

They count only where no reason lowered the certainty: a large effect in studies that could
be biased is what bias looks like.

References
----------
.. [1] Guyatt et al. (2011), GRADE guidelines 9. J Clin Epidemiol 64, 1311-1316.
   doi:10.1016/j.jclinepi.2011.06.004
"""

import math

from osler.certainty.baselines import absolute_risk, baseline_risks
from osler.certainty.model import Step
from osler.certainty.rules import Rule
from osler.review.model import Review
from osler.synthesis.answers import Answer
from osler.synthesis.model import Synthesis

LARGE_RATIO = 2.0
VERY_LARGE_RATIO = 5.0
"""Risk ratios, or their inverses, beyond which one level and two levels are given (GRADE
guidelines 9, Guyatt 2011)."""


def large_effect(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates up by the risk ratio: one level beyond 2 or 0.5, two beyond 5 or 0.2.

    Odds and hazard ratios and risk differences are first told as risk ratios, at the median
    baseline risk.
    """
    rule = (
        f"one level for a risk ratio over {LARGE_RATIO:g} or under {1 / LARGE_RATIO:g}, two over "
        f"{VERY_LARGE_RATIO:g} or under {1 / VERY_LARGE_RATIO:g}; only where no reason lowered "
        "the certainty"
    )
    log_ratio, facts = _risk_ratio(answer, synthesis)
    beyond = [abs(log_ratio) > math.log(ratio) for ratio in (LARGE_RATIO, VERY_LARGE_RATIO)]
    return Step("large effect", sum(beyond), sum(beyond), rule, facts, way="up")


def _risk_ratio(answer: Answer, synthesis: Synthesis) -> tuple[float, str]:
    """The log risk ratio, 0 where there is none, and what is said of it."""
    measure, estimate = answer.outcome.measure, synthesis.random.estimate
    if answer.outcome.kind != "binary":
        return 0.0, "a mean: no risk ratio, left to a person"
    if measure == "RR":
        return estimate, f"RR {math.exp(estimate):.2f}"
    median = next((risk for risk in baseline_risks(answer) if risk.name == "median"), None)
    if median is None:
        return 0.0, f"no baseline risk is known at which to tell the {measure} as a risk ratio"
    risk = absolute_risk(median.risk, estimate, measure)
    at = f"at a baseline risk of {1000 * median.risk:.0f} per 1000"
    if risk <= 0:
        return 0.0, f"no risk is left {at}: left to a person"
    return math.log(risk / median.risk), f"RR {risk / median.risk:.2f} {at}"


def dose_response(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """A person judges whether more of the treatment goes with more of the effect."""
    rule = "no rule can see whether more of the treatment goes with more of the effect"
    return Step("dose-response", 0, 0, rule, _left(answer), way="up")


def plausible_confounding(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """A person judges whether all that was left uncontrolled would have hidden the effect."""
    rule = "no rule can see whether what was not controlled for would have hidden the effect"
    return Step("plausible confounding", 0, 0, rule, _left(answer), way="up")


def _left(answer: Answer) -> str:
    labels = ", ".join(sorted(effect.label for effect in answer.effects))
    return f"studies: {labels}"


RULES_UP: tuple[Rule, ...] = (large_effect, dose_response, plausible_confounding)
"""The three reasons to rate up, in the order of the ledger."""
