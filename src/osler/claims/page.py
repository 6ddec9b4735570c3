"""A page's text as a :class:`~osler.claims.model.Page`: sentences, marked spans, places."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import cast

from markdown_it.token import Token

from osler.claims.front_matter import REQUIRED, FrontMatter, read_front_matter
from osler.claims.markdown import Atom, markdown
from osler.claims.model import Citation, Insertion, Meta, Page, Piece, Sentence, Span, SpanKind
from osler.claims.positions import Chart, chart_block, chart_cell, part_of, place_of
from osler.claims.sentences import split_sentences
from osler.core.diagnostics import Diagnostic, Place, Severity

KINDS = ("claim", "fact", "mechanism")

# Stands in a sentence for what a computed value or a picture will fill.
FILLED = "\ufffc"

_DATES = ("date", "reviewed", "next_review")
_LEFTOVERS = {
    "{{": "an insertion that cannot be read",
    "]{": "a marked span that cannot be read",
    "[@": "a citation that cannot be read",
}
_LEFTOVER_HELP = {
    "{{": 'write {{ name("argument") }}, with straight quotation marks, within one paragraph',
    "]{": 'write [words]{.claim about="comparison / outcome"}, with straight quotation marks',
    "[@": "write [@key] or [@key1; @key2], with keys of references.json and nothing else",
}


def parse_page(text: str, file: str) -> tuple[Page, tuple[Diagnostic, ...]]:
    """Read a page; whatever is wrong with its form is told, and reading goes on.

    Parameters
    ----------
    text : str
        Markdown with front matter.
    file : str
        Path within the review folder, with forward slashes; the page's slug is its stem.

    Returns
    -------
    Page, tuple of Diagnostic
        Never raises, whatever the text.

    Examples
    --------
    >>> page, _ = parse_page('It [may help]{.claim about="a / b"}. It is safe.', "pages/x.md")
    >>> [(s.text, s.marked) for s in page.sentences], page.spans[0].about
    ([('It may help.', True), ('It is safe.', False)], ('a / b',))
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.replace("\0", "\ufffd").split("\n")
    front = read_front_matter(lines, file)
    body = "\n".join([""] * front.length + lines[front.length :])
    tokens = markdown().parse(body)
    blocks = [_read_block(block, file, lines) for block in _blocks(tokens, lines)]
    page = Page(
        file,
        _meta(front, file, blocks),
        tokens,
        tuple(s for block in blocks for s in block.spans),
        tuple(i for block in blocks for i in block.insertions),
        tuple(c for block in blocks for c in block.citations),
        tuple(s for block in blocks if block.kind != "heading" for s in block.sentences),
        (
            *_front_sentences(front, file, lines),
            *(s for block in blocks if block.kind == "heading" for s in block.sentences),
        ),
        tuple(lines),
        front.places,
    )
    wrong = [d for block in blocks for d in block.diagnostics]
    return page, (*front.diagnostics, *_front_findings(front, file, lines, page), *wrong)


@dataclass(frozen=True, slots=True)
class _Block:
    """One inline token with what is known about where it stands."""

    kind: str
    token: Token
    chart: Chart
    heading: str
    number: int
    in_answer: bool


@dataclass(frozen=True, slots=True)
class _ReadBlock:
    kind: str
    in_answer: bool
    text: str
    sentences: tuple[Sentence, ...]
    spans: tuple[Span, ...]
    insertions: tuple[Insertion, ...]
    citations: tuple[Citation, ...]
    diagnostics: tuple[Diagnostic, ...]


