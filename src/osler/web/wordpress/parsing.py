"""An export as entries, one at a time: memory holds one entry, however long the export is."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.web.wordpress.cleaning import Cleaned, clean_chunks
from osler.web.wordpress.model import Author, Entry, OldComment, Part, Site, Term

LONGEST_FIELD = 2_000_000  # characters of one field; the longest books have about as many
MOST_COMMENTS = 20_000  # of one entry
DEEPEST = 60
# The version stands in the name of the namespace; all versions hold the same elements.
_NAMES = (
    (re.compile(r"\{https?://wordpress\.org/export/[\d.]+/excerpt/\}"), "excerpt:"),
    (re.compile(r"\{https?://wordpress\.org/export/[\d.]+/\}"), "wp:"),
    (re.compile(r"\{http://purl\.org/rss/1\.0/modules/content/\}"), "content:"),
    (re.compile(r"\{http://purl\.org/dc/elements/1\.1/\}"), "dc:"),
)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_COMMENT, _META = "wp:comment", "wp:postmeta"


class _Hostile(Exception):
    """The export is built to exhaust a reader."""


class _Reader:
    """A target of the XML parser: keeps the fields of the open entry, hands whole ones on."""

    def __init__(self) -> None:
        self.ready: list[Part] = []
        self.is_export = False
        self.line: Callable[[], int] = lambda: 1
        self._path: list[str] = []
        self._names: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0
        self._item: dict[str, str] | None = None
        self._comments: list[OldComment] = []
        self._terms: list[tuple[str, Term]] = []
        self._of_term = ("", "")
        self._inner: dict[str, str] = {}
        self._cut: list[str] = []
        self._line = 1
        self._title = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._named(tag)
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise _Hostile("elements within elements, deeper than any export")
        self._text, self._length = [], 0
        if name == "item":
            self._item, self._comments, self._terms, self._cut = {}, [], [], []
            self._line = self.line()
        elif name in (_COMMENT, _META, "wp:author"):
            self._inner = {}
        elif name == "category":
            self._of_term = attributes.get("domain", ""), attributes.get("nicename", "")

    def data(self, text: str) -> None:
        if self._length < LONGEST_FIELD:
            self._text.append(text)
        self._length += len(text)

    def end(self, tag: str) -> None:
        name = self._path.pop()
        parent = self._path[-1] if self._path else ""
        text = "".join(self._text)[:LONGEST_FIELD].strip()
        if self._length > LONGEST_FIELD:
            self._cut.append(name)
        self._text, self._length = [], 0
        if parent in (_COMMENT, _META, "wp:author"):
            self._inner.setdefault(name, text)
        elif name == _COMMENT and self._item is not None:
            if len(self._comments) < MOST_COMMENTS:
                self._comments.append(_comment(self._inner))
            else:
                self._cut.append("comments")
        elif name == _META and self._item is not None:
            key = self._inner.get("wp:meta_key", "")
            if key == "_thumbnail_id":
                self._item["picture"] = self._inner.get("wp:meta_value", "")
        elif name == "wp:author":
            self.ready.append(_author(self._inner))
        elif name == "category" and parent == "item":
            kind, slug = self._of_term
            if text:
                self._terms.append((kind, Term(slug, text)))
        elif parent == "item" and self._item is not None:
            self._item.setdefault(name, text)
        elif name == "item" and self._item is not None:
            self.ready.append(self._entry(self._item))
            self._item = None
        else:
            self._channel(name, parent, text)

    def close(self) -> None:
        """Asked by the parser at the end."""

    def _channel(self, name: str, parent: str, text: str) -> None:
        self.is_export = self.is_export or name == "wp:wxr_version"
        if parent == "channel" and name == "title":
            self._title = text
        elif parent == "channel" and name in ("wp:base_blog_url", "link"):
            self.ready.append(Site(self._title, text.rstrip("/")))

    def _named(self, tag: str) -> str:
        known = self._names.get(tag)
        if known is None:
            known = tag
            for pattern, prefix in _NAMES:
                known = pattern.sub(prefix, known, count=1)
            if len(self._names) < 1000:
                self._names[tag] = known
        return known

    def _entry(self, item: dict[str, str]) -> Entry:
        return Entry(
            number=item.get("wp:post_id", ""),
            kind=item.get("wp:post_type", ""),
            status=item.get("wp:status", ""),
            title=item.get("title", ""),
            link=item.get("link", ""),
            slug=item.get("wp:post_name", ""),
            author=item.get("dc:creator", ""),
            when=_day(item, "wp:post_date", "wp:post_date_gmt"),
            modified=_day(item, "wp:post_modified", "wp:post_modified_gmt"),
            html=item.get("content:encoded", ""),
            excerpt=item.get("excerpt:encoded", ""),
            password=item.get("wp:post_password", ""),
            categories=tuple(dict.fromkeys(t for k, t in self._terms if k == "category")),
            tags=tuple(dict.fromkeys(t for k, t in self._terms if k == "post_tag")),
            file=item.get("wp:attachment_url", ""),
            picture=item.get("picture", ""),
            comments=tuple(self._comments),
            line=self._line,
            cut=tuple(dict.fromkeys(self._cut)),
        )


def parse_wxr(stream: BinaryIO, file: str, counted: Cleaned | None = None) -> Iterator[Part]:
    r"""Read an export from its beginning to its end.

    Parameters
    ----------
    stream : binary stream
        Read piece by piece; an export of any size needs the memory of its longest entry.
    file : str
        What messages call it.
    counted : Cleaned, optional
        Told what could not be taken as it stands.

    Yields
    ------
    Site, Author or Entry
        In the order of the export. A site can come twice; the last one holds.

    Raises
    ------
    DataError
        WEB100 where it is no export, or damaged: everything before the damage has been given.
        WEB101 where it declares entities or is built to exhaust a reader.

    Examples
    --------
    >>> import io
    >>> wp = 'xmlns:wp="http://wordpress.org/export/1.2/"'
    >>> item = '<item><title>Knees</title><wp:post_type>page</wp:post_type></item>'
    >>> version = '<wp:wxr_version>1.2</wp:wxr_version>'
    >>> text = f'<rss {wp}><channel>{version}{item}</channel></rss>'
    >>> [(e.kind, e.title) for e in parse_wxr(io.BytesIO(text.encode()), "export.xml")]
    [('page', 'Knees')]
    """
    reader = _Reader()
    parser = DefusedXMLParser(target=reader, forbid_dtd=True, encoding="utf-8")
    reader.line = lambda: int(parser.parser.CurrentLineNumber)
    try:
        for text in clean_chunks(stream, counted if counted is not None else Cleaned()):
            parser.feed(text.encode())
            yield from reader.ready
            reader.ready.clear()
        parser.close()
        yield from reader.ready
    except ParseError as error:
        yield from reader.ready
        raise DataError(_damaged(file, error)) from None
    except (DefusedXmlException, _Hostile) as error:
        raise DataError(_hostile(file, error)) from None
    if not reader.is_export:
        raise DataError(_no_export(file))


def _comment(fields: dict[str, str]) -> OldComment:
    def field(name: str) -> str:
        return fields.get(f"wp:comment_{name}", "")

    gmt = field("date_gmt")
    return OldComment(
        number=field("id"),
        parent=field("parent"),
        name=field("author"),
        email=field("author_email"),
        website=field("author_url"),
        when=gmt if gmt and not gmt.startswith("0000") else field("date"),
        text=field("content"),
        approved=field("approved"),
        kind=field("type") or "comment",
    )


def _author(fields: dict[str, str]) -> Author:
    login = fields.get("wp:author_login", "")
    whole = " ".join(
        filter(None, (fields.get("wp:author_first_name"), fields.get("wp:author_last_name")))
    )
    return Author(login, fields.get("wp:author_display_name") or whole or login)


def _day(item: dict[str, str], *names: str) -> str:
    """The first of some dates that is one; WordPress writes 0000-00-00 for none."""
    for name in names:
        found = _DAY.match(item.get(name, ""))
        if found and found.group(1) != "0000":
            return found.group()
    return ""


def _damaged(file: str, error: ParseError) -> Diagnostic:
    line, column = error.position
    return Diagnostic(
        "WEB100",
        Severity.ERROR,
        Place(file, max(line, 1), column + 1),
        "the export cannot be read to its end",
        str(error),
        "what stands before this line is brought, what comes after is not",
        "export again (Tools, Export, All content); a download that was cut short looks like this",
    )


def _no_export(file: str) -> Diagnostic:
    return Diagnostic(
        "WEB100",
        Severity.ERROR,
        Place(file),
        "this is no WordPress export",
        "it is XML, but has no wp:wxr_version",
        "",
        "in WordPress: Tools, Export, All content",
    )


def _hostile(file: str, error: Exception) -> Diagnostic:
    return Diagnostic(
        "WEB101",
        Severity.ERROR,
        Place(file),
        "the export holds what no export needs and is not read on",
        f"{type(error).__name__}: {error}"[:200],
        "nothing after it is brought",
        "WordPress writes no DTD and no entities: find out who changed the file",
    )
