"""The synthesis of every subset of the studies: one cloud or several?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from osler.appraisal.influence import problems
from osler.appraisal.influence.choosing import (
    SubsetGenerator,
    chosen_subsets,
)
from osler.appraisal.influence.regression_gosh import RegressionGosh, regression_gosh
from osler.appraisal.influence.studies import (
    checked,
    laid_out,
    model_line,
    scale_of_studies,
    short,
    title,
)
from osler.appraisal.influence.subsets import Codes, SubsetSums, all_subsets, some_subsets
from osler.core.arrays import Bools, Floats
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, capital, counted, number, percent, significant
from osler.effects.scales import interval, shown
from osler.synthesis.regression import Regression

_PAPER = "Olkin, Dahabreh & Trikalinos (2012), Res Synth Methods 3, 214-223"


@dataclass(frozen=True, slots=True, repr=False)
class Gosh(Result):
    """Pooled results of subsets of the studies; arrays of shape (subsets,), read-only.

    ``packed`` holds the members of each subset, eight studies a byte, the first study in
    the lowest bit; :meth:`members` unpacks one study.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    estimate: Floats
    i2: Floats
    tau2: Floats
    q: Floats
    k: NDArray[np.int64]
    packed: NDArray[np.uint8]
    full_estimate: float
    complete: bool
    model: str
    tau2_method: str

    @property
    def subsets(self) -> int:
        return len(self.estimate)

    @property
    def codes(self) -> Codes:
        """Each subset as a number, bit j set where study j is in; up to 62 studies."""
        wide = np.zeros((len(self.packed), 8), np.uint8)
        wide[:, : self.packed.shape[1]] = self.packed
        return wide.view("<i8")[:, 0]

    def members(self, study: int) -> Bools:
        """Which subsets hold the study at this position, shape (subsets,)."""
        byte, bit = divmod(study, 8)
        return (self.packed[:, byte] >> bit & 1).astype(bool)

    def shifts(self) -> dict[str, list[object]]:
        """For each study the mean estimate and I2 of subsets with it and without.

        A study that splits the cloud in two has means far apart. NaN where no subset
        lacks, or has, the study.
        """
        found: dict[str, list[object]] = {"study": list(self.studies)}
        rows = [self._shift(j) for j in range(len(self.studies))]
        names = ("estimate_with", "estimate_without", "i2_with", "i2_without")
        return found | {name: [row[i] for row in rows] for i, name in enumerate(names)}

    def summary(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        shifts = self.shifts()
        rows = [["Study", f"{scale.measure or 'Estimate'} with", "without", "I² with", "without"]]
        for i, name in enumerate(self.studies):
            rows.append(
                [
                    short(name),
                    *(shown(scale, _float(shifts[c][i])) for c in _ESTIMATES),
                    *(_percent(_float(shifts[c][i])) for c in _I2),
                ]
            )
        which = "all" if self.complete else "randomly drawn"
        quartiles = np.quantile(self.estimate, [0.0, 0.25, 0.5, 0.75, 1.0]).tolist()
        return laid_out(
            title("All subsets (GOSH)", self.measure, len(self.studies)),
            aligned(rows),
            f"{capital(which)} subsets: {number(self.subsets, 0)}. Means over the subsets with a "
            "study and without it stand in the table.",
            f"Estimates: median {shown(scale, quartiles[2])}, middle half "
            f"{interval(scale, quartiles[1], quartiles[3])}, range "
            f"{interval(scale, quartiles[0], quartiles[4])}; all studies "
            f"{shown(scale, self.full_estimate)}.",
            f"{capital(model_line(self.model, self.tau2_method))}.",
        )

    def columns(self) -> dict[str, list[object]]:
        return {
            "k": self.k.tolist(),
            "estimate": self.estimate.tolist(),
            "i2": self.i2.tolist(),
            "tau2": self.tau2.tolist(),
            "q": self.q.tolist(),
        }

    def text(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        which = "every one" if self.complete else "a random sample"
        middle = np.quantile(self.estimate, [0.025, 0.975]).tolist()
        name = self.studies[self._largest_shift()]
        return (
            f"We pooled {which} of the possible subsets of the {len(self.studies)} studies "
            f"({counted(self.subsets, 'subset')}; {model_line(self.model, self.tau2_method)}; "
            f"Olkin 2012). The middle 95% of the pooled {scale.name} ran from "
            f"{interval(scale, *middle)}. Subsets with and without {name} differed most."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        first, last = "estimate[0]", "estimate[-1]"
        return {first: lambda: self._why(0), last: lambda: self._why(self.subsets - 1)}

    def _why(self, at: int) -> Why:
        inside = [name for j, name in enumerate(self.studies) if self.members(j)[at]]
        return Why(
            f"estimate[{0 if at == 0 else -1}]",
            float(self.estimate[at]),
            "The synthesis of one subset of the studies.",
            "Σ wⱼyⱼ / Σ wⱼ over the subset, wⱼ = 1 / (vⱼ + τ²)",
            (
                ("studies", inside),
                ("tau2", float(self.tau2[at])),
                ("i2", significant(float(self.i2[at]))),
            ),
            _PAPER,
        )

    def _shift(self, study: int) -> tuple[float, float, float, float]:
        inside = self.members(study)
        return (
            _mean(self.estimate[inside]),
            _mean(self.estimate[~inside]),
            _mean(self.i2[inside]),
            _mean(self.i2[~inside]),
        )

    def _largest_shift(self) -> int:
        rows = [self._shift(j) for j in range(len(self.studies))]
        apart = np.nan_to_num([abs(row[0] - row[1]) for row in rows])
        return int(np.argmax(apart))


_ESTIMATES, _I2 = ("estimate_with", "estimate_without"), ("i2_with", "i2_without")


# A regression has estimates of studies too; that it is asked for as what it is comes first.
@overload
def gosh(  # type: ignore[overload-overlap]
    effects: Regression, subsets: int | None = None, *, rng: SubsetGenerator | int | None = None
) -> RegressionGosh: ...
@overload
def gosh(
    effects: StudyEstimates,
    subsets: int | None = None,
    *,
    rng: SubsetGenerator | int | None = None,
    model: str = "random_effects",
    tau2_method: str | None = None,
) -> Gosh: ...
def gosh(
    effects: StudyEstimates | Regression,
    subsets: int | None = None,
    *,
    rng: SubsetGenerator | int | None = None,
    model: str = "random_effects",
    tau2_method: str | None = None,
) -> Gosh | RegressionGosh:
    """Pool every subset of the studies, or many drawn at random.

    Parameters
    ----------
    effects : StudyEstimates or Regression
        Two studies or more; of a meta-regression, its coefficients in every subset.
    subsets : int, optional
        How many different subsets to draw. Without it all ``2**k - 1`` are pooled up to 20
        studies (15 of a regression), and 100 000 drawn beyond that. With as many as there
        are, or more, all are.
    rng : numpy.random.Generator or int
        Needed where subsets are drawn: a generator, or a seed for one. Each study is in a
        subset with probability 1/2.
    model : {"random_effects", "common_effect"}
    tau2_method : str, optional
        As in :func:`osler.synthesise`; where left out, as the synthesis was made, or "REML".

    Returns
    -------
    Gosh
        Of a regression :class:`~osler.appraisal.influence.regression_gosh.RegressionGosh`.

    Raises
    ------
    DataError
        As :func:`osler.synthesise`, with fewer than two studies (INF001), an unknown model
        (INF002), a number of subsets below 1 or above 5 000 000 (INF006), no generator
        where one is needed (INF007), or a choice that a regression does not leave (INF012).

    Notes
    -----
    Equals metafor's ``gosh``. Under a common effect I2 comes from Q; under random effects
    from tau2. All subsets of 20 studies take about half a second (common effect, DL) and
    five seconds (REML), and 200 MB. A cloud with two centres says that some studies tell
    another story; it does not say which story is true.

    References
    ----------
    .. [1] Olkin, Dahabreh & Trikalinos (2012). Res Synth Methods 3, 214-223.
       doi:10.1002/jrsm.1053

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.2, 1.4], [0.04, 0.02, 0.03, 0.05])
    >>> cloud = gosh(fit)
    >>> cloud.subsets, cloud.estimate[:3].round(3)
    (15, array([0.1  , 0.3  , 0.233]))
    >>> round(float(cloud.estimate[cloud.members(3)].min()), 3)
    0.489
    """
    if isinstance(effects, Regression):
        if model != "random_effects" or tau2_method is not None:
            raise problems.models_keep_their_way("a fitted model", "model or tau2_method")
        return regression_gosh(effects, subsets, rng)
    studies = checked(effects, what="subsets", least=2, model=model, tau2_method=tau2_method)
    method = studies.tau2_method
    name = "common" if model == "common_effect" else method
    chosen = chosen_subsets(studies.k, subsets, rng)
    if chosen.complete:
        sums = all_subsets(studies.y, studies.v, name)
    else:
        sums = some_subsets(studies.y, studies.v, chosen.members, name)
    sums = _read_only(sums)
    return Gosh(
        measure=effects.measure,
        studies=studies.labels,
        estimates=studies.fit.estimates,
        variances=studies.fit.variances,
        estimate=sums.estimate,
        i2=sums.i2,
        tau2=sums.tau2,
        q=sums.q,
        k=sums.k,
        packed=chosen.packed,
        full_estimate=studies.estimate,
        complete=chosen.complete,
        model=model,
        tau2_method=method,
    )


def _read_only(sums: SubsetSums) -> SubsetSums:
    for name in ("estimate", "i2", "tau2", "q", "k"):
        getattr(sums, name).flags.writeable = False
    return sums


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


def _float(value: object) -> float:
    return float(value)  # type: ignore[arg-type]


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else percent(value)
