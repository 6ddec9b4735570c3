"""Against metafor, lme4, R's exact tests, and likelihoods written out in R (see make.R)."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.synthesis.counts import (
    CountsSynthesis,
    pool_counts,
    proportion_interval,
    rate_interval,
)

HERE = Path(__file__).parent
CLOSED, MIXED, SCATTER = (
    json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("closed", "mixed", "overdispersed")
)
TABLES, RATES = CLOSED["tables"], CLOSED["rates"]
LIKELIHOOD, PROGRAMS = MIXED["likelihood"], MIXED["programs"]


def columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def table(name: str) -> dict[str, list[Any]]:
    return columns((TABLES if name in TABLES else RATES)[name]["data"])


def rates(name: str) -> dict[str, list[Any]]:
    found = columns(RATES[name]["data"])
    return {
        "study": found["study"],
        "x1i": found["ai"],
        "t1i": found["n1i"],
        "x2i": found["ci"],
        "t2i": found["n2i"],
    }


def group(kind: str, name: str) -> dict[str, list[Any]]:
    found = columns(MIXED["singles" if kind == "PLO" else "single_rates"][name])
    size = "n" if kind == "PLO" else "time"
    return {"study": found["study"], "events": found["x"], size: found["n"]}


def close(got: float, expected: float | None, rtol: float, atol: float = 1e-13) -> None:
    if expected is None:
        assert not math.isfinite(got) or got == 0
        return
    assert np.isclose(got, expected, rtol=rtol, atol=atol), f"{got!r} is not {expected!r}"


def test_the_grid_is_whole() -> None:
    assert len(TABLES) == 16 and len(RATES) == 2
    for name, values in TABLES.items():
        assert set(values["MH"]) == {"OR", "RR", "RD"}, name
        assert set(values["half_added"]) == {"OR", "RR"}, name
        for pooled in (*values["MH"].values(), values["Peto"]):
            assert all(v is not None for v in pooled.values()), name
    sizes = {kind: len(fits) for kind, fits in LIKELIHOOD.items()}
    assert sizes == {
        "CM.EL": 10, "CM.AL": 15, "UM.FS": 4, "UM.FS.one": 2, "UM.FS.rates": 2,
        "CM.EL.rates": 2, "PLO": 4, "IRLN": 2, "UM.RS": 1, "UM.RS.rates": 1,
    }  # fmt: skip
    for fits in LIKELIHOOD.values():
        for name, fit in fits.items():
            assert all(v is not None for v in fit.values()), name
    for part in (CLOSED, MIXED, SCATTER):
        assert part["program"]["metafor"] == "3.8.1"


def check_closed(fit: CountsSynthesis, expected: dict[str, Any]) -> None:
    assert fit.common is not None
    h = fit.heterogeneity
    for field in ("estimate", "se", "ci_lower", "ci_upper"):
        close(getattr(fit.common, field), expected[field], rtol=1e-10)
    close(fit.common.p_value, expected["p_value"], rtol=1e-8, atol=1e-300)
    assert h.q is not None
    close(h.q.statistic, expected["q"], rtol=1e-9)
    assert h.q.df == expected["q_df"]
    close(h.q.p_value, expected["q_p_value"], rtol=1e-8)
    close(h.i2, expected["i2"], rtol=1e-8)
    close(h.h2, expected["h2"], rtol=1e-9)
    if "bd" in expected:
        assert h.breslow_day is not None and h.tarone is not None
        close(h.breslow_day.statistic, expected["bd"], rtol=1e-8)
        close(h.breslow_day.p_value, expected["bd_p"], rtol=1e-7)
        close(h.tarone.statistic, expected["tarone"], rtol=1e-8)
        close(h.tarone.p_value, expected["tarone_p"], rtol=1e-7)
    if "mh" in expected:
        assert fit.test is not None
        close(fit.test.statistic, expected["mh"], rtol=1e-10)
        close(fit.test.p_value, expected["mh_p"], rtol=1e-8, atol=1e-300)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
@pytest.mark.parametrize("name", TABLES)
def test_mantel_haenszel(name: str, measure: str) -> None:
    check_closed(pool_counts(table(name), measure=measure), TABLES[name]["MH"][measure])


@pytest.mark.parametrize("measure", ["IRR", "IRD"])
@pytest.mark.parametrize("name", RATES)
def test_mantel_haenszel_of_rates(name: str, measure: str) -> None:
    check_closed(pool_counts(rates(name), measure=measure), RATES[name]["MH"][measure])


@pytest.mark.parametrize("name", TABLES)
def test_the_test_without_its_half(name: str) -> None:
    fit = pool_counts(table(name), cmh_correct=False)
    assert fit.test is not None
    close(fit.test.statistic, TABLES[name]["uncorrected_test"], rtol=1e-10)


@pytest.mark.parametrize("measure", ["OR", "RR"])
@pytest.mark.parametrize("name", TABLES)
def test_half_added_as_by_revman(name: str, measure: str) -> None:
    """The same by metafor when it is told to add and to drop double zeros."""
    expected = TABLES[name]["half_added"][measure]
    fit = pool_counts(table(name), measure=measure, correction="RevMan")
    assert fit.common is not None
    close(fit.common.estimate, expected["estimate"], rtol=1e-10)
    close(fit.common.se, expected["se"], rtol=1e-10)


@pytest.mark.parametrize("name", TABLES)
def test_peto(name: str) -> None:
    check_closed(pool_counts(table(name), method="Peto"), TABLES[name]["Peto"])


@pytest.mark.parametrize("name", [name for name in TABLES if TABLES[name]["exact"]])
def test_exact(name: str) -> None:
    """R's uniroot stops at 1.2e-4 of the odds ratio: the limits agree no better than that."""
    expected = TABLES[name]["exact"]
    fit = pool_counts(table(name), method="exact").common
    assert fit is not None
    close(math.exp(fit.estimate), expected["estimate"], rtol=3e-4)
    close(math.exp(fit.ci_lower), expected["ci_lower"], rtol=3e-4, atol=2e-4)
    close(math.exp(fit.ci_upper), expected["ci_upper"], rtol=3e-4, atol=2e-4)
    close(fit.p_value, expected["p_value"], rtol=1e-7, atol=1e-14)


