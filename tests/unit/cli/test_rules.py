"""``osler rules``: what is listed, and what is told where something is wrong."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from osler.claims.rules.shipped import shipped_packs
from osler.cli.rules import as_lines, rules_command


def listed(*arguments: str) -> Result:
    return CliRunner().invoke(rules_command, list(arguments))


def folder(path: Path, settings: str = "", rules: str = "") -> str:
    (path / "osler.toml").write_text(settings, encoding="utf-8")
    if rules:
        (path / "rules").mkdir()
        (path / "rules" / "house.toml").write_text(rules, encoding="utf-8")
    return str(path)


HOUSE = """\
pack = "house"
[[rules]]
id = "tired"
check = "existence"
find = ["holistic"]
message = "'{found}' is a tired word"
help = "say what is done"
"""


def test_every_rule_is_listed_with_its_source_and_dates(tmp_path: Path) -> None:
    result = listed(str(tmp_path), "--format", "json")
    rules = {rule["rule"]: rule for rule in json.loads(result.output)}
    assert result.exit_code == 0
    assert set(rules) == {r.name for pack in shipped_packs() for r in pack.rules}
    offer = rules["uk-cap/offer"]
    assert (offer["code"], offer["severity"], offer["on"]) == ("CAP001", "error", False)
    assert (offer["seen"], offer["expires"]) == ("2026-11-22", "2027-11-22")
    assert offer["source"].startswith("https://www.asa.org.uk/rulings/")


def test_the_folder_chooses(tmp_path: Path) -> None:
    settings = '[site]\nlanguage = "en-GB"\n[rules]\noff = ["uk-cap/offer"]\n'
    settings += 'severity.plain-language = "error"\n'
    result = listed(folder(tmp_path, settings, HOUSE), "--format", "json")
    rules = {rule["rule"]: rule for rule in json.loads(result.output)}
    assert rules["uk-cap/proven"]["on"] is True
    assert rules["uk-cap/offer"]["on"] is False
    assert rules["plain-language/jargon"]["severity"] == "error"
    assert rules["house/tired"]["on"] is True


def test_one_pack_as_text(tmp_path: Path) -> None:
    result = listed(folder(tmp_path, rules=HOUSE), "--pack", "house")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "house: house (on)",
        "  RUL010  warning  house/tired",
        "          '...' is a tired word",
    ]


def test_an_expired_rule_is_marked() -> None:
    pack = [p for p in shipped_packs() if p.name == "uk-cap"]
    late = "\n".join(as_lines(pack, pack, date(2028, 1, 1)))
    assert late.count("EXPIRED") == len(pack[0].rules)
    assert "EXPIRED" not in "\n".join(as_lines(pack, pack, date(2026, 12, 1)))


@pytest.mark.parametrize(
    ("settings", "rules", "code"),
    [
        ('[rules]\noff = ["uk-cap/nothing"]\n', "", "RUL007"),
        ("[rules]\noff = 3\n", "", "RUL008"),
        ("[rules\n", "", "RUL008"),
        ("", HOUSE.replace("existence", "regex"), "RUL004"),
        ("", "pack = ", "RUL003"),
        ("", HOUSE + 'example = "Nothing."\n', "RUL006"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, settings: str, rules: str, code: str) -> None:
    result = listed(folder(tmp_path, settings, rules))
    assert result.exit_code == 1
    assert code in result.output
    assert "uk-cap/proven" in result.output


def test_what_does_not_exist_is_named(tmp_path: Path) -> None:
    assert listed(str(tmp_path / "none")).exit_code == 2
    result = listed(str(tmp_path), "--pack", "uk")
    assert result.exit_code == 2
    assert "uk-cap" in result.output
