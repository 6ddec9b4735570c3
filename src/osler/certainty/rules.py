"""GRADE's reasons to rate down, each as a rule that says which numbers it looked at.

The rules decide what computed facts can decide; a person's entry in certainty.toml
replaces a rule's levels and stands beside them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from osler.appraisal.bias import BiasShares, bias_shares
from osler.appraisal.small_study import MINIMUM_STUDIES, egger_test
from osler.certainty.information import FAR_BELOW, information, needs_information
from osler.certainty.missing import Missing, missing_results
from osler.certainty.model import Step
from osler.certainty.thresholds import (
    RATIOS,
    Gauge,
    Limits,
    gauge,
    inside,
    side_of,
    size_of,
    zone_of,
)
from osler.review.model import Bias, Review
from osler.synthesis.answers import Answer
from osler.synthesis.model import Pooled, Synthesis

Rule = Callable[[Review, Answer, Synthesis], Step]

DOUBTFUL_SHARE = 0.5
"""Share of the weight at high or unclear risk of bias from which one level is taken."""

HIGH_RISK_SHARE = 0.8
"""Share of the weight at high risk of bias from which two levels are taken."""

SERIOUS_I2 = 0.5
VERY_SERIOUS_I2 = 0.75
"""I2 from which studies disagree seriously, and very seriously; as in the Cochrane Handbook's
rough guide (section 10.10.2), where 50% may be substantial and 75% considerable."""

NEXT_TO_NO_I2 = 0.0005
"""I2 up to which tau2 is told as 0; it rounds to 0% either way."""

MIDDLE_95 = 1.959963984540054
"""Standard deviations to either side that hold the middle 95% of normally spread effects."""

OPPOSITE_SHARE = 0.1
"""Share of the true effects that must be important benefits, and as many important harms, for
two levels. GRADE gives no number; this one is ours. A smaller share is the fringe of a bell curve,
which a widely spread benefit has too, with no trial in it."""

ASYMMETRY_P = 0.10
"""Egger's test below this counts as asymmetry (Egger 1997)."""

ROUGH_GUIDE = (0.75, 1.25)
"""Ratios beyond which a benefit or a harm is appreciable, where nothing better is declared
(GRADE guidelines 6, Guyatt 2011)."""

MOST_LEVELS = 3
"""GRADE guidance 35 (Schuenemann 2022) rates down by at most three levels for imprecision."""


