"""A meta-regression in every subset of its studies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.appraisal.influence.choosing import SubsetGenerator, chosen_subsets
from osler.appraisal.influence.studies import laid_out, short, title
from osler.core.arrays import Bools, Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, capital, counted, number, significant
from osler.synthesis.regression import Regression
from osler.synthesis.regression.subsets import subset_fits

# All subsets of 15 studies take about two seconds by REML, each further study twice as long.
ALL_UP_TO = 15
_PAPER = "Olkin, Dahabreh & Trikalinos (2012), Res Synth Methods 3, 214-223"


@dataclass(frozen=True, slots=True, repr=False)
class RegressionGosh(Result):
    """Coefficients of a meta-regression in subsets of its studies; arrays are read-only.

    Attributes
    ----------
    measure, formula : str
    studies, names : tuple of str
        Names of the coefficients.
    coefficients : array of shape (subsets, p)
    tau2, q, i2 : array of shape (subsets,)
        What the moderators leave; ``q`` is Cochran's.
    k : array of shape (subsets,)
    packed : array of shape (subsets, bytes)
        Members, as in :class:`~osler.appraisal.influence.gosh.Gosh`.
    full : tuple of float
        Coefficients from all studies.
    complete : bool
        Whether every subset was looked at that has the model.
    without_model : int
        Subsets that were left out: too few studies, or a coefficient without data.
    tau2_method : str
    """

    measure: str
    formula: str
    studies: tuple[str, ...]
    names: tuple[str, ...]
    coefficients: Floats
    tau2: Floats
    q: Floats
    i2: Floats
    k: NDArray[np.int64]
    packed: NDArray[np.uint8]
    full: tuple[float, ...]
    complete: bool
    without_model: int
    tau2_method: str

    @property
    def subsets(self) -> int:
        return len(self.tau2)

    def members(self, study: int) -> Bools:
        """Which subsets hold the study at this position, shape (subsets,)."""
        byte, bit = divmod(study, 8)
        return (self.packed[:, byte] >> bit & 1).astype(bool)

    def shifts(self) -> dict[str, list[object]]:
        """For each study the median of each coefficient in subsets with it and without.

        Medians, since coefficients of the smallest subsets can be very large. NaN where no
        subset lacks, or has, the study.
        """
        found: dict[str, list[object]] = {"study": list(self.studies)}
        for j, name in enumerate(self.names):
            rows = [self._shift(i, j) for i in range(len(self.studies))]
            found[f"{name} with"] = [row[0] for row in rows]
            found[f"{name} without"] = [row[1] for row in rows]
        return found

    def _shift(self, study: int, j: int) -> tuple[float, float]:
        inside, b = self.members(study), self.coefficients[:, j]
        return _median(b[inside]), _median(b[~inside])

    def summary(self) -> str:
        """A line for each study, then quartiles of each coefficient."""
        shown = list(range(len(self.names)))[:3]
        head = ["Study"]
        for j in shown:
            head += [f"{self.names[j][:14]} with", "without"]
        rows = [
            [short(name), *(significant(x) for j in shown for x in self._shift(i, j))]
            for i, name in enumerate(self.studies)
        ]
        which = "all" if self.complete else "randomly drawn"
        return laid_out(
            title("All subsets of a meta-regression (GOSH)", self.measure, len(self.studies)),
            aligned([head, *rows]),
            f"{capital(which)} subsets: {number(self.subsets, 0)}, and "
            f"{number(self.without_model, 0)} that do not have the model. Medians over the "
            "subsets with a study and without it stand in the table.",
            *(self._quartiles(j) for j in range(len(self.names))),
        )

    def _quartiles(self, j: int) -> str:
        low, middle, high = np.quantile(self.coefficients[:, j], [0.25, 0.5, 0.75]).tolist()
        return (
            f"{self.names[j]}: median {significant(middle)}, middle half {significant(low)} to "
            f"{significant(high)}; all studies {significant(self.full[j])}."
        )

    def columns(self) -> dict[str, list[object]]:
        """One row a subset."""
        found: dict[str, list[object]] = {"k": self.k.tolist()}
        found |= {name: self.coefficients[:, j].tolist() for j, name in enumerate(self.names)}
        rest = {"i2": self.i2, "tau2": self.tau2, "q": self.q}
        return found | {name: values.tolist() for name, values in rest.items()}

    def text(self) -> str:
        """How many subsets, and where the coefficients lie."""
        which = "every one" if self.complete else "a random sample"
        return (
            f"The meta-regression was fitted to {which} of the possible subsets of the "
            f"{len(self.studies)} studies ({counted(self.subsets, 'subset')}; {self.tau2_method}; "
            f"Olkin 2012). {' '.join(self._quartiles(j) for j in range(len(self.names)))}"
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """The coefficients of the last subset."""
        return {"coefficients[-1]": self._why}

    def _why(self) -> Why:
        inside = [name for j, name in enumerate(self.studies) if self.members(j)[-1]]
        return Why(
            "coefficients[-1]",
            tuple(self.coefficients[-1].tolist()),
            "The meta-regression of one subset of the studies, tau2 estimated anew.",
            "b = (X'WX)⁻¹X'Wy over the subset, wⱼ = 1 / (vⱼ + τ²)",
            (("studies", inside), ("tau2", float(self.tau2[-1])), ("q", float(self.q[-1]))),
            _PAPER,
        )


def regression_gosh(
    fit: Regression, subsets: int | None, rng: SubsetGenerator | int | None
) -> RegressionGosh:
    """See :func:`osler.appraisal.influence.gosh.gosh`."""
    fit.without_scale("an analysis of subsets")
    chosen = chosen_subsets(fit.k, subsets, rng, ALL_UP_TO)
    members = chosen.members
    enough = members.sum(axis=1) > fit.p
    found = subset_fits(fit.fit, members[enough])
    usable = np.isfinite(found.b).all(axis=1)
    kept = np.flatnonzero(enough)[usable]
    return RegressionGosh(
        measure=fit.measure,
        formula=fit.formula,
        studies=fit.studies,
        names=fit.names,
        coefficients=_fixed(found.b[usable]),
        tau2=_fixed(found.tau2[usable]),
        q=_fixed(found.q[usable]),
        i2=_fixed(found.i2[usable]),
        k=members[kept].sum(axis=1).astype(np.int64),
        packed=chosen.packed[kept],
        full=fit.coefficients,
        complete=chosen.complete,
        without_model=len(members) - len(kept),
        tau2_method=fit.tau2_method,
    )


def _fixed(values: Floats) -> Floats:
    values.flags.writeable = False
    return values


def _median(values: Floats) -> float:
    return float(np.median(values)) if values.size else float("nan")
