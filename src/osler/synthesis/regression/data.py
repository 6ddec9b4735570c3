"""A regression from a table and a formula."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Columns, Table, columns_of, numbers
from osler.core.studies import StudyEstimates
from osler.synthesis.regression import problems
from osler.synthesis.regression.design import Design, design_of
from osler.synthesis.regression.fitting import (
    Choices,
    Labels,
    check_numbers,
    choices_of,
    own_weights,
    regression_of,
)
from osler.synthesis.regression.model import Omitted, Regression

# Names that a column of estimates, variances, standard errors or labels goes by.
_ESTIMATES = ("estimate", "yi", "te", "TE", "effect")
_VARIANCES = ("variance", "vi", "v")
_ERRORS = ("se", "sei", "seTE", "standard_error")
_STUDIES = ("study", "studies", "slab", "studlab", "label", "author", "trial", "id")


def regress(
    formula: str,
    data: Table | StudyEstimates,
    *,
    estimate: str | ArrayLike | None = None,
    variance: str | ArrayLike | None = None,
    se: str | ArrayLike | None = None,
    study: str | Sequence[str] | None = None,
    measure: str = "",
    tau2_method: str = "REML",
    ci_method: str = "HKSJ",
    scale: str | None = None,
    link: str = "log",
    weights: str | ArrayLike | None = None,
    level: float = 0.95,
) -> Regression:
    r"""Explain differences between studies by what is known of them.

    .. math:: y_i \sim N(x_i \beta, v_i + \tau^2)

    Parameters
    ----------
    formula : str
        Moderators, as "ablat + C(alloc)"; "a:b" an interaction, "a*b" both and it, "0 + x"
        no intercept, "1" none at all; functions such as ``log(x)``, ``poly(x, 2)``,
        ``bs(x, df=4)``. "yi ~ ablat" names the column of estimates too. A formula can call
        any function: take none from strangers.
    data : Effects, data frame of any library, or mapping of columns
        One row a study. Effects bring their estimates, and moderators in their ``data``.
    estimate, variance, se : str or array of shape (rows,), optional
        Columns with the estimates (ratios as logs) and their variances or standard errors.
        Where left out, columns of usual names ("yi" and "vi", "estimate" and "se", ...).
    study : str or sequence of str, optional
        Labels.
    measure : str
        "RR", "MD", ...: how results are shown.
    tau2_method : {"REML", "ML", "DL", "HE", "HS", "HSk", "SJ", "PM", "PMM", "EB", "CE"}
        Estimator of the variance that moderators leave; "CE" takes it as 0. REML and ML
        find the highest maximum. EB gives PM's value.
    ci_method : {"HKSJ", "HKSJ-adhoc", "t", "Wald"}
        "HKSJ": Knapp and Hartung, t and F with k - p degrees of freedom; "HKSJ-adhoc" never
        narrower than "t"; "t": without their factor; "Wald": normal and chi-squared.
    scale : str, optional
        Moderators of tau2 itself: a location-scale model, by REML or ML.
    link : {"log", "identity"}
        Of the scale: tau2 = exp(z alpha), or z alpha.
    weights : str or array of shape (rows,), optional
        A column, or numbers, to weigh the studies by instead of the inverse variances; only
        their ratios matter. tau2 is estimated as without them, standard errors allow for
        them. Equal numbers make the regression unweighted.
    level : float
        Of every interval.

    Returns
    -------
    Regression

    Raises
    ------
    DataError
        Where the formula is not understood (REG001), names no column (REG002) or there is no
        formulaic (REG003); estimates are not named (REG004); a moderator is not finite
        (REG005); there are too few studies (REG010); a number cannot be used (SYN003, SYN004,
        SYN007, SYN012), or a method is not known (SYN005).

    Notes
    -----
    Equal to metafor's ``rma(yi, vi, mods=, test="knha")``, of whose defaults it differs in
    the test ("z" there) and in always giving the global maximum. A row that lacks an estimate or
    a moderator is left out and listed in ``omitted``; columns that depend on others are
    left out and named in ``redundant``.

    With weights of one's own, A, the coefficients are :math:`B y` with
    :math:`B = (X'AX)^{-1}X'A` and have the covariance :math:`B (V + \tau^2 I) B'`. The factor
    of Knapp and Hartung is the one of the inverse variances, as in metafor: its expectation is
    1, but it is not independent of the coefficients, so that t and F are approximations.

    References
    ----------
    .. [1] Berkey, Hoaglin, Mosteller & Colditz (1995). Stat Med 14, 395-411.
       doi:10.1002/sim.4780140406
    .. [2] Knapp & Hartung (2003). Stat Med 22, 2693-2710. doi:10.1002/sim.1482
    .. [3] Viechtbauer, López-López, Sánchez-Meca & Marín-Martínez (2015). Psychol Methods
       20, 360-374. doi:10.1037/met0000023

    Examples
    --------
    >>> trials = {
    ...     "study": ["A", "B", "C", "D", "E"],
    ...     "yi": [0.1, 0.3, 0.9, 0.7, 0.5],
    ...     "vi": [0.04, 0.02, 0.03, 0.05, 0.02],
    ...     "dose": [0, 1, 4, 3, None],
    ... }
    >>> fit = regress("dose", trials)
    >>> fit.names, round(fit.coefficients[1], 4), fit.omitted
    (('Intercept', 'dose'), 0.2, (Omitted(study='E', why='no value of dose'),))
    """
    choices = choices_of(tau2_method, ci_method, level, link)
    left, right = _sides(formula)
    y, v, labels, (table, columns), shown = _gathered(
        data, left or estimate, variance, se, study, measure
    )
    formulas = _formulas()
    wanted = {right: formulas.variables_of(right)}
    if scale is not None:
        scale = _sides(scale)[1]
        wanted[scale] = formulas.variables_of(scale)
    for text, names in wanted.items():
        absent = [name for name in names if name not in columns]
        if absent:
            raise DataError(problems.no_such_moderator(text, absent, list(columns)))
    given = None if weights is None else _values(columns, weights, ())
    if given is not None and given.shape != y.shape:
        raise DataError(problems.shapes_disagree(f"weights {given.shape}, {y.size} estimates"))
    moderators = [n for names in wanted.values() for n in names]
    omitted = _omitted(y, v, given, columns, moderators)
    rows = [i for i in range(len(labels)) if i not in omitted]
    kept = tuple(labels[i] for i in rows)
    check_numbers(kept, y[rows], v[rows])
    design, spec = _designed(right, table, columns, rows, kept)
    scale_design, scale_spec = None, None
    if scale is not None:
        scale_design, scale_spec = _designed(scale, table, columns, rows, kept)
    told = tuple(Omitted(labels[i], why) for i, why in omitted.items())
    remembered = Labels(kept, shown, told, spec, scale_spec)
    own = None if given is None else own_weights(kept, given[rows])
    return regression_of(y[rows], v[rows], design, choices, remembered, scale_design, own)


def _formulas() -> Any:
    if find_spec("formulaic") is None:
        raise DataError(problems.formulas_need_a_library())
    return import_module("osler.synthesis.regression.formulas")


def _sides(formula: str) -> tuple[str | None, str]:
    """Left and right of the tilde; the left is a column of estimates."""
    left, tilde, right = str(formula).partition("~")
    if not tilde:
        left, right = "", left
    if not right.strip():
        raise DataError(problems.formula_not_understood(formula, "it has no right side"))
    return left.strip() or None, right.strip()


def _gathered(
    data: Any,
    estimate: str | ArrayLike | None,
    variance: str | ArrayLike | None,
    se: str | ArrayLike | None,
    study: str | Sequence[str] | None,
    measure: str,
) -> tuple[Floats, Floats, tuple[str, ...], tuple[Any, Columns], str]:
    """Estimates, variances, labels, the table of moderators as it is and read, the measure."""
    data = getattr(data, "effects", None) or data  # a synthesis of a table knows its columns
    if estimate is None and variance is None and se is None and _is_effects(data):
        table = getattr(data, "data", None) or {}
        y, v = np.array(data.estimates, float), np.array(data.variances, float)
        read = table, columns_of(table)
        return y, v, tuple(data.studies), read, measure or data.measure
    columns = columns_of(data)
    y = _values(columns, estimate, _ESTIMATES)
    v = _variances(columns, variance, se)
    if not y.shape == v.shape:
        raise DataError(problems.shapes_disagree(f"{y.size} estimates, {v.size} variances"))
    if columns and y.size != len(next(iter(columns.values()))):
        rows = len(next(iter(columns.values())))
        raise DataError(problems.shapes_disagree(f"{y.size} estimates, {rows} rows of moderators"))
    return y, v, _labels(columns, study, y.size), (data, columns), measure


def _is_effects(data: Any) -> bool:
    return all(hasattr(data, name) for name in ("estimates", "variances", "studies", "measure"))


def _values(columns: Columns, given: str | ArrayLike | None, usual: Sequence[str]) -> Floats:
    if isinstance(given, str):
        return numbers(columns, given)
    if given is not None:
        return np.asarray(given, float)
    name = next((name for name in usual if name in columns), None)
    if name is None:
        raise DataError(problems.no_estimates(list(columns)))
    return numbers(columns, name)


def _variances(
    columns: Columns, variance: str | ArrayLike | None, se: str | ArrayLike | None
) -> Floats:
    if se is not None and variance is None:
        return _values(columns, se, _ERRORS) ** 2
    if variance is None and not any(name in columns for name in _VARIANCES):
        return _values(columns, None, _ERRORS) ** 2
    return _values(columns, variance, _VARIANCES)


def _labels(columns: Columns, study: str | Sequence[str] | None, rows: int) -> tuple[str, ...]:
    if isinstance(study, str):
        return tuple(str(value) for value in _column(columns, study))
    if study is not None:
        if len(study) != rows:
            raise DataError(problems.shapes_disagree(f"{len(study)} labels, {rows} estimates"))
        return tuple(map(str, study))
    name = next((name for name in _STUDIES if name in columns), None)
    if name is None:
        return tuple(f"row {i + 1}" for i in range(rows))
    return tuple(str(value) for value in columns[name])


def _column(columns: Columns, name: str) -> Sequence[object]:
    if name not in columns:
        raise DataError(problems.no_such_moderator(name, [name], list(columns)))
    return columns[name]


def _omitted(
    y: Floats,
    v: Floats,
    given: Floats | None,
    columns: Columns,
    wanted: Sequence[str],
) -> dict[int, str]:
    """Rows that lack something, with what."""
    figures = [
        ("variance", v),
        ("estimate", y),
        ("weight", np.zeros(0) if given is None else given),
    ]
    gaps = [(name, np.flatnonzero(np.isnan(values)).tolist()) for name, values in figures]
    for name in dict.fromkeys(wanted):
        gaps.append((name, [i for i, value in enumerate(columns[name][: y.size]) if value is None]))
    lacking: dict[int, list[str]] = {}
    for name, rows in gaps:
        for i in rows:
            lacking.setdefault(i, []).append(name)
    return {i: f"no value of {', '.join(names)}" for i, names in sorted(lacking.items())}


def _designed(
    formula: str, table: Any, columns: Columns, rows: list[int], studies: tuple[str, ...]
) -> tuple[Design, Any]:
    formulas = _formulas()
    if not formulas.variables_of(formula):
        # A table without columns still has as many rows as there are estimates.
        table = columns = {"row": list(range(max(rows) + 1))}
    formed = formulas.form(formula, table, columns, rows)
    return design_of(formed.matrix, formed.names, formed.terms, formula, studies), formed.spec


__all__ = ["Choices", "regress"]
