"""What holds for any decisions, texts, teams and samples."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.records.model import Decision, Stage, Verdict
from osler.records.screening.agreement import agreement
from osler.records.screening.auditing import audit
from osler.records.screening.certificates import certify, read_certificate, verify
from osler.records.screening.highlighting import Highlighter, Side, Term
from osler.records.screening.progress import curve, progress
from osler.records.screening.sharing import Team, hand_over, share_out
from osler.records.screening.stopping import (
    chance_of_run,
    first_stop,
    hypergeometric_risk,
    recall_so_far,
    risk_of_missing,
)

KEYS = [f"r{i}" for i in range(8)]
NAMES = ["one", "two", "three"]
ROLES = ["reviewer", "reviewer", "reviewer", "consensus", "third reviewer", "imported"]
decided = st.builds(
    Decision,
    record=st.sampled_from(KEYS),
    stage=st.sampled_from(Stage),
    verdict=st.sampled_from(Verdict),
    who=st.sampled_from(NAMES),
    when=st.just("2026-01-05T10:00:00Z"),
    role=st.sampled_from(ROLES),
)
histories = st.lists(decided, max_size=40)
votes = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["include", "exclude"])), max_size=30
)
answers = st.lists(st.booleans(), max_size=60)


@given(histories)
def test_progress_always_adds_up(history: list[Decision]) -> None:
    told = progress(history, KEYS, reviewers=2)
    parts = (told.included, told.excluded, told.maybe, told.conflict, told.open)
    assert sum(parts) == told.total == len(KEYS)
    assert min(parts) >= 0


@given(histories)
def test_the_curve_climbs_by_one_or_not_at_all(history: list[Decision]) -> None:
    points = curve(history)
    for before, after in pairwise(points):
        assert after.screened == before.screened + 1
        assert after.found - before.found in (0, 1)


@given(histories, st.lists(decided, max_size=5))
def test_a_certificate_of_any_history_is_read_again_and_holds(
    history: list[Decision], later: list[Decision]
) -> None:
    made = certify(history, KEYS, today="2026-01-05")
    assert read_certificate(made.as_toml()) == made
    assert verify(made, history, KEYS) == ()
    assert {d.code for d in verify(made, history + later, KEYS)} <= {"REC059"}


@given(votes)
def test_agreement_lies_within_its_interval_and_ignores_names(rows: list[dict[str, str]]) -> None:
    told = agreement(rows)
    for each in (told.percent, told.kappa, told.ac1):
        if each.estimate is not None and each.ci_lower is not None and each.ci_upper is not None:
            assert each.ci_lower - 1e-9 <= each.estimate <= each.ci_upper + 1e-9
    swap = {"one": "three", "two": "one", "three": "two"}
    turned = agreement([{swap[who]: vote for who, vote in row.items()} for row in rows])
    assert told.percent == turned.percent
    assert told.ac1 == turned.ac1


@given(st.integers(1, 200), st.data())
def test_a_longer_run_or_more_missing_is_a_greater_surprise(
    unread: int, data: st.DataObject
) -> None:
    missing = data.draw(st.integers(1, unread))
    run = data.draw(st.integers(0, unread - 1))
    chance = chance_of_run(unread, missing, run)
    assert 0 <= chance_of_run(unread, missing, run + 1) <= chance <= 1
    assert chance_of_run(unread, min(missing + 1, unread), run) <= chance + 1e-12
    assert chance_of_run(unread, missing, run, lift=2) <= chance + 1e-12


@given(answers, st.integers(0, 60))
def test_the_bound_on_recall_is_ordered(found: list[bool], unread: int) -> None:
    told = recall_so_far(found, len(found) + unread)
    assert 0 <= told.ci_lower <= told.estimate <= told.ci_upper == 1
    assert 0 <= hypergeometric_risk(found, len(found) + unread) <= 1


@given(answers, st.integers(0, 60))
def test_stopping_later_stays_permitted_without_a_find(found: list[bool], unread: int) -> None:
    total = len(found) + unread
    if unread and risk_of_missing(found, total).reached:
        assert risk_of_missing([*found, False], total).reached
    assert 0 <= first_stop(found, total) <= total


@given(st.integers(0, 80), st.data())
def test_an_audit_never_rules_out_what_it_saw(pool: int, data: st.DataObject) -> None:
    sampled = data.draw(st.integers(0, pool))
    found = data.draw(st.integers(0, sampled))
    told = audit(pool, sampled, found)
    assert found <= told.most <= pool - (sampled - found)
    if sampled < pool and found == 0:
        assert audit(pool, sampled + 1, 0).most <= told.most


@given(st.text(max_size=80), st.lists(st.text(max_size=8), max_size=5))
def test_pieces_are_the_text(text: str, words: list[str]) -> None:
    terms = [Term(word, Side.IN if at % 2 else Side.OUT) for at, word in enumerate(words)]
    highlighter = Highlighter([*terms, *(Term(word, Side.IN) for word in text.split()[:2])])
    assert "".join(piece.text for piece in highlighter.pieces(text)) == text
    marks = highlighter.marks(text)
    for before, after in pairwise(marks):
        assert before.start < before.end <= after.start < after.end


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(KEYS), max_size=12),
    st.lists(st.floats(0.1, 5), min_size=2, max_size=3),
    st.integers(0, 99),
    histories,
)
def test_shares_are_whole_and_survive_a_leaver(
    keys: list[str], weights: list[float], seed: int, history: list[Decision]
) -> None:
    team = Team(dict(zip(NAMES, weights, strict=False)))
    shares = share_out(keys, team, seed=seed)
    assert set(shares) == set(keys)
    assert all(len(set(who)) == 2 for who in shares.values())
    after = hand_over(shares, history, "one", team)
    assert set(after) == set(shares)
    assert all(len(set(who)) == len(who) for who in after.values())
