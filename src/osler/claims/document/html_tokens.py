"""HTML as tags and runs of text, each with the offset at which it stands.

This follows the tokenizer of the HTML standard (html.spec.whatwg.org, section 13.2.5) as far as
finding text needs it: whatever a browser would show is text here, and nothing is ever an error.
Every character is looked at a fixed number of times. The standard library's parser is not: it
took quadratic time on unclosed marks (CVE-2025-6069, CVE-2026-15308), and the Pythons that
people have are older than the remedy.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from types import MappingProxyType
from typing import NamedTuple

# What a "<" has to stand before to open anything.
_OPENING = re.compile(r"<(?=/?[a-zA-Z]|[!?]|/[^>]|/>)")
_PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)>")
_NAME = re.compile(r"[^\s/>]++")
# An attribute may open with an equals sign, which then is part of its name.
_ATTRIBUTE = re.compile(
    r"""[\s/]*+(?:(=?[^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)?))?)"""
)
# A character reference: no name of the standard is longer than 32 letters.
REFERENCE = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};?)")

# Elements whose content holds no tags but their own end.
RAW = frozenset(
    ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext")
)


class Value(NamedTuple):
    """An attribute's value as it stands between ``start`` and ``end``, references undecoded."""

    start: int
    end: int


class Tag(NamedTuple):
    """``<name ...>`` or, where it ``closes``, ``</name>``; names are in lower case."""

    name: str
    closes: bool
    attributes: Mapping[str, Value]
    start: int
    end: int


class Run(NamedTuple):
    """Text between two tags; ``raw`` where it is the content of a script, a title or the like."""

    start: int
    end: int
    raw: bool = False


_NONE: Mapping[str, Value] = MappingProxyType({})


def html_tokens(text: str) -> Iterator[Tag | Run]:
    """Tags and runs of text in their order; comments and declarations are left out.

    Parameters
    ----------
    text : str
        HTML, or anything else.

    Examples
    --------
    >>> source = '<p class="a">Is 1 < 2?<br/></p>'
    >>> for token in html_tokens(source):
    ...     print(source[token.start : token.end])
    <p class="a">
    Is 1 < 2?
    <br/>
    </p>
    """
    at = shown = 0
    while found := _OPENING.search(text, at):
        start = found.start()
        if shown < start:
            yield Run(shown, start)
        plain = _PLAIN_TAG.match(text, start)
        tag: Tag | None = None
        if plain:
            at = plain.end()
            tag = Tag(plain[2].lower(), bool(plain[1]), _NONE, start, at)
        elif text[start + 1 : start + 3].strip("/")[:1].isalpha():
            tag, at = _tag(text, start)
        else:
            at = _after_comment(text, start)
        shown = at
        if tag is not None:
            yield tag
            if tag.name in RAW and not tag.closes:
                end = _end_of_raw(text, at, tag.name)
                yield Run(at, end, True)
                at = shown = end
    if shown < len(text):
        yield Run(shown, len(text))


def _after_comment(text: str, start: int) -> int:
    """Behind a comment, a declaration or a processing instruction; unclosed, it takes the rest."""
    if not text.startswith("<!--", start):
        end = text.find(">", start)
        return end + 1 if end >= 0 else len(text)
    for short in ("<!-->", "<!--->"):
        if text.startswith(short, start):
            return start + len(short)
    end = text.find("-->", start + 4)
    return end + 3 if end >= 0 else len(text)


def _tag(text: str, start: int) -> tuple[Tag | None, int]:
    """The tag at ``start`` and where it ends; an unclosed one takes the rest and is none."""
    closes = text[start + 1] == "/"
    named = _NAME.match(text, start + 1 + closes)
    at = named.end() if named else start
    name = text[start + 1 + closes : at].lower()
    attributes: dict[str, Value] = {}
    while at < len(text) and text[at] != ">":
        found = _ATTRIBUTE.match(text, at)
        if found is None or found.end() == at:
            return None, len(text)
        at = found.end()
        if found[1]:
            group = found.lastindex or 1
            span = found.span(group) if group > 1 else (at, at)
            # The first of two with the same name counts.
            attributes.setdefault(found[1].lower(), Value(*span))
    if at >= len(text):
        return None, at
    return Tag(name, closes, attributes, start, at + 1), at + 1


def _end_of_raw(text: str, at: int, name: str) -> int:
    if name == "plaintext":
        return len(text)
    found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(text, at)
    return found.start() if found else len(text)


def references(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Each character reference between two offsets: its start, its end, what it stands for.

    Examples
    --------
    >>> list(references("a &amp; b &no", 0, 13))
    [(2, 7, '&')]
    """
    for found in REFERENCE.finditer(text, start, end):
        meant = unescape(found[0])
        if meant != found[0]:
            yield found.start(), found.end(), meant
