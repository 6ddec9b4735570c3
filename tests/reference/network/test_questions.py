"""Regressions, split comparisons and contributions of networks against metafor and netmeta."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.network.adjusted_funnel import adjusted_funnel
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.regression import NetworkRegression, network_regression
from osler.synthesis.network.side_splitting import split_sides
from tests.reference.network.test_network import NETMETA, fitted, netmeta, of_arms

HERE = Path(__file__).parent


@cache
def answers() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "questions" / "answers.json").read_text("utf-8"))
    return found


@cache
def network(name: str) -> NetworkSynthesis:
    case, contrasts = of_arms(name)
    return fit_network(contrasts, reference=case["reference"], tau2_method="REML")


def same_regression(ours: NetworkRegression, theirs: dict[str, Any]) -> None:
    assert ours.tau2 == pytest.approx(theirs["tau2"], rel=2e-6)
    assert ours.q == pytest.approx(theirs["q"], rel=1e-9)
    assert ours.q_model == pytest.approx(theirs["q_model"], rel=1e-6)
    n = len(ours.treatments) - 1
    estimates = [c.estimate for c in ours.coefficients]
    np.testing.assert_allclose(estimates, theirs["estimate"][n:], 2e-6)
    np.testing.assert_allclose([c.se for c in ours.coefficients], theirs["se"][n:], 2e-6)
    reference = ours.treatments.index(ours.reference)
    at = [ours.treatments.index(t) for t in theirs["names"][:n]]
    np.testing.assert_allclose(ours.league.estimate[at, reference], theirs["estimate"][:n], 2e-6)
    np.testing.assert_allclose(ours.league.se[at, reference], theirs["se"][:n], 2e-6)


def years(fit: NetworkSynthesis) -> list[int]:
    found = [re.search(r"\((\d{4})", study) for study in fit.network.studies]
    return [int(year[1]) for year in found if year]


def test_a_covariate_in_numbers() -> None:
    fit = network("senn2013_arms")
    found = network_regression(fit, years(fit), name="year")
    assert found.centre == pytest.approx(answers()["mean_year"], rel=1e-14)
    same_regression(found, answers()["year"])


def test_subgroups() -> None:
    fit = network("senn2013_arms")
    named = ["later" if year >= 2004 else "earlier" for year in years(fit)]
    found = network_regression(fit, dict(zip(fit.network.studies, named, strict=True)))
    assert found.levels == ("earlier", "later")
    same_regression(found, answers()["later"])


def test_one_coefficient_a_treatment() -> None:
    case, _ = of_arms("smoking_cessation")
    shared = {str(row["study"]): row["shared"] for row in case["data"]}
    found = network_regression(network("smoking_cessation"), shared, interaction="independent")
    assert found.centre == pytest.approx(answers()["mean_spread"], rel=1e-14)
    same_regression(found, answers()["spread"])


def test_each_comparison_split_by_regression() -> None:
    ours = {frozenset((c.treatment, c.comparator)): c
            for c in split_sides(network("smoking_cessation")).comparisons}  # fmt: skip
    theirs = answers()["sides"]
    assert len(ours) == len(theirs)
    for case in theirs:
        found = ours[frozenset((case["treatment"], case["comparator"]))]
        sign = 1.0 if found.treatment == case["treatment"] else -1.0
        assert sign * found.difference == pytest.approx(case["estimate"][-1], rel=5e-6)
        assert found.difference_se == pytest.approx(case["se"][-1], rel=5e-6)
        assert found.difference == pytest.approx(found.direct - found.indirect, rel=1e-9)


@pytest.mark.parametrize("name", NETMETA)
def test_contributions_by_shortest_paths(name: str) -> None:
    found, case = contributions(fitted(name)), netmeta(name)["contribution_random"]
    assert [":".join(pair) for pair in found.results] == case["rows"]
    assert [":".join(pair) for pair in found.comparisons] == case["cols"]
    np.testing.assert_allclose(found.share, np.array(case["values"], float), 1e-9, 1e-12)


def test_the_comparison_adjusted_funnel() -> None:
    found, theirs = adjusted_funnel(network("senn2013_arms")), answers()["funnel"]
    egger, begg = found.tests
    assert sum(abs(p.deviation) for p in found.points) == pytest.approx(theirs["deviation"])
    assert egger.statistic == pytest.approx(theirs["t"], rel=1e-9)
    assert egger.p_value == pytest.approx(theirs["p"], rel=1e-9)
    assert egger.df == theirs["df"]
    assert begg.statistic == pytest.approx(theirs["kendall_z"], rel=1e-9)
    assert begg.p_value == pytest.approx(theirs["kendall_p"], rel=1e-9)
