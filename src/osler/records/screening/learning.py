"""What a model tells of itself: what it has learnt from, and why a record stands where it does.

Apart from the model, so that whoever shows these words does not load what computes them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the ranking rests on.

    Attributes
    ----------
    decisions, relevant : int
        From which the model has learnt.
    waiting : int
        Decisions that it has not seen yet.
    next_at : int
        Number of decisions at which it learns again.
    by_chance : bool
        No relevant record with text is known yet: the order is chance.
    """

    decisions: int
    relevant: int
    waiting: int
    next_at: int
    by_chance: bool


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a record stands where it does.

    Attributes
    ----------
    speaks_for, speaks_against : tuple of (str, float)
        Terms of the record with their part of the score, the largest first.
    note : str
        What a reader should know where words do not explain the place.
    """

    speaks_for: tuple[tuple[str, float], ...]
    speaks_against: tuple[tuple[str, float], ...]
    note: str = ""