def risk_of_bias(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates down by the share of weight in studies at high or unclear risk.

    One level from half of the weight at high or unclear risk; two from 80% at high risk.
    """
    weights = dict(zip((e.study for e in answer.effects), synthesis.random_weights, strict=True))
    judged: dict[str, Sequence[Bias]] = {
        study: [row for row in review.bias if row.study == study] for study in weights
    }
    return bias_step(bias_shares(weights, judged))


def bias_step(shares: BiasShares) -> Step:
    """The step for shares of the evidence by risk of bias."""
    doubtful = shares.high + shares.unclear
    levels = 2 if shares.high >= HIGH_RISK_SHARE else int(doubtful >= DOUBTFUL_SHARE)
    facts = (
        f"weight in studies at high risk {shares.high:.0%}, unclear {shares.unclear:.0%}, "
        f"some concerns {shares.some_concerns:.0%}, low {shares.low:.0%}"
    )
    rule = (
        f"one level from {DOUBTFUL_SHARE:.0%} of the weight at high or unclear risk, "
        f"two from {HIGH_RISK_SHARE:.0%} at high risk"
    )
    return Step("risk of bias", levels, levels, rule, facts)


def inconsistency(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates down where studies disagree about more than chance explains, and it matters.

    It matters where the spread reaches across a threshold. With an I2 of 50% or more: the
    studies' own estimates, or what is expected of a new trial (the prediction interval) where
    the mean's own interval does not reach. With any I2: the middle 95% of the true effects
    (mean and tau) where the mean's own interval does not reach. A prediction interval from few
    studies is wide even if they agree, which is why it counts only where they do not. Two
    levels from I2 75% with important effects in both directions: as shares of the true effects,
    or by two studies whose own intervals lie wholly beyond opposite thresholds.

    References
    ----------
    .. [1] Guyatt et al. (2023), GRADE guidance 36: updates to GRADE's approach to addressing
       inconsistency. J Clin Epidemiol. PMID 36898507
    """
    rule = (
        f"one level where I2 is {SERIOUS_I2:.0%} or more and the estimates lie on different sides "
        "of a threshold or the prediction interval reaches one that the confidence interval does "
        "not, and also where the middle 95% of the true effects (mean and tau) reaches one; two "
        f"where I2 is {VERY_SERIOUS_I2:.0%} or more and effects are important in both directions "
        f"({OPPOSITE_SHARE:.0%} of the true effects or a study's whole interval in each)"
    )
    if synthesis.k < 2:
        return Step("inconsistency", 0, 0, rule, "one study: agreement cannot be judged")
    seen = _spread(answer, synthesis)
    i2 = synthesis.heterogeneity.i2
    levels = int((i2 >= SERIOUS_I2 and (seen.sides or seen.new)) or seen.true)
    opposite = _opposite(answer, synthesis) if levels and i2 >= VERY_SERIOUS_I2 else ""
    levels = 2 if opposite else levels
    # What is next to nothing may be a little more or less on another computer.
    tau2 = synthesis.heterogeneity.tau2 if i2 > NEXT_TO_NO_I2 else 0.0
    facts = f"I2 {i2:.0%}, tau2 {tau2:.3g}; {seen.facts}{opposite}"
    return Step("inconsistency", levels, levels, rule, facts)


@dataclass(frozen=True, slots=True)
class _Spread:
    """What the studies' estimates and the prediction interval say about the thresholds.

    ``sides``: the estimates lie on different sides of one. ``new`` and ``true``: the
    prediction interval, and the middle 95% of the true effects, reach one that the mean's own
    interval does not.
    """

    sides: bool
    new: bool
    true: bool
    facts: str


def _spread(answer: Answer, synthesis: Synthesis) -> _Spread:
    scale = gauge(answer)
    limit, pooled = scale.limits, synthesis.random
    points = [scale.at(estimate) for estimate in synthesis.estimates]
    zones = {zone_of(point, limit) for point in points}
    facts = "estimates " + (
        "on one side of the thresholds" if len(zones) == 1 else "on different sides of a threshold"
    )
    if not math.isfinite(pooled.pred_lower):
        note = "no prediction interval from fewer than three studies"
        return _Spread(len(zones) > 1, False, False, f"{facts}; {note}")
    tau = synthesis.heterogeneity.tau
    new, true, told = beyond_mean(scale, pooled, tau)
    return _Spread(len(zones) > 1, new, true, f"{facts}; {told}")


def beyond_mean(scale: Gauge, pooled: Pooled, tau: float) -> tuple[bool, bool, str]:
    """Whether what is expected of a new trial, and the true effects, pass what the mean does not.

    The prediction interval and the middle 95% of the true effects, each against the thresholds
    that the mean's own interval holds; and both in words.
    """
    limit = scale.limits
    new = (scale.at(pooled.pred_lower), scale.at(pooled.pred_upper))
    spread = MIDDLE_95 * tau
    true = (scale.at(pooled.estimate - spread), scale.at(pooled.estimate + spread))
    mean = set(inside(scale.at(pooled.ci_lower), scale.at(pooled.ci_upper), limit))
    beyond = set(inside(*new, limit)) - mean, set(inside(*true, limit)) - mean
    told = f"prediction interval {scale.between(*new)}, true effects {scale.between(*true)}"
    return bool(beyond[0]), bool(beyond[1]), told


def both_ways(scale: Gauge, mean: float, tau: float) -> bool:
    """Whether a tenth of the true effects is important in each direction."""
    reach = NormalDist().inv_cdf(1 - OPPOSITE_SHARE) * tau
    ends = (scale.at(mean - reach), scale.at(mean + reach))
    return tau > 0 and {-1, 1} <= {side_of(end, scale.limits) for end in ends}


BOTH_WAYS = f"{OPPOSITE_SHARE:.0%} or more of the true effects important in each direction"


def _opposite(answer: Answer, synthesis: Synthesis) -> str:
    """What shows that effects are important in both directions; "" where nothing does.

    One small study beyond the other threshold by its estimate alone may be there by chance.
    """
    scale = gauge(answer)
    tau, mean = synthesis.heterogeneity.tau, synthesis.random.estimate
    if math.isfinite(synthesis.random.pred_lower) and both_ways(scale, mean, tau):
        return f"; {BOTH_WAYS}"
    effects = zip(synthesis.estimates, synthesis.variances, strict=True)
    whole = {_whole_side(scale, y, MIDDLE_95 * math.sqrt(v)) for y, v in effects}
    return "; whole intervals important in each direction" if {-1, 1} <= whole else ""


def _whole_side(scale: Gauge, estimate: float, reach: float) -> int:
    """The side on which a study's whole interval is important, 0 where it is not."""
    ends = {side_of(scale.at(estimate + way * reach), scale.limits) for way in (-1, 1)}
    return ends.pop() if len(ends) == 1 else 0


def indirectness(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """A person judges whether the trials' patients, treatments and outcomes are the ones asked.

    The studies are named, so that a judgement is known to be about these and no others.
    """
    rule = "no rule can see whether these are the patients and outcomes that the page speaks of"
    labels = ", ".join(sorted(effect.label for effect in answer.effects))
    return Step("indirectness", 0, 0, rule, f"studies: {labels}")


def imprecision(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates down by the interval against the thresholds, then by the information size.

    Minimally contextualised: one level for each smallest important difference inside the
    interval, three where it reaches from large benefit to large harm. Partly contextualised:
    one level for each threshold of small, moderate and large effects inside it, up to three.
    Without any threshold, one level where no effect is inside, and two where a ratio's interval
    also holds a quarter less and a quarter more, GRADE's rough guide to what is appreciable.
    Where none is inside and the effect is large or trivial, one level if there are fewer
    participants than the optimal information size, two if there are fewer than 30% of it.

    References
    ----------
    .. [1] Zeng et al. (2022), GRADE guidance 34. J Clin Epidemiol 150, 216-224.
       doi:10.1016/j.jclinepi.2022.07.014
    .. [2] Schuenemann et al. (2022), GRADE guidance 35: update on rating imprecision for
       assessing contextualized certainty of evidence and making decisions. J Clin Epidemiol.
    .. [3] Guyatt et al. (2011), GRADE guidelines 6. J Clin Epidemiol 64, 1283-1293.
       doi:10.1016/j.jclinepi.2011.01.012
    """
    scale = gauge(answer)
    return imprecision_step(scale, synthesis.random, lambda: information(answer, synthesis, scale))


def imprecision_step(scale: Gauge, pooled: Pooled, informed: Callable[[], tuple[int, str]]) -> Step:
    """The step for an interval; ``informed`` gives the levels for too little information."""
    limit = scale.limits
    low, high = scale.at(pooled.ci_lower), scale.at(pooled.ci_upper)
    within = inside(low, high, limit)
    facts = _held(scale, low, high, within)
    levels = _levels(low, high, within, limit) if limit.mid else _by_rough_guide(scale, low, high)
    asked = needs_information(scale.at(pooled.estimate), limit)
    if not within and asked:
        levels, found = informed()
        facts += f"; {found}"
    elif not within:
        facts += "; the effect is not so large that the information size would be asked"
    return Step("imprecision", levels, levels, _imprecision_rule(limit), facts)


def _levels(low: float, high: float, within: Sequence[float], limit: Limits) -> int:
    if low < -limit.large and limit.large < high:
        return MOST_LEVELS
    return min(MOST_LEVELS, len(within))


def _by_rough_guide(scale: Gauge, low: float, high: float) -> int:
    """Levels where only the line of no effect is there to hold the interval against."""
    if not low < 0 < high:
        return 0
    less, more = ROUGH_GUIDE
    ratio = scale.measure in RATIOS
    return 2 if ratio and low < math.log(less) and math.log(more) < high else 1


def _imprecision_rule(limit: Limits) -> str:
    crossing = (
        "one level for each threshold of a small, moderate or large effect inside the interval, "
        "up to three"
        if limit.partial
        else "one level for each smallest important difference inside the interval, three from "
        "large benefit to large harm"
        if math.isfinite(limit.large)
        else "one level for each threshold inside the interval"
        if limit.mid
        else "one level where the interval contains no effect, two where that of a ratio also "
        f"contains {ROUGH_GUIDE[0]} and {ROUGH_GUIDE[1]}"
    )
    asked = "where there is none"
    if math.isfinite(limit.large):
        asked += " and the effect is large or trivial"
    return (
        f"{crossing}; {asked}, one level below the optimal information size, two below "
        f"{FAR_BELOW:.0%} of it"
    )


def _held(scale: Gauge, low: float, high: float, within: Sequence[float]) -> str:
    """The interval, the thresholds inside it, and the baseline risk that they need."""
    limit = scale.limits
    one, more = (
        ("threshold", "thresholds")
        if limit.partial
        else ("smallest important difference",) * 2
        if limit.mid > 0
        else ("line of no effect",) * 2
    )
    count = len(within)
    word = ("no", "one", "two", "three", "four", "five", "six")[count]
    named = f" ({', '.join(scale.shown(edge) for edge in within)})" if within else ""
    plural = "s" if count > 1 and one == more else ""
    facts = f"the interval {scale.between(low, high)} contains {word} "
    facts += f"{one if count < 2 else more}{plural}{named}"
    if scale.baseline is None:
        return facts
    return f"{facts} at a baseline risk of {1000 * scale.baseline:.0f} per 1000"


def publication_bias(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates down where a funnel test finds asymmetry, or where missing results would matter.

    The test only with ten studies or more. Results that are known to exist and cannot be
    pooled matter where, had they shown no effect and counted by their participants, the
    effect would be of a smaller size.

    References
    ----------
    .. [1] Sterne et al. (2011). BMJ 343, d4002. doi:10.1136/bmj.d4002
    .. [2] Page et al. (2023), ROB-ME. BMJ 383, e076754. doi:10.1136/bmj-2023-076754
    """
    rule = (
        f"one level where Egger's test has p < {ASYMMETRY_P:.2f}, only with {MINIMUM_STUDIES} "
        "studies or more, or where results known to be missing would, had they shown no effect, "
        "make the effect smaller than its size is called"
    )
    asymmetric, test = _asymmetry(synthesis)
    missing = missing_results(review, answer)
    matters, found = _missing(answer, synthesis, missing)
    levels = int(asymmetric or matters)
    facts = "; ".join(part for part in (test, found, _selective(review, answer, synthesis)) if part)
    return Step("publication bias", levels, levels, rule, facts)


def _asymmetry(synthesis: Synthesis) -> tuple[bool, str]:
    if synthesis.k < MINIMUM_STUDIES:
        return False, f"{synthesis.k} of the {MINIMUM_STUDIES} studies that a test needs"
    test = egger_test(synthesis.estimates, synthesis.variances)
    if test is None:
        return False, "all studies have the same precision"
    facts = f"Egger's intercept {test.intercept:.2f}, p {test.p_value:.3f}"
    return test.p_value < ASYMMETRY_P, facts


def _missing(answer: Answer, synthesis: Synthesis, missing: Missing) -> tuple[bool, str]:
    """Whether results known to be missing could make the effect smaller, and what is missing."""
    others = _others(missing)
    if not missing.known:
        return False, others
    scale = gauge(answer)
    estimate = synthesis.random.estimate
    now = size_of(scale.at(estimate), scale.limits)
    thinned = scale.at(estimate * missing.share)
    then = size_of(thinned, scale.limits)
    facts = (
        f"results known and not usable: {', '.join(missing.known)}; with no effect there the "
        f"estimate would be {scale.shown(thinned)}, {then}"
    )
    return now != then, f"{facts}; {others}" if others else facts


def _others(missing: Missing) -> str:
    """Studies of the comparison of which no result for this outcome is known."""
    parts = []
    if missing.silent:
        give = "study gives" if missing.silent == 1 else "studies give"
        parts.append(f"{missing.silent} more {give} no result for it")
    if missing.set_aside:
        parts.append(f"{missing.set_aside} left out with a reason")
    return "; ".join(parts)


def _selective(review: Review, answer: Answer, synthesis: Synthesis) -> str:
    """Weight in studies judged at high risk of reporting selectively."""
    high = {r.study for r in review.bias if r.domain == "selection" and r.judgement == "high"}
    weights = zip(answer.effects, synthesis.random_weights, strict=True)
    share = sum(weight for effect, weight in weights if effect.study in high)
    if not share:
        return ""
    return f"{share:.0%} of the weight at high risk of selective reporting (see risk of bias)"


RULES: tuple[Rule, ...] = (
    risk_of_bias,
    inconsistency,
    indirectness,
    imprecision,
    publication_bias,
)
"""The five reasons to rate down; a network adds its own, such as intransitivity."""
