"""What leaving out a study does to a regression."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.core.results import Result, Why
from osler.core.wording import aligned
from osler.synthesis.regression.deletion import leverages, without_each
from osler.synthesis.regression.figures_in_words import figure, wrapped
from osler.synthesis.regression.fit import Fit, ratio


@dataclass(frozen=True, slots=True, repr=False)
class RegressionInfluence(Result):
    """Deletion diagnostics, one number a study; NaN where a model without it cannot be had.

    Attributes
    ----------
    studies, names : tuple of str
        Studies; coefficients.
    studentised, dffits, cook, cov_ratio, tau2_deleted, q_deleted, leverage, weights : tuple
        ``weights`` are fractions that add up to 1.
    dfbetas : tuple of tuple of float
        One tuple a study, one number a coefficient.
    influential : tuple of str
        Studies beyond a usual bound: |DFFITS| > 3 sqrt(p / (k - p)), half of the
        chi-squared distribution with p df below Cook's distance, leverage > 3 p / k, or
        |DFBETAS| > 1.
    """

    studies: tuple[str, ...]
    names: tuple[str, ...]
    studentised: tuple[float, ...]
    dffits: tuple[float, ...]
    cook: tuple[float, ...]
    cov_ratio: tuple[float, ...]
    tau2_deleted: tuple[float, ...]
    q_deleted: tuple[float, ...]
    leverage: tuple[float, ...]
    weights: tuple[float, ...]
    dfbetas: tuple[tuple[float, ...], ...]
    influential: tuple[str, ...]

    def summary(self) -> str:
        """A line for each study; a star marks the influential."""
        head = ["Study", "", "rstudent", "DFFITS", "Cook", "cov.r", "tau2", "QE", "leverage"]
        rows = [
            [study[:28], "*" if study in self.influential else "", *(figure(x) for x in numbers)]
            for study, *numbers in zip(
                self.studies, self.studentised, self.dffits, self.cook, self.cov_ratio,
                self.tau2_deleted, self.q_deleted, self.leverage, strict=True,
            )
        ]  # fmt: skip
        return "\n".join([*aligned([head, *rows], left=2), "", *wrapped(self.text())])

    def columns(self) -> dict[str, list[object]]:
        """One row a study; DFBETAS as a column for each coefficient."""
        table: dict[str, list[object]] = {
            "study": list(self.studies),
            "studentised": list(self.studentised),
            "dffits": list(self.dffits),
            "cook": list(self.cook),
            "cov_ratio": list(self.cov_ratio),
            "tau2_deleted": list(self.tau2_deleted),
            "q_deleted": list(self.q_deleted),
            "leverage": list(self.leverage),
            "weight": list(self.weights),
        }
        for j, name in enumerate(self.names):
            table[f"dfbetas {name}"] = [row[j] for row in self.dfbetas]
        return table

    def text(self) -> str:
        """Which studies the model leans on."""
        if not self.influential:
            return (
                "By the usual bounds (DFFITS, Cook's distance, leverage, DFBETAS) no single study "
                "was influential."
            )
        return "Influential by a usual bound: " + ", ".join(self.influential) + "."

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """One for each study: its Cook's distance."""
        return {study: partial(self._why, i) for i, study in enumerate(self.studies)}

    def _why(self, i: int) -> Why:
        return Why(
            self.studies[i],
            self.cook[i],
            "Cook's distance: how far the coefficients move without the study, measured by their "
            "covariance.",
            "(b - b₍ᵢ₎)' V⁻¹ (b - b₍ᵢ₎)",
            (("DFFITS", self.dffits[i]), ("DFBETAS", self.dfbetas[i])),
            "Viechtbauer & Cheung 2010, Res Synth Methods 1, 112-125",
        )


def influence_of(fit: Fit, studies: tuple[str, ...]) -> RegressionInfluence:
    """Deletion diagnostics; tau2 is estimated anew without each study.

    Notes
    -----
    Equal to metafor's ``influence``, whose conventions are kept: DFBETAS are divided by the
    standard errors that all studies give at the deleted tau2, DFFITS by that of the fitted
    value likewise, Cook's distance is not divided by the number of coefficients.

    References
    ----------
    .. [1] Viechtbauer & Cheung (2010). Res Synth Methods 1, 112-125. doi:10.1002/jrsm.11
    """
    X, hat, out = fit.design.matrix, leverages(fit), without_each(fit)
    moved = fit.b - out.b
    far = np.sqrt(out.s2 * (fit.v + out.tau2) + np.einsum("kp,kpq,kq->k", X, out.vcov, X))
    shift = np.einsum("kp,kp->k", X, moved)
    scatter = out.fitted_se
    if scatter is None:
        scatter = np.sqrt(out.s2 * hat * (fit.v + out.tau2))
    dffits = ratio(shift, scatter)
    cook = _cook(moved, fit.vcov)
    betas = ratio(moved, out.whole)
    weights = fit.weights
    flags = _flags(fit, dffits, cook, hat, betas)
    return RegressionInfluence(
        studies,
        fit.design.names,
        tuple(ratio(fit.y - np.einsum("kp,kp->k", X, out.b), far).tolist()),
        tuple(dffits.tolist()),
        tuple(cook.tolist()),
        tuple(_determinants(out.vcov, fit.vcov).tolist()),
        tuple(out.tau2.tolist()),
        tuple(out.q.tolist()),
        tuple(hat.tolist()),
        tuple((weights / weights.sum()).tolist()),
        tuple(map(tuple, betas.tolist())),
        tuple(study for study, flag in zip(studies, flags, strict=True) if flag),
    )


def _cook(moved: Floats, vcov: Floats) -> Floats:
    se = np.sqrt(np.diag(vcov))
    if not (se > 0).all():
        return np.full(moved.shape[0], np.nan)
    R = vcov / np.outer(se, se)
    z = moved / se
    return np.asarray(np.einsum("kp,kp->k", z, np.linalg.solve(R, z.T).T))


def _determinants(deleted: Floats, whole: Floats) -> Floats:
    """det(deleted) / det(whole), scaled so that neither overflows."""
    se = np.sqrt(np.diag(whole))
    if not (se > 0).all():
        return np.full(deleted.shape[0], np.nan)
    scale = np.outer(se, se)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.linalg.det(deleted / scale) / np.linalg.det(whole / scale))


def _flags(fit: Fit, dffits: Floats, cook: Floats, hat: Floats, betas: Floats) -> list[bool]:
    with np.errstate(invalid="ignore"):
        flagged = np.abs(dffits) > 3.0 * np.sqrt(fit.p / max(1, fit.k - fit.p))
        flagged |= cook > float(chi2_quantile(0.5, fit.p))
        flagged |= hat > 3.0 * fit.p / fit.k
        flagged |= (np.abs(betas) > 1.0).any(axis=1)
    return [bool(flag) for flag in flagged]
