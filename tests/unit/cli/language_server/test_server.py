"""The server as an editor meets it: a process that speaks over its standard streams."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.language_server.editor import Editor

STARTER = Path(__file__).parents[4] / "src/osler/cli/starter"
QUESTION = "BCG vaccine vs no vaccine / tuberculosis"


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """One server for all: a process takes longer to start than a page to check."""
    with Editor() as editor:
        yield editor


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page of a folder of its own."""
    folder = tmp_path / "review"
    shutil.copytree(STARTER, folder)
    return folder / "pages" / "bcg-vaccine.md"


def shown(found: list[dict[str, Any]], text: str) -> list[tuple[str, str]]:
    """Codes and the words under the squiggles, columns counted in UTF-16."""
    lines = text.split("\n")
    out = []
    for d in found:
        start, end = d["range"]["start"], d["range"]["end"]
        units = lines[start["line"]].encode("utf-16-le")
        words = units[2 * start["character"] : 2 * end["character"]].decode("utf-16-le")
        out.append((d["code"], words))
    return out


def test_a_page_is_checked_when_opened_and_while_it_changes(editor: Editor, page: Path) -> None:
    honest = page.read_text(encoding="utf-8")
    worse = honest + "\n😀 The BCG vaccine cures tuberculosis.\n"
    before = editor.open(page)
    assert "CLM006" not in [d["code"] for d in before]
    editor.change(page, worse, 2)
    found = editor.found(page, 2)
    assert ("CLM006", "cures") in shown(found, worse)
    assert all(d["source"] == "osler" for d in found)
    editor.change(page, honest, 3)
    assert editor.found(page, 3) == before


def test_many_keys_in_a_row_are_one_check(editor: Editor, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    editor.open(page)
    for version in range(2, 30):
        editor.change(page, text + "x" * version, version)
    editor.found(page, 29)
    assert editor.told.empty()


def test_hovering_over_a_claim_tells_the_evidence_in_two_lines(editor: Editor, page: Path) -> None:
    lines = page.read_text(encoding="utf-8").split("\n")
    line = next(n for n, text in enumerate(lines) if "]{.claim" in text)
    editor.open(page)
    told = editor.at("hover", page, line, lines[line].index("]{.claim") - 2)
    value = told["contents"]["value"]
    assert "95% confidence interval" in value and "certainty" in value
    assert "May be said: " in value
    assert len([part for part in value.split("\n") if part]) == 2
    assert editor.at("hover", page, 0, 0) is None


def test_what_a_mark_is_about_is_completed(editor: Editor, page: Path) -> None:
    text = page.read_text(encoding="utf-8") + '\nIt [may help]{.claim about="'
    line = text.count("\n")
    editor.open(page, text)
    items = editor.at("completion", page, line, len('It [may help]{.claim about="'))
    first = items[0]
    assert first["label"] in text
    assert first["textEdit"]["range"]["start"] == {"line": line, "character": 28}
    classes = editor.at("completion", page, line, len("It [may help]{."))
    assert {"claim", "fact", "mechanism"} <= {item["label"] for item in classes}
    assert editor.at("completion", page, line, 2) == []


def test_a_changed_table_is_read_without_saving_it(editor: Editor, page: Path) -> None:
    results = page.parent.parent / "results.csv"
    table = results.read_text(encoding="utf-8")
    before = editor.open(page)
    assert editor.open(results) == []
    header, first, *rest = table.splitlines()
    broken = "\n".join([header, first.replace(",", ",x", 1), *rest]) + "\n"
    editor.change(results, broken, 2)
    assert editor.found(results, 2) != []
    editor.tell("textDocument/didClose", {"textDocument": {"uri": results.as_uri()}})
    assert editor.found(results) == []
    editor.tell("textDocument/didSave", {"textDocument": {"uri": page.as_uri()}})
    assert editor.found(page) == before


def test_a_lone_web_page_is_checked_by_itself(editor: Editor, tmp_path: Path) -> None:
    text = "<nav>Reiki cures gout.</nav>\n<p>Acupuncture cures gout.</p>"
    path = tmp_path / "page.html"
    found = shown(editor.open(path, text), text)
    assert found.count(("CLM006", "cures")) == 1
    assert editor.at("hover", path, 1, 5) is None


def test_a_file_of_another_kind_is_left_alone(editor: Editor, tmp_path: Path) -> None:
    other, page = tmp_path / "a.py", tmp_path / "b.md"
    document = {"uri": other.as_uri(), "languageId": "x", "version": 1, "text": "# It cures"}
    editor.tell("textDocument/didOpen", {"textDocument": document})
    editor.open(page, "Acupuncture cures gout.")
    assert editor.told.empty()


def test_columns_are_counted_as_the_editor_counts(tmp_path: Path) -> None:
    with Editor(("utf-8", "utf-16")) as editor:
        assert editor.capabilities["positionEncoding"] == "utf-8"
        found = editor.open(tmp_path / "a.md", "😀 Acupuncture cures gout.")
        (cures,) = [d for d in found if d["code"] == "CLM006"]
        assert cures["range"]["start"] == {"line": 0, "character": 17}
