"""A network of a review with everything that its certainty is judged by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from osler.certainty.ledger import judged_step
from osler.certainty.model import Step
from osler.certainty.network.questions import INTRANSITIVITY, about_whole
from osler.core.diagnostics import DataError
from osler.review.model import Comparison, Judgement, Outcome, Review, about
from osler.synthesis.answers import Answer, answers
from osler.synthesis.network.of_review import Part, ReviewNetwork, network_of_review

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """What estimates of one network are judged by.

    Attributes
    ----------
    network : ReviewNetwork
    answers : mapping of (treatment, comparator) to Answer
        Of every two treatments that trials compared, both ways round.
    judged : Judgement or None
        What a person decided on the network as a whole: how much its transitivity is doubted.
    unfit : str
        Why the trials' numbers cannot be computed with together; "" where they can.
    """

    review: Review
    outcome: Outcome
    network: ReviewNetwork
    answers: Mapping[Pair, Answer]
    judged: Judgement | None
    unfit: str = ""

    def part_of(self, one: str, other: str) -> Part | None:
        """The part of the network that connects two treatments."""
        both = {one, other}
        return next((p for p in self.network.parts if both <= set(p.treatments)), None)


def ground_of(review: Review, outcome: Outcome) -> Ground:
    """The network of an outcome, with the answers of each two treatments and what people judged."""
    network, unfit = _network(review, outcome)
    whole = about_whole(outcome)
    judged = (j for j in review.judgements if (j.about, j.reason) == (whole, INTRANSITIVITY))
    pairs = dict.fromkeys((row.treatment, row.comparator) for row in network.rows)
    answered = _answers(review, outcome, pairs)
    return Ground(review, outcome, network, answered, next(judged, None), unfit)


def _network(review: Review, outcome: Outcome) -> tuple[ReviewNetwork, str]:
    """The network; one without trials, and why, where its numbers cannot be put together."""
    try:
        return network_of_review(review, outcome), ""
    except DataError as error:
        labels = {t.name: t.label for t in review.treatments.values()}
        nothing = ReviewNetwork(outcome, None, (), (), (), (), None, labels)
        return nothing, error.diagnostics[0].message


def _answers(review: Review, outcome: Outcome, pairs: Iterable[Pair]) -> Mapping[Pair, Answer]:
    both = {pair: pair for a, b in pairs for pair in ((a, b), (b, a))}
    named = {f"{i}": comparison_of(review, *pair) for i, pair in enumerate(both)}
    asked = replace(
        review,
        comparisons={key: replace(c, name=key) for key, c in named.items()},
        outcomes={outcome.name: outcome},
    )
    found = answers(asked)
    return {
        pair: replace(found[about(key, outcome.name)], comparison=named[key])
        for key, pair in zip(named, both, strict=True)
    }


def comparison_of(review: Review, treatment: str, comparator: str) -> Comparison:
    """The comparison of two treatments: that of osler.toml, or one made of their names."""
    for known in review.comparisons.values():
        if (known.interventions, known.comparators) == ((treatment,), (comparator,)):
            return known
    first = review.treatments.get(treatment)
    place = first.place if first else next(iter(review.outcomes.values())).place
    return Comparison(
        f"{treatment} vs {comparator}",
        said(review, treatment),
        said(review, comparator),
        (treatment,),
        (comparator,),
        place,
    )


def said(review: Review, treatment: str) -> str:
    """A treatment as a sentence says it: its label, small unless it begins with an abbreviation."""
    known = review.treatments.get(treatment)
    label = known.label if known else treatment
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def whole_step(ground: Ground) -> Step:
    """The doubts about a network as a whole, with what a person decided on them."""
    texts = dict.fromkeys(d.text for part in ground.network.parts for d in part.doubts)
    return judged_step([ground.judged] if ground.judged else [], doubted(tuple(texts)))


def named(review: Review, one: str, other: str) -> str:
    """Two treatments as "A against B", the one that does less behind."""
    first, second = (other, one) if does_less(review, one, other) else (one, other)
    return f"{said(review, first)} against {said(review, second)}"


def does_less(review: Review, one: str, other: str) -> bool:
    """Whether the first is nearer to doing nothing: placebo before usual care before all else."""
    return _does(review, one) < _does(review, other)


def _does(review: Review, treatment: str) -> int:
    """0 for placebo and sham, 1 for usual care, 2 for all else."""
    known = review.treatments.get(treatment)
    roles = ("inactive", "usual care")
    return roles.index(known.role) if known and known.role in roles else 2


def doubted(doubts: tuple[str, ...]) -> Step:
    """The step for what speaks against setting trials side by side.

    Examples
    --------
    >>> doubted(()).facts
    'the tables of the trials show no difference that matters'
    >>> doubted(("one trial each.", "other times.")).levels
    2
    """
    levels = min(len(doubts), 2)
    facts = " ".join(doubts) or "the tables of the trials show no difference that matters"
    return Step(
        INTRANSITIVITY,
        levels,
        levels,
        "one level for a doubt that the tables give, two for more; no estimate is told unless a "
        "person has judged the doubts",
        facts.removesuffix("."),
    )
