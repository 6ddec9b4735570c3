"""Workflow commands, read back as GitHub's runner reads them."""

from hypothesis import given
from hypothesis import strategies as st

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import render_report
from osler.core.rendering.github import annotation
from tests.unit.core.rendering.sample import REPORT


def read_back(line: str) -> tuple[str, dict[str, str], str]:
    """What the runner makes of a command: its name, its properties and its message."""
    assert line.startswith("::")
    name, _, rest = line[2:].partition(" ")
    values, _, message = rest.partition("::")
    pairs = dict(pair.split("=", 1) for pair in values.split(","))
    return name, {k: _unescaped(v) for k, v in pairs.items()}, _unescaped(message)


def _unescaped(text: str) -> str:
    for code, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_each_finding_that_counts_has_a_line() -> None:
    lines = render_report(REPORT, "github").splitlines()
    assert [read_back(line)[0] for line in lines] == ["notice", "error", "warning"]


def test_places_and_words_are_told() -> None:
    _, values, message = read_back(render_report(REPORT, "github").splitlines()[1])
    assert values == {
        "file": "pages/a.md",
        "line": "12",
        "endLine": "12",
        "col": "11",
        "endColumn": "25",
        "title": "CLM005: the claim tells a larger effect: 100%, or more",
    }
    assert message.splitlines()[:2] == ["needles vs sham / pain: 2 trials", 'read "greatly"']


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_comes_back_and_stays_on_one_line(file: str, message: str, found: str) -> None:
    line = annotation(Diagnostic("CLM001", Severity.ERROR, Place(file), message, found))
    assert "\n" not in line and "\r" not in line
    _, values, told = read_back(line)
    if "%" not in file + message + found:  # the reader above is simple where codes meet
        assert values["file"] == file
        assert values["title"] == f"CLM001: {message}"
        assert told == (found or message)
