"""Saying things on a terminal."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from osler.core.diagnostics import Diagnostic, Place
from osler.core.rendering import count_line, render

# Piped text keeps one width, so that the same folder gives the same bytes everywhere.
PIPED_WIDTH = 96
_NARROWEST, _WIDEST = 60, 110


def wants_colour() -> bool:
    """Colours for a terminal that has them, unless NO_COLOR is set (no-color.org)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def width() -> int:
    """The columns to write in: the terminal's own, within reason, and 96 where there is none."""
    if not sys.stdout.isatty():
        return PIPED_WIDTH
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def show(diagnostics: Sequence[Diagnostic], folder: Path, checked: str) -> None:
    """All diagnostics with paths as seen from here, and the line that counts them."""
    if diagnostics:
        seen = [seen_from_here(d, folder) for d in diagnostics]
        click.echo(render(seen, "text", wants_colour(), width()))
        click.echo()
    click.echo(count_line(diagnostics, checked))


def seen_from_here(diagnostic: Diagnostic, folder: Path) -> Diagnostic:
    """The diagnostic with its file's path relative to where the user stands."""
    fix = diagnostic.fix
    if fix is not None:
        fix = replace(fix, place=place_from_here(fix.place, folder))
    return replace(diagnostic, place=place_from_here(diagnostic.place, folder), fix=fix)


def place_from_here(place: Place, folder: Path) -> Place:
    """The place with its file's path relative to where the user stands."""
    path = folder / place.file
    return replace(place, file=os.path.relpath(path) if not folder.is_absolute() else str(path))


def progress(step: str) -> None:
    """What is being done, on a line that the next one replaces; nothing where nobody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{step + ' ...' if step else ''}", err=True, nl=False)


def counted(number: int, noun: str) -> str:
    """ "1 page", "2 pages", "3 studies"."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"
