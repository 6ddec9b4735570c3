"""What a selection model gives."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.appraisal.asymmetry.studies import effect_words, model_words, noted, with_ci
from osler.appraisal.selection import problems
from osler.appraisal.selection.families import FAMILIES
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, number, p_value, significant
from osler.effects.scales import scale_of

STEP_SOURCE = "Hedges (1992) Stat Sci 7, 246-255; Vevea & Hedges (1995) Psychometrika 60, 419-435"

TRUNCATED_SOURCE = "Rust et al. (1990) J Mark Res 27, 220-226; Formann (2008) Stat Med 27, 4493"


def favoured_side(alternative: str, value: float) -> tuple[str, str]:
    """The estimates that are favoured, and the others, in words.

    Examples
    --------
    >>> favoured_side("less", 0.0)
    ('y < 0', 'y ≥ 0')
    """
    beyond, other = ("<", "≥") if alternative == "less" else (">", "≤")
    return f"y {beyond} {value:g}", f"y {other} {value:g}"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One parameter with its normal interval.

    ``se`` is NaN where it was fixed, lies at a bound or cannot be told.
    """

    name: str
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """Studies with a p-value (or estimate) above ``lower`` and up to ``upper``."""

    lower: float
    upper: float
    studies: int


@dataclass(frozen=True, slots=True, repr=False)
class SelectionModel(Result):
    """A meta-analysis with a model of which studies are seen.

    Attributes
    ----------
    coefficients : tuple of Coefficient
        The mean effect, or the coefficients of the moderators, before selection.
    tau2, tau2_se : float
        0 and NaN with the common-effect model; the error is NaN at 0.
    selection : tuple of Coefficient
        Parameters of the weight function; ``p_value`` is against no selection (weight 1 for
        steps, neutral for the others) by the normal distribution.
    log_likelihood, log_likelihood_unselected : float
        Maxima with and without selection.
    lr, lr_df, lr_p_value : float
        Likelihood ratio test of no selection.
    tau2_lr, tau2_lr_p_value : float
        Likelihood ratio test of tau2 = 0 in the selection model (1 degree of freedom).
    unadjusted : tuple of Coefficient
        Without selection, by maximum likelihood.
    intervals : tuple of Interval
        How many p-values lie where; of a truncated model how many estimates.
    converged : bool
    """

    kind: str
    alternative: str
    model: str
    steps: tuple[float, ...]
    p_min: float
    imprecision: str
    measure: str
    studies: tuple[str, ...]
    coefficients: tuple[Coefficient, ...]
    tau2: float
    tau2_se: float
    selection: tuple[Coefficient, ...]
    log_likelihood: float
    log_likelihood_unselected: float
    lr: float
    lr_df: int
    lr_p_value: float
    tau2_lr: float
    tau2_lr_p_value: float
    unadjusted: tuple[Coefficient, ...]
    tau2_unadjusted: float
    intervals: tuple[Interval, ...]
    converged: bool
    level: float
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    @property
    def estimate(self) -> float:
        """The mean effect, or the intercept."""
        return self.coefficients[0].estimate

    @property
    def se(self) -> float:
        return self.coefficients[0].se

    @property
    def ci_lower(self) -> float:
        return self.coefficients[0].ci_lower

    @property
    def ci_upper(self) -> float:
        return self.coefficients[0].ci_upper

    @property
    def p_value(self) -> float:
        return self.coefficients[0].p_value

    @property
    def delta(self) -> tuple[float, ...]:
        return tuple(part.estimate for part in self.selection)

    def weight(self, p: Sequence[float]) -> tuple[float, ...]:
        """Relative chance of being seen at these p-values (least precise study).

        Raises
        ------
        DataError
            Of a truncated model, whose weights do not go by p (SEL009).
        """
        if self.kind == "truncated":
            raise problems.not_by_p(self._title())
        values = np.asarray(p, float)
        if self.kind == "step":
            which = np.searchsorted(np.array(self.steps), values, side="left")
            return tuple(np.array(self.delta)[np.minimum(which, len(self.delta) - 1)].tolist())
        low = max(self.p_min, 1e-300)
        held = np.clip(values, low, 1.0 - max(self.p_min, 1e-16))
        logs, _, _ = FAMILIES[self.kind].log_weight(
            [np.asarray(part) for part in self.delta], np.log(held), np.log1p(-held), np.ones(1)
        )
        weights = np.exp(logs)
        if self.steps:
            weights = np.where(values <= self.steps[0], 1.0, weights)
        return tuple(weights.tolist())

    def _title(self) -> str:
        if self.kind == "truncated":
            return f"two weights, cut at an estimate of {self.steps[0]:g}"
        if self.kind != "step":
            return f"{FAMILIES[self.kind].title} weight function"
        cuts = ", ".join(f"{step:g}" for step in self.steps[:6])
        more = ", ..." if len(self.steps) > 6 else ""
        return f"step function, cut at p = {cuts}{more}"

    def _heading(self) -> str:
        sided = "two-sided p" if self.alternative == "two-sided" else "one-sided p"
        if self.kind == "truncated":
            sided = "by the estimate"
        way = "" if self.alternative == "two-sided" else f" ({self.alternative})"
        return (
            f"Selection model: {self._title()}\n"
            f"  {model_words(self.model)}, maximum likelihood, {sided}{way}"
        )

    def _source(self) -> str:
        if self.kind == "truncated":
            return TRUNCATED_SOURCE
        return STEP_SOURCE if self.kind == "step" else FAMILIES[self.kind].source

    def _cell(self, part: Coefficient, p: float | None = None) -> str:
        # A coefficient beside others is on the analysis scale, as its moderator has a unit.
        measure = "" if len(self.coefficients) > 1 else self.measure
        return with_ci(measure, part.estimate, part.ci_lower, part.ci_upper, self.level, p)

    def summary(self) -> str:
        rows = [["", "with selection", "without"]]
        for part, before in zip(self.coefficients, self.unadjusted, strict=True):
            rows.append([part.name, self._cell(part), self._cell(before)])
        rows.append(["tau²", significant(self.tau2), significant(self.tau2_unadjusted)])
        rows.append(
            [
                "log-likelihood",
                number(self.log_likelihood, 3),
                number(self.log_likelihood_unselected, 3),
            ]
        )
        lines = [f"  {line}" for line in aligned(rows)]
        chosen = [["weights", "estimate", "SE", ""], *(_row(part) for part in self.selection)]
        lines += [f"  {line}" for line in aligned(chosen)]
        return "\n".join(
            [
                self._heading(),
                f"  {counted(self.k, 'study', 'studies')}; {self._counts()}",
                *lines,
                f"  no selection: {self._ratio()}; intervals are normal",
                *noted(self.notes),
            ]
        )

    def _counts(self) -> str:
        if self.kind == "truncated":
            told = zip(self.intervals, self.selection, strict=True)
            return "estimates: " + ", ".join(f"{i.studies} with {s.name}" for i, s in told)
        parts = [f"{part.studies} to {part.upper:g}" for part in self.intervals]
        shown = ", ".join(parts[:6])
        return f"p-values: {shown}" + (", ..." if len(parts) > 6 else "")

    def _ratio(self) -> str:
        if not self.lr_df:
            return "weights fixed, not tested"
        return f"χ² = {number(self.lr, 2)}, df {self.lr_df}, {p_value(self.lr_p_value)}"

    def columns(self) -> dict[str, list[object]]:
        spread = Coefficient("tau2", self.tau2, self.tau2_se, *(math.nan,) * 3)
        parts = (*self.coefficients, spread, *self.selection)
        names = ("name", "estimate", "se", "ci_lower", "ci_upper", "p_value", "fixed")
        return {name: [getattr(part, name) for part in parts] for name in names}

    def text(self) -> str:
        favoured = {
            "greater": "one-sided p-values that favour larger estimates",
            "less": "one-sided p-values that favour smaller estimates",
            "two-sided": "two-sided p-values",
        }[self.alternative]
        if self.kind == "truncated":
            favoured = f"{'larger' if self.alternative == 'greater' else 'smaller'} estimates"
        main = self.coefficients[0]
        several = len(self.coefficients) > 1
        what = "intercept" if several else effect_words(self.measure)
        if several and scale_of(self.measure).ratio:
            what = f"intercept (log {effect_words(self.measure)})"
        tested = "The parameters of selection were fixed, so that selection was not tested."
        if self.lr_df:
            tested = f"The likelihood ratio test of no selection gave {self._ratio()}."
        said = (
            f"A {model_words(self.model)} with selection by {favoured} ({self._title()}; "
            f"{self._source()}) was fitted to {counted(self.k, 'study', 'studies')} by maximum "
            f"likelihood. Allowing for selection, the {what} was "
            f"{self._cell(main, main.p_value)}, against {self._cell(self.unadjusted[0])} without. "
            f"{tested}"
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        stepped = {
            "step": "w(p) = δⱼ for p in interval j, δ₁ = 1",
            "truncated": "w(y) = 1 beyond the value, δ on its other side",
        }
        formula = stepped.get(self.kind) or FAMILIES[self.kind].formula
        inputs: tuple[tuple[str, object], ...] = (
            ("delta", self.delta),
            ("tau2", self.tau2),
            ("log-likelihood", self.log_likelihood),
            ("without selection", self.log_likelihood_unselected),
        )
        return {
            "estimate": lambda: Why(
                "estimate",
                self.estimate,
                "Mean of all studies, seen or not, at the highest point of the likelihood "
                "Π wᵢ N(yᵢ; μ, vᵢ + τ²) / Aᵢ, with Aᵢ the mean weight.",
                formula,
                inputs,
                self._source(),
            ),
            "lr_p_value": lambda: Why(
                "lr_p_value",
                self.lr_p_value,
                "Likelihood ratio test of equal weights.",
                "2 (log-likelihood − log-likelihood without selection), chi-squared",
                (*inputs, ("df", self.lr_df)),
                self._source(),
            ),
        }


def _row(part: Coefficient) -> list[str]:
    error = "fixed" if part.fixed else number(part.se, 4)
    return [part.name, number(part.estimate, 4), error, "" if part.fixed else p_value(part.p_value)]
