"""library.jsonl and pairs.jsonl: written and read without loss, any damage told by line."""

from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.records.duplicates.model import LinkKind, Pair, Standing
from osler.records.library import (
    Entry,
    Library,
    lone,
    parse_library,
    render_library,
    render_pairs,
)
from osler.records.model import Name, RawField, Record, Source

# Lone surrogates too: JSON can write them, so a CSL-JSON file can hold them.
TEXT = st.text(max_size=12)
names = st.one_of(
    st.builds(Name, family=TEXT, given=TEXT), st.builds(Name, literal=TEXT.filter(bool))
)
sources = st.builds(Source, file=TEXT, line=st.integers(0, 10**6), format=TEXT, database=TEXT)

raw_fields = st.builds(RawField, TEXT, TEXT, st.integers(1, 99))


@st.composite
def records(draw: st.DrawFn) -> Record:
    of = draw(st.lists(sources, max_size=2).map(tuple))
    origins = {"title": of[0], "doi": draw(sources)} if of else {}
    return Record(
        key=draw(TEXT.filter(str.strip)),
        kind=draw(st.sampled_from(["article-journal", "thesis", ""])),
        title=draw(TEXT),
        abstract=draw(TEXT),
        authors=draw(st.lists(names, max_size=2).map(tuple)),
        year=draw(st.none() | st.integers(0, 2100)),
        container=draw(TEXT),
        doi=draw(TEXT),
        registrations=draw(st.lists(TEXT, max_size=2).map(tuple)),
        keywords=draw(st.lists(TEXT, max_size=2).map(tuple)),
        fields=draw(
            st.lists(st.builds(RawField, TEXT, TEXT, st.integers(1, 99)), max_size=2).map(tuple)
        ),
        sources=of,
        origins=MappingProxyType(origins),
    )


entries = st.one_of(
    records().map(lone),
    st.builds(Entry, records(), st.lists(records(), min_size=2, max_size=2).map(tuple)),
)
libraries = st.lists(entries, max_size=4, unique_by=lambda e: e.key).map(
    lambda es: Library(tuple(sorted(es, key=lambda e: e.key)))
)
pairs = st.builds(
    Pair,
    first=TEXT.filter(bool),
    second=TEXT.filter(bool),
    standing=st.sampled_from(Standing),
    probability=st.floats(0, 1),
    speaks_for=st.lists(TEXT, max_size=2).map(tuple),
    speaks_against=st.lists(TEXT, max_size=2).map(tuple),
    bar=TEXT,
    link=st.none() | st.sampled_from(LinkKind),
)


@settings(max_examples=15)
@given(libraries)
def test_a_library_comes_back_as_it_went_in(library: Library) -> None:
    text = render_library(library)
    text.encode()  # whatever a record holds, the file can be written
    assert parse_library(text) == (library, ())


@settings(max_examples=15)
@given(st.lists(pairs, max_size=4))
def test_pairs_come_back_as_they_went_in(found: list[Pair]) -> None:
    read, problems = parse_library("", pairs=render_pairs(found))
    assert sorted(read.pairs, key=str) == sorted(found, key=str)
    assert not problems


@settings(max_examples=15)
@given(libraries)
def test_the_order_of_the_entries_does_not_change_a_byte(library: Library) -> None:
    turned = Library(library.entries[::-1])
    assert render_library(turned) == render_library(library)


@settings(max_examples=15)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_library(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    read, found = parse_library(text, pairs=text)
    assert not read.entries or found == ()
    assert {d.code for d in found} <= {"REC070", "REC071"}


def test_damaged_and_repeated_lines_are_told_by_their_line() -> None:
    text = '{"key": "a"}\n<<<<<<< ours\n{"key": "a"}\n{"key": "b", "year": "1999"}\n{"key": "c"}\n'
    library, found = parse_library(text)
    assert [e.key for e in library.entries] == ["a", "c"]
    assert [(d.code, d.place.line) for d in found] == [("REC070", 2), ("REC071", 3), ("REC070", 4)]


def test_a_merged_record_is_found_by_the_key_of_each_part() -> None:
    parts = (Record("a"), Record("b"))
    library = Library((Entry(Record("a"), parts), lone(Record("c"))))
    assert library.owner == {"a": "a", "b": "a", "c": "c"}
    assert library.compared.groups == {"a": ("a", "b")}
    assert [r.key for r in library.compared.records] == ["a", "b", "c"]
