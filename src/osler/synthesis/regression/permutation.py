"""Permutation tests: what a regression finds where moderators mean nothing."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, p_value
from osler.synthesis.regression.deletion import residual_factors
from osler.synthesis.regression.figures_in_words import figure
from osler.synthesis.regression.fit import Fit, by_own_weights, ratio, stacked, wald_test
from osler.synthesis.regression.kernel import coefficients, covariance, project, residual_q
from osler.synthesis.regression.tau2 import estimate_tau2, problem_of

# Studies x arrangements worked on at a time, so that the arrays stay in a core's cache.
_BLOCK = 65_536
# Statistics this close, relative to their size, are the same one reached by other roundings.
_TIED = 1e-8


@dataclass(frozen=True, slots=True, repr=False)
class PermutationTest(Result):
    """p-values by rearrangement.

    Attributes
    ----------
    names : tuple of str
    statistics : tuple of float
        Coefficients over standard errors, as observed.
    p_values : tuple of float
        Share of arrangements whose statistic is at least as far from 0.
    omnibus, omnibus_p_value : float
        The test of all moderators; NaN where there are none.
    arrangements : int
        How many were looked at, the observed one included.
    exact : bool
        Whether these are all there are.
    signs : bool
        Whether signs of the estimates were changed (a model of the intercept alone) rather
        than rows of moderators rearranged.
    standard_errors : tuple of float
        Of the p-values, where arrangements were drawn at random; 0 where exact.
    null, omnibus_null : arrays of shape (p, arrangements) and (arrangements,)
        The statistics of every arrangement, the observed one among them.
    """

    names: tuple[str, ...]
    statistics: tuple[float, ...]
    p_values: tuple[float, ...]
    omnibus: float
    omnibus_p_value: float
    arrangements: int
    exact: bool
    signs: bool
    standard_errors: tuple[float, ...]
    null: Floats = field(default_factory=lambda: np.empty((0, 0)), repr=False, compare=False)
    omnibus_null: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    def summary(self) -> str:
        """A line for each coefficient, then the omnibus test."""
        rows = [
            [name[:48], figure(z), p_value(p)]
            for name, z, p in zip(self.names, self.statistics, self.p_values, strict=True)
        ]
        lines = aligned([["Coefficient", "statistic", "permutation p"], *rows])
        if math.isfinite(self.omnibus):
            lines += [
                "",
                f"All moderators: {figure(self.omnibus)}, {p_value(self.omnibus_p_value)}",
            ]
        return "\n".join([*lines, self._how()])

    def _how(self) -> str:
        what = "signs of the estimates" if self.signs else "arrangements of the moderators"
        kind = "all" if self.exact else "random"
        return f"From {kind} {counted(self.arrangements, what, what)}, the observed one among them."

    def columns(self) -> dict[str, list[object]]:
        """One row a coefficient."""
        return {
            "name": list(self.names),
            "statistic": list(self.statistics),
            "p_value": list(self.p_values),
            "standard_error": list(self.standard_errors),
        }

    def text(self) -> str:
        """How the p-values were made."""
        return (
            f"p-values are from {'an exact' if self.exact else 'a Monte Carlo'} permutation test "
            f"({counted(self.arrangements, 'arrangement')}; tau2 was estimated anew in each)."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """One for each coefficient."""
        return {name: partial(self._why, j) for j, name in enumerate(self.names)}

    def _why(self, j: int) -> Why:
        return Why(
            self.names[j],
            self.p_values[j],
            "The share of arrangements whose statistic is at least as far from 0 as observed.",
            "#{|z*| ≥ |z|} / arrangements",
            (("z", self.statistics[j]), ("arrangements", self.arrangements)),
            "Higgins & Thompson 2004, Stat Med 23, 1663-1682",
        )


def permute(
    fit: Fit, *, n: int = 10_000, rng: np.random.Generator | int | None = None
) -> PermutationTest:
    """Permutation tests of each coefficient and of all moderators.

    Parameters
    ----------
    fit : Fit
    n : int
        All arrangements are looked at where there are no more than this; otherwise this
        many are drawn at random, and the observed one is added.
    rng : numpy.random.Generator or int, optional
        For drawing; a seed makes the result repeatable.

    Notes
    -----
    Rows of the design move among the studies; arrangements that differ only by swapping
    equal rows count once. In a model of the intercept alone signs are changed instead.
    Equals metafor's ``permutest(..., exact=TRUE)``. Random p-values count the observed
    arrangement, so that none is 0.

    References
    ----------
    .. [1] Higgins & Thompson (2004). Stat Med 23, 1663-1682. doi:10.1002/sim.1752
    .. [2] Follmann & Proschan (1999). Biometrics 55, 732-737.
       doi:10.1111/j.0006-341X.1999.00732.x
    .. [3] Phipson & Smyth (2010). Stat Appl Genet Mol Biol 9, 39. doi:10.2202/1544-6115.1585
    """
    signs = not fit.design.moderators
    blocks, exact = _signs(fit, n, rng) if signs else _arrangements(fit, n, rng)
    observed, whole = _statistics(fit, np.arange(fit.k)[:, None], signs=False)
    with np.errstate(invalid="ignore"):
        found = [_statistics(fit, block, signs) for block in blocks]
        found += [] if exact else [(observed, whole)]
        z = np.concatenate([each for each, _ in found], axis=1)
        q = np.concatenate([each for _, each in found])
        p = (np.abs(z) >= np.abs(observed) * (1.0 - _TIED)).mean(axis=1)
        beyond = float((q >= whole * (1.0 - _TIED)).mean())
    total = q.size
    error = np.zeros(fit.p) if exact else np.sqrt(p * (1.0 - p) / total)
    return PermutationTest(
        names=fit.design.names,
        statistics=tuple(observed[:, 0].tolist()),
        p_values=tuple(p.tolist()),
        omnibus=math.nan if signs else float(whole[0]),
        omnibus_p_value=math.nan if signs else beyond,
        arrangements=total,
        exact=exact,
        signs=signs,
        standard_errors=tuple(error.tolist()),
        null=z,
        omnibus_null=q,
    )


def _statistics(fit: Fit, block: NDArray[np.intp] | Floats, signs: bool) -> tuple[Floats, Floats]:
    """Statistics of each coefficient, (p, m), and of all moderators, (m,), for arrangements."""
    m = block.shape[1]
    if signs:
        y, X = fit.y[:, None] * block, stacked(fit.design)
    else:
        y = np.repeat(fit.y[:, None], m, axis=1)
        X = np.ascontiguousarray(fit.design.matrix.T[:, np.asarray(block, np.intp)])
    v = np.repeat(fit.v[:, None], m, axis=1)
    problem = problem_of(y, v, X)
    tau2 = estimate_tau2(problem, fit.tau2_method, y)
    made = project(y, X, 1.0 / (v + tau2))
    s2 = residual_factors(fit.ci_method, residual_q(made), problem.df)
    if fit.own is None:
        b, vcov = coefficients(made), covariance(made) * s2
    else:
        b, plain = by_own_weights(y, v + tau2, X, np.repeat(fit.own[:, None], m, axis=1))
        vcov = plain * s2
    z = ratio(b, np.sqrt(np.einsum("jjm->jm", vcov)))
    return z, _omnibus(fit, b, vcov)


def _omnibus(fit: Fit, b: Floats, vcov: Floats) -> Floats:
    at = list(fit.design.moderators)
    if not at:
        return np.full(b.shape[1], np.nan)
    if b.shape[1] == 1:
        test = wald_test(b[at, 0], vcov[np.ix_(at, at)][:, :, 0], fit.df)
        return np.array([test.statistic])
    inner = np.moveaxis(vcov[np.ix_(at, at)], -1, 0)
    part = b[at].T[:, :, None]
    q = (part * np.linalg.solve(inner, part)).sum(axis=(1, 2))
    return np.asarray(q if math.isinf(fit.df) else q / len(at))


_Blocks: TypeAlias = Iterator[NDArray[np.intp]] | Iterator[Floats]


def _width(k: int) -> int:
    return max(1, _BLOCK // k)


def _signs(fit: Fit, n: int, rng: np.random.Generator | int | None) -> tuple[_Blocks, bool]:
    k = fit.k
    if k < 50 and 2**k <= n:
        return _all_signs(k), True
    random = np.random.default_rng(rng)
    widths = _widths(n, k)
    return (np.where(random.integers(0, 2, (k, width)) > 0, 1.0, -1.0) for width in widths), False


def _all_signs(k: int) -> Iterator[Floats]:
    width = _width(k)
    for first in range(0, 2**k, width):
        number = np.arange(first, min(first + width, 2**k))
        yield np.where((number >> np.arange(k)[:, None]) & 1, 1.0, -1.0)


def _widths(n: int, k: int) -> list[int]:
    width = _width(k)
    return [width] * (n // width) + ([n % width] if n % width else [])


def _arrangements(fit: Fit, n: int, rng: np.random.Generator | int | None) -> tuple[_Blocks, bool]:
    _, kind = np.unique(fit.design.matrix, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    counts = np.bincount(kind)
    log_count = math.lgamma(fit.k + 1) - sum(math.lgamma(c + 1) for c in counts)
    if log_count <= math.log(n) + 1e-9:
        return _all_arrangements(kind), True
    random = np.random.default_rng(rng)
    rows = np.tile(np.arange(fit.k)[:, None], (1, _width(fit.k)))
    drawn = (random.permuted(rows[:, :width], axis=0) for width in _widths(n, fit.k))
    return drawn, False


def _all_arrangements(kind: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Every way to hand out rows of several kinds; one row stands for all of its kind."""
    _, stands = np.unique(kind, return_index=True)
    each = multiset_permutations(sorted(kind.tolist()))
    while chunk := list(islice(each, _width(kind.size))):
        yield stands[np.array(chunk, np.intp)].T


def multiset_permutations(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All distinct orders of a sorted sequence, each once, in lexical order.

    References
    ----------
    .. [1] Knuth (2011). The Art of Computer Programming 4A, algorithm 7.2.1.2 L.

    Examples
    --------
    >>> list(multiset_permutations([0, 0, 1]))
    [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    """
    a = list(items)
    while True:
        yield tuple(a)
        j = len(a) - 2
        while j >= 0 and a[j] >= a[j + 1]:
            j -= 1
        if j < 0:
            return
        last = len(a) - 1
        while a[j] >= a[last]:
            last -= 1
        a[j], a[last] = a[last], a[j]
        a[j + 1 :] = a[:j:-1]
