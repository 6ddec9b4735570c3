"""League tables: what a cell says, in HTML, CSV and XLSX."""

import csv
import io
import math
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.core.workbook import Sheet, workbook
from osler.publish.league import NUMBER_COLUMNS, league_csv, league_html, league_table, league_xlsx
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.model import NetworkSynthesis
from tests.unit.publish.plots.networks import fitted

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def of(rows: list[tuple[str, str, str, float]], measure: str) -> NetworkSynthesis:
    study, a, b, y = zip(*rows, strict=True)
    network = network_of(study, a, b, np.array(y), np.full(len(y), 0.04))
    return fit_network(network, measure=measure)


def pain() -> NetworkSynthesis:
    return of([("s1", "A", "B", -1.0), ("s2", "B", "C", -2.0)], "MD")


def harm() -> NetworkSynthesis:
    return of([("s1", "A", "B", math.log(2.0)), ("s3", "D", "B", math.log(4.0))], "RR")


def test_a_cell_is_its_row_against_its_column_in_both_triangles() -> None:
    table = league_table(pain())
    texts = [[cell and cell.effect.split(" ")[0] for cell in row] for row in table.cells]
    assert texts == [[None, "−1.0", "−3.0"], ["1.0", None, "−2.0"], ["3.0", "2.0", None]]
    assert "row against the treatment of its column" in table.caption


def test_two_outcomes_share_the_table_and_say_which_they_are() -> None:
    table = league_table(pain(), harm(), outcomes=("Leg pain", "Harm"))
    assert table.treatments == ("A", "B", "C", "D")
    below, over = table.cells[1][0], table.cells[0][1]
    assert below is not None and over is not None
    assert (below.outcome, over.outcome) == ("Leg pain", "Harm")
    assert over.effect.startswith("2.00 (")
    assert table.cells[3][0].effect == "–"  # type: ignore[union-attr]
    assert "Below the diagonal Leg pain: mean difference (95% CI); above it Harm" in table.caption
    assert '<span class="unseen">Harm: </span>2.00' in league_html(table)
    corner = "Row against column; below the diagonal: Leg pain, above: Harm"
    assert f'<td><span class="quiet">{corner}</span></td>' in league_html(table)
    assert next(csv.reader(io.StringIO(league_csv(table))))[0] == corner
    unnamed = league_table(pain(), harm())
    assert unnamed.corner.endswith("below the diagonal: Mean difference, above: Risk ratio")


def test_predictions_stand_below_the_intervals() -> None:
    fit = fitted(4)
    table = league_table(fit, prediction=True, order=sorted(fit.treatments))
    assert all("prediction" in cell.text for row in table.cells for cell in row if cell)
    assert "prediction" not in league_html(league_table(fit, prediction=True, common=True))


def test_html_is_a_named_region_with_headings_that_say_their_scope() -> None:
    text = league_html(league_table(fitted(30)), id_="pain")
    root = ElementTree.fromstring(f"<div>{text}</div>")
    assert (
        root[0].text == "Odds ratio (95% CI). Each cell is the treatment of its row against the "
        "treatment of its column, by the random-effects network."
    )
    region, table = root[1], root[1][0]
    assert region.attrib["role"] == "region" and region.attrib["tabindex"] == "0"
    assert region.attrib["aria-labelledby"] == table[0].attrib["id"] == "pain-caption"
    assert [th.attrib["scope"] for th in table.iter("th")] == ["col"] * 30 + ["row"] * 30
    assert len(list(table.iter("tr"))) == 31


def test_names_are_escaped() -> None:
    text = league_html(league_table(of([("s", "<b>A</b> & C", "B", 1.0)], "MD")))
    assert "&lt;b&gt;A&lt;/b&gt; &amp; C" in text and "<b>" not in text


def test_csv_holds_what_is_read_or_the_numbers() -> None:
    table = league_table(pain())
    rows = list(csv.reader(io.StringIO(league_csv(table))))
    assert rows[0] == ["Row against column", "A", "B", "C"]
    assert rows[1][1] == "" and rows[1][2].startswith("−1.0")
    numbers = list(csv.DictReader(io.StringIO(league_csv(table, numbers=True))))
    assert list(numbers[0]) == list(NUMBER_COLUMNS) and len(numbers) == 6
    found = {(row["treatment"], row["comparator"]): row for row in numbers}
    assert float(found["A", "C"]["estimate"]) == pytest.approx(-3.0)
    assert found["A", "C"]["pred_lower"] == ""


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    table = league_table(of([("s", "=1+1", "B", 1.0)], "MD"))
    assert "'=1+1" in league_csv(table)


def cells_of(held: bytes, sheet: int) -> dict[str, str | float]:
    with zipfile.ZipFile(io.BytesIO(held)) as archive:
        root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
    out: dict[str, str | float] = {}
    for cell in root.iter(f"{_MAIN}c"):
        text = "".join(t.text or "" for t in cell.iter(f"{_MAIN}t"))
        number = cell.find(f"{_MAIN}v")
        out[cell.attrib["r"]] = text if number is None else float(number.text or "nan")
    return out


def test_a_workbook_holds_the_table_and_its_numbers() -> None:
    table = league_table(pain(), harm(), outcomes=("Leg pain", "Harm"))
    held = league_xlsx(table)
    shown, numbers, about = (cells_of(held, i) for i in (1, 2, 3))
    corner = "Row against column; below the diagonal: Leg pain, above: Harm"
    assert shown["A1"] == corner and shown["E1"] == "D"
    assert str(shown["B3"]).startswith("1.0 (") and "B2" not in shown
    assert numbers["F1"] == "estimate" and numbers["F2"] == pytest.approx(-1.0)
    assert about["A2"] == table.caption
    assert held == league_xlsx(table)


def test_a_workbook_holds_no_time_and_every_part_that_it_names() -> None:
    held = workbook([Sheet("A/B: [c]", [["x\x00y", math.nan, None, "<&>"]] * 2), Sheet("", [])])
    with zipfile.ZipFile(io.BytesIO(held)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        book = archive.read("xl/workbook.xml").decode()
        named = ElementTree.fromstring(archive.read("[Content_Types].xml"))
        parts = {e.attrib["PartName"][1:] for e in named if "PartName" in e.attrib}
        assert parts <= set(archive.namelist())
    assert 'name="A B   c"' in book and 'name="Sheet 2"' in book
    assert cells_of(held, 1) == {"A1": "xy", "D1": "<&>", "A2": "xy", "D2": "<&>"}


@pytest.mark.parametrize("order", [["A", "B"], ["A", "B", "B"], ["A", "B", "X"], []])
def test_an_order_that_does_not_fit_is_refused(order: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        league_table(pain(), order=order)
    assert caught.value.diagnostics[0].code == "NET070"
