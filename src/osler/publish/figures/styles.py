"""What each named style looks like.

Colours are names ("ink", "accent"): a page binds them to its own light and dark
palettes, a standalone file to :data:`LIGHT`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Style:
    """Paint of one kind of mark; an empty colour means none. ``size`` is in CSS pixels."""

    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dash: str = ""
    size: float = 0.0
    bold: bool = False


LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "ink": "#1c2b2d",
        "quiet": "#54666a",
        "hair": "#c3ccca",
        "accent": "#0a5f63",
        "second": "#8a4b12",
        "band": "#eceae1",
        "empty": "#d3d9d7",
        "paper": "#ffffff",
    }
)

STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "paper": Style(fill="paper"),
        "band": Style(fill="band"),
        "null": Style(stroke="quiet", width=1.0),
        "guide": Style(stroke="accent", width=1.0, dash="3 3"),
        "hair": Style(stroke="hair", width=1.0),
        "rule": Style(stroke="ink", width=1.2),
        "axis": Style(stroke="quiet", width=1.0),
        "whisker": Style(stroke="ink", width=1.4),
        "arrow": Style(fill="ink"),
        "square": Style(fill="quiet"),
        "diamond": Style(fill="accent"),
        "diamond-common": Style(fill="paper", stroke="accent", width=1.4),
        "prediction": Style(stroke="second", width=3.0),
        "prediction-arrow": Style(fill="second"),
        "edge-1": Style(stroke="quiet", width=1.5),
        "edge-2": Style(stroke="quiet", width=3.5),
        "edge-3": Style(stroke="quiet", width=6.0),
        "node": Style(fill="accent"),
        "node-inert": Style(fill="paper", stroke="accent", width=2.0),
        "node-number": Style(fill="paper", size=13.0, bold=True),
        "node-inert-number": Style(fill="ink", size=13.0, bold=True),
        "icon-on": Style(fill="accent"),
        "icon-harm": Style(fill="second"),
        "icon-off": Style(fill="empty"),
        "label": Style(fill="ink", size=13.0),
        "strong": Style(fill="ink", size=13.0, bold=True),
        "head": Style(fill="quiet", size=12.0, bold=True),
        "small": Style(fill="quiet", size=12.0),
        "title": Style(fill="ink", size=15.0, bold=True),
        "number": Style(fill="accent", size=22.0, bold=True),
    }
)
