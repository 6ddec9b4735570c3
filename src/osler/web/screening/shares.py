r"""Who has which record to screen: ``records/shares.csv``; a later row replaces an earlier."""

from collections.abc import Mapping

from osler.core.diagnostics import Diagnostic
from osler.records.decisions import join_labels, split_labels
from osler.records.rows import parse_rows

FILE = "records/shares.csv"
COLUMNS = ("record", "reviewers")
Shares = Mapping[str, tuple[str, ...]]


def parse_shares(text: str, file: str = FILE) -> tuple[Shares, tuple[Diagnostic, ...]]:
    r"""The reviewers of each record.

    Examples
    --------
    >>> parse_shares("record,reviewers\na-1,one;two\nb-2,one\na-1,one;three\n")[0]
    {'a-1': ('one', 'three'), 'b-2': ('one',)}
    """
    rows, found = parse_rows(text, file, COLUMNS, COLUMNS[:1])
    return {row.cells["record"]: split_labels(row.cells["reviewers"]) for row in rows}, found


def rows_of(before: Shares, after: Shares) -> list[tuple[str, str]]:
    """Rows for what has changed."""
    return [(key, join_labels(who)) for key, who in after.items() if before.get(key) != who]
