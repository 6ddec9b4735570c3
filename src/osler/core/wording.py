"""How numbers are written, for people.

A true minus sign, a narrow space between thousands, as many decimals as the reader can use.
"""

import math
import re
from collections.abc import Sequence

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
_MOST_DIGITS = 10
_LEAST = 1e-9


def number(value: float, decimals: int) -> str:
    """A number with a true minus sign; "–" where there is none.

    Beyond ten digits, which no reader counts, in powers of ten.

    Examples
    --------
    >>> number(-0.04, 1), number(1234.5, 1), number(2.5e15, 2)
    ('0.0', '1\u202f234.5', '2.5e+15')
    """
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 10.0 ** (_MOST_DIGITS - decimals):
        return (MINUS if value < 0 else "") + f"{abs(value):.6g}"
    text = f"{abs(value):,.{decimals}f}".replace(",", NARROW_SPACE)
    negative = value < 0 and float(f"{value:.{decimals}f}") != 0
    return (MINUS if negative else "") + text


def significant(value: float) -> str:
    """Three figures; in powers of ten only below a billionth, and where :func:`number` does so.

    Examples
    --------
    >>> significant(38712.4), significant(28.83), significant(0.00412)
    ('38 712', '28.8', '0.00412')
    """
    if not math.isfinite(value) or value == 0:
        return "–" if value else "0"
    if abs(value) < _LEAST:
        return (MINUS if value < 0 else "") + f"{abs(value):.3g}"
    return number(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def typographic(text: str) -> str:
    """A text from the engine with true minus signs before its numbers.

    Examples
    --------
    >>> typographic("MD -16.0 (-21.3 to -10.6) on 0-100")
    'MD −16.0 (−21.3 to −10.6) on 0–100'
    """
    minus = re.sub(r"(?<![\w.)])-(?=\.?\d)", MINUS, text)
    return re.sub(r"(?<=\d)-(?=\d)", "–", minus)


def plain(value: float) -> str:
    """The shortest writing of a round number, for ticks.

    Examples
    --------
    >>> plain(-20.0), plain(0.5)
    ('−20', '0.5')
    """
    text = f"{abs(value):.10f}".rstrip("0").rstrip(".")
    return (MINUS if value < 0 and text != "0" else "") + text


def percent(fraction: float, decimals: int = 0) -> str:
    """A fraction as a percentage.

    Examples
    --------
    >>> percent(0.684)
    '68%'
    """
    return f"{number(fraction * 100, decimals)}%"


def level_percent(level: float) -> str:
    """A confidence level as a percentage, with all its digits: 97.5% is not 98%.

    Examples
    --------
    >>> level_percent(0.95), level_percent(0.975)
    ('95%', '97.5%')
    """
    return f"{100 * level:.10g}%"


def p_value(p: float) -> str:
    """A p-value, with its sign of relation.

    Examples
    --------
    >>> p_value(0.0004), p_value(0.034)
    ('p < 0.001', 'p = 0.034')
    """
    if not math.isfinite(p):
        return "p not computed"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(1, "trial"), counted(2, "trial")
    ('1 trial', '2 trials')
    """
    return f"{number(count, 0)} {one if count == 1 else many or one + 's'}"


def round_half_up(value: float) -> int:
    """Round to the nearest whole number, halves upwards as readers expect."""
    return math.floor(value + 0.5)


def capital(text: str) -> str:
    """The text with a capital at its start, the rest as it is.

    Examples
    --------
    >>> capital("NSAIDs"), capital("sham acupuncture")
    ('NSAIDs', 'Sham acupuncture')
    """
    return text[:1].upper() + text[1:]


def aligned(rows: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    r"""Rows as lines with columns of even width: the first ``left`` begin, the others end, even.

    Examples
    --------
    >>> print("\n".join(aligned([["Study", "RR"], ["Aronson", "0.41"], ["Hart", "0.2"]])))
    Study      RR
    Aronson  0.41
    Hart      0.2
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
