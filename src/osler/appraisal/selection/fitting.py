"""Maximum likelihood for selection models: several starts, bounds, errors, flat directions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.appraisal.selection.climbing import Summit, climb, fine_hessian
from osler.appraisal.selection.likelihood import Likelihood
from osler.core.arrays import Bools, Floats

# Starts climbed of those looked at, and the difference in height that makes another summit.
_CLIMBED = 3
_OTHER = 1e-4
# An eigenvalue of the information this far below the largest, in units of each parameter's
# own curvature, is a direction along which the data say nothing.
_FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class Space:
    """What is free: coefficients always, tau2 where ``spread``, some of delta.

    Parameters are climbed as log(1 + x), which is even for small and large ones alike.
    """

    likelihood: Likelihood
    spread: bool
    delta: Floats
    free: Bools
    lower: float
    upper: float

    @property
    def q(self) -> int:
        return int(self.likelihood.X.shape[1])

    def unpacked(self, x: Floats) -> tuple[Floats, float, Floats]:
        """Coefficients, tau2 and delta from natural parameters."""
        delta = self.delta.copy()
        delta[self.free] = x[self.q + self.spread :]
        return x[: self.q], float(x[self.q]) if self.spread else 0.0, delta

    def natural(self, t: Floats) -> Floats:
        x = t.copy()
        x[self.q :] = np.expm1(t[self.q :])
        return x

    def climbed(self, x: Floats) -> Floats:
        t = x.copy()
        t[self.q :] = np.log1p(x[self.q :])
        return t

    def height(self, x: Floats) -> tuple[float, Floats]:
        """Of natural parameters, with its gradient."""
        with np.errstate(all="ignore"):
            value, by_beta, by_tau2, by_delta = self.likelihood(*self.unpacked(x))
        parts = [by_beta, [by_tau2] if self.spread else [], by_delta[self.free]]
        gradient = np.concatenate([np.asarray(part, float) for part in parts])
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return -np.inf, np.zeros_like(gradient)
        return value, gradient

    def hill(self, t: Floats) -> tuple[float, Floats]:
        """Of the parameters as climbed."""
        x = self.natural(t)
        value, gradient = self.height(x)
        gradient = gradient.copy()
        gradient[self.q :] *= 1.0 + x[self.q :]
        return value, gradient

    def bounds(self) -> tuple[Floats, Floats]:
        m = self.q + self.spread + int(self.free.sum())
        lower, upper = np.full(m, -np.inf), np.full(m, np.inf)
        if self.spread:
            lower[self.q] = 0.0
        first = self.q + self.spread
        lower[first:], upper[first:] = np.log1p(self.lower), np.log1p(self.upper)
        return lower, upper


@dataclass(frozen=True, slots=True)
class Fit:
    """The highest summit, in natural parameters and the unit of the fit.

    ``covariance`` has NaN for parameters at a bound, which have no error of that kind.
    """

    x: Floats
    height: float
    covariance: Floats
    at_bound: Bools
    arrived: bool
    flat: bool
    others: tuple[float, ...]


def starts(
    space: Space, beta: Floats, tau2: float, deltas: Sequence[Sequence[float]]
) -> list[Floats]:
    """Points to start from: every delta with full, half and no effect, much and little spread."""
    found = []
    for delta in deltas:
        for share in (1.0, 0.5, 0.0):
            for spread in (tau2, 0.25 * tau2 + 0.05, 0.0) if space.spread else (0.0,):
                parts = [share * beta, [spread] if space.spread else []]
                parts.append(np.asarray(delta, float)[space.free])
                found.append(np.concatenate([np.asarray(part, float) for part in parts]))
    return found


def fit(space: Space, points: Sequence[Floats]) -> Fit:
    """Climb from the best of the points and take the highest summit."""
    lower, upper = space.bounds()
    held = [np.clip(space.climbed(x), lower, upper) for x in points]
    ranked = sorted(held, key=lambda t: -space.hill(t)[0])
    summits: list[Summit] = []
    # The first point is the fit without selection, which is always tried.
    for t in _apart([held[0], *ranked])[: 1 + _CLIMBED]:
        if np.isfinite(space.hill(t)[0]):
            summits.append(climb(space.hill, t, lower, upper))
    best = max(summits, key=lambda s: (s.height, s.arrived))
    others = sorted({round(s.height, 4) for s in summits if s.arrived and _another(s, best)})
    at_bound = (best.at <= lower + 1e-9) | (best.at >= upper - 1e-9)
    covariance, flat = _covariance(space, space.natural(best.at), at_bound)
    return Fit(
        space.natural(best.at),
        best.height,
        covariance,
        at_bound,
        best.arrived,
        flat,
        tuple(others),
    )


def _apart(points: Sequence[Floats]) -> list[Floats]:
    """Without those that lie close to an earlier one: they would climb the same way."""
    kept: list[Floats] = []
    for t in points:
        if all(float(np.abs(t - other).max()) > 0.3 for other in kept):
            kept.append(t)
    return kept


def _another(summit: Summit, best: Summit) -> bool:
    return best.height - summit.height > _OTHER


def _covariance(space: Space, x: Floats, at_bound: Bools) -> tuple[Floats, bool]:
    inside = ~at_bound
    out = np.full((x.size, x.size), np.nan)
    if not inside.any():
        return out, False

    def gradient(part: Floats) -> Floats:
        whole = x.copy()
        whole[inside] = part
        return space.height(whole)[1][inside]

    scale = np.maximum(np.abs(x), 0.1)
    scale[space.q :] = np.abs(x[space.q :])
    information = -fine_hessian(gradient, x[inside], scale[inside])
    own = np.sqrt(np.abs(np.diag(information)))
    if not np.isfinite(information).all() or (own == 0).any():
        return out, True
    values = np.linalg.eigvalsh(information / np.outer(own, own))
    if values[0] <= _FLAT * values[-1]:
        return out, True
    out[np.ix_(inside, inside)] = np.linalg.inv(information)
    return out, False
