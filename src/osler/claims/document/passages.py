"""The sentence that a finding is about, which stays the same where lines move."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from osler.claims.document.sentences import LONGEST_SENTENCE, split_sentences
from osler.claims.model import Page, Sentence
from osler.core.diagnostics import Diagnostic, Place


def texts_of(diagnostics: Sequence[Diagnostic], pages: Iterable[Page]) -> tuple[str, ...]:
    """For each finding the sentence of its page, or the row of its table.

    Where a finding stands outside every sentence (front matter, a directive), and where no page
    is given, it is the part of the line, up to the full stops around the place.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> from osler.core.diagnostics import Severity
    >>> page, _ = parse_page("It is old. It" + chr(10) + "cures all.", "a.md")
    >>> place = Place("a.md", 2, 1, 6, source="cures all.")
    >>> texts_of([Diagnostic("CLM006", Severity.ERROR, place, "no trial can show it")], [page])
    ('It cures all.',)
    """
    charts = {page.file: _chart(page) for page in pages}
    return tuple(_text(d.place, charts.get(d.place.file, {})) for d in diagnostics)


# Line -> where on it sentences run: columns, and the sentence that begins to run there.
_Chart = Mapping[int, tuple[Sequence[int], Sequence[Sentence]]]


def _chart(page: Page) -> _Chart:
    starts: dict[int, list[tuple[int, Sentence]]] = {}
    for sentence in (*page.headings, *page.sentences):
        for piece in sentence.pieces:
            starts.setdefault(piece.line, []).append((piece.column, sentence))
    chart = {}
    for line, found in starts.items():
        found.sort(key=lambda pair: pair[0])
        chart[line] = ([column for column, _ in found], [sentence for _, sentence in found])
    return chart


def _text(place: Place, chart: _Chart) -> str:
    if place.line in chart:
        columns, sentences = chart[place.line]
        at = bisect_right(columns, place.column) - 1
        if at >= 0:
            return _tidy(sentences[at].text)
    if place.field:
        return _tidy(place.source)
    return _around(place.source, place.column - 1)


def _around(source: str, at: int) -> str:
    """The sentence of a line in which a character stands."""
    starts, ends = _sentences(source)
    n = bisect_right(starts, at) - 1
    if n < 0:
        return _tidy(source)
    return _tidy(source[starts[n] : ends[n]])


def _tidy(text: str) -> str:
    """With single spaces; what is no sentence for the judge is cut, so that this stays quick."""
    return " ".join(text[:LONGEST_SENTENCE].split())


@lru_cache(maxsize=64)
def _sentences(source: str) -> tuple[Sequence[int], Sequence[int]]:
    found = split_sentences(source)
    return [start for start, _ in found], [end for _, end in found]
