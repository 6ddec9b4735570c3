"""Cells from totals and an association: what is refused, and pairs known by their totals."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.effects import estimate_effects
from osler.effects.conversions import md_from_d
from osler.effects.four_fold import counts_from_association

PAIRS = {
    "study": ["A", "B", "C"],
    "events_first": [35, 30, 12],
    "events_second": [19, 28, 12],
    "n": [69, 60, 40],
    "phi": [0.3, None, -0.9],
}


@given(
    st.lists(st.integers(1, 100_000), min_size=4, max_size=4),
    st.sampled_from(["odds_ratio", "phi", "chi_squared"]),
)
def test_any_full_table_is_had_again(cells: list[int], known: str) -> None:
    a, b, c, d = cells
    spread = math.sqrt(a + b) * math.sqrt(c + d) * math.sqrt(a + c) * math.sqrt(b + d)
    phi = (a * d - b * c) / spread
    given = {
        "odds_ratio": (a / b) / (c / d),
        "phi": phi,
        "chi_squared": math.copysign(sum(cells) * phi * phi, phi),
    }
    treated, control = counts_from_association(
        a + b, c + d, a + c, corrected=False, **{known: given[known]}
    )
    assert (treated.events, control.events) == (a, c)


@pytest.mark.parametrize(
    ("totals", "known"),
    [
        ((50, 50, 20), {}),
        ((50, 50, 20), {"phi": 0.1, "odds_ratio": 2.0}),
        ((0, 50, 20), {"phi": 0.1}),
        ((50, 50, 0), {"phi": 0.1}),
        ((50, 50, 100), {"phi": 0.1}),
        ((50, 50, 20), {"phi": 1.1}),
        ((50, 50, 20), {"phi": math.nan}),
        ((50, 50, 20), {"odds_ratio": 0.0}),
        ((50, 50, 20), {"odds_ratio": math.inf}),
        ((50, 50, 20), {"chi_squared": math.nan}),
        ((200, 200, 50), {"phi": 0.54}),  # the page of conv.2x2: a total that was guessed wrong
    ],
)
def test_what_leads_to_no_table_is_refused(totals: tuple[int, int, int], known: Any) -> None:
    with pytest.raises(DataError) as error:
        counts_from_association(*totals, **known)
    assert error.value.diagnostics[0].code == "EFF061"


@pytest.mark.parametrize("ratio", [1e-300, 1e-9, 0.5, 1.0, 2.0, 1e9, 1e300])
def test_extreme_odds_ratios_stay_within_the_totals(ratio: float) -> None:
    treated, control = counts_from_association(900, 100, 900, odds_ratio=ratio)
    assert treated.events + control.events == 900
    assert 800 <= treated.events <= 900
    if ratio in (1e-300, 1e300):
        assert treated.events == (800 if ratio < 1 else 900)


def test_pairs_without_a_correlation_take_the_assumed_one() -> None:
    plain = estimate_effects(PAIRS, "MPORM")
    assert plain.studies == ("A",)
    told = {row.label: row.why for row in plain.excluded}
    assert "cannot be had with these numbers" in told["C"]
    assumed = estimate_effects(PAIRS, "MPORM", correlation=0.2)
    assert assumed.studies == ("A", "B")
    assert "0.2 assumed" in " ".join(assumed.conventions)


def test_a_correlation_of_0_gives_the_odds_ratio_of_two_groups() -> None:
    pairs = {"x1i": [35.0], "x2i": [19.0], "n": [69], "ri": [0.0]}
    groups = {"ai": [35], "n1i": [69], "ci": [19], "n2i": [69]}
    ours, theirs = estimate_effects(pairs, "MPORM"), estimate_effects(groups, "OR")
    np.testing.assert_allclose(ours.estimates, theirs.estimates)
    np.testing.assert_allclose(ours.variances, theirs.variances)


@pytest.mark.parametrize("sd", [0.0, -1.0, math.nan, math.inf])
def test_a_mean_difference_needs_a_spread(sd: float) -> None:
    with pytest.raises(DataError):
        md_from_d(0.5, sd)
