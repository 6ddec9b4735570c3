"""What the protocol is given, from a document and a position alone."""

from collections.abc import Sequence
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from osler.certainty.model import Evidence
from osler.claims.alone import no_review
from osler.cli.language_server import command
from osler.cli.language_server.answers import (
    completions_at,
    diagnostic_of,
    escaped,
    fixes_in,
)
from osler.cli.language_server.command import language_server_command
from osler.cli.language_server.documents import Document, check_by_itself
from osler.cli.language_server.places import characters, column_at, position, range_of, units
from osler.core.diagnostics import Diagnostic, Fix, Place, Severity

ENCODINGS = ("utf-8", "utf-16", "utf-32")
LINES = ["It 😀 cures all."]


def document(*found: Diagnostic) -> Document:
    return Document(None, (), found, no_review(), Evidence({}, {}))


def cures(fix: Fix | None = None) -> Diagnostic:
    place = Place("a.md", 1, 6, 11, "", LINES[0])
    return Diagnostic("CLM006", Severity.ERROR, place, "no trial", help="say less", fix=fix)


@given(st.text(max_size=30), st.integers(0, 40), st.sampled_from(ENCODINGS))
def test_counting_there_and_back_gives_the_same_column(text: str, at: int, encoding: str) -> None:
    at = min(at, len(text))
    assert characters(text, units(text[:at], encoding), encoding) == at


@given(st.text(max_size=30), st.integers(-2, 99), st.integers(-2, 99))
def test_a_position_is_always_inside_the_document(text: str, line: int, column: int) -> None:
    lines = text.split("\n")
    at = position(lines, line, column, "utf-16")
    assert 0 <= at.line < len(lines)
    assert 0 <= at.character <= units(lines[at.line], "utf-16")


@pytest.mark.parametrize(("encoding", "start"), [("utf-8", 8), ("utf-16", 6), ("utf-32", 5)])
def test_a_range_is_counted_in_the_units_asked_for(encoding: str, start: int) -> None:
    found = range_of(cures().place, LINES, encoding)
    assert (found.start.character, found.end.character) == (start, start + 5)
    assert column_at(LINES, found.start, encoding) == (1, 6)


def test_a_place_without_an_end_is_a_word() -> None:
    found = range_of(Place("a.md", 1, 6), LINES, "utf-32")
    assert (found.start.character, found.end.character) == (5, 10)


@pytest.mark.parametrize(
    ("severity", "shown"),
    [
        (Severity.ERROR, types.DiagnosticSeverity.Error),
        (Severity.WARNING, types.DiagnosticSeverity.Warning),
        (Severity.NOTE, types.DiagnosticSeverity.Information),
    ],
)
def test_severities_are_kept(severity: Severity, shown: types.DiagnosticSeverity) -> None:
    d = Diagnostic("CLM006", severity, Place("a.md"), "no trial")
    assert diagnostic_of(d, LINES, "utf-16").severity is shown


def actions(fix: Fix | None, start: int, end: int) -> Sequence[types.CodeAction]:
    wanted = types.Range(types.Position(0, start), types.Position(0, end))
    return fixes_in(document(cures(fix)), LINES, "file:///a.md", wanted, "utf-16")


def test_a_safe_rewriting_is_a_quick_fix() -> None:
    fix = Fix(Place("a.md", 1, 6, 15, "", LINES[0]), "may help some")
    (action,) = actions(fix, 6, 6)
    assert action.edit is not None and action.edit.changes is not None
    (edit,) = action.edit.changes["file:///a.md"]
    assert (edit.range.start.character, edit.range.end.character) == (6, 15)
    assert edit.new_text == "may help some"
    assert "may help some" in action.title


def test_there_is_no_fix_elsewhere_nor_where_a_person_must_choose() -> None:
    fix = Fix(cures().place, "")
    assert len(actions(fix, 6, 8)) == 1
    assert actions(fix, 0, 3) == []
    assert actions(None, 6, 8) == []


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("It [helps]{.c", {"claim"}),
        ("It [helps]{.claim ab", set()),
        ("It helps {.c", set()),
        ("It [helps]{.claim} .c", set()),
    ],
)
def test_classes_are_offered_within_a_mark_alone(text: str, labels: set[str]) -> None:
    checked = check_by_itself("a.md", text, date(2026, 1, 1))
    assert checked is not None
    items = completions_at(checked, [text], types.Position(0, len(text)), "utf-16")
    assert labels <= {item.label for item in items}
    assert bool(labels) is bool(items)


def test_words_are_shown_as_they_are() -> None:
    assert escaped("a_b*[c]") == "a\\_b\\*\\[c\\]"


def test_without_the_extra_the_command_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name="pygls")

    monkeypatch.setattr(command, "import_module", missing)
    outcome = CliRunner().invoke(language_server_command)
    assert outcome.exit_code == 2
    assert "LSP001" in outcome.output
    assert "pip install 'osler[lsp]'" in outcome.output
