"""What the search gave, as values: names, fields as they stood, records, and who decided what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Name:
    """An author. ``literal`` is a body's name, or one that could not be taken apart."""

    family: str = ""
    given: str = ""
    literal: str = ""

    @property
    def shown(self) -> str:
        """As reference lists put it.

        Examples
        --------
        >>> Name("Osler", "William").shown, Name(literal="Cochrane Back Group").shown
        ('Osler, William', 'Cochrane Back Group')
        """
        return self.literal or ", ".join(part for part in (self.family, self.given) if part)


class RawField(NamedTuple):
    """One tag and its value exactly as the export had it, and the line where it begins.

    A tuple, because an export of 100,000 records has some three million of them.
    """

    tag: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from: the export, the line at which it begins, its database."""

    file: str
    line: int
    format: str
    database: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One database entry (a record in the sense of PRISMA 2020), normalised.

    Attributes
    ----------
    key : str
        Unique in its library; "" where none was given yet.
    kind : str
        A type of CSL 1.0.2: "article-journal", "chapter", "thesis", "dataset", ...
    title, abstract, container : str
        Clean text: no markup, no entities, single spaces. ``container`` is the journal or book.
    year : int or None
        Of publication; None where it is not said or cannot be read.
    pages : str
        First and last, written out: "123-130".
    doi, pmid : str
        Bare: lower case without an address ("10.1000/x"), digits only.
    registrations : tuple of str
        Trial registration numbers, upper case: "NCT01234567".
    fields : tuple of RawField
        Every tag and value as it stood, repeated ones too, in order. Nothing is lost.
    sources : tuple of Source
        One, or all that were merged into this record.
    origins : mapping of str to Source
        After a merge: which source each normalised field was taken from.
    """

    key: str = ""
    kind: str = "article-journal"
    title: str = ""
    abstract: str = ""
    authors: tuple[Name, ...] = ()
    year: int | None = None
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    registrations: tuple[str, ...] = ()
    issn: str = ""
    isbn: str = ""
    language: str = ""
    publisher: str = ""
    url: str = ""
    keywords: tuple[str, ...] = ()
    fields: tuple[RawField, ...] = ()
    sources: tuple[Source, ...] = ()
    origins: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))


class Stage(StrEnum):
    """At which stage of screening a decision fell."""

    TITLE_ABSTRACT = "title-abstract"
    FULL_TEXT = "full-text"


class Verdict(StrEnum):
    """What a reviewer decided; ``UNDECIDED`` takes an earlier decision back."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    MAYBE = "maybe"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of ``records/decisions.csv``, which only grows.

    ``when`` is ISO 8601 in UTC with seconds; ``reason`` one of the review's reasons for
    exclusion; ``role`` tells a reviewer's own vote from a settled conflict: "reviewer",
    "consensus", "third reviewer", "imported".
    """

    record: str
    stage: Stage
    verdict: Verdict
    who: str
    when: str
    reason: str = ""
    note: str = ""
    labels: tuple[str, ...] = ()
    role: str = "reviewer"
