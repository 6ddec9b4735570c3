"""Rare events: what is left out and said, and both likelihoods at their edges."""

from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.counts.mantel_haenszel import mantel_haenszel_or
from osler.synthesis.network.arm_counts import read_arm_counts
from osler.synthesis.network.hypergeometric import (
    approximate_likelihood,
    exact_likelihood,
    hypergeometric_network,
)
from osler.synthesis.network.mantel_haenszel import design_contrasts, mantel_haenszel_network

Row = tuple[str, str, float, float]
LOOP: list[Row] = [
    ("Hart 2010", "rest", 4, 100), ("Hart 2010", "walking", 2, 100),
    ("Mill 2012", "rest", 3, 50), ("Mill 2012", "walking", 0, 50),
    ("Oak 2015", "rest", 5, 80), ("Oak 2015", "yoga", 3, 85),
    ("Ash 2016", "walking", 2, 60), ("Ash 2016", "yoga", 1, 60),
    ("Elm 2018", "rest", 6, 90), ("Elm 2018", "walking", 4, 90), ("Elm 2018", "yoga", 1, 95),
]  # fmt: skip


def table(rows: list[Row]) -> dict[str, list[Any]]:
    return {
        name: [row[i] for row in rows]
        for i, name in enumerate(("study", "treatment", "events", "n"))
    }


FITS: dict[str, Any] = {
    "MH": mantel_haenszel_network,
    "approximate": hypergeometric_network,
    "exact": lambda data, **kw: hypergeometric_network(data, exact=True, **kw),
}


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_all_models_see_the_same_network(fit: Any) -> None:
    found = fit(table(LOOP), reference="rest")
    assert found.treatments == ("rest", "walking", "yoga")
    assert (found.k, found.df, found.measure) == (5, 3, "OR")
    effect = found.effect("yoga")
    assert effect.ci_lower < effect.estimate < effect.ci_upper
    assert effect.estimate == pytest.approx(-found.effect("rest", "yoga").estimate)
    assert np.isnan(effect.pred_lower)
    assert found.p_value == pytest.approx(1.0, abs=0.9999)


def test_a_result_is_told() -> None:
    fit = mantel_haenszel_network(table(LOOP), reference="rest")
    assert "3 treatments in 5 studies, each against rest" in fit.summary()
    assert "Mantel-Haenszel" in fit.text()
    assert len(fit.columns()["estimate"]) == 6
    assert fit.why("yoga vs rest").value == fit.effect("yoga").estimate
    with pytest.raises(DataError, match="NET010"):
        fit.effect("swimming")


def test_two_arms_are_pooled_as_ever() -> None:
    a, n1, c, n2 = (np.array(x, float) for x in ([4, 3, 0], [100, 50, 30], [2, 5, 1], [90, 60, 40]))
    y, v = design_contrasts(np.column_stack([a, c]), np.column_stack([n1, n2]))
    pairwise = mantel_haenszel_or(c, n2, a, n1)
    assert y[0] == pytest.approx(pairwise.estimate, rel=1e-12)
    assert v[0, 0] == pytest.approx(pairwise.variance, rel=1e-12)


def test_what_says_nothing_is_left_out_by_name() -> None:
    rows: list[Row] = [
        *LOOP,
        ("Fir 2019", "rest", 0, 20), ("Fir 2019", "yoga", 0, 20),
        ("Yew 2019", "rest", 9, 9), ("Yew 2019", "yoga", 8, 8),
        ("Bay 2020", "rest", 2, 20), ("Bay 2020", "swimming", 0, 20),
        ("Box 2020", "rest", 2, 20),
        ("Gum 2020", "rest", 2, 20), ("Gum 2020", "rest", 3, 20),
        ("Fig 2020", "rest", 21, 20), ("Fig 2020", "yoga", 3, 20),
        ("Ivy 2020", "", 1, 20), ("Ivy 2020", "yoga", 3, 20),
    ]  # fmt: skip
    fit = mantel_haenszel_network(table(rows))
    why = {e.study: e.why for e in fit.excluded}
    assert why == {
        "Fir 2019": "no events in any arm",
        "Yew 2019": "only events in all arms",
        "Bay 2020": "no events under swimming in the studies of rest : swimming",
        "Box 2020": "one arm alone (rest)",
        "Gum 2020": "two arms of one treatment (rest)",
        "Fig 2020": "an arm's numbers cannot be used (rest: 21 events of 20)",
        "Ivy 2020": "an arm has no treatment",
    }
    assert fit.lost == ("swimming",)
    assert "nothing is told about: swimming" in fit.summary()
    alone = mantel_haenszel_network(table(LOOP)).effect("yoga")
    assert (fit.effect("yoga").estimate, fit.effect("yoga").se) == (alone.estimate, alone.se)


def test_of_a_design_with_a_silent_arm_the_others_stay() -> None:
    rows: list[Row] = [("Elm", "a", 3, 40), ("Elm", "b", 2, 40), ("Elm", "c", 0, 40)]
    found = read_arm_counts(table(rows))
    assert found.designs[0].arms == ("a", "b")
    why = "no events under c in the studies of a : b : c; the other arms stay"
    assert found.excluded[0].why == why


