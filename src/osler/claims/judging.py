"""Every statement of a page against the evidence of its folder."""

from datetime import date

from osler.certainty.model import Evidence
from osler.claims.against_facts import judge_fact
from osler.claims.against_findings import judge_claim
from osler.claims.against_mechanisms import judge_mechanism
from osler.claims.links import check_links
from osler.claims.model import Judged, Page, Span, Verdict
from osler.claims.names import Names, names_of
from osler.claims.sentences import LONGEST_SENTENCE
from osler.claims.unmarked import find_unmarked
from osler.claims.whole_page import check_whole, too_long
from osler.core.diagnostics import Diagnostic, in_order
from osler.review.model import Review


def judge_page(
    page: Page, review: Review, evidence: Evidence, *, today: date
) -> tuple[tuple[Judged, ...], tuple[Diagnostic, ...]]:
    """Judge a page.

    Parameters
    ----------
    page : Page
        As :func:`~osler.claims.page.parse_page` gives it.
    review, evidence
        The folder, and what its trials say.
    today : date
        The day against which the date of the next review is held.

    Returns
    -------
    tuple of Judged, tuple of Diagnostic
        One Judged for each marked span, in the order of the page; and everything found in
        the page, those of the Judged among it, by line and column.
    """
    names = names_of(review, evidence)
    judged = tuple(_judge(span, page, review, evidence, names) for span in page.spans)
    found = [d for j in judged for d in j.diagnostics]
    found += find_unmarked(page, review, evidence, names)
    found += check_links(page, review, evidence, names)
    found += check_whole(page, today)
    return judged, in_order(found)


def _judge(span: Span, page: Page, review: Review, evidence: Evidence, names: Names) -> Judged:
    if len(span.text) > LONGEST_SENTENCE:
        return Judged(span, None, Verdict.NOT_SHOWN, (), (), (too_long(span.place),))
    if span.kind == "claim":
        return judge_claim(span, page, review, evidence, names)
    if span.kind == "fact":
        return judge_fact(span, page, review)
    return judge_mechanism(span, page, review)
