"""Assumed covariances, and estimates combined by them."""

from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.covariance import (
    aggregate_effects,
    nearest_correlations,
    sampling_covariance,
)
from osler.synthesis.multilevel import multilevel

DATA: dict[str, list[Any]] = {
    "study": ["a", "a", "a", "b", "b", "c"],
    "v": [0.04, 0.09, 0.16, 0.01, 0.04, 0.02],
    "y": [0.1, 0.4, 0.3, 0.2, 0.6, 0.5],
    "kind": ["x", "x", "z", "x", "z", "x"],
    "test": [1, 2, 1, 1, 1, 1],
    "time": [0, 1, 3, 0, 2, 0],
}


def correlations(**options: Any) -> np.ndarray:
    V = sampling_covariance("v", "study", data=DATA, **options)
    sd = np.sqrt(DATA["v"])
    return np.asarray(V.matrix / np.outer(sd, sd))


def code(error: pytest.ExceptionInfo[DataError]) -> str:
    return error.value.diagnostics[0].code


def test_one_correlation_for_all() -> None:
    R = correlations(rho=0.5)
    assert R[0, 1] == pytest.approx(0.5) and R[0, 3] == 0.0 and R[5, 5] == pytest.approx(1.0)


def test_constructs_and_instruments() -> None:
    R = correlations(type="kind", obs="test", rho=(0.8, 0.3))
    assert [R[0, 1], R[0, 2], R[3, 4]] == pytest.approx([0.8, 0.3, 0.3])


def test_correlations_by_pair() -> None:
    R = correlations(type="kind", rho={("x", "z"): 0.4}, time1="time", phi=0.5)
    assert [R[0, 1], R[0, 2], R[3, 4]] == pytest.approx([0.5, 0.4 * 0.5**3, 0.4 * 0.5**2])


def test_subgroups_are_independent() -> None:
    assert correlations(rho=0.5, subgroup="kind")[0, 2] == 0.0


def test_a_shared_control_of_equal_groups_is_a_half() -> None:
    R = sampling_covariance([1.0, 1.0], ["a", "a"], group1=["A", "B"], group2=["C", "C"]).matrix
    assert R[0, 1] == pytest.approx(0.5)
    W = sampling_covariance(
        [1.0, 1.0], ["a", "a"], group1=["A", "B"], group2=["C", "C"], weight1=[10, 10],
        weight2=[30, 30],
    ).matrix  # fmt: skip
    assert W[0, 1] == pytest.approx((1 / 30) / (1 / 10 + 1 / 30))


def test_report() -> None:
    V = sampling_covariance("v", "study", data=DATA, rho=0.5)
    assert "6 estimates in 3 clusters" in V.summary() and "rho = 0.5" in V.summary()
    assert "rho = 0.5" in V.text() and V.why("matrix").formula
    assert len(V.columns()["covariance"]) == 6 + 3 + 1
    with pytest.raises(ValueError):
        V.blocks[0][0, 0] = 1.0
    many = sampling_covariance([1.0] * 20, list(range(20)), rho=0.5)
    assert "and 8 more" in many.summary()


def test_blocks_go_into_a_model() -> None:
    V = sampling_covariance("v", "study", data=DATA, rho=0.5)
    by_object = multilevel("y ~ 1", DATA, random="study", V=V)
    by_matrix = multilevel("y ~ 1", DATA, random="study", V=V.matrix)
    by_blocks = multilevel("y ~ 1", DATA, random="study", V=list(V.blocks))
    assert by_object.criteria == by_matrix.criteria == by_blocks.criteria
    shuffled = {name: [column[i] for i in (3, 0, 5, 1, 4, 2)] for name, column in DATA.items()}
    other = multilevel(
        "y ~ 1", shuffled, random="study",
        V=sampling_covariance("v", "study", data=shuffled, rho=0.5),
    )  # fmt: skip
    assert other.estimate("Intercept") == pytest.approx(by_object.estimate("Intercept"))


