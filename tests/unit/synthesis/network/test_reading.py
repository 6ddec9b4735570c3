"""Tables of arms and of contrasts: what is understood, and what leaves a study out."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.network.asking import component_network, network
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.reading import read_network

MEANS = {
    "study": ["1", "1", "2", "2", "2"],
    "treatment": ["A", "B", "A", "B", "C"],
    "mean": [3.0, 4.0, 2.5, 4.5, 5.0],
    "sd": [1.0, 1.5, 1.2, 1.1, 1.3],
    "n": [30, 32, 40, 41, 39],
}
COUNTS = {
    "study": ["1", "1", "2", "2"],
    "treatment": ["A", "B", "A", "B"],
    "events": [4, 9, 0, 3],
    "n": [30, 32, 40, 41],
}


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "MD", "SMD", "ROM"])
def test_two_arms_are_what_the_pairwise_measure_gives(measure: str) -> None:
    """Study 1 has two arms without a zero: the pairwise engine, held against escalc, decides."""
    table = COUNTS if measure in ("OR", "RR", "RD") else MEANS
    pairs = list(read_network(table, measure, smd="g").network.pairs())
    _, a, _, y, v = next(pair for pair in pairs if pair[0] == 0)
    counts = {"events_treated": [9], "n_treated": [32], "events_control": [4], "n_control": [30]}
    means = {
        "mean_treated": [4.0], "sd_treated": [1.5], "n_treated": [32],
        "mean_control": [3.0], "sd_control": [1.0], "n_control": [30],
    }  # fmt: skip
    effects = osler.estimate_effects(counts if table is COUNTS else means, measure)
    sign = 1.0 if a == 1 else -1.0
    assert sign * y == pytest.approx(effects.estimates[0], rel=1e-9)
    assert v == pytest.approx(effects.variances[0], rel=1e-9)


def test_standardised_differences_of_either_kind() -> None:
    """Cohen's d and its variance by hand (Crippa & Orsini 2016, equations 4 and 5)."""
    d = read_network(MEANS, "SMD")
    _, _, _, y, v = next(pair for pair in d.network.pairs() if pair[0] == 0)
    sd = math.sqrt((29 * 1.0**2 + 31 * 1.5**2) / 60)
    assert abs(y) == pytest.approx(1.0 / sd, rel=1e-12)
    assert v == pytest.approx(1 / 30 + 1 / 32 + (1.0 / sd) ** 2 / (2 * 62), rel=1e-12)
    g = read_network(MEANS, "SMD", smd="g")
    assert abs(next(iter(g.network.pairs()))[3]) < abs(y)
    assert "Cohen's d" in d.notes[0]
    assert "Hedges' g" in g.notes[0]
    with pytest.raises(DataError, match="SYN005"):
        read_network(MEANS, "SMD", smd="glass")


def test_pairs_of_a_study_of_three_arms_count_its_patients_together() -> None:
    """As its one standard deviation does; otherwise variances of pairs contradict each other."""
    pairs = [pair for pair in read_network(MEANS, "SMD").network.pairs() if pair[0] == 1]
    n = dict(zip(MEANS["treatment"][2:], MEANS["n"][2:], strict=True))
    names = read_network(MEANS, "SMD").network.treatments
    assert len(pairs) == 3
    for _, a, b, y, v in pairs:
        by_hand = 1 / n[names[a]] + 1 / n[names[b]] + y * y / (2 * sum(n.values()))
        assert v == pytest.approx(by_hand, rel=1e-12)


def test_half_an_event_is_added_for_a_ratio_of_risks() -> None:
    """To the events alone, in every arm of a study with an empty cell, as netmeta does."""
    read = read_network(COUNTS, "RR")
    _, a, _, y, v = next(pair for pair in read.network.pairs() if pair[0] == 1)
    sign = 1.0 if a == 1 else -1.0
    assert sign * y == pytest.approx(math.log(3.5 / 41.5 / (0.5 / 40.5)), rel=1e-12)
    assert v == pytest.approx(1 / 3.5 - 1 / 41.5 + 1 / 0.5 - 1 / 40.5, rel=1e-12)
    assert read.notes == (
        "0.5 was added to the events of all arms of studies with an empty cell: 2",
    )


