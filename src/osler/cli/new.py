"""``osler new``: a review folder that builds, to start from."""

import shlex
import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path

import click

EPILOG = """\b
Examples:
  osler new back-pain
  cd back-pain && osler check && osler build
"""


@click.command("new", epilog=EPILOG, short_help="Start a review folder that builds.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="NAME")
def new_command(folder: Path) -> None:
    """Start the review folder NAME: a question, its tables and one page.

    It holds a small real example (BCG vaccine and tuberculosis, seven randomised trials)
    that checks and builds. Replace it table by table.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        click.echo(f"osler: {folder} is there already and is not empty; nothing written", err=True)
        sys.exit(2)
    try:
        with as_file(files("osler.cli") / "starter") as starter:
            ignore = shutil.ignore_patterns("__pycache__", "build")
            shutil.copytree(starter, folder, dirs_exist_ok=True, ignore=ignore)
    except OSError as error:
        click.echo(f"osler: cannot write {folder}: {error.strerror or error}", err=True)
        sys.exit(2)
    click.echo(f"{folder} is ready:")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        click.echo(f"  {path.relative_to(folder)}")
    name = shlex.quote(str(folder))
    click.echo(f"\nNext:  osler check {name}   osler build {name}   osler serve {name}")
