r"""Generalised linear mixed models for counts: the five kinds, put together.

Each is a likelihood of the counts themselves, so zeros need no correction:

======= ==========================================================================
UM.FS   both arms' counts; an intercept for every study, random effects
UM.RS   both arms' counts; random intercepts and random effects
CM.EL   events of the treated given all events of the study: exact likelihood
CM.AL   the same, taken as binomial: good where events are rare
single  one group a study: random logits (PLO) or random log rates (IRLN)
======= ==========================================================================
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import optimize

from osler.core.arrays import Bools, Floats
from osler.core.quantiles import chi2_quantile, chi2_tail
from osler.core.roots import newton_in_bracket
from osler.synthesis.counts.families import (
    Family,
    Poisson,
    binomial,
    hypergeometric,
)
from osler.synthesis.counts.fitting import Fit, fit, fit_without, profile
from osler.synthesis.counts.mantel_haenszel import ChiSquared, chi_squared
from osler.synthesis.counts.quadrature import Model, marginal
from osler.synthesis.counts.two_effects import TwoArms
from osler.synthesis.counts.two_fitting import TwoFit, fit_two, profile_two

# No log odds, log ratio or log rate of a study that has one lies beyond this.
_FAR = 80.0
_FOR_CURVATURE = 21
# How far a limit is looked for, in half widths of the normal interval.
_STEPS_OUT = (1, 2, 4, 8, 16, 32, 40)


@dataclass(frozen=True, slots=True)
class Arms:
    """Counts of k studies.

    Attributes
    ----------
    events, size : array of shape (k, 2) or (k, 1)
        Treated and control, or the one group; sizes are participants or person-times.
    rates : bool
        Whether sizes are person-times.
    """

    events: Floats
    size: Floats
    rates: bool

    @property
    def k(self) -> int:
        return int(self.events.shape[0])

    @property
    def two(self) -> bool:
        return int(self.events.shape[1]) == 2


@dataclass(frozen=True, slots=True)
class Mixed:
    """A fitted mixed model; estimates are logits, log ratios or log rates.

    ``common`` fields are those of the model with tau2 = 0. ``sigma2`` is the variance of
    the intercepts and ``rho`` their correlation with the effects, where the model has them.
    """

    estimate: float
    variance: float
    tau2: float
    log_likelihood: float
    common_estimate: float
    common_variance: float
    common_log_likelihood: float
    saturated_log_likelihood: float
    lrt: ChiSquared
    wald: ChiSquared
    nodes: int
    sigma2: float = math.nan
    rho: float = math.nan
    notes: tuple[str, ...] = ()
    ci: tuple[float, float] = (math.nan, math.nan)
    tau2_ci: tuple[float, float] = (math.nan, math.nan)
    p_profile: float = math.nan


def conditional_family(arms: Arms, exact: bool) -> Family:
    """Events of the treated given all of a study: what CM.EL and CM.AL rest on."""
    a, c = arms.events.T
    if exact and not arms.rates:
        return hypergeometric(a, arms.size[:, 0], c, arms.size[:, 1])
    return binomial(a, a + c, np.log(arms.size[:, 0]) - np.log(arms.size[:, 1]))


def _counts(arms: Arms, y: Floats, size: Floats) -> Family:
    return Poisson(y, size) if arms.rates else binomial(y, size)


def _both_arms(arms: Arms) -> Family:
    """The treated of all studies, then their controls."""
    return _counts(arms, arms.events.T.ravel(), arms.size.T.ravel())


def one_predictor(family: Family) -> Model:
    """A random predictor a study: conditional models and single groups."""
    return Model(family, np.zeros(1), np.ones((1, 1)), np.ones(1))


def with_intercepts(arms: Arms, coding: float) -> Model:
    """UM.FS: an intercept for every study, the effect random."""
    x = np.array([coding, coding - 1])
    return Model(_both_arms(arms), np.ones(2), x[:, None], x)


def fit_one_predictor(family: Family, *, nodes: int | None, level: float, intervals: bool) -> Mixed:
    """Conditional models of two arms, or the logistic-normal and Poisson-normal of one.

    Where every study's count is at an edge, one side or the other, the effects can be as far
    apart as one likes: tau2 is then 0 where that is no less likely than any other value, and
    it and the random-effects estimate are NaN where the likelihood rises without end.
    """
    model = one_predictor(family)
    without = fit_without(model)
    found = fit(model, nodes=nodes, without=without)
    rises, level_ground = _without_end(family, found, without)
    if level_ground:
        notes = (*without.notes, _LEVEL_GROUND)
        found, intervals = replace(without, notes=notes, nodes=0), False
    saturated = _saturated(family)
    wald = _q(saturated.own, saturated.information, family.y.size)
    out = _mixed(found, without, saturated.log_likelihood, wald, family.y.size)
    if rises:
        none = math.nan
        return replace(
            out, estimate=none, variance=none, tau2=none, log_likelihood=none, nodes=0,
            notes=(*without.notes, _RISES),
        )  # fmt: skip
    return _with_intervals(out, model, found, level) if intervals else out


_AT_EDGES = "in every study the events are the fewest or the most that its totals allow"
_LEVEL_GROUND = (
    f"{_AT_EDGES}, so the counts cannot tell how far effects differ: tau² is taken to be 0, and "
    "intervals hold only if it is"
)
_RISES = (
    f"{_AT_EDGES}, and the likelihood rises without end with tau²: random effects cannot be "
    "estimated, and the common effect stands alone"
)
# Heights closer than this are one height: quadrature is no more exact.
_SAME_HEIGHT = 1e-8
# A tau that no effects have; a search that comes here is on its way to infinity.
_ENDLESS_TAU = 20.0


def _without_end(family: Family, found: Fit, without: Fit) -> tuple[bool, bool]:
    """Whether the likelihood rises with tau for ever, or stays as high as it is at tau = 0."""
    free = family.lowest < family.highest
    top, bottom = family.y >= family.highest, family.y <= family.lowest
    if not (free & (top | bottom)).all() or top.all() or bottom.all():
        return False, False
    # With endless tau each study is at its top with one probability, whatever its size.
    share = float(top.mean())
    limit = top.size * (share * math.log(share) + (1 - share) * math.log1p(-share))
    gain = limit - without.log_likelihood
    inner = found.log_likelihood > limit and found.tau < _ENDLESS_TAU
    return gain > _SAME_HEIGHT and not inner, abs(gain) <= _SAME_HEIGHT


def fit_with_intercepts(
    arms: Arms, *, coding: float, nodes: int | None, level: float, intervals: bool
) -> Mixed:
    """UM.FS. The saturated model gives every arm its own risk."""
    model = with_intercepts(arms, coding)
    own = crude_intercepts(arms)
    without = fit_without(model, own=own)
    found = fit(model, nodes=nodes, without=without)
    parts = [_saturated(_counts(arms, arms.events[:, j], arms.size[:, j])) for j in (0, 1)]
    i1, i2 = (part.information for part in parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        info = np.where((i1 > 0) & (i2 > 0), i1 * i2 / (i1 + i2), 0.0)
    difference = parts[0].own - parts[1].own
    top = sum(part.log_likelihood for part in parts)
    out = _mixed(found, without, top, _q(difference, info, arms.k), arms.k)
    return _with_intervals(out, model, found, level) if intervals else out


def crude_intercepts(arms: Arms) -> Floats:
    """Studies' overall logits or log rates, a half added so that none is infinite."""
    y, n = arms.events.sum(axis=1) + 0.5, arms.size.sum(axis=1)
    return np.asarray(np.log(y / n) if arms.rates else np.log(y / (n + 1 - y)))


