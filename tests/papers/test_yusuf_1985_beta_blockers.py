"""Yusuf, Peto, Lewis, Collins & Sleight (1985). Beta blockade during and after myocardial
infarction: an overview of the randomized trials.

Prog Cardiovasc Dis 27, 335-371. doi:10.1016/s0033-0620(85)80003-7.
"""

import math

from osler.synthesis.counts import pool_counts

TRIALS = [
    (14, 56, 15, 58), (18, 66, 19, 64), (15, 100, 12, 95), (10, 52, 12, 47),
    (21, 226, 24, 228), (3, 38, 6, 31), (2, 20, 3, 20), (19, 76, 15, 67), (15, 106, 9, 114),
    (5, 62, 4, 57), (0, 9, 0, 8), (8, 133, 11, 127), (3, 48, 3, 49), (0, 16, 0, 13),
    (1, 42, 1, 46), (0, 25, 3, 25), (14, 221, 15, 228), (0, 11, 0, 11), (8, 259, 7, 129),
    (6, 157, 4, 158), (3, 177, 2, 136),
]  # fmt: skip


def test_table_6_peto_odds_ratio() -> None:
    a, n1, c, n2 = zip(*TRIALS, strict=True)
    fit = pool_counts({"ai": a, "n1i": n1, "ci": c, "n2i": n2}, method="Peto").common
    assert fit is not None
    shown = (fit.estimate, fit.ci_lower, fit.ci_upper)
    assert tuple(round(math.exp(x), 4) for x in shown) == (0.9332, 0.7385, 1.1792)
