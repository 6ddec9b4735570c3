"""``osler explain``: codes, rules, and what may be meant by a slip of the pen."""

import pytest
from click.testing import CliRunner, Result

from osler.claims.rules.shipped import shipped_packs
from osler.cli.explain import explain, explain_command, explanations, known_codes, laid_out


def run(*arguments: str) -> Result:
    return CliRunner().invoke(explain_command, arguments, catch_exceptions=False)


def test_a_code_is_explained_in_either_case() -> None:
    assert run("clm006").stdout == run("CLM006").stdout
    assert run("CLM006").stdout.startswith("# CLM006: ")


def test_without_a_name_every_code_has_its_line() -> None:
    lines = run().stdout.splitlines()
    assert [line[:6] for line in lines] == known_codes()


def test_every_rule_that_ships_can_be_explained() -> None:
    rules = [rule for pack in shipped_packs() for rule in pack.rules]
    assert rules
    for rule in rules:
        text = explain(rule.name)
        assert text is not None and text.startswith(f"# {rule.name}: ")
        assert "## What it means" in text and rule.code in text
        assert not rule.source or "## Source" in text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("CLM06", "CLM006"), ("CLN006", "CLM006"), ("plain-langage/wordy", "plain-language/wordy")],
)
def test_a_slip_of_the_pen_is_told(typed: str, meant: str) -> None:
    result = run(typed)
    assert (result.exit_code, meant in result.stderr.partition("did you mean ")[2]) == (2, True)


@pytest.mark.parametrize("typed", ["QQQQ", "../CLM006", "no/such", "", "a/b/c"])
def test_what_is_neither_is_told(typed: str) -> None:
    result = run(typed)
    assert result.exit_code == 2
    assert "there is no code or rule" in result.stderr


def test_explanations_of_codes_without_one_are_empty() -> None:
    assert explanations(["XXX999"]) == {"XXX999": ""}


def test_on_a_terminal_paragraphs_are_wrapped_and_code_is_not() -> None:
    text = "# A title\n\n" + "word " * 30 + "\n\n```\n" + "x" * 90 + "\n```\n"
    lines = laid_out(text, colour=True, columns=60).splitlines()
    assert lines[0] == "\x1b[1mA title\x1b[0m"
    assert "    " + "x" * 90 in lines
    assert max(len(line) for line in lines if "word" in line) <= 60
