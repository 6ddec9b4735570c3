"""Numbers that a rule can hold against a limit, for a passage of text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from osler.claims.model import Sentence
from osler.claims.scenes import Scene


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and the sentence at which it is told."""

    sentence: Sentence
    value: float


def _by_sentence(prose: Sequence[Scene]) -> Iterator[Measured]:
    yield from (Measured(scene.sentence, len(scene.words)) for scene in prose)


def _by_paragraph(prose: Sequence[Scene]) -> Iterator[Measured]:
    for _, group in groupby(prose, key=lambda scene: scene.sentence.block):
        scenes = list(group)
        yield Measured(scenes[0].sentence, sum(len(scene.words) for scene in scenes))


def _by_page(prose: Sequence[Scene]) -> Iterator[Measured]:
    if prose:
        yield Measured(prose[0].sentence, sum(len(scene.words) for scene in prose))


METRICS: Mapping[str, Callable[[Sequence[Scene]], Iterator[Measured]]] = {
    "words in a sentence": _by_sentence,
    "words in a paragraph": _by_paragraph,
    "words on the page": _by_page,
}
"""Each gives a number for every passage of its kind."""
