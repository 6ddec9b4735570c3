"""Workbooks (XLSX) of texts and numbers: the least that spreadsheets read, the same bytes always.

Written here and not by a library, whose files hold the time at which they were made.
"""

import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

Cell = str | float | int | None

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a ZIP archive can hold
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_A_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_WIDEST = 48


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; ``heads`` rows at the top and columns at the left stay and are bold."""

    name: str
    rows: Sequence[Sequence[Cell]]
    head_rows: int = 1
    head_columns: int = 1


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The file's bytes.

    Notes
    -----
    Office Open XML (ECMA-376), texts in their cells, without compression: what a library of
    another version compresses otherwise stays as it is here. Numbers that are not finite
    become empty cells, texts never formulas.

    Examples
    --------
    >>> sheet = Sheet("Effects", [["Treatment", "Estimate"], ["Placebo", 0.5]])
    >>> workbook([sheet])[:2], workbook([sheet]) == workbook([sheet])
    (b'PK', True)
    """
    names = [_sheet_name(sheet.name, i) for i, sheet in enumerate(sheets)]
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book(names),
        "xl/_rels/workbook.xml.rels": _relations([
            *(("worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(len(sheets))),
            ("styles", "styles.xml"),
        ]),
        "xl/styles.xml": _styles(),
    }  # fmt: skip
    parts |= {f"xl/worksheets/sheet{i + 1}.xml": _sheet(s) for i, s in enumerate(sheets)}
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = 3  # else told by the machine that writes
            archive.writestr(entry, (_HEAD + text).encode())
    return held.getvalue()


def _sheet_name(name: str, i: int) -> str:
    """As spreadsheets allow: without some signs, not longer than they take."""
    return _NOT_A_NAME.sub(" ", _clean(name)).strip(" '")[:_LONGEST_NAME] or f"Sheet {i + 1}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _types(count: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i + 1}.xml" ContentType="{kind}.worksheet+xml"/>'
        for i in range(count)
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{rels}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{sheets}'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="rId{i + 1}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i + 1}" r:id="rId{i + 1}"/>'
        for i, name in enumerate(names)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{sheets}</sheets></workbook>'


def _styles() -> str:
    """Style 0 is plain, 1 bold and wrapped, 2 wrapped."""
    wrapped = '<alignment vertical="top" wrapText="1"/>'
    plain = 'numFmtId="0" fillId="0" borderId="0" xfId="0"'
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="2">'
        '<font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        '</cellStyleXfs><cellXfs count="3">'
        f'<xf {plain} fontId="0"/>'
        f'<xf {plain} fontId="1" applyFont="1" applyAlignment="1">{wrapped}</xf>'
        f'<xf {plain} fontId="0" applyAlignment="1">{wrapped}</xf></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _sheet(sheet: Sheet) -> str:
    rows = "".join(_row(sheet, i, row) for i, row in enumerate(sheet.rows))
    return (
        f'<worksheet xmlns="{_MAIN}">{_view(sheet)}{_widths(sheet)}'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _view(sheet: Sheet) -> str:
    if not (sheet.head_rows or sheet.head_columns):
        return ""
    across = f' xSplit="{sheet.head_columns}"' if sheet.head_columns else ""
    down = f' ySplit="{sheet.head_rows}"' if sheet.head_rows else ""
    where = "bottomRight" if across and down else "topRight" if across else "bottomLeft"
    cell = f"{_letters(sheet.head_columns)}{sheet.head_rows + 1}"
    return (
        f'<sheetViews><sheetView workbookViewId="0"><pane{across}{down} topLeftCell="{cell}" '
        f'activePane="{where}" state="frozen"/></sheetView></sheetViews>'
    )


def _widths(sheet: Sheet) -> str:
    count = max((len(row) for row in sheet.rows), default=0)
    if not count:
        return ""
    long = [0] * count
    for row in sheet.rows:
        for j, cell in enumerate(row):
            lines = str("" if cell is None else cell).split("\n")
            long[j] = max(long[j], *(len(line) for line in lines))
    columns = "".join(
        f'<col min="{j + 1}" max="{j + 1}" width="{min(max(n + 2, 8), _WIDEST)}" customWidth="1"/>'
        for j, n in enumerate(long)
    )
    return f"<cols>{columns}</cols>"


def _row(sheet: Sheet, i: int, row: Sequence[Cell]) -> str:
    cells = "".join(
        _cell(f"{_letters(j)}{i + 1}", cell, bold=i < sheet.head_rows or j < sheet.head_columns)
        for j, cell in enumerate(row)
    )
    return f'<row r="{i + 1}">{cells}</row>'


def _cell(place: str, cell: Cell, *, bold: bool) -> str:
    if isinstance(cell, str):
        style = 1 if bold else 2
        text = escape(_clean(cell))
        inside = f'<is><t xml:space="preserve">{text}</t></is>'
        return f'<c r="{place}" s="{style}" t="inlineStr">{inside}</c>' if cell else ""
    if cell is None or not math.isfinite(cell):
        return ""
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def _letters(column: int) -> str:
    """A column's letters, counted from 0: A, B, ..., Z, AA.

    Examples
    --------
    >>> _letters(0), _letters(26)
    ('A', 'AA')
    """
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out
