"""p-uniform*: the effect from significant and other studies, each set on its own terms."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from osler.appraisal.asymmetry.studies import (
    StudyNumbers,
    effect_words,
    few_studies,
    noted,
    numbers_of,
    with_ci,
)
from osler.appraisal.selection import problems
from osler.appraisal.selection.climbing import Summit, climb
from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_quantile, chi2_tail, normal_quantile
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, p_value, significant

_SOURCE = "van Aert & van Assen, MetaArXiv, doi:10.31222/osf.io/zqjr9"
_LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True, repr=False)
class PUniformStar(Result):
    """Maximum likelihood with one weight for significant studies and one for the others.

    Attributes
    ----------
    estimate, ci_lower, ci_upper : float
        Mean effect and its profile likelihood interval; an end is infinite where the
        likelihood never falls far enough.
    effect_lr, p_value : float
        Likelihood ratio test of no effect, 1 degree of freedom.
    tau2, tau2_lr, tau2_p_value : float
    significant : int
        Studies significant in the direction favoured, at one-sided 0.025.
    """

    measure: str
    studies: tuple[str, ...]
    side: str
    significant: int
    estimate: float
    ci_lower: float
    ci_upper: float
    effect_lr: float
    p_value: float
    tau2: float
    tau2_lr: float
    tau2_p_value: float
    log_likelihood: float
    level: float
    converged: bool
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
            ["tau²", f"{significant(self.tau2)}, {p_value(self.tau2_p_value)}"],
            ["significant", f"{self.significant} of {self.k}, one-sided 0.025, {self.side}"],
        ]
        title = "p-uniform*, maximum likelihood, profile likelihood interval"
        lines = [f"  {line}" for line in aligned(rows, left=2)]
        return "\n".join([title, *lines, *noted(self.notes)])

    def columns(self) -> dict[str, list[object]]:
        names = (
            "side k significant estimate ci_lower ci_upper effect_lr p_value tau2 tau2_lr "
            "tau2_p_value log_likelihood level"
        )
        return {name: [getattr(self, name)] for name in names.split()}

    def text(self) -> str:
        favoured = "larger" if self.side == "right" else "smaller"
        said = (
            f"By p-uniform* ({_SOURCE}; maximum likelihood, selection in favour of {favoured} "
            f"estimates) the {effect_words(self.measure)} was {self._cell()}, from "
            f"{counted(self.k, 'study', 'studies')} of which {self.significant} had one-sided "
            f"p < 0.025; tau² was {significant(self.tau2)} ({p_value(self.tau2_p_value)})."
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            "estimate": lambda: Why(
                "estimate",
                self.estimate,
                "Highest point of the likelihood in which each study is drawn from its own side "
                "of its critical value.",
                "Π N(yᵢ; μ, vᵢ + τ²) / P(significant), or / P(not significant)",
                (("tau2", self.tau2), ("significant", self.significant)),
                _SOURCE,
            )
        }


def p_uniform_star(
    effects: StudyEstimates, *, side: str = "right", level: float = 0.95
) -> PUniformStar:
    """Estimate the effect where significant studies are more likely to be seen.

    Within the significant studies, and within the others, all are taken to be as likely to
    be seen, so that the ratio of the two chances drops out.

    Parameters
    ----------
    effects : StudyEstimates
        At least two studies, one of them significant on the side favoured.
    side : {"right", "left"}
        Whether large or small estimates are favoured.
    level : float

    Returns
    -------
    PUniformStar

    Raises
    ------
    DataError
        ASY001, ASY002; SEL001; SEL007; SEL008 where no study is significant.

    Notes
    -----
    The maximum likelihood version. The same data give nearly what a step model with one
    step gives: both estimate an effect under one ratio of chances. The interval is the set of
    effects that a likelihood ratio test does not reject.

    References
    ----------
    .. [1] van Aert & van Assen. Correcting for publication bias in a meta-analysis with the
       p-uniform* method. MetaArXiv, doi:10.31222/osf.io/zqjr9

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.4, 0.62, 0.9, 0.1], [0.01, 0.04, 0.09, 0.25])
    >>> found = p_uniform_star(fit)
    >>> found.significant, round(found.estimate, 2)
    (3, 0.42)
    """
    if side not in ("right", "left"):
        raise problems.unknown_choice("side", side, ("right", "left"))
    if not 0 < level < 1:
        raise problems.out_of_range("the level", level, "between 0 and 1")
    studies = numbers_of(effects, "p-uniform*", 2)
    turned = _Truncated.of(studies, side)
    if not turned.significant.any():
        raise problems.none_significant("p-uniform*", f"side {side}")
    return _told(studies, turned, side, level)


def _told(studies: StudyNumbers, likelihood: "_Truncated", side: str, level: float) -> PUniformStar:
    best, arrived = likelihood.best()
    none = likelihood.profile(0.0)
    common = likelihood.common()
    height = max(best[2], none, common)
    effect_lr, tau2_lr = 2.0 * (height - none), 2.0 * (height - common)
    aim = height - 0.5 * float(chi2_quantile(level, 1.0))
    ends = [likelihood.end(best[0], best[1], aim, way) * likelihood.unit for way in (-1.0, 1.0)]
    turn = -1.0 if side == "left" else 1.0
    lower, upper = sorted(turn * end for end in ends)
    notes: tuple[str, ...] = (
        () if arrived else ("The search did not settle: the numbers are where it stopped.",)
    )
    if not (math.isfinite(lower) and math.isfinite(upper)):
        notes += ("The likelihood hardly falls on one side: the interval has no end there.",)
    unit = likelihood.unit
    return PUniformStar(
        measure=studies.measure,
        studies=studies.labels,
        side=side,
        significant=int(likelihood.significant.sum()),
        estimate=turn * best[0] * unit,
        ci_lower=lower,
        ci_upper=upper,
        effect_lr=effect_lr,
        p_value=float(chi2_tail(effect_lr, 1.0)),
        tau2=best[1] * unit * unit,
        tau2_lr=tau2_lr,
        tau2_p_value=float(chi2_tail(tau2_lr, 1.0)),
        log_likelihood=height - studies.k * math.log(unit),
        level=level,
        converged=arrived,
        notes=notes + few_studies(studies.k),
    )


@dataclass(frozen=True, slots=True)
class _Truncated:
    """The likelihood in units of the typical standard error, "right" favoured."""

    y: Floats
    v: Floats
    cut: Floats
    significant: Bools
    unit: float

    @classmethod
    def of(cls, studies: StudyNumbers, side: str) -> "_Truncated":
        unit = float(np.exp(np.mean(np.log(studies.se))))
        y = (-1.0 if side == "left" else 1.0) * studies.y / unit
        v = studies.v / unit / unit
        cut = float(normal_quantile(0.975)) * np.sqrt(v)
        return cls(y, v, cut, y > cut, unit)

    def __call__(self, mu: Floats, tau2: Floats) -> tuple[Floats, Floats, Floats]:
        """Heights (n,), slopes (n, 2) in mu and tau2, and second derivatives (n, 2, 2)."""
        total = self.v + tau2[:, None]
        s = np.sqrt(total)
        u = (mu[:, None] - self.cut) / s
        sign = np.where(self.significant, 1.0, -1.0)
        log_chance = special.log_ndtr(sign * u)
        # phi / Phi, held in the far tail by working with logarithms.
        ratio = sign * np.exp(-0.5 * u * u - 0.5 * _LOG_2PI - log_chance)
        bent = -ratio * (u + ratio)
        residual = self.y - mu[:, None]
        squared = residual * residual / total
        height = -0.5 * (np.log(total) + squared + _LOG_2PI) - log_chance
        by_mu = residual / total - ratio / s
        by_tau2 = 0.5 * (squared - 1.0 + ratio * u) / total
        mu_mu = -(1.0 + bent) / total
        mu_tau2 = (0.5 * (bent * u + ratio) / s - residual / total) / total
        tau2_tau2 = (0.5 - squared - 0.25 * u * (bent * u + 3.0 * ratio)) / total**2
        second = np.stack([mu_mu, mu_tau2, mu_tau2, tau2_tau2], axis=-1).sum(1)
        gradient = np.stack([by_mu, by_tau2], axis=-1).sum(1)
        return height.sum(1), gradient, second.reshape(-1, 2, 2)

    def _tops(self, mu: Floats, tau2: Floats, free: slice = slice(2)) -> list[Summit]:
        """Climbs in (mu, log(1 + tau2)), or the one that is free, from each of several starts."""
        starts = np.stack([mu, np.log1p(tau2)], axis=1)
        lower, upper = np.array([-np.inf, 0.0]), np.full(2, np.inf)

        def hill(t: Floats) -> tuple[Floats, Floats, Floats]:
            x = np.tile(starts[0], (len(t), 1))
            x[:, free] = t
            spread = np.expm1(x[:, 1])
            height, gradient, second = self(x[:, 0], spread)
            gradient[:, 1] *= 1.0 + spread
            second[:, 1] *= 1.0 + spread[:, None]
            second[:, :, 1] *= 1.0 + spread[:, None]
            second[:, 1, 1] += gradient[:, 1]
            return height, gradient[:, free], second[:, free, free]

        return climb(hill, starts[:, free], lower[free], upper[free])

    def best(self) -> tuple[tuple[float, float, float], bool]:
        """Coefficient, tau2 and height of the highest summit."""
        middle, spread = float(self.y.mean()), float(self.y.var())
        mu = np.repeat([middle, 0.0, -middle], 2)
        top = max(self._tops(mu, np.tile([spread, 0.05], 3)), key=lambda s: s.height)
        return (float(top.at[0]), math.expm1(float(top.at[1])), top.height), top.arrived

    def profile(self, mu: float) -> float:
        """Greatest height over tau2."""
        reach = float(np.abs(self.y - mu).max()) ** 2
        spreads = reach * np.array([0.0, 0.05, 1.0, 10.0])
        return max(top.height for top in self._tops(np.full(4, mu), spreads, slice(1, 2)))

    def _along(self, mu: float, tau2: float) -> tuple[float, float, float]:
        """From ``tau2`` uphill at this mean: height, slope of the profile, and tau2."""
        (top,) = self._tops(np.array([mu]), np.array([tau2]), slice(1, 2))
        found = math.expm1(float(top.at[0]))
        # At the best tau2 the profile's slope is the partial one.
        _, slopes, _ = self(np.array([mu]), np.array([found]))
        return top.height, float(slopes[0, 0]), found

    def common(self) -> float:
        """Greatest height with tau2 = 0."""
        starts = np.array([float(self.y.mean()), 0.0, float(self.y.min())])
        return max(top.height for top in self._tops(starts, np.zeros(3), slice(1)))

    def end(self, mu: float, tau2: float, aim: float, way: float) -> float:
        """Where the profile falls to ``aim`` on one side; infinite where it does not."""
        near, far, step = mu, mu, 0.5
        while True:
            far = mu + way * step
            height, _, tau2 = self._along(far, tau2)
            if height < aim:
                break
            near, step = far, 2.0 * step
            if step > 1e4:
                return way * math.inf
        x = far
        for _ in range(100):
            height, slope, tau2 = self._along(x, tau2)
            near, far = (x, far) if height >= aim else (near, x)
            new = x - (height - aim) / slope if slope else 0.5 * (near + far)
            if not min(near, far) < new < max(near, far):
                new = 0.5 * (near + far)
            if abs(new - x) <= 1e-11 * (1.0 + abs(x)):
                return new
            x = new
        return x
