"""What a page as a whole should hold: red flags, references, a date that has not passed."""

from collections.abc import Iterator
from datetime import date

from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.language.lexicon import phrases
from osler.claims.language.words import words_of
from osler.claims.model import Page
from osler.core.diagnostics import Diagnostic, Place, Severity


def check_whole(page: Page, today: date) -> Iterator[Diagnostic]:
    """Warnings on the page as a whole.

    Parameters
    ----------
    page : Page
    today : date
        The day against which the date of the next review is held.
    """
    yield from _review_due(page, today)
    long = (s for s in (*page.headings, *page.sentences) if len(s.text) > LONGEST_SENTENCE)
    yield from (too_long(sentence.place) for sentence in long)
    if not any(span.kind == "claim" for span in page.spans):
        return
    top = Place(page.file, source=page.lines[0] if page.lines else "")
    if not _has_red_flags(page):
        yield _warning(
            "PAG008",
            top,
            "the page does not say when to see a doctor at once",
            "a reader with a warning sign may wait too long",
            "add a heading such as When to see a doctor at once, with the warning signs",
        )
    if not page.citations:
        yield _warning(
            "PAG009",
            top,
            "the page makes claims and cites nothing",
            "a reader cannot look up where they come from",
            "cite the trials, reviews and guidelines with [@key]",
        )


def too_long(place: Place) -> Diagnostic:
    """A sentence or a marked passage that is too long to be judged."""
    return _warning(
        "PAG011",
        place,
        "this is too long to be read as a sentence",
        "it is not judged",
        "end sentences with a full stop, and keep a mark within one sentence",
        f"more than {LONGEST_SENTENCE} characters without an end",
    )


def _review_due(page: Page, today: date) -> Iterator[Diagnostic]:
    try:
        due = date.fromisoformat(page.meta.next_review)
    except ValueError:
        return
    if due < today:
        yield _warning(
            "OUT001",
            page.fields["next_review"],
            "the page's review is due",
            "readers may rely on what has changed since",
            "check the page against the evidence, then move reviewed and next_review on",
            f"it was to be reviewed by {due.isoformat()}, and today is {today.isoformat()}",
        )


def _has_red_flags(page: Page) -> bool:
    known = phrases("whole", "red_flags")
    return any(known.find(words_of(s.text)) for s in (*page.headings, *page.sentences))


def _warning(
    code: str, place: Place, message: str, so: str, advice: str, found: str = ""
) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, place, message, found, so, advice)
