"""From drafts to records, and what a report counts of them on the way."""

from dataclasses import dataclass, field, replace
from operator import add, attrgetter

from osler.records.cleaning import plain
from osler.records.formats.columns import Columns
from osler.records.formats.findings import Findings
from osler.records.formats.model import COUNTED, Draft, Format
from osler.records.formats.normalising import normalised
from osler.records.formats.votes import eppi_votes, votes_in_notes, votes_in_row
from osler.records.model import Decision, Record, Source

_counted = attrgetter(*COUNTED)


@dataclass(slots=True)
class Tally:
    """Grows with each record; whole once the last was made.

    ``filled`` counts for each of :data:`COUNTED` the records in which it says something,
    ``repeated`` are lines of rows whose ID an earlier row has. A tally ``apart`` is of a piece of
    a file and calls records by their place in it; :meth:`append` gives them their keys.
    """

    name: str = ""
    format: Format = Format.UNKNOWN
    findings: Findings = field(default_factory=Findings)
    decisions: list[Decision] = field(default_factory=list)
    filled: list[int] = field(default_factory=lambda: [0] * len(COUNTED))
    kept: int = 0
    repeated: list[int] = field(default_factory=list)
    apart: bool = False
    _taken: dict[str, int] = field(default_factory=dict)
    _given: list[tuple[str, int]] = field(default_factory=list)

    def record(self, draft: Draft, columns: Columns | None = None) -> Record:
        """The next record of the file."""
        self.kept += 1
        key = self._key(draft, columns)
        database = _database(draft, columns)
        shape = self.format if draft.format is None else draft.format
        source = Source(self.name, draft.line, shape.value, database)
        record = normalised(draft, source, key)
        self.filled = list(map(add, self.filled, map(bool, _counted(record))))
        if columns is not None:
            self.decisions.extend(votes_in_row(key, draft.fields, columns, self.name))
        elif "vote" in draft.values:
            self.decisions.extend(eppi_votes(key, draft.values["vote"][0][1]))
        elif "note" in draft.values:
            notes = [text for _, text in draft.values["note"] if "RAY" in text or "ASR" in text]
            self.decisions.extend(votes_in_notes(key, notes) if notes else ())
        return record

    def append(self, later: "Tally") -> None:
        """Count what was counted apart of the records that come next."""
        keys = [
            self._own_key(given, line, self.kept + i)
            for i, (given, line) in enumerate(later._given, 1)
        ]
        for decision in later.decisions:
            place = int(decision.record)
            key = keys[place - 1] if keys else str(self.kept + place)
            self.decisions.append(replace(decision, record=key))
        self.kept += later.kept
        self.filled = list(map(add, self.filled, later.filled))
        self.findings.append(later.findings)

    @property
    def untitled(self) -> int:
        """How many records have no title."""
        return self.kept - self.filled[COUNTED.index("title")]

    def _key(self, draft: Draft, columns: Columns | None) -> str:
        """The table's own ID of the record where it has a column of them, else its place."""
        if columns is None or not columns.keyed:
            return str(self.kept)
        given = plain(min(draft.values.get("key", ()), default=(0, ""))[1])
        if self.apart:
            self._given.append((given, draft.line))
            return str(self.kept)
        return self._own_key(given, draft.line, self.kept)

    def _own_key(self, given: str, line: int, place: int) -> str:
        key = named = given or f"record-{place}"
        while key in self._taken:
            self._taken[named] += 1
            key = f"{named}-{self._taken[named]}"
        self._taken[key] = 1
        if given and key != given:
            self.repeated.append(line)
        return key


def _database(draft: Draft, columns: Columns | None) -> str:
    said = draft.values.get("database")
    if said and said[0][1].strip():
        return " ".join(said[0][1].split())[:120]
    return columns.tool if columns is not None else ""
