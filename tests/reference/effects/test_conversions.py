"""Four-fold tables and standardised differences against R, and against published examples."""

from typing import Any

import pytest

from osler.effects import estimate_effects
from osler.effects.arms import Counts
from osler.effects.conversions import md_from_d
from osler.effects.four_fold import counts_from_association
from osler.effects.overlap import matching_shares_from_d, non_overlap_from_d, success_rates_from_d
from tests.reference.effects.test_effects import stored

STORED = stored("conversions")
assert len(STORED["tables"]) >= 25


@pytest.mark.parametrize("table", STORED["tables"])
@pytest.mark.parametrize("known", ["odds_ratio", "phi", "chi_squared"])
def test_a_table_is_had_again_from_its_totals(table: dict[str, Any], known: str) -> None:
    a, b, c, d = (int(cell) for cell in table["cells"])
    got = counts_from_association(a + b, c + d, a + c, corrected=False, **{known: table[known]})
    assert got == (Counts(a, a + b), Counts(c, c + d))


@pytest.mark.parametrize("table", STORED["tables"])
def test_yates_correction_is_taken_back(table: dict[str, Any]) -> None:
    a, b, c, d = (int(cell) for cell in table["cells"])
    got = counts_from_association(a + b, c + d, a + c, chi_squared=table["corrected"])
    assert got == (Counts(a, a + b), Counts(c, c + d))


def test_totals_and_phi_give_the_marginal_odds_ratio() -> None:
    told = STORED["margins"]
    columns = {k: told[k] for k in ("events_first", "events_second", "n", "correlation")}
    found = estimate_effects(columns, "MPORM")
    assert found.estimates == pytest.approx(told["estimate"], rel=1e-11)
    assert found.variances == pytest.approx(told["variance"], rel=1e-10)


def test_what_a_standardised_difference_means() -> None:
    d = STORED["d"]
    assert [non_overlap_from_d(x) for x in d] == pytest.approx(STORED["u1"], rel=1e-12)
    assert [matching_shares_from_d(x) for x in d] == pytest.approx(STORED["u2"], rel=1e-12)
    assert [success_rates_from_d(x)[0] for x in d] == pytest.approx(STORED["besd"], rel=1e-12)
    assert [md_from_d(x, 4.2)[0] for x in d] == pytest.approx(STORED["md"], rel=1e-12)


def test_cohen_1988_table_2_2_1() -> None:
    """Per cent, as printed for small, medium and large d; U1 there comes from a rounded U2."""
    printed = {0.2: (14.7, 54.0), 0.5: (33.0, 59.9), 0.8: (47.4, 65.5)}
    for d, (u1, u2) in printed.items():
        assert 100 * non_overlap_from_d(d) == pytest.approx(u1, abs=0.1)
        assert 100 * matching_shares_from_d(d) == pytest.approx(u2, abs=0.05)


def test_the_worked_examples_of_vcmeta() -> None:
    """``table.from.odds(.17, .5, 3.18, 100)`` and ``table.from.phi(.28, .64, .38, 200)``."""
    treated, control = counts_from_association(17, 83, 50, odds_ratio=3.18)
    assert (treated.events, control.events) == (12, 38)
    treated, control = counts_from_association(56, 144, 128, phi=0.38)
    assert (treated.events, control.events) == (52, 76)


def test_the_worked_examples_of_metafor() -> None:
    """Of the page of ``conv.2x2``: rounded associations of 36, 86, 20, 98."""
    for known in ({"odds_ratio": 2.05}, {"phi": 0.15}, {"chi_squared": 4.61}):
        treated, control = counts_from_association(122, 118, 56, **known)
        assert (treated.events, control.events) == (36, 20)
