"""One diagnostic a column where a whole column has the same trouble."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from osler.core.diagnostics import Diagnostic

# What a setting of the program that wrote the file does to every cell of a column.
_FOLDED = ("DAT004",)


def one_per_column(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Fold decimal commas into one diagnostic a column, at the first cell, naming every line.

    Parameters
    ----------
    diagnostics : sequence of Diagnostic
        In order of lines; those with another code than DAT004 stay as they are.

    Returns
    -------
    tuple of Diagnostic

    Examples
    --------
    >>> from osler.core.diagnostics import Place, Severity
    >>> comma = Diagnostic("DAT004", Severity.ERROR, Place("t", 2, field="se"), "se has a comma")
    >>> again = [replace(comma, place=Place("t", line, field="se")) for line in (3, 4, 6)]
    >>> folded, = one_per_column([comma, *again])
    >>> folded.message, folded.found
    ('se has a comma in 4 rows', 'lines 2 to 4, 6')
    """
    together: dict[object, list[Diagnostic]] = {}
    for d in diagnostics:
        key = (d.code, d.place.field, d.message) if d.code in _FOLDED else id(d)
        together.setdefault(key, []).append(d)
    return tuple(_folded(alike) for alike in together.values())


def _folded(alike: Sequence[Diagnostic]) -> Diagnostic:
    first = alike[0]
    if len(alike) == 1:
        return first
    lines = f"lines {_ranges(d.place.line for d in alike)}"
    return replace(
        first,
        message=f"{first.message} in {len(alike)} rows",
        found=f"{first.found}\n{lines}" if first.found else lines,
        so="the rows are left out",
    )


def _ranges(lines: Iterable[int]) -> str:
    """Lines in order, those that follow each other as "2 to 4".

    Examples
    --------
    >>> _ranges([2, 3, 4, 6, 8, 9])
    '2 to 4, 6, 8, 9'
    """
    told: list[str] = []
    # The number less its position is the same all along a run.
    for _, run in groupby(enumerate(sorted(lines)), lambda each: each[1] - each[0]):
        numbers = [number for _, number in run]
        many = len(numbers) > 2
        told += [f"{numbers[0]} to {numbers[-1]}"] if many else [str(n) for n in numbers]
    return ", ".join(told)
