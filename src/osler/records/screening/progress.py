"""How far screening has come, as values; drawing them is done elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from osler.records.model import Decision, Stage
from osler.records.screening.standing import Standing, State, relevant, standings


@dataclass(frozen=True, slots=True)
class Point:
    """After ``screened`` records, ``found`` relevant ones were known."""

    screened: int
    found: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many records stand where; the five states add up to ``total``.

    ``finds_lately`` of ``lately`` is how many of the newest records were relevant.
    """

    total: int
    included: int
    excluded: int
    maybe: int
    conflict: int
    open: int
    lately: int
    finds_lately: int

    @property
    def decided(self) -> int:
        return self.total - self.open


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that reviewers do not agree on, with their votes in order of name."""

    record: str
    votes: tuple[Decision, ...]


def curve(
    decisions: Iterable[Decision],
    stage: Stage = Stage.TITLE_ABSTRACT,
    records: Iterable[str] | None = None,
) -> tuple[Point, ...]:
    """The curve of finds: one point a record, from (0, 0), in the order of first decisions.

    Examples
    --------
    >>> from osler.records.model import Verdict
    >>> told = [Decision(key, Stage.TITLE_ABSTRACT, Verdict(verdict), "one", "2026-01-05")
    ...         for key, verdict in [("a", "exclude"), ("b", "include")]]
    >>> [(point.screened, point.found) for point in curve(told)]
    [(0, 0), (1, 0), (2, 1)]
    """
    points = [Point(0, 0)]
    for label in found_in_order(decisions, stage, records):
        points.append(Point(points[-1].screened + 1, points[-1].found + label))
    return tuple(points)


def found_in_order(
    decisions: Iterable[Decision],
    stage: Stage = Stage.TITLE_ABSTRACT,
    records: Iterable[str] | None = None,
) -> tuple[bool, ...]:
    """What the stopping rule reads: whether each record was relevant, in order.

    ``records`` limits it to the library as it is now; None takes every record.
    """
    inside = None if records is None else set(records)
    labels = relevant(decisions, stage)
    return tuple(label for key, label in labels.items() if inside is None or key in inside)


def progress(
    decisions: Sequence[Decision],
    records: Iterable[str],
    stage: Stage = Stage.TITLE_ABSTRACT,
    *,
    reviewers: int = 1,
    lately: int = 50,
) -> Progress:
    """Counts over a library.

    Examples
    --------
    >>> progress([], ["a", "b"]).open
    2
    """
    keys = tuple(dict.fromkeys(records))
    states = _states(standings(decisions, stage), reviewers)
    counts = dict.fromkeys(State, 0)
    for key in keys:
        counts[states.get(key, State.OPEN)] += 1
    newest = found_in_order(decisions, stage, keys)[-lately:]
    return Progress(
        len(keys),
        counts[State.INCLUDED],
        counts[State.EXCLUDED],
        counts[State.MAYBE],
        counts[State.CONFLICT],
        counts[State.OPEN],
        len(newest),
        sum(newest),
    )


def conflicts(
    decisions: Iterable[Decision], stage: Stage = Stage.TITLE_ABSTRACT
) -> tuple[Conflict, ...]:
    """Records on which reviewers differ and nobody has settled.

    A decision with the role "consensus" or "third reviewer" settles one; taken back, it is a
    conflict again.

    Examples
    --------
    >>> from osler.records.model import Verdict
    >>> told = [Decision("a", Stage.TITLE_ABSTRACT, Verdict(verdict), who, "2026-01-05")
    ...         for who, verdict in [("two", "exclude"), ("one", "maybe")]]
    >>> [[vote.who for vote in conflict.votes] for conflict in conflicts(told)]
    [['one', 'two']]
    """
    return tuple(
        Conflict(key, tuple(standing.votes[who] for who in sorted(standing.votes)))
        for key, standing in standings(decisions, stage).items()
        if standing.state() is State.CONFLICT
    )


def _states(told: Mapping[str, Standing], reviewers: int) -> dict[str, State]:
    return {key: standing.state(reviewers) for key, standing in told.items()}
