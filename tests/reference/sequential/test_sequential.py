"""Boundaries against multivariate normal probabilities, and against printed tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.appraisal.sequential import (
    alpha_boundaries,
    crossing_probabilities,
    futility_boundaries,
)
from osler.appraisal.sequential.information import drift_of

STORED = json.loads((Path(__file__).parent / "boundaries.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = STORED["cases"]


def name_of(case: dict[str, Any]) -> str:
    return f"{case['schedule']}-{case['spending']}-{case['alpha']}"


def test_the_grid_has_no_holes() -> None:
    schedules = ("five", "four", "three", "two", "beyond", "one")
    wanted = {f"{s}-{k}-{a}" for s in schedules for k in ("OBF", "Pocock") for a in (0.05, 0.01)}
    assert {name_of(case) for case in CASES} == wanted


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_boundaries(case: dict[str, Any]) -> None:
    got = alpha_boundaries(case["t"], alpha=case["alpha"], spending=case["spending"])
    # The rectangle's grid leaves 1e-9 of a probability, which far out is more of a boundary.
    near = np.array(case["bounds"]) < 4.5
    np.testing.assert_allclose(np.array(got)[near], np.array(case["bounds"])[near], rtol=1e-7)
    np.testing.assert_allclose(got, case["bounds"], rtol=1e-4)
    above, below = crossing_probabilities(
        case["t"], case["bounds"], drift=drift_of(case["alpha"], 0.9)
    )
    np.testing.assert_allclose(np.add(above, below), case["crossing"], rtol=0, atol=1e-8)


def test_futility() -> None:
    known = STORED["futility"]
    got = futility_boundaries(known["t"], known["upper"], drift=known["drift"], beta=known["beta"])
    np.testing.assert_allclose(got, known["inner"], rtol=1e-6)


@pytest.mark.parametrize(
    ("spending", "printed"),
    [
        ("OBF", (4.877, 3.357, 2.680, 2.290, 2.031)),
        ("Pocock", (2.438, 2.427, 2.410, 2.397, 2.386)),
    ],
)
def test_five_equal_looks_as_printed(spending: str, printed: tuple[float, ...]) -> None:
    got = alpha_boundaries([0.2, 0.4, 0.6, 0.8, 1.0], spending=spending)
    assert tuple(round(c, 3) for c in got) == printed
