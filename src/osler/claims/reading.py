"""What the words of a passage claim: direction, size, certainty, absolutes.

A reader by rules. It knows the words of ``lexicon/`` and a few ways in which they stand
together; it does not parse grammar. Where it cannot tell, it says so with an empty
direction rather than guessing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from osler.certainty.model import Level
from osler.claims.lexicon import phrases
from osler.claims.model import Reading
from osler.claims.words import Mention, Word, clauses_of, words_of
from osler.review.model import Better

Way = Literal["better", "worse", "none", ""]
Size = Literal["large", "moderate", "slight", "none", ""]

# How far a negation reaches, and how far after a verb its object is looked for, in words.
NEGATION_REACH = 6
OBJECT_REACH = 8

_LEVELS = {
    "very_low": Level.VERY_LOW,
    "low": Level.LOW,
    "moderate": Level.MODERATE,
    "high": Level.HIGH,
}
_SIZES: tuple[Size, ...] = ("", "none", "slight", "moderate", "large")
_TURNED: dict[Way, Way] = {"better": "none", "worse": "none"}


@dataclass(frozen=True, slots=True)
class _Event:
    """One word or phrase that tells a direction, and whether it is about harms."""

    way: Way
    at: int
    harm: bool


@dataclass(frozen=True, slots=True)
class _Clause:
    way: Way
    size: Size
    level: Level
    absence: bool
    harm: bool


class _Passage:
    """The words of a passage with all mentions, found once."""

    def __init__(self, text: str) -> None:
        self.words = words_of(text)
        self.direction = phrases("direction").find(self.words)
        self.objects = phrases("objects").find(self.words)
        self.negation = phrases("negation").find(self.words)
        self.certainty = phrases("certainty").find(self.words)
        self.size = phrases("size").find(self.words)


def read_words(
    text: str, *, better: Better | None = None, harm: bool = False, labels: Sequence[str] = ()
) -> Reading:
    """Read what a passage claims for the intervention.

    Parameters
    ----------
    text : str
        The words, without marks.
    better : "lower", "higher" or None
        Which way the outcome is better; used where the words do not name what is reduced
        or increased.
    harm : bool
        Whether the outcome is a harm: of several statements, those on harms are read
        (or, where False, those that are not).
    labels : sequence of str
        What the outcome is called. Where the text has such a name, ``better`` decides what
        more or less of it means, not the words in it ("no leg pain left").

    Examples
    --------
    >>> reading = read_words("may reduce leg pain slightly", better="lower")
    >>> reading.direction, reading.size, reading.certainty.word
    ('better', 'slight', 'low')
    >>> read_words("probably makes little to no difference to pain").direction
    'none'
    >>> read_words("completely cures sciatica").absolutes
    ('completely cures',)
    """
    passage = _Passage(text if harm else _relabelled(text, labels))
    clauses = list(_clauses(passage, better, harm))
    told = [c for c in clauses if c.way]
    wanted = [c for c in told if c.harm == harm] or told
    unsure = any(m.name == "very_low" for m in passage.certainty)
    absence = any(c.absence for c in clauses)
    absolutes = tuple(text[a:b].lower() for a, b in find_absolutes(text))
    if not wanted:
        way: Way = "none" if absence else ""
        level = Level.VERY_LOW if unsure or absence else _overall(passage)
        return Reading(way, "", level, absolutes, absence)
    way = wanted[0].way
    same = [c for c in wanted if c.way == way]
    size = max((c.size for c in same), key=_SIZES.index)
    level = Level.VERY_LOW if unsure else max(c.level for c in same)
    return Reading(way, size, level, absolutes, all(c.absence for c in same))


def _relabelled(text: str, labels: Sequence[str]) -> str:
    """The text with the outcome's own name replaced by a word that is good or bad as it is."""
    for label in sorted(labels, key=len, reverse=True):
        if label.strip():
            text = re.sub(rf"\b{re.escape(label)}\b", "score", text, flags=re.IGNORECASE)
    return text


def _overall(passage: _Passage) -> Level:
    levels = [_LEVELS[m.name] for m in passage.certainty if m.name in _LEVELS]
    return min(levels, default=Level.HIGH)


def _clauses(passage: _Passage, better: Better | None, harm: bool) -> Iterator[_Clause]:
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
        absence = any(m.name == "absence" for m in _within(passage.negation, first, last))
        level = Level.VERY_LOW if absence else min(own or Level.HIGH, stated)
        harmful = bool(chosen) and chosen[0].harm
        yield _Clause(way, _size(passage, first, last, way), level, absence, harmful)


def _settle(events: Sequence[_Event]) -> Way:
    """The direction of a clause: "no difference" wins, otherwise the first that is told."""
    ways = [e.way for e in events]
    return "none" if "none" in ways else ways[0] if ways else ""


def _goes_on(words: Sequence[Word], first: int, events: Sequence[_Event]) -> bool:
    """Whether a clause shares the hedge before it: ", and improve", not ", and improves"."""
    if words[first].text not in ("and", "or") or not events:
        return False
    return events[0].at == first + 1 and not words[events[0].at].text.endswith("s")


