"""A review folder's files on the disk, for the commands that work on its records."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from osler.cli.terminal import seen_from_here, wants_colour, width
from osler.core.diagnostics import Diagnostic
from osler.core.rendering import render

# The rest of the folder has nothing to do with records.
_BESIDE = ("osler.toml", "studies.csv", "references.json")

FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())

STYLE = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON for programs.",
)


def read_files(folder: Path, *, needed: bool = True) -> dict[str, bytes]:
    """Everything below ``records/``, and the files that it is written into.

    Ends the program with 2 where there is no such folder or a file cannot be read.
    """
    try:
        records = folder / "records"
        if not folder.is_dir():
            raise NotADirectoryError(20, f"{folder} is not a folder")
        if needed and not records.is_dir():
            told = f"{records} is not there: `osler records add EXPORT {folder}` begins it"
            raise FileNotFoundError(2, told)
        paths = [p for p in records.rglob("*") if p.is_file() and not p.name.startswith(".")]
        paths += [path for name in _BESIDE if (path := folder / name).is_file()]
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(paths)}
    except OSError as error:
        told = error.strerror or str(error)
        fail(f"cannot read {error.filename}: {told}" if error.filename else told)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes each file beside its old one and changes them over: never half of one."""
    try:
        for name, content in sorted(files.items()):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.new")
            fresh.write_bytes(content)
            fresh.replace(path)
    except OSError as error:
        fail(f"cannot write {error.filename}: {error.strerror or error}")


def fail(message: str) -> NoReturn:
    """One line to standard error, and the end."""
    click.echo(f"osler: {message}", err=True)
    sys.exit(2)


def tell(found: Sequence[Diagnostic], folder: Path | None = None) -> None:
    """Diagnostics on standard error, with paths as seen from here."""
    if found:
        seen = [seen_from_here(d, folder) for d in found] if folder is not None else found
        click.echo(render(seen, "text", wants_colour(), width()) + "\n", err=True)


def now() -> str:
    """The time as ``decisions.csv`` and ``merges.csv`` have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user() -> str:
    """Who works here, where nobody says it: the name of the account."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or "not stated"
