"""GRADE's informative statements: the strongest sentence that a finding carries.

The table is Santesso et al. (2020), GRADE guidelines 26. J Clin Epidemiol 119, 126-135.
doi:10.1016/j.jclinepi.2019.10.014. The verb carries the certainty.
"""

from osler.certainty.model import Direction, Level, Size
from osler.review.model import Comparison, Outcome

_REDUCE = {Level.HIGH: "reduces", Level.MODERATE: "probably reduces", Level.LOW: "may reduce"}
_INCREASE = {
    Level.HIGH: "increases",
    Level.MODERATE: "probably increases",
    Level.LOW: "may increase",
}
_RESULT = {
    Level.HIGH: "results in",
    Level.MODERATE: "probably results in",
    Level.LOW: "may result in",
}


def statement(
    comparison: Comparison, outcome: Outcome, level: Level, size: Size, direction: Direction
) -> str:
    """One sentence, with its full stop.

    Examples
    --------
    >>> from osler.certainty.statements import sentence
    >>> sentence("acupuncture", "leg pain", "sham acupuncture", Level.LOW, "important", "down")
    'Acupuncture may reduce leg pain compared with sham acupuncture.'
    """
    up = (direction == "better") == (outcome.better == "higher")
    return sentence(
        comparison.intervention,
        outcome.label,
        comparison.comparator,
        level,
        size,
        "up" if up else "down",
    )


def sentence(
    intervention: str, outcome: str, comparator: str, level: Level, size: Size, way: str
) -> str:
    """The cell of GRADE's table for a size and a level; ``way`` is "up" or "down"."""
    name = intervention[:1].upper() + intervention[1:]
    end = f"compared with {comparator}."
    if level is Level.VERY_LOW:
        return (
            f"The evidence is very uncertain about the effect of {intervention} on {outcome} {end}"
        )
    if size == "trivial":
        return f"{name} {_RESULT[level]} little to no difference in {outcome} {end}"
    if size == "large":
        noun = "increase" if way == "up" else "reduction"
        return f"{name} {_RESULT[level]} a large {noun} in {outcome} {end}"
    verb = (_INCREASE if way == "up" else _REDUCE)[level]
    return f"{name} {verb} {outcome} {end}"
