"""Whose words they are: opinions, patients' stories and quotations, marked or not.

None of the three is held against the evidence, and so none may carry a claim past it. An
opinion may be had and is said as one; a story tells of one person and shows nothing of a
treatment; a quotation says who speaks.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from osler.claims.document.positions import part_of, place_of
from osler.claims.document.sentences import LONGEST_SENTENCE, split_sentences
from osler.claims.language.names import Names
from osler.claims.language.words import Mention, Phrases, words_of
from osler.claims.model import Page, Sentence, Span
from osler.claims.rules.lists import shared_lists
from osler.claims.rules.telling import short
from osler.claims.scenes import Scene, scenes
from osler.core.diagnostics import Diagnostic, Place, Severity

_NAMED = 2  # "Mrs _": the word after the title is a name


@dataclass(frozen=True, slots=True)
class Story:
    """A patient's story that tells of an effect: the words that tell it, and where they stand."""

    text: str
    place: Place
    marked: bool


@cache
def _list(name: str) -> Phrases:
    return Phrases({name: shared_lists()[name]})


def check_voices(page: Page, names: Names) -> list[Diagnostic]:
    """What is wrong with opinions, stories and quotations on a page."""
    out = [_opinion(scene) for _, scene in _told_in(page, names, "opinion") if _is_claim(scene)]
    out += [_story(story) for story in stories(page, names)]
    return [*out, *_quotes(page)]


def stories(page: Page, names: Names, read: Iterable[Scene] | None = None) -> Iterator[Story]:
    """Every patient's story that tells of an effect: those marked ``.story``, then the others.

    ``read`` are the page's sentences outside marks, where they have been read already.
    """
    for span, scene in _told_in(page, names, "story"):
        effect = _result(scene) or _effect(scene)
        if effect is not None:
            yield Story(span.text, scene.place(effect), True)
    for scene in _plain(page, names) if read is None else read:
        result = None if scene.sentence.kind in ("heading", "meta") else _unmarked_story(scene)
        if result is not None:
            yield Story(scene.sentence.text, scene.place(result), False)


def _plain(page: Page, names: Names) -> Iterator[Scene]:
    short_enough = (s for s in page.sentences if len(s.text) <= LONGEST_SENTENCE)
    yield from (Scene(sentence, page, names, "", "") for sentence in short_enough)


def _unmarked_story(scene: Scene) -> Mention | None:
    """The words that tell what became of a patient, in a sentence that tells a story."""
    result = _result(scene)
    if result is None or scene.is_question or _list("story_not").find(scene.words):
        return None
    told = bool(_list("story_told").find(scene.words))
    person = any(_is_person(scene, m) for m in _list("story_people").find(scene.words))
    own = bool(_list("story_own").find(scene.words))
    past = any(w.text in _PAST for w in scene.words)
    return result if own or (person and (told or past)) else None


_PAST = frozenset("was were had came went felt told her his she he has".split())


def _is_person(scene: Scene, mention: Mention) -> bool:
    """Whether a title is followed by a name: "Mrs Hall", not "Mrs and Mr"."""
    first = scene.words[mention.first]
    if first.text not in ("mrs", "mr", "ms", "miss"):
        return True
    name = scene.words[mention.last - 1]
    start = scene.sentence.outside[name.start : name.start + 1]
    return mention.last - mention.first == _NAMED and start.isupper()


def _result(scene: Scene) -> Mention | None:
    found = _list("story_results").find(scene.words)
    return next((m for m in found if not _is_negated(scene, m)), None)


def _is_negated(scene: Scene, mention: Mention) -> bool:
    """Whether the result did not come, whoever says so."""
    plain = replace(scene.sentence, outside=_unquoted(scene.sentence.outside))
    return Scene(plain, scene.page, scene.names, "", "").is_denied(mention)


def _unquoted(text: str) -> str:
    """Without quotation marks: in a story the quoted words are the story."""
    for mark in '“”"«»':
        text = text.replace(mark, " ")
    return text


def _effect(scene: Scene) -> Mention | None:
    found = scene.find("unmarked", "strong")
    found += scene.find("unmarked", "weak") if scene.things else []
    return next((m for m in found if not _is_negated(scene, m)), None)


