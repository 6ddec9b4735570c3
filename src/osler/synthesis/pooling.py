"""One meta-analysis, or one for every group, straight from a table."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from osler.core.diagnostics import DataError
from osler.core.frames import Table, array, column, column_names, columns_of, float_array
from osler.effects import problems as effects_problems
from osler.effects.columns import recognise
from osler.effects.estimate import estimate_effects
from osler.effects.measures import ZeroCells
from osler.effects.model import Effects
from osler.synthesis import problems
from osler.synthesis.batch import SynthesisBatch
from osler.synthesis.grouped import GroupedSynthesis, row_without_group
from osler.synthesis.groups import Runs, synthesise_runs
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise
from osler.synthesis.subgroups import Subgroups, synthesise_by


class Methods(TypedDict, total=False):
    """What :func:`pool` hands on to :func:`osler.synthesise`; ``tau2`` goes with subgroups."""

    tau2_method: str
    ci_method: str
    level: float
    tau2_ci_method: str
    pred_method: str
    i2_method: str
    weights: Sequence[float] | None
    tau2_weights: Sequence[float] | None
    seed: int
    tau2: str


@overload
def pool(
    data: Table | Effects,
    measure: str | None = ...,
    *,
    by: None = ...,
    subgroups: None = ...,
    columns: Mapping[str, str] | None = ...,
    zero_cells: str | ZeroCells = ...,
    correlation: float | None = ...,
    **methods: Unpack[Methods],
) -> Synthesis: ...


@overload
def pool(
    data: Table | Effects,
    measure: str | None = ...,
    *,
    by: str,
    subgroups: None = ...,
    columns: Mapping[str, str] | None = ...,
    zero_cells: str | ZeroCells = ...,
    correlation: float | None = ...,
    **methods: Unpack[Methods],
) -> GroupedSynthesis: ...


@overload
def pool(
    data: Table | Effects,
    measure: str | None = ...,
    *,
    by: None = ...,
    subgroups: str,
    columns: Mapping[str, str] | None = ...,
    zero_cells: str | ZeroCells = ...,
    correlation: float | None = ...,
    **methods: Unpack[Methods],
) -> Subgroups: ...


def pool(
    data: Table | Effects,
    measure: str | None = None,
    *,
    by: str | None = None,
    subgroups: str | None = None,
    columns: Mapping[str, str] | None = None,
    zero_cells: str | ZeroCells = "osler",
    correlation: float | None = None,
    **methods: Unpack[Methods],
) -> Synthesis | GroupedSynthesis | Subgroups:
    """Pool the studies of a table by the common-effect and random-effects models.

    Parameters
    ----------
    data : data frame, mapping of columns, or Effects
        One row a study; pandas, Polars, PyArrow, or columns by name. Columns are known by
        their usual names: events and sizes, means and SDs (``ai, n1i, ci, n2i``; ``event.e``;
        ``mean_treated``, ...), or ``estimate`` with ``se``, ``variance`` or an interval.
    measure : str, optional
        "RR", "OR", "SMD", ...: any of ``osler.MEASURES``; RR from counts and MD from means
        where left out. Estimates with a standard error are on the analysis scale (ratios
        as logs).
    by : str, optional
        A column whose values name meta-analyses of their own: one synthesis for each.
    subgroups : str, optional
        A column whose values split one meta-analysis into parts that are compared, as by
        :func:`osler.synthesise_by`; ``tau2="common"`` gives them one between-study variance.
    columns, zero_cells, correlation
        As of :func:`osler.estimate_effects`.
    **methods
        ``tau2_method``, ``ci_method``, ``level``, ``tau2_ci_method``, ``pred_method``,
        ``i2_method``, ``weights``, ``tau2_weights``, ``seed``, as of :func:`osler.synthesise`,
        whose defaults hold. With ``subgroups``: ``tau2_method``, ``ci_method``, ``level``,
        ``pred_method``, and ``tau2`` ("separate" or "common").

    Returns
    -------
    Synthesis
        Its ``effects`` are those that were pooled.
    GroupedSynthesis
        Where ``by`` is given.
    Subgroups
        Where ``subgroups`` is given.

    Raises
    ------
    DataError
        Where the columns are not understood (DAT001, DAT002), no row can be used (DAT015),
        there is no column ``by`` or ``subgroups`` (FRM001), or as :func:`osler.synthesise`.
    TypeError
        For an argument that is not known, or that does not go with the others.

    Warns
    -----
    UserWarning
        Where rows are left out; ``effects.excluded`` has them.

    Examples
    --------
    >>> table = {"study": ["A", "B", "C"], "estimate": [0.1, 0.3, 0.9], "se": [0.2, 0.14, 0.17]}
    >>> fit = pool(table)
    >>> round(fit.random.estimate, 3), round(fit.random.ci_lower, 3)
    (0.438, -0.588)
    >>> table = {"drug": ["a", "a", "b"], "yi": [0.1, 0.3, 0.9], "vi": [0.04, 0.02, 0.03]}
    >>> pool(table, by="drug").pooled.k
    array([2., 1.])
    """
    asked: dict[str, Any] = dict(methods)
    _check_names(asked, by, subgroups)
    if by is not None:
        return _by_group(data, measure, by, columns, zero_cells, correlation, asked)
    effects = _effects(data, measure, columns, zero_cells, correlation)
    if effects.excluded:
        told = "; ".join(f"{row.label}: {row.why}" for row in effects.excluded)
        warnings.warn(f"rows left out: {told}", UserWarning, stacklevel=2)
    studies = (effects.studies, effects.estimates, effects.variances)
    if subgroups is not None:
        names = _subgroup_names(effects, subgroups)
        return synthesise_by(names, *studies, measure=effects.measure, **asked)
    return synthesise(*studies, measure=effects.measure, **asked).of(effects)


_OF_SUBGROUPS = ("tau2_method", "ci_method", "level", "pred_method", "tau2")
# What other programs call them.
_ELSEWHERE = {
    "method": "tau2_method",
    "test": "ci_method",
    "ci": "ci_method",
    "pred": "pred_method",
}


def _check_names(methods: Mapping[str, object], by: str | None, subgroups: str | None) -> None:
    """A misspelt argument is answered here: the functions below have other names than pool."""
    if by is not None and subgroups is not None:
        raise TypeError("pool() takes `by` or `subgroups`, not both")
    known = [name for name in Methods.__annotations__ if name != "tau2"]
    if subgroups is not None:
        known = list(_OF_SUBGROUPS)
    for name in methods:
        if name not in known:
            near = get_close_matches(_ELSEWHERE.get(name, name), known, 1)
            guess = f": did you mean {near[0]!r}?" if near else "."
            told = f"pool() has no argument {name!r}" + " with subgroups" * (subgroups is not None)
            raise TypeError(f"{told}{guess} It takes {', '.join(known)}")


def _subgroup_names(effects: Effects, subgroups: str) -> list[str]:
    """As text; studies of which nothing is told are a subgroup of their own."""
    values = column(effects.data, subgroups)
    told = ["" if value is None else str(value).strip() for value in values]
    return [name or "not stated" for name in told]


def _effects(
    data: Table | Effects,
    measure: str | None,
    columns: Mapping[str, str] | None,
    zero_cells: str | ZeroCells,
    correlation: float | None,
) -> Effects:
    if isinstance(data, Effects):
        return data
    return estimate_effects(
        data, measure, columns=columns, zero_cells=zero_cells, correlation=correlation
    )


def _by_group(
    data: Table | Effects,
    measure: str | None,
    by: str,
    columns: Mapping[str, str] | None,
    zero_cells: str | ZeroCells,
    correlation: float | None,
    methods: dict[str, Any],
) -> GroupedSynthesis:
    plain = None if isinstance(data, Effects) or columns else _plain(data, by)
    if plain and not isinstance(data, Effects):
        names, labels = array(data, by), array(data, plain.get("study", by))
        y, v = float_array(data, plain["estimate"]), float_array(data, plain["spread"])
        _same_length({by: names, plain.get("study", by): labels, "estimate": y, "spread": v})
        if plain["kind"] == "se":
            with np.errstate(over="ignore"):  # an infinite variance is told of below
                v = np.where(v >= 0, v * v, v)
        measured = _measure_of(measure, plain)
        excluded: tuple[str, ...] = ()
    else:
        effects = _effects(data, measure, columns, zero_cells, correlation)
        names = array(effects.data, by)
        labels = np.asarray(effects.studies)
        y, v = np.array(effects.estimates), np.array(effects.variances)
        measured = effects.measure
        excluded = tuple(f"{row.label}: {row.why}" for row in effects.excluded)
    names = _named(names, by)
    order, runs = runs_of(names)
    y, v, labels = y[order], v[order], labels[order]
    found = synthesise_runs(y, v, runs, **methods)
    groups = names[order][runs.starts]
    for values in (groups, y, v, labels, found.left_out, *_arrays(found.pooled)):
        values.flags.writeable = False
    failed = {str(groups[i]): why for i, why in sorted(found.problems.items())}
    return GroupedSynthesis(
        measured, by, groups, found.pooled, failed, found.left_out, excluded, methods,
        labels, y, v, runs,
    )  # fmt: skip


def _arrays(pooled: SynthesisBatch) -> Iterator[NDArray[Any]]:
    return (getattr(pooled, f.name) for f in fields(SynthesisBatch))


def _same_length(columns: Mapping[str, NDArray[Any]]) -> None:
    if len({len(values) for values in columns.values()}) > 1:
        columns_of(columns)


def _measure_of(measure: str | None, plain: Mapping[str, str]) -> str:
    """The measure asked for, if the column of estimates is not named for another one."""
    wanted = (measure or plain["measure"]).upper()
    if plain["measure"] not in ("", wanted):
        raise DataError(effects_problems.other_measure(plain["estimate"], plain["measure"], wanted))
    return wanted


def _named(names: NDArray[Any], by: str) -> NDArray[Any]:
    """The names of the groups, if every row has one and they can be told apart.

    Raises
    ------
    DataError
        Where there are no rows (SYN001), or a row names no group (SYN031).
    """
    if not names.size:
        raise DataError(problems.no_studies("the table has no rows"))
    listed = columns_of({by: names})[by]
    nameless = [i for i, name in enumerate(listed, 1) if name is None or name == ""]
    if nameless:
        raise DataError(row_without_group(by, nameless))
    # Of several types there is no order: such names are taken as texts.
    mixed = names.dtype.kind == "O" and len({type(name) for name in listed}) > 1
    return np.array([str(name) for name in listed]) if mixed else names


def _plain(table: Table, by: str) -> dict[str, str] | None:
    """Columns of estimates and variances as they are, the quick way; None where there are none."""
    names = [name for name in column_names(table) if name != by]
    try:
        found = recognise(names, ["estimates"])
    except DataError:
        return None
    kind = next((kind for kind in ("se", "variance") if kind in found.roles), None)
    if kind is None or found.as_ratio:
        return None
    out = {"estimate": found.roles["estimate"], "spread": found.roles[kind], "kind": kind}
    return out | {"measure": found.measure} | {k: v for k, v in found.roles.items() if k == "study"}


def runs_of(names: NDArray[Any]) -> tuple[NDArray[np.intp] | slice, Runs]:
    """The order that brings every group's rows together, and where each group then stands.

    Groups come in order of first appearance, rows of a group in their own.

    Examples
    --------
    >>> order, runs = runs_of(np.array(["b", "a", "b"]))
    >>> order.tolist(), runs.lengths.tolist()
    ([0, 2, 1], [2, 1])
    """
    changes = np.flatnonzero(names[1:] != names[:-1]) + 1
    ends = np.append(changes, names.size)
    firsts = names[np.append(0, changes)]
    if np.unique(firsts).size == firsts.size:
        return slice(None), Runs.of_ends(ends)
    _, first, code = np.unique(names, return_index=True, return_inverse=True)
    rank = np.empty_like(first)
    rank[np.argsort(first)] = np.arange(first.size)
    order = np.argsort(rank[code], kind="stable")
    return order, Runs.of_ends(np.cumsum(np.bincount(rank[code])))
