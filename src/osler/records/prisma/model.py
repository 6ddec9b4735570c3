"""The flow as values: where each record ended, and the counts of each box."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from osler.records.searches import SearchKind


class Fate(StrEnum):
    """Where a unique record ended: each has exactly one, which is why the numbers add up."""

    AUTOMATED = "removed by automation tools"
    REMOVED = "removed for other reasons"
    AWAITING_SCREENING = "not screened yet"
    EXCLUDED = "excluded on title and abstract"
    AWAITING_RETRIEVAL = "full text not got yet"
    NOT_RETRIEVED = "not retrieved"
    AWAITING_ASSESSMENT = "full text not assessed yet"
    EXCLUDED_REPORT = "excluded on full text"
    INCLUDED = "included"


OPEN = (Fate.AWAITING_SCREENING, Fate.AWAITING_RETRIEVAL, Fate.AWAITING_ASSESSMENT)
_BEFORE_SCREENING = (Fate.AUTOMATED, Fate.REMOVED)
_NOT_SOUGHT = (*_BEFORE_SCREENING, Fate.AWAITING_SCREENING, Fate.EXCLUDED)
_NOT_ASSESSED = (
    *_NOT_SOUGHT,
    Fate.NOT_RETRIEVED,
    Fate.AWAITING_RETRIEVAL,
    Fate.AWAITING_ASSESSMENT,
)


@dataclass(frozen=True, slots=True)
class Identified:
    """How many records one source gave."""

    source: str
    kind: SearchKind
    count: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason and the keys of those that it took out."""

    reason: str
    keys: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Stream:
    """One column of the diagram: from the records of its sources to the included reports.

    Attributes
    ----------
    identified : tuple of Identified
        For each source, every record of its exports, repeats too.
    seen_before : int
        Records that the version before had already.
    fates : mapping of Fate to tuple of str
        Keys of the unique records.
    reasons : tuple of Reason
        Of exclusion on full text.
    removed : tuple of Reason
        Of removal before screening, other than as a duplicate or by a tool.
    """

    identified: tuple[Identified, ...]
    seen_before: int
    fates: Mapping[Fate, tuple[str, ...]]
    reasons: tuple[Reason, ...] = ()
    removed: tuple[Reason, ...] = ()

    def count(self, *fates: Fate) -> int:
        """How many unique records ended in one of these."""
        return sum(len(self.fates.get(fate, ())) for fate in fates)

    @property
    def records(self) -> int:
        return sum(source.count for source in self.identified)

    @property
    def unique(self) -> int:
        return self.count(*Fate)

    @property
    def duplicates(self) -> int:
        """Removed as duplicates, of one another or of the other column's records."""
        return self.records - self.seen_before - self.unique

    @property
    def to_screen(self) -> int:
        return self.unique - self.count(*_BEFORE_SCREENING)

    @property
    def screened(self) -> int:
        return self.to_screen - self.count(Fate.AWAITING_SCREENING)

    @property
    def sought(self) -> int:
        return self.unique - self.count(*_NOT_SOUGHT)

    @property
    def assessed(self) -> int:
        return self.unique - self.count(*_NOT_ASSESSED)

    @property
    def included(self) -> int:
        return self.count(Fate.INCLUDED)

    @property
    def open(self) -> int:
        """Records on which something is still to be done."""
        return self.count(*OPEN)


@dataclass(frozen=True, slots=True)
class Before:
    """What the version before had included; None where it is not said."""

    studies: int | None
    reports: int | None


@dataclass(frozen=True)
class Flow:
    """The whole diagram.

    Attributes
    ----------
    databases, others : Stream
        Found through databases and registers; by other methods and by those alone.
    studies : mapping of str to tuple of str
        New included studies, and the keys of their reports.
    new_reports : int
        Included reports, those of studies that the version before had too.
    previous : Before or None
        None for a new review.
    """

    databases: Stream
    others: Stream
    studies: Mapping[str, tuple[str, ...]]
    new_reports: int
    previous: Before | None = None

    @property
    def new_studies(self) -> int:
        return len(self.studies)

    @property
    def total_studies(self) -> int | None:
        return _total(self.previous, "studies", self.new_studies)

    @property
    def total_reports(self) -> int | None:
        return _total(self.previous, "reports", self.new_reports)

    @property
    def has_others(self) -> bool:
        return bool(self.others.identified)

    @property
    def is_finished(self) -> bool:
        """Whether every record has been decided on to the end."""
        return not (self.databases.open or self.others.open)


def _total(before: Before | None, what: str, new: int) -> int | None:
    if before is None:
        return new
    old = before.studies if what == "studies" else before.reports
    return None if old is None else old + new
