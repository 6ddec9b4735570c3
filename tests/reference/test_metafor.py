"""Against metafor with its searches tightened (see make_reference.R), to 1e-8."""

import pytest

from osler.core.diagnostics import DataError
from osler.effects import MEASURES
from osler.synthesis import synthesise_by
from tests.reference.stored import (
    INTERVALS,
    NAMES,
    TAU2_METHODS,
    arms_of,
    close,
    reference,
    stored,
)

WITH_ARMS = [name for name in NAMES if "arms" in reference(name).values["studies"][0]]


def test_the_grid_is_whole() -> None:
    assert len(NAMES) == 25
    for name in NAMES:
        values = reference(name).values
        assert set(values["random"]) == set(TAU2_METHODS), name
        for method in TAU2_METHODS:
            for test in ("z", "t", "knha", "adhoc"):
                assert all(v is not None for v in values["random"][method][test].values()), name
        assert values["program"] == {"R": "4.2.2", "metafor": "3.8.1", "metadat": "1.2.0"}


def test_every_measure_is_compared() -> None:
    """The five that pages use; all others are compared in tests/reference/effects."""
    compared = {reference(name).values["measure"] for name in WITH_ARMS}
    assert compared == {"RR", "OR", "RD", "MD", "SMD"}


@pytest.mark.parametrize("name", WITH_ARMS)
def test_effects_from_arms(name: str) -> None:
    values = reference(name).values
    for study in values["studies"]:
        treated, control = arms_of(study)
        measure = MEASURES[values["measure"]]
        if study["estimate"] is None:
            with pytest.raises(DataError):
                measure.estimate(treated=treated, control=control)
            continue
        effect = measure.estimate(treated=treated, control=control)
        close(effect.estimate, study["estimate"], rtol=1e-12, atol=1e-13)
        close(effect.variance, study["variance"], rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_common_effect(name: str) -> None:
    ref = reference(name)
    expected, got = ref.values["common"], ref.fit("REML", "auto")
    for field in ("estimate", "se", "ci_lower", "ci_upper", "p_value"):
        close(getattr(got.common, field), expected[field])
    close(got.heterogeneity.q, expected["q"])
    close(got.heterogeneity.p_value, expected["q_p_value"])


@pytest.mark.parametrize("method", TAU2_METHODS)
@pytest.mark.parametrize("name", NAMES)
def test_heterogeneity(name: str, method: str) -> None:
    ref = reference(name)
    expected, got = ref.values["random"][method], ref.fit(method, "auto").heterogeneity
    close(got.tau2, expected["tau2"])
    close(got.i2, expected["i2"])
    close(got.h2, expected["h2"])
    close(got.tau2_ci_lower, ref.values["tau2_interval_QP"]["lower"])
    close(got.tau2_ci_upper, ref.values["tau2_interval_QP"]["upper"])


@pytest.mark.parametrize("ci_method", INTERVALS)
@pytest.mark.parametrize("method", TAU2_METHODS)
@pytest.mark.parametrize("name", NAMES)
def test_random_effects(name: str, method: str, ci_method: str) -> None:
    ref = reference(name)
    interval, prediction = (ref.values["random"][method][test] for test in INTERVALS[ci_method])
    got = ref.fit(method, ci_method).random
    assert got.ci_method == ci_method
    for field in ("estimate", "se", "ci_lower", "ci_upper", "p_value"):
        close(getattr(got, field), interval[field])
    close(got.pred_lower, prediction["pred_lower"])
    close(got.pred_upper, prediction["pred_upper"])


def test_subgroups_with_a_tau2_each() -> None:
    expected = stored("subgroups_bcg")
    ref = reference("bcg_RR")
    y = [study["estimate"] for study in ref.pooled]
    v = [study["variance"] for study in ref.pooled]
    labels = [str(i) for i in range(len(y))]
    got = synthesise_by(expected["groups"], labels, y, v, ci_method="Wald")
    assert list(got.results) == expected["names"]
    for i, fit in enumerate(got.results.values()):
        close(fit.random.estimate, expected["means"][i])
        close(fit.random.se, expected["se"][i])
        close(fit.heterogeneity.tau2, expected["tau2"][i])
    close(got.q, expected["q"])
    assert got.df == expected["df"]
    close(got.p_value, expected["p_value"])


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "PMM", "EB", "HE"])
def test_subgroups_with_one_tau2(method: str) -> None:
    expected = stored("subgroups_common_bcg")["methods"][method]
    pooled, groups = reference("bcg_RR").pooled, stored("subgroups_bcg")["groups"]
    got = synthesise_by(
        groups,
        [str(i) for i in range(len(pooled))],
        [study["estimate"] for study in pooled],
        [study["variance"] for study in pooled],
        tau2_method=method,
        ci_method="Wald",
        tau2="common",
    )
    for i, fit in enumerate(got.results.values()):
        close(fit.heterogeneity.tau2, expected["tau2"])
        close(fit.random.estimate, expected["means"][i])
        close(fit.random.se, expected["se"][i])
    close(got.q, expected["q"])


def test_where_the_defaults_of_metafor_differ() -> None:
    """They stop at an absolute difference: 2 % away for the small tau2 of risk differences."""
    known = stored("defaults")
    assert known["tau2_PM_default"] / known["tau2_PM_tight"] > 1.015
    close(reference("bcg_RD").fit("PM", "auto").heterogeneity.tau2, known["tau2_PM_tight"])


def test_the_higher_of_two_maxima_is_found() -> None:
    """metafor's scoring ends at 0 when it starts there; the other maximum is higher."""
    known = stored("defaults")
    assert known["tau2_REML_from_zero"] == 0
    got = reference("gibson2002_MD").fit("REML", "auto").heterogeneity.tau2
    close(got, known["tau2_REML_from_default_start"], rtol=1e-4)
    assert 9.679 < got < 9.680
