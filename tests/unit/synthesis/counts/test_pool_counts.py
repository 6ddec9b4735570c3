import math
import time

import numpy as np
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.counts import (
    METHODS,
    CountsSynthesis,
    pool_counts,
    proportion_interval,
    rate_interval,
)

# Nielweise et al. (2007), catheters: infections and patients, coated and standard.
CATHETERS = {
    "study": [str(i) for i in range(1, 19)],
    "ai": [0, 1, 2, 0, 5, 1, 1, 1, 1, 1, 0, 0, 3, 6, 0, 0, 1, 4],
    "n1i": [116, 44, 208, 130, 151, 98, 174, 74, 97, 113, 66, 70, 188, 187, 118, 252, 345, 64],
    "ci": [3, 3, 9, 7, 6, 4, 3, 2, 19, 2, 7, 1, 5, 11, 0, 1, 3, 1],
    "n2i": [117, 35, 195, 136, 157, 139, 177, 39, 103, 122, 64, 58, 175, 180, 105, 262, 362, 69],
}
ZEROS = {"ai": [1, 0, 5], "n1i": [50, 40, 60], "ci": [3, 4, 9], "n2i": [50, 40, 60]}
LINES = {
    "x1i": [7, 8, 3, 6, 1, 1, 17, 3, 2],
    "t1i": [1344, 1600, 12012, 1536, 370, 729, 6760, 1107, 320],
    "x2i": [11, 8, 14, 10, 1, 8, 15, 7, 3],
    "t2i": [1988, 1461, 10962, 1503, 483, 913, 6840, 1015, 440],
}
GROUPS = {
    "xi": [16, 10, 4, 43, 10, 25, 13, 12, 22, 4, 5, 18, 58, 6],
    "ni": [17, 12, 8, 58, 10, 42, 14, 12, 41, 5, 6, 23, 68, 10],
}


def table(a: list[int], n1: list[int], c: list[int], n2: list[int]) -> dict[str, list[int]]:
    return {"ai": a, "n1i": n1, "ci": c, "n2i": n2}


def code(*args: object, **kwargs: object) -> str:
    with pytest.raises(DataError) as error:
        pool_counts(*args, **kwargs)  # type: ignore[arg-type]
    return error.value.diagnostics[0].code


def data_for(measure: str) -> dict[str, list[object]]:
    if measure in ("IRR", "IRD"):
        return LINES  # type: ignore[return-value]
    if measure == "PLO":
        return GROUPS  # type: ignore[return-value]
    if measure == "IRLN":
        return {"events": LINES["x2i"], "time": LINES["t2i"]}  # type: ignore[dict-item]
    return CATHETERS  # type: ignore[return-value]


EVERY = [(measure, method) for measure, methods in METHODS.items() for method in methods]


@pytest.mark.parametrize(("measure", "method"), EVERY)
def test_every_method_tells_itself(measure: str, method: str) -> None:
    fit = pool_counts(data_for(measure), measure=measure, method=method)
    assert fit.pooled.ci_lower < fit.pooled.estimate < fit.pooled.ci_upper
    summary = fit.summary()
    assert max(len(line) for line in summary.splitlines()) <= 96
    assert measure in summary and "Methods" in summary
    for choice in fit.choices:
        assert choice[1:] in summary.replace("\n   ", "")
    told = fit.text()
    assert told.startswith("We pooled the ") and told.endswith(".")
    for name in fit.reasons():
        why = fit.why(name)
        assert why.how and why.source and why.inputs, name
    assert len(fit.to_frame("pandas")) == fit.k
    assert "nan" not in summary + told


def test_text_of_real_data() -> None:
    fit = pool_counts(CATHETERS, method="GLMM-CM.EL")
    assert fit.text() == (
        "We pooled the odds ratios of 17 studies by the conditional mixed model, exact "
        "likelihood (CM.EL; maximum likelihood, adaptive Gauss-Hermite quadrature with 21 "
        "nodes). Not pooled: 15 (no one, or everyone, had the event in each arm). The "
        "common-effect odds ratio was 0.29 (95% CI 0.19 to 0.46, Wald; p < 0.001). The "
        "random-effects odds ratio was 0.26 (95% CI 0.13 to 0.51, Wald; p < 0.001), with a "
        "95% prediction interval of 0.04 to 1.76. The between-study variance tau² was 0.693 "
        "(I² = 41.1%; likelihood ratio test: χ² = 28.61, df 16, p = 0.027)."
    )


