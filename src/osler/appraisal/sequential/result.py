"""A sequential analysis, and how it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite

import numpy as np

from osler.appraisal.influence.studies import laid_out, scale_of_studies, short, title, told
from osler.appraisal.sequential.information import pooled_variances
from osler.appraisal.sequential.plan import Plan
from osler.core.results import Result, Why
from osler.core.wording import aligned, number, percent, significant
from osler.effects.scales import Scale, interval, shown

CAUTION = (
    "Cochrane discourages sequential methods for updated meta-analyses: not for main analyses "
    "or conclusions. No result here is a reason to stop, or to go on with, research."
)
_WETTERSLEV = "Wetterslev et al. (2009), BMC Med Res Methodol 9, 86"
_SPENDING = {"OBF": "O'Brien-Fleming-type", "Pocock": "Pocock-type"}


@dataclass(frozen=True, slots=True, repr=False)
class Sequential(Result):
    r"""Looks at growing evidence, one value a look in every tuple, in the order of ``studies``.

    Attributes
    ----------
    information : tuple of float
        So far: one over the variance (common effect), or participants.
    fraction : tuple of float
        Of the required information, adjusted for heterogeneity.
    z : tuple of float
        Random-effects estimate over its Wald standard error.
    boundary : tuple of float
        For \\|z\\|. Infinity where so little information, or so little more of it, is there
        that the look tests nothing; NaN after the required information was reached.
    futility : tuple of float
        \\|z\\| below it makes the relevant effect unlikely; empty where not asked for.
    lower, upper : tuple of float
        Repeated confidence interval: estimate ± boundary x standard error.
    crossed : int
        The look (from 1) that first crossed a boundary; 0 where none did.
    futile : int
        The look (from 1) that first went below a futility boundary; 0 where none did.
    power_reached : float
        Power of the whole plan if the relevant effect is true and the evidence goes on to
        the required information with one more look.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    keys: tuple[str, ...]
    order: str
    estimate: tuple[float, ...]
    se: tuple[float, ...]
    z: tuple[float, ...]
    information: tuple[float, ...]
    fraction: tuple[float, ...]
    boundary: tuple[float, ...]
    futility: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    crossed: int
    futile: int
    final_boundary: float
    power_reached: float
    plan: Plan
    tau2: float
    tau2_method: str
    notes: tuple[str, ...]

    @property
    def ended(self) -> int:
        """The look (from 1) at which the required information was there; 0 where it is not."""
        return next((j for j, t in enumerate(self.fraction, 1) if t >= 1.0), 0)

    @property
    def verdict(self) -> str:
        """What the boundaries say, in one sentence."""
        if self.crossed:
            side = "above" if self.z[self.crossed - 1] > 0 else "below"
            return (
                f"The cumulative z crossed the boundary {side} no effect at "
                f"{self.studies[self.crossed - 1]} (look {self.crossed})."
            )
        if self.ended:
            return "The required information was reached without crossing a boundary."
        if self.futile:
            return (
                "The cumulative z entered the area of futility at "
                f"{self.studies[self.futile - 1]} (look {self.futile})."
            )
        return (
            f"No boundary was crossed with {percent(self.fraction[-1])} of the required "
            "information: the evidence is inconclusive by this plan."
        )

    def summary(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        head = ["Look", scale.measure or "Estimate", "Information", "z", "Boundary"]
        rows = [[*head, *(["Futility"] if self.futility else []), "Repeated CI"]]
        for j, name in enumerate(self.studies):
            key = f" ({self.keys[j]})" if self.keys[j] else ""
            rows.append(
                [
                    short(f"+ {name}{key}"),
                    shown(scale, self.estimate[j]),
                    percent(self.fraction[j]),
                    number(self.z[j], 2),
                    _bound(self.boundary[j]),
                    *([_bound(self.futility[j])] if self.futility else []),
                    self._repeated(scale, j),
                ]
            )
        return laid_out(
            title("Sequential analysis (sensitivity only)", self.measure, len(self.studies)),
            aligned(rows),
            self.verdict,
            *self._plan_lines(scale),
            *(f"Note: {note}" for note in self.notes),
            CAUTION,
        )

    def columns(self) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {"added": list(self.studies), "key": list(self.keys)}
        names = ("estimate", "se", "z", "information", "fraction", "boundary", "lower", "upper")
        found |= {name: list(getattr(self, name)) for name in names}
        if self.futility:
            found["futility"] = list(self.futility)
        return found

    def text(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        plan, last = self.plan, len(self.studies) - 1
        cell = told(
            scale,
            self.estimate[last],
            self.estimate[last] - 1.959964 * self.se[last],
            self.estimate[last] + 1.959964 * self.se[last],
            0.95,
        )
        adjusted = (
            "; with the boundary in place of the normal quantile the interval was "
            f"{self._repeated(scale, last)}"
            if isfinite(self.boundary[last])
            else ""
        )
        return (
            "As a sensitivity analysis we compared the cumulative synthesis (random effects, "
            f"tau² by {self.tau2_method}; order: {self.order}) with {_SPENDING[plan.spending]} "
            f"boundaries, two-sided alpha {percent(plan.alpha)}, power {percent(plan.power)} for "
            f"a {scale.name} of {shown(scale, plan.effect)}, the required information adjusted "
            f"for heterogeneity ({plan.heterogeneity_by}, {percent(plan.heterogeneity)}). "
            f"{self.verdict} The pooled estimate was {cell}{adjusted}. Sequential methods are "
            "discouraged for main analyses of updated reviews (Cochrane Handbook, chapter 22)."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        looks = range(len(self.studies))
        return {
            "plan.required": self._why_required,
            "plan.heterogeneity": self._why_heterogeneity,
            **{f"boundary[{j}]": partial(self._why_boundary, j) for j in looks},
        }

    def _plan_lines(self, scale: Scale) -> list[str]:
        plan = self.plan
        what = "participants" if plan.basis == "participants" else "one over a variance"
        return [
            (
                f"Required information: {significant(plan.required)} ({what}), "
                f"{significant(plan.required_unadjusted)} before the adjustment for heterogeneity "
                f"of {percent(plan.heterogeneity)} ({plan.heterogeneity_by})."
            ),
            (
                f"Plan: {_SPENDING[plan.spending]} boundaries, alpha {percent(plan.alpha)} "
                f"two-sided, power {percent(plan.power)} (with these looks "
                f"{percent(self.power_reached, 1)}) for "
                f"{scale.measure or 'an effect of'} {shown(scale, plan.effect)}; boundary at full "
                f"information {self.final_boundary:.3f}."
            ),
            (
                f"Order: {self.order}. Random effects, tau² by {self.tau2_method}, Wald standard "
                "errors."
            ),
        ]

    def _repeated(self, scale: Scale, j: int) -> str:
        if not isfinite(self.boundary[j]):
            return "–"
        return interval(scale, self.lower[j], self.upper[j])

    def _why_required(self) -> Why:
        plan = self.plan
        formula = {
            "information": "((z₁₋α⸝₂ + z₁₋β) / θ)² / (1 − D²)",
            "participants": "4 (z₁₋α⸝₂ + z₁₋β)² ν / δ² / (1 − D²)",
        }[plan.basis]
        return Why(
            "plan.required",
            plan.required,
            "Information a single test would need for the relevant effect, inflated because "
            "studies differ.",
            formula,
            (
                ("effect", plan.effect),
                ("alpha", plan.alpha),
                ("power", plan.power),
                ("D2", plan.heterogeneity),
                ("without adjustment", plan.required_unadjusted),
            ),
            _WETTERSLEV,
        )

    def _why_heterogeneity(self) -> Why:
        v = np.array(self.variances)
        common, random = pooled_variances(v, self.tau2)
        return Why(
            "plan.heterogeneity",
            self.plan.heterogeneity,
            f"By {self.plan.heterogeneity_by}: the share by which heterogeneity inflates the "
            "variance of the pooled estimate.",
            "(V_random − V_common) / V_random",
            (("V_common", common), ("V_random", random), ("tau2", self.tau2)),
            _WETTERSLEV,
        )

    def _why_boundary(self, j: int) -> Why:
        if not isfinite(self.boundary[j]):
            return self._why_no_boundary(j)
        return Why(
            f"boundary[{j}]",
            self.boundary[j],
            f"|z| that spends, at look {j + 1}, what {self.plan.spending} spending of alpha allows "
            "by then, given that no boundary was crossed before.",
            "P(|Z₁| < c₁, ..., |Zⱼ| ≥ cⱼ) = α(tⱼ) − α(tⱼ₋₁)",
            (("fractions", self.fraction[: j + 1]), ("alpha", self.plan.alpha)),
            "Lan & DeMets (1983), Biometrika 70, 659-663",
        )

    def _why_no_boundary(self, j: int) -> Why:
        how = (
            "Look {} brings too little information: so early nothing can be crossed."
            if self.boundary[j] == inf
            else "Look {} follows the end of the plan: all information was there before it."
        )
        value = "none (∞)" if self.boundary[j] == inf else "none"
        inputs = (("fractions", self.fraction[: j + 1]),)
        return Why(f"boundary[{j}]", value, how.format(j + 1), inputs=inputs)


def _bound(value: float) -> str:
    return "∞" if value == inf else number(value, 2)
