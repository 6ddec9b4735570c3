"""Konstantopoulos (2011). Fixed effects and variance components estimation in three levels.

Res Synth Methods 2, 61-76. doi:10.1002/jrsm.35. Modified school calendars: 56 studies in 11
districts. Two levels: page 70, Table 4.
"""

import statistics
from typing import Any

import pytest

from osler import multilevel, regress, synthesise
from tests.papers.studies import table


def schools() -> dict[str, list[Any]]:
    t = table("konstantopoulos2011")
    mean = statistics.fmean(t["year"])
    return {
        **t,
        "year": [y - mean for y in t["year"]],
        "district": [str(d) for d in t["district"]],
        "school": [str(s) for s in t["school"]],
        "study": [str(s) for s in t["study"]],
    }


def test_table_4_two_levels() -> None:
    t = table("konstantopoulos2011")
    fit = synthesise([str(s) for s in t["study"]], t["yi"], t["vi"], ci_method="Wald")
    assert (round(fit.random.estimate, 4), round(fit.random.se, 4)) == (0.1279, 0.0439)
    assert round(fit.heterogeneity.tau2, 4) == 0.0884
    assert round(fit.heterogeneity.tau2_se, 4) == 0.0202


def test_table_4_two_levels_by_year() -> None:
    fit = regress("year", schools(), estimate="yi", variance="vi", ci_method="Wald")
    assert fit.coefficients == pytest.approx([0.1258, 0.0052], abs=5.1e-5)
    assert fit.se == pytest.approx([0.0440, 0.0044], abs=5.1e-5)


def test_three_levels() -> None:
    """Districts and schools, with the decimals of metafor-project.org (konstantopoulos2011)."""
    fit = multilevel(
        "1", schools(), random="~ 1 | district/school", estimate="yi", variance="vi", test="z"
    )
    found = fit.coefficients[0]
    assert (found.estimate, found.se) == pytest.approx((0.1847, 0.0846), abs=5.1e-5)
    assert [c.value for c in fit.components] == pytest.approx([0.0651, 0.0327], abs=5.1e-5)