def test_why_names_formula_and_inputs() -> None:
    why = str(pool_counts(CATHETERS).why("common.estimate"))
    assert "log(Σ aᵢdᵢ/Nᵢ / Σ bᵢcᵢ/Nᵢ)" in why
    assert "(18 in all)" in why and "Mantel & Haenszel (1959)" in why
    with pytest.raises(DataError):
        pool_counts(CATHETERS).why("random.estimate")


def test_any_frame_and_names_of_ones_own() -> None:
    pandas = pytest.importorskip("pandas")
    plain = pool_counts(CATHETERS).common
    assert pool_counts(pandas.DataFrame(CATHETERS)).common == plain
    renamed = {
        "who": CATHETERS["study"],
        "p": CATHETERS["ai"],
        "q": CATHETERS["n1i"],
        "r": CATHETERS["ci"],
        "s": CATHETERS["n2i"],
    }
    roles = {
        "study": "who",
        "events_treated": "p",
        "n_treated": "q",
        "events_control": "r",
        "n_control": "s",
    }
    fit = pool_counts(renamed, columns=roles)
    assert fit.common == plain and fit.studies == tuple(CATHETERS["study"])


def test_effects_keep_their_counts() -> None:
    class Made:
        studies = tuple(CATHETERS["study"])
        arms = {
            "events_treated": np.array(CATHETERS["ai"], float),
            "n_treated": np.array(CATHETERS["n1i"], float),
            "events_control": np.array(CATHETERS["ci"], float),
            "n_control": np.array(CATHETERS["n2i"], float),
        }

    assert pool_counts(Made()).common == pool_counts(CATHETERS).common


def test_nonevents_make_sizes() -> None:
    got = pool_counts({"tpos": [4, 6], "tneg": [119, 300], "cpos": [11, 29], "cneg": [128, 274]})
    assert got.sizes == ((123.0, 139.0), (306.0, 303.0))


def test_rows_without_a_number_are_named() -> None:
    fit = pool_counts(
        {"study": ["A", "B", "C"], **table([1, 2, None], [9, 9, 9], [3, 4, 1], [9, 9, 9])}  # type: ignore[list-item]
    )
    assert fit.left_out == (("C", "a count is missing"),)
    assert "Left out: 1 study" in fit.summary()


def test_double_zeros_are_named_or_kept() -> None:
    kept = pool_counts(CATHETERS)
    assert kept.k == 18 and kept.weights[14] == 0
    assert any("no event" in note for note in kept.notes)
    assert pool_counts(CATHETERS, double_zero_studies="drop").k == 17
    assert pool_counts(CATHETERS, double_zero_studies="drop").common == kept.common
    for method in ("GLMM-UM.FS", "GLMM-CM.AL"):
        assert pool_counts(CATHETERS, method=method, double_zero_studies="keep").k == 17
    assert pool_counts(CATHETERS, method="beta-binomial").k == 18
    assert pool_counts(CATHETERS, correction="RevMan").left_out[0][0] == "15"


def test_risk_differences_count_studies_without_events() -> None:
    fit = pool_counts(CATHETERS, measure="RD")
    assert fit.weights[14] > 0
    assert fit.common is not None
    without = pool_counts(CATHETERS, measure="RD", double_zero_studies="drop").common
    assert without is not None and abs(without.estimate) > abs(fit.common.estimate)


