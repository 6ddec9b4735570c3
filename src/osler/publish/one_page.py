"""One page whose text changes, in a folder whose tables have been read once.

What the tables say takes longer to work out than what a page says: an editor asks for it
once, and then checks the text at every pause.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.claims.alone import NO_EVIDENCE
from osler.claims.document.suppression import apply_suppressions
from osler.claims.house import House, house_of
from osler.core.diagnostics import Diagnostic, in_order
from osler.publish.addresses import address_problems
from osler.publish.pipeline import CheckedPage, check_page, unusable_numbers
from osler.review.model import PageSource, Review
from osler.review.reading import parse_review


@dataclass(frozen=True)
class Tables:
    """A folder without its pages' texts: its review (None: no question), evidence and rules."""

    review: Review | None
    evidence: Evidence
    house: House
    diagnostics: tuple[Diagnostic, ...]


def read_tables(files: Mapping[str, bytes], today: date) -> Tables:
    """What the tables and settings of a folder say.

    Parameters
    ----------
    files : mapping of str to bytes
        As ``osler.review.folder.read_folder`` gives them.
    today : date
        Against which the dates of rules are held.
    """
    review, found = parse_review(files)
    if review is None:
        return Tables(None, NO_EVIDENCE, House(), found)
    house, of_house = house_of(files, review, today)
    evidence = gather_evidence(review)
    numbers = unusable_numbers(evidence, found)
    return Tables(review, evidence, house, in_order([*found, *numbers, *of_house]))


def check_text(tables: Tables, name: str, text: str, today: date) -> CheckedPage:
    """A page of the folder with this text, and the findings that no comment sets aside.

    Parameters
    ----------
    tables : Tables
        Of a folder with a question.
    name : str
        The page's path within the folder.
    text : str
        Need not be what is on the disk.
    today : date
        Against which dates of review are held.
    """
    review = review_with(tables, name, text)
    checked = check_page(text, name, review, tables.evidence, tables.house, today)
    found = in_order([*checked.diagnostics, *address_problems([checked.page])])
    return replace(checked, diagnostics=apply_suppressions(found, [checked.page]).standing)


def review_with(tables: Tables, name: str, text: str) -> Review:
    """The review with this text in the page's place.

    Raises
    ------
    ValueError
        Where the folder has no question.
    """
    if tables.review is None:
        raise ValueError("a folder without a question has no pages to check by its evidence")
    others = [page for page in tables.review.pages if page.file != name]
    pages = tuple(sorted([*others, PageSource(name, text)], key=lambda page: page.file))
    return replace(tables.review, pages=pages)
