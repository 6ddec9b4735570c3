"""A review folder's files on the disk, for the commands that work on its records."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import click

from osler.cli.terminal import seen_from_here, wants_colour, width
from osler.core.diagnostics import Diagnostic
from osler.core.rendering import render

locks: ModuleType | None
try:
    import fcntl as locks
except ModuleNotFoundError:  # Windows has none: there nobody is kept waiting
    locks = None

# The rest of the folder has nothing to do with records.
_BESIDE = ("osler.toml", "studies.csv", "references.json")
_UNFINISHED, _READY = ".unfinished", ".ready"

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
            told = "is not a folder" if folder.exists() else "is not there: make the folder first"
            raise NotADirectoryError(20, f"{folder} {told}")
        if needed and not records.is_dir():
            told = f"{records} is not there: `osler records add EXPORT {folder}` begins it"
            raise FileNotFoundError(2, told)
        paths = [path for name in _BESIDE if (path := folder / name).is_file()]
        found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}
        below = {f"records/{name}": text for name, text in _contents(records).items()}
        # What a killed program had ready to be put in place is as good as there.
        return dict(sorted({**found, **below, **_contents(records / _READY)}.items()))
    except OSError as error:
        told = error.strerror or str(error)
        fail(f"cannot read {error.filename}: {told}" if error.filename else told)


def _contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but hidden ones, and those in hidden folders."""
    named = ((path.relative_to(folder), path) for path in sorted(folder.rglob("*")))
    return {
        name.as_posix(): path.read_bytes()
        for name, path in named
        if path.is_file() and not any(part.startswith(".") for part in name.parts)
    }


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else writes records here meanwhile: another command, or ``osler screen``.

    Whoever comes second waits, and reads what the first has written. The lock on ``records/``
    is the one that screening takes for each decision; the one on the folder is for two commands
    that both begin its records.
    """
    with ExitStack() as held:
        for path in (folder, folder / "records"):
            if locks is not None and path.is_dir():
                with suppress(OSError):  # a file system that has no locks
                    handle = os.open(path, os.O_RDONLY)
                    held.callback(os.close, handle)
                    locks.flock(handle, locks.LOCK_EX)
        yield


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """All of the files or none, also where the program is killed on its way.

    First every file is written below ``records/.unfinished``, which is then named ``.ready``:
    from there on the change holds, and whoever comes next puts in place what is left.
    """
    records = folder / "records"
    unfinished, ready = records / _UNFINISHED, records / _READY
    try:
        if ready.is_dir():
            _put_in_place(ready, folder)
        if not files:
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        for name, content in files.items():
            _write(unfinished / name, content)
        unfinished.rename(ready)
        _put_in_place(ready, folder)
    except OSError as error:
        fail(f"cannot write {error.filename}: {error.strerror or error}")


def _put_in_place(ready: Path, folder: Path) -> None:
    """Each file beside its old one, then changed over.

    What is in place is not put there again: rows may have been added to it meanwhile.
    """
    for name, content in _contents(ready).items():
        path = (folder / name).resolve()  # a link stays one, and what it leads to is changed
        fresh = path.with_name(f".{path.name}.new")
        _write(fresh, content)
        if path.exists():
            shutil.copymode(path, fresh)
        fresh.replace(path)
        (ready / name).unlink()
    shutil.rmtree(ready)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def fail(message: str) -> NoReturn:
    """One line to standard error, and the end."""
    click.echo(f"osler: {message}", err=True)
    sys.exit(2)


def show_json(values: object) -> None:
    """An answer for programs."""
    click.echo(json.dumps(values, ensure_ascii=False, indent=1))


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
