"""Where each number of a synthesis comes from: its formula, what stands in it, whose it is."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from osler.core.quantiles import chi2_quantile, normal_quantile, t_quantile
from osler.core.results import Why
from osler.synthesis.account import I2_NAMES, TAU2_CI_NAMES
from osler.synthesis.intervals import CI_NAMES, PRED_NAMES
from osler.synthesis.intervals.kenward_roger import kenward_roger
from osler.synthesis.kernel import block_of
from osler.synthesis.tau2 import TAU2_NAMES

if TYPE_CHECKING:
    from osler.synthesis.model import Pooled, Synthesis

_W = "wᵢ = 1 / (vᵢ + τ²)"
_HKSJ = "Knapp & Hartung 2003, Stat Med 22, 2693-2710, doi:10.1002/sim.1482"
_KR = "Partlett & Riley 2017, Stat Med 36, 301-317, doi:10.1002/sim.7140"
_HARDY = "Hardy & Thompson 1996, Stat Med 15, 619-629"
_JACKSON = "Jackson 2013, Res Synth Methods 4, 220-229, doi:10.1002/jrsm.1081"
_KACKER = "DerSimonian & Kacker 2007, Contemp Clin Trials 28, 105-114"
_VIECHTBAUER = "Viechtbauer 2005, J Educ Behav Stat 30, 261-293, doi:10.3102/10769986030003261"
_PAULE = "Paule & Mandel 1982, J Res Natl Bur Stand 87, 377-385, doi:10.6028/jres.087.022"
_SIDIK = "Sidik & Jonkman 2005, J R Stat Soc C 54, 367-384"
_PROFILE = "Viechtbauer 2007, Stat Med 26, 37-52, doi:10.1002/sim.2514"
_HIGGINS = "Higgins & Thompson 2002, Stat Med 21, 1539-1558, doi:10.1002/sim.1186"
_HTS = "Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172, 137-159"
_NNF = "Nagashima, Noma & Furukawa 2019, Stat Methods Med Res 28, 1689-1702"
_BORENSTEIN = "Borenstein et al. 2009, Introduction to Meta-Analysis, chapters 11 and 12"

_MOMENTS = "max(0, (Σ aᵢ(yᵢ − ȳₐ)² − Σ aᵢvᵢ + Σ aᵢ²vᵢ / Σ aᵢ) / (Σ aᵢ − Σ aᵢ² / Σ aᵢ))"
TAU2_FORMULAS: Mapping[str, tuple[str, str]] = {
    "REML": (
        "the τ² with the highest −½ Σ log(vᵢ + τ²) − ½ log Σ wᵢ − ½ Σ wᵢ(yᵢ − μ̂)²",
        _VIECHTBAUER,
    ),
    "ML": ("the τ² with the highest −½ Σ log(vᵢ + τ²) − ½ Σ wᵢ(yᵢ − μ̂)²", _HARDY),
    "DL": (
        "max(0, (Q − (k − 1)) / (Σ aᵢ − Σ aᵢ² / Σ aᵢ)), aᵢ = 1 / vᵢ",
        "DerSimonian & Laird 1986, Control Clin Trials 7, 177-188",
    ),
    "DL2": (f"{_MOMENTS}, aᵢ = 1 / (vᵢ + τ² by DL)", _KACKER),
    "PM": ("the τ² at which Σ wᵢ(yᵢ − μ̂)² = k − 1", _PAULE),
    "PMM": ("the τ² at which Σ wᵢ(yᵢ − μ̂)² = the median of χ² on k − 1", _PAULE),
    "EB": ("the τ² at which Σ wᵢ(yᵢ − μ̂)² = k − 1", "Morris 1983, J Am Stat Assoc 78, 47-55"),
    "HE": (f"{_MOMENTS}, aᵢ = 1", "Hedges 1983, Psychol Bull 93, 388-395"),
    "HE2": (f"{_MOMENTS}, aᵢ = 1 / (vᵢ + τ² by HE)", _KACKER),
    "HS": ("max(0, (Q − k) / Σ aᵢ), aᵢ = 1 / vᵢ", _VIECHTBAUER),
    "HSk": (
        "max(0, k / (k − 1) × (Q − (k − 1)) / Σ aᵢ), aᵢ = 1 / vᵢ",
        "Brannick et al. 2019, Organ Res Methods 22, 490-514",
    ),
    "SJ": (
        "τ₀² Σ (yᵢ − μ̂₀)² / (vᵢ + τ₀²) / (k − 1), τ₀² = Σ (yᵢ − ȳ)² / k, μ̂₀ with 1 / (vᵢ + τ₀²)",
        _SIDIK,
    ),
    "SJIT": ("the τ² at which Σ wᵢ(yᵢ − μ̂)² = k − 1", _SIDIK),
    "GENQ": (f"{_MOMENTS}, aᵢ = 1 / √vᵢ or as given", _JACKSON),
    "GENQM": ("the τ² at which Σ aᵢ(yᵢ − ȳₐ)² is its median, aᵢ = 1 / √vᵢ or as given", _JACKSON),
}
_SE_FORMULAS: Mapping[str, tuple[str, str]] = {
    "Wald": ("√(1 / Σ wᵢ), " + _W, _BORENSTEIN),
    "t": ("√(1 / Σ wᵢ), " + _W, _BORENSTEIN),
    "PL": ("√(1 / Σ wᵢ), " + _W, _BORENSTEIN),
    "PL-Bartlett": ("√(1 / Σ wᵢ), " + _W, _BORENSTEIN),
    "HKSJ": ("√(Σ wᵢ(yᵢ − μ̂)² / ((k − 1) Σ wᵢ)), " + _W, _HKSJ),
    "HKSJ-adhoc": ("√(max(1, Σ wᵢ(yᵢ − μ̂)² / (k − 1)) / Σ wᵢ), " + _W, _HKSJ),
    "HKSJ-hybrid": ("of HKSJ, or of Wald where its interval is wider", _HKSJ),
    "KR": ("√(1/S₁ + 2V(S₃ − S₂²/S₁)/S₁²), Sᵣ = Σ wᵢʳ, 1/V = ½(S₂ − 2S₃/S₁ + S₂²/S₁²)", _KR),
    "KR-observed": (
        (
            "√(1/S₁ + 2V(S₃ − S₂²/S₁)/S₁²), Sᵣ = Σ wᵢʳ, 1/V minus the second derivative of the "
            "restricted likelihood"
        ),
        _KR,
    ),
    "HC": (
        "√((1 + τ² Σ aᵢ² / Σ aᵢ) / Σ aᵢ), aᵢ = 1 / vᵢ, τ² by DL",
        "Henmi & Copas 2010, Stat Med 29, 2969-2983, doi:10.1002/sim.4029",
    ),
}


def origins(fit: "Synthesis") -> Mapping[str, Callable[[], Why]]:
    """For each number, what tells its origin."""
    out: dict[str, Callable[[], Why]] = {}
    for model in ("random", "common"):
        for field in ("estimate", "se", "ci_lower", "ci_upper", "p_value"):
            out[f"{model}.{field}"] = _of(fit, model, field)
    if fit.random.pred_method:
        for end in ("pred_lower", "pred_upper"):
            out[f"random.{end}"] = _prediction(fit, end)
    if fit.k > 1:
        for name in _SPREAD:
            out[f"heterogeneity.{name}"] = _heterogeneity(fit, name)
    return out


def _data(fit: "Synthesis") -> tuple[tuple[str, object], ...]:
    return (("yᵢ", fit.estimates), ("vᵢ", fit.variances))


def _of(fit: "Synthesis", model: str, field: str) -> Callable[[], Why]:
    pooled: Pooled = getattr(fit, model)
    name, value = f"{model}.{field}", getattr(pooled, field)
    if field == "estimate":
        return lambda: _estimate(fit, model, value)
    if field == "se":
        return lambda: _se(fit, model, value)
    if field == "p_value":
        return lambda: _p(fit, pooled, name)
    return lambda: _bound(fit, pooled, name, value, lower=field == "ci_lower")


def _estimate(fit: "Synthesis", model: str, value: float) -> Why:
    tau2 = fit.heterogeneity.tau2
    inputs: tuple[tuple[str, object], ...]
    if model == "common" or fit.random.ci_method == "HC":
        how = "The mean of the studies' estimates, each weighted by its precision."
        formula, inputs = "Σ wᵢyᵢ / Σ wᵢ, wᵢ = 1 / vᵢ", _data(fit)
    elif fit.weighting == "own":
        how = "The mean of the studies' estimates with the weights that were given."
        formula = "Σ uᵢyᵢ / Σ uᵢ"
        inputs = (("yᵢ", fit.estimates), ("uᵢ", fit.random_weights))
    else:
        how = (
            "The mean of the studies' estimates; the weight of each is one over its own variance "
            "plus the variance between studies."
        )
        formula, inputs = f"Σ wᵢyᵢ / Σ wᵢ, {_W}", (*_data(fit), ("τ²", tau2))
    return Why(f"{model}.estimate", value, how, formula, inputs, _BORENSTEIN)


def _se(fit: "Synthesis", model: str, value: float) -> Why:
    k = ("k", fit.k)
    if model == "common":
        formula, source = "√(1 / Σ wᵢ), wᵢ = 1 / vᵢ", _BORENSTEIN
        return Why("common.se", value, "", formula, (("vᵢ", fit.variances),), source)
    tau2 = ("τ²", fit.heterogeneity.tau2)
    inputs: tuple[tuple[str, object], ...]
    if fit.weighting == "own":
        inputs = (("uᵢ", fit.random_weights), ("vᵢ", fit.variances), tau2)
        return Why("random.se", value, "", "√(Σ uᵢ²(vᵢ + τ²)) / Σ uᵢ", inputs, "")
    formula, source = _SE_FORMULAS[fit.random.ci_method]
    how = f"By the method: {CI_NAMES[fit.random.ci_method]}."
    inputs = (*_data(fit), tau2, ("μ̂", fit.random.estimate), k)
    return Why("random.se", value, how, formula, inputs, source)


def _bound(fit: "Synthesis", pooled: "Pooled", name: str, value: float, *, lower: bool) -> Why:
    how = f"The {fit.level:.6g} confidence interval by the method: {CI_NAMES[pooled.ci_method]}."
    source = _SE_FORMULAS[pooled.ci_method][1]
    if pooled.ci_method.startswith("PL"):
        formula = "where 2(ℓ(μ̂, τ̂²) − max over τ² of ℓ(μ, τ²)) reaches the quantile of χ² on 1"
        formula += ", times 1 + 2S₃/(S₁S₂) − S₂/(2S₁²)" if "Bartlett" in pooled.ci_method else ""
        quantile = ("quantile", float(chi2_quantile(fit.level, 1.0)))
        return Why(name, value, how, formula, (*_data(fit), quantile), _HARDY)
    sign = "−" if lower else "+"
    multiplier = abs(value - pooled.estimate) / pooled.se if pooled.se else math.nan
    if pooled.ci_method == "HC":
        label = "multiplier"
    elif math.isinf(pooled.df) or pooled.ci_method == "HKSJ-hybrid":
        label = "quantile"
    else:
        label = "quantile"
        multiplier = float(t_quantile(0.5 + fit.level / 2, pooled.df))
    if label == "quantile" and math.isinf(pooled.df):
        multiplier = float(normal_quantile(0.5 + fit.level / 2))
    inputs: tuple[tuple[str, object], ...] = (
        ("estimate", pooled.estimate),
        (label, multiplier),
        ("se", pooled.se),
    )
    if not math.isinf(pooled.df):
        inputs = (*inputs, ("df", pooled.df))
    return Why(name, value, how, f"estimate {sign} {label} × se", inputs, source)


def _p(fit: "Synthesis", pooled: "Pooled", name: str) -> Why:
    if pooled.ci_method.startswith("PL") or pooled.ci_method == "HC":
        how = f"Of a mean of 0, by the method: {CI_NAMES[pooled.ci_method]}."
        return Why(name, pooled.p_value, how, "", _data(fit), _SE_FORMULAS[pooled.ci_method][1])
    where = "normal distribution" if math.isinf(pooled.df) else "t distribution with df"
    formula = f"2 P(T > |estimate / se|), T of the {where}"
    inputs: tuple[tuple[str, object], ...] = (("estimate", pooled.estimate), ("se", pooled.se))
    if not math.isinf(pooled.df):
        inputs = (*inputs, ("df", pooled.df))
    return Why(name, pooled.p_value, "Of a mean of 0, two-sided.", formula, inputs, "")


def _prediction(fit: "Synthesis", end: str) -> Callable[[], Why]:
    random = fit.random
    how = f"For the true effect of a new study like these: {PRED_NAMES[random.pred_method]}."
    value = getattr(random, end)
    if random.pred_method == "NNF":
        formula = "quantile of μ̂ᵦ + zᵦτᵦ − tᵦseᵦ over 25,000 draws"
        return lambda: Why(f"random.{end}", value, how, formula, _data(fit), _NNF)
    return lambda: _by_formula(fit, end, how)


def _by_formula(fit: "Synthesis", end: str, how: str) -> Why:
    random, tau2 = fit.random, fit.heterogeneity.tau2
    middle = 0.5 * (random.pred_lower + random.pred_upper)
    reach = random.pred_upper - middle
    sign = "−" if end == "pred_lower" else "+"
    quantile = _quantile(fit)
    se = math.sqrt(max((reach / quantile) ** 2 - tau2, 0.0))
    inputs: tuple[tuple[str, object], ...] = (
        ("estimate", middle),
        ("quantile", quantile),
        ("se", se),
        ("τ²", tau2),
        ("k", fit.k),
    )
    formula = f"estimate {sign} quantile × √(se² + τ²)"
    source = _HTS if random.pred_method in ("HTS", "V", "S") else _KR
    return Why(f"random.{end}", getattr(random, end), how, formula, inputs, source)


def _quantile(fit: "Synthesis") -> float:
    """Of the prediction interval's distribution."""
    name, side = fit.random.pred_method, 0.5 + fit.level / 2
    if name == "S":
        return float(normal_quantile(side))
    if name in ("KR", "KR-PR"):
        y, v = np.array(fit.estimates)[:, None], np.array(fit.variances)[:, None]
        block = block_of(y, v, np.ones(y.shape, bool))
        found = kenward_roger(block, fit.heterogeneity.tau2 / block.unit**2)
        return float(t_quantile(side, found.df[0] - (name == "KR-PR")))
    return float(t_quantile(side, fit.k - (2.0 if name in ("HTS", "HK-PR") else 1.0)))


