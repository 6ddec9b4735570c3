"""``osler pool``: one meta-analysis straight from a table."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from osler.cli import methods
from osler.cli.pool_report import as_json, as_text, sides_of
from osler.cli.tables import table_of
from osler.cli.terminal import wants_colour
from osler.core.delimited import DelimitedTable
from osler.core.diagnostics import DataError, Diagnostic, Severity, in_order
from osler.core.rendering import render
from osler.core.splitting import cell_columns
from osler.effects.from_table import ExcludedRow, TableRow
from osler.publish.figures.files import save
from osler.publish.figures.forest import forest_of
from osler.synthesis.intervals import PRED_METHODS
from osler.synthesis.table import Methods, TableSynthesis, pool_rows
from osler.synthesis.table_effects import POOLED_MEASURES

EPILOG = """\b
Columns are known by their usual names (capitals and signs do not matter):
  events and sizes   events_treated n_treated events_control n_control
                     ai n1i ci n2i; event.e n.e event.c n.c; tpos tneg cpos cneg
  means and SDs      mean_treated sd_treated n_treated mean_control ...
                     m1i sd1i n1i m2i sd2i n2i; mean.e sd.e n.e mean.c ...
  estimates          estimate with se, variance, or ci_lower and ci_upper
                     yi vi; TE seTE; rr ci_lower ci_upper (ratios as ratios)
  and, if there      study, author or label; year

\b
Examples:
  osler pool trials.csv
  osler pool trials.csv --measure OR --tau2 PM --ci HKSJ-adhoc
  osler pool trials.csv --forest forest.svg --subgroups allocation
  osler pool rates.csv --measure IRR       (events_treated time_treated events_control ...)
  osler pool prevalence.csv --measure PLO  (study events n)
  osler pool trials.csv --format json | jq .random

\b
Exit codes:
  0  every row was pooled and nothing was found
  1  something was found; rows that cannot be used are left out and listed
  2  nothing could be pooled, or the forest plot could not be written
"""

_ABOUT_COLUMNS = ("DAT001", "DAT002", "DAT014", "DAT018")


@click.command("pool", epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--measure",
    type=click.Choice(POOLED_MEASURES, case_sensitive=False),
    metavar="NAME",
    help="Effect measure: RR, OR, RD, MD, SMD or HR, or any other of osler.estimate_effects: IRR, "
    "ROM, PETO, PLO (proportions), ZCOR (correlations) ... RR from counts and MD from means where "
    "not given.",
)
@methods.TAU2
@methods.CI
@click.option(
    "--prediction",
    type=click.Choice(["auto", *PRED_METHODS], case_sensitive=False),
    default="auto",
    show_default=True,
    help="Prediction interval; auto follows the interval method.",
)
@methods.LEVEL
@click.option(
    "--subgroups",
    "--by",
    "by",
    metavar="COLUMN",
    help="Column to split the studies by, in the forest plot too.",
)
@click.option(
    "--forest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a forest plot to this file: .svg, .png or .pdf.",
)
@methods.STYLE
def pool_command(
    file: Path,
    measure: str | None,
    tau2_method: str,
    ci_method: str,
    prediction: str,
    level: float,
    by: str | None,
    forest: Path | None,
    style: str,
) -> None:
    """Pool the studies in a table.

    FILE is a table with one row a study, separated by commas, semicolons, tabs or bars.
    The result goes to standard output, what was found to standard error.
    """
    table, found = _read(file)
    try:
        result = _pool(table, measure, Methods(tau2_method, ci_method, level, prediction), by)
    except DataError as error:
        _tell((*found, *(_at_header(d, table) for d in error.diagnostics)), file)
        sys.exit(2)
    result = _with_ragged(result, found)
    drawn = _draw(result, forest, by) if forest else ()
    all_found = (*found, *result.diagnostics, *drawn)
    _tell(all_found, file)
    click.echo(
        as_json(result, file.name) if style == "json" else as_text(result, file.name, ci_method)
    )
    failed = any(d.severity is Severity.ERROR for d in drawn)
    sys.exit(2 if failed else 1 if any(d.is_finding for d in all_found) else 0)


def _read(file: Path) -> tuple[DelimitedTable, tuple[Diagnostic, ...]]:
    """The table; where there is none, says so and exits with 2."""
    table, found = table_of(file)
    if table is None:
        _tell(found, file)
        sys.exit(2)
    return table, found


def _pool(
    table: DelimitedTable, measure: str | None, methods: Methods, by: str | None
) -> TableSynthesis:
    names = table.header.cells
    rows = [
        TableRow(
            dict(zip(names, row.cells, strict=True)),
            table.place(row),
            {name: cell_columns(row.source, i, table.separator) for i, name in enumerate(names)},
        )
        for row in table.rows
    ]
    return pool_rows(names, rows, measure=measure, methods=methods, by=by)


def _at_header(diagnostic: Diagnostic, table: DelimitedTable) -> Diagnostic:
    """What is wrong with the columns, at the line that names them."""
    if diagnostic.place.file or diagnostic.code not in _ABOUT_COLUMNS:
        return diagnostic
    return replace(diagnostic, place=table.place(table.header, diagnostic.place.field))


def _with_ragged(result: TableSynthesis, found: Iterable[Diagnostic]) -> TableSynthesis:
    """Rows of another length than the header are left out, too, and listed with the rest."""
    ragged = tuple(
        ExcludedRow("a row that does not fit the header", d.message, TableRow({}, d.place, {}))
        for d in found
        if d.code == "DAT016"
    )
    rows = sorted((*result.excluded, *ragged), key=lambda row: row.row.place.line)
    return replace(result, excluded=tuple(rows))


def _draw(result: TableSynthesis, path: Path, by: str | None) -> tuple[Diagnostic, ...]:
    """Write the forest plot; what kept it from being written."""
    left, right = sides_of(result)
    drawing = forest_of(
        result.synthesis, title="", left=left, right=right, subgroups=result.subgroups, by=by or ""
    )
    try:
        return save(drawing, path)
    except DataError as error:
        return error.diagnostics


def _tell(diagnostics: Iterable[Diagnostic], file: Path) -> None:
    placed = [
        d if d.place.file else replace(d, place=replace(d.place, file=str(file)))
        for d in diagnostics
    ]
    if placed:
        # "No row can be used" follows from what is said about the rows, so it comes last.
        ordered = sorted(in_order(placed), key=lambda d: d.code == "DAT015")
        click.echo(render(ordered, "text", wants_colour()) + "\n", err=True)
