"""RDF/XML of Zotero, the Bibliographic Ontology and schema.org, by the names of properties."""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from osler.records.formats.findings import Findings
from osler.records.formats.model import Draft
from osler.records.formats.xml_events import elements, local, text_of
from osler.records.model import Name, RawField
from osler.records.names import parse_body, parse_name

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_NOT_RECORDS = frozenset(
    "Journal Periodical Issue PublicationIssue PublicationVolume Series Person Organization "
    "Collection Attachment Memo UserItem Seq Bag Agent Place Event Group Newspaper Magazine "
    "AutomaticTag Subject Concept".split()
)
_ROLES = {
    "title": "title", "name": "title", "abstract": "abstract",
    "date": "year", "issued": "year", "datePublished": "year", "created": "year",
    "volume": "volume", "volumeNumber": "volume", "number": "issue", "issue": "issue",
    "issueNumber": "issue",
    "pages": "pages", "pageStart": "first_page", "pageEnd": "last_page", "doi": "doi",
    "issn": "issn", "isbn": "isbn", "isbn10": "isbn", "isbn13": "isbn", "eissn": "issn",
    "language": "language", "inLanguage": "language", "publisher": "publisher", "uri": "url",
    "url": "url", "subject": "keyword", "keywords": "keyword", "about": "keyword",
    "itemType": "kind", "startingPage": "first_page", "startPage": "first_page",
    "endingPage": "last_page", "endPage": "last_page",
}  # fmt: skip
_AUTHORS = ("authors", "authorList", "author", "creator", "inventors")
_KINDS = {
    "Article": "article-journal", "AcademicArticle": "article-journal",
    "ScholarlyArticle": "article-journal", "BookSection": "chapter", "BookChapter": "chapter",
    "Chapter": "chapter", "Report": "report", "Thesis": "thesis", "SoftwareSourceCode": "software",
    "SoftwareApplication": "software", "Dataset": "dataset", "Patent": "patent", "Book": "book",
    "Webpage": "webpage", "WebPage": "webpage", "Proceedings": "book",
}  # fmt: skip
_WITHIN = ("isPartOf", "presentedAt", "partOf")
_DEEPEST = 4


def read_rdf(lines: Iterable[str], findings: Findings) -> Iterator[Draft]:
    """The works of an RDF file; it is held whole, since its parts point at each other."""
    for line, root in elements(lines, frozenset({"RDF"}), findings):
        named = _named(root)
        for node in root:
            if local(node.tag) not in _NOT_RECORDS and _is_work(node):
                yield _draft(node, named, line)


def _named(root: Element) -> Mapping[str, Element]:
    """Nodes by the names by which others point at them."""
    found: dict[str, Element] = {}
    for node in root.iter():
        for attribute in ("about", "ID", "nodeID"):
            name = node.get(_RDF + attribute)
            if name and len(node):
                found["#" + name if attribute == "ID" else name] = node
    return found


def _is_work(node: Element) -> bool:
    names = {local(child.tag) for child in node}
    if "itemType" in names:
        return text_of(_child(node, "itemType")).strip() not in ("attachment", "note")
    named = bool(names & {"title", "name"})
    if local(node.tag) == "Description":
        return named and bool(names & ({"doi", "date", "type", "issued"} | set(_AUTHORS)))
    return named


def _child(node: Element, name: str) -> Element | None:
    return next((child for child in node if local(child.tag) == name), None)


def _draft(node: Element, named: Mapping[str, Element], line: int) -> Draft:
    draft = Draft(line)
    draft.fields.append(RawField("type", local(node.tag), line))
    kind = _KINDS.get(local(node.tag), local(node.tag))
    draft.add("kind", kind, rank=1)
    if about := node.get(_RDF + "about", ""):
        draft.fields.append(RawField("about", about, line))
        draft.add("doi_elsewhere", about)
        if about.startswith("http"):
            draft.add("url", about, rank=8)
        draft.add("isbn", about.removeprefix("urn:isbn:"), rank=9)
    _properties(node, named, draft, line, depth=0)
    draft.names = tuple(_names(node, named))
    return draft


