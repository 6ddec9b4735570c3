"""``osler records screen-status``: how far screening is."""

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from osler.cli.records.folder import (
    FOLDER,
    STYLE,
    alone,
    now,
    read_files,
    show_json,
    tell,
    write_files,
)
from osler.core.diagnostics import DataError
from osler.core.wording import aligned, counted
from osler.records.ledger import Ledger, read_ledger
from osler.records.model import Stage
from osler.records.prisma.counting import count_flow
from osler.records.prisma.model import Fate, Flow
from osler.records.screening.agreement import Agreement, agreement, votes_of
from osler.records.screening.certificates import certify
from osler.records.screening.standing import State

CERTIFICATE = "records/certificate.toml"
EPILOG = """\b
Examples:
  osler records screen-status my-review
  osler records screen-status my-review --format json | jq '.conflicts'
  osler records screen-status my-review --certificate

\b
Exit codes:
  0  every record has been decided on to the end
  1  something is left to do
  2  the folder has no records
"""


@click.command("screen-status", epilog=EPILOG, short_help="How far screening is.")
@FOLDER
@STYLE
@click.option(
    "--certificate",
    is_flag=True,
    help=f"Say whether title and abstract screening may stop, and write it to {CERTIFICATE}.",
)
def status_command(folder: Path, style: str, certificate: bool) -> None:
    """Say how many records wait at each step, who has decided how many, and the conflicts."""
    ledger, found = read_ledger(read_files(folder))
    tell(found, folder)
    flow, _ = count_flow(ledger)
    fates = {fate: flow.databases.count(fate) + flow.others.count(fate) for fate in Fate}
    conflicts = {stage.value: _conflicts(ledger, stage) for stage in Stage}
    votes = {stage.value: _votes(ledger, stage) for stage in Stage}
    every = {s.value: agreement(votes_of(ledger.of_entries, s).values()) for s in Stage}
    agreed = {stage: one for stage, one in every.items() if one.records}
    if style == "json":
        values = {
            "records": {fate.value: n for fate, n in fates.items()},
            "conflicts": conflicts,
            "reviewers": votes,
            "agreement": {s: asdict(one) for s, one in agreed.items()},
            "finished": flow.is_finished,
        }
        show_json(values)
    else:
        click.echo(_text(fates, conflicts, votes))
        click.echo("".join(f"\n{s}: {_agreement(one)}\n" for s, one in agreed.items()), nl=False)
    if certificate:
        _certify(ledger, folder)
    sys.exit(0 if _is_done(flow, conflicts) else 1)


def _agreement(one: Agreement) -> str:
    """Each measure with its interval, where it can be had."""
    told = [f"agreement on {counted(one.records, 'record')} seen by two or more"]
    for name, measure in (("percent", one.percent), ("kappa", one.kappa), ("AC1", one.ac1)):
        if measure.estimate is not None:
            interval = (measure.ci_lower, measure.ci_upper)
            ends = " to ".join(f"{end:.2f}" for end in interval if end is not None)
            told.append(f"{name} {measure.estimate:.2f}{f' ({ends})' if ends else ''}")
    return ", ".join(told)


def _certify(ledger: Ledger, folder: Path) -> None:
    """What may be said of the records that nobody has read, told and kept in the folder."""
    try:
        told = certify(ledger.of_entries, ledger.library.by_key, today=now()[:10])
    except DataError as error:
        tell(error.diagnostics)
        sys.exit(2)
    with alone(folder):
        write_files(folder, {CERTIFICATE: told.as_toml().encode()})
    click.echo(f"\n{told}\n{folder / CERTIFICATE}", err=True)


def _is_done(flow: Flow, conflicts: dict[str, list[str]]) -> bool:
    return flow.is_finished and not any(conflicts.values())


def _conflicts(ledger: Ledger, stage: Stage) -> list[str]:
    standings = ledger.standings(stage)
    return [key for key, one in standings.items() if ledger.state(one) is State.CONFLICT]


def _votes(ledger: Ledger, stage: Stage) -> dict[str, int]:
    """How many records each reviewer has a standing decision on."""
    standings = ledger.standings(stage).values()
    return dict(Counter(who for one in standings for who in one.votes).most_common())


def _text(
    fates: dict[Fate, int], conflicts: dict[str, list[str]], votes: dict[str, dict[str, int]]
) -> str:
    lines = aligned([(fate.value, str(count)) for fate, count in fates.items() if count])
    for stage, by in votes.items():
        if by:
            lines += ["", f"{stage}: " + ", ".join(f"{who} {n}" for who, n in by.items())]
    for stage, keys in conflicts.items():
        if keys:
            lines += ["", f"Reviewers disagree ({stage}): {', '.join(keys)}"]
    return "\n".join(lines)
