"""Tagged text: one tolerant core that reads every dialect, line by line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from operator import itemgetter

from osler.records.formats.findings import Findings
from osler.records.formats.model import Draft, Format
from osler.records.formats.tables import TagTable, fill, tag_table
from osler.records.making import raw_field
from osler.records.model import RawField
from osler.records.names import NameOrder


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a kind of tagged text marks tags and records.

    Attributes
    ----------
    tag : pattern
        Matches a line that begins a field; group 1 is the tag, group 2 the value.
    first : frozenset of str
        Tags that begin a record wherever they stand.
    opening : frozenset of str
        Tags that begin one where the record at hand has them already, or has its title and a
        blank line came between.
    last : frozenset of str
        Tags that end a record.
    heading : pattern or None
        A line without a tag that begins a record: "<8>", "Record #3 of 18".
    between : pattern or None
        Lines that may stand between records and say nothing about one.
    lists : frozenset of str
        Tags whose continuation lines are values of their own.
    title : frozenset of str
        A second one behind a blank line begins a record.
    trailing : pattern or None
        Lines that may follow the end of a record and belong to it.
    indents : bool
        Whether a line that begins with a space can only continue a value.
    usual : str
        How a tag is written but for exceptions, as a form for ``str.format``: lines that begin
        so need no pattern.
    known : frozenset of str or None
        Where a tag has no sign of its own, the tags there are: other lines continue a value.
    """

    format: Format
    tag: re.Pattern[str]
    first: frozenset[str] = frozenset()
    opening: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    heading: re.Pattern[str] | None = None
    between: re.Pattern[str] | None = None
    lists: frozenset[str] = frozenset()
    title: frozenset[str] = frozenset()
    known: frozenset[str] | None = None
    indents: bool = False
    usual: str = ""
    order: NameOrder = NameOrder.UNKNOWN
    blank_ends: bool = False
    trailing: re.Pattern[str] | None = None


_LONGEST_HEADING = 400
_RIS_BETWEEN = re.compile(
    r"^\s*(?:<?\d+[.>]?|Record #\d+ of \d+|Provider:.*|Content:.*|Database:.*|_{5,}|-{5,}|={5,}|"
    r"\ufeff?)\s*$",
    re.IGNORECASE,
)
_RIS_TITLE = frozenset({"TI", "T1"})


def _ris(tag: str) -> Dialect:
    return Dialect(
        Format.RIS,
        re.compile(tag),
        first=frozenset({"TY"}),
        last=frozenset({"ER"}),
        between=_RIS_BETWEEN,
        title=_RIS_TITLE,
        usual="{:<2}  - ",
        trailing=re.compile(
            r"^(?:(NL|UR|L1|L2|L3|L4|LK|XL|N1)[ \t]{2,6}-[ \t]?|"
            r"(Link to the Ovid Full Text or citation): ?)(.*)$"
        ),
    )


_WOS_LISTS = frozenset("AU AF BA BF BE GP CA ED C1 C3 CR EM RI OI".split())
_REFWORKS_TAGS = frozenset(
    "RT SR ID A1 A2 A3 A4 A5 A6 T1 T2 T3 JF JO YR FD VO IS SP OP K1 AB NO PB PP ED SN AD AN LA "
    "CL SF OT LK DO DI CN DB DS IP RD ST U1 U2 U3 U4 U5 U6 U7 U8 U9 UL WT WV WP OL RP AV PM "
    "CR LL RR SL".split()
)
_NUMBER_HEADING = re.compile(r"^\s*(?:<\d+>|\d+\.)\s*$")

