"""Networks of many shapes against generalised least squares with explicit matrices, made by R."""

import json
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from osler.synthesis.network.asking import network
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.ranking import rank


@cache
def shapes() -> dict[str, Any]:
    path = Path(__file__).parent / "shapes" / "made.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))["networks"]
    return found


NAMES = tuple(shapes())


@cache
def fitted(name: str, method: str) -> NetworkSynthesis:
    """The network of contrasts in any order, either way round."""
    random, rows = Random(name), []
    for study in shapes()[name]["rows"]:
        arms = list(zip(study["arms"], study["y"], study["v"], strict=True))
        for pair in combinations(arms, 2):
            (a, y, v), (b, x, u) = pair if random.random() < 0.5 else pair[::-1]
            rows.append((study["study"], a, b, y - x, (v + u) ** 0.5))
    random.shuffle(rows)
    columns = zip(*rows, strict=True)
    names = ("study", "treat1", "treat2", "estimate", "se")
    return network(dict(zip(names, map(list, columns), strict=True)), "MD", tau2_method=method)


def test_the_grid_is_whole() -> None:
    assert len(NAMES) == 16
    assert {len(shapes()[name]["fit"]["treatments"]) for name in NAMES} >= {2, 3, 4, 5, 30}
    assert {fitted(name, "DL").df == 0 for name in NAMES} == {True, False}
    assert {fitted(name, "REML").tau2 == 0 for name in NAMES} == {True, False}


@pytest.mark.parametrize("method", ["DL", "REML"])
@pytest.mark.parametrize("name", NAMES)
def test_the_league_and_the_ranks(name: str, method: str) -> None:
    fit, theirs = fitted(name, method), shapes()[name]["fit"]
    assert fit.treatments == tuple(theirs["treatments"])
    assert (fit.df, fit.q) == (theirs["df"], pytest.approx(theirs["q"], rel=1e-9, abs=1e-12))
    found = theirs[method]
    assert fit.tau2 == pytest.approx(found["tau2"], rel=1e-8, abs=1e-12)
    at = np.array(found["position"])
    np.testing.assert_allclose(fit.random.estimate, at[:, None] - at, 1e-9, 1e-9)
    np.testing.assert_allclose(fit.random.se, found["se"], 1e-9)
    reach = np.array(found["reach"], float)
    np.testing.assert_allclose((fit.random.pred_upper - fit.random.estimate)[0, 1:], reach, 1e-8)
    ranking = rank(fit, better="lower", draws=0)
    scores = dict(zip(ranking.treatments, ranking.p_scores, strict=True))
    np.testing.assert_allclose([scores[t] for t in fit.treatments], found["p_score"], 1e-8, 1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_of_q(name: str) -> None:
    fit, theirs = fitted(name, "DL"), shapes()[name]["fit"]
    parts, (q, df) = decompose(fit), theirs["within"]
    assert (parts.within.df, parts.between.df) == (df, theirs["df"] - df)
    assert parts.within.q == pytest.approx(q, rel=1e-8, abs=1e-9)
    assert parts.between.q == pytest.approx(theirs["q"] - q, rel=1e-8, abs=1e-8)
    assert parts.tau2_within == pytest.approx(theirs["tau2_within"], rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("method", ["shortest path", "random walk"])
@pytest.mark.parametrize("name", NAMES)
def test_contributions_add_up_to_all_evidence(name: str, method: str) -> None:
    found = contributions(fitted(name, "REML"), method=method)
    for share in (found.share, found.of_study):
        np.testing.assert_allclose(share.sum(axis=1), 1.0, 1e-9)
        assert share.min() > -1e-12
