"""Standardised residuals against the quantiles they would have if effects were normal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from osler.appraisal.influence import problems
from osler.appraisal.influence.measures import deletions
from osler.appraisal.influence.studies import checked, laid_out, model_line, short, title
from osler.core.arrays import Bools, Floats
from osler.core.quantiles import normal_quantile
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, capital, counted, level_percent, number
from osler.synthesis.regression import Regression

KINDS = ("standardised", "studentised")
# Numbers drawn at a time.
_DRAWN = 1_000_000


class NormalGenerator(Protocol):
    """What is asked of a random generator here: numpy's has it."""

    def standard_normal(self, size: tuple[int, int]) -> Floats: ...


@dataclass(frozen=True, slots=True, repr=False)
class ResidualQuantiles(Result):
    """Sorted residuals, their normal quantiles, and an envelope of simulated ones.

    Everything is in the order of the residuals; ``studies`` too. The envelope holds each
    point by itself, not all together: some points of many lie outside by chance.
    """

    measure: str
    studies: tuple[str, ...]
    residuals: tuple[float, ...]
    quantiles: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    kind: str
    model: str
    tau2_method: str
    repetitions: int
    level: float

    @property
    def outside(self) -> tuple[str, ...]:
        """Studies whose residual leaves the envelope."""
        rows = zip(self.studies, self.lower, self.residuals, self.upper, strict=True)
        return tuple(name for name, low, r, high in rows if not low <= r <= high)

    def summary(self) -> str:
        rows = [["Study", "Normal", "Residual", "Envelope", ""]]
        for i, name in enumerate(self.studies):
            mark = "outside" if name in self.outside else ""
            envelope = f"{number(self.lower[i], 2)} to {number(self.upper[i], 2)}"
            cells = [number(self.quantiles[i], 2), number(self.residuals[i], 2), envelope]
            rows.append([short(name), *cells, mark])
        return laid_out(
            title(f"Quantiles of {self.kind} residuals", self.measure, len(self.studies)),
            aligned(rows),
            f"{capital(counted(len(self.outside), 'study', 'studies'))} outside the envelope.",
            (
                f"{capital(model_line(self.model, self.tau2_method))}; pointwise envelope of "
                f"{level_percent(self.level)}"
            ),
            f"from {counted(self.repetitions, 'simulated set', 'simulated sets')} of studies.",
        )

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "quantile": list(self.quantiles),
            "residual": list(self.residuals),
            "lower": list(self.lower),
            "upper": list(self.upper),
        }

    def text(self) -> str:
        names = ", ".join(self.outside) or "none"
        return (
            f"Normality of the {self.kind} residuals was looked at with a quantile plot "
            f"({model_line(self.model, self.tau2_method)}) and a pointwise "
            f"{level_percent(self.level)} envelope from {self.repetitions} simulated sets of "
            f"studies. Outside it: {names}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        rows = range(len(self.studies))
        return {f"quantiles[{i}]": partial(self._why, i) for i in rows}

    def _why(self, i: int) -> Why:
        k = len(self.studies)
        return Why(
            f"quantiles[{i}]",
            self.quantiles[i],
            f"The normal quantile of the plotting position of rank {i + 1} of {k}.",
            "Φ⁻¹((i − a) / (k + 1 − 2a)), a = 3/8 up to ten studies, else 1/2",
            (("rank", i + 1), ("k", k)),
            "Blom (1958); Wang & Bushman (1998), Psychol Methods 3, 46-54",
        )


def residual_quantiles(
    effects: StudyEstimates | Regression,
    *,
    rng: NormalGenerator | int | None,
    kind: str = "standardised",
    model: str = "random_effects",
    tau2_method: str | None = None,
    repetitions: int = 2000,
    level: float | None = None,
) -> ResidualQuantiles:
    """Normal quantile plot of residuals, with a simulated envelope.

    Parameters
    ----------
    effects : StudyEstimates or Regression
        Three studies or more. Of a meta-regression that model; a study that alone carries a
        coefficient has no residual, and is left out.
    rng : numpy.random.Generator or int
        Draws the simulated sets, a generator or its seed: the same seed, the same envelope.
    kind : {"standardised", "studentised"}
        With the study in the model, or deleted from it.
    model, tau2_method, level : optional
        As in :func:`osler.synthesise`; where left out, as the synthesis or the regression was
        made, or the defaults there. ``level`` is that of the envelope.
    repetitions : int
        Sets of studies drawn from the fitted model, with its tau2 held fixed.

    Raises
    ------
    DataError
        As :func:`osler.synthesise`, with fewer than three studies (INF001), an unknown kind
        or model (INF002), no generator (INF007), too few repetitions (INF009), or with a
        choice that a regression does not leave (INF012); of a location-scale model (REG025).

    Notes
    -----
    Residuals and quantiles equal those of metafor's ``qqnorm``. Its envelope is simulated
    from other random numbers, and smoothed; this one is not. With tau2 held fixed a deleted
    residual is the standardised one, so that one simulation serves both kinds.

    References
    ----------
    .. [1] Wang & Bushman (1998). Psychol Methods 3, 46-54. doi:10.1037/1082-989X.3.1.46
    .. [2] Cook & Weisberg (1982). Residuals and Influence in Regression, section 2.3.4.

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03])
    >>> found = residual_quantiles(fit, rng=np.random.default_rng(1))
    >>> [round(q, 2) for q in found.quantiles], [round(r, 2) for r in found.residuals]
    ([-0.87, 0.0, 0.87], [-0.96, -0.43, 1.38])
    """
    if kind not in KINDS:
        raise problems.unknown_choice("kind of residual", kind, ", ".join(KINDS))
    if rng is None:
        raise problems.generator_missing("the envelope")
    if isinstance(effects, Regression):
        if (model, tau2_method) != ("random_effects", None):
            raise problems.models_keep_their_way("a fitted model", "model or tau2_method")
        fitted = _of_regression(effects, kind)
        level = effects.level if level is None else level
    else:
        fitted, level = _of_studies(effects, kind, model, tau2_method, level)
    least = int(np.ceil(2.0 / (1.0 - level) - 1e-9))
    if repetitions < least:
        raise problems.fewest_repetitions(repetitions, least)
    shown = np.isfinite(fitted.residuals)
    if shown.sum() < 3:
        raise problems.too_few_studies("a quantile plot", int(shown.sum()), 3)
    order = np.argsort(fitted.residuals, kind="stable")[: shown.sum()]
    drawn_by = np.random.default_rng(rng) if isinstance(rng, int) else rng
    lower, upper = _envelope(fitted, shown, drawn_by, repetitions, level)
    return ResidualQuantiles(
        measure=effects.measure,
        studies=tuple(fitted.labels[i] for i in order),
        residuals=tuple(fitted.residuals[order].tolist()),
        quantiles=tuple(plotting_quantiles(order.size).tolist()),
        lower=tuple(lower.tolist()),
        upper=tuple(upper.tolist()),
        kind=kind,
        model=fitted.model,
        tau2_method=fitted.tau2_method,
        repetitions=repetitions,
        level=level,
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Residuals of a model, and what simulated ones are made from; arrays of shape (k,).

    ``scatter`` and ``spread`` are the standard errors of an estimate about the model and of a
    residual, ``roots`` those of the weights; ``basis``, of shape (k, p), has orthonormal
    columns that span the moderators times ``roots``.
    """

    labels: tuple[str, ...]
    residuals: Floats
    scatter: Floats
    spread: Floats
    roots: Floats
    basis: Floats
    model: str
    tau2_method: str


def _of_studies(
    effects: StudyEstimates, kind: str, model: str, tau2_method: str | None, level: float | None
) -> tuple[_Fitted, float]:
    """The residuals, and the level of the synthesis."""
    studies = checked(
        effects,
        what="a quantile plot",
        least=3,
        model=model,
        tau2_method=tau2_method,
        level=level,
    )
    found = deletions(studies)
    scatter = np.sqrt(studies.v + studies.tau2)
    fitted = _Fitted(
        labels=studies.labels,
        residuals=getattr(found, kind),
        scatter=scatter,
        spread=scatter * np.sqrt(1.0 - found.hat),
        roots=1.0 / scatter,
        basis=np.sqrt(found.hat)[:, None],
        model=model,
        tau2_method=studies.tau2_method,
    )
    return fitted, studies.level


def _of_regression(fit: Regression, kind: str) -> _Fitted:
    found = fit.residuals()
    roots = np.sqrt(fit.fit.weights)
    return _Fitted(
        labels=fit.studies,
        residuals=np.array(getattr(found, kind)),
        scatter=np.sqrt(fit.fit.v + fit.fit.tau2),
        spread=np.array(found.standardised_se),
        roots=roots,
        basis=np.linalg.qr(roots[:, None] * fit.design.matrix)[0],
        model="meta_regression",
        tau2_method=fit.tau2_method,
    )


def plotting_quantiles(k: int) -> Floats:
    """Normal quantiles of k plotting positions, as R's ``qnorm(ppoints(k))``.

    Examples
    --------
    >>> plotting_quantiles(3).round(3)
    array([-0.869,  0.   ,  0.869])
    """
    a = 3.0 / 8.0 if k <= 10 else 0.5
    return normal_quantile((np.arange(1, k + 1) - a) / (k + 1 - 2 * a))


def _envelope(
    fitted: _Fitted, shown: Bools, rng: NormalGenerator, repetitions: int, level: float
) -> tuple[Floats, Floats]:
    """Quantiles of each order statistic of residuals of the fitted model."""
    scatter, roots, basis = fitted.scatter, fitted.roots, fitted.basis
    rows = max(1, _DRAWN // scatter.size)
    drawn = []
    for at in range(0, repetitions, rows):
        size = (min(rows, repetitions - at), scatter.size)
        y = rng.standard_normal(size) * scatter
        residual = y - ((y * roots) @ basis) @ basis.T / roots
        drawn.append(np.sort(residual[:, shown] / fitted.spread[shown], axis=1))
    ranked = np.concatenate(drawn)
    ends = np.quantile(ranked, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
    return ends[0], ends[1]
