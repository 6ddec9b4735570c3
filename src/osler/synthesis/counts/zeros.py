r"""What is added to tables with empty cells, and single studies' own effects."""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.synthesis.counts import problems
from osler.synthesis.counts.mixed import Arms

CORRECTIONS = ("none", "constant", "treatment-arm", "RevMan", "metafor")
WHERE = ("only0", "if0all", "all")


@dataclass(frozen=True, slots=True)
class Correction:
    """How zeros are met when studies are pooled.

    Attributes
    ----------
    kind : str
        "none": nothing is added. "constant": ``add`` to every cell. "treatment-arm": to
        each arm's cells its share of all participants, 1 in all, so that the arms' sizes
        do not make an effect of their own.
    add : float
    where : str
        "only0": in studies with an empty cell; "if0all": in all where any study has one;
        "all": always.
    """

    kind: str = "none"
    add: float = 0.5
    where: str = "only0"

    def told(self) -> str:
        if self.kind == "none":
            return "no continuity correction"
        places = {
            "only0": "of studies with an empty cell",
            "if0all": "of all studies if one has an empty cell",
            "all": "of all studies",
        }[self.where]
        what = f"{self.add:g} added" if self.kind == "constant" else "treatment-arm correction"
        return f"{what} to every cell {places}"


def correction_named(kind: str, add: float, where: str) -> Correction:
    """A correction by its name; programs stand for their defaults.

    metafor's ``rma.mh`` adds nothing when it pools. RevMan adds 1/2 to every cell of a
    study with an empty one, as do the default settings of ``meta::metabin`` for odds ratios.

    Examples
    --------
    >>> correction_named("RevMan", 0.5, "only0").told()
    '0.5 added to every cell of studies with an empty cell'
    """
    if kind not in CORRECTIONS:
        raise problems.unknown("correction", kind, CORRECTIONS)
    if where not in WHERE:
        raise problems.unknown("place of the correction", where, WHERE)
    if not (np.isfinite(add) and add > 0):
        raise problems.not_a_choice("add", add, "give a number above 0")
    if kind == "metafor":
        return Correction()
    return Correction("constant") if kind == "RevMan" else Correction(kind, add, where)


def corrected(arms: Arms, how: Correction) -> tuple[Arms, Bools]:
    """Counts with the correction in them, and the studies to which it was applied.

    To rates it is added to the events only.

    Examples
    --------
    >>> arms = Arms(np.array([[0.0, 3.0]]), np.array([[10.0, 30.0]]), rates=False)
    >>> corrected(arms, Correction("treatment-arm"))[0].events.round(2)
    array([[0.25, 3.75]])
    """
    empty = (arms.events == 0).any(axis=1)
    if not arms.rates:
        empty |= (arms.events == arms.size).any(axis=1)
    if how.kind == "none":
        return arms, np.zeros(arms.k, bool)
    applied = {"only0": empty, "if0all": np.full(arms.k, empty.any()), "all": empty | True}
    which = applied[how.where]
    if how.kind == "constant":
        added = np.full_like(arms.events, how.add)
    else:
        added = arms.size / arms.size.sum(axis=1, keepdims=True)
    added = added * which[:, None]
    size = arms.size if arms.rates else arms.size + 2 * added
    return Arms(arms.events + added, size, arms.rates), np.asarray(which)


def study_effects(arms: Arms, measure: str) -> tuple[Floats, Floats]:
    """Each study's own effect and variance, 1/2 added where a cell is empty.

    NaN for a ratio where no one, or everyone, had the event in every arm.

    Notes
    -----
    Equals metafor's ``escalc`` with ``add=1/2, to="only0"``, and ``drop00=TRUE`` for the
    measures of two arms.
    """
    whole, _ = corrected(arms, Correction("constant"))
    x, n = whole.events, whole.size
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "PLO" or measure == "OR":
            y, v = np.log(x / (n - x)), 1 / x + 1 / (n - x)
        elif measure == "RR":
            y, v = np.log(x / n), 1 / x - 1 / n
        elif measure in ("IRR", "IRLN"):
            y, v = np.log(x / n), 1 / x
        elif measure == "RD":
            y, v = x / n, x / n * (1 - x / n) / n
        else:
            y, v = x / n, x / n**2
    if not arms.two:
        return y[:, 0], v[:, 0]
    estimate, variance = y[:, 0] - y[:, 1], v.sum(axis=1)
    silent = (arms.events == 0).all(axis=1)
    if not arms.rates:
        silent |= (arms.events == arms.size).all(axis=1)
    return np.where(silent, np.nan, estimate), np.where(silent, np.nan, variance)
