"""Hackshaw, Law & Wald (1997). Lung cancer and environmental tobacco smoke.

BMJ 315, 980-988. doi:10.1136/bmj.315.7114.980. 37 studies of women living with a smoker, random
effects (DerSimonian-Laird) on the log relative risks.
"""

from osler import synthesise, trim_and_fill
from tests.papers.studies import ratio, table


def test_abstract_excess_risk() -> None:
    """24 % (13 % to 36 %), P < 0.001."""
    t = table("hackshaw1998")
    labels = [f"{a} {y} {i}" for i, (a, y) in enumerate(zip(t["author"], t["year"], strict=True))]
    fit = synthesise(labels, t["yi"], t["vi"], measure="RR", tau2_method="DL", ci_method="Wald")
    assert len(labels) == 37
    assert ratio(fit.random) == (1.24, 1.13, 1.36)
    assert fit.random.p_value < 0.001


def test_seven_studies_filled_in() -> None:
    """Rothstein, Sutton & Borenstein (2005), Publication Bias in Meta-Analysis, appendix A:
    trim and fill imputes seven studies, and the relative risk falls to 1.19."""
    t = table("hackshaw1998")
    fit = synthesise([str(i) for i in range(37)], t["yi"], t["vi"], measure="RR", tau2_method="DL")
    filled = trim_and_fill(fit, tau2_method="DL", ci_method="Wald")
    assert filled.missing == 7
    assert ratio(filled.refitted.random)[0] == 1.19
