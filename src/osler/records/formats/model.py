"""What an import is: formats, what was read of a file, and what is told about it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from osler.core.diagnostics import Diagnostic
from osler.records.model import Decision, Name, RawField, Record
from osler.records.names import NameOrder


class Format(StrEnum):
    """The shape of a file; the value stands in ``Source.format``."""

    RIS = "ris"
    NBIB = "nbib"
    OVID_TAGGED = "ovid-tagged"
    OVID = "ovid"
    WOS = "wos"
    REFWORKS = "refworks"
    REFER = "refer"
    COCHRANE = "cochrane"
    NOTEEXPRESS = "noteexpress"
    BIBTEX = "bibtex"
    ENDNOTE_XML = "endnote-xml"
    PUBMED_XML = "pubmed-xml"
    ICTRP_XML = "ictrp-xml"
    RDF = "rdf"
    CSL_JSON = "csl-json"
    EPPI_JSON = "eppi-json"
    CLINICALTRIALS_JSON = "clinicaltrials-json"
    CSV = "csv"
    XLSX = "xlsx"
    ASREVIEW = "asreview"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Draft:
    """A record as a reader found it: raw fields, and the values that fill each normalised field.

    ``values`` holds pairs of rank and text, so that the best source of a field wins wherever
    it stands. Changed only by the reader that makes it.
    """

    line: int
    fields: list[RawField] = field(default_factory=list)
    values: defaultdict[str, list[tuple[int, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    order: NameOrder = NameOrder.UNKNOWN
    names: tuple[Name, ...] | None = None
    format: Format | None = None  # told where a file may hold several

    def add(self, role: str, text: str, rank: int = 0) -> None:
        self.values[role].append((rank, text))


@dataclass(frozen=True, slots=True)
class LineNote:
    """A line of a file and what is said about it."""

    line: int
    text: str


#: The normalised fields whose filling a report counts.
COUNTED = (
    *("title", "abstract", "authors", "year", "container", "volume", "issue", "pages", "doi"),
    *("pmid", "registrations", "issn", "isbn", "language", "publisher", "url", "keywords"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was read of a file.

    Attributes
    ----------
    seen, kept : int
        Records that begin in the file, and those that were read. They differ only where a
        diagnostic says so.
    filled : mapping of str to int
        For each normalised field, in how many records it says something.
    not_understood : tuple of LineNote
        Lines that belong to no record and are no known heading, with their text.
    repairs : tuple of LineNote
        What was put right on the way: a record that was not closed, a second encoding, ...
    """

    file: str
    format: Format
    encoding: str = ""
    seen: int = 0
    kept: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    not_understood: tuple[LineNote, ...] = ()
    repairs: tuple[LineNote, ...] = ()
    decisions: int = 0

    def text(self) -> str:
        """For the terminal.

        Examples
        --------
        >>> print(Report("a.ris", Format.RIS, "UTF-8", 2, 2, {"title": 2, "doi": 1}).text())
        a.ris: ris, UTF-8
          records    2 seen, 2 kept
          fields     title 2, doi 1
        """
        rows = [f"{self.file or 'export'}: {self.format}, {self.encoding or 'no text'}"]
        rows.append(f"  records    {self.seen} seen, {self.kept} kept")
        told = ", ".join(f"{name} {n}" for name, n in self.filled.items() if n)
        rows += [f"  fields     {told}"] if told else []
        rows += [f"  decisions  {self.decisions}"] if self.decisions else []
        rows += _notes("unread", self.not_understood)
        rows += _notes("repaired", self.repairs)
        return "\n".join(rows)


_SHOWN = 8
_WIDEST = 60


def _notes(label: str, notes: tuple[LineNote, ...]) -> list[str]:
    if not notes:
        return []
    rows = [f"  {label:<9}  {len(notes)} {'line' if len(notes) == 1 else 'lines'}"]
    for note in notes[:_SHOWN]:
        short = note.text if len(note.text) <= _WIDEST else note.text[: _WIDEST - 3] + "..."
        rows.append(f"    line {note.line}: {short}")
    more = len(notes) - _SHOWN
    return [*rows, f"    ... and {more} more"] if more > 0 else rows


@dataclass(frozen=True, slots=True)
class Import:
    """What a file held.

    ``records`` are keyed by their place in the file, counted from 1, or where a table has a
    column of IDs, by these; no two have the same key. ``decisions`` (of Rayyan, Covidence,
    EPPI-Reviewer, abstrackr, ASReview) name them by it; a library gives keys of its own.
    """

    records: tuple[Record, ...]
    decisions: tuple[Decision, ...]
    report: Report
    diagnostics: tuple[Diagnostic, ...] = ()
