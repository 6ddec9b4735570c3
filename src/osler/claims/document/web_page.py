"""A web page as a :class:`~osler.claims.model.Page`: what a reader is told, and where it stands.

HTML -> tags and runs of text -> the main text in blocks -> sentences with places. Title,
description and the prose of JSON-LD stand among the headings, as those of a page's front
matter do.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from osler.claims.document.extent import MOST_SENTENCES
from osler.claims.document.html_blocks import (
    MOST_TAGS,
    MOST_TEXT,
    Element,
    HtmlBlock,
    Outline,
    Part,
    layout,
    outline,
)
from osler.claims.document.html_tokens import Tag, Value
from osler.claims.document.positions import part_of, place_of
from osler.claims.document.sentences import split_sentences
from osler.claims.document.structured_data import Told, values_of
from osler.claims.document.traced import Lines, Traced, lines_of, pieces_of, traced_html
from osler.claims.model import Citation, Meta, Page, Piece, Sentence
from osler.core.decoding import CONTROL
from osler.core.diagnostics import Diagnostic, Place, Severity

_DESCRIPTIONS = ("description", "og:description", "twitter:description")
_TITLES = ("og:title", "twitter:title")
_NOTE = frozenset("0123456789[](),;–-*†‡^ \t\n")
# An address names a source well enough with its beginning.
_LONGEST_ADDRESS = 200


def parse_web_page(text: str, file: str) -> tuple[Page, tuple[Diagnostic, ...]]:
    """Read a web page; menus, banners, comments and scripts are left out.

    Parameters
    ----------
    text : str
        HTML as saved from a site, or any other text.
    file : str
        Its name, as diagnostics are to show it.

    Returns
    -------
    Page, tuple of Diagnostic
        Never raises, whatever the text. Lines and columns count in ``text`` with its line ends
        as line feeds. The page has no tokens, spans and insertions.

    Examples
    --------
    >>> source = "<nav>Home</nav><h2>Cupping</h2><p>It <b>may</b>&nbsp;help. It is safe.</p>"
    >>> page, _ = parse_web_page(source, "cupping.html")
    >>> [(s.heading, s.text, s.place.column) for s in page.sentences]
    [('Cupping', 'It may help.', 35), ('Cupping', 'It is safe.', 60)]
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = CONTROL.sub("\ufffd", text)
    source = _Source(text, file, lines_of(text))
    found = outline(text)
    told = _told(source, found)
    titles = [traced_html(text, run.start, run.end, source.lines) for run in found.titles]
    named = _described(source, found.metas)
    prose = [t.text for t in told if t.kind == "prose"]
    body = _body(source, (*found.headlines, *found.blocks))
    page = Page(
        file,
        _meta(
            file,
            _first([*titles, *(named[key] for key in _TITLES if key in named)]),
            _first(named[key] for key in _DESCRIPTIONS if key in named),
        ),
        (),
        (),
        (),
        tuple(body.citations),
        tuple(body.sentences),
        (*_head(source, [*titles, *named.values(), *prose]), *body.headings),
        source.lines.lines,
    )
    wrong = [_treating(source, t) for t in told if t.kind == "treating" and t.text.text.strip()]
    wrong += [] if body.sentences else [_no_text(page)]
    if body.cut is not None:
        wrong.append(_cut_off(body.cut))
    elif found.cut >= 0:
        wrong.append(_cut_off(source.at(found.cut)))
    return page, tuple(wrong)


@dataclass(frozen=True, slots=True)
class _Source:
    text: str
    file: str
    lines: Lines

    def value(self, value: Value) -> Traced:
        return traced_html(self.text, value.start, value.end, self.lines)

    def attribute(self, tag: Tag, name: str) -> str:
        value = tag.attributes.get(name)
        return self.text[value.start : value.end].strip().lower() if value else ""

    def at(self, offset: int) -> Place:
        """The place of one character."""
        line, column = self.lines.where(min(offset, len(self.text)))
        told = self.lines.lines[line - 1]
        return Place(self.file, line, column, min(column + 1, len(told) + 1), "", told)

    def place(self, pieces: Sequence[Piece], start: int, end: int) -> Place:
        return place_of(pieces, start, end, self.file, self.lines.lines)


@dataclass(slots=True)
class _Body:
    """What the blocks of a page gave so far."""

    headings: list[Sentence]
    sentences: list[Sentence]
    citations: list[Citation]
    cut: Place | None = None


def _body(source: _Source, blocks: Iterable[HtmlBlock]) -> _Body:
    body = _Body([], [], [])
    heading = ""
    for number, block in enumerate(blocks, start=1):
        traced, cited = _visible(source, block)
        text = traced.text
        if block.kind == "heading":
            heading = text.strip()
        body.citations += [citation for _, citation in cited]
        if heading.lower().rstrip(":") in layout()["headings_of_sources"]:
            continue
        found = tuple(_sentences(source, traced, block.kind, heading, number, cited))
        (body.headings if block.kind == "heading" else body.sentences).extend(found)
        if len(body.sentences) > MOST_SENTENCES:
            body.cut = body.sentences[MOST_SENTENCES].place
            del body.sentences[MOST_SENTENCES:]
            break
    return body


