"""The table of coverage says what is there, and says it of every function of metafor."""

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import osler
from osler.publish import plots

TEXT = (Path(__file__).parents[2] / "docs/reference/coverage.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(osler\.[\w.]+)(?:\([^`]*\))?`", TEXT)))
FIGURES = sorted(set(re.findall(r"`(\w+)\.plot\.(\w+)`", TEXT)))
# `osler.pool_counts` with `method="MH"`, `osler.regress` with `scale`
OPTIONS = sorted(set(re.findall(r"`(osler\.\w+)` with `(\w+)(?:=\"([^\"]+)\")?`", TEXT)))

# What a session of metafor 3.8-1 lists, without methods of generic functions and printing.
METAFOR = """
    addpoly aggregate anova baujat bldiag blsplit blup coef confint contrmat cooks.distance cumul
    deviance dfbetas dfround escalc fitstats fitted forest fsn funnel galbraith gosh hatvalues hc
    influence labbe leave1out llplot logLik matreg permutest plot.gosh.rma plot.infl.rma.uni
    plot.permutest.rma.uni plot.profile.rma plot.rma.uni.selmodel plot.vif.rma points.regplot
    predict profile qqnorm radial ranef ranktest rcalc regplot regtest replmiss reporter residuals
    rma rma.glmm rma.mh rma.mv rma.peto rma.uni robust rstandard rstudent selmodel simulate
    summary.escalc tes to.long to.table to.wide transf.dtobesd transf.dtocles transf.dtomd
    transf.dtorpb transf.dtou1 transf.logortord transf.logortorr transf.exp.int transf.iarcsin
    transf.ilogit transf.ipft.hm transf.ztor trimfill update vcalc vcov vec2mat vif weights
""".split()

ARMS = {
    "study": ["A", "B", "C", "D"],
    "ai": [4, 6, 3, 62],
    "n1i": [123, 306, 231, 13598],
    "ci": [11, 29, 11, 248],
    "n2i": [139, 303, 220, 12867],
    "x": [1.0, 2.0, 3.0, 5.0],
}
ONE_GROUP = {"xi": [4, 6, 3], "ni": [12, 30, 23]}
RATES = {"x1i": [4, 6, 9], "t1i": [120, 300, 200], "x2i": [9, 9, 11], "t2i": [130, 320, 190]}
CORRELATIONS = {"ri": [0.1, 0.3, 0.2], "ni": [40, 60, 80]}
MEANS = {
    "m1i": [10.0, 12.0], "sd1i": [2.0, 3.0], "n1i": [30, 40],
    "m2i": [11.0, 12.5], "sd2i": [2.5, 3.0], "n2i": [30, 41],
}  # fmt: skip

# Every option that the table promises a value of is asked for here.
CALLS: dict[tuple[str, str, str], Callable[[], Any]] = {
    ("osler.estimate_effects", "variance", "UB"): lambda: osler.estimate_effects(
        MEANS, "SMD", variance="UB"
    ),
    ("osler.pool", "ci_method", "HC"): lambda: osler.pool(ARMS, "OR", ci_method="HC"),
    ("osler.pool", "measure", "ZCOR"): lambda: osler.pool(CORRELATIONS, "ZCOR"),
    ("osler.pool", "zero_cells", "meta"): lambda: osler.pool(ARMS, "OR", zero_cells="meta"),
    ("osler.pool_counts", "ci_method", "profile"): lambda: osler.pool_counts(
        ARMS, measure="OR", method="GLMM-CM.EL", ci_method="profile"
    ),
    ("osler.pool_counts", "measure", "IRR"): lambda: osler.pool_counts(RATES, measure="IRR"),
    ("osler.pool_counts", "measure", "PLO"): lambda: osler.pool_counts(ONE_GROUP, measure="PLO"),
    ("osler.synthesise_by", "tau2", "common"): lambda: osler.synthesise_by(
        ["a", "a", "b", "b"], list("1234"), [0.1, 0.2, 0.9, 1.0], [0.04] * 4, tau2="common"
    ),
} | {
    ("osler.pool_counts", "method", method): lambda method=method: osler.pool_counts(  # type: ignore[misc]
        ARMS, measure="OR", method=method
    )
    for method in ("MH", "Peto", "GLMM-CM.EL", "beta-binomial")
}


def named(name: str) -> Any:
    """What a dotted name stands for: a public name first, else a module and what it holds."""
    parts = name.split(".")[1:]
    value: Any = osler
    while parts:
        held = parts[0] in osler.__all__ if value is osler else hasattr(value, parts[0])
        value = getattr(value, parts[0]) if held else import_module(f"{value.__name__}.{parts[0]}")
        parts = parts[1:]
    return value


def test_there_are_names_to_check() -> None:
    assert len(NAMES) > 40 and len(FIGURES) > 6 and len(OPTIONS) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_the_table_exists(name: str) -> None:
    assert named(name) is not None


@pytest.mark.parametrize(("result", "figure"), FIGURES)
def test_a_figure_in_the_table_is_drawn_of_that_result(result: str, figure: str) -> None:
    effects = osler.estimate_effects(ARMS, "RR")
    fit = osler.pool(effects)
    of = {
        "Synthesis": lambda: fit,
        "Effects": lambda: effects,
        "Regression": lambda: osler.regress("x", effects),
        "Gosh": lambda: osler.gosh(fit),
        "Influence": lambda: osler.influence(fit),
    }
    assert figure in dir(of[result]().plot)


@pytest.mark.parametrize(("name", "option", "value"), OPTIONS)
def test_an_option_in_the_table_is_taken(name: str, option: str, value: str) -> None:
    known = set(inspect.signature(named(name)).parameters)
    if "methods" in known:
        known |= set(import_module("osler.synthesis.pooling").Methods.__annotations__)
    assert option in known
    if value:
        assert CALLS[name, option, value]() is not None


@pytest.mark.parametrize("option", ["layout", "bias"])
def test_an_option_of_the_forest_plot_is_taken(option: str) -> None:
    assert option in inspect.signature(plots.forest).parameters


@pytest.mark.parametrize("function", METAFOR)
def test_every_function_of_metafor_has_its_row(function: str) -> None:
    assert f"`{function}`" in TEXT


def test_what_is_said_to_be_missing_is_missing() -> None:
    for result in (osler.Multilevel, osler.Regression, osler.Synthesis, osler.CountsSynthesis):
        assert not hasattr(result, "simulate") and not hasattr(result, "update")
    assert not hasattr(osler.CountsSynthesis, "influence")
