"""``osler check page.html``: one page, from a file or from standard input, without a folder."""

from datetime import date
from pathlib import Path

from osler.claims.alone import judge_alone, of_form
from osler.claims.document.page import parse_page
from osler.claims.document.web_encoding import decode_web_page
from osler.claims.document.web_page import parse_web_page
from osler.claims.model import Page
from osler.core.decoding import CONTROL
from osler.core.diagnostics import Diagnostic, in_order

STDIN = "-"
WEB_SUFFIXES = (".html", ".htm", ".xhtml", ".shtml")
MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".txt")
# Any of these near the top of a text says that it is HTML.
_SIGNS = ("<!doctype html", "<html", "<head", "<body", "</p>", "</div>", "</h1>", "</script>")
_TOP = 20_000


def check_alone(target: str, stdin: bytes | None, today: date) -> tuple[Diagnostic, ...]:
    """What can be said of one page without a review folder.

    Parameters
    ----------
    target : str
        Path of a file, or "-" for ``stdin``.
    stdin : bytes or None
        What standard input holds; looked at only where ``target`` is "-".
    today : date
        Against which the dates of rules are held.

    Returns
    -------
    tuple of Diagnostic
        By line and column. Raises OSError where the file cannot be read.

    Examples
    --------
    >>> found = check_alone("-", b"<p>Reiki cures eczema.</p>", date(2025, 6, 1))
    >>> [(d.place.line, d.place.column) for d in found if d.code == "CLM006"]
    [(1, 10)]
    """
    data = (stdin or b"") if target == STDIN else Path(target).read_bytes()
    page, found = page_alone(target, data)
    return in_order([*found, *judge_alone(page, today)])


def page_alone(target: str, data: bytes) -> tuple[Page, tuple[Diagnostic, ...]]:
    """The page in a file, and what is wrong with how it is written.

    HTML is told by the name's ending, or else by the text.

    Examples
    --------
    >>> [page_alone(n, b"# Cupping")[0].headings[0].text for n in ("a.md", "-")]
    ['Cupping', 'Cupping']
    """
    text, notes = decode_web_page(data, target)
    return page_of_text(target, text, notes)


def page_of_text(
    target: str, text: str, notes: tuple[Diagnostic, ...] = ()
) -> tuple[Page, tuple[Diagnostic, ...]]:
    """The page in a text that was decoded before; ``notes`` come along."""
    if is_web_page(target, text):
        page, found = parse_web_page(text, target)
        return page, (*notes, *found)
    page, found = parse_page(CONTROL.sub("\ufffd", text), target)
    return page, (*notes, *of_form(page, found))


def is_web_page(target: str, text: str) -> bool:
    """Whether a text is to be read as HTML.

    Examples
    --------
    >>> is_web_page("a.htm", ""), is_web_page("-", "<p>It helps.</p>"), is_web_page("a.md", "<p>")
    (True, True, False)
    """
    suffix = Path(target).suffix.lower()
    if suffix in WEB_SUFFIXES or suffix in MARKDOWN_SUFFIXES:
        return suffix in WEB_SUFFIXES
    top = text[:_TOP].lower()
    return any(sign in top for sign in _SIGNS)
