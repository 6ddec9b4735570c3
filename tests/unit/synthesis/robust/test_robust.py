"""Robust variances, their tests and the bootstrap."""

from typing import Any

import numpy as np
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import Multilevel, multilevel
from osler.synthesis.robust import (
    WorkingModel,
    robust,
    robust_covariance,
    satterthwaite,
    wild_bootstrap,
    working_model,
)
from tests.unit.synthesis.multilevel.data import schools


@pytest.fixture(scope="module")
def fit() -> Multilevel:
    data = schools()
    decade = [(year - 1985) / 10 for year in data["year"]]
    return multilevel(
        "yi ~ decade", data | {"decade": decade}, random="~ 1 | district/school", variance="vi"
    )


def plain(m: int = 6, size: int = 3, seed: int = 1, p: int = 2) -> tuple[WorkingModel, list[int]]:
    """Independent estimates of one variance in clusters of one size."""
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(m), size)
    X = np.column_stack([np.ones(m * size), rng.normal(size=(m * size, p - 1))])
    y = rng.normal(size=m)[clusters] + rng.normal(size=m * size)
    names = ["Intercept", *(f"x{j}" for j in range(1, p))]
    return working_model(names, X, y, np.ones(m * size)), clusters.tolist()


def code(error: pytest.ExceptionInfo[DataError]) -> str:
    return error.value.diagnostics[0].code


def test_balanced_means_have_a_closed_form() -> None:
    """The mean of cluster means: CR2 is their variance over m, with m - 1 df."""
    model, clusters = plain(p=1)
    means = model.y.reshape(6, 3).mean(axis=1)
    (found,) = robust(model, clusters).coefficients
    assert found.se == pytest.approx(means.std(ddof=1) / np.sqrt(6))
    assert found.df == pytest.approx(5.0)


def test_kinds_are_multiples() -> None:
    model, clusters = plain()
    by_kind: dict[str, Any] = {
        kind: robust(model, clusters, kind=kind).covariance for kind in ("CR0", "CR1", "CR1p")
    }
    np.testing.assert_allclose(by_kind["CR1"], by_kind["CR0"] * 6 / 5)
    np.testing.assert_allclose(by_kind["CR1p"], by_kind["CR0"] * 6 / 4)


def test_cr2_is_unbiased_under_the_working_model() -> None:
    """Its expectation, over residuals of that model, is the model's own covariance."""
    rng = np.random.default_rng(2)
    n, codes = 12, [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4]
    X = np.column_stack([np.ones(n), rng.normal(size=n)])
    v = rng.uniform(0.5, 2.0, n)
    bread = np.linalg.inv((X.T / v) @ X)
    H = X @ bread @ (X.T / v)
    total = np.zeros((2, 2))
    for i in range(n):
        # The covariance is quadratic in the errors: sum it over independent directions.
        error = np.zeros(n)
        error[i] = np.sqrt(v[i])
        total += robust_covariance(X, error - H @ error, 1 / v, codes, "CR2").covariance
    np.testing.assert_allclose(total, bread, rtol=1e-10)


def test_singletons_with_weights_of_the_model_are_hc2() -> None:
    model, _ = plain()
    n = model.y.size
    found = robust(model, list(range(n)), kind="CR2").covariance
    residual = model.y - model.X @ model.beta
    bread = np.linalg.inv(model.X.T @ model.X)
    hat = np.einsum("ij,jk,ik->i", model.X, bread, model.X)
    meat = (model.X.T * (residual**2 / (1 - hat))) @ model.X
    np.testing.assert_allclose(found, bread @ meat @ bread, rtol=1e-10)


def test_one_contrast_of_the_hotelling_test_is_the_t_test(fit: Multilevel) -> None:
    tests = robust(fit, "district")
    wald = tests.wald(["decade"])
    slope = tests.coefficients[1]
    assert wald.f == pytest.approx(slope.statistic**2)
    assert wald.df2 == pytest.approx(slope.df)
    assert wald.p_value == pytest.approx(slope.p_value)
    naive = tests.wald(np.eye(2), test="naive")
    assert (naive.df1, naive.df2) == (2, 9.0)
    for each in (wald, naive):
        assert each.summary() and each.text() and each.columns() and each.why("f").how


