"""GRADE's reasons to rate down, each as a rule that says which numbers it looked at.

The rules decide what computed facts can decide; a person's entry in certainty.toml
replaces a rule's levels and stands beside them.
"""

import math
from collections.abc import Callable, Sequence

from osler.appraisal.bias import bias_shares
from osler.appraisal.small_study import MINIMUM_STUDIES, egger_test
from osler.certainty.model import Step
from osler.certainty.thresholds import crossed, limits, side_of
from osler.review.model import Bias, Outcome, Review
from osler.synthesis.answers import Answer, StudyEffect
from osler.synthesis.model import Synthesis

DOUBTFUL_SHARE = 0.5
"""Share of the weight at high or unclear risk of bias from which one level is taken."""

HIGH_RISK_SHARE = 0.8
"""Share of the weight at high risk of bias from which two levels are taken."""

SERIOUS_I2 = 0.5
VERY_SERIOUS_I2 = 0.75
"""I2 from which studies disagree seriously, and very seriously; as in the Cochrane Handbook's
rough guide (section 10.10.2), where 50% may be substantial and 75% considerable."""

ASYMMETRY_P = 0.10
"""Egger's test below this counts as asymmetry (Egger 1997)."""

Z_ALPHA_PLUS_Z_BETA = 1.959963984540054 + 0.8416212335729143
"""Two-sided 5% and 80% power, as in GRADE guidelines 6 (Guyatt 2011)."""

FAR_BELOW = 0.3
"""Share of the information size under which two levels are taken.

GRADE guidance 34 (Zeng 2022) says "far less" without a number; the number is ours.
"""

RELATIVE_CHANGE_FOR_OIS = 0.25
"""Change in risk that an adequate sample should detect (GRADE guidelines 6, Guyatt 2011)."""


