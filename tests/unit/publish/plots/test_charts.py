"""All figures but forests: what they hold, options, errors."""

import io
import math

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from osler.appraisal.asymmetry.regression import asymmetry_test
from osler.appraisal.asymmetry.trim_fill import trim_and_fill
from osler.appraisal.influence.cumulative import cumulative
from osler.appraisal.influence.gosh import gosh as gosh_of
from osler.appraisal.influence.leave_one_out import leave_one_out
from osler.appraisal.multiverse.grid import multiverse
from osler.appraisal.sequential.analysis import sequential as sequential_of
from osler.core.diagnostics import DataError
from osler.publish.plots.drapes import drapery
from osler.publish.plots.forests import forest
from osler.publish.plots.funnels import funnel
from osler.publish.plots.likelihoods import log_likelihood, profile_likelihood
from osler.publish.plots.outliers import baujat, influence, qq
from osler.publish.plots.p_values import p_curve, p_value_function
from osler.publish.plots.radials import radial
from osler.publish.plots.regressions import bubble
from osler.publish.plots.risks import labbe
from osler.publish.plots.sequences import sequential, specification_curve
from osler.publish.plots.subsets import gosh
from osler.publish.plots.sunsets import power, sunset
from osler.synthesis.pool import synthesise
from osler.synthesis.regression import regress
from tests.unit.publish.plots.sample import TRIALS, bcg, bcg_fit, made, outside, overlaps


def told(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(Text))


def marks(figure: Figure, frame: int = 0) -> int:
    """Points in a frame."""
    found = figure.axes[frame].collections
    return sum(len(c.get_offsets()) for c in found if isinstance(c, PathCollection))


