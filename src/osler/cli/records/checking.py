"""``osler records check``: do the numbers, exports and searches fit together?"""

import sys
from pathlib import Path

import click

from osler.cli.records.folder import FOLDER, STYLE, read_files
from osler.cli.terminal import seen_from_here, show
from osler.core.diagnostics import in_order
from osler.core.rendering import render
from osler.core.wording import aligned
from osler.records.checking import check_records, recall_by_source
from osler.records.ledger import Ledger, read_ledger

EPILOG = """\b
Checked are: each file of records/; hits stated against records there; exports against what was
read of them; a strategy and a date for each search; decisions that contradict each other;
reasons that are not in the list; full texts; and, where records/known.csv lists studies that
are known to belong in the review, whether the searches find them.

\b
Examples:
  osler records check my-review
  osler records check my-review --format json

\b
Exit codes:
  0  all fits
  1  something does not: it says what
  2  the folder has no records
"""


@click.command("check", epilog=EPILOG, short_help="Do the numbers fit together?")
@FOLDER
@STYLE
def check_command(folder: Path, style: str) -> None:
    """Hold the files of records/ against each other."""
    ledger, found = read_ledger(read_files(folder))
    _, more = check_records(ledger)
    diagnostics = in_order([*found, *more])
    if style == "json":
        click.echo(render([seen_from_here(d, folder) for d in diagnostics], "json"))
    else:
        if ledger.known:
            click.echo("\n".join(_recall(ledger)) + "\n")
        show(diagnostics, folder, "the records")
    sys.exit(1 if any(d.is_finding for d in diagnostics) else 0)


def _recall(ledger: Ledger) -> list[str]:
    """The known studies that each source found."""
    rows = [(r.source, f"{r.found} of {r.known}") for r in recall_by_source(ledger)]
    return ["Known studies found:", *(f"  {line}" for line in aligned(rows))]
