"""``osler network``: all treatments of a table at once."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from osler.cli import methods
from osler.cli.network_report import Asked, Told, as_json, as_text
from osler.cli.network_table import PROGRAMS, FileTable, export, pairs_given, read_file, tell
from osler.core.diagnostics import DataError, Diagnostic, Place
from osler.synthesis.network import problems
from osler.synthesis.network.arms import ARM_MEASURES
from osler.synthesis.network.asking import component_network, networks_apart
from osler.synthesis.network.hypergeometric import hypergeometric_network
from osler.synthesis.network.mantel_haenszel import mantel_haenszel_network
from osler.synthesis.network.rare import RareNetwork
from osler.synthesis.network.reading import ReadNetwork, read_network
from osler.synthesis.network.tau2 import NETWORK_TAU2

EPILOG = """\b
FILE has one row an arm, one row a study, or one row a contrast; columns by their usual names:
  arms        study treatment events n    (or mean sd n, or events time)
              study treat1 event1 n1 treat2 event2 n2 ...
  contrasts   study treat1 treat2 estimate se   (treat1 against treat2; ratios as logs;
              or variance, or ci_lower and ci_upper); a study of three arms has three rows
              columns named OR, RR, HR or IRR hold ratios, with ci_lower and ci_upper
  gemtc       study treatment diff std.err   (diff empty for the baseline)

\b
Examples:
  osler network trials.csv --reference placebo
  osler network trials.csv --measure RR --reference "usual care" --small-values bad
  osler network trials.csv --method MH --column events=deaths
  osler network trials.csv --only outcome=pain --only weeks=12 --reference "usual care"
  osler network trials.csv --components + --inactive placebo
  osler network contrasts.csv --tau2 DL --format json | jq '.random.league[0]'
  osler network trials.csv --export cinema for-cinema.csv

\b
Exit codes:
  0  every study was used, and the network is connected
  1  studies were left out, or parts of the network are not connected: it says which
  2  nothing could be pooled, or a file could not be written
