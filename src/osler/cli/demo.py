"""``osler demo``: the sciatica example, from search hits to a page, checked and built."""

import shutil
import sys
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path

import click

import osler
from osler.cli.build import report
from osler.cli.records.folder import read_files, write_files
from osler.cli.terminal import progress, show
from osler.core.diagnostics import Severity
from osler.core.wording import counted
from osler.publish.building import build_folder
from osler.publish.pipeline import check_files
from osler.publish.plots.prisma import flow_svg
from osler.records.checking import check_records
from osler.records.ledger import read_ledger
from osler.review.folder import read_folder

EXAMPLE = "sciatica"
SHOWN = 3
FLOW = "build/prisma.svg"


@click.command(
    "demo",
    epilog="\b\nExamples:\n  osler demo\n  osler demo --into my-copy",
    short_help="Check and build the sciatica example.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=None,
    help="Where to put a copy of the example; left out: examples/sciatica if it is here, "
    "else ./osler-demo.",
)
def demo_command(into: Path | None) -> None:
    """Check and build the sciatica example: real trials, an honest page and a first draft.

    Before it, the way to the included studies: exports of a small search (made for the example)
    are read, their duplicates found, and the PRISMA flow is counted and drawn.
    """
    try:
        folder = _folder(into)
        files = read_folder(folder)
    except OSError as error:
        click.echo(f"osler: cannot prepare the example: {error.strerror or error}", err=True)
        sys.exit(2)
    if (folder / "records").is_dir():
        _from_records(folder)
    checked, found = check_files(files, date.today())
    if checked is None:
        show(found, folder, "the example")
        sys.exit(2)
    for page in checked.pages:
        kind = "a draft" if page.page.meta.draft else "to be published"
        click.echo(f"\n{page.page.file} ({kind}): {page.page.meta.title}")
        # The worst first, one of each code: what a writer should see before all else.
        worst = sorted(page.diagnostics, key=lambda d: d.severity is not Severity.ERROR)
        each = list({d.code: d for d in reversed(worst)}.values())[::-1][:SHOWN]
        if page.diagnostics and len(page.diagnostics) > len(each):
            show(each, folder, "this excerpt")
            click.echo(f"... {len(page.diagnostics)} findings in all: osler check {folder}")
        else:
            show(page.diagnostics, folder, "this page")
    click.echo()
    code = report(build_folder(folder, tell=progress), folder)
    site = (folder / "build" / "site").resolve()
    click.echo(f"\nOpen it:   {(site / 'index.html').as_uri()}")
    click.echo(f"Or run:    osler serve {folder}    (in a clone: .venv/bin/osler serve {folder})")
    click.echo(f"Look at:   {folder / 'osler.toml'} and the tables beside it")
    sys.exit(code)


def _from_records(folder: Path) -> None:
    """From exports to the flow diagram, told in a few lines."""
    files = read_files(folder)
    ledger, found = read_ledger(files)
    flow, more = check_records(ledger)
    click.echo("records/: a small search, made for this example")
    click.echo("\n".join(f"  {line}" for line in _read_again(files)))
    left = flow.databases.duplicates + flow.others.duplicates
    excluded = flow.databases.screened + flow.others.screened - flow.new_reports
    click.echo(
        f"  {counted(left, 'duplicate')} merged, {excluded} excluded or not retrieved, "
        f"{counted(flow.new_studies, 'study', 'studies')} included"
    )
    show((*found, *more), folder, "the records")
    write_files(folder, {FLOW: flow_svg(flow).encode()})
    click.echo(f"  flow diagram (PRISMA 2020): {folder / FLOW}")


def _read_again(files: Mapping[str, bytes]) -> list[str]:
    """What each export holds, read and compared anew, and whether that gives the library."""
    try:
        adding = import_module("osler.records.adding")
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("osler"):
            raise
        return [
            f"(the exports are not read again: pip install 'osler[records]' for {missing.name})"
        ]
    library, imports = adding.from_exports(files)
    told = [
        f"{r.report.file}: {counted(r.report.kept, 'record')}, {r.report.format}" for r in imports
    ]
    same = library.entries == read_ledger(files)[0].library.entries
    told.append(f"{counted(len(library.entries), 'unique record')}, as in library.jsonl")
    return told if same else [*told[:-1], "the exports give another library than library.jsonl has"]


def _folder(into: Path | None) -> Path:
    """The folder to work in: the one in the clone, or a fresh copy."""
    here = Path("examples") / EXAMPLE
    if into is None and (here / "osler.toml").is_file():
        return here
    target = into or Path("osler-demo")
    if not (target / "osler.toml").is_file():
        ignore = shutil.ignore_patterns("build", "__pycache__")
        shutil.copytree(_shipped(), target, ignore=ignore, dirs_exist_ok=True)
    return target


def _shipped() -> Path:
    """Where the example lies: inside an installed package, or in the clone it runs from."""
    package = Path(osler.__file__).parent
    for root in (package / "examples", package.parent.parent / "examples"):
        if (root / EXAMPLE / "osler.toml").is_file():
            return root / EXAMPLE
    raise FileNotFoundError(f"the example {EXAMPLE!r} is not part of this installation")
