"""A table as a Word document (.docx), landscape, with notes as a list below it.

The same input gives the same bytes: the file carries no time and no name of a machine. Needs
python-docx (the extra ``docx``); :mod:`osler.publish.documents` loads this module when it is
asked for a document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from osler.certainty.model import Level
from osler.publish.cells import symbol
from osler.publish.sheet_text import legend_text, line_text
from osler.publish.sheets import Cell, Line, Sheet

# A document has to bear some time, and this is the first that a ZIP archive can hold.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_PAGE = (Mm(297), Mm(210))
_MARGIN = Mm(15)
_QUIET = RGBColor(0x54, 0x66, 0x6A)
_KEPT = ("TableNormal", "TableGrid")  # table styles
_UNUSED = ("/stylesWithEffects", "/thumbnail", "/customXml")  # ends of types of relations
_SYMBOLS = "Cambria Math"  # has the circles, on Windows and macOS alike


@dataclass(frozen=True, slots=True)
class Reference:
    """One line of the list of references."""

    number: int
    text: str


def docx_bytes(
    sheets: Sequence[Sheet],
    *,
    title: str,
    facts: Sequence[tuple[str, str]] = (),
    references: Sequence[Reference] = (),
    language: str = "en-GB",
    foot: str = "",
) -> bytes:
    """Tables as one Word document, each on a page of its own.

    Parameters
    ----------
    sheets : sequence of Sheet
        The tables, in order.
    title : str
        Of the document, in its properties too.
    facts : sequence of (str, str)
        What stands before the first table: a name and what it is.
    references : sequence of Reference
        What the numbers in brackets lead to.
    language : str
        Of the text, for the proofing tools and for reading aloud.
    foot : str
        Last line of the document.
    """
    document = Document()
    _set_up(document, title, language)
    document.add_heading(title, 1)
    for name, text in facts:
        _fact(document, name, text)
    for number, sheet in enumerate(sheets):
        _sheet(document, sheet, new_page=number > 0)
    if references:
        document.add_heading("References", 2)
        for reference in references:
            _small(document, f"{reference.number}. {reference.text}")
    if foot:
        _small(document, foot)
    return _timeless(document)


def _set_up(document: WordDocument, title: str, language: str) -> None:
    _lightened(document)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = _PAGE
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN
    style = document.styles["Normal"]
    style.font.size = Pt(9)
    style.font.name = "Calibri"
    _language(document, language)
    known = document.core_properties
    known.title, known.author, known.comments = title, "", ""
    known.last_modified_by, known.revision, known.language = "", 1, language
    known.created = known.modified = datetime(*_NO_TIME)


def _lightened(document: WordDocument) -> None:
    """The template without what these documents never use: nine tenths of its size."""
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:styleId")) not in _KEPT:
            styles.remove(style)
    for relations in (document.part.rels, document.part.package.rels):
        unused = [key for key, to in relations.items() if to.reltype.endswith(_UNUSED)]
        for key in unused:
            del relations[key]


def _language(document: WordDocument, language: str) -> None:
    """The language of all text, where the default template says American English."""
    for found in document.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), language)


def _fact(document: WordDocument, name: str, text: str) -> None:
    paragraph = _tight(document.add_paragraph())
    paragraph.add_run(f"{name}: ").bold = True
    paragraph.add_run(text)


def _sheet(document: WordDocument, sheet: Sheet, *, new_page: bool) -> None:
    heading = document.add_heading(sheet.title, 2)
    heading.paragraph_format.page_break_before = new_page
    heading.paragraph_format.keep_with_next = True
    _table(document, sheet)
    for letter, text in sheet.notes:
        paragraph = _small(document, "")
        mark = paragraph.add_run(f"{letter} ")
        mark.bold, mark.font.size = True, Pt(8)
        paragraph.add_run(text).font.size = Pt(8)
        paragraph.paragraph_format.left_indent = Mm(5)
        paragraph.paragraph_format.first_line_indent = Mm(-5)
    for remark in sheet.remarks:
        _small(document, remark)
    _symbols(_small(document, ""), legend_text(), Pt(8))


def _small(document: WordDocument, text: str) -> Paragraph:
    paragraph = _tight(document.add_paragraph())
    if text:
        paragraph.add_run(text).font.size = Pt(8)
    return paragraph


def _tight(paragraph: Paragraph) -> Paragraph:
    paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.space_after = Pt(2)
    return paragraph


def _table(document: WordDocument, sheet: Sheet) -> None:
    table = document.add_table(rows=1 + len(sheet.rows), cols=len(sheet.columns))
    table.style = "Table Grid"
    table.autofit = False
    _described(table, sheet.title)
    _header_row(table)
    room = int(_PAGE[0]) - 2 * int(_MARGIN)
    total = sum(column.share for column in sheet.columns)
    widths = [room * column.share // total for column in sheet.columns]
    for grid, width in zip(table.columns, widths, strict=True):
        grid.width = width
    heads = [Cell((Line(column.head, "strong"),)) for column in sheet.columns]
    for row, cells in zip(table.rows, (heads, *sheet.rows), strict=True):
        _unbroken(row._tr)
        for place, cell, width in zip(row.cells, cells, widths, strict=True):
            place.width = width
            _fill(place, cell)


def _described(table: Table, title: str) -> None:
    """The title as the table's own name, which screen readers say."""
    for tag in ("w:tblCaption", "w:tblDescription"):
        named = OxmlElement(tag)
        named.set(qn("w:val"), title)
        table._tbl.tblPr.append(named)


def _header_row(table: Table) -> None:
    """The first row again on each page."""
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)


def _unbroken(row: Any) -> None:
    """A row that fits on one page is not cut in two."""
    row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _fill(place: _Cell, cell: Cell) -> None:
    for number, line in enumerate(cell.lines):
        paragraph = _tight(place.paragraphs[0] if number == 0 else place.add_paragraph())
        _line(paragraph, line)
        if number == 0 and cell.notes:
            letters = paragraph.add_run(" " + ", ".join(cell.notes))
            letters.font.superscript = True


def _line(paragraph: Paragraph, line: Line) -> None:
    if line.kind == "grade":
        _symbols(paragraph, f"{symbol(Level(line.grade))} {line.text}", Pt(9))
        return
    text = line_text(line)
    run = paragraph.add_run(f"– {text}" if line.kind == "list" else text)
    run.bold = line.kind == "strong"
    if line.kind == "quiet":
        run.font.color.rgb, run.font.size = _QUIET, Pt(8)


def _symbols(paragraph: Paragraph, text: str, size: Pt) -> None:
    """Text with circles, which the text's own typeface lacks."""
    for circles, part in _parted(text):
        run = paragraph.add_run(part)
        run.font.size = size
        if circles:
            run.font.name = _SYMBOLS
            run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _SYMBOLS)


def _parted(text: str) -> list[tuple[bool, str]]:
    parts: list[tuple[bool, str]] = []
    for character in text:
        circle = character in "⊕⊝"
        if parts and parts[-1][0] == circle:
            parts[-1] = (circle, parts[-1][1] + character)
        else:
            parts.append((circle, character))
    return parts


def _timeless(document: WordDocument) -> bytes:
    """The document's parts, packed without times and without compression.

    What a compressor writes differs between its versions; the parts themselves do not.
    """
    written, packed = BytesIO(), BytesIO()
    document.save(written)
    with ZipFile(written) as parts, ZipFile(packed, "w", ZIP_STORED) as out:
        for name in parts.namelist():
            entry = ZipInfo(name, _NO_TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            out.writestr(entry, parts.read(name))
    return packed.getvalue()
