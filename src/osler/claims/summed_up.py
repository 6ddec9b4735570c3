"""Pages that sum up studies: their numbers and plain verbs come from somewhere.

A summary of a review says how many studies and people it rests on, and how sure that makes
one. On such a page a number needs no source beside it, and GRADE lets a plain verb stand where
the certainty is high. All else is judged as on any page: a summary by its looks alone, without
numbers of people and without a word on certainty, is none.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from osler.claims.language.lexicon import phrases
from osler.claims.language.quantities import quantities_in
from osler.claims.language.words import Phrases, Word, words_of
from osler.claims.model import Page


@dataclass(frozen=True, slots=True)
class SummedUp:
    """What a page says of the studies that it rests on.

    ``counted``: how many studies and people there were, and how sure one can be. ``sure``:
    besides, that certainty is high for something.
    """

    counted: bool
    sure: bool


@cache
def _phrases(group: str) -> Phrases:
    """One group at a time: "in 9 trials" tells what was seen, and names trials as well."""
    text = files("osler.claims").joinpath("alone.toml").read_text(encoding="utf-8")
    groups = cast(Mapping[str, list[str]], tomllib.loads(text)["summary"])
    return Phrases({group: groups[group]})


def summed_up(page: Page) -> SummedUp:
    """Whether a page tells the studies that it rests on, and how sure they make one.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> text = "We found 12 trials with 900 people. Moxibustion may help (low certainty)."
    >>> summed_up(parse_page(text, "page.md")[0])
    SummedUp(counted=True, sure=False)
    >>> summed_up(parse_page("In 12 trials, 900 people got better.", "page.md")[0]).counted
    False
    """
    told = [(sentence.text, words_of(sentence.text)) for sentence in page.sentences]
    rated = any(_has(words, "certainty") for _, words in told)
    counted = rated and any(_counts_people(text, words) for text, words in told)
    high = phrases("certainty", "high")
    sure = counted and any(m.name == "high" for _, words in told for m in high.find(words))
    return SummedUp(counted, sure)


def is_background(text: str) -> bool:
    """Whether a number tells how common something is, which no trial of a treatment counts.

    Examples
    --------
    >>> is_background("It affects 1 in 7 adults."), is_background("1 in 7 adults had less pain.")
    (True, False)
    """
    return _has(words_of(text), "background")


def is_reported(text: str) -> bool:
    """Whether a sentence tells what was seen in studies: "In four trials, tablets worked"."""
    return _has(words_of(text), "reported")


def _has(words: tuple[Word, ...], group: str) -> bool:
    return bool(_phrases(group).find(words))


def _counts_people(text: str, words: tuple[Word, ...]) -> bool:
    if not (_has(words, "studies") and _has(words, "people")):
        return False
    return any(quantity.kind == "count" for quantity in quantities_in(text))
