"""``osler records import``: what is in an export, and the same in another format."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from osler.cli.collecting import uncollected
from osler.cli.records.folder import STYLE, fail, show_json, tell
from osler.cli.records.reading import cores, opened_export, records_as
from osler.records.formats.reading import RecordStream
from osler.records.model import Record

EPILOG = """\b
Read are RIS and its dialects, PubMed (NBIB, XML), ICTRP (XML), Ovid, Web of Science, RefWorks,
EndNote, BibTeX, CSL-JSON, and the CSV, TSV and XLSX of databases and screening programs. What a
file is, is told by its content and not by its name.

\b
Examples:
  osler records import pubmed.nbib embase.ris
  osler records import hits.bib -o hits.ris
  osler records import *.ris --format json | jq '.[0].report.filled'

\b
Exit codes:
  0  every line was understood
  1  some were not: it says which
  2  a file could not be read
"""


@click.command("import", epilog=EPILOG, short_help="What is in an export; convert it.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@STYLE
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write all records here.")
def import_command(files: tuple[Path, ...], style: str, output: Path | None) -> None:
    """Read FILES and say what was found: records, fields, lines not understood, repairs.

    A FILE of - is standard input.

    With -o the records are written in the format that the name ends in: .ris, .nbib, .bib,
    .json (CSL), .csv, .xlsx.
    """
    read: list[RecordStream] = []
    with uncollected():
        if output is None:
            for file in files:
                with opened_export(file) as stream:
                    read.append(stream)
                    stream.read_through(cores())
        else:
            written = records_as(_records(files, read), output)
    if style == "json":
        show_json([_values(one) for one in read])
    else:
        for one in read:
            click.echo(one.report.text())
    found = tuple(d for one in read for d in one.diagnostics)
    tell(found)
    if output is not None:
        try:
            output.write_bytes(written)
        except OSError as error:
            fail(f"cannot write {output}: {error.strerror or error}")
    sys.exit(1 if any(d.is_finding for d in found) else 0)


def _records(files: Iterable[Path], read: list[RecordStream]) -> Iterator[Record]:
    """The records of all files, one at a time; ``read`` is told of each file."""
    for file in files:
        with opened_export(file) as stream:
            read.append(stream)
            yield from stream


def _values(read: RecordStream) -> dict[str, Any]:
    report = asdict(read.report) | {"format": read.report.format.value}
    told = [
        {"code": d.code, "severity": d.severity.value, "line": d.place.line, "message": d.message}
        for d in read.diagnostics
    ]
    return {"report": report, "diagnostics": told}
