"""Rules held against their own examples: what they must find, and what they must leave alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from osler.claims.document.page import parse_page
from osler.claims.rules.checking import check_rules
from osler.claims.rules.model import Pack, Rule
from osler.claims.rules.telling import short
from osler.core.diagnostics import Diagnostic, Severity

_TOP = "---\ntitle: -\n---\n\n"


def try_pack(pack: Pack) -> list[Diagnostic]:
    """RUL006 for each example that its rule does not find, or counter-example that it does.

    Examples
    --------
    >>> from osler.claims.rules.reading import parse_pack
    >>> pack, _ = parse_pack('''
    ... pack = "house"
    ... [[rules]]
    ... id = "a"
    ... check = "existence"
    ... find = ["holistic"]
    ... message = "a tired word"
    ... help = "say what is done"
    ... example = "Our hollistic care."
    ... ''', "rules/house.toml")
    >>> [(d.code, d.place.line) for d in try_pack(pack)]
    [('RUL006', 3)]
    """
    return [d for rule in pack.rules for d in _tried(pack, rule)]


def _tried(pack: Pack, rule: Rule) -> Iterator[Diagnostic]:
    alone = replace(pack, rules=(rule,))
    for text in rule.examples:
        if rule.check != "elsewhere" and not speaks(alone, text):
            yield _wrong(rule, text, "a rule does not find its own example", "is not found")
    for text in rule.counter_examples:
        if speaks(alone, text):
            yield _wrong(rule, text, "a rule finds its own counter-example", "is found")


def speaks(pack: Pack, text: str) -> bool:
    """Whether a pack finds something in a text, without any folder."""
    page, _ = parse_page(_TOP + text, "example.md")
    return bool(check_rules(page, [pack], None, date.min))


def _wrong(rule: Rule, text: str, message: str, told: str) -> Diagnostic:
    return Diagnostic(
        "RUL006",
        Severity.ERROR,
        rule.place,
        message,
        f"{rule.name}: {short(text)} {told}",
        "the rule does not do what its writer wanted",
        "change the phrases, or the example",
    )
