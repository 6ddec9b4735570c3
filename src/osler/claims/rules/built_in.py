"""What rules ask that phrases cannot say: stories, figures, the age that a text reads at."""

from collections.abc import Callable, Iterator, Mapping

from osler.claims.language.quantities import is_relative_alone
from osler.claims.language.words import Mention, Word
from osler.claims.rules.model import Rule
from osler.claims.rules.prose import Prose
from osler.claims.rules.readability import count, reading_ages
from osler.claims.rules.telling import finding, short
from osler.claims.scenes import Scene
from osler.claims.voices import stories
from osler.core.diagnostics import Diagnostic, Place

_ROUND = frozenset({"10", "100", "1000", "1,000", "10000", "10,000", "100000", "100,000"})


def _stories(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    """Patients' stories that tell of an effect, marked as such or not."""
    for story in stories(prose.page, prose.names, prose.unmarked):
        yield finding(rule, story.place, rule.message, short(story.text), "", rule.help)


def _relative_alone(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    for scene in prose.whole:
        text = scene.sentence.outside
        relative = "%" in text or any(w.text in _TIMES for w in scene.words)
        if relative and not scene.is_question and is_relative_alone(text):
            yield finding(rule, scene.sentence.place, rule.message, short(text), "", rule.help)


_TIMES = frozenset({"percent", "times", "twice", "half", "halves", "halved", "doubles", "doubled"})


def _denominators(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    """Frequencies out of different round numbers in one section, which cannot be compared."""
    heading, known = "", ""
    for scene in prose.whole:
        if scene.sentence.kind not in ("paragraph", "list"):
            continue
        if scene.sentence.heading != heading:
            heading, known = scene.sentence.heading, ""
        for mention, of in _frequencies(scene):
            if known and of != known:
                told = {"{found}": scene.said(mention), "{value}": f"in {known}"}
                message = rule.message
                for name, value in told.items():
                    message = message.replace(name, value)
                place, said = scene.place(mention), short(scene.sentence.text)
                yield finding(rule, place, message, said, "", rule.help)
                return
            known = of


def _frequencies(scene: Scene) -> Iterator[tuple[Mention, str]]:
    """ "3 in 100" and "1 in every 20": where they stand, and out of how many."""
    words = scene.words
    for n in range(len(words) - 2):
        at = n + 1
        if words[at].text == "out" and words[at + 1].text == "of":
            at += 1
        elif words[at].text != "in":
            continue
        at += 1
        if at < len(words) and words[at].text == "every":
            at += 1
        if at < len(words) and _is_count(words[n]) and _is_whole(words[at]):
            one = words[n].text in ("1", "one")
            if words[at].text in _ROUND or (one and len(words[at].text) < 6):
                yield Mention("frequency", n, at + 1), words[at].text.replace(",", "")


def _is_count(word: Word) -> bool:
    numbers = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return word.text in numbers or _is_whole(word)


def _is_whole(word: Word) -> bool:
    bare = word.text.replace(",", "")
    # A year is no denominator: "fell in 2019".
    is_year = len(bare) == 4 and bare.startswith(("19", "20")) and "," not in word.text
    return bare.isascii() and bare.isdigit() and not is_year


def _reading_age(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    """How old a reader would have to be, by two formulas; told, and nothing hangs on it."""
    spoken = [scene.words for scene in prose.running]
    ages = reading_ages(count(spoken))
    if ages is not None and prose.page.lines:
        told = str(ages[0]) if ages[0] == ages[1] else f"{ages[0]} to {ages[1]}"
        message = rule.message.replace("{value}", told)
        words = sum(len(w) for w in spoken)
        found = f"{words} words in {len(spoken)} sentences, {words / len(spoken):.1f} a sentence"
        place = Place(prose.page.file, source=prose.page.lines[0])
        yield finding(rule, place, message, found, "", rule.help)


BUILT_INS: Mapping[str, Callable[[Rule, Prose], Iterator[Diagnostic]]] = {
    "story": _stories,
    "relative effect alone": _relative_alone,
    "denominators": _denominators,
    "reading age": _reading_age,
}
