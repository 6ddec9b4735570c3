"""Molloy, O'Carroll & Ferguson (2014). Conscientiousness and medication adherence.

Ann Behav Med 47, 92-101. doi:10.1007/s12160-013-9524-4. 16 studies, Fisher's z, random effects.
"""

import math

import pytest

from tests.papers.studies import pooled, table


@pytest.mark.parametrize("method", ["DL", "REML"])
def test_abstract_correlation(method: str) -> None:
    """r = 0.15 (0.09, 0.21)."""
    t = table("molloy2014")
    labels = [f"{a} {y} {i}" for i, (a, y) in enumerate(zip(t["authors"], t["year"], strict=True))]
    fit = pooled({"study": labels, "ri": t["ri"], "ni": t["ni"]}, "ZCOR", method).random
    shown = [round(math.tanh(x), 2) for x in (fit.estimate, fit.ci_lower, fit.ci_upper)]
    assert len(labels) == 16
    assert shown == [0.15, 0.09, 0.21]
