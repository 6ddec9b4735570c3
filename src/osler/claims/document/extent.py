"""How much of a page is judged: enough for any article, and an end to what never ends.

A check has to answer at once whatever a file holds. Each limit is far above what an article
for readers holds, and a page above one is told, with an error, so that it is not published
with a part that nobody judged.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from osler.core.diagnostics import Diagnostic, Place, Severity

# An article of 20,000 words has some 130,000 characters with all its marks.
MOST_TEXT = 180_000
# Such an article has 1,500 sentences, and 2,000 lines where they are broken.
MOST_LINES = 6_000
MOST_SENTENCES = 3_000
# Emphasis, cells of tables and the like: three in a row of two cells, four around bold words.
MOST_MARKS = 6_000
# Opening brackets and braces: a citation has one, a marked statement and an insertion two, and
# so each sentence can be marked and cited.
MOST_OPENINGS = 3_000

_SENTENCE_END = re.compile(r"[.!?…](?=\s)")
_MARK = re.compile(r"[|*_`<\\&!#]")
_OPENING = re.compile(r"[\[{]")
_LINE = re.compile(r"\n")
# So far back from a limit the end of a line is looked for.
_LINE_REACH = 1_000


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a text that is read, and why it ends there."""

    text: str
    because: str


def within(text: str) -> Cut:
    r"""The part of a text that is within every limit; all of it for a text that people read.

    Examples
    --------
    >>> within("It may help.\n")
    Cut(text='It may help.\n', because='')
    >>> cut = within("a\n" * 30_000)
    >>> len(cut.text), cut.because
    (11999, 'more than 6,000 lines')
    """
    end, because = min(_limits(text), default=(len(text), ""))
    if not because:
        return Cut(text, "")
    line_end = text.rfind("\n", max(end - _LINE_REACH, 0), end)
    return Cut(text[: line_end if line_end > 0 else end], f"more than {because}")


def _limits(text: str) -> Iterator[tuple[int, str]]:
    """Where each limit that the text exceeds is reached."""
    if len(text) > MOST_TEXT:
        yield MOST_TEXT, f"{MOST_TEXT:,} characters"
    head = text[:MOST_TEXT]
    for sign, most, what in (
        (_LINE, MOST_LINES, "lines"),
        (_SENTENCE_END, MOST_SENTENCES, "sentences"),
        (_MARK, MOST_MARKS, "marks of Markdown"),
        (_OPENING, MOST_OPENINGS, "opening brackets and braces"),
    ):
        at = _nth(sign.finditer(head), most)
        if at is not None:
            yield at, f"{most:,} {what}"


def _nth(found: Iterable[re.Match[str]], n: int) -> int | None:
    """Where match number ``n`` (from 0) starts."""
    return next((match.start() for match in islice(found, n, None)), None)


def cut_off(cut: Cut, file: str) -> Diagnostic:
    """That the rest of a page is not judged, told at the first place that is not."""
    line = cut.text.count("\n") + 1
    source = cut.text[cut.text.rfind("\n") + 1 :]
    column = len(source) + 1
    return Diagnostic(
        "PAG013",
        Severity.ERROR,
        Place(file, line, column, column, "", source),
        "this page is too long to be judged to its end",
        cut.because,
        "nothing from here on is checked, so the page is not published",
        "split it into pages that a reader can take in",
    )
