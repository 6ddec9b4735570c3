"""The permutation test of a pooled mean: what if the signs had fallen otherwise?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates, check_studies
from osler.core.wording import level_percent, number, p_value
from osler.synthesis import problems
from osler.synthesis.asked import checked_level, checked_name
from osler.synthesis.batch import LARGEST, sound
from osler.synthesis.kernel import block_of
from osler.synthesis.tau2 import TAU2_METHODS, TAU2_NAMES

# Up to so many sign patterns all are looked at; half of them mirror the others.
_MOST_PATTERNS = 2**16
_BLOCK = 65_536
_SAME = 1e-9
STATISTICS = ("Wald", "HKSJ")


@dataclass(frozen=True, slots=True, repr=False)
class PermutationTest(Result):
    """Two-sided test of a mean of 0, and its interval where it was asked for.

    ``patterns`` is the number of sign patterns looked at, all of them where ``exact``;
    bounds that were not asked for, or that no mean reaches, are NaN. ``null`` holds the statistic
    under every pattern, the observed one first; where ``exact`` one of each two that mirror each
    other.
    """

    measure: str
    k: int
    estimate: float
    statistic: float
    p_value: float
    ci_lower: float
    ci_upper: float
    level: float
    exact: bool
    patterns: int
    tau2_method: str
    statistic_method: str
    seed: int
    notes: tuple[str, ...] = ()
    null: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    def summary(self) -> str:
        how = "all" if self.exact else f"seed {self.seed}"
        found = f"Estimate {self.estimate:.4g}, statistic {number(self.statistic, 3)}"
        lines = [
            f"Permutation test of the mean of {self.k} studies",
            "",
            f"{found}, {p_value(self.p_value)}",
        ]
        if np.isfinite(self.ci_lower):
            bounds = f"{self.ci_lower:.4g} to {self.ci_upper:.4g}"
            lines.append(f"{level_percent(self.level)} CI {bounds}")
        lines += [
            "",
            "Methods:",
            f"  sign patterns: {number(self.patterns, 0)} ({how})",
            f"  statistic: estimate / standard error ({self.statistic_method})",
            f"  tau² in each pattern: {TAU2_NAMES[self.tau2_method]} ({self.tau2_method})",
            *(f"  {note}" for note in self.notes),
        ]
        return "\n".join(lines)

    def text(self) -> str:
        how = "all" if self.exact else "randomly drawn"
        return (
            f"The mean was tested against 0 by permutation of signs ({how}, "
            f"{number(self.patterns, 0)} patterns), with tau² estimated anew in each by "
            f"{TAU2_NAMES[self.tau2_method]}; {p_value(self.p_value)}."
        )

    def columns(self) -> dict[str, list[object]]:
        """One row."""
        names = ("estimate", "statistic", "p_value", "ci_lower", "ci_upper", "patterns", "exact")
        return {name: [getattr(self, name)] for name in names}

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"p_value": self._why}

    def _why(self) -> Why:
        how = (
            "If the mean is 0 and the effects are symmetric, every pattern of signs is as likely "
            "as the one seen; the p-value is the part of patterns with a statistic as far from 0."
        )
        inputs = (("statistic", self.statistic), ("patterns", self.patterns))
        source = "Follmann & Proschan 1999, Biometrics 55, 732-737"
        return Why("p_value", self.p_value, how, "share of |T*| ≥ |T|", inputs, source)


def permutation_test(
    studies: StudyEstimates,
    *,
    tau2_method: str = "DL",
    statistic: str = "Wald",
    draws: int = 9_999,
    seed: int = 0,
    interval: bool = False,
    level: float = 0.95,
) -> PermutationTest:
    """Test whether the mean of a random-effects model is 0, without a reference distribution.

    Parameters
    ----------
    studies : StudyEstimates
        A synthesis, or effects; estimates on the analysis scale.
    tau2_method : str
        A name of ``TAU2_METHODS``; tau2 is estimated anew for each pattern of signs.
    statistic : {"Wald", "HKSJ"}
        Estimate over the standard error of that method.
    draws : int
        Random patterns where there are more than 65,536 in all (17 studies or more).
    seed : int
        Of the random patterns.
    interval : bool
        Also give the means that the test does not reject, by bisection; the test is repeated
        some fifty times.
    level : float
        Confidence level of the interval.

    Raises
    ------
    DataError
        Where there is no study (SYN001), a method is unknown (SYN005), the level is out of
        range (SYN006), an estimate or variance cannot be used (SYN004, SYN007), fewer than
        one pattern is to be drawn (SYN016), or no effects of studies are given (INF010), but
        a meta-regression (INF013), which has a ``permutation_test`` of its own.

    Notes
    -----
    Exact if effects and errors are symmetric around the mean. With k studies the smallest
    p-value is 2 / 2**k: five studies or fewer cannot reach 0.05. Equals metafor's
    ``permutest(fit, exact=TRUE)`` of a model without moderators.

    References
    ----------
    .. [1] Follmann & Proschan (1999). Biometrics 55, 732-737.
       doi:10.1111/j.0006-341X.1999.00732.x
    .. [2] Higgins & Thompson (2004). Stat Med 23, 1663-1682. doi:10.1002/sim.1752

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(list("ABCDEF"), [0.3, 0.5, 0.2, 0.4, 0.6, 0.1], [0.04] * 6)
    >>> permutation_test(fit).p_value
    0.03125
    """
    check_studies(studies)
    name = checked_name("tau2 method", tau2_method, TAU2_METHODS)
    by = checked_name("statistic", statistic, STATISTICS)
    checked_level(level)
    y, v = np.array(studies.estimates, float), np.array(studies.variances, float)
    _check(studies, y, v, draws)
    exact = 2**y.size <= _MOST_PATTERNS
    signs = _all_signs(y.size) if exact else _drawn_signs(y.size, draws, seed)
    statistics = _Statistics(y, v, signs, name, by == "HKSJ")
    estimate = statistics.estimate()
    null = statistics.values(0.0)
    p, observed = _share(null), float(null[0])
    lower = upper = float("nan")
    if interval and y.size > 1:
        lower, upper = _interval(statistics, estimate, y, v, 1.0 - level)
    return PermutationTest(
        studies.measure,
        int(y.size),
        estimate,
        observed,
        p,
        lower,
        upper,
        level,
        exact,
        2 * signs.shape[1] if exact else signs.shape[1],
        name,
        by,
        seed,
        _notes(y.size, interval, lower, level),
        null,
    )


def _check(studies: StudyEstimates, y: Floats, v: Floats, draws: int) -> None:
    if not y.size:
        raise DataError(problems.no_studies("no estimates"))
    wrong = np.flatnonzero(~sound(y, v))
    if wrong.size:
        at = int(wrong[0])
        if np.isfinite(y[at]) and np.isfinite(v[at]) and abs(y[at]) <= LARGEST and v[at] > 0:
            raise DataError(problems.beyond_computing(studies.studies[at], y[at], v[at]))
        raise DataError(problems.not_a_number(studies.studies[at], y[at], v[at]))
    if draws < 1:
        raise DataError(problems.no_draws(draws))


def _notes(k: int, interval: bool, lower: float, level: float) -> tuple[str, ...]:
    smallest = 2.0 / 2.0**k
    said = []
    if smallest > 1.0 - level:
        said.append(f"With {k} studies no p-value below {smallest:.3g} is possible.")
    if interval and not np.isfinite(lower):
        said.append("No mean is rejected at this level: there is no bounded interval.")
    return tuple(said)


def _all_signs(k: int) -> Floats:
    """Every pattern with a plus for the first study, as the others mirror these; (k, 2**(k-1))."""
    bits = np.arange(2 ** (k - 1))[None, :] >> np.arange(k)[:, None]
    # The last row's bit is always 0; it takes the first study's place.
    return np.asarray(1.0 - 2.0 * (bits[::-1] & 1))


def _drawn_signs(k: int, draws: int, seed: int) -> Floats:
    """Random patterns, the observed one among them; shape (k, draws + 1)."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice([-1.0, 1.0], (k, draws))
    return np.concatenate([np.ones((k, 1)), drawn], axis=1)


