"""A table that a command is given as a file."""

import sys
from pathlib import Path

import click

from osler.core.decoding import decode_any
from osler.core.delimited import DelimitedTable, parse_delimited
from osler.core.diagnostics import Diagnostic


def table_of(file: Path) -> tuple[DelimitedTable | None, tuple[Diagnostic, ...]]:
    """The table, None where there is none to use, and what was found while reading it.

    A file that cannot be opened is told, and ends the program with 2.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        click.echo(f"osler: cannot read {file}: {error.strerror or error}", err=True)
        sys.exit(2)
    text, notes = decode_any(data, str(file))
    table, found = parse_delimited(text, str(file))
    return (table if table is not None and table.rows else None), (*notes, *found)
