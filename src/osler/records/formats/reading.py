"""One way in: bytes of any known format to records, decisions and a report."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain, islice
from operator import add, attrgetter
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from osler.core.diagnostics import Diagnostic, Severity
from osler.records.cleaning import plain
from osler.records.encodings import DecodedLines
from osler.records.formats.bibtex import read_bibtex
from osler.records.formats.columns import Columns
from osler.records.formats.delimited import read_delimited, read_rows, workbook_rows
from osler.records.formats.findings import Findings
from osler.records.formats.json_records import read_json
from osler.records.formats.model import COUNTED, Draft, Format, Import, LineNote, Report
from osler.records.formats.normalising import normalised
from osler.records.formats.rdf import read_rdf
from osler.records.formats.sniffing import HEAD_LINES, Sniffed, sniff_bytes, sniff_lines
from osler.records.formats.tagged import read_tagged
from osler.records.formats.votes import eppi_votes, votes_in_notes, votes_in_row
from osler.records.formats.xml_records import (
    read_endnote_xml,
    read_ictrp_xml,
    read_pubmed_xml,
)
from osler.records.model import Decision, Record, Source

_HEAD_BYTES = 1 << 16
_LARGEST_WORKBOOK = 1 << 30  # bytes unpacked: more is an attack, not an export
_MOST_MIXED = 20

_counted = attrgetter(*COUNTED)
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


def _head(lines: Iterator[str]) -> list[str]:
    """The first lines, not more of them than a sniff needs."""
    head: list[str] = []
    length = 0
    for line in islice(lines, HEAD_LINES):
        head.append(line)
        length += len(line)
        if length > _HEAD_BYTES:
            break
    return head


@dataclass(slots=True)
class RecordStream:
    """Records one after another; the report, decisions and diagnostics are whole at the end.

    Holds one record at a time for tagged text, tables in text, BibTeX, and XML of PubMed and
    EndNote; JSON, RDF and workbooks are held whole while they are read.
    """

    stream: BinaryIO
    name: str = ""
    decisions: list[Decision] = field(default_factory=list)
    _findings: Findings = field(default_factory=Findings)
    _filled: list[int] = field(default_factory=list)
    _format: Format = Format.UNKNOWN
    _encoding: str = ""
    _kept: int = 0
    _taken: dict[str, int] = field(default_factory=dict)
    _repeated: list[int] = field(default_factory=list)

    def __iter__(self) -> Iterator[Record]:
        self._findings = Findings(self.name)
        self._filled = [0] * len(COUNTED)
        self._kept = 0
        self.decisions.clear()
        self._taken.clear()
        self._repeated.clear()
        for draft, columns in self._drafts():
            self._kept += 1
            yield self._record(draft, columns)
        self._tell_what_was_odd()

    def _record(self, draft: Draft, columns: Columns | None) -> Record:
        key = self._key(draft, columns)
        database = _database(draft, columns)
        source = Source(self.name, draft.line, self._format.value, database)
        record = normalised(draft, source, key)
        self._filled = list(map(add, self._filled, map(bool, _counted(record))))
        if columns is not None:
            self.decisions.extend(votes_in_row(key, draft.fields, columns, self.name))
        elif "vote" in draft.values:
            self.decisions.extend(eppi_votes(key, draft.values["vote"][0][1]))
        elif "note" in draft.values:
            notes = [text for _, text in draft.values["note"] if "RAY" in text or "ASR" in text]
            self.decisions.extend(votes_in_notes(key, notes) if notes else ())
        return record

    def _key(self, draft: Draft, columns: Columns | None) -> str:
        """The table's own ID of the record where it has a column of them, else its place."""
        if columns is None or not columns.keyed:
            return str(self._kept)
        given = plain(min(draft.values.get("key", ()), default=(0, ""))[1])
        key = named = given or f"record-{self._kept}"
        while key in self._taken:
            self._taken[named] += 1
            key = f"{named}-{self._taken[named]}"
        self._taken[key] = 1
        if given and key != given:
            self._repeated.append(draft.line)
        return key

    def _drafts(self) -> Iterator[Read]:
        head = self.stream.read(_HEAD_BYTES)
        stream = _Rejoined(head, self.stream)
        binary = sniff_bytes(head)
        if binary is Format.XLSX:
            self._format = Format.XLSX
            yield from _workbook(stream.read(), self._findings)
            return
        decoded = DecodedLines(stream)
        lines = iter(decoded) if binary is None else iter(())
        first = _head(lines)
        sniffed = sniff_lines(first) if binary is None else Sniffed(Format.UNKNOWN)
        self._format = sniffed.format
        yield from self._read(sniffed, chain(first, lines), empty=not head.strip())
        self._encoding = decoded.encoding
        _tell_encoding(decoded, self._findings)

    def _read(self, sniffed: Sniffed, lines: Iterator[str], *, empty: bool) -> Iterator[Read]:
        findings = self._findings
        match sniffed.format:
            case Format.UNKNOWN:
                _tell_unknown(list(islice(lines, 3)), findings, empty=empty)
            case Format.CSV:
                yield from read_delimited(lines, findings)
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
            case Format.CSL_JSON | Format.EPPI_JSON | Format.CLINICALTRIALS_JSON as format:
                yield from ((draft, None) for draft in read_json(lines, format, findings))
            case _:
                drafts = read_tagged(sniffed.dialect, lines, findings)
                yield from ((draft, None) for draft in drafts)

    @property
    def report(self) -> Report:
        """What has been read so far; whole once the last record was taken."""
        findings = self._findings
        return Report(
            file=self.name,
            format=self._format,
            encoding=self._encoding,
            seen=self._kept + findings.lost,
            kept=self._kept,
            filled=dict(zip(COUNTED, self._filled, strict=False)),
            not_understood=tuple(findings.not_understood),
            repairs=tuple(findings.repairs),
            decisions=len(self.decisions),
        )

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to be said about the file; whole once the last record was taken."""
        return tuple(self._findings.diagnostics)

    def _tell_what_was_odd(self) -> None:
        findings = self._findings
        _tell_lines(findings.not_understood, findings)
        _tell_repairs(findings.repairs, findings)
        _tell_repeated(self._repeated, findings)
        if not self._kept and not findings.diagnostics:
            _tell_none(findings)
        untitled = self._kept - self._filled[COUNTED.index("title")]
        if untitled:
            findings.trouble(
                "REC006",
                f"{untitled} of {self._kept} record(s) have no title",
                found=f"{self.name or 'the export'}, read as {self._format.value}",
                so="they are kept; they cannot be screened or compared by title",
                help="look whether the export has titles; every raw field is kept",
                severity=Severity.NOTE,
            )


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


def _database(draft: Draft, columns: Columns | None) -> str:
    said = draft.values.get("database")
    if said and said[0][1].strip():
        return " ".join(said[0][1].split())[:120]
    return columns.tool if columns is not None else ""


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
        if content.startswith(b"PK") and _unpacked(content) > _LARGEST_WORKBOOK:
            raise OSError("it unpacks to more than 1 GiB")
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(any(row) for row in rows):
                yield from read_rows(workbook_rows(rows), findings)
    except (CalamineError, OSError, BadZipFile, ValueError, RuntimeError) as error:
        findings.lost += 1
        findings.trouble(
            "REC009",
            "the workbook cannot be read",
            found=str(error)[:200] or type(error).__name__,
            so="nothing is read from it",
            help="save it again without a password, or as CSV in UTF-8",
        )


def _unpacked(content: bytes) -> int:
    with ZipFile(BytesIO(content)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _tell_none(findings: Findings) -> None:
    findings.trouble(
        "REC014",
        "there is no record in the file",
        so="no record is read from it",
        help="export the search again, and look whether it found anything",
        severity=Severity.WARNING,
    )


def _tell_unknown(first: list[str], findings: Findings, *, empty: bool) -> None:
    if empty:
        _tell_none(findings)
        return
    shown = " / ".join(line.strip()[:60] for line in first if line.strip())
    findings.trouble(
        "REC001",
        "the file has no format that Osler knows",
        found=f"it begins: {shown}" if shown else "its bytes are no text",
        so="no record is read from it",
        help="export the search as RIS, or as CSV with the names of columns in its first row",
    )


def _tell_encoding(decoded: DecodedLines, findings: Findings) -> None:
    mixed = decoded.mixed
    for line in mixed[:_MOST_MIXED]:
        findings.repairs.append(LineNote(line, f"read as {decoded.encoding}, not as UTF-8"))
    if mixed:
        findings.trouble(
            "REC007",
            f"{len(mixed)} line(s) are not UTF-8",
            line=mixed[0],
            found=f"lines {_shown(mixed)}",
            so=f"they are read as {decoded.encoding}, the others as UTF-8",
            help="look at names with accents; export as UTF-8 where the database offers it",
            severity=Severity.NOTE,
        )


def _shown(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:8])) + (", ..." if len(lines) > 8 else "")


def _tell_repeated(lines: list[int], findings: Findings) -> None:
    if lines:
        findings.trouble(
            "REC011",
            f"{len(lines)} row(s) have an ID that an earlier row has",
            line=lines[0],
            found=f"rows that begin at line {_shown(lines)}",
            so="each is a record of its own; a number behind its ID tells it from the others",
            help="look whether the column of IDs is the right one, or rows were pasted twice",
            severity=Severity.WARNING,
        )


def _tell_lines(notes: list[LineNote], findings: Findings) -> None:
    if notes:
        findings.trouble(
            "REC004",
            f"{len(notes)} line(s) belong to no record",
            line=notes[0].line,
            found=f"line {_shown([note.line for note in notes])}: {notes[0].text[:80]}",
            so="they are listed in the report and not read",
            help="look whether a record was cut off there",
            severity=Severity.WARNING,
        )


def _tell_repairs(notes: list[LineNote], findings: Findings) -> None:
    ours = [note for note in notes if "UTF-8" not in note.text]
    if ours:
        findings.trouble(
            "REC005",
            f"{len(ours)} repair(s) were made on the way",
            line=ours[0].line,
            found=f"line {_shown([note.line for note in ours])}: {ours[0].text[:100]}",
            so="the records are read with what was put right; the report lists each repair",
            severity=Severity.NOTE,
        )