@pytest.mark.parametrize("name", CLOSED["intervals"])
def test_intervals_of_proportions(name: str) -> None:
    data = columns(CLOSED["intervals"][name]["data"])
    limits = np.array(CLOSED["intervals"][name]["limits"])
    exact = proportion_interval(data["x"], data["n"])
    wilson = proportion_interval(data["x"], data["n"], method="Wilson")
    for got, expected in zip((*exact, *wilson), limits.T, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("name", CLOSED["rate_intervals"])
def test_intervals_of_rates(name: str) -> None:
    data = columns(CLOSED["rate_intervals"][name]["data"])
    limits = np.array(CLOSED["rate_intervals"][name]["limits"])
    for got, expected in zip(rate_interval(data["x"], data["n"]), limits.T, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-15)


def fitted(kind: str, name: str, **options: Any) -> CountsSynthesis:
    """The fit that a part of the reference describes."""
    if kind in ("PLO", "IRLN"):
        return pool_counts(group(kind, name), measure=kind, **options)
    model, _, what = kind.partition(".rates")
    model = model.removesuffix(".one")
    data = rates(name) if kind.endswith(".rates") else table(name)
    measure = "IRR" if kind.endswith(".rates") else "OR"
    del what
    return pool_counts(data, measure=measure, method=f"GLMM-{model}", **options)


CASES = [(kind, name) for kind, fits in LIKELIHOOD.items() for name in fits]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_the_top_of_the_likelihood(kind: str, name: str) -> None:
    """Exact integrals in R, polished by Newton's method: 1e-7, and never a lower top."""
    expected = LIKELIHOOD[kind][name]
    fit = fitted(kind, name, effect_coding=1.0 if kind == "UM.FS.one" else 0.5)
    assert fit.random is not None and not fit.notes
    assert fit.log_likelihood >= expected["log_likelihood"] - 2e-8
    close(fit.log_likelihood, expected["log_likelihood"], rtol=1e-10, atol=2e-8)
    close(fit.random.estimate, expected["estimate"], rtol=1e-6, atol=1e-7)
    close(fit.random.se, expected["se"], rtol=2e-6)
    close(fit.heterogeneity.tau2, expected["tau2"], rtol=3e-6, atol=1e-9)
    if "sigma2" in expected:
        close(fit.heterogeneity.sigma2, expected["sigma2"], rtol=3e-6)
    if "common" in expected:
        assert fit.common is not None
        close(fit.common.estimate, expected["common"]["estimate"], rtol=1e-8, atol=1e-9)
        close(fit.common.se, expected["common"]["se"], rtol=1e-7)
        close(fit.common_log_likelihood, expected["common"]["log_likelihood"], rtol=1e-11)


LME4 = [(kind, name) for kind, fits in PROGRAMS.items() for name in fits]


@pytest.mark.parametrize(("kind", "name"), LME4)
def test_metafor_with_its_number_of_nodes(kind: str, name: str) -> None:
    """7 nodes, 1 for UM.RS; lme4's own search and differences leave about four digits."""
    expected = PROGRAMS[kind][name]
    laplace = kind.startswith("UM.RS") or kind.endswith(".laplace")
    points = 1 if laplace else 7
    t = kind.endswith(".t")
    plain = kind.removesuffix(".laplace").removesuffix(".t")
    extra = {"double_zero_studies": "drop"} if plain.startswith("UM.RS") else {}
    fit = fitted(plain, name, quadrature_points=points, ci_method="t" if t else "Wald", **extra)
    h, random = fit.heterogeneity, fit.random
    assert random is not None and h.lrt is not None and h.wald is not None
    close(random.estimate, expected["estimate"], rtol=2e-4)
    close(random.se, expected["se"], rtol=5e-4)
    close(h.tau2, expected["tau2"], rtol=2e-3, atol=1e-6)
    close(h.i2, expected["i2"], rtol=2e-3, atol=1e-5)
    close(h.h2, expected["h2"], rtol=2e-3)
    close(random.ci_lower, expected["ci_lower"], rtol=1e-3)
    close(random.ci_upper, expected["ci_upper"], rtol=1e-3)
    close(random.p_value, expected["p_value"], rtol=1e-2)
    close(h.lrt.statistic, expected["lrt"], rtol=2e-4)
    close(h.wald.statistic, expected["wald"], rtol=5e-3 if plain.startswith("UM.RS") else 2e-3)
    assert h.lrt.df == expected["df"]


OVERDISPERSED = [
    (kind, name)
    for kind in ("beta_two", "beta_one", "gamma_two", "gamma_one")
    for name in SCATTER[kind]
]


@pytest.mark.parametrize(("kind", "name"), OVERDISPERSED)
def test_overdispersed_counts(kind: str, name: str) -> None:
    expected = SCATTER[kind][name]
    if kind == "beta_two":
        fit = pool_counts(table(name), method="beta-binomial")
    elif kind == "gamma_two":
        fit = pool_counts(rates(name), measure="IRR", method="Poisson-gamma")
    elif kind == "beta_one":
        fit = pool_counts(group("PLO", name), measure="PLO", method="beta-binomial")
    else:
        fit = pool_counts(group("IRLN", name), measure="IRLN", method="Poisson-gamma")
    assert fit.random is not None
    close(fit.log_likelihood, expected["log_likelihood"], rtol=1e-9)
    at = 1 if kind.endswith("two") else 0
    # The differences of beta functions in R lose digits where rho is small.
    close(fit.random.estimate, expected["par"][at], rtol=3e-7, atol=2e-7)
    close(fit.random.se, expected["se"][at], rtol=2e-6)
    spread = expected["par"][-1]
    if kind.startswith("beta"):
        close(fit.heterogeneity.rho, 1 / (1 + math.exp(-spread)), rtol=1e-6)
    else:
        close(fit.heterogeneity.sigma2, math.exp(spread), rtol=1e-6)
