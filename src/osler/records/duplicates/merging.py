"""One record out of several: the best of each field, and where it was taken from."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from osler.records.duplicates.model import Duplicates, Group
from osler.records.duplicates.titles import folded, read_title
from osler.records.model import Name, Record, Source

Rank = tuple[Any, ...]


def merge(group: Group) -> Record:
    """The merged record of a group; ``origins`` names the source of each field.

    Notes
    -----
    What most records say is taken for year, volume, issue, identifiers and kind; the fullest for
    title (without a database's additions), abstract, authors, container and pages. Ties go to
    the record with more fields filled, then to the smaller key. Registrations, keywords, raw
    fields and sources are those of all records.

    Examples
    --------
    >>> from osler.records.model import Source
    >>> ovid, pubmed = Source("o.txt", 1, "ovid"), Source("p.nbib", 7, "nbib")
    >>> one = Record("a", title="SCIATICA [Review]", pages="1-9", sources=(ovid,))
    >>> two = Record("b", title="Sciatica", pages="1", sources=(pubmed,))
    >>> record = merge(Group("a", (one, two), ()))
    >>> record.title, record.pages, record.origins["title"].file, record.origins["pages"].file
    ('Sciatica', '1-9', 'p.nbib', 'o.txt')
    """
    records = sorted(group.records, key=lambda record: (-_filled(record), record.key))
    values: dict[str, Any] = {}
    origins: dict[str, Source] = {}
    for field, rank in _RANKS.items():
        best = _best(records, field, rank)
        if best is not None:
            values[field] = getattr(best, field)
            _note(origins, field, best)
    for field in ("registrations", "keywords"):
        holders = [record for record in records if getattr(record, field)]
        values[field] = tuple(dict.fromkeys(v for r in holders for v in getattr(r, field)))
        if holders:
            _note(origins, field, holders[0])
    return Record(
        key=group.key,
        **values,
        fields=tuple(field for record in group.records for field in record.fields),
        sources=tuple(dict.fromkeys(s for record in group.records for s in record.sources)),
        origins=MappingProxyType(origins),
    )


def unique_records(found: Duplicates) -> tuple[Record, ...]:
    """Every record once, merged where it was found more often, in order of keys.

    Examples
    --------
    >>> one, two = Record("a"), Record("b")
    >>> found = Duplicates((one, two), (Group("a", (one, two), ()),), (), (), ())
    >>> [record.key for record in unique_records(found)]
    ['a']
    """
    inside = {key for group in found.groups for key in group.members}
    alone = (record for record in found.records if record.key not in inside)
    return tuple(sorted((*alone, *map(merge, found.groups)), key=lambda record: record.key))


def _note(origins: dict[str, Source], field: str, record: Record) -> None:
    source = record.origins.get(field) or (record.sources[0] if record.sources else None)
    if source is not None:
        origins[field] = source


_COUNTED = ("title", "abstract", "authors", "year", "container", "volume", "issue", "pages", "doi")


def _filled(record: Record) -> int:
    return sum(1 for name in (*_COUNTED, "pmid") if getattr(record, name))


def _best(
    records: Sequence[Record], field: str, rank: Callable[[Record, Mapping[object, int]], Rank]
) -> Record | None:
    holders = [record for record in records if getattr(record, field) not in ("", (), None)]
    said = Counter(_same(getattr(record, field)) for record in holders)
    # ``max`` keeps the first of equals: the record with more fields filled.
    return max(holders, key=lambda record: rank(record, said), default=None)


def _same(value: object) -> object:
    return folded(value).strip(" .") if isinstance(value, str) else value


def _most_said(field: str) -> Callable[[Record, Mapping[object, int]], Rank]:
    def rank(record: Record, said: Mapping[object, int]) -> Rank:
        value = getattr(record, field)
        return (said[_same(value)], len(str(value)))

    return rank


def _title_rank(record: Record, said: Mapping[object, int]) -> Rank:
    read = read_title(record.title)
    added = len(re.sub(r"[\W_]", "", folded(record.title))) - len(read.key)
    return (
        added <= 0,
        not record.title.startswith("["),
        not _shouts(record.title),
        said[_same(record.title)],
        len(record.title),
    )


def _shouts(text: str) -> bool:
    return text.isupper() and len(text) > 8


def _abstract_rank(record: Record, said: Mapping[object, int]) -> Rank:
    return (len(record.abstract),)


def _authors_rank(record: Record, said: Mapping[object, int]) -> Rank:
    return (len(record.authors), sum(map(_name_length, record.authors)))


def _name_length(name: Name) -> int:
    # A name taken apart says more than the same letters in one piece.
    return 2 * len(name.family) + 2 * len(name.given) + len(name.literal)


def _container_rank(record: Record, said: Mapping[object, int]) -> Rank:
    name = record.container
    plain = not any(sign in name for sign in "[(=") and "onference:" not in name
    return (plain, not _shouts(name), len(name.split()), said[_same(name)], len(name))


def _pages_rank(record: Record, said: Mapping[object, int]) -> Rank:
    pages = record.pages
    return (any(c.isdigit() for c in pages), "-" in pages, said[_same(pages)], len(pages))


_RANKS: Mapping[str, Callable[[Record, Mapping[object, int]], Rank]] = MappingProxyType(
    {
        "kind": _most_said("kind"),
        "title": _title_rank,
        "abstract": _abstract_rank,
        "authors": _authors_rank,
        "year": _most_said("year"),
        "container": _container_rank,
        "volume": _most_said("volume"),
        "issue": _most_said("issue"),
        "pages": _pages_rank,
        "doi": _most_said("doi"),
        "pmid": _most_said("pmid"),
        "issn": _most_said("issn"),
        "isbn": _most_said("isbn"),
        "language": _most_said("language"),
        "publisher": _most_said("publisher"),
        "url": _most_said("url"),
    }
)
