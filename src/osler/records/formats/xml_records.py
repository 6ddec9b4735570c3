"""PubMed XML and EndNote XML."""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from osler.records.formats.columns import columns_of
from osler.records.formats.findings import Findings
from osler.records.formats.model import Draft
from osler.records.formats.xml_events import elements, local, text_of
from osler.records.model import Name, RawField
from osler.records.names import NameOrder, parse_body, parse_name

_PUBMED = frozenset({"PubmedArticle", "PubmedBookArticle"})
_ENDNOTE = frozenset({"record"})


def read_pubmed_xml(lines: Iterable[str], findings: Findings) -> Iterator[Draft]:
    """The records of a PubMed file, as they end."""
    for line, element in elements(lines, _PUBMED, findings):
        draft = Draft(line, fields=list(_raw(element, line)))
        _article(element, draft) if local(element.tag) == "PubmedArticle" else _book(element, draft)
        yield draft


def _raw(element: Element, line: int, path: str = "") -> Iterator[RawField]:
    """Every element that holds text and every attribute, by its path; markup stays in the value."""
    stack: list[tuple[Element, str]] = [(element, path)]
    while stack:
        node, above = stack.pop()
        here = f"{above}/{local(node.tag)}" if above else local(node.tag)
        mixed = bool((node.text or "").strip())
        for name, value in node.attrib.items():
            yield RawField(f"{here}@{local(name)}", value, line)
        if mixed or not len(node):
            if text := text_of(node).strip():
                yield RawField(here, text, line)
        else:
            stack.extend((child, here) for child in reversed(node))


def _all(element: Element, path: str) -> Iterator[str]:
    for found in element.iterfind(path):
        if text := text_of(found):
            yield text


def _put(draft: Draft, role: str, element: Element, *paths: str) -> None:
    for rank, path in enumerate(paths):
        for text in _all(element, path):
            draft.add(role, text, rank)


def _article(element: Element, draft: Draft) -> None:
    article = element.find("MedlineCitation/Article")
    article = Element("Article") if article is None else article
    _put(
        draft,
        "pmid",
        element,
        "MedlineCitation/PMID",
        "PubmedData/ArticleIdList/ArticleId[@IdType='pubmed']",
    )
    _title(draft, article, "ArticleTitle", translated=article.find("VernacularTitle") is not None)
    _put(draft, "title", article, "_", "VernacularTitle")
    _abstract(draft, article)
    _put(draft, "container", article, "Journal/Title", "Journal/ISOAbbreviation")
    _put(draft, "container", element, "_", "_", "MedlineCitation/MedlineJournalInfo/MedlineTA")
    issue = "Journal/JournalIssue/"
    _put(
        draft, "year", article, issue + "PubDate/Year", issue + "PubDate/MedlineDate",
        "ArticleDate/Year",
    )  # fmt: skip
    _put(draft, "volume", article, issue + "Volume")
    _put(draft, "issue", article, issue + "Issue")
    _put(draft, "pages", article, "Pagination/MedlinePgn")
    _put(draft, "first_page", article, "Pagination/StartPage")
    _put(draft, "last_page", article, "Pagination/EndPage")
    _put(draft, "article_number", article, "ELocationID[@EIdType='pii']")
    _put(draft, "doi", article, "ELocationID[@EIdType='doi']")
    _put(draft, "doi", element, "_", "PubmedData/ArticleIdList/ArticleId[@IdType='doi']")
    _put(draft, "issn", article, "Journal/ISSN")
    _put(draft, "issn", element, "_", "MedlineCitation/MedlineJournalInfo/ISSNLinking")
    _put(draft, "language", article, "Language")
    _put(
        draft, "registration", article, "DataBankList/DataBank/AccessionNumberList/AccessionNumber"
    )
    _put(draft, "kind", article, "PublicationTypeList/PublicationType")
    _put(draft, "keyword", element, "MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName")
    _put(draft, "keyword", element, "MedlineCitation/KeywordList/Keyword")
    draft.names = tuple(_authors(article.findall("AuthorList")))
    if "pages" in draft.values or "first_page" in draft.values:
        draft.values.pop("article_number", None)


_BRACKETS = re.compile(r"^\[(.*)\]\.?$", re.DOTALL)


def _title(draft: Draft, element: Element, path: str, *, translated: bool = False) -> None:
    """PubMed ends every title with a point, and puts a translated one in brackets."""
    for text in _all(element, path):
        clean = " ".join(text.split())
        if match := _BRACKETS.match(clean):
            clean = match[1]
        draft.add("title", clean.removesuffix(".") if not clean.endswith("..") else clean)


