"""However the terms are divided, the likelihood and its slope are those of the whole matrix."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from osler.core.arrays import Floats
from osler.synthesis.multilevel import Intercept, Related, Slopes, Structured, layout
from osler.synthesis.multilevel.likelihood import Likelihood, likelihood_of, scaled
from osler.synthesis.multilevel.placing import Placed, placed
from osler.synthesis.multilevel.sampling import independent, sampling_of

N = 14
RNG = np.random.default_rng(11)
COLUMNS: dict[str, list[Any]] = {
    "g": list("aaabbbccccdddd"),
    "h": list("xyzxyzxyzxyzxy"),
    "s": list("uvwuvwuvwuvwuv"),
    "x": RNG.normal(size=N).tolist(),
    "t": [0.0, 1.0, 2.5, 0.0, 1.0, 2.5, 0.0, 1.0, 2.5, 4.0, 0.0, 1.0, 2.5, 4.0],
}
Y = RNG.normal(size=N)
X = np.column_stack([np.ones(N), RNG.normal(size=N)])
V = np.diag(RNG.uniform(0.1, 0.5, N))
V[0, 1] = V[1, 0] = 0.04
R = np.array([[1.0, 0.4, 0.1], [0.4, 1.0, 0.3], [0.1, 0.3, 1.0]])
MODELS: dict[str, list[Any]] = {
    "crossed": [Intercept("g"), Intercept("h"), Intercept("g/h")],
    "species": [Intercept("s"), Related("s", R, ["u", "v", "w"]), Intercept("g")],
    "outcomes": [Structured("h", "g", "UN"), Intercept("h")],
    "times": [Structured("t", "g", "CAR"), Structured("h", "s", "HCS")],
    "slopes": [Slopes("x", "g"), Intercept("s")],
}


def dense(likelihood: Likelihood, z: Floats) -> float:
    """The formula as it is written, with the whole matrix."""
    data = likelihood.data
    M = np.diag(data.sampling.variances)
    M[data.sampling.rows, data.sampling.columns] = data.sampling.covariances
    for term, T in zip(likelihood.terms, likelihood.covariances(z), strict=True):
        M = M + whole(term, T)
    W = np.linalg.inv(M)
    information = data.Q.T @ W @ data.Q
    r = data.y - data.Q @ np.linalg.solve(information, data.Q.T @ W @ data.y)
    value = np.linalg.slogdet(M)[1] + r @ W @ r
    if likelihood.restricted:
        value += np.linalg.slogdet(information)[1]
    return float(-0.5 * value)


def whole(term: Placed, T: Floats) -> Floats:
    same = term.outer[:, None] == term.outer
    A = np.eye(len(T))[term.inner] if term.loadings is None else term.loadings
    return np.asarray(same * (A @ T @ A.T))


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_every_division(name: str, restricted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = [placed(term, COLUMNS) for term in MODELS[name]]
    for wanted in product((True, False), repeat=len(terms)):

        def cost(choice: Sequence[bool], *_: Any, wanted: Any = wanted) -> float:
            return float(tuple(choice) != wanted)

        monkeypatch.setattr(layout, "_cost", cost)
        likelihood = likelihood_of(scaled(Y, X, sampling_of(V, N)), terms, restricted=restricted)
        assert len(likelihood.layout.links) == wanted.count(False)
        rng = np.random.default_rng(2)
        z = rng.normal(0, 0.7, sum(t.structure.coordinates for t in terms))
        value, slope = likelihood.at(z)
        assert value == pytest.approx(dense(likelihood, z), rel=1e-11)
        differences = [
            (dense(likelihood, z + h) - dense(likelihood, z - h)) / 2e-6
            for h in 1e-6 * np.eye(z.size)
        ]
        np.testing.assert_allclose(slope, differences, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("restricted", [True, False])
def test_the_nested_path(restricted: bool) -> None:
    terms = [placed(term, COLUMNS) for term in (Intercept("g/h"), Intercept("g"))]
    data = scaled(Y, X, independent(np.diag(V).copy()))
    likelihood = likelihood_of(data, terms, restricted=restricted)
    assert likelihood.chain is not None
    for z in (np.array([0.5, 0.3]), np.array([0.0, 1.5])):
        value, slope = likelihood.at(z)
        assert value == pytest.approx(dense(likelihood, z), rel=1e-12)
        differences = [
            (dense(likelihood, z + h) - dense(likelihood, z - h)) / 2e-6 for h in 1e-6 * np.eye(2)
        ]
        np.testing.assert_allclose(slope, differences, rtol=1e-6, atol=1e-8)


def test_terms_on_the_same_groups_share_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_cost", lambda choice, *_: float(sum(choice)))
    terms = [placed(term, COLUMNS) for term in MODELS["species"]]
    made = layout.layout_of(terms, sampling_of(V, N))
    assert made.width == 3 + 4


def test_a_matrix_that_is_not_definite_is_minus_infinity() -> None:
    terms = [placed(Structured("h", "g", "CS"), COLUMNS)]
    likelihood = likelihood_of(scaled(Y, X, sampling_of(V, N)), terms, restricted=True)
    assert likelihood.at(np.array([np.inf, 0.0]))[0] == -np.inf
