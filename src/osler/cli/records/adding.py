"""``osler records add``: an export joins the review's library."""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import click

from osler.cli.records.folder import FOLDER, STYLE, fail, read_files, tell, write_files
from osler.core.diagnostics import DataError
from osler.core.wording import counted
from osler.records.adding import Added, add_export
from osler.records.duplicates.model import Pair
from osler.records.ledger import Ledger, read_ledger
from osler.records.library import Library
from osler.records.searches import Search, SearchKind, is_day

EPILOG = """\b
Examples:
  osler records add pubmed.nbib my-review --database PubMed --date 2026-01-05 --hits 412 \\
      --strategy searches/pubmed.txt
  osler records add nct.csv my-review --database ClinicalTrials.gov --kind register \\
      --date 2026-01-06
  osler records add cited.ris my-review --database "Reference lists" --kind citation \\
      --date 2026-02-01

\b
Exit codes:
  0  added
  1  added; some pairs should be looked at, or lines were not understood
  2  nothing was written
"""
_SHOWN = 10


@click.command("add", epilog=EPILOG, short_help="Add an export to the library.")
@click.argument("export", type=click.Path(path_type=Path))
@FOLDER
@click.option("--database", required=True, help="The source that was searched: PubMed, Embase, ...")
@click.option("--date", "day", required=True, help="The day of the search, YYYY-MM-DD.")
@click.option(
    "--kind",
    type=click.Choice([k.value for k in SearchKind]),
    default=SearchKind.DATABASE.value,
    show_default=True,
    help="What kind of source it is; the flow diagram tells them apart.",
)
@click.option("--platform", default="", help="Through which it was searched: Ovid, EBSCO, ...")
@click.option("--hits", type=click.IntRange(0), help="Number of hits as the source said it.")
@click.option("--strategy", type=click.Path(path_type=Path), help="A text file with the search.")
@STYLE
def add_command(
    export: Path,
    folder: Path,
    database: str,
    day: str,
    kind: str,
    platform: str,
    hits: int | None,
    strategy: Path | None,
    style: str,
) -> None:
    """Add EXPORT, what one search found, to the library of the review in FOLDER.

    Its records are compared with each other and with all that are there. The export is kept
    as it is, the search is noted in records/searches.toml, decisions in the export (Rayyan,
    Covidence, EPPI) join records/decisions.csv, and the day up to which the evidence was
    sought, `searched` in osler.toml, moves when every database has been searched anew.
    """
    if not is_day(day):
        raise click.UsageError(f"--date {day!r} is not a day: YYYY-MM-DD")
    files = read_files(folder, needed=False)
    search = Search(
        id="",
        database=database,
        kind=SearchKind(kind),
        platform=platform,
        date=day,
        strategy=_content(strategy).decode("utf-8", "replace") if strategy else "",
        hits=hits,
    )
    try:
        added = add_export(files, _content(export), export.name, search)
    except DataError as error:
        tell(error.diagnostics)
        sys.exit(2)
    write_files(folder, added.files)
    ledger, _ = read_ledger({**files, **added.files})
    ranked = _ranked(ledger, added.fresh)
    if style == "json":
        click.echo(json.dumps(_values(added, ranked), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_lines(added, ranked, folder)))
    tell(added.diagnostics, folder)
    sys.exit(1 if added.look or any(d.is_finding for d in added.diagnostics) else 0)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")


def _ranked(ledger: Ledger, fresh: Sequence[str]) -> tuple[str, ...]:
    """New records, the most promising first by what was decided so far; () where nothing was.

    Ranking needs scikit-learn, an extra; without it the records wait in their own order.
    """
    try:
        prioritising = import_module("osler.records.screening.prioritising")
        standing = import_module("osler.records.screening.standing")
    except ModuleNotFoundError:
        return ()
    labels = standing.relevant(ledger.of_entries)
    if not fresh or len(set(labels.values())) < 2:
        return ()
    prioritiser = prioritising.Prioritiser(ledger.library.records, seed=1)
    prioritiser.learn(labels)
    new = set(fresh)
    return tuple(key for key in prioritiser.ranking() if key in new)


def _lines(added: Added, ranked: Sequence[str], folder: Path) -> list[str]:
    read, entries = added.report.report, added.library.by_key
    told = f"{len(added.fresh)} new, {len(added.joined)} known already"
    lines = [
        f"{read.file}: {counted(len(added.report.records), 'record')}; {told}",
        f"The library has {counted(len(entries), 'record')}.",
    ]
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
        "records": len(added.report.records),
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
