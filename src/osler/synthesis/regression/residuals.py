"""Residuals of a regression: which studies it does not describe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted
from osler.synthesis.regression.deletion import leverages, without_each
from osler.synthesis.regression.figures_in_words import figure, wrapped
from osler.synthesis.regression.fit import Fit, ratio
from osler.synthesis.regression.kernel import DEPENDENT


@dataclass(frozen=True, slots=True, repr=False)
class RegressionResiduals(Result):
    """Residuals of every study, in their order.

    Attributes
    ----------
    studies : tuple of str
    raw : tuple of float
        Estimate less fitted mean.
    standardised, standardised_se : tuple of float
        Over their standard error, from the model with the study in it.
    deleted, studentised, studentised_se : tuple of float
        From the model without the study. NaN where it alone carries a coefficient.
    leverage : tuple of float
        Diagonal of the hat matrix.
    """

    studies: tuple[str, ...]
    raw: tuple[float, ...]
    standardised: tuple[float, ...]
    standardised_se: tuple[float, ...]
    deleted: tuple[float, ...]
    studentised: tuple[float, ...]
    studentised_se: tuple[float, ...]
    leverage: tuple[float, ...]

    @property
    def outlying(self) -> tuple[str, ...]:
        """Studies whose studentised deleted residual lies beyond 1.96."""
        pairs = zip(self.studies, self.studentised, strict=True)
        return tuple(study for study, r in pairs if abs(r) > 1.959963984540054)

    def summary(self) -> str:
        """A line for each study."""
        head = ["Study", "residual", "standardised", "studentised deleted", "leverage"]
        rows = [
            [study[:36], *(figure(x) for x in numbers)]
            for study, *numbers in zip(
                self.studies, self.raw, self.standardised, self.studentised, self.leverage,
                strict=True,
            )
        ]  # fmt: skip
        return "\n".join([*aligned([head, *rows]), "", *wrapped(self.text())])

    def columns(self) -> dict[str, list[object]]:
        """One row a study."""
        return {
            "study": list(self.studies),
            "raw": list(self.raw),
            "standardised": list(self.standardised),
            "studentised": list(self.studentised),
            "studentised_se": list(self.studentised_se),
            "leverage": list(self.leverage),
        }

    def text(self) -> str:
        """How many studies stand out, and how many one would expect to."""
        expected = f"about {0.05 * len(self.studies):.1f} would by chance"
        named = f": {', '.join(self.outlying)}" if self.outlying else ""
        return (
            f"{counted(len(self.outlying), 'study', 'studies')} of {len(self.studies)} had a "
            f"studentised deleted residual beyond 1.96 ({expected}){named}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """One for each study."""
        return {study: partial(self._why, i) for i, study in enumerate(self.studies)}

    def _why(self, i: int) -> Why:
        return Why(
            self.studies[i],
            self.studentised[i],
            "What the study found less what the model without it expects, over the standard error "
            "of that difference.",
            "(yᵢ - xᵢb₍ᵢ₎) / √(s²₍ᵢ₎(vᵢ + τ²₍ᵢ₎) + xᵢV₍ᵢ₎xᵢ')",
            (("deleted residual", self.deleted[i]), ("se", self.studentised_se[i])),
            "Viechtbauer & Cheung 2010, Res Synth Methods 1, 112-125",
        )


def residuals_of(fit: Fit, studies: tuple[str, ...]) -> RegressionResiduals:
    """Raw, standardised and studentised deleted residuals.

    Notes
    -----
    Equal to metafor's ``residuals``, ``rstandard`` and ``rstudent``. With Knapp and Hartung's
    factor that one multiplies the whole variance of a deleted residual by it, not only that of
    the coefficients; so does this.

    References
    ----------
    .. [1] Viechtbauer & Cheung (2010). Res Synth Methods 1, 112-125. doi:10.1002/jrsm.11
    """
    hat = leverages(fit)
    raw = fit.y - fit.fitted
    # A study that alone carries a coefficient has no residual: what is left is rounding.
    free = np.where(1.0 - hat > DEPENDENT, 1.0 - hat, np.nan)
    X, out = fit.design.matrix, without_each(fit)
    se = np.sqrt((fit.v + fit.tau2) * free if fit.own is None else _residual_variances(fit, hat))
    deleted = fit.y - np.einsum("kp,kp->k", X, out.b)
    far = np.sqrt(out.s2 * (fit.v + out.tau2) + np.einsum("kp,kpq,kq->k", X, out.vcov, X))
    return RegressionResiduals(
        studies,
        tuple(raw.tolist()),
        tuple(ratio(raw, se).tolist()),
        tuple(se.tolist()),
        tuple(deleted.tolist()),
        tuple(ratio(deleted, far).tolist()),
        tuple(far.tolist()),
        tuple(hat.tolist()),
    )


def _residual_variances(fit: Fit, hat: Floats) -> Floats:
    """Diagonal of (I - H)(V + tau2)(I - H)', where H does not come from the inverse variances."""
    X = fit.design.matrix
    shared = np.einsum("kp,pq,kq->k", X, fit.vcov / fit.s2, X)
    variance = (fit.v + fit.tau2) * (1.0 - 2.0 * hat) + shared
    return np.asarray(np.where(1.0 - hat > DEPENDENT, variance, np.nan))
