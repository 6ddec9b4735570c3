"""Tu 2024, a worked case: leg pain and disability after acupuncture or sham, week 4.

Pain -16.0 (-21.3 to -10.6) of 100 and ODI -8.1 (-11.1 to -5.1), 216 participants, held against
the differences of 15 and 10. JAMA Intern Med 2024, doi:10.1001/jamainternmed.2024.5463.
"""

import pytest

from osler.certainty.model import Level
from tests.unit.certainty.sample import finding, review_of

TOML = """\
format = 1
title = "Acupuncture for sciatica"
condition = "sciatica"

[[treatments]]
name = "acupuncture"
[[treatments]]
name = "sham"

[[outcomes]]
name = "leg pain"
kind = "continuous"
measure = "MD"
better = "lower"
weeks = [1, 20]
mid = { value = 15, kind = "between groups", source = "ostelo" }

[[outcomes]]
name = "disability"
kind = "continuous"
measure = "MD"
better = "lower"
weeks = [1, 20]
mid = { value = 10, kind = "between groups", source = "ostelo" }

[[comparisons]]
name = "acupuncture vs sham"
intervention = "acupuncture"
comparator = "sham acupuncture"
interventions = ["acupuncture"]
comparators = ["sham"]
"""
STUDIES = (
    "id,label,year,design,source,included\ntu,Tu 2024,2024,parallel RCT,https://example.org,yes\n"
)
ARMS = "study,arm,treatment,n\ntu,a1,acupuncture,110\ntu,a2,sham,110\n"
CONTRASTS = """\
study,arm,comparator_arm,outcome,weeks,measure,estimate,ci_lower,ci_upper,n
tu,a1,a2,leg pain,4,MD,-16.0,-21.3,-10.6,216
tu,a1,a2,disability,4,MD,-8.1,-11.1,-5.1,216
"""
BIAS = "study,domain,judgement,basis\ntu,overall,low,read\n"


@pytest.mark.parametrize(
    ("outcome", "size", "direction", "inside"),
    [("leg pain", "important", "better", "(-15)"), ("disability", "trivial", "none", "(-10)")],
)
def test_both_are_rated_down_one_level_for_imprecision(
    outcome: str, size: str, direction: str, inside: str
) -> None:
    review = review_of(
        osler_toml=TOML,
        studies_csv=STUDIES,
        arms_csv=ARMS,
        contrasts_csv=CONTRASTS,
        results_csv=None,
        bias_csv=BIAS,
    )
    found = finding(f"acupuncture vs sham / {outcome}", review)
    levels = {step.reason: step.levels for step in found.certainty.steps}
    assert levels == {
        "risk of bias": 0,
        "inconsistency": 0,
        "indirectness": 0,
        "imprecision": 1,
        "publication bias": 0,
    }
    assert found.certainty.level is Level.MODERATE
    assert (found.size, found.direction) == (size, direction)
    assert found.certainty.steps[3].facts.endswith(
        f"contains one smallest important difference {inside}"
    )


def test_a_page_may_not_call_the_change_in_function_an_improvement() -> None:
    review = review_of(
        osler_toml=TOML,
        studies_csv=STUDIES,
        arms_csv=ARMS,
        contrasts_csv=CONTRASTS,
        results_csv=None,
        bias_csv=BIAS,
    )
    found = finding("acupuncture vs sham / disability", review)
    assert found.statement == (
        "Acupuncture probably results in little to no difference in disability "
        "compared with sham acupuncture."
    )
