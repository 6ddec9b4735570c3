"""A regression of one variable on others from nothing but their correlations."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.wording import aligned, p_value
from osler.synthesis.batch import check_level
from osler.synthesis.regression import problems
from osler.synthesis.regression.figures_in_words import figure
from osler.synthesis.regression.fit import Tested, quantile, ratio, two_sided, wald_test
from osler.synthesis.regression.telling import test_in_words

# A matrix of correlations whose smallest eigenvalue is not above this has no inverse.
_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CorrelationRegression(Result):
    """Standardised coefficients; tuples in the order of ``predictors``.

    Attributes
    ----------
    outcome : str
    predictors : tuple of str
    coefficients, se, statistics, p_values, ci_lower, ci_upper : tuple of float
        Standard deviations of the outcome for one of the predictor, the others held.
    vcov : array of shape (p, p)
    df : float
        Of t; infinite where the covariance of the correlations was given.
    r2 : float
        Share of the outcome's variance that the predictors account for.
    test : Tested
        Whether all coefficients are 0: F, or chi-squared.
    level : float
    source : str
        What the standard errors come from.
    """

    outcome: str
    predictors: tuple[str, ...]
    coefficients: tuple[float, ...]
    se: tuple[float, ...]
    statistics: tuple[float, ...]
    p_values: tuple[float, ...]
    ci_lower: tuple[float, ...]
    ci_upper: tuple[float, ...]
    vcov: Floats
    df: float
    r2: float
    test: Tested
    level: float
    source: str

    def summary(self) -> str:
        """A line for each coefficient, then R² and the test of all."""
        statistic = "z" if math.isinf(self.df) else "t"
        head = ["", "Estimate", "SE", statistic, "p", f"{100 * self.level:g}% interval"]
        rows = [
            [
                name[:32], figure(b), figure(s), figure(z),
                p_value(p).removeprefix("p = ").removeprefix("p "),
                f"{figure(lo)} to {figure(hi)}",
            ]
            for name, b, s, z, p, lo, hi in zip(
                self.predictors, self.coefficients, self.se, self.statistics, self.p_values,
                self.ci_lower, self.ci_upper, strict=True,
            )
        ]  # fmt: skip
        lines = [f"Standardised regression of {self.outcome} from correlations", ""]
        lines += [*aligned([head, *rows]), "", f"R² {figure(self.r2)}; all: {self._all()}"]
        return "\n".join([*lines, f"Standard errors from {self.source}"])

    def _all(self) -> str:
        return test_in_words(self.test)

    def columns(self) -> dict[str, list[object]]:
        """One row a coefficient."""
        return {
            "predictor": list(self.predictors),
            "estimate": list(self.coefficients),
            "se": list(self.se),
            "statistic": list(self.statistics),
            "p_value": list(self.p_values),
            "ci_lower": list(self.ci_lower),
            "ci_upper": list(self.ci_upper),
        }

    def text(self) -> str:
        """The result as sentences."""
        told = [
            f"{name} {figure(b)} ({100 * self.level:g}% CI {figure(lo)} to {figure(hi)})"
            for name, b, lo, hi in zip(
                self.predictors, self.coefficients, self.ci_lower, self.ci_upper, strict=True
            )
        ]
        return (
            f"{self.outcome} was regressed on {', '.join(self.predictors)} from correlations, "
            f"with standard errors from {self.source}. Standardised coefficients: "
            f"{'; '.join(told)}. R² was {figure(self.r2)} ({self._all()})."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """Each coefficient by its name."""
        return {name: partial(self._why, j) for j, name in enumerate(self.predictors)}

    def _why(self, j: int) -> Why:
        by_size = math.isfinite(self.df)
        return Why(
            self.predictors[j],
            self.coefficients[j],
            "Least squares on standardised variables, of which only the correlations are needed.",
            "b = Rxx⁻¹ rxy, V = (1 - R²) Rxx⁻¹ / (n - p - 1)" if by_size else
            "b = Rxx⁻¹ rxy, V = J V(r) J', J the derivative of b by the correlations",
            (("se", self.se[j]), ("df", self.df), ("R²", self.r2)),
            "Becker & Wu 2007, Stat Sci 22, 414-429",
        )  # fmt: skip


def regress_correlations(
    outcome: str,
    predictors: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    correlations: ArrayLike,
    *,
    V: ArrayLike | None = None,
    n: float | None = None,
    level: float = 0.95,
) -> CorrelationRegression:
    r"""Standardised regression of one variable on others, from their correlations.

    .. math:: b = R_{xx}^{-1} r_{xy}

    Parameters
    ----------
    outcome : str
    predictors : sequence of str
    pairs : sequence of (str, str), length m
        The two variables of each correlation, in any order; others than those asked for
        may be among them.
    correlations : array of shape (m,)
        As pooled by :func:`osler.multilevel`, or of one study.
    V : array of shape (m, m), optional
        Covariance of the correlations (``fit.covariance``).
    n : float, optional
        Instead, of one study: how many people the correlations come from.
    level : float

    Returns
    -------
    CorrelationRegression
        With ``V`` tests are by the normal and chi-squared distributions, with ``n`` by t and F.

    Raises
    ------
    DataError
        Where a correlation that is needed is not there or is there twice, correlations are
        impossible together, shapes disagree, or not one of ``V`` and ``n`` is given (REG032);
        where the level is out of range (SYN006).

    Notes
    -----
    With ``V`` equal to metafor's ``matreg(..., V=)`` where that is given V in the order of
    the lower triangle of R. (What its ``rcalc`` gives for a whole matrix is in another
    order; naming the pairs rules the mistake out.) With ``n`` standard errors and n - p - 1
    degrees of freedom are those of least squares on the data themselves; metafor 3.8 takes
    n - p. Correlations that were pooled from different studies may be impossible together.

    References
    ----------
    .. [1] Becker & Wu (2007). Stat Sci 22, 414-429. doi:10.1214/07-STS243
    .. [2] Becker & Aloe (2019). In Cooper, Hedges & Valentine (eds), The Handbook of Research
       Synthesis and Meta-Analysis, 3rd ed., 339-363.

    Examples
    --------
    >>> pairs = [("anxiety", "score"), ("confidence", "score"), ("anxiety", "confidence")]
    >>> fit = regress_correlations(
    ...     "score", ["anxiety", "confidence"], pairs, [-0.3, 0.5, -0.4], n=100
    ... )
    >>> [round(b, 3) for b in fit.coefficients], round(fit.r2, 3), fit.df
    ([-0.119, 0.452], 0.262, 97.0)
    """
    check_level(level)
    r = np.asarray(correlations, float)
    names = [*predictors, outcome]
    at = _places(names, pairs, r)
    R = np.eye(len(names))
    for (i, j), place in at.items():
        R[i, j] = R[j, i] = r[place]
    _check_matrix(R, names)
    p = len(predictors)
    inverse: Floats = np.asarray(np.linalg.inv(R[:p, :p]), float)
    b = inverse @ R[:p, p]
    r2 = float(R[:p, p] @ b)
    if (V is None) == (n is None):
        raise DataError(problems.correlations_unusable("give one of V and n"))
    if n is not None:
        df, source = float(n) - p - 1.0, f"{n:g} people"
        if not df > 0:
            raise DataError(problems.correlations_unusable(f"{n:g} people, {p} predictors"))
        vcov = inverse * (1.0 - r2) / df
    else:
        df, source = math.inf, "the covariance of the correlations"
        vcov = _by_delta(inverse, b, at, _checked_covariance(V, r.size))
    return _told(outcome, tuple(predictors), b, vcov, df, r2, level, source)


def _places(
    names: Sequence[str], pairs: Sequence[tuple[str, str]], r: Floats
) -> dict[tuple[int, int], int]:
    """Where the correlation of each two of the variables stands."""
    if r.shape != (len(pairs),) or len(set(names)) < len(names) or len(names) < 2:
        found = f"{len(pairs)} pairs, correlations {r.shape}, variables {', '.join(names)}"
        raise DataError(problems.correlations_unusable(found))
    code = {name: i for i, name in enumerate(names)}
    at: dict[tuple[int, int], int] = {}
    for place, (a, b) in enumerate(pairs):
        if a in code and b in code:
            i, j = sorted((code[a], code[b]))
            if i == j or (i, j) in at:
                raise DataError(problems.correlations_unusable(f"{a} with {b}, once too often"))
            at[i, j] = place
    wanted = [(i, j) for j in range(len(names)) for i in range(j)]
    absent = [f"{names[i]} with {names[j]}" for i, j in wanted if (i, j) not in at]
    if absent:
        raise DataError(problems.correlations_unusable(f"not there: {', '.join(absent[:4])}"))
    return at


def _check_matrix(R: Floats, names: Sequence[str]) -> None:
    lowest = float(np.linalg.eigvalsh(R)[0]) if np.isfinite(R).all() else math.nan
    if not lowest > _SINGULAR:
        found = f"those of {', '.join(names)}: smallest eigenvalue {lowest:.3g}"
        raise DataError(problems.correlations_unusable(found))


def _checked_covariance(V: ArrayLike | None, m: int) -> Floats:
    given = np.asarray(V, float)
    if given.shape != (m, m) or not np.isfinite(given).all():
        found = f"V of shape {given.shape} for {m} correlations"
        raise DataError(problems.correlations_unusable(found))
    return given


def _by_delta(inverse: Floats, b: Floats, at: Mapping[tuple[int, int], int], V: Floats) -> Floats:
    """J V J': the derivative of Rxx⁻¹ rxy by each correlation."""
    p = b.size
    J = np.zeros((p, V.shape[0]))
    for (i, j), place in at.items():
        # A change of r_ij moves rxy where j is the outcome, else Rxx in two cells.
        J[:, place] = inverse[:, i] if j == p else -(inverse[:, i] * b[j] + inverse[:, j] * b[i])
    return np.asarray(J @ V @ J.T)


def _told(
    outcome: str,
    predictors: tuple[str, ...],
    b: Floats,
    vcov: Floats,
    df: float,
    r2: float,
    level: float,
    source: str,
) -> CorrelationRegression:
    se = np.sqrt(np.diag(vcov))
    z, half = ratio(b, se), quantile(level, df) * se
    vcov.flags.writeable = False
    return CorrelationRegression(
        outcome=outcome,
        predictors=predictors,
        coefficients=tuple(b.tolist()),
        se=tuple(se.tolist()),
        statistics=tuple(z.tolist()),
        p_values=tuple(two_sided(z, df).tolist()),
        ci_lower=tuple((b - half).tolist()),
        ci_upper=tuple((b + half).tolist()),
        vcov=vcov,
        df=df,
        r2=r2,
        test=wald_test(b, vcov, df),
        level=level,
        source=source,
    )
