"""What each study does to the synthesis: residuals, leverage, and the change without it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import overload

import numpy as np
from scipy import special

from osler.appraisal.influence import problems
from osler.appraisal.influence.refits import all_but_one, pooled_columns
from osler.appraisal.influence.studies import Studies, checked, laid_out, model_line, short, title
from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, capital, counted, number, percent, significant
from osler.synthesis.multilevel import Multilevel, MultilevelInfluence
from osler.synthesis.regression import Regression
from osler.synthesis.regression.influence import RegressionInfluence

_PAPER = "Viechtbauer & Cheung (2010), Res Synth Methods 1, 112-125"
_MEASURES = (
    "residual",
    "standardised",
    "studentised",
    "dffits",
    "cooks_distance",
    "covariance_ratio",
    "estimate_deleted",
    "tau2_deleted",
    "q_deleted",
    "hat",
    "weight",
    "dfbetas",
)


@dataclass(frozen=True, slots=True)
class Deletions:
    """The measures as arrays of shape (k,), one value a study."""

    residual: Floats
    standardised: Floats
    studentised: Floats
    dffits: Floats
    cooks_distance: Floats
    covariance_ratio: Floats
    estimate_deleted: Floats
    se_deleted: Floats
    tau2_deleted: Floats
    q_deleted: Floats
    hat: Floats
    dfbetas: Floats


@dataclass(frozen=True, slots=True, repr=False)
class Influence(Result):
    """Measures of influence, one value a study in every tuple.

    Attributes
    ----------
    residual : tuple of float
        Estimate of the study less the pooled one.
    standardised, studentised : tuple of float
        The residual over its standard error, with the study in the synthesis and without.
    dffits : tuple of float
        Change of the pooled estimate by the study, in standard errors of a fitted value.
    cooks_distance : tuple of float
        Squared change of the pooled estimate over its variance.
    covariance_ratio : tuple of float
        Variance of the pooled estimate without the study over that with it; below 1 the
        study makes the answer less precise.
    estimate_deleted, tau2_deleted, q_deleted : tuple of float
        The pooled estimate, tau2 and Q without the study.
    hat : tuple of float
        Leverage: the share of the weight. ``weight`` is the same.
    dfbetas : tuple of float
        Change of the pooled estimate in its standard errors.
    influential : tuple of bool
        By the rule in ``rule``.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    residual: tuple[float, ...]
    standardised: tuple[float, ...]
    studentised: tuple[float, ...]
    dffits: tuple[float, ...]
    cooks_distance: tuple[float, ...]
    covariance_ratio: tuple[float, ...]
    estimate_deleted: tuple[float, ...]
    tau2_deleted: tuple[float, ...]
    q_deleted: tuple[float, ...]
    hat: tuple[float, ...]
    weight: tuple[float, ...]
    dfbetas: tuple[float, ...]
    influential: tuple[bool, ...]
    grounds: tuple[tuple[str, ...], ...]
    estimate: float
    se: float
    tau2: float
    q: float
    model: str
    tau2_method: str

    @property
    def rule(self) -> str:
        """When a study counts as influential, with this many studies."""
        k = len(self.studies)
        return (
            f"|DFFITS| > {3 * (1 / (k - 1)) ** 0.5:.3f}, or Cook's distance > "
            f"{_COOK_LIMIT:.3f}, or hat > {3 / k:.3f}, or |DFBETAS| > 1"
        )

    def summary(self) -> str:
        head = ["Study", "rstud", "DFFITS", "Cook", "cov.r", "tau² del", "Q del", "hat", "DFBETAS"]
        rows = [head]
        for i, name in enumerate(self.studies):
            mark = " *" if self.influential[i] else ""
            values = (self.studentised[i], self.dffits[i], self.cooks_distance[i])
            rows.append(
                [
                    short(name, 24) + mark,
                    *(number(x, 2) for x in (*values, self.covariance_ratio[i])),
                    significant(self.tau2_deleted[i]),
                    number(self.q_deleted[i], 1),
                    percent(self.hat[i], 1),
                    number(self.dfbetas[i], 2),
                ]
            )
        return laid_out(
            title("Influence of single studies", self.measure, len(self.studies)),
            aligned(rows),
            self._verdict(),
            f"* {self.rule}",
            (
                f"{capital(model_line(self.model, self.tau2_method))}; "
                "standard errors of the model (Wald)."
            ),
        )

    def columns(self) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {"study": list(self.studies)}
        found |= {name: list(getattr(self, name)) for name in _MEASURES}
        found["influential"] = list(self.influential)
        found["grounds"] = ["; ".join(each) for each in self.grounds]
        return found

    def text(self) -> str:
        largest = int(np.argmax(np.abs(self.studentised)))
        return (
            f"Influence was assessed by deleting one study at a time "
            f"({model_line(self.model, self.tau2_method)}; Viechtbauer and Cheung 2010). "
            f"The largest studentised deleted residual was that of {self.studies[largest]} "
            f"({number(self.studentised[largest], 2)}). {self._verdict()}"
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            f"{name}[{i}]": partial(self._why, name, i)
            for name in _FORMULAS
            for i in range(len(self.studies))
        }

    def _why(self, name: str, i: int) -> Why:
        formula, how = _FORMULAS[name]
        inputs = (
            ("study", self.studies[i]),
            ("y", self.estimates[i]),
            ("v", self.variances[i]),
            ("mu", self.estimate),
            ("se", self.se),
            ("tau2", self.tau2),
            ("mu without it", self.estimate_deleted[i]),
            ("tau2 without it", self.tau2_deleted[i]),
            ("hat", self.hat[i]),
        )
        return Why(f"{name}[{i}]", getattr(self, name)[i], how, formula, inputs, _PAPER)

    def _verdict(self) -> str:
        pairs = zip(self.studies, self.grounds, strict=True)
        flagged = [f"{name} ({', '.join(why)})" for name, why in pairs if why]
        if not flagged:
            return "No study counts as influential by the rule."
        many = counted(len(flagged), "study counts", "studies count")
        return f"{capital(many)} as influential: {'; '.join(flagged)}."


