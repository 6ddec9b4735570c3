"""One way out: records as bytes in the format asked for."""

from collections.abc import Iterable, Sequence

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.records.formats.model import Format
from osler.records.formats.writing_structured import render_bibtex, render_csl_json
from osler.records.formats.writing_tables import render_asreview, render_csv, render_xlsx
from osler.records.formats.writing_tagged import render_nbib, render_ris
from osler.records.model import Decision, Record

#: The formats that can be written, and the ending of their files.
WRITTEN = {
    Format.RIS: ".ris",
    Format.NBIB: ".nbib",
    Format.BIBTEX: ".bib",
    Format.CSL_JSON: ".json",
    Format.CSV: ".csv",
    Format.XLSX: ".xlsx",
    Format.ASREVIEW: ".csv",
}


def render_records(
    records: Iterable[Record], format: Format, decisions: Sequence[Decision] = ()
) -> bytes:
    """Records in a format, in UTF-8; :func:`parse_records` reads the same fields again.

    Parameters
    ----------
    records : iterable of Record
        Written in this order.
    format : Format
        One of :data:`WRITTEN`.
    decisions : sequence of Decision
        For RIS and ASReview, which have a place for verdicts.

    Raises
    ------
    DataError
        REC015 where the format is one that is only read.

    Examples
    --------
    >>> render_records([Record(title="A trial")], Format.RIS).splitlines()[:2]
    [b'TY  - JOUR', b'TI  - A trial']
    """
    match format:
        case Format.RIS:
            text = render_ris(records, decisions)
        case Format.NBIB:
            text = render_nbib(records)
        case Format.BIBTEX:
            text = render_bibtex(records)
        case Format.CSL_JSON:
            text = render_csl_json(records)
        case Format.CSV:
            text = render_csv(records)
        case Format.ASREVIEW:
            text = render_asreview(records, decisions)
        case Format.XLSX:
            return render_xlsx(records)
        case _:
            raise DataError(_not_written(format))
    return text.encode("utf-8", errors="replace")


def _not_written(format: Format) -> Diagnostic:
    names = ", ".join(sorted(written.value for written in WRITTEN))
    return Diagnostic(
        "REC015",
        Severity.ERROR,
        Place(""),
        f"records are not written as {format.value}",
        found="a format that Osler only reads",
        so="nothing is written",
        help=f"choose one of: {names}",
    )
