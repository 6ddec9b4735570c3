"""GRADE's rules to rate down, one at a time, and where the ledger ends."""

from dataclasses import replace

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.information import information_size
from osler.certainty.model import Level
from osler.certainty.rules import imprecision, inconsistency, risk_of_bias
from osler.certainty.thresholds import crossed, direction_of, limits
from osler.core.diagnostics import Place
from osler.review.model import BiasJudgement, Judgement
from osler.synthesis.pool import synthesise
from tests.unit.certainty.sample import PAIN, RECOVERY, finding, review_of, with_bias
from tests.unit.review.folders import TOML, small_folder


def test_thresholds_of_ratios_are_logs_and_lie_on_both_sides() -> None:
    limit = limits(review_of().outcomes["recovery"])
    assert limit.mid == pytest.approx(0.22314355131)
    assert crossed(-0.3, 0.3, limit) == 2


def test_better_depends_on_the_direction_of_the_outcome() -> None:
    outcomes = review_of().outcomes
    pain, recovery = outcomes["leg pain"], outcomes["recovery"]
    assert direction_of(-12, pain, limits(pain)) == "better"
    assert direction_of(12, pain, limits(pain)) == "worse"
    assert direction_of(-3, pain, limits(pain)) == "none"
    assert direction_of(0.5, recovery, limits(recovery)) == "better"


@pytest.mark.parametrize(
    ("one", "two", "levels"),
    [("low", "low", 0), ("some concerns", "low", 0), ("high", "low", 1), ("high", "high", 2)],
)
def test_risk_of_bias_by_share_of_weight(
    one: BiasJudgement, two: BiasJudgement, levels: int
) -> None:
    review = with_bias(review_of(), one=one, two=two)
    found = finding(RECOVERY, review)
    shares = dict(zip(("one", "two"), found.synthesis.random_weights, strict=True))
    # one's share decides between 0 and 1 level; the rule's threshold is half of the weight
    expected = levels if levels != 1 else int(shares["one"] >= 0.5)
    assert risk_of_bias(review, found.answer, found.synthesis).levels == expected


def test_studies_without_a_judgement_count_as_unclear() -> None:
    review = review_of()
    found = finding(RECOVERY, review)
    step = risk_of_bias(review, found.answer, found.synthesis)
    assert step.levels == 1
    assert "unclear 100%" in step.facts


@pytest.mark.parametrize(
    ("estimates", "levels"),
    [([-30.0, -29.0], 0), ([-30.0, -12.0], 0), ([-30.0, 0.0], 1), ([-30.0, 30.0], 2)],
)
def test_inconsistency_only_where_it_matters(estimates: list[float], levels: int) -> None:
    review = review_of()
    found = finding(PAIN, review)
    synthesis = synthesise(["a", "b"], estimates, [4.0, 4.0], measure="MD")
    assert inconsistency(review, found.answer, synthesis).levels == levels


def test_imprecision_counts_thresholds_in_the_interval() -> None:
    review = review_of()
    found = finding(PAIN, review)
    wide = synthesise(["a"], [0.0], [400.0], measure="MD")
    half = synthesise(["a"], [-12.0], [25.0], measure="MD")
    assert imprecision(review, found.answer, wide).levels == 2
    assert imprecision(review, found.answer, half).levels == 1


def test_few_participants_are_imprecise_even_with_a_clear_interval() -> None:
    """OIS by hand: SD 20, difference 10: 4 * 2.8016^2 * 400 / 100 = 125.6 participants."""
    review = review_of()
    found = finding(PAIN, review)
    two = replace(found.answer, effects=found.answer.effects[1:])
    clear = synthesise(["a"], [-30.0], [4.0], measure="MD")
    step = imprecision(review, two, clear)
    assert "100 participants against an information size of 126" in step.facts
    assert step.levels == 1


def test_an_outcome_and_its_opposite_need_the_same_information() -> None:
    """Where no difference is declared; a declared ratio belongs to the event itself."""
    results = small_folder()["results.csv"].decode()
    opposite = results
    for events, n in ((20, 40), (10, 40), (25, 50), (20, 50)):
        opposite = opposite.replace(f"6,,{events},{n}", f"6,,{n - events}!,{n}", 1)
    needed = {
        information_size(found.answer.effects, replace(found.outcome, mid=None))
        for found in (
            finding(RECOVERY, review_of()),
            finding(RECOVERY, review_of(results_csv=opposite.replace("!", ""))),
        )
    }
    assert len(needed) == 1


@pytest.mark.parametrize(("n", "levels"), [(126, 0), (125, 1), (38, 1), (37, 2)])
def test_far_below_the_information_size_takes_two_levels(n: int, levels: int) -> None:
    """SD 20 and a difference of 10 need 126 participants; 30% of them are 37.8."""
    review = review_of()
    found = finding(PAIN, review)
    variance = 4 * 400 / n  # both arms of n / 2 with SD 20
    effect = replace(found.answer.effects[1], n=n)
    effect = replace(effect, effect=replace(effect.effect, variance=variance))
    clear = synthesise(["a"], [-60.0], [4.0], measure="MD")
    step = imprecision(review, replace(found.answer, effects=(effect,)), clear)
    assert step.levels == levels


