"""What one run of a check has to tell, as data: every format is made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from osler.core.diagnostics import Diagnostic, Place

Format = Literal["text", "json", "sarif", "github", "markdown"]


@dataclass(frozen=True, slots=True)
class Aside:
    """Why a finding does not count.

    Attributes
    ----------
    by : "page" or "baseline"
        A comment in the page, or the file of findings that were there before.
    because : str
        The reason that the comment gives, or the name of the baseline.
    place : Place or None
        Where the comment stands.
    """

    by: Literal["page", "baseline"]
    because: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A diagnostic as it is told.

    Attributes
    ----------
    diagnostic : Diagnostic
    text : str
        The sentence or the row it is about, which stays the same where lines move.
    aside : Aside or None
        None where it counts.
    """

    diagnostic: Diagnostic
    text: str = ""
    aside: Aside | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A marked statement with its verdict and the evidence it was held against, in words."""

    line: int
    words: str
    verdict: str
    evidence: str


@dataclass(frozen=True, slots=True)
class PageReport:
    """A page and its marked statements, as a colleague wants to read of them."""

    file: str
    title: str
    draft: bool = False
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    Attributes
    ----------
    told : tuple of Told
        In the order of files and lines; paths as the reader knows them.
    title : str
        What was checked, by name ("examples/sciatica").
    checked : str
        What was checked, in numbers ("2 pages and 3 studies").
    pages : tuple of PageReport
    explanations : mapping of str to str
        The explanation of each code, in Markdown.
    version : str
        Osler's own.
    ran : bool
        False where there was nothing that could be checked.
    """

    told: tuple[Told, ...] = ()
    title: str = ""
    checked: str = ""
    pages: tuple[PageReport, ...] = ()
    explanations: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    ran: bool = True

    @property
    def standing(self) -> tuple[Diagnostic, ...]:
        """Those that count."""
        return tuple(t.diagnostic for t in self.told if t.aside is None)

    @property
    def set_aside(self) -> tuple[Told, ...]:
        """Those that were set aside, by a comment or by the baseline."""
        return tuple(t for t in self.told if t.aside is not None)
