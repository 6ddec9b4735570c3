"""GRADE's informative statements: the strongest sentences that a finding carries.

The grid of size and certainty is data, in ``grid.toml``; the verb carries the certainty.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, cast

from osler.certainty.model import Direction, Level, Size
from osler.review.model import Comparison, Outcome

Way: TypeAlias = Literal["up", "down"]
Cells: TypeAlias = Mapping[tuple[Level, Size], Sequence[str]]

SIZES: tuple[Size, ...] = ("trivial", "small", "important", "moderate", "large")


@cache
def grid() -> Cells:
    """The forms of every cell, the one that Osler writes first.

    Examples
    --------
    >>> grid()[Level.LOW, "small"][0]
    '{intervention} may result in a slight {change} in {outcome}'
    """
    table = _table()
    return {(level, size): tuple(table[level.word][size]) for level in Level for size in SIZES}


@cache
def _table() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = files("osler.certainty").joinpath("grid.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _ways() -> Mapping[str, Mapping[str, str]]:
    return cast(Mapping[str, Mapping[str, str]], _table()["ways"])


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
    names = (comparison.intervention, outcome.label, comparison.comparator)
    return sentence(*names, level, size, way_of(outcome, direction))


def way_of(outcome: Outcome, direction: Direction) -> Way:
    """Whether the outcome goes up or down, for a direction that tells better or worse."""
    return "up" if (direction == "better") == (outcome.better == "higher") else "down"


def sentence(
    intervention: str, outcome: str, comparator: str, level: Level, size: Size, way: Way
) -> str:
    """The form that Osler writes for a size and a level; ``way`` is "up" or "down"."""
    return permitted(intervention, outcome, comparator, level, size, way)[0]


def permitted(
    intervention: str, outcome: str, comparator: str, level: Level, size: Size, way: Way
) -> tuple[str, ...]:
    """Every sentence that the cell of GRADE's grid permits, with its full stop.

    Examples
    --------
    >>> for form in permitted("rest", "pain", "tea", Level.HIGH, "small", "down"):
    ...     print(form)
    Rest results in a slight reduction in pain compared with tea.
    Rest reduces pain slightly compared with tea.
    """
    names = {"intervention": intervention, "outcome": outcome, "comparator": comparator}
    words = {**_ways()[way], **names}
    sentences = []
    for form in grid()[level, size]:
        whole = form if "{comparator}" in form else f"{form} compared with {{comparator}}"
        text = whole.format_map(words)
        sentences.append(f"{text[:1].upper()}{text[1:]}.")
    return tuple(sentences)
