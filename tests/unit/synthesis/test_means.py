"""Intervals of the mean and predictions beyond Wald's and Hartung and Knapp's."""

import math

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis import CI_METHODS, synthesise, synthesise_many
from osler.synthesis.intervals import CI_NAMES, MEAN_METHODS, PRED_METHODS, PRED_NAMES
from osler.synthesis.intervals.likelihood import mean_likelihood_interval
from osler.synthesis.kernel import block_of
from osler.synthesis.permutation import permutation_test

Y, V = [0.1, 0.3, 0.9, 0.2, -0.4], [0.04, 0.02, 0.03, 0.05, 0.06]
LABELS = list("ABCDE")


def test_every_method_has_a_name() -> None:
    assert set(CI_METHODS) == {"auto", *MEAN_METHODS}
    assert set(CI_NAMES) == set(MEAN_METHODS)
    assert set(PRED_NAMES) == set(PRED_METHODS)


@pytest.mark.parametrize("method", MEAN_METHODS)
def test_a_bound_is_where_the_test_gives_its_level(method: str) -> None:
    """Move the estimates so that the upper bound comes to 0: the p-value is then 0.05."""
    upper = synthesise(LABELS, Y, V, ci_method=method, tau2_method="ML").random.ci_upper
    moved = synthesise(LABELS, [y - upper for y in Y], V, ci_method=method, tau2_method="ML")
    assert moved.random.p_value == pytest.approx(0.05, abs=1e-7)


@pytest.mark.parametrize("method", MEAN_METHODS)
def test_many_are_one_by_one(method: str) -> None:
    y, v = np.full((5, 3), np.nan), np.full((5, 3), np.nan)
    for group, k in enumerate((5, 1, 3)):
        y[:k, group], v[:k, group] = Y[:k], V[:k]
    many = synthesise_many(y, v, ci_method=method)
    for group, k in enumerate((5, 1, 3)):
        one = synthesise(LABELS[:k], Y[:k], V[:k], ci_method=method).random
        assert many.ci_lower[group] == pytest.approx(one.ci_lower, rel=1e-8, nan_ok=True)
        assert many.p_value[group] == pytest.approx(one.p_value, rel=1e-6, nan_ok=True)
        assert many.df[group] == one.df or math.isclose(many.df[group], one.df)
        assert many.ci_method[group] == one.ci_method


def test_equal_variances_make_kenward_and_roger_student() -> None:
    kr = synthesise(LABELS, Y, [0.02] * 5, ci_method="KR").random
    hksj = synthesise(LABELS, Y, [0.02] * 5, ci_method="HKSJ").random
    assert kr.df == pytest.approx(4)
    assert kr.ci_upper == pytest.approx(hksj.ci_upper)


def test_too_few_degrees_of_freedom_are_said() -> None:
    fit = synthesise(["A", "B"], [0.0, 1.0], [1e-6, 1.0], ci_method="KR")
    assert math.isnan(fit.random.ci_lower)
    assert fit.random.df < 1
    assert "fewer than one" in fit.notes[-1]
    assert "fewer than one" in fit.summary().replace("\n    ", " ")


def test_a_method_made_for_another_estimator_is_said() -> None:
    for method, word in (("KR", "REML"), ("PL", "maximum likelihood"), ("HC", "DerSimonian")):
        fit = synthesise(LABELS, Y, V, ci_method=method, tau2_method="PM")
        assert word in " ".join(fit.notes)
    assert synthesise(LABELS, Y, V, ci_method="KR").notes == ()
    assert synthesise(LABELS, Y, V, ci_method="PL", tau2_method="ML").notes == ()


def test_the_hybrid_is_the_wider() -> None:
    close = [0.1, 0.12, 0.11, 0.1, 0.12]
    hybrid = synthesise(LABELS, close, V, ci_method="HKSJ-hybrid").random
    wald = synthesise(LABELS, close, V, ci_method="Wald").random
    assert hybrid.ci_upper == wald.ci_upper
    assert math.isinf(hybrid.df)
    spread = synthesise(LABELS, Y, V, ci_method="HKSJ-hybrid").random
    assert spread.ci_upper == synthesise(LABELS, Y, V, ci_method="HKSJ").random.ci_upper


def test_bartletts_correction_of_equal_variances() -> None:
    """For a normal sample of k the mean of the likelihood ratio is 1 + 3 / (2k)."""
    y, v = np.array(Y)[:, None], np.full((5, 1), 1e-3)
    found = mean_likelihood_interval(block_of(y, v, np.ones(y.shape, bool)), 0.95, bartlett=True)
    assert found.correction[0] == pytest.approx(1 + 3 / 10)
    # With v small beside tau2 the likelihood is that of a sample: bounds in closed form.
    fall = 1.3 * 3.841458820694124
    half = np.std(Y) * math.sqrt(math.expm1(fall / 5))
    assert found.upper[0] == pytest.approx(np.mean(Y) + half, rel=1e-6)


