"""Rule files of a folder, and the choice in osler.toml: every mistake is told with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.claims.rules.choice import as_chosen, choose_packs, parse_choice
from osler.claims.rules.model import RuleChoice
from osler.claims.rules.reading import parse_pack
from osler.claims.rules.shipped import house_packs, shipped_packs
from osler.core.diagnostics import Diagnostic, Place, Severity

RULE = """\
pack = "house"

[[rules]]
id = "tired"
check = "existence"
find = ["holistic"]
message = "a tired word"
help = "say what is done"
"""


def wrong_in(text: str) -> list[tuple[str, int]]:
    _, wrong = parse_pack(text, "rules/house.toml")
    return [(d.code, d.place.line) for d in wrong]


def test_a_right_file_gives_its_rules() -> None:
    pack, wrong = parse_pack(RULE, "rules/house.toml")
    assert wrong == ()
    assert pack is not None
    rule = pack.rules[0]
    assert (rule.name, rule.code, rule.severity) == ("house/tired", "RUL010", Severity.WARNING)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('pack = "house"', "pack = house", ("RUL003", 1)),
        ('pack = "house"', 'pack = "My House"', ("RUL003", 1)),
        ('pack = "house"', "", ("RUL003", 1)),
        ('check = "existence"', 'check = "regex"', ("RUL004", 5)),
        ('find = ["holistic"]', 'find = ["re*"]', ("RUL004", 6)),
        ('find = ["holistic"]', 'find = ["... word"]', ("RUL004", 6)),
        ('find = ["holistic"]', 'find = ["a ... b ... c ... d"]', ("RUL004", 6)),
        ('find = ["holistic"]', 'find = ["@nothing"]', ("RUL004", 6)),
        ('find = ["holistic"]', "find = [1]", ("RUL004", 6)),
        ('find = ["holistic"]', "", ("RUL004", 3)),
        ('find = ["holistic"]', 'finds = ["holistic"]', ("RUL004", 6)),
        ('help = "say what is done"', "", ("RUL004", 3)),
        ('help = "say what is done"', 'help = "x"\nwhere = ["footer"]', ("RUL004", 9)),
        ('help = "say what is done"', 'help = "x"\nexpires = "soon"', ("RUL004", 9)),
        ('help = "say what is done"', 'help = "x"\ncode = "one"', ("RUL004", 9)),
        ('help = "say what is done"', 'help = "x"\nonce = 1', ("RUL004", 9)),
        ('id = "tired"', 'id = "Tired Word"', ("RUL004", 4)),
    ],
)
def test_a_mistake_is_told_where_it_stands(old: str, new: str, expected: tuple[str, int]) -> None:
    assert old in RULE
    assert expected in wrong_in(RULE.replace(old, new))


def test_the_other_rules_of_a_file_are_kept() -> None:
    second = RULE.partition("\n\n")[2].replace('id = "tired"', 'id = "more"')
    pack, wrong = parse_pack(RULE.replace('"existence"', '"regex"') + "\n" + second, "rules/a.toml")
    assert pack is not None
    assert [rule.id for rule in pack.rules] == ["more"]
    assert all(d.help and d.found for d in wrong)


def test_two_rules_of_one_name_are_told() -> None:
    assert ("RUL004", 10) in wrong_in(RULE + "\n" + RULE.partition("\n\n")[2])


def test_a_rule_is_tried_on_its_own_examples() -> None:
    text = RULE + 'example = "Holistic care."\ncounter_example = "A holistic view."\n'
    packs, wrong = house_packs({"rules/house.toml": text.encode(), "studies.csv": b""})
    assert [p.name for p in packs] == ["house"]
    assert [(d.code, d.place.line) for d in wrong] == [("RUL006", 3)]
    assert "A holistic view." in wrong[0].found


def test_a_pack_cannot_take_a_shipped_name_or_one_twice() -> None:
    both = {"rules/a.toml": RULE.encode(), "rules/b.toml": RULE.encode()}
    assert [(d.code, d.place.file) for d in house_packs(both)[1]] == [("RUL003", "rules/b.toml")]
    taken = {"rules/a.toml": RULE.replace('"house"', '"grade"').encode()}
    assert [d.code for d in house_packs(taken)[1]] == ["RUL003"]


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_of_rules_fail(text: str) -> None:
    for whole in (text, RULE + text, RULE.replace("holistic", text)):
        _, wrong = parse_pack(whole, "rules/house.toml")
        lines = max(len(whole.splitlines()), 1)
        assert all(1 <= d.place.line <= lines for d in wrong)


def test_a_choice_turns_rules_off_and_weighs_them() -> None:
    table = {
        "packs": ["uk-cap", "plain-language"],
        "off": ["uk-cap/offer"],
        "severity": {"uk-cap/effect": "error", "plain-language": "warning"},
    }
    choice, wrong = parse_choice(table)
    packs, unknown = choose_packs(shipped_packs(), choice)
    assert (wrong, unknown) == ((), ())
    assert [pack.name for pack in packs] == ["grade", "plain-language", "uk-cap"]
    rules = {rule.name: rule for pack in packs for rule in pack.rules}
    assert "uk-cap/offer" not in rules
    assert rules["uk-cap/effect"].severity is Severity.ERROR
    assert rules["plain-language/jargon"].severity is Severity.WARNING


SETTINGS = """\
format = 1

[rules]
packs = ["uk-capp"]
off = ["plain-language/jargons"]
severity."grade/clm010" = "note"
""".splitlines()


def test_names_that_do_not_exist_are_told_with_the_nearest() -> None:
    table = {
        "packs": ["uk-capp"],
        "off": ["plain-language/jargons"],
        "severity": {"grade/clm010": "note"},
    }
    choice, wrong = parse_choice(table, SETTINGS)
    _, unknown = choose_packs(shipped_packs(), choice, lines=SETTINGS)
    assert wrong == ()
    assert [(d.code, d.place.line) for d in unknown] == [
        ("RUL007", 4),
        ("RUL007", 5),
        ("RUL009", 6),
    ]
    assert '"uk-cap"' in unknown[0].help
    assert "plain-language/jargon" in unknown[1].help


@pytest.mark.parametrize(
    "table",
    [3, {"pack": ["grade"]}, {"off": "x"}, {"severity": 1}, {"severity": {"uk-cap": "loud"}}],
)
def test_a_choice_of_the_wrong_form_is_told(table: object) -> None:
    choice, wrong = parse_choice(table, SETTINGS)
    assert [d.code for d in wrong] == ["RUL008"]
    assert (choice.packs, choice.off, choice.severity) == (None, (), {})


def test_codes_that_a_pack_lists_can_be_weighed_and_turned_off() -> None:
    listed = 'pack = "other"\n' + RULE.partition("\n\n")[2]
    listed = listed.replace('check = "existence"\nfind = ["holistic"]', 'check = "elsewhere"')
    pack, wrong = parse_pack(listed.replace('id = "tired"', 'id = "a"\ncode = "OTH001"'), "a.toml")
    assert pack is not None
    assert wrong == ()
    found = [
        Diagnostic("OTH001", Severity.WARNING, Place("a.md"), "x"),
        Diagnostic("CLM001", Severity.ERROR, Place("a.md"), "y"),
    ]
    light, _ = choose_packs([pack], RuleChoice(("other",), (), {"other/a": Severity.NOTE}))
    assert [d.severity for d in as_chosen(found, [pack], light)] == ["note", "error"]
    without, _ = choose_packs([pack], RuleChoice(("other",), ("other/a",)))
    assert [d.code for d in as_chosen(found, [pack], without)] == ["CLM001"]
