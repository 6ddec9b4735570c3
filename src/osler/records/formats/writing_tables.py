"""Records as tables: CSV, workbooks, and the table that ASReview opens."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from osler.core.workbook import Sheet, workbook
from osler.records.model import Decision, Record, Verdict
from osler.records.names import write_name

COLUMNS = (
    *("key", "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid"),
    *("registrations", "issn", "isbn", "language", "publisher", "url", "keywords", "kind"),
    "abstract",
)


def row_of(record: Record) -> tuple[str, ...]:
    """A record's cells, in the order of :data:`COLUMNS`."""
    return (
        record.key,
        record.title,
        "".join(f"{write_name(name)}; " for name in record.authors).strip(),
        "" if record.year is None else str(record.year),
        record.container,
        record.volume,
        record.issue,
        record.pages,
        record.doi,
        record.pmid,
        "; ".join(record.registrations),
        record.issn,
        record.isbn,
        record.language,
        record.publisher,
        record.url,
        "".join(f"{word}; " for word in record.keywords).strip(),
        record.kind,
        record.abstract,
    )


def render_csv(records: Iterable[Record]) -> str:
    """CSV in UTF-8 with the names of columns in its first row.

    Examples
    --------
    >>> render_csv([Record("a", title="A trial", year=2001)]).splitlines()[1]
    'a,A trial,,2001,,,,,,,,,,,,,,article-journal,'
    """
    return _csv([COLUMNS, *(row_of(record) for record in records)])


def _csv(rows: Iterable[Sequence[str]]) -> str:
    held = StringIO()
    csv.writer(held, lineterminator="\n").writerows(rows)
    return held.getvalue()


def render_xlsx(records: Iterable[Record]) -> bytes:
    """A workbook of one sheet, "records"."""
    return workbook([Sheet("records", [COLUMNS, *(row_of(record) for record in records)])])


_LABELS = {Verdict.INCLUDE: "1", Verdict.EXCLUDE: "0"}


def render_asreview(records: Iterable[Record], decisions: Iterable[Decision] = ()) -> str:
    """CSV as ASReview opens it: the last verdict on each record as label 1 or 0.

    Records with no verdict, or with "maybe", have no label there.

    Examples
    --------
    >>> from osler.records.model import Stage
    >>> vote = Decision("a", Stage.TITLE_ABSTRACT, Verdict.INCLUDE, "one", "2026-01-01T00:00:00Z")
    >>> render_asreview([Record("a", title="A trial")], [vote]).splitlines()[1][:13]
    '1,1,a,A trial'
    """
    last = {decision.record: _LABELS.get(decision.verdict, "") for decision in decisions}
    head = ("record_id", "included", *COLUMNS)
    rows = (
        (str(i), last.get(record.key, ""), *row_of(record)) for i, record in enumerate(records, 1)
    )
    return _csv([head, *rows])
