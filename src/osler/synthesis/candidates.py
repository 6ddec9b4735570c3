"""Which rows of a study could answer a question, and what effect each would give."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from osler.core.diagnostics import DataError, Diagnostic, Place
from osler.effects import (
    MEASURES,
    Counts,
    Effect,
    Moments,
    Range,
    combine_counts,
    combine_moments,
    effect_from_report,
    rescale_difference,
    sd_from_ci,
    sd_from_se,
)
from osler.effects.problems import at
from osler.review.model import Arm, Comparison, Contrast, Outcome, Result, Review
from osler.synthesis.batch import number_problem


@dataclass(frozen=True, slots=True)
class Candidate:
    """Rows that together give one effect of one study.

    ``rank`` orders the candidates of a study: the lowest is used. ``problem`` says why no
    effect can be had; then ``effect`` is None, and ``diagnostics`` say the same at its place
    where the numbers themselves are to blame.
    """

    rank: tuple[float, ...]
    what: str
    effect: Effect | None
    problem: str
    reported: str
    instrument: str
    weeks: float | None
    scaling: str
    n: int | None
    events: tuple[int, int, int, int] | None
    places: tuple[Place, ...]
    source: str
    diagnostics: tuple[Diagnostic, ...] = ()


class _Unusable(Exception):
    """Why a set of rows gives no effect; caught where the candidate is made."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The rows of one study."""

    arms: tuple[Arm, ...]
    results: tuple[Result, ...]
    contrasts: tuple[Contrast, ...]


def reported(review: Review) -> dict[str, Reported]:
    """The rows of every study, by its id."""
    arms: dict[str, list[Arm]] = {study: [] for study in review.studies}
    results: dict[str, list[Result]] = {study: [] for study in review.studies}
    contrasts: dict[str, list[Contrast]] = {study: [] for study in review.studies}
    for arm in review.arms:
        arms.get(arm.study, []).append(arm)
    for result in review.results:
        results.get(result.study, []).append(result)
    for contrast in review.contrasts:
        contrasts.get(contrast.study, []).append(contrast)
    return {
        study: Reported(tuple(arms[study]), tuple(results[study]), tuple(contrasts[study]))
        for study in review.studies
    }


@dataclass(frozen=True, slots=True)
class Sides:
    """The arms of one study on either side of a comparison."""

    treated: tuple[str, ...]
    control: tuple[str, ...]
    sizes: dict[str, int | None]

    def n_of(self, arms: Iterable[str]) -> int | None:
        """Participants randomised to these arms; None where one is not reported."""
        sizes = [self.sizes.get(arm) for arm in arms]
        return None if None in sizes else sum(n for n in sizes if n is not None)


def sides(arms: Sequence[Arm], comparison: Comparison) -> Sides | None:
    """The arms of a study on each side; None where one side is empty."""
    treated = tuple(a.arm for a in arms if a.treatment in comparison.interventions)
    control = tuple(a.arm for a in arms if a.treatment in comparison.comparators)
    if not treated or not control or set(treated) & set(control):
        return None
    return Sides(treated, control, {a.arm: a.n for a in arms})


def candidates(
    review: Review, study: Reported, arms: Sides, outcome: Outcome
) -> tuple[Candidate, ...]:
    """All candidates of a study for an outcome, the one to use first."""
    found = [
        *_from_contrasts(review, study, arms, outcome),
        *_from_arms(review, study, arms, outcome),
    ]
    return tuple(sorted(found, key=lambda c: (c.effect is None, c.rank)))


def _from_contrasts(
    review: Review, study: Reported, arms: Sides, outcome: Outcome
) -> Iterator[Candidate]:
    for row in study.contrasts:
        if row.outcome not in outcome.accepts:
            continue
        forward = row.arm in arms.treated and row.comparator_arm in arms.control
        reverse = row.arm in arms.control and row.comparator_arm in arms.treated
        if forward or reverse:
            yield _contrast(review, row, arms, outcome, reverse)


def _contrast(
    review: Review, row: Contrast, arms: Sides, outcome: Outcome, reverse: bool
) -> Candidate:
    effect: Effect | None = None
    scaling = note = problem = ""
    found: tuple[Diagnostic, ...] = ()
    try:
        _check_week(row.weeks, outcome)
        printed, note = _reported(row, outcome)
        scaled, scaling = _on_scale(review, row.instrument, outcome, printed)
        effect = _weighable(_turned(scaled) if reverse else scaled)
    except _Unusable as reason:
        problem = str(reason)
    except DataError as error:
        problem, found = error.diagnostics[0].message, at(row.place, *error.diagnostics)
    return Candidate(
        rank=_rank(
            row.outcome,
            row.weeks,
            outcome,
            second_choice=outcome.kind == "binary",
            less_fit=not row.adjusted,
            line=row.place.line,
        ),
        what=_what(row.outcome, row.instrument, row.weeks, f"reported {row.measure}"),
        effect=effect,
        problem=problem,
        reported=_in_words(row) + (f" ({note})" if note else ""),
        instrument=row.instrument,
        weeks=row.weeks,
        scaling=scaling,
        n=row.n or arms.n_of((row.arm, row.comparator_arm)),
        events=None,
        places=(row.place,),
        source=row.source,
        diagnostics=found,
    )


