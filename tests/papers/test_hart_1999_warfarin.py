"""Hart, Benavente, McBride & Pearce (1999). Antithrombotic therapy in atrial fibrillation.

Ann Intern Med 131, 492-501. doi:10.7326/0003-4819-131-7-199910050-00003. Adjusted-dose warfarin
against placebo or control and stroke, six trials, Peto's odds ratio.
"""

from osler import pool_counts
from tests.papers.studies import ratio, table


def test_abstract_stroke_reduced() -> None:
    """By 62 % (48 % to 72 %), 2900 participants."""
    t = table("hart1999")
    columns = {"study": t["study"], "ai": t["x1i"], "n1i": t["n1i"]}
    columns |= {"ci": t["x2i"], "n2i": t["n2i"]}
    assert sum(t["n1i"]) + sum(t["n2i"]) == 2900
    fit = pool_counts(columns, measure="OR", method="Peto").common
    assert tuple(round(100 * (1 - x)) for x in ratio(fit, 6)) == (62, 72, 48)