DIALECTS = {
    "ris": _ris(
        r"^[ \t\ufeff]*(?:([A-Z][A-Z0-9])[ \t\xa0]{2,6}-[ \t\xa0]?|"
        r"(?=(?:TY|ER)[ \t]*-|(?<![ \t])ER[ \t]*$)([A-Z]{2})[ \t]*-?)(.*)$"
    ),
    "ris-loose": _ris(
        r"^[ \t\ufeff]*(?:([A-Z][A-Z0-9])[ \t\xa0]{0,6}-(?:[ \t\xa0]|$)|"
        r"(?=(?<![ \t])ER[ \t]*$)([A-Z]{2}))(.*)$"
    ),
    "nbib": Dialect(
        Format.NBIB,
        re.compile(r"^\ufeff?([A-Z][A-Z0-9]{1,3})()(?:(?<=[A-Z0-9]{4})| {1,3})- ?(.*)$"),
        opening=frozenset({"PMID", "PMC", "OWN", "STAT"}),
        between=_RIS_BETWEEN,
        title=frozenset({"TI"}),
        indents=True,
        usual="{:<4}- ",
        order=NameOrder.FAMILY_FIRST,
    ),
    "ovid-tagged": Dialect(
        Format.OVID_TAGGED,
        re.compile(r"^([A-Z][A-Z0-9])() {1,3}- ?(.*)$"),
        opening=frozenset({"VN", "UI", "AN"}),
        heading=_NUMBER_HEADING,
        between=_RIS_BETWEEN,
        title=frozenset({"TI"}),
    ),
    "ovid": Dialect(
        Format.OVID,
        re.compile(r"^([A-Z][A-Za-z0-9/()&,.' -]{1,70}?)()\s*()$"),
        heading=re.compile(r"^<\d+>\s*$"),
        title=frozenset({"Title"}),
    ),
    "wos": Dialect(
        Format.WOS,
        re.compile(r"^\ufeff?([A-Z][A-Z0-9])()(?: (.*)|\s*)$"),
        first=frozenset({"PT"}),
        last=frozenset({"ER", "EF"}),
        between=re.compile(r"^\ufeff?(?:FN|VR)\b.*$"),
        lists=_WOS_LISTS,
        indents=True,
        usual="{} ",
        title=frozenset({"TI"}),
    ),
    "refworks": Dialect(
        Format.REFWORKS,
        re.compile(r"^\ufeff?([A-Z][A-Z0-9])() (.*)$"),
        first=frozenset({"RT"}),
        between=re.compile(
            r"^\ufeff?(?:Refworks Export.*|Character Set.*|Tag legend|\*+|-+|[A-Z][A-Z0-9]=.*|"
            r"<?\d+[.>]?|END.*)\s*$",
            re.IGNORECASE,
        ),
        title=frozenset({"T1"}),
        known=_REFWORKS_TAGS,
    ),
    "refer": Dialect(
        Format.REFER,
        re.compile(r"^\ufeff?(%[0-9A-Za-z!-/:-@\[-`{-~])()(?:[ \t](.*)|)$"),
        first=frozenset({"%0"}),
        title=frozenset({"%T"}),
        blank_ends=True,
    ),
    "cochrane": Dialect(
        Format.COCHRANE,
        re.compile(r"^([A-Z]{2,3})(): ?(.*)$"),
        opening=frozenset({"ID"}),
        heading=re.compile(r"^\ufeff?Record #\d+ of \d+\s*$"),
        between=re.compile(r"^(?:Provider|Content):.*$"),
        title=frozenset({"TI"}),
    ),
    "noteexpress": Dialect(
        Format.NOTEEXPRESS,
        re.compile(r"^\ufeff?\{([^{}]{2,40})\}(): ?(.*)$"),
        first=frozenset({"Reference Type"}),
        title=frozenset({"Title"}),
    ),
}
DIALECTS["ris-small"] = DIALECTS["ris-loose"]


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
            same = _only(fields, tag) and (dialect.blank_ends or bool(dialect.last))
            return "" if same else f"a new one begins with {tag}"
        if not (self.blank or tag in dialect.opening):
            return ""
        tags = {raw.tag for raw in fields}
        if tag in dialect.opening:
            again = tag in tags or (self.blank and bool(tags & dialect.title))
            return f"a second {tag}" if again else ""
        if dialect.blank_ends and not (tags & dialect.first) and len(tags) > 1:
            return "a blank line came between"
        return f"a second {tag}" if tag in dialect.title and tag in tags else ""

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


def _any_of(tags: frozenset[str]) -> str:
    return " or ".join(sorted(tags))


def _only(fields: list[RawField], tag: str) -> bool:
    return all(raw.tag == tag for raw in fields)


def _tag_and_value(match: re.Match[str]) -> tuple[str, str]:
    one, two, value = match.groups()
    return one or two, value or ""


_BATCH = 256  # lines looked at together


def read_tagged(name: str, lines: Iterable[str], findings: Findings) -> Iterator[Draft]:
    """The records of a dialect, as they close; every field filled from its tags.

    Notes
    -----
    A line either begins a field, continues one, stands between records, or is told as not
    understood; none is dropped. At most one record and some thousand lines are held at a time.
    """
    dialect = DIALECTS[name]
    table = tag_table(dialect.format.value)
    if name == "ris-small":
        findings.repaired(1, "tags in small letters are read as capitals")
        lines = map(_in_capitals, lines)
    core = _Core(dialect, findings)
    heads = _usual_heads(dialect, table)
    width = len(next(iter(heads), ""))
    head = itemgetter(slice(width))
    lines, first = iter(lines), 1
    while batch := list(islice(lines, _BATCH)):
        tags = [*map(heads.get, map(head, batch)), None]
        start = 0
        while start <= len(batch):
            at = tags.index(None, start)
            if start < at:
                core.usual(first + start, tags[start:at], batch[start:at], width)
            if at < len(batch):
                core.line(first + at, batch[at])
            if core.done:
                yield from _filled(core, table, dialect)
            start = at + 1
        first += len(batch)
    if core.draft is not None and dialect.last and not core.ended:
        findings.repaired(core.draft.line, "the last record is not closed")
    core.close()
    yield from _filled(core, table, dialect)


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


def _filled(core: _Core, table: TagTable, dialect: Dialect) -> Iterator[Draft]:
    for draft in core.done:
        draft.order = dialect.order
        fill(draft, table, wrapped=dialect.indents)
        yield draft
    core.done.clear()
