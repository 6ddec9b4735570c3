"""Forest plots: what they say, that nothing overlaps, that arrows point the right way."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from osler.core.diagnostics import DataError
from osler.publish.plots.contents import Row
from osler.publish.plots.forests import forest, forest_pages, multi_panel
from osler.publish.plots.layouts import LAYOUTS, p_text
from osler.publish.plots.marks import diamond
from osler.publish.plots.raindrops import raindrop, rainforest
from osler.publish.plots.ticks import Axis
from osler.synthesis.counts import pool_counts
from osler.synthesis.pool import synthesise
from tests.unit.publish.plots.sample import (
    ALLOCATION,
    SIDES,
    TRIALS,
    bcg,
    bcg_by,
    bcg_fit,
    made,
    outside,
    overlaps,
    with_gid,
)

BIAS = {
    "study": list(TRIALS),
    "Randomisation": ["low", "high", "some concerns"] * 4 + ["unclear"],
    "Missing data": ["high"] * 6 + ["low"] * 7,
    "Overall": ["critical", *["low"] * 11, ""],
}


def told(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def _clean(figure: Figure) -> None:
    assert overlaps(figure) == []
    assert outside(figure) == []


@pytest.mark.parametrize(
    ("k", "layout"),
    [*((k, name) for k in (3, 13) for name in LAYOUTS), (50, "bmj"), (150, "osler")],
)
def test_no_words_overlap(k: int, layout: str) -> None:
    _clean(forest(made(k, k, long=7), layout=layout, favours=SIDES))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_words_overlap_with_counts_subgroups_and_judgements(layout: str) -> None:
    figure = forest(
        bcg_by(), layout=layout, data=bcg()[2], bias=BIAS, favours=SIDES, title="Tuberculosis"
    )
    _clean(figure)


@pytest.mark.parametrize("width", ["single", "double", 12.0])
@pytest.mark.parametrize(("measure", "size"), [("MD", 100.0), ("RD", 0.001), ("SMD", 1.0)])
def test_no_words_overlap_on_any_width_and_scale(
    width: str | float, measure: str, size: float
) -> None:
    _clean(forest(made(13, 4, measure, size), width=width, favours=SIDES, unit="points"))


def test_no_words_overlap_with_extreme_values() -> None:
    fit = synthesise(
        ["Tiny", "Huge", "Enormous interval", "Wide", "Far off"],
        [0.1, -0.2, 3.0, -4.0, 9.0],
        [1e-4, 2e-4, 40.0, 30.0, 12.0],
        measure="OR",
    )
    for layout in ("osler", "revman5", "jama"):
        _clean(forest(fit, layout=layout, favours=("favours $x$", "favours y")))


def test_every_study_and_both_pooled_results_are_told() -> None:
    words = told(forest(bcg_fit(), data=bcg()[2], favours=SIDES))
    assert all(name in words for name in TRIALS)
    assert {"Random effects", "Common effect", "Prediction interval"} <= set(words)
    assert "4/123" in words and "0.49 (0.33 to 0.73)" in words
    assert any("I²\u00a0=\u00a092%" in text for text in words)


def test_the_layouts_write_numbers_their_way() -> None:
    shown = {name: told(forest(bcg_fit(), layout=name, data=bcg()[2])) for name in LAYOUTS}
    assert "0.49 [0.33, 0.73]" in shown["revman5"] and "Total (95% CI)" in shown["revman5"]
    assert "0.49 (0.33-0.73)" in shown["jama"] and "Source" in shown["jama"]
    assert "0.49 [0.33; 0.73]" in shown["meta"]
    assert any("P\u00a0<\u00a00.00001" in text for text in shown["revman5"])
    assert any("P\u00a0<\u00a0.001" in text for text in shown["jama"])


def test_totals_stand_in_the_row_of_the_pooled_result() -> None:
    words = told(forest(bcg_fit(), layout="revman5", data=bcg()[2]))
    assert "191\u202f064" in words and "1\u202f510" in words


def test_subgroups_have_their_own_diamonds_and_a_test_between_them() -> None:
    figure = forest(bcg_by())
    assert len(with_gid(figure, "diamond-subtotal")) == 3
    assert len(with_gid(figure, "diamond-random")) == 1
    words = told(figure)
    assert [w for w in words if w in set(ALLOCATION)] == ["random", "alternate", "systematic"]
    assert any("Difference between subgroups" in w for w in words)


def test_weights_of_subgroups_add_up_to_that_of_all() -> None:
    words = told(forest(bcg_by()))
    shares = [float(w.rstrip("%")) for w in words if w.endswith("%") and w[0].isdigit()]
    studies, groups = shares[:-1], [50.5, 19.0, 30.5]
    assert shares[-1] == 100.0
    assert sum(s for s in studies if s not in groups) == pytest.approx(100, abs=0.7)


def test_squares_have_areas_in_proportion_to_weights_but_for_a_least_size() -> None:
    figure = forest(bcg_fit())
    sides = [square.get_width() for square in with_gid(figure, "square")]  # type: ignore[attr-defined]
    assert np.argsort(sides).tolist() == np.argsort(bcg_fit().random_weights).tolist()


def test_arrows_stand_where_an_interval_is_cut_and_point_outwards() -> None:
    figure = forest(bcg_fit(), xlim=(0.2, 2))
    cut_left = cut_right = 0
    for y, v in zip(bcg_fit().estimates, bcg_fit().variances, strict=True):
        half = 1.959963984540054 * math.sqrt(v)
        cut_left += y - half < math.log(0.2)
        cut_right += y + half > math.log(2)
    pooled = bcg_fit().random
    cut_left += pooled.pred_lower < math.log(0.2)
    left, right = with_gid(figure, "arrow-left"), with_gid(figure, "arrow-right")
    assert (len(left), len(right)) == (cut_left, cut_right)
    for way, arrows in ((-1, left), (1, right)):
        for arrow in arrows:
            tip, *base = arrow.get_xy()[:3]  # type: ignore[attr-defined]
            assert all(way * (tip[0] - corner[0]) > 0 for corner in base)


def test_no_arrow_where_nothing_is_cut() -> None:
    figure = forest(bcg_fit(), xlim=(0.01, 50))
    assert not with_gid(figure, "arrow-left") and not with_gid(figure, "arrow-right")


def test_an_interval_wholly_outside_is_an_arrow_alone() -> None:
    figure = forest(made(3, 1, "MD", 1.0), xlim=(5.0, 9.0))
    assert len(with_gid(figure, "arrow-left")) == 3 + 3 and not with_gid(figure, "square")
    assert not with_gid(figure, "whisker") and not with_gid(figure, "diamond-random")


@pytest.mark.parametrize("seed", range(6))
def test_ticks_lie_on_the_axis(seed: int) -> None:
    measure, size = [("OR", 1.0), ("OR", 0.02), ("OR", 4.0), ("MD", 30.0), ("RD", 0.1), ("SMD", 1)][
        seed
    ]
    figure = forest(made(13, seed, measure, size))
    (axis,) = with_gid(figure, "axis")
    ends = axis.get_xdata()  # type: ignore[attr-defined]
    ticks = [line.get_xdata()[0] for line in with_gid(figure, "tick")]  # type: ignore[attr-defined]
    assert 2 <= len(ticks) <= 9
    assert all(ends[0] - 0.01 <= x <= ends[1] + 0.01 for x in ticks)


def test_a_cut_diamond_ends_at_the_axis() -> None:
    axis = Axis(0.0, 1.0, 0.0, 100.0, ())
    row = Row("random", "", 0.5, -0.5, 1.5)
    points = diamond(row, axis, 0.0, 10.0)
    assert min(x for x, _ in points) == 0 and max(x for x, _ in points) == 100
    assert {round(abs(y), 9) for _, y in points} == {5.0, 10.0}


def test_columns_can_be_chosen_and_studies_sorted() -> None:
    figure = forest(
        bcg_fit(),
        columns=("study", "year", "plot", "estimate"),
        heads={"year": "Published"},
        data=bcg()[2],
        sort="-year",
        pooled=("common",),
    )
    words = told(figure)
    assert "Published" in words and "Weight" not in words and "Random effects" not in words
    years = [int(w) for w in words if w.isdigit() and len(w) == 4]
    assert years == sorted(years, reverse=True) and len(years) == 13


def test_a_table_in_another_order_is_matched_by_name() -> None:
    table = bcg()[2]
    turned = {name: values[::-1] for name, values in table.items()}
    assert told(forest(bcg_fit(), data=turned)) == told(forest(bcg_fit(), data=table))


def test_the_prediction_interval_takes_each_shape_and_goes_away() -> None:
    for shape in ("bar", "diamond", "whiskers"):
        assert with_gid(forest(bcg_fit(), prediction=shape), "prediction")
    figure = forest(bcg_fit(), prediction=False)
    assert not with_gid(figure, "prediction") and "Prediction interval" not in told(figure)


def test_one_study_has_no_pooled_result() -> None:
    words = told(forest(synthesise(["Only"], [0.1], [0.04], measure="HR")))
    assert "Only" in words and "Random effects" not in words


def test_names_with_dollars_and_line_breaks_are_words() -> None:
    fit = synthesise(["$a_b$ & co", "x^2 ~ {y}"], [0.1, 0.3], [0.04, 0.04], measure="MD")
    assert "$a_b$ & co" in told(forest(fit))


def test_pages_repeat_the_heading_and_hold_every_row_once() -> None:
    fit = made(60, 2)
    pages = forest_pages(fit, height=4.5, title="All trials", favours=SIDES)
    assert len(pages) > 2
    for page in pages:
        assert page.get_size_inches()[1] <= 4.5 + 1e-6
        assert "Study" in told(page) and "Odds ratio" in told(page)
        _clean(page)
    names = [w for page in pages for w in told(page) if w.startswith("Author")]
    assert sorted(names) == sorted(fit.studies)
    assert [sum("Random effects" in told(page) for page in pages)] == [1]


def test_a_subgroup_is_not_torn_from_its_name() -> None:
    for page in forest_pages(bcg_by(), height=3.2):
        words = told(page)
        last = [w for w in words if w in TRIALS or w in ALLOCATION][-1:]
        assert not last or last[0] in TRIALS


def test_panels_share_their_lines() -> None:
    y, v, _ = bcg()
    second = synthesise([*TRIALS[3:], "Another 2001"], [*y[3:], -1.0], [*v[3:], 0.4], measure="MD")
    figure = multi_panel({"Tuberculosis": bcg_fit(), "Days": second}, favours=("left", "right"))
    words = told(figure)
    assert words.count("Hart & Sutherland 1977") == 1 and "Another 2001" in words
    assert len(with_gid(figure, "square")) == 13 + 11
    _clean(figure)


def test_drops_are_drawn_instead_of_squares() -> None:
    assert len(with_gid(raindrop(bcg_fit()), "raindrop")) == 13
    assert len(with_gid(rainforest(bcg_fit()), "raindrop")) == 5 * 13
    _clean(rainforest(bcg_fit(), layout="meta"))


def test_lights_are_drawn_and_explained() -> None:
    words = told(forest(bcg_fit(), bias=BIAS))
    assert {"D1", "D2", "D3", "Risk of bias:", "low", "high"} <= set(words)
    assert "D1: Randomisation" in words


def test_a_band_of_trivial_effects_is_shaded() -> None:
    assert len(with_gid(forest(bcg_fit(), band=(0.9, 1.1)), "band")) == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"layout": "revman"}, "FIG003"),
        ({"sort": "size"}, "FIG003"),
        ({"pooled": ("fixed",)}, "FIG003"),
        ({"prediction": "line"}, "FIG003"),
        ({"bias": {"study": list(TRIALS), "D1": ["fine"] * 13}}, "FIG003"),
        ({"labels": ["a"]}, "FIG004"),
        ({"data": {"year": [1, 2]}}, "FIG004"),
        ({"extra": ["region"]}, "FIG005"),
        ({"xlim": (2, 1)}, "FIG007"),
        ({"xlim": (0, 1)}, "FIG007"),
        ({"xlim": "wide"}, "FIG007"),
        ({"width": "wide"}, "FIG010"),
        ({"width": -1}, "FIG010"),
        ({"font_size": 0}, "FIG010"),
    ],
)
def test_what_cannot_be_drawn_is_said(options: dict[str, object], code: str) -> None:
    with pytest.raises(DataError) as caught:
        forest(bcg_fit(), **options)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == code


def test_what_is_no_result_is_said() -> None:
    for draw in (forest, forest_pages):
        with pytest.raises(DataError) as caught:
            draw("a text")
        assert caught.value.diagnostics[0].code == "FIG002"
    with pytest.raises(DataError) as caught:
        multi_panel({})
    assert caught.value.diagnostics[0].code == "FIG011"


def test_p_values_are_written_as_journals_do() -> None:
    assert p_text(0.0487, LAYOUTS["bmj"]) == "P = 0.049"
    assert p_text(0.2, LAYOUTS["jama"]) == "P = .20"
    assert p_text(0.004, LAYOUTS["meta"]) == "p < 0.01"
    assert p_text(math.nan, LAYOUTS["osler"]) == "p not computed"


def test_the_description_tells_the_figure() -> None:
    figure = forest(bcg_by())
    assert "Aronson 1948: 0.41 (0.13 to 1.26)" in figure.description
    assert "Random effects: 0.49 (0.33 to 0.73)" in figure.description


def test_a_synthesis_of_counts_is_drawn_with_studies_that_have_no_effect() -> None:
    table = {name: list(values) for name, values in bcg()[2].items()}
    table["events_treated"][0] = table["events_control"][0] = 0
    figure = forest(pool_counts(table, measure="OR", method="MH"), layout="revman5", favours=SIDES)
    words = told(figure)
    assert "not estimable" in words and "Total, common effect (95% CI)" in words
    assert "M-H, Common, 95% CI" in words and "1\u202f061" in words
    assert len(with_gid(figure, "square")) == 12
    _clean(figure)


def test_proportions_are_shown_as_such_and_have_no_line_of_no_effect() -> None:
    names = ["A", "B", "C"]
    fit = synthesise(names, [-1.7, -1.1, 0.0], [0.4, 0.13, 0.08], measure="PLO")
    words = told(forest(fit))
    assert "Proportion" in words and {"0.50", "(0.36 to", "0.64)"} <= set(words)
    assert not any("Overall effect" in text for text in words)
    _clean(forest(fit))
