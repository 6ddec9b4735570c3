"""``osler records studies``: studies.csv and references.json begun from what is included."""

import sys
from pathlib import Path

import click

from osler.cli.records.folder import FOLDER, alone, fail, read_files, tell, write_files
from osler.core.decoding import decode_any
from osler.core.wording import counted
from osler.records.ledger import read_ledger
from osler.records.prisma.counting import count_flow
from osler.records.prisma.model import Fate
from osler.records.reports import FILE as REPORTS
from osler.records.studies import (
    REFERENCES,
    STUDIES,
    begin_references,
    begin_reports,
    begin_studies,
    group_reports,
)

EPILOG = """\b
Examples:
  osler records studies my-review --dry-run    what would be written
  osler records studies my-review

\b
Exit codes:
  0  written, or nothing to write
  2  nothing was written
"""


@click.command("studies", epilog=EPILOG, short_help="Begin studies.csv from what is included.")
@FOLDER
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def studies_command(folder: Path, dry_run: bool) -> None:
    """Group included reports into studies, and begin studies.csv and references.json with them.

    Reports with a registration number in common are one study; a study that you wrote into
    records/reports.csv holds. What stands in a file stays as it is: rows and entries are only
    added.
    """
    with alone(folder):
        files = read_files(folder)
        ledger, found = read_ledger(files)
        flow, _ = count_flow(ledger)
        keys = sorted(
            key for s in (flow.databases, flow.others) for key in s.fates.get(Fate.INCLUDED, ())
        )
        groups = group_reports(ledger, keys)
        before = {name: decode_any(files.get(name, b""), name)[0] for name in (STUDIES, REFERENCES)}
        reports = decode_any(files.get(REPORTS, b""), REPORTS)[0]
        studies, differences = begin_studies(before[STUDIES], groups)
        try:
            references = begin_references(before[REFERENCES], groups)
        except ValueError as error:
            fail(
                f"{folder / REFERENCES} is not a list of references ({error}); nothing was written"
            )
        texts = {
            STUDIES: (before[STUDIES], studies),
            REFERENCES: (before[REFERENCES], references),
            REPORTS: (reports, begin_reports(reports, ledger, groups)),
        }
        changed = {name: new.encode() for name, (old, new) in texts.items() if new != old}
        click.echo(
            f"{counted(len(keys), 'included report')} of {counted(len(groups), 'study', 'studies')}"
        )
        for name in changed:
            click.echo(f"{'would be written' if dry_run else 'written'}: {folder / name}")
        if not dry_run:
            write_files(folder, changed)
        tell((*found, *differences), folder)
        sys.exit(0)
