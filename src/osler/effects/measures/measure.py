"""What every effect measure has in common."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from osler.effects import problems
from osler.effects.checks import check_counts, check_moments
from osler.effects.model import Counts, Effect, Moments


@dataclass(frozen=True, slots=True)
class Measure:
    """A way to compare two arms.

    Attributes
    ----------
    name : str
        As in tables and on the command line: "RR".
    label : str
        As in running text: "risk ratio".
    kind : "binary" or "continuous"
        What it is computed from: :class:`Counts` or :class:`Moments`.
    ratio : bool
        Whether the analysis scale is the logarithm of the printed one.
    of_counts, of_moments : callable or None
        The computation itself, on values that have been checked.
    """

    name: str
    label: str
    kind: Literal["binary", "continuous"]
    ratio: bool
    of_counts: Callable[[Counts, Counts], Effect] | None = None
    of_moments: Callable[[Moments, Moments], Effect] | None = None

    def estimate(self, *, treated: Counts | Moments, control: Counts | Moments) -> Effect:
        """The effect of ``treated`` against ``control``, on the analysis scale.

        Raises
        ------
        DataError
            Where a group's numbers cannot be (EFF010 to EFF012, EFF020 to EFF022), where
            they do not fit the measure (EFF002), or do not determine it (EFF013, EFF014).
        """
        if self.of_counts and isinstance(treated, Counts) and isinstance(control, Counts):
            check_counts(treated=treated, control=control)
            return self.of_counts(treated, control)
        if self.of_moments and isinstance(treated, Moments) and isinstance(control, Moments):
            check_moments(treated=treated, control=control)
            return self.of_moments(treated, control)
        needed = "events and group sizes" if self.kind == "binary" else "means, SDs and group sizes"
        given = f"{type(treated).__name__} and {type(control).__name__}"
        raise problems.wrong_kind(self.name, needed, given)

    def back(self, x: float) -> float:
        """From the analysis scale to the printed one: the exponential, for a ratio."""
        try:
            return math.exp(x) if self.ratio else x
        except OverflowError:
            return math.inf
