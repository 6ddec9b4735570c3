r"""Who decided what: ``records/decisions.csv``, which only grows.

What stands of it is told by :mod:`osler.records.screening.standing`.
"""

from collections.abc import Iterable, Mapping, Sequence

from osler.core.diagnostics import Diagnostic
from osler.records.model import Decision, Stage, Verdict
from osler.records.rows import TableRow, appended, bad_row, parse_rows, render_rows

FILE = "records/decisions.csv"
COLUMNS = ("record", "stage", "verdict", "reason", "who", "when", "note", "labels", "role")
_REQUIRED = ("record", "stage", "verdict", "who")
BEFORE_SCREENING = "before screening"
AUTOMATION = "automation"
"""Roles of rows that take a record out before anybody screens it."""


def parse_decisions(
    text: str, file: str = FILE
) -> tuple[tuple[Decision, ...], tuple[Diagnostic, ...]]:
    r"""Every row in its order; those with an unknown stage or verdict are told (REC072).

    Examples
    --------
    >>> head = "record,stage,verdict,who,when\n"
    >>> rows, found = parse_decisions(
    ...     head + "tu-2024,full-text,include,A,2026-02-01T10:00:00Z\ntu-2024,abstract,yes,A,\n"
    ... )
    >>> rows[0].verdict, found[0].found
    (<Verdict.INCLUDE: 'include'>, "stage is 'abstract': write one of title-abstract, full-text")
    """
    rows, found = parse_rows(text, file, COLUMNS, _REQUIRED)
    good, bad = [], list(found)
    for row in rows:
        field, problem = _problem(row)
        if problem:
            bad.append(bad_row(row, file, problem, field))
        else:
            good.append(_decision(row.cells))
    return tuple(good), tuple(bad)


def render_decisions(decisions: Iterable[Decision]) -> str:
    r"""The whole file; :func:`parse_decisions` gives the same decisions back.

    Examples
    --------
    >>> one = Decision("tu-2024", Stage.FULL_TEXT, Verdict.MAYBE, "A", "", labels=("a;b", "c"))
    >>> parse_decisions(render_decisions([one]))[0] == (one,)
    True
    """
    return render_rows([COLUMNS, *map(_cells, decisions)])


def append_decisions(text: str, decisions: Iterable[Decision]) -> str:
    """The file's text with rows at its end; what stands there stays as it is, byte for byte."""
    return appended(text, COLUMNS, map(_cells, decisions))


def merge_histories(first: Sequence[Decision], second: Sequence[Decision]) -> tuple[Decision, ...]:
    """Two copies of one history, each row once, by time: what two branches add joins.

    Examples
    --------
    >>> a = Decision("x", Stage.TITLE_ABSTRACT, Verdict.INCLUDE, "A", "2026-01-01T10:00:00Z")
    >>> b = Decision("x", Stage.TITLE_ABSTRACT, Verdict.EXCLUDE, "B", "2026-01-01T09:00:00Z")
    >>> [d.who for d in merge_histories([a], [a, b])]
    ['B', 'A']
    """
    return tuple(sorted(dict.fromkeys([*first, *second]), key=lambda d: d.when))


def _problem(row: TableRow) -> tuple[str, str]:
    """The first field that cannot be read, and why; two empty texts where there is none."""
    for field, known in (("stage", Stage), ("verdict", Verdict)):
        values = [str(v.value) for v in known]
        if row.cells[field].strip() not in values:
            found = f"{field} is {row.cells[field][:40]!r}: write one of {', '.join(values)}"
            return field, found
    return "", ""


def _decision(cells: Mapping[str, str]) -> Decision:
    return Decision(
        record=cells["record"],
        stage=Stage(cells["stage"].strip()),
        verdict=Verdict(cells["verdict"].strip()),
        who=cells["who"],
        when=cells["when"],
        reason=cells["reason"],
        note=cells["note"],
        labels=split_labels(cells["labels"]),
        role=cells["role"] or "reviewer",
    )


def _cells(d: Decision) -> tuple[str, ...]:
    labels = join_labels(d.labels)
    start = (d.record, d.stage.value, d.verdict.value, d.reason)
    return (*start, d.who, d.when, d.note, labels, d.role)


def join_labels(labels: Iterable[str]) -> str:
    r"""Labels in one cell; a semicolon or backslash within one has a backslash before it."""
    return ";".join(text.replace("\\", "\\\\").replace(";", "\\;") for text in labels)


def split_labels(cell: str) -> tuple[str, ...]:
    r"""The labels of a cell.

    Examples
    --------
    >>> split_labels("background;a\\;b")
    ('background', 'a;b')
    """
    if not cell:
        return ()
    labels, current, quoted = [], "", False
    for character in cell:
        if quoted or character not in "\\;":
            current, quoted = current + character, False
        elif character == "\\":
            quoted = True
        else:
            labels.append(current)
            current = ""
    return (*labels, current)
