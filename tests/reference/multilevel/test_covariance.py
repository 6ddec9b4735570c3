"""vcalc() and aggregate() of metafor."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.covariance import aggregate_effects, sampling_covariance

HERE = Path(__file__).parent / "covariance"
# What Osler is asked for each stored call.
CALLS: dict[str, dict[str, Any]] = {
    "assink2016_rho": {"cluster": "study", "obs": "esid", "rho": 0.6},
    "assink2016_type": {"cluster": "study", "type": "deltype", "obs": "esid", "rho": (0.7, 0.5)},
    "kalaian1996_type": {"cluster": "study", "type": "outcome", "rho": 0.66},
    "ishak2007_time": {"cluster": "study", "time1": "time", "phi": 0.97},
    "knapp2017_groups": {
        "cluster": "study", "group1": "group1", "group2": "group2", "weight1": "n_sz",
        "weight2": "n_hc", "obs": "test", "rho": 0.4,
    },
    "contrasts_equal": {"cluster": "study", "group1": "g1", "group2": "g2"},
    "contrasts_sizes": {
        "cluster": "study", "group1": "g1", "group2": "g2", "weight1": "w1", "weight2": "w2",
    },
    "contrasts_times": {
        "cluster": "study", "group1": "g1", "group2": "g2", "time1": "t1", "time2": "t2",
        "phi": 0.8,
    },
    "contrasts_everything": {
        "cluster": "study", "subgroup": "sub", "group1": "g1", "group2": "g2", "time1": "t1",
        "time2": "t2", "weight1": "w1", "weight2": "w2", "type": "kind", "rho": 0.5, "phi": 0.8,
    },
}  # fmt: skip


def stored(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def test_the_grid_is_whole() -> None:
    others = {"berkey1998_known", "aggregate_assink2016"}
    assert {path.stem for path in HERE.glob("*.json")} == set(CALLS) | others


@pytest.mark.parametrize("name", CALLS)
def test_covariance(name: str) -> None:
    case = stored(name)
    got = sampling_covariance("vi", data=case["data"], **CALLS[name])
    np.testing.assert_allclose(got.matrix, case["V"], rtol=1e-12, atol=1e-15)


def test_known_correlations_and_covariances() -> None:
    """Berkey's columns hold covariances: with vi = 1 metafor takes them as they are."""
    case = stored("berkey1998_known")
    data = case["data"]
    v1, v2 = np.array(data["v1i"]), np.array(data["v2i"])
    trial = np.array(data["trial"])
    correlations = np.zeros((trial.size, 2))
    for t in np.unique(trial):
        rows = np.flatnonzero(trial == t)
        V = np.column_stack([v1[rows], v2[rows]])
        sd = np.sqrt(np.diag(V))
        correlations[rows] = V / np.outer(sd, sd)
    got = sampling_covariance("vi", "trial", data=data, correlations=correlations)
    np.testing.assert_allclose(got.matrix, case["V"], rtol=1e-12, atol=1e-15)


AGGREGATES: dict[str, dict[str, Any]] = {
    "ID": {"structure": "ID"},
    "CS": {"structure": "CS", "rho": 0.6},
    "CS_plain": {"structure": "CS", "rho": 0.6, "weighted": False},
    "CAR": {"structure": "CAR", "time": "esid", "phi": 0.9},
    "CS+CAR": {"structure": "CS+CAR", "time": "esid", "rho": 0.3, "phi": 0.9},
    "CS*CAR": {"structure": "CS*CAR", "time": "esid", "obs": "deltype", "rho": 0.6, "phi": 0.9},
    "V": {},
}


@pytest.mark.parametrize("name", AGGREGATES)
def test_aggregate(name: str) -> None:
    case = stored("aggregate_assink2016")
    options = AGGREGATES[name] if name != "V" else {"V": case["V"]}
    got = aggregate_effects("yi", "vi", "study", data=case["data"], **options)
    expected = case["values"][name]
    assert list(got.studies) == expected["cluster"]
    np.testing.assert_allclose(got.estimates, expected["estimate"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(got.variances, expected["variance"], rtol=1e-9)
