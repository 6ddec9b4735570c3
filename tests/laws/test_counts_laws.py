"""What must hold for counts pooled by any method."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.synthesis.counts import METHODS, CountsSynthesis, pool_counts, proportion_interval
from osler.synthesis.counts.families import hypergeometric
from osler.synthesis.counts.overdispersed import beta_binomial

Rows = list[tuple[int, int, int, int]]
# Quick methods; random intercepts are tried on fewer tables below.
QUICK = [m for m in METHODS["OR"] if m != "GLMM-UM.RS"]

arm = st.integers(2, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
study = st.tuples(arm, arm).map(lambda arms: (*arms[0], *arms[1]))
tables = st.lists(study, min_size=2, max_size=6)


def columns(rows: Rows) -> dict[str, list[int]]:
    a, n1, c, n2 = (list(column) for column in zip(*rows, strict=True))
    return {"ai": a, "n1i": n1, "ci": c, "n2i": n2}


def pooled(rows: Rows, **options: object) -> CountsSynthesis | None:
    """The fit, or None where the counts do not determine one (and are said not to)."""
    try:
        return pool_counts(columns(rows), **options)  # type: ignore[arg-type]
    except DataError as error:
        if {d.code for d in error.diagnostics} <= {"CNT007", "CNT008"}:
            return None
        raise


def same(one: float, two: float, tolerance: float = 1e-5) -> None:
    assert one == pytest.approx(two, rel=tolerance, abs=tolerance) or (
        math.isnan(one) and math.isnan(two)
    )


@given(tables, st.sampled_from(QUICK), st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_studies_says_nothing(rows: Rows, method: str, random: object) -> None:
    turned = rows[::-1]
    one, two = pooled(rows, method=method), pooled(turned, method=method)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        same(one.pooled.estimate, two.pooled.estimate)
        same(one.pooled.se, two.pooled.se, 1e-4)
        same(one.heterogeneity.tau2, two.heterogeneity.tau2, 1e-4)


@given(tables, st.sampled_from(QUICK))
@settings(max_examples=30, deadline=None)
def test_swapped_arms_flip_the_sign(rows: Rows, method: str) -> None:
    swapped = [(c, n2, a, n1) for a, n1, c, n2 in rows]
    one, two = pooled(rows, method=method), pooled(swapped, method=method)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        same(one.pooled.estimate, -two.pooled.estimate)
        same(one.pooled.ci_lower, -two.pooled.ci_upper, 1e-4)
        same(one.heterogeneity.tau2, two.heterogeneity.tau2, 1e-4)


@given(tables, st.sampled_from(["MH", "Peto", "exact", "GLMM-UM.FS", "GLMM-CM.EL"]))
@settings(max_examples=25, deadline=None)
def test_the_odds_ratio_of_the_opposite_event_is_its_inverse(rows: Rows, method: str) -> None:
    opposite = [(n1 - a, n1, n2 - c, n2) for a, n1, c, n2 in rows]
    one, two = pooled(rows, method=method), pooled(opposite, method=method)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        same(one.pooled.estimate, -two.pooled.estimate)


@given(tables, st.sampled_from(["MH", "Peto", "exact", "GLMM-UM.FS", "GLMM-CM.EL"]))
@settings(max_examples=25, deadline=None)
def test_a_study_without_events_changes_no_ratio(rows: Rows, method: str) -> None:
    one, two = pooled(rows, method=method), pooled([*rows, (0, 30, 0, 20)], method=method)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        same(one.pooled.estimate, two.pooled.estimate, 1e-8)
        same(one.pooled.se, two.pooled.se, 1e-8)


@given(tables)
@settings(max_examples=15, deadline=None)
def test_random_effects_fit_at_least_as_well_as_a_common_one(rows: Rows) -> None:
    for method in ("GLMM-UM.FS", "GLMM-CM.EL", "GLMM-CM.AL"):
        fit = pooled(rows, method=method)
        if fit is not None:
            assert fit.log_likelihood >= fit.common_log_likelihood - 1e-9
            h = fit.heterogeneity
            assert h.tau2 >= 0 and h.lrt is not None and h.lrt.statistic >= 0


@given(tables)
@settings(max_examples=6, deadline=None)
def test_random_intercepts_too(rows: Rows) -> None:
    fit = pooled(rows, method="GLMM-UM.RS", quadrature_points=5)
    if fit is not None:
        assert fit.log_likelihood >= fit.common_log_likelihood - 1e-6
        assert fit.heterogeneity.tau2 >= 0 and fit.heterogeneity.sigma2 >= 0


@given(tables)
@settings(max_examples=25, deadline=None)
def test_exact_limits_enclose_the_conditional_estimate(rows: Rows) -> None:
    fit = pooled(rows, method="exact")
    if fit is not None:
        assert fit.pooled.ci_lower <= fit.pooled.estimate <= fit.pooled.ci_upper
        excluded = fit.pooled.ci_lower > 0 or fit.pooled.ci_upper < 0
        assert not excluded or fit.pooled.p_value < 0.1


@given(study, st.floats(-3, 3))
def test_a_hypergeometric_law_adds_up_to_one(row: tuple[int, int, int, int], theta: float) -> None:
    a, n1, c, n2 = (float(x) for x in row)
    low, high = max(0.0, a + c - n2), min(n1, a + c)
    counts = np.arange(low, high + 1)
    full = np.full_like(counts, 1.0)
    law = hypergeometric(counts, n1 * full, a + c - counts, n2 * full)
    logs = law.log_likelihood(np.full((counts.size, 1), theta))[0]
    assert np.exp(logs).sum() == pytest.approx(1.0, abs=1e-12)


@given(st.lists(arm, min_size=2, max_size=8))
@settings(max_examples=25, deadline=None)
def test_scatter_never_fits_worse_than_none(groups: list[tuple[int, int]]) -> None:
    x, n = (np.array(column, float)[:, None] for column in zip(*groups, strict=True))
    if 0 < x.sum() < n.sum():
        fit = beta_binomial(x, n)
        assert fit.log_likelihood >= fit.log_likelihood_without - 1e-9
        assert 0 <= fit.rho < 1


@given(arm)
def test_exact_limits_of_a_proportion_hold_it(group: tuple[int, int]) -> None:
    x, n = group
    lower, upper = proportion_interval([x], [n])
    assert lower[0] <= x / n <= upper[0]
    other = proportion_interval([n - x], [n])
    assert lower[0] == pytest.approx(1 - other[1][0], abs=1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=5),
    st.sampled_from([0.1, 7.0, 365.25]),
)
@settings(max_examples=12, deadline=None)
def test_a_unit_of_time_changes_no_rate_ratio(events: list[tuple[int, int]], factor: float) -> None:
    x1, x2 = (list(column) for column in zip(*events, strict=True))
    for method in ("MH", "exact", "GLMM-CM.EL", "GLMM-UM.FS"):
        fits = []
        for unit in (1.0, factor):
            times = [unit * (100 + 10 * i) for i in range(len(events))]
            given_ = {"x1i": x1, "t1i": times, "x2i": x2, "t2i": times[::-1]}
            try:
                fits.append(pool_counts(given_, measure="IRR", method=method))
            except DataError:
                fits.append(None)
        one, two = fits
        assert (one is None) == (two is None)
        if one is not None and two is not None:
            same(one.pooled.estimate, two.pooled.estimate)
