"""The PRISMA 2020 checklist, started for the writer with what the folder knows."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from osler.core.wording import counted
from osler.records.ledger import Ledger
from osler.records.prisma.model import Flow
from osler.records.searches import searched_until

TO_DO = "to be written"


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its number in PRISMA 2020, what it asks in our words, what Osler can say of it."""

    number: str
    section: str
    asks: str
    known: str = ""
    osler: str = ""


@cache
def items() -> tuple[Item, ...]:
    """Every item in the order of the statement.

    Examples
    --------
    >>> items()[0].asks, items()[-1].number
    ('The title says that this is a systematic review', '27')
    """
    text = files("osler.records.prisma").joinpath("checklist.toml").read_text("utf-8")
    return tuple(Item(**values) for values in tomllib.loads(text)["item"])


def checklist(ledger: Ledger, flow: Flow) -> str:
    """The checklist as Markdown: number, what is asked, what is known, and where it is reported.

    The last column is the writer's: nothing but a person can say on which page it stands.
    """
    lines = [
        "# PRISMA 2020 checklist",
        "",
        "Begun from the files of this review. The items are in our own words; those of the",
        "statement (doi:10.1136/bmj.n71) are the ones that count. Fill the last column yourself.",
    ]
    section = ""
    for item in items():
        if item.section != section:
            section = item.section
            head = "| Item | What is asked | What this folder says | Where reported |"
            lines += ["", f"## {section}", "", head, "|---|---|---|---|"]
        said = [*(KNOWN[item.known](ledger, flow) if item.known else ()), item.osler]
        told = "; ".join(text for text in said if text) or TO_DO
        lines.append(f"| {item.number} | {item.asks} | {_cell(told)} | |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _question(ledger: Ledger, flow: Flow) -> Iterator[str]:
    yield ledger.criteria.question


def _criteria(ledger: Ledger, flow: Flow) -> Iterator[str]:
    for word, listed in (("in", ledger.criteria.include), ("out", ledger.criteria.exclude)):
        if listed:
            yield f"{word}: {', '.join(listed)}"


def _sources(ledger: Ledger, flow: Flow) -> Iterator[str]:
    for search in ledger.searches.searches:
        through = f" ({search.platform})" if search.platform else ""
        yield f"{search.database}{through}, {search.date or 'date not stated'}"
    until = searched_until(ledger.searches.searches)
    if until:
        yield f"every database searched up to {until} at least"


def _strategies(ledger: Ledger, flow: Flow) -> Iterator[str]:
    searches = ledger.searches.searches
    lacking = [s.database for s in searches if not (s.strategy or s.strategy_file)]
    written = len(searches) - len(lacking)
    yield f"records/searches.toml: {written} of {len(searches)} with a strategy"
    if lacking:
        yield f"still lacking: {', '.join(dict.fromkeys(lacking))}"


def _selection(ledger: Ledger, flow: Flow) -> Iterator[str]:
    needed = ledger.criteria.reviewers_needed
    yield (
        f"{counted(needed, 'reviewer')} had to agree on a record"
        if needed > 1
        else ("one reviewer decided on each record")
    )
    who = dict.fromkeys(d.who for d in ledger.of_entries if d.role == "reviewer")
    if who:
        yield f"{counted(len(who), 'person', 'people')} decided"
    yield "duplicates were found by Osler, each merge with its reason"


def _flow(ledger: Ledger, flow: Flow) -> Iterator[str]:
    found = flow.databases.records + flow.others.records
    yield f"{counted(found, 'record')} found, {flow.databases.screened} screened"
    assessed = flow.databases.assessed + flow.others.assessed
    included = counted(flow.new_studies, "study", "studies")
    yield f"{counted(assessed, 'report')} assessed, {included} included"
    yield "`osler prisma`"


def _excluded(ledger: Ledger, flow: Flow) -> Iterator[str]:
    counts: dict[str, int] = {}
    for stream in (flow.databases, flow.others):
        for reason in stream.reasons:
            counts[reason.reason] = counts.get(reason.reason, 0) + reason.count
    yield ", ".join(f"{reason} {n}" for reason, n in counts.items())
    yield "`osler prisma --format json` names them"


def _studies(ledger: Ledger, flow: Flow) -> Iterator[str]:
    yield counted(flow.total_studies or flow.new_studies, "study", "studies")


def _materials(ledger: Ledger, flow: Flow) -> Iterator[str]:
    yield "records/ holds the exports, searches, decisions and the library"


KNOWN: Mapping[str, Callable[[Ledger, Flow], Iterator[str]]] = {
    "question": _question,
    "criteria": _criteria,
    "sources": _sources,
    "strategies": _strategies,
    "selection": _selection,
    "flow": _flow,
    "excluded": _excluded,
    "studies": _studies,
    "materials": _materials,
}
