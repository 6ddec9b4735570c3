"""What does not fit together in ``records/``: numbers, exports, strategies, known studies."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from osler.core.diagnostics import Diagnostic, Place, Severity, in_order
from osler.core.wording import counted
from osler.records import known as known_studies
from osler.records import library, searches
from osler.records.known import Known, found_known
from osler.records.ledger import IMPORTS, Ledger, naming
from osler.records.model import Record
from osler.records.prisma.counting import count_flow, files_of
from osler.records.prisma.model import Fate, Flow
from osler.records.searches import Search, is_day
from osler.records.studies import without_study


@dataclass(frozen=True)
class Recall:
    """How many of the known studies the searches of one source found."""

    source: str
    found: int
    known: int


def check_records(ledger: Ledger) -> tuple[Flow, tuple[Diagnostic, ...]]:
    """The flow, and everything that does not fit together.

    A number that another file contradicts is a warning that names the files and the records;
    what was lost on the way from an export to the library is an error.
    """
    flow, found = count_flow(ledger)
    included = [k for s in (flow.databases, flow.others) for k in s.fates.get(Fate.INCLUDED, ())]
    return flow, in_order(
        [
            *found,
            *_searches(ledger),
            *_imports(ledger),
            *_without_source(ledger),
            *_known(ledger),
            *without_study(ledger, included),
        ]
    )


def recall_by_source(ledger: Ledger) -> tuple[Recall, ...]:
    """What share of the known studies each source found, and all of them together (last)."""
    where: dict[str, set[str]] = {}
    for entry in ledger.library.entries:
        for file in files_of(entry):
            search = ledger.search_of(file)
            where.setdefault(search.database if search else "Source not stated", set()).add(
                entry.key
            )
    found = found_known(ledger.known, ledger.library.records)
    total = len(ledger.known)
    rows = [Recall(n, sum(k in keys for k in found.values()), total) for n, keys in where.items()]
    return (*sorted(rows, key=lambda r: r.source), Recall("all together", len(found), total))


@dataclass(frozen=True, slots=True)
class Tracked:
    """A known study, the key of the record that it was found as ("" where not), and by whom."""

    known: Known
    key: str = ""
    sources: tuple[str, ...] = ()


def tracked(known: Iterable[Known], sources: Mapping[str, Sequence[Record]]) -> tuple[Tracked, ...]:
    """Each known study with the sources whose records hold it.

    Examples
    --------
    >>> sources = {"PubMed": [Record(key="a", doi="10.1000/x")], "Embase": []}
    >>> rows = tracked([Known(doi="10.1000/x"), Known(doi="10.1000/y")], sources)
    >>> [(row.key, row.sources) for row in rows]
    [('a', ('PubMed',)), ('', ())]
    """
    known = tuple(known)
    found = {name: found_known(known, records) for name, records in sources.items()}
    return tuple(
        Tracked(
            one,
            next((of[one] for of in found.values() if one in of), ""),
            tuple(name for name, of in found.items() if one in of),
        )
        for one in known
    )


def _searches(ledger: Ledger) -> Iterator[Diagnostic]:
    counts = _counts(ledger)
    for search in ledger.searches.searches:
        here = Place(searches.FILE, search.line)
        if not search.strategy and not search.strategy_file and search.kind.is_database_or_register:
            yield _warning(
                "REC075",
                here,
                "a search has no strategy",
                f"{search.database}, {search.date or 'without a date'}",
                "nobody can repeat it",
                "add strategy = the search as it was typed, or strategy_file = a file of records/",
            )
        if search.strategy_file and search.strategy_file not in ledger.texts:
            yield _warning(
                "REC093",
                here,
                "the file of a strategy is not there",
                f"records/{search.strategy_file}",
                "nobody can repeat the search",
                "add the file, or write the strategy into searches.toml",
            )
        if not is_day(search.date):
            yield _warning(
                "REC077",
                here,
                "a search has no date",
                search.database,
                "nobody knows up to when was searched, and the page's date does not move",
                "add date = YYYY-MM-DD",
            )
        yield from _hits(search, here, sum(counts[export] for export in search.exports))
    yield from _not_of_a_search(ledger, counts)


def _hits(search: Search, here: Place, count: int) -> Iterator[Diagnostic]:
    if search.hits is not None and search.hits != count:
        found = f"{search.database}: {search.hits} hits stated, {counted(count, 'record')} here"
        yield _warning(
            "REC076",
            here,
            "the hits of a search are not the records of its exports",
            found,
            "the flow counts the records that are here",
            "export all hits (many programs cut at 1,000 or 10,000), or correct the number",
        )


def _not_of_a_search(ledger: Ledger, counts: Mapping[str, int]) -> Iterator[Diagnostic]:
    files = [file for file in counts if file and ledger.search_of(file) is None]
    if files:
        yield naming(
            "REC078",
            Severity.WARNING,
            searches.FILE,
            "an export belongs to no search",
            sorted(files),
            "its records are counted as found in a database",
            "name it in exports = [...] of the search that it came from",
        )


def _imports(ledger: Ledger) -> Iterator[Diagnostic]:
    """What happened between an export and the library."""
    counts = _counts(ledger)
    yield from _never_read(ledger, counts)
    for row in ledger.imports:
        here = Place(IMPORTS)
        digest = ledger.exports.get(row.file)
        if digest is None or digest != row.sha256:
            yield _warning(
                "REC079",
                here,
                "an export is not as it was read",
                f"records/{row.file} {'is not there' if digest is None else 'has changed'}",
                "what the library says of it can no longer be checked",
                "put the file back as it was downloaded",
            )
        if counts[row.file] != row.records:
            yield Diagnostic(
                "REC089",
                Severity.ERROR,
                here,
                "the library has not as many records of an export as were read from it",
                f"records/{row.file}: {row.records} read, {counts[row.file]} in library.jsonl",
                "the flow counts those in the library",
                "a line was lost or edited by hand: take library.jsonl from the version before",
            )


def _never_read(ledger: Ledger, counts: Mapping[str, int]) -> Iterator[Diagnostic]:
    """Exports that lie in the folder and of which no row says that they were read."""
    read = {row.file for row in ledger.imports}
    for file in sorted(ledger.exports):
        if file not in read:
            told = f"{counts[file]} of its records are"
            yield _warning(
                "REC079",
                Place(IMPORTS),
                "an export is not as it was read",
                f"records/{file} has no row in imports.csv; {told} in the library",
                "nobody can tell whether all that it holds is counted",
                "move it out of the folder and add it with `osler records add`"
                if not counts[file]
                else "take the row from the version before",
            )


def _counts(ledger: Ledger) -> Counter[str]:
    return Counter(file for entry in ledger.library.entries for file in files_of(entry))


def _without_source(ledger: Ledger) -> Iterator[Diagnostic]:
    keys = [e.key for e in ledger.library.entries if any(not p.sources for p in e.parts)]
    if keys:
        yield naming(
            "REC095",
            Severity.WARNING,
            library.FILE,
            "records do not say where they come from",
            keys,
            "they are counted as found in a database that is not stated",
            "add them by `osler records add` from an export",
        )


def _known(ledger: Ledger) -> Iterator[Diagnostic]:
    found = found_known(ledger.known, ledger.library.records)
    for one in ledger.known:
        if one not in found:
            yield _missed(one)


def _missed(one: Known) -> Diagnostic:
    return _warning(
        "REC091",
        Place(known_studies.FILE, one.line),
        "the searches do not find a study that is known to belong in the review",
        one.shown,
        "a search that misses it may miss others like it",
        "see what its record has in title, abstract and keywords that the strategy asks otherwise",
    )


def _warning(code: str, place: Place, message: str, found: str, so: str, help: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, place, message, found, so, help)
