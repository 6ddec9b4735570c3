"""Estimates of a network as findings: graded, with where they come from."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from osler.certainty.baselines import absolutes
from osler.certainty.evidence import finding_of
from osler.certainty.ledger import judged_step, randomised
from osler.certainty.model import (
    Certainty,
    Evidence,
    Finding,
    Level,
    NetworkBasis,
    Sort,
    Step,
)
from osler.certainty.model import Part as Share
from osler.certainty.network.ground import (
    Ground,
    Pair,
    comparison_of,
    does_less,
    named,
    said,
    whole_step,
)
from osler.certainty.network.questions import BESIDE, INTRANSITIVITY
from osler.certainty.network.rules import RULES, Estimate
from osler.certainty.statements import statement
from osler.certainty.thresholds import direction_of, gauge, size_of
from osler.core.quantiles import normal_quantile
from osler.core.wording import counted
from osler.review.model import about
from osler.synthesis.answers import Answer, LeftOut, StudyEffect
from osler.synthesis.model import Heterogeneity, Pooled, Synthesis
from osler.synthesis.network.contributions import Contributions, contributions
from osler.synthesis.network.of_review import Part
from osler.synthesis.network.splitting import NetworkSplit, SplitComparison, split

K = TypeVar("K")

LEAST = 0.005
"""Contributions below this are not told one by one."""

Shares = Mapping[tuple[str, str], Contributions]


def question_of(ground: Ground, evidence: Evidence, treatment: str, comparator: str) -> str:
    """How pages and judgements ask for an estimate of the network.

    With the network's mark where trials of the two alone answer the same question.
    """
    made = comparison_of(ground.review, treatment, comparator)
    name = about(made.name, ground.outcome.name)
    answered = evidence.findings.get(name)
    return name if answered is None or answered.network is not None else f"{name}{BESIDE}"


def network_finding(
    ground: Ground, evidence: Evidence, treatment: str, comparator: str
) -> Finding | None:
    """One treatment against another by the whole network, graded.

    Parameters
    ----------
    ground : Ground
    evidence : Evidence
        The pairwise findings, by which questions are told apart.
    treatment, comparator : str
        Names of the review.

    Returns
    -------
    Finding or None
        None where no estimate may be told: :func:`why_untold` says why.
    """
    part = ground.part_of(treatment, comparator)
    key = question_of(ground, evidence, treatment, comparator)
    if part is None or len(part.treatments) < 3 or (part.doubts and not allowed(ground, key)):
        return None
    shares = contributions(part.fit, against=comparator, method="random walk")
    return _finding(ground, part, key, (treatment, comparator), shares, split(part.fit))


def network_findings(
    ground: Ground, evidence: Evidence, pairs: Iterable[Pair]
) -> Mapping[Pair, Finding]:
    """Several at once: what a part of the network knows is worked out once."""
    out: dict[Pair, Finding] = {}
    shares: dict[tuple[int, str], Contributions] = {}
    splits: dict[int, NetworkSplit] = {}
    for pair in pairs:
        part = ground.part_of(*pair)
        key = question_of(ground, evidence, *pair)
        if part is None or len(part.treatments) < 3 or (part.doubts and not allowed(ground, key)):
            continue
        at = (id(part), pair[1])
        if at not in shares:
            shares[at] = contributions(part.fit, against=pair[1], method="random walk")
            splits[id(part)] = splits.get(id(part)) or split(part.fit)
        out[pair] = _finding(ground, part, key, pair, shares[at], splits[id(part)])
    return out


def allowed(ground: Ground, question: str) -> bool:
    """Whether a person has judged the doubts about transitivity, of the whole or of one estimate.

    Without that no number is taken from trials that it is doubtful to set side by side.
    """
    return ground.judged is not None or any(
        (j.about, j.reason) == (question, INTRANSITIVITY) for j in ground.review.judgements
    )


def why_untold(ground: Ground, treatment: str, comparator: str, *, declared: bool = True) -> str:
    """Why the network gives no estimate of one treatment against another.

    ``declared`` is false where trials of the two are not pooled, as osler.toml does not ask.
    """
    one, other = said(ground.review, treatment), said(ground.review, comparator)
    part = ground.part_of(treatment, comparator)
    if ground.unfit:
        return f"the network cannot be worked out: {ground.unfit}"
    own = ground.answers.get((treatment, comparator))
    if not declared and own is not None and own.effects:
        trials = counted(len(own.effects), "trial")
        return f"{trials} of {one} and {other}, and no comparison of the two in osler.toml"
    if part is None:
        return f"no trial, and no chain of trials, connects {one} with {other}"
    if len(part.treatments) < 3:
        return f"only trials of {one} and {other} connect with each other"
    doubts = " ".join(doubt.text for doubt in part.doubts)
    return (
        f"a chain of trials leads from {one} to {other}, but it is doubtful that these can be set "
        f"side by side: {doubts}"
    )


def direct_finding(ground: Ground, treatment: str, comparator: str) -> Finding | None:
    """The trials of the two alone, graded as any pairwise answer."""
    answer = ground.answers.get((treatment, comparator))
    if answer is None or answer.synthesis is None:
        return None
    key = about(answer.comparison.name, ground.outcome.name)
    return finding_of(ground.review, key, answer, answer.synthesis)


def _finding(
    ground: Ground, part: Part, key: str, pair: Pair, shares: Contributions, splits: NetworkSplit
) -> Finding:
    of_pair = _split_of(splits, pair)
    by_comparison, by_study = _contributing(shares, pair)
    comparison = comparison_of(ground.review, *pair)
    effects = _effects(ground, pair, list(by_study))
    answer = Answer(comparison, ground.outcome, effects, _left_out(ground, part), None)
    scale = gauge(answer)
    random, common = _pooled(part, pair)
    synthesis = _synthesis(part, answer, by_study, random, common)
    estimate = Estimate(ground, part, scale, random, common.se, of_pair, by_comparison, by_study)
    certainty = grade_estimate(estimate, key)
    at = scale.at(random.estimate)
    size, direction = size_of(at, scale.limits), direction_of(at, ground.outcome, scale.limits)
    risks = absolutes(answer, synthesis)
    return Finding(
        about=key,
        comparison=comparison,
        outcome=ground.outcome,
        answer=replace(answer, synthesis=synthesis),
        synthesis=synthesis,
        certainty=certainty,
        direction=direction,
        size=size,
        conclusive=random.ci_lower > 0 or random.ci_upper < 0,
        absolute=next((a for a in risks if a.name == "median"), None),
        statement=statement(comparison, ground.outcome, certainty.level, size, direction),
        absolutes=risks,
        network=_basis(estimate, pair),
    )


def grade_estimate(estimate: Estimate, key: str) -> Certainty:
    """The ledger of a network estimate: a step for each reason, a person's decisions among them.

    Starts high where every trial that contributes was randomised, else low. Nothing is raised.
    """
    ground = estimate.ground
    own = [j for j in ground.review.judgements if j.about == key]
    steps = tuple(_decided(ground, judged_step(own, rule(estimate))) for rule in RULES)
    designs = [ground.review.studies[study].design for study in estimate.studies]
    start = Level.HIGH if all(map(randomised, designs)) else Level.LOW
    return Certainty(start, steps, Level(max(1, start - sum(step.levels for step in steps))))


def _decided(ground: Ground, step: Step) -> Step:
    """A judgement on the network as a whole, where there is none on the estimate itself."""
    whole = ground.judged
    if step.reason != INTRANSITIVITY or step.judgement is not None or whole is None:
        return step
    return replace(step, levels=whole.levels, judgement=whole, stale=whole_step(ground).stale)


def _contributing(shares: Contributions, pair: Pair) -> tuple[dict[Pair, float], dict[str, float]]:
    """Comparisons and studies with what they contribute, the largest first."""
    row = shares.results.index(pair)
    by_comparison = zip(shares.comparisons, shares.share[row].tolist(), strict=True)
    by_study = zip(shares.studies, shares.of_study[row].tolist(), strict=True)
    return _largest_first(by_comparison), _largest_first(by_study)


def _largest_first(found: Iterable[tuple[K, float]]) -> dict[K, float]:
    # What differs by rounding alone must not change the order on another computer.
    kept = [(key, share) for key, share in found if share >= LEAST]
    total = sum(share for _, share in kept)
    kept.sort(key=lambda one: -round(one[1], 9))
    return {key: share / total for key, share in kept}


def _effects(ground: Ground, pair: Pair, studies: Sequence[str]) -> tuple[StudyEffect, ...]:
    """What each contributing trial found; of several of its comparisons the nearest to the two.

    Counts stay only where the comparator is that of the estimate, whose risk they tell.
    """
    best: dict[str, tuple[int, StudyEffect]] = {}
    for (a, b), answer in ground.answers.items():
        rank = 4 * (pair[1] == b) + 2 * (pair[0] == a) + does_less(ground.review, b, a)
        rank -= 2 * (b == pair[0]) + 2 * (a == pair[1])
        told = f"{said(ground.review, a)} against {said(ground.review, b)}: "
        for effect in answer.effects:
            if effect.study not in best or rank > best[effect.study][0]:
                events = effect.events if b == pair[1] else None
                made = replace(effect, reported=f"{told}{effect.reported}", events=events)
                best[effect.study] = rank, made
    return tuple(best[study][1] for study in studies)


def _left_out(ground: Ground, part: Part) -> tuple[LeftOut, ...]:
    """What could not go into the network, of the treatments that connect here."""
    inside = set(part.network.studies)
    of_pairs = {
        (row.study, row.what): row
        for (a, b), answer in ground.answers.items()
        if a in part.treatments and a < b
        for row in answer.left_out
        if row.study not in inside
    }
    own = tuple(row for row in ground.network.left_out if row.study in inside)
    return (*own, *of_pairs.values())


def _pooled(part: Part, pair: Pair) -> tuple[Pooled, Pooled]:
    """The estimate by both models."""
    out = []
    for common in (False, True):
        e = part.fit.effect(*pair, common=common)
        prediction = "t" if math.isfinite(e.pred_lower) else ""
        out.append(
            Pooled(
                e.estimate, e.se, e.ci_lower, e.ci_upper, e.p_value, "Wald",
                e.pred_lower, e.pred_upper, pred_method=prediction,
            )
        )  # fmt: skip
    return out[0], out[1]


def _synthesis(
    part: Part, answer: Answer, by_study: Mapping[str, float], random: Pooled, common: Pooled
) -> Synthesis:
    """The network's estimate in the form of any other, with contributions as weights."""
    fit, weights = part.fit, tuple(by_study.values())
    spread = Heterogeneity(
        fit.q, fit.df, fit.p_value, fit.i2, math.nan, fit.tau2, math.nan, math.nan,
        fit.tau2_method, tau2_ci_method="", i2_method="q",
    )  # fmt: skip
    return Synthesis(
        fit.measure,
        tuple(effect.label for effect in answer.effects),
        tuple(float(effect.effect.estimate) for effect in answer.effects),
        tuple(float(effect.effect.variance) for effect in answer.effects),
        weights,
        weights,
        common,
        random,
        spread,
        fit.level,
        "contributions to a network",
    )


