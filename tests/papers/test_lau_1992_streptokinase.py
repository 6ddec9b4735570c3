"""Lau et al. (1992). Cumulative meta-analysis of therapeutic trials for myocardial infarction.

N Engl J Med 327, 248-254. doi:10.1056/NEJM199207233270406. Intravenous streptokinase and death,
33 trials from 1959 to 1988, Mantel-Haenszel.
"""

from osler import pool_counts
from tests.papers.studies import ratio, rows, table


def test_abstract_eight_trials_by_1973() -> None:
    """By 1973, 8 trials with 2432 patients: 0.74 (0.59 to 0.92)."""
    trials = rows(table("lau1992"), range(8))
    assert max(trials["year"]) <= 1973
    assert sum(trials["n1i"]) + sum(trials["n2i"]) == 2432
    assert ratio(pool_counts(trials, measure="OR", method="MH").common) == (0.74, 0.59, 0.92)


def test_abstract_the_rest_changed_little() -> None:
    """The 25 later trials enrolled 34 542 patients."""
    trials = table("lau1992")
    assert sum(trials["n1i"][8:]) + sum(trials["n2i"][8:]) == 34542
    estimate, lower, upper = ratio(pool_counts(trials, measure="OR", method="MH").common)
    assert abs(estimate - 0.74) < 0.03 and lower > 0.59 and upper < 0.92
