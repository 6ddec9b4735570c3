r"""Full texts: ``records/reports.csv`` says which were got, where they lie, of which study."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from osler.core.diagnostics import Diagnostic
from osler.records.rows import appended, bad_row, parse_rows, render_rows

FILE = "records/reports.csv"
COLUMNS = ("record", "status", "link", "study", "who", "when", "note")


class Retrieval(StrEnum):
    """Whether the full text could be got."""

    SOUGHT = "sought"
    RETRIEVED = "retrieved"
    NOT_RETRIEVED = "not retrieved"


@dataclass(frozen=True, slots=True)
class Report:
    """One row. An empty field says nothing new: what an earlier row said of it stands.

    ``link`` is an address or a path within the folder; ``study`` the id of the study that the
    report tells of.
    """

    record: str
    status: Retrieval | None = None
    link: str = ""
    study: str = ""
    who: str = ""
    when: str = ""
    note: str = ""


def parse_reports(text: str, file: str = FILE) -> tuple[tuple[Report, ...], tuple[Diagnostic, ...]]:
    r"""Every row in its order; what cannot be read is told (REC072).

    Examples
    --------
    >>> rows, _ = parse_reports("record,status,link\na-1,retrieved,pdf/a.pdf\n")
    >>> rows[0].status.value, rows[0].link
    ('retrieved', 'pdf/a.pdf')
    """
    rows, found = parse_rows(text, file, COLUMNS, ("record",))
    good, bad = [], list(found)
    for row in rows:
        status = row.cells["status"].strip()
        if status and status not in set(Retrieval):
            known = ", ".join(Retrieval)
            told = f"status is {status[:40]!r}: write one of {known}"
            bad.append(bad_row(row, file, told, "status"))
            continue
        rest = {name: row.cells[name] for name in COLUMNS[2:]}
        good.append(Report(row.cells["record"], Retrieval(status) if status else None, **rest))
    return tuple(good), tuple(bad)


def render_reports(reports: Iterable[Report]) -> str:
    r"""The whole file.

    Examples
    --------
    >>> one = Report("a-1", Retrieval.NOT_RETRIEVED, note="asked the library twice")
    >>> parse_reports(render_reports([one]))[0] == (one,)
    True
    """
    return render_rows([COLUMNS, *map(_cells, reports)])


def append_reports(text: str, reports: Iterable[Report]) -> str:
    """The file's text with rows at its end."""
    return appended(text, COLUMNS, map(_cells, reports))


def standing_reports(reports: Iterable[Report]) -> Mapping[str, Report]:
    """What stands of each record: the latest word on each field.

    Examples
    --------
    >>> rows = [Report("a", Retrieval.SOUGHT, study="tu-2024"), Report("a", Retrieval.RETRIEVED)]
    >>> standing_reports(rows)["a"].study
    'tu-2024'
    """
    out: dict[str, Report] = {}
    for report in reports:
        before = out.get(report.record)
        if before is None:
            out[report.record] = report
            continue
        names = ("status", "link", "study", "who", "when", "note")
        said = {n: getattr(report, n) for n in names if getattr(report, n)}
        out[report.record] = replace(before, **said)
    return out


def _cells(r: Report) -> tuple[str, ...]:
    status = r.status.value if r.status else ""
    return (r.record, status, r.link, r.study, r.who, r.when, r.note)
