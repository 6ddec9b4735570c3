"""A fitted model is never taken for plain studies: it is asked itself, or refused with advice."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import osler
from osler.appraisal.influence.baujat import Baujat
from osler.core.diagnostics import DataError
from osler.publish import plots
from osler.publish.plots import figures_of
from osler.synthesis.regression import Regression
from tests.unit.synthesis.regression.trials import bcg

TRIALS: dict[str, Any] = bcg()


def regression(formula: str = "ablat", **choices: Any) -> Regression:
    return osler.regress(formula, TRIALS, measure="RR", **choices)


def studies_of(fit: Regression) -> Any:
    return osler.synthesise(fit.studies, fit.estimates, fit.variances, measure="RR")


Asked = Callable[[Any], Any]
POOLING: dict[str, Asked] = {
    "leave_one_out": osler.leave_one_out,
    "cumulative": osler.cumulative,
    "outliers": osler.outliers,
    "radial": osler.radial,
    "asymmetry_test": osler.asymmetry_test,
    "rank_test": osler.rank_test,
    "excess_significance": osler.excess_significance,
    "fail_safe_n": osler.fail_safe_n,
    "limit_meta_analysis": osler.limit_meta_analysis,
    "pet_peese": osler.pet_peese,
    "trim_and_fill": osler.trim_and_fill,
    "weighted_average": osler.weighted_average,
    "p_curve": osler.p_curve,
    "p_uniform_star": osler.p_uniform_star,
    "selection_model": osler.selection_model,
    "permutation_test": osler.permutation_test,
    "multiverse": osler.multiverse,
    "sequential": lambda fit: osler.sequential(fit, relevant_effect=0.3),
}
MODELLED: dict[str, Asked] = {
    "influence": osler.influence,
    "gosh": lambda fit: osler.gosh(fit, 20, rng=1),
    "baujat": osler.baujat,
    "shrunken_effects": osler.shrunken_effects,
    "residual_quantiles": lambda fit: osler.residual_quantiles(fit, rng=1, repetitions=40),
}
ASKED = POOLING | MODELLED
AGAIN = ("leave_one_out", "cumulative", "outliers", "radial", "trim_and_fill", *MODELLED)


def refused(ask: Asked, given: Any) -> str:
    with pytest.raises(DataError) as raised:
        ask(given)
    return raised.value.diagnostics[0].code


@pytest.mark.parametrize("name", POOLING)
def test_what_pools_studies_refuses_a_regression(name: str) -> None:
    with pytest.raises(DataError) as raised:
        POOLING[name](regression())
    told = raised.value.diagnostics[0]
    assert told.code == "INF013" and "ablat" in told.found and "osler.influence" in told.help


def test_panels_of_a_multiverse_are_looked_at_too() -> None:
    assert refused(osler.multiverse, {"adjusted": regression()}) == "INF013"


@pytest.mark.parametrize("name", MODELLED)
def test_what_knows_models_asks_the_regression(name: str) -> None:
    """Never what the same studies give without the moderators."""
    fit = regression()
    model, plain = MODELLED[name](fit), MODELLED[name](studies_of(fit))
    assert model.summary() != plain.summary()
    assert max(map(len, model.summary().splitlines())) <= 96


@pytest.mark.parametrize("name", [n for n in MODELLED if n != "gosh"])
def test_a_location_scale_model_is_refused(name: str) -> None:
    assert refused(MODELLED[name], regression(scale="ablat")) == "REG025"


def made() -> dict[str, Callable[[], Any]]:
    """Results that are no studies of one synthesis, each made when it is asked for."""
    rows = {
        "study": ["1", "1", "2", "2", "3", "3", "4", "4"],
        "x": [1.0, 2.0, 1.0, 2.0, 3.0, 2.0, 4.0, 1.0],
        "y": [0.1, 0.3, 0.2, 0.6, 0.4, 0.1, 0.9, 0.3],
        "v": [0.1, 0.2, 0.1, 0.3, 0.1, 0.2, 0.1, 0.2],
        "group": ["a", "a", "b", "b", "a", "a", "b", "b"],
    }
    network = {
        "study": ["1", "2", "3", "4"],
        "treat1": ["A", "A", "B", "A+B"],
        "treat2": ["B", "C", "C", "C"],
        "estimate": [0.1, 0.4, 0.2, 0.5],
        "se": [0.1, 0.2, 0.1, 0.2],
    }
    groups, labels, y, v = (rows[name] for name in ("group", "study", "y", "v"))

    def multilevel() -> Any:
        return osler.multilevel("x", rows, random="study", estimate="y", variance="v")

    return {
        "multilevel": multilevel,
        "robust": lambda: osler.robust(multilevel(), "study"),
        "network": lambda: osler.network(network),
        "component network": lambda: osler.component_network(network),
        "subgroups": lambda: osler.synthesise_by(groups, labels, y, v),
        "groups": lambda: osler.pool(
            {"study": labels, "estimate": y, "se": np.sqrt(v), "group": groups}, "MD", by="group"
        ),
        "batch": lambda: osler.synthesise_many(np.array(y)[:, None], np.array(v)[:, None]),
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return {kind: make() for kind, make in made().items()}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("kind", made())
def test_other_results_are_refused(kind: str, name: str, results: dict[str, Any]) -> None:
    ask = ASKED[name]
    if (kind, name) == ("multilevel", "influence"):
        assert len(ask(results[kind]).studies) == 8
    else:
        # Arrays of a batch could be meant as a table, which multiverse takes as well.
        wanted = "MUV003" if (kind, name) == ("batch", "multiverse") else "INF010"
        assert refused(ask, results[kind]) == wanted


@pytest.mark.parametrize("name", [n for n in ASKED if "_one_" not in n])
def test_counts_are_refused_where_they_cannot_be_pooled_again(name: str) -> None:
    table = {
        "study": list("ABCD"),
        "events_treated": [3, 4, 1, 6],
        "n_treated": [40, 40, 30, 50],
        "events_control": [5, 9, 2, 8],
        "n_control": [40, 41, 30, 52],
    }
    fit = osler.pool_counts(table, method="MH")
    ask = ASKED[name]
    if name == "cumulative":
        assert ask(fit).studies == tuple("ABCD")
    else:
        assert refused(ask, fit) == "INF010"


@pytest.mark.parametrize("name", AGAIN)
def test_weights_of_ones_own_are_not_dropped(name: str) -> None:
    fit = regression()
    own = [1.0 + i for i in range(fit.k)]
    whole = osler.synthesise(fit.studies, fit.estimates, fit.variances, weights=own)
    assert refused(ASKED[name], whole) == "INF014"


def test_shrunken_effects_need_weights_by_inverse_variances() -> None:
    own = [1.0 + i for i in range(len(regression().studies))]
    assert refused(osler.shrunken_effects, regression(weights=own)) == "INF014"


@pytest.mark.parametrize(
    ("ask", "choice"),
    [
        (osler.baujat, {"model": "random_effects"}),
        (osler.baujat, {"tau2_method": "DL"}),
        (osler.shrunken_effects, {"tau2_method": "DL"}),
        (osler.residual_quantiles, {"tau2_method": "DL", "rng": 1}),
        (osler.residual_quantiles, {"model": "common_effect", "rng": 1}),
    ],
)
def test_a_regression_keeps_its_own_way(ask: Any, choice: dict[str, Any]) -> None:
    assert refused(lambda fit: ask(fit, **choice), regression()) == "INF012"


def test_a_level_between_none_and_all() -> None:
    assert refused(lambda fit: osler.shrunken_effects(fit, level=1.0), regression()) == "INF008"


def test_a_regression_without_moderators_is_the_synthesis() -> None:
    """The same model by either way: one law, no stored number."""
    fit = regression("1", ci_method="Wald")
    plain = studies_of(fit)
    ours, theirs = osler.baujat(fit), osler.baujat(plain, model="random_effects")
    assert ours.contribution == pytest.approx(theirs.contribution, rel=1e-8)
    assert ours.influence == pytest.approx(theirs.influence, rel=1e-7)
    shrunken, known = osler.shrunken_effects(fit), osler.shrunken_effects(plain)
    assert shrunken.effects == pytest.approx(known.effects, rel=1e-8)
    assert (shrunken.lower, shrunken.upper) == (
        pytest.approx(known.lower, rel=1e-7),
        pytest.approx(known.upper, rel=1e-7),
    )
    for kind in ("standardised", "studentised"):
        found, told = (
            osler.residual_quantiles(each, rng=3, kind=kind, repetitions=200)
            for each in (fit, plain)
        )
        assert found.residuals == pytest.approx(told.residuals, rel=1e-7)
        assert (*found.lower, *found.upper) == pytest.approx((*told.lower, *told.upper), rel=1e-7)


def alone() -> Regression:
    """The last study alone carries the second coefficient."""
    y, v = [0.1, 0.3, 0.2, 0.5, 0.9], [0.04, 0.02, 0.03, 0.05, 0.04]
    return osler.regress("x", {"y": y, "v": v, "x": [0, 0, 0, 0, 1]}, estimate="y", variance="v")


def test_a_study_that_alone_carries_a_coefficient() -> None:
    found = osler.baujat(alone())
    assert [math.isnan(pull) for pull in found.influence] == [False] * 4 + [True]
    assert found.contribution[-1] == pytest.approx(0.0, abs=1e-12) and found.text()
    assert plots.baujat(found).description == (
        "Baujat plot of 4 studies. 1 that alone carry a coefficient are not drawn."
    )
    quantiles = osler.residual_quantiles(alone(), rng=1, repetitions=40)
    assert len(quantiles.residuals) == 4 and np.isfinite(quantiles.upper).all()


def test_no_study_can_be_taken_out() -> None:
    table = {"y": [0.1, 0.3, 0.2], "v": [0.04, 0.02, 0.03], "x": [0, 1, 2]}
    fit = osler.regress("C(x) - 1", table, estimate="y", variance="v", tau2_method="CE",
                        ci_method="Wald")  # fmt: skip
    assert refused(plots.baujat, fit) == "FIG002"
    assert refused(lambda given: osler.residual_quantiles(given, rng=1), fit) == "INF001"


def test_a_regression_is_drawn_as_what_it_is() -> None:
    fit = regression()
    assert figures_of(fit) == ["baujat", "bubble", "funnel", "qq"]
    figure = plots.baujat(fit)
    assert figure.axes[0].get_ylabel() == "Influence on the fitted value"
    assert plots.qq(fit, repetitions=40).description.startswith("Q-Q plot of 13 residuals")
    assert refused(plots.profile_likelihood, fit) == "FIG002"
    assert refused(plots.radial, fit) == "INF013"


def test_the_words_say_which_model_it_was() -> None:
    found = osler.baujat(regression())
    assert isinstance(found, Baujat) and "fitted value" in found.text()
    assert "Meta-regression, tau² by REML" in found.summary()
    assert found.why("influence[0]").formula.startswith("(xᵢb₍₋ᵢ₎")
    assert found.why("contribution[0]").formula == "(yᵢ − xᵢb)² / (vᵢ + τ²)"
    shrunken = osler.shrunken_effects(regression())
    assert (
        "what the moderators expect" in shrunken.summary() and "meta-regression" in shrunken.text()
    )
    assert shrunken.columns()["fitted"][0] == shrunken.why("effects[0]").inputs[-1][1]
    assert math.isnan(shrunken.pooled)


def test_robust_variances_are_those_of_a_model() -> None:
    fit = regression()
    assert refused(lambda given: osler.robust(given, fit.studies), studies_of(fit)) == "ROB003"
