"""What is written is read again, whatever the record; and no bytes bring the reader down."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from osler.records.cleaning import abstract_of, is_missing, plain
from osler.records.formats.model import COUNTED, Draft, Format
from osler.records.formats.normalising import normalised
from osler.records.formats.reading import parse_records
from osler.records.formats.rendering import WRITTEN, render_records
from osler.records.formats.tables import kinds
from osler.records.identifiers import (
    normalise_doi,
    normalise_isbn,
    normalise_issn,
    normalise_pages,
    normalise_pmid,
    normalise_year,
)
from osler.records.model import Name, Record, Source
from osler.records.names import parse_body, parse_name, write_name

SIGNS = " ,.;:-–'\"`´()[]{}<>&%$#_~^\\/|*+=@!?§°%\t\n\r\u00a0\u200b"
LETTERS = "aeioubcdnrst ABCDEFGHIJ 0123456789 éüñßøłç 针灸 αβ"
texts = st.text(alphabet=st.one_of(st.sampled_from(LETTERS), st.sampled_from(SIGNS)), max_size=40)
anything = st.one_of(texts, st.text(max_size=30))
REGISTRATIONS = ("NCT01234567", "ISRCTN12345678", "ACTRN12605000001234", "DRKS00001234")


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Fields as an export could have them."""
    draft = Draft(1)
    for role in ("title", "abstract", "container", "volume", "issue", "language", "publisher"):
        draft.add(role, draw(anything))
    draft.add("pages", draw(st.one_of(anything, st.from_regex(r"\A[eS]?\d{1,4}[-–]\d{1,4}\Z"))))
    draft.add("doi", draw(st.one_of(st.just(""), st.from_regex(r"\A10\.\d{4}/[a-z0-9()._;&-]+\Z"))))
    draft.add("pmid", draw(st.from_regex(r"\A\d{0,8}\Z")))
    draft.add("issn", draw(st.sampled_from(["", "1234-567X", "12345678", "0028-0836"])))
    draft.add("isbn", draw(st.sampled_from(["", "978-3-16-148410-0", "0727912771"])))
    draft.add("year", draw(st.sampled_from(["", "2001", "1899//", "Mar 2010"])))
    draft.add("url", draw(st.sampled_from(["", "https://example.org/a_b?c=%20&d=~e#f"])))
    for number in draw(st.lists(st.sampled_from(REGISTRATIONS), max_size=2)):
        draft.add("registration", number)
    for word in draw(st.lists(anything, max_size=4)):
        draft.add("keyword", word)
    named = [parse_name(text) for text in draw(st.lists(anything, max_size=3))]
    bodies = [parse_body(text) for text in draw(st.lists(anything, max_size=2))]
    draft.names = tuple(name for name in [*named, *bodies] if name is not None)
    draft.add("kind", draw(st.sampled_from(sorted(kinds()))))
    return draft


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Records in normal form."""
    return normalised(draw(drafts()), Source("", 1, "csv"), "1")


def bare(record: Record) -> Record:
    return replace(record, key="", fields=(), sources=())


@pytest.mark.parametrize("format", sorted(WRITTEN))
@settings(max_examples=25, deadline=None)
@given(written=st.lists(records(), min_size=1, max_size=3))
def test_what_is_written_is_read_again(format: Format, written: list[Record]) -> None:
    content = render_records(written, format)
    read = parse_records(content, "x")
    assert [bare(record) for record in read.records] == [bare(record) for record in written]


@pytest.mark.parametrize("format", sorted(WRITTEN))
@settings(max_examples=20, deadline=None)
@given(written=st.lists(records(), max_size=2))
def test_the_same_records_give_the_same_bytes(format: Format, written: list[Record]) -> None:
    assert render_records(written, format) == render_records(list(written), format)


@settings(max_examples=80, deadline=None)
@given(text=anything)
def test_normal_forms_stay_as_they_are(text: str) -> None:
    for normal in (plain, abstract_of, normalise_pages, normalise_doi, normalise_pmid):
        assert normal(normal(text)) == normal(text)
    for normal in (normalise_issn, normalise_isbn):
        assert normal(normal(text)) == normal(text)
    year = normalise_year(text)
    assert year is None or normalise_year(str(year)) == year


@settings(max_examples=80, deadline=None)
@given(text=anything)
def test_a_name_is_read_again_as_it_is_written(text: str) -> None:
    name = parse_name(text)
    assume(name is not None)
    assert isinstance(name, Name)
    assert parse_name(write_name(name)) == name


HEADS = (
    b"",
    b"TY  - JOUR\n",
    b"PMID- 1\n",
    b"FN Clarivate Analytics Web of Science\nPT J\n",
    b"RT Journal Article\n",
    b"%0 Journal Article\n",
    b"<1>\nTitle\n  ",
    b"@article{a,\n title = {",
    b'<?xml version="1.0"?><xml><records><record>',
    b"<PubmedArticleSet><PubmedArticle>",
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>',
    b'[{"title": ',
    b'{"studies": [{"protocolSection": ',
    b'{"References": [{"ItemId": 1, ',
    b"Title,Authors,Year,DOI,Abstract\n",
    b"PK\x03\x04",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
)


@settings(max_examples=120, deadline=None)
@given(
    head=st.sampled_from(HEADS),
    middle=st.one_of(st.binary(max_size=200), anything.map(str.encode)),
    tail=st.sampled_from([b"", b"\nER  - \n", b"\n\n", b"}", b"</record>", b'"}]', b"\r\rTY  - "]),
)
def test_no_bytes_bring_the_reader_down(head: bytes, middle: bytes, tail: bytes) -> None:
    read = parse_records(head + middle + tail, "x")
    assert read.report.kept == len(read.records) <= read.report.seen
    for name, count in read.report.filled.items():
        assert count == sum(1 for record in read.records if getattr(record, name))
    assert set(read.report.filled) == set(COUNTED)
    if not read.records:
        assert read.diagnostics, "nothing is read, and nothing is said about it"
    assert read.report.text()


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(texts.map(plain).filter(lambda t: not is_missing(t)), min_size=1, max_size=5)
)
def test_no_raw_value_is_lost(values: list[str]) -> None:
    lines = ["TY  - JOUR", *(f"X{i}  - {value}" for i, value in enumerate(values)), "ER  - "]
    (record,) = parse_records("\n".join(lines).encode(), "x").records
    assert [raw.value for raw in record.fields[1:]] == values
    assert [raw.line for raw in record.fields] == list(range(1, len(values) + 2))
