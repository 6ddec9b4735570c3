"""Estimators of tau2, their standard errors and intervals: laws, edges and messages."""

import math

import numpy as np
import pytest

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis import synthesise, synthesise_many
from osler.synthesis.kernel import block_of
from osler.synthesis.tau2 import TAU2_METHODS, TAU2_NAMES
from osler.synthesis.tau2.common import COMMON_TAU2_METHODS, common_tau2
from osler.synthesis.tau2.quadratic_form import q_distribution
from osler.synthesis.tau2.standard_error import tau2_standard_error

Y, V = [0.1, 0.3, 0.9, 0.2, -0.4], [0.04, 0.02, 0.03, 0.05, 0.06]
LABELS = list("ABCDE")


def tau2_by(method: str, **options: object) -> float:
    return synthesise(LABELS, Y, V, tau2_method=method, **options).heterogeneity.tau2  # type: ignore[arg-type]


def test_every_estimator_has_a_name() -> None:
    assert set(TAU2_NAMES) == set(TAU2_METHODS)


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_one_and_identical_studies_have_no_heterogeneity(method: str) -> None:
    one = synthesise(["A"], [0.4], [0.09], tau2_method=method).heterogeneity
    assert one.tau2 == 0
    assert math.isnan(one.tau2_se)
    same = synthesise(LABELS, [0.5] * 5, V, tau2_method=method).heterogeneity
    assert same.tau2 == 0
    assert same.i2 == 0


@pytest.mark.parametrize("method", sorted(set(TAU2_METHODS) - {"GENQM", "PMM", "ML", "HS", "SJ"}))
def test_equal_variances_leave_one_answer(method: str) -> None:
    """The variance of the estimates less theirs, by every unbiased estimator."""
    fit = synthesise(LABELS, Y, [0.02] * 5, tau2_method=method)
    assert fit.heterogeneity.tau2 == pytest.approx(np.var(Y, ddof=1) - 0.02, rel=1e-10)


def test_equal_variances_by_the_others() -> None:
    spread = np.var(Y)
    assert synthesise(LABELS, Y, [0.02] * 5, tau2_method="ML").heterogeneity.tau2 == pytest.approx(
        spread - 0.02
    )
    hs = synthesise(LABELS, Y, [0.02] * 5, tau2_method="HS").heterogeneity
    assert hs.tau2 == pytest.approx(spread - 0.02)


@pytest.mark.parametrize("method", TAU2_METHODS)
@pytest.mark.parametrize("unit", [1e-30, 1e-6, 1e6, 1e30])
def test_any_unit_will_do(method: str, unit: float) -> None:
    y, v = [x * unit for x in Y], [x * unit**2 for x in V]
    h = synthesise(LABELS, y, v, tau2_method=method).heterogeneity
    assert h.tau2 / unit**2 == pytest.approx(tau2_by(method), rel=1e-9)
    plain = synthesise(LABELS, Y, V, tau2_method=method).heterogeneity
    assert h.tau2_se / unit**2 == pytest.approx(plain.tau2_se, rel=1e-9)


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_groups_of_different_sizes_side_by_side(method: str) -> None:
    y, v = np.full((5, 3), np.nan), np.full((5, 3), np.nan)
    for group, k in enumerate((5, 1, 3)):
        y[:k, group], v[:k, group] = Y[:k], V[:k]
    many = synthesise_many(y, v, tau2_method=method)
    for group, k in enumerate((5, 1, 3)):
        one = synthesise(LABELS[:k], Y[:k], V[:k], tau2_method=method).heterogeneity
        assert many.tau2[group] == pytest.approx(one.tau2, rel=1e-10, abs=1e-14)
        assert many.tau2_se[group] == pytest.approx(one.tau2_se, rel=1e-9, nan_ok=True)


def test_weights_of_genq() -> None:
    assert tau2_by("GENQ", tau2_weights=[1.0 / v for v in V]) == pytest.approx(tau2_by("DL"))
    assert tau2_by("GENQ", tau2_weights=[7.0] * 5) == pytest.approx(tau2_by("HE"))
    assert tau2_by("GENQ") == pytest.approx(tau2_by("GENQ", tau2_weights=[v**-0.5 for v in V]))
    with pytest.raises(DataError) as error:
        tau2_by("GENQ", tau2_weights=[1.0, 1.0, 0.0, 1.0, math.nan])
    assert [d.code for d in error.value.diagnostics] == ["SYN012", "SYN012"]
    with pytest.raises(DataError) as error:
        tau2_by("GENQ", tau2_weights=[1.0])
    assert error.value.diagnostics[0].code == "SYN002"


def test_the_median_estimators_halve_their_distribution() -> None:
    rng = np.random.default_rng(8)
    v = rng.uniform(0.02, 0.3, (8, 1)) * np.ones((8, 4000))
    y = rng.normal(0.0, np.sqrt(v + 0.2))
    for method in ("PMM", "GENQM"):
        part = slice(None) if method == "PMM" else slice(100)
        many = synthesise_many(y[:, part], v[:, part], tau2_method=method, tau2_ci_method="none")
        assert (many.tau2 > 0.2).mean() == pytest.approx(0.5, abs=0.1)


def test_standard_errors_are_those_of_a_simulation() -> None:
    """Far from 0, where no estimate is cut off."""
    rng = np.random.default_rng(2)
    v = rng.uniform(0.02, 0.05, (40, 1)) * np.ones((40, 3000))
    y = rng.normal(0.0, np.sqrt(v + 0.5))
    for method in ("DL", "HE", "HE2", "DL2", "GENQ", "REML", "PM", "SJ"):
        many = synthesise_many(y, v, tau2_method=method, tau2_ci_method="none")
        assert many.tau2_se.mean() == pytest.approx(many.tau2.std(), rel=0.06)


