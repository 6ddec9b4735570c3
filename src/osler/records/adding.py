"""A new export joins the library, and a person's judgements change it: files in, files out.

    export --parse_records--> records --find_duplicates--> groups --merge--> library.jsonl
                                          ^ merges.csv, pairs.jsonl            pairs.jsonl

Nothing here touches the disk: a folder's files come as a mapping, and what is to be written
comes back as one.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from osler.core.decoding import decode_any
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.records import decisions, library, searches
from osler.records.duplicates.finding import find_duplicates
from osler.records.duplicates.merging import merge
from osler.records.duplicates.model import Duplicates, Group, Judgement, Pair
from osler.records.formats.model import Import
from osler.records.formats.reading import parse_records
from osler.records.ledger import IMPORTS, Imported, Ledger, append_imports, read_ledger
from osler.records.library import Entry, Library, bare, lone
from osler.records.merges import FILE as MERGES
from osler.records.merges import append_merges
from osler.records.model import Decision, Record
from osler.records.searches import (
    Search,
    append_search,
    extend_search,
    search_id,
    searched_until,
)

QUESTION = "osler.toml"


@dataclass(frozen=True)
class Added:
    """What an export brought.

    Attributes
    ----------
    files : mapping of str to bytes
        What is to be written, by path from the review folder.
    reports : tuple of Import
        What was read of each export.
    fresh : tuple of str
        Keys of entries that the library did not have.
    joined : tuple of (str, str)
        Key of the entry that a record joined, and why.
    look : tuple of Pair
        Pairs with a new record that a person should look at.
    links : tuple of Pair
        Pairs with a new record that belong together and are not one.
    decisions : tuple of Decision
        Those that the export brought.
    """

    files: Mapping[str, bytes]
    reports: tuple[Import, ...]
    library: Library
    fresh: tuple[str, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    look: tuple[Pair, ...] = ()
    links: tuple[Pair, ...] = ()
    decisions: tuple[Decision, ...] = ()
    searched: str = ""
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    @property
    def records(self) -> int:
        """How many records all exports held."""
        return sum(len(read.records) for read in self.reports)


def library_of(found: Duplicates) -> Library:
    """The library that deduplication gives: an entry a group, one a record that stands alone."""
    grouped = {key for group in found.groups for key in group.members}
    merged = [_merged(group) for group in found.groups]
    alone = [lone(record) for record in found.records if record.key not in grouped]
    entries = sorted([*merged, *alone], key=lambda entry: entry.key)
    return Library(tuple(entries), found.library.pairs)


def rejudged(ledger: Ledger, judgements: Sequence[Judgement]) -> tuple[Library, Duplicates]:
    """The library after further judgements: what was merged may come apart, and the other way."""
    said = (*ledger.judgements, *judgements)
    found = find_duplicates((), judgements=said, library=ledger.library.compared)
    return library_of(found), found


def judged_files(
    files: Mapping[str, bytes], judgements: Sequence[Judgement]
) -> tuple[Mapping[str, bytes], tuple[Diagnostic, ...]]:
    """The files that further judgements change: merges.csv grows, the library follows."""
    ledger, _ = read_ledger(files)
    changed, found = rejudged(ledger, judgements)
    merges = append_merges(_text(files, MERGES), judgements).encode()
    return {**_library_files(changed), MERGES: merges}, found.diagnostics


def add_export(files: Mapping[str, bytes], content: bytes, name: str, search: Search) -> Added:
    """The one export of a search joins the library, as in :func:`add_exports`."""
    return add_exports(files, [(name, content)], search)


def add_exports(
    files: Mapping[str, bytes], exports: Sequence[tuple[str, bytes]], search: Search
) -> Added:
    """What one search found joins the library, be it in one export or in several.

    Parameters
    ----------
    files : mapping of str to bytes
        The review folder's.
    exports : sequence of (str, bytes)
        Name and content of each, kept as they are below ``records/exports/``.
    search : Search
        That they came from. One with the id of a search in ``searches.toml`` is that search,
        and gets the exports added to its own.

    Returns
    -------
    Added
        ``files`` holds what changes, and nothing else.

    Raises
    ------
    DataError
        REC090 where the library has an export already; REC092 where one holds no record;
        REC074 where the search cannot be added to.
    """
    ledger, found = read_ledger(files)
    read = _read(files, ledger, exports)
    before, after, joined = _joined(ledger, [one for one, _ in read], search)
    brought = _decided([one for one, _ in read], _keys_by_source(after))
    names = tuple(one.report.file for one, _ in read)
    searches_text, day = _searched(files, ledger, replace(search, exports=names))
    told = _told(before, after, joined)
    return Added(
        files=MappingProxyType(
            {
                **{f"records/{one.report.file}": content for one, content in read},
                **_library_files(after),
                searches.FILE: searches_text.encode(),
                IMPORTS: append_imports(_text(files, IMPORTS), map(_imported, read)).encode(),
                **_with_decisions(files, brought),
                **_with_day(files, day),
            }
        ),
        reports=tuple(one for one, _ in read),
        library=after,
        decisions=brought,
        searched=day,
        diagnostics=(*found, *(d for one, _ in read for d in one.diagnostics), *joined.diagnostics),
        fresh=told.fresh,
        joined=told.joined,
        look=tuple(p for p in joined.look if {*p.keys} & told.new),
        links=tuple(p for p in joined.links if {*p.keys} & told.new),
    )


_Read = tuple[Import, bytes]


def _read(
    files: Mapping[str, bytes], ledger: Ledger, exports: Sequence[tuple[str, bytes]]
) -> list[_Read]:
    """Each export with its bytes, under the name that it gets in the folder."""
    known = {i.sha256: f"records/{i.file}" for i in ledger.imports}
    taken, read = dict(files), list[_Read]()
    for name, content in exports:
        _check_fresh(known, content, name)
        path = _free_name(taken, content, name)
        one = parse_records(content, path)
        if not one.records:
            raise DataError(_empty(name), *one.diagnostics)
        known[hashlib.sha256(content).hexdigest()] = name
        taken[f"records/{path}"] = content
        read.append((one, content))
    return read


def _imported(read: _Read) -> Imported:
    one, content = read
    return Imported.of(one.report.file, content, one.report.format.value, len(one.records))


def _joined(
    ledger: Ledger, read: Sequence[Import], search: Search
) -> tuple[Library, Library, Duplicates]:
    records = [_sourced(record, search) for one in read for record in one.records]
    before = ledger.library
    joined = find_duplicates(records, judgements=ledger.judgements, library=before.compared)
    return before, library_of(joined), joined


def move_searched(text: str, day: str) -> str:
    r"""osler.toml with the day up to which the evidence was sought; never moved back.

    Examples
    --------
    >>> print(move_searched('title = "Rest"\n\n[site]\n', "2026-01-05"))
    title = "Rest"
    searched = "2026-01-05"
    <BLANKLINE>
    [site]
    <BLANKLINE>
    """
    if not day:
        return text
    head = re.search(r"^\s*\[", text, re.MULTILINE)
    top, rest = (text[: head.start()], text[head.start() :]) if head else (text, "")
    said = re.search(r"^searched[ \t]*=[ \t]*[\"']?([^\"'\s#]*)[\"']?", top, re.MULTILINE)
    if said is None:
        lead = top.rstrip("\n")
        gap = top[len(lead) :]
        return f'{lead}\nsearched = "{day}"{gap or chr(10)}{rest}'
    if said[1] >= day:
        return text
    return f'{top[: said.start()]}searched = "{day}"{top[said.end() :]}{rest}'


def _merged(group: Group) -> Entry:
    return Entry(bare(replace(merge(group), key=group.key)), group.records)


def _library_files(changed: Library) -> dict[str, bytes]:
    return {
        library.FILE: library.render_library(changed).encode(),
        library.PAIRS: library.render_pairs(changed.pairs).encode(),
    }


def _text(files: Mapping[str, bytes], name: str) -> str:
    return decode_any(files.get(name, b""), name)[0]


def _sourced(record: Record, search: Search) -> Record:
    """Without raw tags and the file's own key, and with the database that was searched."""
    sources = tuple(
        source if source.database else replace(source, database=search.database)
        for source in record.sources
    )
    return replace(bare(record), key="", sources=sources)


