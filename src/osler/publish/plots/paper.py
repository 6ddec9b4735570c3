"""Paper: figures in points, text that is measured before it is set, files that repeat.

Only Matplotlib's objects are used, never ``pyplot``, and every colour, weight and font is
handed over explicitly: a caller's style sheet changes nothing, and several figures may be
drawn at one time.
"""

import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

from osler.core.diagnostics import DataError
from osler.publish.plots import palette
from osler.publish.plots.problems import bad_file_type, bad_size

_FILES = (".pdf", ".svg", ".png", ".eps", ".ps", ".tif", ".tiff", ".jpg", ".jpeg", ".webp")
_WIDE_FROM = 0x2E80  # East Asian scripts fill a square from here on
_SLACK = 1.012  # other backends round each letter's place
# Matplotlib takes these from its global settings alone, so they are set for the moment of
# writing, by one thread at a time.
_WRITING = threading.RLock()
TextAs = Literal["paths", "text"]


class Drawn(Figure):
    """A figure that shows itself in a notebook and is written the same way every time.

    A class of its own, although one should not inherit a tweak, because a figure made
    without ``pyplot`` shows nothing in a notebook and ``savefig`` dates its files.

    Attributes
    ----------
    description : str
        The figure in words, for who cannot see it; written into the files.
    """

    description: str = ""
    _shows: ClassVar[float] = 110.0

    def draw(self, renderer: Any) -> None:
        """As Matplotlib's, with letters at their true widths, which hinting changes."""
        with _settings({"text.hinting": "none", "text.usetex": False}):
            super().draw(renderer)

    def savefig(self, fname: Any, **options: Any) -> None:
        """As Matplotlib's, with embedded TrueType fonts and without a date."""
        file = str(options.get("format") or Path(str(fname)).suffix.lstrip(".") or "png").lower()
        options.setdefault("metadata", _metadata(file, self.description))
        options.setdefault("facecolor", palette.WHITE)
        with _settings(_of_files("paths")):
            super().savefig(fname, **options)

    def _repr_png_(self) -> bytes:
        held = io.BytesIO()
        self.savefig(held, format="png", dpi=self._shows)
        return held.getvalue()


def save(
    figure: Figure | Sequence[Figure],
    path: str | Path,
    *,
    dpi: float = 300.0,
    text: TextAs = "paths",
) -> Path:
    """Write a figure to a file as a journal takes it, with the same bytes every time.

    Parameters
    ----------
    figure : Figure or sequence of Figure
        Several become the pages of one PDF.
    path : str or Path
        The ending says what is written: .pdf, .svg, .eps, .png, .tiff, ...
    dpi : float
        Of files made of pixels.
    text : {"paths", "text"}
        In SVG: letters as outlines, which look the same everywhere, or as text, which can be
        searched and edited but needs the font (DejaVu Sans) where it is shown.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    DataError
        Where the ending is not known, or several pages are not to go into a PDF (FIG008).

    Notes
    -----
    Fonts are embedded in PDF as TrueType (type 42), which journals ask for. Nothing in the
    file tells when it was made; PostScript, where Matplotlib always writes a date, excepted.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> figure = sheet(100, 50)[0]
    >>> save(figure, Path(mkdtemp()) / "empty.svg").name
    'empty.svg'
    """
    path = Path(path)
    kind = path.suffix.lower()
    pages = [figure] if isinstance(figure, Figure) else list(figure)
    if kind not in _FILES or not pages or (len(pages) > 1 and kind != ".pdf"):
        raise DataError(bad_file_type(path.name, _FILES))
    told = getattr(pages[0], "description", "")
    metadata = _metadata(kind.lstrip("."), told)
    with _settings(_of_files(text)):
        if len(pages) > 1:
            with PdfPages(path, metadata=metadata) as book:
                for page in pages:
                    Figure.savefig(page, book, format="pdf", facecolor=palette.WHITE)
        else:
            facecolor = palette.WHITE
            Figure.savefig(pages[0], path, dpi=dpi, metadata=metadata, facecolor=facecolor)
    return path


