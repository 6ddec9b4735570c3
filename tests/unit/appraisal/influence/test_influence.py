"""Single studies: leaving out, adding, measuring, plotting."""

import math
from collections.abc import Callable

import numpy as np
import pytest

import osler
from osler.appraisal.influence import (
    baujat,
    cumulative,
    gosh,
    influence,
    leave_one_out,
    outliers,
    radial,
    residual_quantiles,
)
from osler.core.diagnostics import DataError
from osler.core.results import Result
from osler.synthesis import synthesise
from tests.unit.appraisal.influence.sample import (
    BCG,
    ESTIMATES,
    NAMES,
    VARIANCES,
    YEARS,
    Effects,
    bcg_fit,
    code_of,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


ALL: dict[str, Callable[..., Result]] = {
    "leave_one_out": leave_one_out,
    "cumulative": cumulative,
    "influence": influence,
    "baujat": baujat,
    "outliers": outliers,
    "radial": radial,
    "residual_quantiles": lambda effects, **o: residual_quantiles(effects, rng=rng(), **o),
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("model", ["random_effects", "common_effect"])
def test_a_result_explains_itself(name: str, model: str) -> None:
    found = ALL[name](BCG, model=model)
    lines = found.summary().splitlines()
    assert max(map(len, lines)) <= 96
    assert "13 studies" in lines[0] and "risk ratio" in lines[0]
    words = "random-effects model, tau² by REML" if "random" in model else "common-effect model"
    assert words in found.summary().lower().replace("reml", "REML").replace("\n  ", " ")
    assert found.text().endswith((".", ")"))
    columns = found.columns()
    assert {len(values) for values in columns.values()} == {13}
    for asked in found.reasons():
        why = found.why(asked)
        assert why.how and asked in str(why)
    assert len(found.to_frame("pandas")) == 13


@pytest.mark.parametrize("name", ALL)
def test_a_synthesis_does_as_well_as_effects(name: str) -> None:
    # As text, because NaN (no prediction of one study) is not equal to itself.
    assert repr(ALL[name](bcg_fit()).columns()) == repr(ALL[name](BCG).columns())


@pytest.mark.parametrize("name", ["influence", "baujat", "outliers", "residual_quantiles"])
def test_two_studies_are_too_few(name: str) -> None:
    with pytest.raises(DataError) as caught:
        ALL[name](Effects((0.1, 0.2), (0.1, 0.1)))
    assert code_of(caught.value) == "INF001"


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("effects", "code"),
    [
        (Effects((), ()), "SYN001"),
        (Effects((0.1, math.nan, 0.2), (0.1, 0.1, 0.1)), "SYN004"),
        (Effects((0.1, 0.3, 0.2), (0.1, 0.0, 0.1)), "SYN003"),
        (Effects((0.1, 0.3, 0.2), (0.1, -1.0, 0.1)), "SYN003"),
        (Effects((0.1, 0.3, 0.2), (0.1, 1e-300, 0.1)), "SYN007"),
    ],
)
def test_bad_numbers_are_told(name: str, effects: Effects, code: str) -> None:
    with pytest.raises(DataError) as caught:
        ALL[name](effects)
    assert code_of(caught.value) == code


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_model_is_told(name: str) -> None:
    with pytest.raises(DataError) as caught:
        ALL[name](BCG, model="fixed")
    assert code_of(caught.value) == "INF002"


@pytest.mark.parametrize("name", ["influence", "baujat", "outliers", "radial", "leave_one_out"])
@pytest.mark.parametrize(
    "effects",
    [
        Effects((0.5,) * 4, (0.1, 0.2, 0.3, 0.4)),
        Effects((0.0,) * 4, (0.1,) * 4),
        Effects((1.0, 2.0, 3.0, 4.0), (1e-90, 1e90, 1.0, 1.0)),
        Effects((1e30, -1e30, 0.0), (1e60, 1e60, 1e60)),
    ],
)
def test_difficult_numbers_stay_finite(name: str, effects: Effects) -> None:
    for values in ALL[name](effects, model="common_effect").columns().values():
        numbers = [x for x in values if isinstance(x, float)]
        assert not any(math.isinf(x) for x in numbers)
    found = influence(effects)
    assert np.isfinite(found.studentised).all() and np.isfinite(found.standardised).all()
    assert found.summary()


def test_identical_estimates_influence_nothing() -> None:
    found = influence(Effects((0.5,) * 5, (0.1, 0.2, 0.3, 0.4, 0.5)))
    assert found.studentised == (0.0,) * 5 and found.dffits == (0.0,) * 5
    assert not any(found.influential)
    assert "No study counts" in found.summary()


def test_leaving_one_out_of_two_leaves_the_other() -> None:
    found = leave_one_out(Effects((0.1, 0.4), (0.1, 0.2)))
    assert [row.estimate for row in found.rows] == [0.4, 0.1]
    assert [row.k for row in found.rows] == [1, 1]


def test_a_study_on_which_everything_hangs_is_named() -> None:
    found = leave_one_out(Effects((0.1, 0.1, 1.0), (0.05, 0.05, 0.02)), model="common_effect")
    assert found.pivotal == ("S2",)
    assert "S2" in found.text() and "S2" in found.summary()


def test_each_row_is_the_synthesis_without_the_study() -> None:
    row = leave_one_out(BCG, tau2_method="DL", ci_method="HKSJ", level=0.9).rows[3]
    keep = [i for i in range(13) if i != 3]
    fit = synthesise(
        [NAMES[i] for i in keep],
        [ESTIMATES[i] for i in keep],
        [VARIANCES[i] for i in keep],
        tau2_method="DL",
        ci_method="HKSJ",
        level=0.9,
    )
    assert row.estimate == pytest.approx(fit.random.estimate, rel=1e-12)
    assert row.ci_upper == pytest.approx(fit.random.ci_upper, rel=1e-12)
    assert row.pred_lower == pytest.approx(fit.random.pred_lower, rel=1e-12)
    assert row.tau2_ci_upper == pytest.approx(fit.heterogeneity.tau2_ci_upper, rel=1e-12)
    assert row.ci_method == "HKSJ"


def test_cumulative_by_column_values_and_precision() -> None:
    by_column = cumulative(BCG, "year")
    assert repr(by_column.rows) == repr(cumulative(BCG, YEARS).rows)
    assert by_column.studies[0] == "Aronson 1948" and by_column.keys[-1] == "1980"
    assert "year" in by_column.summary()
    precise = cumulative(BCG, "precision")
    assert list(precise.variances) == sorted(VARIANCES)
    assert precise.rows[0].estimate == pytest.approx(ESTIMATES[7])
    backwards = cumulative(BCG, "year", descending=True)
    assert backwards.keys[0] == "1980" and "last first" in backwards.order
    assert by_column.rows[-1].estimate == pytest.approx(backwards.rows[-1].estimate, rel=1e-9)
    ties = cumulative(BCG, [1] * 13)
    assert ties.studies == NAMES


def test_since_when_the_interval_excludes_no_effect() -> None:
    assert cumulative(BCG, "year").settled == 4
    never = cumulative(Effects((0.1, -0.1, 0.05), (1.0, 1.0, 1.0)))
    assert never.settled == 0 and "holds the null" in never.summary()
    always = cumulative(Effects((1.0, 1.1, 0.9), (0.01, 0.01, 0.01)), ci_method="Wald")
    assert always.settled == 1 and "From the first study" in always.text()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ([1, 2], "INF003"),
        ([*range(12), None], "INF004"),
        ([*range(12), math.nan], "INF004"),
        ([*range(12), "in press"], "INF004"),
        ("years", "INF005"),
    ],
)
def test_an_order_that_cannot_be_is_told(order: object, code: str) -> None:
    with pytest.raises(DataError) as caught:
        cumulative(BCG, order)  # type: ignore[arg-type]
    assert code_of(caught.value) == code


