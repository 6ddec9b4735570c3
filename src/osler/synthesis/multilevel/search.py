"""The highest point of a likelihood: starts over the whole range, then Newton's method."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.multilevel.structures import Structure

Objective = Callable[[Floats], tuple[float, Floats]]
# Gain in log-likelihood that one more Newton step promises: below the first the search is
# near enough to tell its maximum from another, below the second it has arrived.
_NEAR, _ARRIVED = 1e-6, 1e-18
_STEPS = 200
# Up to so many coordinates Newton's method alone is quicker than an approach before it.
_FEW = 2
# Maxima whose log-likelihoods differ by no more are one.
_SAME = 1e-4
# Longest step, in coordinates of which one unit is a typical deviation.
_REACH = 1.0
# Shares of the heterogeneity, its sizes in terms of the spread of the estimates, and
# correlations to start from.
_SIZES = (1.0, 0.1, 0.01)
_CORRELATIONS = (0.2, 0.8, -0.5)
_RUNS = 3
# Further starts, scattered, for structures with more than two numbers, whose levels can
# differ in ways that no list foresees. The seed makes them the same every time.
_SCATTERED, _SEED = 9, 20_160_229


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a search ended.

    Attributes
    ----------
    z : array of shape (m,)
        All coordinates, held ones with their value.
    height : float
    hessian : array of shape (free, free)
        Of the objective, by the free coordinates.
    arrived : bool
        Whether the gradient vanished to rounding.
    """

    z: Floats
    height: float
    hessian: Floats
    arrived: bool


def starts(structures: Sequence[Structure], spread: float) -> list[Floats]:
    """Coordinates over the plausible range: who has the heterogeneity, how much, how related."""
    m = len(structures)
    if not m:
        return [np.zeros(0)]
    shares = [np.full(m, 1.0 / m)]
    if m > 1:
        shares += [np.where(np.arange(m) == i, 0.9, 0.1 / (m - 1)) for i in range(m)]
    related = any(n.kind != "variance" for s in structures for n in s.naturals)
    correlations = _CORRELATIONS if related else _CORRELATIONS[:1]
    return [
        np.concatenate(
            [s.start(spread * size * f, rho) for s, f in zip(structures, share, strict=True)]
        )
        for size, share, rho in product(_SIZES, shares, correlations)
    ]


def scattered(structures: Sequence[Structure], spread: float) -> list[Floats]:
    """Starts at random, where a structure has more than two coordinates; else none."""
    if all(s.coordinates <= 2 for s in structures):
        return []
    rng = np.random.default_rng(_SEED)
    size = sum(s.coordinates for s in structures)
    width = np.sqrt(spread) * rng.uniform(0.1, 1.5, (_SCATTERED, 1))
    return list(rng.normal(size=(_SCATTERED, size)) * width)


def highest(
    objective: Objective, candidates: Sequence[Floats], further: Sequence[Floats], free: Bools
) -> tuple[Maximum, list[Maximum]]:
    """The highest maximum, and every other that the searches met.

    Searches go from the best few of the ``candidates`` and from all of ``further``.
    """
    heights = [objective(z)[0] for z in candidates]
    order = np.argsort(-np.array(heights), kind="stable")
    chosen: list[Floats] = []
    for i in order:
        if np.isfinite(heights[i]) and all(
            np.abs(candidates[i] - other).max() > 0.3 for other in chosen
        ):
            chosen.append(candidates[i])
        if len(chosen) == _RUNS:
            break
    chosen += [z for z in further if np.isfinite(objective(z)[0])]
    ends: list[tuple[float, Floats]] = []
    for start in chosen or [candidates[int(order[0])]]:
        height, z = (approach if free.sum() > _FEW else _nearby)(objective, start, free)
        if all(abs(height - other) > _SAME for other, _ in ends):
            ends.append((height, z))
    met: list[Maximum] = []
    for _, z in sorted(ends, key=lambda end: -end[0]):
        found = climb(objective, z, free, _NEAR)
        if all(abs(found.height - other.height) > _SAME for other in met):
            met.append(found)
    met.sort(key=lambda found: -found.height)
    return climb(objective, met[0].z, free, _ARRIVED), met[1:]