@dataclass(frozen=True, slots=True)
class _Statistics:
    """The test statistic under every pattern; the first pattern leaves the data as they are."""

    y: Floats
    v: Floats
    signs: Floats
    method: str
    by_spread: bool

    def estimate(self) -> float:
        block = block_of(self.y[:, None], self.v[:, None], np.ones((self.y.size, 1), bool))
        w = 1.0 / (block.v + TAU2_METHODS[self.method](block))
        mean = (w * block.y).sum(axis=0) / w.sum(axis=0)
        return float((block.centre + block.unit * mean)[0])

    def p_value(self, mean: float) -> float:
        return _share(self.values(mean))

    def values(self, mean: float) -> Floats:
        """The statistic under every pattern, for the test of ``mean``."""
        width = max(1, _BLOCK // self.y.size)
        parts = [
            self._some(self.signs[:, at : at + width] * (self.y - mean)[:, None])
            for at in range(0, self.signs.shape[1], width)
        ]
        return np.concatenate(parts)

    def _some(self, y: Floats) -> Floats:
        v = np.broadcast_to(self.v[:, None], y.shape)
        block = block_of(y, v, np.ones(y.shape, bool))
        w = 1.0 / (block.v + TAU2_METHODS[self.method](block))
        total = w.sum(axis=0)
        centred = (w * block.y).sum(axis=0) / total
        mean = block.centre / block.unit + centred
        square = 1.0 / total
        if self.by_spread and self.y.size > 1:
            q = (w * (block.y - centred) ** 2).sum(axis=0)
            square = np.maximum(q, np.finfo(float).tiny) / ((self.y.size - 1.0) * total)
        return np.asarray(mean / np.sqrt(square))


def _share(values: Floats) -> float:
    """The share of statistics at least as far from 0 as the first, the observed one."""
    return float((np.abs(values) >= np.abs(values[0]) * (1.0 - _SAME)).mean())


def _interval(
    statistics: _Statistics, estimate: float, y: Floats, v: Floats, alpha: float
) -> tuple[float, float]:
    """The outermost means that are not rejected, to a ten-thousandth of their distance."""
    if 2.0 / 2.0**y.size > alpha:
        return float("nan"), float("nan")
    far = np.ptp(y) + 10.0 * np.sqrt(v.max())
    ends = []
    for side in (-1.0, 1.0):
        inside, outside = estimate, estimate + side * far
        while abs(outside - inside) > 1e-5 * far:
            middle = 0.5 * (inside + outside)
            if statistics.p_value(middle) > alpha:
                inside = middle
            else:
                outside = middle
        ends.append(0.5 * (inside + outside))
    return ends[0], ends[1]
