"""Pairs joined into groups, the surest first, and never across a bar."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from osler.records.duplicates.model import Opinion, Pair, Standing

Compare = Callable[[str, str], Pair | None]
Keys = tuple[str, str]
# Cross pairs held against each other when two groups are joined.
_LOOKED_THROUGH = 400


@dataclass(slots=True)
class Grouping:
    """Groups as they grow.

    Attributes
    ----------
    pairs : mapping of (str, str) to Pair
        Every pair that was told of, with a person's judgement where there is one.
    barred : callable
        What keeps two records apart that are in no such pair.
    """

    pairs: Mapping[Keys, Pair]
    barred: Compare
    members: dict[str, list[str]] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)

    def group_of(self, key: str) -> list[str]:
        """Keys of the records in the same group."""
        return self.members.get(self.home.get(key, key), [key])

    def hindrance(self, pair: Pair) -> Pair | None:
        """A pair that keeps the two groups apart; None where they may be joined."""
        by_person = pair.judged is not None
        looked = 0
        for one in self.group_of(pair.first):
            for two in self.group_of(pair.second):
                looked += 1
                if looked > _LOOKED_THROUGH:
                    return None
                between = self._between(one, two)
                if between is None or between.standing is not Standing.APART:
                    continue
                if between.judged is not None or not by_person:
                    return between
        return None

    def _between(self, one: str, two: str) -> Pair | None:
        keys = (one, two) if one < two else (two, one)
        return self.pairs[keys] if keys in self.pairs else self.barred(*keys)

    def join(self, pair: Pair) -> None:
        """Make one group of two."""
        one, two = self.home.get(pair.first, pair.first), self.home.get(pair.second, pair.second)
        if one == two:
            return
        joined = sorted((*self.group_of(one), *self.group_of(two)))
        self.members.pop(one, None)
        self.members.pop(two, None)
        self.members[joined[0]] = joined
        for key in joined:
            self.home[key] = joined[0]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups of keys, the pairs that made them, and merges that a bar inside forbade."""

    groups: tuple[tuple[str, ...], ...]
    merges: tuple[Pair, ...]
    refused: tuple[Pair, ...]


def group_pairs(pairs: Mapping[Keys, Pair], barred: Compare) -> Grouped:
    """Join what is merged, a person's judgements first, then by probability.

    The result depends on the pairs alone, not on their order.
    """
    grouping = Grouping(pairs, barred)
    merges: list[Pair] = []
    refused: list[Pair] = []
    for pair in _in_turn(pairs.values()):
        hindrance = None
        if grouping.group_of(pair.first) is not grouping.group_of(pair.second):
            hindrance = grouping.hindrance(pair)
        if hindrance is None:
            grouping.join(pair)
            merges.append(pair)
        else:
            refused.append(_refused(pair, hindrance))
    groups = tuple(sorted(tuple(keys) for keys in grouping.members.values()))
    return Grouped(groups, tuple(merges), tuple(refused))


def _in_turn(pairs: Iterable[Pair]) -> Sequence[Pair]:
    """A person's merges, the latest first; then the likeliest."""
    wanted = [pair for pair in pairs if pair.standing is Standing.MERGED]
    wanted.sort(key=lambda pair: (-pair.probability, pair.keys))
    judged = [pair for pair in wanted if pair.judged is not None]
    judged.sort(key=lambda pair: pair.judged.when if pair.judged else "", reverse=True)
    return [*judged, *(pair for pair in wanted if pair.judged is None)]


def _refused(pair: Pair, hindrance: Pair) -> Pair:
    why = hindrance.bar or hindrance.reason
    if hindrance.judged is not None and hindrance.judged.opinion is not Opinion.MERGED:
        why = hindrance.reason
    bar = f"would join {hindrance.first} and {hindrance.second} ({why})"
    return replace(pair, standing=Standing.LOOK, bar=bar)
