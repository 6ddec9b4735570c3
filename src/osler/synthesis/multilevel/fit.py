"""Fitting a multilevel or multivariate meta-analysis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of, numbers
from osler.core.studies import StudyEstimates
from osler.effects.columns import recognise
from osler.synthesis import problems as synthesis_problems
from osler.synthesis.covariance.model import SamplingCovariance
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.assembly import assemble
from osler.synthesis.multilevel.blocks import NotDefiniteError, inverse_at
from osler.synthesis.multilevel.core import Problem, solve
from osler.synthesis.multilevel.fitted import Choices
from osler.synthesis.multilevel.fixed import Design, design_of
from osler.synthesis.multilevel.layout import layout_of
from osler.synthesis.multilevel.model import Multilevel
from osler.synthesis.multilevel.placing import placed
from osler.synthesis.multilevel.sampling import Sampling, independent, sampling_of
from osler.synthesis.multilevel.terms import RandomTerm, StructureName, parse_random

Columns = dict[str, list[object]]
# The largest ratio of sampling variances that double precision can weigh against each other.
_WIDEST = 1e20
_EXTREME = 1e100


def multilevel(
    fixed: str | ArrayLike,
    data: Table | StudyEstimates,
    *,
    random: str | RandomTerm | Sequence[str | RandomTerm] = (),
    estimate: str = "",
    variance: str = "",
    V: ArrayLike | Sequence[ArrayLike] | SamplingCovariance | None = None,
    structure: StructureName = "CS",
    method: Literal["REML", "ML"] = "REML",
    test: Literal["t", "z"] = "t",
    df: Literal["residual", "contain"] | Sequence[float] = "residual",
    level: float = 0.95,
    hold: Mapping[str, float] | None = None,
    names: Sequence[str] | None = None,
    tested: Sequence[int] | None = None,
    study: str = "",
    measure: str = "",
) -> Multilevel:
    r"""Meta-analysis of dependent effects: several levels, outcomes, times or species.

    .. math:: y \sim N(X\beta, M), \quad M = V + \sum_t Z_t G_t Z_t'

    Parameters
    ----------
    fixed : str or array of shape (n, p)
        Formula of the mean ("~ 1", "yi ~ year + C(design)") or the design matrix. A formula
        with more than an intercept needs formulaic; its left side may name the estimates.
    data : table
        A data frame of any library, a mapping of columns, or ``Effects``. One row an estimate.
    random : str, term, or sequence of them
        "district" (an intercept for each district), "district/school" (for each school of
        each district), "~ 1 | district/school" (both), "~ outcome | study" (correlated
        effects, see ``structure``), or :class:`Intercept`, :class:`Structured`,
        :class:`Related`, :class:`Slopes`. Empty: no heterogeneity.
    estimate, variance : str, optional
        Columns of the estimates (analysis scale) and their sampling variances; known by their
        usual names (``yi``, ``vi``, ...) where left out.
    V : matrix, blocks, or SamplingCovariance
        Covariance of the sampling errors instead of ``variance``: (n, n), a list of blocks
        down the diagonal, or what :func:`sampling_covariance` gives.
    structure : str
        Structure of "~ inner | outer" formulas; see :class:`Structured`.
    method : {"REML", "ML"}
    test : {"t", "z"}
        Distribution for coefficients: t and F, or normal and chi-squared.
    df : {"residual", "contain"} or sequence of float
        Degrees of freedom with "t": n − p; by the level at which a moderator varies, the
        number of groups there less p; or given, one a coefficient.
    level : float
    hold : mapping
        Components that are not estimated: ``{"sigma2[district]": 0.0}``.
    names : sequence of str
        Names of the columns of a design matrix.
    tested : sequence of int
        Which coefficients the omnibus test takes, from 0; without, all but the intercept.
    study : str
        Column with labels of the rows.
    measure : str
        Name of the effect measure, kept with the result.

    Returns
    -------
    Multilevel

    Raises
    ------
    DataError
        MLV001 to MLV017; each names what was found and what to do.

    Notes
    -----
    Estimates, log-likelihoods and tests equal metafor's ``rma.mv`` (3.8-1), whose search is
    coarser: it stops where the likelihood rises by less than 1e-8 or so. Here the likelihood
    is searched from several starts and climbed until its slope is rounding; where other
    maxima were met, a note says so. metafor's default test is "z".

    Rows with a missing estimate, variance or moderator are left out, with a note. A
    correlation whose levels never occur together, and a variance resting on one estimate,
    are not estimated.

    References
    ----------
    .. [1] Konstantopoulos (2011). Res Synth Methods 2, 61-76. doi:10.1002/jrsm.35
    .. [2] Berkey et al. (1998). Stat Med 17, 2537-2550.
       doi:10.1002/(sici)1097-0258(19981130)17:22<2537::aid-sim953>3.0.co;2-c
    .. [3] van Houwelingen, Arends & Stijnen (2002). Stat Med 21, 589-624.
       doi:10.1002/sim.1040
    .. [4] Nakagawa & Santos (2012). Evol Ecol 26, 1253-1274. doi:10.1007/s10682-012-9555-5

    Examples
    --------
    >>> data = {
    ...     "lab": ["A", "A", "B", "B", "B", "C", "C", "D"],
    ...     "d": [0.2, 0.5, 0.9, 0.6, 0.8, 0.1, -0.1, 0.5],
    ...     "var": [0.02, 0.03, 0.02, 0.04, 0.03, 0.02, 0.03, 0.01],
    ... }
    >>> fit = multilevel("~ 1", data, random="lab", estimate="d", variance="var")
    >>> round(fit.estimate("Intercept"), 3), round(fit.component("sigma2[lab]"), 3)
    (0.413, 0.096)
    """
    columns = _columns(data)
    rows = len(next(iter(columns.values()), []))
    _check_choices(method, test, df, level)
    design = design_of(fixed, columns, rows, names)
    usual = _usual(columns)
    y = _estimates(columns, estimate or design.response or usual.get("estimate", ""))
    if V is None:
        variance = variance or usual.get("variance", "")
    sampling = _sampling(columns, variance, V, rows)
    keep = _complete(y, sampling, design)
    terms = parse_random(random, structure)
    kept = {name: [v for v, k in zip(col, keep, strict=True) if k] for name, col in columns.items()}
    table = _Table(y[keep], design.rows(keep), sampling.kept(keep), kept)
    _check_numbers(table)
    problem = Problem(
        table.y,
        table.design.X,
        table.sampling,
        tuple(placed(term, table.columns) for term in terms),
        method == "REML",
    )
    choices = Choices(
        method, test, df if isinstance(df, str) else tuple(float(d) for d in df), level, measure
    )
    labels = kept[study] if study else [i + 1 for i in np.flatnonzero(keep).tolist()]
    notes = _left_out(keep)
    solution = solve(problem, hold or {})
    return assemble(
        problem, solution, table.design, choices, tuple(map(str, labels)), tested, notes, kept
    )


@dataclass(frozen=True, slots=True)
class _Table:
    y: Floats
    design: Design
    sampling: Sampling
    columns: Columns


def _check_choices(method: str, test: str, df: object, level: float) -> None:
    if method not in ("REML", "ML"):
        raise DataError(problems.unknown_choice("method", method, '"REML" or "ML"'))
    if test not in ("t", "z"):
        raise DataError(problems.unknown_choice("test", test, '"t" or "z"'))
    if isinstance(df, str) and df not in ("residual", "contain"):
        raise DataError(problems.unknown_choice("df", df, '"residual", "contain" or numbers'))
    if not 0.0 < level <= 0.999999:
        raise DataError(synthesis_problems.level_out_of_range(level))


def _columns(data: Table | StudyEstimates) -> Columns:
    """The table's columns; of effects, their table's with the estimates and variances."""
    effects: Any = getattr(data, "effects", None) or data
    if not hasattr(effects, "estimates"):
        return columns_of(effects)
    made = {"estimate": list(effects.estimates), "variance": list(effects.variances)}
    table = {name: list(values) for name, values in getattr(effects, "data", {}).items()}
    return {"study": list(effects.studies), **table, **made}


def _usual(columns: Columns) -> Mapping[str, str]:
    """Columns known by their usual names (yi, vi, estimate, variance, ...)."""
    try:
        return recognise(list(columns), ["estimates"]).roles
    except DataError:
        return {}


def _estimates(columns: Columns, name: str) -> Floats:
    if not name:
        raise DataError(
            problems.unknown_choice("estimate", "", 'estimate="column", or "column ~ ..."')
        )
    return numbers(columns, name)


def _sampling(
    columns: Columns,
    variance: str,
    V: ArrayLike | Sequence[ArrayLike] | SamplingCovariance | None,
    rows: int,
) -> Sampling:
    if (V is None) == (not variance):
        found = "both" if variance else "neither"
        raise DataError(problems.unknown_choice("variance", found, 'variance="column" or V=...'))
    return independent(numbers(columns, variance)) if V is None else sampling_of(V, rows)


def _complete(y: Floats, sampling: Sampling, design: Design) -> Bools:
    missing = np.isnan(y) | np.isnan(sampling.variances) | np.isnan(design.X).any(axis=1)
    return ~missing


def _left_out(keep: Bools) -> tuple[str, ...]:
    gone = (np.flatnonzero(~keep) + 1).tolist()
    if not gone:
        return ()
    listed = ", ".join(map(str, gone[:10])) + (", ..." if len(gone) > 10 else "")
    what = "row" if len(gone) == 1 else "rows"
    return (f"{len(gone)} {what} with missing values left out: {what} {listed}",)


def _check_numbers(table: _Table) -> None:
    y, X, v = table.y, table.design.X, table.sampling.variances
    n, p = X.shape
    if n <= p:
        raise DataError(problems.too_few_rows(n, p))
    for name, values in (("estimates", y), ("variances", v), ("the design", X.sum(axis=1))):
        bad = (np.flatnonzero(~np.isfinite(values)) + 1).tolist()
        if bad:
            raise DataError(problems.not_finite(name, bad))
    if (v <= 0).any():
        row = int(np.flatnonzero(v <= 0)[0])
        raise DataError(problems.variance_not_positive(row + 1, float(v[row])))
    low, high, top = float(v.min()), float(v.max()), float(np.abs(y).max())
    if low < 1 / _EXTREME or high > _EXTREME or high / low > _WIDEST or top > _EXTREME:
        found = f"variances from {low:g} to {high:g}, estimates up to {top:g}"
        raise DataError(problems.beyond_computing(found))
    scale = np.linalg.norm(X, axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(X / scale) < p:
        raise DataError(problems.not_full_rank(table.design.names))
    if not np.isfinite(table.sampling.covariances).all():
        raise DataError(problems.covariance_not_definite("a covariance is missing"))
    try:
        unit = table.sampling.scaled(1.0 / float(np.median(v)))
        inverse_at(layout_of((), unit), ())
    except NotDefiniteError:
        found = "it is not positive definite"
        raise DataError(problems.covariance_not_definite(found)) from None
