"""Landenberger & Lipsey (2005). The positive effects of cognitive-behavioral programs.

J Exp Criminol 1, 451-476. doi:10.1007/s11292-005-3541-7. 58 studies, odds of not offending
again, random effects.
"""

from typing import Any

from osler import pool_counts
from tests.papers.studies import pooled, ratio, table


def offenders() -> dict[str, list[Any]]:
    t = table("landenberger2005")
    names = {"study": "study", "ai": "n.cbt.non", "bi": "n.cbt.rec"}
    names |= {"ci": "n.ctrl.non", "di": "n.ctrl.rec"}
    return {new: t[old] for new, old in names.items()}


def test_mean_odds_ratio_of_58_studies() -> None:
    """1.53, P < 0.001."""
    fit = pooled(offenders(), "OR")
    assert len(fit.studies) == 58
    assert ratio(fit.random)[0] == 1.53
    assert fit.random.p_value < 0.001


def test_the_counts_alone_say_the_same() -> None:
    assert 1.3 < ratio(pool_counts(offenders(), measure="OR", method="MH").common)[0] < 1.6
