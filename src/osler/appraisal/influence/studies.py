"""The studies of a synthesis or of a table of effects, as arrays that have been checked."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, isnan, log10

import numpy as np

from osler.appraisal.influence import problems
from osler.core.arrays import Floats
from osler.core.frames import numbers_of
from osler.core.studies import StudyEstimates, check_studies, check_weights
from osler.core.wording import counted, level_percent
from osler.effects.scales import Scale, interval, scale_of, shown
from osler.synthesis.counts.telling import method_words
from osler.synthesis.made import way_of
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise

MODELS = ("random_effects", "common_effect")
_MODEL_WORDS = {
    "random_effects": "random-effects model",
    "common_effect": "common-effect model",
    "meta_regression": "meta-regression",
}


@dataclass(frozen=True, slots=True)
class Studies:
    """Labels, and arrays of shape (k,), with the synthesis of all of them."""

    labels: tuple[str, ...]
    y: Floats
    v: Floats
    fit: Synthesis
    model: str

    @property
    def k(self) -> int:
        return len(self.labels)

    @property
    def tau2_method(self) -> str:
        return self.fit.heterogeneity.tau2_method

    @property
    def level(self) -> float:
        return self.fit.level

    @property
    def tau2(self) -> float:
        """Between-study variance of the model: 0 under a common effect."""
        return self.fit.heterogeneity.tau2 if self.model == "random_effects" else 0.0

    def by_wald(self) -> "Studies":
        """The same, to be pooled again with standard errors of the model alone."""
        return replace(self, fit=replace(self.fit, ci_asked="Wald"))

    @property
    def estimate(self) -> float:
        pooled = self.fit.random if self.model == "random_effects" else self.fit.common
        return pooled.estimate


def checked(
    effects: StudyEstimates,
    *,
    what: str,
    least: int,
    model: str,
    tau2_method: str | None = None,
    ci_method: str | None = "Wald",
    level: float | None = None,
) -> Studies:
    """The studies, pooled once: what cannot be pooled is told here, with the study's name.

    A method or a level that is None is that of the synthesis.

    Raises
    ------
    DataError
        As :func:`osler.synthesis.synthesise`, and where there are too few studies (INF001),
        the model is not known (INF002), a table is given in place of effects (INF010), a
        meta-regression (INF013), or a synthesis by weights of one's own (INF014).
    """
    check_studies(effects)
    check_weights(effects)
    if model not in MODELS:
        raise problems.unknown_choice("model", model, ", ".join(MODELS))
    labels = tuple(str(label) for label in effects.studies)
    way = way_of(effects, tau2_method, ci_method, level)
    fit = synthesise(
        labels,
        tuple(numbers_of(effects.estimates, "estimates").tolist()),
        tuple(numbers_of(effects.variances, "variances").tolist()),
        measure=effects.measure,
        tau2_method=way.tau2_method,
        ci_method=way.ci_method,
        level=way.level,
    )
    if len(labels) < least:
        raise problems.too_few_studies(what, len(labels), least)
    return Studies(labels, np.array(fit.estimates), np.array(fit.variances), fit, model)


def scale_of_studies(measure: str, variances: tuple[float, ...]) -> Scale:
    """How effects are shown: decimals follow the typical standard error, two figures of it."""
    scale = scale_of(measure)
    if scale.ratio or measure in ("RD", "SMD"):
        return scale
    known = sorted(v for v in variances if not isnan(v))
    if not known:
        return scale
    middle = known[len(known) // 2] ** 0.5
    return replace(scale, decimals=min(6, max(0, 1 - floor(log10(middle)))))


def told(scale: Scale, estimate: float, lower: float, upper: float, level: float) -> str:
    """An estimate as a paper gives it.

    Examples
    --------
    >>> told(scale_of("MD"), -16.0, -21.3, -10.6, 0.95)
    '−16.0 (95% CI −21.3 to −10.6)'
    """
    return f"{shown(scale, estimate)} ({level_percent(level)} CI {interval(scale, lower, upper)})"


def title(name: str, measure: str, k: int) -> str:
    """The first line of a summary: "Leave-one-out: risk ratio (RR), 13 studies"."""
    scale = scale_of(measure)
    what = f"{scale.name} ({measure})" if measure else "estimates"
    return f"{name}: {what}, {counted(k, 'study', 'studies')}"


def model_line(model: str, tau2_method: str) -> str:
    """The model and its estimator of tau2 in words; the method, where counts were pooled."""
    words = _MODEL_WORDS.get(model) or method_words(model)
    with_tau2 = model in ("random_effects", "meta_regression")
    return f"{words}, tau² by {tau2_method}" if with_tau2 else words


def short(label: str, width: int = 34) -> str:
    """A label that leaves a table within its width."""
    return label if len(label) <= width else f"{label[: width - 1]}…"


def laid_out(head: str, table: Sequence[str], *sentences: str) -> str:
    """A summary: its title, a table, and sentences within the width of a terminal."""
    told = [textwrap.fill(sentence, 96, subsequent_indent="  ") for sentence in sentences]
    return "\n".join([head, "", *table, "", *told])
