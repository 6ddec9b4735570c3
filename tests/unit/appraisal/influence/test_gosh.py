"""All subsets of the studies, or some."""

import time

import numpy as np
import pytest

from osler.appraisal.influence import gosh
from osler.core.diagnostics import DataError
from osler.synthesis import synthesise_many
from tests.unit.appraisal.influence.sample import BCG, Effects, code_of

METHODS = [
    {"model": "common_effect"},
    {"tau2_method": "DL"},
    {"tau2_method": "REML"},
    {"tau2_method": "PM"},
]


def many_studies(k: int) -> Effects:
    draw = np.random.default_rng(4)
    v = draw.uniform(0.02, 0.6, k)
    y = draw.normal(0.3, np.sqrt(v + 0.1))
    return Effects(tuple(y.tolist()), tuple(v.tolist()), "SMD")


@pytest.mark.parametrize("options", METHODS)
def test_each_subset_is_its_synthesis(options: dict[str, str]) -> None:
    effects = many_studies(7)
    found = gosh(effects, **options)  # type: ignore[arg-type]
    assert found.subsets == 127 and found.codes.tolist() == list(range(1, 128))
    inside = np.column_stack([found.members(j) for j in range(7)]).T
    y = np.where(inside, np.array(effects.estimates)[:, None], np.nan)
    v = np.where(inside, np.array(effects.variances)[:, None], np.nan)
    method = options.get("tau2_method", "DL")
    many = synthesise_many(y, v, tau2_method=method, ci_method="Wald")
    common = "model" in options
    expected = many.common_estimate if common else many.estimate
    np.testing.assert_allclose(found.estimate, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found.q, many.q, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.tau2, 0.0 if common else many.tau2, rtol=1e-8, atol=1e-11)
    if not common:
        np.testing.assert_allclose(found.i2, many.i2, rtol=1e-8, atol=1e-10)
    assert found.k.tolist() == many.k.tolist()


@pytest.mark.parametrize("options", METHODS)
def test_drawn_subsets_have_the_results_of_all(options: dict[str, str]) -> None:
    effects = many_studies(10)
    whole = gosh(effects, **options)  # type: ignore[arg-type]
    some = gosh(effects, 200, rng=np.random.default_rng(1), **options)  # type: ignore[arg-type]
    assert some.subsets == 200 and not some.complete and len(set(some.codes.tolist())) == 200
    at = some.codes - 1
    for name in ("estimate", "i2", "tau2", "q"):
        np.testing.assert_allclose(
            getattr(some, name), getattr(whole, name)[at], rtol=1e-9, atol=1e-11
        )


def test_twenty_studies_take_seconds() -> None:
    started = time.perf_counter()
    found = gosh(many_studies(20), model="common_effect")
    assert found.subsets == 2**20 - 1
    assert time.perf_counter() - started < 10.0
    found = gosh(many_studies(16), tau2_method="REML")
    assert found.subsets == 2**16 - 1 and np.isfinite(found.estimate).all()


def test_more_than_sixty_studies_are_drawn() -> None:
    effects = many_studies(75)
    found = gosh(effects, 300, rng=np.random.default_rng(1), tau2_method="DL")
    assert found.subsets == 300
    sizes = sum(found.members(j).astype(int) for j in range(75))
    assert np.array_equal(sizes, found.k) and 30 < found.k.mean() < 45
    again = gosh(effects, 300, rng=np.random.default_rng(1), tau2_method="DL")
    assert np.array_equal(found.estimate, again.estimate)


def test_few_studies_in_many_draws_are_all() -> None:
    assert gosh(Effects((0.1, 0.2), (0.1, 0.2)), 1000).codes.tolist() == [1, 2, 3]


def test_precision_is_kept_where_one_study_rules() -> None:
    """The sum of squares about the mean is never a difference of large numbers."""
    found = gosh(Effects((1e6, 1e6 + 1, 1e6 + 3), (1e-8, 1.0, 1.0)), model="common_effect")
    # Studies 2 and 3 alone: code 6.
    assert found.q[5] == pytest.approx(2.0, rel=1e-9)
    assert found.q[6] == pytest.approx(1.0 + 9.0, rel=1e-6)


def test_it_explains_itself() -> None:
    found = gosh(BCG, tau2_method="DL")
    assert max(map(len, found.summary().splitlines())) <= 96
    assert "8 191" in found.summary().replace("\u202f", " ")
    assert "Hart & Sutherland 1977 differed most" in found.text()
    assert len(found.columns()["k"]) == 8191
    why = found.why("estimate[-1]")
    assert why.value == pytest.approx(found.full_estimate, rel=1e-10)
    assert "Olkin" in str(why)
    shifts = found.shifts()
    assert len(shifts["study"]) == 13


def test_arrays_are_read_only() -> None:
    with pytest.raises(ValueError):
        gosh(BCG, model="common_effect").estimate[0] = 1.0


@pytest.mark.parametrize(
    ("effects", "subsets", "code"),
    [
        (Effects((0.1,), (0.1,)), None, "INF001"),
        (BCG, 0, "INF006"),
        (BCG, 2.5, "INF006"),
        (BCG, 10**9, "INF006"),
        (BCG, 100, "INF007"),
        (many_studies(21), None, "INF007"),
    ],
)
def test_what_cannot_be_drawn_is_told(effects: Effects, subsets: int, code: str) -> None:
    with pytest.raises(DataError) as caught:
        gosh(effects, subsets)
    assert code_of(caught.value) == code
