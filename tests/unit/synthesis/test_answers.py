"""Which results of which studies answer a question, and what happens to the others."""

import math

import pytest

from osler.review.reading import parse_review
from osler.synthesis.answers import Answer, answers
from tests.unit.review.folders import ARMS, CONTRASTS, RESULTS, STUDIES, TOML, small_folder

PAIN = "rest vs usual care / leg pain"
RECOVERY = "rest vs usual care / recovery"


def asked(question: str, **changed: str | bytes | None) -> Answer:
    """The answer to one question of the small folder, changed."""
    review, _ = parse_review(small_folder(**changed))
    assert review is not None
    return answers(review)[question]


def test_counts_become_log_risk_ratios() -> None:
    answer = asked(RECOVERY)
    assert [e.label for e in answer.effects] == ["One 2001", "Two 2002"]
    assert answer.effects[0].effect.estimate == pytest.approx(math.log(2))
    assert answer.effects[0].effect.variance == pytest.approx(1 / 20 + 1 / 10 - 2 / 40)
    assert answer.effects[0].events == (20, 40, 10, 40)
    assert answer.effects[0].n == 80


def test_a_contrast_and_means_are_brought_to_one_scale() -> None:
    one, two = asked(PAIN).effects
    assert (one.effect.estimate, one.scaling) == (pytest.approx(-15), "0-10 to 0-100")
    assert math.sqrt(one.effect.variance) == pytest.approx(10 / (2 * 1.959963984540054) * 2)
    assert two.effect.estimate == pytest.approx(-10)
    assert two.effect.variance == pytest.approx(100 * (4 / 50 + 4 / 50))


def test_a_contrast_the_other_way_round_changes_its_sign() -> None:
    turned = CONTRASTS.replace("a1,a2,leg pain", "a2,a1,leg pain")
    assert asked(PAIN, contrasts_csv=turned).effects[0].effect.estimate == pytest.approx(15)


def test_an_instrument_on_which_more_is_better_changes_the_sign() -> None:
    toml = TOML.replace('better = "lower"', 'better = "higher"', 1)
    one = asked(PAIN, osler_toml=toml).effects[0]
    assert one.effect.estimate == pytest.approx(15)
    assert one.scaling.endswith("turned round")


def test_of_two_weeks_the_nearer_is_used_and_the_other_is_listed() -> None:
    more = CONTRASTS + "one,a1,a2,leg pain,NRS 0-10,6,MD,-1,,-2,0,yes\n"
    answer = asked(PAIN, contrasts_csv=more)
    assert answer.effects[0].weeks == 6
    (other,) = [left for left in answer.left_out if left.study == "one"]
    assert "week 4" in other.what
    assert other.why.startswith("not needed: leg pain, NRS 0-10, week 6")


def test_an_adjusted_contrast_goes_before_an_unadjusted_one() -> None:
    more = CONTRASTS + "one,a1,a2,leg pain,NRS 0-10,4,MD,-1,,-2,0,no\n"
    assert asked(PAIN, contrasts_csv=more).effects[0].effect.estimate == pytest.approx(-15)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("leg pain,NRS 0-10,30,MD,-1.5,,-2.5,-0.5,yes", "week 30 is outside the window"),
        ("leg pain,NRS 0-10,,MD,-1.5,,-2.5,-0.5,yes", "the time point is not reported"),
        ("leg pain,odd scale,4,MD,-1.5,,-2.5,-0.5,yes", "the range of 'odd scale' is not known"),
        ("leg pain,NRS 0-10,4,SMD,-1.5,,-2.5,-0.5,yes", "reported as SMD"),
        ("leg pain,NRS 0-10,4,MD,-1.5,,,,yes", "no standard error"),
    ],
)
def test_a_contrast_that_cannot_be_used_is_listed_with_the_reason(row: str, why: str) -> None:
    header = CONTRASTS.splitlines()[0]
    answer = asked(PAIN, contrasts_csv=f"{header}\none,a1,a2,{row}\n")
    (left,) = [left for left in answer.left_out if left.study == "one"]
    assert why in left.why
    assert left.place.file == "contrasts.csv"
    assert left.place.line == 2


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("6,,20,40", "6,,41,40", "41 events among 40 participants"),
        ("6,,20,40", "6,,,40", "the number of participants with the event is not reported"),
        ("6,,20,40", "6,,20,", "the number of participants analysed is not reported"),
        ("one,a2,recovery,,6,,10,40", "one,a2,recovery,,8,,10,40", "only one side"),
    ],
)
def test_counts_that_cannot_be_used_are_listed_with_the_reason(
    old: str, new: str, why: str
) -> None:
    answer = asked(RECOVERY, results_csv=RESULTS.replace(old, new, 1))
    assert [e.study for e in answer.effects] == ["two"]
    assert any(why in left.why for left in answer.left_out if left.study == "one")


