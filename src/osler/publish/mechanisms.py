"""How a treatment might work: what was seen, in whom, and what speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from osler.core.wording import capital
from osler.publish.cells import slug
from osler.review.model import Mechanism, Review

# Direction relative to the popular claim, in the order of the grid's columns.
DIRECTIONS = (
    ("supports", "Supports"),
    ("mixed", "Mixed"),
    ("null", "No effect seen"),
    ("contradicts", "Contradicts"),
    ("unclear", "Cannot tell"),
)
_AGAINST = ("contradicts", "null")


@dataclass(frozen=True, slots=True)
class GridRow:
    """One species and how many studies point each way, in the order of DIRECTIONS."""

    species: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MechanismView:
    """One proposed mechanism; ``against`` are the studies that must never be folded away."""

    id: str
    name: str
    grid: tuple[GridRow, ...]
    totals: tuple[int, ...]
    people: int
    animals: int
    tested: str
    against: tuple[Mechanism, ...]
    others: tuple[Mechanism, ...]


def mechanism_views(review: Review) -> tuple[MechanismView, ...]:
    """One view a mechanism, in the order of mechanisms.csv."""
    by_name: dict[str, list[Mechanism]] = {}
    for row in review.mechanisms:
        by_name.setdefault(row.mechanism, []).append(row)
    words = (review.condition, *review.words)
    return tuple(_view(name, rows, words) for name, rows in by_name.items())


def mechanism_id(name: str) -> str:
    """The fragment of a mechanism's section."""
    return f"mechanism-{slug(name)}"


def _view(name: str, rows: Sequence[Mechanism], words: Sequence[str]) -> MechanismView:
    species = list(dict.fromkeys(_species(row) for row in rows))
    species.sort(key=lambda s: (s != "people", s != "people and animals"))
    grid = tuple(
        GridRow(capital(s), _counts([r for r in rows if _species(r) == s])) for s in species
    )
    human = [row for row in rows if _in_people(row)]
    return MechanismView(
        id=mechanism_id(name),
        name=capital(name),
        grid=grid,
        totals=_counts(rows),
        people=len(human),
        animals=len(rows) - len(human),
        tested=_tested(human, words),
        against=tuple(row for row in rows if _direction(row) in _AGAINST),
        others=tuple(row for row in rows if _direction(row) not in _AGAINST),
    )


def _direction(row: Mechanism) -> str:
    known = {name for name, _ in DIRECTIONS}
    return row.direction if row.direction in known else "unclear"


def _counts(rows: Sequence[Mechanism]) -> tuple[int, ...]:
    return tuple(sum(_direction(row) == name for row in rows) for name, _ in DIRECTIONS)


def _in_people(row: Mechanism) -> bool:
    return "human" in row.species.lower()


def _species(row: Mechanism) -> str:
    """Species as a reader would group them."""
    name = row.species.lower()
    if name == "human":
        return "people"
    if "human" in name:
        return "people and animals"
    return "several species" if name.startswith("mixed") else name.split(" (")[0]


def _tested(human: Sequence[Mechanism], words: Sequence[str]) -> str:
    """Whether a study looked at people with the condition, and could tell."""
    wanted = [word.lower() for word in words if word]
    theirs = [r for r in human if any(w in f"{r.model} {r.evidence_level}".lower() for w in wanted)]
    if not theirs:
        return "No"
    if all(_direction(row) == "unclear" for row in theirs):
        return "Only in studies that cannot tell"
    return "Yes"
