"""What deduplication found, in words for a terminal."""

from collections import Counter
from collections.abc import Mapping

from osler.records.duplicates.model import Duplicates, Group, Pair
from osler.records.model import Record

_TITLE = 72


def duplicates_text(found: Duplicates, limit: int = 20) -> str:
    """Counts, then merges, pairs to look at and links, ``limit`` of each.

    Examples
    --------
    >>> from osler.records.duplicates.finding import find_duplicates
    >>> one = Record("a", title="Needling for sciatica", year=2001, doi="10.1000/x")
    >>> two = Record("b", title="Needling for Sciatica.", year=2001, doi="10.1000/x")
    >>> print(duplicates_text(find_duplicates([one, two])))
    2 records, 1 without duplicates: 1 merged away in 1 group
    0 pairs to look at, 0 links
    <BLANKLINE>
    Merged
      a  Needling for sciatica
         a = b: same title, same DOI, year
    """
    by_key = {record.key: record for record in found.records}
    parts = [_counts(found)]
    if found.groups:
        parts.append(_section("Merged", [_group(g) for g in found.groups], limit))
    if found.look:
        look = [_pair(pair, "?", by_key) for pair in found.look]
        parts.append(_section("To be looked at, the likeliest first", look, limit))
    if found.links:
        links = [_pair(pair, "~", by_key) for pair in found.links]
        title = f"Kept apart and linked: {_kinds(found)}"
        parts.append(_section(title, links, limit))
    return "\n\n".join(parts)


def _counts(found: Duplicates) -> str:
    total, away, groups = len(found.records), found.surplus, len(found.groups)
    return (
        f"{_number(total, 'record')}, {total - away} without duplicates: "
        f"{away} merged away in {_number(groups, 'group')}\n"
        f"{_number(len(found.look), 'pair')} to look at, {_number(len(found.links), 'link')}"
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _kinds(found: Duplicates) -> str:
    kinds = Counter(pair.link.value for pair in found.links if pair.link)
    return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))


def _section(title: str, shown: list[str], limit: int) -> str:
    more = [f"  ... and {len(shown) - limit} more"] if len(shown) > limit else []
    return "\n".join([title, *shown[:limit], *more])


def _group(group: Group) -> str:
    lines = [f"  {group.key}  {_title(group.records[0])}"]
    lines += [f"     {pair.first} = {pair.second}: {pair.reason}" for pair in _tree(group)]
    return "\n".join(lines)


def _tree(group: Group) -> list[Pair]:
    """As many pairs as hold the group together; the rest say the same again."""
    joined: dict[str, set[str]] = {key: {key} for key in group.members}
    kept = []
    for pair in group.pairs:
        one, two = joined[pair.first], joined[pair.second]
        if one is two:
            continue
        kept.append(pair)
        one |= two
        for key in two:
            joined[key] = one
    return kept


def _pair(pair: Pair, sign: str, by_key: Mapping[str, Record]) -> str:
    link = f" [{pair.link.value}]" if pair.link else ""
    return (
        f"  {pair.first} {sign} {pair.second}  {pair.probability:.2f}{link}: {pair.reason}\n"
        f"     {_shown(by_key[pair.first])}\n     {_shown(by_key[pair.second])}"
    )


def _title(record: Record) -> str:
    title = record.title or "(no title)"
    return title if len(title) <= _TITLE else title[: _TITLE - 3].rstrip() + "..."


def _shown(record: Record) -> str:
    place = " ".join(text for text in (record.container[:40], record.volume, record.pages) if text)
    author = record.authors[0].shown if record.authors else ""
    parts = (_title(record), author, str(record.year or ""), place)
    return " | ".join(part for part in parts if part)
