"""Arguments of the wrong kind are told as diagnostics, and odd ones that make sense are used."""

import pickle
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.groups import Runs, synthesise_runs

Y, V = [0.1, 0.3, 0.5, 0.2, 0.6], [0.04, 0.02, 0.03, 0.05, 0.01]
TABLE: dict[str, list[object]] = {
    "y": list(Y),
    "v": list(V),
    "x": [1, 2, 3, 4, 5],
    "study": [1, 1, 2, 2, 3],
    "outcome": ["a", "b", "a", "b", "a"],
}


def several(fixed: str = "1", random: object = "~ 1 | study", **more: object) -> osler.Multilevel:
    return osler.multilevel(fixed, TABLE, estimate="y", variance="v", random=random, **more)  # type: ignore[arg-type]


def sloped(x: list[float]) -> osler.Regression:
    return osler.regress("x", {**TABLE, "x": x}, estimate="y", variance="v")


R = np.diag([1.0, -1.0, 1.0])
WRONG: dict[str, tuple[str, Callable[[], object]]] = {
    "a level in a list": ("SYN006", lambda: osler.synthesise("abcde", Y, V, level=[0.9])),  # type: ignore[arg-type]
    "a method in a list": ("SYN005", lambda: osler.synthesise("abcde", Y, V, tau2_method=["DL"])),  # type: ignore[arg-type]
    "text for an estimate": ("FRM002", lambda: osler.synthesise("ab", ["x", 1], [1, 1])),  # type: ignore[list-item]
    "text to be put back": ("FRM002", lambda: osler.back("RR", "x")),
    "nothing fixed": ("MLV014", lambda: several("~ 0")),
    "a number as random term": ("MLV006", lambda: several(random=5)),
    "nothing random": ("MLV006", lambda: several(random=None)),
    "a random term among the fixed": ("REG001", lambda: several("~ x | study")),
    "a negative variance of a relation": (
        "MLV009",
        lambda: several(random=osler.Related("study", R, [1, 2, 3])),
    ),
    "a moderator too large": ("REG006", lambda: sloped([1e200, 2e200, 3e200, 4e200, 6e200])),
    "a moderator too small": ("REG006", lambda: sloped([1e-200, 2e-200, 3e-200, 4e-200, 6e-200])),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_used_is_told(name: str) -> None:
    code, call = WRONG[name]
    with pytest.raises(DataError) as caught:
        call()
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert all(d.help for d in caught.value.diagnostics)


def test_labels_of_any_kind_are_shown() -> None:
    fit = osler.synthesise([Decimal(1), b"x", "a\nb", 4, None], Y, V)  # type: ignore[list-item]
    assert fit.studies == ("1", "b'x'", "a\nb", "4", "None")
    assert "a b" in repr(fit)


def test_a_moderator_in_another_unit_gives_the_same_line() -> None:
    plain, large = sloped([1, 2, 3, 4, 6]), sloped([1e90, 2e90, 3e90, 4e90, 6e90])
    assert large.coefficient("x") * 1e90 == pytest.approx(plain.coefficient("x"), rel=1e-9)


def test_no_effect_at_all_without_any_spread_is_no_evidence_against_no_effect() -> None:
    fit = osler.synthesise("abc", [0.0] * 3, [0.1] * 3, ci_method="HKSJ")
    assert (fit.random.se, fit.random.ci_lower, fit.random.p_value) == (0.0, 0.0, 1.0)
    fit = osler.synthesise("abc", [0.2] * 3, [0.1] * 3, ci_method="HKSJ")
    assert (fit.random.ci_lower, fit.random.p_value) == (0.2, 0.0)


@pytest.mark.parametrize("structure", ["CS", "AR", "CAR", "UN", "HCS", "DIAG", "SPEXP"])
def test_a_fit_can_be_sent_to_another_process(structure: str) -> None:
    inner = "x" if structure in ("CAR", "SPEXP") else "outcome"
    fit = several(random=osler.Structured(inner, "study", structure))  # type: ignore[arg-type]
    assert repr(pickle.loads(pickle.dumps(fit))) == repr(fit)


def test_estimates_too_far_apart_are_told_by_every_way_of_pooling() -> None:
    far, near = ([1e90, -1e90], [1e-90, 1e-90]), ([0.1, 0.3], [0.1, 0.1])
    with pytest.raises(DataError) as one:
        osler.synthesise("ab", *far)
    with pytest.raises(DataError) as many:
        osler.synthesise_many(np.transpose([near[0], far[0]]), np.transpose([near[1], far[1]]))
    runs = synthesise_runs(
        np.array(near[0] + far[0]), np.array(near[1] + far[1]), Runs.of_ends([2, 4])
    )
    assert one.value.diagnostics[0].code == many.value.diagnostics[0].code == "SYN007"
    assert "group 1" in many.value.diagnostics[0].found
    assert list(runs.problems) == [1]
    assert runs.pooled.estimate[0] == pytest.approx(0.2)


def test_variances_too_far_apart_are_not_aggregated() -> None:
    with pytest.raises(DataError) as caught:
        osler.aggregate_effects([0.1, 0.2], [1e300, 1e-300], [1, 1], rho=0.5)
    assert caught.value.diagnostics[0].code == "SYN007"


def test_the_prediction_of_two_studies_has_no_method() -> None:
    many = osler.synthesise_many(
        [[0.1, 0.1], [0.2, 0.2], [np.nan, 0.3]], [[0.1, 0.1]] * 2 + [[np.nan, 0.1]]
    )
    assert many.pred_method.tolist() == ["", "V"]


def test_a_level_keeps_its_digits() -> None:
    assert "97.5% CI" in repr(osler.synthesise("abc", [0.1, 0.2, 0.4], [0.1] * 3, level=0.975))
    assert (
        "97.5% CI"
        in osler.leave_one_out(
            osler.synthesise("abc", [0.1, 0.2, 0.4], [0.1] * 3), level=0.975
        ).text()
    )


def test_one_degree_of_freedom_is_one() -> None:
    fit = osler.synthesise("ab", [0.1, 0.2], [0.1] * 2, ci_method="HKSJ")
    assert "1 degree of freedom" in repr(fit)


def test_leaving_out_each_of_many_shows_the_first() -> None:
    k = 200
    labels = [f"study {i}" for i in range(k)]
    shown = repr(osler.leave_one_out(osler.synthesise(labels, np.linspace(0, 1, k), [0.1] * k)))
    assert "... 141 more; columns() has them all" in shown
    assert len(shown.splitlines()) < 80
