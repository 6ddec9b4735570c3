"""One meta-analysis straight from a table of studies."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.effects.columns import Columns
from osler.effects.from_table import (
    ExcludedRow,
    RowEffect,
    TableEffects,
    TableRow,
    effects_of_table,
)
from osler.effects.problems import at
from osler.synthesis import problems
from osler.synthesis.batch import check_level, method_names, number_problem
from osler.synthesis.model import Synthesis
from osler.synthesis.modes import reml_notes
from osler.synthesis.pool import synthesise
from osler.synthesis.subgroups import Subgroups, synthesise_by


class Table(Protocol):
    """Columns by name: a dictionary of lists, or a data frame of any library."""

    def __getitem__(self, name: str, /) -> Iterable[object]: ...


@dataclass(frozen=True, slots=True)
class Methods:
    """How to pool; the names are those of :func:`osler.synthesise`."""

    tau2: str = "REML"
    ci: str = "auto"
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class TableSynthesis:
    """A meta-analysis, and what became of each row of its table.

    Attributes
    ----------
    synthesis : Synthesis
        Of the rows in ``studies``, in their order; on the analysis scale.
    subgroups : Subgroups or None
        Where a column to split by was named.
    measure : str
        "RR", "MD", ...; empty where the table does not name one.
    columns : Columns
        What the header was understood to hold.
    studies : tuple of RowEffect
    excluded : tuple of ExcludedRow
        Every row that is not pooled, with the reason.
    diagnostics : tuple of Diagnostic
        All that was found, in order of lines.
    """

    synthesis: Synthesis
    subgroups: Subgroups | None
    measure: str
    columns: Columns
    studies: tuple[RowEffect, ...]
    excluded: tuple[ExcludedRow, ...]
    diagnostics: tuple[Diagnostic, ...]


def pool(
    table: Table,
    *,
    measure: str | None = None,
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
    by: str | None = None,
) -> TableSynthesis:
    """Pool the studies of a table whose columns have usual names.

    Parameters
    ----------
    table : mapping of columns, or data frame
        Events and n, or mean, SD and n, of two groups (``ai, n1i, ci, n2i``;
        ``event.e, n.e, event.c, n.c``; ``mean_treated, ...``); or ``estimate`` with
        ``se``, ``variance``, or ``ci_lower`` and ``ci_upper``. One row a study.
    measure : str, optional
        RR, OR, RD, MD, SMD or HR; RR from counts and MD from means where left out.
        Estimates with a standard error are on the analysis scale (ratios as logs).
    tau2_method, ci_method, level
        As in :func:`osler.synthesise`.
    by : str, optional
        A column to split the studies by.

    Returns
    -------
    TableSynthesis

    Raises
    ------
    DataError
        Where the columns are not understood (DAT001, DAT002), no row can be used (DAT015),
        there is no column ``by`` (DAT014), or a method is unknown.

    Warns
    -----
    UserWarning
        Where rows are left out; ``excluded`` has them.

    Examples
    --------
    >>> table = {"study": ["A", "B", "C"], "estimate": [0.1, 0.3, 0.9], "se": [0.2, 0.14, 0.17]}
    >>> result = pool(table)
    >>> round(result.synthesis.random.estimate, 3), result.excluded
    (0.438, ())
    """
    header = _header(table)
    rows = _rows(table, header)
    result = pool_rows(
        header, rows, measure=measure, methods=Methods(tau2_method, ci_method, level), by=by
    )
    if result.excluded:
        told = "; ".join(f"{row.label}: {row.why}" for row in result.excluded)
        warnings.warn(f"rows left out of {len(rows)}: {told}", UserWarning, stacklevel=2)
    return result


def pool_rows(
    header: Sequence[str],
    rows: Sequence[TableRow],
    *,
    measure: str | None = None,
    methods: Methods | None = None,
    by: str | None = None,
) -> TableSynthesis:
    """As :func:`pool`, from rows that know where they stand.

    Raises
    ------
    DataError
        As :func:`pool`; where no row can be used, with what was wrong with each.
    """
    chosen = methods or Methods()
    method_names(chosen.tau2, chosen.ci)
    check_level(chosen.level)
    if by is not None and by not in header:
        raise DataError(_no_such_column(by, header))
    effects = _computable(effects_of_table(header, rows, measure))
    if not effects.studies:
        raise DataError(*effects.diagnostics, _nothing_left(len(rows)))
    synthesis, subgroups = _pooled(effects, chosen, by)
    return TableSynthesis(
        synthesis,
        subgroups,
        effects.measure,
        effects.columns,
        effects.studies,
        effects.excluded,
        (*effects.diagnostics, *_remarks(effects, synthesis)),
    )


def _header(table: Table) -> list[str]:
    """Column names of a mapping or pandas (keys), PyArrow (column_names), Polars (columns)."""
    keys = getattr(table, "keys", None)
    if callable(keys):
        return list(keys())
    names = getattr(table, "column_names", None)
    return list(getattr(table, "columns", ()) if names is None else names)


def _rows(table: Table, header: Sequence[str]) -> list[TableRow]:
    columns = {name: list(table[name]) for name in header}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise DataError(problems.lengths_disagree(told))
    return [
        TableRow(dict(zip(header, values, strict=True)), Place("table", number), {})
        for number, values in enumerate(zip(*columns.values(), strict=True), 1)
    ]


def _computable(effects: TableEffects) -> TableEffects:
    """Without the rows whose numbers no synthesis can weigh."""
    kept, excluded = [], list(effects.excluded)
    diagnostics = list(effects.diagnostics)
    for study in effects.studies:
        effect = study.effect
        problem = number_problem(study.label, effect.estimate, effect.variance)
        if problem is None:
            kept.append(study)
        else:
            excluded.append(ExcludedRow(study.label, problem.diagnostics[0].message, study.row))
            diagnostics += at(study.row.place, *problem.diagnostics)
    return replace(
        effects, studies=tuple(kept), excluded=tuple(excluded), diagnostics=tuple(diagnostics)
    )


def _pooled(
    effects: TableEffects, methods: Methods, by: str | None
) -> tuple[Synthesis, Subgroups | None]:
    labels = [study.label for study in effects.studies]
    y = [study.effect.estimate for study in effects.studies]
    v = [study.effect.variance for study in effects.studies]
    measure, tau2, ci, level = effects.measure, methods.tau2, methods.ci, methods.level
    whole = synthesise(labels, y, v, measure=measure, tau2_method=tau2, ci_method=ci, level=level)
    if by is None:
        return whole, None
    groups = [
        str(study.row.values.get(by) or "").strip() or "not stated" for study in effects.studies
    ]
    return whole, synthesise_by(
        groups, labels, y, v, measure=measure, tau2_method=tau2, ci_method=ci, level=level
    )


def _remarks(effects: TableEffects, synthesis: Synthesis) -> tuple[Diagnostic, ...]:
    file = effects.studies[0].row.place.file
    if synthesis.k == 1:
        return at(Place(file), problems.one_study(synthesis.studies[0]))
    if synthesis.heterogeneity.tau2_method != "REML":
        return ()
    return at(Place(file), *reml_notes(synthesis.estimates, synthesis.variances))


def _no_such_column(by: str, header: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "DAT014",
        Severity.ERROR,
        Place("", 1),
        f"there is no column {by!r} to split the studies by",
        found=f"columns: {', '.join(name for name in header if name)}",
        so="nothing is pooled",
        help="name one of these columns, as it is written",
    )


def _nothing_left(rows: int) -> Diagnostic:
    return Diagnostic(
        "DAT015",
        Severity.ERROR,
        Place(""),
        "no row can be used",
        found=f"{rows} rows were read",
        so="nothing is pooled",
        help="correct what is said about each row",
    )
