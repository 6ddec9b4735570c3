"""What keeps two records apart, or for a person to look at, however alike they are."""

import re
from collections.abc import Callable
from typing import NamedTuple

from osler.records.duplicates.comparing import Comparison
from osler.records.duplicates.fingerprints import Fingerprint
from osler.records.duplicates.model import LinkKind, Standing
from osler.records.duplicates.titles import Notice


class Bar(NamedTuple):
    """Why two records may not be merged; ``standing`` is never ``MERGED``."""

    standing: Standing
    reason: str
    link: LinkKind | None = None


Rule = Callable[[Comparison, Fingerprint, Fingerprint], Bar | None]

LIKE_TITLES = frozenset({"same", "nearly", "start", "alike", "within"})
_MATCHING_PAGES = frozenset({"both", "first"})


def _apart(reason: str, link: LinkKind) -> Bar:
    return Bar(Standing.APART, reason, link)


def _look(reason: str) -> Bar:
    return Bar(Standing.LOOK, reason)


def _identified(c: Comparison) -> bool:
    """Whether an identifier says that they are one."""
    return c.doi == "same" or c.pmid == "same"


def _notice(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    kinds = {_notice_of(a), _notice_of(b)}
    if len(kinds) == 1:
        differ = a.title.several != b.title.several
        return _look("one stands for several letters together") if differ else None
    if Notice.CORRECTION in kinds:
        return _apart("one corrects the other", LinkKind.CORRECTION)
    return _apart("one is a comment or reply", LinkKind.REPLY)


def _notice_of(mark: Fingerprint) -> Notice:
    return Notice.CORRECTION if mark.correction else mark.title.notice


def _update(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    """Cochrane reviews are published again under their number; each version is a record."""
    if not a.cochrane or not b.cochrane or c.title not in LIKE_TITLES:
        return None
    if c.doi == "different":
        return _apart("another version of the review", LinkKind.UPDATE)
    ours, theirs = _cochrane_issue(a), _cochrane_issue(b)
    issues_differ = bool(ours and theirs and ours != theirs)
    if c.doi == "same":
        return None
    if c.year == "different" or (c.year == "next" and issues_differ):
        return _apart("another version of the review", LinkKind.UPDATE)
    if c.year == "next" or issues_differ:
        return _look("perhaps another version of the review")
    return None


_ISSUES_A_YEAR = 12


def _cochrane_issue(mark: Fingerprint) -> str:
    """Some databases write the issue where others have the volume."""
    for number in (mark.issue, mark.volume):
        if number and len(number) <= 2 and int(number) <= _ISSUES_A_YEAR:
            return number
    return ""


def _series(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    if c.doi == "same" or c.pages == "both":
        return None
    one, two = sorted((a.title.part, b.title.part))
    if one and two and one != two:
        return _apart(f"part {one} and part {two}", LinkKind.SERIES)
    if c.numbers == "other" and c.title in LIKE_TITLES:
        if c.pages == "first" or c.abstract == "same":
            return _look("other numbers in the titles")
        return _apart("other numbers in the titles", LinkKind.SERIES)
    return None


def _registrations(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    """Numbers of the same registry, and none in common."""
    if not a.registrations or not b.registrations or _identified(c):
        return None
    if not set(a.registrations).isdisjoint(b.registrations):
        return None
    registries = {_registry(n) for n in a.registrations} & {_registry(n) for n in b.registrations}
    if not registries:
        return None
    return _apart("different registration numbers", LinkKind.DIFFERENT_REGISTRATION)


_LETTERS = re.compile(r"[A-Z]+")


def _registry(number: str) -> str:
    """The letters a registry's numbers begin with; EudraCT's have none."""
    found = _LETTERS.match(number)
    return found[0] if found else ""


def _identifiers(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    if c.doi == "different":
        kind = _kind_of_report(c, a, b)
        return _apart("different DOIs", kind or LinkKind.DIFFERENT_DOI)
    if c.pmid == "different":
        kind = _kind_of_report(c, a, b)
        return _apart("different PMIDs", kind or LinkKind.DIFFERENT_PMID)
    return None


def _kind_of_report(c: Comparison, a: Fingerprint, b: Fingerprint) -> LinkKind | None:
    """What one of two reports of the same work is: a protocol, an abstract."""
    if a.title.protocol != b.title.protocol:
        return LinkKind.PROTOCOL
    if _place_differs(c) and _is_abstract(a) != _is_abstract(b):
        return LinkKind.ABSTRACT
    return None


def _is_abstract(mark: Fingerprint) -> bool:
    """Whether it looks like a meeting's abstract rather than a full paper."""
    if mark.meeting:
        return True
    span = _span(mark)
    return mark.supplement and (span is None or span <= 1)


def _span(mark: Fingerprint) -> int | None:
    """Pages from first to last, less one; None where that is not known."""
    first = mark.first_page.lstrip("abcdefghijklmnopqrstuvwxyz")
    last = mark.last_page.lstrip("abcdefghijklmnopqrstuvwxyz")
    if first.isdecimal() and last.isdecimal() and len(first) < 9 and len(last) < 9:
        return abs(int(last) - int(first))
    return 0 if first else None


def _place_differs(c: Comparison) -> bool:
    return "different" in (c.journal, c.volume, c.pages) or c.year == "different"


def _elsewhere(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    """The same work printed in another place: another record (Rathbone 2015)."""
    if _identified(c):
        return None
    if c.pages == "first" and c.issue == "different" and _one_page_of_many(a, b):
        return _look("another issue, one of them a single page")
    if c.pages in _MATCHING_PAGES:
        return _same_pages_elsewhere(c)
    moved = (c.journal == "different") + (c.volume == "different") + (c.pages == "different")
    moved += c.year == "different"
    if moved >= 2:
        kind = _kind_of_report(c, a, b) or LinkKind.OTHER_REPORT
        return _apart("published in another place", kind)
    if moved == 1 and c.pages != "different":
        return _look("perhaps published in another place")
    if c.pages == "different" and _one_page_of_many(a, b):
        return _look("other pages, one of them a single page")
    if c.pages == "different" and c.issue == "different":
        return _look("other pages and another issue")
    if c.pages == "different" and (c.year == "next" or c.title not in ("same", "nearly")):
        return _look("other pages")
    return None


def _same_place(c: Comparison) -> bool:
    """Title, journal, year, volume and first page agree: what else differs is a slip."""
    return (
        c.title == c.year == c.volume == "same"
        and c.journal in ("same", "close")
        and c.pages in _MATCHING_PAGES
        and c.authors != "different"
    )


def _same_pages_elsewhere(c: Comparison) -> Bar | None:
    """What a journal prints every year can have the same pages: the volume has to go with them."""
    if c.volume != "different":
        return None
    if c.year == "different":
        return _apart("another year and volume", LinkKind.OTHER_REPORT)
    if c.journal == "different" or (c.year == "next" and c.abstract != "same"):
        return _look("perhaps published in another place")
    return None


def _one_page_of_many(a: Fingerprint, b: Fingerprint) -> bool:
    one, two = _span(a), _span(b)
    return one is not None and two is not None and min(one, two) == 0 and max(one, two) >= 2


def _protocol(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    if a.title.protocol == b.title.protocol or _identified(c) or c.pages in _MATCHING_PAGES:
        return None
    return _apart("one is a protocol", LinkKind.PROTOCOL)


def _other_text(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    """Abstracts or titles that say other things."""
    if c.abstract == "different" and c.pages == "different":
        # Even with the same DOI, which a supplement's abstracts share.
        return _apart("other abstracts and pages", LinkKind.OTHER_REPORT)
    surely = _identified(c) and c.title in ("same", "nearly")
    if c.abstract == "different" and c.pages != "both" and not surely:
        return _look("other abstracts")
    if _identified(c) and c.pages == "different" and c.title != "same":
        return _look("other pages and titles")
    translated = c.pmid == c.first_author == c.volume == c.year == "same"
    if c.abstract == "same" or c.pages == "both" or translated:
        return None
    if c.title in ("weak", "different", "within") or c.words in ("other", "turned"):
        return _look("other words in the titles")
    if c.title == "missing":
        return _look("no title")
    return None


def _other_authors(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    alike = _identified(c) or c.pages == "both" or _same_place(c)
    if c.first_author == "different" and not alike:
        return _look("other first authors")
    if c.title == "common" and c.pages not in _MATCHING_PAGES and not _identified(c):
        return _look("a title that many records share")
    return None


def _too_little(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    """Title and author alone make the same record only in the same year."""
    place = (c.journal, c.volume, c.pages, c.doi, c.pmid)
    if c.year != "same" and _SPEAKING.isdisjoint(place):
        # A preprint has title, authors and abstract of the paper of the next year.
        return _look("little to go by, and not the same year")
    if c.first_author == "missing" and _SPEAKING.isdisjoint((*place, c.abstract, c.registration)):
        return _look("little to go by")
    return None


_SPEAKING = frozenset({"same", "close", "both", "first"})

# In this order: what says most about how two records belong together comes first.
RULES: tuple[Rule, ...] = (
    _notice,
    _update,
    _series,
    _registrations,
    _identifiers,
    _protocol,
    _elsewhere,
    _other_text,
    _other_authors,
    _too_little,
)


def bar_between(c: Comparison, a: Fingerprint, b: Fingerprint) -> Bar | None:
    """The first bar that keeps apart; else the first that asks for a look; else None.

    Examples
    --------
    >>> from osler.records.duplicates.comparing import compare
    >>> from osler.records.duplicates.fingerprints import fingerprint
    >>> from osler.records.model import Record
    >>> one = fingerprint(Record("a", title="Needling for sciatica: part I", year=2001))
    >>> two = fingerprint(Record("b", title="Needling for sciatica: part II", year=2001))
    >>> bar_between(compare(one, two), one, two).reason
    'part 1 and part 2'
    """
    look = None
    for rule in RULES:
        bar = rule(c, a, b)
        if bar is None:
            continue
        if bar.standing is Standing.APART:
            return bar
        look = look or bar
    return look
