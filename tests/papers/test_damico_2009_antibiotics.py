"""D'Amico et al. (2009). Antibiotic prophylaxis in adults receiving intensive care.

Cochrane Database Syst Rev, CD000022. doi:10.1002/14651858.CD000022.pub3. Topical and systemic
antibiotics and respiratory tract infection: 16 trials, random effects.
"""

from tests.papers.studies import pooled, ratio, table


def test_abstract_respiratory_infections() -> None:
    """OR 0.28 (0.20 to 0.38)."""
    t = table("damico2009")
    labels = [f"{a} {y}" for a, y in zip(t["study"], t["year"], strict=True)]
    columns = {"study": labels, "ai": t["xt"], "n1i": t["nt"], "ci": t["xc"], "n2i": t["nc"]}
    assert len(labels) == 16
    assert ratio(pooled(columns, "OR").random) == (0.28, 0.20, 0.38)