def _nearby(objective: Objective, start: Floats, free: Bools) -> tuple[float, Floats]:
    found = climb(objective, start, free, _NEAR)
    return found.height, found.z


def approach(objective: Objective, start: Floats, free: Bools) -> tuple[float, Floats]:
    """Quasi-Newton steps (BFGS) to the neighbourhood of a maximum: one slope a step."""
    z = start.copy()
    height, slope = objective(z)
    H = np.eye(int(free.sum()))
    H *= 0.3 / max(float(np.abs(slope[free]).max(initial=0.0)), 0.3)
    for _ in range(_STEPS):
        step = H @ slope[free]
        if 0.5 * float(slope[free] @ step) < _NEAR:
            break
        moved = _risen(objective, z, height, slope, step, free)
        if moved is None:
            break
        new, height, new_slope = moved
        s, y = (new - z)[free], (slope - new_slope)[free]
        z, slope = new, new_slope
        if (curve := float(s @ y)) > 1e-12:
            side = np.eye(s.size) - np.outer(s, y) / curve
            H = side @ H @ side.T + np.outer(s, s) / curve
    return height, z


def climb(objective: Objective, start: Floats, free: Bools, enough: float) -> Maximum:
    """Newton's method with steps that always rise, from one start.

    The second derivatives are differences of the analytic slope. Directions in which the
    objective curves upwards are walked as if it curved downwards, so that a saddle point
    does not hold the search.
    """
    z = start.copy()
    height, slope = objective(z)
    if not free.any():
        return Maximum(z, height, np.zeros((0, 0)), True)
    hessian, arrived, escapes = np.zeros((0, 0)), False, 0
    for _ in range(_STEPS):
        hessian = second_derivatives(objective, z, free)
        values, vectors = np.linalg.eigh(hessian)
        floor = max(1e-8 * float(np.abs(values).max()), 1e-12)
        along = vectors.T @ slope[free] / np.maximum(np.abs(values), floor)
        step = vectors @ along
        gain = 0.5 * float(slope[free] @ step)
        if gain < enough:
            if values[-1] <= 1e-6 * max(1.0, float(np.abs(values).max())) or escapes > 5:
                arrived = True
                break
            # A saddle: nothing pulls, but along this direction both sides rise.
            step, escapes = 0.1 * vectors[:, -1], escapes + 1
        moved = _risen(objective, z, height, slope, step, free)
        if moved is None:
            arrived = gain < 1e-11 * max(1.0, abs(height))
            break
        z, height, slope = moved
    return Maximum(z, height, hessian, arrived)


def _risen(
    objective: Objective, z: Floats, height: float, slope: Floats, step: Floats, free: Bools
) -> tuple[Floats, float, Floats] | None:
    """The first point along the step, halved as often as needed, that is not lower."""
    longest = float(np.abs(step).max())
    if longest > _REACH:
        step = step * (_REACH / longest)
    pull = float(np.abs(slope[free]).max())
    rounding = 1e-13 * max(1.0, abs(height))
    for _ in range(40):
        new = z.copy()
        new[free] += step
        reached, new_slope = objective(new)
        # Within rounding of the same height, a smaller slope is what counts.
        if reached > height + rounding or (
            reached > height - rounding and float(np.abs(new_slope[free]).max()) < pull
        ):
            return new, reached, new_slope
        step = step / 2.0
    return None


def second_derivatives(objective: Objective, z: Floats, free: Bools) -> Floats:
    """Central differences of the slope, made symmetric."""
    where = np.flatnonzero(free)
    out = np.zeros((where.size, where.size))
    for row, i in enumerate(where):
        width = 1e-5 * max(abs(float(z[i])), 0.1)
        ahead, behind = z.copy(), z.copy()
        ahead[i] += width
        behind[i] -= width
        out[row] = (objective(ahead)[1][free] - objective(behind)[1][free]) / (2.0 * width)
    out = np.where(np.isfinite(out), out, 0.0)
    return np.asarray((out + out.T) / 2.0)
