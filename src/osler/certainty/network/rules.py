"""Reasons to rate down an estimate of a network, each as a rule that says what it looked at.

The reasons are those of GRADE for networks (Puhan 2014) and CINeMA (Nikolakopoulou 2020). What
lies within trials reaches an estimate by how much each trial, or comparison, contributes to it;
the rest is held against the outcome's thresholds as for pairwise answers.

References
----------
.. [1] Nikolakopoulou et al. (2020). PLoS Med 17, e1003082. doi:10.1371/journal.pmed.1003082
.. [2] Puhan et al. (2014). BMJ 349, g5630. doi:10.1136/bmj.g5630
.. [3] Brignardello-Petersen et al. (2018). J Clin Epidemiol 93, 36-44.
   doi:10.1016/j.jclinepi.2017.10.005
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from osler.appraisal.bias import BiasShares, overall
from osler.certainty.information import UNKNOWN, information_by_error
from osler.certainty.model import Step
from osler.certainty.network.ground import Ground, Pair, doubted, named
from osler.certainty.network.questions import INCOHERENCE
from osler.certainty.rules import (
    BOTH_WAYS,
    SERIOUS_I2,
    VERY_SERIOUS_I2,
    beyond_mean,
    bias_step,
    both_ways,
    imprecision_step,
)
from osler.certainty.rules import publication_bias as pairwise_publication_bias
from osler.certainty.thresholds import Gauge, side_of, zone_of
from osler.core.wording import p_value
from osler.review.model import BiasJudgement, Judgement, about
from osler.synthesis.model import Pooled
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.of_review import Part
from osler.synthesis.network.splitting import SplitComparison

DISAGREE_P = 0.10
VERY_P = 0.01
"""Below which direct and indirect evidence disagree, and do so clearly. Tests of single
comparisons have little power, so the first is not 0.05."""

HALF = 0.5
"""Share of the evidence from which a fault of some comparisons is one of the estimate."""

_LINK = "some comparison of every way from one treatment to the other lost"
_THROUGH = "every way from one treatment to the other leads through such a comparison"

_JUDGED: tuple[BiasJudgement, ...] = ("low", "some concerns", "unclear", "high")
_BY_LEVELS: Mapping[int, BiasJudgement] = {0: "low", 1: "unclear"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the rules look at.

    Attributes
    ----------
    pooled : Pooled
        By the random-effects model of the network.
    common_se : float
        By the common-effect model.
    split : SplitComparison
        Direct and indirect evidence.
    comparisons, studies : mapping
        Contribution of each comparison and each study, by id.
    """

    ground: Ground
    part: Part
    scale: Gauge
    pooled: Pooled
    common_se: float
    split: SplitComparison
    comparisons: Mapping[Pair, float]
    studies: Mapping[str, float]


Rule = Callable[[Estimate], Step]


def risk_of_bias(estimate: Estimate) -> Step:
    """By the contribution of trials at high or unclear risk, with the thresholds of all answers.

    A chain is as sure as its weakest link: a level that some comparison of every way from one
    treatment to the other would lose by its own trials counts too. What a person decided on a
    comparison of two treatments holds for the trials in it: no level counts as low risk, one as
    unclear, two as high.
    """
    by_people = _decided_on_studies(estimate)
    rows = estimate.ground.review.bias
    judged = {
        study: by_people.get(study) or overall([row for row in rows if row.study == study])
        for study in estimate.studies
    }
    step = bias_step(_bias_shares(judged, estimate.studies))
    links = {
        pair: bias_step(_bias_shares(judged, _within(estimate, pair))).levels
        for pair in estimate.comparisons
    }
    weakest = _weakest(estimate, links)
    rule = f"{step.rule}; also what {_LINK}"
    if weakest <= step.levels:
        return replace(step, rule=rule)
    return replace(
        step, rule_levels=weakest, levels=weakest, rule=rule, facts=f"{step.facts}; {_THROUGH}"
    )


def _bias_shares(judged: Mapping[str, BiasJudgement], studies: Mapping[str, float]) -> BiasShares:
    """The weight of studies by their risk of bias, as parts of one."""
    whole = sum(studies.values())
    totals: dict[BiasJudgement, float] = {}
    for study, share in studies.items():
        totals[judged[study]] = totals.get(judged[study], 0.0) + share / whole
    return BiasShares(*(totals.get(one, 0.0) for one in _JUDGED))


