"""Clumsy and hostile tables and arguments: told, never guessed and never silently wrong."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.network.asking import component_network, network
from osler.synthesis.network.ranking import rank
from osler.synthesis.network.reading import read_network

Table = Mapping[str, list[Any]]


def contrasts(**more: list[Any]) -> dict[str, list[Any]]:
    return {
        "study": ["1", "2", "3"],
        "treat1": ["B", "C", "C"],
        "treat2": ["A", "A", "B"],
        "estimate": [0.2, 0.5, 0.4],
        "se": [0.2, 0.3, 0.25],
    } | more


def told(table: Table, measure: str = "MD") -> list[str]:
    return [d.code for d in read_network(table, measure).diagnostics]


def code(call: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        call()
    assert all(d.found and d.help for d in caught.value.diagnostics)
    return caught.value.diagnostics[0].code


@pytest.mark.parametrize("k", [6, 50, 100])
def test_variances_too_far_apart(k: int) -> None:
    table = contrasts(se=[10.0**-k, 10.0**k, 1.0])
    assert code(lambda: network(table)) == "NET013"
    assert code(lambda: component_network(table)) == "NET013"
    assert code(lambda: network(contrasts(estimate=[1e150, 0.1, 0.2]))) in ("NET013", "NET005")


def test_missing_treatments_of_contrasts() -> None:
    assert told(contrasts(treat1=["B", None, "C"])) == ["NET023"]
    assert told(contrasts(treat1=["B", "", "C"])) == ["NET023"]


def test_whole_numbers_are_one_name_however_they_are_stored() -> None:
    table = contrasts(treat1=[2, 3.0, 3], treat2=[1, 1.0, np.float64(2.0)])
    assert network(table).treatments == ("1", "2", "3")


def test_intervals_the_wrong_way_round_or_beside_their_estimate() -> None:
    plain = contrasts()
    del plain["se"]
    turned = plain | {"ci_lower": [0.4, 0.1, 0.1], "ci_upper": [0.0, 0.9, 0.7]}
    assert told(turned) == ["NET028"]
    beside = plain | {"ci_lower": [-0.1, 0.1, 0.1], "ci_upper": [0.1, 0.9, 0.7]}
    assert told(beside) == ["NET028"]


def test_two_columns_for_one_part() -> None:
    assert code(lambda: network(contrasts(TE=[1, 2, 3]))) == "NET029"
    assert code(lambda: network(contrasts(variance=[1.0, 2.0, 3.0]))) == "NET029"
    assert network(contrasts(variance=[0.04, 0.09, 0.0625])).k == 3
    assert network(contrasts(author=["x", "y", "z"])).k == 3


def test_studies_without_a_name_are_told() -> None:
    fit = network(contrasts(study=["1", None, "3"]))
    assert any("study of their own: 2" in note for note in fit.notes)


@pytest.mark.parametrize("other", ["cafe\u0301", "CAFÉ", "ca\u200bfé", "café "])
def test_names_that_look_alike(other: str) -> None:
    table = contrasts(treat1=["B", "café", "C"], treat2=["A", "A", other.strip()])
    if other.strip() == "café":
        assert network(table).treatments == ("A", "B", "C", "café")[:4]
    else:
        assert code(lambda: network(table)) == "NET022"


@pytest.mark.parametrize("asked", ["or", " OR ", "Or"])
def test_measures_by_any_capitals(asked: str) -> None:
    assert network(contrasts(), asked).measure == "OR"
    assert "Odds ratio" in repr(network(contrasts(), asked))


@pytest.mark.parametrize("given", [["A"], ["A*A"], [""], ["A*B", "B*A"]])
def test_interactions_that_are_none(given: list[str]) -> None:
    table = contrasts(treat1=["A + B", "A", "B"], treat2=["A", "none", "none"])
    assert code(lambda: component_network(table, interactions=given)) == "NET014"
    assert code(lambda: component_network(table, separator=" ")) == "NET015"


def test_an_interaction_may_be_one_text() -> None:
    table = contrasts(treat1=["A + B", "A", "B"], treat2=["A", "none", "none"])
    fit = component_network(table, inactive="none", interactions="A*B")
    assert fit.components == ("A", "B", "A*B")


def test_everybody_with_the_event() -> None:
    table = {
        "study": [1, 1, 1, 2, 2],
        "treatment": ["A", "B", "C", "A", "B"],
        "events": [10, 10, 4, 3, 5],
        "n": [10, 10, 9, 20, 20],
    }
    assert np.isfinite(network(table, "RR").random.se).all()


@pytest.mark.parametrize("sizes", [[2, 1], [1, 1]])
def test_too_few_people_for_a_standardised_difference(sizes: list[int]) -> None:
    table = {
        "study": [1, 1], "treatment": ["A", "B"], "mean": [1.0, 2.0], "sd": [1.0, 1.0], "n": sizes,
    }  # fmt: skip
    assert told(table, "SMD") == ["NET026"]


@pytest.mark.parametrize(
    "options",
    [{"draws": -5}, {"draws": 1.5}, {"draws": "x"}, {"mid": "x"}, {"mid": None}, {"seed": -1}],
)
def test_rankings_that_cannot_be(options: dict[str, Any]) -> None:
    fit = network(contrasts())
    assert code(lambda: rank(fit, better="lower", **options)) == "NET012"


def test_without_draws_there_are_p_scores_alone() -> None:
    fit = network(contrasts())
    plain, full = rank(fit, better="lower", draws=0), rank(fit, better="lower")
    assert plain.p_scores == full.p_scores
    assert np.isnan(plain.sucra).all()
    assert "0 draws" in repr(plain)


@pytest.mark.parametrize("measure", [None, 5])
def test_odd_measures(measure: Any) -> None:
    table = {"study": [1, 1], "treatment": ["A", "B"], "events": [3, 5], "n": [20, 21]}
    if measure is None:
        assert network(table, measure).measure == "OR"
    else:
        assert code(lambda: network(table, measure)) == "NET021"


def test_odd_columns() -> None:
    assert code(lambda: network(contrasts(), columns=["study"])) == "NET020"  # type: ignore[arg-type]


def test_underscores_are_no_digits() -> None:
    table = {"study": [1, 1], "treatment": ["A", "B"], "events": ["1_0", 5], "n": [20, 21]}
    assert told(table, "OR") == ["NET026"]


def test_results_can_be_kept_in_sets_and_copied() -> None:
    fit = network(contrasts())
    assert len({fit, copy.deepcopy(fit)}) == 2
    assert fit == fit
