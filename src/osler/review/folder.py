"""Reading a review folder from the disk: the only part of this package that knows paths."""

from pathlib import Path

SUFFIXES = (".toml", ".csv", ".json", ".md")


def read_folder(folder: Path) -> dict[str, bytes]:
    """The content of every file that a review may hold, by its path within the folder.

    ``build/`` and hidden files are passed over. Raises OSError where the folder or one of
    its files cannot be read.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    found = {}
    for path in sorted([*folder.glob("*"), *folder.glob("pages/*")]):
        if path.is_file() and path.suffix in SUFFIXES and not path.name.startswith("."):
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found