def test_arms_with_nothing_but_events() -> None:
    table = {"study": [1, 1], "treatment": ["A", "B"], "events": [10, 20], "n": [10, 20]}
    ((*_, y, v),) = read_network(table, "RR").network.pairs()
    assert y == pytest.approx(0.0, abs=1e-15)
    assert v == pytest.approx(1 / 10 - 1 / 10.5 + 1 / 20 - 1 / 20.5, rel=1e-12)


def test_the_arcsine_difference_by_either_name() -> None:
    assert read_network(COUNTS, "asd").measure == read_network(COUNTS, "AS").measure == "AS"


def test_rates() -> None:
    table = {"study": [1, 1], "treatment": ["A", "B"], "events": [10, 20], "time": [100.0, 110.0]}
    ((_, a, _, y, v),) = read_network(table, "IRR").network.pairs()
    sign = 1.0 if a == 1 else -1.0
    assert sign * y == pytest.approx(math.log(20 / 110 / (10 / 100)))
    assert v == pytest.approx(1 / 10 + 1 / 20)
    assert read_network(table).measure == "IRR"
    ((*_, v),) = read_network(table, "IRD").network.pairs()
    assert v == pytest.approx(10 / 100**2 + 20 / 110**2)


def test_what_was_added_is_said() -> None:
    read = read_network(COUNTS, "OR")
    assert read.notes == ("0.5 was added to all cells of studies with an empty cell: 2",)
    assert any("0.5 was added" in note for note in network(COUNTS, "OR").notes)
    assert read_network(COUNTS, "AS").notes == ()


@pytest.mark.parametrize("frame", [dict, pd.DataFrame, pl.DataFrame])
def test_any_frame(frame: type) -> None:
    fit = network(frame(MEANS), reference="A")
    assert (fit.measure, fit.k, fit.treatments) == ("MD", 2, ("A", "B", "C"))


def test_contrasts_by_any_spread() -> None:
    se = {"study": [1, 2], "treat1": ["B", "C"], "treat2": ["A", "B"], "te": [0.4, 0.2]}
    z = 1.959963984540054
    given = [
        {**se, "seTE": [0.1, 0.2]},
        {**se, "variance": [0.01, 0.04]},
        {**se, "lower": [0.4 - z * 0.1, 0.2 - z * 0.2], "upper": [0.4 + z * 0.1, 0.2 + z * 0.2]},
    ]
    found = [network(table, "SMD").effect("C", "A") for table in given]
    assert found[0].estimate == pytest.approx(0.6)
    for other in found[1:]:
        assert other.se == pytest.approx(found[0].se, rel=1e-12)


def test_columns_by_name() -> None:
    table = {"trial no": [1, 1], "drug": ["A", "B"], "good": [3, 5], "all": [20, 21]}
    with pytest.raises(DataError, match="NET020"):
        network(table)
    named = {"study": "trial no", "treatment": "drug", "events": "good", "n": "all"}
    assert network(table, columns=named).k == 1
    with pytest.raises(DataError, match="NET020"):
        network(table, columns={**named, "n": "everybody"})


@pytest.mark.parametrize(
    ("code", "study", "rows"),
    [
        ("NET023", "9", [("9", "A", 1, 10), ("9", None, 2, 10)]),
        ("NET024", "9", [("9", "A", 1, 10)]),
        ("NET025", "9", [("9", "A", 1, 10), ("9", "A", 2, 10)]),
        ("NET026", "9", [("9", "A", 11, 10), ("9", "B", 2, 10)]),
        ("NET026", "9", [("9", "A", -1, 10), ("9", "B", 2, 10)]),
        ("NET026", "9", [("9", "A", "many", 10), ("9", "B", 2, 10)]),
        ("NET026", "9", [("9", "A", float("nan"), 10), ("9", "B", 2, 10)]),
        ("NET027", "9", [("9", "A", 0, 10), ("9", "B", 0, 10)]),
    ],
)
def test_one_study_that_is_wrong_is_left_out_by_name(
    code: str, study: str, rows: list[tuple[object, ...]]
) -> None:
    columns = list(zip(*rows, strict=True))
    table = {name: [*COUNTS[name], *more] for name, more in zip(COUNTS, columns, strict=True)}
    read = read_network(table, "OR")
    assert [d.code for d in read.diagnostics] == [code]
    assert [e.study for e in read.excluded] == [study]
    assert network(table, "OR").excluded == read.excluded


