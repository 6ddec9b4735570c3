"""The blocks of a page (paragraphs, list items, cells, headings), read one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from markdown_it.token import Token

from osler.claims.document.comments import Comment
from osler.claims.document.markdown import MOST_BRACKETS, Atom
from osler.claims.document.positions import Chart, chart_block, chart_cell, part_of, place_of
from osler.claims.document.sentences import split_sentences
from osler.claims.model import Citation, Insertion, Piece, Sentence, Span, SpanKind
from osler.core.diagnostics import Diagnostic, Place, Severity

# Held against the folder, and so in need of a question, a fact, a mechanism or an audit.
STATEMENTS = ("claim", "fact", "mechanism", "practice")
# Whose words they are; nothing in the folder can bear them out.
VOICES = ("opinion", "story", "quote")
KINDS = (*STATEMENTS, *VOICES)

# Stands in a sentence for what a computed value or a picture will fill.
FILLED = "\ufffc"

# A mark that stayed text, because something in it is not as it should be.
_LEFTOVERS = {
    "{{": (
        "an insertion that cannot be read",
        'write {{ name("argument") }}, with straight quotation marks, within one paragraph',
    ),
    "]{": (
        "a marked span that cannot be read",
        'write [words]{.claim about="comparison / outcome"}, with straight quotation marks',
    ),
    "<!-- osler:": (
        "a comment for the checker that does not end",
        "write <!-- osler: ignore CODE because ... -->, in fewer than 800 characters",
    ),
    "[@": (
        "a citation that cannot be read",
        "write [@key] or [@key1; @key2], with keys of references.json and nothing else",
    ),
}


@dataclass(frozen=True, slots=True)
class Block:
    """One inline token with what is known about where it stands."""

    kind: str
    token: Token
    chart: Chart
    heading: str
    number: int
    in_answer: bool
    file: str
    lines: Sequence[str]

    def place(self, at: int, length: int) -> Place:
        """The place of ``length`` characters from ``at`` in the block's content."""
        line, column = self.chart.where(at)
        source = self.lines[line - 1]
        column = min(column, len(source) + 1)
        return Place(self.file, line, column, min(column + length, len(source) + 1), "", source)