def test_counts_too_few_for_mantel_haenszel() -> None:
    """Each arm has both outcomes, but two have no odds ratio; or covariances contradict."""
    no_odds: list[Row] = [
        ("Fir", "rest", 5, 5), ("Fir", "tai chi", 3, 5),
        ("Yew", "rest", 4, 5), ("Yew", "tai chi", 0, 5),
    ]  # fmt: skip
    thin = {
        "Fir": [(1, 29), (1, 28), (1, 2), (1, 27)],
        "Yew": [(1, 19), (2, 17), (1, 26), (0, 27)],
        "Gum": [(4, 21), (0, 2), (5, 20), (0, 8)],
    }
    rows: list[Row] = [
        (study, arm, *count)
        for study, counts in thin.items()
        for arm, count in zip("abcd", counts, strict=True)
    ]
    for few, why in ((no_odds, "without a finite odds ratio"), (rows, "no estimates could have")):
        with pytest.raises(DataError, match=f"NET052(.|\n)*{why}"):
            mantel_haenszel_network(table(few))
        assert np.isfinite(hypergeometric_network(table(few), exact=True).common.se).all()


def test_parts_that_nothing_connects() -> None:
    rows: list[Row] = [*LOOP, ("Fir", "heat", 2, 30), ("Fir", "cold", 5, 30)]
    fit = mantel_haenszel_network(table(rows))
    assert fit.others == (("cold", "heat"),)
    fit = hypergeometric_network(table(rows), reference="heat")
    assert fit.treatments == ("cold", "heat")
    assert (fit.df, fit.k) == (0, 1)
    assert np.isnan(fit.q)
    assert "cannot be judged" in fit.summary()


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"events": [0] * 11}, "NET050"),
        ({"study": [], "treatment": [], "events": [], "n": []}, "NET050"),
        ({"treatment": [" REST " if i == 2 else row[1] for i, row in enumerate(LOOP)]}, "NET022"),
        ({"events": None}, "NET020"),
        ({"events": ["none"] * 11}, "NET050"),
    ],
)
def test_bad_input(fit: Any, change: dict[str, Any], code: str) -> None:
    data = {k: v for k, v in (table(LOOP) | change).items() if v is not None}
    with pytest.raises(DataError, match=code):
        fit(data)


def test_asked_for_wrongly() -> None:
    for wrong, code in (({"reference": "swimming"}, "NET010"), ({"level": 2.0}, "SYN006"),
                        ({"columns": {"events": "deaths"}}, "NET020"),
                        ({"columns": ["events"]}, "NET020")):  # fmt: skip
        with pytest.raises(DataError, match=code):
            mantel_haenszel_network(table(LOOP), **wrong)
    rows = [*LOOP[1:], ("Hart 2010", "rest", 4.5, 100.0)]
    assert hypergeometric_network(table(rows)).k == 5
    with pytest.raises(DataError, match="NET051"):
        hypergeometric_network(table(rows), exact=True)
    rows = [("Hart", "rest", 8e3, 1e6), ("Hart", "walking", 9e3, 1e6)]
    assert hypergeometric_network(table(rows)).k == 1
    with pytest.raises(DataError, match="NET056"):
        hypergeometric_network(table(rows), exact=True)
    with pytest.raises(DataError, match="NET050"):
        mantel_haenszel_network(table([(s, t, e, n * 1e20) for s, t, e, n in rows]))


@pytest.mark.parametrize("likelihood", [approximate_likelihood, exact_likelihood])
@pytest.mark.parametrize("m", [2, 3, 4])
def test_slopes_are_those_of_the_likelihood(likelihood: Any, m: int) -> None:
    rng = np.random.default_rng(m)
    n = rng.integers(20, 400, (3, m)).astype(float)
    events = np.floor(n * rng.uniform(0.0, 0.9, (3, m)))
    at, h = rng.normal(size=m), 1e-5
    found = likelihood(events, n, at)
    for i, e in enumerate(np.eye(m) * h):
        up, down = likelihood(events, n, at + e), likelihood(events, n, at - e)
        assert found.slope[i] == pytest.approx((up.height - down.height) / (2 * h), abs=1e-4)
        turn = (down.slope - up.slope) / (2 * h)
        np.testing.assert_allclose(found.information[i], turn, 1e-5, 1e-4)


def test_many_events_and_extreme_odds() -> None:
    """Sums over the ways stay numbers with thousands of events, and far from equal odds."""
    rows: list[Row] = [("Hart", "a", 2400, 3000), ("Hart", "b", 2, 3000), ("Hart", "c", 900, 3000)]
    exact = hypergeometric_network(table(rows), exact=True)
    crude = np.log(2 / 2998) - np.log(2400 / 600)
    assert exact.effect("b", "a").estimate == pytest.approx(crude, abs=1e-3)
    assert np.isfinite(exact.common.se).all()


def test_digits_stay_with_very_large_arms() -> None:
    """With so rare events the exact likelihood is the approximate one."""
    rows: list[Row] = [("Hart", "a", 1, 1e9), ("Hart", "b", 3, 1e9)]
    effect = hypergeometric_network(table(rows), exact=True).effect("b", "a")
    assert effect.estimate == pytest.approx(np.log(3.0), abs=1e-8)


def test_exact_and_approximate_meet_where_events_are_rare() -> None:
    scaled: list[Row] = [(s, t, e, n * 1000) for s, t, e, n in LOOP]
    both = [fit(table(scaled)).common.estimate for fit in FITS.values()]
    np.testing.assert_allclose(both[1], both[2], atol=1e-4)