def _properties(
    node: Element, named: Mapping[str, Element], draft: Draft, line: int, depth: int
) -> None:
    for child in node:
        name = local(child.tag)
        target = child.get(_RDF + "resource") or child.get(_RDF + "nodeID") or ""
        value = " ".join(text_of(child).split())
        if depth == 0 and (value or target):
            draft.fields.append(RawField(name, value or target, line))
        if name in _WITHIN and depth < _DEEPEST:
            for inner in [*child, *([named[target]] if target in named else [])]:
                _properties(inner, named, draft, line, depth + 1)
        elif name == "identifier":
            _identifier(value or target, draft, depth)
        elif name == "publisher":
            inner_name = [t for n in child.iter() if local(n.tag) == "name" for t in [text_of(n)]]
            where = named.get(target)
            held = text_of(_child(where, "name")) if where is not None else ""
            draft.add("publisher", inner_name[0] if inner_name else held or value, depth)
        elif name == "description":
            _described(value or target, draft, depth)
        elif name in _ROLES and not (_ROLES[name] == "keyword" and not value):
            _put(name, value or target, draft, depth)
        elif name in ("sameAs", "seeAlso"):
            draft.add("url", value or target, rank=7)
            draft.add("doi_elsewhere", value or target, depth)


def _described(value: str, draft: Draft, depth: int) -> None:
    """An abstract where there is no other; Zotero puts its field "extra" there."""
    if not depth:
        draft.add("abstract", value, rank=5)
        draft.add("pmid_elsewhere", value)
        draft.add("registration", value)
        draft.add("doi_elsewhere", value, rank=5)


def _put(name: str, value: str, draft: Draft, depth: int) -> None:
    role = _ROLES[name]
    if depth and role == "title":
        role = "container"
    if depth and role in ("abstract", "keyword", "kind", "url", "language"):
        return
    draft.add(role, value, depth)


def _identifier(value: str, draft: Draft, depth: int) -> None:
    """What an identifier is, is said in front of it: "DOI 10.1000/x", "ISSN 1234-5678"."""
    lead = value.split(" ", maxsplit=1)[0].upper()
    if lead in ("ISSN", "ISBN"):
        draft.add(lead.lower(), value, depth)
    elif value.startswith("http"):
        draft.add("url", value, depth)
        draft.add("doi_elsewhere", value, depth)
    else:
        draft.add("doi", value, depth)


def _names(node: Element, named: Mapping[str, Element]) -> Iterator[Name]:
    """Of the first property that lists authors: an ordered list, or the authors themselves."""
    for prop in _AUTHORS:
        found = [name for child in node if local(child.tag) == prop for name in _of(child, named)]
        if found:
            yield from found
            return


def _of(child: Element, named: Mapping[str, Element]) -> Iterator[Name]:
    lists = [n for n in child.iter() if local(n.tag) in ("Seq", "Bag")]
    for item in [li for seq in lists for li in seq] or [child]:
        target = item.get(_RDF + "resource") or item.get(_RDF + "nodeID") or ""
        person = next(
            (n for n in item.iter() if local(n.tag) in ("Person", "Organization", "Agent")),
            named.get(target),
        )
        name = _person(person) if person is not None else parse_name(text_of(item))
        if name is not None:
            yield name


_FAMILY = ("surname", "familyName", "family_name", "lastName")
_GIVEN = ("givenname", "givenName", "firstName", "given_name")


def _person(node: Element) -> Name | None:
    parts = {local(child.tag): " ".join(text_of(child).split()) for child in node}
    family = next((parts[name] for name in _FAMILY if parts.get(name)), "")
    given = next((parts[name] for name in _GIVEN if parts.get(name)), "")
    if family and given:
        return parse_name(f"{family}, {given}")
    whole = family or parts.get("name", "")
    return parse_body(whole) if whole else None