def test_a_treatment_without_a_study_that_is_left_is_told() -> None:
    more = {"study": ["9", "9"], "treatment": ["A", "Z"], "events": [0, 0], "n": [9, 9]}
    fit = network({name: [*COUNTS[name], *more[name]] for name in COUNTS}, "OR")
    assert "Z" not in fit.treatments
    assert "no study is left of these treatments, so nothing is told about them: Z" in fit.notes


def test_nothing_left_to_pool() -> None:
    with pytest.raises(DataError) as raised:
        network({"study": [1], "treatment": ["A"], "events": [1], "n": [2]})
    assert [d.code for d in raised.value.diagnostics] == ["NET024", "NET011"]
    assert "left out: 1" in raised.value.diagnostics[1].found
    with pytest.raises(DataError, match="NET011"):
        network({"study": [], "treatment": [], "events": [], "n": []})


def test_a_difference_of_risks_keeps_studies_without_events() -> None:
    table = {"study": [1, 1], "treatment": ["A", "B"], "events": [0, 0], "n": [30, 40]}
    fit = network(table, "RD")
    assert fit.effect("B", "A").estimate == 0.0
    assert np.isfinite(fit.effect("B", "A").se)


def test_components_from_a_table() -> None:
    table = {
        "study": [1, 1, 2, 2],
        "treatment": ["A", "A + B", "placebo", "B"],
        "mean": [3.0, 2.0, 4.0, 3.1],
        "sd": [1.0] * 4,
        "n": [50] * 4,
    }
    fit = component_network(table, inactive="placebo")
    assert fit.measure == "MD"
    assert fit.component("B").estimate == pytest.approx(-0.95, abs=1e-9)


def test_rounded_contrasts_are_fitted_to_each_other_and_told() -> None:
    rows = {"study": ["9"] * 3, "treat1": ["A", "A", "B"], "treat2": ["B", "C", "C"]}
    table = {**rows, "estimate": [0.12, 0.35, 0.24], "se": [0.3, 0.3, 0.3]}
    read = read_network(table, "SMD")
    assert read.notes == (
        "contrasts of these studies miss each other by rounding, and were fitted to each other: 9",
    )
    fit = network(read, reference="C", tau2_method="DL")
    # Equal variances: each contrast gives a third of the 0.01 that is missing.
    assert fit.effect("A").estimate == pytest.approx(0.35 + 0.01 / 3)
    assert fit.effect("A", "B").estimate == pytest.approx(0.12 - 0.01 / 3)
    with pytest.raises(DataError, match="NET005"):
        network({**table, "estimate": [0.12, 0.35, 0.30]}, "SMD")


def test_arms_with_estimates_and_those_relative_to_a_baseline() -> None:
    rows = {"study": [1, 1], "treatment": ["P", "A"], "se": [0.4, 0.3]}
    arms = network({**rows, "estimate": [5.0, 2.0]}, reference="P").effect("A")
    assert (arms.estimate, arms.se) == (pytest.approx(-3.0), pytest.approx(0.5))
    relative = network({**rows, "estimate": [None, -3.0]}, "MD", reference="P").effect("A")
    assert (relative.estimate, relative.se) == (pytest.approx(-3.0), pytest.approx(0.3))


def test_a_column_of_arms_that_two_could_be() -> None:
    wide = {"study": [1], "t1": ["A"], "n1": [20], "n 1": [21], "r1": [3],
            "t2": ["B"], "n2": [20], "r2": [4]}  # fmt: skip
    with pytest.raises(DataError, match="NET029"):
        network(wide)


def test_a_design_is_named_so_that_its_treatments_can_be_told() -> None:
    table = {
        "study": [1, 2, 3, 4],
        "treat1": ["tea 1:10", "tea 1:10", "walking", "tea 1:10"],
        "treat2": ["rest", "rest", "rest", "walking"],
        "estimate": [0.3, 0.4, 0.2, 0.1],
        "se": [0.1, 0.1, 0.1, 0.1],
    }
    parts = decompose(network(table, "SMD"))
    assert [part.name for part in parts.designs] == ["rest | tea 1:10"]
    assert "rest | tea 1:10" in contributions(network(table, "SMD")).summary()
