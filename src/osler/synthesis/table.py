"""One meta-analysis of the rows of a file, each of which knows where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.effects.columns import Columns
from osler.effects.from_table import (
    ExcludedRow,
    RowEffect,
    TableEffects,
    TableRow,
)
from osler.effects.problems import at
from osler.synthesis import problems
from osler.synthesis.batch import check_level, method_names, number_problem
from osler.synthesis.model import Synthesis
from osler.synthesis.modes import reml_notes
from osler.synthesis.pool import synthesise
from osler.synthesis.subgroups import Subgroups, synthesise_by
from osler.synthesis.table_effects import effects_of_file


@dataclass(frozen=True, slots=True)
class Methods:
    """How to pool; the names are those of :func:`osler.synthesise`."""

    tau2: str = "REML"
    ci: str = "auto"
    level: float = 0.95
    prediction: str = "auto"


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
    conventions : tuple of str
        How effects were computed, where the measure leaves a choice.
    """

    synthesis: Synthesis
    subgroups: Subgroups | None
    measure: str
    columns: Columns
    studies: tuple[RowEffect, ...]
    excluded: tuple[ExcludedRow, ...]
    diagnostics: tuple[Diagnostic, ...]
    conventions: tuple[str, ...] = ()


def pool_rows(
    header: Sequence[str],
    rows: Sequence[TableRow],
    *,
    measure: str | None = None,
    methods: Methods | None = None,
    by: str | None = None,
) -> TableSynthesis:
    """As :func:`osler.pool`, with what was found placed at the rows' own lines.

    Raises
    ------
    DataError
        As :func:`osler.pool`; where no row can be used, with what was wrong with each.
    """
    chosen = methods or Methods()
    method_names(chosen.tau2, chosen.ci)
    check_level(chosen.level)
    if by is not None and by not in header:
        raise DataError(_no_such_column(by, header))
    found, conventions = effects_of_file(header, rows, measure)
    effects = _computable(found)
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
        conventions,
    )


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
    options: dict[str, Any] = {
        "measure": effects.measure,
        "tau2_method": methods.tau2,
        "ci_method": methods.ci,
        "level": methods.level,
        "pred_method": methods.prediction,
    }
    whole = synthesise(labels, y, v, **options)
    if by is None:
        return whole, None
    groups = [
        str(study.row.values.get(by) or "").strip() or "not stated" for study in effects.studies
    ]
    return whole, synthesise_by(groups, labels, y, v, **options)


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
