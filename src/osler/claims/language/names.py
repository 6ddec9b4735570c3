"""What a review calls things, found among the words of a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from osler.certainty.model import Evidence, Finding
from osler.claims.language.lexicon import Lexicon, in_use
from osler.claims.language.words import Mention, Phrases, Word, words_of
from osler.review.model import Comparison, Review, about

# No name is longer; what stands behind this in a mark makes it no more like another.
LONGEST_NAME = 200

_SMALL = "vs a an or of to and the in on at with added other than for alone"
_COMMON = frozenset(_SMALL.split())


@dataclass(frozen=True)
class Names:
    """The phrases of one review: treatments by name, the condition, the outcomes by name.

    ``active`` are the treatments that some comparison asks about, ``questions`` all that a
    page may ask.
    """

    treatments: Phrases
    condition: Phrases
    outcomes: Phrases
    active: frozenset[str]
    questions: tuple[str, ...]


def names_of(review: Review, evidence: Evidence) -> Names:
    """Gather the words by which pages name what the review is about."""
    treatments = {t.name: [w for w in t.words if w.strip()] for t in review.treatments.values()}
    outcomes = {
        o.name: [w for w in (o.name, o.label, *o.accepts) if _wordy(w)]
        for o in review.outcomes.values()
    }
    condition = [w for w in (review.condition, *review.words) if _wordy(w)]
    asked = {t for c in review.comparisons.values() for t in c.interventions}
    asked |= {t.name for t in review.treatments.values() if t.order}
    return Names(
        Phrases(treatments),
        Phrases({"condition": condition}),
        Phrases(outcomes),
        frozenset(asked),
        known_questions(review, evidence),
    )


def _wordy(text: str) -> bool:
    return any(c.isalpha() for c in text)


def closest(wanted: str, known: Iterable[str], n: int = 3) -> list[str]:
    """The known names most like ``wanted``, best first.

    For a question, both parts are compared by themselves, so that a wrong comparison
    with a right outcome is still found.

    Examples
    --------
    >>> closest("acupuncture vs drug / pain", ["acupuncture vs drugs / leg pain", "a vs b / pain"])
    ['acupuncture vs drugs / leg pain', 'a vs b / pain']
    """
    return list(_closest(wanted[:LONGEST_NAME], tuple(known), n))


@lru_cache(maxsize=1024)
def _closest(wanted: str, known: tuple[str, ...], n: int) -> tuple[str, ...]:
    scored = [(_likeness(wanted, name), name) for name in known]
    likely = sorted((pair for pair in scored if pair[0] >= 0.4), key=lambda pair: -pair[0])
    return tuple(name for _, name in likely[:n])


def _likeness(wanted: str, name: str) -> float:
    """How much two names are alike, part by part (around "/"), between 0 and 1."""
    parts = list(zip_longest(wanted.split("/"), name.split("/"), fillvalue=""))
    return sum(_alike(a.strip().lower(), b.strip().lower()) for a, b in parts) / len(parts)


def _alike(one: str, other: str) -> float:
    """Shared words and shared runs of three letters, each as a share of all."""
    words, others = _words(one), _words(other)
    runs, other_runs = _runs(one), _runs(other)
    return 0.4 * _share(words, others) + 0.6 * _share(runs, other_runs)


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split()) - _COMMON


@lru_cache(maxsize=4096)
def _runs(text: str) -> frozenset[str]:
    return frozenset(text[n : n + 3] for n in range(max(len(text) - 2, 1)))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    every = len(one | other)
    return len(one & other) / every if every else 0.0


def offer(wanted: str, known: Iterable[str], what: str) -> str:
    """A help line that offers the closest names."""
    near = closest(wanted, known)
    if near:
        return "did you mean " + " or ".join(f'"{name}"' for name in near) + "?"
    return f"the review has no {what} of this or a similar name"


def belongs(comparison: Comparison, treatment: str, names: Names) -> bool:
    """Whether a treatment takes part in a comparison, by name or by one of its words.

    The longest name counts: "sham acupuncture" on one side does not make acupuncture take part.
    """
    sides = (*comparison.interventions, *comparison.comparators)
    if treatment in sides or any(treatment in side.split(" + ") for side in sides):
        return True
    told = (comparison.name, comparison.intervention, comparison.comparator)
    return any(m.name == treatment for text in told for m in names.treatments.find(words_of(text)))


def fitting(
    names: Names, evidence: Evidence, treatments: Sequence[str], outcomes: Sequence[str]
) -> list[Finding]:
    """The findings that a sentence on these treatments and outcomes may be about, best first."""
    scored: list[tuple[int, Finding]] = []
    for finding in evidence.findings.values():
        c = finding.comparison
        score = 4 * bool(set(treatments) & set(c.interventions))
        score += 2 * sum(belongs(c, t, names) for t in set(treatments) - set(c.interventions))
        score += bool(set(outcomes) & {finding.outcome.name})
        if score >= 4:
            scored.append((score, finding))
    scored.sort(key=lambda pair: -pair[0])
    return [finding for _, finding in scored]


def mentioned(found: Iterable[Mention]) -> list[str]:
    """The names of mentions, each once, in their order."""
    return list(dict.fromkeys(m.name for m in found))


def things(words: Sequence[Word], names: Names, *, lexicon: Lexicon | None = None) -> list[Mention]:
    """Health things in a sentence: the condition, an outcome, or a word such as "pain"."""
    general = (lexicon or in_use()).phrases("unmarked", "things").find(words)
    return [*names.condition.find(words), *names.outcomes.find(words), *general]


def known_questions(review: Review, evidence: Evidence) -> tuple[str, ...]:
    """Every question a page may ask about; the answered ones first."""
    every = [about(c, o) for c in review.comparisons for o in review.outcomes]
    return tuple(dict.fromkeys((*evidence.findings, *evidence.unanswered, *every)))
