"""BibTeX and BibLaTeX, entry by entry: a broken one costs no other, repeated fields are kept.

Read here and not with bibtexparser. Its version 2.1.0, given eight small entries, returned five
and put away three: the second of two with one key (DuplicateBlockKeyBlock), one with two
``note`` fields (DuplicateFieldKeyBlock), and one whose closing brace is missing
(ParsingFailedBlock); of a sixth it took the year for a part of the title, a comma being absent.
Exports of Scopus and ProQuest have all four. It also holds a whole file at once.
"""

import re
from collections.abc import Iterable, Iterator

from osler.core.diagnostics import Severity
from osler.records.formats.findings import Findings
from osler.records.formats.inheriting import with_parents
from osler.records.formats.latex import from_latex
from osler.records.formats.model import Draft
from osler.records.model import Name, RawField
from osler.records.names import NameOrder, parse_body, parse_name

_ENTRY = re.compile(r"^[\s\ufeff,]*@\s*([A-Za-z]+)\s*([{(])")
_FIELD = re.compile(r"[\s,]*([A-Za-z][\w:.+/-]{0,80})\s{0,50}=\s*")
_KEY = re.compile(r"\s*([^,={}\"\n]{0,200}?)\s{0,50}(?:,|$|(?=[}\n]))")
_SOME_FIELD = re.compile(r"(?<!\w)([A-Za-z][\w:.+/-]{0,80})\s{0,50}=\s*")
_WORD = re.compile(r"[^\s,#{}\"=]+")
_NOT_RECORDS = frozenset({"comment", "preamble", "string"})
_HASH = re.compile(r"\s*#\s*")
_COMMA = re.compile(",")

_ROLES = {
    "title": ("title", 0), "subtitle": ("subtitle", 0), "abstract": ("abstract", 0),
    "author": ("author", 0), "journal": ("container", 0), "journaltitle": ("container", 0),
    "booktitle": ("container", 1), "maintitle": ("container", 3), "series": ("container", 4),
    "year": ("year", 0), "date": ("year", 1), "issued": ("year", 2), "volume": ("volume", 0),
    "number": ("issue", 0), "issue": ("issue", 0), "pages": ("pages", 0), "page": ("pages", 1),
    "art_number": ("article_number", 0), "eid": ("article_number", 1),
    "article-number": ("article_number", 0), "articleno": ("article_number", 0), "doi": ("doi", 0),
    "pmid": ("pmid", 0), "pubmed_id": ("pmid", 0), "pubmedid": ("pmid", 0), "issn": ("issn", 0),
    "isbn": ("isbn", 0), "language": ("language", 0), "langid": ("language", 1),
    "publisher": ("publisher", 0), "institution": ("publisher", 1), "school": ("publisher", 1),
    "organization": ("publisher", 2), "url": ("url", 0), "keywords": ("keyword", 0),
    "keyword": ("keyword", 0), "author_keywords": ("keyword", 0), "author-keywords": ("keyword", 0),
    "registration": ("registration", 0), "note": ("note", 0), "annote": ("note", 0),
    "entrysubtype": ("work", 0), "type": ("work", 1), "source": ("database", 0),
    "database": ("database", 0), "keywords-plus": ("keyword", 0), "document_type": ("work", 2),
}  # fmt: skip
_ALSO = {
    "url": (("doi_elsewhere", 0), ("pmid_elsewhere", 2)),
    "note": (("doi_elsewhere", 1), ("pmid_elsewhere", 1), ("registration", 1)),
    "annote": (("doi_elsewhere", 2),),
    "pmid": (("pmid_elsewhere", 0),),
}  # fmt: skip
_KINDS = {
    "inproceedings": "paper-conference", "conference": "paper-conference",
    "proceedings": "book", "incollection": "chapter", "inbook": "chapter", "suppbook": "chapter",
    "article": "article-journal", "phdthesis": "thesis", "mastersthesis": "thesis",
    "techreport": "report", "unpublished": "manuscript", "misc": "document", "booklet": "book",
    "online": "webpage", "electronic": "webpage", "www": "webpage", "mvbook": "book",
    "inreference": "entry-encyclopedia", "manual": "book", "periodical": "periodical",
    "collection": "book", "bookinbook": "chapter", "suppcollection": "chapter",
}  # fmt: skip


