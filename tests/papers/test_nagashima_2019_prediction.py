"""Nagashima, Noma & Furukawa (2019). Prediction intervals for random-effects meta-analysis.

Stat Methods Med Res 28, 1689-1702. doi:10.1177/0962280218773520. Thirteen trials of
cisapride, as Hartung & Knapp (2001, Stat Med 20, 3875-3889) give them, with the interval that
the authors' own program prints for them in its introduction (version 1.1.4).
"""

import math

import pytest

from osler.synthesis import synthesise

EVENTS = [15, 12, 29, 42, 14, 44, 14, 29, 10, 17, 38, 19, 21]
TREATED = [16, 16, 34, 56, 22, 54, 17, 58, 14, 26, 44, 29, 38]
CONTROL_EVENTS = [9, 1, 18, 31, 6, 17, 7, 23, 3, 6, 12, 22, 19]
CONTROLS = [16, 16, 34, 56, 22, 55, 15, 58, 15, 27, 45, 30, 38]


def test_introduction_cisapride_prediction() -> None:
    """Odds ratio 4.141, 95 % prediction interval 0.533 to 33.692, by 25,000 draws each."""
    rows = [
        (a + 0.5, n - a + 0.5, c + 0.5, m - c + 0.5)
        for a, n, c, m in zip(EVENTS, TREATED, CONTROL_EVENTS, CONTROLS, strict=True)
    ]
    y = [math.log(a * d / (b * c)) for a, b, c, d in rows]
    v = [sum(1 / cell for cell in row) for row in rows]
    assert y[0] == pytest.approx(2.098986, abs=5e-7)
    fit = synthesise(
        [str(i) for i in range(13)],
        y,
        v,
        measure="OR",
        tau2_method="DL",
        pred_method="NNF",
    )
    assert math.exp(fit.random.estimate) == pytest.approx(4.141, abs=5e-4)
    # The bounds of two runs differ by a few hundredths on the log scale.
    assert fit.random.pred_lower == pytest.approx(math.log(0.533), abs=0.1)
    assert fit.random.pred_upper == pytest.approx(math.log(33.692), abs=0.1)