@dataclass(frozen=True, slots=True)
class Mark:
    """A span with attributes: characters ``start`` to ``end`` of the visible text."""

    token: Token
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation, and the character of the visible text before which it stands."""

    at: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Visible:
    """What a reader sees of a block, and where each part of it stands in the file."""

    text: str
    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]
    insertions: tuple[Insertion, ...]
    cited: tuple[Cited, ...]
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ReadBlock:
    kind: str
    in_answer: bool
    text: str
    sentences: tuple[Sentence, ...]
    spans: tuple[Span, ...]
    insertions: tuple[Insertion, ...]
    citations: tuple[Citation, ...]
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]


def blocks_of(tokens: Sequence[Token], file: str, lines: Sequence[str]) -> Iterator[Block]:
    """Every block of running text, with its heading and whether it is part of the answer."""
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
            yield Block(kind, token, chart, heading, number, answer > 0, file, lines)


def _step(token: Token, prefix: str) -> int:
    return token.nesting if token.type.startswith(prefix) else 0


def _plain(token: Token) -> str:
    return "".join(a.text if a.kind != "softbreak" else " " for a in token.meta["atoms"]).strip()


def read_block(block: Block) -> ReadBlock:
    """The sentences, spans, insertions and citations of a block."""
    visible = _visible(block)
    spans, unclear = _spans(block, visible)
    return ReadBlock(
        block.kind,
        block.in_answer,
        visible.text,
        tuple(_sentences(block, visible)),
        spans,
        visible.insertions,
        tuple(c.citation for c in visible.cited),
        visible.comments,
        (*visible.diagnostics, *unclear),
    )


def _visible(block: Block) -> Visible:
    parts: list[str] = []
    pieces: list[Piece] = []
    opened: list[tuple[Token, int]] = []
    marks: list[Mark] = []
    insertions: list[Insertion] = []
    cited: list[Cited] = []
    comments: list[Comment] = []
    overfull = bool(block.token.meta.get("overfull"))
    wrong = [_overfull(block)] if overfull else []
    length = 0
    for atom in cast(list[Atom], block.token.meta["atoms"]):
        if atom.kind == "osler_insertion":
            insertions.append(_insertion(block, atom))
        elif atom.kind == "osler_citation":
            cited += [Cited(length, citation) for citation in _citations(block, atom)]
        elif atom.kind == "osler_comment":
            comments.append(_comment(block, atom))
        elif atom.kind == "span_open":
            opened.append((atom.token, length))
        elif atom.kind == "span_close" and opened:
            marks.append(Mark(*opened.pop(), length))
        elif atom.kind == "image":
            atom.token.meta["place"] = block.place(atom.at, len("!["))
        elif atom.kind == "text" and not overfull:
            wrong += _leftovers(block, atom)
        shown, at = _shown(atom)
        if shown:
            # Behind an escaped pipe the file is one character longer than the text.
            breaks = [p for p in block.chart.pipes if at < p < at + len(shown)]
            pieces += [Piece(length + p - at, *block.chart.where(p)) for p in (at, *breaks)]
            parts.append(shown)
            length += len(shown)
    in_order = sorted(marks, key=lambda mark: mark.start)
    return Visible(
        "".join(parts),
        tuple(pieces),
        tuple(in_order),
        tuple(insertions),
        tuple(cited),
        tuple(comments),
        tuple(wrong),
    )


def _shown(atom: Atom) -> tuple[str, int]:
    """What a reader sees of an atom, and the offset at which that starts."""
    if atom.kind in ("text", "text_special"):
        return atom.text, atom.at
    if atom.kind == "code_inline":
        return atom.text, atom.at + len(atom.token.markup)
    if atom.kind in ("softbreak", "hardbreak"):
        return " ", atom.at
    return (FILLED, atom.at) if atom.kind in ("osler_insertion", "image") else ("", atom.at)


def _insertion(block: Block, atom: Atom) -> Insertion:
    place = block.place(atom.at, len(atom.text))
    atom.token.meta["place"] = place
    return Insertion(atom.token.meta["name"], atom.token.meta["arguments"], place)


def _citations(block: Block, atom: Atom) -> list[Citation]:
    keys, offsets = atom.token.meta["keys"], atom.token.meta["at"]
    cited = [
        Citation(key, block.place(at, len(key) + 1)) for key, at in zip(keys, offsets, strict=True)
    ]
    atom.token.meta["places"] = tuple(c.place for c in cited)
    return cited


def _comment(block: Block, atom: Atom) -> Comment:
    """A comment covers the lines it stands on; alone on them, the rest of its paragraph."""
    text = str(atom.token.meta["comment"])
    first, column = block.chart.where(atom.at)
    last, end = block.chart.where(atom.at + len(text) - 1)
    ahead, behind = block.lines[first - 1][: column - 1], block.lines[last - 1][end:]
    bottom = block.token.map[1] if block.token.map else last
    if not ahead.strip(" >") and not behind.strip() and last < bottom:
        return Comment(text, block.place(atom.at, len(text)), (last + 1, bottom))
    return Comment(text, block.place(atom.at, len(text)), (first, last))


def _overfull(block: Block) -> Diagnostic:
    return Diagnostic(
        "PAG011",
        Severity.ERROR,
        block.place(0, 1),
        "this paragraph has too many opening brackets to be read",
        f"more than {MOST_BRACKETS}",
        "it is taken as plain text, without links, citations and marks",
        "break it up, or put code into a code block",
    )


def _leftovers(block: Block, atom: Atom) -> list[Diagnostic]:
    so = "it would be printed as it stands"
    return [
        Diagnostic(
            "PAG007", Severity.ERROR, block.place(atom.at + at, len(sign)), what, "", so, advice
        )
        for sign, (what, advice) in _LEFTOVERS.items()
        if (at := atom.text.find(sign)) >= 0
    ]


def _spans(block: Block, visible: Visible) -> tuple[tuple[Span, ...], list[Diagnostic]]:
    spans: list[Span] = []
    wrong: list[Diagnostic] = []
    for mark in visible.marks:
        place = place_of(visible.pieces, mark.start, mark.end, block.file, block.lines)
        mark.token.meta["place"] = place
        kinds = [k for k in KINDS if k in str(mark.token.attrs.get("class", "")).split()]
        named = (a.strip() for a in str(mark.token.attrs.get("about", "")).split(";"))
        about = tuple(a for a in named if a)
        named_enough = bool(about) or any(kind in VOICES for kind in kinds)
        if len(kinds) == 1 and named_enough and mark.start < mark.end:
            part = part_of(visible.pieces, mark.start, mark.end)
            text = visible.text[mark.start : mark.end]
            spans.append(Span(cast(SpanKind, kinds[0]), about, text, place, part))
        else:
            wrong.append(_unclear(mark.token, kinds, about, place))
    return tuple(spans), wrong


def _unclear(token: Token, kinds: Sequence[str], about: Sequence[str], place: Place) -> Diagnostic:
    found = "".join(f" .{c}" for c in str(token.attrs.get("class", "")).split()) or " no class"
    if not kinds:
        message = "a marked span must be a claim, a fact, a mechanism or another known kind"
    elif len(kinds) > 1:
        message = "a marked span must be one thing: a claim, a fact or a mechanism, not two"
    elif not about:
        message = "a marked span must say what it is about"
    else:
        message = "a marked span is empty"
    return Diagnostic(
        "PAG010",
        Severity.ERROR,
        place,
        message,
        f"the span has{found}" + _about_told(token, about),
        "its words are not held against any evidence",
        'write [words]{.claim about="comparison / outcome"}, {.fact about="id"}, '
        '{.mechanism about="name"}, {.practice about="name"}, {.opinion}, {.story} or {.quote}',
    )


def _about_told(token: Token, about: Sequence[str]) -> str:
    if about:
        return f' and about="{"; ".join(about)}"'
    return " and an empty about" if "about" in token.attrs else " and no about"


def _sentences(block: Block, visible: Visible) -> Iterator[Sentence]:
    outside = _outside(visible)
    bounds = split_sentences(visible.text)
    cited = 0
    for number, (start, end) in enumerate(bounds):
        # A citation after the full stop belongs to the sentence before it.
        limit = bounds[number + 1][0] if number + 1 < len(bounds) else len(visible.text) + 1
        keys: list[str] = []
        while cited < len(visible.cited) and visible.cited[cited].at < limit:
            keys.append(visible.cited[cited].citation.key)
            cited += 1
        yield Sentence(
            visible.text[start:end],
            place_of(visible.pieces, start, end, block.file, block.lines),
            outside[start:end] != visible.text[start:end],
            block.heading,
            outside[start:end],
            part_of(visible.pieces, start, end),
            block.kind,
            block.number,
            tuple(keys),
        )


def _outside(visible: Visible) -> str:
    """The visible text with what stands inside marks replaced by spaces."""
    parts: list[str] = []
    done = 0
    for mark in visible.marks:
        start = max(mark.start, done)
        if start < mark.end:
            parts += [visible.text[done:start], " " * (mark.end - start)]
            done = mark.end
    return "".join((*parts, visible.text[done:]))
