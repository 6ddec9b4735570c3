"""Small groups are not shown singly: joined with others, or left out and counted.

A count of one or two can tell who it was; where the place is small or the matter delicate,
three and four can, too (Office for National Statistics 2006, Review of the dissemination of
health statistics: confidentiality guidance). A clinic is a small place, so a group needs five.
The rule is for groups: who had one condition, one treatment, began in one month. What became of
the people within a group is told in full, because a share without the missing says too much.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from osler.practice.model import RunChart
from osler.practice.runs import quarter_of, run_chart
from osler.review.model import Episode, Score

LEAST = 5
OTHER = "other conditions"
RULE = (
    f"Groups of fewer than {LEAST} people are joined with others or left out: in a small place, "
    "counts of one to four can tell who it was (Office for National Statistics 2006, Review of "
    "the dissemination of health statistics: confidentiality guidance)."
)


@dataclass(frozen=True, slots=True)
class Shielded:
    """Tables in which no group is small, and how many episodes had to stay out for that."""

    episodes: tuple[Episode, ...]
    scores: tuple[Score, ...]
    left_out: int


def shielded(
    episodes: Sequence[Episode], scores: Sequence[Score], *, least: int = LEAST
) -> Shielded:
    """The tables with small conditions and small treatments joined.

    A condition of fewer than ``least`` becomes one of "other conditions"; where those together
    are too few, the next larger one joins them, so that nobody can be found by subtraction. A
    treatment that is rare within its condition is not named. Fewer than ``least`` altogether
    are left out.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> rows = [Episode(f"E{n}", "", "gout" if n == 1 else "sciatica", "", 5, "", None, None, None,
    ...                 "", Place("")) for n in range(8)]
    >>> {e.condition for e in shielded(rows, ()).episodes}
    {'other conditions'}
    >>> shielded(rows[:3], ()).left_out
    3
    """
    if len(episodes) < least:
        return Shielded((), (), len(episodes))
    rare = _hidden(Counter(e.condition.lower() for e in episodes), least)
    named = [
        replace(e, condition=OTHER, treatment="") if e.condition.lower() in rare else e
        for e in episodes
    ]
    by_condition: dict[str, list[Episode]] = {}
    for episode in named:
        by_condition.setdefault(episode.condition.lower(), []).append(episode)
    unnamed = {
        (condition, treatment)
        for condition, rows in by_condition.items()
        for treatment in _hidden(Counter(e.treatment.lower() for e in rows), least)
    }
    shown = tuple(
        replace(e, treatment="") if (e.condition.lower(), e.treatment.lower()) in unnamed else e
        for e in named
    )
    return Shielded(shown, tuple(scores), 0)


def unlinked(found: Shielded, *, least: int = LEAST) -> Shielded:
    """The same for publication: other numbers, months only where several began in them.

    Episodes are numbered anew in the order of their contents, so that nobody who knows a number
    of the practice's list finds it; a measure that fewer than ``least`` were asked for is gone.

    Examples
    --------
    >>> unlinked(Shielded((), (), 2)).left_out
    2
    """
    months = _hidden(Counter(e.started for e in found.episodes), least)
    dateless = [replace(e, started="") if e.started in months else e for e in found.episodes]
    people: dict[str, set[str]] = {}
    for score in found.scores:
        people.setdefault(score.measure, set()).add(score.episode)
    kept = [s for s in found.scores if len(people[s.measure]) >= least]
    own: dict[str, list[str]] = {}
    for score in kept:
        own.setdefault(score.episode, []).append(repr((score.measure, score.session, score.score)))
    lines = {e.id: _contents(e, own.get(e.id, [])) for e in dateless}
    ordered = sorted(dateless, key=lambda e: lines[e.id])
    number = {e.id: f"E{n:03}" for n, e in enumerate(ordered, start=1)}
    few = {measure for measure, ids in people.items() if len(ids) < least}
    return Shielded(
        tuple(_renumbered(e, number[e.id], few) for e in ordered),
        tuple(
            sorted(
                (replace(s, episode=number[s.episode]) for s in kept),
                key=lambda s: (s.episode, s.measure, s.session),
            )
        ),
        found.left_out,
    )


def runs_of_groups(episodes: Sequence[Episode], *, least: int = LEAST) -> RunChart | None:
    """The run chart without the quarters in which fewer than ``least`` began.

    None where no quarter is left.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> rows = [Episode(f"E{n}", "2025-08" if n > 4 else "2025-01", "sciatica", "", 5, "", None,
    ...                 None, True, "", Place("")) for n in range(10)]
    >>> [p.label for p in runs_of_groups(rows).points], runs_of_groups(rows[:9])
    (['2025 Q1', '2025 Q3'], None)
    """
    dated = [e for e in episodes if e.started]
    few = _hidden(Counter(quarter_of(e.started) for e in dated), least)
    chart = run_chart([e for e in dated if quarter_of(e.started) not in few])
    if chart is None:
        return None
    return replace(chart, points=tuple(p for p in chart.points if p.started))


def _renumbered(episode: Episode, number: str, few: set[str]) -> Episode:
    if episode.measure in few:
        return replace(episode, id=number, measure="", baseline=None, last=None)
    return replace(episode, id=number)


def _contents(episode: Episode, scores: Sequence[str]) -> tuple[str, ...]:
    """What an episode says apart from its number; equal ones may stand in either order."""
    told = (episode.condition, episode.treatment, episode.started, episode.ended)
    numbers = (episode.sessions, episode.recovered, episode.unwanted, episode.last)
    return (*told, *map(repr, numbers), *sorted(scores))


def _hidden(sizes: Mapping[str, int], least: int) -> frozenset[str]:
    """The groups that are not named: the small ones, and larger ones until those are enough."""
    hidden, names = 0, set()
    for name, size in sorted(sizes.items(), key=lambda one: (one[1], one[0])):
        if size < least or 0 < hidden < least:
            names.add(name)
            hidden += size
    return frozenset(names)
