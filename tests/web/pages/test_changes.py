"""What changed between two versions, in words."""

from hypothesis import given
from hypothesis import strategies as st

from osler.web.pages.changes import compare

ANSWER = {
    "lead": "10 in 100 instead of 20 in 100",
    "rest": "95% confidence interval 5 to 15 in 100; low certainty",
    "statement": "",
    "estimate": -0.7,
    "lower": -1.4,
    "upper": -0.2,
    "trials": ["One 2001", "Two 2002"],
    "people": 200,
    "level": 2,
    "certainty": "low",
    "why": ["imprecision", "risk of bias"],
}


def changed(**changes):
    return compare({"pain": ANSWER}, [], {"pain": ANSWER | changes}, [])


def test_nothing():
    assert changed().in_short == "Nothing in its numbers, their certainty or its wording."


def test_a_number_with_the_trials_that_came_and_went():
    told = changed(lead="8 in 100", trials=["Two 2002", "Three 2003"]).numbers[0]
    assert "was 10 in 100 instead of 20 in 100" in told and "is now 8 in 100" in told
    assert "Trials added: Three 2003." in told and "no longer counted: One 2001." in told


def test_a_result_outside_the_old_interval_is_told():
    outside = "lies outside the interval given before"
    assert outside in changed(lead="x", estimate=0.1).numbers[0]
    assert outside not in changed(lead="x", estimate=-0.3).numbers[0]


def test_certainty_with_its_reasons_and_not_among_the_numbers():
    found = changed(
        level=3,
        certainty="moderate",
        why=["risk of bias"],
        rest="95% confidence interval 5 to 15 in 100; moderate certainty",
    )
    assert found.numbers == ()
    assert found.certainty == (
        "pain: certainty raised from low to moderate (no longer counted: imprecision).",
    )
    assert changed(why=["inconsistency", "risk of bias"]).certainty == (
        "pain: certainty still low (now counted: inconsistency; no longer counted: imprecision).",
    )


def test_results_that_came_and_went():
    assert "new on the page" in compare({}, [], {"pain": ANSWER}, []).numbers[0]
    assert "no longer on the page" in compare({"pain": ANSWER}, [], {}, []).numbers[0]


SENTENCES = st.lists(st.sampled_from(["a b c", "a d c", "e", "f g"]), max_size=6)


@given(SENTENCES, SENTENCES)
def test_the_words_put_in_and_taken_out_make_one_text_of_the_other(old, new):
    found = compare({}, old, {}, new).wording
    assert bool(found) == (old != new)
    count = {"taken out": 0, "put in": 0, "same": 0}
    for passage in (p for place in found for p in place.passages):
        count[passage.way] += len(passage.text.split())
    before, after = len(" ".join(old).split()), len(" ".join(new).split())
    assert after - before == count["put in"] - count["taken out"]
