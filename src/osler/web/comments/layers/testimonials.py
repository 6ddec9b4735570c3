"""Testimonials: on a clinic's own page a reader's cure becomes the clinic's claim."""

from dataclasses import replace
from functools import cache

from osler.claims.document.page import parse_page
from osler.claims.document.sentences import split_sentences
from osler.claims.language.lexicon import phrases
from osler.claims.language.reading import NEGATION_REACH, is_negated, read_words
from osler.claims.language.words import Phrases, words_of
from osler.claims.model import Strength
from osler.claims.rules.lists import shared_lists
from osler.claims.rules.prose import NO_NAMES
from osler.claims.voices import stories
from osler.web.comments.layers.finding import Finding

_OWN = frozenset("i me my mine we us our i've i'm i'd".split())
_ASKS = "?"


def judge_testimonial(text: str) -> Finding:
    """Whether somebody tells what a treatment did to them or to somebody they know.

    The reader of claims finds the stories that it would find on a page, and sentences in the
    first person that state a benefit as a fact.

    Examples
    --------
    >>> judge_testimonial("Thank you! It cured my sciatica.").verdict
    'hold'
    >>> judge_testimonial("Could it help my sciatica?").verdict
    'clean'
    """
    told = first_testimonial(text)
    if not told:
        return Finding("testimonial", "clean", "tells no result of a treatment")
    return Finding(
        "testimonial",
        "hold",
        f'tells a result of treatment: "{told[:200]}"; on the clinic\'s page it becomes the '
        "clinic's claim",
    )


def first_testimonial(text: str) -> str:
    """The first sentence that tells a result; "" where there is none."""
    page, _ = parse_page("\n\n".join(_as_prose(text)), "comment.md")
    story = next(stories(replace(page, spans=()), NO_NAMES), None)
    if story is not None:
        return story.text
    return next((s for s in _sentences(text) if _tells_result(s) or _tells_benefit(s)), "")


def _as_prose(text: str) -> list[str]:
    """Paragraphs in which no mark means anything."""
    plain = "".join(c if c.isalnum() or c in " \n.,;:!?'’-()%" else " " for c in text)
    return [" ".join(p.split()).lstrip("-. 0123456789)") for p in plain.split("\n\n")]


def _sentences(text: str) -> list[str]:
    return [text[a:b] for a, b in split_sentences(" ".join(text.split()))]


@cache
def _results() -> Phrases:
    return Phrases({"result": shared_lists()["story_results"]})


def _tells_result(sentence: str) -> bool:
    """A result that the claims reader knows from stories, told by or of one's own people."""
    words = words_of(sentence)
    if sentence.rstrip().endswith(_ASKS) or not _OWN & {word.text for word in words}:
        return False
    denials = phrases("negation").find(words)
    return any(
        not is_negated(words, denials, m.first, NEGATION_REACH) for m in _results().find(words)
    )


def _tells_benefit(sentence: str) -> bool:
    words = {word.text for word in words_of(sentence)}
    if sentence.rstrip().endswith(_ASKS) or not words & _OWN:
        return False
    reading = read_words(sentence, better="lower")
    return (
        reading.direction == "better"
        and not reading.negated
        and (reading.strength is Strength.CAUSAL or bool(reading.absolutes))
    )
