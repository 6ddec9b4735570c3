"""What a folder adds to how its pages are judged: rules, words, and what people confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from osler.claims.confirmed import FILE, Confirmations, of_lost_pages, parse_confirmations
from osler.claims.language.lexicon import SHIPPED, Lexicon, read_lexicon
from osler.claims.rules.checking import expired
from osler.claims.rules.choice import choose_packs, parse_choice
from osler.claims.rules.model import Pack
from osler.claims.rules.shipped import house_packs, shipped_packs
from osler.core.decoding import decode
from osler.core.diagnostics import Diagnostic
from osler.core.toml_text import read_toml
from osler.review.model import Review

_SETTINGS = "osler.toml"


@dataclass(frozen=True)
class House:
    """How the pages of one folder are judged beside its evidence.

    Attributes
    ----------
    packs : tuple of Pack
        The rules that are on, each with its weight.
    available : tuple of Pack
        All packs, those that ship with Osler and the folder's own.
    lexicon : Lexicon
        The words that claims are read by, with those that the folder adds.
    confirmed : Confirmations or None
        What people confirmed; None where nobody confirmed anything.
    """

    packs: tuple[Pack, ...] = ()
    available: tuple[Pack, ...] = ()
    lexicon: Lexicon = SHIPPED
    confirmed: Confirmations | None = None


def house_of(
    files: Mapping[str, bytes], review: Review, today: date
) -> tuple[House, tuple[Diagnostic, ...]]:
    """Read ``rules/*.toml``, ``words/*.toml``, ``[rules]``, ``[words]`` and ``confirmed.json``.

    Parameters
    ----------
    files : mapping of str to bytes
        As ``osler.review.folder.read_folder`` gives them.
    review : Review
        The folder, for its language and its pages.
    today : date
        Against which the rules' dates of expiry are held.
    """
    text, _ = decode(files.get(_SETTINGS, b""), _SETTINGS)
    lines = text.split("\n")
    own, wrong = house_packs(files)
    choice, unclear = parse_choice(_rules_table(text), lines)
    available = (*shipped_packs(), *own)
    packs, unknown = choose_packs(available, choice, review.site.language, lines)
    lexicon, unread = read_lexicon(files)
    confirmed, strange = _confirmed(files, [page.file for page in review.pages])
    found = (*wrong, *unclear, *unknown, *expired(packs, today), *unread, *strange)
    return House(packs, available, lexicon, confirmed), found


def _rules_table(text: str) -> object:
    """``[rules]``; what is wrong with the file as a whole is told by those who read it all."""
    try:
        return read_toml(text).get("rules")
    except (ValueError, RecursionError):
        return None


def _confirmed(
    files: Mapping[str, bytes], pages: Sequence[str]
) -> tuple[Confirmations | None, tuple[Diagnostic, ...]]:
    if FILE not in files:
        return None, ()
    text, unreadable = decode(files[FILE], FILE)
    confirmed, wrong = parse_confirmations(text)
    return confirmed, (*unreadable, *wrong, *of_lost_pages(confirmed, pages))
