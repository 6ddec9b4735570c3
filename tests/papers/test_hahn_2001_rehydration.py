"""Hahn, Kim & Garner (2001). Reduced osmolarity oral rehydration solution.

BMJ 323, 81-85. doi:10.1136/bmj.323.7304.81. Children with diarrhoea, unscheduled intravenous
infusion: Peto's odds ratio.
"""

from osler import pool_counts
from tests.papers.studies import ratio, table


def test_abstract_unscheduled_infusion() -> None:
    """0.61 (0.47 to 0.81)."""
    fit = pool_counts(table("hahn2001"), measure="OR", method="Peto")
    assert ratio(fit.common) == (0.61, 0.47, 0.81)