def fit_random_intercepts(
    arms: Arms,
    *,
    coding: float,
    correlated: bool,
    nodes: int | None,
    level: float,
    intervals: bool,
) -> Mixed:
    """UM.RS. With tau2 = 0 or sigma2 = 0 one random effect is left, and is fitted as such."""
    x, counts = np.array([coding, coding - 1]), _both_arms(arms)
    fixed = np.column_stack([np.ones(2), x])
    same_effect = Model(counts, np.zeros(2), fixed, np.ones(2))
    same_base = Model(counts, np.zeros(2), fixed, x)
    # The common effect: random intercepts stay. Nodes chosen for two effects are few enough
    # to be kept for one.
    overall = crude_intercepts(arms)
    neither = fit_without(same_effect, beta=np.array([overall.mean(), 0.0]))
    without = fit(same_effect, nodes=nodes, without=neither)
    data = TwoArms(arms.events, arms.size, arms.rates, (coding, coding - 1), correlated)
    start = np.array([*without.beta, without.tau, 0.5])
    inner = fit_two(data, start, nodes)
    edge = fit(same_base, nodes=nodes, without=neither)
    # Every study an effect of its own beside a random risk of its controls. The intercept's
    # place matters here, as it does not for a common effect; metafor puts it there as well.
    own = Model(counts, np.array([1.0, 0.0]), np.ones((2, 1)), np.ones(2))
    saturated = fit(own, nodes=nodes, without=fit_without(own, beta=overall.mean(keepdims=True)))
    a = arms.events[:, 0]
    inside = (a > 0) & (arms.rates | (a < arms.size[:, 0]))
    wald = _wald_of_own(own, saturated, inside)
    height, estimate, variance, tau, sigma, rho, used, notes = _highest(inner, without, edge)
    sat_height = saturated.log_likelihood
    out = Mixed(
        estimate=estimate,
        variance=variance,
        tau2=tau * tau,
        log_likelihood=height,
        common_estimate=float(without.beta[1]),
        common_variance=float(without.covariance[1, 1]),
        common_log_likelihood=without.log_likelihood,
        saturated_log_likelihood=sat_height,
        lrt=chi_squared(max(0.0, 2 * (sat_height - without.log_likelihood)), arms.k - 1),
        wald=wald,
        nodes=used,
        sigma2=sigma * sigma,
        rho=rho if correlated else math.nan,
        notes=notes,
    )
    if not intervals:
        return out

    def drop(mu: float) -> float:
        return profile_two(data, inner, mu)

    ci = _bounds(drop, out.estimate, math.sqrt(out.variance), height, level)
    return replace(out, ci=ci, p_profile=_p(height - drop(0.0)))


