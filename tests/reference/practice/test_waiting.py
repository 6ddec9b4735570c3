"""Sessions until recovery beside R's survival."""

import json
from pathlib import Path

import numpy as np
import pytest

from osler.practice.waiting import cumulative_incidence


def as_numbers(rows):
    return np.array([[np.nan if x is None else x for x in row] for row in rows], dtype=float)


@pytest.mark.parametrize("name", ["mgus2", "veteran"])
def test_agrees_with_survfit(name):
    ref = json.loads((Path(__file__).parent / f"{name}.json").read_text("utf-8"))
    told = cumulative_incidence(ref["time"], ref["cause"], kinds=ref["kinds"])
    np.testing.assert_array_equal(told.times, ref["times"])
    np.testing.assert_array_equal(told.at_risk, ref["at_risk"])
    np.testing.assert_allclose(told.waiting, ref["waiting"], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(told.share, ref["share"], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(told.se, ref["se"], rtol=1e-10, atol=1e-14)
    for mine, theirs in ((told.ci_lower, "ci_lower"), (told.ci_upper, "ci_upper")):
        limits = as_numbers(ref[theirs])
        # Where all have come to the end R's standard error is 0, and its limits are 1 and 1.
        said = np.isfinite(limits) & (told.share > 0) & (told.share < 1 - 1e-12)
        assert said.sum() > 50
        np.testing.assert_allclose(mine[said], limits[said], rtol=1e-10)