def test_no_events_in_both_arms_says_nothing_of_a_ratio_and_is_listed() -> None:
    zero = RESULTS.replace("6,,20,40", "6,,0,40").replace("6,,10,40", "6,,0,40")
    answer = asked(RECOVERY, results_csv=zero)
    assert [e.study for e in answer.effects] == ["two"]
    (left,) = [left for left in answer.left_out if left.study == "one"]
    assert "event" in left.why


def test_one_zero_cell_is_used_with_what_was_added() -> None:
    answer = asked(RECOVERY, results_csv=RESULTS.replace("6,,10,40", "6,,0,40"))
    assert answer.effects[0].effect.added == 0.5


def test_a_study_that_is_not_included_is_listed_with_its_reason() -> None:
    studies = STUDIES.replace("yes,\ntwo", "no,not randomised\ntwo")
    answer = asked(RECOVERY, studies_csv=studies)
    assert [e.study for e in answer.effects] == ["two"]
    assert answer.left_out[0].why == "not randomised"


def test_one_study_only_is_still_an_answer() -> None:
    answer = asked(RECOVERY, studies_csv=STUDIES.splitlines()[0] + "\n" + STUDIES.splitlines()[1])
    assert answer.synthesis is not None
    assert answer.synthesis.k == 1
    assert math.isnan(answer.synthesis.random.pred_lower)


def test_means_with_their_own_intervals_need_no_group_sizes() -> None:
    header = "study,arm,outcome,instrument,weeks,value,n,mean,ci_lower,ci_upper"
    rows = [
        "two,a1,leg pain,NRS 0-10,6,change,,-2.0,-2.392,-1.608",
        "two,a2,leg pain,NRS 0-10,6,change,,-1.0,-1.588,-0.412",
    ]
    two = asked(PAIN, results_csv="\n".join([header, *rows])).effects[-1]
    assert two.effect.estimate == pytest.approx(-10)
    # SE 0.2 and 0.3 on 0-10: variance 100 * (0.04 + 0.09)
    assert two.effect.variance == pytest.approx(13, rel=1e-3)


def test_two_arms_of_the_same_treatment_are_put_together() -> None:
    arms = ARMS + "one,a3,rest,20\n"
    results = RESULTS + "one,a3,recovery,,6,,5,20,,,https://example.org/1\n"
    one = asked(RECOVERY, arms_csv=arms, results_csv=results).effects[0]
    assert one.events == (25, 60, 10, 40)


def test_nothing_is_lost() -> None:
    """Every row of an included study is used or listed for the question it belongs to."""
    more = CONTRASTS + "two,a1,a2,leg pain,NRS 0-10,8,MD,-1,,-2,0,yes\n"
    answer = asked(PAIN, contrasts_csv=more)
    places = {place.line for e in answer.effects for place in e.places if "contrasts" in place.file}
    listed = {left.place.line for left in answer.left_out if "contrasts" in left.place.file}
    assert places | listed == {2, 3}


@pytest.mark.parametrize(
    ("numbers", "code"),
    [("-1.5,0,,", "EFF031"), ("-1.5,1e-200,,", "SYN003"), ("-1.5,1e200,,", "SYN004")],
)
def test_numbers_that_cannot_be_weighed_leave_the_study_out_by_name(
    numbers: str, code: str
) -> None:
    row = "one,a1,a2,leg pain,NRS 0-10,4,MD,"
    contrasts = CONTRASTS.replace(f"{row}-1.5,,-2.5,-0.5", f"{row}{numbers}")
    answer = asked(PAIN, contrasts_csv=contrasts)
    (left_out,) = answer.left_out
    assert [e.label for e in answer.effects] == ["Two 2002"]
    assert [(d.code, d.place.file, d.place.line) for d in left_out.diagnostics] == [
        (code, "contrasts.csv", 2)
    ]


@pytest.mark.parametrize("moments", ["1e200,1e200", "3.0,1e200", "3.0,1e-200"])
@pytest.mark.parametrize("measure", ["MD", "SMD"])
def test_numbers_beyond_computing_never_raise(moments: str, measure: str) -> None:
    answer = asked(
        PAIN,
        results_csv=RESULTS.replace("50,3.0,2.0", f"50,{moments}").replace(
            "50,4.0,2.0", "50,4,1e-200"
        ),
        osler_toml=TOML.replace('measure = "MD"', f'measure = "{measure}"'),
    )
    assert "Two 2002" in {row.label for row in answer.left_out}
