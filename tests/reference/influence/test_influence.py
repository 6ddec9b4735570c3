"""Influence measures, leave-one-out and cumulative syntheses, and subsets, as metafor gives."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.appraisal.influence import (
    baujat,
    cumulative,
    gosh,
    influence,
    leave_one_out,
    radial,
    residual_quantiles,
)
from osler.appraisal.influence.refits import Refit

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.json"))
SETS = tuple(p.stem for p in FILES if not p.stem.startswith("gosh_") and p.stem != "blup")
GOSH = tuple(path.stem for path in FILES if path.stem.startswith("gosh_"))
METHODS = ("FE", "DL", "REML")


@dataclass(frozen=True)
class Effects:
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    measure: str = ""

    @property
    def studies(self) -> tuple[str, ...]:
        return tuple(str(i) for i in range(len(self.estimates)))


def stored(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


GRID = [(name, method) for name in SETS for method in stored(name)["by"]]


def effects_of(values: Any) -> Effects:
    return Effects(tuple(values["yi"]), tuple(values["vi"]))


def chosen(method: str) -> dict[str, str]:
    if method == "FE":
        return {"model": "common_effect"}
    return {"model": "random_effects", "tau2_method": method}


def close(got: Any, expected: Any, rtol: float, atol: float = 1e-12) -> None:
    """Where metafor's search did not converge there is nothing to compare with."""
    ours, theirs = np.array(got, float), np.array(expected, float)
    there = ~np.isnan(theirs)
    assert np.isfinite(ours).all() and ours.shape == theirs.shape
    np.testing.assert_allclose(ours[there], theirs[there], rtol, atol)


def tolerance(method: str) -> float:
    return 1e-7 if method == "REML" else 1e-9


def test_the_grid_has_no_holes() -> None:
    assert len(SETS) == 15 and len(GOSH) == 4
    missing = {(name, m) for name in SETS for m in METHODS} - set(GRID)
    assert not missing


def test_where_metafor_does_not_converge() -> None:
    """One step of one cumulative synthesis, and nothing else, has no value to compare with."""
    lost = [
        (name, method, i)
        for name, method in GRID
        for i, value in enumerate(stored(name)["by"][method]["cumul"]["estimate"])
        if value is None
    ]
    assert lost == [("nielweise2007", "REML", 7)]
    assert "null" not in (HERE / "bcg.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "method"), GRID)
def test_measures_of_influence(name: str, method: str) -> None:
    values = stored(name)
    expected = values["by"][method]
    got = influence(effects_of(values), **chosen(method))
    rtol = tolerance(method)
    spread = float(np.ptp(values["yi"]))
    for ours, theirs in (
        ("residual", "residual"),
        ("standardised", "rstandard"),
        ("studentised", "rstudent"),
        ("dffits", "dffits"),
        ("dfbetas", "dfbs"),
        ("hat", "hat"),
    ):
        close(getattr(got, ours), expected[theirs], rtol, 10 * rtol)
    close(got.cooks_distance, expected["cook.d"], 10 * rtol, 10 * rtol)
    close(got.covariance_ratio, expected["cov.r"], rtol)
    close(got.tau2_deleted, expected["tau2.del"], rtol, rtol * 1e-2 * spread**2)
    close(got.q_deleted, expected["QE.del"], 1e-9)
    close(np.multiply(got.weight, 100), expected["weight"], rtol)
    assert list(got.influential) == expected["influential"]


@pytest.mark.parametrize(("name", "method"), GRID)
def test_coordinates_of_plots(name: str, method: str) -> None:
    values = stored(name)
    expected, effects, rtol = values["by"][method], effects_of(values), tolerance(method)
    contributions = baujat(effects, **chosen(method))
    close(contributions.contribution, expected["baujat_x"], 10 * rtol, rtol)
    close(contributions.influence, expected["baujat_y"], 10 * rtol, rtol)
    rays = radial(effects, **chosen(method))
    close(rays.x, expected["radial_x"], rtol)
    close(rays.y, expected["radial_y"], rtol)
    rng = np.random.default_rng(1)
    ranked = residual_quantiles(effects, rng=rng, repetitions=40, **chosen(method))
    close(ranked.residuals, expected["qq_y"], rtol, 10 * rtol)
    close(ranked.quantiles, expected["qq_x"], 1e-12)


def same_refits(
    rows: tuple[Refit, ...], expected: dict[str, list[float]], rtol: float, scale: float
) -> None:
    for ours, theirs in (
        ("estimate", "estimate"),
        ("se", "se"),
        ("ci_lower", "ci.lb"),
        ("ci_upper", "ci.ub"),
    ):
        close([getattr(row, ours) for row in rows], expected[theirs], rtol, rtol * scale)
    close([row.p_value for row in rows], expected["pval"], 100 * rtol)
    close([row.q for row in rows], expected["Q"], 1e-9, 1e-12)
    close([row.q_p_value for row in rows], expected["Qp"], 1e-8)
    if "tau2" in expected:
        close([row.tau2 for row in rows], expected["tau2"], rtol, rtol * 1e-2 * scale**2)
    close([row.h2 for row in rows], expected["H2"], rtol, rtol)
    close([row.i2 for row in rows], np.array(expected["I2"], float) / 100, rtol, rtol)


@pytest.mark.parametrize(("name", "method"), GRID)
def test_leave_one_out(name: str, method: str) -> None:
    values = stored(name)
    expected, effects = values["by"][method], effects_of(values)
    scale = float(np.ptp(values["yi"]))
    found = leave_one_out(effects, ci_method="Wald", **chosen(method))
    same_refits(found.rows, expected["leave1out"], tolerance(method), scale)
    if method != "FE":
        found = leave_one_out(effects, ci_method="HKSJ", **chosen(method))
        same_refits(found.rows, expected["leave1out_knha"], tolerance(method), scale)


@pytest.mark.parametrize(("name", "method"), GRID)
def test_cumulative(name: str, method: str) -> None:
    values = stored(name)
    found = cumulative(effects_of(values), ci_method="Wald", **chosen(method))
    expected = values["by"][method]["cumul"]
    scale = float(np.ptp(values["yi"]))
    same_refits(found.rows, expected, tolerance(method), scale)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", GOSH)
def test_all_subsets(name: str, method: str) -> None:
    expected = stored(name)[method]
    found = gosh(effects_of(expected), **chosen(method))
    assert found.codes.tolist() == expected["code"]
    rtol = 1e-7 if method == "REML" else 1e-9
    scale = float(np.ptp(expected["yi"]))
    assert found.k.tolist() == expected["k"]
    close(found.estimate, expected["estimate"], rtol, rtol * scale)
    close(found.q, expected["Q"], 1e-9, 1e-9)
    close(found.i2, np.array(expected["I2"], float) / 100, 10 * rtol, 10 * rtol)
    if method != "FE":
        close(found.tau2, expected["tau2"], 10 * rtol, rtol * scale**2)