def test_one_study_that_outweighs_all_by_many_orders() -> None:
    y, v = np.array([[0.0], [1.0], [-1.0]]), np.array([[1e-24], [1.0], [1.0]])
    block = block_of(y, v, np.ones(y.shape, bool))
    se = tau2_standard_error("REML", block, np.zeros(1), 1.0 / block.v)
    # P is then ((2, -1, -1), (-1, 1, 0), (-1, 0, 1)), and tr(PP) is 10.
    assert se[0] * block.unit[0] ** 2 == pytest.approx(math.sqrt(2 / 10), rel=1e-12)


def chi2_probability(weights: Floats, draws: int = 400_000) -> Floats:
    rng = np.random.default_rng(5)
    return np.asarray((rng.standard_normal((draws, weights.size)) ** 2) @ weights)


@pytest.mark.parametrize("k", [2, 3, 6, 30])
def test_the_distribution_of_q_by_simulation(k: int) -> None:
    rng = np.random.default_rng(k)
    a, m = np.exp(rng.uniform(-2, 2, k)), np.exp(rng.uniform(-2, 2, k))
    form = np.diag(a) - np.outer(a, a) / a.sum()
    roots = np.sqrt(m)
    eigenvalues = np.linalg.eigvalsh(roots[:, None] * form * roots)[1:]
    draws = chi2_probability(eigenvalues, 40_000)
    q = np.quantile(draws, [0.01, 0.3, 0.7, 0.99])
    got = q_distribution(a, np.repeat(m[:, None], 4, axis=1), q)
    np.testing.assert_allclose(got, [0.01, 0.3, 0.7, 0.99], atol=0.009)


def test_the_distribution_of_q_at_its_edges() -> None:
    a, m = np.array([1.0, 2.0, 3.0]), np.ones((3, 3))
    got = q_distribution(a, m, np.array([0.0, 1e-12, 1e12]))
    assert got[0] == 0
    assert 0 <= got[1] < 1e-11
    assert got[2] == 1


@pytest.mark.parametrize("method", ["QP", "GENQ", "PL", "PL-ML"])
def test_intervals_of_tau2_keep_their_promise(method: str) -> None:
    """In simulated meta-analyses; GENQ goes through them one by one."""
    rng = np.random.default_rng(1)
    v = rng.uniform(0.05, 0.3, (10, 1)) * np.ones((10, 60 if method == "GENQ" else 400))
    y = rng.normal(0.0, np.sqrt(v + 0.15))
    many = synthesise_many(y, v, tau2_ci_method=method)
    inside = ((many.tau2_ci_lower <= 0.15) & (many.tau2_ci_upper >= 0.15)).mean()
    assert 0.9 < inside <= 1.0
    assert (many.tau2_ci_lower >= 0).all()


def test_a_likelihood_interval_with_a_valley() -> None:
    """From the smallest to the largest of all values that pass."""
    y, v = [0.9, -5.7, 0.2, 1.1], [0.46, 5.2, 2.21, 0.28]
    h = synthesise(list("ABCD"), y, v, tau2_ci_method="PL").heterogeneity
    assert h.tau2_ci_method == "PL-REML"
    assert h.tau2_ci_lower == 0
    assert h.tau2_ci_upper > 60


def test_intervals_of_tau2_that_are_not_asked_for() -> None:
    h = synthesise(LABELS, Y, V, tau2_ci_method="none").heterogeneity
    assert math.isnan(h.tau2_ci_lower)
    assert math.isnan(h.i2_ci_upper)


def test_i2_from_q() -> None:
    """As meta gives it: the BCG trials of Colditz 1994 have I2 92.1 % (88.3 to 94.7)."""
    h = synthesise(LABELS, Y, V, i2_method="q").heterogeneity
    assert h.i2 == pytest.approx(1 - h.df / h.q)
    assert h.h2 == pytest.approx(h.q / h.df)
    assert h.i2_ci_lower < h.i2 < h.i2_ci_upper
    close = synthesise(LABELS, [0.1, 0.11, 0.1, 0.12, 0.1], V, i2_method="q").heterogeneity
    assert (close.i2, close.h2, close.i2_ci_lower) == (0, 1, 0)
    assert 0 < close.i2_ci_upper < 1
    by_dl = synthesise(LABELS, Y, V, tau2_method="DL").heterogeneity
    assert by_dl.i2 == pytest.approx(h.i2)


def test_weights_too_far_apart_are_said() -> None:
    y, v = [0.0, 1.0, -1.0], [1e-30, 1.0, 1.0]
    for options in ({"tau2_method": "GENQM"}, {"ci_method": "HC"}, {"pred_method": "NNF"}):
        with pytest.raises(DataError) as error:
            synthesise(list("ABC"), y, v, **options)  # type: ignore[arg-type]
        assert error.value.diagnostics[0].code == "SYN015"


@pytest.mark.parametrize("method", COMMON_TAU2_METHODS)
def test_a_common_tau2_of_one_subgroup_is_its_own(method: str) -> None:
    got = common_tau2(np.zeros(5, int), np.array(Y), np.array(V), method)
    assert got == pytest.approx(tau2_by(method), rel=1e-9)
    apart = common_tau2(np.arange(5), np.array(Y), np.array(V), method)
    assert apart == 0
