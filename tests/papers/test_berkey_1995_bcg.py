"""Berkey, Hoaglin, Mosteller & Colditz (1995). A random-effects regression model.

Stat Med 14, 395-411. doi:10.1002/sim.4780140406. Thirteen BCG trials, log risk ratios with
smoothed variances, empirical Bayes tau2, latitude centred at 33.46 degrees; the numbers of
page 408, with four decimals as the replication at metafor-project.org (berkey1995) has them.
"""

import math
from typing import Any

import pytest

from osler import regress, synthesise
from tests.papers.studies import table


def trials() -> dict[str, list[Any]]:
    t = table("bcg")
    cells = list(zip(t["tpos"], t["tneg"], t["cpos"], t["cneg"], strict=True))
    k = len(cells)
    # The paper's variances: the risks averaged over trials, the sizes each trial's own.
    treated = sum(b / a for a, b, _, _ in cells) / k
    control = sum(d / c for _, _, c, d in cells) / k
    return {
        "study": t["author"],
        "yi": [math.log(a / (a + b)) - math.log(c / (c + d)) for a, b, c, d in cells],
        "vi": [treated / (a + b) + control / (c + d) for a, b, c, d in cells],
        "latitude": [x - 33.46 for x in t["ablat"]],
    }


def test_page_408_random_effects_model() -> None:
    t = trials()
    fit = synthesise(t["study"], t["yi"], t["vi"], tau2_method="EB", ci_method="Wald")
    assert round(fit.heterogeneity.tau2, 4) == 0.2682
    assert (round(fit.random.estimate, 4), round(fit.random.se, 4)) == (-0.5429, 0.1842)
    assert round(fit.random.ci_lower, 4) == -0.9040
    assert round(fit.random.ci_upper, 4) == -0.1819


def test_page_408_regression_on_latitude() -> None:
    fit = regress(
        "latitude", trials(), estimate="yi", variance="vi", tau2_method="EB", ci_method="Wald"
    )
    assert round(fit.tau2, 4) == 0.1572
    assert fit.coefficients == pytest.approx([-0.6303, -0.0268], abs=5.1e-5)
    assert fit.se == pytest.approx([0.1591, 0.0110], abs=5.1e-5)
