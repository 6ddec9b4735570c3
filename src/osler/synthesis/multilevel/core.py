"""A fitted model in arrays: what every question asked of it later starts from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.blocks import Inverse, inverse_at
from osler.synthesis.multilevel.components import Setting, setting_of
from osler.synthesis.multilevel.layout import Layout, layout_of
from osler.synthesis.multilevel.likelihood import Likelihood, Scaled, likelihood_of, scaled, split
from osler.synthesis.multilevel.placing import Placed
from osler.synthesis.multilevel.sampling import Sampling
from osler.synthesis.multilevel.search import Maximum, climb, highest, scattered, starts

# A variance coordinate below this is tried at 0 exactly.
_SMALL = 3e-3


@dataclass(frozen=True, slots=True)
class Problem:
    """Data and terms on the scale they were given in.

    Attributes
    ----------
    y : array of shape (n,)
    X : array of shape (n, p)
    sampling : Sampling
    terms : tuple of Placed
    restricted : bool
    """

    y: Floats
    X: Floats
    sampling: Sampling
    terms: tuple[Placed, ...]
    restricted: bool


@dataclass(frozen=True, slots=True)
class Solution:
    """The maximum of the likelihood with some components held.

    Attributes
    ----------
    setting : Setting
    likelihood : Likelihood
    maximum : Maximum
    others : tuple of float
        Log-likelihood of further maxima that the search met.
    """

    setting: Setting
    likelihood: Likelihood
    maximum: Maximum
    others: tuple[float, ...]

    @property
    def log_likelihood(self) -> float:
        return self.maximum.height + self.likelihood.constant

    @property
    def naturals(self) -> Floats:
        """All components by name, on the unit scale."""
        structures = [term.structure for term in self.setting.terms]
        parts = split(self.maximum.z, structures)
        values = [s.values(part) for s, part in zip(structures, parts, strict=True)]
        return np.concatenate([np.zeros(0), *values])


def solve(problem: Problem, hold: Mapping[str, float]) -> Solution:
    """Search over the whole range of the components that are not held."""
    data = scaled(problem.y, problem.X, problem.sampling)
    setting = setting_of(problem.terms, hold, data.unit)
    likelihood = likelihood_of(data, setting.terms, restricted=problem.restricted)
    spread = _spread(data)
    found = starts(likelihood.structures, spread), scattered(likelihood.structures, spread)
    candidates, further = (
        [np.where(setting.free, z, setting.fixed) for z in several] for several in found
    )
    best, others = highest(likelihood.at, candidates, further, setting.free)
    if not np.isfinite(best.height):
        raise DataError(problems.beyond_computing("the likelihood is not a finite number"))
    best = _at_zero(likelihood, best, setting)
    heights = tuple(other.height + likelihood.constant for other in others)
    return Solution(setting, likelihood, best, heights)


def solve_near(problem: Problem, hold: Mapping[str, float], near: Solution) -> Solution:
    """As :func:`solve`, climbing from the maximum for nearly the same data.

    The whole range is searched where that likelihood had several maxima, where the terms
    have lost something (a level, a pair), or where any of the usual starts is already higher.
    """
    data = scaled(problem.y, problem.X, problem.sampling, near.likelihood.data.unit)
    setting = setting_of(problem.terms, hold, data.unit)
    if near.others or _shapes(setting) != _shapes(near.setting):
        return solve(problem, hold)
    likelihood = likelihood_of(data, setting.terms, restricted=problem.restricted)
    start = np.where(setting.free, near.maximum.z, setting.fixed)
    best = climb(likelihood.at, start, setting.free, 1e-18)
    usual = starts(likelihood.structures, _spread(data))
    heights = [
        likelihood.at(np.where(setting.free, z, setting.fixed), slope=False)[0] for z in usual
    ]
    if not best.arrived or max(heights) > best.height:
        return solve(problem, hold)
    return Solution(setting, likelihood, _at_zero(likelihood, best, setting), ())


def _shapes(setting: Setting) -> list[tuple[type, int]]:
    structures = [term.structure for term in setting.terms]
    return [(type(each), each.coordinates) for each in structures]


def _spread(data: Scaled) -> float:
    """Variance of the estimates around the mean, on the unit scale."""
    residual = data.y - data.Q @ (data.Q.T @ data.y)
    freedom = max(data.y.size - int(data.Q.shape[1]), 1)
    return max(float(residual @ residual) / freedom, 1e-4)


def _at_zero(likelihood: Likelihood, best: Maximum, setting: Setting) -> Maximum:
    """With variances that are only a hair above 0 at 0, where that is no lower."""
    z = best.z.copy()
    at = 0
    for term in setting.terms:
        for natural in term.structure.naturals:
            place = at + natural.coordinate
            if natural.kind == "variance" and natural.coordinate >= 0 and setting.free[place]:
                tried = z.copy()
                tried[place] = 0.0
                if abs(z[place]) < _SMALL and likelihood.at(tried, slope=False)[0] >= (
                    best.height - 1e-10
                ):
                    z = tried
        at += term.structure.coordinates
    if np.array_equal(z, best.z):
        return best
    again = climb(likelihood.at, z, setting.free, 1e-18)
    return again if again.height >= best.height - 1e-10 else best


def component_values(solution: Solution) -> list[float]:
    """All components by the order of their names, in the unit of the data."""
    unit2 = solution.likelihood.data.unit**2
    kinds = [n.kind for t in solution.setting.terms for n in t.structure.naturals]
    return [
        float(v) * (unit2 if kind == "variance" else 1.0)
        for v, kind in zip(solution.naturals, kinds, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Coefficients given the variance components.

    Attributes
    ----------
    beta : array of shape (p,)
    covariance : array of shape (p, p)
    """

    beta: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True)
