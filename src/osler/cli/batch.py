"""``osler batch``: very many meta-analyses from a Parquet file."""

import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from osler.cli import methods
from osler.cli.terminal import progress, wants_colour
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.rendering import render
from osler.core.wording import counted

EPILOG = """\b
The rows of one meta-analysis stand together (sort the file by the group), one row a study:
  group    which meta-analysis        (--by NAME)
  yi       estimate, ratios as logs   (--estimate NAME; usual names are known)
  vi or se variance or standard error (--variance NAME or --se NAME)

\b
OUT gets one row a group, in the order of IN: estimates, standard errors, intervals, tests,
heterogeneity, prediction interval, the method used, and `problem` where a group cannot be
pooled. It appears when all is done.

\b
Examples:
  osler batch studies.parquet pooled.parquet
  osler batch voxels.parquet maps.parquet --by voxel --estimate d --variance var_d --tau2 DL
  osler batch studies.parquet pooled.parquet --dask tcp://10.0.0.5:8786

\b
Exit codes:
  0  every group was pooled
  1  some groups could not be pooled; `problem` says why
  2  nothing was written
"""


@click.command("batch", epilog=EPILOG, short_help="Pool every group of a Parquet file.")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--by", default="group", show_default=True, help="Column that names the group.")
@click.option("--estimate", help="Column of estimates.")
@click.option("--variance", help="Column of variances.")
@click.option("--se", help="Column of standard errors.")
@methods.TAU2
@methods.CI
@methods.LEVEL
@click.option("--workers", type=click.IntRange(1), help="Threads; one a core where not given.")
@click.option("--dask", metavar="ADDRESS", help="Work on the Dask cluster with this scheduler.")
def batch_command(
    source: Path, out: Path, dask: str | None, workers: int | None, **options: Any
) -> None:
    """Pool every group of IN, a Parquet file, and write the results to OUT.

    The file is read in parts, so it may be larger than memory.
    """
    began = time.perf_counter()
    if options["variance"] and options["se"]:
        raise click.UsageError("give --variance or --se, not both")
    try:
        if dask:
            pool = _room("cluster").pool_on_cluster
            report = pool(source, out, dask, progress=_told, **options)
        else:
            pool = _room("parquet").pool_parquet
            report = pool(source, out, workers=workers, progress=_told, **options)
    except DataError as error:
        progress("")
        click.echo(render(error.diagnostics, "text", wants_colour()) + "\n", err=True)
        sys.exit(2)
    progress("")
    _tell(report, out, time.perf_counter() - began)
    sys.exit(1 if report.problems else 0)


def _room(name: str) -> Any:
    """The module that does the work; Parquet and Dask are extras."""
    try:
        return import_module(f"osler.synthesis.streams.{name}")
    except ModuleNotFoundError as missing:
        raise DataError(_not_installed(name, str(missing.name))) from None


def _not_installed(name: str, missing: str) -> Diagnostic:
    extra = "dask" if name == "cluster" else "batch"
    return Diagnostic(
        "BAT007",
        Severity.ERROR,
        Place("osler batch"),
        "a library that this needs is not installed",
        missing,
        "nothing is pooled",
        f"pip install 'osler[{extra}]'",
    )


def _told(done: int, parts: int) -> None:
    progress(f"part {done} of {parts}")


def _tell(report: Any, out: Path, seconds: float) -> None:
    pooled = report.groups - report.problems
    click.echo(f"{out}: {counted(pooled, 'meta-analysis', 'meta-analyses')} in {seconds:.1f} s")
    if report.left_out:
        click.echo(
            f"{counted(report.left_out, 'row')} left out, with neither estimate nor variance"
        )
    if report.problems:
        click.echo(f"{counted(report.problems, 'group')} could not be pooled:")
        for name, problem in report.first_problems:
            click.echo(f"  {name}: {problem}")
        if report.problems > len(report.first_problems):
            click.echo("  ... (the others are in the column `problem`)")
