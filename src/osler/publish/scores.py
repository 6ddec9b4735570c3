"""What people had with the comparator: its mean scores, as the trials report them."""

from collections.abc import Iterator
from dataclasses import dataclass

from osler.certainty.model import Finding
from osler.core.wording import counted, number
from osler.effects.scales import Scale
from osler.publish.cells import scale_of_outcome
from osler.review.model import Outcome, Result, Review
from osler.synthesis.answers import StudyEffect


@dataclass(frozen=True, slots=True)
class Score:
    """Mean of a comparator group on the outcome's scale; ``change`` is from the start."""

    study: str
    mean: float
    change: bool


def comparator_scores(review: Review, finding: Finding) -> tuple[Score, ...]:
    """One score a trial, of the trials behind a mean difference that report one.

    The score is that of the time, the instrument and the outcome that the effect is of; a
    score at the end comes before a change from the start. None for standardised
    differences and ratios, which have no scale of their own.
    """
    if finding.outcome.measure != "MD":
        return ()
    found = (_score(review, finding, effect) for effect in finding.answer.effects)
    return tuple(score for score in found if score)


def _score(review: Review, finding: Finding, effect: StudyEffect) -> Score | None:
    rows = sorted(
        _rows(review, finding, effect),
        key=lambda r: (finding.outcome.accepts.index(r.outcome), r.value == "change"),
    )
    same = [r for r in rows if (r.outcome, r.value) == (rows[0].outcome, rows[0].value)]
    means = [_on_scale(review, row, finding.outcome) for row in same]
    known = [mean for mean in means if mean is not None]
    # The mean of several comparator arms needs their sizes, and a table cell needs no more.
    if len(known) != 1:
        return None
    return Score(effect.study, known[0], same[0].value == "change")


def _rows(review: Review, finding: Finding, effect: StudyEffect) -> Iterator[Result]:
    arms = {
        arm.arm
        for arm in review.arms
        if arm.study == effect.study and arm.treatment in finding.comparison.comparators
    }
    for row in review.results:
        if (
            row.study == effect.study
            and row.arm in arms
            and row.outcome in finding.outcome.accepts
            and (row.instrument, row.weeks) == (effect.instrument, effect.weeks)
            and row.value in ("final", "change")
            and row.mean is not None
        ):
            yield row


def _on_scale(review: Review, row: Result, outcome: Outcome) -> float | None:
    """A mean on the outcome's range; None where the instrument's range is not known."""
    instrument = review.instruments.get(row.instrument)
    if row.mean is None or instrument is None or outcome.low is None or outcome.high is None:
        return None
    factor = (outcome.high - outcome.low) / (instrument.high - instrument.low)
    turned = instrument.better != outcome.better
    if row.value == "change":
        return -row.mean * factor if turned else row.mean * factor
    share = (row.mean - instrument.low) * factor
    return outcome.high - share if turned else outcome.low + share


def scores_text(review: Review, finding: Finding) -> tuple[str, str]:
    """The scores in words, and of how many trials they are; empty where none is reported."""
    scores = comparator_scores(review, finding)
    at_end = [score for score in scores if not score.change]
    used = at_end or list(scores)
    if not used:
        return "", ""
    scale, trials = scale_of_outcome(finding.outcome), len(finding.answer.effects)
    means = sorted(score.mean for score in used)
    text = _range(scale, means) if at_end else _change(scale, means)
    if len(used) == trials:
        return text, "mean" if trials == 1 else f"means of {counted(trials, 'trial')}"
    return text, f"{_mean(len(used))} of {len(used)} of {counted(trials, 'trial')}"


def _mean(count: int) -> str:
    return "mean" if count == 1 else "means"


def _change(scale: Scale, means: list[float]) -> str:
    """Changes from the start; the way is said once where it is the same."""
    if means[-1] <= 0:
        return f"fell by {_range(scale, sorted(-mean for mean in means))}"
    return f"{'rose by' if means[0] >= 0 else 'changed by'} {_range(scale, means)}"


def _range(scale: Scale, means: list[float]) -> str:
    unit = scale.unit.partition(" on ")[0]
    low, high = number(means[0], scale.decimals), number(means[-1], scale.decimals)
    return f"{low if low == high else f'{low} to {high}'} {unit}".strip()