def _highest(
    inner: TwoFit, without: Fit, edge: Fit
) -> tuple[float, float, float, float, float, float, int, tuple[str, ...]]:
    """The best of the inside and of the two edges of the range of (sigma, tau)."""
    p = inner.parameters
    rho = math.tanh(float(p[4])) if p.size == 5 else 0.0
    slack = 1e-7
    height = inner.log_likelihood
    if without.log_likelihood >= height - slack and without.log_likelihood >= edge.log_likelihood:
        return (
            without.log_likelihood,
            float(without.beta[1]),
            float(without.covariance[1, 1]),
            0.0,
            without.tau,
            math.nan,
            without.nodes,
            without.notes,
        )
    if edge.log_likelihood >= height - slack:
        return (
            edge.log_likelihood,
            float(edge.beta[1]),
            float(edge.covariance[1, 1]),
            edge.tau,
            0.0,
            math.nan,
            edge.nodes,
            edge.notes,
        )
    return (
        height,
        float(p[1]),
        float(inner.covariance[1, 1]),
        float(p[3]),
        float(p[2]),
        rho,
        inner.nodes,
        inner.notes,
    )


@dataclass(frozen=True, slots=True)
class _Saturated:
    """Every study by itself: infinite estimates have information 0."""

    own: Floats
    information: Floats
    log_likelihood: float


def _saturated(family: Family) -> _Saturated:
    """Studies whose count is at its lowest or highest fit perfectly, at infinity."""
    edge = (family.y <= family.lowest) | (family.y >= family.highest)

    def score(theta: Floats) -> tuple[Floats, Floats]:
        _, first, second = family.log_likelihood(theta[:, None])
        # A study at its edge has no root: it is given one, and set aside below.
        return np.where(edge, -theta, first[:, 0]), np.where(edge, -1.0, second[:, 0])

    far = np.full(family.y.size, _FAR)
    own = newton_in_bracket(score, -far, far, np.zeros_like(far), np.ones_like(far))
    height, _, second = (part[:, 0] for part in family.log_likelihood(own[:, None]))
    return _Saturated(own, np.where(edge, 0.0, -second), float(np.where(edge, 0.0, height).sum()))


def _q(estimates: Floats, information: Floats, k: int) -> ChiSquared:
    """Wald's test that all studies share one effect: Cochran's Q with these weights."""
    total = float(information.sum())
    if total <= 0:
        return ChiSquared(math.nan, k - 1, math.nan)
    use = information > 0
    y, w = estimates[use], information[use]
    middle = float((w * y).sum()) / total
    return chi_squared(float((w * (y - middle) ** 2).sum()), k - 1)