def read_bibtex(lines: Iterable[str], findings: Findings) -> Iterator[Draft]:
    """The records of a BibTeX file, as their entries end."""
    for draft, taken in with_parents(_drafts(lines, findings), findings):
        _fill(draft, [*draft.fields, *taken])
        yield draft


def _drafts(lines: Iterable[str], findings: Findings) -> Iterator[Draft]:
    strings: dict[str, str] = {}
    for line, kind, body in _entries(lines, findings):
        if kind == "string":
            strings.update((raw.tag.lower(), raw.value) for raw in _fields(body, line, strings, []))
        elif kind not in _NOT_RECORDS:
            yield _draft(line, kind, body, strings, findings)


def _entries(lines: Iterable[str], findings: Findings) -> Iterator[tuple[int, str, str]]:
    """Each entry's line, kind and text between its outer braces.

    An entry ends where its braces are level again, and at the latest where the next begins.
    """
    kind, begun, depth, parts = "", 0, 0, list[str]()
    for number, line in enumerate(lines, 1):
        match = _ENTRY.match(line) if "@" in line else None
        if match and kind and depth > 0:
            findings.repaired(number, "the entry before was not closed; a new one begins here")
            yield begun, kind, "\n".join(parts)
            kind = ""
        if not kind:
            if match is None:
                if line.strip(" \t\ufeff})") and not _HEADING.match(line):
                    findings.unread(number, line)
                continue
            kind, begun, depth, parts = match[1].lower(), number, 1, []
            line = line[match.end() :]
        while kind:
            depth, end = _level(line, depth)
            parts.append(line if end is None else line[:end])
            if end is None:
                break
            yield begun, kind, "\n".join(parts)
            kind, depth = "", 0
            rest = line[end + 1 :]
            if following := _ENTRY.match(rest):
                kind, begun, depth, parts = following[1].lower(), number, 1, []
                line = rest[following.end() :]
    if kind:
        findings.repaired(begun, "the last entry is not closed")
        yield begun, kind, "\n".join(parts)


# What stands above the entries of Scopus' exports, and comments.
_HEADING = re.compile(r"^[\s\ufeff]*(?:%.*|Scopus\s*|EXPORT DATE:.*)$")
_BRACES = re.compile(r"\\.|[{}]")


def _level(line: str, depth: int) -> tuple[int, int | None]:
    """The depth of braces behind a line, and where they are level, if they are."""
    for match in _BRACES.finditer(line):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return 0, match.start()
    return depth, None


def _fields(body: str, line: int, strings: dict[str, str], broken: list[int]) -> Iterator[RawField]:
    """The fields of an entry, with what its names of strings stand for put in."""
    at, counted, number = 0, 0, line
    while match := _next_field(body, at, broken):
        value, end = _value(body, match.end(), strings)
        number += body.count("\n", counted, match.start(1))
        counted = match.start(1)
        yield RawField(match[1], value, number)
        at = end


def _next_field(body: str, at: int, broken: list[int]) -> re.Match[str] | None:
    """The next field; where something else stands there, the next behind it."""
    match = _FIELD.match(body, at)
    if match is None and body[at:].strip(" \t\r\n,)}"):
        match = _SOME_FIELD.search(body, at)
        broken.append(at)
    return match


def _value(body: str, at: int, strings: dict[str, str]) -> tuple[str, int]:
    """A value of parts joined by "#", without its outer braces or quotation marks."""
    parts: list[str] = []
    while True:
        part, at = _part(body, at, strings)
        parts.append(part)
        rest = _HASH.match(body, at)
        if rest is None:
            return "".join(parts), at
        at = rest.end()


def _part(body: str, at: int, strings: dict[str, str]) -> tuple[str, int]:
    sign = body[at : at + 1]
    if sign == "{":
        return _braced(body, at)
    if sign == '"':
        return _quoted(body, at)
    match = _WORD.match(body, at)
    if match is None:
        return "", min(at + 1, len(body))
    return strings.get(match[0].lower(), match[0]), match.end()


def _braced(body: str, at: int) -> tuple[str, int]:
    depth = 0
    for match in _BRACES.finditer(body, at):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return body[at + 1 : match.start()], match.end()
    return body[at + 1 :], len(body)


_QUOTED = re.compile(r'\\.|[{}"]')


def _quoted(body: str, at: int) -> tuple[str, int]:
    depth = 0
    for match in _QUOTED.finditer(body, at + 1):
        if match[0] == '"' and depth <= 0:
            return body[at + 1 : match.start()], match.end()
        depth += {"{": 1, "}": -1}.get(match[0], 0)
    return body[at + 1 :], len(body)


