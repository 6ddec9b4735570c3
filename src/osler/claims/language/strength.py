"""How strong a relation a sentence states: none, correlational, conditional causal or causal.

The four are those of Yu, Li and Wang (2019), Detecting causal language use in science
findings, EMNLP, aclanthology.org/D19-1473. A grammar by rules: each cue of a sentence (a
phrase of ``lexicon/strength.toml``, or a verb of ``lexicon/verbs.toml`` with the mood it
stands in) counts once, with the weights that ``reader/grammar.toml`` gives it for each of
the four; the highest sum is the answer.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from osler.claims.language.lexicon import Lexicon, in_use
from osler.claims.language.reader.moods import cues_of
from osler.claims.language.words import LONGEST_PASSAGE, words_of
from osler.claims.model import Strength

_ORDER = (Strength.NONE, Strength.CORRELATIONAL, Strength.CONDITIONAL_CAUSAL, Strength.CAUSAL)


@cache
def weights() -> Mapping[str, tuple[int, ...]]:
    """What each cue weighs for none, correlational, conditional causal and causal.

    Examples
    --------
    >>> weights()["start"]
    (3, 0, 0, 0)
    """
    path = files("osler.claims.language").joinpath("reader", "grammar.toml")
    return {cue: tuple(row) for cue, row in tomllib.loads(path.read_text("utf-8")).items()}


def strength_of(text: str, *, lexicon: Lexicon | None = None) -> Strength:
    """How strong a relation between two things a sentence states.

    Examples
    --------
    >>> [strength_of(text).name for text in (
    ...     "We studied 40 adults.",
    ...     "Coffee is associated with fewer headaches.",
    ...     "Coffee may reduce headaches.",
    ...     "Coffee reduces headaches.",
    ... )]
    ['NONE', 'CORRELATIONAL', 'CONDITIONAL_CAUSAL', 'CAUSAL']
    """
    sums = _sums(cues_in(text, lexicon=lexicon))
    return max(_ORDER, key=lambda s: (sums[s], s))


def cues_in(text: str, *, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """The cues that were counted, each once, in the order of their names.

    Examples
    --------
    >>> cues_in("Coffee may reduce headaches.")
    ('modal', 'verb_may')
    """
    words = words_of(text[:LONGEST_PASSAGE])
    return tuple(sorted(set(cues_of(words, lexicon or in_use()))))


def _sums(cues: Sequence[str]) -> list[int]:
    rows = [weights()[cue] for cue in ("start", *cues) if cue in weights()]
    return [sum(column) for column in zip(*rows, strict=True)]