def _blocks(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[_Block]:
    heading, number, answer, items, cursor = "", 0, 0, 0, 0
    kind = "paragraph"
    for token in tokens:
        answer += _step(token, "container_answer_")
        items += _step(token, "list_item_")
        if token.type == "heading_open":
            kind = "heading"
        elif token.type in ("td_open", "th_open"):
            kind = "cell"
        elif token.type == "tr_open":
            cursor = 0
        elif token.type == "paragraph_open":
            kind = "list" if items else "paragraph"
        elif token.type == "inline":
            number += 1
            first = token.map[0] if token.map else 0
            if kind == "cell":
                chart, cursor = chart_cell(token.content, first, lines, cursor)
            else:
                chart = chart_block(token.content, first, lines)
            if kind == "heading":
                heading = _plain(token)
            yield _Block(kind, token, chart, heading, number, answer > 0)


def _step(token: Token, prefix: str) -> int:
    return token.nesting if token.type.startswith(prefix) else 0


def _plain(token: Token) -> str:
    return "".join(a.text if a.kind != "softbreak" else " " for a in token.meta["atoms"]).strip()


class _Text:
    """The visible text of a block as it grows, and where each part of it stands.

    Mutable on purpose, and never leaves :func:`_read_block`.
    """

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.parts: list[str] = []
        self.length = 0
        self.pieces: list[Piece] = []

    def add(self, text: str, at: int) -> None:
        if text:
            self.pieces.append(Piece(self.length, *self.chart.where(at)))
            self.parts.append(text)
            self.length += len(text)


def _read_block(block: _Block, file: str, lines: Sequence[str]) -> _ReadBlock:
    visible = _Text(block.chart)
    opened: list[tuple[Token, int]] = []
    marks: list[tuple[Token, int, int]] = []
    insertions: list[Insertion] = []
    citations: list[tuple[int, Citation]] = []
    wrong: list[Diagnostic] = []
    for atom in cast(list[Atom], block.token.meta["atoms"]):
        if atom.kind == "osler_insertion":
            insertions.append(_insertion(atom, block.chart, file, lines))
            visible.add(FILLED, atom.at)
        elif atom.kind == "osler_citation":
            citations += [(visible.length, c) for c in _cited(atom, block.chart, file, lines)]
        elif atom.kind == "span_open":
            opened.append((atom.token, visible.length))
        elif atom.kind == "span_close" and opened:
            marks.append((*opened.pop(), visible.length))
        elif atom.kind in ("softbreak", "hardbreak"):
            visible.add(" ", atom.at)
        elif atom.kind == "image":
            visible.add(FILLED, atom.at)
        elif atom.kind == "code_inline":
            visible.add(atom.text, atom.at + len(atom.token.markup))
        elif atom.kind in ("text", "text_special"):
            wrong += _leftovers(atom, block.chart, file, lines)
            visible.add(atom.text, atom.at)
    text = "".join(visible.parts)
    spans, unclear = _spans(marks, text, visible.pieces, file, lines)
    sentences = _sentences(block, text, visible.pieces, marks, citations, file, lines)
    return _ReadBlock(
        block.kind,
        block.in_answer,
        text,
        sentences,
        spans,
        tuple(insertions),
        tuple(c for _, c in citations),
        (*wrong, *unclear),
    )


def _insertion(atom: Atom, chart: Chart, file: str, lines: Sequence[str]) -> Insertion:
    place = _atom_place(atom.at, len(atom.text), chart, file, lines)
    atom.token.meta["place"] = place
    return Insertion(atom.token.meta["name"], atom.token.meta["arguments"], place)


def _cited(atom: Atom, chart: Chart, file: str, lines: Sequence[str]) -> list[Citation]:
    keys, offsets = atom.token.meta["keys"], atom.token.meta["at"]
    cited = [
        Citation(key, _atom_place(at, len(key) + 1, chart, file, lines))
        for key, at in zip(keys, offsets, strict=True)
    ]
    atom.token.meta["places"] = tuple(c.place for c in cited)
    return cited


def _atom_place(at: int, length: int, chart: Chart, file: str, lines: Sequence[str]) -> Place:
    line, column = chart.where(at)
    source = lines[line - 1]
    column = min(column, len(source) + 1)
    return Place(file, line, column, min(column + length, len(source) + 1), "", source)


def _leftovers(atom: Atom, chart: Chart, file: str, lines: Sequence[str]) -> list[Diagnostic]:
    """A mark that stayed text, because something in it is not as it should be."""
    out = []
    for sign, what in _LEFTOVERS.items():
        at = atom.text.find(sign) if atom.kind == "text" else -1
        if at >= 0:
            place = _atom_place(atom.at + at, len(sign), chart, file, lines)
            so = "it would be printed as it stands"
            out.append(
                Diagnostic("PAG007", Severity.ERROR, place, what, "", so, _LEFTOVER_HELP[sign])
            )
    return out


def _spans(
    marks: Sequence[tuple[Token, int, int]],
    text: str,
    pieces: Sequence[Piece],
    file: str,
    lines: Sequence[str],
) -> tuple[tuple[Span, ...], list[Diagnostic]]:
    spans: list[Span] = []
    wrong: list[Diagnostic] = []
    for token, start, end in sorted(marks, key=lambda mark: mark[1]):
        place = place_of(pieces, start, end, file, lines)
        token.meta["place"] = place
        kinds = [k for k in KINDS if k in str(token.attrs.get("class", "")).split()]
        about = [a.strip() for a in str(token.attrs.get("about", "")).split(";")]
        about = [a for a in about if a]
        if len(kinds) == 1 and about and start < end:
            kind = cast(SpanKind, kinds[0])
            part = part_of(pieces, start, end)
            spans.append(Span(kind, tuple(about), text[start:end], place, part))
        else:
            wrong.append(_unclear(token, kinds, about, place))
    return tuple(spans), wrong


def _unclear(token: Token, kinds: Sequence[str], about: Sequence[str], place: Place) -> Diagnostic:
    found = "".join(f" .{c}" for c in str(token.attrs.get("class", "")).split()) or " no class"
    if not kinds:
        message = "a marked span must be a claim, a fact or a mechanism"
    elif len(kinds) > 1:
        message = "a marked span must be one thing: a claim, a fact or a mechanism"
    elif not about:
        message = "a marked span must say what it is about"
    else:
        message = "a marked span is empty"
    return Diagnostic(
        "PAG010",
        Severity.ERROR,
        place,
        message,
        f"the span has{found}" + (f' and about="{"; ".join(about)}"' if about else " and no about"),
        "its words are not held against any evidence",
        'write [words]{.claim about="comparison / outcome"}, {.fact about="id"} or '
        '{.mechanism about="name"}',
    )


def _sentences(
    block: _Block,
    text: str,
    pieces: Sequence[Piece],
    marks: Sequence[tuple[Token, int, int]],
    citations: Sequence[tuple[int, Citation]],
    file: str,
    lines: Sequence[str],
) -> tuple[Sentence, ...]:
    outside = _blank(text, marks)
    out: list[Sentence] = []
    cited = 0
    bounds = split_sentences(text)
    for number, (start, end) in enumerate(bounds):
        # A citation after the full stop belongs to the sentence before it.
        limit = bounds[number + 1][0] if number + 1 < len(bounds) else len(text) + 1
        keys = []
        while cited < len(citations) and citations[cited][0] < limit:
            keys.append(citations[cited][1].key)
            cited += 1
        out.append(
            Sentence(
                text[start:end],
                place_of(pieces, start, end, file, lines),
                outside[start:end] != text[start:end],
                block.heading,
                outside[start:end],
                part_of(pieces, start, end),
                block.kind,
                block.number,
                tuple(keys),
            )
        )
    return tuple(out)


def _blank(text: str, marks: Sequence[tuple[Token, int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for _, start, end in sorted(marks, key=lambda mark: mark[1]):
        start = max(start, done)
        if start < end:
            parts += [text[done:start], " " * (end - start)]
            done = end
    return "".join((*parts, text[done:]))


def _front_sentences(front: FrontMatter, file: str, lines: Sequence[str]) -> tuple[Sentence, ...]:
    """Title and description: they are read by search engines, and judged like the rest."""
    out: list[Sentence] = []
    for key in ("title", "description"):
        value = front.values.get(key, "")
        if not value:
            continue
        place = front.places[key]
        at = lines[place.line - 1].find(value, place.column - 1)
        pieces = (Piece(0, place.line, max(at, place.column - 1) + 1),)
        for start, end in split_sentences(value):
            where = place_of(pieces, start, end, file, lines)
            part = part_of(pieces, start, end)
            words = value[start:end]
            out.append(Sentence(words, where, False, "", words, part, "meta", 0, ()))
    return tuple(out)


def _meta(front: FrontMatter, file: str, blocks: Sequence[_ReadBlock]) -> Meta:
    values = front.values
    answer = " ".join(" ".join(b.text.split()) for b in blocks if b.in_answer)
    return Meta(
        values.get("title", ""),
        values.get("description", ""),
        values.get("author", ""),
        values.get("date", ""),
        values.get("reviewed", ""),
        values.get("next_review", ""),
        front.lists.get("categories", ()),
        values.get("draft", "") == "true",
        answer,
        PurePosixPath(file).stem,
    )


def _front_findings(
    front: FrontMatter, file: str, lines: Sequence[str], page: Page
) -> list[Diagnostic]:
    top = Place(file, source=lines[0] if lines else "")
    out = [_absent(key, top) for key in REQUIRED if front.length and not _has(front, key)]
    out += [_bad_date(front.places[key]) for key in _DATES if not _is_date(front.values, key)]
    if front.values.get("draft", "true") not in ("true", "false"):
        out.append(_bad_draft(front.places["draft"]))
    if not page.meta.answer:
        out.append(_no_answer(top))
    return out


def _has(front: FrontMatter, key: str) -> bool:
    return bool(front.values.get(key) or front.lists.get(key))


def _is_date(values: Mapping[str, str], key: str) -> bool:
    """Whether ``values[key]`` is a date, or is missing, which is told elsewhere."""
    if not values.get(key):
        return True
    try:
        return date.fromisoformat(values[key]).isoformat() == values[key]
    except ValueError:
        return False


def _absent(key: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG003",
        Severity.ERROR,
        place,
        f"the front matter has no {key}",
        so="readers cannot tell who wrote the page, and how old it is"
        if key in ("author", *_DATES)
        else "",
        help=f"add a line {key}: " + ("[one, two]" if key == "categories" else "..."),
    )


def _bad_date(place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG005",
        Severity.ERROR,
        place,
        f"{place.field} is not a date",
        place.source.strip()[:80],
        "the page has no such date",
        "write year-month-day, such as 2025-03-31",
    )


def _bad_draft(place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG005",
        Severity.ERROR,
        place,
        "draft must be true or false",
        place.source.strip()[:80],
        "the page counts as finished",
        "write draft: true, or leave the line out",
    )


def _no_answer(place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG006",
        Severity.WARNING,
        place,
        "the page has no plain answer at the top",
        so="a reader has to work through the page to learn what it says",
        help="below the front matter write a line ::: answer, then the answer, then a line :::",
    )