class TestWherePeersFail:
    """Tables with zeros on which other programs crash or give wrong numbers."""

    def test_mantel_haenszel_with_a_zero_cell(self) -> None:
        """Nothing added: -1.0739; 1/2 in the study with a zero (RevMan, meta): -1.0205."""
        none, half = pool_counts(ZEROS).common, pool_counts(ZEROS, correction="RevMan").common
        assert none is not None and half is not None
        assert none.estimate == pytest.approx(-1.07390361943, abs=1e-10)
        assert half.estimate == pytest.approx(-1.02050100177, abs=1e-10)

    def test_peto_adds_nothing(self) -> None:
        fit = pool_counts(ZEROS, method="Peto").common
        assert fit is not None and round(fit.estimate, 4) == -0.9902

    def test_a_study_in_which_everyone_had_the_event(self) -> None:
        """It stays in the risk ratio, as in metafor, and the result says what it does."""
        fit = pool_counts(table([12, 20, 5], [20, 20, 30], [9, 20, 4], [20, 20, 30]), measure="RR")
        assert fit.k == 3 and fit.weights[1] > 0
        assert any("towards 1" in note for note in fit.notes)

    def test_mixed_models_of_double_zeros(self) -> None:
        for method in ("GLMM-UM.FS", "GLMM-UM.RS", "GLMM-CM.EL", "GLMM-CM.AL"):
            assert math.isfinite(pool_counts(CATHETERS, method=method).pooled.estimate)

    def test_mixed_model_of_proportions_of_one(self) -> None:
        fit = pool_counts(GROUPS, measure="PLO")
        assert round(fit.pooled.estimate, 3) == 1.377
        assert "100.0% (69.2% to 100.0%)" in fit.summary()

    def test_double_zero_aborts_nothing(self) -> None:
        both = table([1, 0, 2], [50, 40, 60], [3, 0, 4], [50, 40, 60])
        for measure in ("OR", "RR", "RD"):
            assert math.isfinite(pool_counts(both, measure=measure).pooled.estimate)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"measure": "SMD"}, "CNT001"),
        ({"method": "GLMM"}, "CNT005"),
        ({"method": "best"}, "CNT001"),
        ({"ci_method": "HKSJ"}, "CNT001"),
        ({"ci_method": "profile"}, "CNT009"),
        ({"method": "beta-binomial", "ci_method": "profile"}, "CNT009"),
        ({"level": 95}, "CNT002"),
        ({"level": float("nan")}, "CNT002"),
        ({"correction": "half"}, "CNT001"),
        ({"correction": "constant", "add": -1.0}, "CNT009"),
        ({"correction": "constant", "where": "here"}, "CNT001"),
        ({"correction": "constant", "method": "GLMM-UM.FS"}, "CNT009"),
        ({"variance": "Cornfield"}, "CNT001"),
        ({"double_zero_studies": "hide"}, "CNT001"),
        ({"quadrature_points": 0}, "CNT009"),
        ({"effect_coding": 2.0}, "CNT009"),
        ({"measure": "IRR"}, "CNT006"),
        ({"measure": "RD", "method": "Peto"}, "CNT005"),
    ],
)
def test_wrong_choices(given: dict[str, object], expected: str) -> None:
    assert code(CATHETERS, **given) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (([31], [29], [3], [40]), "CNT003"),
        (([-1], [29], [3], [40]), "CNT003"),
        (([1.5], [29], [3], [40]), "CNT003"),
        (([1], [0], [3], [40]), "CNT003"),
        (([1], [float("inf")], [3], [40]), "CNT003"),
        (([None], [None], [3], [40]), "CNT007"),
        (([0, 0], [9, 9], [0, 0], [9, 9]), "CNT007"),
        (([0, 0], [9, 9], [3, 1], [9, 9]), "CNT008"),
        (([9, 9], [9, 9], [3, 1], [9, 9]), "CNT008"),
        (([], [], [], []), "CNT007"),
    ],
)
def test_impossible_counts(counts: tuple[list[int], ...], expected: str) -> None:
    assert code(table(*counts)) == expected


def test_rates_need_time() -> None:
    for time_treated in (0, -4, float("inf")):
        given = {"x1i": [1], "t1i": [time_treated], "x2i": [2], "t2i": [40]}
        assert code(given, measure="IRR") == "CNT004"


SEPARATED = table([0, 0, 0], [30, 40, 50], [3, 1, 4], [30, 40, 50])


