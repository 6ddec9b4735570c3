"""What to do where one of the four cells of a two-by-two table is empty."""

from osler.effects.model import Counts

# Half a participant in each cell of a table with an empty one, as in metafor
# (``add=1/2, to="only0"``) and in RevMan. Gart & Zweifel (1967). Biometrika 54, 181-187.
ADDED = 0.5

Cells = tuple[float, float, float, float]


def cells(treated: Counts, control: Counts, add: float = 0.0) -> Cells:
    """Events and non-events of both groups, with ``add`` in each."""
    return (
        treated.events + add,
        treated.n - treated.events + add,
        control.events + add,
        control.n - control.events + add,
    )


def without_zero(treated: Counts, control: Counts) -> tuple[Cells, float]:
    """The cells, and what was added to each of them because one was zero.

    Examples
    --------
    >>> without_zero(Counts(0, 10), Counts(3, 12))
    ((0.5, 10.5, 3.5, 9.5), 0.5)
    >>> without_zero(Counts(1, 10), Counts(3, 12))
    ((1.0, 9.0, 3.0, 9.0), 0.0)
    """
    added = 0.0 if all(cells(treated, control)) else ADDED
    return cells(treated, control, added), added
