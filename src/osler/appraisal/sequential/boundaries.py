r"""Group-sequential boundaries by numerical integration.

A standardised sum of independent contributions is looked at when the fractions
:math:`t_1 < t_2 < \dots` of the information are there. As :math:`B(t) = Z \sqrt t` it is a
Brownian motion with independent steps. The density of the paths that have not yet crossed
a boundary is carried from look to look by

.. math:: f_j(b) = \int f_{j-1}(u)\,
          \frac{1}{\sqrt{\Delta_j}}\,\varphi\!\left(\frac{b - u - \theta\Delta_j}
          {\sqrt{\Delta_j}}\right) du

with Gauss-Legendre panels narrow enough for the narrower of two neighbouring steps. The
integrands are smooth, so that probabilities are right to about 1e-13.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, exp, inf, isfinite, log, log1p, sqrt

import numpy as np
from scipy import optimize, special

from osler.appraisal.sequential import problems
from osler.core.arrays import Floats

SPENDING = ("OBF", "Pocock")
# Beyond so many standard deviations nothing that matters is left: 1e-35.
_FAR = 12.5
# An error rate below it has no boundary worth the name.
_LEAST_SPENT = 1e-30
LEAST_STEP = 1e-6
_ORDER = 12
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_ORDER)
# Panels carried forward at a time.
_PANELS = 32


def spent(fraction: float, error: float, spending: str = "OBF") -> float:
    r"""Part of a one-sided error rate that may be spent at a fraction of the information.

    "OBF", like O'Brien and Fleming: :math:`2 - 2\Phi(z_{1 - e/2} / \sqrt t)`. "Pocock":
    :math:`e \ln(1 + (\mathrm e - 1) t)`. A two-sided test spends half of alpha on each side.

    References
    ----------
    .. [1] Lan & DeMets (1983). Biometrika 70, 659-663. doi:10.1093/biomet/70.3.659

    Examples
    --------
    >>> round(spent(0.5, 0.025), 6), spent(1.0, 0.025, "Pocock")
    (0.001525, 0.025)
    """
    if spending not in SPENDING:
        raise problems.unknown_choice("spending function", spending, ", ".join(SPENDING))
    t = min(1.0, fraction)
    if t == 1.0:
        return error
    if spending == "Pocock":
        return error * log1p((exp(1.0) - 1.0) * t)
    return 2.0 * float(special.ndtr(special.ndtri(error / 2.0) / sqrt(t)))


@dataclass(frozen=True, slots=True)
class _Paths:
    """Paths still going: their places, and the probability at each, before the next look."""

    place: Floats
    mass: Floats

    def above(self, limit: float, step: float, drift: float) -> float:
        """Probability that the next look finds them above a limit."""
        away = (limit - self.place - drift * step) / sqrt(step)
        return float(self.mass @ special.ndtr(-away))

    def below(self, limit: float, step: float, drift: float) -> float:
        away = (limit - self.place - drift * step) / sqrt(step)
        return float(self.mass @ special.ndtr(away))

    def carried(
        self, intervals: Sequence[tuple[float, float]], step: float, drift: float, width: float
    ) -> "_Paths":
        """The paths that go on: those that the next look finds within the intervals."""
        places, weights = zip(*(_panels(low, high, width) for low, high in intervals), strict=True)
        place, weight = np.concatenate(places), np.concatenate(weights)
        density = self._density(place, step, drift)
        return _Paths(place.ravel(), (weight * density).ravel())

    def _density(self, place: Floats, step: float, drift: float) -> Floats:
        """Density after a step at places of shape (panels, nodes), in ascending order."""
        sd, shift = sqrt(step), drift * step
        out = np.empty_like(place)
        for at in range(0, len(place), _PANELS):
            part = place[at : at + _PANELS]
            near = slice(
                np.searchsorted(self.place, part.min() - shift - _FAR * sd),
                np.searchsorted(self.place, part.max() - shift + _FAR * sd),
            )
            away = (part.ravel()[:, None] - self.place[near] - shift) / sd
            kernel = np.exp(-0.5 * away * away) @ self.mass[near]
            out[at : at + _PANELS] = kernel.reshape(part.shape) / (sd * sqrt(2.0 * np.pi))
        return out


_START = _Paths(np.zeros(1), np.ones(1))


def alpha_boundaries(
    fractions: Sequence[float], *, alpha: float = 0.05, spending: str = "OBF"
) -> tuple[float, ...]:
    r"""Symmetric boundaries for \\|Z\\| at each look, two-sided.

    Parameters
    ----------
    fractions : sequence of float
        Information at each look over the required information; increasing. A look at 1 or
        beyond spends all of alpha that is left, and must be the last.
    alpha : float
        Two-sided error rate.
    spending : {"OBF", "Pocock"}

    Returns
    -------
    tuple of float
        Infinity where less than 1e-30 may be spent: a look so early tests nothing.

    Raises
    ------
    DataError
        Where alpha is not between 0 and 1 (SEQ001), the spending function is not known
        (SEQ003), or fractions do not increase by 1e-6 or more (SEQ005).

    Notes
    -----
    Boundaries for benefit ignore those for futility, which are not binding. Agrees with
    multivariate normal probabilities of R's mvtnorm.

    References
    ----------
    .. [1] Armitage, McPherson & Rowe (1969). J R Stat Soc A 132, 235-244. doi:10.2307/2343787
    .. [2] Lan & DeMets (1983). Biometrika 70, 659-663. doi:10.1093/biomet/70.3.659
    .. [3] Jennison & Turnbull (2000). Group Sequential Methods, chapters 7 and 19.

    Examples
    --------
    >>> [round(c, 3) for c in alpha_boundaries([0.2, 0.4, 0.6, 0.8, 1.0])]
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    steps = _steps(fractions)
    _check_rate("alpha", alpha)
    paths, used, out = _START, 0.0, []
    for j, (t, step) in enumerate(zip(fractions, steps, strict=True)):
        allowed = spent(t, alpha / 2.0, spending) - used
        limit = inf
        if allowed > _LEAST_SPENT:
            limit = _limit(lambda b, p=paths, s=step: p.above(b, s, 0.0), allowed, sqrt(t))  # type: ignore[misc]
            used += allowed
        out.append(limit / sqrt(t))
        if j + 1 < len(steps):
            reach = min(limit, _FAR * sqrt(t))
            paths = paths.carried([(-reach, reach)], step, 0.0, _width(steps, j))
    return tuple(out)