def test_impossible_correlations() -> None:
    rho = {("p", "q"): 0.9, ("q", "r"): 0.9, ("p", "r"): 0.0}
    given: dict[str, Any] = {"type": ["p", "q", "r"], "rho": rho}
    with pytest.raises(DataError) as error:
        sampling_covariance([1.0] * 3, ["a"] * 3, **given)
    assert code(error) == "COV006"
    mended = sampling_covariance([1.0] * 3, ["a"] * 3, nearest=True, **given)
    assert np.linalg.eigvalsh(mended.matrix).min() > 0
    assert "differ by at most" in mended.notes[0]


def test_nearest_correlations_leave_possible_ones_alone() -> None:
    R = np.array([[1.0, 0.3], [0.3, 1.0]])
    near, moved = nearest_correlations(R)
    np.testing.assert_allclose(near, R, atol=1e-10)
    assert moved < 1e-10


def test_nearest_correlations_of_higham() -> None:
    """Matrix::nearPD(corr = TRUE) of R gives 0.7434 and 0.1053."""
    R = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.9], [0.0, 0.9, 1.0]])
    near, _ = nearest_correlations(R)
    assert [near[0, 1], near[0, 2]] == pytest.approx([0.7434, 0.1053], abs=1e-4)


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        ("COV001", {"obs": [1, 2], "rho": 0.5}),
        ("COV001", {"correlations": np.ones((6, 2))}),
        ("COV001", {"correlations": np.ones((5, 3))}),
        ("COV002", {"obs": ["a", None, "b", "c", "d", "e"], "rho": 0.5}),
        ("COV002", {"time1": [1, float("inf"), 1, 1, 1, 1], "phi": 0.5}),
        ("COV003", {"group1": list("ABCABA"), "weight1": [0, 1, 1, 1, 1, 1]}),
        ("COV004", {"obs": "test"}),
        ("COV004", {"obs": "test", "type": "kind", "rho": 0.5}),
        ("COV004", {"time1": "time"}),
        ("COV005", {"rho": 1.5}),
        ("COV005", {"rho": "strong"}),
        ("COV005", {"time1": "time", "phi": 2.0}),
        ("COV005", {"type": "kind", "rho": {("x", "y"): 0.5}}),
        ("COV005", {"correlations": 2 * np.ones((6, 3))}),
        ("COV006", {"rho": 1.0}),
        ("FRM001", {"obs": "nothing", "rho": 0.5}),
    ],
)
def test_refused(expected: str, options: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        sampling_covariance("v", "study", data=DATA, **options)
    assert code(error) == expected


def test_variances_are_checked() -> None:
    for function in (
        lambda: sampling_covariance([0.0, 1.0], ["a", "a"], rho=0.5),
        lambda: aggregate_effects([1.0, 2.0], [-1.0, 1.0], ["a", "a"], rho=0.5),
    ):
        with pytest.raises(DataError) as error:
            function()
        assert code(error) == "COV003"


def test_aggregate_of_independent_estimates_is_their_weighted_mean() -> None:
    one = aggregate_effects("y", "v", "study", data=DATA, structure="ID")
    w = 1 / np.array(DATA["v"][:3])
    assert one.estimates[0] == pytest.approx(float(w @ DATA["y"][:3] / w.sum()))
    assert one.variances[0] == pytest.approx(1 / w.sum())
    assert one.counts == (3, 2, 1) and one.estimates[2] == 0.5
    assert "inverse covariance" in one.summary() and one.text() and one.why("estimates").formula
    plain = aggregate_effects("y", "v", "study", data=DATA, rho=0.5, weighted=False)
    assert plain.estimates[1] == pytest.approx(0.4)
    assert "plain means" in plain.summary() and plain.text() and plain.columns()["combined"]


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        ("COV004", {}),
        ("COV004", {"structure": "CAR", "phi": 0.5}),
        ("COV004", {"structure": "CS*CAR", "phi": 0.5, "rho": 0.5, "time": "time"}),
        ("COV005", {"rho": -2.0}),
        ("COV006", {"rho": 1.0}),
        ("COV007", {"structure": "UN"}),
        ("COV008", {"V": np.eye(3)}),
        ("COV008", {"V": np.eye(6) + 0.1}),
    ],
)
def test_aggregate_refuses(expected: str, options: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        aggregate_effects("y", "v", "study", data=DATA, **options)
    assert code(error) == expected