class Marginal:
    """The marginal covariance at the end of the search, ready to be multiplied with.

    Attributes
    ----------
    inverse : Inverse
        Of M on the unit scale.
    covariances : tuple of arrays
        Matrix T of every term, in the unit of the data.
    data : Scaled
    fixed : Fixed
    """

    inverse: Inverse
    covariances: tuple[Floats, ...]
    data: Scaled
    fixed: Fixed

    def times(self, U: Floats) -> Floats:
        """M⁻¹ U in the unit of the data."""
        return np.asarray(self.inverse.times(U) / self.data.unit**2)


def marginal_of(solution: Solution) -> Marginal:
    """M and its inverse by blocks, whatever path the search took."""
    data, terms = solution.likelihood.data, solution.setting.terms
    layout = solution.likelihood.layout
    if solution.likelihood.chain is not None:
        layout = layout_of(terms, data.sampling)
    T = solution.likelihood.covariances(solution.maximum.z)
    inverse = inverse_at(layout, T)
    unit2 = data.unit**2
    return Marginal(inverse, tuple(t * unit2 for t in T), data, fixed_of(data, inverse))


def fixed_of(data: Scaled, inverse: Inverse) -> Fixed:
    """Generalised least squares."""
    WQ = inverse.times(data.Q)
    information = data.Q.T @ WQ
    back = np.linalg.inv(data.R)
    bread = np.linalg.inv((information + information.T) / 2.0)
    beta = back @ (data.offset + bread @ (WQ.T @ data.y))
    return Fixed(beta * data.unit, back @ bread @ back.T * data.unit**2)


def sampling_layout(data: Scaled) -> Layout:
    return layout_of((), data.sampling)


@dataclass(frozen=True, slots=True)
class Residual:
    """The model without random effects: Cochran's Q and typical sampling variance.

    Attributes
    ----------
    q : float
    leverage : array of shape (n,)
        Diagonal of P = W − W X (X' W X)⁻¹ X' W with W the inverse sampling covariance.
    """

    q: float
    leverage: Floats


def residual_of(data: Scaled) -> Residual:
    inverse = inverse_at(sampling_layout(data), ())
    WQ = inverse.times(data.Q)
    information = data.Q.T @ WQ
    residual = data.y - data.Q @ np.linalg.solve(information, WQ.T @ data.y)
    diagonal = np.empty(data.y.size)
    for each, block in zip(inverse.layout.classes, inverse.blocks, strict=True):
        diagonal[each.index] = np.diagonal(block, axis1=1, axis2=2)
    taken = np.einsum("ij,ij->i", WQ, np.linalg.solve(information, WQ.T).T)
    unit2 = data.unit**2
    return Residual(float(residual @ inverse.times(residual)), (diagonal - taken) / unit2)


def free_count(setting: Setting) -> int:
    """Components that were estimated: what the information criteria count."""
    return len(setting.names) - len(setting.held)
