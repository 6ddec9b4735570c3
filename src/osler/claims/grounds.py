"""What the claims of a page are held against, in one hand."""

from dataclasses import dataclass
from functools import lru_cache

from osler.certainty.model import Evidence, Finding
from osler.claims.language.lexicon import SHIPPED, Lexicon
from osler.claims.language.names import Names
from osler.claims.language.reading import read_words
from osler.claims.model import Reading
from osler.review.model import Better, Review


@dataclass(frozen=True)
class Grounds:
    """The folder, what its trials say, how it names things, and the words of its reader."""

    review: Review
    evidence: Evidence
    names: Names
    lexicon: Lexicon = SHIPPED

    def read(self, words: str, finding: Finding | None = None) -> Reading:
        """What words claim; with what the outcome is called, and which way is better."""
        if finding is None:
            return _read(words, None, False, (), self.lexicon)
        outcome = finding.outcome
        labels = (outcome.label, outcome.name)
        return _read(words, outcome.better, outcome.harm, labels, self.lexicon)


@lru_cache(maxsize=4096)
def _read(
    words: str, better: Better | None, harm: bool, labels: tuple[str, ...], lexicon: Lexicon
) -> Reading:
    """Each wording is read once: a judge asks several times, and pages repeat themselves."""
    return read_words(words, better=better, harm=harm, labels=labels, lexicon=lexicon)
