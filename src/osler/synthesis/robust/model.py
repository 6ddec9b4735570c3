"""Results of robust tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, level_percent, number, p_value
from osler.synthesis.robust import problems
from osler.synthesis.robust.freedom import hotelling_df
from osler.synthesis.robust.sandwich import Robust

_SOURCE = {
    "CR0": "Hedges, Tipton & Johnson 2010, doi:10.1002/jrsm.5",
    "CR1": "Hedges, Tipton & Johnson 2010, doi:10.1002/jrsm.5",
    "CR1p": "Hedges, Tipton & Johnson 2010, doi:10.1002/jrsm.5",
    "CR2": "Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004",
}
_FACTOR = {
    "CR0": "1",
    "CR1": "m / (m − 1)",
    "CR1p": "m / (m − p)",
    "CR2": "A_j makes it unbiased under the working model",
}


@dataclass(frozen=True, slots=True)
class RobustCoefficient:
    """One coefficient with its robust test; NaN where there is less than 1 df."""

    name: str
    estimate: float
    se: float
    statistic: float
    df: float
    p_value: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True, repr=False)
class RobustWald(Result):
    """Robust test that several contrasts are 0.

    Attributes
    ----------
    tested : tuple of str
    f, df1, df2, p_value : float, int, float, float
        ``f`` is scaled to follow F(df1, df2).
    q : float
        The Wald statistic itself.
    test : str
        "HTZ" or "naive".
    kind : str
    """

    tested: tuple[str, ...]
    f: float
    df1: int
    df2: float
    p_value: float
    q: float
    test: str
    kind: str

    def summary(self) -> str:
        return (
            f"Robust Wald test ({self.kind}, {self.test}) of {', '.join(self.tested)}\n"
            f"F {number(self.f, 3)} on {self.df1} and {number(self.df2, 2)} df, "
            f"{p_value(self.p_value)}"
        )

    def columns(self) -> dict[str, list[object]]:
        names = "f df1 df2 p_value q test kind".split()
        return {name: [getattr(self, name)] for name in names}

    def text(self) -> str:
        return (
            f"A cluster-robust Wald test ({self.kind}, {self.test}) of {', '.join(self.tested)} "
            f"gave F({self.df1}, {number(self.df2, 1)}) = {number(self.f, 2)}, "
            f"{p_value(self.p_value)}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"f": self._why, "p_value": self._why}

    def _why(self) -> Why:
        return Why(
            "f",
            self.f,
            "The robust Wald statistic, referred to Hotelling's T² whose degrees of freedom "
            "match the mean and the total variance of the robust covariance."
            if self.test == "HTZ"
            else "The robust Wald statistic over the number of contrasts.",
            "F = (η − q + 1) / (η q) · Q" if self.test == "HTZ" else "F = Q / q",
            (("Q", self.q), ("q", self.df1), ("df2", self.df2)),
            "Tipton & Pustejovsky 2015, doi:10.3102/1076998615606099",
        )


@dataclass(frozen=True, slots=True, repr=False)
class RobustTests(Result):
    """Coefficients of a model with cluster-robust standard errors.

    Attributes
    ----------
    measure : str
    coefficients : tuple of RobustCoefficient
    covariance : array of shape (p, p)
    kind : str
        "CR0", "CR1", "CR1p", "CR2".
    df_method : str
        "satterthwaite" or "residual".
    cluster : str
        Column of the clusters.
    clusters, k : int
        Number of clusters and of estimates.
    level : float
    notes : tuple of str
    """

    measure: str
    coefficients: tuple[RobustCoefficient, ...]
    covariance: Floats
    kind: str
    df_method: str
    cluster: str
    clusters: int
    k: int
    level: float
    notes: tuple[str, ...]
    sandwich: Robust | None = field(repr=False)
    beta: Floats = field(repr=False)

    def wald(
        self, tested: Sequence[str] | ArrayLike | None = None, *, test: str = "HTZ"
    ) -> RobustWald:
        """Test several coefficients, or contrasts of them, at once.

        Parameters
        ----------
        tested : names, or array of shape (q, p)
            Without: all coefficients but the intercept.
        test : {"HTZ", "naive"}
            Approximate Hotelling test, or F with clusters less coefficients.
        """
        C, names = contrasts(tested, [c.name for c in self.coefficients])
        if test not in ("HTZ", "naive"):
            raise DataError(problems.unknown_kind("test", test, '"HTZ" or "naive"'))
        if test == "HTZ" and self.sandwich is None:
            raise DataError(problems.across_clusters())
        value, V = C @ self.beta, C @ self.covariance @ C.T
        if np.linalg.matrix_rank(V) < len(C):
            raise DataError(problems.no_contrast("the contrasts have no full robust covariance"))
        q, size = float(value @ np.linalg.solve(V, value)), len(C)
        eta = hotelling_df(self.sandwich, C) if self.sandwich and test == "HTZ" else float("nan")
        df2 = eta - size + 1 if test == "HTZ" else float(self.clusters - len(self.beta))
        f = q / size * (df2 / eta if test == "HTZ" else 1.0)
        p = float(special.fdtrc(size, df2, f)) if df2 > 0 else float("nan")
        return RobustWald(names, f if df2 > 0 else float("nan"), size, df2, p, q, test, self.kind)

    def summary(self) -> str:
        rows = [["", "estimate", "robust se", "t", "df", "p", f"{level_percent(self.level)} CI"]]
        for c in self.coefficients:
            ci = f"{number(c.ci_lower, 4)} to {number(c.ci_upper, 4)}"
            told = p_value(c.p_value).removeprefix("p ").removeprefix("= ")
            numbers = number(c.estimate, 4), number(c.se, 4), number(c.statistic, 2)
            rows.append([c.name[:26], *numbers, number(c.df, 1), told, ci])
        head = (
            f"Cluster-robust tests, {self.kind}, df: {self.df_method}; "
            f"{counted(self.k, 'estimate')} in {counted(self.clusters, 'cluster')} "
            f"({self.cluster})"
        )
        return "\n".join([head, "", *aligned(rows), *(_note(n) for n in self.notes)])

    def columns(self) -> dict[str, list[object]]:
        names = RobustCoefficient.__slots__
        return {name: [getattr(c, name) for c in self.coefficients] for name in names}

    def text(self) -> str:
        shown = [
            f"{c.name} {number(c.estimate, 3)} ({level_percent(self.level)} CI "
            f"{number(c.ci_lower, 3)} to {number(c.ci_upper, 3)}, df {number(c.df, 1)}, "
            f"{p_value(c.p_value)})"
            for c in self.coefficients
        ]
        freedom = (
            "Satterthwaite degrees of freedom"
            if self.df_method == "satterthwaite"
            else "clusters less coefficients as degrees of freedom"
        )
        return (
            f"Standard errors were made robust to any dependence within "
            f"{counted(self.clusters, 'cluster')} ({self.cluster}; {self.kind}), with {freedom}. "
            f"{'; '.join(shown)}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {c.name: partial(self._why, c) for c in self.coefficients}

    def _why(self, c: RobustCoefficient) -> Why:
        return Why(
            c.name,
            c.estimate,
            "The estimate is that of the model; its variance is read off the residuals of whole "
            f"clusters. {self.kind}: {_FACTOR[self.kind]}.",
            "V = B [Σ X_j' W_j A_j e_j e_j' A_j' W_j X_j] B",
            (("robust se", c.se), ("clusters", self.clusters), ("df", c.df), ("t", c.statistic)),
            _SOURCE[self.kind],
        )


def _note(note: str) -> str:
    words, lines = f"note: {note}".split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 94:
            lines.append(" ")
        lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\n".join(lines)


def contrasts(
    tested: Sequence[str] | ArrayLike | None, names: Sequence[str]
) -> tuple[Floats, tuple[str, ...]]:
    """Rows of contrasts, and how they are called."""
    if tested is None:
        wanted = [n for n in names if n != "Intercept"] or list(names)
        return contrasts(wanted, names)
    listed = list(tested) if not isinstance(tested, np.ndarray) else tested  # type: ignore[arg-type]
    if len(listed) and all(isinstance(each, str) for each in listed):
        unknown = [str(each) for each in listed if each not in names]
        if unknown:
            raise DataError(problems.no_contrast(f"there is no coefficient {unknown[0]!r}"))
        return np.eye(len(names))[[list(names).index(str(e)) for e in listed]], tuple(
            str(e) for e in listed
        )
    C = np.atleast_2d(np.asarray(listed, float))
    if C.shape[1] != len(names) or np.linalg.matrix_rank(C) < len(C):
        raise DataError(problems.no_contrast(f"contrasts of shape {C.shape}"))
    return C, tuple(f"contrast {i}" for i in range(1, len(C) + 1))
