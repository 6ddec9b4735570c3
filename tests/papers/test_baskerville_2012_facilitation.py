"""Baskerville, Liddy & Hogg (2012). Practice facilitation within primary care settings.

Ann Fam Med 10, 63-74. doi:10.1370/afm.1312. 23 trials, standardised mean differences.
"""

import math

from osler import synthesise
from tests.papers.studies import table


def test_abstract_overall_effect() -> None:
    """0.56 (0.43 to 0.68), z = 8.76; the standard errors are printed with two decimals."""
    t = table("baskerville2012")
    labels = [f"{a} {y} {i}" for i, (a, y) in enumerate(zip(t["author"], t["year"], strict=True))]
    fit = synthesise(
        labels, t["smd"], [s * s for s in t["se"]], tau2_method="DL", ci_method="Wald"
    ).random
    shown = (fit.estimate, fit.ci_lower, fit.ci_upper)
    assert tuple(round(x, 2) for x in shown) == (0.56, 0.43, 0.68)
    assert math.isclose(fit.estimate / fit.se, 8.76, abs_tol=0.06)
