"""What stands in one cell of a table, and what to call its row."""

import math
import re
from collections import Counter
from collections.abc import Sequence

_MISSING = ("", "na", "n/a", "nan", "nr", "none", "null", "-", ".", "<na>")


def text_in(value: object) -> str:
    """The text of a cell; "" where it says that there is none."""
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in _MISSING else text


def number_in(value: object) -> float | str:
    """The number in a cell, or the code of what is wrong with it.

    Examples
    --------
    >>> number_in("0.5"), number_in("NR"), number_in("0,5"), number_in("few")
    (0.5, 'DAT005', 'DAT004', 'DAT003')
    """
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    text = text_in(value).replace("\u2212", "-")
    if not text:
        return "DAT005"
    try:
        if "_" in text:  # Python's own notation: 1_0 is more likely a slip than ten
            raise ValueError
        number = float(text)
    except ValueError:
        return "DAT004" if re.fullmatch(r"[-+]?[\d.]*\d,\d+", text) else "DAT003"
    return number if math.isfinite(number) else "DAT003"


def labels_of(
    names: Sequence[object], years: Sequence[object], numbers: Sequence[object]
) -> list[str]:
    """What to call each row: by study and year, and by number where several share those.

    Examples
    --------
    >>> labels_of(["Hart", "Hart", ""], [1999, 1999, None], ["1", "2", ""])
    ['Hart 1999 (1)', 'Hart 1999 (2)', 'row 3']
    """
    labels = [_label(n, y, i) for i, (n, y) in enumerate(zip(names, years, strict=True), 1)]
    often = Counter(labels)
    return [
        f"{label} ({text_in(number)})" if often[label] > 1 and text_in(number) else label
        for label, number in zip(labels, numbers, strict=True)
    ]


def _on_one_line(text: str) -> str:
    """Without the line breaks and tabs of a spreadsheet's cell, which no table or figure holds."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def _label(name: object, year: object, row: int) -> str:
    """Study and, where a column of its own has it, year."""
    told = text_in(year).removesuffix(".0")
    label = _on_one_line(text_in(name)) or f"row {row}"
    return f"{label} {told}" if told and told not in label else label
