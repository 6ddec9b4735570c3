"""Drawings, forest plots, icon arrays and the files they become."""

import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from osler.certainty.model import Finding
from osler.core.diagnostics import DataError
from osler.publish.figures.axes import axis_of, limits
from osler.publish.figures.drawing import Circle, Drawing, Line, Polygon, Rect, Text
from osler.publish.figures.files import figure_bytes, save
from osler.publish.figures.forest import favours, forest_of, forest_of_finding
from osler.publish.figures.icons import icons_of_finding
from osler.publish.figures.metrics import text_width, wrapped
from osler.publish.figures.styles import LIGHT, STYLES
from osler.publish.figures.svg import svg_inline, svg_standalone
from osler.synthesis import synthesise
from osler.synthesis.subgroups import synthesise_by
from tests.unit.publish.sample import BETTER_DRUGS, HARM_DRUGS, PAIN_DRUGS, PAIN_SHAM, synthesis

FINDINGS = [PAIN_SHAM, BETTER_DRUGS, PAIN_DRUGS, HARM_DRUGS]


def texts(drawing: Drawing) -> list[str]:
    return [mark.text for mark in drawing.marks if isinstance(mark, Text)]


def of_style(drawing: Drawing, style: str) -> list[object]:
    return [mark for mark in drawing.marks if mark.style == style]


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("finding", FINDINGS, ids=lambda f: f.about)
def test_everything_lies_on_the_canvas(finding: Finding, small: bool) -> None:
    drawing = forest_of_finding(finding, small=small)
    for mark in drawing.marks:
        match mark:
            case Text():
                width = text_width(mark.text, mark.style)
                left = mark.x - {"start": 0, "middle": width / 2, "end": width}[mark.anchor]
                assert left >= -1, mark
                assert left + width <= drawing.width + 1, mark
            case Line():
                assert min(mark.x1, mark.x2) >= -1
                assert max(mark.x1, mark.x2) <= drawing.width + 1
            case Rect():
                assert mark.x >= -1
                assert mark.x + mark.width <= drawing.width + 1
            case Polygon():
                assert all(-1 <= x <= drawing.width + 1 for x, _ in mark.points)
        assert mark.style in STYLES


def test_a_pooled_plot_has_a_square_a_study_and_both_diamonds() -> None:
    drawing = forest_of_finding(PAIN_SHAM)
    assert len(of_style(drawing, "square")) == 3
    assert len(of_style(drawing, "diamond")) == len(of_style(drawing, "diamond-common")) == 1
    assert len(of_style(drawing, "prediction")) == 1
    assert len(of_style(drawing, "band")) == 2, "the band and its key"


def test_squares_grow_with_weight() -> None:
    squares = [m for m in forest_of_finding(PAIN_SHAM).marks if isinstance(m, Rect)]
    sides = [m.width for m in squares if m.style == "square"]
    assert sides[0] > sides[1] > sides[2]


def test_an_interval_that_leaves_the_axis_ends_in_an_arrow() -> None:
    assert len(of_style(forest_of_finding(PAIN_SHAM), "arrow")) == 1
    assert not of_style(forest_of_finding(BETTER_DRUGS), "arrow")


def test_one_study_is_not_called_pooled() -> None:
    drawing = forest_of_finding(PAIN_DRUGS)
    assert not of_style(drawing, "diamond")
    assert "One study: nothing to pool." in texts(drawing)


def test_the_side_that_speaks_for_the_treatment_follows_the_outcome() -> None:
    assert favours(PAIN_SHAM) == ("favours acupuncture", "favours sham acupuncture")
    assert favours(BETTER_DRUGS) == ("favours medication", "favours acupuncture")


def test_the_description_carries_every_number_of_the_plot() -> None:
    drawing = forest_of_finding(PAIN_SHAM)
    for cell in (t for t in texts(drawing) if re.match(r"−?\d.* to ", t)):
        assert cell in drawing.description


def test_a_ratio_has_a_log_axis_through_one() -> None:
    pooled = synthesis("RR", ["a", "b"], [math.log(0.5), math.log(2.0)], [0.3, 0.3])
    drawing = forest_of(pooled, title="", left="less", right="more")
    ticks = {m.text: m.x for m in drawing.marks if isinstance(m, Text) and m.style == "small"}
    assert ticks["1"] - ticks["0.5"] == pytest.approx(ticks["2"] - ticks["1"])
    assert "←\u00a0less" in ticks
    assert "more\u00a0→" in ticks


def test_subgroups_keep_the_weights_of_the_whole_and_end_in_their_own_result() -> None:
    y, v = [0.1, 0.2, 0.9, 1.0, 0.4], [0.04, 0.05, 0.04, 0.06, 0.1]
    names = ["1", "2", "3", "4", "5"]
    groups = ["b", "a", "b", "a", "c"]
    whole = synthesise(names, y, v, measure="MD")
    by = synthesise_by(groups, names, y, v, measure="MD")
    drawing = forest_of(whole, title="", left="", right="", subgroups=by)
    said = texts(drawing)
    named = [m.text for m in drawing.marks if isinstance(m, Text) and m.style != "small"]
    assert [text for text in named if text in (*names, *groups)] == [*"b13a24c5"]
    assert len(of_style(drawing, "square")) == 5
    assert len(of_style(drawing, "diamond")) == 3, "two subgroups and the whole; c is one study"
    shares = [f"{w:.0%}" for w in whole.random_weights]
    assert [t for t in said if re.fullmatch(r"\d+%", t)] == [shares[i] for i in (0, 2, 1, 3, 4)]
    assert said[-1].startswith("Difference between subgroups: Q = ")
    assert "b; 1: " in drawing.description
    assert " All studies; Random effects: " in drawing.description


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("ratio", [False, True])
def test_axes_have_a_few_ticks_inside_their_limits(scale: float, ratio: bool) -> None:
    low, high = (-0.01 * scale, 0.004 * scale) if ratio and scale > 1 else (-2 * scale, scale)
    if ratio and scale > 1:
        low, high = -5.0, 3.0
    axis = axis_of(low, high, 0, 300, ratio=ratio)
    assert 2 <= len(axis.ticks) <= 8
    assert all(low - 1e-9 <= value <= high + 1e-9 for value, _ in axis.ticks)
    assert len({label for _, label in axis.ticks}) == len(axis.ticks)


