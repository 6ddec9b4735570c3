"""Large exports in pieces: told is what one process tells, whatever happens to the others."""

import os
from io import BytesIO

import pytest

from osler.records import encodings
from osler.records.formats import pieces
from osler.records.formats.model import Report
from osler.records.formats.reading import stream_records

RECORD = """TY  - JOUR
AU  - Author, Ann
TI  - Trial {n}
N1  - RAYYAN-INCLUSION: {{"Reviewer One"=>"Included"}}
N2  - {text}
ER  -

"""
ODD = (
    "TY  - JOUR\nTI  - Not closed\n\nsomething else\nTY  - JOUR\nTI  - Next\nER  -\nat the end\n\n"
)


def export(records: int = 400) -> str:
    made = (RECORD.format(n=n, text="word " * (n % 40)) for n in range(records))
    return "".join(text + (ODD if n % 50 == 7 else "") for n, text in enumerate(made))


def told(text: str, workers: int) -> tuple[Report, list[object], tuple[object, ...]]:
    stream = stream_records(BytesIO(text.encode()), "hits.ris")
    report = stream.read_through(workers)
    return report, list(stream.decisions), stream.diagnostics


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "_SAMPLE", 8_000)
    monkeypatch.setattr(encodings, "_CHUNK", 8_000)
    monkeypatch.setattr(pieces, "_LARGE", 10_000)
    monkeypatch.setattr(pieces, "_PIECE", 10_000)


@pytest.mark.usefixtures("small_pieces")
def test_several_processes_tell_what_one_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    text = export()
    here = told(text, 1)
    left: list[pieces.Unread] = []
    counted = pieces._counted
    monkeypatch.setattr(pieces, "_counted", lambda *a: left.append(counted(*a)) or left[-1])
    apart = told(text, 2)
    assert apart == here
    assert here[0].kept == 400 + 2 * 8
    assert [d.record for d in here[1][:2]] == ["1", "2"]  # type: ignore[attr-defined]
    assert left[0].first == 0


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("at", [0, 5_000, 50_000])
def test_where_a_cut_is_in_doubt_reading_goes_on_in_one_process(at: int) -> None:
    # A record so long that no other begins near: it is cut in its middle.
    text = export()
    start = text.find("TY  - ", at)
    long = "TY  - JOUR\nTI  - Long\n" + "N2  - one\n more\n" * 5_000 + "ER  -\n"
    text = text[:start] + long + text[start:]
    assert told(text, 2) == told(text, 1)


@pytest.mark.usefixtures("small_pieces")
def test_lines_have_their_numbers_in_every_piece() -> None:
    text = export() + "\nno record's\n"
    report, _, _ = told(text, 2)
    lines = text.split("\n")
    assert len(report.not_understood) == 9
    assert all(lines[note.line - 1].strip() == note.text for note in report.not_understood)


TABLE = "Title,Authors,Year,DOI,Abstract,Notes,key\n"
ROW = '{title},"Author, A.; Other, B.",2001,,"{text}",{note},{key}\n'


def table(rows: int = 2000) -> str:
    """With cells of several lines, IDs that come again, and rows of too many cells."""
    note = '"RAYYAN-INCLUSION: {""Reviewer One""=>""Included""}"'
    made = (
        ROW.format(
            title=f"Trial {n}",
            text='one\n\nsaid ""two"" ' * (n % 7),
            note=note if n % 10 == 3 else "",
            key="" if n % 40 == 7 else n % 1500,
        )
        + ("more,than,there,are,columns,to,fill,here,now\n" if n % 400 == 9 else "")
        + (TABLE if n % 700 == 5 else "")
        for n in range(rows)
    )
    return "Search of today\n" + TABLE + "".join(made)


@pytest.mark.usefixtures("small_pieces")
def test_a_table_is_told_as_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    text = table()
    here = told(text, 1)
    left: list[pieces.Unread] = []
    counted = pieces._counted
    monkeypatch.setattr(pieces, "_counted", lambda *a: left.append(counted(*a)) or left[-1])
    assert told(text, 2) == here
    assert left[0].first == 0
    assert {d.code for d in here[2]} == {"REC004", "REC005", "REC011", "REC012"}  # type: ignore[attr-defined]
    assert [d.record for d in here[1]][149:152] == ["1493", "3-2", "13-2"]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(
    "odd",
    [
        'Long,"' + "one\nmore,\n" * 5_000 + '",2001,,,,\n',
        'A 5" disk,"Author, A.",2001,,,,\n',
        'Not closed,"Author, A.,2001,,,,\n',
        "\x1c\n",
    ],
)
def test_quotation_marks_that_mislead_make_no_difference(odd: str) -> None:
    rows = table(900).split("\nTrial 300,")
    text = f"{rows[0]}\n{odd}Trial 300,{rows[1]}"
    assert told(text, 2) == told(text, 1)
    assert told(TABLE + odd + text, 2) == told(TABLE + odd + text, 1)


def gone(*given: object) -> None:
    os._exit(3)


@pytest.mark.usefixtures("small_pieces")
def test_a_process_that_ends_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = export()
    here = told(text, 1)
    monkeypatch.setattr(pieces, "_read_apart", gone)
    assert told(text, 2) == here


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("error", [OSError, NotImplementedError])
def test_without_processes_to_be_had_one_reads(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def none(*args: object, **options: object) -> None:
        raise error

    text = export()
    here = told(text, 1)
    monkeypatch.setattr(pieces, "ProcessPoolExecutor", none)
    assert told(text, 2) == here


def test_a_small_file_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_counted", None)
    assert told(export(), 2) == told(export(), 1)


@pytest.mark.usefixtures("small_pieces")
def test_a_stream_that_breaks_off_says_so() -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 300_000:
                raise OSError("the disk is gone")
            return super().read(size)

    with pytest.raises(OSError, match="disk is gone"):
        stream_records(Broken(export().encode() * 10), "x").read_through(2)
