"""XML read in a stream with what is hostile refused: entities, outside files."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from osler.records.formats.findings import Findings


class _Reader:
    """Feeds lines to a parser that refuses entities, and gives each finished record element."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self.wanted = wanted
        self.stack: list[Element] = []
        self.lines: list[int] = []
        self.finished: list[tuple[int, Element]] = []
        self.inside = 0
        self.seen = 0
        self.parser: Any = None

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        element = Element(tag, attributes)
        if local(tag) in self.wanted:
            self.inside += 1
            self.seen += self.inside == 1
        if self.stack and self.inside and (self.inside > 1 or local(tag) not in self.wanted):
            self.stack[-1].append(element)
        self.stack.append(element)
        self.lines.append(self.parser.parser.CurrentLineNumber)
        return element

    def end(self, tag: str) -> Element:
        element, line = self.stack.pop(), self.lines.pop()
        if local(tag) in self.wanted:
            self.inside -= 1
            if not self.inside:
                self.finished.append((line, element))
        return element

    def data(self, text: str) -> None:
        if not self.stack or not self.inside:
            return
        top = self.stack[-1]
        if len(top):
            last = top[-1]
            last.tail = (last.tail or "") + text
        else:
            top.text = (top.text or "") + text

    def close(self) -> None:
        return None


def local(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2]


def elements(
    lines: Iterable[str], wanted: frozenset[str], findings: Findings
) -> Iterator[tuple[int, Element]]:
    """Each element that is a record, with its line, as it ends; nothing else is kept.

    Entity declarations and references to outside files are refused with REC002, as in
    "billion laughs"; where the file breaks off or is not well formed, REC003 says which
    records were read.
    """
    reader = _Reader(wanted)
    parser = DefusedXMLParser(
        target=reader, forbid_dtd=False, forbid_entities=True, forbid_external=True
    )
    reader.parser = parser
    read = 0
    try:
        for line in _without_declaration(lines):
            parser.feed(line + "\n")
            if reader.finished:
                read += len(reader.finished)
                yield from reader.finished
                reader.finished.clear()
        parser.close()
    except DefusedXmlException as error:
        _refused(findings, reader, error)
    except ParseError as error:
        yield from reader.finished
        read += len(reader.finished)
        _broken(findings, error, read, reader.seen)


def _without_declaration(lines: Iterable[str]) -> Iterator[str]:
    """The text is decoded already: what its declaration says of bytes no longer holds."""
    first = True
    for line in lines:
        if first:
            line = line.lstrip("\ufeff \t")
            if not line:
                yield ""
                continue
            if line.startswith("<?xml") and "?>" in line:
                line = line[line.index("?>") + 2 :].lstrip()
            first = False
        yield line


def _refused(findings: Findings, reader: _Reader, error: DefusedXmlException) -> None:
    findings.lost += max(reader.seen, 1) - len(reader.finished)
    findings.trouble(
        "REC002",
        "the XML declares entities or refers to other files",
        found=f"{type(error).__name__}: {getattr(error, 'name', '') or 'a document type'}",
        so="the file is not read: such declarations can fill the memory or open other files",
        help="export the records again; exports of PubMed and EndNote have no such declarations",
    )


def _broken(findings: Findings, error: ParseError, read: int, seen: int) -> None:
    findings.lost += max(seen - read, 0)
    line = error.position[0] if hasattr(error, "position") else 1
    findings.trouble(
        "REC003",
        "the XML ends early or is not well formed",
        line=line,
        found=str(error),
        so=f"the {read} record(s) before that line are read, nothing behind it",
        help="export the file again, or download it once more: it may have been cut off",
    )


def text_of(element: Element | None) -> str:
    """All text in an element, without the elements inside it."""
    return "".join(element.itertext()) if element is not None else ""
