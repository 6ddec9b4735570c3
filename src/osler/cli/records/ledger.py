"""The records of a folder as the commands that say something of one change them."""

import difflib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from osler.cli.records.folder import alone, fail, read_files, tell, write_files
from osler.records.ledger import Ledger, read_ledger

Files = Mapping[str, bytes]


def ledger_after(folder: Path, change: Callable[[Files, Ledger], Files]) -> Ledger:
    """Write what ``change`` makes of the files, and read them as they are then.

    Parameters
    ----------
    folder : Path
        A review folder. Nobody else writes records there meanwhile.
    change : callable
        Of the files and what they say: the files that are to be written, none where nothing
        is to be. It ends the program where something is wrong, before anything is written.
    """
    with alone(folder):
        files = read_files(folder)
        ledger, found = read_ledger(files)
        changed = change(files, ledger)
        if changed:
            write_files(folder, changed)
            ledger, found = read_ledger({**files, **changed})
    tell(found, folder)
    return ledger


def check_key(key: str, known: Collection[str]) -> None:
    """End the program with 2 where the library has no such record, with the key that is near."""
    if key not in known:
        near = difflib.get_close_matches(key, known, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        fail(f"the library has no record {key!r}{hint}; nothing was written")