def futility_boundaries(
    fractions: Sequence[float],
    upper: Sequence[float],
    *,
    drift: float,
    beta: float,
    spending: str = "OBF",
) -> tuple[float, ...]:
    r"""Inner boundaries: \\|Z\\| below them makes the relevant effect unlikely.

    Parameters
    ----------
    fractions, upper : sequence of float
        Looks, and the boundaries of :func:`alpha_boundaries`.
    drift : float
        Mean of Z at full information if the effect is the relevant one.
    beta : float
        Probability of stopping for futility, or at the end, although it is: 1 - power.
    spending : {"OBF", "Pocock"}
        By which beta is spent.

    Returns
    -------
    tuple of float
        From 0 up; never above ``upper``. At a look with full information both meet.

    Raises
    ------
    DataError
        As :func:`alpha_boundaries`.

    Examples
    --------
    >>> looks = [0.25, 0.5, 0.75, 1.0]
    >>> upper = alpha_boundaries(looks)
    >>> [round(a, 2) for a in futility_boundaries(looks, upper, drift=3.24, beta=0.1)]
    [0.0, 0.31, 1.15, 2.01]
    """
    steps = _steps(fractions)
    _check_rate("beta", beta)
    paths, used, out = _START, 0.0, []
    for j, (t, step) in enumerate(zip(fractions, steps, strict=True)):
        limit = upper[j] * sqrt(t)
        inner = limit
        if t < 1.0:
            allowed = spent(t, beta, spending) - used
            inner = _inner(paths, step, drift, allowed, limit)
            used += _between(paths, inner, step, drift)
        out.append(inner / sqrt(t))
        if j + 1 < len(steps):
            top = drift * t + _FAR * sqrt(t)
            bottom = drift * t - _FAR * sqrt(t)
            going = [(max(-limit, bottom), -inner), (inner, min(limit, top))]
            kept = [(low, high) for low, high in going if high > low]
            if not kept:
                return (*out, *(float(c) for c in upper[j + 1 :]))
            paths = paths.carried(kept, step, drift, _width(steps, j))
    return tuple(out)


