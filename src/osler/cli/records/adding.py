"""``osler records add``: what a search found joins the review's library."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click

from osler.cli.collecting import uncollected
from osler.cli.records.folder import STYLE, alone, fail, read_files, show_json, tell, write_files
from osler.core.decoding import decode_any
from osler.core.diagnostics import DataError
from osler.core.wording import counted
from osler.records.adding import Added, add_exports
from osler.records.decisions import FILE as DECISIONS
from osler.records.duplicates.model import Pair
from osler.records.ledger import read_ledger
from osler.records.library import Library
from osler.records.screening.prioritising import Prioritiser
from osler.records.screening.standing import relevant
from osler.records.searches import Search, SearchKind, is_day

EPILOG = """\b
Examples:
  osler records add pubmed.nbib my-review --database PubMed --date 2026-01-05 --hits 412 \\
      --strategy searches/pubmed.txt
  osler records add nct.csv my-review --database ClinicalTrials.gov --kind register \\
      --date 2026-01-06
  osler records add cited.ris my-review --database "Reference lists" --kind citation \\
      --date 2026-02-01
  osler records add scopus-1.csv scopus-2.csv my-review --database Scopus --date 2026-01-05
  osler records add scopus-3.csv my-review --part-of scopus-2026-01-05

\b
Exit codes:
  0  added
  1  added; some pairs should be looked at, or lines were not understood
  2  nothing was written
"""
_SHOWN = 10
# A slip in the year would make the page look new for ever; clocks that are wrong do no harm.
_FIRST_YEAR, _AHEAD = 1950, 5
_PATH = click.Path(path_type=Path)


@click.command("add", epilog=EPILOG, short_help="Add what a search found to the library.")
@click.argument("paths", nargs=-1, required=True, type=_PATH, metavar="EXPORT... [FOLDER]")
@click.option("--database", default="", help="The source that was searched: PubMed, Embase, ...")
@click.option("--date", "day", default="", help="The day of the search, YYYY-MM-DD.")
@click.option(
    "--kind",
    type=click.Choice([k.value for k in SearchKind]),
    default=SearchKind.DATABASE.value,
    show_default=True,
    help="What kind of source it is; the flow diagram tells them apart.",
)
@click.option("--platform", default="", help="Through which it was searched: Ovid, EBSCO, ...")
@click.option("--hits", type=click.IntRange(0), help="Number of hits as the source said it.")
@click.option("--strategy", type=_PATH, help="A text file with the search.")
@click.option("--part-of", default="", help="The id of a search in searches.toml that goes on.")
@STYLE
def add_command(
    paths: tuple[Path, ...],
    database: str,
    day: str,
    kind: str,
    platform: str,
    hits: int | None,
    strategy: Path | None,
    part_of: str,
    style: str,
) -> None:
    """Add each EXPORT of one search to the library of the review in FOLDER.

    FOLDER is where you are, if you leave it out. Several exports are parts of one search, as
    where a database gives 1,000 records at a time; --part-of adds one to a search that the
    library has.

    Its records are compared with each other and with all that are there. The exports are kept
    as they are, the search is noted in records/searches.toml, decisions in an export (Rayyan,
    Covidence, EPPI) join records/decisions.csv, and the day up to which the evidence was
    sought, `searched` in osler.toml, moves when every database has been searched anew.
    """
    files, folder = _exports_and_folder(paths)
    _check_said(database, day, part_of)
    content = [(file.name, _content(file)) for file in files]
    text = _strategy(strategy) if strategy else ""
    new = Search(part_of, database, SearchKind(kind), platform, day, text, hits=hits)
    with alone(folder):
        before = read_files(folder, needed=False)
        search = _of_library(before, part_of) if part_of else new
        try:
            with uncollected():
                added = add_exports(before, content, search)
        except DataError as error:
            tell(error.diagnostics)
            sys.exit(2)
        write_files(folder, added.files)
    ranked = _ranked({**before, **added.files}, added.fresh)
    if style == "json":
        show_json(_values(added, ranked))
    else:
        click.echo("\n".join(_lines(added, ranked, folder)))
    tell(added.diagnostics, folder)
    sys.exit(1 if added.look or any(d.is_finding for d in added.diagnostics) else 0)


def _exports_and_folder(paths: Sequence[Path]) -> tuple[tuple[Path, ...], Path]:
    """The last path is the review's where it is a folder, or can be no export."""
    *exports, last = paths
    if exports and (last.is_dir() or not (last.exists() or last.suffix)):
        return tuple(exports), last
    if last.is_dir():
        raise click.UsageError(f"{last} is a folder: name an export before it")
    return tuple(paths), Path()


