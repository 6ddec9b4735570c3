"""``osler import-wordpress``: an export becomes pages in a folder, each of them checked."""

import sys
from datetime import date
from importlib import import_module
from pathlib import Path

import click

from osler.core.diagnostics import DataError
from osler.core.rendering import render

EPILOG = """\b
Examples:
  osler import-wordpress export.xml -o clinic
  osler check clinic                     what each page says too much of
  osler site import-comments clinic/wordpress/comments.jsonl

\b
In WordPress: Tools, Export, All content. Written are pages/*.md, redirects.csv (the old
addresses) and wordpress/ (report.md, files.csv, comments.jsonl). Nothing is fetched.

\b
Exit codes:
  0  everything was brought and no page has a finding
  1  something was not brought, or a page has findings
  2  the export could not be read
"""
# More messages than this scroll the first ones away; the report has all of them.
MOST = 20


@click.command("import-wordpress", epilog=EPILOG, short_help="Bring the pages of a WordPress site.")
@click.argument("export", type=click.Path(path_type=Path), metavar="EXPORT.xml")
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The review folder; one that is there keeps what it has.",
)
@click.option("--replace", is_flag=True, help="Write over pages that are there already.")
def import_wordpress_command(export: Path, folder: Path, replace: bool) -> None:
    """Turn a WordPress export (WXR) into pages of a review folder, and check each of them.

    Posts and pages with their authors, dates, categories and old addresses; drafts, private
    and protected ones as drafts. Comments go to a file of their own. What cannot be brought
    is told.
    """
    try:
        importing = import_module("osler.web.wordpress.importing")
    except ModuleNotFoundError as missing:
        click.echo(f"osler: this needs {missing.name}: pip install 'osler[web]'", err=True)
        sys.exit(2)
    try:
        done = importing.import_export(export, folder, replace=replace, today=date.today())
    except DataError as error:
        click.echo(render(error.diagnostics, "text"), err=True)
        sys.exit(2)
    except OSError as error:
        what = error.filename or export
        click.echo(f"osler: cannot use {what}: {error.strerror or error}", err=True)
        sys.exit(2)
    if done.diagnostics:
        click.echo(render(done.diagnostics[:MOST], "text") + "\n")
    if len(done.diagnostics) > MOST:
        click.echo(f"... and {len(done.diagnostics) - MOST} more in the report\n")
    for line in importing.summary_lines(done):
        click.echo(line)
    click.echo(f"All of it: {folder / importing.OWN / 'report.md'}")
    if not (folder / "osler.toml").exists():
        click.echo("The folder has no osler.toml yet: each page was checked by itself.")
    sys.exit(1 if any(d.is_finding for d in (*done.diagnostics, *done.checked)) else 0)