def _keys_by_source(after: Library) -> Mapping[tuple[str, int], str]:
    return {
        (source.file, source.line): entry.key
        for entry in after.entries
        for part in entry.parts
        for source in part.sources
    }


def _decided(read: Sequence[Import], keys: Mapping[tuple[str, int], str]) -> tuple[Decision, ...]:
    """The exports' decisions, by the keys that their records have in the library."""
    out: list[Decision] = []
    for one in read:
        by_place = {
            record.key: keys.get((record.sources[0].file, record.sources[0].line), "")
            for record in one.records
            if record.sources
        }
        moved = [replace(d, record=by_place.get(d.record, "")) for d in one.decisions]
        out += [d for d in moved if d.record]
    return tuple(out)


def _searched(files: Mapping[str, bytes], ledger: Ledger, search: Search) -> tuple[str, str]:
    """searches.toml with the search in it, and the day up to which was searched."""
    taken = [s.id for s in ledger.searches.searches]
    if search.id in taken:
        text = extend_search(_text(files, searches.FILE), search.id, search.exports)
        return text, searched_until(ledger.searches.searches)
    named = replace(search, id=search.id or search_id(search.database, search.date))
    if named.id in taken:
        named = replace(named, id=search_id(named.id, "", taken))
    day = searched_until([*ledger.searches.searches, named])
    return append_search(_text(files, searches.FILE), named), day


