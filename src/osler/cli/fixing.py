"""Safe rewritings on the disk: shown as a difference, or written."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from osler.cli.alone import MARKDOWN_SUFFIXES
from osler.cli.examining import Examined
from osler.core.diagnostics import Diagnostic, Fix
from osler.core.fixing import Fixed, apply_fixes, unified_diff

# In a web page a rewriting must neither cut a tag nor bring one in.
_MARKUP = frozenset("<>&")


@dataclass(frozen=True, slots=True)
class Mended:
    """Files with their rewritings, by the names that diagnostics use, and what was done."""

    files: Mapping[str, Fixed]

    @property
    def written(self) -> int:
        return sum(len(fixed.written) for fixed in self.files.values())

    @property
    def changed(self) -> int:
        """How many files are not what they were."""
        return sum(bool(fixed.written) for fixed in self.files.values())

    @property
    def waiting(self) -> int:
        return sum(len(fixed.waiting) for fixed in self.files.values())

    @property
    def unfit(self) -> int:
        return sum(len(fixed.unfit) for fixed in self.files.values())


def mend(examined: Examined, standing: Iterable[Diagnostic]) -> Mended:
    """The target's files with the rewritings of the findings that stand; writes nothing."""
    fixes: dict[str, list[Fix]] = {}
    for d in standing:
        if d.fix is not None and d.fix.place.file in examined.files and _is_safe(d.fix):
            fixes.setdefault(d.fix.place.file, []).append(d.fix)
    return Mended(
        {name: apply_fixes(examined.files[name], found) for name, found in sorted(fixes.items())}
    )


def _is_safe(fix: Fix) -> bool:
    place = fix.place
    if Path(place.file).suffix.lower() in (*MARKDOWN_SUFFIXES, ".csv"):
        return True
    return not _MARKUP & set(fix.text + place.source[place.column - 1 : place.end_column - 1])


def difference(examined: Examined, mended: Mended) -> str:
    """All that would be written, as one unified difference; empty where nothing would be."""
    return "".join(
        unified_diff(examined.files[name], fixed.data, shown_path(examined, name))
        for name, fixed in mended.files.items()
    )


def shown_path(examined: Examined, name: str) -> str:
    """A file as seen from here, with forward slashes and no leading one."""
    path = examined.base / name
    shown = path if examined.base.is_absolute() else Path(os.path.relpath(path))
    return shown.as_posix().lstrip("/")


def write_mended(examined: Examined, mended: Mended) -> None:
    """Write every changed file whole or not at all.

    Raises OSError where a file cannot be written, or is not what was checked.
    """
    for name, fixed in mended.files.items():
        if fixed.written:
            path = (examined.base / name).resolve()
            if path.read_bytes() != examined.files[name]:
                raise OSError(0, "it was changed while it was checked; run it again", str(path))
            write_whole(path, fixed.data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is never half-written, and keep the rights it has."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            shutil.copymode(path, fresh)
        else:
            fresh.chmod(0o666 & ~_umask())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The rights that new files do not get; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
