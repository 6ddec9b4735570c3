"""Each way to pool counts, from arrays to estimates with their tests and choices in words."""

import math
from dataclasses import dataclass, replace

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, normal_two_sided, t_quantile, t_two_sided
from osler.core.wording import plain
from osler.synthesis.counts import problems
from osler.synthesis.counts.exact import Exact, exact_irr, exact_or
from osler.synthesis.counts.families import Poisson, binomial
from osler.synthesis.counts.mantel_haenszel import (
    ChiSquared,
    Common,
    breslow_day,
    chi_squared,
    cochran_mantel_haenszel,
    mantel_haenszel_ird,
    mantel_haenszel_irr,
    mantel_haenszel_or,
    mantel_haenszel_rd,
    mantel_haenszel_rr,
    person_time_test,
    peto,
)
from osler.synthesis.counts.mixed import (
    Arms,
    Mixed,
    conditional_family,
    fit_one_predictor,
    fit_random_intercepts,
    fit_with_intercepts,
)
from osler.synthesis.counts.model import CountsHeterogeneity, PooledCounts
from osler.synthesis.counts.overdispersed import Scatter, beta_binomial, poisson_gamma
from osler.synthesis.counts.plan import Plan
from osler.synthesis.counts.zeros import Correction, corrected, study_effects


@dataclass(frozen=True, slots=True)
class Made:
    """What a method gives, before it is dressed."""

    common: PooledCounts | None
    random: PooledCounts | None
    heterogeneity: CountsHeterogeneity
    weights: Floats
    choices: tuple[str, ...]
    notes: tuple[str, ...] = ()
    test: ChiSquared | None = None
    log_likelihood: float = math.nan
    common_log_likelihood: float = math.nan
    nodes: int = 0


def pooled_by(arms: Arms, plan: Plan) -> Made:
    if plan.method == "MH":
        return _by_mantel_haenszel(arms, plan)
    if plan.method == "Peto":
        return _by_peto(arms, plan)
    if plan.method == "exact":
        return _by_exact(arms, plan)
    _refuse_infinite(arms, plan)
    if plan.method in ("beta-binomial", "Poisson-gamma"):
        return _by_scatter(arms, plan)
    return _by_mixed(arms, plan)


def _wald(estimate: float, variance: float, level: float) -> PooledCounts:
    se = math.sqrt(variance) if variance >= 0 else math.nan
    half = float(normal_quantile(0.5 + level / 2)) * se
    p = float(normal_two_sided(estimate / se)) if se > 0 else math.nan
    return PooledCounts(estimate, se, estimate - half, estimate + half, p, "Wald")


def _q_about(y: Floats, v: Floats, middle: float) -> tuple[ChiSquared, float, float]:
    """Q of the studies' own effects about the pooled one, with I2 and H2 from it."""
    use = np.isfinite(y) & (v > 0)
    df = int(use.sum()) - 1
    if df < 0 or not math.isfinite(middle):
        return ChiSquared(math.nan, max(df, 0), math.nan), math.nan, math.nan
    q = float(((y[use] - middle) ** 2 / v[use]).sum())
    i2 = max(0.0, 1 - df / q) if q > 0 and df else 0.0
    return chi_squared(q, df), i2, (q / df if df else math.nan)


def _by_mantel_haenszel(arms: Arms, plan: Plan) -> Made:
    whole, _ = corrected(arms, plan.correction)
    (a, c), (n1, n2) = whole.events.T, whole.size.T
    found = _mantel_haenszel(plan, a, n1, c, n2)
    _refuse_undetermined(found, arms, plan)
    pooled = _wald(found.estimate, found.variance, plan.level)
    y, v = study_effects(arms, plan.measure)
    q, i2, h2 = _q_about(y, v, found.estimate)
    heterogeneity = CountsHeterogeneity(i2=i2, h2=h2, q=q)
    (a, c), (n1, n2) = arms.events.T, arms.size.T
    if plan.measure == "OR":
        plain, tarone = breslow_day(a, n1, c, n2, found.estimate)
        heterogeneity = replace(heterogeneity, breslow_day=plain, tarone=tarone)
    test = (person_time_test if arms.rates else cochran_mantel_haenszel)(
        a, n1, c, n2, correct=plan.cmh_correct
    )
    choices = [plan.correction.told()]
    if plan.measure == "RD":
        choices.append(f"variance of {plan.variance.replace('-', ' & ')}")
    choices.append(
        f"test of no effect {'with' if plan.cmh_correct else 'without'} continuity correction"
    )
    return Made(pooled, None, heterogeneity, found.weights, tuple(choices), test=test)


def _mantel_haenszel(plan: Plan, a: Floats, n1: Floats, c: Floats, n2: Floats) -> Common:
    if plan.measure == "RD":
        return mantel_haenszel_rd(a, n1, c, n2, plan.variance)
    formulas = {
        "OR": mantel_haenszel_or,
        "RR": mantel_haenszel_rr,
        "IRR": mantel_haenszel_irr,
        "IRD": mantel_haenszel_ird,
    }
    return formulas[plan.measure](a, n1, c, n2)


