from collections import Counter

import pytest

from osler.core.diagnostics import DataError
from osler.records.screening.sharing import Team, hand_over, queue, share_out, without_enough
from tests.unit.records.screening.decisions import decisions

KEYS = [f"r{i}" for i in range(100)]
THREE = Team({"one": 1, "two": 1, "three": 1})


def loads(shares: dict[str, tuple[str, ...]]) -> Counter[str]:
    return Counter(who for reviewers in shares.values() for who in reviewers)


def test_every_record_has_two_different_reviewers_and_all_do_alike() -> None:
    shares = share_out(KEYS, THREE, seed=1)
    assert list(shares) == KEYS
    assert all(len(set(who)) == 2 for who in shares.values())
    assert max(loads(shares).values()) - min(loads(shares).values()) <= 1
    pairs = Counter(frozenset(who) for who in shares.values())
    assert max(pairs.values()) - min(pairs.values()) <= 2


def test_weights_are_kept() -> None:
    team = Team({"one": 2, "two": 1, "three": 1}, per_record=1)
    assert loads(share_out(KEYS, team, seed=1)) == {"one": 50, "two": 25, "three": 25}


def test_every_record_gets_as_many_as_it_needs() -> None:
    for needed in (1, 2, 3):
        shares = share_out(KEYS, Team(THREE.weights, needed), seed=1)
        assert {len(set(who)) for who in shares.values()} == {needed}


def test_same_seed_same_shares() -> None:
    assert share_out(KEYS, THREE, seed=1) == share_out(KEYS, THREE, seed=1)
    assert share_out(KEYS, THREE, seed=1) != share_out(KEYS, THREE, seed=2)


def test_new_records_leave_old_shares_alone() -> None:
    old = share_out(KEYS, THREE, seed=1)
    both = share_out([*KEYS, "new1", "new2"], THREE, seed=9, before=old)
    assert {key: both[key] for key in KEYS} == old
    assert len(both["new1"]) == 2


def test_what_a_reviewer_left_undone_goes_to_the_others() -> None:
    shares = share_out(KEYS, THREE, seed=1)
    done = [key for key, who in shares.items() if "one" in who][:10]
    told = decisions(*(f"{key} one include" for key in done))
    after = hand_over(shares, told, "one", THREE)
    assert all("one" in after[key] for key in done)
    assert all("one" not in who for key, who in after.items() if key not in done)
    assert without_enough(after, 2) == ()
    assert all(len(set(who)) == 2 for who in after.values())


def test_nobody_left_to_take_over_is_told() -> None:
    team = Team({"one": 1, "two": 1})
    after = hand_over({"a": ("one", "two")}, [], "two", team)
    assert after == {"a": ("one",)}
    assert without_enough(after, 2) == ("a",)


def test_queue_is_blind_and_leaves_out_what_is_done() -> None:
    shares = {"a": ("one", "two"), "b": ("one", "two"), "c": ("two",), "d": ("one", "two")}
    told = decisions("a two exclude", "b one include", "d both include consensus")
    assert queue(["d", "c", "b", "a"], shares, told, "one") == ("a",)
    assert queue(["d", "c", "b", "a"], shares, told, "two") == ("c", "b")


@pytest.mark.parametrize(
    "team",
    [
        Team({"one": 1}),
        Team({}),
        Team({"one": 1, "two": 0}),
        Team({"one": 1, "two": float("nan")}),
        Team({"one": 1, "two": 1}, per_record=0),
    ],
)
def test_impossible_teams(team: Team) -> None:
    with pytest.raises(DataError) as raised:
        share_out(KEYS, team, seed=1)
    assert raised.value.diagnostics[0].code == "REC052"
