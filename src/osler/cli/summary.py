"""``osler summary``: summaries of findings, evidence profiles and decision summaries as files."""

import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import cast

import click

from osler.certainty.evidence import gather_evidence
from osler.certainty.model import Evidence
from osler.cli.terminal import seen_from_here, wants_colour, width
from osler.core.diagnostics import DataError, Diagnostic, Severity, in_order
from osler.core.rendering import count_line, render
from osler.publish.documents import Asked, Format, TableKind, Written, table_document
from osler.review.folder import read_folder
from osler.review.model import Review
from osler.review.reading import parse_review

EPILOG = """\b
NAME is a comparison of osler.toml; for --table decision it is an outcome. Without it
every comparison that has an answer is written, or the first outcome's decision table.

\b
Examples:
  osler summary examples/sciatica "acupuncture vs sham acupuncture"
  osler summary examples/sciatica -o findings.docx
  osler summary examples/sciatica "nsaid vs placebo" --table profile -o profile.html
  osler summary examples/sciatica "leg pain" --table decision -o options.docx
  osler summary examples/sciatica --format csv | head -3

\b
Exit codes:
  0  the table was written
  1  it was written, and something was found in the folder's tables
  2  nothing was written
"""

_FORMATS = {".html": "html", ".htm": "html", ".docx": "docx", ".csv": "csv", ".txt": "text"}
# Wider lines are harder to read, and narrower columns hold no word.
_WIDEST, _NARROWEST = 140, 80


@click.command("summary", epilog=EPILOG, short_help="Write the tables of certainty.")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.argument("name", required=False, default="")
@click.option(
    "--table",
    type=click.Choice(["findings", "profile", "decision"]),
    default="findings",
    show_default=True,
    help="Summary of findings, evidence profile (every rating explained), or the options side "
    "by side as an evidence-to-decision summary.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "html", "docx", "csv"]),
    help="How to write it; by the ending of --output where not given, else text.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file (.html, .docx, .csv or .txt) instead of the screen.",
)
@click.option(
    "--numbers-needed",
    is_flag=True,
    help="Give numbers needed to treat, with their intervals, in a table of findings.",
)
def summary_command(
    folder: Path,
    name: str,
    table: str,
    style: str | None,
    output: Path | None,
    numbers_needed: bool,
) -> None:
    """Write summary-of-findings tables, evidence profiles and decision summaries.

    FOLDER is a review folder, the current one if left out. The certainty of each result comes
    with the reasons for it: what the rules saw and what a person decided. What was found goes
    to standard error.
    """
    asked = Asked(
        cast(TableKind, table), name, _format(style, output), numbers_needed, _width(output)
    )
    _refuse_misuse(asked, output)
    review, evidence, found = _read(folder)
    written = _made(review, evidence, asked, folder, found)
    _write(written.content, output)
    everything = in_order([*found, *written.diagnostics])
    _tell(written.diagnostics, folder)
    if found:
        click.echo(f"{count_line(found, 'the tables')} See: osler check {folder}", err=True)
    sys.exit(1 if any(d.is_finding for d in everything) else 0)


def _format(style: str | None, output: Path | None) -> Format:
    if style:
        return cast(Format, style)
    suffix = output.suffix.lower() if output else ".txt"
    if suffix not in _FORMATS:
        raise click.UsageError(
            f"{output} ends in {suffix or 'nothing'!r}; write .html, .docx, .csv or .txt, "
            "or give --format"
        )
    return cast(Format, _FORMATS[suffix])


def _width(output: Path | None) -> int:
    """Columns of text: those of the terminal within reason, 100 in a file."""
    if output or not sys.stdout.isatty():
        return 100
    return min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size().columns))


def _refuse_misuse(asked: Asked, output: Path | None) -> None:
    if asked.format == "docx" and output is None:
        raise click.UsageError("a Word document needs a file: add -o findings.docx")
    if asked.numbers_needed and asked.table != "findings":
        raise click.UsageError("--numbers-needed belongs to --table findings")


def _read(folder: Path) -> tuple[Review, Evidence, tuple[Diagnostic, ...]]:
    """The review with its answers, and what was found in its tables (pages are not read)."""
    try:
        review, found = parse_review(read_folder(folder))
    except OSError as error:
        click.echo(
            f"osler: cannot read {error.filename or folder}: {error.strerror or error}", err=True
        )
        sys.exit(2)
    if review is None:
        _tell(found, folder)
        sys.exit(2)
    pages = {page.file for page in review.pages}
    of_tables = tuple(d for d in found if d.place.file not in pages and d.is_finding)
    return review, gather_evidence(review), of_tables


def _made(
    review: Review,
    evidence: Evidence,
    asked: Asked,
    folder: Path,
    found: Sequence[Diagnostic],
) -> Written:
    """The file; where it cannot be made, says why and exits with 2."""
    try:
        return table_document(review, evidence, asked, version=version("osler"))
    except DataError as error:
        errors = [d for d in found if d.severity is Severity.ERROR]
        _tell([*error.diagnostics, *errors], folder)
        sys.exit(2)


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        click.echo(f"osler: cannot write {output}: {error.strerror or error}", err=True)
        sys.exit(2)
    click.echo(f"Written: {output}", err=True)


def _tell(diagnostics: Sequence[Diagnostic], folder: Path) -> None:
    if diagnostics:
        told = [seen_from_here(d, folder) for d in diagnostics]
        click.echo(render(told, "text", wants_colour(), width()) + "\n", err=True)
