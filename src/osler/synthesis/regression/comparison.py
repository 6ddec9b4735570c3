"""Likelihood-ratio test of two regressions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail
from osler.core.results import Result, Why
from osler.core.wording import aligned, p_value
from osler.synthesis.regression import problems
from osler.synthesis.regression.figures_in_words import figure, wrapped
from osler.synthesis.regression.fit import Fit
from osler.synthesis.regression.kernel import DEPENDENT
from osler.synthesis.regression.scale import ScaleModel


class Likely(Protocol):
    """What a comparison needs of a model."""

    @property
    def fit(self) -> Fit: ...
    @property
    def formula(self) -> str: ...
    @property
    def tau2_method(self) -> str: ...
    @property
    def log_likelihood(self) -> float: ...
    @property
    def aic(self) -> float: ...
    @property
    def bic(self) -> float: ...
    @property
    def aicc(self) -> float: ...
    @property
    def scale(self) -> ScaleModel | None: ...


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Result):
    """Two nested models, the smaller first.

    Attributes
    ----------
    formulas : tuple of str
    parameters : tuple of int
        Coefficients and variance components.
    log_likelihoods, aic, bic, aicc : tuple of float
    statistic : float
        Twice the difference of the log-likelihoods.
    df : int
    p_value : float
        By chi-squared; too large where the smaller model sets a variance to its bound, 0.
    method : str
        "ML" or "REML".
    notes : tuple of str
    """

    formulas: tuple[str, str]
    parameters: tuple[int, int]
    log_likelihoods: tuple[float, float]
    aic: tuple[float, float]
    bic: tuple[float, float]
    aicc: tuple[float, float]
    statistic: float
    df: int
    p_value: float
    method: str
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Both models in lines, then the test."""
        head = ["Model", "Parameters", "log-likelihood", "AIC", "BIC", "AICc"]
        rows = [
            [
                f[:40], str(n), *(figure(x) for x in numbers)
            ]
            for f, n, *numbers in zip(
                self.formulas, self.parameters, self.log_likelihoods, self.aic, self.bic,
                self.aicc, strict=True,
            )
        ]  # fmt: skip
        return "\n".join(
            [
                *aligned([head, *rows]),
                "",
                self._test(),
                *(part for note in self.notes for part in wrapped(note)),
            ]
        )

    def _test(self) -> str:
        return (
            f"Likelihood-ratio test ({self.method}): chi-squared({self.df}) = "
            f"{figure(self.statistic)}, {p_value(self.p_value)}"
        )

    def columns(self) -> dict[str, list[object]]:
        """One row a model."""
        return {
            "formula": list(self.formulas),
            "parameters": list(self.parameters),
            "log_likelihood": list(self.log_likelihoods),
            "aic": list(self.aic),
            "bic": list(self.bic),
            "aicc": list(self.aicc),
        }

    def text(self) -> str:
        """The test as a sentence."""
        return f"{self._test()}, comparing '{self.formulas[1]}' with '{self.formulas[0]}'."

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """``statistic`` and ``p_value``."""
        return {
            "statistic": lambda: self._why("statistic"),
            "p_value": lambda: self._why("p_value"),
        }

    def _why(self, name: str) -> Why:
        return Why(
            name,
            getattr(self, name),
            f"Twice the difference of the {self.method} log-likelihoods against chi-squared "
            "with as many degrees of freedom as the larger model has more parameters.",
            "2 (ℓ₁ - ℓ₀)",
            (("ℓ₀", self.log_likelihoods[0]), ("ℓ₁", self.log_likelihoods[1]), ("df", self.df)),
        )


def compare(first: Likely, second: Likely) -> Comparison:
    """Likelihood-ratio test of two models of the same studies, one nested in the other.

    Parameters
    ----------
    first, second : Regression
        Both by "ML"; both by "REML" where they have the same moderators and differ in tau2.

    Raises
    ------
    DataError
        Where studies, methods or moderators do not allow it (REG024).

    Notes
    -----
    Equal to metafor's ``anova(model, model)``.
    """
    small, large = sorted((first, second), key=_parameters)
    _check(small, large)
    statistic = max(0.0, 2.0 * (large.log_likelihood - small.log_likelihood))
    df = _parameters(large) - _parameters(small)
    return Comparison(
        formulas=(_title(small), _title(large)),
        parameters=(_parameters(small), _parameters(large)),
        log_likelihoods=(small.log_likelihood, large.log_likelihood),
        aic=(small.aic, large.aic),
        bic=(small.bic, large.bic),
        aicc=(small.aicc, large.aicc),
        statistic=statistic,
        df=df,
        p_value=float(chi2_tail(statistic, df)),
        method=small.tau2_method if small.tau2_method != "CE" else large.tau2_method,
        notes=_notes(small, large),
    )


def _title(model: Likely) -> str:
    title = model.formula or ", ".join(model.fit.design.names)
    return f"{title} | tau2: {model.scale.formula or 'matrix'}" if model.scale else title


def _parameters(model: Likely) -> int:
    if model.scale is not None:
        return model.fit.p + len(model.scale.names)
    return model.fit.p + (model.tau2_method != "CE")


def _notes(small: Likely, large: Likely) -> tuple[str, ...]:
    if small.tau2_method == "CE" and large.tau2_method != "CE":
        return ("tau2 = 0 is a bound of its range: the true p-value is smaller, about half.",)
    return ()


def _check(small: Likely, large: Likely) -> None:
    a, b = small.fit, large.fit
    if not (np.array_equal(a.y, b.y) and np.array_equal(a.v, b.v)):
        raise DataError(problems.models_not_comparable("the studies are not the same"))
    if not (a.own is None and b.own is None):
        found = "weights of one's own: their coefficients are not where the likelihood is highest"
        raise DataError(problems.models_not_comparable(found))
    methods = {small.tau2_method, large.tau2_method} - {"CE"}
    if not methods <= {"ML"} and methods != {"REML"}:
        found = f"tau2 by {small.tau2_method} and {large.tau2_method}"
        raise DataError(problems.models_not_comparable(found))
    if not lies_within(a.design.matrix, b.design.matrix):
        raise DataError(problems.models_not_comparable("neither formula lies within the other"))
    if methods == {"REML"} and (a.p != b.p or "CE" in (small.tau2_method, large.tau2_method)):
        found = "restricted likelihoods of different moderators"
        raise DataError(problems.models_not_comparable(found))
    _check_scale(small, large)


def _check_scale(small: Likely, large: Likely) -> None:
    if small.scale is None and large.scale is not None:
        inner = np.ones((small.fit.k, 1))
        if small.tau2_method == "CE":
            raise DataError(problems.models_not_comparable("a model without tau2 has no scale"))
    elif small.scale is not None and large.scale is not None:
        inner = small.scale.design.matrix
        if small.scale.link != large.scale.link:
            raise DataError(problems.models_not_comparable("the links of tau2 differ"))
    elif small.scale is None:
        return
    else:
        raise DataError(problems.models_not_comparable("the smaller model has the scale formula"))
    assert large.scale is not None
    if not lies_within(inner, large.scale.design.matrix):
        raise DataError(problems.models_not_comparable("neither formula of tau2 holds the other"))


def lies_within(small: Floats, large: Floats) -> bool:
    """Whether the columns of one are combinations of those of the other."""
    scaled = large / np.linalg.norm(large, axis=0)
    left = small - scaled @ np.linalg.lstsq(scaled, small, rcond=None)[0]
    return bool(
        (np.linalg.norm(left, axis=0) < 100 * DEPENDENT * np.linalg.norm(small, axis=0)).all()
    )
