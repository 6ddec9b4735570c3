"""Shrunken effects against metafor's blup."""

import json
from pathlib import Path

import numpy as np
import pytest

import osler
from tests.reference.influence.test_influence import effects_of

SETS = json.loads((Path(__file__).parent / "blup.json").read_text(encoding="utf-8"))["sets"]
# Of metafor's searches for tau2: DerSimonian-Laird's needs none.
TOLERANCES = {"DL": 1e-10, "PM": 1e-8, "REML": 1e-7}


@pytest.mark.parametrize("method", TOLERANCES)
@pytest.mark.parametrize("name", SETS)
def test_shrunken_effects(name: str, method: str) -> None:
    stored = SETS[name]["by"][method]
    found = osler.shrunken_effects(effects_of(SETS[name]), tau2_method=method)
    for ours, theirs in (
        (found.effects, stored["pred"]),
        (found.se, stored["se"]),
        (found.lower, stored["lower"]),
        (found.upper, stored["upper"]),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=TOLERANCES[method], atol=1e-10)


def test_nothing_is_lost_between_none_and_all() -> None:
    found = osler.shrunken_effects(effects_of(SETS["bcg"]))
    own, effects = np.array(found.estimates), np.array(found.effects)
    np.testing.assert_allclose(effects - own, np.array(found.shrinkage) * (found.pooled - own))
    assert all(0 < share < 1 for share in found.shrinkage)