def _split_of(splits: NetworkSplit, pair: Pair) -> SplitComparison:
    """The comparison of two treatments, turned so that the first is against the second."""
    found = next(c for c in splits.comparisons if {c.treatment, c.comparator} == set(pair))
    if found.treatment == pair[0]:
        return found
    return replace(
        found,
        treatment=pair[0],
        comparator=pair[1],
        network=-found.network,
        direct=-found.direct,
        indirect=-found.indirect,
        difference=-found.difference,
    )


def _basis(estimate: Estimate, pair: Pair) -> NetworkBasis:
    c, ground = estimate.split, estimate.ground
    reach = float(normal_quantile(0.5 + estimate.part.fit.level / 2.0))
    trials = {frozenset(p): len(a.effects) for p, a in ground.answers.items()}
    review = ground.review
    return NetworkBasis(
        *pair,
        c.studies,
        len(estimate.part.network.studies),
        round(min(c.share, 1.0), 9) if c.studies else 0.0,
        _sort(c.direct, c.direct_se, reach),
        _sort(c.indirect, c.indirect_se, reach),
        c.p_value,
        tuple(
            Share(named(review, a, b), share, trials[frozenset((a, b))])
            for (a, b), share in estimate.comparisons.items()
        ),
        tuple(
            Share(review.studies[study].label, share, 1, study)
            for study, share in estimate.studies.items()
        ),
        tuple(d.text for d in estimate.part.doubts),
    )


def _sort(value: float, se: float, reach: float) -> Sort | None:
    if not math.isfinite(value) or not math.isfinite(se):
        return None
    return Sort(value, value - reach * se, value + reach * se)