CHARTS = {
    "funnel": lambda fit: funnel(fit, labels="outside"),
    "contours": lambda fit: funnel(fit, contours=True),
    "precision": lambda fit: funnel(fit, y="precision"),
    "variance": lambda fit: funnel(fit, y="variance"),
    "sunset": sunset,
    "radial": radial,
    "baujat": baujat,
    "influence": influence,
    "qq": lambda fit: qq(fit, repetitions=200),
    "drapery": drapery,
    "drapery z": lambda fit: drapery(fit, y="z"),
    "p-value function": p_value_function,
    "profile": profile_likelihood,
    "leave one out": lambda fit: forest(leave_one_out(fit)),
    "cumulative": lambda fit: forest(cumulative(fit)),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("k", [3, 50])
def test_no_words_overlap(name: str, k: int) -> None:
    fit = {3: made(3, 3, "MD", 30.0), 50: made(50, 5, "SMD")}[k]
    figure = CHARTS[name](fit)
    assert overlaps(figure) == []
    assert outside(figure) == []
    assert figure.description


def test_a_funnel_holds_every_study_and_large_ones_stand_above() -> None:
    for y in ("se", "precision", "variance"):
        figure = funnel(bcg_fit(), y=y)
        assert marks(figure) == 13
        low, high = figure.axes[0].get_ylim()
        assert (low > high) == (y != "precision")
    figure = funnel(bcg_fit(), y="n", data=bcg()[2])
    assert figure.axes[0].get_ylabel() == "Participants" and marks(figure) == 13


def test_filled_studies_are_told_apart() -> None:
    filled = trim_and_fill(bcg_fit())
    figure = funnel(filled)
    assert marks(figure) == 13 + filled.missing
    assert "Filled in" in told(figure)


def test_an_asymmetry_test_adds_its_line() -> None:
    test = asymmetry_test(bcg_fit())
    figure = funnel(test)
    line = next(v for v in figure.axes[0].lines if v.get_color() == "#D55E00")
    x, y = np.array(line.get_xdata()), np.array(line.get_ydata())
    np.testing.assert_allclose(x, test.limit_estimate + test.slope * y, rtol=1e-12)


def test_contours_tell_their_p_values() -> None:
    words = told(funnel(bcg_fit(), contours=True))
    assert "p > 0.10" in words and "p ≤ 0.01" in words
    assert "p ≤ 0.05" in told(funnel(bcg_fit(), contours=(0.05,)))


def test_power_of_a_study() -> None:
    # An effect as large as the critical value: half find it, but for the other tail.
    assert power(1.959963984540054, np.array([1.0]), 0.05)[0] == pytest.approx(0.5, abs=1e-4)
    assert power(0.0, np.array([1.0]), 0.05)[0] == pytest.approx(0.05, abs=1e-12)


def test_the_radial_arc_lies_outside_all_studies() -> None:
    for fit in (bcg_fit(), made(50, 4, "MD", 10.0)):
        figure = radial(fit)
        arc = max(figure.axes[0].lines, key=lambda v: len(v.get_xdata()))
        x, y = np.array(arc.get_xdata()), np.array(arc.get_ydata())
        v = np.array(fit.variances)
        z, p = np.array(fit.estimates) / np.sqrt(v), 1 / np.sqrt(v)
        for px, pz in zip(p, z, strict=True):
            near = np.abs(y - pz).argmin()
            assert px < x[near] or abs(y[near] - pz) > 0.5


def test_labbe_needs_counts() -> None:
    figure = labbe(bcg_fit(), data=bcg()[2])
    assert marks(figure) == 13 and "Random effects" in told(figure)
    with pytest.raises(DataError) as caught:
        labbe(bcg_fit())
    assert caught.value.diagnostics[0].code == "FIG009"


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_labbe_curves_hold_the_effect(measure: str) -> None:
    table = bcg()[2]
    fit = synthesise(TRIALS, [-0.05] * 13, [0.01] * 13, measure=measure)
    figure = labbe(fit, data=table)
    line = next(v for v in figure.axes[0].lines if v.get_color() == "#D55E00")
    x, y = np.array(line.get_xdata()) / 100, np.array(line.get_ydata()) / 100
    x, y = x[x > 0], y[x > 0]
    effect = {
        "OR": np.log(y / (1 - y)) - np.log(x / (1 - x)),
        "RR": np.log(y / x),
        "RD": y - x,
    }[measure]
    np.testing.assert_allclose(effect, -0.05, atol=1e-9)


def test_gosh_takes_a_result_or_studies() -> None:
    found = gosh_of(bcg_fit())
    figure = gosh(found, study="TPT Madras 1980")
    assert "with TPT Madras 1980" in told(figure)
    assert str(found.subsets) in figure.description
    assert overlaps(figure) == [] and outside(figure) == []
    for wrong in ({"study": "nobody"}, {"study": 99}, {"y": "h2"}):
        with pytest.raises(DataError) as caught:
            gosh(found, **wrong)  # type: ignore[arg-type]
        assert caught.value.diagnostics[0].code == "FIG003"


def test_the_curve_of_p_values_meets_the_interval() -> None:
    fit = bcg_fit()
    ends = np.array([fit.random.ci_lower, fit.random.ci_upper])
    np.testing.assert_allclose(p_curve(fit.random, ends, fit.k - 1), 0.05, atol=1e-9)
    ends = np.array([fit.common.ci_lower, fit.common.ci_upper])
    np.testing.assert_allclose(p_curve(fit.common, ends, math.inf), 0.05, atol=1e-9)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_profile_peaks_at_the_estimate(method: str) -> None:
    y, v, _ = bcg()
    fit = synthesise(TRIALS, y, v, measure="RR", tau2_method="REML")
    grid = np.linspace(0.0, 1.0, 20001)
    heights = log_likelihood(np.array(y), np.array(v), grid, method)
    peak = float(grid[heights.argmax()])
    if method == "REML":
        assert peak == pytest.approx(fit.heterogeneity.tau2, abs=5e-5)
    else:
        assert peak == pytest.approx(0.2800, abs=5e-4)  # metafor 3.8-1, rma(method="ML"), BCG


def test_steps_are_rows() -> None:
    words = told(forest(leave_one_out(bcg_fit())))
    assert "Study left out" in words and "All studies" in words
    assert "Study added" in told(forest(cumulative(bcg_fit())))


def test_a_sequential_analysis_is_drawn() -> None:
    found = sequential_of(made(30, 3), relevant_effect=-0.3, futility=True)
    figure = sequential(found, favours=("favours treatment", "favours control"))
    assert marks(figure) >= 30 and found.verdict in figure.description
    assert overlaps(figure) == []


def test_a_specification_curve_is_drawn() -> None:
    found = multiverse(bcg_fit(), leave_out_each=True)
    figure = specification_curve(found)
    assert marks(figure) == len(found.specifications) + 1
    assert overlaps(figure) == [] and outside(figure) == []


@pytest.mark.parametrize(
    ("draw", "code"),
    [
        (lambda: funnel(bcg_fit(), y="size"), "FIG003"),
        (lambda: funnel(bcg_fit(), reference="fixed"), "FIG003"),
        (lambda: funnel(bcg_fit(), labels="some"), "FIG003"),
        (lambda: funnel(bcg_fit(), contours=(2.0,)), "FIG003"),
        (lambda: funnel(bcg_fit(), y="n", n=[1.0]), "FIG004"),
        (lambda: funnel(bcg_fit(), y="n"), "FIG005"),
        (lambda: funnel("a text"), "FIG002"),
        (lambda: sunset(bcg_fit(), alpha=2), "FIG003"),
        (lambda: drapery(bcg_fit(), y="s"), "FIG003"),
        (lambda: drapery("a text"), "FIG002"),
        (lambda: p_value_function("a text"), "FIG002"),
        (lambda: profile_likelihood(bcg_fit(), method="DL"), "FIG003"),
        (lambda: profile_likelihood(synthesise(["a"], [1.0], [1.0])), "FIG006"),
        (lambda: baujat("a text"), "FIG002"),
        (lambda: sequential(bcg_fit()), "FIG002"),
        (lambda: specification_curve(bcg_fit()), "FIG002"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError) as caught:
        draw()
    assert caught.value.diagnostics[0].code == code


def test_a_likelihood_s_curve_meets_its_interval() -> None:
    y, v, _ = bcg()
    fit = synthesise(TRIALS, y, v, measure="RR", tau2_method="ML", ci_method="PL")
    figure = p_value_function(fit)
    curve = next(c for c in figure.axes[0].lines if c.get_linewidth() == 1.5)
    x, p = np.array(curve.get_xdata()), np.array(curve.get_ydata())
    top = int(p.argmax())
    lower = np.interp(0.05, p[: top + 1], x[: top + 1])
    assert lower == pytest.approx(fit.random.ci_lower, abs=0.01)


def test_a_regression_is_drawn_with_its_bands() -> None:
    y, v, table = bcg()
    found = regress(
        "year",
        {**table, "yi": y, "vi": v},
        estimate="yi",
        variance="vi",
        study="study",
        measure="RR",
    )
    figure = bubble(found, data={"year": table["year"]})
    assert marks(figure) == 13 and "95% prediction" in told(figure)
    line = next(c for c in figure.axes[0].lines if c.get_linewidth() == 1.2)
    x = np.array(line.get_xdata())
    b = dict(zip(found.names, found.coefficients, strict=True))
    slope = b["year"]
    np.testing.assert_allclose(np.diff(line.get_ydata()) / np.diff(x), slope, rtol=1e-6)
    same = bubble(found, "year").axes[0].get_ylim()
    assert same == figure.axes[0].get_ylim()
    assert overlaps(figure) == [] and outside(figure) == []
    for wrong, code in (({"moderator": "region"}, "FIG005"), ({"data": {"year": [1]}}, "FIG004")):
        with pytest.raises(DataError) as caught:
            bubble(found, **wrong)  # type: ignore[arg-type]
        assert caught.value.diagnostics[0].code == code
    with pytest.raises(DataError) as caught:
        bubble(bcg_fit())
    assert caught.value.diagnostics[0].code == "FIG002"


def test_subsets_that_differ_by_rounding_alone_are_drawn() -> None:
    near = synthesise(list("ABCDE"), [1e15 + i / 8 for i in range(5)], [0.1] * 5)
    gosh(gosh_of(near)).savefig(io.BytesIO())
