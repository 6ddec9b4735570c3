"""``osler records report``: what became of a full text."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from osler.cli.records.folder import STYLE, now, show_json, user
from osler.cli.records.ledger import Files, check_key, ledger_after
from osler.core.decoding import decode_any
from osler.core.wording import counted
from osler.records.ledger import Ledger
from osler.records.prisma.counting import count_flow
from osler.records.prisma.model import Fate
from osler.records.reports import FILE, Report, Retrieval, append_reports

EPILOG = """\b
Examples:
  osler records report my-review                            the full texts that are waited for
  osler records report tu-2024 my-review                    what is known of one
  osler records report tu-2024 my-review --status retrieved --link pdf/tu-2024.pdf
  osler records report tu-2024 lee-2019 my-review --status "not retrieved" \\
      --note "asked the authors twice"
  osler records report tu-2024 my-review --study tu-trial   the study that it tells of

\b
Exit codes:
  0  written, or shown
  2  nothing was written
"""
_WAITING = (Fate.AWAITING_RETRIEVAL, Fate.AWAITING_ASSESSMENT)


@click.command("report", epilog=EPILOG, short_help="What became of a full text.")
@click.argument("names", nargs=-1, metavar="[KEY]... [FOLDER]")
@click.option("--status", type=click.Choice([r.value for r in Retrieval]), help="Was it got?")
@click.option("--link", default="", help="Its address, or its path within the folder.")
@click.option("--study", default="", help="The id of the study that it tells of.")
@click.option("--note", default="", help="For who reads it later.")
@click.option("--who", default=None, help="Who says so; left out: the name of your account.")
@STYLE
def report_command(
    names: tuple[str, ...],
    status: str | None,
    link: str,
    study: str,
    note: str,
    who: str | None,
    style: str,
) -> None:
    """Write down what became of the full text of each record KEY, or show it.

    FOLDER is where you are, if you leave it out; without a KEY all full texts that are waited
    for are shown. What you say is a row at the end of records/reports.csv; what an earlier row
    said of another field stands.
    """
    keys, folder = _keys_and_folder(names)
    said = bool(status or link or study or note)
    if said and not keys:
        raise click.UsageError("name the record: osler records report KEY FOLDER --status ...")
    now_known: list[str] = []

    def change(files: Files, ledger: Ledger) -> Files:
        owner = ledger.library.owner
        for key in keys:
            check_key(key, owner)
        now_known.extend(dict.fromkeys(owner[key] for key in keys))
        if not said:
            return {}
        of_status = Retrieval(status) if status else None
        told = (of_status, link, study, who or user(), now(), note)
        text = decode_any(files.get(FILE, b""), FILE)[0]
        return {FILE: append_reports(text, [Report(key, *told) for key in now_known]).encode()}

    ledger = ledger_after(folder, change)
    _show(ledger, now_known, style)
    sys.exit(0)


def _keys_and_folder(names: Sequence[str]) -> tuple[tuple[str, ...], Path]:
    """The last name is the folder where it is one; a key never holds a separator."""
    if names and (Path(names[-1]).is_dir() or "/" in names[-1]):
        return tuple(names[:-1]), Path(names[-1])
    return tuple(names), Path()


def _show(ledger: Ledger, keys: Sequence[str], style: str) -> None:
    flow, _ = count_flow(ledger)
    streams = (flow.databases, flow.others)
    fates = {k: fate for s in streams for fate, of in s.fates.items() for k in of}
    shown = list(keys) or [key for key in fates if fates[key] in _WAITING]
    if style == "json":
        values = [_values(key, ledger, fates.get(key)) for key in shown]
        show_json(values)
    elif keys:
        click.echo("\n\n".join(_lines(_values(key, ledger, fates.get(key))) for key in shown))
    else:
        click.echo(f"{counted(len(shown), 'full text')} waited for")
        rows = [(k, fates[k].value, ledger.library.by_key[k].record.title[:60]) for k in shown]
        click.echo("".join(f"  {key}  {fate}  {title}\n" for key, fate, title in rows), nl=False)


def _values(key: str, ledger: Ledger, fate: Fate | None) -> dict[str, str]:
    report = ledger.full_texts.get(key) or Report(key)
    return {
        "record": key,
        "title": ledger.library.by_key[key].record.title,
        "stands": fate.value if fate else "of the version before",
        "status": report.status.value if report.status else "",
        "link": report.link,
        "study": report.study,
        "who": report.who,
        "when": report.when,
        "note": report.note,
    }


def _lines(values: dict[str, str]) -> str:
    told = [(name, text) for name, text in values.items() if text and name != "record"]
    width = max(len(name) for name, _ in told)
    return "\n".join([values["record"], *(f"  {name:<{width}}  {text}" for name, text in told)])
