"""Integrals over random effects: against plain sums and differences, for any number of nodes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from osler.core.arrays import Floats
from osler.synthesis.counts import quadrature, two_effects
from osler.synthesis.counts.families import Poisson, binomial, hypergeometric
from osler.synthesis.counts.quadrature import Model, marginal
from osler.synthesis.counts.two_effects import TwoArms, averaged
from osler.synthesis.counts.two_fitting import fit_two, profile_two

A, N1 = np.array([3.0, 0.0, 12.0]), np.array([40.0, 25.0, 90.0])
C, N2 = np.array([7.0, 1.0, 20.0]), np.array([41.0, 30.0, 85.0])
OWN, BETA, TAU = np.array([-1.8, -3.0, -1.4]), np.array([-0.4]), np.array([0.6])
STEP = 1e-5


def exact() -> Model:
    return Model(hypergeometric(A, N1, C, N2), np.zeros(1), np.ones((1, 1)), np.ones(1))


def arms(rates: bool) -> Model:
    events, size = np.concatenate([A, C]), np.concatenate([N1, N2])
    family = Poisson(events, size) if rates else binomial(events, size)
    x = np.array([0.5, -0.5])
    return Model(family, np.ones(2), x[:, None], x)


MODELS: dict[str, Callable[[], Model]] = {
    "exact": exact,
    "logits": lambda: arms(False),
    "rates": lambda: arms(True),
}


def at(model: Model, x: Floats, nodes: int, **options: Any) -> quadrature.Marginal:
    """At rows of (own, beta, tau), the same own shift for every study."""
    own = OWN[:, None] * model.has_own + x[:, 0]
    return marginal(model, own, BETA + x[:, 1:2], TAU + x[:, 2], nodes, **options)


@pytest.mark.parametrize("name", MODELS)
def test_the_integral_is_a_plain_sum(name: str) -> None:
    model = MODELS[name]()
    found = at(model, np.zeros((1, 3)), 41).value[:, 0]
    u = np.linspace(-12.0, 12.0, 20_001)
    height = np.zeros((3, u.size))
    for j, d in enumerate(model.d):
        base = model.own[j] * OWN + model.x[j] @ BETA
        theta = np.zeros((model.d.size, 3, u.size))
        theta[j] = base[:, None] + d * TAU * u
        height += model.log_likelihood(theta)[0][j]
    plain = np.log((np.exp(height) * stats.norm.pdf(u)).sum(axis=1) * (u[1] - u[0]))
    np.testing.assert_allclose(found, plain, rtol=1e-10)


@pytest.mark.parametrize("nodes", [1, 3, 11])
@pytest.mark.parametrize("name", MODELS)
def test_the_gradient_is_that_of_the_sum(name: str, nodes: int) -> None:
    model, steps = MODELS[name](), STEP * np.eye(3)
    up, down = at(model, steps, nodes).value, at(model, -steps, nodes).value
    found = at(model, np.zeros((1, 3)), nodes).gradient[:, 0]
    use = slice(0 if model.has_own else 1, 3)
    np.testing.assert_allclose(found[:, use], ((up - down) / (2 * STEP))[:, use], 1e-6, 1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_the_curvature_is_that_of_the_integral(name: str) -> None:
    model, steps = MODELS[name](), STEP * np.eye(3)
    up, down = at(model, steps, 41).gradient, at(model, -steps, 41).gradient
    found = at(model, np.zeros((1, 3)), 41).curvature[:, 0]
    use = slice(0 if model.has_own else 1, 3)
    differences = (up - down)[:, use, use] / (2 * STEP)
    np.testing.assert_allclose(found[:, use, use], differences, 1e-5, 1e-7)
    assert not at(model, np.zeros((1, 3)), 41, curved=False).curvature.any()


def test_sets_in_blocks_are_sets_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.linspace(-0.3, 0.3, 12).reshape(4, 3)
    whole = at(exact(), x, 11)
    monkeypatch.setattr(quadrature, "_BLOCK", 1)
    parts = at(exact(), x, 11)
    for name in ("value", "gradient", "curvature", "mode"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), 1e-12, 1e-13)


@pytest.mark.parametrize("theta", [-745.0, -40.0, -3.0, 0.0, 2.5, 40.0, 745.0])
def test_binomial_logs_keep_their_digits(theta: float) -> None:
    y, m = np.array([0.0, 3.0, 50.0]), np.full(3, 50.0)
    value, first, second = (
        part[:, 0] for part in binomial(y, m).log_likelihood(np.full((3, 1), theta))
    )
    log_p, log_q = -np.logaddexp(0.0, -theta), -np.logaddexp(0.0, theta)
    ways = np.array([0.0, np.log(19_600.0), 0.0])
    np.testing.assert_allclose(value, ways + y * log_p + (m - y) * log_q, 1e-13, 1e-12)
    np.testing.assert_allclose(first, y - m * np.exp(log_p), 1e-12, 1e-12)
    np.testing.assert_allclose(second, -m * np.exp(log_p + log_q), 1e-13)


def two(rates: bool, correlated: bool) -> TwoArms:
    return TwoArms(np.stack([A, C], 1), np.stack([N1, N2], 1), rates, (0.5, -0.5), correlated)


PHI = np.array([-1.6, -0.5, 0.7, 0.5, 0.3])
KINDS = [(rates, correlated) for rates in (False, True) for correlated in (False, True)]


@pytest.mark.parametrize(("rates", "correlated"), KINDS)
def test_the_integral_over_two_effects_is_a_plain_sum(rates: bool, correlated: bool) -> None:
    data = two(rates, correlated)
    phi = PHI[: 5 if correlated else 4]
    found = float(averaged(data, phi[None], 31).value[0])
    grid = np.linspace(-9.0, 9.0, 361)
    v, u = np.meshgrid(grid, grid)
    rho = float(np.tanh(phi[4])) if correlated else 0.0
    total = 0.0
    for events, size in zip(data.events, data.size, strict=True):
        chance = stats.norm.pdf(v) * stats.norm.pdf(u) * (grid[1] - grid[0]) ** 2
        for j, x in enumerate(data.x):
            effect = phi[3] * (rho * v + np.sqrt(1 - rho * rho) * u)
            eta = phi[0] + x * phi[1] + phi[2] * v + x * effect
            if rates:
                chance = chance * stats.poisson.pmf(events[j], size[j] * np.exp(eta))
            else:
                chance = chance * stats.binom.pmf(events[j], size[j], 1 / (1 + np.exp(-eta)))
        total += np.log(chance.sum())
    assert found == pytest.approx(total, rel=1e-10)


@pytest.mark.parametrize(("rates", "correlated"), KINDS)
def test_derivatives_over_two_effects_equal_differences(rates: bool, correlated: bool) -> None:
    data = two(rates, correlated)
    phi = PHI[: 5 if correlated else 4]
    steps = STEP * np.eye(phi.size)
    for nodes in (1, 3, 9):
        up, down = (averaged(data, points, nodes).value for points in (phi + steps, phi - steps))
        found = averaged(data, phi[None], nodes).gradient[0]
        np.testing.assert_allclose(found, (up - down) / (2 * STEP), 1e-6, 1e-7)
    up, down = (averaged(data, points, 31).gradient for points in (phi + steps, phi - steps))
    found = averaged(data, phi[None], 31).curvature[0]
    np.testing.assert_allclose(found, (up - down) / (2 * STEP), 1e-5, 1e-6)


def test_sets_over_two_effects_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    data, points = two(False, True), PHI + np.linspace(-0.2, 0.2, 15).reshape(3, 5)
    whole = averaged(data, points, 9)
    monkeypatch.setattr(two_effects, "_BLOCK", 1)
    parts = averaged(data, points, 9)
    for name in ("value", "gradient", "curvature", "modes"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), 1e-12, 1e-12)


def test_a_profile_leaves_no_heterogeneity_where_there_was_none() -> None:
    """Studies that agree: far from their effect the best fit has random effects."""
    events, size = np.array([[30.0, 12.0], [60.0, 24.0]]), np.array([[60.0, 60.0], [120.0, 120.0]])
    data = TwoArms(events, size, False, (0.5, -0.5), False)
    fit = fit_two(data, np.array([-0.7, 1.4, 0.3, 0.3]))
    assert fit.parameters[2:4] == pytest.approx(0.0, abs=1e-4)
    grid = np.array(
        [[a, 0.4, s, t] for a in (-1.0, -0.7, -0.4) for s in (0.0, 0.3) for t in (0.0, 0.5, 1.0)]
    )
    best = averaged(data, grid, fit.nodes).value.max()
    assert profile_two(data, fit, 0.4) >= best
    assert best > averaged(data, np.array([[-0.7, 0.4, 0.0, 0.0]]), fit.nodes).value[0]


def test_a_perfect_correlation_is_found_and_said() -> None:
    """The more events the controls have, the larger the effect: the likelihood rises to rho 1."""
    events = np.array([[2.0, 2.0], [8.0, 4.0], [24.0, 8.0], [60.0, 18.0]])
    data = TwoArms(events, np.full((4, 2), 80.0), False, (0.5, -0.5), True)
    fit = fit_two(data, np.array([-1.5, 0.5, 1.0, 0.5]))
    assert fit.converged and np.tanh(fit.parameters[4]) == pytest.approx(1.0, abs=1e-7)
    assert fit.notes == ("base risks and effects are estimated to be perfectly correlated",)
    held = fit.parameters.copy()
    held[4] = 2.0
    assert averaged(data, held[None], fit.nodes).value[0] < fit.log_likelihood


def test_effects_without_end_are_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """All or none in every arm: tau grows to its bound, where the search ends and says so."""
    events = np.array([[50.0, 0.0]] * 3 + [[0.0, 50.0]] * 3)
    data, calls = TwoArms(events, np.full((6, 2), 50.0), False, (0.5, -0.5), False), []
    once = two_effects._averaged

    def counted(*given: Any) -> two_effects.Averaged:
        calls.append(1)
        return once(*given)

    monkeypatch.setattr(two_effects, "_averaged", counted)
    fit = fit_two(data, np.array([0.0, 0.0, 0.05, 0.5]))
    assert not fit.converged and any("did not settle" in note for note in fit.notes)
    assert len(calls) < 60
