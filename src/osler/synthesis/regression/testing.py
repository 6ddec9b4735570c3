"""Tests of several coefficients or of contrasts, and p-values corrected for their number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.wording import aligned, p_value
from osler.synthesis.regression import problems
from osler.synthesis.regression.figures_in_words import figure
from osler.synthesis.regression.fit import Fit, chosen, quantile, ratio, two_sided, wald_test

ADJUSTMENTS = ("Bonferroni", "Holm", "Hochberg", "Hommel", "BH", "BY")


@dataclass(frozen=True, slots=True, repr=False)
class WaldTest(Result):
    """Whether contrasts of coefficients are what a hypothesis says.

    Attributes
    ----------
    tested : tuple of str
        Each contrast in words.
    statistic : float
        F where ``df2`` is finite, chi-squared (QM) otherwise.
    df1 : int
        Number of contrasts.
    df2 : float
    p_value : float
        Of all contrasts at once.
    hypothesised : tuple of float
    estimates, se, statistics, p_values, ci_lower, ci_upper : tuple of float
        Of each contrast by itself.
    ci_method : str
    level : float
    """

    tested: tuple[str, ...]
    statistic: float
    df1: int
    df2: float
    p_value: float
    hypothesised: tuple[float, ...]
    estimates: tuple[float, ...]
    se: tuple[float, ...]
    statistics: tuple[float, ...]
    p_values: tuple[float, ...]
    ci_lower: tuple[float, ...]
    ci_upper: tuple[float, ...]
    ci_method: str
    level: float

    @property
    def kind(self) -> str:
        return "chi-squared" if np.isinf(self.df2) else "F"

    def told(self) -> str:
        """The test in one line.

        Examples
        --------
        "F(1, 11) = 12.20, p = 0.005"
        """
        df = f"({self.df1})" if np.isinf(self.df2) else f"({self.df1}, {self.df2:g})"
        return f"{self.kind}{df} = {figure(self.statistic)}, {p_value(self.p_value)}"

    def summary(self) -> str:
        """Each contrast, then the test of all."""
        head = ["Contrast", "Estimate", "SE", f"{100 * self.level:g}% interval", "p"]
        rows = [
            [
                name if len(name) <= 44 else f"{name[:41]}...",
                figure(b),
                figure(s),
                f"{figure(lo)} to {figure(hi)}",
                p_value(p).removeprefix("p = ").removeprefix("p "),
            ]
            for name, b, s, lo, hi, p in zip(
                self.tested,
                self.estimates,
                self.se,
                self.ci_lower,
                self.ci_upper,
                self.p_values,
                strict=True,
            )
        ]
        return "\n".join([*aligned([head, *rows]), "", f"All at once: {self.told()}"])

    def columns(self) -> dict[str, list[object]]:
        """One row a contrast."""
        return {
            "contrast": list(self.tested),
            "hypothesised": list(self.hypothesised),
            "estimate": list(self.estimates),
            "se": list(self.se),
            "statistic": list(self.statistics),
            "p_value": list(self.p_values),
            "ci_lower": list(self.ci_lower),
            "ci_upper": list(self.ci_upper),
        }

    def text(self) -> str:
        """The test as a sentence."""
        what = ", ".join(self.tested)
        return f"A Wald-type test of {what} gave {self.told()} ({self.ci_method})."

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """``statistic`` and ``p_value``."""
        return {"statistic": self._why, "p_value": self._why_p}

    def _why(self) -> Why:
        return Why(
            "statistic",
            self.statistic,
            "The contrasts, measured by their covariance; F divides by their number.",
            "(Lb - h)' (L V L')⁻¹ (Lb - h)" + (" / m" if self.kind == "F" else ""),
            (("Lb", self.estimates), ("h", self.hypothesised), ("m", self.df1)),
            "Knapp & Hartung 2003, Stat Med 22, 2693-2710",
        )

    def _why_p(self) -> Why:
        return Why(
            "p_value",
            self.p_value,
            f"How often the {self.kind} distribution exceeds the statistic.",
            inputs=(("statistic", self.statistic), ("df1", self.df1), ("df2", self.df2)),
        )


def contrast_test(
    fit: Fit,
    what: str | Sequence[str] | Sequence[int] | ArrayLike | None = None,
    hypothesised: ArrayLike = 0.0,
) -> WaldTest:
    """Test terms, coefficients or linear combinations of them.

    Parameters
    ----------
    fit : Fit
    what : str, sequence of str, or array of shape (m, p) or (p,), optional
        A term of the formula ("C(alloc)", all of its columns), a coefficient, several of
        them, or a matrix with one row for each combination. All moderators where left out:
        every coefficient but the intercept, or every one in a model without intercept.
    hypothesised : float or array of shape (m,)

    Raises
    ------
    DataError
        Where a name is not known (REG020) or the matrix does not fit (REG021).
    """
    L, names = _contrasts(fit, what)
    h = np.broadcast_to(np.asarray(hypothesised, float), (L.shape[0],)).astype(float)
    estimate = L @ fit.b
    vcov = L @ fit.vcov @ L.T
    se = np.sqrt(np.diag(vcov))
    z = ratio(estimate - h, se)
    half = quantile(fit.level, fit.df) * se
    whole = wald_test(estimate - h, vcov, fit.df)
    return WaldTest(
        tested=names,
        statistic=whole.statistic,
        df1=whole.df1,
        df2=whole.df2,
        p_value=whole.p_value,
        hypothesised=tuple(h.tolist()),
        estimates=tuple(estimate.tolist()),
        se=tuple(se.tolist()),
        statistics=tuple(z.tolist()),
        p_values=tuple(two_sided(z, fit.df).tolist()),
        ci_lower=tuple((estimate - half).tolist()),
        ci_upper=tuple((estimate + half).tolist()),
        ci_method=fit.ci_method,
        level=fit.level,
    )


def _contrasts(fit: Fit, what: object) -> tuple[Floats, tuple[str, ...]]:
    eye = np.eye(fit.p)
    names = fit.design.names
    if what is None:
        at = fit.design.moderators
        return eye[list(at)], tuple(names[j] for j in at)
    asked = [what] if isinstance(what, str) else what
    if isinstance(asked, (list, tuple)) and asked and all(isinstance(a, str) for a in asked):
        at = tuple(dict.fromkeys(j for name in asked for j in _columns(fit, str(name))))
        return eye[list(at)], tuple(names[j] for j in at)
    return _matrix(fit, what)


def _columns(fit: Fit, name: str) -> tuple[int, ...]:
    design = fit.design
    if name in design.names:
        return (design.names.index(name),)
    # "alloc" finds "C(alloc)" too, where nothing else is called so.
    for term in (name, f"C({name})"):
        if term in design.terms:
            return design.terms[term]
    known = [*design.names, *(t for t in design.terms if t not in design.names and t != "1")]
    raise DataError(problems.no_such_term(name, known))


def _matrix(fit: Fit, what: object) -> tuple[Floats, tuple[str, ...]]:
    try:
        L = np.atleast_2d(np.asarray(what, float))
    except (TypeError, ValueError):
        raise DataError(problems.contrast_unusable(f"not numbers: {what!r}")) from None
    if L.ndim != 2 or L.shape[1] != fit.p or not np.isfinite(L).all():
        found = f"shape {L.shape} for {fit.p} coefficients: {', '.join(fit.design.names)}"
        raise DataError(problems.contrast_unusable(found))
    if np.linalg.matrix_rank(L) < L.shape[0]:
        raise DataError(problems.contrast_unusable(f"{L.shape[0]} rows that depend on each other"))
    return L, tuple(_in_words(row, fit.design.names) for row in L)


def _in_words(row: Floats, names: Sequence[str]) -> str:
    parts: list[str] = []
    for weight, name in zip(row, names, strict=True):
        if weight:
            sign = ("-" if weight < 0 else "") if not parts else (" - " if weight < 0 else " + ")
            times = "" if abs(weight) == 1 else f"{abs(weight):g}*"
            parts.append(f"{sign}{times}{name}")
    return "".join(parts)


def adjust_p_values(p_values: ArrayLike, method: str = "Holm") -> Floats:
    """p-values corrected for their number.

    Parameters
    ----------
    p_values : array of shape (m,)
        NaN stays NaN and is not counted.
    method : {"Holm", "Bonferroni", "Hochberg", "Hommel", "BH", "BY"}
        The first four bound the chance of any false positive (Hochberg and Hommel where
        tests are independent or positively dependent); BH and BY the expected share of
        false ones among positives (BY under any dependence).

    Returns
    -------
    array of shape (m,)

    Raises
    ------
    DataError
        Where the method is not known (SYN005).

    Notes
    -----
    Equal to R's ``p.adjust``.

    References
    ----------
    .. [1] Wright (1992). Biometrics 48, 1005-1013. doi:10.2307/2532694
    .. [2] Benjamini & Yekutieli (2001). Ann Stat 29, 1165-1188. doi:10.1214/aos/1013699998

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).round(3)
    array([0.03, 0.06, 0.06])
    """
    name = chosen("correction", method, ADJUSTMENTS)
    p = np.asarray(p_values, float)
    out = np.full(p.shape, np.nan)
    there = ~np.isnan(p)
    given = p[there]
    if given.size:
        order = np.argsort(given, kind="stable")
        adjusted = np.empty(given.size)
        adjusted[order] = _CORRECTIONS[name](given[order])
        out[there] = np.minimum(1.0, adjusted)
    return out


def _holm(p: Floats) -> Floats:
    return np.asarray(np.maximum.accumulate(np.arange(p.size, 0, -1) * p))


def _from_the_largest(values: Floats) -> Floats:
    return np.asarray(np.minimum.accumulate(values[::-1])[::-1])


def _hochberg(p: Floats) -> Floats:
    return _from_the_largest(np.arange(p.size, 0, -1) * p)


def _bh(p: Floats) -> Floats:
    return _from_the_largest(p.size / np.arange(1, p.size + 1) * p)


def _by(p: Floats) -> Floats:
    return np.asarray(_bh(p) * (1.0 / np.arange(1, p.size + 1)).sum())


def _hommel(p: Floats) -> Floats:
    """Wright's algorithm: the largest bound over all sizes of the set of true hypotheses."""
    m = p.size
    out = np.full(m, (m / np.arange(1, m + 1) * p).min())
    bound = out.copy()
    for size in range(m - 1, 1, -1):
        last = p[m - size + 1 :]
        tail = (size * last / np.arange(2, size + 1)).min()
        first = m - size + 1
        bound[:first] = np.minimum(size * p[:first], tail)
        bound[first:] = bound[m - size]
        out = np.maximum(out, bound)
    return np.asarray(np.maximum(out, p))


_CORRECTIONS: dict[str, Callable[[Floats], Floats]] = {
    "Bonferroni": lambda p: p.size * p,
    "Holm": _holm,
    "Hochberg": _hochberg,
    "Hommel": _hommel,
    "BH": _bh,
    "BY": _by,
}
