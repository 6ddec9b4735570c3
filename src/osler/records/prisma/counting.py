"""From the ledger to the flow: each unique record gets its fate, and contradictions are named."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from osler.core.diagnostics import Diagnostic, Severity, in_order
from osler.records import decisions, reports
from osler.records.decisions import AUTOMATION, BEFORE_SCREENING
from osler.records.ledger import Ledger, naming
from osler.records.library import Entry
from osler.records.model import Decision, Stage, Verdict
from osler.records.prisma.model import Before, Fate, Flow, Identified, Reason, Stream
from osler.records.reports import Retrieval
from osler.records.screening.standing import Standing, State
from osler.records.searches import Search, SearchKind, is_day

NO_REASON = "No reason given"


@dataclass(frozen=True, slots=True)
class Ended:
    """Where one entry ended, why, and what its files say against each other (codes)."""

    entry: Entry
    fate: Fate
    reason: str = ""
    contradictions: tuple[str, ...] = ()


def count_flow(ledger: Ledger) -> tuple[Flow, tuple[Diagnostic, ...]]:
    """The flow of a ledger, and the records of which its files contradict each other.

    A record counts once, where it ended; what its sources gave besides it are duplicates. So
    the numbers add up whatever the files say, and where the files disagree the flow follows
    the later stage and a diagnostic names the records.

    References
    ----------
    .. [1] Page and others (2021). The PRISMA 2020 statement. BMJ 372, n71.
       doi:10.1136/bmj.n71
    """
    both = ledger.standings(Stage.TITLE_ABSTRACT), ledger.standings(Stage.FULL_TEXT)
    stages = _Stages(ledger, *both)
    ended = [_ended(entry, stages) for entry in ledger.library.entries]
    old = {e.entry.key for e in ended if _is_previous(e.entry, ledger)}
    new = [e for e in ended if e.entry.key not in old]
    through = {e.entry.key for e in new if _is_of_databases(e.entry, ledger)}
    studies, before = _included(ended, old, ledger)
    flow = Flow(
        databases=_stream([e for e in new if e.entry.key in through], ledger, old, others=False),
        others=_stream([e for e in new if e.entry.key not in through], ledger, old, others=True),
        studies=MappingProxyType({s: tuple(k) for s, k in studies.items() if s not in before}),
        new_reports=sum(map(len, studies.values())),
        previous=_previous(ledger, before),
    )
    return flow, in_order([*_contradictions(ended), *_strangers(ledger)])


@dataclass(frozen=True, slots=True)
class _Stages:
    """What stands at both stages, looked up once."""

    ledger: Ledger
    first: Mapping[str, Standing]
    second: Mapping[str, Standing]


def _ended(entry: Entry, stages: _Stages) -> Ended:
    first, second = stages.first.get(entry.key), stages.second.get(entry.key)
    state = stages.ledger.state(first)
    if first is not None and state is State.EXCLUDED:
        return _excluded(entry, first, second)
    undecided = state in (State.OPEN, State.CONFLICT)
    if undecided and not _has_votes(second):
        codes = ("REC083",) if state is State.CONFLICT else ()
        return Ended(entry, Fate.AWAITING_SCREENING, "", codes)
    # A program that exports only the last stage says nothing of the first: no contradiction.
    codes = ("REC080",) if undecided and _has_votes(first) else ()
    return _sought(entry, second, stages.ledger, codes)


def _has_votes(standing: Standing | None) -> bool:
    return standing is not None and bool(standing.votes or standing.settled)


def _excluded(entry: Entry, first: Standing, second: Standing | None) -> Ended:
    """Taken out before the full text; whoever assessed it all the same is asked to say which."""
    codes = ("REC080",) if _has_votes(second) else ()
    said = _said(first)
    if said.role == AUTOMATION:
        return Ended(entry, Fate.AUTOMATED, said.reason, codes)
    if said.role == BEFORE_SCREENING:
        return Ended(entry, Fate.REMOVED, said.reason or NO_REASON, codes)
    return Ended(entry, Fate.EXCLUDED, said.reason, codes)


def _said(standing: Standing) -> Decision:
    """The row that excluded: what settled it, else the first vote that gives a reason."""
    if standing.settled:
        return standing.settled
    votes = [v for v in standing.votes.values() if v.verdict is Verdict.EXCLUDE]
    return next((v for v in votes if v.reason.strip()), votes[0])


def _sought(entry: Entry, second: Standing | None, ledger: Ledger, codes: tuple[str, ...]) -> Ended:
    report = ledger.full_texts.get(entry.key)
    status = report.status if report else None
    if second is None or not _has_votes(second):
        fate = {
            Retrieval.NOT_RETRIEVED: Fate.NOT_RETRIEVED,
            Retrieval.RETRIEVED: Fate.AWAITING_ASSESSMENT,
        }.get(status or Retrieval.SOUGHT, Fate.AWAITING_RETRIEVAL)
        return Ended(entry, fate, "", codes)
    if status is Retrieval.NOT_RETRIEVED:
        codes = (*codes, "REC084")
    state = ledger.state(second)
    if state is State.INCLUDED:
        return Ended(entry, Fate.INCLUDED, "", codes)
    if state is not State.EXCLUDED:
        conflict = ("REC083",) if state is State.CONFLICT else ()
        return Ended(entry, Fate.AWAITING_ASSESSMENT, "", (*codes, *conflict))
    reason = _said(second).reason.strip()
    if not reason:
        return Ended(entry, Fate.EXCLUDED_REPORT, NO_REASON, (*codes, "REC081"))
    listed = ledger.criteria.reasons
    unlisted = ("REC082",) if listed and reason not in listed else ()
    return Ended(entry, Fate.EXCLUDED_REPORT, reason, (*codes, *unlisted))


def files_of(entry: Entry) -> list[str]:
    """The export of every record that went into an entry; "" where none is named."""
    return [s.file for part in entry.parts for s in part.sources] or [""]


def _is_of_databases(entry: Entry, ledger: Ledger) -> bool:
    return any(ledger.kind_of(file).is_database_or_register for file in files_of(entry))


def _is_previous(entry: Entry, ledger: Ledger) -> bool:
    return any(_is_old(file, ledger) for file in files_of(entry))


def _is_old(file: str, ledger: Ledger) -> bool:
    """Whether an export belongs to the version before: its search was run by its last day."""
    search = ledger.search_of(file)
    return search is not None and _is_run_before(search, ledger)


def _is_run_before(search: Search, ledger: Ledger) -> bool:
    before = ledger.searches.previous
    if before is None or not (is_day(before.until) and is_day(search.date)):
        return False
    return search.date <= before.until


def _stream(ended: Sequence[Ended], ledger: Ledger, old: set[str], *, others: bool) -> Stream:
    identified: Counter[tuple[SearchKind, str]] = Counter()
    for search in ledger.searches.searches:  # a source that gave nothing was searched too
        is_new = not _is_run_before(search, ledger)
        if is_new and search.kind.is_database_or_register is not others:
            identified[search.kind, search.database] += 0
    seen_before = 0
    for entry in ledger.library.entries:
        for file in files_of(entry):
            kind = ledger.kind_of(file)
            if kind.is_database_or_register is others or _is_old(file, ledger):
                continue
            identified[kind, _name_of(file, entry, ledger)] += 1
            seen_before += entry.key in old
    fates: dict[Fate, list[str]] = {}
    for one in ended:
        fates.setdefault(one.fate, []).append(one.entry.key)
    return Stream(
        tuple(Identified(name, kind, n) for (kind, name), n in _by_kind(identified)),
        seen_before,
        MappingProxyType({fate: tuple(keys) for fate, keys in fates.items()}),
        _reasons(ended, Fate.EXCLUDED_REPORT, ledger.criteria.reasons),
        _reasons(ended, Fate.REMOVED, ()),
    )


def _by_kind(
    identified: Mapping[tuple[SearchKind, str], int],
) -> list[tuple[tuple[SearchKind, str], int]]:
    order = list(SearchKind)
    return sorted(identified.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))


def _name_of(file: str, entry: Entry, ledger: Ledger) -> str:
    search = ledger.search_of(file)
    if search is not None:
        return search.database
    named = (s.database for part in entry.parts for s in part.sources if s.file == file)
    return next((name for name in named if name), "Source not stated")


def _reasons(ended: Iterable[Ended], fate: Fate, order: Sequence[str]) -> tuple[Reason, ...]:
    """In the order of the criteria, then those that are not listed, the commonest first."""
    keys: dict[str, list[str]] = {}
    for one in ended:
        if one.fate is fate:
            keys.setdefault(one.reason, []).append(one.entry.key)
    listed = {reason: i for i, reason in enumerate(order)}
    ordered = sorted(keys, key=lambda r: (listed.get(r, len(listed)), -len(keys[r]), r))
    return tuple(Reason(reason, tuple(keys[reason])) for reason in ordered)


def _included(
    ended: Iterable[Ended], old: set[str], ledger: Ledger
) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    """Reports of each included study: those found now, and those of the version before."""
    studies: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for one in ended:
        if one.fate is Fate.INCLUDED:
            key = one.entry.key
            (before if key in old else studies).setdefault(study_of(key, ledger), []).append(key)
    return studies, before


def study_of(key: str, ledger: Ledger) -> str:
    """The study that a report tells of; a report without one counts as its own."""
    report = ledger.full_texts.get(key)
    return (report.study.strip() if report else "") or key


def _previous(ledger: Ledger, before: Mapping[str, Sequence[str]]) -> Before | None:
    given = ledger.searches.previous
    if given is None:
        return None
    counted = before or not (given.studies or given.reports)
    if counted and given.until:
        return Before(len(before), sum(map(len, before.values())))
    return Before(given.studies, given.reports)


_TOLD = {
    "REC080": (
        "a full text was assessed, but the record did not pass title and abstract",
        decisions.FILE,
        "an exclusion on title and abstract is counted; any other is counted by its full text",
        "add a row for one of the two stages: verdict undecided takes a decision back",
    ),
    "REC081": (
        "a report is excluded without a reason",
        decisions.FILE,
        f"the flow counts it as {NO_REASON!r}",
        "add a row with the same verdict and the reason",
    ),
    "REC082": (
        "a reason is not in the list of criteria.toml",
        decisions.FILE,
        "the flow gives it a line of its own",
        "add it to `reasons`, or a row with one of those",
    ),
    "REC083": (
        "reviewers disagree",
        decisions.FILE,
        "the record counts as not decided",
        "talk it over and add a row with the role consensus or third reviewer",
    ),
    "REC084": (
        "a report was assessed, but its full text is said not to have been got",
        reports.FILE,
        "it is counted as assessed",
        "add a row with the status retrieved, or take the decision back",
    ),
}


def _contradictions(ended: Iterable[Ended]) -> list[Diagnostic]:
    keys: dict[str, list[str]] = {}
    for one in ended:
        for code in one.contradictions:
            keys.setdefault(code, []).append(one.entry.key)
    return [
        naming(code, Severity.WARNING, _TOLD[code][1], _TOLD[code][0], found, *_TOLD[code][2:])
        for code, found in sorted(keys.items())
    ]


def _strangers(ledger: Ledger) -> list[Diagnostic]:
    """Decisions and full texts of records that the library does not have."""
    owner = ledger.library.owner
    named = (
        (decisions.FILE, dict.fromkeys(d.record for d in ledger.decisions)),
        (reports.FILE, dict.fromkeys(r.record for r in ledger.reports)),
    )
    return [
        naming(
            "REC073",
            Severity.ERROR,
            file,
            "a row is about a record that is not in the library",
            [key for key in keys if key not in owner],
            "it is not counted",
            "correct the key, or add the export that held the record",
        )
        for file, keys in named
        if any(key not in owner for key in keys)
    ]
