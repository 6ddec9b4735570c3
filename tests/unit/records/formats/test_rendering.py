"""Records in the formats that are written."""

import pytest

from osler.core.diagnostics import DataError
from osler.records.formats.model import Format
from osler.records.formats.reading import parse_records
from osler.records.formats.rendering import WRITTEN, render_records
from osler.records.model import Decision, Name, Record, Stage, Verdict

# Longer than a line of PubMed's format.
LONG = "Low back pain, chronic, with leg pain / for three months or more, of no other known cause"
RECORD = Record(
    key="author-2001",
    title="Heat & cold: 5% of {all}",
    authors=(Name("Author", "Ann"), Name(literal="Unit 7, Back Group"), Name(literal=LONG)),
    year=2001,
    container="Journal of Examples",
    pages="123-130",
    doi="10.1000/x_y",
    registrations=("NCT01234567",),
    keywords=("heat, moist", "cold", "Pain/*therapy", "Aged, 80 and over", LONG),
)
VOTE = Decision("author-2001", Stage.TITLE_ABSTRACT, Verdict.INCLUDE, "one", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize("format", sorted(WRITTEN))
def test_each_format_reads_back(format: Format) -> None:
    (read,) = parse_records(render_records([RECORD], format), "x").records
    for name in ("title", "authors", "year", "container", "pages", "doi", "keywords"):
        assert getattr(read, name) == getattr(RECORD, name), name
    assert read.registrations == RECORD.registrations


@pytest.mark.parametrize("format", [Format.ASREVIEW, Format.RIS])
def test_verdicts_are_written_where_there_is_a_place(format: Format) -> None:
    read = parse_records(render_records([RECORD], format, [VOTE]), "x")
    assert [(d.record, d.verdict) for d in read.decisions] == [
        (read.records[0].key, Verdict.INCLUDE)
    ]


def test_a_format_that_is_only_read_is_refused() -> None:
    with pytest.raises(DataError, match="REC015"):
        render_records([RECORD], Format.ENDNOTE_XML)
