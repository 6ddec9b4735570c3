"""One way in: bytes of any known format to records, decisions and a report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain, islice
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from osler.core.diagnostics import Diagnostic
from osler.records.encodings import DecodedLines, lines_of
from osler.records.formats.bibtex import read_bibtex
from osler.records.formats.columns import Columns
from osler.records.formats.delimited import (
    read_delimited,
    read_rows,
    tell_of_rows,
    workbook_rows,
)
from osler.records.formats.findings import Findings
from osler.records.formats.json_records import read_json
from osler.records.formats.model import COUNTED, Draft, Format, Import, Report
from osler.records.formats.pieces import Unread, count_apart
from osler.records.formats.rdf import read_rdf
from osler.records.formats.sniffing import (
    HEAD_LINES,
    Sniffed,
    packed_as,
    sniff_bytes,
    sniff_lines,
)
from osler.records.formats.tagged import read_tagged
from osler.records.formats.tally import Tally
from osler.records.formats.telling import (
    tell_encoding,
    tell_packed,
    tell_unknown,
    tell_what_was_odd,
)
from osler.records.formats.xml_records import read_endnote_xml, read_ictrp_xml, read_pubmed_xml
from osler.records.model import Decision, Record

_HEAD_BYTES = 1 << 16
_LARGEST_WORKBOOK = 1 << 30  # bytes unpacked: more is an attack, not an export

Read = tuple[Draft, Columns | None]


def sniff(content: bytes) -> Format:
    r"""The format of a file, by what stands in it.

    Examples
    --------
    >>> sniff(b"%0 Journal Article\n%T A trial\n").value
    'refer'
    """
    head = content[:_HEAD_BYTES]
    return sniff_bytes(head) or sniff_lines(_head(iter(DecodedLines(BytesIO(head))))).format


def _head(lines: Iterable[str]) -> list[str]:
    """The first lines, not more of them than a sniff needs."""
    head: list[str] = []
    length = 0
    for line in islice(lines, HEAD_LINES):
        head.append(line)
        length += len(line)
        if length > _HEAD_BYTES:
            break
    return head


def _first_texts(texts: Iterator[str]) -> list[str]:
    """As many blocks of lines as the first lines stand in."""
    first: list[str] = []
    lines = length = 0
    for text in texts:
        first.append(text)
        ends = text.count("\n")
        lines += ends
        length += len(text) - ends
        if lines >= HEAD_LINES or length > _HEAD_BYTES:
            break
    return first


@dataclass(slots=True)
class RecordStream:
    """Records one after another; the report, decisions and diagnostics are whole at the end.

    Holds one record at a time for tagged text, tables in text, BibTeX, and XML of PubMed and
    EndNote; JSON, RDF and workbooks are held whole while they are read.
    """

    stream: BinaryIO
    name: str = ""
    _tally: Tally = field(default_factory=Tally)
    _encoding: str = ""
    _workers: int = 1

    def __iter__(self) -> Iterator[Record]:
        self._tally = Tally(self.name, findings=Findings(self.name))
        make = self._tally.record
        for draft, columns in self._drafts():
            yield make(draft, columns)
        tally = self._tally
        tell_what_was_odd(tally.findings, tally.format, tally.kept, tally.untitled, tally.repeated)

    def read_through(self, workers: int = 1) -> Report:
        r"""Read all for what is told of it, without the records; the report.

        Where ``workers`` is more than 1, tagged text and tables in text are read by as many
        processes if they are large. What is told is the same.

        Examples
        --------
        >>> stream_records(BytesIO(b"TY  - JOUR\nTI  - A trial\nER  - \n")).read_through().kept
        1
        """
        self._workers = workers
        for _ in self:
            pass
        self._workers = 1
        return self.report

    def _drafts(self) -> Iterator[Read]:
        head = self.stream.read(_HEAD_BYTES)
        stream = _Rejoined(head, self.stream)
        tally = self._tally
        binary = sniff_bytes(head)
        if binary is Format.XLSX:
            tally.format = Format.XLSX
            yield from _workbook(stream.read(), tally.findings)
            return
        decoded = DecodedLines(stream)
        texts = decoded.texts() if binary is None else iter(())
        first = _first_texts(texts)
        lines = _head(chain.from_iterable(map(lines_of, first)))
        sniffed = sniff_lines(lines) if binary is None else Sniffed(Format.UNKNOWN)
        tally.format = sniffed.format
        if binary and (packing := packed_as(head)):
            tell_packed(packing, tally.findings)
        elif sniffed.format is Format.UNKNOWN:
            tell_unknown(lines[:3], tally.findings, empty=not head.strip())
        texts = chain(first, texts)
        several = self._workers > 1
        left = count_apart(texts, sniffed, tally, self._workers) if several else Unread(texts)
        yield from self._read(sniffed, left)
        self._encoding = decoded.encoding if binary is None else ""
        tell_encoding(decoded, tally.findings)

    def _read(self, sniffed: Sniffed, left: Unread) -> Iterator[Read]:
        findings = self._tally.findings
        lines = chain.from_iterable(map(lines_of, left.texts))
        match sniffed.format:
            case _ if sniffed.dialect:
                drafts = read_tagged(sniffed.dialect, lines, findings, left.first)
                yield from ((draft, None) for draft in drafts)
            case Format.UNKNOWN:
                return
            case Format.CSV:
                yield from read_delimited(lines, findings, left.table, left.first)
                tell_of_rows(findings)
            case Format.BIBTEX:
                yield from ((draft, None) for draft in read_bibtex(lines, findings))
            case Format.PUBMED_XML:
                yield from ((draft, None) for draft in read_pubmed_xml(lines, findings))
            case Format.ICTRP_XML:
                yield from ((draft, None) for draft in read_ictrp_xml(lines, findings))
            case Format.ENDNOTE_XML:
                yield from ((draft, None) for draft in read_endnote_xml(lines, findings))
            case Format.RDF:
                yield from ((draft, None) for draft in read_rdf(lines, findings))
            case format:
                yield from ((draft, None) for draft in read_json(lines, format, findings))

    @property
    def decisions(self) -> list[Decision]:
        """Those in the records so far."""
        return self._tally.decisions

    @property
    def report(self) -> Report:
        """What has been read so far; whole once the last record was taken."""
        tally = self._tally
        findings = tally.findings
        return Report(
            file=self.name,
            format=tally.format,
            encoding=self._encoding,
            seen=tally.kept + findings.lost,
            kept=tally.kept,
            filled=dict(zip(COUNTED, tally.filled, strict=False)),
            not_understood=tuple(findings.not_understood),
            repairs=tuple(findings.repairs),
            decisions=len(tally.decisions),
        )

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to be said about the file; whole once the last record was taken."""
        return tuple(self._tally.findings.diagnostics)


