"""Cannon, Steinberg, Murphy, Mega & Braunwald (2006). Intensive against moderate statins.

J Am Coll Cardiol 48, 438-445. doi:10.1016/j.jacc.2006.04.070. Four trials, odds ratios.
"""

import pytest

from osler import CountsSynthesis, pool_counts
from tests.papers.studies import ratio, table


def fitted(end_point: int, method: str) -> CountsSynthesis:
    t = table("cannon2006")
    columns = {"study": t["trial"], "n1i": t["nt"], "n2i": t["nc"]}
    columns |= {"ai": t[f"ep{end_point}t"], "ci": t[f"ep{end_point}c"]}
    return pool_counts(columns, measure="OR", method=method)


@pytest.mark.parametrize("method", ["MH", "Peto"])
def test_abstract_coronary_end_points(method: str) -> None:
    """Death or infarction: 16 % lower odds, P < 0.00001; with any event: 16 %, P < 0.00001."""
    for end_point in (1, 2):
        fit = fitted(end_point, method).common
        assert fit is not None and fit.p_value < 0.0001
        assert round(100 * (1 - ratio(fit, 6)[0])) == 16


@pytest.mark.parametrize("method", ["MH", "Peto"])
def test_abstract_cardiovascular_death(method: str) -> None:
    """A trend: 12 % lower odds, P = 0.054."""
    fit = fitted(3, method).common
    assert fit is not None
    assert round(100 * (1 - ratio(fit, 6)[0])) == 12
    assert round(fit.p_value, 3) == 0.054
