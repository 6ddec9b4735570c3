"""The pages of a folder on the disk: nothing but regular files directly in ``pages/``."""

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

LONGEST = 1_000_000  # bytes of a page; a long one has 50,000
_NEW = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


class NoSuchPage(Exception):
    """No page of this name, or one that is not an ordinary file of the folder."""


def page_names(folder: Path) -> tuple[str, ...]:
    """The names of a folder's pages, without ``.md``.

    A symbolic link is no page: it could lead anywhere.
    """
    pages = folder / "pages"
    if pages.is_symlink() or not pages.is_dir():
        return ()
    with os.scandir(pages) as entries:
        return tuple(
            sorted(
                e.name.removesuffix(".md")
                for e in entries
                if e.name.endswith(".md")
                and not e.name.startswith(".")
                and e.is_file(follow_symlinks=False)
            )
        )


def page_path(folder: Path, name: str) -> Path:
    """Where a page is; NoSuchPage unless it is one of :func:`page_names`."""
    if name not in page_names(folder):
        raise NoSuchPage(name)
    return folder / "pages" / f"{name}.md"


def new_path(folder: Path, name: str) -> Path:
    """Where a new page will be; NoSuchPage where the name is no address, or is taken."""
    path = folder / "pages" / f"{name}.md"
    if not _NEW.fullmatch(name) or (folder / "pages").is_symlink() or os.path.lexists(path):
        raise NoSuchPage(name)
    return path


def read_page(path: Path) -> bytes:
    """A page's bytes; NoSuchPage where it is a link, no ordinary file, or too long."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise NoSuchPage(path.name) from None
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise NoSuchPage(path.name)
        content = stream.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise NoSuchPage(path.name)
    return content


def write_page(path: Path, content: bytes) -> None:
    """Writes a page so that it is never half-written, and keeps the rights it has."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def blob_hash(content: bytes) -> str:
    """The name that git gives to some bytes.

    Examples
    --------
    >>> blob_hash(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """One who saves at a time, whichever process asks."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)
