"""Regression tests of funnel asymmetry: Egger's and its relatives."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.kinds import KINDS, Given, Kind, Regressed
from osler.appraisal.asymmetry.line import TAU2_METHODS, Line, fit_line, residual_tau2
from osler.appraisal.asymmetry.studies import (
    Arms,
    effect_words,
    few_studies,
    model_named,
    noted,
    numbers_of,
    with_ci,
)
from osler.core.quantiles import normal_quantile, normal_two_sided, t_quantile, t_two_sided
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, number, p_value, significant
from osler.effects.scales import scale_of

MODELS = ("multiplicative", "additive", "common_effect")
_PREDICTORS = {
    "se": "its standard error",
    "variance": "its variance",
    "n": "the number of participants",
    "1/n": "the reciprocal of the number of participants",
    "sqrt(n)": "the square root of the number of participants",
    "1/sqrt(n)": "the reciprocal square root of the number of participants",
    "1/sqrt(information)": "the reciprocal square root of the information",
    "1/sqrt(effective n)": "the reciprocal square root of the effective sample size",
    "sqrt(1/n1 + 1/n2)": "√(1/n₁ + 1/n₂)",
}
CI_METHODS = ("Wald", "HKSJ")


@dataclass(frozen=True, slots=True, repr=False)
class AsymmetryTest(Result):
    """A regression test of funnel asymmetry.

    Attributes
    ----------
    slope, se, statistic, df, p_value : float
        Of the predictor; ``df`` is infinite where the statistic is compared with the normal
        distribution.
    limit_estimate, limit_se, limit_ci_lower, limit_ci_upper : float
        Where the line meets a predictor of 0, an endlessly large study; NaN where the
        predictor grows with size.
    tau2, dispersion : float
        Spread between studies left around the line, added ("additive") or multiplied
        ("multiplicative"); 0 and 1 where the model has none.
    x, y, v : tuples of length k
        Predictor, outcome and its variance as regressed.
    """

    kind: str
    model: str
    outcome: str
    predictor: str
    tau2_method: str
    ci_method: str
    measure: str
    studies: tuple[str, ...]
    slope: float
    se: float
    statistic: float
    df: float
    p_value: float
    limit_estimate: float
    limit_se: float
    limit_ci_lower: float
    limit_ci_upper: float
    tau2: float
    dispersion: float
    level: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    v: tuple[float, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    def summary(self) -> str:
        rows = [
            [
                "regressed",
                f"{self.outcome} on {self.predictor}, {counted(self.k, 'study', 'studies')}",
            ],
            ["model", self._model_words()],
            ["slope", f"{significant(self.slope)} (SE {significant(self.se)})"],
            ["test", f"{self._statistic_words()}, {p_value(self.p_value)}"],
        ]
        if math.isfinite(self.limit_estimate):
            rows.append(["limit", f"{self._limit_words()} at {self.predictor} = 0"])
        title = f"{KINDS[self.kind].title} of funnel asymmetry"
        return "\n".join(
            [title, *(f"  {line}" for line in aligned(rows, left=2)), *noted(self.notes)]
        )

    def _model_words(self) -> str:
        if self.model == "additive":
            tau2 = significant(self.tau2)
            return f"additive: tau² {tau2} ({self.tau2_method}), {self.ci_method}"
        if self.model == "multiplicative":
            return f"multiplicative: variances times {number(self.dispersion, 3)}"
        return f"common effect: variances as given, {self.ci_method}"

    def _model_sentence(self) -> str:
        how = {"HKSJ": "Hartung-Knapp t test", "Wald": "Wald test"}.get(self.ci_method, "")
        if self.model == "additive":
            tau2 = significant(self.tau2)
            return f"with additive heterogeneity (tau² = {tau2} by {self.tau2_method}; {how})"
        if self.model == "multiplicative":
            return f"with a multiplicative dispersion factor ({significant(self.dispersion)})"
        return f"with a common effect ({how})"

    def _regressed(self) -> str:
        scale = scale_of(self.measure)
        log = "log " if scale.ratio else ""
        own = {"estimate": log + scale.name, "score / information": "score over its information"}
        return f"the {own.get(self.outcome, self.outcome)} on {_PREDICTORS[self.predictor]}"

    def _statistic_words(self) -> str:
        name = f"t({self.df:g})" if math.isfinite(self.df) else "z"
        if math.isinf(self.statistic):
            return f"{name} = {'−' if self.statistic < 0 else ''}∞"
        return f"{name} = {number(self.statistic, 3)}"

    def _limit_words(self) -> str:
        # A score or an arcsine difference is not on the measure's own scale.
        measure = self.measure if self.outcome == "estimate" else ""
        ends = (self.limit_estimate, self.limit_ci_lower, self.limit_ci_upper)
        return with_ci(measure, *ends, self.level)

    def columns(self) -> dict[str, list[object]]:
        names = (
            "kind model outcome predictor tau2_method ci_method k slope se statistic df p_value "
            "limit_estimate limit_se limit_ci_lower limit_ci_upper tau2 dispersion level"
        )
        return {name: [getattr(self, name)] for name in names.split()}

    def text(self) -> str:
        kind = KINDS[self.kind]
        verdict = "evidence" if self.p_value < 0.1 else "little evidence"
        said = (
            f"Funnel asymmetry of {counted(self.k, 'study', 'studies')} was examined with "
            f"{kind.title.replace('test', 'regression test')} ({kind.source}), a weighted "
            f"regression of {self._regressed()} {self._model_sentence()}. There was {verdict} "
            f"that small studies differ from large ones ({self._statistic_words()}, "
            f"{p_value(self.p_value)})."
        )
        if self.outcome == "estimate" and math.isfinite(self.limit_estimate):
            said += (
                f" Extrapolated to an infinitely large study, the {effect_words(self.measure)} "
                f"was {self._limit_words()}."
            )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            "slope": lambda: self._why("slope", "Slope of the weighted regression line."),
            "p_value": lambda: self._why(
                "p_value", "Chance of a slope at least as steep where size does not matter."
            ),
            "limit_estimate": lambda: self._why(
                "limit_estimate", "Height of the line at 0: what an endlessly large study finds."
            ),
        }

    def _why(self, name: str, how: str) -> Why:
        formula = {
            "slope": "Σ wᵢ(xᵢ − x̄)(yᵢ − ȳ) / Σ wᵢ(xᵢ − x̄)²",
            "p_value": "2 P(T > |slope / se|)",
            "limit_estimate": "ȳ − slope · x̄",
        }[name]
        weight = {"additive": "1 / (vᵢ + τ²)"}.get(self.model, "1 / vᵢ")
        inputs: tuple[tuple[str, object], ...] = (
            ("w", weight),
            ("x", self.x),
            ("y", self.y),
            ("v", self.v),
            ("se", self.se),
            ("tau2", self.tau2),
            ("dispersion", self.dispersion),
            ("df", self.df),
        )
        return Why(name, getattr(self, name), how, formula, inputs, KINDS[self.kind].source)


def asymmetry_test(
    effects: StudyEstimates,
    kind: str = "egger",
    *,
    model: str | None = None,
    predictor: str | None = None,
    tau2_method: str = "REML",
    ci_method: str = "Wald",
    arms: Arms | None = None,
    n: ArrayLike | None = None,
    level: float = 0.95,
) -> AsymmetryTest:
    r"""Test whether small studies find something else than large ones, by regression.

    Parameters
    ----------
    effects : StudyEstimates
        A synthesis, or effects computed from a table; at least three studies.
    kind : str
        ========================= ============================ ==================== =========
        kind                      regressed                    weights              needs
        ========================= ============================ ==================== =========
        ``"egger"``               estimate on se               1 / v
        ``"thompson-sharp"``      estimate on se, additive     1 / (v + tau2), DL
        ``"peters"``              estimate on 1/n              events non-events/n  counts
        ``"macaskill"``           estimate on n                events non-events/n  counts
        ``"harbord"``             Z/V on 1/sqrt(V)             V                    counts
        ``"deeks"``               estimate on 1/sqrt(ESS)      ESS                  sizes
        ``"pustejovsky-rodgers"`` estimate on sqrt(1/n1+1/n2)  1 / (1/n1 + 1/n2)    sizes
        ``"arcsine"``             arcsine difference on its se 1 / v                counts
        ========================= ============================ ==================== =========

        Z and V are score and information of the log odds ratio, ESS = 4 n1 n2 / (n1 + n2).
    model : {"multiplicative", "additive", "common_effect"}, optional
        How the spread around the line enters: as a factor on all variances with t of k - 2
        degrees of freedom, as tau2 beside each variance, or not at all. Default: the kind's.
        "random_effects" is understood as "additive", and "common" as "common_effect".
    predictor : {"se", "variance", "n", "1/n", "sqrt(n)", "1/sqrt(n)"}, optional
        For "egger", "thompson-sharp", "peters" and "macaskill"; default: the kind's own.
    tau2_method : {"REML", "ML", "DL", "HE", "PM", "EB"}
        With the additive model ("thompson-sharp" takes "DL" whatever is given here).
    ci_method : {"Wald", "HKSJ"}
        With "additive" or "common_effect": normal, or t of k - 2 with the error scaled.
    arms : mapping of str to sequence, optional
        "events_treated", "n_treated", "events_control", "n_control", one value a study;
        default: what the effects carry.
    n : array of shape (k,), optional
        Participants a study; default: the sum of both arms.
    level : float

    Returns
    -------
    AsymmetryTest

    Raises
    ------
    DataError
        Fewer than 3 studies (ASY001), an unusable number (ASY002, ASY004), an unknown choice
        (ASY003), no spread in the predictor (ASY005), a level out of range (ASY006).

    Notes
    -----
    "egger" with "multiplicative" equals metafor's ``regtest(model="lm")``, "additive"
    ``regtest(model="rma")`` and "common_effect" the same with ``method="FE"``; "peters",
    "macaskill", "harbord" and "arcsine" follow the same regressions as ``meta::metabias``.
    The test asks whether size and result go together. Bias is one reason; real differences
    between small and large trials, and for ratios and standardised differences the estimate's
    own part in its standard error, are others (hence Peters, Harbord, Pustejovsky-Rodgers).

    References
    ----------
    .. [1] Sterne et al. (2011). BMJ 343, d4002. doi:10.1136/bmj.d4002
    .. [2] Egger et al. (1997). BMJ 315, 629-634. doi:10.1136/bmj.315.7109.629
    .. [3] Peters et al. (2006). JAMA 295, 676-680. doi:10.1001/jama.295.6.676
    .. [4] Harbord, Egger & Sterne (2006). Stat Med 25, 3443-3457. doi:10.1002/sim.2380
    .. [5] Pustejovsky & Rodgers (2019). Res Synth Methods 10, 57-71. doi:10.1002/jrsm.1332

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.1, 0.3, 0.5, 1.0], [0.01, 0.04, 0.09, 0.25])
    >>> test = asymmetry_test(fit)
    >>> round(test.slope, 3), test.df
    (2.135, 2.0)
    """
    model = _in_regression(model)
    chosen = _checked(kind, model, tau2_method, ci_method, level)
    studies = numbers_of(effects, chosen.title, 3)
    data = chosen.regressed(Given(effects, studies, arms, n, predictor))
    _check_spread(data, chosen)
    used = model or chosen.model
    method = (chosen.tau2_method or tau2_method) if used == "additive" else ""
    scaled = _scaled(data)
    tau2 = residual_tau2(scaled.y, scaled.x, scaled.v, method) if method else 0.0
    line = fit_line(scaled.y, scaled.x, 1.0 / (scaled.v + tau2))
    return _told(kind, used, method, ci_method, effects, data, line, tau2, level)


def _in_regression(model: str | None) -> str | None:
    """A random-effects regression is the additive one."""
    named = None if model is None else model_named(model)
    return "additive" if named == "random_effects" else named


def _checked(kind: str, model: str | None, tau2_method: str, ci_method: str, level: float) -> Kind:
    if kind not in KINDS:
        raise problems.unknown_choice("regression test", kind, KINDS)
    for what, given, known in (
        ("model", model or "additive", MODELS),
        ("tau2_method", tau2_method, TAU2_METHODS),
        ("ci_method", ci_method, CI_METHODS),
    ):
        if given not in known:
            raise problems.unknown_choice(what, given, known)
    check_level(level)
    return KINDS[kind]


def check_level(level: float) -> None:
    """ASY006 where a confidence level is none."""
    if not 0 < level < 1:
        raise problems.out_of_range("the level", level, "between 0 and 1")


def _check_spread(data: Regressed, kind: Kind) -> None:
    # A spread at the size of rounding is none.
    if np.ptp(data.x) <= 1e-12 * np.abs(data.x).max():
        raise problems.no_spread(kind.title, f"{data.predictor} = {data.x[0]:g} in every study")


@dataclass(frozen=True, slots=True)
class _Scale:
    """The data in units in which nothing overflows, and the units."""

    y: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    v: np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def _scaled(data: Regressed) -> _Scale:
    unit = math.sqrt(float(data.v.min()))
    return _Scale(data.y / unit, data.x / float(np.abs(data.x).max()), data.v / unit / unit)


def _told(
    kind: str,
    model: str,
    tau2_method: str,
    ci_method: str,
    effects: StudyEstimates,
    data: Regressed,
    line: Line,
    tau2: float,
    level: float,
) -> AsymmetryTest:
    k = data.y.size
    dispersion = line.q / (k - 2)
    by_t = model == "multiplicative" or ci_method == "HKSJ"
    factor = math.sqrt(dispersion) if by_t else 1.0
    y_unit, x_unit = math.sqrt(float(data.v.min())), float(np.abs(data.x).max())
    slope, se = (
        line.slope * y_unit / x_unit,
        factor * math.sqrt(line.slope_variance) * y_unit / x_unit,
    )
    limit, limit_se = line.intercept * y_unit, factor * math.sqrt(line.intercept_variance) * y_unit
    if data.predictor in ("n", "sqrt(n)"):
        limit = limit_se = math.nan
    df = k - 2.0 if by_t else math.inf
    tail = (1.0 + level) / 2.0
    width = float(t_quantile(tail, df) if by_t else normal_quantile(tail)) * limit_se
    statistic, p, exact = _test(slope, se, df)
    return AsymmetryTest(
        kind=kind,
        model=model,
        outcome=data.outcome,
        predictor=data.predictor,
        tau2_method=tau2_method,
        ci_method="" if model == "multiplicative" else ci_method,
        measure=effects.measure,
        studies=tuple(effects.studies),
        slope=slope,
        se=se,
        statistic=statistic,
        df=df,
        p_value=p,
        limit_estimate=limit,
        limit_se=limit_se,
        limit_ci_lower=limit - width,
        limit_ci_upper=limit + width,
        tau2=tau2 * y_unit * y_unit,
        dispersion=dispersion if model == "multiplicative" else 1.0,
        level=level,
        x=tuple(data.x.tolist()),
        y=tuple(data.y.tolist()),
        v=tuple(data.v.tolist()),
        notes=exact + few_studies(k),
    )


def _test(slope: float, se: float, df: float) -> tuple[float, float, tuple[str, ...]]:
    if se == 0.0:
        note = "The studies lie exactly on a line, so the test has no error to work with."
        return (math.copysign(math.inf, slope) if slope else 0.0), (0.0 if slope else 1.0), (note,)
    statistic = slope / se
    p = t_two_sided(statistic, df) if math.isfinite(df) else normal_two_sided(statistic)
    return statistic, float(p), ()
