"""The result of a network meta-analysis."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.wording import (
    aligned,
    capital,
    counted,
    level_percent,
    number,
    p_value,
    percent,
    significant,
)
from osler.effects.scales import interval, scale_of, shown
from osler.synthesis.network import problems
from osler.synthesis.network.data import Network


@dataclass(frozen=True, slots=True, eq=False)
class League:
    """Every treatment against every other by one model; arrays of shape (n, n).

    Entry (i, j) is treatment i against treatment j, on the analysis scale; the diagonal is 0.
    ``pred_lower`` and ``pred_upper`` bound the effect in a new study, NaN for the common effect
    and where there are no degrees of freedom.
    """

    estimate: Floats
    se: Floats
    ci_lower: Floats
    ci_upper: Floats
    p_value: Floats
    pred_lower: Floats
    pred_upper: Floats

    def places(self) -> tuple[Floats, Floats]:
        """Each treatment's place, the mean of all being 0, and the covariance of the places."""
        # Variances of all differences tell the covariance of places that add up to 0.
        v = self.se * self.se
        of_row = v.mean(axis=1)
        covariance = 0.5 * (of_row[:, None] + of_row - v - of_row.mean())
        return self.estimate.mean(axis=1), np.asarray(covariance)


@dataclass(frozen=True, slots=True)
class NetworkEffect:
    """One treatment against another, on the analysis scale."""

    treatment: str
    comparator: str
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    pred_lower: float
    pred_upper: float


