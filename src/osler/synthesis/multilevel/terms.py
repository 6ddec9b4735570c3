"""How a person names random effects, and the formulas that say the same."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.curves import SPATIAL

StructureName: TypeAlias = Literal[
    "CS", "HCS", "UN", "ID", "DIAG", "AR", "HAR", "CAR",
    "SPEXP", "SPGAU", "SPLIN", "SPRAT", "SPSPH",
]  # fmt: skip
STRUCTURES = ("CS", "HCS", "UN", "ID", "DIAG", "AR", "HAR", "CAR", *SPATIAL)


@dataclass(frozen=True, slots=True)
class Intercept:
    """A random intercept for every value of the columns taken together.

    ``Intercept("district")`` adds one for each district, ``Intercept("district/school")``
    (or ``Intercept("district", "school")``) one for each school of each district.

    Examples
    --------
    >>> Intercept("district/school").label
    'district/school'
    """

    columns: tuple[str, ...]

    def __init__(self, *columns: str) -> None:
        named = tuple(part.strip() for column in columns for part in column.split("/"))
        object.__setattr__(self, "columns", named)

    @property
    def label(self) -> str:
        return "/".join(self.columns)


@dataclass(frozen=True, slots=True)
class Related:
    """A random intercept whose levels are correlated as a known matrix says.

    Parameters
    ----------
    column : str
        The grouping column ("species").
    R : array of shape (levels, levels)
        Correlations between levels: a phylogenetic tree's, for example. A covariance matrix
        is turned into correlations unless ``scale`` is "none".
    names : sequence of str
        What the rows of R stand for; levels that do not occur in the data are left out.
    scale : {"cor", "none", "cor0", "cov0"}
        "cor0" takes the smallest correlation off and stretches to 1 again, which roots a
        tree at its lowest split among the species present; "cov0" only takes it off.
    """

    column: str
    R: ArrayLike = field(repr=False)
    names: Sequence[object] = field(repr=False)
    scale: Literal["cor", "none", "cor0", "cov0"] = "cor"

    @property
    def label(self) -> str:
        return f"{self.column} (related)"


@dataclass(frozen=True, slots=True)
class Structured:
    """Correlated random effects of the levels of ``inner`` within each level of ``within``.

    Parameters
    ----------
    inner : str or sequence of str
        The column of outcomes, arms or times; for spatial structures the coordinates.
    within : str
        The column inside whose levels effects are correlated ("study").
    structure : str
        "CS" (one variance, one correlation), "HCS" (a variance a level, one correlation),
        "UN" (everything free), "ID" and "DIAG" (as CS and HCS without correlation),
        "AR" (falling with the number of steps between ordered levels), "HAR" (AR with a
        variance a level), "CAR" (falling with the time between levels), or spatial:
        "SPEXP", "SPGAU", "SPLIN", "SPRAT", "SPSPH".

    Examples
    --------
    >>> Structured("outcome", within="trial", structure="UN").label
    'outcome | trial'
    """

    inner: str | Sequence[str]
    within: str
    structure: StructureName = "CS"

    def __post_init__(self) -> None:
        if self.structure not in STRUCTURES:
            raise DataError(problems.unknown_structure(self.structure, STRUCTURES))

    @property
    def inner_columns(self) -> tuple[str, ...]:
        return (self.inner,) if isinstance(self.inner, str) else tuple(self.inner)

    @property
    def label(self) -> str:
        return f"{' + '.join(self.inner_columns)} | {self.within}"


@dataclass(frozen=True, slots=True)
class Slopes:
    """Random slopes of numeric columns within ``within``, correlated freely with each other.

    With ``intercept`` (the default) a random intercept is one of them. Dose-response models
    are fitted in this way; metafor calls the structure "GEN".
    """

    columns: str | Sequence[str]
    within: str
    intercept: bool = True

    @property
    def slope_columns(self) -> tuple[str, ...]:
        return (self.columns,) if isinstance(self.columns, str) else tuple(self.columns)

    @property
    def label(self) -> str:
        first = "1" if self.intercept else "0"
        return f"{' + '.join((first, *self.slope_columns))} | {self.within}"


RandomTerm: TypeAlias = Intercept | Related | Structured | Slopes


def parse_random(
    random: str | RandomTerm | Sequence[str | RandomTerm], structure: StructureName = "CS"
) -> tuple[RandomTerm, ...]:
    """Terms from what a person writes.

    A plain string names a grouping: "district", or "district/school" for districts and the
    schools within them; ``Intercept("district/school")`` is the schools alone. A formula says
    what it says in R: "~ 1 | district/school" gives both levels too, "~ outcome | study"
    correlated effects of outcomes within studies. What is named twice counts once.

    Examples
    --------
    >>> [term.label for term in parse_random(["district/school", "year"])]
    ['district', 'district/school', 'year']
    >>> [term.label for term in parse_random("~ 1 | district/school")]
    ['district', 'district/school']
    >>> parse_random("~ outcome | trial", "UN")
    (Structured(inner='outcome', within='trial', structure='UN'),)
    """
    if not isinstance(random, Iterable) or isinstance(random, (str, *_TERMS)):
        random = [random]
    found: list[RandomTerm] = []
    for term in (term for one in random for term in _parsed(one, structure)):
        if isinstance(term, Related) or term not in found:
            found.append(term)
    return tuple(found)


_TERMS = (Intercept, Related, Structured, Slopes)


def _parsed(one: str | RandomTerm, structure: StructureName) -> Sequence[RandomTerm]:
    if isinstance(one, _TERMS):
        return [one]
    if not isinstance(one, str):
        raise DataError(problems.not_a_random_term(repr(one)))
    if "|" not in one and "~" not in one:
        groups = [part.strip() for part in one.split("/")]
        return [Intercept(*groups[: i + 1]) for i in range(len(groups))]
    match = re.fullmatch(r"\s*~?\s*([^|~\s][^|~]*?)\s*\|\s*([^|~\s][^|~]*?)\s*", one)
    if match is None:
        raise DataError(problems.not_a_random_term(repr(one)))
    inner, outer = match.groups()
    groups = [part.strip() for part in outer.split("/")]
    if inner == "1":
        return [Intercept(*groups[: i + 1]) for i in range(len(groups))]
    if len(groups) > 1:
        raise DataError(problems.not_a_random_term(repr(one)))
    names = tuple(part.strip() for part in inner.split("+"))
    return [Structured(names[0] if len(names) == 1 else names, groups[0], structure)]


def groups_of(columns: Sequence[Sequence[object]]) -> tuple[np.ndarray, tuple[str, ...]]:
    """A code for every row, and the label of every code, in the order of appearance.

    Examples
    --------
    >>> codes, labels = groups_of([["a", "a", "b"], [1, 2, 1]])
    >>> codes.tolist(), labels
    ([0, 1, 2], ('a/1', 'a/2', 'b/1'))
    """
    seen: dict[tuple[object, ...], int] = {}
    codes = [seen.setdefault(row, len(seen)) for row in zip(*columns, strict=True)]
    labels = tuple("/".join(shown(value) for value in row) for row in seen)
    return np.array(codes, np.intp), labels


def shown(value: object) -> str:
    """A level as a reader would write it: 11 rather than 11.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
