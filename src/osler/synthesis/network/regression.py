"""Does a study's setting change what treatments do? Network meta-regression and subgroups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from numbers import Real

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail, normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.wording import aligned, level_percent, number, p_value, significant
from osler.synthesis.asked import checked_name
from osler.synthesis.network import further_problems
from osler.synthesis.network.covariates import Columns, Regressed, regressed
from osler.synthesis.network.data import Network, SameArms
from osler.synthesis.network.fit import league_of
from osler.synthesis.network.kernel import Model, Sums, places_of
from osler.synthesis.network.model import League, NetworkSynthesis
from osler.synthesis.network.tau2 import NETWORK_TAU2, network_tau2

INTERACTIONS = ("common", "independent")


@dataclass(frozen=True, slots=True)
class Coefficient:
    """How an effect against the reference changes: a unit of the covariate, or a level of it.

    ``treatment`` is empty where the change is common to all; NaN where no study tells it.
    """

    treatment: str
    level: str
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float


@dataclass(frozen=True, slots=True, repr=False)
class NetworkRegression(Result):
    """A network with an interaction of treatments and a covariate of the studies.

    Attributes
    ----------
    measure : str
    treatments : tuple of str
    reference : str
        Against which the covariate acts.
    covariate : str
    levels : tuple of str
        Of a covariate in words, the first being the one others are compared with; else empty.
    centre : float
        Mean over the studies, at which ``league`` stands; NaN for levels.
    interaction : str
        "common" or "independent".
    coefficients : tuple of Coefficient
    league : League
        At the centre, or the first level, with random effects.
    tau2, tau2_before : float
        Left with the covariate, and of the network without it by the same method.
    tau2_method : str
    q_model, df_model, p_model : float, int, float
        Wald test of all coefficients together.
    q, df, p_value : float, int, float
        Residual, by the common-effect model.
    """

    measure: str
    treatments: tuple[str, ...]
    reference: str
    covariate: str
    levels: tuple[str, ...]
    centre: float
    interaction: str
    coefficients: tuple[Coefficient, ...]
    league: League
    tau2: float
    tau2_before: float
    tau2_method: str
    q_model: float
    df_model: int
    p_model: float
    q: float
    df: int
    p_value: float
    level: float
    fitted: "_Fitted"

    def at(self, value: float | str) -> League:
        """All treatments against one another where the covariate has this value.

        Raises
        ------
        DataError
            Where it has no such level, or is no number (NET030).
        """
        if not (value in self.levels if self.levels else _number(value)):
            raise DataError(further_problems.covariate_missing(self.covariate, [repr(value)]))
        if self.levels:
            return self.fitted.league(np.array([float(value == v) for v in self.levels[1:]]))
        return self.fitted.league(np.array([float(value) - self.centre]))

    def summary(self) -> str:
        rows = [["", "Change", f"{level_percent(self.level)} CI", "p"]]
        for c in self.coefficients:
            name = " ".join(x for x in (c.treatment or "all", c.level) if x)
            p = p_value(c.p_value).removeprefix("p ").removeprefix("= ")
            bounds = f"{number(c.ci_lower, 3)} to {number(c.ci_upper, 3)}"
            untold = bool(np.isnan(c.estimate))
            rows.append(
                [name, number(c.estimate, 3), "" if untold else bounds, "" if untold else p]
            )
        unit = f"{self.levels[0]} being the level compared with" if self.levels else "a unit"
        before = significant(self.tau2_before)
        test = f"Q = {number(self.q_model, 2)}, df = {self.df_model}, {p_value(self.p_model)}"
        left = f"Q = {number(self.q, 2)}, df = {self.df}, {p_value(self.p_value)}"
        return "\n".join([
            f"Effects against {self.reference} by {self.covariate} ({self.interaction}; {unit})",
            "", *aligned(rows), "",
            f"All together: {test}",
            f"tau² {significant(self.tau2)} ({self.tau2_method}); {before} without the covariate",
            f"What is left: {left}",
        ])  # fmt: skip

    def columns(self) -> dict[str, list[object]]:
        names = Coefficient.__slots__
        return {name: [getattr(c, name) for c in self.coefficients] for name in names}

    def text(self) -> str:
        how = "one for all treatments" if self.interaction == "common" else "one a treatment"
        return (
            f"In a network meta-regression effects against {self.reference} changed with "
            f"{self.covariate} ({how}; {self.tau2_method}). The coefficients together: Q = "
            f"{number(self.q_model, 2)}, df = {self.df_model}, {p_value(self.p_model)}. A "
            "relation between studies is not one between patients."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        named = {" ".join(x for x in (c.treatment, c.level) if x) or self.covariate: c
                 for c in self.coefficients}  # fmt: skip
        return {name: partial(self._why, name, c) for name, c in named.items()}

    def _why(self, name: str, c: Coefficient) -> Why:
        return Why(
            name,
            c.estimate,
            "Weighted least squares of all contrasts on treatments and on treatments times the "
            "covariate.",
            "y = X d + Z β + e, cov(e) = V + τ²(1 + J)/2",
            (("se", c.se), ("tau2", self.tau2), ("centre", self.centre)),
            "Cooper, Sutton, Morris, Ades & Welton (2009), Stat Med 28, 1861-1881",
        )


def network_regression(
    fit: NetworkSynthesis,
    covariate: Mapping[str, object] | Sequence[object],
    *,
    name: str = "covariate",
    interaction: str = "common",
    tau2_method: str = "",
) -> NetworkRegression:
    """Let effects against the reference change with a covariate of the studies.

    Parameters
    ----------
    fit : NetworkSynthesis
    covariate : mapping from study to value, or values in the order of ``fit.network.studies``
        Numbers, or words for subgroups; every study of the network has one.
    name : str
    interaction : {"common", "independent"}
        One coefficient for all treatments against the reference, so that comparisons without
        the reference do not change, or one for each treatment.
    tau2_method : {"REML", "ML", "DL", "PM"}
        That of the network where left out.

    Raises
    ------
    DataError
        Where a study has no value (NET030), all have the same (NET031), no study tells what
        the covariate does (NET032), or nothing is left to judge it by (NET033).

    Notes
    -----
    Equals ``rma.mv`` of metafor with the products as moderators and the covariance of contrasts
    that share an arm. Exchangeable coefficients are left to Bayesian programs.

    References
    ----------
    .. [1] Cooper, Sutton, Morris, Ades & Welton (2009). Stat Med 28, 1861-1881.
       doi:10.1002/sim.3594
    """
    kind = checked_name("interaction", interaction, INTERACTIONS)
    method = checked_name("tau2 method", tau2_method or fit.tau2_method, NETWORK_TAU2)
    values, levels, centre = _values(fit.network, covariate, name)
    reference = fit.place(fit.reference)
    model = regressed(fit.network, reference, [_products(values, reference, fit, kind)])
    new = model.basis.shape[1] - (len(fit.treatments) - 1)
    if new <= 0:
        raise DataError(further_problems.covariate_untold(name, kind))
    if model.freedom <= 0:
        raise DataError(
            further_problems.no_freedom(name, fit.network.contrasts, model.basis.shape[1])
        )
    tau2 = network_tau2(model, method)[0]
    fitted = _Fitted(model, model.sums(np.array([0.0, tau2])), reference, kind, tau2, fit.level)
    before = fit.tau2 if method == fit.tau2_method else network_tau2(Model(fit.network), method)[0]
    q, df = float(fitted.sums.q[0]), model.freedom
    wald = float(places_of(fit.network, np.array([tau2])).q[0] - fitted.sums.q[1])
    return NetworkRegression(
        fit.measure, fit.treatments, fit.reference, name, levels, centre, kind,
        fitted.told(fit.treatments, levels),
        fitted.league(np.zeros(values.shape[1])),
        tau2, before, method, wald, new, _tail(wald, new), q, df, _tail(q, df), fit.level, fitted,
    )  # fmt: skip


def _tail(q: float, df: int) -> float:
    return float(chi2_tail(np.array([q]), np.array([float(df)]))[0])


def _number(value: object) -> bool:
    return isinstance(value, Real) and bool(np.isfinite(float(value)))


def _values(
    network: Network, covariate: Mapping[str, object] | Sequence[object], name: str
) -> tuple[Floats, tuple[str, ...], float]:
    """Columns of shape (k, c) by study; levels of a covariate in words; its mean otherwise."""
    if not isinstance(covariate, Mapping):
        covariate = dict(zip(network.studies, covariate, strict=False))
    found = [covariate.get(study) for study in network.studies]
    words = any(isinstance(value, str) for value in found)
    usable = [isinstance(v, str) and bool(v.strip()) if words else _number(v) for v in found]
    lacking = [s for s, good in zip(network.studies, usable, strict=True) if not good]
    if lacking:
        raise DataError(further_problems.covariate_missing(name, lacking))
    if len(set(found)) == 1:
        raise DataError(further_problems.covariate_flat(name, found[0]))
    if words:
        levels = tuple(sorted({str(value) for value in found}))
        columns = [[float(value == level) for level in levels[1:]] for value in found]
        return np.array(columns), levels, float("nan")
    numbers = np.array(found, float)
    centre = float(numbers.mean())
    return (numbers - centre)[:, None], (), centre


def _coded(n: int, reference: int, kind: str) -> Floats:
    """What each treatment takes from each coefficient; shape (n, 1) or (n, n - 1)."""
    own = np.eye(n)[:, np.arange(n) != reference]
    return own.sum(axis=1, keepdims=True) if kind == "common" else own


def _products(values: Floats, reference: int, fit: NetworkSynthesis, kind: str) -> Columns:
    code = _coded(len(fit.treatments), reference, kind)

    def columns(group: SameArms) -> Floats:
        z = values[group.study]
        both = code[group.arms][:, :, :, None] * z[:, None, None, :]
        return np.asarray(both.reshape(*group.arms.shape, -1))

    return columns


@dataclass(frozen=True, slots=True, repr=False)
class _Fitted:
    """A regression at tau2 = 0 and at its tau2."""

    model: Regressed
    sums: Sums
    reference: int
    kind: str
    tau2: float
    level: float

    def told(self, treatments: Sequence[str], levels: Sequence[str]) -> tuple[Coefficient, ...]:
        """The coefficients beside those of the treatments."""
        estimate, covariance = self.model.coefficients(self.sums, 1)
        skipped = len(treatments) - 1
        known = self.model.told(np.eye(estimate.size))[skipped:]
        estimate = np.where(known, estimate[skipped:], np.nan)
        se = np.where(known, np.sqrt(np.maximum(np.diag(covariance)[skipped:], 0.0)), np.nan)
        half = float(normal_quantile(0.5 + self.level / 2.0)) * se
        others = [t for i, t in enumerate(treatments) if i != self.reference]
        names = [""] if self.kind == "common" else others
        labels = [(t, level) for t in names for level in (levels[1:] or ("",))]
        numbers = (estimate, se, estimate - half, estimate + half, normal_two_sided(estimate / se))
        rows = zip(*(values.tolist() for values in numbers), strict=True)
        return tuple(Coefficient(*label, *row) for label, row in zip(labels, rows, strict=True))

    def league(self, z: Floats) -> League:
        """All treatments against one another at these values of the columns."""
        size = len(self.model.network.treatments)
        own = _coded(size, self.reference, "independent")
        code = _coded(size, self.reference, self.kind)
        rows = np.concatenate([own, (code[:, :, None] * z).reshape(size, -1)], axis=1)
        estimate, covariance = self.model.coefficients(self.sums, 1)
        position, inverse = rows @ estimate, rows @ covariance @ rows.T
        there = replace(
            self.sums, position=np.stack([position] * 2), inverse=np.stack([inverse] * 2)
        )
        league = league_of(there, 1, self.level, self.tau2, self.model.freedom, predicts=True)
        apart = (rows[:, None, :] - rows).reshape(size * size, -1)
        lost = ~self.model.told(apart).reshape(size, size)
        np.fill_diagonal(lost, False)
        return League(*(np.where(lost, np.nan, getattr(league, f)) for f in League.__slots__))
