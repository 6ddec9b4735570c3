"""A page without a review folder: the rules of language and the rule packs alone.

What a page says is held against no trials here. What treatments and conditions are called
comes from ``alone.toml``, so that a page about nearly anything can be read.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import cast

from osler.certainty.model import Evidence
from osler.claims.language.lexicon import phrases
from osler.claims.language.names import Names, names_of
from osler.claims.language.words import words_of
from osler.claims.model import Page
from osler.claims.rules.checking import check_rules
from osler.claims.rules.shipped import shipped_packs
from osler.claims.rulings import STANDS
from osler.claims.summed_up import is_background, is_reported, summed_up
from osler.claims.unmarked import find_unmarked
from osler.claims.whole_page import check_whole
from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.core.wording import counted
from osler.review.model import ModelChoice, Review, Site, Treatment

NO_EVIDENCE = Evidence({}, {})

# What the form of a page of a review folder asks for, and no other page has to have.
_FORM = ("PAG001", "PAG002", "PAG003", "PAG004", "PAG005", "PAG006", "PAG008", "PAG009", "PAG012")
# Marks in braces mean something else in other programs, unless the page has marked statements.
_MARKS = ("PAG007", "PAG010")
# Groups of certainty.toml: words that say how sure one is.
_RATED = ("high", "moderate", "low", "very_low")


@cache
def _data() -> Mapping[str, Mapping[str, object]]:
    text = files("osler.claims").joinpath("alone.toml").read_text(encoding="utf-8")
    return cast(Mapping[str, Mapping[str, object]], tomllib.loads(text))


def no_review() -> Review:
    """A review that knows what treatments and conditions are called, and nothing else.

    Examples
    --------
    >>> review = no_review()
    >>> "acupuncture" in review.treatments, "sciatica" in review.words, len(review.studies)
    (True, True, 0)
    """
    nowhere = Place("")
    treatments = cast(Mapping[str, list[str]], _data()["treatments"])
    conditions = cast(Mapping[str, list[str]], _data()["conditions"])
    return Review(
        title="",
        condition="",
        population="",
        words=tuple(word for words in conditions.values() for word in words),
        site=Site("", "", "en-GB", ""),
        model=ModelChoice(),
        treatments={
            name: Treatment(name, name, tuple(words), order, "", (), (), nowhere)
            for order, (name, words) in enumerate(treatments.items(), start=1)
        },
        instruments={},
        outcomes={},
        comparisons={},
        studies={},
        arms=(),
        results=(),
        contrasts=(),
        bias=(),
        judgements=(),
        facts={},
        mechanisms=(),
        references={},
        pages=(),
    )


@cache
def names_alone() -> Names:
    """The treatments and conditions of ``alone.toml``, ready to be found."""
    return names_of(no_review(), NO_EVIDENCE)


def judge_alone(page: Page, today: date) -> tuple[Diagnostic, ...]:
    """What can be said of a page without evidence.

    Parameters
    ----------
    page : Page
        From :func:`~osler.claims.document.page.parse_page` or
        :func:`~osler.claims.document.web_page.parse_web_page`.
    today : date
        Against which the dates of rules are held.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> page, _ = parse_page("Reflexology cures migraine.", "page.md")
    >>> "CLM006" in {d.code for d in judge_alone(page, date(2025, 6, 1))}
    True
    """
    review, names = no_review(), names_alone()
    entry = _entries(page)
    found = [_reworded(d, entry(d)) for d in find_unmarked(page, review, NO_EVIDENCE, names)]
    found += [_unpublished(d) for d in check_rules(page, shipped_packs(), names, today)]
    found += [d for d in check_whole(page, today) if d.code not in _FORM]
    if page.spans:
        found.append(_not_held(page))
    return in_order(found)


def of_form(page: Page, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What was found while reading, without what only pages of a review folder have to hold."""
    left = _FORM if page.spans else (*_FORM, *_MARKS)
    return tuple(d for d in found if d.code not in left)


def _entries(page: Page) -> Callable[[Diagnostic], str]:
    """Which entry of ``says`` tells a finding, by the sentence and the page that it stands in."""
    sentences = sorted((*page.headings, *page.sentences), key=lambda s: _start(s.place))
    starts = [_start(sentence.place) for sentence in sentences]
    # Read only where it matters: most pages have nothing of the kind.
    rests_on = cache(lambda: summed_up(page))

    def entry(d: Diagnostic) -> str:
        at = bisect_right(starts, _start(d.place)) - 1
        text = sentences[at].text if at >= 0 else ""
        if d.code == "CLM012" and rests_on().counted and not is_background(text):
            return "CLM012.summed"
        if d.code != "CLM010":
            return d.code
        if any(m.name in _RATED for m in phrases("certainty").find(words_of(text))):
            return "CLM010.hedged"
        told = rests_on().sure or (rests_on().counted and is_reported(text))
        return "CLM010.summed" if told else "CLM010"

    return entry


def _start(place: Place) -> tuple[int, int]:
    return place.line, place.column


def _unpublished(d: Diagnostic) -> Diagnostic:
    """Without what follows for a page of a folder: here nothing is published."""
    return replace(d, so="" if d.so == STANDS else d.so)


def _reworded(d: Diagnostic, entry: str) -> Diagnostic:
    """The diagnostic without advice to mark a passage or to look into a folder.

    A claim that says how sure it is may be just what the evidence carries: without evidence,
    it is only told.
    """
    says = cast(Mapping[str, Mapping[str, str]], _data()["says"]).get(entry, {})
    return replace(
        d,
        severity=Severity(says.get("severity", d.severity)),
        message=says.get("message", d.message),
        so="" if d.so == STANDS else d.so,
        help=says.get("help", d.help),
    )


def _not_held(page: Page) -> Diagnostic:
    count = len(page.spans)
    return Diagnostic(
        "ALO001",
        Severity.NOTE,
        page.spans[0].place,
        "marked statements cannot be held against evidence: this page has no review folder",
        f"{counted(count, 'marked statement')}, the first of them here",
        "only language and rules are checked",
        "osler new FOLDER starts a review folder; put the page into its pages/",
    )