def _is_claim(scene: Scene) -> bool:
    """Whether an opinion states an effect of a treatment without a word of opinion."""
    if not scene.words or scene.is_question or _list("opinions").find(scene.words):
        return False
    effect = _effect(scene)
    return effect is not None and bool(scene.subject(effect)) and not _is_hedged(scene)


def _is_hedged(scene: Scene) -> bool:
    return scene.has("certainty", "low") or scene.has("certainty", "very_low")


def _told_in(page: Page, names: Names, kind: str) -> Iterator[tuple[Span, Scene]]:
    """Each sentence of the spans of one kind, with what "it" stands for there."""
    spans = [s for s in page.spans if s.kind == kind and len(s.text) <= LONGEST_SENTENCE]
    if not spans:
        return
    around = [s for s in scenes(page, names) if s.sentence.kind not in ("heading", "meta")]
    starts = [(s.sentence.place.line, s.sentence.place.column) for s in around]
    for span in spans:
        at = bisect_right(starts, (span.place.line, span.place.column)) - 1
        for sentence in _sentences(span, page, around[at].sentence if at >= 0 else None):
            topic = around[at].topic if at >= 0 else ""
            yield span, Scene(sentence, page, names, topic, topic)


def _sentences(span: Span, page: Page, around: Sentence | None) -> Iterator[Sentence]:
    heading = around.heading if around else ""
    for start, end in split_sentences(span.text):
        words = span.text[start:end]
        place = place_of(span.pieces, start, end, page.file, page.lines)
        pieces = part_of(span.pieces, start, end)
        yield Sentence(words, place, True, heading, words, pieces)


def opinions_of(page: Page, names: Names) -> Iterator[Scene]:
    """The sentences of opinions, which stay bound by what no page may say."""
    yield from (scene for _, scene in _told_in(page, names, "opinion"))


def _opinion(scene: Scene) -> Diagnostic:
    effect = _effect(scene)
    return Diagnostic(
        "CLM018",
        Severity.ERROR,
        scene.place(effect) if effect else scene.sentence.place,
        "an effect of a treatment is stated as a fact inside an opinion",
        short(scene.sentence.text),
        "the page is not published while this stands",
        'say that it is an opinion ("we think that ...") or mark the effect as a claim',
    )


def _story(story: Story) -> Diagnostic:
    code = "CLM016" if story.marked else "CLM017"
    marked = "a patient's story tells of an effect, and is not evidence of one"
    return Diagnostic(
        code,
        Severity.WARNING,
        story.place,
        marked if story.marked else "a patient's story that is not marked tells of an effect",
        short(story.text),
        "readers take it as what the treatment does",
        "tell what the visits were like instead, and leave effects to the trials"
        if story.marked
        else "take it out, or mark it as [words]{.story} and leave the effect out",
    )


def _quotes(page: Page) -> Iterator[Diagnostic]:
    """Quotations of which nobody can tell whose words they are."""
    spans = [s for s in page.spans if s.kind == "quote" and not s.about]
    paragraphs = _paragraphs(page) if spans else {}
    for span in spans:
        if not any(_names_speaker(s) for s in paragraphs.get(span.place.line, ())):
            yield Diagnostic(
                "CLM019",
                Severity.WARNING,
                span.place,
                "a quotation does not say whose words they are",
                short(span.text),
                "a reader cannot look it up",
                "cite it with [@key], name the speaker in the sentence, or write "
                '{.quote about="key"} with a key of references.json',
            )


def _paragraphs(page: Page) -> Mapping[int, Sequence[Sentence]]:
    """For each line, the sentences of the paragraph, list item or cell that stands there."""
    found: dict[int, Sequence[Sentence]] = {}
    for _, group in groupby(page.sentences, key=lambda s: s.block):
        sentences = list(group)
        for line in {piece.line for s in sentences for piece in s.pieces}:
            found.setdefault(line, sentences)
    return found


def _names_speaker(sentence: Sentence) -> bool:
    return bool(sentence.citations or _list("speakers").find(words_of(sentence.outside)))
