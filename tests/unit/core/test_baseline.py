"""Findings known from before: by words, counted, in a file that is always the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.baseline import (
    Baseline,
    baseline_of,
    changes,
    compare,
    gone,
    key_of,
    read_baseline,
    write_baseline,
)
from osler.core.diagnostics import Diagnostic, Place, Severity

A = ("a.md", "CLM006", "", "", "It cures.")
B = ("b.csv", "EFF030", "", "estimate", "a,b")
KEYS = st.lists(
    st.sampled_from([A, B, ("a.md", "CAP001", "uk-cap/x", "", "É\n\u2028")]), max_size=9
)


@given(KEYS)
def test_what_is_written_is_read_again(keys: list[tuple[str, str, str, str, str]]) -> None:
    baseline = baseline_of(keys)
    text = write_baseline(baseline)
    assert read_baseline(text.encode(), "x") == (baseline, ())
    assert write_baseline(baseline_of(reversed(keys))) == text


@given(KEYS, KEYS)
def test_known_new_and_gone_add_up(
    before: list[tuple[str, str, str, str, str]], now: list[tuple[str, str, str, str, str]]
) -> None:
    compared = compare(now, baseline_of(before))
    known = sum(compared.known)
    assert len(before) == known + sum(compared.gone.values())
    new, lost = changes(baseline_of(before), baseline_of(now))
    assert (new, lost) == (len(now) - known, sum(compared.gone.values()))


def test_of_more_than_is_known_the_last_are_new() -> None:
    assert compare([A, B, A, A], baseline_of([A, A])).known == (True, False, True, False)


def test_lines_make_no_difference_and_words_do() -> None:
    here = Diagnostic("CLM006", Severity.ERROR, Place("a.md", 3), "m")
    there = Diagnostic("CLM006", Severity.ERROR, Place("a.md", 99), "m")
    assert key_of(here, "It  cures.", "a.md") == key_of(there, "It\ncures.", "a.md") == A
    assert key_of(here, "It heals.", "a.md") != A


def test_the_file_is_one_finding_a_line() -> None:
    text = write_baseline(baseline_of([A, A, B]))
    assert json.loads(text)["findings"] == [
        {"file": "a.md", "code": "CLM006", "text": "It cures.", "count": 2},
        {"file": "b.csv", "code": "EFF030", "field": "estimate", "text": "a,b"},
    ]
    assert sum("CLM006" in line for line in text.splitlines()) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"version": 2, "findings": []}',
        b'{"version": 1, "findings": [1]}',
        b'{"version": 1, "findings": {"a": 1}}',
        b'{"version": 1, "findings": [{"file": "a", "code": "CLM006"}]}',
        b'{"version": 1, "findings": [{"file": "a", "code": 6, "text": "x"}]}',
        b'{"version": 1, "findings": [{"file": "a", "code": "C", "text": "x", "count": 0}]}',
        b'{"version": 1, "findings": [{"file": "a", "code": "C", "text": "x", "count": true}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_baseline_is_an_error_and_knows_nothing(data: bytes) -> None:
    baseline, (problem,) = read_baseline(data, "osler-baseline.json")
    assert (baseline.total, problem.code, problem.severity) == (0, "BAS002", Severity.ERROR)
    assert problem.found


def test_what_has_gone_is_told_in_one_note() -> None:
    many = {("a.md", "CLM006", "", "", f"Sentence {n}."): 1 for n in range(9)}
    (note,) = gone(many, "osler-baseline.json")
    assert (note.code, note.is_finding) == ("BAS001", False)
    assert note.message == "9 known findings have gone"
    assert "and 4 more" in note.found
    assert gone({}, "x") == ()


def test_a_baseline_knows_how_many() -> None:
    assert Baseline({A: 2, B: 1}).total == 3
