"""Best linear unbiased predictions of the random effects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, level_percent, number
from osler.synthesis.multilevel.fitted import Fitted, quantiles
from osler.synthesis.multilevel.placing import Placed


@dataclass(frozen=True, slots=True, repr=False)
class RandomEffects(Result):
    """Predicted deviations of the levels of one random term from the mean.

    Attributes
    ----------
    term : str
    groups, levels : tuple of str
        Outer group and inner level of each effect; levels are empty for intercepts.
    estimates, se : tuple of float
        Shrunken deviation, and the standard error of its prediction.
    pred_lower, pred_upper : tuple of float
    level : float
    """

    term: str
    groups: tuple[str, ...]
    levels: tuple[str, ...]
    estimates: tuple[float, ...]
    se: tuple[float, ...]
    pred_lower: tuple[float, ...]
    pred_upper: tuple[float, ...]
    level: float

    def summary(self) -> str:
        rows = [["", "deviation", "se", f"{level_percent(self.level)} prediction"]]
        for i in range(min(len(self.groups), 40)):
            named = " ".join(part for part in (self.groups[i], self.levels[i]) if part)
            interval = f"{number(self.pred_lower[i], 3)} to {number(self.pred_upper[i], 3)}"
            rows.append([named[:40], number(self.estimates[i], 3), number(self.se[i], 3), interval])
        lines = [f"Random effects of {self.term}", "", *aligned(rows)]
        if len(self.groups) > 40:
            lines.append(f"... and {len(self.groups) - 40} more")
        return "\n".join(lines)

    def columns(self) -> dict[str, list[object]]:
        names = "groups levels estimates se pred_lower pred_upper".split()
        return {name: list(getattr(self, name)) for name in names}

    def text(self) -> str:
        return (
            f"Deviations of {counted(len(self.groups), 'level')} of {self.term} from the mean were "
            "predicted by best linear unbiased prediction."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"estimates": self._why}

    def _why(self) -> Why:
        return Why(
            "estimates",
            self.estimates,
            "The part of each group's deviation from the mean that its heterogeneity explains.",
            "u = G Z' M⁻¹ (y − X b), Var(u − û) = G − G Z' P Z G",
            (("se", self.se),),
            "Robinson 1991, Stat Sci 6, 15-32, doi:10.1214/ss/1177011926",
        )


def random_effects(fitted: Fitted) -> tuple[RandomEffects, ...]:
    """See :meth:`Multilevel.random_effects`."""
    terms = fitted.solution.setting.terms
    T = fitted.marginal.covariances
    return tuple(_of_term(fitted, t, cov) for t, cov in zip(terms, T, strict=True))


def _of_term(fitted: Fitted, term: Placed, T: Floats) -> RandomEffects:
    marginal, problem = fitted.marginal, fitted.problem
    Z, outer, inner = term.design()
    G = T[np.ix_(inner, inner)] * (outer[:, None] == outer)
    W_residual = marginal.times(problem.y - problem.X @ marginal.fixed.beta)
    u = G @ (Z.T @ W_residual)
    # Z' P Z: what the data say of each effect, less what the coefficients take.
    WZ = marginal.times(Z)
    XWZ = problem.X.T @ WZ
    ZPZ = Z.T @ WZ - XWZ.T @ marginal.fixed.covariance @ XWZ
    variance = np.diag(G) - ((G @ ZPZ) * G).sum(axis=1)
    se = np.sqrt(np.maximum(variance, 0.0))
    df = np.full(u.size, fitted.df.min())
    half = quantiles(fitted.choices.level, df) * se
    known = term.kind == "related"
    return RandomEffects(
        term.label,
        tuple(
            term.levels[i] if known else term.groups[o] for o, i in zip(outer, inner, strict=True)
        ),
        tuple("" if known else term.levels[i] for i in inner),
        tuple(u.tolist()),
        tuple(se.tolist()),
        tuple((u - half).tolist()),
        tuple((u + half).tolist()),
        fitted.choices.level,
    )
