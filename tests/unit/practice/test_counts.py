"""Changes, unwanted effects, runs and control groups."""

import math

import pytest

from osler.core.diagnostics import Place
from osler.practice.audit import audit, ends_of
from osler.practice.benchmark import benchmark
from osler.practice.runs import run_chart
from osler.practice.safety import unwanted_effects
from osler.practice.telling import (
    describe_benchmark,
    describe_change,
    describe_ends,
    describe_unwanted,
    describe_waiting,
)
from osler.review.model import Episode, Score
from osler.review.reading import parse_practice, parse_review

NOWHERE = Place("practice.csv")


def episode(number, recovered=None, *, started="", ended="", sessions=5, unwanted="", **measured):
    return Episode(
        f"E{number}", started, "sciatica", "acupuncture", sessions,
        measured.get("measure", ""), measured.get("baseline"), measured.get("last"),
        recovered, ended, NOWHERE, unwanted,
    )  # fmt: skip


def score(number, measure, session, value):
    return Score(f"E{number}", measure, session, value, NOWHERE)


def test_everybody_is_in_one_end():
    rows = [
        episode(1, True, ended="recovered"),
        episode(2, False, ended="no benefit"),
        episode(3, None, ended="did not return"),
        episode(4, None, ended="unknown"),
        episode(5, None, ended="continues"),
    ]
    ends = ends_of(rows)
    assert (ends.started, ends.finished, ends.stopped, ends.continuing) == (5, 2, 2, 1)
    assert describe_ends(audit(rows)) == (
        "5 people began: 2 finished, 2 stopped coming, 1 still comes; of 2 the outcome is known."
    )


def test_who_was_never_asked_is_missing():
    rows = [episode(n) for n in range(4)]
    scores = [
        score(0, "pain 0-10", 0, 8), score(0, "pain 0-10", 4, 3),
        score(1, "pain 0-10", 0, 7), score(1, "pain 0-10", 6, 6),
        score(2, "pain 0-10", 0, 9), score(2, "pain 0-10", 6, None),
    ]  # fmt: skip
    change = audit(rows, scores=scores).changes[0]
    assert (change.n, change.missing) == (2, 2)
    assert (change.improved.count, change.improved.share.worst, change.improved.share.best) == (
        1, 0.25, 0.75,
    )  # fmt: skip


def test_the_interval_of_the_change_is_the_paired_t():
    # R 4.2.2: t.test(c(2, 3, 1, 6, 4), c(7, 5, 6, 8, 9), paired = TRUE)
    #          mean -3.8, 95% -5.840262 to -1.759738
    before, after = [7, 5, 6, 8, 9], [2, 3, 1, 6, 4]
    rows = [
        episode(n, measure="x 0-10", baseline=b, last=a)
        for n, (b, a) in enumerate(zip(before, after, strict=True))
    ]
    change = audit(rows).changes[0]
    assert change.difference == pytest.approx(-3.8)
    assert change.ci_lower == pytest.approx(-5.840262142, abs=5e-9)
    assert change.ci_upper == pytest.approx(-1.759737858, abs=5e-9)
    assert change.improved is None


def test_a_global_impression_needs_no_baseline():
    rows = [episode(n) for n in range(3)]
    scores = [score(n, "global impression of change 1-7", 5, n + 1) for n in range(3)]
    change = audit(rows, scores=scores).changes[0]
    assert math.isnan(change.baseline)
    assert change.improved.count == 2
    assert '"very much better" or "much better"' in describe_change(change)


def test_scores_of_other_people_are_passed_over():
    assert audit([episode(1)], scores=[score(2, "pain 0-10", 0, 1)]).changes == ()


def test_nothing_serious_in_thirty_leaves_one_in_ten_possible():
    rows = [episode(n, unwanted="none") for n in range(30)]
    found = unwanted_effects(rows)
    # 1 - 0.05^(1/30); Hanley and Lippman-Hand's 3/n is 0.1
    assert found.none_upper == pytest.approx(0.0950, abs=5e-5)
    # R 4.2.2: binom.test(0, 30)$conf.int[2]
    assert found.serious_upper == pytest.approx(0.1157033082, abs=5e-11)
    assert "1 in 11" in describe_unwanted(audit(rows))


