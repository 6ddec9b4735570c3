"""The audit's figures: everything lies on the paper, on a telephone's too."""

import pytest

from osler.core.diagnostics import Place
from osler.practice.audit import audit
from osler.publish.figures.drawing import Rect, Text
from osler.publish.figures.metrics import text_width
from osler.publish.figures.practice import waiting_drawing
from osler.review.model import Episode


def rows():
    ends = [True] * 8 + [False] * 3 + [None] * 4
    for n, end in enumerate(ends):
        place = Place("practice.csv")
        yield Episode(
            f"E{n}", "2025-01", "sciatica", "needles", 3 + n % 6, "", None, None, end, "", place
        )


@pytest.mark.parametrize("small", [False, True])
def test_the_key_is_read_whole(small):
    drawing = waiting_drawing(audit(list(rows()), "sciatica"), 10, small=small)
    words = [mark for mark in drawing.marks if isinstance(mark, Text)]
    named = [mark for mark in words if mark.text.startswith(("recovered", "still", "stopped"))]
    assert len(named) == 3
    for mark in named:
        assert mark.x + text_width(mark.text, mark.style) <= drawing.width
    boxes = {(mark.x, mark.y) for mark in drawing.marks if isinstance(mark, Rect) and mark.radius}
    assert len(boxes) == 3
    plot = next(m for m in drawing.marks if isinstance(m, Rect) and not m.radius)
    assert max(y for _, y in boxes) + 11 < plot.y
