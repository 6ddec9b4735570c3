"""The result of a network meta-analysis of rare events: one common odds ratio a comparison."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail, normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, level_percent, number, p_value
from osler.effects.scales import interval, scale_of, shown
from osler.synthesis.asked import checked_level
from osler.synthesis.network import problems
from osler.synthesis.network.arm_counts import ArmCounts, Design, parts_of
from osler.synthesis.network.designs import sign_between
from osler.synthesis.network.model import Excluded, League, NetworkEffect
from osler.synthesis.network.naming import treatment_named


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class RareNetwork(Result):
    """All treatments of a connected network against one another, from events by arm.

    Attributes
    ----------
    measure : str
        "OR"; estimates are log odds ratios.
    method : str
    treatments : tuple of str, length n
    reference : str
    common : League
        One odds ratio for all studies of a comparison; there is no random-effects model.
    q, df, p_value : float, int, float
        Inconsistency between designs: weighted squared residuals (Mantel-Haenszel) or twice the
        log likelihood ratio against designs with effects of their own. NaN without any df.
    k, designs : int, tuple of tuple of str
        Studies, and the sets of treatments that they compare.
    level : float
    excluded : tuple of Excluded
        Studies, and arms of studies, that say nothing, with the reason.
    lost : tuple of str
        Treatments of which nothing is left.
    others : tuple of tuple of str
        Treatments of sub-networks that no design connects with this one.
    source : str
    """

    measure: str
    method: str
    treatments: tuple[str, ...]
    reference: str
    common: League
    q: float
    df: int
    p_value: float
    k: int
    designs: tuple[tuple[str, ...], ...]
    level: float
    excluded: tuple[Excluded, ...]
    lost: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]
    source: str

    def place(self, treatment: str) -> int:
        """Position of a treatment; DataError (NET010) where the network has none of the name."""
        if treatment not in self.treatments:
            raise DataError(problems.no_such_treatment(treatment, self.treatments))
        return self.treatments.index(treatment)

    def effect(self, treatment: str, comparator: str = "") -> NetworkEffect:
        """One treatment against another, or against the reference."""
        comparator = comparator or self.reference
        i, j = self.place(treatment), self.place(comparator)
        values = (getattr(self.common, name)[i, j].item() for name in League.__slots__)
        return NetworkEffect(treatment, comparator, *values)

    def summary(self) -> str:
        scale = scale_of(self.measure)
        rows = [["", scale.measure, f"{level_percent(self.level)} CI", "p"]]
        for name in self.treatments:
            if name != self.reference:
                e = self.effect(name)
                p = p_value(e.p_value).removeprefix("p ").removeprefix("= ")
                ends = interval(scale, e.ci_lower, e.ci_upper)
                rows.append([name, shown(scale, e.estimate), ends, p])
        head = (
            f"Odds ratio: {counted(len(self.treatments), 'treatment')} in "
            f"{counted(self.k, 'study', 'studies')}, each against {self.reference}"
        )
        model = f"{self.method}; common effect, without a continuity correction"
        return "\n".join([head, "", *aligned(rows), "", model, *self._beside()])

    def _beside(self) -> list[str]:
        lines = [self._inconsistency(), "intervals: normal (Wald)"]
        if self.lost:
            lines.append(f"nothing is told about: {', '.join(self.lost)}")
        lines += [f"not connected with these: {', '.join(names)}" for names in self.others]
        return lines + [f"left out: {e.study}: {e.why}" for e in self.excluded]

    def _inconsistency(self) -> str:
        if not self.df:
            return "Inconsistency between designs cannot be judged: no design closes a loop"
        q = f"Q = {number(self.q, 2)}, df = {self.df}, {p_value(self.p_value)}"
        return f"Inconsistency between designs: {q}"

    def columns(self) -> dict[str, list[object]]:
        """One row an ordered pair of treatments."""
        pairs = [(a, b) for a in self.treatments for b in self.treatments if a != b]
        found = [self.effect(a, b) for a, b in pairs]
        names = [name for name in NetworkEffect.__slots__ if not name.startswith("pred")]
        return {name: [getattr(e, name) for e in found] for name in names}

    def text(self) -> str:
        out = f"; {counted(len(self.excluded), 'study', 'studies')} said nothing, whole or in part"
        return (
            f"As events were rare we compared {counted(len(self.treatments), 'treatment')} in a "
            f"common-effect network meta-analysis of {counted(self.k, 'study', 'studies')} "
            f"({self.method}){out if self.excluded else ''}. Effects are odds ratios with "
            f"{level_percent(self.level)} confidence intervals. {self._inconsistency()}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        named = {f"{t} vs {self.reference}": t for t in self.treatments if t != self.reference}
        return {name: partial(self._why, t) for name, t in named.items()}

    def _why(self, treatment: str) -> Why:
        e = self.effect(treatment)
        sign = sign_between(self.treatments)
        direct = [sign.join(d) for d in self.designs if {treatment, self.reference} <= set(d)]
        return Why(
            f"{treatment} vs {self.reference}",
            e.estimate,
            "The log odds ratio by the counts of all designs together, without anything added to "
            "cells without events.",
            inputs=(("se", e.se), ("designs that compare the two", direct)),
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The designs of the reference's sub-network, and what to say beside their result."""

    counts: ArmCounts
    designs: tuple[Design, ...]
    treatments: tuple[str, ...]
    reference: str
    others: tuple[tuple[str, ...], ...]
    level: float

    @property
    def df(self) -> int:
        """Contrasts of all designs less those of the network."""
        return sum(len(d.arms) - 1 for d in self.designs) - (len(self.treatments) - 1)

    def result(
        self, method: str, position: Floats, covariance: Floats, q: float, source: str
    ) -> RareNetwork:
        nan = float("nan")
        return RareNetwork(
            measure="OR",
            method=method,
            treatments=self.treatments,
            reference=self.reference,
            common=wald_league(position, covariance, self.level),
            q=q if self.df else nan,
            df=self.df,
            p_value=float(chi2_tail(np.array(q), np.array(float(self.df)))) if self.df else nan,
            k=sum(len(design.studies) for design in self.designs),
            designs=tuple(design.arms for design in self.designs),
            level=self.level,
            excluded=self.counts.excluded,
            lost=self.counts.lost,
            others=self.others,
            source=source,
        )


def chosen(counts: ArmCounts, reference: str, level: float) -> Chosen:
    """The sub-network of the reference, or the largest.

    Raises
    ------
    DataError
        Where no treatment that is left has the name of the reference (NET010), or the level is
        out of range (SYN006).
    """
    checked_level(level)
    parts = parts_of(counts.designs)
    known = [name for part in parts for name in part]
    reference = treatment_named(reference, known)
    mine = next((part for part in parts if reference in part), parts[0])
    designs = tuple(design for design in counts.designs if design.arms[0] in mine)
    others = tuple(part for part in parts if part is not mine)
    return Chosen(counts, designs, mine, reference or mine[0], others, level)


def wald_league(position: Floats, covariance: Floats, level: float) -> League:
    """Differences of positions with normal intervals; without prediction."""
    estimate = position[:, None] - position
    own = np.diag(covariance)
    se = np.sqrt(np.maximum(own[:, None] + own - 2.0 * covariance, 0.0))
    np.fill_diagonal(se, 0.0)
    half = float(normal_quantile(0.5 + level / 2.0)) * se
    ratio = np.divide(estimate, se, out=np.zeros_like(se), where=se > 0)
    none = np.full_like(se, np.nan)
    p = normal_two_sided(ratio)
    return League(estimate, se, estimate - half, estimate + half, p, none, none)
