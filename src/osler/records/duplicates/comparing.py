"""Two fingerprints held against each other, field by field."""

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from osler.records.duplicates.fingerprints import Fingerprint
from osler.records.duplicates.journals import Agreement, compare_journals


class Comparison(NamedTuple):
    """How each field of two records compares; the names are those of ``weights.toml``."""

    title: str
    words: str
    numbers: str
    first_author: str
    authors: str
    year: str
    journal: str
    volume: str
    issue: str
    pages: str
    doi: str
    pmid: str
    registration: str
    abstract: str
    title_similarity: float


NEARLY, ALIKE, WEAK = 0.94, 0.85, 0.6
_START = 25


def _title(a: Fingerprint, b: Fingerprint) -> tuple[str, float]:
    one, two = a.title, b.title
    if not one.key or not two.key:
        return "missing", 0.0
    if one.key == two.key:
        return ("common" if one.common else "same"), 1.0
    similarity = fuzz.ratio(one.key, two.key) / 100
    if one.common or two.common:
        return "different", similarity
    if similarity >= NEARLY:
        return "nearly", similarity
    short, long = (one.key, two.key) if len(one.key) <= len(two.key) else (two.key, one.key)
    if len(short) >= _START and (long.startswith(short) or long.endswith(short)):
        return "start", similarity
    if similarity >= ALIKE:
        return "alike", similarity
    if fuzz.token_set_ratio(one.words, two.words) >= 97 and len(short) >= _START:
        return "within", similarity
    return ("weak" if similarity >= WEAK else "different"), similarity


_TYPING_ERROR = 74.0
# A word that turns the meaning is never a slip of the pen.
_TURNING = frozenset("no not non without versus vs men women male female boys girls children "
                     "adults increase decrease increases decreases high low acute chronic "
                     "upper lower left right short long hyper hypo pre post early late "
                     "reply response comment erratum correction".split())  # fmt: skip
_SMALL = frozenset("a an and as at by for from in into of on or than the to with der die das und "
                   "de la le et el los las en y o".split())  # fmt: skip


def _words(a: Fingerprint, b: Fingerprint) -> str:
    """Whether words of two like titles differ by a slip, are left out, or are other words."""
    ours, theirs = sorted((a.title.words, b.title.words))
    ours = tuple(w for w in ours if w not in _SMALL)
    theirs = tuple(w for w in theirs if w not in _SMALL)
    left = _unmatched(ours, theirs)
    right = _unmatched(theirs, ours)
    if "".join(left) == "".join(right):
        return "same"
    left, right = _without_slips(left, right)
    if not left and not right:
        return "slip"
    if left and right:
        return "other" if fuzz.ratio("".join(left), "".join(right)) < 85 else "slip"
    return "turned" if _TURNING.intersection(left or right) else "left_out"


