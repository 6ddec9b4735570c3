"""Variance components: their names, which of them are held, and how well they are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.likelihood import split
from osler.synthesis.multilevel.placing import Placed
from osler.synthesis.multilevel.structures import (
    Diagonal,
    Natural,
    Spherical,
    Structure,
    Unstructured,
)

# Below this share of the largest curvature a direction of the likelihood counts as flat.
_FLAT = 1e-7


@dataclass(frozen=True, slots=True)
class Component:
    """A variance component as the reader knows it.

    Attributes
    ----------
    name : str
        "sigma2[district]", "tau2[AL | trial]", "rho[AL, PD | trial]".
    kind : {"variance", "correlation", "range"}
    term : str
        The random term it belongs to.
    value : float
        Variances on the squared scale of the estimates.
    groups : int
        Number of groups of the term.
    held : bool
        Whether the value was given rather than estimated.
    at_boundary : bool
        Whether the estimate lies at an end of its range (no variance, correlation 1).
    identified : bool
        Whether the data say anything about it.
    """

    name: str
    kind: str
    term: str
    value: float
    groups: int
    held: bool
    at_boundary: bool
    identified: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """Terms ready for the search: structures exchanged where a component is held.

    Attributes
    ----------
    terms : tuple of Placed
    names : tuple of str
        Of every natural number, in the order of the terms.
    free : array of shape (coordinates,)
    fixed : array of shape (coordinates,)
        Values of the coordinates that are not free, on the unit scale.
    held : tuple of str
    unidentified : tuple of str
        Known from the design alone to have no information.
    notes : tuple of str
    """

    terms: tuple[Placed, ...]
    names: tuple[str, ...]
    free: Bools
    fixed: Floats
    held: tuple[str, ...]
    unidentified: tuple[str, ...]
    notes: tuple[str, ...]


def names_of(term: Placed) -> tuple[str, ...]:
    """Names of the term's numbers, in the order of its structure."""
    if term.kind in ("intercept", "related"):
        return (f"sigma2[{term.label}]",)
    inner, _, outer = (part.strip() for part in term.label.rpartition("|"))
    symbol = {"variance": "tau2", "correlation": "rho", "range": "range"}

    def named(natural: Natural) -> str:
        levels = ", ".join(term.levels[j] for j in sorted(natural.levels)) or inner
        return f"{symbol[natural.kind]}[{levels} | {outer}]"

    return tuple(named(natural) for natural in term.structure.naturals)


def setting_of(terms: Sequence[Placed], hold: Mapping[str, float], unit: float) -> Setting:
    """What is searched for, with ``hold`` and what the design cannot tell taken out."""
    simplified, notes = [], []
    unidentified: list[str] = []
    wanted = dict(hold)
    for term in terms:
        simple, zeros, unknown, told = _without_information(term)
        simplified.append(simple)
        notes += told
        unidentified += unknown
        wanted = {**dict.fromkeys(zeros, 0.0), **wanted}
    known = [name for term in simplified for name in names_of(term)]
    for name in wanted:
        if name not in known:
            raise DataError(problems.no_component(name, known))
    ready = [_holdable(term, wanted) for term in simplified]
    free, fixed = [], []
    for term in ready:
        mask, values = _coordinates(term, wanted, unit)
        free.append(mask)
        fixed.append(values)
    return Setting(
        tuple(ready),
        tuple(known),
        np.concatenate([np.zeros(0, bool), *free]),
        np.concatenate([np.zeros(0), *fixed]),
        tuple(name for name in known if name in wanted),
        tuple(unidentified),
        tuple(notes),
    )


def _without_information(term: Placed) -> tuple[Placed, list[str], list[str], list[str]]:
    """The term, which components must be 0, which cannot be told, and notes on both."""
    if term.kind == "intercept" and len(term.groups) == 1:
        name = names_of(term)[0]
        return term, [name], [name], [f"{term.label} has one level only: its variance is held at 0"]
    if term.loadings is not None or term.kind in ("intercept", "related", "ID"):
        return term, [], [], []
    together = _together(term)
    zeros: list[str] = []
    notes: list[str] = []
    unknown: list[str] = []
    if not together.any() and term.kind != "DIAG":
        notes.append(f"{term.label}: no group has two levels, so correlations cannot be told")
        if term.kind == "UN":
            structure: Structure = Diagonal(len(term.levels))
            term = replace(term, structure=structure)
        else:
            unknown = [n for n in names_of(term) if not n.startswith("tau2")]
            zeros += [n for n in unknown if n.startswith("rho")]
    elif term.kind == "UN":
        naturals = zip(names_of(term), term.structure.naturals, strict=True)
        unknown = [
            name for name, n in naturals if n.kind == "correlation" and not together[n.levels]
        ]
        notes += [f"{name} cannot be told: the two never occur together" for name in unknown]
    rows = np.bincount(term.inner, minlength=len(term.levels))
    for name, natural in zip(names_of(term), term.structure.naturals, strict=True):
        if natural.kind == "variance" and len(natural.levels) == 1 and rows[natural.levels[0]] < 2:
            zeros.append(name)
            unknown.append(name)
            few = "one estimate" if rows[natural.levels[0]] else "no estimate"
            notes.append(f"{name} rests on {few}: it is held at 0")
    return term, zeros, unknown, notes


