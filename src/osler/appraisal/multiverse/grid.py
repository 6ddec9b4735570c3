"""The grid of choices, and one batch for each pair of methods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from osler.appraisal.multiverse import problems
from osler.appraisal.multiverse.result import (
    CHOICES,
    ROUNDING,
    Multiverse,
    Specification,
    outcomes,
    variance_share,
)
from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, numbers_of
from osler.core.results import Result
from osler.core.studies import StudyEstimates, check_studies
from osler.effects import estimate_effects
from osler.synthesis.batch import SynthesisBatch, number_problem, synthesise_many
from osler.synthesis.problems import lengths_disagree

MOST = 200_000
COMMON = "common effect"
Exclusion = Sequence[str] | Callable[[Mapping[str, object]], bool]


@dataclass(frozen=True, slots=True)
class _Data:
    """One set of effects with some of its studies left out: a column of the batch."""

    measure: str
    zero_cells: str
    exclusion: str
    y: Floats
    v: Floats


def multiverse(
    source: StudyEstimates | Table | Mapping[str, StudyEstimates],
    measures: Sequence[str] | None = None,
    *,
    zero_cells: Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    tau2_methods: Sequence[str] = ("REML", "DL", "PM"),
    ci_methods: Sequence[str] = ("HKSJ", "Wald"),
    common_effect: bool = True,
    exclusions: Mapping[str, Exclusion] | None = None,
    leave_out_each: bool = False,
    mid: float | Mapping[str, float] | None = None,
    level: float = 0.95,
) -> Multiverse:
    """Do the analysis in every defensible way, and see how many ways agree.

    The first of every choice, with no study left out, is the main specification.

    Parameters
    ----------
    source : StudyEstimates, a table, or a mapping of names to StudyEstimates
        Effects; or the table they are computed from, which opens the choice of measures and
        of what to do about zero cells; or effects computed in several ways, by name (the
        name then stands as the choice "zero cells").
    measures, zero_cells, columns : optional
        As in :func:`osler.estimate_effects`, each of the first two with several options.
    tau2_methods, ci_methods : sequence of str
        Of the random-effects model, as in :func:`osler.synthesise`; all pairs.
    common_effect : bool
        Add the common-effect model, with Wald's interval.
    exclusions : mapping of str to study labels, or to a function, optional
        Each option leaves out the studies named, or those for whose row the function is
        true. A row holds the table's columns, and "study".
    leave_out_each : bool
        Also leave out each study in turn.
    mid : float or mapping of measure to float, optional
        Smallest important effect, as a distance from no effect on the analysis scale.
    level : float

    Returns
    -------
    Multiverse

    Raises
    ------
    DataError
        Where a choice has no option (MUV001), an exclusion names an unknown study (MUV002),
        nothing can be computed (MUV003), effects are given with choices that need a table
        (MUV004), the smallest important effect is unusable (MUV005), or there are more than
        200 000 specifications (MUV006). A method that is not known is told as in
        :func:`osler.synthesise`.

    Notes
    -----
    Agreement among analyses of the same studies is no further evidence: what all of them
    share, such as the studies and their biases, no grid can test. Choices should be ones
    that somebody would defend. Shares are of the sums of squares between the options of one
    choice; where two choices work together neither shows it alone.

    References
    ----------
    .. [1] Steegen, Tuerlinckx, Gelman & Vanpaemel (2016). Perspect Psychol Sci 11, 702-712.
       doi:10.1177/1745691616658637
    .. [2] Voracek, Kossmeier & Tran (2019). Z Psychol 227, 64-82.
       doi:10.1027/2151-2604/a000357
    .. [3] Simonsohn, Simmons & Nelson (2020). Nat Hum Behav 4, 1208-1214.
       doi:10.1038/s41562-020-0912-z

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.2, 1.4], [0.04, 0.02, 0.03, 0.05])
    >>> found = multiverse(fit, exclusions={"small": ["D"]})
    >>> len(found.specifications), found.count("excludes_no_effect"), found.decisive
    (14, 5, 'exclusion')
    """
    for name, options in (("tau2_methods", tau2_methods), ("ci_methods", ci_methods)):
        if not options:
            raise problems.empty_choice(name)
    sets, failed = _sets(source, measures, zero_cells, columns)
    data = [part for each in sets for part in _excluded(*each, exclusions or {}, leave_out_each)]
    models = len(tau2_methods) * len(ci_methods) + common_effect
    if len(data) * models > MOST:
        raise problems.too_many(len(data) * models, MOST)
    empty = [d for d in data if not d.y.size]
    data = [d for d in data if d.y.size]
    failed += [(_name(d), "no study is left") for d in empty]
    if not data:
        raise problems.nothing_computed(failed[0][1] if failed else "no data")
    rows = _rows(data, tau2_methods, ci_methods, common_effect, level)
    distances = _distances(mid, {d.measure for d in data})
    specifications = _judged(rows, distances)
    of = "estimate" if len({d.measure for d in data}) == 1 else "z"
    return Multiverse(
        specifications=specifications,
        shares=_shares(specifications, of),
        shares_of=of,
        mid=distances,
        left_out=tuple(failed),
        level=level,
        typical_variance=float(np.median(data[0].v)),
        notes=_rows_left_out(sets),
    )


def _rows_left_out(sets: Sequence[tuple[str, StudyEstimates]]) -> tuple[str, ...]:
    """Studies that an analysis lacks, because its measure cannot be had from their row."""
    return tuple(
        f"Without {row.label} where the measure is {', '.join(p for p in (e.measure, rule) if p)}: "
        f"{row.why}."
        for rule, e in sets
        for row in getattr(e, "excluded", ())
    )


def _sets(
    source: Any,
    measures: Sequence[str] | None,
    zero_cells: Sequence[str] | None,
    columns: Mapping[str, str] | None,
) -> tuple[list[tuple[str, StudyEstimates]], list[tuple[str, str]]]:
    """Effects by the name of how zero cells were treated, and what could not be computed."""
    ready = _ready(source)
    if ready is not None:
        given = {"measures": measures, "zero_cells": zero_cells, "columns": columns}
        late = ", ".join(name for name, value in given.items() if value is not None)
        if late:
            raise problems.needs_a_table(late)
        return ready, []
    for name, options in (("measures", measures), ("zero_cells", zero_cells)):
        if options is not None and not options:
            raise problems.empty_choice(name)
    found: list[tuple[str, StudyEstimates]] = []
    failed: list[tuple[str, str]] = []
    for measure in measures or (None,):
        for rule in zero_cells or ("metafor",):
            try:
                made = estimate_effects(source, measure, zero_cells=rule, columns=columns)
            except DataError as error:
                told = ", ".join(name for name in (measure or "", rule) if name)
                failed.append((told, error.messages))
            else:
                found.append((rule if zero_cells else "", made))
    if not found:
        raise problems.nothing_computed(f"{failed[0][0]}: {failed[0][1]}")
    return found, failed


def _ready(source: Any) -> list[tuple[str, StudyEstimates]] | None:
    """Effects that are already computed; None for a table."""
    if isinstance(source, Result) or (
        hasattr(source, "estimates") and hasattr(source, "variances")
    ):
        check_studies(source)
        return [("", source)]
    if isinstance(source, Mapping):
        values = list(source.values())
        if values and all(hasattr(value, "estimates") for value in values):
            for value in values:
                check_studies(value)
            return [(str(name), value) for name, value in source.items()]
    return None


def _excluded(
    rule: str,
    effects: StudyEstimates,
    exclusions: Mapping[str, Exclusion],
    leave_out_each: bool,
) -> list[_Data]:
    labels, y, v = _sound(effects)
    keeps = {"": np.ones(y.size, bool)}
    for name, out in exclusions.items():
        keeps[name] = ~_marked(name, out, labels, effects)
    if leave_out_each:
        for i, label in enumerate(labels):
            keeps[label] = np.arange(y.size) != i
    return [_Data(effects.measure, rule, name, y[keep], v[keep]) for name, keep in keeps.items()]


def _sound(effects: StudyEstimates) -> tuple[list[str], Floats, Floats]:
    """Labels and numbers, if all can be weighed: a batch takes two NaNs for no study."""
    labels = [str(label) for label in effects.studies]
    y = numbers_of(effects.estimates, "estimates")
    v = numbers_of(effects.variances, "variances")
    if not len(labels) == y.size == v.size:
        found = f"{len(labels)} labels, {y.size} estimates, {v.size} variances"
        raise DataError(lengths_disagree(found))
    told = [number_problem(a, b, c) for a, b, c in zip(labels, y.tolist(), v.tolist(), strict=True)]
    wrong = [d for problem in told if problem for d in problem.diagnostics]
    if wrong:
        raise DataError(*wrong)
    return labels, y, v


def _marked(
    name: str, out: Exclusion, labels: list[str], effects: StudyEstimates
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which studies an exclusion leaves out."""
    if callable(out):
        data: Mapping[str, Sequence[object]] = getattr(effects, "data", None) or {}
        rows = [
            {**{column: values[i] for column, values in data.items()}, "study": label}
            for i, label in enumerate(labels)
        ]
        return np.array([bool(out(row)) for row in rows])
    # A study that this measure could not use is already out.
    known = {*labels, *(str(e.label) for e in getattr(effects, "excluded", ()))}
    for study in out:
        if study not in known:
            raise problems.study_not_there(name, study)
    return np.isin(labels, list(out))