def _check_said(database: str, day: str, part_of: str) -> None:
    """A search is said in full, or it is one that the library has."""
    if part_of and (database or day):
        raise click.UsageError("--part-of takes database and date from the search that goes on")
    if not part_of:
        for option, said in (("--database", database.strip()), ("--date", day)):
            if not said:
                raise click.UsageError(f"Missing option '{option}'.")
        if not is_day(day):
            raise click.UsageError(f"--date {day!r} is not a day: YYYY-MM-DD")
        if not _FIRST_YEAR <= int(day[:4]) <= date.today().year + _AHEAD:
            raise click.UsageError(f"--date {day} cannot be the day of a search")


def _of_library(files: Mapping[str, bytes], name: str) -> Search:
    ledger, _ = read_ledger(files)
    search = next((s for s in ledger.searches.searches if s.id == name), None)
    if search is None:
        known = ", ".join(s.id for s in ledger.searches.searches) or "none"
        fail(f"there is no search {name!r} in records/searches.toml; known: {known}")
    return search


def _strategy(file: Path) -> str:
    text, found = decode_any(_content(file), file.name)
    tell([d for d in found if d.is_finding])
    return text.replace("\r\n", "\n")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")


def _ranked(files: Mapping[str, bytes], fresh: Sequence[str]) -> tuple[str, ...]:
    """New records, the most promising first by what was decided so far; () where nothing was."""
    if not fresh or DECISIONS not in files:
        return ()
    ledger, _ = read_ledger(files)
    labels = relevant(ledger.of_entries)
    if len(set(labels.values())) < 2:
        return ()
    prioritiser = Prioritiser(ledger.library.records, seed=1)
    prioritiser.learn(labels)
    new = set(fresh)
    return tuple(key for key in prioritiser.ranking() if key in new)


def _lines(added: Added, ranked: Sequence[str], folder: Path) -> list[str]:
    entries = added.library.by_key
    told = f"{len(added.fresh)} new, {len(added.joined)} known already"
    lines = [f"{r.report.file}: {counted(len(r.records), 'record')}" for r in added.reports]
    if len(lines) > 1:
        lines.append(f"together: {counted(added.records, 'record')}")
    lines[-1] += f"; {told}"
    lines.append(f"The library has {counted(len(entries), 'record')}.")
    if added.decisions:
        lines.append(f"{counted(len(added.decisions), 'decision')} came with the export.")
    if added.searched:
        lines.append(f"Every database was searched up to {added.searched} at least.")
    if ranked:
        lines += ["", "New records, the most promising first by what was decided so far:"]
        lines += [f"  {key}  {entries[key].record.title[:70]}" for key in ranked[:_SHOWN]]
    if added.look:
        lines += ["", f"To be looked at ({counted(len(added.look), 'pair')}):"]
        lines += _pairs(added.look, added.library)
        lines.append(f"  osler records look {folder}")
    return lines


def _pairs(pairs: Sequence[Pair], library: Library) -> list[str]:
    rows = [f"  {p.first} and {p.second}: {p.reason}" for p in pairs[:_SHOWN]]
    more = len(pairs) - _SHOWN
    return [*rows, f"  ... and {more} more"] if more > 0 else rows


def _values(added: Added, ranked: Sequence[str]) -> Mapping[str, object]:
    pairs = {"look": added.look, "links": added.links}
    return {
        "records": added.records,
        "new": list(added.fresh),
        "joined": [{"record": key, "why": why} for key, why in added.joined],
        "ranked": list(ranked),
        "library": len(added.library.entries),
        "decisions": len(added.decisions),
        "searched": added.searched,
    } | {
        name: [{"first": p.first, "second": p.second, "reason": p.reason} for p in of]
        for name, of in pairs.items()
    }
