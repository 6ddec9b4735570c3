"""The one way from a folder to verdicts, shared by the commands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.certainty.network.asked import with_networks
from osler.certainty.problems import certainty_problems
from osler.claims.consistency.folder import check_folder
from osler.claims.document.page import parse_page
from osler.claims.house import House, house_of
from osler.claims.judging import judge_page
from osler.claims.language.lexicon import using
from osler.claims.links import questions_of
from osler.claims.model import Judged, Page
from osler.claims.rules.checking import settle
from osler.claims.rules.choice import as_chosen
from osler.core.diagnostics import Diagnostic, Severity, in_order
from osler.publish.addresses import address_problems
from osler.publish.flows import flow_of_review
from osler.review.model import Review
from osler.review.reading import parse_review

# No events, everybody had the event, no measure of spread, a p-value without its number.
FACTS_ABOUT_TRIALS = frozenset({"EFF013", "EFF014", "EFF030", "EFF036"})


@dataclass(frozen=True)
class CheckedPage:
    """A page with its verdicts and everything found in it."""

    page: Page
    judged: tuple[Judged, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_publishable(self) -> bool:
        """Whether ``osler build`` may write it: not a draft, and without an error."""
        return not self.page.meta.draft and not self.has_errors

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


@dataclass(frozen=True)
class Checked:
    """A folder after every check; ``folder_diagnostics`` are those of the tables."""

    review: Review
    evidence: Evidence
    pages: tuple[CheckedPage, ...]
    folder_diagnostics: tuple[Diagnostic, ...]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them, in the order of files and lines."""
        return in_order([*self.folder_diagnostics, *(d for p in self.pages for d in p.diagnostics)])


def check_files(
    files: Mapping[str, bytes], today: date
) -> tuple[Checked | None, tuple[Diagnostic, ...]]:
    """Reads a folder, answers its questions and judges its pages.

    Parameters
    ----------
    files : mapping of str to bytes
        As ``osler.review.folder.read_folder`` gives them.
    today : date
        Against which dates of review are held.

    Returns
    -------
    Checked or None
        None where the folder does not say what is asked.
    tuple of Diagnostic
        Everything found.
    """
    review, found = parse_review(files)
    if review is None:
        return None, found
    house, of_house = house_of(files, review, today)
    with using(house.lexicon):
        read = [parse_page(source.text, source.file) for source in review.pages]
    asked = [question for page, _ in read for question in questions_of(page)]
    pairwise = gather_evidence(review)
    evidence = with_networks(review, pairwise, [*asked, *(j.about for j in review.judgements)])
    of_numbers = [*unusable_numbers(pairwise, found), *certainty_problems(review, evidence)]
    found = in_order([*found, *of_numbers])
    found = in_order([*found, *of_house, *check_folder(review)])
    if any(one.name == "prisma" for page, _ in read for one in page.insertions):
        found = in_order([*found, *flow_of_review(review)[2]])
    pages = tuple(
        _judged(page, while_reading, review, evidence, house, today) for page, while_reading in read
    )
    in_pages = {page.page.file for page in pages}
    addresses = address_problems([p.page for p in pages if not p.page.meta.draft])
    of_pages = [*addresses, *(d for d in found if d.place.file in in_pages)]
    checked = Checked(
        review,
        evidence,
        tuple(
            CheckedPage(
                p.page,
                p.judged,
                in_order([*p.diagnostics, *(d for d in of_pages if d.place.file == p.page.file)]),
            )
            for p in pages
        ),
        tuple(d for d in found if d.place.file not in in_pages),
    )
    return checked, checked.diagnostics


def unusable_numbers(evidence: Evidence, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What kept numbers of the tables out of an answer, where nothing else names their row.

    What a report does not say, and no events at all, are facts about the trial, not mistakes
    in the table: they are notes, and the page lists them.
    """
    named = {(d.place.file, d.place.line) for d in found if d.severity is Severity.ERROR}
    answers = [f.answer for f in evidence.findings.values()] + [*evidence.unanswered.values()]
    for left_out in (row for answer in answers for row in answer.left_out):
        for d in left_out.diagnostics:
            if (d.place.file, d.place.line) not in named:
                yield replace(
                    d,
                    severity=Severity.NOTE if d.code in FACTS_ABOUT_TRIALS else d.severity,
                    found=f"{left_out.label}, {left_out.what}: {d.found}",
                    so="it is left out of the answer, and the page lists it with the reason",
                )


def check_page(
    text: str, file: str, review: Review, evidence: Evidence, house: House, today: date
) -> CheckedPage:
    """One page of a folder; comments that set findings aside are not applied."""
    with using(house.lexicon):
        page, while_reading = parse_page(text, file)
    evidence = with_networks(review, evidence, questions_of(page))
    return _judged(page, while_reading, review, evidence, house, today)


def _judged(
    page: Page,
    while_reading: Iterable[Diagnostic],
    review: Review,
    evidence: Evidence,
    house: House,
    today: date,
) -> CheckedPage:
    with using(house.lexicon):
        judged, found = judge_page(
            page,
            review,
            evidence,
            today=today,
            confirmed=house.confirmed,
            packs=house.packs,
            lexicon=house.lexicon,
        )
    found = settle(as_chosen(found, house.available, house.packs), house.packs)
    return CheckedPage(page, judged, in_order([*while_reading, *found]))