def test_a_person_overrides_a_rule_and_both_stay_visible() -> None:
    review = review_of()
    judgement = Judgement(
        RECOVERY, "risk of bias", 0, "read in full", "us", "2026-01-31", Place("certainty.toml")
    )
    step = finding(RECOVERY, replace(review, judgements=(judgement,))).certainty.steps[0]
    assert (step.levels, step.rule_levels) == (0, 1)
    assert step.judgement is judgement


def test_certainty_never_falls_below_very_low() -> None:
    judgements = tuple(
        Judgement(RECOVERY, reason, 3, "test", "us", "2026-01-31", Place("certainty.toml"))
        for reason in ("indirectness", "publication bias")
    )
    found = finding(RECOVERY, replace(review_of(), judgements=judgements))
    assert found.certainty.level is Level.VERY_LOW


def test_studies_that_were_not_randomised_start_low() -> None:
    folder = small_folder()
    studies = folder["studies.csv"].decode().replace("parallel RCT", "non-randomised", 1)
    assert finding(RECOVERY, review_of(studies_csv=studies)).certainty.start is Level.LOW


def test_absolute_risks_at_the_median_of_the_comparator_groups() -> None:
    found = finding(RECOVERY, review_of())
    assert found.absolute is not None
    assert found.absolute.baseline == pytest.approx((10 / 40 + 20 / 50) / 2)
    assert found.absolute.risk_lower < found.absolute.risk < found.absolute.risk_upper <= 1


def test_no_absolute_risk_where_nobody_had_the_event() -> None:
    results = small_folder()["results.csv"].decode()
    none = results.replace("6,,10,40", "6,,0,40").replace("6,,20,50", "6,,0,50")
    assert finding(RECOVERY, review_of(results_csv=none)).absolute is None


def test_a_question_without_a_study_is_unanswered_with_its_reasons() -> None:
    evidence = gather_evidence(review_of(results_csv=None, contrasts_csv=None))
    assert set(evidence.unanswered) == {PAIN, RECOVERY}
    assert {left.study for left in evidence.unanswered[PAIN].left_out} == {"one", "two"}


def test_the_order_of_the_files_does_not_matter() -> None:
    rows = small_folder()["studies.csv"].decode().splitlines()
    swapped = "\n".join([rows[0], rows[2], rows[1]])
    one, two = finding(RECOVERY, review_of()), finding(RECOVERY, review_of(studies_csv=swapped))
    assert one.synthesis.random.estimate == pytest.approx(two.synthesis.random.estimate)
    assert one.certainty.level is two.certainty.level


def test_every_toml_model_reaches_the_answer() -> None:
    wald = review_of(osler_toml=TOML + '\n[model]\ntau2 = "DL"\nci = "Wald"\n')
    found = finding(RECOVERY, wald)
    assert found.synthesis.heterogeneity.tau2_method == "DL"
    assert found.synthesis.random.ci_method == "Wald"


@pytest.mark.parametrize(
    ("design", "start"),
    [
        ("parallel RCT", Level.HIGH),
        ("cluster-randomised trial", Level.HIGH),
        ("Randomized crossover", Level.HIGH),
        ("non-randomised", Level.LOW),
        ("quasi-randomized", Level.LOW),
        ("not randomised", Level.LOW),
        ("cohort study", Level.LOW),
        ("before and after", Level.LOW),
    ],
)
def test_only_a_design_that_says_randomised_starts_high(design: str, start: Level) -> None:
    studies = small_folder()["studies.csv"].decode().replace("parallel RCT", design)
    assert finding(RECOVERY, review_of(studies_csv=studies)).certainty.start is start


@pytest.mark.parametrize("variance", [4.0, 12.7, 12.8, 42.0, 43.0, 100.0])
def test_without_group_sizes_the_standard_error_decides_as_the_information_size_would(
    variance: float,
) -> None:
    """10 / 2.8016 = 3.569, whose square is 12.74: below it a trial has 80% power.

    Above 12.74 / 0.3 = 42.5 there is less than 30% of the information.
    """
    review = review_of()
    found = finding(PAIN, review)
    effect = found.answer.effects[1]
    effect = replace(effect, effect=replace(effect.effect, estimate=-90.0, variance=variance))
    synthesis = synthesise(["a"], [-90.0], [variance], measure="MD")
    sized = replace(found.answer, effects=(effect,))
    unsized = replace(found.answer, effects=(replace(effect, n=None),))
    expected = int(variance > 12.74) + int(variance > 42.5)
    assert imprecision(review, sized, synthesis).levels == expected
    step = imprecision(review, unsized, synthesis)
    assert step.levels == expected
    assert f"{'above' if expected else 'not above'} the 3.57" in step.facts