def _metadata(kind: str, description: str) -> dict[str, Any]:
    """What the file says of itself: never when it was made."""
    if kind == "pdf":
        return {"CreationDate": None, "Subject": description or None}
    if kind == "svg":
        return {"Date": None, "Description": description or None}
    if kind == "png":
        return {"Software": None, "Description": description or None}
    return {}


def _of_files(text: TextAs) -> dict[str, Any]:
    return {
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "svg.fonttype": "path" if text == "paths" else "none",
        "svg.hashsalt": "osler",
        "savefig.bbox": None,
    }


@contextmanager
def _settings(wanted: Mapping[str, Any]) -> Iterator[None]:
    with _WRITING:
        current: dict[str, Any] = cast("dict[str, Any]", mpl.rcParams)
        before = {name: current[name] for name in wanted}
        current.update(wanted)
        try:
            yield
        finally:
            current.update(before)


def inches(width: float | str) -> float:
    """A width in inches: a number, or "single", "middle" or "double" for a journal's columns.

    Examples
    --------
    >>> round(inches("single"), 2), inches(5)
    (3.5, 5.0)
    """
    if isinstance(width, str) and width in palette.WIDTHS:
        return palette.WIDTHS[width]
    if isinstance(width, int | float) and 0 < width < 200:
        return float(width)
    raise DataError(bad_size("width", width))


@lru_cache(maxsize=64)
def font(size: float, *, bold: bool = False, italic: bool = False) -> FontProperties:
    """The figures' typeface in ``size`` points."""
    return FontProperties(
        family=palette.FONT,
        size=size,
        weight="bold" if bold else "normal",
        style="italic" if italic else "normal",
    )


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line in points, from the font's own advances (kerning only narrows it)."""
    return _SLACK * size * sum(_advance(character, bold) for character in text)


@lru_cache(maxsize=4096)
def _advance(character: str, bold: bool) -> float:
    """Width of a character where letters are one point high."""
    if ord(character) >= _WIDE_FROM:
        return 1.0
    face = get_font(findfont(font(100.0, bold=bold)))
    face.set_size(100.0, palette.INCH)
    glyph = face.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / 100


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """A text in lines of at most ``width`` points; a word that is longer is broken.

    Examples
    --------
    >>> wrapped("Frimodt-Moller and others 1973", 90, 8)
    ('Frimodt-Moller and', 'others 1973')
    """
    first, _, rest = text.partition("\n")
    if rest:
        parts = (wrapped(part, width, size, bold=bold) for part in (first, rest))
        return tuple(line for part in parts for line in part)
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if text_width(joined, size, bold) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, width, size, bold=bold)
        lines += whole
    return (*lines, line) if line or not lines else tuple(lines)


def _broken(word: str, width: float, size: float, *, bold: bool) -> list[str]:
    parts: list[str] = []
    while text_width(word, size, bold) > width and len(word) > 1:
        end = len(word) - 1
        while end > 1 and text_width(word[:end], size, bold) > width:
            end -= 1
        parts.append(word[:end])
        word = word[end:]
    return [*parts, word]


def sheet(width: float, height: float) -> tuple[Drawn, Axes]:
    """An empty figure of a size in points, and one frame over all of it.

    The frame counts points from the upper left corner, y downwards, as one reads.
    """
    figure = figure_of(width, height)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_autoscale_on(False)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    return figure, axes


def figure_of(width: float, height: float) -> Drawn:
    """An empty white figure of a size in points."""
    figure = Drawn(
        figsize=(width / palette.INCH, height / palette.INCH),
        dpi=100,
        facecolor=palette.WHITE,
        edgecolor=palette.WHITE,
        linewidth=0,
        frameon=True,
    )
    figure.set_layout_engine("none")  # whatever the global settings ask for
    return figure
