"""What a fit says of itself."""

from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import Multilevel, multilevel
from tests.unit.synthesis.multilevel.data import schools, teeth


@pytest.fixture(scope="module")
def fit() -> Multilevel:
    return multilevel("yi ~ 1", schools(), random="~ 1 | district/school", variance="vi")


@pytest.fixture(scope="module")
def outcomes() -> Multilevel:
    data, V = teeth()
    return multilevel("yi ~ 0 + outcome", data, V=V, random="~ outcome | trial", structure="UN")


def test_summary(fit: Multilevel) -> None:
    shown = fit.summary()
    assert max(map(len, shown.splitlines())) <= 96
    for part in ("56 estimates, REML", "0.1847", "0.0651", "0.0327", "district (random intercept)",
                 "578.86 on 55 df", "I² 95%", "degrees of freedom: residual"):  # fmt: skip
        assert part in shown


def test_summary_of_outcomes(outcomes: Multilevel) -> None:
    shown = outcomes.summary()
    assert "rho[AL, PD | trial]" in shown and "I² by level: AL 95%, PD 75%" in shown
    assert "F 54.43 on 2 and 8 df" in shown


def test_a_ratio_is_shown_as_a_ratio() -> None:
    data: dict[str, Any] = {"y": [0.1, 0.5, 0.3, 0.7], "v": [0.1] * 4, "s": list("aabb")}
    fit = multilevel("y ~ 1", data, random="s", variance="v", measure="OR")
    assert "as OR (estimate, interval): 1.49" in fit.summary()


def test_text(fit: Multilevel) -> None:
    assert "restricted maximum likelihood" in fit.text()
    assert "sigma2[district] = 0.0651" in fit.text()


def test_every_number_has_its_reasons(fit: Multilevel, outcomes: Multilevel) -> None:
    for each in (fit, outcomes):
        for name in each.reasons():
            assert each.why(name).how
    assert "Σ" in fit.why("i2").formula
    with pytest.raises(DataError):
        fit.why("nothing")


def test_columns(fit: Multilevel) -> None:
    assert fit.columns()["name"] == ["Intercept"]
    assert fit.component_columns()["groups"] == [11, 56]


def test_predictions(fit: Multilevel, outcomes: Multilevel) -> None:
    mean = fit.predict()
    half = (mean.pred_upper[0] - mean.pred_lower[0]) / 2
    spread = mean.se[0] ** 2 + sum(c.value for c in fit.components)
    assert mean.df == (55.0,)
    assert half == pytest.approx(2.0040448 * np.sqrt(spread))
    assert len(outcomes.predict().labels) == 10
    one = outcomes.predict([[1.0, 0.0]], levels={"outcome | trial": "AL"})
    assert one.estimates == pytest.approx(outcomes.predict({"outcome": ["AL"]}).estimates)
    for each in (mean, one):
        assert each.summary() and each.text() and each.columns() and each.why("pred_lower").how


def test_predictions_need_levels_and_columns(outcomes: Multilevel) -> None:
    for new in ([[1.0, 0.0]], [[1.0]]):
        with pytest.raises(DataError):
            outcomes.predict(new)
    with pytest.raises(DataError) as error:
        outcomes.predict([[1.0, 0.0]], levels={"outcome | trial": "XX"})
    assert error.value.diagnostics[0].code == "MLV018"


def test_random_effects_sum_to_nothing_in_the_weights_of_the_mean(fit: Multilevel) -> None:
    district, school = fit.random_effects()
    assert len(district.estimates) == 11 and len(school.estimates) == 56
    ratio = fit.components[0].value / fit.components[1].value
    by_district = dict.fromkeys(district.groups, 0.0)
    for name, value in zip(school.groups, school.estimates, strict=True):
        by_district[name.split("/")[0]] += value
    assert [ratio * v for v in by_district.values()] == pytest.approx(list(district.estimates))
    assert district.summary() and district.text() and district.why("estimates").source


def test_profiles_peak_at_the_estimates(fit: Multilevel) -> None:
    for profile, component in zip(fit.profile(points=9), fit.components, strict=True):
        assert profile.identified and max(profile.log_likelihoods) <= profile.highest + 1e-9
        assert profile.estimate == pytest.approx(component.value)
        assert "identified" in profile.summary() and profile.text() and profile.columns()
        assert profile.why("log_likelihoods").inputs


def test_a_flat_profile_is_called_flat() -> None:
    data: dict[str, Any] = {"y": [1.0, 2.0, 3.0, 2.0, 5.0], "v": [0.1] * 5, "g": list("aabbc")}
    fit = multilevel("y ~ g", data, random="g", variance="v")
    (profile,) = fit.profile(points=5)
    assert not profile.identified and "flat" in profile.summary()
    assert np.isnan(fit.component_interval("sigma2[g]").upper)


def test_intervals_end_where_the_likelihood_has_fallen_far_enough(fit: Multilevel) -> None:
    interval = fit.component_interval("sigma2[district]", 0.9)
    for bound in (interval.lower, interval.upper):
        held = multilevel("yi ~ 1", schools(), random="~ 1 | district/school", variance="vi",
                          hold={"sigma2[district]": bound})  # fmt: skip
        drop = fit.criteria.log_likelihood - held.criteria.log_likelihood
        assert drop == pytest.approx(2.705543 / 2, abs=1e-6)
    assert "90% CI" in str(interval)
    with pytest.raises(DataError) as error:
        fit.component_interval("tau2")
    assert error.value.diagnostics[0].code == "MLV016"
