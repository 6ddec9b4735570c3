"""From records to duplicates: keys, candidates, pairs, judgements, groups."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.records.duplicates.blocking import SplitBlock, candidate_pairs
from osler.records.duplicates.fingerprints import Fingerprint, fingerprint
from osler.records.duplicates.grouping import Grouped, group_pairs
from osler.records.duplicates.keys import with_keys
from osler.records.duplicates.model import (
    Duplicates,
    Group,
    Judgement,
    Library,
    LinkKind,
    Opinion,
    Pair,
    Standing,
)
from osler.records.duplicates.scoring import barred_pair, judge_pair
from osler.records.model import Record

Keys = tuple[str, str]


def find_duplicates(
    records: Iterable[Record],
    *,
    judgements: Sequence[Judgement] = (),
    library: Library | None = None,
) -> Duplicates:
    """Which records are the same one: merged, to be looked at, kept apart.

    Parameters
    ----------
    records : iterable of Record
        Of any number of exports, in any order; those without a key are given one.
    judgements : sequence of Judgement
        What persons said, in the order in which they said it. They always hold.
    library : Library, optional
        What an earlier call left (``Duplicates.library``). Only pairs with a new record are
        compared; the result is that of a call with all records, and groups keep their keys.

    Returns
    -------
    Duplicates
        Does not depend on the order of ``records``.

    Notes
    -----
    A record is an entry of a database, as in PRISMA 2020, and duplicates are entries of the same
    publication [1]_. Reports of one study in two places are different records: they are linked.
    Records are compared where they share a blocking key; see :mod:`blocking`.

    References
    ----------
    .. [1] Rathbone et al. (2015). Better duplicate detection for systematic reviewers. Syst Rev
       4, 6. doi:10.1186/2046-4053-4-6

    Examples
    --------
    >>> from osler.records.model import Name
    >>> one = Record("a", title="Needling for sciatica", year=2001, doi="10.1000/x",
    ...              authors=(Name("Hart", "A."),))
    >>> two = Record("b", title="Needling for Sciatica.", year=2001, doi="10.1000/x",
    ...              authors=(Name("Hart", "Anne"),))
    >>> found = find_duplicates([one, two])
    >>> [(group.members, group.pairs[0].reason) for group in found.groups]
    [(('a', 'b'), 'same title, same DOI, first author, year, authors')]
    """
    known = library or Library()
    new, twice = with_keys(records, known.records)
    every = tuple(sorted((*known.records, *new), key=lambda record: record.key))
    marks = [fingerprint(record) for record in every]
    found, split = _compare(marks, new if library is not None else None)
    pairs = {pair.keys: pair for pair in (*known.pairs, *found)}
    by_key = {mark.key: mark for mark in marks}
    said, unknown = _current(judgements, by_key)
    judged = _judged(pairs, said, by_key)
    grouped = group_pairs(judged, _barring(by_key))
    diagnostics = (
        *([_several_of(twice)] if twice else []),
        *(_split(block) for block in split),
        *(_unknown(judgement) for judgement in unknown),
        *(_contradicted(pair) for pair in grouped.refused if pair.judged is not None),
    )
    return _assembled(every, pairs, judged, grouped, known, diagnostics)


def _compare(
    marks: Sequence[Fingerprint], new: Sequence[Record] | None
) -> tuple[list[Pair], tuple[SplitBlock, ...]]:
    """Every candidate pair that is worth telling of."""
    only = None
    if new is not None:
        keys = {record.key for record in new}
        only = frozenset(index for index, mark in enumerate(marks) if mark.key in keys)
    candidates, split = candidate_pairs(marks, only)
    judged = (judge_pair(marks[one], marks[two]) for one, two in candidates)
    return [pair for pair in judged if pair is not None], split


def _barring(by_key: Mapping[str, Fingerprint]) -> Callable[[str, str], Pair | None]:
    """What keeps two records apart; asked once for records that say the same."""
    numbers: dict[Fingerprint, int] = {}
    contents: dict[str, int] = {}
    known: dict[tuple[int, int], Pair | None] = {}

    def content(key: str) -> int:
        if key not in contents:
            said = replace(by_key[key], key="")
            contents[key] = numbers.setdefault(said, len(numbers))
        return contents[key]

    def barred(one: str, two: str) -> Pair | None:
        both = content(one), content(two)
        if both not in known:
            known[both] = barred_pair(by_key[one], by_key[two])
        pair = known[both]
        return replace(pair, first=one, second=two) if pair else None

    return barred


def _current(
    judgements: Sequence[Judgement], known: Mapping[str, Fingerprint]
) -> tuple[dict[Keys, Judgement], list[Judgement]]:
    """The last judgement on each pair, and those on records that are not there."""
    said: dict[Keys, Judgement] = {}
    unknown = []
    for judgement in judgements:
        named = {judgement.first, judgement.second}
        if len(named) < 2 or not named <= known.keys():
            unknown.append(judgement)
            continue
        first, second = sorted((judgement.first, judgement.second))
        said.pop((first, second), None)
        said[first, second] = judgement
    return said, unknown


_STANDING = {
    Opinion.MERGED: Standing.MERGED,
    Opinion.APART: Standing.APART,
    Opinion.LINKED: Standing.APART,
}


def _judged(
    pairs: Mapping[Keys, Pair],
    said: Mapping[Keys, Judgement],
    known: Mapping[str, Fingerprint],
) -> dict[Keys, Pair]:
    """The pairs with what persons said of them."""
    out = dict(pairs)
    for keys, judgement in said.items():
        if judgement.opinion is Opinion.OPEN:
            continue
        pair = out.get(keys) or judge_pair(known[keys[0]], known[keys[1]])
        pair = pair or Pair(*keys, Standing.APART, 0.0)
        link = pair.link if judgement.opinion is not Opinion.MERGED else None
        if judgement.opinion is Opinion.LINKED:
            link = judgement.kind or link or LinkKind.OTHER_REPORT
        elif judgement.opinion is Opinion.APART:
            link = judgement.kind
        out[keys] = replace(
            pair, standing=_STANDING[judgement.opinion], link=link, judged=judgement
        )
    return out


def _assembled(
    records: tuple[Record, ...],
    found: Mapping[Keys, Pair],
    judged: Mapping[Keys, Pair],
    grouped: Grouped,
    known: Library,
    diagnostics: tuple[Diagnostic, ...],
) -> Duplicates:
    home = {key: keys[0] for keys in grouped.groups for key in keys}
    by_key = {record.key: record for record in records}
    inside: dict[str, list[Pair]] = {keys[0]: [] for keys in grouped.groups}
    for pair in grouped.merges:
        inside[home[pair.first]].append(pair)
    names = _names(grouped.groups, known)
    groups = tuple(
        Group(names[keys[0]], tuple(by_key[key] for key in keys), tuple(inside[keys[0]]))
        for keys in grouped.groups
    )
    open_pairs = [p for p in judged.values() if p.standing is Standing.LOOK]
    look = [p for p in (*open_pairs, *grouped.refused) if not _together(p, home)]
    apart = [p for p in judged.values() if p.standing is Standing.APART]
    return Duplicates(
        records,
        groups,
        tuple(sorted(look, key=_likeliest_first)),
        tuple(sorted(apart, key=_likeliest_first)),
        grouped.merges,
        tuple(sorted(found.values(), key=lambda pair: pair.keys)),
        diagnostics,
    )


def _likeliest_first(pair: Pair) -> tuple[float, Keys]:
    return (-pair.probability, pair.keys)


def _together(pair: Pair, home: Mapping[str, str]) -> bool:
    """Whether both are in one group by way of others, so that there is nothing to look at."""
    return pair.first in home and home.get(pair.first) == home.get(pair.second)


def _names(groups: Sequence[tuple[str, ...]], known: Library) -> dict[str, str]:
    """The key of each group, always of one of its records, and for good once it is given.

    That of an earlier group whose first record it holds; else of a record that was there before;
    else the smallest.
    """
    old = {record.key for record in known.records}
    out = {}
    for keys in groups:
        named = [key for key in keys if key in known.groups]
        out[keys[0]] = (named or [key for key in keys if key in old] or list(keys))[0]
    return out


_KEYS_SHOWN = 5


def _several_of(keys: Sequence[str]) -> Diagnostic:
    shown = ", ".join(keys[:_KEYS_SHOWN])
    more = f" and {len(keys) - _KEYS_SHOWN} more" if len(keys) > _KEYS_SHOWN else ""
    return Diagnostic(
        "REC030",
        Severity.NOTE,
        Place(""),
        "several records have the same key",
        found=f"keys {shown}{more}",
        so="of each the first in order of files keeps it; the others have a number behind it",
    )


def _split(block: SplitBlock) -> Diagnostic:
    return Diagnostic(
        "REC031",
        Severity.NOTE,
        Place("records"),
        "too many records share what duplicates are looked for by",
        found=f"{block.records} records share {block.key[:60]!r}",
        so="they were compared in parts, by title and author, and not all with all",
        help="nothing, unless the records have such a text in place of a title",
    )


def _unknown(judgement: Judgement) -> Diagnostic:
    return Diagnostic(
        "REC032",
        Severity.WARNING,
        Place(""),
        "a judgement on duplicates names a record that is not there",
        found=f"{judgement.opinion} by {judgement.who}: {judgement.first} and {judgement.second}",
        so="the judgement has no effect",
        help="import the export that holds the record, or correct its key in the file",
    )


def _contradicted(pair: Pair) -> Diagnostic:
    return Diagnostic(
        "REC033",
        Severity.WARNING,
        Place(""),
        "judgements on duplicates contradict each other",
        found=f"{pair.first} and {pair.second} are one by {pair.judged.who if pair.judged else ''}",
        so=f"they are not merged: that {pair.bar}",
        help="take one of the judgements back with a new one",
    )
