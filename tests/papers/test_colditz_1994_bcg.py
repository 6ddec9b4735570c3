"""Colditz et al. (1994). Efficacy of BCG vaccine in the prevention of tuberculosis.

JAMA 271, 698-702. doi:10.1001/jama.1994.03510330076038. Thirteen trials, DerSimonian-Laird.
"""

import math

from tests.papers.studies import pooled, ratio, table


def test_abstract_risk_ratio_in_the_trials() -> None:
    """0.49 (0.34 to 0.70); from these counts the upper limit is 0.69497."""
    trials = table("bcg")
    names = {"study": "author", "ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg"}
    fit = pooled({new: trials[old] for new, old in names.items()}, "RR").random
    assert ratio(fit)[:2] == (0.49, 0.34)
    assert abs(math.exp(fit.ci_upper) - 0.70) < 0.0051
