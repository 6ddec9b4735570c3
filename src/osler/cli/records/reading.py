"""Exports as the commands are given them."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from osler.cli.records.folder import fail, tell
from osler.core.diagnostics import DataError
from osler.records.formats.model import Format, Import
from osler.records.formats.reading import RecordStream, stream_records
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


_MOST_PROCESSES = 8  # one finds and cuts what so many read


def cores() -> int:
    """How many processes may read a large export: one for each core that this program may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, _MOST_PROCESSES)


@contextmanager
def opened_export(file: Path) -> Iterator[RecordStream]:
    """A file, or standard input (-), to read records from one after another.

    Ends the program with 2 where it cannot be read.
    """
    try:
        if str(file) == "-":
            yield stream_records(sys.stdin.buffer, "standard-input")
        else:
            with file.open("rb") as opened:
                yield stream_records(opened, file.name)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")
    except DataError as error:
        tell(error.diagnostics)
        raise click.exceptions.Exit(2) from None


def read_export(file: Path) -> Import:
    """All records of a file, or of standard input (-), at once."""
    with opened_export(file) as stream:
        records = tuple(stream)
        return Import(records, tuple(stream.decisions), stream.report, stream.diagnostics)


def records_as(records: Iterable[Record], output: Path) -> bytes:
    """Records in the format that a file's name asks for."""
    kind = _ENDINGS.get(output.suffix.lower())
    if kind is None:
        fail(f"{output}: the name should end in one of {', '.join(_ENDINGS)}")
    return render_records(records, kind)