def _within(estimate: Estimate, pair: Pair) -> dict[str, float]:
    """The contributing trials of one comparison."""
    own = {effect.study for effect in estimate.ground.answers[pair].effects}
    return {study: share for study, share in estimate.studies.items() if study in own}


def _weakest(estimate: Estimate, levels: Mapping[Pair, int]) -> int:
    """How many levels some comparison of every way from one treatment to the other has lost.

    GRADE rates indirect evidence by the lower of its comparisons (Puhan 2014); contributions
    alone would thin a fault out by the length of the chain.
    """
    start, end = estimate.split.treatment, estimate.split.comparator
    for most in (0, 1):
        reached, before = {start}, 0
        while len(reached) > before:
            before = len(reached)
            for pair, lost in levels.items():
                if lost <= most and reached.intersection(pair):
                    reached.update(pair)
        if end in reached:
            return most
    return 2


def _decided_on_studies(estimate: Estimate) -> Mapping[str, BiasJudgement]:
    out: dict[str, BiasJudgement] = {}
    for row in estimate.ground.network.rows:
        judged = decided(estimate.ground, (row.treatment, row.comparator), "risk of bias")
        if judged is not None:
            out.setdefault(row.study, _BY_LEVELS.get(judged.levels, "high"))
    return out


def decided(ground: Ground, pair: Pair, reason: str) -> Judgement | None:
    """What a person decided on the comparison of two treatments; the narrowest one counts."""
    found = [
        (len(c.interventions) + len(c.comparators), judgement)
        for c in ground.review.comparisons.values()
        if _covers(c.interventions, c.comparators, pair)
        for judgement in ground.review.judgements
        if (judgement.about, judgement.reason) == (about(c.name, ground.outcome.name), reason)
    ]
    return min(found, key=lambda one: one[0])[1] if found else None


def _covers(ones: tuple[str, ...], others: tuple[str, ...], pair: Pair) -> bool:
    a, b = pair
    return (a in ones and b in others) or (b in ones and a in others)


def inconsistency(estimate: Estimate) -> Step:
    """By the prediction interval and the spread of true effects, beyond what the mean's reaches.

    The network has one variance for all comparisons, and its I2 counts disagreement of direct and
    indirect evidence too.
    """
    rule = (
        f"one level where the prediction interval reaches a threshold that the confidence interval "
        f"does not and the network's I2 is {SERIOUS_I2:.0%} or more, or where the middle 95% of "
        f"the true effects does; two where that I2 is {VERY_SERIOUS_I2:.0%} or more and effects "
        "are important in both directions"
    )
    fit = estimate.part.fit
    if fit.df < 1:
        facts = "nothing is left over by which the spread between trials could be judged"
        return Step("inconsistency", 0, 0, rule, facts)
    new, true, told = beyond_mean(estimate.scale, estimate.pooled, fit.tau)
    levels = int((fit.i2 >= SERIOUS_I2 and new) or true)
    two = levels and fit.i2 >= VERY_SERIOUS_I2
    opposite = bool(two) and both_ways(estimate.scale, estimate.pooled.estimate, fit.tau)
    levels = 2 if opposite else levels
    facts = f"I2 of the network {fit.i2:.0%}, tau2 {fit.tau2:.3g}; {told}"
    facts += f"; {BOTH_WAYS}" if opposite else ""
    return Step("inconsistency", levels, levels, rule, facts)


def indirectness(estimate: Estimate) -> Step:
    """By the contribution of comparisons that a person judged indirect."""
    rule = (
        "no rule can see whether these are the patients and outcomes that the page speaks of: a "
        f"level that a person took from comparisons with {HALF:.0%} or more of the evidence "
        f"counts, and one that {_LINK}"
    )
    judged = {pair: decided(estimate.ground, pair, "indirectness") for pair in estimate.comparisons}
    levels, told = _carried(estimate, {pair: j.levels if j else 0 for pair, j in judged.items()})
    labels = ", ".join(sorted(_labels(estimate)))
    return Step("indirectness", levels, levels, rule, f"{told}; studies: {labels}")


def _labels(estimate: Estimate) -> Iterator[str]:
    for study in estimate.studies:
        yield estimate.ground.review.studies[study].label


