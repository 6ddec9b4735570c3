"""Where a rule's phrases stand in a sentence, and whether they are said or denied there."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from osler.claims.language.names import Names
from osler.claims.language.words import Mention, Phrases, Word, words_of
from osler.claims.rules.model import Rule, Terms
from osler.claims.scenes import Scene

_STOPS = frozenset(".;:!?")


@lru_cache(maxsize=1024)
def compiled(terms: Terms) -> Phrases:
    """The phrases of a rule, ready to be looked for."""
    # Of two matches of one length the first group wins: what only looks alike.
    return Phrases({"neutral": terms.neutral, "found": terms.patterns})


@lru_cache(maxsize=64)
def swaps(written: tuple[str, ...]) -> Phrases:
    """The phrases of a list of substitutions, each a group of its own."""
    return Phrases({phrase: (phrase,) for phrase in written})


def find(terms: Terms, words: Sequence[Word], names: Names) -> list[Mention]:
    """Where the terms stand, from left to right, with what the folder calls things."""
    every = compiled(terms).find(words)
    found = [m for m in every if m.name == "found"]
    if "treatments" in terms.named:
        found += [m for m in names.treatments.find(words) if m.name in names.active]
    if "conditions" in terms.named:
        found += names.condition.find(words)
    if not terms.named:
        return found
    neutral = [m for m in every if m.name != "found"]
    found = [m for m in found if not any(n.first <= m.first < n.last for n in neutral)]
    return sorted(found, key=lambda m: (m.first, -m.last))


def matches(rule: Rule, scene: Scene) -> Iterator[Mention]:
    """Where a rule of phrases speaks in a sentence."""
    mentions = find(rule.find, scene.words, scene.names)
    if not mentions or not fits(rule, scene):
        return
    for mention in mentions:
        if not rule.denied and scene.is_denied(mention):
            continue
        whole = _followed(rule, mention, scene)
        if whole is not None and (rule.denied or not _ends_denied(mention, whole, scene)):
            yield whole


def _ends_denied(first: Mention, whole: Mention, scene: Scene) -> bool:
    """Whether a "not" stands between the first and the last of a chain of phrases."""
    between = (first.last, whole.last)
    return any(between[0] <= m.first < between[1] and m.name == "not" for m in scene.negation)


@lru_cache(maxsize=64)
def _heading(text: str) -> tuple[Word, ...]:
    return words_of(text)


def fits(rule: Rule, scene: Scene) -> bool:
    """Whether the sentence is one that the rule is about at all."""
    if scene.is_question and not rule.asked:
        return False
    if rule.under.patterns and not find(rule.under, _heading(scene.sentence.heading), scene.names):
        return False
    if any(not find(terms, scene.words, scene.names) for terms in rule.near):
        return False
    if rule.unless.patterns and find(rule.unless, scene.words, scene.names):
        return False
    return not (rule.needs.patterns and find(rule.needs, scene.words, scene.names))


def _followed(rule: Rule, mention: Mention, scene: Scene) -> Mention | None:
    """The mention with the phrases that have to follow it, each within ``gap`` words."""
    last = mention.last
    for terms in rule.then:
        reach = scene.words[last : last + rule.gap + 8]
        near = [m for m in find(terms, reach, scene.names) if m.first <= rule.gap]
        after = next((m for m in near if not _is_broken(reach[: m.first + 1])), None)
        if after is None:
            return None
        last += after.last
    return Mention(rule.id, mention.first, last)


def _is_broken(words: Sequence[Word]) -> bool:
    """Whether a sentence's end, or as much, stands before one of the words."""
    return any(not _STOPS.isdisjoint(word.before) for word in words)
