"""``osler check``: validate a folder and judge every claim."""

import sys
from datetime import date
from pathlib import Path
from typing import Literal

import click

from osler.cli.pipeline import Checked, check_files
from osler.cli.terminal import counted, seen_from_here, show, wants_colour
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import render
from osler.review.folder import read_folder

EPILOG = """\b
Examples:
  osler check examples/sciatica
  osler check --format json | jq '.[].code'

\b
Exit codes:
  0  nothing found
  1  errors or warnings were found
  2  Osler could not run (no such folder, unreadable file)
"""


@click.command("check", epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text for people, or a JSON list of findings for programs.",
)
def check_command(folder: Path, style: Literal["text", "json"]) -> None:
    """Validate a review folder and judge every claim on its pages.

    FOLDER holds osler.toml, the tables and pages/*.md; the current folder if left out.
    Drafts are judged like all other pages.
    """
    checked, diagnostics = check_files(files_of(folder, style), date.today())
    if style == "json":
        click.echo(render([seen_from_here(d, folder) for d in diagnostics], "json"))
    else:
        show(diagnostics, folder, _what(checked))
    sys.exit(exit_code(checked, diagnostics))


def files_of(folder: Path, style: Literal["text", "json"]) -> dict[str, bytes]:
    """The folder's files; where they cannot be read, says so in this style and exits with 2."""
    try:
        return read_folder(folder)
    except OSError as error:
        problem = Diagnostic(
            "REV037",
            Severity.ERROR,
            Place(str(error.filename or folder)),
            f"this cannot be read: {error.strerror or error}",
            so="nothing is checked",
            help="name a review folder, whose files and whose pages/ you may read",
        )
        click.echo(render([problem], style, wants_colour()), err=style == "text")
        sys.exit(2)


def exit_code(checked: Checked | None, diagnostics: tuple[Diagnostic, ...]) -> int:
    """0 clean, 1 findings, 2 where there was nothing to check."""
    if checked is None:
        return 2
    return 1 if any(d.is_finding for d in diagnostics) else 0


def _what(checked: Checked | None) -> str:
    if checked is None:
        return "this folder"
    claims = sum(len(page.judged) for page in checked.pages)
    return (
        f"{counted(len(checked.pages), 'page')}, {counted(claims, 'marked statement')}, "
        f"{counted(len(checked.review.studies), 'study')} and "
        f"{counted(len(checked.evidence.findings), 'pooled answer')}"
    )
