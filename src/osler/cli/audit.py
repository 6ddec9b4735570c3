"""``osler audit``: what a clinic's own episodes tell, and what they cannot."""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from osler.cli.terminal import seen_from_here, wants_colour, width
from osler.core.diagnostics import DataError, Diagnostic, Severity
from osler.core.rendering import count_line, render
from osler.practice.audit import audit, episodes_about, names_of_episodes
from osler.practice.benchmark import benchmark, first_outcome
from osler.practice.instruments import SHIPPED, Instrument, parse_instrument, shipped
from osler.practice.model import Audit, Benchmark
from osler.practice.telling import (
    describe,
    describe_benchmark,
    describe_change,
    describe_ends,
    describe_unwanted,
    describe_waiting,
)
from osler.publish.figures.drawing import Drawing
from osler.publish.figures.files import save
from osler.publish.figures.practice import run_drawing, waiting_drawing
from osler.review.folder import read_folder
from osler.review.model import Episode, Review, Score
from osler.review.reading import parse_practice, parse_review

EPILOG = """\b
SOURCE is practice.csv (practice_scores.csv is read beside it) or a review folder; only
with a folder can the control groups of its trials be told beside the clinic's figures.

\b
Examples:
  osler audit practice.csv
  osler audit practice.csv "sciatica / acupuncture" --within 10
  osler audit my-review --benchmark "global improvement" --figures audit
  osler audit practice.csv --format json

\b
Exit codes:
  0  the audit is told
  1  it is told, and something was found in the tables
  2  there is nothing to tell
"""
TABLES = ("practice.csv", "practice_scores.csv")


@click.command("audit", epilog=EPILOG, short_help="What became of a clinic's own patients.")
@click.argument("source", type=click.Path(path_type=Path), default="practice.csv")
@click.argument("about", required=False, default="")
@click.option(
    "--within", type=click.IntRange(1), default=10, show_default=True, help="Sessions to tell of."
)
@click.option("--benchmark", "outcome", help="Outcome whose control groups are told beside it.")
@click.option(
    "--instruments",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of further questionnaires, one TOML file each.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write recovery.svg and over-time.svg into.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Sentences, or every number.",
)
def audit_command(
    source: Path,
    about: str,
    within: int,
    outcome: str | None,
    instruments: Path | None,
    figures: Path | None,
    style: str,
) -> None:
    """Count what became of everybody who began, and bound what is missing.

    ABOUT is a condition, or "condition / treatment", of the table; all that it has are told
    where it is left out. Nothing here shows that the treatment was the reason.
    """
    try:
        episodes, scores, review, found = _read(source)
        known = _instruments(instruments)
    except OSError as error:
        click.echo(f"osler: cannot read {error.filename or source}: {error.strerror}", err=True)
        sys.exit(2)
    except DataError as error:
        click.echo(render(error.diagnostics, "text", wants_colour(), width()), err=True)
        sys.exit(2)
    folder = source if source.is_dir() else source.parent
    _show(found, folder, err=style == "json")
    chosen = _chosen(episodes, about)
    against = _benchmark(review, outcome)
    told = {
        name: audit(rows, name, scores=scores, instruments=known) for name, rows in chosen.items()
    }
    if style == "json":
        click.echo(json.dumps(_as_json(told, against, within), indent=1, ensure_ascii=False))
    else:
        click.echo("\n\n".join(_report(a, against, within) for a in told.values()))
    if figures is not None:
        _draw(told, within, figures)
    sys.exit(1 if any(d.is_finding for d in found) else 0)


def _read(
    source: Path,
) -> tuple[tuple[Episode, ...], tuple[Score, ...], Review | None, tuple[Diagnostic, ...]]:
    if source.is_dir():
        review, found = parse_review(read_folder(source))
        own = tuple(d for d in found if d.place.file in TABLES)
        if review is None:
            episodes, scores, own = parse_practice(read_folder(source))
            return episodes, scores, None, own
        return review.practice, review.scores, review, own
    files = {"practice.csv": source.read_bytes()}
    beside = source.with_name("practice_scores.csv")
    if beside.is_file():
        files[beside.name] = beside.read_bytes()
    episodes, scores, found = parse_practice(files)
    return episodes, scores, None, found


def _instruments(folder: Path | None) -> tuple[Instrument, ...]:
    own = sorted(folder.glob("*.toml")) if folder else ()
    return (
        *(parse_instrument(path.read_text("utf-8"), str(path)) for path in own),
        *(shipped(key) for key in SHIPPED),
    )


