r"""What a person judged of two records: ``records/merges.csv``; a later row undoes an earlier."""

from collections.abc import Iterable, Mapping

from osler.core.diagnostics import Diagnostic
from osler.records.duplicates.model import Judgement, LinkKind, Opinion
from osler.records.rows import appended, bad_row, parse_rows, render_rows

FILE = "records/merges.csv"
COLUMNS = ("opinion", "first", "second", "kind", "note", "who", "when")


def parse_merges(
    text: str, file: str = FILE
) -> tuple[tuple[Judgement, ...], tuple[Diagnostic, ...]]:
    r"""Every row in its order; what cannot be read is told (REC072).

    Examples
    --------
    >>> rows, _ = parse_merges("opinion,first,second,note,who\napart,a-1,b-2,part I and II,A\n")
    >>> rows[0].opinion.value, rows[0].note
    ('apart', 'part I and II')
    """
    rows, found = parse_rows(text, file, COLUMNS, COLUMNS[:3])
    good, bad = [], list(found)
    for row in rows:
        cells = row.cells
        opinion, kind = cells["opinion"].strip(), cells["kind"].strip()
        if opinion not in set(Opinion):
            known = ", ".join(Opinion)
            bad.append(bad_row(row, file, f"opinion is {opinion[:40]!r}: write one of {known}"))
        elif kind and kind not in set(LinkKind):
            known = ", ".join(LinkKind)
            bad.append(bad_row(row, file, f"kind is {kind[:40]!r}: write one of {known}"))
        elif cells["first"] == cells["second"]:
            bad.append(bad_row(row, file, "first and second are one record"))
        else:
            good.append(_judgement(cells, Opinion(opinion), LinkKind(kind) if kind else None))
    return tuple(good), tuple(bad)


def render_merges(judgements: Iterable[Judgement]) -> str:
    r"""The whole file.

    Examples
    --------
    >>> one = Judgement("a-1", "b-2", Opinion.MERGED, "A", "2026-02-01T10:00:00Z")
    >>> parse_merges(render_merges([one]))[0] == (one,)
    True
    """
    return render_rows([COLUMNS, *map(_cells, judgements)])


def append_merges(text: str, judgements: Iterable[Judgement]) -> str:
    """The file's text with rows at its end."""
    return appended(text, COLUMNS, map(_cells, judgements))


def _judgement(cells: Mapping[str, str], opinion: Opinion, kind: LinkKind | None) -> Judgement:
    first, second, who, when = (cells[name] for name in ("first", "second", "who", "when"))
    return Judgement(first, second, opinion, who, when, kind, cells["note"])


def _cells(j: Judgement) -> tuple[str, ...]:
    kind = j.kind.value if j.kind else ""
    return (j.opinion.value, j.first, j.second, kind, j.note, j.who, j.when)
