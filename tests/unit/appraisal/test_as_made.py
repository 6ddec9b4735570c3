"""What pools the studies of a synthesis again does it as that was made."""

from collections.abc import Callable
from typing import Any

import pytest

import osler
from osler.effects import Effects
from osler.synthesis.model import Synthesis

TABLE: dict[str, list[Any]] = {
    "study": list("ABCDEF"),
    "estimate": [0.1, 0.5, -0.2, 0.9, 0.3, 0.6],
    "se": [0.2, 0.15, 0.2, 0.25, 0.3, 0.2],
}
AGAIN: dict[str, Callable[..., Any]] = {
    "leave_one_out": osler.leave_one_out,
    "cumulative": osler.cumulative,
    "outliers": osler.outliers,
    "influence": osler.influence,
    "baujat": osler.baujat,
    "gosh": osler.gosh,
    "radial": osler.radial,
    "shrunken_effects": osler.shrunken_effects,
    "residual_quantiles": lambda given, **asked: osler.residual_quantiles(given, rng=1, **asked),
}


def effects() -> Effects:
    return osler.estimate_effects(TABLE, "MD")


def made() -> Synthesis:
    return osler.pool(effects(), tau2_method="PM", ci_method="t", level=0.9)


@pytest.mark.parametrize("name", AGAIN)
def test_method_and_level_are_those_of_the_synthesis(name: str) -> None:
    found = AGAIN[name](made())
    assert found.tau2_method == "PM"
    assert getattr(found, "level", 0.9) == 0.9


@pytest.mark.parametrize("name", AGAIN)
def test_of_a_table_of_effects_they_are_the_usual_ones(name: str) -> None:
    found = AGAIN[name](effects())
    assert found.tau2_method == "REML"
    assert getattr(found, "level", 0.95) == 0.95


@pytest.mark.parametrize("name", AGAIN)
def test_what_is_asked_for_wins(name: str) -> None:
    assert AGAIN[name](made(), tau2_method="dl").tau2_method == "DL"


@pytest.mark.parametrize("name", ["leave_one_out", "outliers"])
def test_all_studies_pooled_again_are_the_synthesis(name: str) -> None:
    fit, full = made(), AGAIN[name](made()).full
    expected = fit.random
    assert (full.estimate, full.ci_lower, full.ci_upper, full.p_value) == pytest.approx(
        (expected.estimate, expected.ci_lower, expected.ci_upper, expected.p_value), rel=1e-9
    )
    assert full.ci_method == "t"
    assert full.tau2 == pytest.approx(fit.heterogeneity.tau2, rel=1e-9)


def test_the_last_step_of_a_cumulative_synthesis_is_the_synthesis() -> None:
    grown, fit = osler.cumulative(made()), made()
    assert grown.rows[-1].ci_lower == pytest.approx(fit.random.ci_lower, rel=1e-9)
    assert grown.ci_method == "t"


def test_auto_stays_auto() -> None:
    """Some choices of studies have no heterogeneity, and these get Wald's interval."""
    fit = osler.pool(effects())
    assert (fit.ci_asked, fit.random.ci_method) == ("auto", "HKSJ")
    alike = osler.pool({"study": list("ABC"), "estimate": [0.3, 0.3, 2.0], "se": [0.1, 0.1, 0.1]})
    methods = [row.ci_method for row in osler.leave_one_out(alike).rows]
    assert methods == ["Wald", "Wald", "Wald"]
    asked = osler.pool(effects(), ci_method="HKSJ")
    assert {row.ci_method for row in osler.leave_one_out(asked).rows} == {"HKSJ"}


def test_trim_and_fill_keeps_the_way_too() -> None:
    filled = osler.trim_and_fill(made())
    assert filled.refitted.heterogeneity.tau2_method == "PM"
    assert (filled.refitted.level, filled.refitted.random.ci_method) == (0.9, "t")
    assert osler.trim_and_fill(made(), level=0.99).refitted.level == 0.99
