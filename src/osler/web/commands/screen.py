"""``osler screen``: title, abstract and full-text screening in the browser."""

import os
import sys
import webbrowser
from importlib import import_module
from pathlib import Path

import click

from osler.core.decoding import decode_any
from osler.core.diagnostics import DataError
from osler.core.rendering import render
from osler.records.criteria import FILE as CRITERIA
from osler.records.criteria import parse_criteria
from osler.records.library import FILE as LIBRARY

EPILOG = """\b
Examples:
  osler screen back-pain                          screen alone, in the browser
  osler screen back-pain --reviewer 'A. Author'   under this name
  osler screen back-pain --port 8090 --no-open
  osler screen back-pain --sync --data osler-site   folder and team's site told of each other

\b
Exit codes:
  0  stopped, or brought together
  1  --sync: a file was changed on both sides
  2  it could not start
"""
_SETTINGS = {True: "osler.web.settings", False: "osler.web.screening.local_settings"}


@click.command("screen", epilog=EPILOG, short_help="Screen records in the browser.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--reviewer", help="Who decides; as in criteria.toml where it names one alone.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8010,
    show_default=True,
    help="Port on this machine; 0 for any free.",
)
@click.option("--open/--no-open", "opens", default=True, help="Open the browser.")
@click.option("--sync", is_flag=True, help="Bring the folder and the team's site together.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="With --sync: the site's folder; else $OSLER_SITE, else osler-site.",
)
def screen_command(
    folder: Path, reviewer: str | None, port: int, opens: bool, sync: bool, data: Path | None
) -> None:
    """Screen the records of a review FOLDER in the browser, on this machine alone.

    Each decision is a row of records/decisions.csv, and is on the disk before the next record
    is shown. The records that come first are those that the model, which learns as you go,
    finds most promising. Teams screen on the site; --sync gives what they decided to the
    folder, and the site what was added to the folder.
    """
    if not (folder / LIBRARY).is_file():
        _stop(f"{folder} has no records yet: add a search with 'osler records add'")
    try:
        if sync:
            _sync(folder, data)
        else:
            _serve(folder, reviewer or _only_reviewer(folder), port, opens)
    except ModuleNotFoundError as missing:
        _stop(f"screening needs {missing.name}: pip install 'osler[web]'")
    except DataError as error:
        click.echo(render(error.diagnostics, "text"), err=True)
        sys.exit(1 if sync else 2)


def _serve(folder: Path, reviewer: str, port: int, opens: bool) -> None:
    os.environ.pop("OSLER_SITE", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = _SETTINGS[False]
    os.environ["OSLER_SCREEN_FOLDER"] = str(folder.resolve())
    os.environ["OSLER_SCREEN_REVIEWER"] = reviewer
    import_module("django").setup()
    serving = import_module("osler.web.screening.serving")
    torn = serving.prepare()
    if torn:
        click.echo(
            "A decision was being written when the machine stopped; it was never shown as kept. "
            f"Its beginning was moved to {folder / 'records' / 'decisions.torn'}: {torn[:80]}",
            err=True,
        )
    try:
        server = serving.server(port)
    except OSError as error:
        _stop(f"cannot listen on port {port}: {error.strerror}; try --port 0")
    address = f"http://127.0.0.1:{server.server_port}/"
    click.echo(f"Screening {folder} as {reviewer}: {address}\nStop with Ctrl-C.")
    if opens:
        webbrowser.open(address)
    serving.run(server)
    click.echo("\nStopped.")


def _sync(folder: Path, data: Path | None) -> None:
    starting = import_module("osler.web.commands.starting")
    site = data or Path(os.environ.get("OSLER_SITE") or "osler-site")
    os.environ["DJANGO_SETTINGS_MODULE"] = _SETTINGS[True]
    try:
        starting.start(site, may_be_new=False)
    except starting.MissingSite as missing:
        _stop(str(missing))
    changed = import_module("osler.web.screening.serving").synchronise(folder.resolve())
    if changed is None:
        _stop(f"the site in {site} has no folder {folder}; start it with 'osler site {folder}'")
    click.echo("".join(f"{name}\n" for name in changed) + f"{folder} and {site} say the same now.")


def _only_reviewer(folder: Path) -> str:
    path = folder / CRITERIA
    text, _ = decode_any(path.read_bytes() if path.is_file() else b"", CRITERIA)
    named = parse_criteria(text)[0].reviewers
    if len(named) > 1:
        _stop(f"say who you are: --reviewer {' or '.join(map(repr, named))}")
    return named[0] if named else "reviewer"


def _stop(why: str) -> None:
    click.echo(f"osler: {why}", err=True)
    sys.exit(2)
