"""What a forest plot says, before anything is drawn: rows, columns, notes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from osler.publish.plots.showing import Display

Kind = Literal[
    "study", "step", "random", "common", "own", "subtotal", "prediction", "heading", "note"
]
# An estimate in three texts, so that points and brackets stand below each other.
Parts = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of words or numbers.

    ``group`` is written over all neighbours that share it, ``align`` is where cells stand.
    """

    name: str
    head: str
    group: str = ""
    align: Literal["left", "right", "centre"] = "right"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a forest plot.

    A "step" is a pooled estimate among others (cumulative, leave-one-out), an "own" row the
    result of another analysis.
    ``estimate``, ``lower`` and ``upper`` are on the analysis scale, NaN where there is nothing
    to draw; ``weight`` sets the size of the square, as a fraction of the largest.
    """

    kind: Kind
    label: str
    estimate: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    weight: float = math.nan
    cells: Mapping[str, str | Parts] = field(default_factory=dict)
    lights: tuple[str, ...] = ()
    indent: bool = False

    @property
    def strong(self) -> bool:
        return self.kind in ("random", "common", "subtotal", "heading")


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot beside the labels; most figures have one.

    ``rows`` gives for each row of the figure what is drawn in this panel.
    """

    display: Display
    rows: tuple[Row, ...]
    limits: tuple[float, float]
    null: float | None
    axis_label: str
    head: str = ""
    sides: tuple[str, str] = ("", "")
    guides: tuple[float, ...] = ()
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """All that a forest plot says."""

    title: str
    description: str
    columns: tuple[Column, ...]  # of texts; "plot" and "plot2", ... stand for the panels
    rows: tuple[Row, ...]
    panels: tuple[Panel, ...]
    domains: tuple[str, ...]
    notes: tuple[str, ...]


def estimate_parts(
    display: Display,
    estimate: float,
    lower: float,
    upper: float,
    brackets: tuple[str, str, str] = ("(", " to ", ")"),
) -> Parts:
    """An estimate and its interval in three texts.

    Examples
    --------
    >>> from osler.publish.plots.showing import display_of
    >>> estimate_parts(display_of("RR", []), -0.9, -1.2, 2.5)
    ('0.41', '(0.30 to', '12.18)')
    """
    opening, joint, closing = brackets
    low, high = display.ends(lower, upper)
    if not math.isfinite(lower) and not math.isfinite(upper):
        return ("", "", "not estimable")
    # A hyphen between numbers one of which has a minus, or a sign of "beyond", misleads.
    if joint == "-" and any(c in low + high for c in "−<>"):
        joint = " to "
    middle = display.text(estimate) if math.isfinite(estimate) else ""
    return (middle, f"{opening}{low}{joint}".rstrip(), f"{high}{closing}")


def joined(cell: str | Parts) -> str:
    """A cell as one text."""
    if isinstance(cell, str):
        return cell
    space = "" if cell[1].endswith("-") else " "
    return f"{cell[0]} {cell[1]}{space}{cell[2]}".strip()


def described(rows: Sequence[Row]) -> str:
    """A forest plot in words."""
    studies = sum(row.kind in ("study", "step") for row in rows)
    parts = []
    for row in rows:
        cell = joined(row.cells.get("estimate", ""))
        if row.kind == "heading":
            parts.append(row.label)
        elif cell:
            parts.append(f"{row.label}: {cell}")
    return f"Forest plot with {studies} rows of studies. {'; '.join(parts)}."
