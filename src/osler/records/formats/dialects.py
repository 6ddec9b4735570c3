"""How each kind of tagged text marks its tags and its records."""

import re
from dataclasses import dataclass, replace

from osler.records.formats.model import Format
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
    begins : str
        How the first line of a record begins in most files: large ones are cut there.
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
    begins: str = ""


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
        begins="TY  - ",
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
        begins="PMID- ",
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
        begins="PT ",
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
        begins="RT ",
    ),
    "refer": Dialect(
        Format.REFER,
        re.compile(r"^\ufeff?(%[0-9A-Za-z!-/:-@\[-`{-~])()(?:[ \t](.*)|)$"),
        first=frozenset({"%0"}),
        title=frozenset({"%T"}),
        blank_ends=True,
        begins="%0 ",
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
DIALECTS["ris-small"] = replace(DIALECTS["ris-loose"], begins="")