_SPREAD = (
    *("q", "p_value", "tau2", "tau2_se", "tau2_ci_lower", "tau2_ci_upper"),
    *("i2", "i2_ci_lower", "i2_ci_upper", "h2", "h2_ci_lower", "h2_ci_upper"),
)


def _heterogeneity(fit: "Synthesis", name: str) -> Callable[[], Why]:
    if name in ("q", "p_value"):
        return lambda: _q(fit, name)
    if name.startswith("tau2"):
        return lambda: _tau2(fit, name)
    return lambda: _share(fit, name)


def _q(fit: "Synthesis", name: str) -> Why:
    h = fit.heterogeneity
    source = "Cochran 1954, Biometrics 10, 101-129, doi:10.2307/3001666"
    if name == "q":
        inputs = (*_data(fit), ("μ̂", fit.common.estimate))
        how = "Weighted squares of the distances from the common-effect estimate."
        return Why("heterogeneity.q", h.q, how, "Σ (yᵢ − μ̂)² / vᵢ", inputs, source)
    inputs = (("Q", h.q), ("df", h.df))
    how = "Of one and the same true effect in all studies."
    return Why("heterogeneity.p_value", h.p_value, how, "P(χ² on df > Q)", inputs, source)


def _tau2(fit: "Synthesis", name: str) -> Why:
    h = fit.heterogeneity
    value, full = getattr(h, name), f"heterogeneity.{name}"
    formula, source = TAU2_FORMULAS[h.tau2_method]
    if name == "tau2":
        how = f"Variance of the true effects between studies, by {TAU2_NAMES[h.tau2_method]}."
        return Why(full, value, how, formula, (*_data(fit), ("k", fit.k)), source)
    if name == "tau2_se":
        how = "From the variance of the estimator where effects are normal, tau² put in for itself."
        return Why(full, value, how, "", (*_data(fit), ("τ²", h.tau2)), source)
    how = f"The {fit.level:.6g} confidence interval: {TAU2_CI_NAMES[h.tau2_ci_method]}."
    tail = 0.5 + fit.level / 2 if name.endswith("lower") else 0.5 - fit.level / 2
    if h.tau2_ci_method == "QP":
        quantile = ("quantile", float(chi2_quantile(tail, float(h.df))))
        formula = "the τ² at which Σ wᵢ(yᵢ − μ̂)² = quantile of χ² on k − 1; 0 where it is less at 0"
        return Why(full, value, how, formula, (*_data(fit), quantile), _PROFILE)
    formula = {
        "GENQ": "the τ² at which P(Σ aᵢ(Yᵢ − Ȳₐ)² ≤ observed) = probability",
        "Wald": "max(0, τ² ± quantile × SE)",
        "none": "",
    }.get(h.tau2_ci_method, "where 2(ℓ(τ̂²) − ℓ(τ²)) reaches the quantile of χ² on 1")
    inputs = (*_data(fit), ("τ²", h.tau2), ("SE", h.tau2_se), ("probability", tail))
    return Why(
        full, value, how, formula, inputs, _JACKSON if h.tau2_ci_method == "GENQ" else _HARDY
    )


