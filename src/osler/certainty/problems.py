"""What a reviewer should hear of the ledger: stale decisions, and those that cannot count."""

from collections.abc import Iterator

from osler.certainty.ledger import changes
from osler.certainty.model import Evidence, Finding, Level, Step
from osler.certainty.network.questions import BESIDE, INCOHERENCE, INTRANSITIVITY, is_whole
from osler.certainty.thresholds import gauge, is_absolute
from osler.core.diagnostics import Diagnostic, Severity, in_order
from osler.review.model import REASONS_UP, Judgement, Review

OF_NETWORKS = (INCOHERENCE, INTRANSITIVITY)


def certainty_problems(review: Review, evidence: Evidence) -> tuple[Diagnostic, ...]:
    """Diagnostics on the judgements and thresholds of a review, in the order of their lines.

    Needs the evidence, since a judgement can only be held against the numbers of today.
    """
    found: list[Diagnostic] = []
    for judgement in review.judgements:
        finding = evidence.findings.get(judgement.about)
        if is_whole(judgement.about):
            found += _of_network(judgement, evidence)
        elif finding is not None:
            found += _of_judgement(judgement, finding)
        elif judgement.about in evidence.untold:
            found.append(_untold(judgement, evidence.untold[judgement.about]))
        elif judgement.about in evidence.unanswered:
            found.append(_unanswered(judgement))
    return in_order([*found, *_without_baseline(evidence)])


def _of_judgement(judgement: Judgement, finding: Finding) -> Iterator[Diagnostic]:
    steps = {step.reason: step for step in finding.certainty.steps}
    step = steps.get(judgement.reason)
    if step is None and judgement.reason in OF_NETWORKS:
        yield _no_network(judgement)
        return
    if step is None:
        yield _not_raised(judgement, "the studies are randomised, and start at high certainty")
        return
    # Of two judgements on one reason the first is used, and the second is a REV034.
    if step.judgement is not judgement:
        return
    if judgement.reason in REASONS_UP and judgement.levels > step.levels:
        lowered = " and ".join(s.reason for s in finding.certainty.steps if _lowers(s))
        yield _not_raised(judgement, f"the certainty was lowered for {lowered}")
    if not judgement.basis:
        yield _no_basis(judgement, step)
    elif step.stale:
        yield _stale(judgement, step, finding.certainty.level)


def _of_network(judgement: Judgement, evidence: Evidence) -> Iterator[Diagnostic]:
    """A judgement on a network as a whole."""
    step = evidence.networks.get(judgement.about.partition(" / ")[2])
    if judgement.reason != INTRANSITIVITY:
        yield _not_of_whole(judgement)
    elif step is None:
        yield _unanswered(judgement)
    elif step.judgement is judgement and not judgement.basis:
        yield _no_basis(judgement, step)
    elif step.judgement is judgement and step.stale:
        yield _stale(judgement, step, None)


def _lowers(step: Step) -> bool:
    return step.way == "down" and step.levels > 0


def _stale(judgement: Judgement, step: Step, level: Level | None) -> Diagnostic:
    ends = f", and the certainty is {level.word}" if level else " for each of its estimates"
    rule = f"{step.rule_levels} by the rule now, {judgement.levels} by {judgement.by or 'a person'}"
    return Diagnostic(
        "CRT010",
        Severity.WARNING,
        judgement.place,
        f"the numbers behind the judgement on {judgement.reason} have changed",
        found=f"{judgement.about}: {changes(judgement.basis, step.facts)}; levels: {rule}",
        so=f"the judgement still counts{ends}",
        help="look at the numbers again; if the judgement holds, give it today's date and "
        f"basis = {quoted(step.facts)}",
    )


def _no_basis(judgement: Judgement, step: Step) -> Diagnostic:
    return Diagnostic(
        "CRT011",
        Severity.NOTE,
        judgement.place,
        f"the judgement on {judgement.reason} does not say which numbers it rests on",
        found=judgement.about,
        so="nobody is told when they change",
        help=f"add basis = {quoted(step.facts)}",
    )


def _not_raised(judgement: Judgement, why: str) -> Diagnostic:
    return Diagnostic(
        "CRT012",
        Severity.WARNING,
        judgement.place,
        f"{judgement.reason} cannot raise this certainty",
        found=f"{judgement.about}: {why}",
        so="the judgement is shown and not counted",
        help="remove it; a certainty is raised only for studies that were not randomised, and "
        "only where no reason lowered it",
    )


def _not_of_whole(judgement: Judgement) -> Diagnostic:
    return Diagnostic(
        "CRT020",
        Severity.WARNING,
        judgement.place,
        f"{judgement.reason} is not judged for a network as a whole",
        found=judgement.about,
        so="the judgement is not counted",
        help=f"a whole network is judged on {INTRANSITIVITY} alone; judge {judgement.reason} for "
        'one estimate: about = "A vs B / outcome"',
    )


def _no_network(judgement: Judgement) -> Diagnostic:
    return Diagnostic(
        "CRT021",
        Severity.WARNING,
        judgement.place,
        f"{judgement.reason} is a reason of networks, and this answer is not of one",
        found=f"{judgement.about}: pooled from trials of the two alone",
        so="the judgement is not counted",
        help=f"write {quoted(judgement.about + BESIDE)} for the network's answer to it",
    )


def _untold(judgement: Judgement, why: str) -> Diagnostic:
    return Diagnostic(
        "CRT022",
        Severity.NOTE,
        judgement.place,
        "this judgement is about an estimate that the network does not give",
        found=f"{judgement.about}: {why}",
        so="it is kept until it does",
        help="where a person finds that the trials can be set side by side, judge "
        f"{INTRANSITIVITY} of the network; else remove it",
    )


def _unanswered(judgement: Judgement) -> Diagnostic:
    return Diagnostic(
        "CRT013",
        Severity.NOTE,
        judgement.place,
        "this judgement is about a question that no study answers",
        found=judgement.about,
        so="it is kept until one does",
        help="remove it if no study is expected",
    )


def _without_baseline(evidence: Evidence) -> Iterator[Diagnostic]:
    """Outcomes with absolute thresholds and no risk to hold them at."""
    for finding in evidence.findings.values():
        if is_absolute(finding.outcome) and gauge(finding.answer).baseline is None:
            yield Diagnostic(
                "CRT014",
                Severity.WARNING,
                finding.outcome.place,
                "absolute thresholds need a baseline risk, and none is known",
                found=f"{finding.about}: {_why_no_baseline(finding)}",
                so="the effect is held against no effect only",
                help="add [[baselines]] with a source, or give the thresholds as ratios",
            )


def _why_no_baseline(finding: Finding) -> str:
    counted = [e.events for e in finding.answer.effects if e.events is not None]
    if not counted:
        return "no comparator group reports its events"
    return "in the comparator groups nobody, or everybody, had the event"


def quoted(text: str) -> str:
    r"""A text as TOML writes it on one line.

    Examples
    --------
    >>> print(quoted('a "b"'))
    "a \"b\""
    """
    plain = " ".join(text.split())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