def crossing_probabilities(
    fractions: Sequence[float], upper: Sequence[float], *, drift: float = 0.0
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Probability that each look is the first beyond its boundary: above, and below.

    Parameters
    ----------
    fractions, upper : sequence of float
        Looks and boundaries; infinity is no boundary.
    drift : float
        Mean of Z at full information.

    Examples
    --------
    >>> looks = [0.5, 1.0]
    >>> above, below = crossing_probabilities(looks, alpha_boundaries(looks))
    >>> round(sum(above) + sum(below), 10)
    0.05
    """
    steps = _steps(fractions)
    paths, above, below = _START, [], []
    for j, (t, step) in enumerate(zip(fractions, steps, strict=True)):
        limit = upper[j] * sqrt(t)
        above.append(paths.above(limit, step, drift))
        below.append(paths.below(-limit, step, drift))
        if j + 1 < len(steps):
            low = max(-limit, drift * t - _FAR * sqrt(t))
            high = min(limit, drift * t + _FAR * sqrt(t))
            if low >= high:
                left = [0.0] * (len(steps) - j - 1)
                return (*above, *left), (*below, *left)
            paths = paths.carried([(low, high)], step, drift, _width(steps, j))
    return tuple(above), tuple(below)


def _steps(fractions: Sequence[float]) -> list[float]:
    """Information between looks; a DataError where it is not there."""
    times = [0.0, *(float(t) for t in fractions)]
    steps = [late - early for early, late in itertools.pairwise(times)]
    for j, step in enumerate(steps):
        if not (isfinite(step) and step >= LEAST_STEP * (1.0 - 1e-9)):
            raise problems.times_not_increasing(f"look {j + 1}: {times[j]:g} to {times[j + 1]:g}")
        if times[j] >= 1.0:
            found = f"look {j + 1} comes after all of the information is there"
            raise problems.times_not_increasing(found)
    if not steps:
        raise problems.times_not_increasing("no look")
    return steps


def _check_rate(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise problems.not_a_probability(name, value)


def _width(steps: Sequence[float], j: int) -> float:
    """Width of the panels between this look and the next."""
    return 2.0 * sqrt(min(steps[j], steps[j + 1]))


def _panels(low: float, high: float, width: float) -> tuple[Floats, Floats]:
    """Nodes and weights of shape (panels, nodes) on an interval."""
    count = max(2, ceil((high - low) / width))
    edges = np.linspace(low, high, count + 1)
    half = 0.5 * np.diff(edges)[:, None]
    middle = 0.5 * (edges[1:] + edges[:-1])[:, None]
    return middle + half * _NODES, half * _WEIGHTS


def _limit(tail: Callable[[float], float], allowed: float, scale: float) -> float:
    """Where a falling tail probability equals what may be spent."""
    goal = log(allowed)

    def gap(limit: float) -> float:
        p = tail(limit)
        return (log(p) if p > 0 else -1000.0) - goal

    top = scale
    while gap(top) > 0:
        top *= 1.5
    bottom = -scale
    while gap(bottom) < 0:
        bottom *= 1.5
        if bottom < -1e3 * scale:
            return bottom
    return float(optimize.brentq(gap, bottom, top, xtol=1e-14 * scale, rtol=1e-14, maxiter=300))


def _between(paths: _Paths, inner: float, step: float, drift: float) -> float:
    return max(0.0, paths.below(inner, step, drift) - paths.below(-inner, step, drift))


def _inner(paths: _Paths, step: float, drift: float, allowed: float, limit: float) -> float:
    """Where the probability within reaches what may be spent, at most the outer limit."""
    if allowed <= 0.0:
        return 0.0
    top = min(limit, drift + _FAR)
    if _between(paths, top, step, drift) <= allowed:
        return limit
    return float(
        optimize.brentq(
            lambda a: _between(paths, a, step, drift) - allowed, 0.0, top, xtol=1e-13, rtol=1e-13
        )
    )
