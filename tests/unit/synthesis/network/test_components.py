"""Combinations as sums of components, in connected and in disconnected networks."""

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.network.components import fit_components, parts_of
from osler.synthesis.network.fit import fit_network
from tests.unit.synthesis.network.test_core import THREE_ARMS, TRIANGLE, Row, network

# True effects: A 0.5, B 0.3 against placebo, adding up.
ADDITIVE: list[Row] = [
    ("s1", "A", "placebo", 0.5, 0.02),
    ("s2", "B", "placebo", 0.3, 0.02),
    ("s3", "A + B", "A", 0.3, 0.02),
    ("s4", "A + B", "placebo", 0.8, 0.04),
]
# Two pieces that no study connects: A + B against B, C + B against C.
APART: list[Row] = [("s1", "A + B", "B", 0.5, 0.02), ("s2", "C + B", "C", 0.3, 0.02)]


def test_components_of_a_name() -> None:
    assert parts_of("A + B+C") == ("A", "B", "C")
    assert parts_of("A & B", "&") == ("A", "B")


def test_what_adds_up_is_found() -> None:
    fit = fit_components(network(ADDITIVE), inactive="placebo", measure="MD")
    assert fit.component("A").estimate == pytest.approx(0.5)
    assert fit.component("B").estimate == pytest.approx(0.3)
    assert fit.q == pytest.approx(0.0, abs=1e-9)
    assert (fit.df, fit.df_difference) == (2, 1)
    assert fit.q_difference == pytest.approx(0.0, abs=1e-9)
    assert "2 components in 4 studies, against placebo" in repr(fit)
    assert "Against the model without additivity" in fit.text()
    assert "A + B" in str(fit.why("A"))


def test_what_does_not_add_up_speaks_against_additivity() -> None:
    rows = [*ADDITIVE[:3], ("s4", "A + B", "placebo", 3.0, 0.04), ("s5", "A + B", "A", 2.5, 0.01)]
    fit = fit_components(network(rows), inactive="placebo", tau2_method="DL")
    assert fit.p_difference < 1e-6
    own = fit_components(network(rows), inactive="placebo", interactions=["A*B"], tau2_method="DL")
    assert own.df_difference == 0
    assert own.component("A*B").estimate > 1.0


def test_every_treatment_a_component_of_its_own_is_the_network() -> None:
    whole = network(TRIANGLE + THREE_ARMS)
    plain = fit_network(whole, reference="A", tau2_method="DL")
    fit = fit_components(whole, inactive="A", tau2_method="DL")
    assert fit.tau2 == pytest.approx(plain.tau2)
    assert (fit.q, fit.df) == (pytest.approx(plain.q), plain.df)
    for name in ("B", "C"):
        assert fit.component(name).estimate == pytest.approx(plain.effect(name).estimate)
        assert fit.component(name).se == pytest.approx(plain.effect(name).se)


def test_a_disconnected_network_is_joined_by_its_components() -> None:
    fit = fit_components(network(APART), measure="MD")
    assert fit.component("A").estimate == pytest.approx(0.5)
    assert fit.component("B").estimate == pytest.approx(0.3)
    assert np.isnan(fit.component("C").estimate)
    assert "cannot tell apart what these add: C" in repr(fit)
    assert "not told by the studies" in repr(fit)
    assert np.isnan(fit.p_difference)
    place = fit.treatments.index
    known = fit.random_league.estimate[place("A + B"), place("B")]
    unknown = fit.random_league.estimate[place("A + B"), place("C")]
    assert known == pytest.approx(0.5)
    assert np.isnan(unknown)


@pytest.mark.parametrize(
    "options", [{"inactive": "sham"}, {"inactive": "placebo", "interactions": ["A*Z"]}]
)
def test_a_component_that_is_not_there(options: dict[str, object]) -> None:
    with pytest.raises(DataError, match="NET010"):
        fit_components(network(ADDITIVE), **options)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="NET010"):
        fit_components(network(ADDITIVE)).component("Z")