def _reported(row: Contrast, outcome: Outcome) -> tuple[Effect, str]:
    if row.measure != outcome.measure:
        raise _Unusable(f"reported as {row.measure}, which cannot be pooled as {outcome.measure}")
    if row.arm == row.comparator_arm:
        raise _Unusable("an arm is compared with itself")
    return effect_from_report(
        row.measure,
        estimate=row.estimate,
        se=row.se,
        ci_lower=row.ci_lower,
        ci_upper=row.ci_upper,
        p_value=row.p_value,
    )


def _from_arms(
    review: Review, study: Reported, arms: Sides, outcome: Outcome
) -> Iterator[Candidate]:
    """One candidate for each outcome name, instrument, week and kind of value."""
    groups: dict[tuple[str, str, float | None, str], list[Result]] = {}
    for row in study.results:
        known = row.arm in arms.treated or row.arm in arms.control
        if known and row.outcome in outcome.accepts and row.value != "baseline":
            key = (row.outcome, row.instrument, row.weeks, row.value)
            groups.setdefault(key, []).append(row)
    for rows in groups.values():
        yield _arms(review, rows, arms, outcome)


def _arms(review: Review, rows: Sequence[Result], arms: Sides, outcome: Outcome) -> Candidate:
    first = rows[0]
    treated = [r for r in rows if r.arm in arms.treated]
    control = [r for r in rows if r.arm in arms.control]
    effect: Effect | None = None
    scaling = problem = reported = ""
    found: tuple[Diagnostic, ...] = ()
    events: tuple[int, int, int, int] | None = None
    n: int | None = None
    try:
        if not treated or not control:
            raise _Unusable("only one side of the comparison is reported")
        _check_week(first.weeks, outcome)
        if outcome.kind == "binary":
            one, two = _counts(treated), _counts(control)
            effect = _weighable(MEASURES[outcome.measure].estimate(treated=one, control=two))
            events = (one.events, one.n, two.events, two.n)
            reported, n = f"{one.events}/{one.n} against {two.events}/{two.n}", one.n + two.n
        else:
            printed, reported, n = _from_means(treated, control, outcome.measure)
            scaled, scaling = _on_scale(review, first.instrument, outcome, printed)
            effect = _weighable(scaled)
    except _Unusable as reason:
        problem = str(reason)
    except DataError as error:
        problem, found = error.diagnostics[0].message, at(first.place, *error.diagnostics)
    return Candidate(
        rank=_rank(
            first.outcome,
            first.weeks,
            outcome,
            second_choice=outcome.kind != "binary",
            less_fit=first.value == "change",
            line=first.place.line,
        ),
        what=_what(first.outcome, first.instrument, first.weeks, first.value or "counts"),
        effect=effect,
        problem=problem,
        reported=reported,
        instrument=first.instrument,
        weeks=first.weeks,
        scaling=scaling,
        n=n,
        events=events,
        places=tuple(r.place for r in rows),
        source=first.source,
        diagnostics=found,
    )


def _weighable(effect: Effect) -> Effect:
    """The effect, if it has a weight: a variance of 0 or beyond all reason is a DataError."""
    problem = number_problem(effect.measure, effect.estimate, effect.variance)
    if problem is not None:
        raise problem
    return effect


def _counts(rows: Sequence[Result]) -> Counts:
    out = []
    for row in rows:
        if row.events is None:
            raise _Unusable("the number of participants with the event is not reported")
        if row.n is None:
            raise _Unusable("the number of participants analysed is not reported")
        if row.events > row.n:
            raise _Unusable(f"{row.events} events among {row.n} participants cannot be")
        out.append(Counts(row.events, row.n))
    return combine_counts(out)


