"""Cochrane Handbook for Systematic Reviews of Interventions, version 6, chapter 6.

Higgins, Li & Deeks: Choosing effect measures and computing estimates of effect. The worked
numbers of sections 6.3 and 6.5.2.
"""

import math

from osler import effect_from_report, sd_from_ci


def test_section_6_5_2_2_sd_from_an_interval_of_25_people() -> None:
    """A mean age of 30 to 34 in 25 people: 2 x 2.064 in place of 3.92, SD 4.84 or 4.85."""
    assert math.isclose(sd_from_ci(30, 34, 25), 5 * 4 / 4.128, rel_tol=1e-3)


def test_section_6_5_2_3_sd_from_a_p_value_of_a_t_test() -> None:
    """A difference of 3.8 with P = 0.008 in 25 and 22 people: t 2.78, SE 1.37, SD 4.69."""
    effect, _ = effect_from_report("MD", estimate=3.8, p_value=0.008, df=25 + 22 - 2)
    se = math.sqrt(effect.variance)
    assert round(3.8 / se, 2) == 2.78
    assert round(se, 2) == 1.37
    # The chapter goes on with the rounded SE; unrounded the SD is 4.68.
    assert round(1.37 / math.sqrt(1 / 25 + 1 / 22), 2) == 4.69


def test_section_6_3_2_se_from_a_p_value() -> None:
    """A risk difference of 0.03 with P = 0.008: Z 2.652, SE 0.0113."""
    effect, _ = effect_from_report("RD", estimate=0.03, p_value=0.008)
    se = math.sqrt(effect.variance)
    assert round(0.03 / se, 3) == 2.652
    assert round(se, 4) == 0.0113
