import math

import numpy as np
import pytest
from scipy import special

from osler.core.diagnostics import DataError
from osler.core.quantiles import normal_quantile
from osler.effects.medians import METHODS, mean_sd_from_quantiles, skewness_test

FIVE = {"minimum": 5.0, "q1": 14.0, "median": 20.0, "q3": 28.0, "maximum": 70.0}


def test_by_hand() -> None:
    n = 60
    z_end = float(normal_quantile((n - 0.375) / (n + 0.25)))
    z_quarter = float(normal_quantile((0.75 * n - 0.125) / (n + 0.25)))
    found = mean_sd_from_quantiles(n, median=20, minimum=5, maximum=70)
    w = 4 / (4 + n**0.75)
    assert found.mean == pytest.approx(w * 37.5 + (1 - w) * 20)
    assert found.sd == pytest.approx(65 / (2 * z_end))
    found = mean_sd_from_quantiles(n, median=20, q1=14, q3=28)
    w = 0.7 + 0.39 / n
    assert found.mean == pytest.approx(w * 21 + (1 - w) * 20)
    assert found.sd == pytest.approx(14 / (2 * z_quarter))
    found = mean_sd_from_quantiles(n, **FIVE)
    first, second = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    assert found.mean == pytest.approx(first * 37.5 + second * 21 + (1 - first - second) * 20)
    one, two = (2 + 0.14 * n**0.6) * z_end, (2 + 2 / (0.07 * n**0.6)) * z_quarter
    assert found.sd == pytest.approx(65 / one + 14 / two)
    wan = mean_sd_from_quantiles(n, **FIVE, method="wan")
    assert wan.mean == pytest.approx((5 + 2 * 14 + 2 * 20 + 2 * 28 + 70) / 8)
    assert wan.sd == pytest.approx(65 / (4 * z_end) + 14 / (4 * z_quarter))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ends", [True, False])
def test_symmetric_quantiles_give_their_middle(method: str, ends: bool) -> None:
    given = {"median": 50.0, "q1": 46.0, "q3": 54.0}
    given |= {"minimum": 35.0, "maximum": 65.0} if ends else {}
    found = mean_sd_from_quantiles(80, **given, method=method)  # type: ignore[arg-type]
    assert found.mean == pytest.approx(50.0, abs=0.06)
    assert found.sd == pytest.approx(6.0, abs=0.9)
    assert found.skewed is False and found.note == ""


@pytest.mark.parametrize(
    ("name", "quantiles", "mean", "sd"),
    [
        ("gamma", 3 * special.gammaincinv(2.0, [0.25, 0.5, 0.75]), 6.0, 3 * math.sqrt(2)),
        (
            "log-normal",
            np.exp(1 + 0.5 * normal_quantile([0.25, 0.5, 0.75])),
            math.exp(1.125),
            math.exp(1.125) * math.sqrt(math.expm1(0.25)),
        ),
        ("Weibull", -5 * np.log(np.array([0.75, 0.5, 0.25])), 5.0, 5.0),
    ],
)
def test_quantiles_of_a_distribution_give_it_back(
    name: str, quantiles: np.ndarray, mean: float, sd: float
) -> None:
    q1, median, q3 = (float(q) for q in quantiles)
    found = mean_sd_from_quantiles(100, median=median, q1=q1, q3=q3, method="qe")
    assert found.mean == pytest.approx(mean, rel=1e-5)
    assert found.sd == pytest.approx(sd, rel=1e-5)
    if name != "Weibull":  # the exponential is a gamma distribution, too
        assert name in found.method


def test_normal_quantiles_give_back_the_normal_distribution() -> None:
    q1, median, q3 = (10 + 2 * normal_quantile([0.25, 0.5, 0.75])).tolist()
    found = mean_sd_from_quantiles(100, median=median, q1=q1, q3=q3, method="qe")
    assert (found.mean, found.sd) == pytest.approx((10, 2))
    assert "normal distribution" in found.method and "log" not in found.method


def test_a_box_cox_power_of_zero_is_the_log_normal_mean() -> None:
    q1, median, q3 = np.exp(1 + 0.8 * normal_quantile([0.25, 0.5, 0.75])).tolist()
    found = mean_sd_from_quantiles(10**6, median=median, q1=q1, q3=q3, method="bc")
    assert found.mean == pytest.approx(math.exp(1 + 0.32), rel=1e-4)
    assert "power 0.000" in found.method


def test_skewness_is_flagged() -> None:
    found = mean_sd_from_quantiles(60, **FIVE)
    assert found.skewed and "Shi 2023" in found.note
    assert mean_sd_from_quantiles(60, **FIVE, method="qe").note == ""


@pytest.mark.parametrize("case", ["S1", "S2", "S3"])
def test_the_skewness_tests_hold_their_level(case: str) -> None:
    """Five in a hundred normal samples are called skewed, whatever is reported of them."""
    draw = np.random.default_rng(20230704)
    called = 0
    for sample in draw.standard_normal((1500, 61)):
        a, b, c, d, e = np.quantile(sample, [0, 0.25, 0.5, 0.75, 1]).tolist()
        given = {"median": c}
        given |= {} if case == "S2" else {"minimum": a, "maximum": e}
        given |= {} if case == "S1" else {"q1": b, "q3": d}
        statistic, critical = skewness_test(61, **given)
        called += statistic > critical
    assert 0.03 < called / 1500 < 0.07


@pytest.mark.parametrize(
    "given",
    [
        {"n": 4, "median": 3, "q1": 1, "q3": 5},
        {"n": 50, "median": 3},
        {"n": 50, "median": 3, "q1": 1},
        {"n": 50, "median": 9, "q1": 1, "q3": 5},
        {"n": 50, "median": 3, "q1": 3, "q3": 3},
        {"n": 50, "median": math.nan, "q1": 1, "q3": 3},
        {"n": 50, "median": 3, "q1": -1, "q3": 5, "method": "bc"},
    ],
)
def test_quantiles_that_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(DataError) as error:
        mean_sd_from_quantiles(**given)  # type: ignore[arg-type]
    assert [d.code for d in error.value.diagnostics] == ["EFF062"]
