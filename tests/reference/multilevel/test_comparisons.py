"""Likelihood-ratio tests of multilevel models against metafor's ``anova``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.multilevel import Multilevel, Structured, multilevel
from tests.reference.multilevel.test_multilevel import close

STORED = json.loads((Path(__file__).parent / "comparisons" / "comparisons.json").read_text("utf-8"))
CASES = {case["name"]: case for case in STORED["cases"]}
assert len(CASES) == 5


def fitted(case: dict[str, Any], which: int) -> Multilevel:
    terms: Any = case["terms"][which]
    terms = [terms] if isinstance(terms, str) else terms
    if case["structs"][which]:
        terms = [Structured("outcome", "trial", case["structs"][which])]
    columns = STORED["berkey1998" if "outcome" in str(terms) else "konstantopoulos2011"]
    X = np.array(case["X"][which], float)
    return multilevel(
        X, columns | {"yi": case["y"]}, random=terms, estimate="yi", V=case["V"],
        method=case["method"],
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_two_models(name: str) -> None:
    case = CASES[name]
    small, large = fitted(case, 0), fitted(case, 1)
    found = small.compare(large)
    for which, told in enumerate((case["small"], case["large"])):
        ours = [getattr(found, n)[which] for n in ("log_likelihoods", "aic", "bic", "aicc")]
        close(ours, told, 1e-7)
    assert found.df == case["df"]
    close(found.statistic, case["statistic"], 1e-5)
    close(found.p_value, case["p"], 1e-4)
    assert large.compare(small).statistic == found.statistic
