"""Words just before or after a mark that go on with its claim: "in children", "for good".

A mark is judged by the words inside it. But "[may reduce leg pain]{...} in children" claims
as much as the same words inside, so a phrase that clings to the mark is read with it. Only such
phrases: what else the sentence says is another statement.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from osler.claims.document.positions import part_of, place_of
from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.document.surroundings import sentence_of
from osler.claims.language.words import Word, words_of
from osler.claims.model import Page, Sentence, Span

# With one of these a phrase begins that goes on with the claim.
_OPENERS = frozenset(
    "in for during with among at after within over permanently forever lastingly always and".split()
)
# And with one of these another statement, although it looks the same.
_OTHERS = frozenset("which who that it this they we is are was were but than".split())
_ENDS = frozenset(",.;:!?()[]—–\ufffc")
# No phrase is longer, in words.
REACH = 8


def beside(span: Span, page: Page) -> tuple[Span, ...]:
    """The phrases that cling to a mark, as spans of the same kind and questions.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> text = 'In children, it [may help]{.claim about="a / b"} for good, and it is cheap.'
    >>> page, _ = parse_page(text, "pages/x.md")
    >>> [part.text for part in beside(page.spans[0], page)]
    ['In children', 'for good']
    """
    sentence = sentence_of(span, page)
    if sentence is None or len(sentence.text) > LONGEST_SENTENCE:
        return ()
    start = sentence.text.find(span.text)
    if start < 0:
        return ()
    ends = (*_before(sentence, start), *_after(sentence, start + len(span.text)))
    return tuple(_part(span, sentence, page, a, b) for a, b in ends)


def _part(span: Span, sentence: Sentence, page: Page, start: int, end: int) -> Span:
    pieces = part_of(sentence.pieces, start, end)
    place = place_of(sentence.pieces, start, end, page.file, page.lines)
    return replace(span, text=sentence.text[start:end], place=place, pieces=pieces)


def _before(sentence: Sentence, start: int) -> Iterator[tuple[int, int]]:
    """The phrase with which the sentence opens, up to its comma: "In children, ..."."""
    words = words_of(sentence.outside[:start])
    if not words or words[0].text not in _OPENERS:
        return
    comma = next((n for n, w in enumerate(words) if "," in w.before), None)
    if comma is not None and comma <= REACH and not _is_other(words[:comma]):
        yield words[0].start, words[comma - 1].end


def _after(sentence: Sentence, end: int) -> Iterator[tuple[int, int]]:
    """The phrase right behind the mark, up to the next mark of punctuation."""
    rest = sentence.outside[end : end + 400]
    if rest.lstrip()[:1] in _ENDS:
        return
    words = words_of(rest)
    if not words or words[0].text not in _OPENERS:
        return
    stop = next((n for n, w in enumerate(words) if n and not _ENDS.isdisjoint(w.before)), None)
    phrase = words[: min(stop or len(words), REACH)]
    phrase = phrase[: next((n for n, w in enumerate(phrase) if w.text in _OTHERS), len(phrase))]
    if phrase:
        yield end + phrase[0].start, end + phrase[-1].end


def _is_other(words: Sequence[Word]) -> bool:
    return any(word.text in _OTHERS for word in words)