class _Rejoined:
    """A stream with the bytes that were read ahead put back in front."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        if not self._head:
            return self._rest.read(size)
        head, self._head = self._head, b""
        if size < 0:
            return head + self._rest.read()
        return head + self._rest.read(size - len(head)) if size > len(head) else head


def parse_records(content: bytes, name: str = "") -> Import:
    r"""Records, decisions and a report from an export of any known format.

    Parameters
    ----------
    content : bytes
        The file as it is. Format and encoding are found by what stands in it.
    name : str
        What to call the file. Covidence tells which list a file holds only by its name.

    Notes
    -----
    RIS, PubMed/MEDLINE, Ovid, Web of Science, RefWorks, Refer/EndNote, Cochrane, NoteExpress,
    BibTeX, EndNote XML, PubMed XML, RDF, CSL-JSON, JSON of ClinicalTrials.gov and
    EPPI-Reviewer, and tables (CSV, TSV, XLSX, XLS) of databases and screening tools. No record
    is left out in silence: what is not read, a diagnostic names.

    Examples
    --------
    >>> read = parse_records(b"TY  - JOUR\nTI  - A trial\nPY  - 2001//\nER  - \n", "a.ris")
    >>> [(record.title, record.year) for record in read.records], read.report.kept
    ([('A trial', 2001)], 1)
    """
    stream = RecordStream(BytesIO(content), name)
    records = tuple(stream)
    return Import(records, tuple(stream.decisions), stream.report, stream.diagnostics)


def stream_records(stream: BinaryIO, name: str = "") -> RecordStream:
    r"""Records one after another from a binary stream, in bounded memory.

    Examples
    --------
    >>> stream = stream_records(BytesIO(b"TY  - JOUR\nTI  - A trial\nER  - \n"))
    >>> [record.title for record in stream], stream.report.kept
    (['A trial'], 1)
    """
    return RecordStream(stream, name)


def _workbook(content: bytes, findings: Findings) -> Iterator[Read]:
    """The sheet with the most rows that has known columns; told where there are several."""
    try:
        held = _held(content) if content.startswith(b"PK") else {}
        if held and not _OF_WORKBOOKS & held.keys():
            tell_packed("ZIP", findings)
            return
        if sum(held.values()) > _LARGEST_WORKBOOK:
            raise OSError("it unpacks to more than 1 GiB")
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(any(row) for row in rows):
                yield from read_rows(workbook_rows(rows), findings)
                tell_of_rows(findings)
    except (CalamineError, OSError, BadZipFile, ValueError, RuntimeError) as error:
        findings.lost += 1
        findings.trouble(
            "REC009",
            "the workbook cannot be read",
            found=str(error)[:200] or type(error).__name__,
            so="nothing is read from it",
            help="save it again without a password, or as CSV in UTF-8",
        )


# What XLSX and OpenDocument always hold.
_OF_WORKBOOKS = frozenset({"[Content_Types].xml", "content.xml"})


def _held(content: bytes) -> dict[str, int]:
    """The files in a ZIP, and how large each is."""
    with ZipFile(BytesIO(content)) as archive:
        return {entry.filename: entry.file_size for entry in archive.infolist()}
