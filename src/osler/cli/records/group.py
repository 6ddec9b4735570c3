"""The commands of ``osler records``, each loaded when it is asked for."""

import sys
from importlib import import_module

import click

from osler.cli.lazily import LazyGroup

COMMANDS = {
    "import": "importing:import_command",
    "dedupe": "dedupe:dedupe_command",
    "add": "adding:add_command",
    "look": "looking:look_command",
    "screen-status": "status:status_command",
    "report": "report:report_command",
    "search-check": "search_check:search_check_command",
    "check": "checking:check_command",
    "studies": "studies:studies_command",
    "checklist": "checklist:checklist_command",
}
"""Every command and where it stands, in the order of a review."""

EPILOG = """\b
Examples:
  osler records import hits.ris                   what is in it, and what could not be read
  osler records dedupe pubmed.nbib embase.ris     which records are the same one
  osler records add pubmed.nbib my-review --database PubMed --date 2026-01-05
  osler records look my-review                    pairs that a person has to look at
  osler records screen-status my-review           how far screening is
  osler records report tu-2024 my-review --status retrieved
  osler records search-check my-review            are the known studies found?
  osler records check my-review                   do the numbers fit together?
  osler records studies my-review                 studies.csv begun from what is included
  osler prisma my-review -o flow.svg              the flow diagram
"""


def _loaded(module: str, command: str) -> object:
    """The command's module; reading and comparing records needs libraries that are an extra."""
    try:
        return import_module(f"osler.cli.records.{module}")
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("osler"):
            raise
        click.echo(
            f"osler: `osler records {command}` needs {missing.name}: pip install 'osler[records]'",
            err=True,
        )
        sys.exit(2)


@click.group(
    "records",
    cls=LazyGroup,
    commands_at=COMMANDS,
    load=_loaded,
    epilog=EPILOG,
    short_help="Import, deduplicate, screen.",
)
def records_group() -> None:
    """From search exports to the list of included studies.

    All that is decided stays in plain files below records/ in the review folder.
    """
