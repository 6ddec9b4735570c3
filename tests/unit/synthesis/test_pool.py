import math
from dataclasses import fields

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis import (
    CI_METHODS,
    PRED_METHODS,
    TAU2_CI_METHODS,
    TAU2_METHODS,
    SynthesisBatch,
    reml_notes,
    synthesise,
    synthesise_by,
    synthesise_many,
)
from osler.synthesis.model import Heterogeneity, Pooled

Y, V = [0.1, 0.3, 0.9, 0.2], [0.04, 0.02, 0.03, 0.05]
ABC = ["A", "B", "C", "D"]


def code(*args: object, **kwargs: object) -> str:
    with pytest.raises(DataError) as error:
        synthesise(*args, **kwargs)  # type: ignore[arg-type]
    return error.value.diagnostics[0].code


def test_one_study_is_its_own_answer() -> None:
    for ci_method in ("auto", "HKSJ", "HKSJ-adhoc", "Wald"):
        fit = synthesise(["A"], [0.4], [0.09], ci_method=ci_method)
        for pooled in (fit.common, fit.random):
            assert pooled.estimate == 0.4
            assert pooled.se == pytest.approx(0.3)
            assert pooled.ci_lower == pytest.approx(0.4 - 1.959963984540054 * 0.3)
            assert pooled.ci_method == "Wald"
            assert math.isnan(pooled.pred_lower)
        h = fit.heterogeneity
        assert (h.q, h.df, h.p_value, h.tau2, h.i2, h.h2) == (0.0, 0, 1.0, 0.0, 0.0, 1.0)
        assert math.isnan(h.tau2_ci_lower)
        assert math.isnan(h.tau2_ci_upper)
        assert fit.random_weights == fit.common_weights == (1.0,)


def test_two_studies_by_hand() -> None:
    """Equal variances: tau2 is half of the squared difference less the variance, by all three."""
    for method in ("DL", "PM", "REML"):
        fit = synthesise(["A", "B"], [0.0, 1.0], [0.1, 0.1], tau2_method=method)
        assert fit.heterogeneity.tau2 == pytest.approx(0.4)
        assert fit.random.estimate == pytest.approx(0.5)
        assert fit.random.ci_method == "Wald"
        assert math.isnan(fit.random.pred_upper)
    hksj = synthesise(["A", "B"], [0.0, 1.0], [0.1, 0.1], ci_method="HKSJ").random
    assert hksj.ci_method == "HKSJ"
    assert hksj.ci_upper == pytest.approx(0.5 + 12.706204736174694 * 0.5)


def test_auto_follows_its_rule() -> None:
    spread = synthesise(ABC, Y, V)
    assert spread.heterogeneity.tau2 > 0
    assert spread.random.ci_method == "HKSJ"
    close = synthesise(ABC, [0.1, 0.2, 0.15, 0.1], V)
    assert close.heterogeneity.tau2 == 0
    assert close.random.ci_method == "Wald"
    assert synthesise(["A", "B"], [0.0, 5.0], [0.1, 0.1]).random.ci_method == "Wald"


def test_the_guard_holds() -> None:
    close = {"estimates": [0.1, 0.12, 0.11, 0.1], "variances": V}
    plain = synthesise(ABC, **close, ci_method="HKSJ").random
    guarded = synthesise(ABC, **close, ci_method="HKSJ-adhoc").random
    wald = synthesise(ABC, **close, ci_method="Wald").random
    assert plain.se < wald.se
    assert guarded.se == pytest.approx(wald.se)
    assert guarded.ci_upper > wald.ci_upper


def test_methods_are_known_in_any_case() -> None:
    fit = synthesise(ABC, Y, V, tau2_method="reml", ci_method="hksj-ADHOC")
    assert fit.heterogeneity.tau2_method == "REML"
    assert fit.random.ci_method == "HKSJ-adhoc"