def test_a_coefficient_of_one_cluster_leaves_no_nan() -> None:
    """Only the first cluster informs x1: its residuals vanish there, and CR2 copes."""
    model, clusters = plain()
    X = np.column_stack([np.ones(18), np.repeat([1.0, 0, 0, 0, 0, 0], 3)])
    other = working_model(["Intercept", "x1"], X, model.y, np.ones(18))
    found = robust(other, clusters)
    assert np.isfinite(found.covariance).all()
    assert not np.isnan(found.coefficients[0].p_value)


def test_report(fit: Multilevel) -> None:
    tests = robust(fit, "district")
    shown = tests.summary()
    assert max(map(len, shown.splitlines())) <= 96
    assert "CR2, df: satterthwaite; 56 estimates in 11 clusters (district)" in shown
    assert "Satterthwaite degrees of freedom" in tests.text()
    assert tests.columns()["name"] == ["Intercept", "decade"]
    assert "Pustejovsky" in tests.why("decade").source


def test_few_degrees_of_freedom_are_told() -> None:
    model, clusters = plain(m=4)
    tests = robust(model, clusters)
    assert "fewer than 4 degrees of freedom" in tests.notes[0]


def test_effects_across_clusters(fit: Multilevel) -> None:
    data = schools()
    crossed = multilevel("yi ~ 1", data, random=["district", "year"], variance="vi")
    with pytest.raises(DataError) as error:
        robust(crossed, "district")
    assert code(error) == "ROB004"
    tests = robust(crossed, "district", kind="CR1p")
    assert tests.df_method == "residual" and "other clusters" in tests.notes[0]
    with pytest.raises(DataError) as error:
        tests.wald()
    assert code(error) == "ROB004"
    with pytest.raises(DataError) as error:
        robust(crossed, "district", kind="XX")  # type: ignore[arg-type]
    assert code(error) == "ROB003"
    with pytest.raises(DataError) as error:
        wild_bootstrap(crossed, "district", rng=np.random.default_rng(1))
    assert code(error) == "ROB004"


