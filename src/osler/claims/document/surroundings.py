"""The sentence and the paragraph in which a marked passage stands."""

from bisect import bisect_right

from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.model import Page, Sentence, Span

# So far around a passage a paragraph is read, in sentences: pasted text has no paragraphs, and
# what is said far away is not said beside it.
_NEAR = 12


def sentence_number(span: Span, page: Page) -> int | None:
    """The index in ``page.sentences`` of the sentence in which a passage begins.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> page, _ = parse_page('One. Of ten, [six]{.fact about="a"} did.', "pages/x.md")
    >>> sentence_number(page.spans[0], page)
    1
    """
    at = bisect_right(page.sentences, (span.place.line, span.place.column), key=_position)
    return at - 1 if at else None


def _position(sentence: Sentence) -> tuple[int, int]:
    return sentence.place.line, sentence.place.column


def sentence_of(span: Span, page: Page) -> Sentence | None:
    """The sentence in which a passage begins; None for a page without sentences before it."""
    number = sentence_number(span, page)
    return None if number is None else page.sentences[number]


def paragraph_of(span: Span, page: Page) -> str:
    """The sentences around a passage that belong to its paragraph, list item or cell.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> page, _ = parse_page('One. Of ten, [six]{.fact about="a"} did.', "pages/x.md")
    >>> paragraph_of(page.spans[0], page)
    'One. Of ten, six did.'
    """
    number = sentence_number(span, page)
    if number is None:
        return span.text
    block = page.sentences[number].block
    near = page.sentences[max(number - _NEAR, 0) : number + _NEAR + 1]
    return " ".join(s.text for s in near if s.block == block)[: 2 * LONGEST_SENTENCE]


def spans_by_sentence(page: Page) -> dict[int, list[Span]]:
    """The marked passages of each sentence, by its index; those outside sentences are left out."""
    out: dict[int, list[Span]] = {}
    for span in page.spans:
        number = sentence_number(span, page)
        if number is not None:
            out.setdefault(number, []).append(span)
    return out
