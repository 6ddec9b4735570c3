from osler.records.model import Decision, Stage, Verdict
from osler.records.screening.progress import conflicts, curve, found_in_order, progress
from osler.records.screening.standing import State, relevant, standings
from tests.unit.records.screening.decisions import decisions


def state(*lines: str, reviewers: int = 1) -> State:
    return standings(decisions(*lines))["a"].state(reviewers)


def test_one_reviewer_decides_alone() -> None:
    assert state("a one include") is State.INCLUDED
    assert state("a one maybe") is State.MAYBE
    assert state("a one exclude") is State.EXCLUDED


def test_two_reviewers_have_to_agree() -> None:
    assert state("a one include", reviewers=2) is State.OPEN
    assert state("a one include", "a two include", reviewers=2) is State.INCLUDED
    assert state("a one include", "a two maybe", reviewers=2) is State.INCLUDED
    assert state("a one maybe", "a two maybe", reviewers=2) is State.MAYBE
    assert state("a one maybe", "a two exclude", reviewers=2) is State.CONFLICT


def test_the_newest_word_counts_and_may_be_taken_back() -> None:
    assert state("a one include", "a one exclude") is State.EXCLUDED
    assert state("a one include", "a one undecided") is State.OPEN


def test_a_consensus_settles_and_may_be_taken_back() -> None:
    votes = ("a one include", "a two exclude")
    settled = (*votes, "a both exclude consensus")
    assert state(*settled, reviewers=2) is State.EXCLUDED
    assert state(*settled, "a both undecided consensus", reviewers=2) is State.CONFLICT
    assert state(*votes, "a three include third reviewer", reviewers=2) is State.INCLUDED


def test_stages_do_not_mix() -> None:
    full = Decision("a", Stage.FULL_TEXT, Verdict.EXCLUDE, "one", "2026-01-06T10:00:00Z")
    told = [*decisions("a one include"), full]
    assert standings(told)["a"].state() is State.INCLUDED
    assert standings(told, Stage.FULL_TEXT)["a"].state() is State.EXCLUDED


def test_conflicts_count_as_relevant_until_settled() -> None:
    votes = decisions("a one include", "a two exclude")
    assert relevant(votes) == {"a": True}
    assert [c.record for c in conflicts(votes)] == ["a"]
    settled = [*votes, *decisions("a both exclude", role="consensus")]
    assert relevant(settled) == {"a": False}
    assert conflicts(settled) == ()


def test_progress_adds_up() -> None:
    told = decisions(
        *("a one include", "a two include", "b one include", "b two exclude"),
        *("c one exclude", "c two exclude", "d one maybe", "d two maybe", "e one include"),
    )
    counts = progress(told, ["a", "b", "c", "d", "e", "f"], reviewers=2)
    states = (counts.included, counts.excluded, counts.maybe, counts.conflict, counts.open)
    assert states == (1, 1, 1, 1, 2)
    assert sum(states) == counts.total == 6
    assert counts.decided == 4


def test_lately_looks_at_the_newest() -> None:
    told = decisions(*(f"r{i} one {'include' if i < 5 else 'exclude'}" for i in range(60)))
    counts = progress(told, [f"r{i}" for i in range(80)], lately=57)
    assert (counts.lately, counts.finds_lately) == (57, 2)


def test_curve_follows_the_first_decision_of_each_record() -> None:
    told = decisions("b one exclude", "a one include", "b one include", "x one include")
    assert found_in_order(told, records=["a", "b"]) == (True, True)
    points = [(p.screened, p.found) for p in curve(told, records=["a", "b"])]
    assert points == [(0, 0), (1, 1), (2, 2)]
    assert [p.screened for p in curve([])] == [0]


def test_a_find_that_somebody_came_back_for_counts_when_it_was_found() -> None:
    told = decisions("a one exclude", "b one exclude", "a one include", "c one include")
    assert list(standings(told)) == ["b", "a", "c"]
    changed = decisions("c one include", "d one exclude", "c one exclude")
    assert list(standings(changed)) == ["c", "d"]