def _rows(
    data: list[_Data],
    tau2_methods: Sequence[str],
    ci_methods: Sequence[str],
    common_effect: bool,
    level: float,
) -> list[Specification]:
    """One batch for each pair of methods; the grid in the order of the choices."""
    height = max(d.y.size for d in data)
    y, v = np.full((height, len(data)), np.nan), np.full((height, len(data)), np.nan)
    for j, d in enumerate(data):
        y[: d.y.size, j], v[: d.v.size, j] = d.y, d.v
    found: list[list[Specification]] = [[] for _ in data]
    last: SynthesisBatch | None = None
    for tau2_method in tau2_methods:
        for ci_method in ci_methods:
            last = synthesise_many(y, v, tau2_method=tau2_method, ci_method=ci_method, level=level)
            for j, d in enumerate(data):
                found[j].append(_specification(d, tau2_method, ci_method, last, j))
    if common_effect and last is not None:
        for j, d in enumerate(data):
            found[j].append(_specification(d, COMMON, "Wald", last, j))
    return [row for rows in found for row in rows]


def _specification(
    d: _Data, model: str, ci_method: str, many: SynthesisBatch, j: int
) -> Specification:
    common = model == COMMON
    prefix = "common_" if common else ""
    q, df = float(many.q[j]), float(many.k[j]) - 1.0
    return Specification(
        measure=d.measure,
        zero_cells=d.zero_cells,
        exclusion=d.exclusion,
        model=model,
        ci_method=ci_method,
        k=int(many.k[j]),
        **{
            name: float(getattr(many, prefix + name)[j])
            for name in ("estimate", "se", "ci_lower", "ci_upper", "p_value")
        },
        tau2=0.0 if common else float(many.tau2[j]),
        i2=(max(0.0, 1.0 - df / q) if df > 0 and q > 0 else 0.0) if common else float(many.i2[j]),
        same_direction=False,
        excludes_no_effect=False,
        beyond_mid=False,
        wholly_beyond_mid=False,
    )


