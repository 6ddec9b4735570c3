"""Each reason to rate a network estimate down, on either side of its border."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Finding, Level, Step
from osler.certainty.network.asked import with_networks
from osler.certainty.network.evidence import graded_network
from osler.certainty.network.ground import doubted
from osler.certainty.problems import certainty_problems
from osler.core.diagnostics import Diagnostic
from osler.review.model import BiasJudgement, Judgement, Review
from tests.unit.certainty.network.sample import (
    LOOP,
    judged,
    judgement,
    loop_folder,
    review_of,
    with_bias,
)

WHOLE = "network / recovery"
REST = "rest vs usual care / recovery"


def finding(review: Review, treatment: str = "rest") -> Finding:
    outcome = review.outcomes["recovery"]
    return graded_network(review, outcome, gather_evidence(review)).findings[treatment]


def step(found: Finding, reason: str) -> Step:
    return next(s for s in found.certainty.steps if s.reason == reason)


def test_seven_reasons_stand_in_the_ledger_and_lead_to_its_level() -> None:
    certainty = finding(review_of(loop_folder())).certainty
    assert [s.reason for s in certainty.steps] == [
        "risk of bias", "inconsistency", "indirectness", "imprecision", "publication bias",
        "incoherence", "intransitivity",
    ]  # fmt: skip
    assert certainty.start is Level.HIGH
    assert certainty.level == Level.HIGH - sum(s.levels for s in certainty.steps)


# In the loop trials 0 and 4 compare rest with usual care and give 59% of the evidence on the two;
# 1, 5, 2 and 6 lead from one to the other by way of tablets; 3 and 7 are of exercise.
@pytest.mark.parametrize(
    ("bad", "levels"),
    [
        (("t0", "t4"), 1),
        (("t1", "t5", "t2", "t6"), 0),
        (("t0", "t4", "t1", "t5", "t2"), 2),
        (("t3", "t7"), 0),
    ],
)
def test_risk_of_bias_counts_by_contribution(bad: tuple[str, ...], levels: int) -> None:
    found = finding(with_bias(review_of(loop_folder()), dict.fromkeys(bad, "high")))
    assert found.network is not None
    share = sum(part.share for part in found.network.studies if part.key in bad)
    taken = step(found, "risk of bias")
    assert taken.levels == levels
    assert f"at high risk {share:.0%}" in taken.facts


# No trial compared tablets with exercise: all that is known of exercise comes from trials 3 and 7,
# which give less than half of the evidence.
@pytest.mark.parametrize(
    ("bad", "judged_as", "levels"),
    [
        (("t3", "t7"), "high", 2),
        (("t3", "t7"), "unclear", 1),
        (("t3",), "high", 1),
        (("t0", "t4"), "high", 0),
        (("t1", "t5"), "high", 0),
    ],
)
def test_a_chain_is_as_sure_as_its_weakest_link(
    bad: tuple[str, ...], judged_as: BiasJudgement, levels: int
) -> None:
    question = "tablets vs exercise / recovery"
    review = with_bias(review_of(loop_folder()), dict.fromkeys(bad, judged_as))
    found = with_networks(review, gather_evidence(review), [question]).findings[question]
    taken = step(found, "risk of bias")
    assert taken.levels == taken.rule_levels == levels
    assert ("every way from one treatment" in taken.facts) == bool(levels)


@pytest.mark.parametrize("reason", ["indirectness", "publication bias"])
def test_the_weakest_link_counts_for_what_a_person_judged(reason: str) -> None:
    question = "tablets vs exercise / recovery"
    text = loop_folder()["osler.toml"].decode() + (
        '\n[[comparisons]]\nname = "exercise vs usual care"\nintervention = "exercise"\n'
        'comparator = "usual care"\ninterventions = ["exercise"]\ncomparators = ["usual care"]\n'
    )
    review = review_of({**loop_folder(), "osler.toml": text.encode()})
    review = judged(review, judgement("exercise vs usual care / recovery", reason, 2))
    found = with_networks(review, gather_evidence(review), [question]).findings[question]
    assert step(found, reason).levels == 2


def test_what_a_person_decided_on_a_comparison_reaches_the_estimate() -> None:
    review = review_of(loop_folder())
    for reason in ("risk of bias", "indirectness", "publication bias"):
        taken = step(finding(judged(review, judgement(REST, reason, 2))), reason)
        share = 1 if reason == "risk of bias" else 2  # high risk needs 80% for two levels
        assert taken.levels == share, reason
        elsewhere = judged(review, judgement("tablets vs exercise / recovery", reason, 2))
        assert step(finding(elsewhere), reason).levels == 0, reason


# Tablets against usual care: twice as good in trials of the two, no better by way of rest.
APART = {(i, "tablets"): n for i, n in ((1, 330), (5, 330), (2, 150), (6, 150))}


def test_direct_and_indirect_evidence_that_disagree_take_a_level() -> None:
    review = review_of(loop_folder(events=APART))
    found = finding(judged(review, judgement(WHOLE, "intransitivity", 0)), "tablets")
    assert found.network is not None and 0.01 < found.network.p_value < 0.10
    direct, indirect = found.network.direct, found.network.indirect
    assert direct is not None and indirect is not None
    assert direct.estimate > 0.6 and abs(indirect.estimate) < 0.2
    assert step(found, "incoherence").levels == 1
    assert "direct RR 2.06" in step(found, "incoherence").facts
    agreeing = finding(review_of(loop_folder()), "tablets")
    assert step(agreeing, "incoherence").levels == 0


def test_clear_harm_against_clear_benefit_takes_two_levels() -> None:
    opposite = {**APART, (2, "tablets"): 60, (6, "tablets"): 60}
    review = review_of(loop_folder(f"{LOOP} {LOOP} {LOOP} {LOOP}", events={
        (i + 8 * k, name): n for (i, name), n in opposite.items() for k in (0, 1)
    }))  # fmt: skip
    found = finding(judged(review, judgement(WHOLE, "intransitivity", 0)), "tablets")
    assert found.network is not None and found.network.p_value < 0.01
    assert step(found, "incoherence").levels == 2


def test_disagreement_is_not_counted_twice() -> None:
    own = judgement(f"{REST} (network)", "intransitivity", 0)
    review = judged(review_of(loop_folder(events=APART)), own)
    found = finding(review)
    assert step(found, "intransitivity").rule_levels == 0
    assert found.network is not None and "the two disagree" in found.network.doubts[0]


def test_a_wide_prediction_interval_takes_a_level() -> None:
    spread = {(4, "rest"): 280, (0, "rest"): 130, (5, "tablets"): 330, (1, "tablets"): 190}
    review = judged(review_of(loop_folder(events=spread)), judgement(WHOLE, "intransitivity", 0))
    found = finding(review, "tablets")
    pooled = found.synthesis.random
    assert pooled.ci_lower > 0 > pooled.pred_lower
    assert step(found, "inconsistency").levels >= 1
    assert step(finding(review_of(loop_folder())), "inconsistency").levels == 0


def test_imprecision_is_that_of_pairwise_answers() -> None:
    wide = finding(review_of(loop_folder()), "exercise")  # RR 1.00 to 1.26, threshold 1.10
    assert step(wide, "imprecision").facts.endswith("one smallest important difference (RR 1.10)")
    assert step(wide, "imprecision").levels == 1


@pytest.mark.parametrize(("doubts", "levels"), [((), 0), (("a.",), 1), (("a.", "b.", "c."), 2)])
def test_doubts_take_up_to_two_levels(doubts: tuple[str, ...], levels: int) -> None:
    assert doubted(doubts).levels == levels


def test_a_cohort_starts_low_where_it_contributes() -> None:
    review = review_of(loop_folder())

    def cohort(*names: str) -> Mapping[str, object]:
        return {k: replace(s, design="cohort") if k in names else s
                for k, s in review.studies.items()}  # fmt: skip

    one = finding(replace(review, studies=cohort("t2")))  # type: ignore[arg-type]
    assert one.certainty.start is Level.LOW
    other = finding(replace(review, studies=cohort("t3")))  # type: ignore[arg-type]
    assert other.certainty.start is Level.HIGH


# What a reviewer hears of judgements on networks


def problems(*judgements: Judgement, trials: str | None = None) -> list[Diagnostic]:
    folder = loop_folder() if trials is None else loop_folder(trials)
    review = judged(review_of(folder), *judgements)
    evidence = with_networks(review, gather_evidence(review), [j.about for j in judgements])
    return list(certainty_problems(review, evidence))


def test_a_judgement_on_the_whole_network_needs_its_basis_and_goes_stale() -> None:
    (bare,) = problems(judgement(WHOLE, "intransitivity", 0))
    assert bare.code == "CRT011"
    basis = bare.help.partition('"')[2].rpartition('"')[0]
    assert problems(judgement(WHOLE, "intransitivity", 0, basis)) == []
    (stale,) = problems(judgement(WHOLE, "intransitivity", 0, "one trial each"))
    assert stale.code == "CRT010" and "for each of its estimates" in stale.so
    review = judged(
        review_of(loop_folder()), judgement(WHOLE, "intransitivity", 0, "one trial each")
    )
    assert step(finding(review), "intransitivity").stale


def test_a_judgement_on_an_estimate_goes_stale_as_any_other() -> None:
    about = f"{REST} (network)"
    (stale,) = problems(judgement(about, "imprecision", 0, "the interval RR 1.00 to 2.00"))
    assert stale.code == "CRT010" and about in stale.found


def test_judgements_that_networks_cannot_use_are_told() -> None:
    assert [d.code for d in problems(judgement(WHOLE, "imprecision", 1))] == ["CRT020"]
    (pairwise,) = problems(judgement(REST, "incoherence", 1))
    assert pairwise.code == "CRT021" and f'"{REST} (network)"' in pairwise.help
    on_exercise = judgement("tablets vs exercise / recovery", "imprecision", 1)
    without = "rest:usual-care rest:usual-care tablets:rest tablets:rest"
    (apart,) = problems(on_exercise, trials=without)
    assert apart.code == "CRT022" and "no chain of trials" in apart.found
