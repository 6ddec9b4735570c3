"""What the words of a passage claim: direction, size, certainty, scope, source and doubt.

A reader by rules. It knows the words of ``lexicon/`` and a few ways in which they stand
together; it does not parse grammar. Where it cannot tell, it says so with an empty
field rather than guessing.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from osler.certainty.model import Level
from osler.claims.language.lexicon import Lexicon, in_use
from osler.claims.language.quantities import is_relative_alone
from osler.claims.language.reader import told
from osler.claims.language.reader.clauses import (
    LEVELS,
    NEGATION_REACH,
    SIZES,
    Clause,
    Size,
    Way,
    clauses,
)
from osler.claims.language.reader.passage import Passage, is_negated
from osler.claims.language.strength import strength_of
from osler.claims.language.words import LONGEST_PASSAGE
from osler.claims.model import Reading
from osler.review.model import Better

__all__ = ["NEGATION_REACH", "find_absolutes", "is_negated", "read_words"]


def read_words(
    text: str,
    *,
    better: Better | None = None,
    harm: bool = False,
    labels: Sequence[str] = (),
    lexicon: Lexicon | None = None,
) -> Reading:
    """Read what a passage claims for the intervention.

    Parameters
    ----------
    text : str
        The words, without marks. Only the first 10,000 characters are read.
    better : "lower", "higher" or None
        Which way the outcome is better; used where the words do not name what is reduced
        or increased.
    harm : bool
        Whether the outcome is a harm: of several statements, those on harms are read
        (or, where False, those that are not).
    labels : sequence of str
        What the outcome is called. Where the text has such a name, ``better`` decides what
        more or less of it means, not the words in it ("no leg pain left").
    lexicon : Lexicon or None
        The word lists; those in use where left out (see
        :func:`osler.claims.language.lexicon.using`).

    Examples
    --------
    >>> reading = read_words("may reduce leg pain slightly", better="lower")
    >>> reading.direction, reading.size, reading.certainty.word
    ('better', 'slight', 'low')
    >>> read_words("probably makes little to no difference to pain").direction
    'none'
    >>> read_words("completely cures sciatica").absolutes
    ('completely cures',)
    >>> reading = read_words("A review found that for most adults it eases leg pain for years")
    >>> reading.source, reading.generality, reading.outcomes, reading.duration
    ('review', 'most', ('leg pain',), 'lasting')
    """
    text, lexicon = text[:LONGEST_PASSAGE], lexicon or in_use()
    passage = Passage(text if harm else _relabelled(text, labels), lexicon)
    plain = passage if passage.text == text else Passage(text, lexicon)
    way, size, level, absence, negated = _main(passage, better, harm)
    return Reading(
        direction=way,
        size=size,
        certainty=level,
        absolutes=tuple(text[a:b].lower() for a, b in _absolutes(plain)),
        absence=absence,
        comparators=told.comparators(plain),
        populations=told.populations(plain),
        outcomes=told.outcomes(plain, labels),
        duration=told.duration(plain),
        generality=told.generality(plain),
        safety=told.safety(plain),
        proof=told.is_proof(plain),
        negated=negated,
        hedges=told.hedges(plain),
        source=told.source(plain),
        relative_alone=is_relative_alone(text),
        strength=strength_of(text, lexicon=lexicon),
    )


def _main(
    passage: Passage, better: Better | None, harm: bool
) -> tuple[Way, Size, Level, bool, bool]:
    """Direction, size, certainty, absence and denial, from the clauses that tell a direction."""
    every = list(clauses(passage, better, harm))
    directed = [c for c in every if c.way]
    wanted = [c for c in directed if c.harm == harm] or directed
    unsure = any(m.name == "very_low" for m in passage.certainty)
    if not wanted:
        return _undirected(passage, every, unsure)
    way = wanted[0].way
    same = [c for c in wanted if c.way == way]
    size = max((c.size for c in same), key=SIZES.index)
    level = Level.VERY_LOW if unsure else max(c.level for c in same)
    return way, size, level, all(c.absence for c in same), way == "none" and _denied(same)


def _denied(clauses: Sequence[Clause]) -> bool:
    return any(c.denied for c in clauses)


def _undirected(
    passage: Passage, every: Sequence[Clause], unsure: bool
) -> tuple[Way, Size, Level, bool, bool]:
    absence = any(c.absence for c in every)
    levels = [LEVELS[m.name] for m in passage.certainty if m.name in LEVELS]
    level = Level.VERY_LOW if unsure or absence else min(levels, default=Level.HIGH)
    return ("none" if absence else ""), "", level, absence, False


def _relabelled(text: str, labels: Sequence[str]) -> str:
    """The text with the outcome's own name replaced by a word that is good or bad as it is."""
    for label in sorted(labels, key=len, reverse=True):
        if label.strip():
            text = re.sub(rf"\b{re.escape(label)}\b", "score", text, flags=re.IGNORECASE)
    return text


# Beside one of these, too, "always" or "permanent" is said of an effect.
_OUTCOMES = ("safe", "recover", "recovers", "effect", "effects", "relief", "result", "results")


def find_absolutes(text: str, *, lexicon: Lexicon | None = None) -> list[tuple[int, int]]:
    """Where words stand that no trial can carry, unless they are negated.

    Examples
    --------
    >>> find_absolutes("It nearly always works"), find_absolutes("It is not a cure")
    ([(3, 16)], [])
    """
    return _absolutes(Passage(text, lexicon or in_use()))


def _absolutes(passage: Passage) -> list[tuple[int, int]]:
    strong = [m for m in passage.find("strong") if m.name != "neutral"]
    safety = passage.find("safety", "absolute")
    effects = {m.first for m in passage.direction if m.name in ("good", "above", "decrease")}
    effects |= {n for n, w in enumerate(passage.words) if w.text in _OUTCOMES}
    places = sorted(effects)
    out: list[tuple[int, int]] = []
    for m in sorted((*strong, *safety), key=lambda m: (m.first, -m.last)):
        near = bisect_left(places, m.first - 6) < bisect_left(places, m.last + 7)
        if m.name == "neutral" or (m.name == "beside" and not near):
            continue
        if passage.is_negated(m.first, NEGATION_REACH) or passage.is_absent(m):
            continue
        start, end = passage.words[m.first].start, passage.words[m.last - 1].end
        if not out or start >= out[-1][1]:
            out.append((start, end))
    return out
