"""The TOML of ``records/``: values of the right kind or a diagnostic, and text to be added."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date

from osler.core.diagnostics import Diagnostic, Place, Severity


def parse_toml(text: str, file: str) -> tuple[Mapping[str, object], tuple[Diagnostic, ...]]:
    """The values; where the text is not TOML, none and REC074."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff")), ()
    except (ValueError, RecursionError) as error:
        return {}, (bad_key(file, "this is not TOML", str(error)[:200]),)


def bad_key(file: str, what: str, found: str, line: int = 1, field: str = "") -> Diagnostic:
    """REC074: something in a TOML file of the records that cannot be used."""
    return Diagnostic(
        "REC074",
        Severity.ERROR,
        Place(file, line, field=field),
        what,
        found=found,
        so="it is not read",
        help="correct it; every key is in the guide to the records folder",
    )


def text_of(values: Mapping[str, object], key: str) -> str:
    """A text, a number or a date as text; "" where there is none."""
    value = values.get(key)
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    return ""


def texts_of(values: Mapping[str, object], key: str) -> tuple[str, ...]:
    """A list of texts; one text is a list of one."""
    value = values.get(key)
    if isinstance(value, str):
        return (value,)
    items = value if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str))


def count_of(values: Mapping[str, object], key: str) -> int | None:
    """A whole number of 0 or more; None where there is none."""
    value = values.get(key)
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if good and isinstance(value, int) else None


def tables_of(values: Mapping[str, object], key: str) -> tuple[Mapping[str, object], ...]:
    """All ``[[key]]`` tables."""
    value = values.get(key)
    items = value if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, dict))


def unknown_keys(
    values: Mapping[str, object], known: Sequence[str], file: str, table: str, line: int
) -> tuple[Diagnostic, ...]:
    """A diagnostic for each key that nobody reads."""
    return tuple(
        bad_key(file, f"{key!r} is not a key of {table}", f"known: {', '.join(known)}", line, key)
        for key in values
        if key not in known
    )


def lines_of_tables(text: str, name: str) -> tuple[int, ...]:
    r"""The line of each ``[[name]]``.

    Examples
    --------
    >>> lines_of_tables('x = 1\n[[search]]\ndatabase = "PubMed"\n', "search")
    (2,)
    """
    lines = text.split("\n")
    return tuple(i for i, line in enumerate(lines, 1) if line.strip().startswith(f"[[{name}]]"))


def quoted(text: str) -> str:
    r"""A TOML string on one line.

    Examples
    --------
    >>> print(quoted('neck "or" back\n'))
    "neck \"or\" back\n"
    """
    return '"' + "".join(_escaped(c) for c in text) + '"'


def quoted_lines(text: str) -> str:
    r"""A TOML string over several lines, where there are several; as typed but for escapes."""
    if "\n" not in text:
        return quoted(text)
    return '"""\n' + "".join(c if c == "\n" else _escaped(c) for c in text) + '"""'


def _escaped(character: str) -> str:
    named = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if character in named:
        return named[character]
    if ord(character) < 0x20 or ord(character) == 0x7F:
        return f"\\u{ord(character):04X}"
    return character
