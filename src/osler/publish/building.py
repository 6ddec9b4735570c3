"""Building a folder's site on the disk, only where something changed."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import osler
from osler.core.diagnostics import Diagnostic, Severity
from osler.review.folder import read_folder

STAMP = "stamp.json"


@dataclass(frozen=True)
class Built:
    """What a build did: ``site`` is where the pages are, None where nothing was written."""

    site: Path | None
    pages: tuple[str, ...]
    drafts: tuple[str, ...]
    unchanged: bool
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class _Stamp:
    """What the last build was made from, and what it wrote."""

    digest: str
    pages: tuple[str, ...]
    drafts: tuple[str, ...]
    files: tuple[str, ...]


def build_folder(
    folder: Path, *, force: bool = False, tell: Callable[[str], None] = lambda step: None
) -> Built:
    """Builds ``folder/build/site``; quick where neither the folder nor Osler has changed.

    ``tell`` is called with a few words at the beginning of each step, and with "" at the end.
    Raises OSError where a file cannot be read or written.
    """
    files = read_folder(folder)
    target = folder / "build"
    digest = _digest(files)
    last = _last_build(target)
    if not force and last is not None and last.digest == digest and _is_whole(target, last):
        return Built(target / "site", last.pages, last.drafts, True, ())
    return _build(files, target, digest, tell)


def _build(
    files: Mapping[str, bytes], target: Path, digest: str, tell: Callable[[str], None]
) -> Built:
    # Loaded here, because it takes NumPy and citeproc along: an unchanged folder needs neither.
    from osler.publish.making import make_site  # noqa: PLC0415

    made = make_site(files, date.today(), tell)
    tell("")
    if made.files is None:
        return Built(None, (), made.drafts, False, made.diagnostics)
    _write(made.files, target)
    if not any(d.severity is Severity.ERROR for d in made.diagnostics):
        stamp = _Stamp(digest, made.pages, made.drafts, tuple(sorted(made.files)))
        (target / STAMP).write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")
    return Built(target / "site", made.pages, made.drafts, False, made.diagnostics)


def _write(site: Mapping[str, bytes], target: Path) -> None:
    """Writes beside the old site and changes them over, so that a half-built one is never seen."""
    fresh, old = target / "site.new", target / "site"
    shutil.rmtree(fresh, ignore_errors=True)
    for name, content in site.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (target / STAMP).unlink(missing_ok=True)
    shutil.rmtree(old, ignore_errors=True)
    fresh.rename(old)


def _digest(files: Mapping[str, bytes]) -> str:
    """One number for the folder's content and for Osler's own files."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    package = Path(osler.__file__).parent
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            stat = path.stat()
            digest.update(
                f"{path.relative_to(package)}\0{stat.st_size}\0{stat.st_mtime_ns}".encode()
            )
    return digest.hexdigest()


def _last_build(target: Path) -> _Stamp | None:
    try:
        raw = json.loads((target / STAMP).read_text(encoding="utf-8"))
        return _Stamp(raw["digest"], tuple(raw["pages"]), tuple(raw["drafts"]), tuple(raw["files"]))
    except (OSError, ValueError, KeyError, TypeError):  # no stamp, or not one of ours: build
        return None


def _is_whole(target: Path, last: _Stamp) -> bool:
    return all((target / "site" / name).is_file() for name in last.files)
