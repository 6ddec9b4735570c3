"""Saying things on a terminal."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from osler.core.diagnostics import Diagnostic, Place
from osler.core.rendering import count_line, render


def wants_colour() -> bool:
    """Colours for a terminal that has them, unless NO_COLOR is set (no-color.org)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def show(diagnostics: Sequence[Diagnostic], folder: Path, checked: str) -> None:
    """All diagnostics with paths as seen from here, and the line that counts them."""
    if diagnostics:
        click.echo(render([seen_from_here(d, folder) for d in diagnostics], "text", wants_colour()))
        click.echo()
    click.echo(count_line(diagnostics, checked))


def seen_from_here(diagnostic: Diagnostic, folder: Path) -> Diagnostic:
    """The diagnostic with its file's path relative to where the user stands."""
    path = folder / diagnostic.place.file
    shown = os.path.relpath(path) if not folder.is_absolute() else str(path)
    place = diagnostic.place
    return Diagnostic(
        diagnostic.code,
        diagnostic.severity,
        Place(shown, place.line, place.column, place.end_column, place.field, place.source),
        diagnostic.message,
        diagnostic.found,
        diagnostic.so,
        diagnostic.help,
    )


def progress(step: str) -> None:
    """What is being done, on a line that the next one replaces; nothing where nobody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{step + ' ...' if step else ''}", err=True, nl=False)


def counted(number: int, noun: str) -> str:
    """ "1 page", "2 pages", "3 studies"."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"