def test_the_rule_names_its_grounds() -> None:
    found = influence(BCG, model="common_effect")
    flagged = [name for name, mark in zip(NAMES, found.influential, strict=True) if mark]
    assert flagged == ["Hart & Sutherland 1977", "Stein & Aronson 1953", "TPT Madras 1980"]
    assert found.grounds[7] == ("DFFITS", "Cook's distance", "hat", "DFBETAS")
    assert "0.455" in found.rule
    assert found.weight == found.hat and sum(found.hat) == pytest.approx(1.0)


def test_leverage_near_one_keeps_its_digits() -> None:
    """One study with all the weight: its residual is tiny, its standardised residual is not."""
    found = influence(Effects((0.0, 1.0, 2.0), (1e-20, 1.0, 1.0)), model="common_effect")
    # Without it: mean 1.5, variance 1/2; with fixed weights both residuals are one number.
    assert found.studentised[0] == pytest.approx(-1.5 / math.sqrt(0.5), rel=1e-9)


def test_holm_steps_down() -> None:
    effects = Effects((0.0, 0.1, -0.1, 0.05, 3.0, 0.02), (0.04,) * 6)
    plain = outliers(effects, adjustment="none")
    holm = outliers(effects)
    strict = outliers(effects, adjustment="bonferroni")
    assert holm.found == ("S4",) and holm.without is not None and holm.without.k == 5
    triples = zip(plain.p_values, holm.p_adjusted, strict.p_adjusted, strict=True)
    assert all(p <= h <= s <= 1.0 for p, h, s in triples)
    assert min(holm.p_adjusted) == pytest.approx(6 * min(plain.p_values))
    assert "without S4" in holm.summary()


