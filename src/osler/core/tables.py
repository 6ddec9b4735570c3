"""Plain-text tables: CSV text against a Frictionless table schema.

Only the part of the standard that the review folder uses: types string, integer,
number and boolean; constraints required, unique, minimum, maximum and enum; primaryKey.
Each row keeps its line, each cell its column, so that a diagnostic can point at it.
"""

import difflib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.splitting import cell_columns, split_records

Cell: TypeAlias = str | int | float | bool | None

MISSING = ("", "NA", "NR")
# Beyond 2^53 whole numbers are no longer told apart; no trial has that many participants.
LARGEST_COUNT = 2**53
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a schema."""

    name: str
    type: str
    description: str
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """A table's columns; ``key`` names the fields that together may not repeat."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: typed values by field, and where it stands.

    Cells that could not be read are None, and a diagnostic says so.
    """

    file: str
    line: int
    values: Mapping[str, Cell]
    header: Sequence[str]
    source: str
    separator: str = ","

    def place(self, field: str = "") -> Place:
        """Where this row, or one of its cells, stands."""
        return _cell_place(self.file, self.line, self.header, field, self.source, self.separator)

    def text(self, field: str) -> str:
        value = self.values.get(field)
        return "" if value is None else str(value)

    def number(self, field: str) -> float | None:
        value = self.values.get(field)
        return float(value) if isinstance(value, int | float) else None

    def count(self, field: str) -> int | None:
        value = self.values.get(field)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def truth(self, field: str) -> bool:
        return self.values.get(field) is True


def parse_schema(text: str) -> Schema:
    """A schema from the JSON of a Frictionless table schema."""
    raw: dict[str, Any] = json.loads(text)
    fields = []
    for item in raw["fields"]:
        limits: dict[str, Any] = item.get("constraints", {})
        fields.append(
            Field(
                item["name"],
                item["type"],
                item["description"],
                required=limits.get("required", False),
                unique=limits.get("unique", False),
                minimum=limits.get("minimum"),
                maximum=limits.get("maximum"),
                enum=tuple(limits.get("enum", ())),
            )
        )
    key = raw.get("primaryKey", ())
    return Schema(raw["name"], tuple(fields), (key,) if isinstance(key, str) else tuple(key))


def read_table(text: str, schema: Schema, file: str) -> tuple[list[Row], list[Diagnostic]]:
    """All rows of a CSV text that fit the schema, and what does not.

    A row with a bad cell is kept with that cell empty when the cell may be empty, and
    left out (and said so) when the cell is required. Nothing raises.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    lines = text.split("\n")
    separator = _separator(text, schema)
    records, unread = split_records(lines, separator)
    if not records:
        return [], [_empty(file, schema)]
    header, diagnostics = _header(records[0], schema, file, lines, separator)
    if separator != ",":
        diagnostics.append(_other_separator(file, records[0][0], lines, separator))
    if unread:
        diagnostics.append(_unreadable(Place(file, unread, source=lines[unread - 1][:200])))
    if any(d.code == "TAB005" for d in diagnostics):
        return [], diagnostics
    rows: list[Row] = []
    for line, cells in records[1:]:
        row, found = _row(line, cells, header, schema, file, lines, separator)
        diagnostics += found
        if row is not None:
            rows.append(row)
    if len(records) == 1:
        diagnostics.append(_empty(file, schema))
    return rows, diagnostics + _repeats(rows, schema)


def _separator(text: str, schema: Schema) -> str:
    """A comma, or what else splits the header into at least two of the schema's columns."""
    head = next((line for line in text.split("\n") if line.strip()), "")
    known = {f.name for f in schema.fields}
    for separator in _SEPARATORS if "," not in head else ():
        if len(known.intersection(cell.strip(' "') for cell in head.split(separator))) > 1:
            return separator
    return ","


def _other_separator(file: str, line: int, lines: Sequence[str], separator: str) -> Diagnostic:
    source = lines[line - 1]
    return Diagnostic(
        "TAB012",
        Severity.ERROR,
        Place(file, line, 1, len(source) + 1, "", source),
        f"the cells are separated by {_SEPARATORS[separator]}, not commas",
        so="the table is read that way for this check",
        help="save it as CSV with commas between the cells and points in the numbers",
    )


def _header(
    record: tuple[int, list[str]],
    schema: Schema,
    file: str,
    lines: Sequence[str],
    separator: str,
) -> tuple[list[str], list[Diagnostic]]:
    line, cells = record
    source = lines[line - 1] if lines else ""
    names = [cell.strip() for cell in cells]
    known = [f.name for f in schema.fields]
    out: list[Diagnostic] = []
    for index, name in enumerate(names):
        place = Place(file, line, *cell_columns(source, index, separator), name, source)
        if name and name not in known:
            close = difflib.get_close_matches(name, known, 1)
            out.append(
                Diagnostic(
                    "TAB003",
                    Severity.WARNING,
                    place,
                    f"column {name!r} is not one of {schema.name}'s",
                    so="the column is not read",
                    help=f"rename it to {close[0]!r}" if close else f"known: {', '.join(known)}",
                )
            )
        if name in names[:index]:
            out.append(
                Diagnostic(
                    "TAB008",
                    Severity.ERROR,
                    place,
                    f"column {name!r} stands twice in the header",
                    so="the last one is read",
                    help="remove or rename one of them",
                )
            )
    for field in schema.fields:
        if field.required and field.name not in names:
            out.append(
                Diagnostic(
                    "TAB005",
                    Severity.ERROR,
                    Place(file, line, 1, len(source) + 1, field.name, source),
                    f"column {field.name!r} is missing",
                    found=f"the header has {', '.join(n for n in names if n) or 'no names'}",
                    so="no row of this table can be used",
                    help=f"add the column {field.name!r}: {field.description}",
                )
            )
    return names, out


