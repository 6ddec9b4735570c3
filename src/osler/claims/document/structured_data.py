"""What a page tells search engines in JSON-LD: prose, and treatments named for a condition.

The values are found by a scan of its own, since a JSON parser does not say where a value
stands; broken JSON is read as far as it goes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from osler.claims.document.html_blocks import layout
from osler.claims.document.traced import Lines, Traced

# A string that does not end takes the rest, so that no quotation mark is looked at twice.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
# No block that a search engine takes has more values, or longer ones.
MOST_TOKENS = 20_000
LONGEST_VALUE = 50_000
# The text of an answer often holds tags.
_TAG = re.compile(r"<[^<>]{0,500}>")


@dataclass(frozen=True, slots=True)
class Told:
    """A value of a property: ``kind`` is "prose" or "treating"; ``name`` is the property's."""

    kind: str
    name: str
    text: Traced


@dataclass(slots=True)
class _Level:
    """An object or a list that is open: the key read last, and the property it belongs to."""

    key: str
    inherited: str
    is_object: bool
    wants_key: bool


def values_of(source: str, start: int, end: int, lines: Lines) -> Iterator[Told]:
    r"""The values of a block of JSON-LD that are judged.

    Examples
    --------
    >>> from osler.claims.document.traced import lines_of
    >>> source = '{"possibleTreatment": {"@type": "Drug", "name": "Arnica"}, "sku": "1"}'
    >>> [(t.kind, t.text.text) for t in values_of(source, 0, 70, lines_of(source))]
    [('treating', 'Arnica')]
    """
    prose, treating = layout()["structured.prose"], layout()["structured.treating"]
    levels: list[_Level] = []
    for token in islice(_TOKEN.finditer(source, start, end), MOST_TOKENS):
        mark = token[0]
        level = levels[-1] if levels else None
        if mark in "{[":
            inherited = (level.key or level.inherited) if level else ""
            levels.append(_Level("", inherited if inherited in treating else "", mark == "{", True))
        elif mark in "}]":
            if levels:
                levels.pop()
        elif level is None:
            continue
        elif mark == ",":
            level.wants_key = True
        elif mark == ":":
            level.wants_key = False
        elif level.is_object and level.wants_key:
            level.key = mark[1:-1]
        else:
            name = level.key if level.is_object else ""
            kind = _kind(name, level.inherited, prose, treating)
            if kind:
                stop = min(token.end() - 1, token.start() + LONGEST_VALUE)
                text = _traced(source, token.start() + 1, stop, lines)
                yield Told(kind, name if kind == "prose" else level.inherited or name, text)


def _kind(name: str, inherited: str, prose: tuple[str, ...], treating: tuple[str, ...]) -> str:
    if name in treating or (inherited and name in ("", "name")):
        return "treating"
    return "prose" if name in prose else ""


def _traced(source: str, start: int, end: int, lines: Lines) -> Traced:
    traced = Traced(lines)
    at = start
    for tag in _TAG.finditer(source, start, end):
        _unescaped(traced, source, at, tag.start())
        traced.space(tag.start())
        at = tag.end()
    _unescaped(traced, source, at, end)
    return traced


def _unescaped(traced: Traced, source: str, start: int, end: int) -> None:
    at = start
    for escape in _ESCAPE.finditer(source, start, end):
        traced.html(source, at, escape.start())
        meant = _character(int(escape[1], 16)) if escape[1] else escape[2]
        if meant.isspace() or (not escape[1] and meant in "ntrf"):
            traced.space(escape.start())
        else:
            traced.add(meant, escape.start())
        at = escape.end()
    traced.html(source, at, end)


def _character(code: int) -> str:
    """The character of a code; half of a pair, as emoji are written, is none by itself."""
    return "\ufffd" if code < 9 or 0xD800 <= code < 0xE000 else chr(code)
