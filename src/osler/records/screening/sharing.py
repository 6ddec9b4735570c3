"""Who screens what: every record goes to as many reviewers as the review asks for.

    records, reviewers --share_out--> reviewers of each record --hand_over--> after one has left

The same records, reviewers and seed give the same shares. New records are shared out on top of
the old shares, which stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.records.model import Decision, Stage
from osler.records.screening.standing import standings

Shares = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Team:
    """Who screens, and how much of it.

    Attributes
    ----------
    weights : mapping of str to float
        Reviewer and their part of the work: 1 for all is an even split; 0.5 is half as much.
    per_record : int
        How many see each record. A record is decided once so many have voted
        (``reviewers_needed``), so fewer for a part of the records would leave those open for good.
    """

    weights: Mapping[str, float]
    per_record: int = 2


def share_out(
    records: Sequence[str], team: Team, *, seed: int, before: Shares = MappingProxyType({})
) -> dict[str, tuple[str, ...]]:
    """The reviewers of each record, as even as the weights say.

    Parameters
    ----------
    records : sequence of str
        Keys. Those in ``before`` keep their reviewers.
    team : Team
    seed : int
        Which records fall to whom is chance, so that no one gets all of one database or year.

    Raises
    ------
    DataError
        Where the team is too small for ``per_record``, or a weight cannot be used (REC052).

    Examples
    --------
    >>> shares = share_out(["a", "b", "c"], Team({"one": 1, "two": 1, "three": 1}), seed=1)
    >>> sorted(who for reviewers in shares.values() for who in reviewers)
    ['one', 'one', 'three', 'three', 'two', 'two']
    """
    _check(team)
    rng = np.random.default_rng(seed)
    new = [key for key in dict.fromkeys(records) if key not in before]
    load = _load(before, team.weights)
    pairs: dict[frozenset[str], int] = {}
    shares = {}
    for at in rng.permutation(len(new)).tolist():
        shares[new[at]] = _pick(team.weights, load, pairs, team.per_record, ())
    return {key: before[key] if key in before else shares[key] for key in dict.fromkeys(records)}


def hand_over(
    shares: Shares,
    decisions: Iterable[Decision],
    leaving: str,
    team: Team,
    *,
    stage: Stage = Stage.TITLE_ABSTRACT,
) -> dict[str, tuple[str, ...]]:
    """Shares after a reviewer has left: what they had not decided goes to the others.

    Their decisions count as before. A record that everybody else of the team already has is
    left with those; :func:`without_enough` lists it.

    Examples
    --------
    >>> team = Team({"one": 1, "two": 1, "three": 1})
    >>> hand_over({"a": ("one", "two")}, [], "two", team)
    {'a': ('one', 'three')}
    """
    remaining = {who: weight for who, weight in team.weights.items() if who != leaving}
    decided = {key: set(standing.votes) for key, standing in standings(decisions, stage).items()}
    open_here = [
        key for key, who in shares.items() if leaving in who and leaving not in decided.get(key, ())
    ]
    load = _load(
        {key: who for key, who in shares.items() if not set(who) <= decided.get(key, set())},
        remaining,
    )
    pairs: dict[frozenset[str], int] = {}
    after = dict(shares)
    for key in open_here:
        rest = tuple(who for who in shares[key] if who != leaving)
        taken = {*rest, *decided.get(key, ())}
        free = {who: weight for who, weight in remaining.items() if who not in taken}
        after[key] = rest + (_pick(free, load, pairs, 1, rest) if free else ())
    return after


def without_enough(shares: Shares, per_record: int) -> tuple[str, ...]:
    """Records with fewer reviewers than the review asks for."""
    return tuple(key for key, who in shares.items() if len(who) < per_record)


def queue(
    ranking: Sequence[str],
    shares: Shares,
    decisions: Iterable[Decision],
    reviewer: str,
    *,
    stage: Stage = Stage.TITLE_ABSTRACT,
) -> tuple[str, ...]:
    """What a reviewer has still to see, in the order of the ranking.

    Settled records are left out. What others voted changes nothing here: reviewers are blind to
    each other.

    Examples
    --------
    >>> queue(["b", "a"], {"a": ("one",), "b": ("one", "two")}, [], "one")
    ('b', 'a')
    """
    seen = {
        key
        for key, standing in standings(decisions, stage).items()
        if standing.settled or reviewer in standing.votes
    }
    return tuple(key for key in ranking if reviewer in shares.get(key, ()) and key not in seen)


def _pick(
    weights: Mapping[str, float],
    load: dict[str, float],
    pairs: dict[frozenset[str], int],
    wanted: int,
    beside: tuple[str, ...],
) -> tuple[str, ...]:
    """Whoever is furthest behind their part; among equals, whom they met least often."""
    chosen: list[str] = []
    for _ in range(min(wanted, len(weights))):
        who = min(
            (name for name in weights if name not in chosen),
            key=lambda name: (
                (load[name] + 1) / weights[name],
                sum(pairs.get(frozenset({name, met}), 0) for met in (*beside, *chosen)),
                name,
            ),
        )
        for met in (*beside, *chosen):
            both = frozenset({who, met})
            pairs[both] = pairs.get(both, 0) + 1
        load[who] += 1
        chosen.append(who)
    return tuple(chosen)


def _load(shares: Shares, weights: Mapping[str, float]) -> dict[str, float]:
    load = dict.fromkeys(weights, 0.0)
    for reviewers in shares.values():
        for who in reviewers:
            if who in load:
                load[who] += 1
    return load


def _check(team: Team) -> None:
    wrong = [who for who, weight in team.weights.items() if not 0 < weight < float("inf")]
    if wrong:
        raise DataError(_unusable(f"the weight of {wrong[0]} is {team.weights[wrong[0]]}"))
    if team.per_record < 1 or len(team.weights) < team.per_record:
        raise DataError(
            _unusable(f"{len(team.weights)} reviewers, and {team.per_record} for each record")
        )


def _unusable(found: str) -> Diagnostic:
    return Diagnostic(
        "REC052",
        Severity.ERROR,
        Place(""),
        "the records cannot be shared out among these reviewers",
        found,
        "nobody gets a share",
        "name at least as many reviewers as each record needs, and weights above 0",
    )
