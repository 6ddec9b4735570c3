"""A table as HTML: as part of a page, and as a document of its own."""

from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup

from osler.publish.composition import Composition
from osler.publish.references import entries
from osler.publish.sheets import LEGEND, Sheet


def sheet_html(composition: Composition, sheet: Sheet, name: str, *, linked: bool = True) -> Markup:
    """A table with its notes.

    Parameters
    ----------
    composition : Composition
        The page that it stands on.
    sheet : Sheet
        The table.
    name : str
        From which its ids are made.
    linked : bool
        Whether the page holds the evidence that the rows lead to.
    """
    return composition.render(
        "sheet.html", sheet=sheet, id=composition.figure_id(name), linked=linked, legend=LEGEND
    )


def html_document(
    composition: Composition,
    sheets: Sequence[Sheet],
    *,
    title: str,
    facts: Sequence[tuple[str, str]] = (),
    foot: str = "",
) -> bytes:
    """Tables as one HTML file that needs nothing beside it: light and dark, screen and paper."""
    body = [sheet_html(composition, sheet, sheet.title, linked=False) for sheet in sheets]
    return composition.render(
        "sheet_document.html",
        title=title,
        facts=facts,
        sheets=body,
        references=entries(composition.citations.counts, composition.review.references),
        site=composition.review.site,
        style=Markup(_style()),
        foot=foot,
    ).encode()


def _style() -> str:
    """The pages' style sheet, which the document carries inside it."""
    return files("osler.publish").joinpath("assets", "style.css").read_text(encoding="utf-8")
