"""Exports as the commands are given them."""

from collections.abc import Sequence
from pathlib import Path

import click

from osler.cli.records.folder import fail, tell
from osler.core.diagnostics import DataError
from osler.records.formats.model import Format, Import
from osler.records.formats.reading import parse_records
from osler.records.formats.rendering import render_records
from osler.records.model import Record

_ENDINGS = {
    ".ris": Format.RIS,
    ".nbib": Format.NBIB,
    ".bib": Format.BIBTEX,
    ".json": Format.CSL_JSON,
    ".csv": Format.CSV,
    ".xlsx": Format.XLSX,
}


def read_export(file: Path) -> Import:
    """The records of a file; ends the program with 2 where it cannot be read."""
    try:
        return parse_records(file.read_bytes(), file.name)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")
    except DataError as error:
        tell(error.diagnostics)
        raise click.exceptions.Exit(2) from None


def records_as(records: Sequence[Record], output: Path) -> bytes:
    """Records in the format that a file's name asks for."""
    kind = _ENDINGS.get(output.suffix.lower())
    if kind is None:
        fail(f"{output}: the name should end in one of {', '.join(_ENDINGS)}")
    return render_records(records, kind)
