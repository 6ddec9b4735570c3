"""``osler records checklist``: the PRISMA 2020 checklist, started."""

import sys
from pathlib import Path

import click

from osler.cli.records.folder import FOLDER, fail, read_files, tell
from osler.records.ledger import read_ledger
from osler.records.prisma.checklist import checklist
from osler.records.prisma.counting import count_flow

EPILOG = """\b
Examples:
  osler records checklist my-review
  osler records checklist my-review -o prisma-checklist.md
"""


@click.command("checklist", epilog=EPILOG, short_help="The PRISMA checklist, started.")
@FOLDER
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file that is not there.")
def checklist_command(folder: Path, output: Path | None) -> None:
    """Write the PRISMA 2020 checklist with what the folder knows; the rest is the writer's.

    A file that is there is never written over: it may hold what you filled in.
    """
    ledger, found = read_ledger(read_files(folder))
    tell(found, folder)
    flow, _ = count_flow(ledger)
    text = checklist(ledger, flow)
    if output is None:
        click.echo(text, nl=False)
        sys.exit(0)
    try:
        with output.open("x", encoding="utf-8", newline="") as held:
            held.write(text)
    except FileExistsError:
        fail(f"{output} is there already; nothing written")
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror or error}")
    click.echo(str(output))
