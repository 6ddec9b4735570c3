"""Ranks: what is good must be said, and a rank is never told without its warning."""

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.ranking import WARNING, _root, rank
from tests.unit.synthesis.network.test_core import THREE_ARMS, TRIANGLE, network

FIT = fit_network(network(TRIANGLE + THREE_ARMS), reference="A", measure="MD")


def test_turning_what_is_good_turns_the_scores() -> None:
    up, down = rank(FIT, better="higher"), rank(FIT, better="lower")
    assert up.treatments == tuple(reversed(down.treatments))
    for name, score in zip(up.treatments, up.p_scores, strict=True):
        assert score == pytest.approx(1.0 - down.p_scores[down.treatments.index(name)])


def test_scores_of_any_better_have_a_mean_of_one_half_and_ranks_a_sum_of_one() -> None:
    found = rank(FIT, better="higher")
    assert np.mean(found.p_scores) == pytest.approx(0.5)
    assert np.mean(found.sucra) == pytest.approx(0.5)
    ranks = np.array(found.ranks)
    np.testing.assert_allclose(ranks.sum(axis=0), 1.0)
    np.testing.assert_allclose(ranks.sum(axis=1), 1.0)


def test_being_better_by_an_important_difference_is_harder() -> None:
    plain, strict = rank(FIT, better="higher"), rank(FIT, better="higher", mid=0.3)
    assert all(s < p for s, p in zip(strict.p_scores, plain.p_scores, strict=True))
    assert "by at least 0.3" in repr(strict)


def test_the_same_seed_gives_the_same_ranks() -> None:
    one, two = rank(FIT, better="higher", seed=3), rank(FIT, better="higher", seed=3)
    assert one.ranks == two.ranks
    assert one.ranks != rank(FIT, better="higher", seed=4).ranks


def test_the_warning_is_always_there() -> None:
    found = rank(FIT, better="lower")
    assert WARNING in repr(found)
    assert WARNING in found.text()
    assert list(found.columns()) == ["treatment", "p_score", "sucra", "rank_1", "rank_2", "rank_3"]


@pytest.mark.parametrize(("better", "mid"), [("small", 0.0), ("", 0.0), ("lower", -1.0)])
def test_what_is_good_must_be_said(better: str, mid: float) -> None:
    with pytest.raises(DataError, match="NET012"):
        rank(FIT, better=better, mid=mid)  # type: ignore[arg-type]


def test_a_covariance_that_rounding_left_with_less_than_nothing() -> None:
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    covariance = turn @ np.diag([1e5, 2.0, 1e-9, -1e-6]) @ turn.T
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.cholesky(covariance + np.trace(covariance) / 4)
    root = _root(covariance)
    np.testing.assert_allclose(root @ root.T, covariance, atol=1e-5)


@pytest.mark.parametrize("seed", [3, 12])
def test_ranks_of_studies_as_far_apart_as_can_be_computed_with(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"t{i:02}" for i in range(100)]
    more = [(names[i], names[j]) for i, j in rng.integers(100, size=(20, 2)).tolist() if i != j]
    treatment, comparator = zip(*zip(names[1:], names[:-1], strict=True), *more, strict=True)
    k = len(treatment)
    se = rng.choice([10**-2.49, 10**2.49], k)
    studies = [f"s{i}" for i in range(k)]
    fit = fit_network(
        network_of(studies, treatment, comparator, rng.normal(size=k), se * se), tau2_method="DL"
    )
    found = rank(fit, better="lower", draws=100)
    np.testing.assert_allclose(np.array(found.ranks).sum(axis=0), 1.0)
    # Without a MID SUCRA is the P-score, but for the error of a hundred draws.
    np.testing.assert_allclose(found.sucra, found.p_scores, atol=0.2)