def test_a_serious_effect_is_told_and_has_no_rule_of_three():
    rows = [episode(1, unwanted="serious"), episode(2, unwanted="minor"), episode(3)]
    found = unwanted_effects(rows)
    assert (found.asked, found.missing, found.minor, found.serious) == (2, 1, 1, 1)
    assert math.isnan(found.none_upper)
    assert "1 of them a serious one. 1 was not asked." in describe_unwanted(audit(rows))
    assert "nothing can be said" in describe_unwanted(audit([episode(3)]))


def test_stopping_is_not_recovering():
    rows = [
        episode(1, True, sessions=3, ended="recovered"),
        episode(2, None, sessions=2, ended="did not return"),
        episode(3, None, sessions=9, ended="continues"),
        episode(4, False, sessions=5, ended="no benefit"),
    ]
    found = audit(rows).waiting
    assert found.by(10)[0] == pytest.approx(0.25)
    assert found.by(10, 1)[0] == pytest.approx(0.5)
    assert describe_waiting(audit(rows), 10).startswith("Within 10 sessions, 25% had recovered")


def quarters(shares):
    for number, share in enumerate(shares):
        year, quarter = 2020 + number // 4, number % 4
        for n in range(10):
            yield episode(f"{number}-{n}", n < share * 10, started=f"{year}-{quarter * 3 + 1:02}")


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.3, 0.5, 0.3, 0.5, 0.3, 0.5, 0.3, 0.5, 0.3, 0.5], None),
        ([0.3, 0.4, 0.3, 0.4, 0.3, 0.4, 0.8, 0.7, 0.8, 0.7, 0.8, 0.7], "6 quarters in a row lie"),
        ([0.5, 0.3, 0.5, 0.1, 0.2, 0.3, 0.4, 0.6, 0.2, 0.5, 0.2], "5 quarters in a row go"),
        ([0.1, 0.1, 0.1, 0.9, 0.9, 0.9], None),
    ],
)
def test_signals_are_those_of_the_rules(shares, said):
    signals = run_chart(list(quarters(shares))).signals
    if said is None:
        assert signals == ()
    else:
        assert any(said in signal for signal in signals)


def test_a_quarter_without_anybody_is_shown():
    rows = [episode(1, True, started="2024-01"), episode(2, True, started="2024-11")]
    assert [p.label for p in run_chart(rows).points] == [f"2024 Q{n}" for n in (1, 2, 3, 4)]
    assert run_chart([episode(1, True)]) is None


FOLDER = {
    "osler.toml": b"""
format = 1
title = "T"
condition = "sciatica"
population = "adults"
[[treatments]]
name = "a"
[[treatments]]
name = "sham"
role = "inactive"
[[outcomes]]
name = "better"
kind = "binary"
measure = "RR"
better = "higher"
accepts = ["better"]
[[comparisons]]
name = "a vs sham"
intervention = "a"
comparator = "sham"
""",
    "studies.csv": (
        b"id,label,year,design,included\ns1,One 2020,2020,RCT,yes\ns2,Two 2021,2021,RCT,yes\n"
    ),
    "arms.csv": b"study,arm,treatment,n\ns1,1,a,20\ns1,2,sham,20\ns2,1,a,30\ns2,2,sham,40\n",
    "results.csv": (
        b"study,arm,outcome,weeks,events,n\ns1,1,better,4,15,20\ns1,2,better,4,6,20\n"
        b"s1,2,better,12,10,20\ns2,1,better,8,20,30\ns2,2,better,8,10,40\n"
    ),
}


def test_control_groups_stand_beside_the_clinic():
    review, _ = parse_review(FOLDER)
    found = benchmark(review, "better")
    # the later of two times in the first trial
    assert (found.trials, found.people, found.lowest, found.highest) == (2, 60, 0.25, 0.5)
    assert (found.first_week, found.last_week) == (8, 12)
    assert "between 25% and 50%" in describe_benchmark(found)


def test_a_score_of_nobody_is_named():
    files = {
        "practice.csv": b"id,condition,recovered,unwanted\nE1,sciatica,yes,none\n",
        "practice_scores.csv": b"id,measure,session,score\nE2,pain 0-10,0,7\n",
    }
    episodes, scores, found = parse_practice(files)
    assert [(d.code, d.place.file, d.place.line) for d in found] == [
        ("PRA003", "practice_scores.csv", 2)
    ]
    assert audit(episodes, scores=scores).changes == ()
    assert episodes[0].unwanted == "none"
