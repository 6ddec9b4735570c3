"""A clinic's audit must not tell who its patients are: columns and cells that would."""

import re
from collections.abc import Iterator, Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.splitting import cell_columns, split_records

# The direct identifiers that the ICO (Anonymisation code of practice, 2012) and the HIPAA
# Safe Harbor list (45 CFR 164.514(b)(2)) have in common, as words of a column's name.
_IDENTIFYING = frozenset(
    (
        "name names forename firstname surname lastname fullname initials dob birth birthday "
        "birthdate address street postcode zip zipcode town phone telephone mobile fax email mail "
        "nhs ssn insurance passport photo ip patient client patientid mrn gp employer"
    ).split()
)
# Free text is where names slip in.
_FREE = frozenset("notes note comment comments remarks remark history story".split())
_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_NUMBERED = re.compile(r"[A-Za-z]{0,3}[-_ ]?\d{1,6}")


def check_privacy(text: str, file: str) -> list[Diagnostic]:
    r"""PRA001 for columns and PRA002 for cells by which somebody could be known again.

    None of the cells is repeated in what is said: a log should not hold what the table
    should not.

    Examples
    --------
    >>> [d.code for d in check_privacy("id,surname,recovered", "practice.csv")]
    ['PRA001']
    >>> [d.code for d in check_privacy("id,started\nE1,2025-03-14", "practice.csv")]
    ['PRA002']
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = lines[0] if lines else ""
    separator = next((s for s in (",", ";", "\t", "|") if s in head), ",")
    records, _ = split_records(lines, separator)
    if not records:
        return []
    first, names = records[0]
    columns = [name.strip().lower() for name in names]
    source = lines[first - 1]
    found = list(_columns(columns, file, first, source, separator))
    for line, cells in records[1:]:
        found += _cells(dict(zip(columns, cells, strict=False)), file, line)
    return found


def _columns(
    columns: Sequence[str], file: str, line: int, source: str, separator: str
) -> Iterator[Diagnostic]:
    for index, column in enumerate(columns):
        words = set(re.split(r"[\W_]+", column))
        free = bool(words & _FREE)
        if not free and not words & _IDENTIFYING:
            continue
        place = Place(file, line, *cell_columns(source, index, separator), column, source)
        why = "is free text, in which names slip in" if free else "can tell who a patient is"
        yield _error("PRA001", place, f"the column {column!r} {why}", f"column {column!r}")


def _cells(cells: dict[str, str], file: str, line: int) -> Iterator[Diagnostic]:
    started, number = cells.get("started", "").strip(), cells.get("id", "").strip()
    if started and not _MONTH.fullmatch(started):
        exact = bool(_DAY.fullmatch(started))
        message = "a day is told where a month is enough" if exact else "started is not a month"
        yield _error("PRA002", Place(file, line, field="started"), message, "column 'started'")
    if number and not _NUMBERED.fullmatch(number):
        message = "the id of an episode is more than a running number"
        yield _error("PRA002", Place(file, line, field="id"), message, "column 'id'")


def _error(code: str, place: Place, message: str, found: str) -> Diagnostic:
    advice = {
        "PRA001": "take the column out of this folder; what an audit needs is in the other columns",
        "PRA002": "write a month such as 2025-03, and an id such as E017 that stands nowhere else",
    }[code]
    so = "none of practice.csv is read, and nothing of it is shown"
    return Diagnostic(code, Severity.ERROR, place, message, found, so, advice)
