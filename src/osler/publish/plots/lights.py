"""Judgements on bias as lights: a colour and a sign each, so that a grey print says the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from osler.core.diagnostics import DataError
from osler.publish.plots import palette
from osler.publish.plots.grid import MARGIN, line_height
from osler.publish.plots.paper import text_width
from osler.publish.plots.pens import Pen
from osler.publish.plots.problems import unknown_choice


@dataclass(frozen=True, slots=True)
class Light:
    """How a judgement looks: its sign, the colour behind it, and that of the sign."""

    sign: str
    fill: str
    ink: str


LIGHTS = {
    "low": Light("+", palette.GREEN, palette.WHITE),
    "some concerns": Light("–", palette.YELLOW, palette.BLACK),
    "unclear": Light("?", palette.YELLOW, palette.BLACK),
    "high": Light("×", palette.VERMILION, palette.WHITE),
    "critical": Light("!", "#7A1F00", palette.WHITE),
}


def judged(values: Sequence[object]) -> tuple[str, ...]:
    """Judgements as :data:`LIGHTS` names them; empty where there is none.

    Raises
    ------
    DataError
        For a judgement that is not known (FIG003).

    Examples
    --------
    >>> judged(["Low", " some concerns", None])
    ('low', 'some concerns', '')
    """
    found = tuple(str(value or "").strip().casefold() for value in values)
    for judgement in found:
        if judgement and judgement not in LIGHTS:
            raise DataError(unknown_choice("judgement", judgement, tuple(LIGHTS)))
    return found


def draw_light(judgement: str, x: float, y: float, pen: Pen) -> None:
    """A light with its middle at ``x``, ``y``; nothing where nothing was judged."""
    if not judgement:
        return
    light = LIGHTS[judgement]
    pen.circle(x, y, 0.62 * pen.size, fill=light.fill)
    at = pen.middle(y, 0.95 * pen.size)
    pen.text(x, at, light.sign, align="center", bold=True, color=light.ink)


Key = tuple[str, str]  # a judgement ("" for none) and words
_WORDS = 0.94  # letters of a legend, of those of the rest
_STEP = 1.15


def legend_lines(keys: Sequence[Key], wide: float, size: float) -> list[list[Key]]:
    """What lights and short names mean, in lines that fit a sheet."""
    lines: list[list[Key]] = [[]]
    x = MARGIN
    for key in keys:
        width = _key_width(key, size)
        if lines[-1] and x + width > wide - MARGIN:
            lines.append([])
            x = MARGIN
        lines[-1].append(key)
        x += width
    return lines


def legend_height(lines: Sequence[Sequence[Key]], size: float) -> float:
    return len(lines) * line_height(size) * _STEP


def draw_legend(lines: Sequence[Sequence[Key]], y: float, pen: Pen) -> None:
    """The legend below ``y``."""
    for line in lines:
        y += line_height(pen.size) * _STEP
        x = MARGIN
        for judgement, words in line:
            light = replace(pen, size=0.85 * pen.size)
            draw_light(judgement, x + 0.7 * pen.size, y - 0.36 * pen.size, light)
            start = x + (1.7 * pen.size if judgement else 0.0)
            pen.text(start, y, words, size=_WORDS * pen.size, color=palette.SOFT)
            x += _key_width((judgement, words), pen.size)


def _key_width(key: Key, size: float) -> float:
    light = 1.7 * size if key[0] else 0.0
    return light + text_width(key[1], _WORDS * size) + 1.2 * size
