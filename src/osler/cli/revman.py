"""``osler import-revman``: a review of RevMan as the tables of a review folder."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from osler.cli.terminal import wants_colour
from osler.core.diagnostics import DataError, Diagnostic, Severity
from osler.core.rendering import render
from osler.core.wording import counted
from osler.review.revman import RevmanReview, read_revman
from osler.review.revman.tables import analysis_table, folder_tables

EPILOG = """\b
SOURCE is a file of RevMan 5 (.rm5), a data package of RevMan Web (.zip), or the folder that was
in it. Without FOLDER its analyses are listed. Into FOLDER go studies.csv, arms.csv, results.csv,
contrasts.csv, bias.csv and a draft of osler.toml; no file that is there is overwritten.

\b
Examples:
  osler import-revman review.rm5                    what is in it?
  osler import-revman review.rm5 my-review          a review folder, to be completed
  osler import-revman review.rm5 --analysis 1.2 > trials.csv && osler pool trials.csv

\b
Exit codes:
  0  all was read, or what was not is named in a note
  1  something could not be read as it stands; a warning says what
  2  nothing was written
"""


@click.command("import-revman", epilog=EPILOG, short_help="Bring a review of RevMan along.")
@click.argument("source", type=click.Path(path_type=Path), metavar="SOURCE")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, file_okay=False), metavar="[FOLDER]"
)
@click.option("--analysis", metavar="NUMBER", help='Write the data of one analysis ("1.2") as CSV.')
def revman_command(source: Path, folder: Path | None, analysis: str | None) -> None:
    """Read SOURCE, a review of RevMan, and write it as the tables of a review FOLDER.

    Numbers, references and judgements of bias are brought over, not the review's text.
    """
    if folder is not None and analysis is not None:
        raise click.UsageError("give FOLDER or --analysis, not both")
    try:
        review = read_revman(source)
        found = list(review.diagnostics)
        if analysis is not None:
            click.echo(analysis_table(review.analysis(analysis)), nl=False)
        elif folder is None:
            click.echo(review.summary())
        else:
            found += _written(review, source, folder)
    except DataError as error:
        _tell(error.diagnostics)
        sys.exit(2)
    except OSError as error:
        click.echo(f"osler: {error.filename or source}: {error.strerror or error}", err=True)
        sys.exit(2)
    _tell(found)
    sys.exit(1 if any(each.severity is not Severity.NOTE for each in found) else 0)


def _written(review: RevmanReview, source: Path, folder: Path) -> tuple[Diagnostic, ...]:
    tables, found = folder_tables(review, source.name)
    there = [name for name in tables if (folder / name).exists()]
    if there:
        click.echo(f"osler: {folder} holds {', '.join(there)} already; nothing written", err=True)
        sys.exit(2)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        rows = "" if name.endswith(".toml") else f"  {counted(text.count(chr(10)) - 1, 'row')}"
        click.echo(f"  {name}{rows}")
    click.echo(f"\nNext:  osler check {shlex.quote(str(folder))}")
    return found


def _tell(found: Sequence[Diagnostic]) -> None:
    if found:
        click.echo(render(found, "text", wants_colour()) + "\n", err=True)
