"""What a fact on harms counted: how many of how many, and what none of them leaves open."""

import re
from dataclasses import dataclass

from osler.claims.language.lexicon import phrases
from osler.claims.language.units import share_of
from osler.claims.language.words import words_of
from osler.review.model import Fact

COUNTS = re.compile(r"\b(\d{1,7}) (?:of|in) (\d{1,7})\b")
_WATCHED = re.compile(r"\b(?:n (\d{1,7})|(\d{1,7}) (?:patients|people|participants))\b")


def rule_of_three(n: int) -> float:
    """The upper 95% limit of a risk where none of ``n`` had the event.

    Examples
    --------
    >>> rule_of_three(110), rule_of_three(2)
    (0.02727272727272727, 1.0)

    Notes
    -----
    3/n is the exact limit 1 - 0.05^(1/n) to within a few percent from 30 people on, and never
    below it.
    """
    return min(1.0, 3 / n) if n > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Watched:
    """How many of how many had a harm; ``n`` is None where only a share is known."""

    share: float
    events: int | None
    n: int | None


def watched(fact: Fact) -> Watched | None:
    """The frequency that a fact about a harm tells; None where it has none.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> fact = Fact("x", "Harm", 0, None, None, "percent", "", "", "", "0 of 110", Place(""))
    >>> watched(fact)
    Watched(share=0.0, events=0, n=110)
    """
    unit = share_of(fact.unit)
    for text in (fact.notes, fact.statement, fact.population):
        found = COUNTS.search(text)
        if found and 0 < int(found[2]) >= int(found[1]):
            events, n = int(found[1]), int(found[2])
            return Watched(events / n, events, n)
    ends = [x for x in (fact.value, fact.high) if x is not None]
    if fact.value == 0:
        told = _WATCHED.search(f"{fact.notes}; {fact.statement}; {fact.population}")
        return Watched(0.0, 0, int(told[1] or told[2]) if told else None)
    if unit is None or not ends:
        return None
    return Watched(abs(ends[0]) * unit, None, None)


def is_harm(fact: Fact) -> bool:
    """Whether a fact is about an unwanted effect."""
    text = f"{fact.id.replace('-', ' ')}; {fact.statement}"
    return any(m.name == "harm" for m in phrases("objects", "harm").find(words_of(text)))


def limit_of_none(fact: Fact) -> float:
    """The risk that a fact with no event leaves open; 0 where it has events or no number."""
    if fact.value not in (0, None) or not is_harm(fact):
        return 0.0
    counted = watched(fact)
    return rule_of_three(counted.n) if counted and counted.share == 0 and counted.n else 0.0
