"""The boxes of the diagram: the same lines for the picture, the table and the data.

Which boxes there are and what they count is PRISMA 2020's (Page 2021, doi:10.1136/bmj.n71);
the words are ours. A line about work that is still to be done is there only while it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from osler.records.prisma.model import Fate, Flow, Identified, Reason, Stream
from osler.records.searches import SearchKind


class Column(StrEnum):
    """A column of the diagram, with the words at its head."""

    PREVIOUS = "Previous studies"
    DATABASES = "Databases and registers"
    OTHERS = "Other methods"
    RESULT = "Included"


class Phase(StrEnum):
    """A row of the diagram."""

    IDENTIFICATION = "Identification"
    SCREENING = "Screening"
    INCLUDED = "Included"


@dataclass(frozen=True, slots=True)
class Line:
    """A count with its words; ``count`` None where it is not known. ``level`` 1 is a part of 0."""

    words: str
    count: int | None
    level: int = 0

    @property
    def shown(self) -> str:
        """As the diagram has it.

        Examples
        --------
        >>> Line("Records screened", 1024).shown
        'Records screened (n = 1024)'
        """
        return f"{self.words} (n = {'not known' if self.count is None else self.count})"


@dataclass(frozen=True, slots=True)
class Box:
    """One box. ``name`` is unique and stays; ``aside`` boxes hold what leaves the stream."""

    name: str
    column: Column
    phase: Phase
    lines: tuple[Line, ...]
    aside: bool = False
    head: str = ""


_KINDS = {
    SearchKind.DATABASE: "Databases",
    SearchKind.REGISTER: "Registers",
    SearchKind.WEBSITE: "Websites",
    SearchKind.CITATION: "Citation searching",
    SearchKind.ORGANISATION: "Organisations",
}


def flow_boxes(flow: Flow) -> tuple[Box, ...]:
    """Every box of a flow, from the records found to the studies included."""
    boxes = [*_databases(flow.databases)]
    if flow.has_others:
        boxes += _others(flow.others)
    return (*_before(flow), *boxes, *_result(flow))


def _databases(s: Stream) -> Iterator[Box]:
    where, first, then = Column.DATABASES, Phase.IDENTIFICATION, Phase.SCREENING
    found = tuple(_sources(s.identified, (SearchKind.DATABASE, SearchKind.REGISTER)))
    yield Box("records-identified", where, first, found, head="Records identified from")
    removed = (
        Line("Duplicates", s.duplicates),
        *_some("Known from the previous version", s.seen_before),
        Line("Ruled out by automation tools", s.count(Fate.AUTOMATED)),
        Line("Removed for other reasons", s.count(Fate.REMOVED)),
        *_parts(s.removed),
    )
    yield Box("records-removed", where, first, removed, True, "Records removed before screening")
    waiting = tuple(_some("Records not screened yet", s.count(Fate.AWAITING_SCREENING)))
    yield Box("records-screened", where, then, (Line("Records screened", s.screened), *waiting))
    out = (Line("Records excluded", s.count(Fate.EXCLUDED)),)
    yield Box("records-excluded", where, then, out, True)
    yield from _full_texts(s, where, "")


def _others(s: Stream) -> Iterator[Box]:
    where = Column.OTHERS
    kinds = (SearchKind.WEBSITE, SearchKind.ORGANISATION, SearchKind.CITATION)
    found = tuple(_sources(s.identified, kinds))
    head = "Records identified from"
    yield Box("others-identified", where, Phase.IDENTIFICATION, found, head=head)
    left = (
        *_some("Found before, or by the databases and registers", s.duplicates),
        *_some("Known from the previous version", s.seen_before),
        *_some("Ruled out by automation tools", s.count(Fate.AUTOMATED)),
        *_some("Removed for other reasons", s.count(Fate.REMOVED)),
        *_some("Excluded on title and abstract", s.count(Fate.EXCLUDED)),
        *_some("Not screened yet", s.count(Fate.AWAITING_SCREENING)),
    )
    if left:
        phase, head = Phase.IDENTIFICATION, "Records not followed up"
        yield Box("others-removed", where, phase, left, True, head)
    yield from _full_texts(s, where, "others-")


def _full_texts(s: Stream, where: Column, prefix: str) -> Iterator[Box]:
    phase = Phase.SCREENING
    sought = (Line("Reports sought for retrieval", s.sought),)
    yield Box(f"{prefix}reports-sought", where, phase, sought)
    missed = (
        Line("Reports not retrieved", s.count(Fate.NOT_RETRIEVED)),
        *_some("Full texts not got yet", s.count(Fate.AWAITING_RETRIEVAL)),
    )
    yield Box(f"{prefix}reports-not-retrieved", where, phase, missed, True)
    assessed = (
        Line("Reports assessed for eligibility", s.assessed),
        *_some("Reports not assessed yet", s.count(Fate.AWAITING_ASSESSMENT)),
    )
    yield Box(f"{prefix}reports-assessed", where, phase, assessed)
    out = (Line("Reports excluded", s.count(Fate.EXCLUDED_REPORT)), *_parts(s.reasons))
    yield Box(f"{prefix}reports-excluded", where, phase, out, True)


def _before(flow: Flow) -> Iterator[Box]:
    if flow.previous is not None:
        lines = (
            Line("Studies in the previous version", flow.previous.studies),
            Line("Reports of these studies", flow.previous.reports),
        )
        yield Box("previous-studies", Column.PREVIOUS, Phase.IDENTIFICATION, lines)


def _result(flow: Flow) -> Iterator[Box]:
    new = "New studies" if flow.previous else "Studies"
    lines = (
        Line(f"{new} included in the review", flow.new_studies),
        Line(
            "Reports found now" if flow.previous else "Reports of these studies", flow.new_reports
        ),
    )
    yield Box("studies-included", Column.RESULT, Phase.INCLUDED, lines)
    if flow.previous:
        total = (
            Line("Studies included in all", flow.total_studies),
            Line("Reports of these studies", flow.total_reports),
        )
        yield Box("studies-total", Column.RESULT, Phase.INCLUDED, total)


def _sources(found: Iterable[Identified], kinds: Iterable[SearchKind]) -> Iterator[Line]:
    found = tuple(found)
    for kind in kinds:
        of_kind = [one for one in found if one.kind is kind]
        if of_kind or kind in (SearchKind.DATABASE, SearchKind.REGISTER):
            yield Line(_KINDS[kind], sum(one.count for one in of_kind))
        for one in of_kind:
            yield Line(one.source, one.count, 1)


def _parts(reasons: Iterable[Reason]) -> Iterator[Line]:
    for reason in reasons:
        yield Line(reason.reason, reason.count, 1)


def _some(words: str, count: int) -> Iterator[Line]:
    if count:
        yield Line(words, count)
