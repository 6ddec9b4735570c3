"""van Houwelingen, Arends & Stijnen (2002). Advanced methods in meta-analysis.

Stat Med 21, 589-624. doi:10.1002/sim.1040. Thirteen BCG trials: log odds ratios by maximum
likelihood, latitude, and the log odds of both arms at once.
"""

from typing import Any

import pytest

from osler import Multilevel, Structured, estimate_effects, multilevel, regress, synthesise
from osler.effects.model import Effects
from tests.papers.studies import table


def odds_ratios() -> Effects:
    t = table("bcg")
    columns = {
        "study": t["author"],
        "ai": t["tpos"],
        "bi": t["tneg"],
        "ci": t["cpos"],
        "di": t["cneg"],
        "latitude": t["ablat"],
    }
    return estimate_effects(columns, "OR")


def test_section_3_one_effect_and_many() -> None:
    """-0.436 (0.042) for one effect; -0.742 (0.178), tau2 0.302, for many."""
    e = odds_ratios()
    fit = synthesise(e.studies, e.estimates, e.variances, tau2_method="ML", ci_method="Wald")
    assert (round(fit.common.estimate, 3), round(fit.common.se, 3)) == (-0.436, 0.042)
    assert (round(fit.random.estimate, 3), round(fit.random.se, 3)) == (-0.742, 0.178)
    assert round(fit.heterogeneity.tau2, 3) == 0.302


def test_section_5_latitude() -> None:
    """0.371 - 0.033 a degree, standard errors 0.106 and 0.003; tau2 0.004."""
    fit = regress("latitude", odds_ratios(), tau2_method="ML", ci_method="Wald")
    assert fit.coefficients == pytest.approx([0.371, -0.033], abs=5.1e-4)
    assert fit.se == pytest.approx([0.106, 0.003], abs=5.1e-4)
    assert round(fit.tau2, 3) == 0.004


@pytest.fixture(scope="module")
def both_arms() -> Multilevel:
    t = table("bcg")
    arms = [("vaccinated", "tpos", "tneg"), ("not", "cpos", "cneg")]
    data: dict[str, list[Any]] = {
        "trial": [i for i in t["author"] for _ in arms],
        "year": [i for i in t["year"] for _ in arms],
        "arm": [arm for _ in t["author"] for arm, _, _ in arms],
    }
    data["trial"] = [f"{a} {y}" for a, y in zip(data["trial"], data["year"], strict=True)]
    events = [t[e][i] for i in range(len(t["author"])) for _, e, _ in arms]
    others = [t[o][i] for i in range(len(t["author"])) for _, _, o in arms]
    effects = estimate_effects(
        {"study": data["trial"], "events": events, "nonevents": others}, "PLO"
    )
    data["y"], data["v"] = list(effects.estimates), list(effects.variances)
    X = [[float(arm == "vaccinated"), float(arm == "not")] for arm in data["arm"]]
    return multilevel(
        X,
        data,
        estimate="y",
        variance="v",
        random=Structured("arm", within="trial", structure="UN"),
        method="ML",
        test="z",
        names=["vaccinated", "not"],
    )


def test_section_4_log_odds_of_both_arms(both_arms: Multilevel) -> None:
    """-4.834 and -4.096; variances 1.431 and 2.407, covariance 1.757."""
    assert [c.estimate for c in both_arms.coefficients] == pytest.approx(
        [-4.834, -4.096], abs=5.1e-4
    )
    values = {c.name: c.value for c in both_arms.components}
    variances = sorted(v for name, v in values.items() if "tau2" in name)
    correlation = next(v for name, v in values.items() if "rho" in name)
    assert variances == pytest.approx([1.431, 2.407], abs=5.1e-4)
    assert correlation * (variances[0] * variances[1]) ** 0.5 == pytest.approx(1.757, abs=5.1e-4)


def test_section_4_difference_is_the_log_odds_ratio(both_arms: Multilevel) -> None:
    """The two printed means are 0.738 apart."""
    vaccinated, not_vaccinated = (c.estimate for c in both_arms.coefficients)
    assert round(vaccinated - not_vaccinated, 3) == -0.738
