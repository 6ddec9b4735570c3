"""Everything that the folder says of its records, as one value: what the flow is counted from."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from osler.core.decoding import decode_any
from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.records import criteria, decisions, known, library, merges, reports, searches
from osler.records.criteria import Criteria
from osler.records.decisions import parse_decisions
from osler.records.duplicates.model import Judgement
from osler.records.known import Known
from osler.records.library import Library
from osler.records.model import Decision, Stage
from osler.records.reports import Report, standing_reports
from osler.records.rows import appended, bad_row, parse_rows, render_rows
from osler.records.screening.standing import Standing, State, standings
from osler.records.searches import Search, Searches, SearchKind

IMPORTS = "records/imports.csv"
IMPORT_COLUMNS = ("file", "sha256", "format", "records")
_SHOWN = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imported:
    """One export as it was read: its digest, its format, and how many records it held."""

    file: str
    sha256: str
    format: str
    records: int

    @classmethod
    def of(cls, file: str, content: bytes, form: str, records: int) -> "Imported":
        """The row of an export's bytes."""
        return cls(file, hashlib.sha256(content).hexdigest(), form, records)


@dataclass(frozen=True)
class Ledger:
    """The files of ``records/`` as values. ``exports`` are digests of those that are there."""

    library: Library = field(default_factory=Library)
    decisions: tuple[Decision, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    searches: Searches = field(default_factory=Searches)
    criteria: Criteria = field(default_factory=Criteria)
    reports: tuple[Report, ...] = ()
    imports: tuple[Imported, ...] = ()
    known: tuple[Known, ...] = ()
    exports: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    texts: frozenset[str] = frozenset()

    @cached_property
    def of_entries(self) -> tuple[Decision, ...]:
        """Every decision; one on a record that was merged holds for the entry it is now in."""
        owner = self.library.owner
        return tuple(_moved(d, owner[d.record]) for d in self.decisions if d.record in owner)

    def standings(self, stage: Stage) -> Mapping[str, Standing]:
        """What was decided of each entry at a stage."""
        return standings(self.of_entries, stage)

    def state(self, standing: Standing | None) -> State:
        """Where an entry stands, where as many reviewers have to agree as the criteria say.

        What was imported from another program, or taken out before screening, was settled
        there: one row is enough.
        """
        if standing is None:
            return State.OPEN
        by_reviewers = all(vote.role == "reviewer" for vote in standing.votes.values())
        return standing.state(self.criteria.reviewers_needed if by_reviewers else 1)

    @cached_property
    def full_texts(self) -> Mapping[str, Report]:
        """What stands of each entry's full text."""
        owner = self.library.owner
        known = [r for r in self.reports if r.record in owner]
        moved = [_of_entry(r, owner[r.record]) for r in known]
        return standing_reports(moved)

    def search_of(self, file: str) -> Search | None:
        """The search that an export came from."""
        return self._by_export.get(file)

    @cached_property
    def _by_export(self) -> Mapping[str, Search]:
        return self.searches.by_export

    def kind_of(self, file: str) -> SearchKind:
        """Of the source; a database where the export is in no search (REC078 tells)."""
        search = self.search_of(file)
        return search.kind if search else SearchKind.DATABASE


def read_ledger(files: Mapping[str, bytes]) -> tuple[Ledger, tuple[Diagnostic, ...]]:
    """The ledger of a folder's files, and what cannot be read in them.

    Parameters
    ----------
    files : mapping of str to bytes
        Paths from the review folder, those below ``records/`` at least.

    Examples
    --------
    >>> ledger, found = read_ledger({"records/library.jsonl": b'{"key": "a", "title": "A"}'})
    >>> len(ledger.library.entries), found
    (1, ())
    """
    found: list[Diagnostic] = []

    def read(name: str, parse: Callable[[str, str], tuple[T, tuple[Diagnostic, ...]]]) -> T:
        text, notes = decode_any(files.get(name, b""), name)
        value, problems = parse(text, name)
        found.extend((*(n for n in notes if n.is_finding), *problems))
        return value

    pairs, _ = decode_any(files.get(library.PAIRS, b""), library.PAIRS)
    exports = {
        name.removeprefix("records/"): hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name.startswith("records/exports/")
    }
    ledger = Ledger(
        library=read(library.FILE, lambda t, f: library.parse_library(t, f, pairs)),
        decisions=read(decisions.FILE, parse_decisions),
        judgements=read(merges.FILE, merges.parse_merges),
        searches=read(searches.FILE, searches.parse_searches),
        criteria=read(criteria.FILE, criteria.parse_criteria),
        reports=read(reports.FILE, reports.parse_reports),
        imports=read(IMPORTS, parse_imports),
        known=read(known.FILE, known.parse_known),
        exports=MappingProxyType(exports),
        texts=frozenset(n.removeprefix("records/") for n in files if n.startswith("records/")),
    )
    return ledger, in_order(found)


def parse_imports(
    text: str, file: str = IMPORTS
) -> tuple[tuple[Imported, ...], tuple[Diagnostic, ...]]:
    """Every export that was read; of two rows of one file the later holds."""
    rows, found = parse_rows(text, file, IMPORT_COLUMNS, IMPORT_COLUMNS)
    good: dict[str, Imported] = {}
    bad = list(found)
    for row in rows:
        count = row.cells["records"].strip()
        if not (count.isascii() and count.isdecimal() and len(count) < 12):
            told = f"records is {count[:40]!r}, not a whole number"
            bad.append(bad_row(row, file, told, "records"))
            continue
        name = row.cells["file"]
        good[name] = Imported(name, row.cells["sha256"], row.cells["format"], int(count))
    return tuple(good.values()), tuple(bad)


def render_imports(imports: Iterable[Imported]) -> str:
    """The whole file; :func:`parse_imports` gives the same rows back."""
    return render_rows([IMPORT_COLUMNS, *map(_cells, imports)])


def append_imports(text: str, imports: Iterable[Imported]) -> str:
    """The file's text with rows at its end."""
    return appended(text, IMPORT_COLUMNS, map(_cells, imports))


def naming(
    code: str, severity: Severity, file: str, message: str, keys: Sequence[str], so: str, help: str
) -> Diagnostic:
    """A diagnostic that names records: the first ten of them, and how many there are."""
    more = len(keys) - _SHOWN
    named = ", ".join(keys[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return Diagnostic(code, severity, Place(file), message, named, so, help)


def _cells(i: Imported) -> tuple[str, ...]:
    return (i.file, i.sha256, i.format, str(i.records))


def _moved(decision: Decision, key: str) -> Decision:
    if decision.record == key:
        return decision
    names = ("stage", "verdict", "who", "when", "reason", "note", "labels", "role")
    return Decision(key, *(getattr(decision, name) for name in names))


def _of_entry(report: Report, key: str) -> Report:
    if report.record == key:
        return report
    names = ("status", "link", "study", "who", "when", "note")
    return Report(key, *(getattr(report, name) for name in names))