def risk_of_bias(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates down by the share of weight in studies at high or unclear risk.

    One level from half of the weight at high or unclear risk; two from 80% at high risk.
    """
    weights = dict(zip((e.study for e in answer.effects), synthesis.random_weights, strict=True))
    judged: dict[str, Sequence[Bias]] = {
        study: [row for row in review.bias if row.study == study] for study in weights
    }
    shares = bias_shares(weights, judged)
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

    It matters where their estimates fall on different sides of a smallest important
    difference. One level from I2 50%; two from I2 75% with important effects in both
    directions.
    """
    rule = (
        f"one level where I2 is {SERIOUS_I2:.0%} or more and estimates lie on different sides of "
        f"a threshold; two where I2 is {VERY_SERIOUS_I2:.0%} or more and estimates are important "
        "in both directions"
    )
    if synthesis.k < 2:
        return Step("inconsistency", 0, 0, rule, "one study: agreement cannot be judged")
    limit = limits(answer.outcome)
    sides = {side_of(y, limit) for y in synthesis.estimates}
    i2 = synthesis.heterogeneity.i2
    levels = 0
    if i2 >= SERIOUS_I2 and len(sides) > 1:
        levels = 2 if i2 >= VERY_SERIOUS_I2 and {-1, 1} <= sides else 1
    facts = f"I2 {i2:.0%}, tau2 {synthesis.heterogeneity.tau2:.3g}, estimates " + (
        "on one side of the thresholds" if len(sides) == 1 else "on different sides of a threshold"
    )
    return Step("inconsistency", levels, levels, rule, facts)


def indirectness(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """A person judges whether the trials' patients, treatments and outcomes are the ones asked."""
    rule = "no rule can see whether these are the patients and outcomes that the page speaks of"
    return Step("indirectness", 0, 0, rule, "left to a person")


def imprecision(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates down by the interval against the thresholds, then by the information size.

    One level for each smallest important difference inside the interval; where none is,
    one level if there are fewer participants than the optimal information size, two if
    there are fewer than 30% of it.

    References
    ----------
    .. [1] Zeng et al. (2022), GRADE guidance 34. J Clin Epidemiol 150, 216-224.
       doi:10.1016/j.jclinepi.2022.07.014
    .. [2] Guyatt et al. (2011), GRADE guidelines 6. J Clin Epidemiol 64, 1283-1293.
       doi:10.1016/j.jclinepi.2011.01.012
    """
    rule = (
        "one level for each threshold inside the interval; where there is none, one level below "
        f"the optimal information size, two below {FAR_BELOW:.0%} of it"
    )
    limit = limits(answer.outcome)
    pooled = synthesis.random
    inside = crossed(pooled.ci_lower, pooled.ci_upper, limit)
    threshold = "smallest important difference" if limit.mid > 0 else "line of no effect"
    facts = f"the interval contains {_number_word(inside)} {threshold}{'s' if inside > 1 else ''}"
    levels = inside
    if inside == 0:
        levels, found = _information(answer, synthesis)
        facts += f"; {found}"
    return Step("imprecision", levels, levels, rule, facts)


def _information(answer: Answer, synthesis: Synthesis) -> tuple[int, str]:
    """Levels for too little information, and what was found.

    Where group sizes are missing, a mean's standard error answers the same question: with
    the studies' own variances, fewer participants than the optimal information size is the
    same as a common-effect standard error above Delta / (z_a + z_b).
    """
    needed = information_size(answer.effects, answer.outcome)
    present = participants(answer.effects)
    if needed is not None and present is not None:
        facts = f"{present} participants against an information size of {needed}"
        return _levels(present / needed), facts
    mid = limits(answer.outcome).mid
    if answer.outcome.kind == "continuous" and mid > 0:
        enough, se = mid / Z_ALPHA_PLUS_Z_BETA, synthesis.common.se
        facts = (
            f"not every trial reports its participants, but the standard error, {se:.3g}, is "
            f"{'above' if se > enough else 'not above'} the {enough:.3g} of one large enough trial"
        )
        return _levels((enough / se) ** 2), facts
    return 0, "the information size cannot be computed from what was reported"


def _levels(share: float) -> int:
    """Levels for a share of the information that one adequate trial would give."""
    return 2 if share < FAR_BELOW else int(share < 1)


def publication_bias(review: Review, answer: Answer, synthesis: Synthesis) -> Step:
    """Rates down where a funnel test finds asymmetry, with ten studies or more.

    References
    ----------
    .. [1] Sterne et al. (2011). BMJ 343, d4002. doi:10.1136/bmj.d4002
    """
    rule = (
        f"one level where Egger's test has p < {ASYMMETRY_P:.2f}; "
        f"only with {MINIMUM_STUDIES} studies or more"
    )
    if synthesis.k < MINIMUM_STUDIES:
        facts = f"{synthesis.k} of the {MINIMUM_STUDIES} studies that a test needs"
        return Step("publication bias", 0, 0, rule, facts)
    test = egger_test(synthesis.estimates, synthesis.variances)
    if test is None:
        return Step("publication bias", 0, 0, rule, "all studies have the same precision")
    levels = int(test.p_value < ASYMMETRY_P)
    facts = f"Egger's intercept {test.intercept:.2f}, p {test.p_value:.3f}"
    return Step("publication bias", levels, levels, rule, facts)


RULES: tuple[Callable[[Review, Answer, Synthesis], Step], ...] = (
    risk_of_bias,
    inconsistency,
    indirectness,
    imprecision,
    publication_bias,
)


def participants(effects: Sequence[StudyEffect]) -> int | None:
    """All participants together; None where a study does not report how many it had."""
    sizes = [effect.n for effect in effects]
    return None if None in sizes else sum(n for n in sizes if n is not None)


def information_size(effects: Sequence[StudyEffect], outcome: Outcome) -> int | None:
    r"""Participants that one adequately powered trial would need, in both arms together.

    Continuous: :math:`4 (z_{1-\alpha/2} + z_{1-\beta})^2 s^2 / \Delta^2` with the smallest
    important difference and the standard deviation that the studies' own variances imply
    (:math:`s^2 = v n / 4`, pooled by n). Binary: two proportions at the comparator groups'
    pooled risk (of the event or of its absence, whichever is rarer) and a 25% relative change.

    Returns
    -------
    int or None
        None where group sizes or a smallest important difference are missing.
    """
    factor = Z_ALPHA_PLUS_Z_BETA**2
    if outcome.kind == "binary":
        counts = [e.events for e in effects if e.events is not None]
        total = sum(c[3] for c in counts)
        risk = sum(c[2] for c in counts) / total if total else 0.0
        # Of event and no event the rarer: an outcome and its opposite need the same trial.
        risk = min(risk, 1 - risk)
        if risk <= 0:
            return None
        other = risk * (1 - RELATIVE_CHANGE_FOR_OIS)
        spread = risk * (1 - risk) + other * (1 - other)
        return math.ceil(2 * factor * spread / (risk - other) ** 2)
    sized = [(e.effect.variance, e.n) for e in effects if e.n is not None]
    mid = limits(outcome).mid
    if not sized or mid == 0:
        return None
    variance = sum(v * n / 4 * n for v, n in sized) / sum(n for _, n in sized)
    size = 4 * factor * variance / mid**2
    return math.ceil(size) if math.isfinite(size) else None


def _number_word(count: int) -> str:
    return ("no", "one", "two")[count]