_FORMULAS: Mapping[str, tuple[str, str]] = {
    "residual": ("yᵢ − μ", "The study's estimate less the pooled one."),
    "standardised": (
        "(yᵢ − μ) / √(vᵢ + τ² − 1/Σw)",
        "The residual over its standard error; the study is part of the synthesis.",
    ),
    "studentised": (
        "(yᵢ − μ₍₋ᵢ₎) / √(vᵢ + τ²₍₋ᵢ₎ + se²(μ₍₋ᵢ₎))",
        "The distance to what the other studies predict, over its standard error.",
    ),
    "dffits": (
        "(μ − μ₍₋ᵢ₎) / √(hᵢ (vᵢ + τ²₍₋ᵢ₎))",
        "The change of the study's fitted value by the study itself, in standard errors.",
    ),
    "cooks_distance": (
        "(μ − μ₍₋ᵢ₎)² / se²(μ)",
        "The squared change of the pooled estimate over its variance.",
    ),
    "covariance_ratio": (
        "se²(μ₍₋ᵢ₎) / se²(μ)",
        "Below 1 the pooled estimate is more precise without the study.",
    ),
    "hat": ("wᵢ / Σw", "The share of the weight, which here is the leverage."),
    "dfbetas": (
        "(μ − μ₍₋ᵢ₎) √Σⱼ 1/(vⱼ + τ²₍₋ᵢ₎)",
        "The change of the pooled estimate by the study, in its standard errors.",
    ),
}
# The median of chi-squared with one degree of freedom: Cook's distance beyond it has moved
# the estimate out of its own 50 % region.
_COOK_LIMIT = float(2.0 * special.gammaincinv(0.5, 0.5))


