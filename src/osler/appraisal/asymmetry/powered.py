"""Unrestricted weighted least squares, and the same of the adequately powered studies."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.regression import check_level
from osler.appraisal.asymmetry.studies import (
    effect_words,
    few_studies,
    noted,
    numbers_of,
    with_ci,
)
from osler.core.arrays import Bools, Floats
from osler.core.quantiles import normal_quantile, t_quantile, t_two_sided
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, number

_SOURCE = "Stanley, Doucouliagos & Ioannidis (2017) Stat Med 36, 1580-1598"
# z of a two-sided 5 % test and of 80 % power, rounded as in the paper.
ADEQUATE = 2.8


@dataclass(frozen=True, slots=True, repr=False)
class WeightedAverage(Result):
    """The common-effect estimate with an error that grows with the spread.

    Attributes
    ----------
    method : str
        "UWLS" (all studies), "WAAP" (adequately powered ones), or "WAAP-WLS" where WAAP was
        asked for but fewer than two studies have the power, so that all were taken.
    powered : tuple of bool
        Which studies could have found the UWLS estimate with the power asked for.
    power_ratio : float
        Estimate over standard error from which a study counts as powered.
    dispersion : float
        Q / (k - 1); below 1 the interval is narrower than the common-effect one.
    """

    method: str
    measure: str
    studies: tuple[str, ...]
    powered: tuple[bool, ...]
    power_ratio: float
    used: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    df: int
    dispersion: float
    level: float
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    def _cell(self) -> str:
        ends = (self.estimate, self.ci_lower, self.ci_upper)
        return with_ci(self.measure, *ends, self.level, self.p_value)

    def summary(self) -> str:
        rows = [
            ["estimate", self._cell()],
            ["interval", f"t({self.df}), variances times {number(self.dispersion, 3)}"],
            ["powered", f"{sum(self.powered)} of {self.k} (se < |UWLS| / {self.power_ratio:.3g})"],
        ]
        title = f"{self.method} of {counted(self.used, 'study', 'studies')}"
        lines = [f"  {line}" for line in aligned(rows, left=2)]
        return "\n".join([title, *lines, *noted(self.notes)])

    def columns(self) -> dict[str, list[object]]:
        return {"study": list(self.studies), "powered": list(self.powered)}

    def text(self) -> str:
        by = "the weighted average of the adequately powered studies"
        by = by if self.method == "WAAP" else "unrestricted weighted least squares"
        said = (
            f"By {by} ({self.method}; {_SOURCE}) the {effect_words(self.measure)} was "
            f"{self._cell()}, from {counted(self.used, 'study', 'studies')}; "
            f"{sum(self.powered)} of {self.k} had adequate power."
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            "estimate": lambda: Why(
                "estimate",
                self.estimate,
                "Inverse-variance mean of the studies used; its error is that of least squares.",
                "Σ wᵢyᵢ / Σ wᵢ, se² = Q / (k − 1) / Σ wᵢ, wᵢ = 1 / vᵢ",
                (("used", self.used), ("dispersion", self.dispersion), ("se", self.se)),
                _SOURCE,
            )
        }


def weighted_average(
    effects: StudyEstimates,
    method: str = "WAAP",
    *,
    power: float = 0.8,
    level: float = 0.95,
) -> WeightedAverage:
    """The weighted average of adequately powered studies, or of all.

    A study is adequately powered where its standard error is below abs(UWLS) / 2.8: it could
    have found that effect at the 5 % level with 80 % power. Small studies, which are selected
    most, then have no say. With fewer than two such studies all are taken (WAAP-WLS).

    Parameters
    ----------
    effects : StudyEstimates
        At least two studies.
    method : {"WAAP", "UWLS"}
    power : float
        0.8 gives the ratio of 2.8 of the paper; others are made from normal quantiles.
    level : float

    Returns
    -------
    WeightedAverage

    Raises
    ------
    DataError
        ASY001, ASY002, ASY003, ASY006.

    Notes
    -----
    UWLS equals ``lm(yi ~ 1, weights = 1/vi)``: the common-effect estimate, with its standard
    error times the square root of Q / (k - 1) also where that is below 1.

    References
    ----------
    .. [1] Stanley & Doucouliagos (2015). Stat Med 34, 2116-2127. doi:10.1002/sim.6481
    .. [2] Stanley, Doucouliagos & Ioannidis (2017). Stat Med 36, 1580-1598.
       doi:10.1002/sim.7228

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.4, 0.3, 0.5, 1.0], [0.01, 0.005, 0.09, 0.25])
    >>> found = weighted_average(fit)
    >>> found.method, found.used, round(found.estimate, 3)
    ('WAAP', 2, 0.333)
    """
    if method not in ("WAAP", "UWLS"):
        raise problems.unknown_choice("method", method, ("WAAP", "UWLS"))
    if not 0 < power < 1:
        raise problems.out_of_range("power", power, "between 0 and 1")
    check_level(level)
    studies = numbers_of(effects, "a weighted average", 2)
    every = np.ones(studies.k, bool)
    all_of_them = _uwls(studies.y, studies.v, every)
    ratio = ADEQUATE if power == 0.8 else float(normal_quantile(0.975) + normal_quantile(power))
    powered = studies.se < abs(all_of_them[0]) / ratio
    enough = int(powered.sum()) >= 2
    used = powered if method == "WAAP" and enough else every
    estimate, se, dispersion = _uwls(studies.y, studies.v, used)
    df = int(used.sum()) - 1
    width = float(t_quantile((1.0 + level) / 2.0, df)) * se
    fallen = method == "WAAP" and not enough
    note = ("Fewer than two studies are adequately powered, so all were taken.",) if fallen else ()
    return WeightedAverage(
        method="WAAP-WLS" if fallen else method,
        measure=effects.measure,
        studies=studies.labels,
        powered=tuple(powered.tolist()),
        power_ratio=ratio,
        used=df + 1,
        estimate=estimate,
        se=se,
        ci_lower=estimate - width,
        ci_upper=estimate + width,
        p_value=float(t_two_sided(estimate / se, df)) if se > 0 else float(estimate == 0),
        df=df,
        dispersion=dispersion,
        level=level,
        notes=note + few_studies(studies.k),
    )


def _uwls(y: Floats, v: Floats, used: Bools) -> tuple[float, float, float]:
    y, v = y[used], v[used]
    unit = v.min()
    w = unit / v
    estimate = float((w * y).sum() / w.sum())
    dispersion = float((w * ((y - estimate) / math.sqrt(unit)) ** 2).sum() / (y.size - 1))
    return estimate, math.sqrt(dispersion * unit / w.sum()), dispersion