@pytest.mark.parametrize(
    "method", ["MH", "GLMM-UM.FS", "GLMM-UM.RS", "GLMM-CM.EL", "GLMM-CM.AL", "beta-binomial"]
)
def test_separation_is_said(method: str) -> None:
    with pytest.raises(DataError) as error:
        pool_counts(SEPARATED, method=method)
    found = error.value.diagnostics[0]
    assert found.code == "CNT008"
    assert "no treated participant of any study had the event" in found.found


def test_exact_limits_hold_under_separation() -> None:
    fit = pool_counts(SEPARATED, method="exact")
    assert fit.common is not None
    assert fit.common.estimate == fit.common.ci_lower == -math.inf
    assert math.isfinite(fit.common.ci_upper) and math.isnan(fit.common.se)
    assert "the estimate is infinite" in fit.summary()
    assert "0 (95% CI 0 to 0.57)" in fit.summary()


def test_all_or_none_of_single_groups() -> None:
    for x in ([0, 0], [7, 9]):
        for method in ("GLMM", "beta-binomial"):
            given = {"xi": x, "ni": [7, 9]}
            assert code(given, measure="PLO", method=method) == "CNT008"
    given = {"events": [0, 0], "time": [10.0, 20.0]}
    assert code(given, measure="IRLN") == "CNT008"


@pytest.mark.parametrize("method", METHODS["OR"])
def test_one_and_two_studies(method: str) -> None:
    one = pool_counts(table([3], [30], [7], [31]), method=method)
    assert one.k == 1 and any("one study" in note for note in one.notes)
    assert math.isfinite(one.pooled.estimate) and math.isnan(one.pooled.pred_lower)
    two = pool_counts(table([3, 4], [30, 40], [7, 9], [31, 44]), method=method)
    assert math.isfinite(two.pooled.se)
    assert "nan" not in one.summary() + two.summary()


def test_one_study_has_no_t() -> None:
    assert code(table([3], [30], [7], [31]), method="GLMM-UM.FS", ci_method="t") == "CNT009"


@pytest.mark.parametrize("method", METHODS["OR"])
def test_identical_studies(method: str) -> None:
    same = pool_counts(table([3] * 5, [30] * 5, [7] * 5, [30] * 5), method=method)
    assert same.heterogeneity.tau2 in (0.0, pytest.approx(0.0, abs=1e-12)) or math.isnan(
        same.heterogeneity.tau2
    )
    assert not [note for note in same.notes if "settle" in note]


@pytest.mark.parametrize("method", ["GLMM-UM.FS", "GLMM-UM.RS", "GLMM-CM.EL", "GLMM-CM.AL"])
def test_effects_that_differ_wildly(method: str) -> None:
    wild = table([1, 49, 1, 49, 2, 48], [50] * 6, [49, 1, 48, 2, 49, 1], [50] * 6)
    fit = pool_counts(wild, method=method)
    assert 10 < fit.heterogeneity.tau2 < 200
    assert abs(fit.pooled.estimate) < 1


def test_large_numbers() -> None:
    big = table([100, 900, 400], [10**6] * 3, [150, 800, 500], [10**6] * 3)
    el = pool_counts(big, method="GLMM-CM.EL").pooled
    al = pool_counts(big, method="GLMM-CM.AL").pooled
    assert el.estimate == pytest.approx(al.estimate, abs=1e-3)
    assert math.isfinite(pool_counts(big, method="beta-binomial").pooled.se)


def test_intervals_of_mixed_models() -> None:
    wald = pool_counts(CATHETERS, method="GLMM-CM.AL")
    t = pool_counts(CATHETERS, method="GLMM-CM.AL", ci_method="t")
    profile = pool_counts(CATHETERS, method="GLMM-CM.AL", ci_method="profile")
    assert t.pooled.df == 16 and t.pooled.ci_method == "t"
    assert t.pooled.ci_upper > wald.pooled.ci_upper
    assert profile.pooled.ci_method == "profile"
    assert profile.heterogeneity.tau2_ci_lower == 0
    assert profile.heterogeneity.tau2 < profile.heterogeneity.tau2_ci_upper < 10
    assert profile.pooled.ci_lower < wald.pooled.ci_lower
    assert wald.pooled.p_value < 0.01 and profile.pooled.p_value < 0.01