def _judged(rows: list[Specification], mid: Mapping[str, float]) -> tuple[Specification, ...]:
    """Each specification against the direction of the main one."""
    side = -1.0 if rows[0].estimate < 0 else 1.0

    def judged(s: Specification) -> Specification:
        near = min(side * s.ci_lower, side * s.ci_upper)
        limit = mid.get(s.measure, np.inf)
        kept = {name: getattr(s, name) for name in _NUMBERS}
        return Specification(
            **kept,
            same_direction=side * s.estimate > 0,
            excludes_no_effect=near > 0,
            beyond_mid=side * s.estimate >= limit,
            wholly_beyond_mid=near >= limit,
        )

    return tuple(judged(s) for s in rows)


_NUMBERS = (
    *CHOICES,
    *("k", "estimate", "se", "ci_lower", "ci_upper", "p_value", "tau2", "i2"),
)


def _distances(mid: float | Mapping[str, float] | None, measures: set[str]) -> dict[str, float]:
    if mid is None:
        return {}
    given = dict(mid) if isinstance(mid, Mapping) else dict.fromkeys(measures, mid)
    for name, value in given.items():
        if not (isfinite(value) and value > 0):
            raise problems.mid_unusable(f"{name or 'mid'}: {value:g}")
    missing = sorted(measures - set(given))
    if missing:
        raise problems.mid_unusable(f"none for {', '.join(missing)}")
    if not isinstance(mid, Mapping) and len(measures) > 1:
        raise problems.mid_unusable("one number for several measures")
    return given


def _shares(specifications: tuple[Specification, ...], of: str) -> dict[str, float]:
    values = outcomes(specifications, of)
    # By its standard error, because an estimate near 0 is no measure of rounding.
    least = ROUNDING * (min(s.se for s in specifications) if of == "estimate" else 1.0)
    found = {}
    for name in CHOICES:
        levels = [getattr(s, name) for s in specifications]
        if len(set(levels)) > 1:
            found[name] = variance_share(values, levels, least)
    return found


def _name(d: _Data) -> str:
    return ", ".join(part for part in (d.measure, d.zero_cells, d.exclusion) if part)
