"""Publication bias: small-study effects, and results that are known and not there."""

import pytest

from osler.certainty.missing import missing_results
from osler.certainty.rules import publication_bias
from tests.unit.certainty.sample import PAIN, RECOVERY, case, finding, review_of, with_bias
from tests.unit.review.folders import ARMS, CONTRASTS, RESULTS, STUDIES, TOML

THIRD = STUDIES + "three,Three 2003,2003,parallel RCT,,https://example.org/3,{included},{reason}\n"
THIRD_ARMS = ARMS + "three,a1,rest,{n}\nthree,a2,usual care,{n}\n"


def third(
    rows: str = "", n: int = 100, included: str = "yes", reason: str = "", randomised: str = "200"
) -> dict[str, str]:
    """The small folder with a third study, which reports ``rows``."""
    studies = THIRD.format(included=included, reason=reason)
    head, *lines = studies.splitlines()
    sizes = ["", "", randomised]
    sized = [f"{line},{size}" for line, size in zip(lines, sizes, strict=True)]
    return {
        "studies_csv": "\n".join([f"{head},randomised", *sized]) + "\n",
        "arms_csv": THIRD_ARMS.format(n=n),
        "results_csv": RESULTS,
        "contrasts_csv": CONTRASTS + rows,
    }


UNUSABLE = "three,a1,a2,leg pain,NRS 0-10,6,MD,-0.1,,,,yes\n"


def test_a_result_without_a_spread_is_known_and_missing() -> None:
    found = finding(PAIN, review_of(**third(UNUSABLE)))
    missing = missing_results(review_of(**third(UNUSABLE)), found.answer)
    assert (missing.known, missing.silent, missing.set_aside) == (("Three 2003",), 0, 0)
    # 80 and 100 participants are pooled, 200 are missing.
    assert missing.share == pytest.approx(180 / 380)


def test_it_lowers_the_certainty_where_no_effect_there_would_change_the_size() -> None:
    """The pooled difference, about -12, would be about -6: below the 10 that matter."""
    review = review_of(**third(UNUSABLE))
    found = finding(PAIN, review)
    assert found.size == "important"
    step = publication_bias(review, found.answer, found.synthesis)
    assert step.levels == 1
    assert "results known and not usable: Three 2003" in step.facts
    assert "trivial" in step.facts


def test_a_small_missing_study_changes_nothing_and_is_told() -> None:
    review = review_of(**third(UNUSABLE, randomised="4"))
    found = finding(PAIN, review)
    step = publication_bias(review, found.answer, found.synthesis)
    assert step.levels == 0
    assert "Three 2003" in step.facts


def test_the_size_of_a_missing_study_is_that_of_its_arms_where_nobody_says_how_many() -> None:
    review = review_of(**third(UNUSABLE, n=30, randomised=""))
    missing = missing_results(review, finding(PAIN, review).answer)
    assert missing.share == pytest.approx(180 / 240)


def test_a_result_of_another_time_is_not_missing() -> None:
    late = UNUSABLE.replace(",6,MD", ",52,MD")
    review = review_of(**third(late))
    assert missing_results(review, finding(PAIN, review).answer).known == ()


def test_a_result_of_an_unknown_time_counts_where_such_results_do() -> None:
    unknown = UNUSABLE.replace(",6,MD", ",,MD")
    review = review_of(**third(unknown))
    assert missing_results(review, finding(PAIN, review).answer).known == ()
    toml = TOML.replace('accepts = ["leg pain", "overall pain"]', "weeks_unknown = true")
    review = review_of(**third(unknown), osler_toml=toml)
    assert missing_results(review, finding(PAIN, review).answer).known == ("Three 2003",)


def test_no_events_in_either_group_is_no_missing_result() -> None:
    none = RESULTS + "three,a1,recovery,,6,,0,100,,,u\nthree,a2,recovery,,6,,0,100,,,u\n"
    review = review_of(**{**third(), "results_csv": none})
    missing = missing_results(review, finding(RECOVERY, review).answer)
    assert (missing.known, missing.share) == ((), 1.0)


def test_a_study_without_a_row_and_one_left_out_are_counted_apart() -> None:
    silent = review_of(**third())
    missing = missing_results(silent, finding(PAIN, silent).answer)
    assert (missing.silent, missing.set_aside) == (1, 0)
    aside = review_of(**third(included="no", reason="retracted"))
    step = publication_bias(aside, finding(PAIN, aside).answer, finding(PAIN, aside).synthesis)
    assert step.facts.endswith("1 left out with a reason")


def test_selective_reporting_is_named_and_counted_under_risk_of_bias() -> None:
    review = with_bias(review_of(), domain="selection", one="high")
    found = finding(RECOVERY, review)
    step = publication_bias(review, found.answer, found.synthesis)
    assert step.levels == 0
    share = found.synthesis.random_weights[0]
    assert f"{share:.0%} of the weight at high risk of selective reporting" in step.facts


@pytest.mark.parametrize(("studies", "levels"), [(9, 0), (10, 1)])
def test_a_funnel_is_tested_from_ten_studies_on(studies: int, levels: int) -> None:
    """Effects that grow with their standard errors: asymmetry by construction."""
    errors = [0.05 + 0.05 * i for i in range(studies)]
    wobble = [0.01 * (-1) ** i for i in range(studies)]
    estimates = [2 * e + w for e, w in zip(errors, wobble, strict=True)]
    review, answer, synthesis = case(RECOVERY, estimates, [e * e for e in errors])
    assert publication_bias(review, answer, synthesis).levels == levels