def _row(
    line: int,
    cells: Sequence[str],
    header: Sequence[str],
    schema: Schema,
    file: str,
    lines: Sequence[str],
    separator: str,
) -> tuple[Row | None, list[Diagnostic]]:
    source = lines[line - 1] if line <= len(lines) else ""
    out: list[Diagnostic] = []
    if len(cells) != len(header):
        out.append(
            Diagnostic(
                "TAB006",
                Severity.ERROR,
                Place(file, line, 1, len(source) + 1, "", source),
                f"the row has {len(cells)} cells, the header {len(header)}",
                so="cells without a column are not read; missing ones are empty",
                help='put quotes around a cell that holds a comma: "like, this"',
            )
        )
    raw = dict(zip(header, cells, strict=False))
    values: dict[str, Cell] = {}
    usable = True
    for field in schema.fields:
        value, problem = _value(raw.get(field.name, "").strip(), field)
        values[field.name] = value
        if problem:
            place = _cell_place(file, line, header, field.name, source, separator)
            usable = usable and not field.required
            out.append(_bad_cell(place, field, problem, raw.get(field.name, "").strip()))
    return (Row(file, line, values, header, source, separator) if usable else None), out


def _value(text: str, field: Field) -> tuple[Cell, str]:
    """The typed value and, where it cannot be used, why not."""
    if text in MISSING:
        return None, f"{field.name} is empty" if field.required else ""
    if field.type == "string":
        if field.enum and text not in field.enum:
            return None, f"{text!r} is not one of {', '.join(field.enum)}"
        return text, ""
    if field.type == "boolean":
        known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
        value = known.get(text.lower())
        return value, "" if value is not None else f"{text!r} is neither yes nor no"
    return _number(text, field)


def _number(text: str, field: Field) -> tuple[Cell, str]:
    try:
        if "_" in text:  # Python's own notation: 1_0 is more likely a slip than ten
            raise ValueError
        number = float(text.replace("\u2212", "-"))
    except ValueError:
        return None, f"{text!r} is not a number"
    if not math.isfinite(number):
        return None, f"{text!r} is not a finite number"
    if field.type == "integer" and not number.is_integer():
        return None, f"{text!r} is not a whole number"
    if field.type == "integer" and abs(number) > LARGEST_COUNT:
        return None, f"{text[:30]!r} is too large to be a count"
    if field.minimum is not None and number < field.minimum:
        return None, f"{text} is below {field.minimum:g}, the least that {field.name} can be"
    if field.maximum is not None and number > field.maximum:
        return None, f"{text} is above {field.maximum:g}, the most that {field.name} can be"
    return (int(number) if field.type == "integer" else number), ""


def _bad_cell(place: Place, field: Field, problem: str, text: str) -> Diagnostic:
    so = "the row is left out" if field.required else "the cell is read as empty"
    comma = field.type in ("number", "integer") and "," in text
    advice = "write the decimal point as '.'; " if comma else ""
    return Diagnostic(
        "TAB004",
        Severity.ERROR,
        place,
        problem,
        found=f"line {place.line}: {place.source[:80]}",
        so=so,
        help=f"{advice}{field.name} is {field.description[:1].lower()}{field.description[1:]}",
    )


def _unreadable(place: Place) -> Diagnostic:
    return Diagnostic(
        "TAB010",
        Severity.ERROR,
        place,
        "the table cannot be split into cells from this line on",
        so="this line and all below it are not read",
        help='look for a cell that opens a quote (") and never closes it',
    )


def _repeats(rows: Sequence[Row], schema: Schema) -> list[Diagnostic]:
    """Rows whose key has been seen before, and cells of unique fields."""
    out: list[Diagnostic] = []
    keys = [schema.key] if schema.key else []
    keys += [(f.name,) for f in schema.fields if f.unique]
    for key in keys:
        seen: dict[tuple[Cell, ...], int] = {}
        for row in rows:
            value = tuple(row.values.get(name) for name in key)
            first = seen.setdefault(value, row.line)
            if first != row.line and any(v is not None for v in value):
                out.append(_repeated(row, key, first))
    return out


def _repeated(row: Row, key: Sequence[str], first: int) -> Diagnostic:
    named = ", ".join(f"{name} {row.text(name)!r}" for name in key if row.text(name))
    return Diagnostic(
        "TAB007",
        Severity.ERROR,
        row.place(key[0]),
        f"this row repeats line {first}",
        found=f"{named} stands in line {first} and again in line {row.line}",
        so="only the first of them is used",
        help="remove one row, or tell them apart in the columns named here",
    )


def without_repeats(rows: Sequence[Row], schema: Schema) -> list[Row]:
    """The rows, each key once: the first stands."""
    if not schema.key:
        return list(rows)
    first: dict[tuple[Cell, ...], Row] = {}
    for row in rows:
        first.setdefault(tuple(row.values.get(name) for name in schema.key), row)
    return list(first.values())


def _empty(file: str, schema: Schema) -> Diagnostic:
    return Diagnostic(
        "TAB009",
        Severity.WARNING,
        Place(file),
        "the table has no rows",
        so="nothing is read from it",
        help=f"add rows with the columns {', '.join(f.name for f in schema.fields if f.required)}, "
        "or remove the file",
    )


def _cell_place(
    file: str, line: int, header: Sequence[str], field: str, source: str, separator: str
) -> Place:
    known = field in header
    start, end = cell_columns(source, header.index(field), separator) if known else (1, 0)
    return Place(file, line, start, end, field, source)