"""

_RARE = {"MH": mantel_haenszel_network, "NCH": hypergeometric_network}
_BETTER = {"good": "lower", "bad": "higher", None: None}


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
@click.option(
    "--method",
    type=click.Choice(["IV", *_RARE], case_sensitive=False),
    default="IV",
    show_default=True,
    help="Inverse variance; or for rare events, as odds ratios with a common effect and without "
    "anything added to empty cells, Mantel-Haenszel or the non-central hypergeometric model.",
)
@methods.LEVEL
@click.option(
    "--better",
    type=click.Choice(["lower", "higher"]),
    help="Which values are good; without it nothing is ranked.",
)
@click.option(
    "--small-values",
    type=click.Choice(["good", "bad"]),
    help="The same in other words: good means that lower is better.",
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
@click.option(
    "--smd",
    type=click.Choice(["d", "g"]),
    default="d",
    show_default=True,
    help="Standardised mean differences from arms: Cohen's d, as netmeta has them, or Hedges' g.",
)
@click.option(
    "--components",
    "separator",
    metavar="SIGN",
    help='What adding a treatment does: the sign (such as "+") joins components in the names.',
)
@click.option("--inactive", default="", help="The component without an effect, such as placebo.")
@click.option(
    "--column",
    "named",
    multiple=True,
    metavar="ROLE=NAME",
    help="What a column is called: events=deaths, n=randomised; of numbered columns the name "
    "without the number. Repeat it for several.",
)
@click.option(
    "--only",
    "wanted",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Use the rows with this value alone, such as one outcome of several: outcome=pain.",
)
@click.option(
    "--export",
    "exports",
    type=(click.Choice(PROGRAMS), click.Path(path_type=Path, dir_okay=False)),
    multiple=True,
    metavar="PROGRAM FILE",
    help="Write the network as netmeta, gemtc or cinema reads it.",
)
@methods.STYLE
def network_command(
    file: Path,
    reference: str,
    measure: str,
    tau2_method: str,
    method: str,
    level: float,
    better: str | None,
    small_values: str | None,
    mid: float,
    all_studies: bool,
    smd: str,
    separator: str | None,
    inactive: str,
    named: tuple[str, ...],
    wanted: tuple[str, ...],
    exports: tuple[tuple[str, Path], ...],
    style: str,
) -> None:
    """Network meta-analysis of the studies in a table.

    The result goes to standard output, what was found to standard error.
    """
    if better and small_values and better != _BETTER[small_values]:
        raise click.UsageError("--better and --small-values contradict each other")
    asked = Asked(better or _BETTER[small_values], mid, separator, inactive)
    _check_method(file, method, measure, separator)
    columns = pairs_given(named, "--column", "ROLE", "NAME")
    rows = pairs_given(wanted, "--only", "COLUMN", "VALUE")
    table = read_file(file, columns)
    read: ReadNetwork | None = None
    try:
        table = table.only(rows)
        if method == "IV":
            read = _read(table, columns, measure, level=level, all_studies=all_studies, smd=smd)
            told = _by_variance(read, reference, tau2_method, level, asked)
        else:
            told = _by_counts(table, columns, method, reference, level)
        for program, path in exports:
            known = told.read or _read(table, columns, "OR", all_studies=True)
            export(program, path, table.columns, columns, known.network)
    except DataError as error:
        before = read.diagnostics if read else ()
        wrong = dict.fromkeys((*before, *error.diagnostics))
        tell((*table.found, *(_in_file(d, table) for d in wrong)))
        sys.exit(2)
    tell((*table.found, *(_in_file(d, table) for d in told.diagnostics)))
    if style == "json":
        click.echo(as_json(told, asked))
    else:
        click.echo(as_text(told, asked))
    sys.exit(1 if table.found or told.left_something else 0)


def _check_method(file: Path, method: str, measure: str, separator: str | None) -> None:
    """Options that do not go together."""
    if method != "IV" and separator:
        raise click.UsageError("--components needs --method IV")
    if method != "IV" and measure and measure.upper() != "OR":
        told = problems.only_odds_ratios(method, measure.upper())
        tell((replace(told, place=Place(str(file))),))
        sys.exit(2)


def _read(
    table: FileTable,
    columns: Mapping[str, str],
    measure: str,
    *,
    level: float = 0.95,
    all_studies: bool = False,
    smd: str = "d",
) -> ReadNetwork:
    return read_network(
        table.columns, measure, columns=columns, level=level, all_studies=all_studies, smd=smd,
        where=table.where,
    )  # fmt: skip


def _by_variance(
    read: ReadNetwork, reference: str, tau2_method: str, level: float, asked: Asked
) -> Told:
    fits = networks_apart(read, reference=reference, tau2_method=tau2_method, level=level)
    if asked.separator is None:
        return Told(fits, read)
    components = component_network(
        read,
        inactive=asked.inactive,
        separator=asked.separator,
        tau2_method=tau2_method,
        level=level,
    )
    return Told(fits, read, components)


def _by_counts(
    table: FileTable, columns: Mapping[str, str], method: str, reference: str, level: float
) -> Told:
    def fitted(against: str) -> RareNetwork:
        return _RARE[method](table.columns, reference=against, columns=columns, level=level)

    try:
        first = fitted(reference)
    except DataError as error:
        if any(d.code == "NET020" for d in error.diagnostics) and _contrasts(table, columns):
            raise DataError(problems.no_counts_to_add_up(method)) from None
        raise
    return Told((first, *(fitted(part[0]) for part in first.others)))


def _contrasts(table: FileTable, columns: Mapping[str, str]) -> ReadNetwork | None:
    """The table as contrasts, if that is what it is."""
    try:
        return _read(table, columns, "")
    except DataError:
        return None


def _in_file(d: Diagnostic, table: FileTable) -> Diagnostic:
    """What is said about no row is said about the columns: at the header."""
    return d if d.place.file else replace(d, place=table.table.place(table.table.header))