@overload
def influence(
    effects: Multilevel, *, cluster: str | Sequence[object] = "", reestimate: bool = True
) -> MultilevelInfluence: ...
# A regression has estimates of studies too; that it is asked for as what it is comes first.
@overload
def influence(effects: Regression) -> RegressionInfluence: ...  # type: ignore[overload-overlap]
@overload
def influence(
    effects: StudyEstimates, *, model: str = "random_effects", tau2_method: str | None = None
) -> Influence: ...
def influence(
    effects: StudyEstimates | Regression | Multilevel,
    *,
    model: str = "random_effects",
    tau2_method: str | None = None,
    cluster: str | Sequence[object] = "",
    reestimate: bool = True,
) -> Influence | RegressionInfluence | MultilevelInfluence:
    r"""Outlier and influence measures by deleting one study at a time.

    With :math:`\hat\mu_{(-i)}` and :math:`\hat\tau^2_{(-i)}` estimated without study i,

    .. math::
       \mathrm{DFFITS}_i = \frac{\hat\mu - \hat\mu_{(-i)}}
           {\sqrt{h_i (v_i + \hat\tau^2_{(-i)})}}, \quad
       D_i = \frac{(\hat\mu - \hat\mu_{(-i)})^2}{\mathrm{Var}(\hat\mu)}, \quad
       t_i = \frac{y_i - \hat\mu_{(-i)}}
           {\sqrt{v_i + \hat\tau^2_{(-i)} + \mathrm{Var}(\hat\mu_{(-i)})}}

    Parameters
    ----------
    effects : StudyEstimates, Regression or Multilevel
        Three studies or more; of a fitted model with moderators or levels, that model.
    model : {"random_effects", "common_effect"}
    tau2_method : str, optional
        As in :func:`osler.synthesise`; where left out, as the synthesis was made, or "REML".
    cluster : str or sequence, optional
    reestimate : bool
        Of a multilevel model: as in :meth:`osler.Multilevel.influence`.

    Returns
    -------
    Influence
        Of a regression what :meth:`osler.Regression.influence` gives, of a multilevel model
        what :meth:`osler.Multilevel.influence` does.

    Raises
    ------
    DataError
        As :func:`osler.synthesise`, with fewer than three studies (INF001), where the
        model is not known (INF002), or with a choice that the fitted model does not leave
        (INF012).

    Notes
    -----
    Equals ``influence(rma(..., test="z"))`` of metafor, and its rule for calling a study
    influential: :math:`|\mathrm{DFFITS}| > 3\sqrt{p/(k-p)}`, a lower tail of Cook's distance
    in chi-squared on p degrees of freedom beyond 50 %, :math:`h > 3p/k`, or
    :math:`|\mathrm{DFBETAS}| > 1`, here with p = 1. These are rules of thumb: an influential
    study is a reason to look, not one to leave it out. Standard errors are those of the
    model whatever interval the synthesis used.

    References
    ----------
    .. [1] Viechtbauer & Cheung (2010). Res Synth Methods 1, 112-125. doi:10.1002/jrsm.11

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.2, 1.4], [0.04, 0.02, 0.03, 0.05])
    >>> found = influence(fit)
    >>> [round(t, 2) for t in found.studentised]
    [-0.68, -0.32, -0.49, 4.84]
    >>> found.influential
    (False, False, False, True)
    """
    plain = model == "random_effects" and tau2_method is None
    if isinstance(effects, (Multilevel, Regression)) and not plain:
        raise problems.models_keep_their_way("a fitted model", "model or tau2_method")
    if isinstance(effects, Multilevel):
        return effects.influence(cluster, reestimate=reestimate)
    if not (isinstance(cluster, str) and not cluster) or not reestimate:
        raise problems.models_keep_their_way("independent studies", "cluster or reestimate")
    if isinstance(effects, Regression):
        return effects.influence()
    studies = checked(effects, what="influence", least=3, model=model, tau2_method=tau2_method)
    found = deletions(studies)
    grounds = tuple(_grounds(found, i) for i in range(studies.k))
    pooled = studies.fit.random if model == "random_effects" else studies.fit.common
    told = {name: tuple(getattr(found, name).tolist()) for name in _MEASURES if name != "weight"}
    return Influence(
        measure=effects.measure,
        studies=studies.labels,
        estimates=studies.fit.estimates,
        variances=studies.fit.variances,
        **told,
        weight=told["hat"],
        influential=tuple(bool(each) for each in grounds),
        grounds=grounds,
        estimate=pooled.estimate,
        se=pooled.se,
        tau2=studies.tau2,
        q=studies.fit.heterogeneity.q,
        model=model,
        tau2_method=studies.tau2_method,
    )


def deletions(studies: Studies) -> Deletions:
    """Every measure; one batch of k syntheses, each without one study."""
    y, v, tau2, mu = studies.y, studies.v, studies.tau2, studies.estimate
    many = pooled_columns(studies.by_wald(), all_but_one(studies.k))
    random = studies.model == "random_effects"
    mu_del = many.estimate if random else many.common_estimate
    se_del = many.se if random else many.common_se
    tau2_del = many.tau2 if random else np.zeros_like(many.tau2)
    w = 1.0 / (v + tau2)
    total = float(w.sum())
    hat = w / total
    moved = mu - mu_del
    return Deletions(
        residual=y - mu,
        # vᵢ + τ² − 1/Σw without the difference, which loses digits where one study rules.
        standardised=(y - mu) * np.sqrt(w / _others(w) * total),
        studentised=(y - mu_del) / np.sqrt(v + tau2_del + se_del**2),
        dffits=moved / np.sqrt(hat * (v + tau2_del)),
        cooks_distance=moved**2 * total,
        covariance_ratio=se_del**2 * total,
        estimate_deleted=mu_del,
        se_deleted=se_del,
        tau2_deleted=tau2_del,
        q_deleted=many.q,
        hat=hat,
        dfbetas=moved * np.sqrt(_total_weights(v, tau2_del)),
    )


def _others(w: Floats) -> Floats:
    """Sum of the weights of the others, shape (k,), without taking a difference."""
    before = np.concatenate([[0.0], np.cumsum(w)[:-1]])
    after = np.concatenate([np.cumsum(w[::-1])[-2::-1], [0.0]])
    return np.asarray(before + after)


def _total_weights(v: Floats, tau2: Floats) -> Floats:
    """Sum over all studies of 1 / (v + tau2), one for each tau2; in blocks of memory."""
    step = max(1, 1_000_000 // v.size)
    parts = [
        (1.0 / (v[:, None] + tau2[at : at + step])).sum(axis=0) for at in range(0, tau2.size, step)
    ]
    return np.concatenate(parts)


def _grounds(found: Deletions, i: int) -> tuple[str, ...]:
    """By which parts of the rule a study is influential."""
    k = found.hat.size
    parts = (
        ("DFFITS", abs(found.dffits[i]) > 3.0 * (1.0 / (k - 1)) ** 0.5),
        ("Cook's distance", found.cooks_distance[i] > _COOK_LIMIT),
        ("hat", found.hat[i] > 3.0 / k),
        ("DFBETAS", abs(found.dfbetas[i]) > 1.0),
    )
    return tuple(name for name, holds in parts if holds)