def _share(fit: "Synthesis", name: str) -> Why:
    h = fit.heterogeneity
    value, full = getattr(h, name), f"heterogeneity.{name}"
    squared = name.startswith("h2")
    what = (
        "Variance of the estimates relative to sampling error alone"
        if squared
        else ("Share of the spread between estimates that sampling error does not explain")
    )
    how = f"{what}; {I2_NAMES[h.i2_method]}."
    if h.i2_method == "q":
        formula = "max(1, Q / (k − 1))" if squared else "max(0, 1 − (k − 1) / Q)"
        formula = (
            f"bounds of log H by the normal distribution, {formula}" if "_ci_" in name else formula
        )
        return Why(full, value, how, formula, (("Q", h.q), ("k", fit.k)), _HIGGINS)
    part = name.partition("_")[2]
    tau2 = {"": h.tau2, "ci_lower": h.tau2_ci_lower, "ci_upper": h.tau2_ci_upper}[part]
    w = [1.0 / v for v in fit.variances]
    spread = sum(w) - sum(x * x for x in w) / sum(w)
    typical = h.df / spread if spread > 0 else math.inf
    formula = "1 + τ² / ṽ" if squared else "τ² / (τ² + ṽ)"
    formula += ", ṽ = (k − 1) / (Σ wᵢ − Σ wᵢ² / Σ wᵢ), wᵢ = 1 / vᵢ"
    inputs = (("τ²", tau2), ("ṽ", typical), ("vᵢ", fit.variances))
    return Why(full, value, how, formula, inputs, _HIGGINS)
