"""Networks for questions that no trial answers alone, and only where one of them is asked."""

from collections.abc import Iterable
from dataclasses import replace

from osler.certainty.model import Evidence, Finding, Step
from osler.certainty.network.questions import Asked, asked_of, is_whole, plain
from osler.review.model import Review


def with_networks(review: Review, evidence: Evidence, questions: Iterable[str]) -> Evidence:
    """The evidence with what networks say to questions that it does not answer.

    Parameters
    ----------
    review : Review
    evidence : Evidence
    questions : iterable of str
        As pages and certainty.toml ask them: ``A vs B / outcome``, with " (network)" behind where
        trials of the two answer too and the network's answer is meant; ``network / outcome`` for
        the network as a whole.

    Returns
    -------
    Evidence
        The same where every question has its answer already: a network is worked out only for an
        outcome that some question needs.
    """
    wanted: dict[str, dict[str, Asked]] = {}
    for question in dict.fromkeys(questions):
        outcome = question.partition(" / ")[2] if is_whole(question) else ""
        asked = None if question in evidence.findings else asked_of(review, question)
        if asked is not None:
            wanted.setdefault(asked.outcome.name, {})[question] = asked
        elif outcome in review.outcomes:
            wanted.setdefault(outcome, {})
    if not wanted:
        return evidence
    return _answered(review, evidence, wanted)


def _answered(review: Review, evidence: Evidence, wanted: dict[str, dict[str, Asked]]) -> Evidence:
    # Loaded here, because most pages ask nothing of a network, and each check would pay for it.
    from osler.certainty.network.grading import network_finding, why_untold  # noqa: PLC0415
    from osler.certainty.network.ground import ground_of, whole_step  # noqa: PLC0415

    found: dict[str, Finding] = {}
    untold: dict[str, str] = {}
    networks: dict[str, Step] = {}
    for outcome, questions in wanted.items():
        ground = ground_of(review, review.outcomes[outcome])
        if ground.network.rows:
            networks[outcome] = whole_step(ground)
        for question, asked in questions.items():
            made = network_finding(ground, evidence, asked.treatment, asked.comparator)
            if made is None:
                pair = (asked.treatment, asked.comparator)
                declared = plain(question) in evidence.findings
                untold[question] = why_untold(ground, *pair, declared=declared)
            elif made.about in (question, plain(question)):
                found[question] = replace(made, about=question)
    return replace(
        evidence,
        findings={**evidence.findings, **found},
        unanswered={k: v for k, v in evidence.unanswered.items() if k not in found},
        untold={**evidence.untold, **untold},
        networks={**evidence.networks, **networks},
    )
