"""The highest point of the likelihood of scale coefficients."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import linalg, optimize, special

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.regression import problems
from osler.synthesis.regression.scale_likelihood import Task, along, derivatives, height_of

# The stubs ask more of a function that gives its slope too than SciPy does.
_minimize: Any = optimize.minimize
# Beyond it, in logs, a variance between studies is 0 or infinite for every purpose.
_FARTHEST = 60.0
# Levels of the first guesses, in logs, about the spread of the residuals.
_LEVELS = np.linspace(-6.0, 2.0, 9)
# How many of the guesses are climbed from.
_TRIED = 5


def climbed(task: Task) -> tuple[Floats, tuple[str, ...], bool]:
    """The highest point, what is to be said of it, and whether it is a proper peak."""
    if task.link == "identity":
        return _climbed_identity(task)
    found = [_newton(task, start) for start in _starts(task)]
    best = max(found, key=lambda f: f[0])
    height, gamma = best
    notes = _other_maxima(task, found, height, gamma)
    eta = task.basis @ gamma + task.offset
    _, gradient, hessian = derivatives(task, gamma)
    peaked = np.linalg.eigvalsh(hessian).max() < -1e-7
    sound = bool(peaked and np.abs(gradient).max() < 1e-5 and np.abs(eta).max() < _FARTHEST)
    if not sound:
        notes += (
            (
                "The likelihood of the scale coefficients has no clear maximum: tau2 of some "
                "studies tends to 0, as good as 0 here, and there are no standard errors."
            ),
        )
    return gamma, notes, sound


def _starts(task: Task) -> list[Floats]:
    """The most likely points of a grid: levels of tau2 times slopes in every direction."""
    slopes = _slopes(task.basis.shape[1])
    spread = float((task.y**2).mean())
    points = []
    for level in _LEVELS + math.log(max(spread, 1e-12)):
        for slope in slopes:
            direction = along(task.basis, level - task.offset + task.basis @ slope)
            points.append(direction)
    grid = np.stack(points, axis=1)
    heights = height_of(task, grid)
    order = np.argsort(-heights, kind="stable")
    picked: list[Floats] = []
    for i in order:
        if all(np.linalg.norm(grid[:, i] - other) > 0.75 for other in picked):
            picked.append(grid[:, i])
        if len(picked) == _TRIED:
            break
    return picked


def _slopes(q: int) -> Floats:
    """0, steps along each axis, and an even scatter about 0; shape (points, q)."""
    axes = [sign * size * np.eye(q)[j] for j in range(q) for size in (0.5, 1.5) for sign in (1, -1)]
    # An additive recurrence with powers of a generalised golden ratio fills the cube evenly.
    golden = 2.0
    for _ in range(60):
        golden = (1.0 + golden) ** (1.0 / (q + 1))
    steps = golden ** -np.arange(1, q + 1)
    scatter = np.mod(0.5 + np.arange(1, 8 * q + 1)[:, None] * steps, 1.0)
    return np.vstack([np.zeros(q), *axes, 1.2 * special.ndtri(scatter)])


def _newton(task: Task, start: Floats) -> tuple[float, Floats]:
    """Climb to the maximum that a start leads to; a trust region, then Newton's own steps."""

    def downwards(g: Floats) -> tuple[float, Floats]:
        height, gradient, _ = derivatives(task, g)
        return -height, -gradient

    found = _minimize(
        downwards,
        start,
        jac=True,
        hess=lambda g: -derivatives(task, g)[2],
        method="trust-exact",
        options={"gtol": 1e-7, "maxiter": 300},
    )
    gamma = np.asarray(found.x)
    height = derivatives(task, gamma)[0]
    for _ in range(4):
        before, gradient, hessian = derivatives(task, gamma)
        if np.linalg.eigvalsh(hessian).max() >= 0:
            break
        new = gamma - np.linalg.solve(hessian, gradient)
        reached = derivatives(task, new)[0]
        if not reached >= before - 1e-10 * max(1.0, abs(before)):
            break
        gamma, height = new, reached
    return height, gamma


def _other_maxima(
    task: Task, found: Sequence[tuple[float, Floats]], height: float, gamma: Floats
) -> tuple[str, ...]:
    others = [
        h for h, g in found if h < height - 1e-6 and np.abs(derivatives(task, g)[1]).max() < 1e-5
    ]
    if not others:
        return ()
    return (
        (
            "The likelihood of the scale coefficients has several maxima; the highest is used, "
            f"the next lies {height - max(others):.3g} below."
        ),
    )


def _climbed_identity(task: Task) -> tuple[Floats, tuple[str, ...], bool]:
    rows = np.unique(task.basis, axis=0)
    bounds = {"type": "ineq", "fun": lambda g: rows @ g, "jac": lambda g: rows}
    found = []
    for start in _admissible(task, rows):
        result = _minimize(
            lambda g: tuple(-part for part in derivatives(task, g)[:2]),
            start,
            jac=True,
            constraints=[bounds],
            method="SLSQP",
            options={"ftol": 1e-13, "maxiter": 500},
        )
        gamma = _polished(task, rows, np.asarray(result.x))
        found.append((float(height_of(task, gamma)), gamma))
    if not found:
        names = f"{rows.shape[0]} different rows of the scale formula"
        raise DataError(problems.scale_without_start(names))
    gamma = max(found, key=lambda f: f[0])[1]
    eta = rows @ gamma
    inside = bool(eta.min() > 1e-8 * max(1e-8, float(np.abs(eta).max())))
    hessian = derivatives(task, gamma)[2]
    sound = inside and bool(np.linalg.eigvalsh(hessian).max() < 0)
    notes: tuple[str, ...] = ()
    if not sound:
        notes = (
            (
                "tau2 is 0 for some studies, the bound of what the identity link allows: the "
                "scale coefficients have no standard errors."
            ),
        )
    return gamma, notes, sound


def _admissible(task: Task, rows: Floats) -> list[Floats]:
    """Starts at which no tau2 is below 0, most likely first."""
    spread = max(float((task.y**2).mean()), 1e-8)
    points = []
    for level in spread * np.array([0.01, 0.1, 0.3, 1.0]):
        for slope in _slopes(task.basis.shape[1]):
            points.append(along(task.basis, level * (1.0 + 0.4 * task.basis @ slope)))
    grid = np.stack(points, axis=1)
    grid = grid[:, (rows @ grid).min(axis=0) >= 0]
    if not grid.size:
        return []
    order = np.argsort(-height_of(task, grid), kind="stable")
    return [grid[:, i] for i in order[:_TRIED]]


def _polished(task: Task, rows: Floats, gamma: Floats) -> Floats:
    """Newton's steps along what active bounds leave free."""
    eta = rows @ gamma
    active = rows[eta <= 1e-7 * max(1e-12, float(np.abs(eta).max()))]
    free = linalg.null_space(active) if active.size else np.eye(gamma.size)
    if not free.size:
        return gamma
    gamma = free @ (free.T @ gamma)
    for _ in range(20):
        _, gradient, hessian = derivatives(task, gamma)
        inner = free.T @ hessian @ free
        if np.linalg.eigvalsh(inner).max() >= 0:
            break
        new = gamma - free @ np.linalg.solve(inner, free.T @ gradient)
        if (rows @ new).min() < -1e-12 or float(height_of(task, new)) < float(
            height_of(task, gamma)
        ) - 1e-12:
            break
        gamma = new
    return gamma
