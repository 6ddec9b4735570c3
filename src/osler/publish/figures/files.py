"""Writing a figure to a file."""

from importlib import import_module
from pathlib import Path
from typing import Any

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.publish.figures.drawing import Drawing
from osler.publish.figures.svg import svg_standalone

SUFFIXES = (".svg", ".png", ".pdf")


def save(drawing: Drawing, path: Path) -> tuple[Diagnostic, ...]:
    """Write a figure in the format that the file's name ends in.

    Parameters
    ----------
    drawing : Drawing
        The figure.
    path : Path
        Ends in .svg, .png or .pdf (in any case).

    Returns
    -------
    tuple of Diagnostic
        PUB013 where the typeface of .png and .pdf lacks characters of the figure's texts.

    Raises
    ------
    DataError
        PUB011 for another ending; PUB010 for .png and .pdf where matplotlib is missing;
        PUB012 where the file cannot be written.
    """
    content = figure_bytes(drawing, path)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise DataError(_unwritable(path, error)) from error
    lacking = "" if path.suffix.lower() == ".svg" else _raster(path).missing_characters(drawing)
    return (_no_glyphs(path, lacking),) if lacking else ()


def figure_bytes(drawing: Drawing, path: Path) -> bytes:
    """What :func:`save` writes."""
    suffix = path.suffix.lower()
    if suffix == ".svg":
        return svg_standalone(drawing).encode()
    if suffix not in SUFFIXES:
        raise DataError(_unknown(path))
    raster = _raster(path)
    content: bytes = (raster.png if suffix == ".png" else raster.pdf)(drawing)
    return content


def _raster(path: Path) -> Any:
    """The module that draws with matplotlib, which is an extra and takes most of a second."""
    try:
        return import_module("osler.publish.figures.raster")
    except ImportError as error:
        raise DataError(_no_matplotlib(path)) from error


def _no_glyphs(path: Path, lacking: str) -> Diagnostic:
    return Diagnostic(
        code="PUB013",
        severity=Severity.WARNING,
        place=Place(str(path)),
        message="the typeface lacks some characters of the figure",
        found=", ".join(f"{c} (U+{ord(c):04X})" for c in lacking[:10]),
        so="they are drawn as empty boxes",
        help="write the figure as .svg, or spell the names in Latin, Greek or Cyrillic letters",
    )


def _unknown(path: Path) -> Diagnostic:
    return Diagnostic(
        code="PUB011",
        severity=Severity.ERROR,
        place=Place(str(path)),
        message="unknown figure format",
        found=f"{path.name!r} ends in {path.suffix!r}" if path.suffix else f"{path.name!r}",
        so="no figure was written",
        help="use a name that ends in .svg, .png or .pdf",
    )


def _no_matplotlib(path: Path) -> Diagnostic:
    return Diagnostic(
        code="PUB010",
        severity=Severity.ERROR,
        place=Place(str(path)),
        message=f"matplotlib is needed to write {path.suffix.lower()} figures",
        found="matplotlib is not installed",
        so="no figure was written",
        help='pip install "osler[figures]", or write the figure as .svg, which needs nothing',
    )


def _unwritable(path: Path, error: OSError) -> Diagnostic:
    return Diagnostic(
        code="PUB012",
        severity=Severity.ERROR,
        place=Place(str(path)),
        message="the figure cannot be written",
        found=f"{path}: {error.strerror or error}",
        so="no figure was written",
        help="check that the folder exists and that you may write to it",
    )