@pytest.mark.parametrize(
    ("expected", "cluster", "options"),
    [
        ("ROB001", [1, 2], {}),
        ("ROB002", [1] * 18, {}),
        ("ROB002", [1] * 9 + [2] * 9, {"kind": "CR1p"}),
        ("ROB002", [1] * 9 + [2] * 9, {"df": "residual"}),
        ("ROB003", [1] * 9 + [2] * 9, {"kind": "HC3"}),
        ("ROB003", [1] * 9 + [2] * 9, {"df": "kenward"}),
        ("ROB006", [None, *range(17)], {}),
        ("FRM001", "nothing", {}),
    ],
)
def test_refused(expected: str, cluster: Any, options: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        robust(plain()[0], cluster, **options)
    assert code(error) == expected


def test_weights_and_blocks_are_checked() -> None:
    X, e = np.ones((4, 1)), np.array([0.1, -0.1, 0.2, -0.2])
    for weights, expected in (
        (np.array([1.0, 0.0, 1.0, 1.0]), "ROB007"),
        (np.ones(3), "ROB001"),
        ([np.eye(2), np.eye(3)], "ROB001"),
    ):
        with pytest.raises(DataError) as error:
            robust_covariance(X, e, weights, [1, 1, 2, 2])
        assert code(error) == expected
    with pytest.raises(DataError) as error:
        robust_covariance(X, e[:3], np.ones(4), [1, 1, 2, 2])
    assert code(error) == "ROB001"


@pytest.mark.parametrize("tested", [["nothing"], [[1.0, 2.0, 3.0]], [[1.0, 0.0], [2.0, 0.0]]])
def test_hypotheses_are_checked(fit: Multilevel, tested: Any) -> None:
    with pytest.raises(DataError) as error:
        robust(fit, "district").wald(tested)
    assert code(error) == "ROB005"
    with pytest.raises(DataError) as error:
        robust(fit, "district").wald(test="EDT")
    assert code(error) == "ROB003"


def test_satterthwaite_of_a_dense_computation() -> None:
    """The low-rank sums against the plain formula with all pairs of clusters."""
    model, clusters = plain(m=5, size=2, p=3)
    n, codes = 10, np.array(clusters)
    W = Phi = np.eye(n)
    rows = [np.flatnonzero(codes == j) for j in range(5)]
    found = robust_covariance(
        model.X, model.y - model.X @ model.beta, [np.eye(2)] * 5, clusters, "CR2"
    )
    I_H = np.eye(n) - model.X @ found.bread @ model.X.T @ W
    for c in np.eye(3):
        p = np.array([
            I_H[r].T @ (g @ (found.bread @ c)) for r, g in zip(rows, found.leverage, strict=True)
        ])  # fmt: skip
        P = p @ Phi @ p.T
        expected = np.trace(P) ** 2 / (P**2).sum()
        assert satterthwaite(found, c[None])[0] == pytest.approx(expected)


def slow_bootstrap(model: WorkingModel, clusters: list[int], flips: np.ndarray) -> list[float]:
    """Every replicate by refitting on new estimates: F of the last coefficient, CR0."""
    X, codes = model.X, np.array(clusters)
    null = X[:, :-1]
    fitted_null = null @ np.linalg.lstsq(null, model.y, rcond=None)[0]
    out: list[float] = []
    for signs in [np.ones(flips.shape[1]), *flips]:
        scale = signs[codes] if len(out) else np.ones(codes.size)
        y = fitted_null + scale * (model.y - fitted_null)
        new = working_model(model.names, X, y, np.ones(y.size))
        out.append(robust(new, clusters, kind="CR0").coefficients[-1].statistic ** 2)
    return out


def test_the_bootstrap_is_that_of_refitting() -> None:
    model, clusters = plain(m=5, size=3, seed=4)
    flips = 1.0 - 2.0 * (np.arange(32)[:, None] >> np.arange(5) & 1)
    observed, *replicates = slow_bootstrap(model, clusters, flips)
    found = wild_bootstrap(model, clusters, ["x1"], rng=np.random.default_rng(1))
    assert found.exact and found.replicates == 32
    assert found.f == pytest.approx(observed)
    assert found.p_value == pytest.approx(np.mean(np.array(replicates) >= observed * (1 - 1e-9)))


def test_bootstrap_options(fit: Multilevel) -> None:
    options: list[dict[str, Any]] = [
        {"signs": "mammen"}, {"signs": "webb", "adjust": "CR2"}, {"adjust": "CR2"},
        {"tested": np.eye(2)},
    ]  # fmt: skip
    for each in options:
        one, two = (
            wild_bootstrap(fit, "district", rng=np.random.default_rng(7), replicates=999, **each)
            for _ in range(2)
        )
        assert 0.0 <= one.p_value == two.p_value <= 1.0
        assert one.summary() and one.text() and one.columns() and one.why("p_value").formula
        assert not one.exact


@pytest.mark.parametrize("options", [{"signs": "normal"}, {"adjust": "CR3"}, {"replicates": 0}])
def test_bootstrap_choices_are_checked(fit: Multilevel, options: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        wild_bootstrap(fit, "district", rng=np.random.default_rng(1), **options)
    assert code(error) == "ROB003"


def test_bootstrap_with_few_clusters_advises() -> None:
    model, clusters = plain(m=4)
    found = wild_bootstrap(model, clusters, rng=np.random.default_rng(1))
    assert "Webb" in found.notes[0]


def test_a_meta_regression_is_taken_as_it_is() -> None:
    """metafor 3.8's robust() (CR1p, clusters less coefficients), clubSandwich's CR2; dat.bcg."""
    counts = {
        "study": list(range(13)),
        "ai": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
        "bi": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
        "ci": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
        "di": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
    }
    effects = osler.estimate_effects(counts, "RR")
    data = {"yi": effects.estimates, "vi": effects.variances, "study": effects.studies,
            "ablat": [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]}  # fmt: skip
    model = osler.regress("~ ablat", data, estimate="yi", variance="vi", tau2_method="DL")
    alloc = [*"rrrr", *"aa", *"rrr", *"ssss"]
    plain_ = robust(model, alloc, kind="CR1p", df="residual").coefficients
    assert [c.se for c in plain_] == pytest.approx(
        [0.126247354960405178, 0.006273816510637134], rel=1e-10
    )
    assert [c.df for c in plain_] == [1.0, 1.0]
    corrected = robust(model, alloc).coefficients
    assert [c.se for c in corrected] == pytest.approx(
        [0.090356447735348316, 0.004773999795679734], rel=1e-8
    )
    assert [c.df for c in corrected] == pytest.approx(
        [1.681974748269925, 1.516210710035961], rel=1e-7
    )
    with pytest.raises(DataError):
        robust(model, alloc[:-1])
