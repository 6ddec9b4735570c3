"""``osler build``: write the static site of a folder, only where something changed."""

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import click

import osler
from osler.cli.terminal import counted, progress, seen_from_here, show
from osler.core.diagnostics import Diagnostic, Severity
from osler.core.rendering import render
from osler.review.folder import read_folder

STAMP = "stamp.json"

EPILOG = """\b
Examples:
  osler build examples/sciatica
  osler build --force

\b
Exit codes:
  0  the site is written (or nothing had changed)
  1  errors in the tables or in a published page; a page with an error is not written
  2  Osler could not run
"""


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


@click.command("build", epilog=EPILOG, short_help="Write the static pages of a folder.")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("--force", is_flag=True, help="Build again, also where nothing has changed.")
def build_command(folder: Path, force: bool) -> None:
    """Write build/site/: static pages that need no JavaScript and no server.

    Drafts (draft: true) are left out. Where a published page has an error nothing is
    written, and the last good site stays as it was.
    """
    try:
        built = build_folder(folder, force=force)
    except OSError as error:
        what = error.filename or folder
        click.echo(f"osler: cannot build {what}: {error.strerror or error}", err=True)
        sys.exit(2)
    sys.exit(report(built, folder))


def report(built: Built, folder: Path) -> int:
    """Says what a build did; gives the exit code."""
    errors = tuple(d for d in built.diagnostics if d.severity is Severity.ERROR)
    if built.site is None:
        show(errors, folder, "the folder and its published pages")
        click.echo("Nothing was written; the last good site, if any, stays as it was.")
        return 2 if any(d.code == "REV001" for d in errors) else 1
    if errors:
        click.echo(render([seen_from_here(d, folder) for d in errors], "text"))
        click.echo()
    state = "unchanged" if built.unchanged else "written"
    click.echo(f"{counted(len(built.pages), 'page')} {state}: {built.site / 'index.html'}")
    for draft in built.drafts:
        click.echo(f"left out, a draft: {draft}")
    if not built.pages:
        click.echo(
            f"There is nothing to publish: put a page, as Markdown, into {folder / 'pages'}/"
        )
    return 1 if errors else 0


def build_folder(folder: Path, *, force: bool = False) -> Built:
    """Builds ``folder/build/site``; quick where neither the folder nor Osler has changed.

    Raises OSError where a file cannot be read or written.
    """
    files = read_folder(folder)
    target = folder / "build"
    digest = _digest(files)
    last = _last_build(target)
    if not force and last is not None and last.digest == digest and _is_whole(target, last):
        return Built(target / "site", last.pages, last.drafts, True, ())
    return _build(files, target, digest)


def _build(files: Mapping[str, bytes], target: Path, digest: str) -> Built:
    # Loaded here, because it takes NumPy and citeproc along: an unchanged folder needs neither.
    from osler.cli.making import make_site  # noqa: PLC0415

    made = make_site(files, date.today(), progress)
    progress("")
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
