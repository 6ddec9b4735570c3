"""A table on a terminal: columns of wrapped text, and what is long below its row."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from osler.certainty.model import Level
from osler.publish.cells import symbol
from osler.publish.sheets import LEGEND, Cell, Line, Sheet

_GAP = 2
_INDENT = "  "


def sheet_text(sheet: Sheet, width: int = 100) -> str:
    """The table as lines of at most ``width`` characters; a list where it has too many columns.

    Words are never cut: only one that is longer than the whole width goes beyond it.
    """
    body = _columned(sheet, width) if sheet.name == "findings" else _listed(sheet, width)
    parts = [sheet.title, "=" * min(len(sheet.title), width), *body, ""]
    for letter, text in sheet.notes:
        parts += _hanging(f"{letter}  ", text, width)
    if sheet.notes:
        parts.append("")
    for remark in (*sheet.remarks, legend_text()):
        parts += textwrap.wrap(remark, width, break_long_words=False)
    return "\n".join(line.rstrip() for line in parts) + "\n"


def legend_text() -> str:
    """What the circles mean, in one paragraph."""
    told = "; ".join(f"{symbol(Level(g))} {word}: {meaning}" for g, word, meaning in LEGEND)
    return f"Certainty (GRADE): {told}."


def line_text(line: Line) -> str:
    """One line as plain text: circles before a level, citations in brackets after a fact."""
    if line.kind == "grade":
        return f"{symbol(Level(line.grade))} {line.text}"
    cites = f" [{', '.join(str(c.number) for c in line.cites)}]" if line.cites else ""
    return f"{line.text}{cites}{f' <{line.source}>' if line.source else ''}"


def cell_text(cell: Cell, *, letters: bool = True) -> str:
    """A cell's lines below each other, with the letters of its notes."""
    texts = [line_text(line) for line in cell.lines]
    if texts and cell.notes and letters:
        texts[0] += f" ({', '.join(cell.notes)})"
    return "\n".join(texts)


def _columned(sheet: Sheet, width: int) -> Iterator[str]:
    beside = [i for i, column in enumerate(sheet.columns) if not column.below]
    heads = [sheet.columns[i].head for i in beside]
    body = [[cell_text(row[i]) for i in beside] for row in sheet.rows]
    shares = [sheet.columns[i].share for i in beside]
    widths = _widths(shares, [heads, *body], width)
    yield from _row(heads, widths)
    yield "-" * width
    for row, texts in zip(sheet.rows, body, strict=True):
        yield from _row(texts, widths)
        for i, column in enumerate(sheet.columns):
            if column.below:
                yield from _hanging(_INDENT + "= ", cell_text(row[i]).replace("\n", "; "), width)
        yield "-" * width


def _widths(shares: Sequence[int], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Widths by share; one that would cut a word takes from the one with most to spare."""
    room = width - _GAP * (len(shares) - 1)
    widths = [room * share // sum(shares) for share in shares]
    least = [max(map(_longest, column)) for column in zip(*rows, strict=True)]
    for _ in range(room):
        spare = [have - need for have, need in zip(widths, least, strict=True)]
        if min(spare) >= 0 or max(spare) <= 0:
            break
        widths[spare.index(min(spare))] += 1
        widths[spare.index(max(spare))] -= 1
    return widths


def _longest(text: str) -> int:
    """Characters of the longest part that is not to be broken."""
    return max(map(len, re.split(r"[ \n-]", text)))


def _row(texts: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [list(_wrapped(text, width)) for text, width in zip(texts, widths, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        yield (" " * _GAP).join(part.ljust(w) for part, w in zip(parts, widths, strict=True))


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in text.split("\n"):
        yield from textwrap.wrap(line, width, break_long_words=True) or [""]


def _hanging(mark: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _listed(sheet: Sheet, width: int) -> Iterator[str]:
    """Each row as a heading with a list under it: for many columns, and for sentences."""
    heads = [column.head for column in sheet.columns[1:]]
    for row in sheet.rows:
        yield ""
        yield from textwrap.wrap(cell_text(row[0]).replace("\n", "; "), width)
        for head, cell in zip(heads, row[1:], strict=True):
            short = f"{_INDENT}{head}: {cell_text(cell).replace(chr(10), '; ')}"
            if len(short) <= width:
                yield short
                continue
            yield f"{_INDENT}{head}:"
            for line in cell_text(cell).split("\n"):
                yield from _hanging(_INDENT * 2 + "- ", line, width)
