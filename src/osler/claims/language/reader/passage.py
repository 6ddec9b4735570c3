"""A passage: its words, and every mention of the word lists in it, each found once."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from osler.claims.language.lexicon import Lexicon, numbers
from osler.claims.language.words import LONGEST_PASSAGE, STOPS, Mention, Phrases, Word, words_of


def between(mentions: Sequence[Mention], first: int, last: int) -> Sequence[Mention]:
    """The mentions that begin at words ``first`` to ``last`` (not included).

    Examples
    --------
    >>> between([Mention("a", 1, 2), Mention("b", 4, 6)], 2, 5)
    [Mention(name='b', first=4, last=6)]
    """
    low = bisect_left(mentions, first, key=_first)
    return mentions[low : bisect_left(mentions, last, low, key=_first)]


def _first(mention: Mention) -> int:
    return mention.first


class Passage:
    """The words of a passage with all mentions, found once.

    Of a passage longer than any that a person writes, only the beginning is read.
    """

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text[:LONGEST_PASSAGE]
        self.lexicon = lexicon
        self.words = words_of(self.text)
        self.direction = lexicon.phrases("direction").find(self.words)
        self.objects = lexicon.phrases("objects").find(self.words)
        self.negation = lexicon.phrases("negation").find(self.words)
        self.certainty = lexicon.phrases("certainty").find(self.words)
        self.size = lexicon.phrases("size").find(self.words)
        absent = [m.first for m in self.negation if m.name == "absence"]
        self.absence = bool(absent)
        self._absent = min(absent, default=len(self.words))

    def find(self, name: str, *groups: str) -> list[Mention]:
        """The mentions of some groups of a list."""
        return self.lexicon.phrases(name, *groups).find(self.words)

    def is_negated(self, at: int, reach: int, first: int = 0) -> bool:
        """Whether a "not" stands shortly before word ``at``."""
        return is_negated(self.words, self.negation, at, reach, first)

    def is_absent(self, mention: Mention) -> bool:
        """Whether words before say that it has not been shown."""
        return self._absent <= mention.first

    def stops(self, at: int) -> bool:
        """Whether a strong mark or a comma stands before word ``at``."""
        before = self.words[at].before
        return "," in before or not STOPS.isdisjoint(before)

    def number(self, at: int) -> float | None:
        """The number at word ``at``, in figures or in words; "few" counts as three."""
        text = self.words[at].text
        if text.isdecimal() and len(text) < 6:
            return float(text)
        if text in ("few", "several"):
            return 3.0
        value = numbers()["values"].get(text)
        return 1.0 if text in ("a", "one") else value

    def text_of(self, first: int, last: int) -> str:
        """Words ``first`` to ``last`` as they stand there, in lower case."""
        start, end = self.words[first].start, self.words[last - 1].end
        return " ".join(self.text[start:end].lower().split())

    def told(self, mentions: Iterable[Mention]) -> tuple[str, ...]:
        """The words of some mentions, each once."""
        return tuple(dict.fromkeys(self.text_of(m.first, m.last) for m in mentions))

    def labels(self, labels: Sequence[str]) -> list[Mention]:
        """Where the outcome's own names stand."""
        wanted = [label for label in labels if words_of(label)]
        return Phrases({"label": [_as_pattern(w) for w in wanted]}).find(self.words)


def _as_pattern(label: str) -> str:
    return " ".join(w.text for w in words_of(label))


def is_negated(
    words: Sequence[Word], negation: Sequence[Mention], at: int, reach: int, first: int = 0
) -> bool:
    """Whether a "not" stands within ``reach`` words before word ``at``, in the same phrase.

    An "and", "than", "but" or "because" between the two ends its reach.

    Examples
    --------
    >>> words = words_of("it does not always reduce pain")
    >>> is_negated(words, Lexicon().phrases("negation").find(words), 4, 6)
    True
    """
    for mention in reversed(between(negation, max(first, at - reach), at)):
        if mention.name == "not":
            between_them = {w.text for w in words[mention.last : at]}
            return not {"and", "than", "but", "because"} & between_them
    return False