def test_weights_add_up() -> None:
    fit = synthesise(ABC, Y, V)
    assert sum(fit.common_weights) == pytest.approx(1)
    assert sum(fit.random_weights) == pytest.approx(1)
    assert np.ptp(fit.random_weights) < np.ptp(fit.common_weights)


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        (([], [], []), {}, "SYN001"),
        ((["A"], [0.1, 0.2], [0.1, 0.1]), {}, "SYN002"),
        ((["A", "B"], [0.1, 0.2], [0.1]), {}, "SYN002"),
        ((["A", "B"], [0.1, 0.2], [0.1, 0.0]), {}, "SYN003"),
        ((["A", "B"], [0.1, 0.2], [0.1, -0.1]), {}, "SYN003"),
        ((["A", "B"], [0.1, math.nan], [0.1, 0.1]), {}, "SYN004"),
        ((["A", "B"], [0.1, math.nan], [0.1, math.nan]), {}, "SYN004"),
        ((["A", "B"], [0.1, 0.2], [0.1, math.inf]), {}, "SYN004"),
        ((["A", "B"], [0.1, 1e200], [0.1, 0.1]), {}, "SYN007"),
        ((["A", "B"], [0.1, 0.2], [0.1, 1e-200]), {}, "SYN007"),
        ((ABC, Y, V), {"tau2_method": "XX"}, "SYN005"),
        ((ABC, Y, V), {"ci_method": "XX"}, "SYN005"),
        ((ABC, Y, V), {"level": 95}, "SYN006"),
        ((ABC, Y, V), {"level": 0.0}, "SYN006"),
    ],
)
def test_what_cannot_be_pooled(
    args: tuple[object, ...], kwargs: dict[str, object], expected: str
) -> None:
    assert code(*args, **kwargs) == expected


def test_every_bad_study_is_named() -> None:
    with pytest.raises(DataError) as error:
        synthesise(ABC, [0.1, math.nan, 0.3, 0.4], [0.1, 0.1, 0.0, 0.1])
    assert [d.found.split(":")[0] for d in error.value.diagnostics] == ["B", "C"]


@pytest.mark.parametrize("scale", [1e-40, 1e-10, 1.0, 1e10, 1e40])
def test_any_scale_will_do(scale: float) -> None:
    fit = synthesise(ABC, [y * scale for y in Y], [v * scale**2 for v in V])
    plain = synthesise(ABC, Y, V)
    assert fit.random.ci_upper / scale == pytest.approx(plain.random.ci_upper, rel=1e-10)
    assert fit.heterogeneity.tau2 / scale**2 == pytest.approx(plain.heterogeneity.tau2, rel=1e-10)


def test_a_distant_origin_does_no_harm() -> None:
    """Estimates near a million that differ in the first decimal."""
    far = synthesise(ABC, [y + 2.0**20 for y in Y], V).heterogeneity
    near = synthesise(ABC, Y, V).heterogeneity
    assert far.tau2 == pytest.approx(near.tau2, rel=1e-7)
    assert far.q == pytest.approx(near.q, rel=1e-7)


def test_one_precise_study_among_vague_ones() -> None:
    fit = synthesise(ABC, [0.0, 1.0, -1.0, 0.5], [1e-12, 1.0, 1.0, 1.0])
    assert fit.random.estimate == pytest.approx(0.0, abs=1e-9)
    assert fit.heterogeneity.tau2 >= 0


def test_identical_estimates() -> None:
    fit = synthesise(ABC, [0.5] * 4, V, ci_method="HKSJ")
    assert fit.heterogeneity.tau2 == 0
    assert fit.heterogeneity.q == pytest.approx(0, abs=1e-25)
    assert fit.heterogeneity.tau2_ci_upper == 0
    assert fit.random.estimate == pytest.approx(0.5)
    assert fit.random.ci_lower <= 0.5 <= fit.random.ci_upper


def test_a_thousand_studies() -> None:
    rng = np.random.default_rng(4)
    v = rng.uniform(0.01, 0.5, 1000)
    y = rng.normal(0.3, np.sqrt(v + 0.2))
    fit = synthesise([str(i) for i in range(1000)], y.tolist(), v.tolist())
    assert fit.heterogeneity.tau2 == pytest.approx(0.2, abs=0.05)
    assert fit.heterogeneity.tau2_ci_lower < 0.2 < fit.heterogeneity.tau2_ci_upper


def test_groups_of_different_sizes_side_by_side() -> None:
    y = np.array(
        [[0.1, 0.4, 0.3], [0.3, np.nan, 0.2], [0.9, np.nan, np.nan], [0.2, np.nan, np.nan]]
    )
    v = np.where(np.isnan(y), np.nan, 0.04)
    many = synthesise_many(y, v)
    assert many.k.tolist() == [4, 1, 2]
    assert many.ci_method.tolist() == ["HKSJ", "Wald", "Wald"]
    assert many.estimate[1] == 0.4
    assert np.isnan(many.tau2_ci_upper[1])


