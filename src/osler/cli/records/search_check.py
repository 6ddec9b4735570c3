"""``osler records search-check``: do the searches find the studies that are known?"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from osler.cli.records.folder import FOLDER, STYLE, fail, read_files, show_json, tell
from osler.cli.records.reading import read_export
from osler.core.decoding import decode_any
from osler.core.wording import aligned, counted
from osler.records.checking import Tracked, tracked
from osler.records.known import FILE, Known, parse_known
from osler.records.ledger import Ledger, read_ledger
from osler.records.model import Record

EPILOG = """\b
The known studies stand in records/known.csv, a row each: title, doi, pmid, registration, one of
which is enough. With --known another table, or an export of a reference manager, takes its
place. --export tries a search before it is added: does the draft still find them all?

\b
Examples:
  osler records search-check my-review
  osler records search-check my-review --export draft.ris
  osler records search-check my-review --known key-papers.ris --format json

\b
Exit codes:
  0  every known study is found
  1  some are not: it names them
  2  nothing is known, or a file could not be read
"""


@click.command("search-check", epilog=EPILOG, short_help="Are the known studies found?")
@FOLDER
@click.option("--known", "table", type=click.Path(path_type=Path), help="In place of known.csv.")
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=click.Path(path_type=Path),
    help="What a search found that is not in the library; may be given again.",
)
@STYLE
def search_check_command(
    folder: Path, table: Path | None, exports: tuple[Path, ...], style: str
) -> None:
    """Say of each known study which sources found it, and which found it alone.

    With --export only these are looked at, not the library.
    """
    files = read_files(folder, needed=not (exports and table))
    ledger, found = read_ledger(files)
    tell(found, folder)
    known = _known(table) if table else ledger.known
    if not known:
        fail(f"no study is known: list some in {folder / FILE}, or give --known FILE")
    rows = tracked(known, _drafts(exports) if exports else _library(ledger))
    if style == "json":
        show_json([_values(row) for row in rows])
    else:
        click.echo("\n".join(_lines(rows)))
    sys.exit(0 if all(row.key for row in rows) else 1)


def _known(table: Path) -> tuple[Known, ...]:
    """A table with our columns, else any export: each of its records is known."""
    try:
        text, _ = decode_any(table.read_bytes(), table.name)
    except OSError as error:
        fail(f"cannot read {table}: {error.strerror or error}")
    rows, found = parse_known(text, table.name)
    if rows and not found and table.suffix.lower() == ".csv":
        return rows
    return tuple(_of_record(record) for record in read_export(table).records)


def _of_record(record: Record) -> Known:
    registration = next(iter(record.registrations), "")
    return Known(record.title, record.doi, record.pmid, registration)


def _library(ledger: Ledger) -> dict[str, list[Record]]:
    """Unique records below each source that gave them."""
    out: dict[str, list[Record]] = {}
    for entry in ledger.library.entries:
        searches = [ledger.search_of(s.file) for part in entry.parts for s in part.sources]
        for name in dict.fromkeys(s.database if s else "Source not stated" for s in searches):
            out.setdefault(name, []).append(entry.record)
    return out


def _drafts(exports: Sequence[Path]) -> Mapping[str, Sequence[Record]]:
    return {
        file.name: [
            replace(record, key=f"{file.name}:{number}")
            for number, record in enumerate(read_export(file).records, 1)
        ]
        for file in exports
    }


def _values(row: Tracked) -> dict[str, object]:
    return {
        "known": row.known.shown,
        "found": bool(row.key),
        "record": row.key,
        "sources": list(row.sources),
    }


def _lines(rows: Sequence[Tracked]) -> list[str]:
    found = [row for row in rows if row.key]
    names = dict.fromkeys(name for row in found for name in row.sources)
    by = [
        (
            name,
            f"{sum(name in row.sources for row in found)}",
            f"{sum(row.sources == (name,) for row in found)} by it alone",
        )
        for name in sorted(names)
    ]
    lines = [f"{len(found)} of {counted(len(rows), 'known study', 'known studies')} found"]
    lines += [f"  {line}" for line in aligned(by)]
    missed = [row.known.shown for row in rows if not row.key]
    return [*lines, *(["Not found:"] if missed else []), *(f"  {name}" for name in missed)]
