"""Every format of a check on a small report against what it was.

After a change that is meant: ``UPDATE_SNAPSHOTS=1 make test ARGS=tests/snapshots``, then
read the difference before it is kept.
"""

import os
from pathlib import Path

import pytest

from osler.core.rendering import FORMATS, Format, render_report
from tests.unit.core.rendering.sample import REPORT

FOLDER = Path(__file__).parent
NAMES: dict[Format, str] = {
    "text": "report.txt",
    "json": "report.json",
    "sarif": "report.sarif",
    "github": "annotations.txt",
    "markdown": "report.md",
}


def test_every_format_has_its_snapshot() -> None:
    assert set(NAMES) == set(FORMATS)


@pytest.mark.parametrize("style", FORMATS)
def test_a_format_is_what_it_was(style: Format) -> None:
    text = render_report(REPORT, style, show_set_aside=True) + "\n"
    path = FOLDER / NAMES[style]
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


def test_colours_are_what_they_were() -> None:
    text = render_report(REPORT, "text", colour=True, width=80, show_set_aside=True) + "\n"
    path = FOLDER / "report-in-colour.txt"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text