def _wald_of_own(model: Model, found: Fit, finite: Bools) -> ChiSquared:
    """The same for effects estimated beside random intercepts, which tie them together.

    The joint precision of the effects is diagonal less what was learnt of the intercepts'
    law: it is multiplied, never built.
    """
    # The curvature is the integral's own, for which a few nodes would not do.
    nodes = max(found.nodes, _FOR_CURVATURE)
    at = marginal(model, found.own[:, None], found.beta[None], np.array([found.tau]), nodes)
    info = -at.curvature[:, 0]
    free = slice(1, 3 if found.tau > 0 else 2)
    diagonal, cross = info[:, 0, 0], info[:, 0, free]
    diagonal, cross = np.where(finite, diagonal, 0.0), np.where(finite[:, None], cross, 0.0)
    middle = info[:, free, free].sum(axis=0)
    theta = np.where(finite, found.own, 0.0)

    def precise(v: Floats) -> Floats:
        return np.asarray(diagonal * v - cross @ np.linalg.solve(middle, cross.T @ v))

    one = finite.astype(float)
    t_theta, t_one = precise(theta), precise(one)
    total = float(one @ t_one)
    if total <= 0:
        return ChiSquared(math.nan, model.k - 1, math.nan)
    return chi_squared(float(theta @ t_theta) - float(one @ t_theta) ** 2 / total, model.k - 1)


def _mixed(found: Fit, without: Fit, top: float, wald: ChiSquared, k: int) -> Mixed:
    return Mixed(
        estimate=float(found.beta[0]),
        variance=float(found.covariance[0, 0]),
        tau2=found.tau**2,
        log_likelihood=found.log_likelihood,
        common_estimate=float(without.beta[0]),
        common_variance=float(without.covariance[0, 0]),
        common_log_likelihood=without.log_likelihood,
        saturated_log_likelihood=top,
        lrt=chi_squared(max(0.0, 2 * (top - without.log_likelihood)), k - 1),
        wald=wald,
        nodes=found.nodes,
        notes=found.notes,
    )


def _with_intervals(out: Mixed, model: Model, found: Fit, level: float) -> Mixed:
    """Profile likelihood limits of the estimate and of tau2."""

    def of_mu(mu: float) -> float:
        return profile(model, found, beta=mu)

    def of_tau(tau: float) -> float:
        return profile(model, found, tau=tau)

    ci = _bounds(of_mu, out.estimate, math.sqrt(out.variance), found.log_likelihood, level)
    p = _p(found.log_likelihood - of_mu(0.0))
    return replace(out, ci=ci, tau2_ci=_tau2_bounds(of_tau, found, level), p_profile=p)


def _p(fall: float) -> float:
    """Of the likelihood ratio test that the effect is 0."""
    return float(chi2_tail(max(0.0, 2 * fall), 1.0))


def _bounds(
    height: Callable[[float], float], middle: float, se: float, top: float, level: float
) -> tuple[float, float]:
    """Where the profile likelihood has fallen by half the quantile of chi-squared on 1 df."""
    allowed = float(chi2_quantile(level, 1.0)) / 2

    @cache
    def excess(x: float) -> float:
        return top - height(x) - allowed

    def end(sign: float) -> float:
        step = sign * max(se, 1e-8) * math.sqrt(2 * allowed)
        near = middle
        for steps in _STEPS_OUT:
            far = middle + steps * step
            if excess(far) > 0:
                return float(optimize.brentq(excess, near, far, xtol=1e-10, rtol=1e-12))
            near = far
        return sign * math.inf

    return end(-1.0), end(1.0)


def _tau2_bounds(height: Callable[[float], float], found: Fit, level: float) -> tuple[float, float]:
    allowed = float(chi2_quantile(level, 1.0)) / 2
    top = found.log_likelihood

    def fall(tau: float) -> float:
        return top - height(tau) - allowed

    lower = 0.0
    if found.tau > 0 and fall(0.0) > 0:
        lower = float(optimize.brentq(fall, 0.0, found.tau, xtol=1e-11, rtol=1e-12))
    far = max(2 * found.tau, 0.25)
    while fall(far) < 0:
        far *= 2
        if far > 100:
            return lower**2, math.inf
    upper = float(optimize.brentq(fall, max(found.tau, 0.0), far, xtol=1e-11, rtol=1e-12))
    return lower**2, upper**2
