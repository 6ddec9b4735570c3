"""Location-scale models: exact derivatives, both links, and honest failures."""

import math

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.regression import Regression, regress
from osler.synthesis.regression import scale_likelihood as likelihood
from osler.synthesis.regression.design import design_of
from tests.unit.synthesis.regression.trials import bcg


@pytest.fixture(scope="module")
def fit() -> Regression:
    return regress("ablat", bcg(), scale="year")


def dense(y: np.ndarray, v: np.ndarray, X: np.ndarray, tau2: np.ndarray, reml: bool) -> float:
    W = np.diag(1 / (v + tau2))
    A = X.T @ W @ X
    r = y - X @ np.linalg.solve(A, X.T @ W @ y)
    height = 0.5 * np.log(np.diag(W)).sum() - 0.5 * float(r @ W @ r)
    return float(height - 0.5 * np.linalg.slogdet(A)[1] if reml else height)


@pytest.mark.parametrize("link", ["log", "identity"])
@pytest.mark.parametrize("reml", [True, False])
def test_derivatives_are_those_of_the_likelihood(link: str, reml: bool) -> None:
    rng = np.random.default_rng(5)
    y, v = rng.normal(size=9), rng.uniform(0.2, 1, 9)
    X, Z = (
        design_of(rng.normal(size=(9, 2)), ["a", "b"]),
        np.column_stack([np.ones(9), rng.uniform(size=9)]),
    )
    _, task = likelihood.task_of(y, v, X, design_of(Z, ["1", "z"]), reml, link, 1.0)
    at = likelihood.along(task.basis, 0.4 + 0.5 * Z[:, 1])
    value, gradient, hessian = likelihood.derivatives(task, at)
    tau2 = task.tau2(at)
    # The columns of the location are scaled to length 1, which moves the height by a constant.
    shift = np.log(np.linalg.norm(X.matrix, axis=0)).sum() if reml else 0.0
    assert value == pytest.approx(dense(y, v, X.matrix, tau2, reml) + shift)
    step = 1e-5
    for j in range(2):
        d = step * np.eye(2)[j]
        up, down = (likelihood.derivatives(task, at + s * d) for s in (1, -1))
        assert gradient[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6, abs=1e-9)
        assert hessian[j] == pytest.approx((up[1] - down[1]) / (2 * step), rel=1e-6, abs=1e-9)


def test_an_intercept_alone_gives_the_usual_model() -> None:
    plain = regress("ablat", bcg())
    for link in ("log", "identity"):
        found = regress("ablat", bcg(), scale="1", link=link)
        assert found.scale is not None
        assert found.scale.tau2[0] == pytest.approx(plain.tau2, rel=1e-7)
        assert found.coefficients == pytest.approx(plain.coefficients, rel=1e-7)
        assert found.log_likelihood == pytest.approx(plain.log_likelihood)
        assert found.aic == pytest.approx(plain.aic)


def test_the_scale_is_told(fit: Regression) -> None:
    told = fit.summary()
    assert "Scale (log of tau2)" in told
    assert "Test of scale moderators" in told
    assert max(map(len, told.splitlines())) <= 96
    assert "modelled on year" in fit.text()
    assert fit.columns()["part"] == ["location"] * 2 + ["scale"] * 2
    for name in fit.reasons():
        assert str(fit.why(name))
    assert math.isnan(fit.tau2)


def test_predictions_use_the_tau2_of_each_row(fit: Regression) -> None:
    found = fit.predict({"ablat": [33, 33], "year": [1950, 1975]})
    assert found.tau2[0] != found.tau2[1]
    assert fit.scale is not None
    assert fit.predict().tau2 == fit.scale.tau2
    with pytest.raises(DataError) as error:
        fit.predict(np.array([[1.0, 33.0]]))
    assert error.value.diagnostics[0].code == "REG011"
    given = fit.predict(np.array([[1.0, 33.0]]), scale=np.array([[1.0, 1950.0]]))
    assert given.tau2[0] == pytest.approx(found.tau2[0])


def test_the_unit_of_the_data_moves_only_the_intercept(fit: Regression) -> None:
    table = bcg()
    table["yi"] = [1000 * y for y in table["yi"]]
    table["vi"] = [1e6 * v for v in table["vi"]]
    other = regress("ablat", table, scale="year")
    assert fit.scale is not None
    assert other.scale is not None
    assert other.scale.coefficients[1] == pytest.approx(fit.scale.coefficients[1], rel=1e-5)
    shift = other.scale.coefficients[0] - fit.scale.coefficients[0]
    assert shift == pytest.approx(math.log(1e6), rel=1e-4)


def test_scale_models_are_compared_with_plain_ones(fit: Regression) -> None:
    plain = regress("ablat", bcg())
    found = plain.compare(fit)
    assert found.df == 1
    assert found.method == "REML"
    assert found.formulas[1] == "ablat | tau2: year"
    other = regress("ablat", bcg(), scale="C(alloc)")
    with pytest.raises(DataError) as error:
        other.compare(fit)
    assert error.value.diagnostics[0].code == "REG024"


@pytest.mark.parametrize("what", ["residuals", "influence", "permutation_test"])
def test_what_is_not_made_for_scale_models(fit: Regression, what: str) -> None:
    with pytest.raises(DataError) as error:
        getattr(fit, what)()
    assert error.value.diagnostics[0].code == "REG025"


def test_no_heterogeneity_has_no_clear_maximum() -> None:
    table = bcg()
    table["yi"] = [0.1 + 0.001 * i for i in range(13)]
    found = regress("1", table, scale="ablat")
    assert found.scale is not None
    assert not found.scale.converged
    assert any("no clear maximum" in note for note in found.notes)
    assert math.isnan(found.scale.se[0])
    assert max(found.scale.tau2) < 1e-3


def test_the_identity_link_can_meet_its_bound() -> None:
    found = regress("ablat", bcg(), scale="ablat", link="identity")
    assert found.scale is not None
    assert min(found.scale.tau2) >= 0
    assert any("bound" in note for note in found.notes)


def test_an_identity_scale_without_a_start_is_refused() -> None:
    table = bcg() | {"sign": [(-1) ** i for i in range(13)]}
    with pytest.raises(DataError) as error:
        regress("1", table, scale="0 + sign", link="identity")
    assert error.value.diagnostics[0].code == "REG031"
