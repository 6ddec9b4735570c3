"""Viechtbauer (2005). Bias and efficiency of meta-analytic variance estimators.

J Educ Behav Stat 30, 261-293. doi:10.3102/10769986030003261. Two examples of standardised
mean differences, with the estimates of tau2 on pages 271 and 272; I2 and the standard errors
are those of the author's own later analysis of the same data.
"""

import pytest

from osler.synthesis import synthesise

METHODS = ("HS", "HE", "DL", "ML", "REML", "EB", "SJ")
FIRST = (
    [-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232],
    [0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
)
SECOND = (
    [
        *(0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134),
        *(0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342),
    ],
    [
        *(0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034),
        *(0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035),
    ],
)


def check(
    data: tuple[list[float], list[float]], method: str, tau2: float, i2: float, se: float
) -> None:
    labels = [str(i) for i in range(len(data[0]))]
    h = synthesise(labels, *data, tau2_method=method).heterogeneity
    assert h.tau2 == pytest.approx(tau2, abs=5e-5)
    assert h.i2 * 100 == pytest.approx(i2, abs=0.02)
    assert h.tau2_se == pytest.approx(se, abs=5e-5)


@pytest.mark.parametrize(
    ("method", "tau2", "i2", "se"),
    [
        *zip(
            METHODS,
            (0.2282, 0.1484, 0.2768, 0.1967, 0.2232, 0.1920, 0.1992),
            (77.2284, 68.7988, 80.4447, 74.5098, 76.8399, 74.0511, 74.7545),
            (0.1328, 0.1234, 0.1841, 0.1255, 0.1464, 0.1330, 0.0979),
            strict=True,
        )
    ],
)
def test_page_271_first_example(method: str, tau2: float, i2: float, se: float) -> None:
    check(FIRST, method, tau2, i2, se)


@pytest.mark.parametrize(
    ("method", "tau2", "i2", "se"),
    [
        *zip(
            METHODS,
            (0.0099, 0.0, 0.0126, 0.0132, 0.0157, 0.0104, 0.0248),
            (22.9266, 0.0, 27.5275, 28.4505, 32.0203, 23.7198, 42.6734),
            (0.0138, 0.0217, 0.0159, 0.0151, 0.0167, 0.0156, 0.0118),
            strict=True,
        )
    ],
)
def test_page_272_second_example(method: str, tau2: float, i2: float, se: float) -> None:
    check(SECOND, method, tau2, i2, se)