def _refuse_undetermined(found: Common, arms: Arms, plan: Plan) -> None:
    if math.isnan(found.estimate):
        raise problems.nothing_left("no study has an event in one arm and room for it in the other")
    if math.isinf(found.estimate):
        raise problems.infinite(plan.method, _one_sided(arms), _ELSE)
    if not found.variance > 0:
        raise problems.nothing_left("the counts leave the pooled effect no variance")


_ELSE = 'use method="exact", whose limits hold, or for MH a correction, and say so'


def _one_sided(arms: Arms) -> str:
    """Which arm makes the estimate infinite."""
    names = ("treated", "control") if arms.two else ("",)
    for j, name in enumerate(names):
        who = f"{name} participant" if name and not arms.rates else "participant"
        who = f"{name} group" if name and arms.rates else who
        if not arms.events[:, j].any():
            return f"no {who} of any study had the event"
        if not arms.rates and (arms.events[:, j] == arms.size[:, j]).all():
            return f"every {who} of every study had the event"
    return "in every study one arm has all or none of the events that it could have"


def _by_peto(arms: Arms, plan: Plan) -> Made:
    (a, c), (n1, n2) = arms.events.T, arms.size.T
    found, o_minus_e, v = peto(a, n1, c, n2)
    _refuse_undetermined(found, arms, plan)
    use = v > 0
    y = np.where(use, o_minus_e / np.where(use, v, 1.0), np.nan)
    q, i2, h2 = _q_about(y, np.where(use, 1 / np.where(use, v, 1.0), np.nan), found.estimate)
    pooled = _wald(found.estimate, found.variance, plan.level)
    notes: tuple[str, ...] = ()
    ratio = n1.sum() / n2.sum()
    if abs(found.estimate) > 1 or not 1 / 3 < ratio < 3:
        notes = ("Peto's estimate is biased for effects far from 1 and for unequal arms",)
    heterogeneity = CountsHeterogeneity(i2=i2, h2=h2, q=q)
    return Made(pooled, None, heterogeneity, found.weights, (Correction().told(),), notes)


def _by_exact(arms: Arms, plan: Plan) -> Made:
    (a, c), (n1, n2) = arms.events.T, arms.size.T
    made = exact_irr if arms.rates else exact_or
    found: Exact = made(a, n1, c, n2, plan.level, mid_p=plan.mid_p)
    if math.isnan(found.estimate):
        raise problems.nothing_left("given the totals, no other counts are possible")
    kind = "mid-p" if plan.mid_p else "exact"
    pooled = PooledCounts(
        found.estimate, math.sqrt(found.variance), found.ci_lower, found.ci_upper,
        found.p_value, kind,
    )  # fmt: skip
    notes: tuple[str, ...] = ()
    if math.isinf(found.estimate):
        notes = (f"{_one_sided(arms)}: the estimate is infinite, one limit holds",)
    choices = ("conditional on the events of each study", f"{kind} limits and p-value")
    y, v = study_effects(arms, plan.measure)
    q, i2, h2 = _q_about(y, v, found.estimate)
    heterogeneity = CountsHeterogeneity(i2=i2, h2=h2, q=q)
    if plan.measure == "OR" and math.isfinite(found.estimate):
        plain, tarone = breslow_day(a, n1, c, n2, found.estimate)
        heterogeneity = replace(heterogeneity, breslow_day=plain, tarone=tarone)
    return Made(pooled, None, heterogeneity, np.full(arms.k, math.nan), choices, notes)


def _refuse_infinite(arms: Arms, plan: Plan) -> None:
    """Separation: the counts allow an effect as large as one likes."""
    x, n = arms.events, arms.size
    if plan.method in ("GLMM-CM.EL", "GLMM-CM.AL", "GLMM-UM.FS"):
        family = conditional_family(arms, exact=plan.method != "GLMM-CM.AL")
        y, low, high = family.y, family.lowest, family.highest
        apart = bool((y == low).all() or (y == high).all())
    else:
        apart = bool((x == 0).all(axis=0).any())
        apart |= not arms.rates and bool((x == n).all(axis=0).any())
    if apart:
        single = (
            "pool with one more study, or give the exact limit of all events of all participants"
        )
        raise problems.infinite(plan.method, _one_sided(arms), _ELSE if arms.two else single)


def _interval(
    estimate: float, variance: float, k: int, plan: Plan, ci: tuple[float, float], lrt_p: float
) -> PooledCounts:
    if plan.ci_method == "t":
        if k < 2:
            raise problems.not_a_choice("ci_method", "t", "one study has no degree of freedom")
        se, df = math.sqrt(variance), k - 1
        half = float(t_quantile(0.5 + plan.level / 2, df)) * se
        p = float(t_two_sided(estimate / se, df))
        return PooledCounts(estimate, se, estimate - half, estimate + half, p, "t", df)
    pooled = _wald(estimate, variance, plan.level)
    if plan.ci_method == "profile" and not math.isnan(ci[0]):
        return replace(pooled, ci_lower=ci[0], ci_upper=ci[1], p_value=lrt_p, ci_method="profile")
    return pooled