def _visible(source: _Source, block: HtmlBlock) -> tuple[Traced, list[tuple[int, Citation]]]:
    """What a reader sees of a block, and the sources that it links to."""
    traced = Traced(source.lines)
    cited: list[tuple[int, Citation]] = []
    last: Value | None = None
    for part, element in block.parts:
        if part.start == part.end:
            traced.space(part.start)
            continue
        is_note = _is_note(source, part, element)
        if element.link is not None and element.link != last:
            address = _address(source, element.link)
            if is_note or _is_source(address):
                line, column = source.lines.where(part.start)
                end = min(column + part.end - part.start, len(source.lines.lines[line - 1]) + 1)
                place = Place(source.file, line, column, end, "", source.lines.lines[line - 1])
                cited.append((traced.length, Citation(address, place)))
        last = element.link
        if not is_note:
            traced.html(source.text, part.start, part.end)
    return traced, cited


def _is_note(source: _Source, part: Part, element: Element) -> bool:
    """Whether a run is the number of a footnote: raised, or a link within the page."""
    within = element.link is not None and source.text.startswith("#", element.link.start)
    if element.note and within:
        return True
    return (element.note or within) and _NOTE.issuperset(source.text[part.start : part.end])


def _address(source: _Source, link: Value) -> str:
    return source.text[link.start : min(link.end, link.start + _LONGEST_ADDRESS)].strip()


def _is_source(address: str) -> bool:
    """Whether an address leads to a journal, a register, a guideline or their like."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return any(host == h or host.endswith("." + h) for h in layout()["sources.hosts"])


def _sentences(
    source: _Source,
    traced: Traced,
    kind: str,
    heading: str,
    number: int,
    cited: Sequence[tuple[int, Citation]] = (),
) -> Iterator[Sentence]:
    text, pieces = traced.text, pieces_of(traced)
    bounds = split_sentences(text)
    at = 0
    for n, (start, end) in enumerate(bounds):
        # A source after the full stop belongs to the sentence before it.
        limit = bounds[n + 1][0] if n + 1 < len(bounds) else len(text) + 1
        keys: list[str] = []
        while at < len(cited) and cited[at][0] < limit:
            keys.append(cited[at][1].key)
            at += 1
        words = text[start:end]
        yield Sentence(
            words,
            source.place(pieces, start, end),
            False,
            heading,
            words,
            part_of(pieces, start, end),
            kind,
            number,
            tuple(keys),
        )


def _described(source: _Source, metas: Iterable[Tag]) -> dict[str, Traced]:
    """Title and description for search engines and for those who share the page."""
    found: dict[str, Traced] = {}
    for tag in metas:
        name = source.attribute(tag, "name") or source.attribute(tag, "property")
        if name in (*_TITLES, *_DESCRIPTIONS) and "content" in tag.attributes:
            found.setdefault(name, source.value(tag.attributes["content"]))
    return found


def _told(source: _Source, found: Outline) -> list[Told]:
    """The values of every block of JSON-LD that are judged."""
    return [
        told
        for tag, run in found.scripts
        if source.attribute(tag, "type").partition(";")[0].strip() == "application/ld+json"
        for told in values_of(source.text, run.start, run.end, source.lines)
    ]


def _head(source: _Source, parts: Iterable[Traced]) -> Iterator[Sentence]:
    """The sentences of the head, each text once: a description often stands there three times."""
    seen: set[str] = set()
    for traced in parts:
        text = traced.text.strip()
        if text and text not in seen:
            seen.add(text)
            yield from _sentences(source, traced, "meta", "", 0)


def _meta(file: str, title: str, description: str) -> Meta:
    return Meta(title, description, "", "", "", "", (), False, "", PurePosixPath(file).stem)


def _first(parts: Iterable[Traced]) -> str:
    return next((text for traced in parts if (text := traced.text.strip())), "")


def _treating(source: _Source, told: Told) -> Diagnostic:
    pieces, text = pieces_of(told.text), told.text.text
    return Diagnostic(
        "ALO002",
        Severity.ERROR,
        source.place(pieces, 0, len(text)),
        f"{told.name} tells search engines that this treats a condition: that is a claim",
        f"{told.name}: {text.strip()[:80]}",
        "readers may be shown it without the words around it",
        f"take {told.name} out of the JSON-LD unless the evidence carries it; "
        "what the page is about can be said with about",
    )


def _no_text(page: Page) -> Diagnostic:
    return Diagnostic(
        "ALO003",
        Severity.WARNING,
        Place(page.file, source=page.lines[0] if page.lines else ""),
        "no text was found in this page",
        "every paragraph is missing, or stands in a menu, a form or a script",
        "nothing in it is checked",
        "save the page from the browser once it is shown (Save as, complete), and check that file",
    )


def _cut_off(place: Place) -> Diagnostic:
    return Diagnostic(
        "ALO004",
        Severity.ERROR,
        place,
        "this page is too long to be read to its end",
        f"more than {MOST_TAGS:,} tags, {MOST_SENTENCES:,} sentences or {MOST_TEXT:,} characters",
        "nothing from here on is checked",
        "save the article without its archive or comments, or split it, and check the parts",
    )
