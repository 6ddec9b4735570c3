"""The cues of a sentence: what its words are, and the mood in which its verbs stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osler.claims.language.lexicon import Lexicon
from osler.claims.language.reader.verbs import Verb, verbs_of
from osler.claims.language.words import Mention, Word, clauses_of

# How far before a verb its auxiliary may stand, in words ("may not in all cases reduce").
REACH = 4


# The moods that are told of a verb.
LISTED = (
    "verb_finite",
    "verb_past",
    "verb_do",
    "verb_may",
    "verb_can",
    "verb_plural",
    "verb_by_agent",
    "verb_by_agent_may",
    "verb_passive",
    "verb_itself",
    "verb_after_comma",
    "verb_by",
    "verb_gerund",
    "verb_purpose",
    "participle",
    "noun",
)


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue named for its kind, at word ``at``."""

    name: str
    at: int


def cues_of(words: Sequence[Word], lexicon: Lexicon) -> Iterator[str]:
    """Every cue that counts, as often as it stands there."""
    lists = {name: frozenset(patterns) for name, patterns in lexicon.table("auxiliaries").items()}
    mentions = lexicon.phrases("strength").find(words)
    taken = {at for m in mentions for at in range(m.first, m.last)}
    reader = _Moods(words, lists)
    cues = [cue for m in mentions for cue in reader.phrase(m)]
    verbs = (v for v in verbs_of(words, lexicon) if v.at not in taken or reader.is_governed(v))
    cues += [Cue(reader.mood(v), v.at) for v in verbs]
    cues.sort(key=lambda c: c.at)
    yield from _heard(cues, words, lists)


# What these kinds of cue say of the sentence as a whole is not asked or advised away.
_FRAMES = ("advice", "asks", "study", "outlook", "describe", "purpose")
# Behind a verb that acts, these are what it brings about: "results in lower rates".
_ACTS = ("verb_finite", "verb_past", "verb_do", "verb_can", "verb_may", "verb_by_agent")
_OBJECTS = ("comparison", "observed", "participle", "noun")


def _heard(
    cues: Sequence[Cue], words: Sequence[Word], lists: dict[str, frozenset[str]]
) -> Iterator[str]:
    """The cues, each named for how it is heard in its clause."""
    starts = sorted({a for a, _ in clauses_of(words)} | set(_turns(words, lists)))
    turn = 0
    for end in (*starts[1:], len(words)):
        inside: list[Cue] = []
        while turn < len(cues) and cues[turn].at < end:
            inside.append(cues[turn])
            turn += 1
        yield from _in_clause(inside, end)


def _in_clause(cues: Sequence[Cue], end: int) -> Iterator[str]:
    """The cues of one clause: what is advised or asked is not stated, and is named so."""
    advises = any(c.name == "advice" for c in cues)
    asked = min((c.at for c in cues if c.name == "asks"), default=end)
    acts = min((c.at for c in cues if c.name in _ACTS), default=end)
    for cue in cues:
        if cue.name in _OBJECTS and cue.at >= acts:
            continue
        if cue.name in _FRAMES:
            yield cue.name
        elif advises:
            yield f"advised_{cue.name}"
        else:
            yield f"asked_{cue.name}" if cue.at > asked else cue.name


def _turns(words: Sequence[Word], lists: dict[str, frozenset[str]]) -> Iterator[int]:
    """Where a new statement begins inside a clause: "because", "and should", "given that"."""
    for at, word in enumerate(words):
        following = words[at + 1].text if at + 1 < len(words) else ""
        joins = word.text == "and" and following in lists["turns_after_and"]
        looks_back = word.text in ("as", "given") and following in ("it", "they", "that")
        if at and (joins or looks_back or word.text in lists["turns"]):
            yield at


