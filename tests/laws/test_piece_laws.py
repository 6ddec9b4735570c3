"""However a text is cut, several readers read what one does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.records import encodings
from osler.records.formats import delimited, pieces
from osler.records.formats.dialects import DIALECTS
from osler.records.formats.findings import Findings
from osler.records.formats.reading import stream_records
from osler.records.formats.tagged import TaggedReader, read_tagged

LINES = {
    "ris": (
        *("TY  - JOUR", "TI  - A trial", "T1  - Another", "AU  - Author, A.", "ER  - ", "ER  -"),
        *(
            "ER  - TY  - JOUR",
            "UR  - https://example.org",
            "N1  - said",
            "1.",
            "TY - JOUR",
            "PMID- 7",
        ),
        *("\ufeffTY  - BOOK", "Provider: X"),
    ),
    "nbib": (
        *("PMID- 1", "PMID- 2", "OWN - NLM", "STAT- MEDLINE", "PMC - PMC1", "TI  - A trial"),
        *("FAU - Author, Ann", "AU  - Author A", "      goes on", "AB  - text", "1.", "TY  - JOUR"),
    ),
    "wos": ("PT J", "TI A trial", "AU Author, A", "   Other, B", "SO Journal", "ER", "EF", "FN X"),
    "refworks": ("RT Journal Article", "T1 A trial", "A1 Author,A.", "<1>", "XX none"),
    "refer": ("%0 Journal Article", "%T A trial", "%A Author, A.", "%X said"),
    "ovid-tagged": ("<1>", "UI  - 1", "VN  - Ovid", "TI  - A trial", "AN  - 2", "  goes on"),
    "ovid": ("<1>", "Title", "  A trial", "Authors", "  Author A.", "Unique Identifier"),
    "cochrane": ("Record #1 of 2", "ID: CN-1", "AU: Author A", "TI: A trial", "Provider: X"),
    "noteexpress": ("{Reference Type}: Journal Article", "{Title}: A trial", "{Year}: 2001"),
}
USUAL = {
    "ris": ["TY  - JOUR", "TI  - A", "ER  - ", ""],
    "nbib": ["PMID- 1", "TI  - A", ""],
    "wos": ["PT J", "TI A", "ER", ""],
    "refworks": ["RT Journal Article", "T1 A", ""],
    "refer": ["%0 Journal Article", "%T A", ""],
}
ANY = ("", "", " ", "  goes on", "words of nobody", "- ", "\x00", "=====")
DIALECT = st.sampled_from(sorted(LINES))


@st.composite
def tagged(draw: st.DrawFn, most: int = 30) -> tuple[str, list[str]]:
    dialect = draw(DIALECT)
    line = st.one_of(st.sampled_from(LINES[dialect]), st.sampled_from((*ANY, *LINES[dialect])))
    return dialect, draw(st.lists(line, max_size=most))


@settings(max_examples=250, deadline=None)
@given(made=tagged(20))
def test_a_reader_that_begins_at_a_sound_cut_goes_on_in_the_same_way(
    made: tuple[str, list[str]],
) -> None:
    name, lines = made
    findings = Findings()
    whole = list(read_tagged(name, lines, findings))
    for at in range(1, len(lines)):
        apart = Findings()
        reader = TaggedReader(name, apart)
        drafts = list(reader.drafts(lines[:at]))
        if reader.ends_before(lines[at]):
            drafts += [*reader.closed(), *read_tagged(name, lines[at:], apart, at + 1)]
            assert drafts == whole
            assert apart == findings


def test_usual_records_can_be_cut_where_they_begin() -> None:
    assert {name for name, one in DIALECTS.items() if one.begins} == {*USUAL, "ris-loose"}
    for name, lines in USUAL.items():
        reader = TaggedReader(name, Findings())
        drafts = list(reader.drafts(lines))
        assert lines[0].startswith(DIALECTS[name].begins)
        assert reader.ends_before(lines[0])
        assert len([*drafts, *reader.closed()]) == 1


@contextmanager
def threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(workers) as pool:
        yield pool


CELLS = st.sampled_from(
    ["a", "", '"b, c"', '"one\ntwo"', '"said ""x"""', '5" disk', '"open', "7", " "]
)
ROWS = st.lists(CELLS, min_size=1, max_size=6).map(",".join)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(ROWS, max_size=60), size=st.integers(1, 400), chunk=st.integers(16, 200))
def test_a_table_in_pieces_is_told_as_in_one(rows: list[str], size: int, chunk: int) -> None:
    header, usual = "Title,Authors,Year,DOI,key", "Trial,Author A,2001,10.1000/x,7"
    lines = [header, *[usual] * 6, *rows, usual, header, *rows]
    check("\n".join(lines).encode(), size, chunk)


@settings(max_examples=150, deadline=None)
@given(
    made=tagged(60),
    size=st.integers(1, 300),
    chunk=st.integers(16, 200),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_in_pieces_the_same_is_told_as_in_one(
    made: tuple[str, list[str]], size: int, chunk: int, end: str, codec: str
) -> None:
    name, lines = made
    usual = USUAL.get(name, USUAL["ris"])
    text = end.join([*usual, *lines, "AU  - Müller, J.", "N1  - ASReview_relevant", *usual])
    check(text.encode(codec, "replace"), size, chunk)


def check(content: bytes, size: int, chunk: int) -> None:
    """The same is told of a file, be it cut into pieces of about this size or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "_CHUNK", chunk)
        patch.setattr(encodings, "_SAMPLE", chunk)
        patch.setattr(delimited, "_HEADER_WITHIN", 2)
        patch.setattr(delimited, "_HEAD_LINES", 4)
        patch.setattr(pieces, "_LARGE", 0)
        patch.setattr(pieces, "_PIECE", size)
        patch.setattr(pieces, "_pool", threads)
        one, several = (stream_records(BytesIO(content), "x") for _ in range(2))
        assert several.read_through(2) == one.read_through(1)
        assert several.decisions == one.decisions
        assert several.diagnostics == one.diagnostics
