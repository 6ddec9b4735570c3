"""Every statement of a page against the evidence of its folder."""

from collections.abc import Iterable
from datetime import date

from osler.certainty.model import Evidence
from osler.claims.against.facts import judge_fact
from osler.claims.against.findings import judge_claim
from osler.claims.against.mechanisms import judge_mechanism
from osler.claims.against.practice import judge_practice
from osler.claims.against.reviews import judge_citations
from osler.claims.confirmed import Confirmations, hold_against, unused
from osler.claims.consistency.page import check_consistency
from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.grounds import Grounds
from osler.claims.language.lexicon import SHIPPED, Lexicon
from osler.claims.language.names import names_of
from osler.claims.links import check_links
from osler.claims.model import Judged, Page, Span, SpanKind, Verdict
from osler.claims.rules.checking import check_rules
from osler.claims.rules.model import Pack
from osler.claims.safety import check_safety
from osler.claims.unmarked import find_unmarked
from osler.claims.whole_page import check_whole, too_long
from osler.core.diagnostics import Diagnostic, in_order
from osler.review.model import Review

# The others say whose words they are: rules judge them, and they have no verdict.
HELD_AGAINST_THE_FOLDER: tuple[SpanKind, ...] = ("claim", "fact", "mechanism", "practice")


def judge_page(
    page: Page,
    review: Review,
    evidence: Evidence,
    *,
    today: date,
    confirmed: Confirmations | None = None,
    packs: Iterable[Pack] = (),
    lexicon: Lexicon = SHIPPED,
) -> tuple[tuple[Judged, ...], tuple[Diagnostic, ...]]:
    """Judge a page.

    Parameters
    ----------
    page : Page
        As :func:`~osler.claims.document.page.parse_page` gives it.
    review, evidence
        The folder, and what its trials say.
    today : date
        The day against which the date of the next review is held.
    confirmed : Confirmations, optional
        What people confirmed (:func:`~osler.claims.confirmed.parse_confirmations`); where
        the evidence has changed since, the verdict is out of date.
    packs : iterable of Pack, optional
        The rules that are on, as :func:`~osler.claims.rules.choice.choose_packs` leaves them.
    lexicon : Lexicon, optional
        The words by which marked claims are read; with those that the folder adds.

    Returns
    -------
    tuple of Judged, tuple of Diagnostic
        One Judged for each span that is held against the folder (claims, facts, mechanisms,
        practice), in the order of the page; and everything found in the page, those of the
        Judged among it, by line and column.
    """
    names = names_of(review, evidence)
    held = [span for span in page.spans if span.kind in HELD_AGAINST_THE_FOLDER]
    grounds = Grounds(review, evidence, names, lexicon)
    judged = [_judge(span, page, grounds) for span in held]
    if confirmed is not None:
        judged = [hold_against(one, page, review, confirmed) for one in judged]
    found = [d for j in judged for d in j.diagnostics]
    found += find_unmarked(page, review, evidence, names)
    found += check_links(page, review, evidence, names)
    found += judge_citations(page, review)
    found += check_safety(page, review, evidence)
    found += check_consistency(page, review, evidence)
    found += check_rules(page, packs, names, today)
    found += check_whole(page, today)
    found += unused(page, confirmed) if confirmed is not None else []
    return tuple(judged), in_order(found)


def _judge(span: Span, page: Page, grounds: Grounds) -> Judged:
    if len(span.text) > LONGEST_SENTENCE:
        return Judged(span, None, Verdict.NOT_SHOWN, (), (), (too_long(span.place),))
    if span.kind == "claim":
        return judge_claim(span, page, grounds)
    if span.kind == "fact":
        return judge_fact(span, page, grounds.review)
    if span.kind == "practice":
        return judge_practice(span, page, grounds.review)
    return judge_mechanism(span, page, grounds.review)
