"""``osler confirm``: say by name that the claims of a page fit the evidence of today."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

import click

from osler.claims.confirmed import (
    FILE,
    Confirmations,
    confirm,
    parse_confirmations,
    render_confirmations,
)
from osler.claims.model import Judged, Verdict
from osler.cli.terminal import counted, seen_from_here, show
from osler.core.decoding import decode
from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.publish.pipeline import Checked, CheckedPage, check_files
from osler.review.folder import read_folder

EPILOG = """\b
Examples:
  osler confirm examples/sciatica --by "your name"
  osler confirm . pages/leg-pain.md --by "your name"

\b
Exit codes:
  0  everything on these pages is confirmed
  1  some statements could not be confirmed; the others are
  2  Osler could not run, and nothing was written
"""

# With these a passage stands, and a person may put a name to it.
_STANDING = (Verdict.SUPPORTED, Verdict.UNDERSTATED, Verdict.OUT_OF_DATE)


@dataclass(frozen=True)
class Confirmed:
    """What a run of ``osler confirm`` comes to.

    ``text`` is the new ``confirmed.json``; ``refused`` are the passages with an error.
    """

    text: str
    pages: tuple[str, ...]
    taken: int
    new: int
    refused: tuple[Diagnostic, ...]


@click.command("confirm", epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.argument("page", required=False)
@click.option("--by", required=True, help="Who has read the page beside the evidence: your name.")
def confirm_command(folder: Path, page: str | None, by: str) -> None:
    """Write down that the marked statements of a page fit the evidence of today.

    FOLDER is checked first. Every marked statement without an error is kept in
    confirmed.json with the evidence behind it, your name and the date. When that evidence
    changes, 'osler check' says that the statement is out of date, and what changed.

    PAGE is a page of the folder (pages/leg-pain.md, or leg-pain); all that are not
    drafts where it is left out.
    """
    if not by.strip():
        raise click.BadParameter("say who confirms it", param_hint="--by")
    files = _files_of(folder)
    today = date.today()
    checked, found = check_files(files, today)
    text, undecoded = decode(files.get(FILE, b""), FILE)
    confirmed, unread = parse_confirmations(text)
    wrong = [d for d in (*undecoded, *unread) if d.severity is Severity.ERROR]
    if checked is None or wrong:
        show([*found, *wrong] if checked is None else wrong, folder, "this folder")
        sys.exit(2)
    pages = chosen_pages(checked, page)
    if not pages:
        told = f"{page!r} is no page of {folder}" if page else f"{folder} has no page to confirm"
        click.echo(f"{told}; nothing written.", err=True)
        sys.exit(2)
    made = confirm_pages(checked, pages, confirmed, by=" ".join(by.split()), today=today)
    (folder / FILE).write_text(made.text, encoding="utf-8", newline="\n")
    _tell(made, folder)
    sys.exit(1 if made.refused else 0)


def _files_of(folder: Path) -> dict[str, bytes]:
    """The folder's files; where they cannot be read, says so and exits with 2."""
    try:
        return read_folder(folder)
    except OSError as error:
        problem = Diagnostic(
            "REV037",
            Severity.ERROR,
            Place(str(error.filename or folder)),
            f"this cannot be read: {error.strerror or error}",
            so="nothing is confirmed",
            help="name a review folder, whose files and whose pages/ you may read",
        )
        show([problem], Path(), "this folder")
        sys.exit(2)


def chosen_pages(checked: Checked, page: str | None) -> Sequence[CheckedPage]:
    """The page that was named, by its path, its file name or its stem; else all but drafts."""
    if page is None:
        return [one for one in checked.pages if not one.page.meta.draft]
    wanted = PurePath(page)
    for one in checked.pages:
        path = PurePath(one.page.file)
        if wanted == path or wanted.name in (path.name, path.stem):
            return [one]
    return []


def confirm_pages(
    checked: Checked,
    pages: Iterable[CheckedPage],
    confirmed: Confirmations,
    *,
    by: str,
    today: date,
) -> Confirmed:
    """Confirm every marked statement that stands; nothing is read or written here.

    Parameters
    ----------
    checked : Checked
        The folder after every check.
    pages : iterable of CheckedPage
        Those that are confirmed; what is confirmed of others stays.
    confirmed : Confirmations
        What was confirmed before.
    by, today
        Put to what is new or was out of date; the rest keeps its name and date.
    """
    refused: list[Diagnostic] = []
    names: list[str] = []
    taken = new = 0
    for one in pages:
        standing = [judged for judged in one.judged if _stands(judged, one)]
        before = set(confirmed.entries.values())
        confirmed = confirm(
            standing, one.page, checked.review, confirmed, by=by, date=today.isoformat()
        )
        ours = [e for e in confirmed.entries.values() if e.page == one.page.file]
        names.append(one.page.file)
        taken += len(ours)
        new += sum(entry not in before for entry in ours)
        refused += [d for judged in one.judged if judged not in standing for d in _why(judged, one)]
    text = render_confirmations(confirmed)
    return Confirmed(text, tuple(names), taken, new, in_order(refused))


def _stands(judged: Judged, page: CheckedPage) -> bool:
    return judged.verdict in _STANDING and not [*_errors(judged, page)]


def _errors(judged: Judged, page: CheckedPage) -> Iterable[Diagnostic]:
    """Errors within the mark, those of other checks (rules, persuasion) among them."""
    place = judged.span.place
    for d in page.diagnostics:
        inside = d.place.file == place.file and d.place.line == place.line
        within = place.column <= d.place.column < max(place.end_column, place.column + 1)
        if d.severity is Severity.ERROR and inside and within:
            yield d


def _why(judged: Judged, page: CheckedPage) -> Iterable[Diagnostic]:
    """What keeps a passage from being confirmed."""
    return [*_errors(judged, page)] or judged.diagnostics


def _tell(made: Confirmed, folder: Path) -> None:
    if made.refused:
        shown = [seen_from_here(d, folder) for d in made.refused]
        for d in shown:
            click.echo(f"not confirmed: {d.place.file}:{d.place.line} {d.code} {d.message}")
    click.echo(
        f"{counted(made.taken, 'statement')} on {counted(len(made.pages), 'page')} confirmed, "
        f"{made.new} of them now, in {folder / FILE}"
    )
