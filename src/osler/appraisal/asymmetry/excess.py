"""Test of excess significance: more significant studies than their power allows?"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.studies import StudyNumbers, few_studies, noted, numbers_of
from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_tail, normal_quantile
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, number, p_value, significant
from osler.effects.scales import scale_of, shown

TESTS = ("exact", "chi2", "binomial")
_TEST_WORDS = {"exact": "exact test", "chi2": "χ² test", "binomial": "binomial test"}
ALTERNATIVES = ("greater", "less", "two-sided")
_SOURCE = "Ioannidis & Trikalinos (2007) Clin Trials 4, 245-253"
# Points at which the p-value is looked at when the limit estimate is sought.
_SCAN = 200


@dataclass(frozen=True, slots=True, repr=False)
class ExcessSignificance(Result):
    """Significant studies observed and expected.

    Attributes
    ----------
    observed, expected : int, float
        Number of significant studies, and the sum of the powers.
    statistic : float
        Chi-squared of 1 degree of freedom, for "chi2"; else NaN.
    p_value : float
    effect, tau2 : float
        True effect, and its spread, at which power was reckoned.
    limit_estimate : float
        Effect, between the null and ``effect``, at which the test would give p = 0.10; NaN
        where there is none, as where the test finds no excess at ``effect``'s own null.
    powers, significant : tuples of length k
    """

    test: str
    alternative: str
    direction: str
    alpha: float
    measure: str
    studies: tuple[str, ...]
    observed: int
    expected: float
    statistic: float
    p_value: float
    effect: float
    tau2: float
    null: float
    limit_estimate: float
    limit_alpha: float
    powers: tuple[float, ...]
    significant: tuple[bool, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    def summary(self) -> str:
        scale = scale_of(self.measure)
        rows = [
            [
                "significant",
                f"{self.observed} of {self.k} observed, {number(self.expected, 2)} expected",
            ],
            ["each test", f"{self.direction}, alpha {self.alpha:g}"],
            ["power at", f"{shown(scale, self.effect)}, tau² {significant(self.tau2)}"],
            ["test", f"{self.test}, {self.alternative}, {p_value(self.p_value)}"],
            ["limit", f"{shown(scale, self.limit_estimate)} (where p = {self.limit_alpha:g})"],
        ]
        lines = [f"  {line}" for line in aligned(rows, left=2)]
        return "\n".join(["Test of excess significance", *lines, *noted(self.notes)])

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "power": list(self.powers),
            "significant": list(self.significant),
        }

    def text(self) -> str:
        told = {"greater": "one-sided for an excess", "less": "one-sided for a deficit"}
        way = told.get(self.alternative, self.alternative)
        sided = "" if self.direction == "two-sided" else "one-sided "
        scale = scale_of(self.measure)
        unit = f" {scale.unit}" if scale.unit else ""
        said = (
            f"In the test of excess significance ({_SOURCE}; {_TEST_WORDS[self.test]}, {way}), "
            f"{self.observed} of {counted(self.k, 'study', 'studies')} had {sided}p < "
            f"{self.alpha:g} where {number(self.expected, 1)} were expected if the true "
            f"{scale.name} was {shown(scale, self.effect)}{unit} ({p_value(self.p_value)})."
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        inputs: tuple[tuple[str, object], ...] = (
            ("observed", self.observed),
            ("powers", self.powers),
            ("effect", self.effect),
            ("tau2", self.tau2),
        )
        return {
            "expected": lambda: Why(
                "expected",
                self.expected,
                "Power of each study to find the effect, added up.",
                "Σ P(|yᵢ| beyond its critical value), yᵢ ~ N(effect, vᵢ + τ²)",
                inputs,
                _SOURCE,
            ),
            "p_value": lambda: Why(
                "p_value",
                self.p_value,
                "Chance of so many significant studies if each has its power.",
                {
                    "chi2": "A = (O − E)²/E + (O − E)²/(k − E), 1 df, signed",
                    "binomial": "k tests, each of power E / k",
                    "exact": "sum of k independent tests, each of its own power",
                }[self.test],
                inputs,
                _SOURCE,
            ),
        }


def excess_significance(
    effects: StudyEstimates,
    *,
    test: str = "exact",
    alternative: str = "greater",
    direction: str = "two-sided",
    alpha: float = 0.05,
    effect: float | None = None,
    tau2: float = 0.0,
    null: float = 0.0,
    limit_alpha: float = 0.1,
) -> ExcessSignificance:
    """Test whether more studies are significant than their power lets expect.

    Parameters
    ----------
    effects : StudyEstimates
        At least two studies.
    test : {"exact", "chi2", "binomial"}
        "exact" adds k independent tests of different power (Francis 2013), by convolution:
        it is quick for any number of studies.
    alternative : {"greater", "less", "two-sided"}
        Of the test of excess.
    direction : {"two-sided", "greater", "less"}
        In which each study was tested, at ``alpha``.
    effect : float, optional
        True effect on the analysis scale; default: the mean of the studies by weights
        1 / (v + tau2), which is the common-effect estimate where tau2 is 0.
    tau2 : float
        Its variance between studies; power is then expected power.
    null : float
        What each study was tested against.
    limit_alpha : float
        p-value that defines the limit estimate.

    Returns
    -------
    ExcessSignificance

    Raises
    ------
    DataError
        ASY001, ASY002, ASY003, ASY006.

    Notes
    -----
    Equals metafor's ``tes``; there "exact" counts subsets and is left out where they are
    many. A low p-value says that the set is unusual, not why; heterogeneity alone can do it.

    References
    ----------
    .. [1] Ioannidis & Trikalinos (2007). Clin Trials 4, 245-253.
       doi:10.1177/1740774507079441
    .. [2] Francis (2013). J Math Psychol 57, 153-169. doi:10.1016/j.jmp.2013.02.003

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.3, 0.42, 0.6, 1.0], [0.02, 0.04, 0.08, 0.25])
    >>> found = excess_significance(fit)
    >>> found.observed, round(found.expected, 3)
    (4, 1.766)
    """
    for what, given, known in (
        ("test", test, TESTS),
        ("alternative", alternative, ALTERNATIVES),
        ("direction", direction, ALTERNATIVES),
    ):
        if given not in known:
            raise problems.unknown_choice(what, given, known)
    _check(alpha, limit_alpha, tau2, effect, null)
    studies = numbers_of(effects, "the test of excess significance", 2)
    power = _Power(studies, direction, alpha, null, tau2)
    w = (studies.v.min() + tau2) / (studies.v + tau2)
    theta = float((w * studies.y).sum() / w.sum()) if effect is None else effect
    significant = power.significant()
    judge = _Judge(test, alternative, int(significant.sum()))
    powers = power(theta)
    statistic, p = judge(powers)
    return ExcessSignificance(
        test=test,
        alternative=alternative,
        direction=direction,
        alpha=alpha,
        measure=effects.measure,
        studies=studies.labels,
        observed=judge.observed,
        expected=float(powers.sum()),
        statistic=statistic,
        p_value=p,
        effect=theta,
        tau2=tau2,
        null=null,
        limit_estimate=_limit(power, judge, null, limit_alpha),
        limit_alpha=limit_alpha,
        powers=tuple(powers.tolist()),
        significant=tuple(significant.tolist()),
        notes=few_studies(studies.k),
    )


def _check(
    alpha: float, limit_alpha: float, tau2: float, effect: float | None, null: float
) -> None:
    for what, given in (("alpha", alpha), ("limit_alpha", limit_alpha)):
        if not 0 < given < 1:
            raise problems.out_of_range(what, given, "between 0 and 1")
    if not (0 <= tau2 <= 1e100):
        raise problems.out_of_range("tau2", tau2, "between 0 and 1e100")
    for what, given in (("effect", 0.0 if effect is None else effect), ("null", null)):
        if not abs(given) <= 1e100:
            raise problems.out_of_range(what, given, "within 1e100 of 0")


@dataclass(frozen=True, slots=True)
class _Power:
    """Chance of each study to be significant at a true effect."""

    studies: StudyNumbers
    direction: str
    alpha: float
    null: float
    tau2: float

    def _critical(self) -> float:
        tail = self.alpha / 2.0 if self.direction == "two-sided" else self.alpha
        return float(normal_quantile(1.0 - tail))

    def significant(self) -> Bools:
        z = (self.studies.y - self.null) / self.studies.se
        critical = self._critical()
        if self.direction == "two-sided":
            return np.asarray(np.abs(z) >= critical)
        return np.asarray(z >= critical if self.direction == "greater" else z <= -critical)

    def __call__(self, theta: float) -> Floats:
        se = self.studies.se
        spread = np.sqrt(self.studies.v + self.tau2)
        reach = self._critical() * se / spread
        shift = (theta - self.null) / spread
        above, below = special.ndtr(shift - reach), special.ndtr(-shift - reach)
        if self.direction == "two-sided":
            return np.asarray(above + below)
        return np.asarray(above if self.direction == "greater" else below)


@dataclass(frozen=True, slots=True)
class _Judge:
    """From powers to the statistic and its p-value."""

    test: str
    alternative: str
    observed: int

    def __call__(self, powers: Floats) -> tuple[float, float]:
        if self.test == "chi2":
            return self._chi2(powers)
        if self.test == "binomial":
            powers = np.full_like(powers, powers.mean())
        chance = _convolved(powers)
        return math.nan, self._tails(chance)

    def _chi2(self, powers: Floats) -> tuple[float, float]:
        k, expected = powers.size, float(powers.sum())
        gap = self.observed - expected
        if expected <= 0 or expected >= k:
            same = abs(gap) < 1e-12 * k
            return (0.0 if same else math.inf), (1.0 if same else 0.0)
        statistic = gap * gap / expected + gap * gap / (k - expected)
        if self.alternative == "two-sided":
            return statistic, float(chi2_tail(statistic, 1.0))
        signed = math.copysign(math.sqrt(statistic), gap)
        return statistic, float(special.ndtr(-signed if self.alternative == "greater" else signed))

    def _tails(self, chance: Floats) -> float:
        if self.alternative == "greater":
            return min(1.0, float(chance[self.observed :].sum()))
        if self.alternative == "less":
            return min(1.0, float(chance[: self.observed + 1].sum()))
        # As unlikely as what was seen, or more; the margin lets equals be equal.
        return min(1.0, float(chance[chance <= chance[self.observed] * (1.0 + 1e-7)].sum()))


def _convolved(powers: Floats) -> Floats:
    """Distribution of the number of successes in independent tests of given power."""
    chance = np.ones(1)
    for power in powers:
        chance = np.convolve(chance, [1.0 - power, power])
    return chance


def _limit(power: _Power, judge: _Judge, null: float, aim: float) -> float:
    """Effect between the null and far beyond all studies at which the p-value is ``aim``."""
    studies = power.studies
    w = studies.v.min() / studies.v
    side = math.copysign(1.0, float((w * (studies.y - null)).sum()))
    if power.direction != "two-sided":
        side = 1.0 if power.direction == "greater" else -1.0
    if judge.alternative == "two-sided" or judge(power(null))[1] > aim:
        return math.nan
    reach = 10.0 * float(np.sqrt(studies.v.max() + power.tau2)) + float(
        np.abs(studies.y - null).max()
    )
    steps = np.linspace(0.0, 1.0, _SCAN)[1:]
    low = 0.0
    for high in steps:
        if judge(power(null + side * reach * high))[1] >= aim:
            return null + side * reach * _halved(power, judge, null, side * reach, low, high, aim)
        low = high
    return math.nan


def _halved(
    power: _Power,
    judge: _Judge,
    null: float,
    reach: float,
    low: float,
    high: float,
    aim: float,
) -> float:
    for _ in range(60):
        middle = 0.5 * (low + high)
        if judge(power(null + reach * middle))[1] >= aim:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)
