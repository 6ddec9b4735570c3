"""openMetaAnalysis (July 2017). Sciatica treatment with gabapentinoids: a living review.

github.com/openMetaAnalysis/Sciatica-treatment-with-gabapentinoids. Nine trials, standardised
mean differences of pain (below 0 favours the drug) by DerSimonian-Laird with the Hartung-Knapp
interval, and a regression on the year of publication.

The review prints its numbers in pictures only; in words it says that the difference was not
significant and that, adjusted for the year, I2 was 57 %. The first is so; the second is 43 %
from the nine trials of its last table (42.7 % by DerSimonian-Laird, 62.2 % by Paule-Mandel,
0 by REML), so the sentence may be that of an earlier state of the table.
"""

import csv
from pathlib import Path
from typing import Any

import pytest

from osler import Regression, Synthesis, regress, synthesise

CONTRASTS = Path(__file__).parents[2] / "examples" / "sciatica" / "contrasts.csv"


def trials() -> dict[str, list[Any]]:
    with CONTRASTS.open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if "openMetaAnalysis" in row["source"]]
    found = [row for row in found if row["outcome"].startswith("pain (standardised)")]
    return {
        "study": [row["study"] for row in found],
        "yi": [float(row["estimate"]) for row in found],
        "vi": [float(row["se"]) ** 2 for row in found],
        "year": [int(row["study"][-4:]) if row["study"][-4:] != "8044" else 2016 for row in found],
    }


@pytest.fixture(scope="module")
def fit() -> Synthesis:
    t = trials()
    return synthesise(
        [str(s) for s in t["study"]],
        t["yi"],
        t["vi"],
        measure="SMD",
        tau2_method="DL",
        ci_method="HKSJ",
    )


def test_clinical_summary_not_significant(fit: Synthesis) -> None:
    assert len(fit.studies) == 9
    assert fit.random.ci_lower < 0 < fit.random.ci_upper
    assert fit.random.p_value > 0.05


def test_clinical_summary_heterogeneity_is_substantial(fit: Synthesis) -> None:
    """More than half of the spread: 50 % to 90 % in the words of the Handbook's section 9.5.2."""
    assert 0.5 < fit.heterogeneity.i2 < 0.9


def regression() -> Regression:
    return regress(
        "year", trials(), estimate="yi", variance="vi", tau2_method="DL", ci_method="HKSJ"
    )


def test_later_trials_found_less() -> None:
    assert regression().coefficients[1] > 0


def test_heterogeneity_left_after_the_year_is_not_the_57_percent_in_the_text() -> None:
    assert round(100 * regression().i2) == 43
