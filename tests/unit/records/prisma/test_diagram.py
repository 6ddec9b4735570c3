"""The diagram, the table, the text and the data say the same numbers."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from osler.core.diagnostics import DataError
from osler.publish.figures.drawing import Line, Polygon, Rect, Text
from osler.publish.figures.metrics import text_width
from osler.publish.plots.prisma import describe, flow_bytes, flow_drawing, flow_svg, save_flow
from osler.publish.plots.prisma_page import UNFINISHED, flow_document, flow_figure, flow_table
from osler.records.prisma.boxes import flow_boxes
from osler.records.prisma.model import Before, Fate, Flow, Identified, Reason, Stream
from osler.records.prisma.writing import flow_csv, flow_json, flow_text
from osler.records.searches import SearchKind

LONG = "Wrong population, such as people with neurogenic claudication or spinal stenosis alone"


def keys(start: str, number: int) -> tuple[str, ...]:
    return tuple(f"{start}{i}" for i in range(number))


def flow_of(*, others: bool = True, previous: bool = True, waiting: int = 1) -> Flow:
    databases = Stream(
        (
            Identified("PubMed", SearchKind.DATABASE, 1201),
            Identified("Embase <Ovid> & more", SearchKind.DATABASE, 203),
            Identified("ClinicalTrials.gov", SearchKind.REGISTER, 17),
        ),
        0,
        {
            Fate.EXCLUDED: keys("e", 150),
            Fate.INCLUDED: keys("i", 12),
            Fate.EXCLUDED_REPORT: keys("x", 9),
            Fate.NOT_RETRIEVED: keys("n", 2),
            Fate.AWAITING_SCREENING: keys("w", waiting),
        },
        (Reason("Not randomised", keys("x", 5)), Reason(LONG, keys("y", 4))),
    )
    of_others = Stream(
        (Identified("Reference lists", SearchKind.CITATION, 9),), 0, {Fate.INCLUDED: keys("o", 2)}
    )
    none = Stream((), 0, {})
    return Flow(
        databases,
        of_others if others else none,
        {f"s{i}": (f"i{i}",) for i in range(13)},
        14,
        Before(20, None) if previous else None,
    )


SHAPES = [
    pytest.param(others, previous, id=f"others={others} previous={previous}")
    for others in (False, True)
    for previous in (False, True)
]


@pytest.mark.parametrize(("others", "previous"), SHAPES)
def test_boxes_do_not_overlap_and_hold_their_words(others: bool, previous: bool) -> None:
    drawing = flow_drawing(flow_of(others=others, previous=previous))
    rects = [m for m in drawing.marks if isinstance(m, Rect)]
    for i, one in enumerate(rects):
        assert one.x >= 0 and one.x + one.width <= drawing.width
        assert one.y >= 0 and one.y + one.height <= drawing.height
        for two in rects[i + 1 :]:
            apart = (
                one.x + one.width <= two.x
                or two.x + two.width <= one.x
                or one.y + one.height <= two.y
                or two.y + two.height <= one.y
            )
            assert apart
    for text in (m for m in drawing.marks if isinstance(m, Text) and m.anchor == "start"):
        box = next(
            r for r in rects if r.x <= text.x <= r.x + r.width and r.y <= text.y <= r.y + r.height
        )
        assert text.x + text_width(text.text, text.style) <= box.x + box.width


@pytest.mark.parametrize(("others", "previous"), SHAPES)
def test_arrows_begin_and_end_at_boxes(others: bool, previous: bool) -> None:
    drawing = flow_drawing(flow_of(others=others, previous=previous))
    rects = [m for m in drawing.marks if isinstance(m, Rect) and m.style != "band"]
    heads = [m for m in drawing.marks if isinstance(m, Polygon)]
    main = 5 + 2 * others + 2 * previous  # four down and the sum; sideways ones come on top
    assert len(heads) >= main
    for head in heads:
        x, y = head.points[2]
        assert any(
            r.x - 0.1 <= x <= r.x + r.width + 0.1 and r.y - 0.1 <= y <= r.y + r.height + 0.1
            for r in rects
        )
    assert any(isinstance(m, Line) and m.style == "rule" for m in drawing.marks)


def test_every_number_stands_in_the_picture_the_table_and_the_description() -> None:
    flow = flow_of()
    drawn = " ".join(m.text for m in flow_drawing(flow).marks if isinstance(m, Text))
    table, told, text = flow_table(flow), describe(flow), flow_text(flow)
    for box in flow_boxes(flow):
        for line in box.lines:
            count = "not known" if line.count is None else str(line.count)
            assert f"(n = {count})" in drawn
            assert f"{line.words}: {count}" in told
            assert f">{count}</td>" in table
            assert re.search(rf"{re.escape(line.words)} +{count}\n", text)


def test_the_csv_and_the_json_say_the_same() -> None:
    flow = flow_of()
    rows = list(csv.DictReader(io.StringIO(flow_csv(flow))))
    values = json.loads(flow_json(flow))
    lines = [line for box in values["boxes"] for line in box["lines"]]
    assert [(r["what"], r["n"]) for r in rows] == [
        (line["what"], "" if line["n"] is None else str(line["n"])) for line in lines
    ]
    assert values["databases"]["keys"]["not retrieved"] == ["n0", "n1"]
    assert values["included"]["total_studies"] == 33
    assert values["included"]["total_reports"] is None


def test_the_svg_is_well_formed_named_and_has_a_dark_palette() -> None:
    svg = flow_svg(flow_of())
    root = ET.fromstring(svg)
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert root.get("role") == "img"
    assert title is not None and title.text == "Flow of records, reports and studies (PRISMA 2020)"
    assert "prefers-color-scheme:dark" in svg
    assert "<Ovid>" not in svg


def test_the_figure_of_a_page_is_well_formed_and_says_that_work_goes_on() -> None:
    figure = flow_figure(flow_of(), name="flow")
    root = ET.fromstring(figure)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        for name in (element.get("aria-labelledby") or "").split():
            assert name in ids
    assert UNFINISHED in figure
    done = flow_of(waiting=0)
    assert done.is_finished and UNFINISHED not in flow_figure(done)


def test_a_part_of_a_count_is_read_with_what_it_is_a_part_of() -> None:
    assert "Reports excluded: Not randomised" in flow_table(flow_of())


def test_a_document_stands_alone() -> None:
    page = flow_document(flow_of(), "Sciatica <flow>")
    assert "<title>Sciatica &lt;flow&gt;</title>" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("ending", "start"), [(".svg", b"<svg"), (".pdf", b"%PDF"), (".png", b"\x89PNG")]
)
def test_files_are_written_with_the_same_bytes_every_time(
    ending: str, start: bytes, tmp_path: Path
) -> None:
    flow = flow_of(others=False, previous=False)
    path = tmp_path / f"flow{ending}"
    assert save_flow(flow, path) == ()
    assert path.read_bytes() == flow_bytes(flow, ending)
    assert path.read_bytes().startswith(start)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="PUB011"):
        save_flow(flow_of(), tmp_path / "flow.docx")


def test_a_flow_without_records_can_be_drawn() -> None:
    none = Stream((), 0, {})
    drawing = flow_drawing(Flow(none, none, {}, 0))
    assert "Databases (n = 0)" in [m.text for m in drawing.marks if isinstance(m, Text)]


@pytest.mark.parametrize(("others", "previous"), SHAPES)
def test_the_phones_drawing_has_the_same_boxes_below_each_other(
    others: bool, previous: bool
) -> None:
    flow = flow_of(others=others, previous=previous)
    drawing = flow_drawing(flow, small=True)
    assert drawing.width < 340
    rects = sorted((m for m in drawing.marks if isinstance(m, Rect)), key=lambda m: m.y)
    assert all(r.x >= 0 and r.x + r.width < drawing.width for r in rects)
    assert all(one.y + one.height <= two.y for one, two in pairwise(rects))
    shown = " ".join(m.text for m in drawing.marks if isinstance(m, Text))
    for box in flow_boxes(flow):
        for line in box.lines:
            assert " ".join(line.shown.split()) in shown
    for text in (m for m in drawing.marks if isinstance(m, Text) and m.anchor == "start"):
        assert text.x + text_width(text.text, text.style) < drawing.width