def _draft(line: int, kind: str, body: str, strings: dict[str, str], findings: Findings) -> Draft:
    draft = Draft(line, order=NameOrder.GIVEN_FIRST)
    key = _KEY.match(body)
    if key is not None and body[key.end() : key.end() + 1] == "=":
        key = None
    draft.fields.append(RawField("ENTRYTYPE", kind, line))
    if key is not None:
        draft.fields.append(RawField("ID", key[1], line))
    broken: list[int] = []
    rest = body[key.end() :] if key is not None else body
    begun = line + body.count("\n", 0, len(body) - len(rest))
    draft.fields.extend(_fields(rest, begun, strings, broken))
    if broken or (len(draft.fields) <= 2 and rest.strip(" \t\n,)}")):
        draft.fields.append(RawField("entry", body, line))
        _tell_broken(line, kind, body, findings)
    return draft


def _tell_broken(line: int, kind: str, body: str, findings: Findings) -> None:
    findings.trouble(
        "REC013",
        "a part of a BibTeX entry is no field",
        line=line,
        found=f"@{kind}{{{' '.join(body.split())[:80]}",
        so='its fields are read as far as they go; the entry is kept whole as field "entry"',
        help="look for a missing comma, a brace or a quotation mark in this entry",
        severity=Severity.WARNING,
    )


def _fill(draft: Draft, fields: Iterable[RawField]) -> None:
    kind = draft.fields[0].value
    draft.add("kind", _KINDS.get(kind, kind))
    names: list[Name] = []
    for raw in fields:
        tag = raw.tag.lower()
        if tag == "author":
            names += _names(raw.value)
            continue
        value = from_latex(raw.value) if tag not in ("url", "doi") else _address(raw.value)
        if tag in _ROLES:
            role, rank = _ROLES[tag]
            draft.add(role, _keywords(value) if role == "keyword" else value, rank)
        for role, rank in _ALSO.get(tag, ()):
            draft.add(role, value, rank)
    draft.names = tuple(names)
    _join_subtitle(draft)


def _join_subtitle(draft: Draft) -> None:
    subtitle = draft.values.pop("subtitle", None)
    title = draft.values.get("title")
    if subtitle and title:
        draft.values["title"] = [(0, f"{title[0][1]}: {subtitle[0][1]}")]


def _address(value: str) -> str:
    r"""An address as it is typed: "\_" and "{...}" are only there for LaTeX."""
    value = re.sub(r"\\(?:url|path)\s*\{([^{}]*)\}", r"\1", value) if "\\" in value else value
    value = re.sub(r"\{(\\[&%$#_~])\}", r"\1", value)
    return re.sub(r"\\([&%$#_{}~])", r"\1", value) if "\\" in value else value.strip("{}")


def _keywords(value: str) -> str:
    return value if ";" in value else value.replace(",", ";")


_AND = re.compile("(?i: and )")


def _names(value: str) -> Iterator[Name]:
    for part in _top_level(" ".join(value.split()), _AND):
        name = _name(part.strip())
        if name is not None:
            yield name


def _name(part: str) -> Name | None:
    """A braced name is a body's; "von Last, Jr, First" has its suffix in the middle."""
    if part.startswith("{") and _braced(part, 0)[1] == len(part):
        inner = from_latex(part).replace(";", ",")
        return parse_body(inner)
    pieces = [from_latex(p).strip() for p in _top_level(part, _COMMA)]
    if len(pieces) >= 3:
        family, suffix, given = pieces[0], pieces[1], ", ".join(pieces[2:])
        if len(given) < len(suffix) and re.match(r"(?i)^(?:jr|sr|ii|iii|iv)\.?$", given):
            suffix, given = given, suffix
        return parse_name(f"{family}, {given}, {suffix}", NameOrder.GIVEN_FIRST)
    return parse_name(", ".join(pieces), NameOrder.GIVEN_FIRST)


def _top_level(text: str, sign: re.Pattern[str]) -> list[str]:
    """The parts between a sign that stands outside braces."""
    if "{" not in text:
        return sign.split(text)
    parts, depth, start = [], 0, 0
    scan = re.compile(rf"\\.|[{{}}]|{sign.pattern}")
    for match in scan.finditer(text):
        if match[0] in "{}":
            depth += 1 if match[0] == "{" else -1
        elif depth <= 0 and not match[0].startswith("\\"):
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]
