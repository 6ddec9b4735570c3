"""The audit bounds what is missing, and says nothing that it did not count."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.diagnostics import Place
from osler.practice.audit import (
    NO_COMPARISON,
    REGRESSION,
    audit,
    episodes_about,
    median_time,
    names_of_episodes,
    recovered_within,
    share_of,
)
from osler.practice.telling import describe, describe_sessions
from osler.review.model import Episode


def episode(
    number: int,
    recovered: bool | None,
    *,
    sessions: int | None = 5,
    measure: str = "",
    baseline: float | None = None,
    last: float | None = None,
    condition: str = "sciatica",
    treatment: str = "acupuncture",
    ended: str = "",
) -> Episode:
    return Episode(
        f"E{number}", "2025-01", condition, treatment, sessions, measure, baseline, last,
        recovered, ended, Place("practice.csv"),
    )  # fmt: skip


def episodes(yes: int, no: int, unknown: int) -> list[Episode]:
    ends = [True] * yes + [False] * no + [None] * unknown
    return [episode(n, end) for n, end in enumerate(ends)]


def test_the_missing_bound_the_share() -> None:
    share = audit(episodes(12, 3, 5)).share
    assert (share.recovered, share.known, share.everybody, share.missing) == (12, 15, 20, 5)
    assert (share.proportion, share.worst, share.best) == (0.8, 0.6, 0.85)


def test_wilson_equals_r_prop_test() -> None:
    # R 4.3: prop.test(12, 15, correct = FALSE)$conf.int
    share = share_of(episodes(12, 3, 0))
    assert share.ci_lower == pytest.approx(0.5481, abs=5e-5)
    assert share.ci_upper == pytest.approx(0.9295, abs=5e-5)


def test_nobody_answered() -> None:
    share = audit(episodes(0, 0, 4)).share
    assert math.isnan(share.proportion)
    assert (share.worst, share.best, share.ci_lower, share.ci_upper) == (0.0, 1.0, 0.0, 1.0)


def test_no_episode_is_no_audit() -> None:
    with pytest.raises(ValueError, match="at least one"):
        audit([])


def test_sessions_of_those_who_recovered_and_of_everybody() -> None:
    rows = [episode(n, True, sessions=n + 1) for n in range(4)]
    rows += [episode(9, False, sessions=8), episode(10, None, sessions=None)]
    sessions = audit(rows).sessions
    assert sessions is not None
    assert (sessions.n, sessions.median) == (4, 2.5)
    # Five with known sessions: after the third event 2 of 5 are still waiting.
    assert sessions.product_limit == 3.0


def test_no_recovery_no_sessions() -> None:
    assert audit(episodes(0, 3, 0)).sessions is None
    assert describe_sessions(audit(episodes(0, 3, 0))) == ""


def test_the_product_limit_of_a_textbook_sample() -> None:
    # Freireich's 6-MP group (Kaplan-Meier median 23 weeks), as in Cox & Oakes (1984), table 1.1.
    times = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    events = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    assert median_time(times, [bool(e) for e in events]) == 23.0


def test_recovered_by_then_counts_the_missing_both_ways() -> None:
    rows = [episode(1, True, sessions=3), episode(2, True, sessions=9), episode(3, None)]
    rows.append(episode(4, True, sessions=None))
    assert recovered_within(rows, 5) == (0.25, 0.75)


def test_changes_leave_out_pairs_that_are_not_there_and_say_so() -> None:
    rows = [
        episode(1, True, measure="pain", baseline=8, last=2),
        episode(2, None, measure="pain", baseline=6, last=None),
    ]
    result = audit(rows)
    (change,) = result.changes
    assert (change.n, change.missing, change.baseline, change.last) == (1, 1, 8, 2)
    assert result.cautions == (NO_COMPARISON, REGRESSION)
    assert audit(episodes(1, 1, 1)).cautions == (NO_COMPARISON,)


def test_those_who_still_come_are_missing() -> None:
    rows = [episode(1, True), episode(2, None, ended="continues")]
    result = audit(rows)
    assert result.continuing == 1
    assert result.share.missing == 1


def test_episodes_by_condition_and_treatment() -> None:
    rows = [
        episode(1, True),
        episode(2, True, treatment="exercise"),
        episode(3, True, condition="x"),
    ]
    assert len(episodes_about(rows, "Sciatica")) == 2
    assert len(episodes_about(rows, "sciatica / exercise")) == 1
    assert episodes_about(rows, "migraine") == ()
    assert names_of_episodes(rows)[:2] == ("sciatica", "x")


def test_it_is_told_with_its_missing() -> None:
    assert describe(audit(episodes(6, 2, 2))) == (
        "Of 10 people, 6 recovered, 2 did not, and of 2 we do not know; "
        "so at least 60% and at most 80% recovered."
    )
    assert (
        describe(audit(episodes(6, 4, 0)))
        == "Of 10 people, 6 recovered, 4 did not (60% recovered)."
    )


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_bounds_hold_whatever_became_of_the_missing(yes: int, no: int, unknown: int) -> None:
    if yes + no + unknown == 0:
        return
    share = share_of(episodes(yes, no, unknown))
    for recovered in range(unknown + 1):
        truth = (yes + recovered) / (yes + no + unknown)
        assert share.worst - 1e-12 <= truth <= share.best + 1e-12
    if yes + no:
        assert share.ci_lower - 1e-12 <= share.proportion <= share.ci_upper + 1e-12
        assert share.worst - 1e-12 <= share.proportion <= share.best + 1e-12


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_the_median_does_not_depend_on_the_order(rows: list[tuple[int, bool]]) -> None:
    times, events = [float(t) for t, _ in rows], [e for _, e in rows]
    back = median_time(times[::-1], events[::-1])
    assert median_time(times, events) == back
    if back is not None:
        assert back in times
