"""The clauses of a passage: the direction, size and certainty that each of them tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from osler.certainty.model import Level
from osler.claims.language.reader.passage import Passage, between
from osler.claims.language.words import Mention, Word, clauses_of
from osler.review.model import Better

Way = Literal["better", "worse", "none", ""]
Size = Literal["large", "moderate", "slight", "none", ""]

# How far a negation reaches, and how far after a verb its object is looked for, in words.
NEGATION_REACH = 6
OBJECT_REACH = 8

LEVELS = {
    "very_low": Level.VERY_LOW,
    "low": Level.LOW,
    "moderate": Level.MODERATE,
    "high": Level.HIGH,
}
SIZES: tuple[Size, ...] = ("", "none", "slight", "moderate", "large")
_TURNED: dict[Way, Way] = {"better": "none", "worse": "none"}
# "No difference" by these words denies an effect; "similar to" sets one beside another.
_DENYING = frozenset(
    "no not never little doesn't don't didn't does do did ineffective unchanged makes".split()
)


@dataclass(frozen=True, slots=True)
class Event:
    """One word or phrase that tells a direction, and whether it is about harms."""

    way: Way
    at: int
    harm: bool
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause tells; ``denied`` where it says that there is no effect."""

    way: Way
    size: Size
    level: Level
    absence: bool
    harm: bool
    denied: bool


def clauses(passage: Passage, better: Better | None, harm: bool) -> Iterator[Clause]:
    """Every clause in its order; a hedge goes on over "and improve", not over "and improves"."""
    before: Level | None = None
    stated = _stated(passage)
    for first, last in clauses_of(passage.words):
        events = _events(passage, first, last, better)
        chosen = [e for e in events if e.harm == harm] or events
        way = _settle(chosen)
        own = _level(passage, first, last)
        if own is None and before is not None and _goes_on(passage.words, first, chosen):
            own = before
        before = own
        absence = any(m.name == "absence" for m in between(passage.negation, first, last))
        level = Level.VERY_LOW if absence else min(own or Level.HIGH, stated)
        harmful = bool(chosen) and chosen[0].harm
        denied = any(e.denied for e in chosen) and not absence
        yield Clause(way, _size(passage, first, last, way), level, absence, harmful, denied)


def _settle(events: Sequence[Event]) -> Way:
    """The direction of a clause: "no difference" wins, otherwise the first that is told."""
    ways = [e.way for e in events]
    return "none" if "none" in ways else ways[0] if ways else ""


def _goes_on(words: Sequence[Word], first: int, events: Sequence[Event]) -> bool:
    """Whether a clause shares the hedge before it: ", and improve", not ", and improves"."""
    if words[first].text not in ("and", "or") or not events:
        return False
    return events[0].at == first + 1 and not words[events[0].at].text.endswith("s")


def _stated(passage: Passage) -> Level:
    """The lowest certainty stated of the evidence as a whole ("low-certainty evidence")."""
    levels = [
        LEVELS[m.name]
        for m in passage.certainty
        if m.name in LEVELS
        and any(
            w.text in ("certainty", "evidence", "quality") for w in passage.words[m.first : m.last]
        )
    ]
    return min(levels, default=Level.HIGH)


def _level(passage: Passage, first: int, last: int) -> Level | None:
    names = [m.name for m in between(passage.certainty, first, last) if m.name in LEVELS]
    return min((LEVELS[name] for name in names), default=None)


def _size(passage: Passage, first: int, last: int, way: Way) -> Size:
    found: list[Size] = []
    for m in between(passage.size, first, last):
        if m.name == "neutral":
            continue
        size: Size = next(s for s in SIZES if s == m.name)
        turned = size == "large" and passage.is_negated(m.first, 2)
        found.append("slight" if turned else size)
    if way == "none":
        return "none"
    return max(found, key=SIZES.index, default="")


def _events(passage: Passage, first: int, last: int, better: Better | None) -> list[Event]:
    out: list[Event] = []
    mentions = between(passage.direction, first, last)
    absent = [m.first for m in between(passage.negation, first, last) if m.name == "absence"]
    since = min(absent, default=last)
    for number, mention in enumerate(mentions):
        following = mentions[number + 1] if number + 1 < len(mentions) else None
        way, harm = _way(passage, mention, following, last, better)
        if not way:
            continue
        turned = passage.is_negated(mention.first, NEGATION_REACH, first) or since < mention.first
        if turned and mention.name == "none":
            continue
        denied = turned or _denies(passage, mention)
        out.append(Event(_TURNED.get(way, way) if turned else way, mention.first, harm, denied))
    return out


def _denies(passage: Passage, mention: Mention) -> bool:
    words = passage.words[mention.first : mention.last]
    return mention.name == "none" and any(w.text in _DENYING for w in words)


def _way(
    passage: Passage,
    mention: Mention,
    following: Mention | None,
    last: int,
    better: Better | None,
) -> tuple[Way, bool]:
    """The direction one mention tells by itself, and whether it is about harms."""
    name = mention.name
    thing = _object(passage, mention, last)
    harm = thing == "harm"
    if name in ("good", "above"):
        return "better", passage.words[mention.first].text in ("safer", "safest")
    if name == "safe":
        return "none", True
    if name == "bad":
        return "worse", harm or passage.words[mention.first].text in ("unsafe", "riskier")
    if name == "none":
        return "none", harm
    if thing == "inside" or _is_about_next(mention, following):
        return "", False
    return _of_amount(name, thing, better), harm


def _is_about_next(mention: Mention, following: Mention | None) -> bool:
    """Whether the direction is told by the next mention: "a greater reduction in"."""
    if following is None or following.first - mention.last > 2:
        return False
    told = ("good", "increase", "decrease", "above", "bad")
    return (mention.name == "more" and following.name in told) or (
        mention.name == "cause" and following.name in (*told, "more", "fewer", "none", "safe")
    )


def _of_amount(name: str, thing: str, better: Better | None) -> Way:
    if thing == "either":
        thing = {"lower": "bad", "higher": "good"}.get(better or "", "")
    if name in ("decrease", "fewer"):
        if not thing:
            return "" if name == "fewer" else "worse" if better == "higher" else "better"
        return "worse" if thing == "good" else "better"
    if name in ("increase", "more", "cause"):
        if not thing:
            told: dict[str | None, Way] = {"higher": "better", "lower": "worse"}
            return told.get(better, "") if name == "increase" else ""
        return "better" if thing == "good" else "worse"
    return ""


def _object(passage: Passage, mention: Mention, last: int) -> str:
    """What is reduced, increased or caused: the next thing named, or the one just before.

    "inside" where the word is itself part of a thing ("pain reduction").
    """
    near = between(passage.objects, mention.first - 2 * OBJECT_REACH, last)
    inside = [o for o in near if o.first < mention.last and mention.first < o.last]
    if inside and inside[0].last > mention.last:
        return "inside"
    reach = min(last, mention.last + OBJECT_REACH)
    after = between(passage.objects, mention.last, reach)
    before = [o.name for o in near if mention.first - 2 <= o.last - 1 < mention.first]
    return after[0].name if after else before[-1] if before else ""