def _abstract(draft: Draft, element: Element) -> None:
    for part in element.iterfind("Abstract/AbstractText"):
        label = part.get("Label", "")
        text = text_of(part)
        if text.strip():
            draft.add("abstract", f"{label}: {text}" if label and label != "UNLABELLED" else text)


def _authors(lists: Iterable[Element]) -> Iterator[Name]:
    for group in lists:
        if group.get("Type", "authors") not in ("authors", ""):
            continue
        for author in group.iterfind("Author"):
            body = " ".join(text_of(author.find("CollectiveName")).split())
            family = " ".join(text_of(author.find("LastName")).split())
            given = text_of(author.find("ForeName")) or text_of(author.find("Initials"))
            given = " ".join(given.split())
            suffix = text_of(author.find("Suffix")).strip()
            text = f"{family}, {given}" if given else f"{family},"
            text = f"{text}, {suffix}" if suffix and given else text
            name = parse_name(text) if family else parse_body(body)
            if name is not None:
                yield name


def _book(element: Element, draft: Draft) -> None:
    document = element.find("BookDocument")
    document = Element("BookDocument") if document is None else document
    chapter = document.find("ArticleTitle") is not None
    draft.add("kind", "chapter" if chapter else "book")
    _put(draft, "pmid", document, "PMID")
    _title(draft, document, "ArticleTitle" if chapter else "Book/BookTitle")
    if chapter:
        _put(draft, "container", document, "Book/BookTitle")
    _abstract(draft, document)
    _put(draft, "year", document, "Book/PubDate/Year", "ContributionDate/Year")
    _put(draft, "volume", document, "Book/Volume")
    _put(draft, "pages", document, "Pagination/MedlinePgn")
    _put(draft, "doi", document, "ArticleIdList/ArticleId[@IdType='doi']")
    _put(draft, "doi", document, "_", "Book/ELocationID[@EIdType='doi']")
    _put(draft, "isbn", document, "Book/Isbn")
    _put(draft, "language", document, "Language")
    _put(draft, "publisher", document, "Book/Publisher/PublisherName")
    _put(draft, "keyword", document, "KeywordList/Keyword")
    own = document.findall("AuthorList")
    draft.names = tuple(_authors(own or document.findall("Book/AuthorList")))


def read_ictrp_xml(lines: Iterable[str], findings: Findings) -> Iterator[Draft]:
    """The trials of an export of the WHO's registry platform, as they end.

    Its elements have the names of the columns of its table.
    """
    for line, element in elements(lines, frozenset({"Trial"}), findings):
        draft = Draft(line, fields=list(_raw(element, line)))
        children = list(element)
        columns = columns_of([local(child.tag) for child in children])
        for child, roles in zip(children, columns.roles, strict=True):
            if text := text_of(child).strip():
                for role, rank in roles:
                    draft.add(role, text, rank)
        draft.add("kind", "entry")
        yield draft


_ENDNOTE_ROLES = {
    "title": ("titles/title", "titles/short-title"),
    "abstract": ("abstract",),
    "container": (
        "periodical/full-title", "titles/secondary-title", "periodical/abbr-1", "titles/alt-title",
    ),
    "year": ("dates/year", "dates/pub-dates/date"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "pages": ("pages",),
    "doi": ("electronic-resource-num",),
    "doi_elsewhere": ("urls/related-urls/url", "notes"),
    "pmid_elsewhere": ("accession-num", "notes", "urls/related-urls/url"),
    "issn": ("isbn", "issn"),
    "isbn": ("isbn",),
    "language": ("language",),
    "publisher": ("publisher",),
    "url": ("urls/related-urls/url", "urls/web-urls/url"),
    "database": ("remote-database-name", "remote-database-provider"),
    "number_of_pubmed": ("accession-num",),
    "note": ("notes", "research-notes"),
    "registration": ("notes",),
    "article_number": ("custom7",),
}  # fmt: skip


def read_endnote_xml(lines: Iterable[str], findings: Findings) -> Iterator[Draft]:
    """The records of an EndNote library in XML, as they end."""
    for line, element in elements(lines, _ENDNOTE, findings):
        draft = Draft(line, fields=list(_raw(element, line)), order=NameOrder.UNKNOWN)
        for role, paths in _ENDNOTE_ROLES.items():
            _put(draft, role, element, *paths)
        kind = element.find("ref-type")
        if kind is not None:
            draft.add("kind", kind.get("name", "") or text_of(kind))
        for text in _all(element, "keywords/keyword"):
            draft.add("keyword", text.replace("\r", ";").replace("\n", ";"))
        for text in _all(element, "contributors/authors/author"):
            draft.add("author", text)
        yield draft
