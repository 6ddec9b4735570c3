"""Tagged text: one tolerant core that reads every dialect, line by line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from operator import itemgetter

from osler.records.formats.dialects import DIALECTS, Dialect
from osler.records.formats.findings import Findings
from osler.records.formats.model import Draft, Format
from osler.records.formats.tables import TagTable, fill, tag_table
from osler.records.making import raw_field
from osler.records.model import RawField

_LONGEST_HEADING = 400


@dataclass(slots=True)
class _Core:
    """The record at hand while lines go by."""

    dialect: Dialect
    findings: Findings
    draft: Draft | None = None
    done: list[Draft] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    blank: bool = False
    announced: bool = False
    ended: bool = False
    tags: set[str] = field(default_factory=set)
    looked_at: int = 0

    def like(self, other: "_Core") -> bool:
        """Whether both go on in the same way from here."""
        return self._state == other._state

    @property
    def _state(self) -> tuple[object, ...]:
        return self.dialect, self.draft, self.parts, self.blank, self.announced, self.ended

    def usual(
        self, number: int, tags: Sequence[str | None], lines: Sequence[str], width: int
    ) -> None:
        """Lines that each begin a field in the usual way: most lines of most exports."""
        start = 0
        while start < len(lines):
            draft = self.draft
            if draft is None or self.blank or self.ended:
                self.line(number + start, lines[start])
                start += 1
            elif _CONTINUES in tags:
                start += self._continued_often(
                    draft.fields, number + start, tags[start:], lines[start:], width
                )
            else:
                self.flush()
                values = map(itemgetter(slice(width, None)), lines[start:])
                fields = zip(tags[start:], values, count(number + start), strict=False)
                draft.fields.extend(map(raw_field, fields))
                break

    def _continued_often(
        self,
        fields: list[RawField],
        number: int,
        tags: Sequence[str | None],
        lines: Sequence[str],
        width: int,
    ) -> int:
        """The same where some lines go on with the field before; how many lines were taken."""
        parts = self.parts
        for at, (tag, line) in enumerate(zip(tags, lines, strict=True)):
            if tag != _CONTINUES:
                if parts:
                    self.flush()
                fields.append(raw_field((tag, line[width:], number + at)))
            elif line.isspace() or not fields:
                self.line(number + at, line)
                return at + 1
            else:
                if not parts:
                    parts.append(fields[-1].value)
                parts.append(line)
        return len(lines)

    def line(self, number: int, line: str) -> None:
        """Any line, the long way."""
        dialect = self.dialect
        if self.draft is not None and not self.ended:
            if dialect.indents and line[:1] == " " and self.draft.fields and not line.isspace():
                self._continued(self.draft.fields, number, line)
                return
        elif self.ended and self.trails(number, line):
            return
        match = dialect.tag.match(line)
        if match is not None:
            tag, value = _tag_and_value(match)
            known = dialect.known is None or tag in dialect.known
            if known and not (self.draft is None and self.is_between(line)):
                self.tagged(number, tag, value)
            else:
                self.untagged(number, line)
        elif dialect.heading is not None and dialect.heading.match(line):
            self.heading(number)
        else:
            self.untagged(number, line)

    def tagged(self, number: int, tag: str, value: str) -> None:
        self.flush()
        dialect = self.dialect
        if tag in dialect.last:
            self._ended(number, value)
        elif self.draft is None or self.ended:
            if dialect.first and tag not in dialect.first:
                self.findings.repaired(number, f"a record begins without {_any_of(dialect.first)}")
            self._begin(number, tag, value)
        elif why := self._begins(tag):
            if dialect.last:
                self.findings.repaired(number, f"the record before was not closed; {why}")
            self._begin(number, tag, value)
        else:
            self.draft.fields.append(RawField(tag, value, number))
        self.blank = False

    def _begins(self, tag: str) -> str:
        """Why this tag begins a record; "" where it goes on with the one at hand."""
        dialect = self.dialect
        assert self.draft is not None
        fields = self.draft.fields
        if tag in dialect.first:
            # After any other field it begins a record, so all are this tag if the last one is.
            only = not fields or fields[-1].tag == tag
            same = only and (dialect.blank_ends or bool(dialect.last))
            return "" if same else f"a new one begins with {tag}"
        if not (self.blank or tag in dialect.opening):
            return ""
        tags = self._tags_of(fields)
        if tag in dialect.opening:
            again = tag in tags or (self.blank and bool(tags & dialect.title))
            return f"a second {tag}" if again else ""
        if dialect.blank_ends and not (tags & dialect.first) and len(tags) > 1:
            return "a blank line came between"
        return f"a second {tag}" if tag in dialect.title and tag in tags else ""

    def _tags_of(self, fields: list[RawField]) -> set[str]:
        """The tags of the record at hand; those of fields that were looked at before are kept."""
        self.tags.update(raw.tag for raw in fields[self.looked_at :])
        self.looked_at = len(fields)
        return self.tags

    def _begin(self, number: int, tag: str, value: str) -> None:
        self.close()
        self.draft = Draft(number)
        self.draft.fields.append(RawField(tag, value, number))
        self.announced = False
        self.ended = False

    def trails(self, number: int, line: str) -> bool:
        """Take a line that some exports put behind the end of a record, and that is its own."""
        trailing = self.dialect.trailing
        if not self.ended or trailing is None or self.draft is None:
            return False
        match = trailing.match(line)
        if match is None:
            return False
        self.draft.fields.append(RawField(*_tag_and_value(match), number))
        return True

    def _ended(self, number: int, value: str) -> None:
        """An end tag; some exports begin the next record on its line."""
        self.blank = False
        if self.dialect.trailing is None or self.draft is None:
            self.close()
        else:
            self.ended = True
        if value.strip() and (match := self.dialect.tag.match(value.strip())):
            self.tagged(number, *_tag_and_value(match))

    def heading(self, number: int) -> None:
        self.close()
        self.draft = Draft(number)
        self.announced = True

    def untagged(self, number: int, line: str) -> None:
        if not line or line.isspace():
            self.blank = True
            if self.parts:
                self.parts.append("")
        elif self.draft is not None and self.draft.fields and not self.ended:
            self._continued(self.draft.fields, number, line)
        elif not self.is_between(line):
            self.findings.unread(number, line)

    def is_between(self, line: str) -> bool:
        """Whether a line may stand between records and says nothing about one."""
        between = self.dialect.between
        return between is not None and len(line) < _LONGEST_HEADING and bool(between.match(line))

    def _continued(self, fields: list[RawField], number: int, line: str) -> None:
        """A line that goes on with the last field, or is one more value of it."""
        if self.blank and not line[0].isspace() and self.is_between(line):
            self.blank = False
            return
        last = fields[-1]
        if last.tag in self.dialect.lists:
            fields.append(RawField(last.tag, line.strip(), number))
        else:
            if not self.parts:
                self.parts.append(last.value)
                if self.blank:
                    self.parts.append("")
            self.parts.append(line)
        self.blank = False

    def flush(self) -> None:
        """Put the lines that went on with the last field into it."""
        parts = self.parts
        if parts:
            while len(parts) > 1 and not parts[-1]:
                parts.pop()
            assert self.draft is not None
            last = self.draft.fields[-1]
            self.draft.fields[-1] = RawField(last.tag, "\n".join(parts), last.line)
            parts.clear()

    def close(self) -> None:
        self.flush()
        if self.draft is not None and (self.draft.fields or self.announced):
            self.done.append(self.draft)
        self.draft = None
        self.ended = False
        self.tags.clear()
        self.looked_at = 0


def _any_of(tags: frozenset[str]) -> str:
    return " or ".join(sorted(tags))


def _tag_and_value(match: re.Match[str]) -> tuple[str, str]:
    one, two, value = match.groups()
    return one or two, value or ""


_BATCH = 256  # lines looked at together


@dataclass(slots=True)
class TaggedReader:
    """Reads lines of a dialect; ``number`` is that of the line to come.

    A line either begins a field, continues one, stands between records, or is told as not
    understood; none is dropped. At most one record and some hundred lines are held at a time.
    """

    name: str
    findings: Findings
    number: int = 1
    _core: _Core = field(init=False)
    _table: TagTable = field(init=False)
    _heads: Mapping[str, str] = field(init=False)
    _marks: Mapping[str, str] = field(init=False)
    _others: Mapping[str, str] = field(init=False)
    _ready: list[Draft] = field(default_factory=list)

    def __post_init__(self) -> None:
        dialect = DIALECTS[self.name]
        self._core = _Core(dialect, self.findings)
        self._table = tag_table(dialect.format.value)
        self._heads = _usual_heads(dialect, self._table)
        self._marks = _usual_marks(dialect)
        self._others = _OTHERS.get(dialect.format, {})

    def drafts(self, lines: Iterable[str]) -> Iterator[Draft]:
        """The records that these lines close."""
        lines = iter(lines)
        while batch := list(islice(lines, _BATCH)):
            self._take(batch)
            yield from self.closed()

    def end(self) -> Iterator[Draft]:
        """The last record of the file."""
        self._close()
        yield from self.closed()

    def ends_before(self, line: str) -> bool:
        """Whether a record begins at the next line whatever stands before it.

        Where it does, a reader that starts there goes on as this one would.
        """
        fresh = TaggedReader(self.name, Findings(), self.number)
        for reader in (fresh, self):
            reader._take([line])
        found = fresh.findings
        silent = not (fresh._core.done or fresh._ready or found.repairs or found.not_understood)
        return silent and fresh._core.draft is not None and fresh._core.like(self._core)

    def closed(self) -> Iterator[Draft]:
        """The records that the lines so far have closed, and that were not given out yet."""
        self._fill()
        ready, self._ready = self._ready, []
        yield from ready

    def _take(self, batch: list[str]) -> None:
        core, first = self._core, self.number
        width = len(next(iter(self._heads), ""))
        beginnings = [line[:width] for line in batch]
        tags = [*map(self._heads.get, beginnings), None]
        start = 0
        while start <= len(batch):
            at = tags.index(None, start)
            if start < at:
                core.usual(first + start, tags[start:at], batch[start:at], width)
            if at < len(batch):
                beginning, line = beginnings[at], batch[at]
                if beginning in self._others and self._turns(beginning, line, first + at):
                    self._take(batch[at:])
                    return
                if beginning in self._marks:
                    core.tagged(first + at, self._marks[beginning], line[width:])
                elif line:
                    core.line(first + at, line)
                else:
                    core.untagged(first + at, line)
            start = at + 1
        self.number = first + len(batch)

    def _turns(self, beginning: str, line: str, number: int) -> bool:
        """Go on in another dialect where a record of it begins: files that were put together."""
        core, name = self._core, self._others[beginning]
        within = core.draft is not None and not (core.blank or core.ended)
        if not _OTHER_BEGINS.fullmatch(line) or (within and name == "nbib"):
            return False
        self._close()
        self._fill()
        self.findings.repaired(number, f"records of another format follow: {name}")
        other = TaggedReader(name, self.findings)
        self._core, self._table = other._core, other._table
        self._heads, self._marks, self._others = other._heads, other._marks, other._others
        self.number = number
        return True

    def _close(self) -> None:
        core = self._core
        if core.draft is not None and core.dialect.last and not core.ended:
            self.findings.repaired(core.draft.line, "the last record is not closed")
        core.close()

    def _fill(self) -> None:
        dialect = self._core.dialect
        for draft in self._core.done:
            draft.order, draft.format = dialect.order, dialect.format
            fill(draft, self._table, wrapped=dialect.indents)
        self._ready += self._core.done
        self._core.done.clear()


# How a record of the other format begins in two that are often put together in one file.
_OTHERS = {Format.RIS: {"PMID- ": "nbib"}, Format.NBIB: {"TY  - ": "ris"}}
_OTHER_BEGINS = re.compile(r"PMID- \d{1,8}\s*|TY  - [A-Z]{3,7}\s*")


def read_tagged(
    name: str, lines: Iterable[str], findings: Findings, first: int = 1
) -> Iterator[Draft]:
    """The records of a dialect, as they close; every field filled from its tags.

    ``first`` is the number of the first line, where a record begins if it is not 1.
    """
    if name == "ris-small":
        findings.repaired(1, "tags in small letters are read as capitals")
        lines = map(_in_capitals, lines)
    reader = TaggedReader(name, findings, first)
    yield from reader.drafts(lines)
    yield from reader.end()


_SMALL_TAG = re.compile(r"^[ \t\ufeff]*[a-z][a-z0-9][ \t]{0,6}-(?:[ \t]|$)")


def _in_capitals(line: str) -> str:
    match = _SMALL_TAG.match(line)
    return match[0].upper() + line[match.end() :] if match else line


_CONTINUES = ""  # in place of a tag, of an indented line


def _usual_heads(dialect: Dialect, table: TagTable) -> Mapping[str, str]:
    """The tags that neither begin nor end a record, by what lines begin with that have them."""
    if not dialect.usual:
        return {}
    plain = frozenset(table.roles) - dialect.first - dialect.last - dialect.opening
    heads = {dialect.usual.format(tag): tag for tag in sorted(plain)}
    if dialect.indents and not dialect.lists:
        heads[" " * len(dialect.usual.format(""))] = _CONTINUES
    return heads


def _usual_marks(dialect: Dialect) -> Mapping[str, str]:
    """The tags that may begin or end a record, in the same way."""
    if not dialect.usual:
        return {}
    return {
        dialect.usual.format(tag): tag for tag in dialect.first | dialect.opening | dialect.last
    }