def test_a_profile_limit_lies_where_the_likelihood_has_fallen() -> None:
    """With tau2 = 0 and one study it is the likelihood interval of a 2 x 2 table's own law."""
    fit = pool_counts(LINES, measure="IRR", method="GLMM-CM.EL", ci_method="profile")
    wide = pool_counts(LINES, measure="IRR", method="GLMM-CM.EL", ci_method="profile", level=0.99)
    assert wide.pooled.ci_lower < fit.pooled.ci_lower
    assert wide.heterogeneity.tau2_ci_upper > fit.heterogeneity.tau2_ci_upper


def test_more_nodes_change_nothing() -> None:
    for method, points in (("GLMM-CM.EL", 41), ("GLMM-UM.FS", 41), ("GLMM-UM.RS", 17)):
        data = LINES if method == "GLMM-UM.RS" else CATHETERS
        measure = "IRR" if method == "GLMM-UM.RS" else "OR"
        auto = pool_counts(data, measure=measure, method=method)
        many = pool_counts(data, measure=measure, method=method, quadrature_points=points)
        assert auto.log_likelihood == pytest.approx(many.log_likelihood, abs=2e-8)
        assert auto.pooled.estimate == pytest.approx(many.pooled.estimate, abs=1e-6)


def test_correlated_effects_never_fit_worse() -> None:
    few = {name: values[:9] for name, values in CATHETERS.items()}
    plain = pool_counts(few, method="GLMM-UM.RS", quadrature_points=7)
    tied = pool_counts(few, method="GLMM-UM.RS", quadrature_points=7, correlated=True)
    assert tied.log_likelihood >= plain.log_likelihood - 1e-8
    assert -1 <= tied.heterogeneity.rho <= 1 and "rho = " in tied.summary()


def test_corrections() -> None:
    half = pool_counts(ZEROS, correction="constant", add=0.5).common
    assert half == pool_counts(ZEROS, correction="RevMan").common
    everywhere = pool_counts(ZEROS, correction="constant", where="all").common
    arm = pool_counts(ZEROS, correction="treatment-arm").common
    assert half is not None and everywhere is not None and arm is not None
    assert everywhere.estimate > half.estimate
    assert arm.estimate == pytest.approx(half.estimate)  # arms of one size: the same
    if0all = pool_counts(ZEROS, correction="constant", where="if0all").common
    assert if0all == everywhere


def test_mid_p_is_narrower() -> None:
    exact = pool_counts(ZEROS, method="exact").common
    mid = pool_counts(ZEROS, method="exact", mid_p=True).common
    assert exact is not None and mid is not None
    assert exact.ci_lower < mid.ci_lower < mid.ci_upper < exact.ci_upper
    assert mid.p_value < exact.p_value


def test_single_intervals() -> None:
    for method in ("Clopper-Pearson", "Wilson", "Agresti-Coull", "Jeffreys"):
        lower, upper = proportion_interval([0, 3, 10], [10, 10, 10], method=method)
        assert (lower >= 0).all() and (upper <= 1).all() and (lower < upper).all()
    with pytest.raises(DataError):
        proportion_interval([3], [10], method="Wald")
    with pytest.raises(DataError):
        proportion_interval([11], [10])
    with pytest.raises(DataError):
        rate_interval([1], [0.0])


def test_conditional_exact_is_quick() -> None:
    """metafor takes 8 to 13 seconds for such a table."""
    pool_counts(CATHETERS, method="GLMM-CM.EL")
    times = []
    for _ in range(3):
        start = time.process_time()
        pool_counts(CATHETERS, method="GLMM-CM.EL")
        times.append(time.process_time() - start)
    assert min(times) < 0.5  # 0.03 s on an idle machine


def test_a_fit_is_frozen() -> None:
    fit: CountsSynthesis = pool_counts(ZEROS)
    with pytest.raises(AttributeError):
        fit.level = 0.9  # type: ignore[misc]


