"""Fail-safe numbers: how many null studies would undo a result."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.studies import (
    StudyNumbers,
    effect_words,
    few_studies,
    noted,
    numbers_of,
)
from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, number, p_value
from osler.effects.scales import scale_of, shown

KINDS = ("rosenthal", "orwin", "rosenberg", "general")
SOURCES = {
    "rosenthal": "Rosenthal (1979) Psychol Bull 86, 638-641",
    "orwin": "Orwin (1983) J Educ Stat 8, 157-159",
    "rosenberg": "Rosenberg (2005) Evolution 59, 464-468",
    "general": "the random-effects form of Rosenberg (2005) Evolution 59, 464-468",
}
_FORMULAE = {
    "rosenthal": "(Σ zᵢ)² / z_α² − k, zᵢ = yᵢ / √vᵢ, α one-sided",
    "orwin": "k (mean − target) / target",
    "rosenberg": "k ((z / z_α)² − 1), z of the common effect, α two-sided",
    "general": "smallest N with p ≥ α after N studies of effect 0 and harmonic mean variance",
}
WARNING = (
    "A fail-safe number does not measure or correct bias: it takes unseen studies to average "
    "no effect, and has no level beyond which a result is safe (Becker 2005)."
)
# More studies than anybody could have hidden; the search ends here.
_MOST = 10_000_000


@dataclass(frozen=True, slots=True, repr=False)
class FailSafeN(Result):
    """A fail-safe number.

    Attributes
    ----------
    n : int or None
        Null studies needed; 0 where the result does not stand as it is; None where more than
        ten million would not do.
    exact : float
        Before rounding up; NaN for "general", which counts.
    alpha, target : float
        What is to be reached: a p-value, or ("orwin") a mean; NaN where it plays no part.
    mean, p_value : float
        Of the studies as they are; NaN where it plays no part.
    tolerance : int
        5k + 10, Rosenthal's rule of thumb, for "rosenthal".
    """

    kind: str
    measure: str
    studies: tuple[str, ...]
    n: int | None
    exact: float
    alpha: float
    target: float
    mean: float
    p_value: float
    weighted: bool
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    @property
    def tolerance(self) -> int:
        return 5 * self.k + 10

    def summary(self) -> str:
        rows = [["null studies needed", self._count()], ["to reach", self._aim()]]
        if math.isfinite(self.mean):
            rows.append(["mean as it is", self._shown(self.mean)])
        if math.isfinite(self.p_value):
            rows.append(["p as it is", p_value(self.p_value)])
        if self.kind == "rosenthal":
            rows.append(["rule of thumb", f"5k + 10 = {self.tolerance}"])
        title = f"Fail-safe N ({self.kind}) of {counted(self.k, 'study', 'studies')}"
        lines = [f"  {line}" for line in aligned(rows, left=2)]
        return "\n".join([title, *lines, *noted(self.notes)])

    def _count(self) -> str:
        return "more than ten million" if self.n is None else number(self.n, 0)

    def _aim(self) -> str:
        if self.kind == "orwin":
            kind = "weighted mean" if self.weighted else "mean"
            return f"{kind} {effect_words(self.measure)} of {self._shown(self.target)}"
        sided = "one-sided" if self.kind == "rosenthal" else "two-sided"
        return f"{sided} p of {self.alpha:g}"

    def _shown(self, value: float) -> str:
        scale = scale_of(self.measure)
        return shown(scale, value) + (f" {scale.unit}" if scale.unit else "")

    def columns(self) -> dict[str, list[object]]:
        names = "kind k n exact alpha target mean p_value weighted"
        return {name: [getattr(self, name)] for name in names.split()}

    def text(self) -> str:
        studies = counted(self.k, "study", "studies")
        said = f"The fail-safe number of {studies} ({SOURCES[self.kind]}) was {self._count()}"
        said += (
            f", as these studies alone are not beyond a {self._aim()}."
            if self.n == 0
            else f": so many unseen studies, averaging no effect, would bring them to a "
            f"{self._aim()}."
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            "n": lambda: Why(
                "n",
                self.n,
                "Rounded up; 0 where the result is not beyond the target as it is.",
                _FORMULAE[self.kind],
                (
                    ("k", self.k),
                    ("alpha", self.alpha),
                    ("target", self.target),
                    ("before rounding", self.exact),
                ),
                SOURCES[self.kind],
            )
        }


def fail_safe_n(
    effects: StudyEstimates,
    kind: str = "rosenthal",
    *,
    alpha: float = 0.05,
    target: float | None = None,
    weighted: bool = False,
) -> FailSafeN:
    """How many studies without effect would make a result insignificant, or small.

    Parameters
    ----------
    effects : StudyEstimates
        At least one study.
    kind : {"rosenthal", "orwin", "rosenberg", "general"}
        "rosenthal" adds up z-values (Stouffer), "rosenberg" the common effect, "general" the
        random-effects estimate (DerSimonian-Laird, Wald) with added studies whose variance
        is the harmonic mean; "orwin" asks when the mean falls to ``target``.
    alpha : float
        One-sided for "rosenthal", in the direction found; else two-sided.
    target : float, optional
        Mean, on the analysis scale, that no longer matters; its sign does not count.
        Default: half of the mean found, which is arbitrary.
    weighted : bool
        "orwin" by inverse-variance weights.

    Returns
    -------
    FailSafeN

    Raises
    ------
    DataError
        ASY001, ASY002, ASY003; ASY006 where alpha or target make no sense.

    Notes
    -----
    "rosenthal", "orwin" and "rosenberg" equal metafor's ``fsn``. Kept for reading older
    reviews; nothing should rest on it.

    References
    ----------
    .. [1] Rosenthal (1979). Psychol Bull 86, 638-641. doi:10.1037/0033-2909.86.3.638
    .. [2] Orwin (1983). J Educ Stat 8, 157-159. doi:10.3102/10769986008002157
    .. [3] Rosenberg (2005). Evolution 59, 464-468. doi:10.1111/j.0014-3820.2005.tb01004.x
    .. [4] Becker (2005). In: Publication Bias in Meta-Analysis, chapter 7. Wiley.

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.4, 0.3, 0.5, 1.0], [0.01, 0.04, 0.09, 0.25])
    >>> fail_safe_n(fit).n
    28
    """
    if kind not in KINDS:
        raise problems.unknown_choice("fail-safe number", kind, KINDS)
    if not 0 < alpha < 1:
        raise problems.out_of_range("alpha", alpha, "between 0 and 1")
    studies = numbers_of(effects, "a fail-safe number", 1)
    found = _COUNTS[kind](studies, alpha, target, weighted)
    return FailSafeN(
        kind=kind,
        measure=effects.measure,
        studies=studies.labels,
        n=found.n,
        exact=found.exact,
        alpha=math.nan if kind == "orwin" else alpha,
        target=found.target,
        mean=found.mean,
        p_value=found.p_value,
        weighted=weighted and kind == "orwin",
        notes=(WARNING, *few_studies(studies.k)),
    )


@dataclass(frozen=True, slots=True)
class _Count:
    n: int | None
    exact: float
    mean: float
    p_value: float
    target: float = math.nan


def _whole(exact: float) -> int | None:
    if exact > _MOST:
        return None
    # Just above a whole number by rounding alone is that number.
    return max(0, math.ceil(exact - 1e-10 * max(1.0, abs(exact))))


def _rosenthal(s: StudyNumbers, alpha: float, target: float | None, weighted: bool) -> _Count:
    total = float((s.y / s.se).sum())
    critical = float(normal_quantile(1.0 - alpha))
    p = float(normal_two_sided(total / math.sqrt(s.k))) / 2.0
    exact = (total / critical) ** 2 - s.k if p < alpha else 0.0
    return _Count(_whole(exact), exact, math.nan, p)


def _orwin(s: StudyNumbers, alpha: float, target: float | None, weighted: bool) -> _Count:
    w = s.v.min() / s.v if weighted else np.ones(s.k)
    mean = float((w * s.y).sum() / w.sum())
    aim = mean / 2.0 if target is None else math.copysign(abs(target), mean)
    if not math.isfinite(aim) or (aim == 0.0 and mean != 0.0):
        raise problems.out_of_range("target", aim, "away from 0, and is finite")
    exact = s.k * (mean - aim) / aim if aim else 0.0
    return _Count(_whole(exact), max(exact, 0.0), mean, math.nan, aim)


def _rosenberg(s: StudyNumbers, alpha: float, target: float | None, weighted: bool) -> _Count:
    w = s.v.min() / s.v
    mean = float((w * s.y).sum() / w.sum())
    z = mean * math.sqrt(w.sum() / s.v.min())
    p = float(normal_two_sided(z))
    critical = float(normal_quantile(1.0 - alpha / 2.0))
    exact = s.k * ((z / critical) ** 2 - 1.0) if p < alpha else 0.0
    return _Count(_whole(exact), exact, mean, p)


def _general(s: StudyNumbers, alpha: float, target: float | None, weighted: bool) -> _Count:
    unit = float(s.v.min())
    y, v = s.y / math.sqrt(unit), s.v / unit
    null = 1.0 / float(np.mean(1.0 / v))
    mean, z = (float(each[0]) for each in _random_z(y, v, null, np.zeros(1, int)))
    mean *= math.sqrt(unit)
    p = float(normal_two_sided(z))
    critical = float(normal_quantile(1.0 - alpha / 2.0))
    if abs(z) <= critical:
        return _Count(0, math.nan, mean, p)
    low, high = 0, 1
    while high < _MOST and _beyond(y, v, null, high, critical):
        low, high = high, 2 * high
    if high >= _MOST:
        return _Count(None, math.nan, mean, p)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _beyond(y, v, null, middle, critical) else (low, middle)
    return _Count(high, math.nan, mean, p)


def _beyond(y: Floats, v: Floats, null: float, n: int, critical: float) -> bool:
    return bool(abs(_random_z(y, v, null, np.array([n]))[1][0]) > critical)


def _random_z(y: Floats, v: Floats, null: float, n: NDArray[np.int_]) -> tuple[Floats, Floats]:
    """DerSimonian-Laird mean and z with ``n`` (m,) studies of effect 0 and variance ``null``."""
    w, extra = 1.0 / v, n / null
    total = w.sum() + extra
    centre = (w * y).sum() / total
    q = (w * (y[None] - centre[:, None]) ** 2).sum(1) + extra * centre**2
    spread = total - ((w * w).sum() + extra / null) / total
    df = y.size + n - 1.0
    tau2 = np.maximum(0.0, np.divide(q - df, spread, out=np.zeros_like(q), where=df > 0))
    w2 = 1.0 / (v[None] + tau2[:, None])
    total2 = w2.sum(1) + n / (null + tau2)
    mean = (w2 * y[None]).sum(1) / total2
    return mean, mean * np.sqrt(total2)


_COUNTS: Mapping[str, Callable[[StudyNumbers, float, float | None, bool], _Count]] = {
    "rosenthal": _rosenthal,
    "orwin": _orwin,
    "rosenberg": _rosenberg,
    "general": _general,
}
