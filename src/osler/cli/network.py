"""``osler network``: all treatments of a table at once."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from osler.cli import methods
from osler.cli.network_report import as_data, as_text
from osler.cli.tables import table_of
from osler.cli.terminal import wants_colour
from osler.core.delimited import DelimitedTable
from osler.core.diagnostics import DataError, Diagnostic
from osler.core.rendering import render
from osler.synthesis.network.arms import ARM_MEASURES
from osler.synthesis.network.asking import network
from osler.synthesis.network.reading import read_network
from osler.synthesis.network.tau2 import NETWORK_TAU2

EPILOG = """\b
FILE has one row an arm, or one row a contrast; columns by their usual names:
  arms        study treatment events n    (or mean sd n, or events time)
  contrasts   study treat1 treat2 estimate se   (treat1 against treat2; ratios as logs;
              or variance, or ci_lower and ci_upper); a study of three arms has three rows

\b
Examples:
  osler network trials.csv --reference placebo
  osler network trials.csv --measure RR --reference "usual care" --better higher
  osler network contrasts.csv --tau2 DL --format json | jq '.random.league[0]'

\b
Exit codes:
  0  every study was used, and the network is connected
  1  studies were left out, or parts of the network are not connected: it says which
  2  nothing could be pooled
"""


@click.command("network", epilog=EPILOG, short_help="Compare all treatments of a table at once.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reference", default="", help="Treatment to list the others against.")
@click.option(
    "--measure",
    default="",
    metavar="NAME",
    help=f"From arms {', '.join(ARM_MEASURES)}; of contrasts any name (OR, RR, HR, IRR and ROM "
    "are logarithms). OR from counts, MD from means where not given.",
)
@click.option(
    "--tau2",
    "tau2_method",
    type=click.Choice(NETWORK_TAU2, case_sensitive=False),
    default="REML",
    show_default=True,
    help="Estimator of the variance between studies, one for all comparisons.",
)
@methods.LEVEL
@click.option(
    "--better",
    type=click.Choice(["lower", "higher"]),
    help="Which values are good; without it nothing is ranked.",
)
@click.option(
    "--mid",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Rank by being better by at least so much, on the analysis scale.",
)
@click.option(
    "--all-studies",
    is_flag=True,
    help="Keep studies without an event in any arm, with 0.5 added to their cells.",
)
@methods.STYLE
def network_command(
    file: Path,
    reference: str,
    measure: str,
    tau2_method: str,
    level: float,
    better: str | None,
    mid: float,
    all_studies: bool,
    style: str,
) -> None:
    """Network meta-analysis of the studies in a table.

    The result goes to standard output, what was found to standard error.
    """
    table, found = _read(file)
    try:
        read = read_network(_columns(table), measure, level=level, all_studies=all_studies)
        fit = network(read, reference=reference, tau2_method=tau2_method, level=level)
    except DataError as error:
        _tell((*found, *(_in_file(d, file) for d in error.diagnostics)))
        sys.exit(2)
    _tell((*found, *(_in_file(d, file) for d in read.diagnostics)))
    if style == "json":
        click.echo(json.dumps(as_data(fit, better, mid), indent=1, ensure_ascii=False))
    else:
        click.echo(as_text(fit, better, mid))
    sys.exit(1 if found or read.diagnostics or fit.others else 0)


def _read(file: Path) -> tuple[DelimitedTable, tuple[Diagnostic, ...]]:
    """The table; where there is none, says so and exits with 2."""
    table, found = table_of(file)
    if table is None:
        _tell(found)
        sys.exit(2)
    return table, tuple(d for d in found if d.is_finding)


def _columns(table: DelimitedTable) -> dict[str, list[Any]]:
    """The table by columns; an empty cell or NA is a missing value."""
    missing = ("", "NA", "NaN", "NR", "-")
    return {
        name: [None if row.cells[i].strip() in missing else row.cells[i] for row in table.rows]
        for i, name in enumerate(table.header.cells)
    }


def _in_file(d: Diagnostic, file: Path) -> Diagnostic:
    return d if d.place.file else replace(d, place=replace(d.place, file=str(file)))


def _tell(found: tuple[Diagnostic, ...]) -> None:
    if found:
        click.echo(render(found, "text", wants_colour()) + "\n", err=True)
