"""A page as the rules read it: its sentences with marks and all, quotations left out."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.language.names import Names
from osler.claims.language.words import Phrases
from osler.claims.model import Page, Sentence, Span
from osler.claims.rules.model import Rule
from osler.claims.scenes import Scene

NO_NAMES = Names(Phrases({}), Phrases({}), Phrases({}), frozenset(), ())


@dataclass(frozen=True)
class Prose:
    """What is judged by rules: title, description, headings and running text, in order.

    ``whole`` are scenes in which marked words are read like all others; ``unmarked`` are those
    in which they are not. Both have the same length.
    """

    page: Page
    names: Names
    whole: tuple[Scene, ...]
    unmarked: tuple[Scene, ...]

    @cached_property
    def firsts(self) -> Mapping[str, Sequence[int]]:
        """For the words of a page, and for the first three letters, the scenes they stand in."""
        found: dict[str, list[int]] = {}
        for n, scene in enumerate(self.whole):
            texts = {w.text for w in scene.words}
            for key in texts | {f"{t[:3]}*" for t in texts}:
                found.setdefault(key, []).append(n)
        return found

    def scenes_for(self, rule: Rule) -> Sequence[Scene]:
        """The scenes in which one of the rule's phrases could begin, in kinds of text it is for."""
        scenes = self.unmarked if rule.unmarked else self.whole
        patterns = (*rule.find.patterns, *rule.swap)
        keys = {_key(pattern) for pattern in patterns}
        numbers = {n for key in keys for n in self.firsts.get(key, ())}
        if rule.find.named:
            numbers = set(range(len(scenes)))
        return [scenes[n] for n in sorted(numbers) if fits_kind(rule, scenes[n].sentence)]

    @cached_property
    def running(self) -> Sequence[Scene]:
        """The sentences of paragraphs and lists."""
        kinds = ("paragraph", "list")
        return [s for s in self.whole if s.sentence.kind in kinds and s.words]


def fits_kind(rule: Rule, sentence: Sentence) -> bool:
    return not rule.where or sentence.kind in rule.where


def _key(pattern: str) -> str:
    first = pattern.lower().replace("-", " ").split()[0]
    return f"{first[:3]}*" if first.endswith("*") else first


def prose_of(page: Page, names: Names | None) -> Prose:
    """Read a page once for all rules."""
    known = names or NO_NAMES
    quotes = sorted((s for s in page.spans if s.kind == "quote"), key=_line)
    whole: list[Scene] = []
    unmarked: list[Scene] = []
    for sentence in (*page.headings, *page.sentences):
        if len(sentence.text) > LONGEST_SENTENCE:
            continue
        shown = without_quotes(sentence, quotes) if sentence.marked else sentence.text
        scene = Scene(sentence, page, known, "", "")
        unmarked.append(scene)
        # Without a mark both are one, and its words are read once.
        same = shown == sentence.outside
        whole.append(
            scene if same else Scene(replace(sentence, outside=shown), page, known, "", "")
        )
    return Prose(page, known, tuple(whole), tuple(unmarked))


def without_quotes(sentence: Sentence, quotes: Sequence[Span]) -> str:
    """The sentence with the words of marked quotations replaced by spaces.

    ``quotes`` are in the order of their lines.
    """
    if not sentence.pieces:
        return sentence.text
    lines = [piece.line for piece in sentence.pieces]
    # A quotation may begin some lines above the sentence, in the same paragraph.
    first = max(bisect_left(quotes, min(lines), key=_line) - 1, 0)
    text = sentence.text
    for span in quotes[first : bisect_right(quotes, max(lines), key=_line)]:
        inside = span.text
        if sentence.text in inside:
            return " " * len(text)
        at = text.find(inside)
        if at >= 0:
            text = text[:at] + " " * len(inside) + text[at + len(inside) :]
    return text


def _line(span: Span) -> int:
    return span.place.line
