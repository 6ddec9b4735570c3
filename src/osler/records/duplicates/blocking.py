"""Which pairs are worth comparing: records that share a key, and never all with all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from osler.records.duplicates.fingerprints import Fingerprint

# A block above this is split by a further key; what is still larger is gone through in order,
# each record with its neighbours.
LARGEST_BLOCK = 80
NEIGHBOURS = 12
_TITLE_START = 36
_TITLE_END = 28
_ABSTRACT_START = 60
_LONGEST_WORDS = 4
_SHORTEST_TITLE = 12


@dataclass(frozen=True, slots=True)
class SplitBlock:
    """A key that too many records share: how many, and what they share."""

    key: str
    records: int


def blocking_keys(mark: Fingerprint) -> Iterator[str]:
    """The keys under which a record is looked for.

    Identifiers; beginning and end of the title; its longest words, one left out in turn, so that
    a slip in one of them does no harm; author, volume and page; the abstract's beginning.
    """
    if mark.doi:
        yield "d" + mark.doi
    if mark.pmid:
        yield "p" + mark.pmid
    yield from _title_keys(mark)
    yield from _place_keys(mark)
    if len(mark.abstract) >= _ABSTRACT_START:
        yield "a" + mark.abstract[:_ABSTRACT_START]
    if mark.cochrane:
        yield "c" + mark.cochrane


def _title_keys(mark: Fingerprint) -> Iterator[str]:
    key = mark.title.key
    if len(key) < _SHORTEST_TITLE or mark.title.common:
        if key:
            yield f"t{key}|{mark.first_author[:1]}|{mark.year}"
        return
    yield "s" + key[:_TITLE_START]
    if len(key) > _TITLE_END:
        yield "e" + key[-_TITLE_END:]
    longest = sorted(set(mark.title.words), key=lambda word: (-len(word), word))[:_LONGEST_WORDS]
    if len(longest) == _LONGEST_WORDS:
        for left_out in range(_LONGEST_WORDS):
            yield "w" + " ".join(w for i, w in enumerate(longest) if i != left_out)


def _place_keys(mark: Fingerprint) -> Iterator[str]:
    author = mark.first_author[0] if mark.first_author else ""
    if mark.first_page and mark.volume:
        if author:
            yield f"f{author}|{mark.volume}|{mark.first_page}"
        if mark.year is not None:
            yield f"y{mark.year}|{mark.volume}|{mark.first_page}|{mark.journal[:1]}"
    elif mark.first_page and author:
        yield f"g{author}|{mark.year}|{mark.first_page}"


def blocks_of(marks: Sequence[Fingerprint]) -> Mapping[str, list[int]]:
    """Records by key, in the order given."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for index, mark in enumerate(marks):
        for key in set(blocking_keys(mark)):
            blocks[key].append(index)
    return blocks


def candidate_pairs(
    marks: Sequence[Fingerprint], new: frozenset[int] | None = None
) -> tuple[list[tuple[int, int]], tuple[SplitBlock, ...]]:
    """Pairs to compare, and the keys that too many records share.

    Parameters
    ----------
    marks : sequence of Fingerprint
        In order of keys, so that the order of the files does not matter.
    new : frozenset of int, optional
        Where given, only pairs with one of these are wanted.
    """
    found: set[tuple[int, int]] = set()
    split: list[SplitBlock] = []
    for key, members in blocks_of(marks).items():
        if len(members) < 2 or (new is not None and new.isdisjoint(members)):
            continue
        if len(members) <= LARGEST_BLOCK:
            found.update(combinations(members, 2))
            continue
        split.append(SplitBlock(key[1:], len(members)))
        for part in _parts(members, marks):
            close = len(part) <= LARGEST_BLOCK
            found.update(combinations(part, 2) if close else _in_turn(part, marks))
    pairs = found if new is None else (p for p in found if p[0] in new or p[1] in new)
    return sorted(pairs), tuple(sorted(split, key=lambda block: (-block.records, block.key)))


def _parts(members: Iterable[int], marks: Sequence[Fingerprint]) -> Iterable[list[int]]:
    parts: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index in members:
        mark = marks[index]
        parts[mark.title.key[:_TITLE_START], mark.first_author[:1]].append(index)
    return parts.values()


def _in_turn(members: Sequence[int], marks: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """Each with the next ones in order of what they hold, and with the first of all."""
    ordered = sorted(members, key=lambda i: _order(marks[i]))
    for position, one in enumerate(ordered):
        for two in ordered[position + 1 : position + 1 + NEIGHBOURS]:
            yield (one, two) if one < two else (two, one)


def _order(mark: Fingerprint) -> tuple[object, ...]:
    return (mark.title.key, mark.year or 0, mark.volume, mark.first_page, mark.doi, mark.key)