def _with_decisions(files: Mapping[str, bytes], brought: Sequence[Decision]) -> Mapping[str, bytes]:
    if not brought:
        return {}
    text = decisions.append_decisions(_text(files, decisions.FILE), brought)
    return {decisions.FILE: text.encode()}


def _with_day(files: Mapping[str, bytes], day: str) -> Mapping[str, bytes]:
    if QUESTION not in files or not day:
        return {}
    text = _text(files, QUESTION)
    moved = move_searched(text, day)
    return {QUESTION: moved.encode()} if moved != text else {}


@dataclass(frozen=True, slots=True)
class _News:
    """Keys of new records, of new entries, and the entries that new records joined, with why."""

    new: frozenset[str]
    fresh: tuple[str, ...]
    joined: tuple[tuple[str, str], ...]


def _told(before: Library, after: Library, found: Duplicates) -> _News:
    old, owner = before.owner, after.owner
    new = frozenset(p.key for entry in after.entries for p in entry.parts) - set(old)
    fresh = [e.key for e in after.entries if all(part.key in new for part in e.parts)]
    reasons = {key: pair.reason for pair in found.merges for key in pair.keys if key in new}
    # Of two new records that are one, the one is new and the other joined it.
    first = {after.by_key[key].parts[0].key for key in fresh}
    joined = [(owner[key], reasons.get(key, "")) for key in sorted(new - first)]
    return _News(new, tuple(fresh), tuple(joined))


def _check_fresh(known: Mapping[str, str], content: bytes, name: str) -> None:
    same = known.get(hashlib.sha256(content).hexdigest())
    if same is not None:
        raise DataError(
            Diagnostic(
                "REC090",
                Severity.ERROR,
                Place(name),
                "the library has this export already",
                found=f"the same bytes as {same}",
                so="nothing is added",
                help="give the new export; to add a search's date or strategy edit searches.toml",
            )
        )


def _empty(name: str) -> Diagnostic:
    return Diagnostic(
        "REC092",
        Severity.ERROR,
        Place(name),
        "the export holds no record",
        so="nothing is added",
        help="look at it with `osler records import`",
    )


def _free_name(files: Mapping[str, bytes], content: bytes, name: str) -> str:
    """Below exports/, and no other file's; a plain name on any system."""
    stem, dot, ending = re.sub(r"[^\w.-]+", "-", name).strip("-.").rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (ending or "export", "")
    path, number = f"exports/{stem}{ending}", 2
    while files.get(f"records/{path}", content) != content:
        path, number = f"exports/{stem}-{number}{ending}", number + 1
    return path


def from_exports(files: Mapping[str, bytes]) -> tuple[Library, tuple[Import, ...]]:
    """The library read anew from the exports, in the order of searches.toml.

    The same exports and judgements give the library that is in the folder: nothing in it
    comes from anywhere else.
    """
    ledger, _ = read_ledger(files)
    library_now, imports = Library(), []
    for search in ledger.searches.searches:
        for export in search.exports:
            read = parse_records(files.get(f"records/{export}", b""), export)
            records = [_sourced(record, search) for record in read.records]
            said, known = ledger.judgements, library_now.compared
            library_now = library_of(find_duplicates(records, judgements=said, library=known))
            imports.append(read)
    return library_now, tuple(imports)
