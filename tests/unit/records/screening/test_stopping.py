"""Stopping: against products written out, SciPy's distributions, and the promise itself."""

import math

import numpy as np
import pytest
from scipy.stats import hypergeom, nchypergeom_wallenius

from osler.core.diagnostics import DataError
from osler.records.screening.stopping import (
    chance_of_run,
    first_stop,
    hypergeometric_risk,
    missing_for,
    recall_so_far,
    risk_of_missing,
    threshold_for,
)


@pytest.mark.parametrize(("unread", "missing", "run"), [(1000, 6, 390), (50, 1, 49), (30, 10, 5)])
def test_chance_of_run_is_hypergeometric(unread: int, missing: int, run: int) -> None:
    expected = hypergeom.pmf(0, unread, missing, run)
    assert chance_of_run(unread, missing, run) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("lift", [1.5, 2.0, 4.0])
def test_chance_of_run_with_lift_is_wallenius(lift: float) -> None:
    expected = nchypergeom_wallenius.pmf(0, 60, 4, 20, lift)
    assert chance_of_run(60, 4, 20, lift) == pytest.approx(expected, rel=1e-6)


def test_chance_of_run_edges() -> None:
    assert chance_of_run(10, 0, 5) == 1.0
    assert chance_of_run(10, 3, 8) == 0.0
    assert chance_of_run(10, 3, 0) == 1.0


def test_missing_for_is_the_smallest_number_that_misses() -> None:
    for relevant in range(1, 400):
        missing = missing_for(relevant, 0.95)
        assert 20 * relevant < 19 * (relevant + missing)
        assert 20 * relevant >= 19 * (relevant + missing - 1)


@pytest.mark.parametrize("truth", [*range(1, 130), 200, 400, 1000])
def test_the_parts_of_the_error_add_up_to_no_more_than_is_allowed(truth: int) -> None:
    # What threshold_for promises, summed over every number of finds from which a stop is wrong.
    total = 0.0
    for relevant in range(truth):
        missing = missing_for(relevant, 0.95)
        if relevant + missing <= truth:
            total += threshold_for(missing, 0.05) ** ((truth - relevant) / missing)
    assert total <= 0.05 + 1e-9


def test_the_promise_holds_where_order_is_chance() -> None:
    rng = np.random.default_rng(4)
    total, relevant, runs = 400, 60, 200
    early = 0
    for _ in range(runs):
        found = np.zeros(total, bool)
        found[rng.choice(total, relevant, replace=False)] = True
        stop = first_stop(found.tolist(), total)
        early += int(20 * found[:stop].sum() < 19 * relevant)
    # 5 % and three standard errors of a simulation of this size.
    assert early / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)


def test_first_stop_is_where_the_risk_says_so() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        total = 120
        found = (rng.random(total) < np.linspace(0.6, 0.0, total)).tolist()
        by_step = next(
            (
                at
                for at in range(1, total)
                if any(found[:at]) and risk_of_missing(found[:at], total).reached
            ),
            total,
        )
        assert first_stop(found, total) == by_step


def test_still_to_read_is_enough_and_not_too_much() -> None:
    found = [True] * 40 + [False] * 100
    more = risk_of_missing(found, 1000).still_to_read
    assert risk_of_missing(found + [False] * more, 1000).reached
    assert not risk_of_missing(found + [False] * (more - 1), 1000).reached


def test_before_a_first_find_nothing_is_promised() -> None:
    assert not risk_of_missing([False] * 50, 1000).reached
    assert first_stop([False] * 1000, 1000) == 1000
    assert recall_so_far([False] * 50, 1000).estimate == 0.0


def test_everything_read_is_everything_found() -> None:
    risk = risk_of_missing([True, False], 2)
    assert risk.reached
    assert str(risk) == "every record was screened"
    told = recall_so_far([True, False], 2)
    assert (told.estimate, told.ci_lower) == (1.0, 1.0)


def test_words_of_a_risk_not_reached() -> None:
    risk = risk_of_missing([True] * 40 + [False] * 100, 1000)
    assert str(risk) == "95 % recall not shown yet: 549 more without a find would show it"


def test_recall_bound_agrees_with_the_rule() -> None:
    # Where the rule permits to stop, the bound is at the target or above, and the reverse.
    for run in range(0, 900, 37):
        found = [True] * 40 + [False] * run
        bound = recall_so_far(found, 1000).ci_lower
        assert (bound >= 0.95) == risk_of_missing(found, 1000).reached


def test_callaghan_by_every_moment() -> None:
    rng = np.random.default_rng(6)
    total = 200
    found = rng.random(120) < 0.15
    relevant = int(found.sum())
    least = 1.0
    for begin in range(120):
        before = int(found[:begin].sum())
        left = math.floor(relevant / 0.95 + 1e-9) + 1 - before
        p = hypergeom.cdf(relevant - before, total - begin, left, 120 - begin)
        least = min(least, float(p))
    assert hypergeometric_risk(found.tolist(), total) == pytest.approx(least, rel=1e-12)


@pytest.mark.parametrize(
    "given",
    [
        {"found": [True] * 3, "total": 2},
        {"found": [True], "total": 2, "target": 0.0},
        {"found": [True], "total": 2, "allowed": 1.0},
        {"found": [True], "total": 2, "lift": 0.5},
    ],
)
def test_impossible_numbers_are_told(given: dict[str, object]) -> None:
    with pytest.raises(DataError) as raised:
        risk_of_missing(**given)  # type: ignore[arg-type]
    assert raised.value.diagnostics[0].code == "REC054"
