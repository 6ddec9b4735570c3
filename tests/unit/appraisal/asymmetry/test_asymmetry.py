"""Small-study effects: choices, messages, degenerate data, and how results are told."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import osler
from osler.appraisal.asymmetry import (
    asymmetry_test,
    excess_significance,
    fail_safe_n,
    limit_meta_analysis,
    pet_peese,
    rank_test,
    trim_and_fill,
    weighted_average,
)
from osler.core.diagnostics import DataError
from osler.core.results import Result
from osler.core.studies import StudyEstimates
from tests.unit.appraisal.studies import BCG, BCG_ARMS, made

METHODS: list[Callable[[StudyEstimates], Result]] = [
    asymmetry_test,
    lambda e: asymmetry_test(e, model="additive"),
    lambda e: asymmetry_test(e, model="common"),
    rank_test,
    trim_and_fill,
    pet_peese,
    weighted_average,
    limit_meta_analysis,
    fail_safe_n,
    lambda e: fail_safe_n(e, "orwin", weighted=True),
    lambda e: fail_safe_n(e, "rosenberg"),
    lambda e: fail_safe_n(e, "general"),
    excess_significance,
]


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.diagnostics[0].code


@pytest.mark.parametrize("method", METHODS)
def test_a_result_tells_itself(method: Callable[[StudyEstimates], Result]) -> None:
    result = method(BCG)
    assert all(len(line) <= 96 for line in result.summary().splitlines())
    assert result.text().endswith(".") or result.text().endswith(")")
    assert result.columns()
    for name in result.reasons():
        why = str(result.why(name))
        assert "Source:" in why and name in why
    assert "13" in result.summary()


@pytest.mark.parametrize("method", METHODS)
def test_few_studies_are_said_to_be_few(method: Callable[[StudyEstimates], Result]) -> None:
    few = made([0.1, 0.3, 0.5, 1.0], [0.01, 0.04, 0.09, 0.25])
    result = method(few)
    assert "Fewer than 10 studies (4)" in result.text()
    assert all(len(line) <= 96 for line in result.summary().splitlines())


def test_the_summary_of_eggers_test() -> None:
    assert asymmetry_test(BCG).summary().splitlines() == [
        "Egger's test of funnel asymmetry",
        "  regressed  estimate on se, 13 studies",
        "  model      multiplicative: variances times 11.743",
        "  slope      −2.11 (SE 1.51)",
        "  test       t(11) = −1.401, p = 0.19",
        "  limit      0.83 (95% CI 0.51 to 1.34) at se = 0",
    ]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("given", [{"yi": [0.1], "vi": [0.2]}, [0.1, 0.2], None])
def test_a_table_is_no_effects(method: Callable[[StudyEstimates], Result], given: Any) -> None:
    assert code_of(lambda: method(given)) == "INF010"
    pandas = pytest.importorskip("pandas")
    assert code_of(lambda: method(pandas.DataFrame({"yi": [0.1]}))) == "INF010"


@pytest.mark.parametrize("method", METHODS)
def test_texts_are_fit_to_print(method: Callable[[StudyEstimates], Result]) -> None:
    said = method(BCG).text()
    assert "_" not in said and "tau2" not in said and "nan" not in said
    assert "% interval" not in said and " of )" not in said


def test_trim_and_fill_in_words() -> None:
    said = trim_and_fill(BCG, trim_model="common").text()
    assert said.endswith(
        "estimator L0, common-effect model), 4 studies were judged to be missing on the right "
        "of the funnel. With them filled in, the pooled risk ratio was 0.75 (95% CI 0.69 to "
        "0.81), against 0.65 (95% CI 0.60 to 0.70) as found."
    )


def test_both_spellings_of_a_model() -> None:
    for short, name in (("random", "random_effects"), ("common", "common_effect")):
        assert trim_and_fill(BCG, trim_model=short).trim_model == name
        used = asymmetry_test(BCG, model=short)
        assert used.slope == asymmetry_test(BCG, model=name).slope
    assert asymmetry_test(BCG, model="common").model == "common_effect"
    assert asymmetry_test(BCG, model="random_effects").model == "additive"


def test_counts_of_a_synthesis_made_from_a_table() -> None:
    roles = {
        "events_treated": "ai",
        "n_treated": "n1i",
        "events_control": "ci",
        "n_control": "n2i",
    }
    table = {name: list(BCG_ARMS[role]) for role, name in roles.items()}
    fit = osler.pool(table, "OR")
    effects = osler.estimate_effects(table, "OR")
    for kind in ("peters", "macaskill", "harbord", "deeks", "pustejovsky-rodgers", "arcsine"):
        assert asymmetry_test(fit, kind).slope == asymmetry_test(effects, kind).slope
    assert rank_test(fit, "schwarzer").tau == rank_test(effects, "schwarzer").tau
    by_size = asymmetry_test(fit, predictor="1/n")
    assert by_size.slope == asymmetry_test(effects, predictor="1/n").slope


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("y", "v", "code"),
    [
        ([], [], "ASY001"),
        ([0.1, math.nan, 0.3], [0.1, 0.2, 0.3], "ASY002"),
        ([0.1, 0.2, math.inf], [0.1, 0.2, 0.3], "ASY002"),
        ([0.1, 0.2, 0.3], [0.1, 0.0, 0.3], "ASY002"),
        ([0.1, 0.2, 0.3], [0.1, -1.0, 0.3], "ASY002"),
        ([0.1, 0.2, 0.3], [0.1, 1e300, 0.3], "ASY002"),
        ([0.1, 0.2, 0.3], [0.1, 0.2], "ASY002"),
    ],
)
def test_unusable_studies(
    method: Callable[[StudyEstimates], Result], y: list[float], v: list[float], code: str
) -> None:
    assert code_of(lambda: method(made(y, v))) == code


@pytest.mark.parametrize("method", METHODS[:8])
@pytest.mark.parametrize("k", [1])
def test_one_study_is_too_few(method: Callable[[StudyEstimates], Result], k: int) -> None:
    assert code_of(lambda: method(made([0.3] * k, [0.1] * k))) == "ASY001"


def test_studies_of_one_size() -> None:
    alike = made([0.1, 0.2, 0.5, 0.4], [0.1] * 4)
    assert code_of(lambda: asymmetry_test(alike)) == "ASY005"
    assert code_of(lambda: limit_meta_analysis(alike)) == "ASY005"
    assert code_of(lambda: pet_peese(alike)) == "ASY005"
    assert rank_test(alike).p_value == 1.0
    assert "nothing to correlate" in rank_test(alike).text()
    assert trim_and_fill(alike).missing == 0


@pytest.mark.parametrize("method", METHODS)
def test_identical_estimates(method: Callable[[StudyEstimates], Result]) -> None:
    same = made([0.4] * 12, [0.01 * i for i in range(1, 13)])
    result = method(same)
    assert "nan" not in result.summary().lower()


@pytest.mark.parametrize("method", METHODS)
def test_all_at_zero(method: Callable[[StudyEstimates], Result]) -> None:
    assert method(made([0.0] * 12, [0.01 * i for i in range(1, 13)])).summary()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-80, 1e-30, 1e30, 1e80])
def test_extreme_variances(method: Callable[[StudyEstimates], Result], scale: float) -> None:
    v = [scale * 0.1 * i for i in range(1, 13)]
    y = [math.sqrt(scale) * (0.1 * i) ** 2 for i in range(1, 13)]
    assert method(made(y, v)).summary()


def test_unknown_choices() -> None:
    for call in (
        lambda: asymmetry_test(BCG, "eggers"),
        lambda: asymmetry_test(BCG, model="rma"),
        lambda: asymmetry_test(BCG, predictor="sei"),
        lambda: asymmetry_test(BCG, model="additive", tau2_method="XX"),
        lambda: asymmetry_test(BCG, ci_method="t"),
        lambda: rank_test(BCG, "kendall"),
        lambda: rank_test(BCG, method="fast"),
        lambda: trim_and_fill(BCG, "L1"),
        lambda: trim_and_fill(BCG, side="top"),
        lambda: trim_and_fill(BCG, trim_model="mixed"),
        lambda: fail_safe_n(BCG, "safe"),
        lambda: excess_significance(BCG, test="t"),
        lambda: weighted_average(BCG, "OLS"),
    ):
        assert code_of(call) == "ASY003"


def test_settings_out_of_range() -> None:
    for call in (
        lambda: asymmetry_test(BCG, level=95),
        lambda: pet_peese(BCG, alpha=0),
        lambda: weighted_average(BCG, power=1),
        lambda: fail_safe_n(BCG, alpha=1),
        lambda: fail_safe_n(BCG, "orwin", target=0.0),
        lambda: excess_significance(BCG, tau2=-1.0),
        lambda: excess_significance(BCG, effect=math.nan),
        lambda: limit_meta_analysis(BCG, level=0),
    ):
        assert code_of(call) == "ASY006"


def test_counts_are_needed_and_checked() -> None:
    assert code_of(lambda: asymmetry_test(BCG, "peters")) == "ASY004"
    assert code_of(lambda: asymmetry_test(BCG, predictor="1/n")) == "ASY004"
    assert code_of(lambda: asymmetry_test(BCG, predictor="n", n=[100.0] * 12)) == "ASY004"
    wrong: dict[str, Any] = {**BCG_ARMS, "events_treated": [1e6] + [1.0] * 12}
    assert code_of(lambda: asymmetry_test(BCG, "harbord", arms=wrong)) == "ASY004"
    none = {
        **BCG_ARMS,
        "events_treated": [0] * 13,
        "events_control": [0] * 13,
    }
    for kind in ("peters", "harbord"):
        assert code_of(lambda kind=kind: asymmetry_test(BCG, kind, arms=none)) == "ASY004"
    assert code_of(lambda: rank_test(BCG, "schwarzer", arms=none)) == "ASY004"


@pytest.mark.parametrize("kind", ["peters", "macaskill", "harbord", "deeks", "arcsine"])
def test_tests_of_counts_tell_themselves(kind: str) -> None:
    test = asymmetry_test(BCG, kind, arms=BCG_ARMS)
    assert test.kind == kind and test.df == 11
    assert all(len(line) <= 96 for line in test.summary().splitlines())


def test_counts_may_come_with_the_effects() -> None:
    carried = made(BCG.estimates, BCG.variances, "RR", BCG_ARMS)
    assert asymmetry_test(carried, "harbord") == asymmetry_test(BCG, "harbord", arms=BCG_ARMS)


def test_thompson_and_sharps_is_additive_by_dersimonian_laird() -> None:
    one = asymmetry_test(BCG, "thompson-sharp")
    other = asymmetry_test(BCG, model="additive", tau2_method="DL")
    assert (one.slope, one.tau2, one.df) == (other.slope, other.tau2, math.inf)


def test_an_exact_line_has_no_error() -> None:
    v = [0.0625 * i * i for i in range(1, 12)]
    test = asymmetry_test(made([math.sqrt(x) for x in v], v))
    assert test.p_value < 1e-12


def test_trimming_is_studies_again() -> None:
    filled = trim_and_fill(BCG, trim_model="common")
    assert (filled.missing, filled.side) == (4, "right")
    assert len(filled.studies) == 17 and sum(filled.filled) == 4
    assert trim_and_fill(filled, trim_model="common").original.k == 17


def test_excess_limit_is_where_the_p_value_is_a_tenth() -> None:
    found = excess_significance(BCG, test="chi2")
    at = excess_significance(BCG, test="chi2", effect=found.limit_estimate)
    assert at.p_value == pytest.approx(0.1, abs=1e-9)


@pytest.mark.parametrize("method", ["exact", "normal", "normal-corrected"])
def test_rank_test_by_hand(method: str) -> None:
    test = rank_test(BCG, method=method)
    assert test.score == 2
    assert test.p_value == pytest.approx(0.95, abs=0.06)


def test_ties_take_the_normal_distribution() -> None:
    tied = made([0.1, 0.2, 0.3, 0.4, 0.7], [0.1, 0.1, 0.2, 0.2, 0.3])
    test = rank_test(tied, method="exact")
    assert test.method == "normal"
    assert "Ties" in test.text()
