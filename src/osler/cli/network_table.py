"""The table that ``osler network`` reads, and those that it writes for other programs."""

import csv
import re
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

import click

from osler.cli.tables import table_of
from osler.cli.terminal import wants_colour
from osler.core.delimited import DelimitedRow, DelimitedTable
from osler.core.diagnostics import DataError, Diagnostic, Place
from osler.core.frames import Columns
from osler.core.rendering import render
from osler.synthesis.network import problems
from osler.synthesis.network.cells import COUNTS, counts_named, grouped
from osler.synthesis.network.data import Network
from osler.synthesis.network.exchange import (
    GemtcTables,
    to_cinema,
    to_cinema_arms,
    to_gemtc,
    to_gemtc_arms,
    to_netmeta,
)
from osler.synthesis.network.wide import one_row_an_arm

PROGRAMS = ("netmeta", "gemtc", "cinema")
_MISSING = ("", "na", "nan", "n/a", "n.a.", "nr", "null", "none", ".", "-", "–", "?")
# Between cells; a comma within one is then a decimal comma.
_NOT_COMMAS = (";", "\t")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table by columns, None for an empty cell; where each cell stands; what was found.

    ``rows`` are the file's rows that are kept.
    """

    columns: Columns
    table: DelimitedTable
    rows: Sequence[DelimitedRow]
    found: tuple[Diagnostic, ...]

    def where(self, row: int, column: str) -> Place:
        """Where a row stands, or its cell in a column."""
        return self.table.place(self.rows[row], column)

    def only(self, wanted: Mapping[str, str]) -> "FileTable":
        """The rows whose cells are as wanted, in capitals or not.

        Raises
        ------
        DataError
            Where there is no such column, or no such row (NET059).
        """
        kept = list(range(len(self.rows)))
        for name, value in wanted.items():
            if name not in self.columns:
                raise DataError(problems.no_such_rows(name, value, list(self.columns)))
            cells = [str(cell or "").strip() for cell in self.columns[name]]
            kept = [i for i in kept if cells[i].casefold() == value.casefold()]
            if not kept:
                raise DataError(problems.no_such_rows(name, value, list(dict.fromkeys(cells))))
        columns = {name: [cells[i] for i in kept] for name, cells in self.columns.items()}
        return replace(self, columns=columns, rows=[self.rows[i] for i in kept])


def read_file(file: Path, named: Mapping[str, str]) -> FileTable:
    """The table of a file; without one the program ends with 2.

    ``named`` says what the columns of some roles are called.
    """
    table, found = table_of(file)
    if table is None:
        tell(found)
        sys.exit(2)
    columns = _columns(table)
    if table.separator in _NOT_COMMAS:
        counts = {n for n in columns if counts_named(n)} | {named.get(role, "") for role in COUNTS}
        _with_points(columns, counts)
    return FileTable(columns, table, table.rows, tuple(d for d in found if d.is_finding))


def tell(found: tuple[Diagnostic, ...]) -> None:
    """Diagnostics to standard error."""
    if found:
        click.echo(render(found, "text", wants_colour()) + "\n", err=True)


def pairs_given(given: Sequence[str], option: str, left: str, right: str) -> dict[str, str]:
    """LEFT=RIGHT pairs as a mapping; another form is a wrong option.

    Examples
    --------
    >>> pairs_given(["events=deaths at 30 days"], "--column", "ROLE", "NAME")
    {'events': 'deaths at 30 days'}
    """
    out: dict[str, str] = {}
    for pair in given:
        one, _, other = pair.partition("=")
        if not (one.strip() and other.strip()):
            raise click.BadParameter(f"{pair!r} is not {left}={right}", param_hint=option)
        out[one.strip()] = other.strip()
    return out


def export(
    program: str, path: Path, columns: Columns, named: Mapping[str, str], network: Network
) -> None:
    """Write the network as a program reads it: arms where the table has them, else contrasts.

    gemtc knows treatments by an id; their names go to a second file, ``-treatments`` beside the
    first. A file that cannot be written ends the program with 2.
    """
    found = _exported(program, columns, named, network)
    tables = [(path, found.data if isinstance(found, GemtcTables) else found)]
    if isinstance(found, GemtcTables):
        beside = path.with_name(f"{path.stem}-treatments{path.suffix}")
        tables.append((beside, found.treatments))
    for target, data in tables:
        try:
            with target.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(data)
                writer.writerows(zip(*data.values(), strict=True))
        except OSError as error:
            click.echo(f"osler: cannot write {target}: {error.strerror or error}", err=True)
            sys.exit(2)


def _exported(
    program: str, columns: Columns, named: Mapping[str, str], network: Network
) -> Columns | GemtcTables:
    if program == "netmeta":
        return to_netmeta(network)
    arms: Callable[..., Columns | GemtcTables] = (
        to_gemtc_arms if program == "gemtc" else to_cinema_arms
    )
    try:
        folded = one_row_an_arm(columns, named)
        return arms(folded.columns, columns=folded.given)
    except DataError:
        # No arms in the table.
        return to_gemtc(network) if program == "gemtc" else to_cinema(network)


def _columns(table: DelimitedTable) -> Columns:
    """The table by columns; an empty cell, NA and the like are missing values.

    A second column of one name gets a space at its end: which of the two is meant is asked
    where it matters.
    """
    out: Columns = {}
    for i, name in enumerate(table.header.cells):
        while name in out:
            name += " "
        cells = [row.cells[i] for row in table.rows]
        out[name] = [None if cell.strip().lower() in _MISSING else cell for cell in cells]
    return out


def _with_points(columns: Columns, counts: Set[str]) -> None:
    """Turn decimal commas into points where a column has those alone, and say so.

    A comma between the thousands of a whole number stays, to be read as one. Where commas are
    decimal a point stands between thousands.
    """
    changed = []
    for name, values in columns.items():
        commas = [v for v in values if isinstance(v, str) and _DECIMAL_COMMA.fullmatch(v)]
        thousands = name in counts and all(map(grouped, commas))
        if commas and not thousands and not any("." in str(value) for value in values):
            columns[name] = [str(v).replace(",", ".") if v in commas else v for v in values]
            changed.append(name)
    if not changed:
        return
    click.echo(f"note: decimal commas are read as points: {', '.join(changed)}", err=True)
    for name in counts & set(columns):
        swapped = [v.replace(".", ",") if isinstance(v, str) else v for v in columns[name]]
        if all(grouped(new) for new, old in zip(swapped, columns[name], strict=True) if new != old):
            columns[name] = swapped