def _unmatched(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    known = set(theirs)
    return [w for w in ours if w not in known]


def _without_slips(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    """Without words that are the other side's, mistyped; a turning word is not."""
    rest = list(right)
    unmatched = []
    for word in left:
        near = next((w for w in rest if _is_slip(word, w)), None)
        if near is None:
            unmatched.append(word)
        else:
            rest.remove(near)
    return unmatched, rest


def _is_slip(one: str, two: str) -> bool:
    if one in _TURNING and two in _TURNING:
        return False
    if one.isdigit() or two.isdigit():
        return False
    return (fuzz.ratio(one, two) >= _TYPING_ERROR and one[:2] == two[:2]) or (
        min(len(one), len(two)) > 5 and fuzz.ratio(one, two) >= 85
    )


def _numbers(a: Fingerprint, b: Fingerprint) -> str:
    """Numbers in the titles: the same, more on one side, or other numbers."""
    ours, theirs = a.title.numbers, b.title.numbers
    if ours == theirs:
        return "same"
    if "".join(sorted("".join(ours))) == "".join(sorted("".join(theirs))):
        return "same"
    left, right = set(ours) - set(theirs), set(theirs) - set(ours)
    return "other" if left and right else "more"


def _begins(whole: str, family: str) -> bool:
    """Whether names that lost the sign between them begin so: "hartannebell" with "hart"."""
    return len(family) > 3 and whole.startswith(family)


def _first_author(a: Fingerprint, b: Fingerprint) -> str:
    if not a.first_author or not b.first_author:
        return "missing"
    if not set(a.first_author).isdisjoint(b.first_author):
        return "same"
    one, two = a.first_author, b.first_author
    whole, other = "".join(one), "".join(two)
    if fuzz.ratio(whole, other) >= 80 or fuzz.ratio(one[0], two[0]) >= 75:
        return "close"
    if _begins(whole, two[0]) or _begins(other, one[0]):
        return "close"
    # Some databases turn names or lists round: the first stands among the others.
    if not b.authors.isdisjoint(one) and not a.authors.isdisjoint(two):
        return "among"
    return "different"


def _authors(a: Fingerprint, b: Fingerprint) -> str:
    if not a.authors or not b.authors:
        return "missing"
    shared = len(a.authors & b.authors) / min(len(a.authors), len(b.authors))
    if shared >= 0.8:
        return "same"
    if shared >= 0.5:
        return "most"
    return "some" if shared > 0 else "different"


def _year(a: Fingerprint, b: Fingerprint) -> str:
    if a.year is None or b.year is None:
        return "missing"
    apart = abs(a.year - b.year)
    return ("same", "next")[apart] if apart < 2 else "different"


def _plain(one: str, two: str) -> str:
    if not one or not two:
        return "missing"
    return "same" if one == two else "different"


def _pages(a: Fingerprint, b: Fingerprint) -> str:
    """Pages: both ends, the first, ranges that overlap, or other pages."""
    if not a.first_page or not b.first_page:
        return "missing"
    if a.first_page == b.first_page:
        # A range both ends of which agree; a single page can hold many abstracts.
        ranges = a.last_page == b.last_page and a.last_page not in ("", a.first_page)
        return "both" if ranges else "first"
    if a.article_number != b.article_number or _is_count(a) or _is_count(b):
        return "unclear"
    if a.last_page and a.last_page == b.last_page:
        return "close"
    return "close" if _near(a, b) else "different"


def _is_count(mark: Fingerprint) -> bool:
    """Pages counted from 1, as journals without paper have them."""
    return mark.first_page == "1" and mark.last_page != ""


def _near(a: Fingerprint, b: Fingerprint) -> bool:
    """One range begins inside the other, or letters around the same number."""
    one, two = a.first_page.strip("sepabcd"), b.first_page.strip("sepabcd")
    if one == two:
        return True
    if not (one.isdecimal() and two.isdecimal()):
        return fuzz.ratio(a.first_page, b.first_page) >= 85
    low, high = (a, b) if int(one) < int(two) else (b, a)
    end = low.last_page
    return end.isdecimal() and int(high.first_page.strip("sepabcd")) <= int(end)


def _doi(one: str, two: str) -> str:
    if not one or not two:
        return "missing"
    if one == two:
        return "same"
    # One of them was cut off.
    return "missing" if one.startswith(two) or two.startswith(one) else "different"


def _registration(a: Fingerprint, b: Fingerprint) -> str:
    """A number in common, which counts where the titles are like: a trial has many reports."""
    if not a.registrations or not b.registrations:
        return "missing"
    return "missing" if set(a.registrations).isdisjoint(b.registrations) else "same"


def _abstract(a: Fingerprint, b: Fingerprint) -> str:
    one, two = a.abstract, b.abstract
    if not one or not two:
        return "missing"
    if one == two:
        return "same"
    length = min(len(one), len(two))
    similarity = fuzz.ratio(one[:length], two[:length])
    if similarity >= 90:
        return "same"
    return "close" if similarity >= 65 else "different"


def compare(a: Fingerprint, b: Fingerprint) -> Comparison:
    """How two records compare, field by field.

    Examples
    --------
    >>> from osler.records.duplicates.fingerprints import fingerprint
    >>> from osler.records.model import Name, Record
    >>> one = Record("a", title="Sciatica and the trial", authors=(Name("Hart", "A."),), year=2001)
    >>> two = Record("b", title="Sciatica & the trail.", authors=(Name("Hart"),), year=2002)
    >>> found = compare(fingerprint(one), fingerprint(two))
    >>> found.title, found.words, found.first_author, found.year
    ('alike', 'slip', 'same', 'next')
    """
    title, similarity = _title(a, b)
    like = title in ("nearly", "alike", "start", "within")
    return Comparison(
        title,
        _words(a, b) if like else "same",
        "missing" if title == "missing" else _numbers(a, b),
        _first_author(a, b),
        _authors(a, b),
        _year(a, b),
        compare_journals(a.journal, b.journal).value,
        _plain(a.volume, b.volume),
        _plain(a.issue, b.issue),
        _pages(a, b),
        _doi(a.doi, b.doi),
        _plain(a.pmid, b.pmid),
        _registration(a, b) if like or similarity == 1.0 else "missing",
        _abstract(a, b),
        round(similarity, 2),
    )


__all__ = ["Agreement", "Comparison", "compare"]
