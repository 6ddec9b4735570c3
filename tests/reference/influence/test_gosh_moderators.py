"""Meta-regressions in all subsets against metafor's ``gosh``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import osler
from osler.synthesis.regression import regress_arrays

FILE = Path(__file__).parent / "moderators" / "gosh.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["cases"]
assert len(CASES) == 6


def codes(members: Any) -> np.ndarray:
    wide = np.asarray(members, float)
    return np.asarray(wide @ (1 << np.arange(wide.shape[1]))).astype(int)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['method']}-{len(c['X'][0])}")
def test_every_subset(case: dict[str, Any]) -> None:
    X = np.array(case["X"], float)
    names = [f"x{j}" for j in range(X.shape[1])]
    fit = regress_arrays(case["y"], case["v"], X, names, tau2_method=case["method"])
    cloud = osler.gosh(fit)
    ours = codes(np.column_stack([cloud.members(j) for j in range(fit.k)]))
    theirs = codes(case["members"])
    # metafor keeps subsets of as many studies as coefficients where it can.
    wanted = np.isin(theirs, ours)
    assert set(theirs[~wanted]) <= {c for c, k in zip(theirs, case["k"], strict=True) if k <= fit.p}
    assert set(ours) <= set(theirs)
    place = {code: i for i, code in enumerate(ours.tolist())}
    at = [place[code] for code in theirs[wanted].tolist()]
    for name, mine in (("q", cloud.q), ("tau2", cloud.tau2), ("i2", cloud.i2)):
        told = np.array(case[name], float)[wanted]
        np.testing.assert_allclose(mine[at], told, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        cloud.coefficients[at], np.array(case["b"], float)[wanted], rtol=1e-6, atol=1e-8
    )
