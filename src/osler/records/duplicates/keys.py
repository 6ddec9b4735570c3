"""Keys of records: kept where given, else made from what a record says, whatever its place."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2s

from osler.records.duplicates.titles import folded
from osler.records.making import with_key
from osler.records.model import Record

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 24


def content_key(record: Record) -> str:
    """A key from the first author, the year and what the record says.

    Examples
    --------
    >>> from osler.records.model import Name
    >>> content_key(Record(title="Sciatica", authors=(Name("Hart", "A."),), year=2001))
    'hart2001-64aee90c'
    """
    first = record.authors[0] if record.authors else None
    name = _NOT_A_LETTER.sub("", folded((first.family or first.literal) if first else ""))
    said = (
        *(record.title, first.shown if first else "", str(record.year), record.container),
        *(record.volume, record.issue, record.pages, record.doi, record.pmid),
    )
    digest = blake2s("\x1f".join(said).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{name[:_LONGEST_NAME] or 'record'}{record.year or ''}-{digest}"


def _origin(record: Record) -> tuple[object, ...]:
    """What tells copies of one content apart, and orders them: where they stood."""
    return (
        tuple((source.file, source.line, source.database) for source in record.sources),
        tuple((field.tag, field.value) for field in record.fields),
        record.abstract,
        repr(record),
    )


def with_keys(
    records: Iterable[Record], known: Sequence[Record] = ()
) -> tuple[tuple[Record, ...], tuple[str, ...]]:
    """New records, each with a key of its own, and the given keys that more than one had.

    Parameters
    ----------
    records : iterable of Record
        In any order: the keys do not depend on it.
    known : sequence of Record
        Records that have theirs. One that is read again (same content, same source) is not new.

    Examples
    --------
    >>> from osler.records.model import Source
    >>> copies = [Record("a", "article", "T", sources=(Source(f, 1, "ris"),)) for f in "yx"]
    >>> [(r.key, r.sources[0].file) for r in with_keys(copies)[0]]
    [('a', 'x'), ('a-2', 'y')]
    """
    seen = {(content_key(record), record.sources) for record in known if record.sources}
    named: dict[str, list[Record]] = {}
    for record in records:
        if seen and record.sources and (content_key(record), record.sources) in seen:
            continue
        named.setdefault(record.key or content_key(record), []).append(record)
    taken = {record.key for record in known}
    twice = tuple(
        sorted(
            key
            for key, copies in named.items()
            if (len(copies) > 1 or key in taken) and any(record.key for record in copies)
        )
    )
    return tuple(_numbered(named, taken)), twice


def _numbered(named: Mapping[str, list[Record]], taken: set[str]) -> Iterator[Record]:
    """Copies of a key in order of where they stood, each later one with a number behind it."""
    reserved = taken | set(named)
    for key in sorted(named):
        copies = named[key]
        number = 2
        for record in sorted(copies, key=_origin) if len(copies) > 1 else copies:
            free = key
            if key in taken:
                while (free := f"{key}-{number}") in reserved:
                    number += 1
                reserved.add(free)
            taken.add(free)
            yield record if record.key == free else with_key(record, free)
