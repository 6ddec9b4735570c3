"""Log-likelihood and information criteria of a synthesis without moderators."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, number

_LOG_2PI = math.log(2.0 * math.pi)
_NAMES = ("log_likelihood", "deviance", "aic", "bic", "aicc")


@dataclass(frozen=True, slots=True, repr=False)
class FitStatistics(Result):
    """How well a model fits; of two criteria of the same studies the smaller is better.

    Attributes
    ----------
    model : {"random_effects", "common_effect"}
    restricted : bool
        Whether the likelihood is the restricted one (REML).
    log_likelihood : float
        With all constants.
    deviance : float
        Twice what the log-likelihood lacks of that of a model with an effect for every study;
        -2 times the log-likelihood where it is restricted.
    aic, bic, aicc : float
    estimated : int
        Numbers that were estimated: the mean, and tau2.
    studies : int
        What BIC and AICc count: k, or k - 1 where restricted.
    """

    model: str
    restricted: bool
    log_likelihood: float
    deviance: float
    aic: float
    bic: float
    aicc: float
    estimated: int
    studies: int

    def summary(self) -> str:
        """The five numbers in a line each."""
        kind = "restricted likelihood" if self.restricted else "likelihood"
        rows = [[name.replace("_", " "), number(getattr(self, name), 4)] for name in _NAMES]
        what = self.model.replace("_", "-")
        return "\n".join([f"Fit of the {what} model, by the {kind}", "", *aligned(rows)])

    def columns(self) -> dict[str, list[object]]:
        """One row."""
        return {name: [getattr(self, name)] for name in ("model", "restricted", *_NAMES)}

    def text(self) -> str:
        """The numbers in a sentence."""
        kind = "restricted log-likelihood" if self.restricted else "log-likelihood"
        return (
            f"The {kind} of the {self.model.replace('_', '-')} model was "
            f"{number(self.log_likelihood, 2)} (AIC {number(self.aic, 2)}, BIC "
            f"{number(self.bic, 2)}, AICc {number(self.aicc, 2)})."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """Each of the five numbers."""
        return {name: partial(self._why, name) for name in _NAMES}

    def _why(self, name: str) -> Why:
        inputs = (("ℓ", self.log_likelihood), ("m", self.estimated), ("n", self.studies))
        return Why(name, getattr(self, name), _HOW[name], self._formula(name), inputs)

    def _formula(self, name: str) -> str:
        by_restriction = {
            "log_likelihood": (
                "-½ Σ [log 2π(vᵢ + τ²) + wᵢ(yᵢ - μ)²]",
                "-½ Σ [log 2π(vᵢ + τ²) + wᵢ(yᵢ - μ)²] + ½ log 2π + ½ log(k / Σ wᵢ)",
            ),
            "deviance": ("2 (ℓ saturated - ℓ)", "-2ℓ"),
        }
        if name in by_restriction:
            return by_restriction[name][self.restricted]
        return {
            "aic": "-2ℓ + 2m",
            "bic": "-2ℓ + m log n",
            "aicc": "-2ℓ + 2m n' / (n' - m - 1), n' = max(n, m + 2)",
        }[name]


_HOW = {
    "log_likelihood": "How likely the estimates are under the model, with all constants.",
    "deviance": "How far the model is from one that has an effect for every study.",
    "aic": "Akaike's criterion: the misfit, and 2 for every number that was estimated.",
    "bic": "Schwarz's criterion: the misfit, and log n for every number that was estimated.",
    "aicc": "Akaike's criterion with Hurvich and Tsai's correction for few studies.",
}


def fit_statistics(
    y: Floats, v: Floats, tau2: float, mean: float, *, model: str, restricted: bool, estimated: int
) -> FitStatistics:
    """Of a model with this mean and tau2.

    Parameters
    ----------
    y, v : array of shape (k,)
    tau2, mean : float
        At which the likelihood is taken; only by ML and REML is it highest there.
    model : str
    restricted : bool
    estimated : int

    Examples
    --------
    >>> y, v = np.array([0.1, 0.3, 0.9]), np.array([0.04, 0.02, 0.03])
    >>> found = fit_statistics(
    ...     y, v, 0.1, 0.43, model="random_effects", restricted=False, estimated=2
    ... )
    >>> round(found.log_likelihood, 4), round(found.aic, 4)
    (-1.0025, 6.005)
    """
    variance = v + tau2
    height = _height(variance, (y - mean) ** 2 / variance)
    k, n = y.size, y.size - int(restricted)
    deviance = 2.0 * (_height(v, np.zeros(k)) - height)
    if restricted:
        # The sum of weights relative to the largest, which keeps it within range.
        least = float(variance.min())
        total = float((least / variance).sum())
        height += 0.5 * (_LOG_2PI + math.log(k / total) + math.log(least))
        deviance = -2.0 * height
    room = max(n, estimated + 2)
    return FitStatistics(
        model=model,
        restricted=restricted,
        log_likelihood=height,
        deviance=deviance,
        aic=-2.0 * height + 2.0 * estimated,
        bic=-2.0 * height + estimated * math.log(n) if n else math.nan,
        aicc=-2.0 * height + 2.0 * estimated * room / (room - estimated - 1),
        estimated=estimated,
        studies=n,
    )


def _height(variance: Floats, squares: Floats) -> float:
    return -0.5 * float((_LOG_2PI + np.log(variance) + squares).sum())