def _from_means(
    treated: Sequence[Result], control: Sequence[Result], measure: str
) -> tuple[Effect, str, int | None]:
    """Effect, what it was computed from, and how many participants.

    A mean difference needs no group size where each mean has its own standard error or
    interval; a standardised one does.
    """
    alone = len(treated) == len(control) == 1
    if measure == "MD" and alone and None in (treated[0].n, control[0].n):
        one, words_one = _mean_with_error(treated[0])
        two, words_two = _mean_with_error(control[0])
        effect = Effect("MD", one.estimate - two.estimate, one.variance + two.variance)
        return effect, f"{words_one} against {words_two}", None
    left, right = _moments(treated), _moments(control)
    effect = MEASURES[measure].estimate(treated=left, control=right)
    return effect, f"{_mean(left)} against {_mean(right)}", left.n + right.n


def _mean_with_error(row: Result) -> tuple[Effect, str]:
    if row.mean is None:
        raise _Unusable("no mean is reported")
    if row.se is None and (row.ci_lower is None or row.ci_upper is None):
        raise _Unusable("the number of participants analysed is not reported")
    effect, note = effect_from_report(
        "MD", estimate=row.mean, se=row.se, ci_lower=row.ci_lower, ci_upper=row.ci_upper
    )
    error = f"SE {effect.variance**0.5:.3g}"
    return effect, f"{row.mean:g} ({error}; {note})" if note else f"{row.mean:g} ({error})"


def _moments(rows: Sequence[Result]) -> Moments:
    out = []
    for row in rows:
        if row.mean is None:
            raise _Unusable("no mean is reported")
        if row.n is None:
            raise _Unusable("the number of participants analysed is not reported")
        out.append(Moments(row.mean, _sd(row, row.n), row.n))
    return combine_moments(out)


def _sd(row: Result, n: int) -> float:
    if row.sd is not None and row.sd > 0:
        return row.sd
    if row.se is not None and row.se > 0:
        return sd_from_se(row.se, n)
    if row.ci_lower is not None and row.ci_upper is not None:
        return sd_from_ci(row.ci_lower, row.ci_upper, n)
    raise _Unusable("no standard deviation, standard error or interval is reported")


def _on_scale(
    review: Review, instrument: str, outcome: Outcome, effect: Effect
) -> tuple[Effect, str]:
    """The effect on the outcome's own scale, and in words what was done for it.

    A standardised difference and a ratio need no common range, only a common direction.
    """
    known = review.instruments.get(instrument)
    reverse = known is not None and known.better != outcome.better
    if outcome.kind == "binary":
        return effect, ""
    if outcome.low is None or outcome.high is None or outcome.measure != "MD":
        return (_turned(effect), "turned round") if reverse else (effect, "")
    if known is None:
        raise _Unusable(
            f"the range of {instrument or 'the instrument'!r} is not known, so it cannot be "
            f"brought to {outcome.low:g}-{outcome.high:g}"
        )
    old, new = Range(known.low, known.high), Range(outcome.low, outcome.high)
    words = "" if old == new else f"{known.low:g}-{known.high:g} to {new.low:g}-{new.high:g}"
    if reverse:
        words = f"{words}, turned round" if words else "turned round"
    return rescale_difference(effect, old, new, reverse=reverse), words


def _turned(effect: Effect) -> Effect:
    return Effect(effect.measure, -effect.estimate, effect.variance, effect.added)


def _check_week(weeks: float | None, outcome: Outcome) -> None:
    start, end = outcome.weeks
    if weeks is None:
        if not outcome.weeks_unknown:
            raise _Unusable("the time point is not reported")
    elif not start <= weeks <= end:
        raise _Unusable(f"week {weeks:g} is outside the window of {start:g} to {end:g} weeks")


def _rank(
    name: str,
    weeks: float | None,
    outcome: Outcome,
    *,
    second_choice: bool,
    less_fit: bool,
    line: int,
) -> tuple[float, ...]:
    """What decides between results of one study, the weightiest first; the lowest is used."""
    distance = float("inf") if weeks is None else abs(weeks - outcome.prefer_week)
    return (float(outcome.accepts.index(name)), distance, second_choice, less_fit, line)


def _what(outcome: str, instrument: str, weeks: float | None, kind: str) -> str:
    time = "time not reported" if weeks is None else f"week {weeks:g}"
    return ", ".join(part for part in (outcome, instrument, time, kind) if part)


def _in_words(row: Contrast) -> str:
    text = row.measure if row.estimate is None else f"{row.measure} {row.estimate:g}"
    if row.ci_lower is not None and row.ci_upper is not None:
        text += f" ({row.ci_lower:g} to {row.ci_upper:g})"
    elif row.se is not None:
        text += f" (SE {row.se:.4g})"
    elif row.p_value:
        text += f" (p {row.p_value})"
    return f"{text}, as reported"


def _mean(value: Moments) -> str:
    return f"{value.mean:.4g} (SD {value.sd:.3g}, n {value.n})"
