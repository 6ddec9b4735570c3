"""Figures of risk of bias: what they say, and that nothing overlaps."""

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text

from osler.core.diagnostics import DataError
from osler.publish import plots
from osler.synthesis.pool import synthesise
from tests.unit.publish.plots.sample import judgements, made

TABLE = {"blinding": ["low", "high", None], "overall": ["Low ", "some concerns", "high"]}
FIT = synthesise(["A", "B", "C"], [0.1, 0.2, 0.4], [0.1, 0.1, 0.1], measure="SMD")


def boxes(figure: Figure) -> list[tuple[str, float]]:
    found = figure.axes[0].findobj(Rectangle)
    return [(box.get_gid(), box.get_width()) for box in found if box.get_gid()]


def test_a_light_for_each_judgement() -> None:
    figure = plots.bias_lights(FIT, TABLE)
    lights = figure.axes[0].findobj(Circle)
    assert len(lights) == 5 + 3  # and the legend's
    assert figure.description == (
        "Risk of bias of 3 studies. A: blinding low, overall low. B: blinding high, "
        "overall some concerns. C: overall high."
    )


def test_studies_come_in_the_order_asked_for() -> None:
    figure = plots.bias_lights(FIT, TABLE, order=[2, 0])
    assert figure.description.startswith("Risk of bias of 2 studies. C: ")


def test_bars_are_as_long_as_the_shares() -> None:
    widths = boxes(plots.bias_summary(FIT, TABLE, weigh_by="study"))
    assert [name for name, _ in widths] == [
        *("bias low", "bias high"),
        *("bias low", "bias some concerns", "bias high"),
    ]
    assert {round(width / widths[0][1], 9) for _, width in widths} == {1.0}


def test_weights_are_those_of_the_random_effects_synthesis() -> None:
    fit = synthesise(["A", "B"], [0.1, 0.1], [0.1, 0.3], measure="SMD")
    told = plots.bias_summary(fit, {"blinding": ["low", "high"]}).description
    assert told == "Risk of bias, studies by weight. blinding: low 75%, high 25%."


def test_a_table_with_names_is_put_in_order() -> None:
    table = {"study": ["C", "A", "B"], "blinding": ["high", "low", "low"]}
    assert "C: blinding high." in plots.bias_lights(FIT, table).description


def test_long_names_of_domains_stand_below() -> None:
    figure = plots.bias_lights(made(6), judgements(6))
    words = [text.get_text() for text in figure.axes[0].findobj(Text)]
    assert {"D1", "D2", "D3", "Overall"} <= set(words)
    assert "D2: deviations from intended interventions" in words


@pytest.mark.parametrize("k", [1, 3, 150])
@pytest.mark.parametrize("width", ["single", "double"])
def test_words_stand_within_the_sheet_and_apart(k: int, width: str) -> None:
    for draw in (plots.bias_lights, plots.bias_summary):
        figure = draw(made(k), judgements(k), width=width, title="Risk of bias")
        figure.draw_without_rendering()
        whole = figure.bbox
        places = [
            text.get_window_extent() for text in figure.axes[0].findobj(Text) if text.get_text()
        ]
        for i, one in enumerate(places):
            assert whole.x0 <= one.x0 and one.x1 <= whole.x1
            assert whole.y0 <= one.y0 and one.y1 <= whole.y1
            near = places[i + 1 : i + 12]
            assert not any(
                min(one.x1, other.x1) - max(one.x0, other.x0) > 1
                and min(one.y1, other.y1) - max(one.y0, other.y0) > 1.5
                for other in near
            )


@pytest.mark.parametrize(
    ("bias", "code"),
    [
        ({"blinding": ["low", "bad", "low"]}, "FIG003"),
        ({"blinding": ["low", "low"]}, "FIG004"),
    ],
)
def test_what_is_wrong_is_told(bias: dict[str, list[str]], code: str) -> None:
    with pytest.raises(DataError) as told:
        plots.bias_lights(FIT, bias)
    assert told.value.diagnostics[0].code == code


def test_weights_that_are_not_there_are_refused() -> None:
    class Named:
        studies = ("A", "B", "C")

    with pytest.raises(DataError) as told:
        plots.bias_summary(Named(), TABLE, weigh_by="weight")
    assert told.value.diagnostics[0].code == "FIG003"
    with pytest.raises(DataError) as told:
        plots.bias_lights(3, TABLE)
    assert told.value.diagnostics[0].code == "FIG002"
