"""Which studies make the heterogeneity, and which of them move the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.appraisal.influence import problems
from osler.appraisal.influence.measures import deletions
from osler.appraisal.influence.studies import checked, laid_out, model_line, short, title
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, capital, number, percent
from osler.synthesis.regression import Regression
from osler.synthesis.regression.deletion import without_each
from osler.synthesis.regression.fit import ratio

_PAPER = "Baujat, Mahé, Pignon & Hill (2002), Stat Med 21, 2641-2652"


@dataclass(frozen=True, slots=True, repr=False)
class Baujat(Result):
    """Coordinates of each study: its contribution to Q, and its pull on the pooled estimate.

    Of a meta-regression (``model`` is then "meta_regression") the pull is that on the study's
    fitted value, NaN where the study alone carries a coefficient.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    contribution: tuple[float, ...]
    influence: tuple[float, ...]
    q: float
    tau2: float
    model: str
    tau2_method: str

    @property
    def pulled(self) -> str:
        """On what a study pulls, in words."""
        return "fitted value" if self.model == "meta_regression" else "pooled estimate"

    def summary(self) -> str:
        order = np.argsort(-np.asarray(self.contribution), kind="stable")
        rows = [["Study", "Contribution to Q", "Share", "Squared change / SE²"]]
        for i in order:
            share = self.contribution[i] / self.q if self.q > 0 else 0.0
            rows.append(
                [
                    short(self.studies[i]),
                    number(self.contribution[i], 2),
                    percent(share, 1),
                    number(self.influence[i], 3),
                ]
            )
        return laid_out(
            title("Contributions to heterogeneity", self.measure, len(self.studies)),
            aligned(rows),
            f"Q of the model is {self.q:.2f}, the sum of the contributions.",
            f"{capital(model_line(self.model, self.tau2_method))}{self._errors_words()}.",
        )

    def _errors_words(self) -> str:
        if self.model == "meta_regression":
            return "; change of each study's own fitted value without it"
        return "; standard errors of the model (Wald)"

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "contribution": list(self.contribution),
            "influence": list(self.influence),
        }

    def text(self) -> str:
        most = int(np.argmax(self.contribution))
        pulls = int(np.argmax(np.nan_to_num(self.influence)))
        share = percent(self.contribution[most] / self.q if self.q > 0 else 0.0)
        return (
            f"Contributions to heterogeneity and influence on the {self.pulled} were set side "
            f"by side (Baujat 2002; {model_line(self.model, self.tau2_method)}). "
            f"{self.studies[most]} contributed most to Q ({share}); {self.studies[pulls]} "
            f"changed the {self.pulled} most."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        rows = range(len(self.studies))
        contribution = {f"contribution[{i}]": lambda i=i: self._why_x(i) for i in rows}
        pull = {f"influence[{i}]": lambda i=i: self._why_y(i) for i in rows}
        return contribution | pull

    def _why_x(self, i: int) -> Why:
        return Why(
            f"contribution[{i}]",
            self.contribution[i],
            "The squared Pearson residual of the study; together they are the model's Q.",
            f"(yᵢ − {'xᵢb' if self.pulled == 'fitted value' else 'μ'})² / (vᵢ + τ²)",
            (("y", self.estimates[i]), ("v", self.variances[i]), ("tau2", self.tau2)),
            _PAPER,
        )

    def _why_y(self, i: int) -> Why:
        return Why(
            f"influence[{i}]",
            self.influence[i],
            f"The squared change of the {self.pulled} when the study is left out, over the "
            "variance of the estimate without it.",
            "(xᵢb₍₋ᵢ₎ − xᵢb)² / xᵢV₍₋ᵢ₎xᵢ'"
            if self.pulled == "fitted value"
            else "(μ₍₋ᵢ₎ − μ)² / se²(μ₍₋ᵢ₎)",
            (("y", self.estimates[i]), ("v", self.variances[i])),
            _PAPER,
        )


def baujat(
    effects: StudyEstimates | Regression,
    *,
    model: str = "common_effect",
    tau2_method: str | None = None,
) -> Baujat:
    """Coordinates of Baujat's plot.

    Parameters
    ----------
    effects : StudyEstimates or Regression
        Three studies or more. Of a meta-regression that model: the contribution is to the
        heterogeneity that its moderators leave, the influence that on the fitted value.
    model : {"common_effect", "random_effects"}
        The paper's contributions to Cochran's Q belong to the common-effect model, whichever
        model is reported; under random effects tau2 has taken up most of the heterogeneity.
    tau2_method : str, optional
        As in :func:`osler.synthesise`; where left out, as the synthesis was made, or "REML".

    Raises
    ------
    DataError
        As :func:`osler.synthesise`, with fewer than three studies (INF001), where the
        model is not known (INF002), with a choice that a regression does not leave (INF012),
        or of a location-scale model (REG025).

    Notes
    -----
    Equals the coordinates of metafor's ``baujat``, which takes the model it is given. Of a
    regression the variance without the study is that of its intervals, with Knapp and
    Hartung's factor where they have it.

    References
    ----------
    .. [1] Baujat, Mahé, Pignon & Hill (2002). Stat Med 21, 2641-2652. doi:10.1002/sim.1221

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.2, 1.4], [0.04, 0.02, 0.03, 0.05])
    >>> found = baujat(fit)
    >>> [round(x, 1) for x in found.contribution], round(found.q, 1)
    ([2.3, 0.6, 1.4, 19.7], 24.1)
    """
    if isinstance(effects, Regression):
        if (model, tau2_method) != ("common_effect", None):
            raise problems.models_keep_their_way("a fitted model", "model or tau2_method")
        return _of_regression(effects)
    studies = checked(
        effects,
        what="contributions to heterogeneity",
        least=3,
        model=model,
        tau2_method=tau2_method,
    )
    found = deletions(studies)
    contribution = found.residual**2 / (studies.v + studies.tau2)
    pull = ((found.estimate_deleted - studies.estimate) / found.se_deleted) ** 2
    return Baujat(
        measure=effects.measure,
        studies=studies.labels,
        estimates=studies.fit.estimates,
        variances=studies.fit.variances,
        contribution=tuple(contribution.tolist()),
        influence=tuple(pull.tolist()),
        q=float(contribution.sum()),
        tau2=studies.tau2,
        model=model,
        tau2_method=studies.tau2_method,
    )


def _of_regression(fit: Regression) -> Baujat:
    fit.without_scale("an analysis of influence")
    whole, out = fit.fit, without_each(fit.fit)
    X = whole.design.matrix
    contribution = (whole.y - whole.fitted) ** 2 / (whole.v + whole.tau2)
    moved = np.einsum("kp,kp->k", X, whole.b - out.b)
    pull = ratio(moved**2, np.einsum("kp,kpq,kq->k", X, out.vcov, X))
    return Baujat(
        measure=fit.measure,
        studies=fit.studies,
        estimates=fit.estimates,
        variances=fit.variances,
        contribution=tuple(contribution.tolist()),
        influence=tuple(pull.tolist()),
        q=float(contribution.sum()),
        tau2=fit.tau2,
        model="meta_regression",
        tau2_method=fit.tau2_method,
    )
