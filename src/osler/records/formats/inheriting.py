"""What a BibTeX entry takes from the one that its ``crossref`` names: a chapter from its book."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from osler.core.diagnostics import Severity
from osler.records.formats.findings import Findings
from osler.records.formats.model import Draft
from osler.records.model import RawField

# What belongs to the whole as much as to its part. A DOI, an abstract, pages do not.
# BibTeX 0.99d (btxdoc.tex, 2.1) gives a part all fields that it lacks; biblatex (manual, appendix
# B) turns the whole's title into the part's booktitle.
_HANDED_DOWN = frozenset(
    "booktitle booksubtitle maintitle journal journaltitle series volume number issue year date "
    "month publisher address location organization institution school editor edition isbn issn "
    "language langid author".split()
)
_RENAMED = {"title": "booktitle", "subtitle": "booksubtitle"}
_SAME = {"date": "year", "journaltitle": "journal", "location": "address", "issue": "number"}
# Entries that have parts; these are remembered, others only while a part waits for one of them.
_WHOLES = frozenset(
    "book mvbook proceedings mvproceedings collection mvcollection reference mvreference "
    "periodical booklet manual".split()
)


@dataclass(slots=True)
class _Family:
    """Entries that are held back until the ones that they name have come."""

    wholes: dict[str, Draft] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    held: list[Draft] = field(default_factory=list)

    def meet(self, draft: Draft) -> None:
        key, named = _said(draft, "id"), _said(draft, "crossref")
        if key and (key in self.wanted or _said(draft, "entrytype") in _WHOLES):
            self.wholes.setdefault(key, draft)
            self.wanted.discard(key)
        if named and named not in self.wholes:
            self.wanted.add(named)
        self.held.append(draft)


def with_parents(
    drafts: Iterable[Draft], findings: Findings
) -> Iterator[tuple[Draft, tuple[RawField, ...]]]:
    """Each entry, in order, with the fields that it takes from the one it names.

    Entries behind one whose ``crossref`` has not come yet are held until it has: BibTeX wants
    the whole to stand below its parts.
    """
    family = _Family()
    for draft in drafts:
        family.meet(draft)
        if not family.wanted:
            yield from _settled(family, findings)
    yield from _settled(family, findings)


def _settled(family: _Family, findings: Findings) -> Iterator[tuple[Draft, tuple[RawField, ...]]]:
    for draft in family.held:
        named = _said(draft, "crossref")
        whole = family.wholes.get(named)
        if whole is None or whole is draft:
            if named:
                _tell_missing(draft, named, findings)
            yield draft, ()
            continue
        taken = tuple(_taken(draft, whole))
        if taken:
            names = ", ".join(raw.tag for raw in taken)
            findings.repaired(draft.line, f"taken from the entry {named} (crossref): {names}")
        yield draft, taken
    family.held.clear()


def _said(draft: Draft, name: str) -> str:
    """A field by its name; keys are told apart without regard to case, as BibTeX does."""
    return next((raw.value.strip().lower() for raw in draft.fields if raw.tag.lower() == name), "")


def _taken(part: Draft, whole: Draft) -> Iterator[RawField]:
    """The whole's fields that the part lacks, and that belong to both."""
    has = {_SAME.get(tag, tag) for tag in (raw.tag.lower() for raw in part.fields)}
    direct = {raw.tag.lower() for raw in whole.fields}
    for raw in whole.fields:
        tag = raw.tag.lower()
        tag = tag if _RENAMED.get(tag, "") in direct else _RENAMED.get(tag, tag)
        if tag in _HANDED_DOWN and _SAME.get(tag, tag) not in has and raw.value.strip():
            has.add(_SAME.get(tag, tag))
            yield RawField(tag, raw.value, raw.line)


def _tell_missing(draft: Draft, named: str, findings: Findings) -> None:
    findings.trouble(
        "REC017",
        "an entry names another that is not in the file",
        line=draft.line,
        found=f"crossref to {named[:80]}",
        so="the entry has only its own fields: its book, year and publisher may be missing",
        help="export the entry it names too, or write its fields into this one",
        severity=Severity.NOTE,
    )
