"""PET-PEESE: what an endlessly precise study would find, by two regressions."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.regression import AsymmetryTest, asymmetry_test
from osler.appraisal.asymmetry.studies import effect_words, noted, numbers_of, with_ci
from osler.core.quantiles import t_two_sided
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted

_SOURCE = "Stanley & Doucouliagos (2014) Res Synth Methods 5, 60-78"


@dataclass(frozen=True, slots=True, repr=False)
class PetPeese(Result):
    """Both regressions, and the one that the rule chooses.

    Attributes
    ----------
    chosen : str
        "PEESE" where the intercept of PET differs from 0 at ``alpha``, else "PET".
    estimate, se, ci_lower, ci_upper, p_value : float
        Of the chosen one.
    pet, peese : AsymmetryTest
        Regressions on the standard error and on the variance; their ``limit_estimate`` is
        the intercept.
    pet_p_value : float
        Of PET's intercept, two-sided.
    """

    measure: str
    studies: tuple[str, ...]
    chosen: str
    alpha: float
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    pet_p_value: float
    pet: AsymmetryTest
    peese: AsymmetryTest
    level: float
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    def _cell(self, test: AsymmetryTest) -> str:
        ends = (test.limit_estimate, test.limit_ci_lower, test.limit_ci_upper)
        return with_ci(self.measure, *ends, self.level, _intercept_p(test))

    def summary(self) -> str:
        rows = [
            ["PET", "at se = 0", self._cell(self.pet)],
            ["PEESE", "at variance = 0", self._cell(self.peese)],
        ]
        return "\n".join(
            [
                f"PET-PEESE, {counted(self.k, 'study', 'studies')}: {self.chosen} stands",
                *(f"  {line}" for line in aligned(rows, left=2)),
                f"  {self._rule()}",
                "  intervals by the t distribution with "
                + counted(self.k - 2, "degree of freedom", "degrees of freedom"),
                *noted(self.notes),
            ]
        )

    def _rule(self) -> str:
        sign = "below" if self.chosen == "PEESE" else "not below"
        return f"rule: PET's two-sided p is {sign} {self.alpha:g}, so {self.chosen}"

    def columns(self) -> dict[str, list[object]]:
        both = (self.pet, self.peese)
        return {
            "method": ["PET", "PEESE"],
            "estimate": [t.limit_estimate for t in both],
            "se": [t.limit_se for t in both],
            "ci_lower": [t.limit_ci_lower for t in both],
            "ci_upper": [t.limit_ci_upper for t in both],
            "p_value": [_intercept_p(t) for t in both],
            "slope": [t.slope for t in both],
            "slope_p_value": [t.p_value for t in both],
            "chosen": [name == self.chosen for name in ("PET", "PEESE")],
        }

    def text(self) -> str:
        below = "below" if self.chosen == "PEESE" else "not below"
        said = (
            f"PET-PEESE ({_SOURCE}) regressed the effects of "
            f"{counted(self.k, 'study', 'studies')} on their standard errors (PET) and on their "
            f"variances (PEESE) by weighted least squares. For a study without sampling error "
            f"the {effect_words(self.measure)} by PET was {self._cell(self.pet)}. As this "
            f"p-value is {below} {self.alpha:g}, {self.chosen} is the estimate"
        )
        said += "." if self.chosen == "PET" else f": {self._cell(self.peese)}."
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            "estimate": lambda: Why(
                "estimate",
                self.estimate,
                f"Intercept of the regression that stands: {self._rule()}.",
                "yᵢ = β₀ + β₁ seᵢ (PET) or β₀ + β₁ seᵢ² (PEESE), weights 1 / seᵢ²",
                (
                    ("PET", self.pet.limit_estimate),
                    ("PET p", self.pet_p_value),
                    ("PEESE", self.peese.limit_estimate),
                ),
                _SOURCE,
            )
        }


def pet_peese(effects: StudyEstimates, *, alpha: float = 0.1, level: float = 0.95) -> PetPeese:
    """Estimate the effect at a standard error of 0.

    PET regresses the estimates on their standard errors, PEESE on their variances, both with
    weights 1 / v and a multiplicative error. The conditional rule takes PEESE where PET's
    intercept differs from 0, and PET otherwise: PET is biased towards 0 where there is an
    effect, PEESE away from it where there is none.

    Parameters
    ----------
    effects : StudyEstimates
        At least three studies that differ in size.
    alpha : float
        Two-sided level of the rule; 0.1 is one-sided 0.05 in the direction found.
    level : float

    Returns
    -------
    PetPeese

    Raises
    ------
    DataError
        ASY001 to ASY006, as for :func:`asymmetry_test`.

    Notes
    -----
    The regressions equal ``regtest(model="lm", predictor="sei")`` and ``"vi"``. Unreliable
    with few or similar studies and with large heterogeneity (Stanley 2017): intervals are
    then too narrow. For standardised mean differences the estimate is part of its own error,
    which alone makes a slope.

    References
    ----------
    .. [1] Stanley & Doucouliagos (2014). Res Synth Methods 5, 60-78. doi:10.1002/jrsm.1095
    .. [2] Stanley (2017). Soc Psychol Personal Sci 8, 581-591. doi:10.1177/1948550617693062

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.1, 0.3, 0.5, 1.0], [0.01, 0.04, 0.09, 0.25])
    >>> pet_peese(fit).chosen
    'PEESE'
    """
    if not 0 < alpha < 1:
        raise problems.out_of_range("alpha", alpha, "between 0 and 1")
    numbers_of(effects, "PET-PEESE", 3)
    pet = asymmetry_test(effects, level=level)
    peese = asymmetry_test(effects, predictor="variance", level=level)
    p = _intercept_p(pet)
    chosen, test = ("PEESE", peese) if p < alpha else ("PET", pet)
    return PetPeese(
        measure=effects.measure,
        studies=pet.studies,
        chosen=chosen,
        alpha=alpha,
        estimate=test.limit_estimate,
        se=test.limit_se,
        ci_lower=test.limit_ci_lower,
        ci_upper=test.limit_ci_upper,
        p_value=_intercept_p(test),
        pet_p_value=p,
        pet=pet,
        peese=peese,
        level=level,
        notes=pet.notes,
    )


def _intercept_p(test: AsymmetryTest) -> float:
    if test.limit_se == 0:
        return 0.0 if test.limit_estimate else 1.0
    if not math.isfinite(test.limit_se):
        return math.nan
    return float(t_two_sided(test.limit_estimate / test.limit_se, test.df))
