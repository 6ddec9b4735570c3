"""One review as it is being screened: its files read once, then only what was added to them."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, count
from types import MappingProxyType
from typing import Any, TypeVar

from osler.core.decoding import decode_any
from osler.core.diagnostics import Diagnostic, in_order
from osler.records import criteria, decisions, library, merges, reports
from osler.records.duplicates.model import Pair
from osler.records.duplicates.model import Standing as PairStanding
from osler.records.ledger import Ledger
from osler.records.model import Decision, Stage
from osler.records.reports import Retrieval
from osler.records.screening.highlighting import Highlighter, Side, Term
from osler.records.screening.progress import Conflict, Point, Progress, conflicts, progress
from osler.records.screening.standing import Standing, State, relevant
from osler.records.screening.stopping import (
    RecallEstimate,
    Risk,
    recall_so_far,
    risk_of_missing,
)
from osler.web.screening import plans, shares
from osler.web.screening.plans import Plan
from osler.web.screening.ranker import Ranker
from osler.web.screening.shares import Shares
from osler.web.screening.stores import CERTIFICATE, Files, Store

T = TypeVar("T")
ON = frozenset({State.INCLUDED, State.MAYBE})
"""States with which a record goes on to the next stage."""


@dataclass(frozen=True)
class Review:
    """What the files say at one moment. Everything here is asked of ``osler.records``."""

    ledger: Ledger
    plan: Plan = field(default_factory=Plan)
    shares: Shares = field(default_factory=lambda: MappingProxyType({}))
    certificate: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def needed(self) -> int:
        """How many reviewers have to agree on a record."""
        return self.ledger.criteria.reviewers_needed

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.ledger.library.by_key)

    @cached_property
    def standings(self) -> Mapping[Stage, Mapping[str, Standing]]:
        return {stage: self.ledger.standings(stage) for stage in Stage}

    def state(self, key: str, stage: Stage) -> State:
        """Where a record stands."""
        return self.ledger.state(self.standings[stage].get(key))

    def own(self, key: str, stage: Stage, who: str) -> Decision | None:
        """What one reviewer said of a record."""
        standing = self.standings[stage].get(key)
        return standing.votes.get(who) if standing else None

    @cached_property
    def labels(self) -> Mapping[str, bool]:
        """What the model learns from."""
        return relevant(self.ledger.of_entries)

    @cached_property
    def progress(self) -> Progress:
        return progress(self.ledger.of_entries, self.keys, reviewers=self.needed)

    @cached_property
    def found(self) -> tuple[bool, ...]:
        known = self.ledger.library.by_key
        return tuple(label for key, label in self.labels.items() if key in known)

    @cached_property
    def risk(self) -> Risk:
        return risk_of_missing(self.found, len(self.keys))

    @cached_property
    def recall(self) -> RecallEstimate:
        return recall_so_far(self.found, len(self.keys))

    @cached_property
    def curve(self) -> tuple[Point, ...]:
        """As :func:`osler.records.screening.progress.curve`, from what was counted already."""
        return (Point(0, 0), *map(Point, count(1), accumulate(map(int, self.found))))

    @cached_property
    def conflicts(self) -> Mapping[Stage, tuple[Conflict, ...]]:
        """Where reviewers differ and nobody has settled it."""
        return {stage: self._conflicts(stage) for stage in Stage}

    def _conflicts(self, stage: Stage) -> tuple[Conflict, ...]:
        # Few records are in conflict, so the history of those alone is gone through again.
        told = self.standings[stage].items()
        keys = {key for key, one in told if one.state() is State.CONFLICT}
        if not keys:
            return ()
        return conflicts([d for d in self.ledger.of_entries if d.record in keys], stage)

    @cached_property
    def full_texts(self) -> tuple[str, ...]:
        """Records that go on to their full text, in the order in which they were found."""
        known = self.ledger.library.by_key
        found = self.standings[Stage.TITLE_ABSTRACT]
        return tuple(k for k, one in found.items() if k in known and self.ledger.state(one) in ON)

    def is_lost(self, key: str) -> bool:
        """The full text could not be got: there is nothing to read."""
        report = self.ledger.full_texts.get(key)
        return report is not None and report.status is Retrieval.NOT_RETRIEVED

    @cached_property
    def look(self) -> tuple[Pair, ...]:
        """Pairs that a person should look at, the likeliest duplicates first; then those judged."""
        owner = self.ledger.library.owner
        said = {frozenset((j.first, j.second)): j for j in self.ledger.judgements}
        pairs = [
            replace(pair, judged=said.get(frozenset(pair.keys)))
            for pair in self.ledger.library.pairs
            if pair.standing is PairStanding.LOOK and set(pair.keys) <= set(owner)
        ]
        return tuple(sorted(pairs, key=lambda p: (-p.probability, p.keys)))

    def highlighter(self, who: str) -> Highlighter:
        """The criteria's words and one's own."""
        own = self.plan.words.get(who, plans.Words())
        told = self.ledger.criteria
        words = [(w, Side.IN) for w in (*told.words_in, *own.words_in)]
        words += [(w, Side.OUT) for w in (*told.words_out, *own.words_out)]
        return Highlighter([Term(text, side) for text, side in words])


class Desk:
    """A review kept in mind between two requests; threads may share it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._files: Files = {}
        self._parsed: dict[str, tuple[object, Any, tuple[Diagnostic, ...]]] = {}
        self._review: Review | None = None
        self._ranker: Ranker | None = None

    def review(self) -> Review:
        """The review as its files are now."""
        with self._lock:
            files = self.store.read()
            if self._review is None or files != self._files:
                self._review = self._read(files)
                self._files = files
            return self._review

    def ranker(self, review: Review) -> Ranker:
        """The model of this process, told what was decided."""
        with self._lock:
            records = review.ledger.library.records
            if self._ranker is None or self._ranker.records != records:
                if self._ranker is not None:
                    self._ranker.end()
                self._ranker = Ranker(records, review.plan.seed)
        self._ranker.tell(review.labels)
        return self._ranker

    def close(self) -> None:
        """Lets the model go."""
        with self._lock:
            if self._ranker is not None:
                self._ranker.end()
                self._ranker = None

    def _read(self, files: Files) -> Review:
        found: list[Diagnostic] = []

        def read(name: str, parse: Callable[[str, str], tuple[T, tuple[Diagnostic, ...]]]) -> T:
            value, problems = self._value(name, files.get(name, b""), parse)
            found.extend(problems)
            return value

        pairs, _ = decode_any(files.get(library.PAIRS, b""), library.PAIRS)
        before = self._review.ledger.library if self._review else None
        same = all(files.get(n) == self._files.get(n) for n in (library.FILE, library.PAIRS))
        if before is None or not same:
            before = read(library.FILE, lambda t, f: library.parse_library(t, f, pairs))
        told, problems = self._decisions(files.get(decisions.FILE, b""))
        found.extend(problems)
        ledger = Ledger(
            library=before,
            decisions=told,
            judgements=read(merges.FILE, merges.parse_merges),
            criteria=read(criteria.FILE, criteria.parse_criteria),
            reports=read(reports.FILE, reports.parse_reports),
        )
        return Review(
            ledger,
            read(plans.FILE, plans.parse_plan),
            read(shares.FILE, shares.parse_shares),
            decode_any(files.get(CERTIFICATE, b""), CERTIFICATE)[0],
            in_order(found),
        )

    def _value(
        self,
        name: str,
        content: bytes,
        parse: Callable[[str, str], tuple[T, tuple[Diagnostic, ...]]],
    ) -> tuple[T, tuple[Diagnostic, ...]]:
        held = self._parsed.get(name)
        if held is None or held[0] != content or name == library.FILE:
            text, notes = decode_any(content, name)
            value, problems = parse(text, name)
            held = (content, value, (*(n for n in notes if n.is_finding), *problems))
            self._parsed[name] = held
        return held[1], held[2]

    def _decisions(self, content: bytes) -> tuple[tuple[Decision, ...], tuple[Diagnostic, ...]]:
        """All of them; where rows were only added, no more than those are read."""
        held = self._parsed.get(decisions.FILE)
        before = held[0] if held else b""
        if (
            held is None
            or not isinstance(before, bytes)
            or not before.endswith(b"\n")
            or not content.startswith(before)
        ):
            return self._value(decisions.FILE, content, decisions.parse_decisions)
        head = before.split(b"\n", 1)[0].decode() + "\n"
        added, _ = decode_any(content[len(before) :], decisions.FILE)
        rows, problems = decisions.parse_decisions(head + added)
        both = (content, (*held[1], *rows), (*held[2], *problems))
        self._parsed[decisions.FILE] = both
        return both[1], both[2]
