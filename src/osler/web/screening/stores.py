"""Where the files of one review's ``records/`` lie: in its folder, or in the site's database.

Tables only grow: a row is on the disk before :meth:`Store.append` comes back. Nothing here knows
what a row means, so what goes from one store to another comes out byte for byte.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from django.core.files import locks

from osler.records import criteria, decisions, known, ledger, library, merges, reports, searches
from osler.records.rows import appended
from osler.web.screening import plans, shares
from osler.web.screening.mending import mended

CERTIFICATE = "records/certificate.toml"
TABLES = (decisions.FILE, reports.FILE, merges.FILE, shares.FILE)
"""Files that only grow."""

NAMES = (
    *(library.FILE, library.PAIRS, criteria.FILE, searches.FILE, ledger.IMPORTS, known.FILE),
    *(plans.FILE, CERTIFICATE, *TABLES),
)
"""All that screening reads or writes; exports and full texts stay in the folder."""

Files = Mapping[str, bytes]
Rows = Sequence[Sequence[str]]


class Store(Protocol):
    """The files of one review; those that are not there are absent or empty."""

    def read(self) -> Files:
        """All of ``NAMES`` that are there, as they are now."""
        ...

    def append(self, name: str, columns: Sequence[str], rows: Rows) -> None:
        """Puts rows at the end of a table; they are kept when this comes back."""
        ...

    def change(self, make: Callable[[Files], Files]) -> None:
        """Writes what ``make`` gives for the files as they are, with nobody writing between."""
        ...


class FolderStore:
    """A review folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[tuple[int, int, int], bytes]] = {}

    @classmethod
    def at(cls, path: str) -> "FolderStore":
        """The store of a path."""
        return cls(Path(path))

    def read(self) -> Files:
        files = {name: self._content(name) for name in NAMES}
        return MappingProxyType({name: text for name, text in files.items() if text is not None})

    def append(self, name: str, columns: Sequence[str], rows: Rows) -> None:
        with self._alone():
            path = self.folder / name
            added = addition(self._content(name) or b"", columns, rows)
            is_new = not path.exists()
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                _write_all(file, added)
                os.fsync(file)
            finally:
                os.close(file)
            if is_new:
                _sync_folder(path.parent)

    def change(self, make: Callable[[Files], Files]) -> None:
        with self._alone():
            for name, content in make(self.read()).items():
                self._replace(self.folder / name, content)

    def mend(self) -> bytes:
        """Sets aside the end of a decision that was being written when the power failed.

        Returns
        -------
        bytes
            What was set aside, in ``records/decisions.torn``; it was never acknowledged.

        Raises
        ------
        DataError
            WEB082 where the file cannot be added to.
        """
        with self._alone():
            content = self._content(decisions.FILE) or b""
            good, torn = mended(content, decisions.FILE)
            if torn:
                aside = self.folder / "records" / "decisions.torn"
                before = aside.read_bytes() if aside.exists() else b""
                self._replace(aside, before + torn + b"\n")
                self._replace(self.folder / decisions.FILE, good)
            return torn

    def _content(self, name: str) -> bytes | None:
        path = self.folder / name
        try:
            told = path.stat()
        except FileNotFoundError:
            return None
        stamp = (told.st_mtime_ns, told.st_size, told.st_ino)
        held = self._read.get(name)
        if held is None or held[0] != stamp:
            held = self._read[name] = (stamp, path.read_bytes())
        return held[1]

    def _replace(self, path: Path, content: bytes) -> None:
        unfinished = path.with_name(f"{path.name}.unfinished")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync_folder(path.parent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes, be it another thread or another ``osler screen``."""
        handle = os.open(self.folder / "records", os.O_RDONLY)
        try:
            locks.lock(handle, locks.LOCK_EX)
            yield
        finally:
            os.close(handle)


def addition(content: bytes, columns: Sequence[str], rows: Rows) -> bytes:
    r"""The bytes to put behind a table so that it has ``rows`` more.

    Examples
    --------
    >>> addition(b"record,who\na,x", ("who", "record"), [("y", "b")])
    b'\nb,y\n'
    """
    if not content.strip():
        return appended("", columns, rows).encode()
    head = content.split(b"\n", 1)[0].decode() + "\n"
    lines = appended(head, columns, rows)[len(head) :].encode()
    return lines if content.endswith(b"\n") else b"\n" + lines


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
