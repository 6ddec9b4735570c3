"""How wide a text will be, near enough to align columns without a font at hand.

Browsers choose among system fonts, so no width is exact. The advance widths here are
those of Helvetica (in thousandths of the size), which Arial and Liberation Sans share
and which Segoe UI, Roboto and San Francisco keep to within a few per cent.
"""

import re

from osler.publish.figures.styles import STYLES

_ADVANCES = {
    278: " !,./:;I[\\]ft",
    222: "ijl",
    191: "'",
    260: "|",
    333: "()`-r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jckvsxyz",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~−±",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_WIDTHS = {character: width for width, text in _ADVANCES.items() for character in text}
_WIDTHS["\u00a0"] = _WIDTHS[" "]
_OTHER = 600
_WIDE_FROM = 0x2E80  # East Asian scripts fill the em square from here on
_SPACES = re.compile(r"[ \t\r\n]+")  # not those that keep words together
BOLD = 1.07  # Helvetica Bold is about this much wider


def text_width(text: str, style: str) -> float:
    """Width of one line in CSS pixels.

    Parameters
    ----------
    text : str
        The line.
    style : str
        A name in :data:`~osler.publish.figures.styles.STYLES` that has a size.

    Examples
    --------
    >>> text_width("0.5", "label")
    18.07
    """
    drawn = STYLES[style]
    em = sum(1000 if ord(c) >= _WIDE_FROM else _WIDTHS.get(c, _OTHER) for c in text)
    return round(em / 1000 * drawn.size * (BOLD if drawn.bold else 1.0), 2)


def wrapped(text: str, style: str, width: float, *, lines: int = 2) -> tuple[str, ...]:
    """Break a text into at most ``lines`` lines of ``width`` pixels; the last ends in "…" if cut.

    Examples
    --------
    >>> wrapped("Mathieson and others 2017", "label", 110.0)
    ('Mathieson and', 'others 2017')
    """
    done: list[str] = []
    rest = [word for word in _SPACES.split(text) if word]
    while rest and len(done) < lines:
        line, rest = _fill(rest, style, width)
        done.append(line)
    if rest:
        done[-1] = shortened(f"{done[-1]} {' '.join(rest)}", style, width)
    return tuple(done) or ("",)


def _fill(words: list[str], style: str, width: float) -> tuple[str, list[str]]:
    count = 1
    while count < len(words) and text_width(" ".join(words[: count + 1]), style) <= width:
        count += 1
    return shortened(" ".join(words[:count]), style, width), words[count:]


def shortened(text: str, style: str, width: float) -> str:
    """The text, or as much of its beginning as fits, with "…" at the end."""
    if text_width(text, style) <= width:
        return text
    end = len(text)
    while end and text_width(text[:end].rstrip() + "…", style) > width:
        end -= 1
    return text[:end].rstrip() + "…"
