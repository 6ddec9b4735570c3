"""How well a synthesis fits, and how that is told."""

import math

import pytest

from osler.core.diagnostics import DataError
from osler.synthesis import Synthesis, synthesise
from osler.synthesis.regression import regress


@pytest.fixture(scope="module")
def fit() -> Synthesis:
    return synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.9, 0.2], [0.04, 0.02, 0.03, 0.05])


def test_a_regression_on_nothing_has_the_same(fit: Synthesis) -> None:
    table = {"yi": list(fit.estimates), "vi": list(fit.variances)}
    same, told = regress("1", table), fit.fit_statistics()
    assert told.log_likelihood == pytest.approx(same.log_likelihood, rel=1e-10)
    assert (told.aic, told.bic, told.aicc) == pytest.approx((same.aic, same.bic, same.aicc))


def test_tau2_is_worth_its_parameter_or_not(fit: Synthesis) -> None:
    random = fit.fit_statistics(restricted=False)
    common = fit.fit_statistics("common_effect", restricted=False)
    assert (random.estimated, common.estimated) == (2, 1)
    assert random.log_likelihood >= common.log_likelihood


def test_it_is_told(fit: Synthesis) -> None:
    told = fit.fit_statistics()
    assert "restricted likelihood" in told.summary() and "AICc" in told.text()
    assert told.columns()["restricted"] == [True]
    assert all(told.why(name).formula for name in told.reasons())
    assert fit.fit_statistics(restricted=False).why("deviance").formula.startswith("2 (")


def test_one_study_has_a_likelihood_but_no_restricted_bic() -> None:
    one = synthesise(["A"], [0.3], [0.04])
    assert math.isfinite(one.fit_statistics(restricted=False).bic)
    assert math.isnan(one.fit_statistics(restricted=True).bic)


@pytest.mark.parametrize("scale", [1e-90, 1e-20, 1e20, 1e90])
def test_the_unit_moves_the_log_likelihood_by_its_logarithm(fit: Synthesis, scale: float) -> None:
    other = synthesise(
        list(fit.studies),
        [math.sqrt(scale) * y for y in fit.estimates],
        [scale * v for v in fit.variances],
    )
    for restricted, n in ((False, 4), (True, 3)):
        ours = other.fit_statistics(restricted=restricted).log_likelihood
        plain = fit.fit_statistics(restricted=restricted).log_likelihood
        assert ours == pytest.approx(plain - n / 2 * math.log(scale), rel=1e-7)


def test_an_unknown_model_is_refused(fit: Synthesis) -> None:
    with pytest.raises(DataError) as error:
        fit.fit_statistics("mixed")
    assert error.value.diagnostics[0].code == "SYN005"