def _show(found: tuple[Diagnostic, ...], folder: Path, *, err: bool) -> None:
    if found:
        seen = [seen_from_here(d, folder) for d in found]
        click.echo(render(seen, "text", wants_colour() and not err, width()), err=err)
        click.echo(count_line(found, "the clinic's tables") + "\n", err=err)


def _chosen(episodes: tuple[Episode, ...], about: str) -> Mapping[str, tuple[Episode, ...]]:
    """Each condition of the table, or the one that is asked about."""
    if not episodes:
        click.echo("osler: there are no episodes to count", err=True)
        sys.exit(2)
    names = names_of_episodes(episodes)
    if about:
        rows = episodes_about(episodes, about)
        if not rows:
            click.echo(f"osler: no episode is about {about!r}", err=True)
            click.echo(f"       the table has: {', '.join(names)}", err=True)
            sys.exit(2)
        return {about: rows}
    return {n: episodes_about(episodes, n) for n in names if " / " not in n}


def _benchmark(review: Review | None, outcome: str | None) -> Benchmark | None:
    if review is None:
        if outcome:
            click.echo("osler: --benchmark needs a review folder, whose trials it reads", err=True)
            sys.exit(2)
        return None
    name = outcome or first_outcome(review)
    if outcome and outcome not in review.outcomes:
        click.echo(f"osler: osler.toml has no outcome {outcome!r}", err=True)
        click.echo(f"       it has: {', '.join(review.outcomes)}", err=True)
        sys.exit(2)
    return benchmark(review, name) if name else None


def _report(found: Audit, against: Benchmark | None, within: int) -> str:
    months = f" ({found.first_month} to {found.last_month})" if found.first_month else ""
    title = f"{found.about or 'All episodes'}{months}"
    return "\n".join([title, "-" * len(title), *_lines(found, against, within)])


def _lines(found: Audit, against: Benchmark | None, within: int) -> Iterator[str]:
    yield from _wrapped("", describe_ends(found))
    yield from _wrapped("Recovery", describe(found))
    share = found.share
    if share.known:
        yield from _wrapped(
            "",
            f"Of those whose end is known, {share.proportion:.0%} recovered (95% interval "
            f"{share.ci_lower:.0%} to {share.ci_upper:.0%}); the interval tells of chance alone.",
        )
    if text := describe_waiting(found, within):
        yield from _wrapped("Sessions", text)
    for n, change in enumerate(found.changes):
        yield from _wrapped("" if n else "Measures", describe_change(change))
    yield from _wrapped("Safety", describe_unwanted(found))
    if found.runs and found.runs.signals:
        yield from _wrapped("Over time", "; ".join(found.runs.signals) + ".")
    if against is not None:
        yield from _wrapped("Beside it", describe_benchmark(against))
    for n, caution in enumerate(found.cautions):
        yield from _wrapped("" if n else "Remember", caution + ".")
    yield from _wrapped("For a page", describe(found))


def _wrapped(head: str, text: str) -> Iterator[str]:
    lines = click.wrap_text(text, width() - 12).split("\n")
    for n, line in enumerate(lines):
        yield f"{head if n == 0 else '':<12}{line}"


def _draw(told: Mapping[str, Audit], within: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for n, found in enumerate(told.values()):
        stem = f"{n + 1}-" if len(told) > 1 else ""
        drawings: dict[str, Drawing] = {}
        if found.waiting is not None:
            drawings["recovery"] = waiting_drawing(found, within)
        if found.runs is not None:
            drawings["over-time"] = run_drawing(found.runs)
        for name, drawing in drawings.items():
            path = folder / f"{stem}{name}.svg"
            problems = save(drawing, path)
            if any(d.severity is Severity.ERROR for d in problems):
                click.echo(render(problems, "text", wants_colour(), width()), err=True)
                sys.exit(2)
            click.echo(f"written: {path}", err=True)


def _as_json(
    told: Mapping[str, Audit], against: Benchmark | None, within: int
) -> Mapping[str, object]:
    return {
        "audits": [{**_plain(a), "within": within, "sentence": describe(a)} for a in told.values()],
        "benchmark": None if against is None else _plain(against),
    }


def _plain(value: Any) -> Any:
    """Dataclasses and arrays as JSON has them; NaN is null."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    return None if isinstance(value, float) and math.isnan(value) else value