def test_limits_hold_no_effect_and_all_estimates_but_not_every_interval() -> None:
    low, high = limits([-16.0, -6.0, -30.0], [(-21, -11), (-14, 2), (-900, 840)])
    assert low < -30
    assert high > 0
    assert low > -120
    assert high < 120


def test_text_is_wrapped_and_shortened_to_its_room() -> None:
    lines = wrapped("a very long name of a trial that nobody would print in full", "label", 90)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(text_width(line, "label") <= 90 for line in lines)


@pytest.mark.parametrize("finding", [BETTER_DRUGS, HARM_DRUGS], ids=lambda f: f.about)
def test_icon_arrays_show_whole_people_with_one_denominator(finding: Finding) -> None:
    drawing = icons_of_finding(finding)
    assert finding.absolute
    if finding is BETTER_DRUGS:
        assert {"41 of 100", "68 of 100"} <= set(texts(drawing))
        assert len(of_style(drawing, "icon-on")) == 2 * (41 + 68), "a head and shoulders each"
    else:
        assert {
            "7 of 1000",
            "14 of 1000",
        } <= set(texts(drawing))
        assert len(of_style(drawing, "icon-harm")) == 21


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("finding", [BETTER_DRUGS, HARM_DRUGS], ids=lambda f: f.about)
def test_icons_lie_on_the_canvas_below_labels_that_are_not_cut(
    finding: Finding, small: bool
) -> None:
    long = "care without surgery, with surgery later if it is needed"
    named = replace(finding, comparison=replace(finding.comparison, comparator=long))
    drawing = icons_of_finding(named, small=small)
    assert long in " ".join(texts(drawing))
    for mark in drawing.marks:
        if isinstance(mark, Circle):
            assert mark.radius <= mark.x <= drawing.width - mark.radius
            assert mark.radius <= mark.y <= drawing.height - mark.radius
        elif isinstance(mark, Text):
            assert mark.x + text_width(mark.text, mark.style) <= drawing.width
    boxes = [(m.x, m.y, m.radius) for m in drawing.marks if isinstance(m, Circle)]
    words = [m for m in drawing.marks if isinstance(m, Text)]
    for word in words:
        right, above = word.x + text_width(word.text, word.style), word.y - 11
        assert not [1 for x, y, r in boxes if word.x <= x <= right and above < y + r < word.y + r]


def test_an_icon_array_needs_an_absolute_effect() -> None:
    with pytest.raises(ValueError, match="no absolute effect"):
        icons_of_finding(PAIN_SHAM)


def test_inline_svg_names_itself_and_carries_no_colours() -> None:
    svg = svg_inline(forest_of_finding(PAIN_SHAM), name="figure-1")
    root = fromstring(svg)
    named = root.attrib["aria-labelledby"].split()
    assert root.attrib["role"] == "img"
    assert [e.attrib.get("id") for e in root if e.tag in ("title", "desc")] == named
    assert not any(colour in svg for colour in LIGHT.values())


def test_standalone_svg_escapes_what_it_is_given() -> None:
    pooled = synthesis("MD", ["A & <b>"], [1.0], [0.5])
    svg = svg_standalone(forest_of(pooled, title='"T" & U', left="", right=""))
    root = fromstring(svg)
    words = [e.text for e in root.iter() if e.tag.endswith("text")]
    assert "A & <b>" in words
    assert '"T" & U' in words


@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", b"<svg"), (".PNG", b"\x89PNG"), (".pdf", b"%PDF")]
)
def test_the_same_drawing_gives_the_same_file(tmp_path: Path, suffix: str, start: bytes) -> None:
    drawing = forest_of_finding(BETTER_DRUGS)
    path = tmp_path / f"plot{suffix}"
    save(drawing, path)
    assert path.read_bytes().startswith(start)
    assert path.read_bytes() == figure_bytes(drawing, path)


@pytest.mark.parametrize("name", ["plot.jpeg", "plot"])
def test_an_unknown_format_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError) as error:
        save(forest_of_finding(PAIN_SHAM), tmp_path / name)
    assert error.value.diagnostics[0].code == "PUB011"


def test_a_missing_matplotlib_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "osler.publish.figures.raster", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    with pytest.raises(DataError) as error:
        save(forest_of_finding(PAIN_SHAM), tmp_path / "plot.png")
    diagnostic = error.value.diagnostics[0]
    assert diagnostic.code == "PUB010"
    assert 'pip install "osler[figures]"' in diagnostic.help


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        save(forest_of_finding(PAIN_SHAM), tmp_path / "nowhere" / "plot.svg")
    assert error.value.diagnostics[0].code == "PUB012"
