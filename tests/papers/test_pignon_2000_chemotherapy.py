"""Pignon, Bourhis, Domenge & Designé (2000). Chemotherapy added to locoregional treatment.

Lancet 355, 949-955. doi:10.1016/S0140-6736(00)90011-4. Head and neck cancer, 65 comparisons,
observed minus expected deaths and their variance.
"""

from osler import synthesise
from tests.papers.studies import ratio, table


def test_abstract_hazard_ratio() -> None:
    """0.90 (0.85 to 0.94), P < 0.0001."""
    t = table("pignon2000")
    log_ratios = [o / v for o, v in zip(t["OmE"], t["V"], strict=True)]
    fit = synthesise(t["trial"], log_ratios, [1 / v for v in t["V"]], measure="HR").common
    assert ratio(fit) == (0.90, 0.85, 0.94)
    assert fit.p_value < 0.0001


def test_by_timing_only_concomitant_chemotherapy_gained() -> None:
    """Adjuvant 0.98, neoadjuvant 0.95 (0.88 to 1.01), concomitant 0.81 (0.76 to 0.88)."""
    t = table("pignon2000")
    found = {}
    for group in (1, 2, 3):
        chosen = [i for i, g in enumerate(t["grp"]) if g == group]
        fit = synthesise(
            [t["trial"][i] for i in chosen],
            [t["OmE"][i] / t["V"][i] for i in chosen],
            [1 / t["V"][i] for i in chosen],
        )
        found[group] = ratio(fit.common)
    assert [found[g][0] for g in (1, 2, 3)] == [0.98, 0.95, 0.81]
    assert found[2] == (0.95, 0.88, 1.01)
    assert found[3] == (0.81, 0.76, 0.88)
