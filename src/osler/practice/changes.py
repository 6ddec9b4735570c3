"""Change in each measure, against the smallest change that matters to one person."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from osler.practice.instruments import Instrument
from osler.practice.model import Change, Improved
from osler.practice.shares import share
from osler.review.model import Episode, Score


@dataclass(frozen=True, slots=True)
class _Pair:
    """First and last value of one person; either may be missing."""

    first: float | None
    last: float | None


def changes(
    episodes: Sequence[Episode], scores: Sequence[Score], instruments: Sequence[Instrument]
) -> tuple[Change, ...]:
    """One change for each measure that anybody was asked for, in the order of the tables."""
    asked = _asked(episodes, scores)
    return tuple(
        change
        for measure, pairs in asked.items()
        if (change := _change(measure, pairs, instrument_of(measure, instruments))) is not None
    )


def instrument_of(measure: str, instruments: Sequence[Instrument]) -> Instrument | None:
    """The questionnaire that a measure's name stands for; "leg pain 0-10" is a "pain 0-10".

    Examples
    --------
    >>> from osler.practice.instruments import shipped
    >>> instrument_of("leg pain 0-10", [shipped("pain-nrs")]).key
    'pain-nrs'
    >>> instrument_of("happiness", [shipped("pain-nrs")]) is None
    True
    """
    name = measure.strip().lower()
    for instrument in instruments:
        own = instrument.measure.lower()
        if name == own or name.endswith(f" {own}"):
            return instrument
    return None


def _asked(episodes: Sequence[Episode], scores: Sequence[Score]) -> dict[str, list[_Pair]]:
    """Measure -> one pair for everybody who began, of practice.csv or of their questionnaires.

    Who was never asked is missing like who did not answer: leaving them out is what turned 51
    into 90 in a hundred in an audit of acupuncture (doi:10.1177/09645284241248471).
    """
    own = {episode.id for episode in episodes}
    by_measure: dict[str, dict[str, list[Score]]] = {}
    for score in scores:
        if score.episode in own:
            by_measure.setdefault(score.measure, {}).setdefault(score.episode, []).append(score)
    measures = dict.fromkeys([*(e.measure for e in episodes if e.measure), *by_measure])
    found = {measure: {e.id: _own(e, measure) for e in episodes} for measure in measures}
    for measure, people in by_measure.items():
        found[measure] |= {episode: _pair(rows) for episode, rows in people.items()}
    return {measure: list(people.values()) for measure, people in found.items()}


def _own(episode: Episode, measure: str) -> _Pair:
    if episode.measure != measure:
        return _Pair(None, None)
    return _Pair(episode.baseline, episode.last)


def _pair(rows: Sequence[Score]) -> _Pair:
    known = sorted((row.session, row.score) for row in rows if row.score is not None)
    before = [score for session, score in known if session == 0]
    after = [score for session, score in known if session > 0]
    return _Pair(before[0] if before else None, after[-1] if after else None)


def _change(measure: str, pairs: Sequence[_Pair], by: Instrument | None) -> Change | None:
    if by is not None and by.improved_at is not None:
        return _impression(measure, pairs, by)
    both = [(p.first, p.last) for p in pairs if p.first is not None and p.last is not None]
    if not both:
        return None
    first, last = np.array(both, dtype=float).T
    mean, sd, lower, upper = _paired(last - first)
    improved = None
    if by is not None and by.mid is not None:
        better = (first - last if by.better == "lower" else last - first) >= by.mid
        improved = Improved(
            f"by at least {by.mid:g} points",
            by.mid_source,
            int(better.sum()),
            share(int(better.sum()), len(both), len(pairs)),
        )
    return Change(
        measure,
        len(both),
        len(pairs) - len(both),
        float(first.mean()),
        float(last.mean()),
        mean,
        sd,
        lower,
        upper,
        improved,
    )


def _impression(measure: str, pairs: Sequence[_Pair], by: Instrument) -> Change | None:
    """A measure that asks for the change itself: only its last value counts."""
    values = np.array([p.last for p in pairs if p.last is not None], dtype=float)
    if not values.size:
        return None
    limit = by.improved_at if by.improved_at is not None else by.low
    better = int((values <= limit if by.better == "lower" else values >= limit).sum())
    nan = float("nan")
    return Change(
        measure,
        values.size,
        len(pairs) - values.size,
        nan,
        float(values.mean()),
        nan,
        nan,
        nan,
        nan,
        Improved(_answers(by), by.source, better, share(better, values.size, len(pairs))),
    )


def _answers(by: Instrument) -> str:
    """The answers that count as improved, in their own words."""
    limit = by.improved_at if by.improved_at is not None else by.low
    places = enumerate(by.items[0].options, start=1)
    good = [text for n, text in places if (n <= limit if by.better == "lower" else n >= limit)]
    return " or ".join(f'"{text}"' for text in good) or f"{limit:g} or better"


def _paired(differences: np.ndarray) -> tuple[float, float, float, float]:
    """Mean, SD and a 95% t interval; the last three NaN for one person alone."""
    n, nan = differences.size, float("nan")
    if n < 2:
        return float(differences.mean()), nan, nan, nan
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    half = float(stdtrit(n - 1, 0.975)) * sd / n**0.5
    return mean, sd, mean - half, mean + half
