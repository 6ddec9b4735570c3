r"""The library: ``records/library.jsonl``, one unique record a line, and ``records/pairs.jsonl``.

A line holds the merged record, where each of its fields was taken from, and every record that
went into it, so that a merge can be undone without the exports. The raw tags stay in the
exports, which are kept as downloaded: a source names its file and line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.records.duplicates.model import Library as Compared
from osler.records.duplicates.model import LinkKind, Pair, Standing
from osler.records.model import Name, RawField, Record, Source

FILE = "records/library.jsonl"
PAIRS = "records/pairs.jsonl"
_TEXTS = (
    "key kind title abstract container volume issue pages doi pmid issn isbn language publisher url"
).split()
_LISTS = ("registrations", "keywords")


@dataclass(frozen=True, slots=True)
class Entry:
    """One unique record, and the records that were merged into it (itself, where none were).

    The key of an entry is for good: decisions are held by it, whatever joins later.
    """

    record: Record
    parts: tuple[Record, ...]

    @property
    def key(self) -> str:
        return self.record.key


@dataclass(frozen=True)
class Library:
    """All unique records in order of their keys, and what was found of pairs."""

    entries: tuple[Entry, ...] = ()
    pairs: tuple[Pair, ...] = ()

    @cached_property
    def by_key(self) -> Mapping[str, Entry]:
        return {entry.key: entry for entry in self.entries}

    @cached_property
    def owner(self) -> Mapping[str, str]:
        """The entry in which the record of each key is now, by that key.

        A decision on a record that was merged later is a decision on the merged one.
        """
        parts = {part.key: entry.key for entry in self.entries for part in entry.parts}
        return parts | {entry.key: entry.key for entry in self.entries}

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(entry.record for entry in self.entries)

    @property
    def compared(self) -> Compared:
        """As :func:`osler.records.duplicates.find_duplicates` takes an earlier library."""
        groups = {e.key: tuple(p.key for p in e.parts) for e in self.entries if len(e.parts) > 1}
        parts = tuple(part for entry in self.entries for part in entry.parts)
        return Compared(parts, self.pairs, MappingProxyType(groups))


def parse_library(
    text: str, file: str = FILE, pairs: str = ""
) -> tuple[Library, tuple[Diagnostic, ...]]:
    r"""The entries of a text, and what is wrong with its lines (REC070, REC071).

    Examples
    --------
    >>> library, found = parse_library('{"key": "tu-2024", "title": "A trial"}\nnot JSON\n')
    >>> library.by_key["tu-2024"].record.title, found[0].code, found[0].place.line
    ('A trial', 'REC070', 2)
    """
    entries: dict[str, Entry] = {}
    found: list[Diagnostic] = []
    for number, line in _lines(text):
        entry = _entry(line)
        if entry is None:
            found.append(_bad_line(file, number, line))
        elif entry.key in entries:
            found.append(_repeated(file, number, entry.key))
        else:
            entries[entry.key] = entry
    read, bad = _pairs(pairs)
    ordered = tuple(sorted(entries.values(), key=lambda e: e.key))
    return Library(ordered, read), (*found, *bad)


def render_library(library: Library) -> str:
    r"""One line a record in order of keys; :func:`parse_library` gives the same library back.

    Examples
    --------
    >>> print(render_library(Library((lone(Record(key="tu-2024", title="A trial")),))), end="")
    {"key": "tu-2024", "title": "A trial"}
    """
    ordered = sorted(library.entries, key=lambda e: e.key)
    return "".join(_json(_entry_values(entry)) + "\n" for entry in ordered)


def render_pairs(pairs: Iterable[Pair]) -> str:
    """What was found of pairs, one a line; what people said of them stands in merges.csv."""
    ordered = sorted(pairs, key=lambda p: p.keys)
    return "".join(_json(_pair_values(pair)) + "\n" for pair in ordered)


def lone(record: Record) -> Entry:
    """An entry of one record."""
    return Entry(record, (record,))


def bare(record: Record) -> Record:
    """The record without its raw tags, which the exports keep."""
    return replace(record, fields=())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            yield number, line


def _json(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of code units, which JSON can write and UTF-8 not
        return json.dumps(values)
    return text


def _loaded(line: str) -> Mapping[str, Any] | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def record_values(record: Record) -> dict[str, Any]:
    """A record as JSON has it: what is empty is left out."""
    out: dict[str, Any] = {name: getattr(record, name) for name in _TEXTS[:4]}
    out["authors"] = [_name_values(name) for name in record.authors]
    out["year"] = record.year
    out |= {name: getattr(record, name) for name in _TEXTS[4:]}
    out |= {name: list(getattr(record, name)) for name in _LISTS}
    out["fields"] = [[f.tag, f.value, f.line] for f in record.fields]
    out["sources"] = [_source_values(s) for s in record.sources]
    at = {source: i for i, source in enumerate(record.sources)}
    out["origins"] = {
        name: at.get(source, _source_values(source)) for name, source in record.origins.items()
    }
    if record.kind == "article-journal":
        out.pop("kind")
    return {name: value for name, value in out.items() if value not in ("", [], {}, None)} | (
        {"kind": ""} if not record.kind else {}
    )


def record_from(values: Mapping[str, Any]) -> Record:
    """The record that :func:`record_values` wrote; raises ValueError where it is none."""
    try:
        return _record(values)
    except (TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise ValueError(str(error)) from None


def _record(values: Mapping[str, Any]) -> Record:
    defaults = {"kind": "article-journal"}
    texts: dict[str, Any] = {name: values.get(name, defaults.get(name, "")) for name in _TEXTS}
    lists: dict[str, Any] = {name: tuple(values.get(name, ())) for name in _LISTS}
    if not all(
        isinstance(v, str) for v in (*texts.values(), *(t for v in lists.values() for t in v))
    ):
        raise ValueError("a text is expected")
    year = values.get("year")
    if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
        raise ValueError("year is not a whole number")
    sources = tuple(_source(s) for s in values.get("sources", ()))
    origins = {
        name: sources[at] if isinstance(at, int) else _source(at)
        for name, at in values.get("origins", {}).items()
    }
    return Record(
        **texts,
        **lists,
        authors=tuple(_name(n) for n in values.get("authors", ())),
        year=year,
        fields=tuple(RawField(str(t), str(v), int(n)) for t, v, n in values.get("fields", ())),
        sources=sources,
        origins=MappingProxyType(origins),
    )


def _entry_values(entry: Entry) -> dict[str, Any]:
    values = record_values(entry.record)
    if entry.parts != (entry.record,):
        values["parts"] = [record_values(part) for part in entry.parts]
    return values


def _entry(line: str) -> Entry | None:
    values = _loaded(line)
    if values is None or not isinstance(values.get("key"), str) or not values["key"].strip():
        return None
    try:
        record = record_from(values)
        parts = [record_from(part) for part in values.get("parts", ())]
    except ValueError:
        return None
    return Entry(record, tuple(parts) or (record,))


def _name_values(name: Name) -> dict[str, str] | str:
    if name.literal and not (name.family or name.given):
        return name.literal
    parts = {"family": name.family, "given": name.given, "literal": name.literal}
    return {key: text for key, text in parts.items() if text}


def _name(value: Any) -> Name:
    if isinstance(value, str):
        return Name(literal=value)
    return Name(**{str(k): str(v) for k, v in value.items()})


def _source_values(s: Source) -> list[str | int]:
    return [s.file, s.line, s.format, s.database]


def _source(value: Sequence[Any]) -> Source:
    file, line, form, database = value
    return Source(str(file), int(line), str(form), str(database))


def _pair_values(pair: Pair) -> dict[str, Any]:
    out: dict[str, Any] = {
        "first": pair.first,
        "second": pair.second,
        "standing": pair.standing.value,
        "probability": pair.probability,
        "for": list(pair.speaks_for),
        "against": list(pair.speaks_against),
        "bar": pair.bar,
        "link": pair.link.value if pair.link else "",
    }
    return {name: value for name, value in out.items() if value not in ("", [])}


def _pairs(text: str) -> tuple[tuple[Pair, ...], tuple[Diagnostic, ...]]:
    out, found = [], []
    for number, line in _lines(text):
        values = _loaded(line) or {}
        try:
            out.append(
                Pair(
                    str(values["first"]),
                    str(values["second"]),
                    Standing(values["standing"]),
                    float(values["probability"]),
                    tuple(map(str, values.get("for", ()))),
                    tuple(map(str, values.get("against", ()))),
                    str(values.get("bar", "")),
                    LinkKind(values["link"]) if values.get("link") else None,
                )
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            found.append(_bad_line(PAIRS, number, line))
    return tuple(out), tuple(found)


def _bad_line(file: str, number: int, line: str) -> Diagnostic:
    return Diagnostic(
        "REC070",
        Severity.ERROR,
        Place(file, number, source=line[:200]),
        "a line of the library cannot be read",
        found=line[:80],
        so="the record is not counted",
        help="take the line from the version before, or add the export again",
    )


def _repeated(file: str, number: int, key: str) -> Diagnostic:
    return Diagnostic(
        "REC071",
        Severity.ERROR,
        Place(file, number),
        "a key stands twice in the library",
        found=key,
        so="the second line is not counted",
        help="two branches may have added the same export: keep one of the lines",
    )