def test_outliers_by_intervals() -> None:
    found = outliers(BCG, rule="interval")
    assert found.found == ("Hart & Sutherland 1977", "TPT Madras 1980")
    assert "do not meet" in found.text()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rule": "eye"}, "INF002"),
        ({"adjustment": "fdr"}, "INF002"),
        ({"alpha": 5.0}, "INF008"),
        ({"alpha": math.nan}, "INF008"),
    ],
)
def test_outliers_needs_known_choices(options: dict[str, object], code: str) -> None:
    with pytest.raises(DataError) as caught:
        outliers(BCG, **options)  # type: ignore[arg-type]
    assert code_of(caught.value) == code


def test_contributions_add_up_to_q() -> None:
    found = baujat(BCG)
    assert found.model == "common_effect"
    assert sum(found.contribution) == pytest.approx(bcg_fit().heterogeneity.q, rel=1e-9)


def test_the_envelope_is_repeatable_and_covers() -> None:
    one = residual_quantiles(BCG, rng=rng())
    assert one.columns() == residual_quantiles(BCG, rng=rng()).columns()
    wide = residual_quantiles(BCG, rng=rng(), level=0.99)
    pairs = zip(one.lower, wide.lower, one.upper, wide.upper, strict=True)
    assert all(b <= a < c <= d for a, b, c, d in pairs)
    assert one.lower == tuple(sorted(one.lower)) and len(one.outside) == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rng": None}, "INF007"),
        ({"kind": "raw"}, "INF002"),
        ({"repetitions": 10}, "INF009"),
        ({"level": 1.5}, "SYN006"),
    ],
)
def test_quantiles_need_a_generator_and_enough_sets(options: dict[str, object], code: str) -> None:
    with pytest.raises(DataError) as caught:
        residual_quantiles(BCG, **{"rng": rng(), **options})  # type: ignore[arg-type]
    assert code_of(caught.value) == code


def test_a_synthesis_knows_the_columns_of_its_table() -> None:
    table = {
        "study": list(NAMES),
        "yi": list(ESTIMATES),
        "vi": list(VARIANCES),
        "year": list(YEARS),
    }
    fit = osler.pool(table, "RR")
    grown = cumulative(fit, "year")
    assert grown.studies[0] == "Aronson 1948" and grown.order == "year"
    assert grown.keys == cumulative(BCG, "year").keys


@pytest.mark.parametrize("name", ALL)
def test_a_table_in_place_of_effects_is_told_what_to_give(name: str) -> None:
    with pytest.raises(DataError) as caught:
        ALL[name]({"yi": [0.1], "vi": [0.2]})
    assert code_of(caught.value) == "INF010"


def test_a_seed_does_for_a_generator() -> None:
    seeded = residual_quantiles(BCG, rng=7, repetitions=50)
    assert seeded.lower == residual_quantiles(BCG, rng=rng(), repetitions=50).lower
    drawn = gosh(BCG, 50, rng=7)
    assert (drawn.packed == gosh(BCG, 50, rng=rng()).packed).all()


def test_sentences_give_intervals_as_papers_do() -> None:
    assert "(95% CI 0.33 to 0.73)" in leave_one_out(BCG).text()
    assert "(95% CI 0.33 to 0.73)" in cumulative(BCG, "year").text()
    assert "(90% CI " in leave_one_out(BCG, level=0.9).text()
