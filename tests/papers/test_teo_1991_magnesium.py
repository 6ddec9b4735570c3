"""Teo, Yusuf, Collins, Held & Peto (1991). Intravenous magnesium in myocardial infarction.

BMJ 303, 1499-1503. doi:10.1136/bmj.303.6816.1499. Seven trials, Peto's odds ratio of death.
"""

from osler import pool_counts
from tests.papers.studies import ratio, rows, table


def test_abstract_odds_of_death() -> None:
    """25 of 657 against 53 of 644: 55 % lower, limits about one and two thirds; P < 0.001."""
    trials = rows(table("egger2001"), range(7))
    assert (sum(trials["ai"]), sum(trials["n1i"])) == (25, 657)
    assert (sum(trials["ci"]), sum(trials["n2i"])) == (53, 644)
    fit = pool_counts(trials, measure="OR", method="Peto").common
    estimate, lower, upper = ratio(fit)
    assert round(100 * (1 - estimate)) == 55
    assert abs((1 - upper) - 1 / 3) < 0.06 and abs((1 - lower) - 2 / 3) < 0.06
    assert fit is not None and fit.p_value < 0.001
