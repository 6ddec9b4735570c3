"""How estimates of networks are asked for: by what pages and certainty.toml call them."""

from dataclasses import dataclass

from osler.review.model import Outcome, Review, about

WHOLE = "network"
"""Stands for a comparison where a judgement is about the network of an outcome as a whole."""

BESIDE = " (network)"
"""Behind a question that trials of the two answer alone: the network's answer to the same."""

INTRANSITIVITY = "intransitivity"
INCOHERENCE = "incoherence"


@dataclass(frozen=True, slots=True)
class Asked:
    """One treatment against another for one outcome, by their names in the review."""

    treatment: str
    comparator: str
    outcome: Outcome


def about_whole(outcome: Outcome) -> str:
    """What ``about`` says in a judgement on a whole network.

    It is told apart from any comparison by its name, so no comparison may be called "network".
    """
    return about(WHOLE, outcome.name)


def is_whole(question: str) -> bool:
    """Whether a question is about a whole network.

    Examples
    --------
    >>> is_whole("network / leg pain"), is_whole("rest vs usual care / leg pain")
    (True, False)
    """
    return question.startswith(f"{WHOLE} / ")


def plain(question: str) -> str:
    """A question without the mark that asks for the network's answer.

    Examples
    --------
    >>> plain("rest vs tea / pain (network)"), plain("rest vs tea / pain")
    ('rest vs tea / pain', 'rest vs tea / pain')
    """
    return question.removesuffix(BESIDE)


def asked_of(review: Review, question: str) -> Asked | None:
    """What a question asks of a network; None where it names no two treatments and an outcome.

    A comparison of osler.toml with one treatment on each side, or ``A vs B`` with the names of
    two treatments. Groups of treatments are no places in a network.
    """
    name, _, outcome = plain(question).rpartition(" / ")
    if outcome not in review.outcomes:
        return None
    known = review.comparisons.get(name)
    if known is not None:
        pair = (*known.interventions, *known.comparators)
        single = len(known.interventions) == len(known.comparators) == 1
    else:
        one, _, other = name.partition(" vs ")
        pair = (one, other)
        single = one in review.treatments and other in review.treatments
    if not single or pair[0] == pair[1]:
        return None
    return Asked(pair[0], pair[1], review.outcomes[outcome])
