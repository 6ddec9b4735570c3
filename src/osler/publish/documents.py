"""Tables of a review as files of their own: HTML, Word, CSV and plain text."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from importlib import import_module
from typing import Any, Literal

from osler.certainty.model import Evidence
from osler.claims.model import Meta, Page
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.publish.composition import Composition, environment
from osler.publish.decision import decision_sheet
from osler.publish.profile import profile_findings, profile_sheet
from osler.publish.references import Entry, entries
from osler.publish.sheet_csv import decision_csv, findings_csv, profile_csv
from osler.publish.sheet_html import html_document
from osler.publish.sheet_text import sheet_text
from osler.publish.sheets import Sheet
from osler.publish.summary import summary_diagnostics, summary_sheet
from osler.review.model import Comparison, Outcome, Review

TableKind = Literal["findings", "profile", "decision"]
Format = Literal["html", "docx", "csv", "text"]

TITLES = {
    "findings": "Summary of findings",
    "profile": "Evidence profile",
    "decision": "From evidence to a decision",
}
"""The kinds of tables, and how a document of each is called."""

_ALIKE = 0.6  # as difflib's own get_close_matches
_OPENING = Place("osler.toml")
_NO_META = Meta("", "", "", "", "", "", (), False, "", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: ``name`` is a comparison, for "decision" an outcome.

    Without a name, every comparison that has an answer is shown, and the first outcome.
    """

    table: TableKind = "findings"
    name: str = ""
    format: Format = "text"
    numbers_needed: bool = False
    width: int = 100


@dataclass(frozen=True, slots=True)
class Written:
    """The file's content, and what there is to say about the tables."""

    content: bytes
    diagnostics: tuple[Diagnostic, ...]


def table_document(
    review: Review, evidence: Evidence, asked: Asked, *, version: str = ""
) -> Written:
    """One or more tables as a file; the same review gives the same bytes.

    Parameters
    ----------
    review, evidence : Review, Evidence
        A folder, and the answers to its questions.
    asked : Asked
        Which table, of what, as what.
    version : str
        Osler's own, for the foot of HTML and Word files.

    Raises
    ------
    DataError
        SOF004 for a comparison or outcome that the review does not have; SOF005 where
        python-docx is missing; PUB002 for a fact that facts.csv does not have.
    """
    if asked.table == "decision":
        outcome = _outcome(review, asked.name)
        if asked.format == "csv":
            return Written(decision_csv(_composition(review, evidence), outcome), ())
        made = _composition(review, evidence)
        return Written(_shown(made, (decision_sheet(made, outcome, _OPENING),), asked, version), ())
    comparisons = _comparisons(review, evidence, asked)
    found = _diagnostics(review, evidence, comparisons) if asked.table == "findings" else ()
    if asked.format == "csv":
        return Written(_csv(review, evidence, comparisons, asked), found)
    made = _composition(review, evidence)
    sheets = tuple(_sheet(made, comparison, asked) for comparison in comparisons)
    return Written(_shown(made, sheets, asked, version), found)


def _sheet(composition: Composition, comparison: Comparison, asked: Asked) -> Sheet:
    if asked.table == "profile":
        return profile_sheet(composition, comparison)
    return summary_sheet(composition, comparison, numbers_needed=asked.numbers_needed)


def _csv(
    review: Review, evidence: Evidence, comparisons: Sequence[Comparison], asked: Asked
) -> bytes:
    if asked.table == "profile":
        return profile_csv(review, evidence, comparisons)
    return findings_csv(review, evidence, comparisons, numbers_needed=asked.numbers_needed)


def _diagnostics(
    review: Review, evidence: Evidence, comparisons: Sequence[Comparison]
) -> tuple[Diagnostic, ...]:
    return tuple(d for c in comparisons for d in summary_diagnostics(review, evidence, c))


def _composition(review: Review, evidence: Evidence) -> Composition:
    """A page that holds nothing but tables."""
    page = Page(_OPENING.file, _NO_META, (), (), (), (), ())
    return Composition(review, evidence, page, environment())


def _shown(composition: Composition, sheets: Sequence[Sheet], asked: Asked, version: str) -> bytes:
    review = composition.review
    title = f"{TITLES[asked.table]}: {review.condition}"
    foot = f"{review.site.name}. Made with Osler {version}.".strip() if version else ""
    if asked.format == "html":
        return html_document(composition, sheets, title=title, facts=_facts(review), foot=foot)
    references = entries(composition.citations.counts, review.references)
    if asked.format == "docx":
        word = _word()
        content: bytes = word.docx_bytes(
            sheets,
            title=title,
            facts=_facts(review),
            references=[word.Reference(e.number, _plain(e)) for e in references],
            language=review.site.language,
            foot=foot,
        )
        return content
    listed = "".join(f"[{entry.number}] {_plain(entry)}\n" for entry in references)
    tables = "\n\n".join(sheet_text(sheet, asked.width) for sheet in sheets)
    return (tables + (f"\n{listed}" if listed else "")).encode()


def _plain(entry: Entry) -> str:
    return f"{entry.text.striptags()} {entry.url_text}".strip()


def _facts(review: Review) -> tuple[tuple[str, str], ...]:
    named = (("People", review.population), ("Trials searched to", review.searched))
    return tuple((name, text) for name, text in named if text)


def _word() -> Any:
    """The module that writes Word files with python-docx, which is an extra."""
    try:
        return import_module("osler.publish.sheet_docx")
    except ImportError as error:
        raise DataError(_no_docx()) from error


def _outcome(review: Review, name: str) -> Outcome:
    if not name and review.outcomes:
        return next(iter(review.outcomes.values()))
    if name not in review.outcomes:
        raise DataError(_unknown("outcome", name, tuple(review.outcomes)))
    return review.outcomes[name]


def _comparisons(review: Review, evidence: Evidence, asked: Asked) -> tuple[Comparison, ...]:
    if asked.name:
        if asked.name not in review.comparisons:
            raise DataError(_unknown("comparison", asked.name, tuple(review.comparisons)))
        return (review.comparisons[asked.name],)
    everything = tuple(review.comparisons.values())
    return tuple(c for c in everything if profile_findings(review, evidence, c)) or everything


def _likeness(name: str, item: str) -> float:
    """How like a name is to a known one, or to its beginning, where not all was written."""
    asked, known = name.lower(), item.lower()
    return max(SequenceMatcher(None, asked, text).ratio() for text in (known, known[: len(asked)]))


def _unknown(kind: str, name: str, known: Sequence[str]) -> Diagnostic:
    close = sorted(known, key=lambda item: -_likeness(name, item))
    offered = [item for item in close[:3] if _likeness(name, item) >= _ALIKE]
    return Diagnostic(
        code="SOF004",
        severity=Severity.ERROR,
        place=_OPENING,
        message=f"the review has no {kind} of this name",
        found=f"{name!r} is not among the {len(known)} {kind}s of osler.toml",
        so="no table was made",
        help=f"did you mean {' or '.join(map(repr, offered))}?"
        if offered
        else f"known: {'; '.join(known)}",
    )


def _no_docx() -> Diagnostic:
    return Diagnostic(
        code="SOF005",
        severity=Severity.ERROR,
        place=_OPENING,
        message="a Word document needs python-docx, which is not installed",
        so="no table was made",
        help='run: pip install "osler[docx]", or use --format html, which Word opens too',
    )
