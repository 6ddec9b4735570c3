"""``osler build``: write the static site of a folder, only where something changed."""

import sys
from pathlib import Path

import click

from osler.cli.terminal import counted, progress, seen_from_here, show
from osler.core.diagnostics import Severity
from osler.core.rendering import render
from osler.publish.building import Built, build_folder

EPILOG = """\b
Examples:
  osler build examples/sciatica
  osler build --force

\b
Exit codes:
  0  the site is written (or nothing had changed)
  1  errors in the tables or in a published page; a page with an error is not written
  2  Osler could not run
"""


@click.command("build", epilog=EPILOG, short_help="Write the static pages of a folder.")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("--force", is_flag=True, help="Build again, also where nothing has changed.")
def build_command(folder: Path, force: bool) -> None:
    """Write build/site/: static pages that need no JavaScript and no server.

    Drafts (draft: true) are left out. Where a published page has an error nothing is
    written, and the last good site stays as it was.
    """
    try:
        built = build_folder(folder, force=force, tell=progress)
    except OSError as error:
        what = error.filename or folder
        click.echo(f"osler: cannot build {what}: {error.strerror or error}", err=True)
        sys.exit(2)
    sys.exit(report(built, folder))


def report(built: Built, folder: Path) -> int:
    """Says what a build did; gives the exit code."""
    errors = tuple(d for d in built.diagnostics if d.severity is Severity.ERROR)
    if built.site is None:
        show(errors, folder, "the folder and its published pages")
        click.echo("Nothing was written; the last good site, if any, stays as it was.")
        return 2 if any(d.code == "REV001" for d in errors) else 1
    if errors:
        click.echo(render([seen_from_here(d, folder) for d in errors], "text"))
        click.echo()
    state = "unchanged" if built.unchanged else "written"
    click.echo(f"{counted(len(built.pages), 'page')} {state}: {built.site / 'index.html'}")
    for draft in built.drafts:
        click.echo(f"left out, a draft: {draft}")
    if not built.pages:
        click.echo(
            f"There is nothing to publish: put a page, as Markdown, into {folder / 'pages'}/"
        )
    return 1 if errors else 0
