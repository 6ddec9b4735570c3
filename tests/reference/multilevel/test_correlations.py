"""Covariances of correlations against metafor's ``rcalc``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.covariance import correlation_covariance
from tests.reference.multilevel.test_multilevel import close

FILE = Path(__file__).parent / "correlations" / "craft2003.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["cases"]
ROLES = ("correlation", "first", "second", "n", "study")


@pytest.mark.parametrize("case", CASES)
def test_craft_2003(case: dict[str, Any]) -> None:
    V = correlation_covariance(*(case[role] for role in ROLES), fisher_z=case["fisher_z"])
    assert V.k == 48
    close(V.matrix, case["V"], 1e-10, 1e-15)


def test_the_order_of_rows_does_not_matter() -> None:
    case = CASES[0]
    order = np.random.default_rng(3).permutation(len(case["study"]))
    mixed = {role: [case[role][i] for i in order] for role in ROLES}
    swapped = mixed | {"first": mixed["second"], "second": mixed["first"]}
    V = correlation_covariance(*ROLES, data=swapped)
    close(V.matrix, np.array(case["V"])[np.ix_(order, order)], 1e-10, 1e-15)