def _carried(estimate: Estimate, levels: Mapping[Pair, int]) -> tuple[int, str]:
    """What the comparisons' levels mean for an estimate that half of the evidence rests on."""
    share = {
        n: sum(part for pair, part in estimate.comparisons.items() if levels[pair] >= n)
        for n in (1, 2)
    }
    taken = 2 if share[2] >= HALF else int(share[1] >= HALF)
    if not share[1]:
        return taken, "no comparison lost a level"
    review, weakest = estimate.ground.review, _weakest(estimate, levels)
    told = "; ".join(named(review, a, b) for a, b in estimate.comparisons if levels[a, b] >= 1)
    facts = f"{share[1]:.0%} of the evidence from comparisons that lost a level: {told}"
    return (weakest, f"{facts}; {_THROUGH}") if weakest > taken else (taken, facts)


def imprecision(estimate: Estimate) -> Step:
    """As for pairwise answers: the interval against the thresholds, then the information.

    A network has no number of participants of its own, so the standard error tells whether there
    is as much information as one large enough trial gives.
    """

    def informed() -> tuple[int, str]:
        outcome = estimate.ground.outcome
        levels, told = information_by_error(outcome, estimate.common_se, estimate.scale)
        return levels, told or UNKNOWN

    return imprecision_step(estimate.scale, estimate.pooled, informed)


def publication_bias(estimate: Estimate) -> Step:
    """By the contribution of comparisons whose trials the pairwise rule, or a person, doubts."""
    rule = (
        "the rule of pairwise answers for each comparison, unless a person decided; a level taken "
        f"from comparisons with {HALF:.0%} or more of the evidence counts, and one that {_LINK}"
    )
    levels = {pair: _reported(estimate.ground, pair) for pair in estimate.comparisons}
    taken, told = _carried(estimate, levels)
    return Step("publication bias", taken, taken, rule, told)


def _reported(ground: Ground, pair: Pair) -> int:
    judged = decided(ground, pair, "publication bias")
    if judged is not None:
        return judged.levels
    answer = ground.answers[pair]
    if answer.synthesis is None:
        return 0
    return pairwise_publication_bias(ground.review, answer, answer.synthesis).levels


def incoherence(estimate: Estimate) -> Step:
    """By the difference between direct and indirect evidence; else by that of the whole network."""
    rule = (
        f"one level where direct and indirect evidence disagree (p < {DISAGREE_P:.2f}) and lie on "
        f"different sides of a threshold, two where p < {VERY_P:.2f} and they are important in "
        "opposite directions; where only one kind exists, one level where the network as a whole "
        f"disagrees (design by treatment, p < {DISAGREE_P:.2f})"
    )
    c = estimate.split
    if math.isnan(c.p_value):
        return _as_a_whole(estimate, rule)
    scale = estimate.scale
    ends = (scale.at(c.direct), scale.at(c.indirect))
    apart = len({zone_of(end, scale.limits) for end in ends}) > 1
    opposite = {side_of(end, scale.limits) for end in ends} == {-1, 1}
    levels = int(c.p_value < DISAGREE_P and apart)
    levels = 2 if levels and opposite and c.p_value < VERY_P else levels
    facts = (
        f"direct {scale.shown(ends[0])} ({c.share:.0%} of the evidence), indirect "
        f"{scale.shown(ends[1])}, {p_value(c.p_value)}"
    )
    return Step(INCOHERENCE, levels, levels, rule, facts)


def _as_a_whole(estimate: Estimate, rule: str) -> Step:
    kind = "direct" if estimate.split.studies else "indirect"
    found = decompose(estimate.part.fit)
    if not found.between.df:
        facts = f"only {kind} evidence, and nowhere in the network do both kinds meet"
        return Step(INCOHERENCE, 0, 0, rule, facts)
    p = found.interaction.p_value
    levels = int(p < DISAGREE_P and kind == "indirect")
    facts = f"only {kind} evidence; in the network as a whole {p_value(p)}"
    return Step(INCOHERENCE, levels, levels, rule, facts)


def intransitivity(estimate: Estimate) -> Step:
    """By what the tables show to differ between the trials of different comparisons.

    Disagreement between direct and indirect evidence is left to incoherence.
    """
    return doubted(tuple(d.text for d in estimate.part.doubts if d.kind != "disagreement"))


RULES: tuple[Rule, ...] = (
    risk_of_bias,
    inconsistency,
    indirectness,
    imprecision,
    publication_bias,
    incoherence,
    intransitivity,
)
"""GRADE's five reasons, and the two that only networks have."""