@dataclass(frozen=True, slots=True)
class Excluded:
    """A study, or rows of it, that could not be used, and why."""

    study: str
    why: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class NetworkSynthesis(Result):
    """All treatments of a connected network against one another.

    Attributes
    ----------
    measure : str
    treatments : tuple of str, length n
        In the order of the league's rows and columns.
    reference : str
        Against which results are listed.
    network : Network
        The studies as they were pooled.
    common, random : League
        By the common-effect and the random-effects model.
    tau2, tau2_method : float, str
        Variance of the true effects of every comparison; 0 where nothing is left to judge it.
    q, df, p_value : float, int, float
        Weighted squared residuals at tau2 = 0: heterogeneity within designs and inconsistency
        between them together.
    i2 : float
        max(0, (Q - df) / Q); a fraction.
    level : float
    excluded : tuple of Excluded
    others : tuple of tuple of str
        Treatments of sub-networks that no study connects with this one.
    notes : tuple of str
    """

    measure: str
    treatments: tuple[str, ...]
    reference: str
    network: Network
    common: League
    random: League
    tau2: float
    tau2_method: str
    q: float
    df: int
    p_value: float
    i2: float
    level: float
    excluded: tuple[Excluded, ...] = ()
    others: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def tau(self) -> float:
        return float(np.sqrt(self.tau2))

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.network.studies)

    def place(self, treatment: str) -> int:
        """Position of a treatment; DataError (NET010) where the network has none of the name."""
        if treatment not in self.treatments:
            raise DataError(problems.no_such_treatment(treatment, self.treatments))
        return self.treatments.index(treatment)

    def effect(
        self, treatment: str, comparator: str = "", *, common: bool = False
    ) -> NetworkEffect:
        """One treatment against another, or against the reference."""
        comparator = comparator or self.reference
        i, j = self.place(treatment), self.place(comparator)
        league = self.common if common else self.random
        values = (getattr(league, name)[i, j].item() for name in League.__slots__)
        return NetworkEffect(treatment, comparator, *values)

    def effects(self, *, common: bool = False) -> list[NetworkEffect]:
        """Every treatment against every other, row by row of the league."""
        league, names = self.common if common else self.random, self.treatments
        i, j = np.nonzero(~np.eye(len(names), dtype=bool))
        values = [getattr(league, name)[i, j].tolist() for name in League.__slots__]
        pairs = zip(i.tolist(), j.tolist(), *values, strict=True)
        return [NetworkEffect(names[a], names[b], *told) for a, b, *told in pairs]

    def summary(self) -> str:
        scale = scale_of(self.measure)
        rows = [
            ["", scale.measure or "Estimate", f"{level_percent(self.level)} CI", "p", "Prediction"]
        ]
        for name in self.treatments:
            if name != self.reference:
                e = self.effect(name)
                rows.append([
                    name, shown(scale, e.estimate), interval(scale, e.ci_lower, e.ci_upper),
                    p_value(e.p_value).removeprefix("p ").removeprefix("= "),
                    interval(scale, e.pred_lower, e.pred_upper) if self.df else "",
                ])  # fmt: skip
        head = (
            f"{capital(scale.name)}: {counted(len(self.treatments), 'treatment')} in "
            f"{counted(self.k, 'study', 'studies')}, each against {self.reference}"
        )
        return "\n".join([head, "", *aligned(rows), "", *self._spread(), *self._beside()])

    def _spread(self) -> list[str]:
        q = f"Q = {number(self.q, 2)}, df = {self.df}, {p_value(self.p_value)}"
        tau2 = f"tau² = {significant(self.tau2)} ({self.tau2_method})"
        if not self.df:
            return [
                f"Random effects; {tau2}, one for all comparisons",
                "Heterogeneity and inconsistency cannot be judged: Q has no degrees of freedom",
                "intervals: normal (Wald); no prediction intervals",
            ]
        freedom = f"{counted(self.df, 'degree')} of freedom"
        return [
            f"Random effects; {tau2}, one for all comparisons",
            f"Heterogeneity and inconsistency: {q}; I² = {percent(self.i2, 1)}",
            f"intervals: normal (Wald); prediction: t with {freedom}",
        ]

    def _beside(self) -> list[str]:
        lines = [f"not connected with these: {', '.join(names)}" for names in self.others]
        lines += [f"left out: {e.study}: {e.why}" for e in self.excluded]
        return lines + [f"note: {note}" for note in self.notes]

    def columns(self) -> dict[str, list[object]]:
        """One row an ordered pair of treatments, by the random-effects model."""
        found, names = self.effects(), NetworkEffect.__slots__
        return {name: [getattr(effect, name) for effect in found] for name in names}

    def text(self) -> str:
        scale = scale_of(self.measure)
        return (
            f"We compared {counted(len(self.treatments), 'treatment')} in a frequentist network "
            f"meta-analysis of {counted(self.k, 'study', 'studies')}, with random effects of one "
            f"variance for all comparisons ({self.tau2_method}: tau² = {significant(self.tau2)}) "
            f"and the covariance of contrasts that share an arm. Effects are {scale.name}s with "
            f"{level_percent(self.level)} confidence intervals. Q was {number(self.q, 2)} with "
            f"{self.df} degrees of freedom ({p_value(self.p_value)})."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        named = {f"{t} vs {self.reference}": t for t in self.treatments if t != self.reference}
        return {name: partial(self._why, t) for name, t in named.items()} | {"tau2": self._why_tau2}

    def _why(self, treatment: str) -> Why:
        e = self.effect(treatment)
        own = [
            (self.network.studies[s], y if a == self.place(treatment) else -y)
            for s, a, b, y, _ in self.network.pairs()
            if {a, b} == {self.place(treatment), self.place(self.reference)}
        ]
        return Why(
            f"{treatment} vs {self.reference}",
            e.estimate,
            "The difference of two positions on the network: weighted least squares over the "
            f"contrasts of all studies, {len(own)} of which compared the two directly.",
            "d = L⁺ Σ XᵀWy, with L = Σ XᵀWX",
            (("direct estimates", own), ("se", e.se), ("tau2", self.tau2)),
            "Rücker (2012), Res Synth Methods 3, 312-324",
        )

    def _why_tau2(self) -> Why:
        return Why(
            "tau2",
            self.tau2,
            "The variance of true effects around those of the network, one for every comparison.",
            inputs=(("method", self.tau2_method), ("Q", self.q), ("df", self.df)),
            source="Jackson, White & Riley (2012), Stat Med 31, 3805-3820",
        )
