"""Maximum likelihood for selection models: several starts, bounds, errors, flat directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from osler.appraisal.selection import problems
from osler.appraisal.selection.climbing import Summit, climb
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
    """What is free of (coefficients, tau2, delta): coefficients always.

    ``held`` has the values of what is not, ``lower`` and ``upper`` are the bounds of delta.
    Points are rows of the free parameters, climbed as log(1 + x), which is even for small and
    large ones alike; coefficients as they are.
    """

    likelihood: Likelihood
    held: Floats
    free: Bools
    lower: float
    upper: float

    @property
    def q(self) -> int:
        return int(self.likelihood.X.shape[1])

    @property
    def spread(self) -> bool:
        """Whether tau2 is free."""
        return bool(self.free[self.q])

    def whole(self, x: Floats) -> Floats:
        """Free parameters, shape (n, m), with those held between them."""
        out = np.tile(self.held, (len(x), 1))
        out[:, self.free] = x
        return out

    def natural(self, t: Floats) -> Floats:
        x = t.copy()
        x[..., self.q :] = np.expm1(t[..., self.q :])
        return x

    def climbed(self, x: Floats) -> Floats:
        t = x.copy()
        t[..., self.q :] = np.log1p(x[..., self.q :])
        return t

    def heights(self, t: Floats) -> Floats:
        """Log-likelihoods of parameters as climbed; minus infinity where there is none."""
        with np.errstate(all="ignore"):
            found = self.likelihood.heights(self.whole(self.natural(t)))
        return np.where(np.isfinite(found), found, -np.inf)

    def slopes(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Height, gradient and second derivatives in natural parameters."""
        with np.errstate(all="ignore"):
            found = self.likelihood.slopes(self.whole(x))
        at = np.flatnonzero(self.free)
        gradient, hessian = found.gradient[:, at], found.hessian[:, at[:, None], at]
        sound = np.isfinite(found.height + gradient.sum(1) + hessian.sum((1, 2)))
        return np.where(sound, found.height, -np.inf), gradient, hessian

    def hill(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        """The same of parameters as climbed."""
        x = self.natural(t)
        height, gradient, hessian = self.slopes(x)
        pace = np.ones_like(x)
        pace[:, self.q :] += x[:, self.q :]
        gradient = gradient * pace
        hessian = hessian * (pace[:, :, None] * pace[:, None, :])
        bent = np.arange(self.q, x.shape[1])
        hessian[:, bent, bent] += gradient[:, bent]
        return height, gradient, hessian

    def bounds(self) -> tuple[Floats, Floats]:
        """Of parameters as climbed."""
        lower, upper = np.full(self.free.size, -np.inf), np.full(self.free.size, np.inf)
        lower[self.q] = 0.0
        lower[self.q + 1 :], upper[self.q + 1 :] = np.log1p(self.lower), np.log1p(self.upper)
        return lower[self.free], upper[self.free]


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


def starts(space: Space, beta: Floats, tau2: float, deltas: Sequence[Sequence[float]]) -> Floats:
    """Points to start from: every delta with full, half and no effect, much and little spread."""
    spreads = (tau2, 0.25 * tau2 + 0.05, 0.0) if space.spread else (0.0,)
    found = [
        [*(share * beta), spread, *delta]
        for delta, share, spread in product(deltas, (1.0, 0.5, 0.0), spreads)
    ]
    return np.array(found, float)[:, space.free]


def fit(space: Space, points: Floats) -> Fit:
    """Climb from the best of the points, shape (n, m), and take the highest summit."""
    lower, upper = space.bounds()
    held = np.clip(space.climbed(points), lower, upper)
    ranked = held[np.argsort(-space.heights(held), kind="stable")]
    # The first point is the fit without selection, which is always tried.
    chosen = _apart([held[0], *ranked], 1 + _CLIMBED)
    summits = [s for s in climb(space.hill, chosen, lower, upper) if np.isfinite(s.height)]
    if not summits:
        raise problems.unusable_weights("with these, what was seen could not have been seen")
    best = max(summits, key=lambda s: (s.height, s.arrived))
    others = sorted({round(s.height, 4) for s in summits if s.arrived and _another(s, best)})
    at_bound = (best.at <= lower + 1e-9) | (best.at >= upper - 1e-9)
    x = space.natural(best.at)
    covariance, flat = _covariance(space, x, at_bound)
    return Fit(x, best.height, covariance, at_bound, best.arrived, flat, tuple(others))


def _apart(points: Sequence[Floats], most: int) -> Floats:
    """Without those that lie close to an earlier one: they would climb the same way."""
    kept: list[Floats] = []
    for t in points:
        if all(float(np.abs(t - other).max()) > 0.3 for other in kept):
            kept.append(t)
            if len(kept) == most:
                break
    return np.array(kept)


def _another(summit: Summit, best: Summit) -> bool:
    return best.height - summit.height > _OTHER


def _covariance(space: Space, x: Floats, at_bound: Bools) -> tuple[Floats, bool]:
    inside = ~at_bound
    out = np.full((x.size, x.size), np.nan)
    if not inside.any():
        return out, False
    information = -space.slopes(x[None])[2][0][np.ix_(inside, inside)]
    own = np.sqrt(np.abs(np.diag(information)))
    if not np.isfinite(information).all() or (own == 0).any():
        return out, True
    values = np.linalg.eigvalsh(information / np.outer(own, own))
    if values[0] <= _FLAT * values[-1]:
        return out, True
    out[np.ix_(inside, inside)] = np.linalg.inv(information)
    return out, False
