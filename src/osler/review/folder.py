"""Reading a review folder from the disk: the only part of this package that knows paths."""

import errno
from pathlib import Path

SUFFIXES = (".toml", ".csv", ".json", ".md", ".markdown", ".txt")
RECORDS = "records/"
_OF_RECORDS = ("*.csv", "*.toml", "*.jsonl")
_ASKS = b"prisma("
"""In a page that shows the flow of records."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """The content of every file that a review may hold, by its path within the folder.

    ``build/`` and hidden files are passed over; sub-folders of ``pages/`` are not, so that a
    page put there by mistake can be named. The files of ``records/``, which can be large, are
    there only where a page shows the flow of records; the exports below it never are. Raises
    OSError, with the name of the file, where the folder or one of its files cannot be read.
    """
    if not folder.exists():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))
    pages = folder / "pages"
    if (pages.exists() or pages.is_symlink()) and not pages.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(pages))
    found = {}
    more = [path for name in ("rules", "words") for path in (folder / name).glob("*.toml")]
    for path in sorted({*folder.glob("*"), *pages.rglob("*"), *more}):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            _check_name(path)
            found[path.relative_to(folder).as_posix()] = _content(path)
    if any(name.startswith("pages/") and _ASKS in content for name, content in found.items()):
        found |= _records(folder / RECORDS)
    return found


def _records(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for pattern in _OF_RECORDS for path in folder.glob(pattern))
    return {f"{RECORDS}{p.name}": _content(p) for p in paths if not p.name.startswith(".")}


def _content(path: Path) -> bytes:
    if path.exists() and not (path.is_file() or path.is_dir()):
        # Opening a pipe would wait for ever.
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.read_bytes()


def _check_name(path: Path) -> None:
    """A name whose bytes are no text could neither be shown nor be part of an address."""
    try:
        path.name.encode("utf-8")
    except UnicodeEncodeError:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        raise OSError(errno.EINVAL, "its name is not text (UTF-8)", shown) from None
