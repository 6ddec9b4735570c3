"""p-curve: do the significant p-values alone show evidential value?"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from osler.appraisal.asymmetry.studies import few_studies, noted, numbers_of
from osler.appraisal.selection import problems
from osler.core.arrays import Bools, Floats
from osler.core.quantiles import normal_quantile
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, number, p_value, percent

_SOURCE = (
    "Simonsohn, Nelson & Simmons (2014) J Exp Psychol Gen 143, 534-547; Simonsohn, Simmons & "
    "Nelson (2015) J Exp Psychol Gen 144, 1146-1152"
)
_LEVEL = 0.05
_CRITICAL = float(special.ndtri(1.0 - _LEVEL / 2.0))
_HALF_CRITICAL = float(special.ndtri(1.0 - _LEVEL / 4.0))
# Probabilities are held this far from 0 and 1, as the authors' own program does.
_HELD = 2.2e-16
# Of a 90 % interval.
_TAIL = float(special.ndtri(0.95))
_LEAST_POWER, _MOST_POWER = 0.05, 0.99


@dataclass(frozen=True, slots=True, repr=False)
class PCurve(Result):
    """Tests on the significant p-values.

    Attributes
    ----------
    significant, half : int
        Studies with two-sided p < 0.05, and of these p < 0.025.
    skew_z, skew_half_z, skew_p, skew_half_p : float
        Right skew, by Stouffer's method, of the full and of the half curve; small p-values
        speak for evidential value.
    flat_z, flat_half_z, flat_p, flat_half_p : float
        Flatter than with 33 % power; small p-values speak for its absence.
    power, power_ci_lower, power_ci_upper : float
        Of the significant studies, corrected for selection; 90 % interval, between 5 % and 99 %.
    evidential_value, inadequate : bool
        The authors' rules: half curve p < 0.05, or both < 0.1.
    """

    measure: str
    studies: tuple[str, ...]
    significant: int
    half: int
    skew_z: float
    skew_p: float
    skew_half_z: float
    skew_half_p: float
    flat_z: float
    flat_p: float
    flat_half_z: float
    flat_half_p: float
    power: float
    power_ci_lower: float
    power_ci_upper: float
    evidential_value: bool
    inadequate: bool
    p_values: tuple[float, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    def summary(self) -> str:
        rows = [
            ["", "full curve", "half curve"],
            ["p-values", f"{self.significant} < 0.05", f"{self.half} < 0.025"],
            [
                "right skew",
                _test(self.skew_z, self.skew_p),
                _test(self.skew_half_z, self.skew_half_p),
            ],
            [
                "flatter than 33% power",
                _test(self.flat_z, self.flat_p),
                _test(self.flat_half_z, self.flat_half_p),
            ],
            ["power", percent(self.power), f"90% CI {self._limits()}"],
        ]
        lines = [f"  {line}" for line in aligned(rows)]
        title = f"p-curve of {counted(self.k, 'study', 'studies')}: {self._verdict()}"
        return "\n".join([title, *lines, *noted(self.notes)])

    def _limits(self) -> str:
        return f"{percent(self.power_ci_lower)} to {percent(self.power_ci_upper)}"

    def _verdict(self) -> str:
        if self.evidential_value:
            return "evidential value"
        return "evidential value absent or inadequate" if self.inadequate else "inconclusive"

    def columns(self) -> dict[str, list[object]]:
        return {"study": list(self.studies), "p_value": list(self.p_values)}

    def text(self) -> str:
        rule = {
            "evidential value": "the studies contain evidential value",
            "inconclusive": "the result is inconclusive",
        }.get(self._verdict(), "evidential value is absent or inadequate")
        said = (
            f"A p-curve analysis ({_SOURCE}) of the "
            f"{counted(self.significant, 'significant study', 'significant studies')} "
            f"among {self.k} tested for right skew (full curve: "
            f"{_test(self.skew_z, self.skew_p)}; half curve: "
            f"{_test(self.skew_half_z, self.skew_half_p)}) and for a curve flatter than with 33% "
            f"power (full curve: {_test(self.flat_z, self.flat_p)}; half curve: "
            f"{_test(self.flat_half_z, self.flat_half_p)}). Power was estimated at "
            f"{percent(self.power)} (90% CI {self._limits()}). By the authors' rules, {rule}."
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        significant = tuple(p for p in self.p_values if p < _LEVEL)
        return {
            "skew_p": lambda: Why(
                "skew_p",
                self.skew_p,
                "Chance of p-values so near 0 if no study had an effect.",
                "Φ(Σ Φ⁻¹(pᵢ / 0.05) / √m)",
                (("p", significant), ("m", self.significant)),
                _SOURCE,
            ),
            "power": lambda: Why(
                "power",
                self.power,
                "Power at which the significant p-values are neither too small nor too large.",
                "Σ Φ⁻¹(P(χ² ≤ zᵢ² | significant, power)) = 0",
                (("p", significant),),
                _SOURCE,
            ),
        }


def _test(z: float, p: float) -> str:
    return f"z = {number(z, 2)}, {p_value(p)}" if math.isfinite(z) else "no study"


def p_curve(effects: StudyEstimates) -> PCurve:
    """Look at the distribution of the significant p-values.

    Under no effect p-values below 0.05 are even; under an effect small ones are more
    frequent (right skew). Studies that are not significant have no say, so that leaving them
    unpublished does no harm.

    Parameters
    ----------
    effects : StudyEstimates
        At least one study with two-sided p < 0.05, by z = estimate / standard error.

    Returns
    -------
    PCurve

    Raises
    ------
    DataError
        ASY001, ASY002; SEL008 where no study is significant.

    Notes
    -----
    Tests by Stouffer's method, z-values as chi-squared of 1 degree of freedom, hence both
    directions alike. The p-values must be those of the hypotheses of interest, one a study.
    With heterogeneous effects the power is overestimated (McShane 2016).

    References
    ----------
    .. [1] Simonsohn, Nelson & Simmons (2014). J Exp Psychol Gen 143, 534-547.
       doi:10.1037/a0033242
    .. [2] Simonsohn, Simmons & Nelson (2015). J Exp Psychol Gen 144, 1146-1152.
       doi:10.1037/xge0000104

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.4, 0.62, 0.9, 0.1], [0.01, 0.04, 0.09, 0.25])
    >>> found = p_curve(fit)
    >>> found.significant, found.evidential_value
    (3, True)
    """
    studies = numbers_of(effects, "p-curve", 1)
    z = np.abs(studies.y) / studies.se
    p = 2.0 * special.ndtr(-z)
    chosen = p < _LEVEL
    if not chosen.any():
        raise problems.none_significant("p-curve", f"smallest p {p.min():.3g}")
    seen, half = z[chosen], p[chosen] < _LEVEL / 2.0
    skew, skew_half = _skew(p[chosen], half)
    flat, flat_half = _flat(seen, half)
    power, lower, upper = (_power_where(seen, aim) for aim in (0.0, _TAIL, -_TAIL))
    skew_p, skew_half_p, flat_p, flat_half_p = (
        float(special.ndtr(value)) for value in (skew, skew_half, flat, flat_half)
    )
    return PCurve(
        measure=effects.measure,
        studies=studies.labels,
        significant=seen.size,
        half=int(half.sum()),
        skew_z=skew,
        skew_p=skew_p,
        skew_half_z=skew_half,
        skew_half_p=skew_half_p,
        flat_z=flat,
        flat_p=flat_p,
        flat_half_z=flat_half,
        flat_half_p=flat_half_p,
        power=power,
        power_ci_lower=lower,
        power_ci_upper=upper,
        evidential_value=_rule(skew_p, skew_half_p),
        inadequate=_rule(flat_p, flat_half_p),
        p_values=tuple(p.tolist()),
        notes=few_studies(seen.size),
    )


def _rule(full: float, half: float) -> bool:
    return half < 0.05 or (full < 0.1 and half < 0.1)


def _stouffer(upper: Floats) -> float:
    """From the chances of a larger z, which keep their figures near 0."""
    if not upper.size:
        return math.nan
    held = np.clip(upper, _HELD, 1.0 - _HELD)
    return float(-normal_quantile(held).sum() / math.sqrt(upper.size))


def _skew(p: Floats, half: Bools) -> tuple[float, float]:
    return -_stouffer(p / _LEVEL), -_stouffer(p[half] / (_LEVEL / 2.0))


def _beyond(z: Floats | float, shift: float) -> Floats:
    """Chance of |Z + shift| > z."""
    return np.asarray(special.ndtr(shift - z) + special.ndtr(-shift - z))


def _flat(z: Floats, half: Bools) -> tuple[float, float]:
    shift = _shift_of(1.0 / 3.0)
    full = _beyond(z, shift) / _beyond(_CRITICAL, shift)
    inner = _beyond(z[half], shift) / _beyond(_HALF_CRITICAL, shift)
    return _stouffer(full), _stouffer(inner)


def _shift_of(power: float) -> float:
    """Expected z of a study with this power."""
    low, high = 0.0, 20.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _beyond(_CRITICAL, middle) < power else (low, middle)
    return 0.5 * (low + high)


def _power_where(z: Floats, aim: float) -> float:
    """Power at which Stouffer's z of the conditional distribution is ``aim``."""

    def score(shift: float) -> float:
        return _stouffer(_beyond(z, shift) / _beyond(_CRITICAL, shift))

    low, high = 0.0, _shift_of(_MOST_POWER)
    if score(low) <= aim:
        return _LEAST_POWER
    if score(high) >= aim:
        return _MOST_POWER
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if score(middle) > aim else (low, middle)
    return float(_beyond(_CRITICAL, 0.5 * (low + high)))