def _by_mixed(arms: Arms, plan: Plan) -> Made:
    found = _mixed(arms, plan)
    _, v = study_effects(arms, plan.measure)
    typical = _typical_variance(v[np.isfinite(v)])
    i2 = found.tau2 / (found.tau2 + typical) if typical > 0 else math.nan
    heterogeneity = CountsHeterogeneity(
        tau2=found.tau2,
        tau2_ci_lower=found.tau2_ci[0],
        tau2_ci_upper=found.tau2_ci[1],
        sigma2=found.sigma2,
        rho=found.rho,
        i2=i2,
        h2=1 + found.tau2 / typical if typical > 0 else math.nan,
        wald=found.wald,
        lrt=found.lrt,
    )
    random = None
    if math.isfinite(found.estimate):
        random = _interval(found.estimate, found.variance, arms.k, plan, found.ci, found.p_profile)
        random = _with_prediction(random, found.tau2, arms.k, plan.level)
    common = _wald(found.common_estimate, found.common_variance, plan.level)
    return Made(
        common,
        random,
        heterogeneity,
        np.full(arms.k, math.nan),
        _mixed_choices(found, plan),
        found.notes,
        log_likelihood=found.log_likelihood,
        common_log_likelihood=found.common_log_likelihood,
        nodes=found.nodes,
    )


def _mixed(arms: Arms, plan: Plan) -> Mixed:
    profile = plan.ci_method == "profile"
    if plan.method == "GLMM-UM.FS":
        return fit_with_intercepts(
            arms, coding=plan.coding, nodes=plan.points, level=plan.level, intervals=profile
        )
    if plan.method == "GLMM-UM.RS":
        return fit_random_intercepts(
            arms,
            coding=plan.coding,
            correlated=plan.correlated,
            nodes=plan.points,
            level=plan.level,
            intervals=profile,
        )
    if arms.two:
        family = conditional_family(arms, exact=plan.method == "GLMM-CM.EL")
    else:
        y, n = arms.events[:, 0], arms.size[:, 0]
        family = Poisson(y, n) if arms.rates else binomial(y, n)
    return fit_one_predictor(family, nodes=plan.points, level=plan.level, intervals=profile)


def _typical_variance(v: Floats) -> float:
    """Of Higgins & Thompson: what one study would have if all were alike."""
    if v.size < 2:
        return math.nan
    w = 1 / v
    return float((v.size - 1) * w.sum() / (w.sum() ** 2 - (w * w).sum()))


def _with_prediction(pooled: PooledCounts, tau2: float, k: int, level: float) -> PooledCounts:
    if k < 3:
        return pooled
    half = float(t_quantile(0.5 + level / 2, k - 1)) * math.sqrt(pooled.se**2 + tau2)
    return replace(pooled, pred_lower=pooled.estimate - half, pred_upper=pooled.estimate + half)


def _mixed_choices(found: Mixed, plan: Plan) -> tuple[str, ...]:
    by = "Laplace's approximation" if found.nodes == 1 else ""
    by = by or f"adaptive Gauss-Hermite quadrature with {found.nodes} nodes"
    out = [f"maximum likelihood, {by}" if found.nodes else "maximum likelihood"]
    if plan.method in ("GLMM-UM.FS", "GLMM-UM.RS"):
        out.append(
            f"effect coded {plain(plan.coding)} for treated, {plain(plan.coding - 1)} for controls"
        )
    if plan.method == "GLMM-UM.RS":
        tied = "correlated" if plan.correlated else "not correlated"
        out.append(f"random intercepts and effects {tied}")
    return tuple(out)


def _by_scatter(arms: Arms, plan: Plan) -> Made:
    fit: Scatter = (poisson_gamma if arms.rates else beta_binomial)(arms.events, arms.size)
    estimate, variance = float(fit.beta[-1]), float(fit.covariance[-1, -1])
    if plan.ci_method == "profile":
        known = 'use "Wald" or "t"'
        raise problems.not_a_choice("ci_method", "profile", known)
    pooled = _interval(estimate, variance, arms.k, plan, (math.nan, math.nan), math.nan)
    gain = max(0.0, 2 * (fit.log_likelihood - fit.log_likelihood_without))
    test = chi_squared(gain, 1)
    heterogeneity = CountsHeterogeneity(
        rho=math.nan if arms.rates else fit.rho,
        sigma2=fit.scatter if arms.rates else math.nan,
        # Half of the time chance puts the scatter at its edge, 0: the tail is halved.
        lrt=replace(test, p_value=test.p_value / 2 if gain > 0 else 1.0),
    )
    notes = () if fit.converged else ("the search for the maximum did not settle",)
    law = "gamma" if arms.rates else "beta"
    choices = (
        f"risks of arms scatter by one {law} law; arms of a study are not tied"
        if arms.two
        else f"studies' {'rates' if arms.rates else 'risks'} scatter by a {law} law",
        "maximum likelihood",
    )
    return Made(
        None,
        pooled,
        heterogeneity,
        np.full(arms.k, math.nan),
        choices,
        notes,
        log_likelihood=fit.log_likelihood,
        common_log_likelihood=fit.log_likelihood_without,
    )