class _Moods:
    def __init__(self, words: Sequence[Word], lists: dict[str, frozenset[str]]) -> None:
        self.words, self.lists = words, lists

    def is_governed(self, verb: Verb) -> bool:
        """Whether a word that can be another ("lower") is a verb here: "could lower"."""
        before = self.text(self.before(verb.at))
        kinds = ("may", "can", "do")
        return verb.form == "base" and any(before in self.lists[kind] for kind in kinds)

    def text(self, at: int) -> str:
        return self.words[at].text if 0 <= at < len(self.words) else ""

    def phrase(self, mention: Mention) -> Iterator[Cue]:
        if mention.name == "neutral":
            return
        yield Cue(mention.name, mention.first)
        if mention.name in ("effect", "effect_noun", "usable") and self.may(mention.first):
            yield Cue(f"{mention.name}_modal", mention.first)

    def may(self, at: int) -> bool:
        """Whether a word of doubt stands shortly before."""
        return any(
            self.text(n) in self.lists["may"] or self.doubts(n)
            for n in range(max(at - REACH - 1, 0), at)
        )

    def doubts(self, at: int) -> bool:
        more = self.text(at - 1) in ("more", "less", "times", "as", "most")
        return self.text(at) in self.lists["may_to"] and not more

    def before(self, at: int) -> int:
        """The word before ``at``, adverbs passed over."""
        at -= 1
        while self.text(at) in self.lists["adverbs"]:
            at -= 1
        return at

    def mood(self, verb: Verb) -> str:
        if verb.form == "base":
            return self.bare(verb)
        if verb.form != "ing" and self.text(verb.at - 1) in self.lists["perhaps"]:
            return "verb_may"
        if verb.form == "s":
            return "noun" if self.is_noun(verb) else "verb_finite"
        if verb.form == "ing":
            if self.text(verb.at - 1) == "by":
                return "verb_by"
            if self.text(verb.at - 1) in ("thereby", "thus", "hence"):
                return "verb_after_comma"
            return "verb_after_comma" if "," in self.words[verb.at].before else "verb_gerund"
        return self.past(verb)

    def is_noun(self, verb: Verb) -> bool:
        if verb.lemma == "result in":
            return self.text(verb.at + 2) not in self.lists["brought_about"]
        after = self.text(verb.at + 1)
        stop = verb.at + 1 >= len(self.words) or self.words[verb.at + 1].before
        if self.text(verb.at - 1) in self.lists["determiners"]:
            return True
        ends = not after or bool(stop) or after in self.lists["prepositions"]
        return verb.noun and (ends or after in self.lists["be"] or after in self.lists["may"])

    def bare(self, verb: Verb) -> str:
        at = self.before(verb.at)
        before = self.text(at)
        if before == "to":
            return self.infinitive(at)
        for n in range(verb.at - 1, max(verb.at - REACH - 2, -1), -1):
            if told := self.governed(n):
                return told
        noun = verb.noun and self.text(verb.at + 1) in (*self.lists["prepositions"], "")
        return "noun" if noun or before in self.lists["determiners"] else "verb_plural"

    def governed(self, at: int) -> str:
        """The mood that an auxiliary gives to the bare verb behind it."""
        text = self.text(at)
        if text in self.lists["perhaps"]:
            return "verb_may"
        for name in ("may", "can", "do", "asked"):
            if text in self.lists[name]:
                return f"verb_{name}"
        if text.startswith("help"):
            return "verb_may" if self.may(at) else "verb_finite"
        return self.infinitive(at) if text == "to" else ""

    def infinitive(self, at: int) -> str:
        """The mood of "to reduce", by what stands before the "to"."""
        for n in range(at - 1, max(at - 4, -1), -1):
            if self.doubts(n):
                return "verb_may"
            if self.text(n) in self.lists["does_to"]:
                return "verb_may" if self.may(n) else "verb_finite"
        return "verb_purpose"

    def describes(self, verb: Verb, before: str, after: str) -> bool:
        """Whether an "-ed" word belongs to the noun behind it ("had increased blood flow")."""
        own = after in self.lists["determiners"]
        shown = before in self.lists["have"] or before in self.lists["shows"]
        return verb.alone and shown and not own

    def past(self, verb: Verb) -> str:
        at = self.before(verb.at)
        before, after = self.text(at), self.text(verb.at + 1)
        by = "by" in (after, self.text(verb.at + 2))
        if before in self.lists["be"]:
            agent = "verb_by_agent_may" if self.may(verb.at) else "verb_by_agent"
            return agent if by else "verb_passive"
        if before in self.lists["determiners"] or at < 0 or self.describes(verb, before, after):
            return "participle"
        if " " in verb.lemma:
            return "verb_past"
        stop = verb.at + 1 >= len(self.words) or bool(self.words[verb.at + 1].before)
        if not before or after in self.lists["prepositions"] or stop or after.endswith("ly"):
            if verb.alone:
                return "verb_itself"
            return "participle" if after in self.lists["prepositions"] and not by else "verb_past"
        return "verb_past"