def _stated(passage: _Passage) -> Level:
    """The lowest certainty stated of the evidence as a whole ("low-certainty evidence")."""
    levels = [
        _LEVELS[m.name]
        for m in passage.certainty
        if m.name in _LEVELS
        and any(
            w.text in ("certainty", "evidence", "quality") for w in passage.words[m.first : m.last]
        )
    ]
    return min(levels, default=Level.HIGH)


def _level(passage: _Passage, first: int, last: int) -> Level | None:
    names = [m.name for m in _within(passage.certainty, first, last) if m.name in _LEVELS]
    return min((_LEVELS[name] for name in names), default=None)


def _size(passage: _Passage, first: int, last: int, way: Way) -> Size:
    found: list[Size] = []
    for m in _within(passage.size, first, last):
        if m.name == "neutral":
            continue
        size: Size = next(s for s in _SIZES if s == m.name)
        found.append("slight" if size == "large" and _is_negated(passage, m.first, 2) else size)
    if way == "none":
        return "none"
    return max(found, key=_SIZES.index, default="")


def _within(mentions: Sequence[Mention], first: int, last: int) -> list[Mention]:
    return [m for m in mentions if first <= m.first < last]


def _events(passage: _Passage, first: int, last: int, better: Better | None) -> list[_Event]:
    out: list[_Event] = []
    mentions = _within(passage.direction, first, last)
    absent = [m.first for m in _within(passage.negation, first, last) if m.name == "absence"]
    for number, mention in enumerate(mentions):
        following = mentions[number + 1] if number + 1 < len(mentions) else None
        way, harm = _way(passage, mention, following, last, better)
        if not way:
            continue
        turned = _is_negated(passage, mention.first, NEGATION_REACH, first) or any(
            at < mention.first for at in absent
        )
        if turned and mention.name == "none":
            continue
        out.append(_Event(_TURNED.get(way, way) if turned else way, mention.first, harm))
    return out


def _way(
    passage: _Passage,
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


def _object(passage: _Passage, mention: Mention, last: int) -> str:
    """What is reduced, increased or caused: the next thing named, or the one just before.

    "inside" where the word is itself part of a thing ("pain reduction").
    """
    inside = [o for o in passage.objects if o.first < mention.last and mention.first < o.last]
    if inside and inside[0].last > mention.last:
        return "inside"
    reach = min(last, mention.last + OBJECT_REACH)
    after = [o.name for o in passage.objects if mention.last <= o.first < reach]
    before = [o.name for o in passage.objects if mention.first - 2 <= o.last - 1 < mention.first]
    return after[0] if after else before[-1] if before else ""


def _is_negated(passage: _Passage, at: int, reach: int, first: int = 0) -> bool:
    return is_negated(passage.words, passage.negation, at, reach, first)


def is_negated(
    words: Sequence[Word], negation: Sequence[Mention], at: int, reach: int, first: int = 0
) -> bool:
    """Whether a "not" stands within ``reach`` words before word ``at``, in the same phrase.

    An "and", "than", "but" or "because" between the two ends its reach.

    Examples
    --------
    >>> words = words_of("it does not always reduce pain")
    >>> is_negated(words, phrases("negation").find(words), 4, 6)
    True
    """
    low = max(first, at - reach)
    for mention in reversed(negation):
        if mention.name != "not" or not low <= mention.first < at:
            continue
        between = [w.text for w in words[mention.last : at]]
        return not {"and", "than", "but", "because"} & set(between)
    return False


# Beside one of these, too, "always" or "permanent" is said of an effect.
_OUTCOMES = ("safe", "recover", "recovers", "effect", "effects", "relief", "result", "results")


def find_absolutes(text: str) -> list[tuple[int, int]]:
    """Where words stand that no trial can carry, unless they are negated.

    Examples
    --------
    >>> find_absolutes("It nearly always works"), find_absolutes("It is not a cure")
    ([(3, 16)], [])
    """
    passage = _Passage(text)
    strong = [m for m in phrases("strong").find(passage.words) if m.name != "neutral"]
    safety = phrases("safety", "absolute").find(passage.words)
    effects = [m.first for m in passage.direction if m.name in ("good", "above", "decrease")]
    effects += [n for n, w in enumerate(passage.words) if w.text in _OUTCOMES]
    out: list[tuple[int, int]] = []
    for m in sorted((*strong, *safety), key=lambda m: (m.first, -m.last)):
        near = any(m.first - 6 <= at <= m.last + 6 for at in effects)
        if m.name == "neutral" or (m.name == "beside" and not near):
            continue
        if _is_negated(passage, m.first, NEGATION_REACH) or _is_absent(passage, m):
            continue
        start, end = passage.words[m.first].start, passage.words[m.last - 1].end
        if not out or start >= out[-1][1]:
            out.append((start, end))
    return out


def _is_absent(passage: _Passage, mention: Mention) -> bool:
    return any(m.name == "absence" and m.first <= mention.first for m in passage.negation)
