"""Records as RIS and as PubMed's tagged text, so that reading gives the same fields again."""

import textwrap
from collections.abc import Iterable, Iterator

from osler.records.formats.tables import ris_code, ris_codes
from osler.records.model import Decision, Name, Record, Verdict
from osler.records.names import write_name

Pair = tuple[str, str]


def render_ris(records: Iterable[Record], decisions: Iterable[Decision] = ()) -> str:
    """RIS as reference managers read it; decisions come along as ASReview writes them.

    Examples
    --------
    >>> print(render_ris([Record(title="A trial", year=2001, pages="5-9")]))
    TY  - JOUR
    TI  - A trial
    PY  - 2001
    SP  - 5
    EP  - 9
    ER  -
    <BLANKLINE>
    <BLANKLINE>
    """
    notes = _asreview_notes(decisions)
    return "".join(_ris_record(record, notes.get(record.key, ())) for record in records)


_LABELS = {Verdict.INCLUDE: "ASReview_relevant", Verdict.EXCLUDE: "ASReview_irrelevant"}


def _asreview_notes(decisions: Iterable[Decision]) -> dict[str, tuple[str, ...]]:
    """The last verdict on each record, where ASReview has a word for it."""
    last = {decision.record: decision.verdict for decision in decisions}
    return {key: (_LABELS[verdict],) for key, verdict in last.items() if verdict in _LABELS}


def _ris_record(record: Record, notes: Iterable[str]) -> str:
    lines = [f"{tag}  - {value}" for tag, value in _ris_pairs(record) if value]
    lines += [f"N1  - {note}" for note in notes]
    return "\n".join([*lines, "ER  - ", "", ""])


def _ris_pairs(record: Record) -> Iterator[Pair]:
    code = ris_code(record.kind)
    yield "TY", code
    if ris_codes().get(code) != record.kind:
        yield "M3", record.kind
    yield "TI", record.title
    yield from (("AU", write_name(name)) for name in record.authors)
    yield "T2", record.container
    yield "PY", "" if record.year is None else str(record.year)
    yield "VL", record.volume
    yield "IS", record.issue
    yield from _ris_pages(record.pages)
    yield "DO", record.doi
    yield "AN", f"PMID: {record.pmid}" if record.pmid else ""
    yield "SN", record.issn
    yield "SN", record.isbn
    yield "LA", record.language
    yield "PB", record.publisher
    yield "UR", record.url
    yield from (("KW", keyword) for keyword in record.keywords)
    numbers = " ".join(record.registrations)
    yield "N1", f"Trial registration: {numbers}" if numbers else ""
    yield "AB", record.abstract


def _ris_pages(pages: str) -> Iterator[Pair]:
    first, dash, last = pages.partition("-")
    if dash and first and last and "-" not in last and first != last:
        yield "SP", first
        yield "EP", last
    else:
        yield "SP", pages


_WIDTH = 84


def render_nbib(records: Iterable[Record]) -> str:
    """Tagged text as PubMed writes it (.nbib).

    Examples
    --------
    >>> print(render_nbib([Record(title="A trial", pmid="123", authors=(Name("Tu", "J"),))]))
    PMID- 123
    TI  - A trial.
    FAU - Tu, J
    PT  - Journal Article
    <BLANKLINE>
    <BLANKLINE>
    """
    return "".join(_nbib_record(record) for record in records)


def _nbib_record(record: Record) -> str:
    lines = [line for tag, value in _nbib_pairs(record) if value for line in _wrapped(tag, value)]
    return "\n".join([*lines, "", ""])


def _wrapped(tag: str, value: str) -> list[str]:
    rows = textwrap.wrap(
        value, _WIDTH, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
    first, *others = rows or [value]
    return [f"{tag:<4}- {first}", *(f"      {row}" for row in others)]


def _nbib_pairs(record: Record) -> Iterator[Pair]:
    yield "PMID", record.pmid
    if not record.pmid:
        yield "OWN", "OSLER"
    yield "IS", record.issn
    yield "ISBN", record.isbn
    yield "VI", record.volume
    yield "IP", record.issue
    yield "DP", "" if record.year is None else str(record.year)
    yield "TI", f"{record.title}." if record.title else ""
    yield "PG", record.pages
    yield "LID", f"{record.doi} [doi]" if record.doi else ""
    yield "AB", record.abstract
    yield from (_nbib_name(name) for name in record.authors)
    yield "LA", record.language
    yield "PB", record.publisher
    yield from (("SI", f"Registry/{number}") for number in record.registrations)
    yield "PT", "Journal Article" if record.kind == "article-journal" else record.kind
    yield "JT", record.container
    yield from (("OT", keyword) for keyword in record.keywords)
    yield "URL", record.url


def _nbib_name(name: Name) -> Pair:
    """A body in a tag of its own, marked as EndNote marks one so that it stays whole."""
    if not name.literal:
        return "FAU", name.shown
    whole = name.literal.replace(",", ",,") if "," in name.literal else f"{name.literal},"
    return "CN", whole