@pytest.mark.parametrize("method", ["HKSJ", "KR", "PL-Bartlett", "HC"])
def test_intervals_keep_their_promise(method: str) -> None:
    rng = np.random.default_rng(6)
    v = rng.uniform(0.02, 0.4, (8, 1)) * np.ones((8, 200 if method == "HC" else 600))
    y = rng.normal(0.3, np.sqrt(v + 0.1))
    many = synthesise_many(y, v, ci_method=method, tau2_ci_method="none")
    inside = ((many.ci_lower <= 0.3) & (many.ci_upper >= 0.3)).mean()
    assert 0.9 < inside < 0.99


@pytest.mark.parametrize("method", PRED_METHODS)
def test_predictions_lie_around_the_estimate(method: str) -> None:
    random = synthesise(LABELS, Y, V, pred_method=method).random
    assert random.pred_method == method
    assert random.pred_lower < random.ci_lower < random.ci_upper < random.pred_upper
    two = synthesise(LABELS[:2], Y[:2], V[:2], pred_method=method).random
    assert math.isnan(two.pred_lower)
    assert two.pred_method == ""


def test_predictions_follow_the_interval() -> None:
    expected = {"HKSJ": "HK", "HKSJ-adhoc": "HK-adhoc", "KR": "KR", "Wald": "V", "t": "V"}
    for ci_method, pred_method in expected.items():
        fit = synthesise(LABELS, Y, V, ci_method=ci_method)
        assert fit.random.pred_method == pred_method


def test_the_same_seed_gives_the_same_prediction() -> None:
    one, other, third = (
        synthesise(LABELS, Y, V, pred_method="NNF", seed=seed).random.pred_lower
        for seed in (1, 1, 2)
    )
    assert one == other != third
    y, v = np.array([Y, Y]).T, np.array([V, V]).T
    many = synthesise_many(y, v, pred_method="NNF", seed=1)
    assert many.pred_lower.tolist() == pytest.approx([one, one])


def test_predictions_by_draws_keep_their_promise() -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.05, 0.3, (6, 1)) * np.ones((6, 40))
    y = rng.normal(0.0, np.sqrt(v + 0.15))
    many = synthesise_many(y, v, pred_method="NNF", tau2_ci_method="none")
    new = rng.normal(0.0, math.sqrt(0.15), 40)
    inside = ((many.pred_lower <= new) & (new <= many.pred_upper)).mean()
    assert inside > 0.88


def test_weights_of_ones_own() -> None:
    fit = synthesise(LABELS, Y, V, weights=[2.0] * 5, ci_method="t")
    assert fit.random.estimate == pytest.approx(np.mean(Y))
    assert fit.weighting == "own"
    assert fit.random_weights == pytest.approx([0.2] * 5)
    assert "as given" in fit.summary()
    tau2 = fit.heterogeneity.tau2
    assert fit.random.se == pytest.approx(math.sqrt(sum(v + tau2 for v in V)) / 5)
    same = synthesise(LABELS, Y, V, weights=[1 / (v + tau2) for v in V])
    assert same.random.se == pytest.approx(synthesise(LABELS, Y, V, ci_method="Wald").random.se)
    for options in ({"ci_method": "HKSJ"}, {"pred_method": "KR"}):
        with pytest.raises(DataError) as error:
            synthesise(LABELS, Y, V, weights=[1.0] * 5, **options)  # type: ignore[arg-type]
        assert error.value.diagnostics[0].code == "SYN013"
    with pytest.raises(DataError) as error:
        fit.ci(method="HKSJ")
    assert error.value.diagnostics[0].code == "SYN013"


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("tau2_ci_method", "XX", "SYN005"),
        ("pred_method", "XX", "SYN005"),
        ("i2_method", "XX", "SYN005"),
        ("weights", [1.0, 1.0, 1.0, 1.0, -1.0], "SYN012"),
    ],
)
def test_choices_that_cannot_be_used(option: str, value: object, code: str) -> None:
    with pytest.raises(DataError) as error:
        synthesise(LABELS, Y, V, **{option: value})  # type: ignore[arg-type]
    assert error.value.diagnostics[0].code == code


def test_permutations() -> None:
    fit = synthesise(list("ABCDEF"), [0.3, 0.5, 0.2, 0.4, 0.6, 0.1], [0.04] * 6)
    test = permutation_test(fit, interval=True)
    assert test.exact
    assert test.patterns == 64
    assert test.p_value == 2 / 64
    assert test.ci_lower < test.estimate < test.ci_upper
    assert "64 (all)" in test.summary()
    assert "all, 64 patterns" in test.text()
    assert "as likely" in str(test.why("p_value"))
    few = permutation_test(synthesise(LABELS[:3], Y[:3], V[:3]), interval=True)
    assert math.isnan(few.ci_lower)
    assert "no p-value below 0.25" in few.notes[0]


def test_random_permutations() -> None:
    rng = np.random.default_rng(1)
    v = rng.uniform(0.02, 0.2, 20)
    y = rng.normal(0.2, np.sqrt(v + 0.05))
    fit = synthesise([str(i) for i in range(20)], y.tolist(), v.tolist())
    one, other = (permutation_test(fit, draws=2000, seed=4) for _ in range(2))
    assert not one.exact
    assert one.p_value == other.p_value
    assert one.patterns == 2001
    with pytest.raises(DataError) as error:
        permutation_test(fit, draws=0)
    assert error.value.diagnostics[0].code == "SYN016"
