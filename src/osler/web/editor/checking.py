"""A page's text as it stands in the editor: checked and shown, by what its folder holds.

What the tables say is worked out once and kept until one of them changes, so that the check
of a text costs no more than the text.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from osler.certainty.network.asked import with_networks
from osler.claims.alone import judge_alone, of_form
from osler.claims.document.page import parse_page
from osler.claims.links import questions_of
from osler.core.diagnostics import DataError, Diagnostic, Severity, in_order
from osler.publish.composition import environment
from osler.publish.one_page import Tables, check_text, read_tables
from osler.publish.page import render_page
from osler.review.folder import read_folder

FOLDERS = 8  # kept per process
_ROOT = re.compile(r'(href|src)="\.\./')


@dataclass(frozen=True)
class Shown:
    """A page as readers would see it, or why it cannot be made."""

    html: str
    diagnostics: tuple[Diagnostic, ...]


_KEPT: OrderedDict[str, Tables] = OrderedDict()
_LOCK = Lock()


def know(folder: Path, today: date) -> Tables:
    """What a folder says; worked out anew only where a table, or the day, is another.

    Raises OSError where the folder cannot be read.
    """
    files = read_folder(folder)
    key = _key(folder, files, today)
    with _LOCK:
        known = _KEPT.get(key)
        if known is None:
            known = _KEPT[key] = read_tables(files, today)
            while len(_KEPT) > FOLDERS:
                _KEPT.popitem(last=False)
        _KEPT.move_to_end(key)
    return known


def _key(folder: Path, files: Mapping[str, bytes], today: date) -> str:
    digest = hashlib.sha256(f"{folder}\0{today}".encode())
    for name, content in sorted(files.items()):
        is_page = name.startswith("pages/")
        digest.update(f"\0{name}\0".encode())
        digest.update(b"" if is_page else hashlib.sha256(content).digest())
    return digest.hexdigest()


def findings_in(folder: Path, name: str, text: str, today: date) -> tuple[Diagnostic, ...]:
    """What ``osler check`` says of a page with this text.

    Parameters
    ----------
    folder : Path
        A review folder; in one without a question the page is checked by itself.
    name : str
        The page's path within the folder.
    text : str
        Need not be what is on the disk.
    today : date
        Against which dates of review are held.
    """
    known = know(folder, today)
    if known.review is None:
        page, wrong = parse_page(text, name)
        return in_order([*of_form(page, wrong), *judge_alone(page, today)])
    return check_text(known, name, text, today).diagnostics


def show_text(folder: Path, name: str, text: str, today: date) -> Shown:
    """A page with this text as readers would see it; links lead to the site's own addresses."""
    known = know(folder, today)
    if known.review is None:
        return Shown("", known.diagnostics)
    checked = check_text(known, name, text, today)
    evidence = with_networks(known.review, known.evidence, questions_of(checked.page))
    try:
        made = render_page(
            known.review,
            evidence,
            checked.page,
            checked.judged,
            templates=environment(),
            version=version("osler"),
        )
    except DataError as error:
        return Shown("", error.diagnostics)
    return Shown(_ROOT.sub(r'\1="/', made.html), checked.diagnostics)


def has_errors(found: Sequence[Diagnostic]) -> bool:
    """Whether one of the findings keeps a page from being published."""
    return any(d.severity is Severity.ERROR for d in found)
