"""``osler records look``: pairs of records that a person has to judge."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from osler.cli.records.folder import FOLDER, STYLE, fail, now, show_json, tell, user
from osler.cli.records.ledger import Files, check_key, ledger_after
from osler.records.adding import judged_files, rejudged
from osler.records.duplicates.model import Duplicates, Judgement, LinkKind, Opinion, Pair
from osler.records.ledger import Ledger
from osler.records.model import Record

EPILOG = """\b
Examples:
  osler records look my-review                       the pairs, side by side
  osler records look my-review --apart KEY KEY --why "part I and part II"
  osler records look my-review --merge KEY KEY --who "A. Author"
  osler records look my-review --link KEY KEY --kind correction
  osler records look my-review --undo KEY KEY        what was said no longer holds

\b
Exit codes:
  0  nothing is left to look at
  1  pairs are left
  2  nothing was written
"""
_FIELDS = ("title", "authors", "year", "container", "volume", "issue", "pages", "doi", "pmid")
_WIDEST = 74


@click.command("look", epilog=EPILOG, short_help="Pairs that a person has to judge.")
@FOLDER
@click.option("--merge", nargs=2, metavar="KEY KEY", help="They are one record.")
@click.option("--apart", nargs=2, metavar="KEY KEY", help="They are two records.")
@click.option("--link", nargs=2, metavar="KEY KEY", help="Two records that belong together.")
@click.option("--undo", nargs=2, metavar="KEY KEY", help="Take back what was said of them.")
@click.option("--kind", type=click.Choice([k.value for k in LinkKind]), help="Of a link.")
@click.option("--why", default="", help="The reason, for who reads it later.")
@click.option("--who", default=None, help="Who judges; left out: the name of your account.")
@STYLE
def look_command(
    folder: Path,
    merge: tuple[str, str] | None,
    apart: tuple[str, str] | None,
    link: tuple[str, str] | None,
    undo: tuple[str, str] | None,
    kind: str | None,
    why: str,
    who: str | None,
    style: str,
) -> None:
    """Show the pairs that Osler does not decide on, or write down what you judged of one.

    A judgement is a row of records/merges.csv; it holds for good, whatever is added later, and
    a later row takes it back.
    """
    given = {
        Opinion.MERGED: merge,
        Opinion.APART: apart,
        Opinion.LINKED: link,
        Opinion.OPEN: undo,
    }
    of_kind = LinkKind(kind) if kind else None
    judgements = [
        Judgement(*pair, opinion, who or user(), now(), of_kind, why)
        for opinion, pair in given.items()
        if pair
    ]

    def change(files: Files, ledger: Ledger) -> Files:
        known = _parts(ledger)
        for judgement in judgements:
            _check(judgement, known)
        if not judgements:
            return {}
        changed, told = judged_files(files, judgements)
        tell(told, folder)
        return changed

    ledger = ledger_after(folder, change)
    _, duplicates = rejudged(ledger, ())
    _show(duplicates, _parts(ledger), style)
    sys.exit(1 if duplicates.look else 0)


def _parts(ledger: Ledger) -> dict[str, Record]:
    """Every record as it came, also those that are merged into another."""
    return {part.key: part for entry in ledger.library.entries for part in entry.parts}


def _check(judgement: Judgement, known: Mapping[str, Record]) -> None:
    for key in (judgement.first, judgement.second):
        check_key(key, known)
    if judgement.first == judgement.second:
        fail("two different keys are needed; nothing was written")


def _show(found: Duplicates, known: Mapping[str, Record], style: str) -> None:
    if style == "json":
        values = [
            {"first": p.first, "second": p.second, "reason": p.reason, "probability": p.probability}
            for p in found.look
        ]
        show_json(values)
    elif not found.look:
        click.echo("Nothing to look at.")
    else:
        click.echo("\n\n".join(_side_by_side(pair, known) for pair in found.look))


def _side_by_side(pair: Pair, known: Mapping[str, Record]) -> str:
    """Both records, field below field; a mark where they differ."""
    first, second = known[pair.first], known[pair.second]
    lines = [f"{pair.first}  and  {pair.second}", f"  {pair.reason}"]
    for name in _FIELDS:
        one, two = _shown(first, name), _shown(second, name)
        if one or two:
            mark = " " if one == two else "*"
            lines.append(f"  {mark} {name:<10}{one}")
            lines += [f"    {'':<10}{two}"] if one != two else []
    return "\n".join(lines)


def _shown(record: Record, name: str) -> str:
    value = getattr(record, name)
    text = "; ".join(a.shown for a in value) if name == "authors" else str(value or "")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."
