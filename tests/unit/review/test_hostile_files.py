"""Files that no reader would write by hand: a diagnostic each, never a traceback."""

import json
from pathlib import Path

import pytest

from osler.claims.language.lexicon import read_lexicon
from osler.claims.rules.reading import parse_pack
from osler.review.folder import read_folder
from osler.review.reading import parse_review
from osler.review.settings import parse_settings

LONG = "9" * 5_000
DEEP = "x = " + "[" * 3_000 + "]" * 3_000


@pytest.mark.parametrize("text", [f"x = {LONG}", DEEP, "x = [1,", "= 1"])
def test_settings(text: str) -> None:
    found = parse_settings(text, "osler.toml")
    assert [d.code for d in found.diagnostics] == ["REV006"]


@pytest.mark.parametrize("text", [f"x = {LONG}", DEEP])
def test_rules_and_words(text: str) -> None:
    pack, wrong = parse_pack(text, "rules/house.toml")
    assert pack is None
    assert [d.code for d in wrong] == ["RUL003"]
    _, found = read_lexicon({"words/house.toml": text.encode()})
    assert [d.code for d in found] == ["LEX001"]


@pytest.mark.parametrize(
    "text", [f'[{{"id": "a", "year": {LONG}}}]', "[" * 100_000, json.dumps({"id": 1}), "[1,"]
)
def test_references(text: str) -> None:
    _, found = parse_review({"osler.toml": b"format = 1", "references.json": text.encode()})
    assert "REV018" in {d.code for d in found if d.place.file == "references.json"}


def test_a_name_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    name = tmp_path / "pages" / b"\xff\xfe.md".decode("utf-8", "surrogateescape")
    name.write_text("# Page", encoding="utf-8")
    with pytest.raises(OSError, match="not text") as caught:
        read_folder(tmp_path)
    str(caught.value.filename).encode("utf-8")
