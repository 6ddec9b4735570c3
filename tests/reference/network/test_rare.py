"""Rare events in networks: netmeta's netmetabin, and R's Poisson and conditional regression."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.network.hypergeometric import hypergeometric_network
from osler.synthesis.network.mantel_haenszel import mantel_haenszel_network
from osler.synthesis.network.rare import RareNetwork

HERE = Path(__file__).parent
NAMES = ("dong2013", "gurusamy2011")
# Where netmeta's search of the approximate likelihood stops, from the maximum.
STOPS = {"dong2013": 4e-5, "gurusamy2011": 3e-5}


def stored(*parts: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(HERE.joinpath(*parts).read_text("utf-8"))
    return found


@cache
def counts(name: str, most: float = np.inf) -> dict[str, list[Any]]:
    """Arms of the studies with at most so many events."""
    rows = stored("rare", f"{name}.json")["data"]
    events: Counter[str] = Counter()
    for row in rows:
        events[row["study"]] += row["events"]
    kept = [row for row in rows if events[row["study"]] <= most]
    return {key: [row[key] for row in kept] for key in ("study", "treatment", "events", "n")}


def same(fit: RareNetwork, case: dict[str, Any], atol: float, se_atol: float) -> None:
    at = [fit.treatments.index(t) for t in case["common"]["TE"]["rows"]]
    for ours, theirs, tolerance in (
        (fit.common.estimate, "TE", atol),
        (fit.common.se, "seTE", se_atol),
        (fit.common.ci_lower, "lower", 2 * atol),
        (fit.common.ci_upper, "upper", 2 * atol),
    ):
        values = np.array(case["common"][theirs]["values"], float)
        np.testing.assert_allclose(ours[np.ix_(at, at)], values, 0, tolerance)
    assert set(fit.treatments) == set(case["trts"])
    assert (fit.k, len(fit.treatments)) == (case["k"], case["n_treatments"])


def test_the_grid_is_whole() -> None:
    assert {path.stem for path in (HERE / "rare").glob("*.json")} == set(NAMES)
    for kind in ("mh", "nch"):
        assert all((HERE / "netmeta" / f"{name}_{kind}.json").exists() for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_mantel_haenszel(name: str) -> None:
    case = stored("netmeta", f"{name}_mh.json")
    fit = mantel_haenszel_network(counts(name))
    same(fit, case, 1e-12, 1e-12)
    assert fit.q == pytest.approx(case["Q_inconsistency"], rel=1e-12)
    assert fit.df == case["df_inconsistency"]


@pytest.mark.parametrize("name", NAMES)
def test_the_approximation_as_netmeta_gives_it(name: str) -> None:
    """netmeta's search ends 2 to 3e-5 from the maximum; R's optim does so from the same start."""
    fit = hypergeometric_network(counts(name))
    same(fit, stored("netmeta", f"{name}_nch.json"), STOPS[name], 3e-6)
    assert stored("rare", f"{name}.json")["missed_by_optim"] > 1e-5


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_maximum_of_the_likelihood(name: str, exact: bool) -> None:
    case = stored("rare", f"{name}.json")
    most = case["exact_most_events"] if exact else np.inf
    theirs = case["exact" if exact else "approximate"]
    fit = hypergeometric_network(counts(name, most), exact=exact)
    pairs = list(zip(theirs["treatment"], theirs["comparator"], strict=True))
    assert {t for pair in pairs for t in pair} == set(fit.treatments)
    effects = [fit.effect(*pair) for pair in pairs]
    np.testing.assert_allclose([e.estimate for e in effects], theirs["estimate"], 0, 1e-11)
    # glm's covariance is that of its last step but one.
    np.testing.assert_allclose([e.se for e in effects], theirs["se"], 1e-8)
