"""Raudenbush & Bryk (1985). Empirical Bayes meta-analysis.

J Educ Stat 10, 75-98. doi:10.3102/10769986010002075. Nineteen experiments on teachers'
expectations; again in Raudenbush (2009), Handbook of Research Synthesis, 2nd ed., ch. 16.
"""

import math

import pytest

from osler import Regression, regress, synthesise
from tests.papers.studies import table


def test_random_effects_model() -> None:
    t = table("raudenbush1985")
    labels = [str(i) for i in t["study"]]
    fit = synthesise(labels, t["yi"], t["vi"], tau2_method="REML", ci_method="Wald")
    assert round(fit.heterogeneity.tau2, 3) == 0.019
    assert (round(fit.random.estimate, 3), round(fit.random.se, 3)) == (0.084, 0.052)
    assert (round(fit.heterogeneity.q, 2), fit.heterogeneity.df) == (35.83, 18)


def regression() -> Regression:
    t = table("raudenbush1985")
    # Three weeks of contact or more count as three.
    t["weeks"] = [min(w, 3) for w in t["weeks"]]
    t["study"] = [str(i) for i in t["study"]]
    return regress("weeks", t, estimate="yi", variance="vi", ci_method="Wald")


def test_weeks_of_prior_contact() -> None:
    fit = regression()
    assert round(fit.tau2, 3) == 0
    assert fit.coefficients == pytest.approx([0.407, -0.157], abs=5.1e-4)
    assert fit.se == pytest.approx([0.087, 0.036], abs=5.1e-4)
    assert round(fit.residual.statistic, 2) == 16.57


def test_plausible_values_of_a_new_study() -> None:
    """0.084 -/+ 1.96 times the square root of 0.019: from -0.19 to 0.35."""
    t = table("raudenbush1985")
    fit = synthesise([str(i) for i in t["study"]], t["yi"], t["vi"], ci_method="Wald")
    reach = 1.96 * math.sqrt(fit.heterogeneity.tau2)
    assert round(fit.random.estimate - reach, 2) == -0.19
    assert round(fit.random.estimate + reach, 2) == 0.35
