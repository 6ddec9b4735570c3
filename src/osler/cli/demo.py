"""``osler demo``: the sciatica example, checked and built."""

import shutil
import sys
from datetime import date
from pathlib import Path

import click

import osler
from osler.cli.build import report
from osler.cli.terminal import progress, show
from osler.core.diagnostics import Severity
from osler.publish.building import build_folder
from osler.publish.pipeline import check_files
from osler.review.folder import read_folder

EXAMPLE = "sciatica"
SHOWN = 3


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
    """Check and build the sciatica example: real trials, an honest page and a first draft."""
    try:
        folder = _folder(into)
        files = read_folder(folder)
    except OSError as error:
        click.echo(f"osler: cannot prepare the example: {error.strerror or error}", err=True)
        sys.exit(2)
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