# Gibson et al. (2002), asthma: dat.gibson2002 of metadat, first three studies and those
# whose sizes at randomisation are not those of the outcome.
ASTHMA = {
    "author": ["Cote", "Heard", "Ignacio-Garcia", "Lahdensuo", "Garret", "Neri", "Yoon", "Brewin"],
    "year": [1997, 1999, 1995, 1996, 1994, 1996, 1993, 1995],
    "n1i": [50, 97, 35, 56, 119, 32, 28, 12],
    "ai": [None, 34, 24, 13, 58, 7, 5, 0],
    "bi": [None, 63, 11, 43, 42, 25, 23, 12],
    "n2i": [54, 94, 35, 59, 100, 33, 28, 33],
    "ci": [None, 36, 29, 25, 57, 13, 4, 16],
    "di": ["NR", 58, 6, 34, 33, 20, 24, 17],
}


def test_cells_count_where_a_size_disagrees() -> None:
    fit = pool_counts(ASTHMA, "OR")
    assert fit.common is not None
    # metafor 3.8-1: rma.mh(ai=ai, bi=bi, ci=ci, di=di, data=dat.gibson2002)
    assert fit.common.estimate == pytest.approx(-0.47684092, abs=5e-9)
    assert fit.common.se == pytest.approx(0.16109352, abs=5e-9)
    assert fit.sizes[fit.studies.index("Garret 1994")] == (100, 90)
    assert any("Garret 1994: n_treated is 119" in note for note in fit.notes)
    assert "which is taken" in fit.text()
    assert fit.left_out == (("Cote 1997", "a count is missing"),)


def test_a_table_its_effects_and_their_synthesis_agree() -> None:
    whole = {name: values[1:] for name, values in ASTHMA.items()}
    plain = pool_counts(whole, "OR")
    effects = osler.estimate_effects(whole, "OR")
    assert plain.studies == effects.studies
    for given in (effects, osler.pool(whole, "OR")):
        assert pool_counts(given, "OR").common == plain.common


def test_rows_of_one_name_are_told_apart() -> None:
    twice = {**{name: values[:2] for name, values in ZEROS.items()}, "study": ["A", "A"]}
    assert pool_counts(twice).studies == ("A", "A (row 2)")


def test_a_column_that_could_be_two_things() -> None:
    assert code({**ZEROS, "event.e": [1, 2, 3]}) == "DAT002"
    assert code(ZEROS, columns={"events": "ai"}) == "EFF050"


def test_one_event_a_study_says_nothing_of_tau2() -> None:
    ones = table([1, 0, 0, 0, 0], [20] * 5, [0, 1, 1, 1, 0], [20] * 5)
    for method in ("GLMM-CM.EL", "GLMM-CM.AL"):
        for ci_method in ("Wald", "profile"):
            fit = pool_counts(ones, method=method, ci_method=ci_method)
            assert fit.random is not None and fit.common is not None
            assert fit.random.estimate == pytest.approx(-math.log(3), rel=1e-9)
            # The odds in favour of one arm, 1 to 3: its log has variance 1/1 + 1/3.
            assert fit.random.se == pytest.approx(math.sqrt(4 / 3), rel=1e-8)
            assert fit.heterogeneity.tau2 == 0 and fit.random.ci_method == "Wald"
            assert any("tau² is taken to be 0" in note for note in fit.notes)


def test_where_the_likelihood_rises_with_tau2_the_common_effect_stands_alone() -> None:
    split = table([3, 0], [20, 20], [0, 4], [20, 20])
    for method in ("GLMM-CM.EL", "GLMM-CM.AL"):
        fit = pool_counts(split, method=method)
        assert fit.random is None and fit.pooled is fit.common
        assert math.isnan(fit.heterogeneity.tau2)
        assert "rises without end with tau²" in fit.text()
        assert "nan" not in fit.summary() + fit.text()
    # An intercept of its own keeps each study's effects in reach.
    assert pool_counts(split, method="GLMM-UM.FS").random is not None


def test_proportions_of_none_and_all() -> None:
    fit = pool_counts({"xi": [0, 9, 0], "ni": [7, 9, 8]}, "PLO")
    assert fit.random is None and fit.common is not None
    assert fit.common.estimate == pytest.approx(math.log(9 / 15), rel=1e-9)