def _together(term: Placed) -> Bools:
    """Which two different levels occur in one group, shape (levels, levels)."""
    present = np.zeros((len(term.groups), len(term.levels)))
    present[term.outer, term.inner] = 1.0
    both = present.T @ present > 0
    np.fill_diagonal(both, False)
    return np.asarray(both)


def _holdable(term: Placed, wanted: Mapping[str, float]) -> Placed:
    """With a structure in which what is held is one coordinate."""
    if not isinstance(term.structure, Unstructured):
        return term
    naturals = dict(zip(names_of(term), term.structure.naturals, strict=True))
    held = [name for name in naturals if name in wanted]
    if not held:
        return term
    correlations = [naturals[name].levels for name in held if naturals[name].kind != "variance"]
    if len(correlations) > 1:
        found = f"two correlations of {term.label}"
        raise DataError(problems.no_component(found, ("one correlation of UN at a time",)))
    first = correlations[0] if correlations else ()
    rest = (j for j in range(term.structure.size) if j not in first)
    return replace(term, structure=Spherical(term.structure.size, (*first, *rest)))


def _coordinates(term: Placed, wanted: Mapping[str, float], unit: float) -> tuple[Bools, Floats]:
    free = np.ones(term.structure.coordinates, bool)
    fixed = np.zeros(term.structure.coordinates)
    numbered = enumerate(zip(names_of(term), term.structure.naturals, strict=True))
    for i, (name, natural) in numbered:
        if name not in wanted:
            continue
        value = float(wanted[name])
        possible = value >= 0 if natural.kind == "variance" else -1 <= value <= 1
        if natural.kind == "range":
            possible = 0 < value < np.inf
        if not possible:
            raise DataError(problems.impossible_value(name, value))
        if natural.kind == "variance":
            value /= unit**2
        free[natural.coordinate] = False
        fixed[natural.coordinate] = term.structure.coordinate_of(i, value)
    return free, fixed


def components_of(
    setting: Setting, z: Floats, hessian: Floats, unit: float
) -> tuple[Component, ...]:
    """The components at the end of the search."""
    structures = [term.structure for term in setting.terms]
    flat = _flat_components(setting, z, hessian)
    out: list[Component] = []
    at = 0
    for term, structure, part in zip(setting.terms, structures, split(z, structures), strict=True):
        values = structure.values(part)
        for natural, raw in zip(structure.naturals, values, strict=True):
            name = setting.names[at]
            held = name in setting.held
            known = name not in setting.unidentified and not flat[at]
            known = known and not _moot(natural, values, structure)
            value = float(raw) * (unit**2 if natural.kind == "variance" else 1.0)
            edge = not held and _at_boundary(natural, structure, float(raw))
            out.append(
                Component(
                    name, natural.kind, term.label, value, len(term.groups), held, edge, known
                )
            )
            at += 1
    return tuple(out)


def _moot(natural: Natural, values: Floats, structure: Structure) -> bool:
    """A correlation of effects that do not vary says nothing."""
    if natural.kind == "variance":
        return False
    variances = [
        value
        for n, value in zip(structure.naturals, values, strict=True)
        if n.kind == "variance" and (not natural.levels or set(n.levels) & set(natural.levels))
    ]
    none = [value <= 1e-12 for value in variances]
    return any(none) if natural.levels else all(none)


def _at_boundary(natural: Natural, structure: Structure, value: float) -> bool:
    if natural.kind == "variance":
        return value <= 1e-10
    curve = getattr(structure, "curve", None)
    if natural.kind == "range":
        return not 1e-6 < value / curve.lower < 1e6 if curve else False
    low, high = (curve.lower, curve.upper) if curve else (-1.0, 1.0)
    return not low + 1e-6 < value < high - 1e-6


def _flat_components(setting: Setting, z: Floats, hessian: Floats) -> list[bool]:
    """Which numbers change along a direction in which the likelihood does not."""
    flat = np.zeros(len(setting.names), bool)
    if not hessian.size:
        return flat.tolist()
    values, vectors = np.linalg.eigh(hessian)
    largest = float(np.abs(values).max())
    structures = [term.structure for term in setting.terms]
    here = _naturals(structures, z)
    for value, vector in zip(values, vectors.T, strict=True):
        if abs(value) > _FLAT * largest:
            continue
        moved = z.copy()
        moved[setting.free] += 1e-3 * vector
        flat |= np.abs(_naturals(structures, moved) - here) > 1e-5 * np.maximum(1.0, np.abs(here))
    return flat.tolist()


def _naturals(structures: Sequence[Structure], z: Floats) -> Floats:
    parts = [s.values(part) for s, part in zip(structures, split(z, structures), strict=True)]
    return np.concatenate([np.zeros(0), *parts])
