"""What is to be said about an export once it has been read."""

from osler.core.diagnostics import Severity
from osler.records.encodings import DecodedLines
from osler.records.formats.findings import Findings
from osler.records.formats.model import Format, LineNote

_MOST_MIXED = 20


def tell_what_was_odd(
    findings: Findings, format: Format, kept: int, untitled: int, repeated: list[int]
) -> None:
    """Lines that belong to no record, repairs, IDs that come again, records without a title."""
    _tell_lines(findings.not_understood, findings)
    _tell_repairs(findings.repairs, findings)
    _tell_repeated(repeated, findings)
    if not kept and not findings.diagnostics:
        tell_none(findings)
    if untitled:
        findings.trouble(
            "REC006",
            f"{untitled} of {kept} record(s) have no title",
            found=f"{findings.file or 'the export'}, read as {format.value}",
            so="they are kept; they cannot be screened or compared by title",
            help="look whether the export has titles; every raw field is kept",
            severity=Severity.NOTE,
        )


def tell_none(findings: Findings) -> None:
    findings.trouble(
        "REC014",
        "there is no record in the file",
        so="no record is read from it",
        help="export the search again, and look whether it found anything",
        severity=Severity.WARNING,
    )


def tell_packed(packing: str, findings: Findings) -> None:
    """A file that has to be unpacked before it can be read."""
    findings.trouble(
        "REC001",
        "the file is packed",
        found=f"it is an archive or a packed file ({packing})",
        so="no record is read from it",
        help="unpack it and import the files that are in it",
    )


def tell_unknown(first: list[str], findings: Findings, *, empty: bool) -> None:
    """A file of no format that is read."""
    if empty:
        tell_none(findings)
        return
    shown = " / ".join(line.strip()[:60] for line in first if line.strip())
    findings.trouble(
        "REC001",
        "the file has no format that Osler knows",
        found=f"it begins: {shown}" if shown else "its bytes are no text",
        so="no record is read from it",
        help="export the search as RIS, or as CSV with the names of columns in its first row",
    )


def tell_encoding(decoded: DecodedLines, findings: Findings) -> None:
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