@pytest.mark.parametrize(
    ("y", "v", "expected"),
    [
        (np.zeros((2, 2)), np.ones((2, 3)), "SYN002"),
        (np.zeros(3), np.ones(3), "SYN002"),
        (np.zeros((0, 2)), np.ones((0, 2)), "SYN001"),
        (np.full((2, 1), np.nan), np.full((2, 1), np.nan), "SYN001"),
        (np.zeros((2, 1)), np.array([[1.0], [0.0]]), "SYN003"),
        (np.array([[0.0], [np.nan]]), np.ones((2, 1)), "SYN004"),
        (np.array([[0.0], [np.inf]]), np.ones((2, 1)), "SYN004"),
    ],
)
def test_arrays_that_cannot_be_pooled(
    y: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    v: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    expected: str,
) -> None:
    with pytest.raises(DataError) as error:
        synthesise_many(y, v)
    assert error.value.diagnostics[0].code == expected


def test_subgroups() -> None:
    by = synthesise_by(["x", "y", "x", "y"], ABC, Y, V, measure="MD")
    assert {name: fit.studies for name, fit in by.results.items()} == {
        "x": ("A", "C"),
        "y": ("B", "D"),
    }
    assert by.df == 1
    alone = synthesise_by(["x"] * 4, ABC, Y, V)
    assert (alone.df, alone.p_value) == (0, 1.0)
    assert alone.q == pytest.approx(0, abs=1e-20)
    for groups in (["x"], []):
        with pytest.raises(DataError) as error:
            synthesise_by(groups, ABC, Y, V)
        assert error.value.diagnostics[0].code == "SYN002"


def test_several_maxima_are_told() -> None:
    y, v = [0.9, -5.7, 0.2, 1.1], [0.46, 5.2, 2.21, 0.28]
    assert [d.code for d in reml_notes(y, v)] == ["SYN010"]
    assert reml_notes(Y, V) == ()


def test_what_a_mask_covers_is_missing_and_not_pooled() -> None:
    covered = np.ma.masked_array([0.1, 9.0, 0.2], [False, True, False])
    with pytest.raises(DataError) as caught:
        synthesise("ABC", covered, [0.1] * 3)
    assert caught.value.diagnostics[0].code == "SYN004"


def test_numbers_too_far_apart_to_compute_with() -> None:
    with pytest.raises(DataError) as caught:
        synthesise("ABC", [1e99, 0.1, 1.0], [1e-50, 1e50, 1.0])
    assert caught.value.diagnostics[0].code == "SYN007"


EVERY_METHOD: list[dict[str, str]] = [
    *({"tau2_method": name} for name in TAU2_METHODS),
    *({"ci_method": name} for name in CI_METHODS),
    *({"tau2_ci_method": name} for name in TAU2_CI_METHODS),
    *({"tau2_method": "DL", "pred_method": name} for name in PRED_METHODS),
    {"i2_method": "q"},
]


@pytest.mark.parametrize("methods", EVERY_METHOD, ids=str)
def test_one_alone_is_as_among_many(methods: dict[str, str]) -> None:
    """One meta-analysis has no axis of groups; with a longer one beside it, it has, and padding."""
    beside, padded = [1.2, -0.4, 0.3, 0.9, 0.1, 0.5], [math.nan] * 2
    for k in (1, 2, 4):
        y = np.array([[*Y[:k], *padded], beside[: k + 2]]).T
        v = np.array([[*V[:k], *padded], [0.2] * (k + 2)]).T
        many = synthesise_many(y, v, **methods)  # type: ignore[arg-type]
        one = synthesise(ABC[:k], Y[:k], V[:k], **methods)  # type: ignore[arg-type]
        told = {f.name: getattr(one.heterogeneity, f.name) for f in fields(Heterogeneity)}
        told["q_p_value"] = told["p_value"]
        told |= {f.name: getattr(one.random, f.name) for f in fields(Pooled)}
        for name in {f.name for f in fields(SynthesisBatch)} & told.keys():
            value = getattr(many, name)[0]
            if name in ("ci_method", "pred_method"):
                assert value == told[name], name
            else:
                assert told[name] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), name
