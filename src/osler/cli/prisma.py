"""``osler prisma``: the flow diagram of a review."""

import sys
from pathlib import Path

import click

from osler.cli.records.folder import FOLDER, fail, read_files, tell
from osler.core.diagnostics import DataError, in_order
from osler.publish.plots.prisma import TITLE, save_flow
from osler.publish.plots.prisma_page import flow_document
from osler.records.checking import check_records
from osler.records.ledger import read_ledger
from osler.records.prisma.model import Flow
from osler.records.prisma.writing import flow_csv, flow_json, flow_text

EPILOG = """\b
Examples:
  osler prisma my-review
  osler prisma my-review -o flow.svg
  osler prisma my-review -o flow.pdf
  osler prisma my-review --format html -o flow.html
  osler prisma my-review --format json | jq '.databases.keys["excluded on full text"]'

\b
Exit codes:
  0  the numbers fit together
  1  files contradict each other: it names the records
  2  there is nothing to count, or a file could not be written
"""
_PICTURES = (".svg", ".pdf", ".png")


@click.command("prisma", epilog=EPILOG, short_help="The PRISMA flow diagram, counted.")
@FOLDER
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A picture (.svg, .pdf, .png), or any other file for what --format asks.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "csv", "html"]),
    default="table",
    show_default=True,
    help="The numbers as text, data, or a page with the diagram.",
)
@click.option("--title", default=TITLE, help="Of the diagram.")
def prisma_command(folder: Path, output: Path | None, style: str, title: str) -> None:
    """Count the flow of records, reports and studies (PRISMA 2020) and draw it.

    Every number is counted from records/: nothing is typed in. Where two files contradict
    each other the flow follows the later stage, and the records are named.
    """
    ledger, found = read_ledger(read_files(folder))
    flow, more = check_records(ledger)
    diagnostics = in_order([*found, *more])
    tell(diagnostics, folder)
    if output is not None and output.suffix.lower() in _PICTURES:
        try:
            tell(save_flow(flow, output, title))
        except DataError as error:
            tell(error.diagnostics)
            sys.exit(2)
        click.echo(str(output))
    else:
        _write(_as(flow, style, title), output)
    sys.exit(1 if any(d.is_finding for d in diagnostics) else 0)


def _as(flow: Flow, style: str, title: str) -> str:
    if style == "html":
        return flow_document(flow, title)
    return {"table": flow_text, "json": flow_json, "csv": flow_csv}[style](flow)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror or error}")
    click.echo(str(output))
