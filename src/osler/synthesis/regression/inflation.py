"""How much the variance of a coefficient owes to the other moderators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned
from osler.synthesis.regression.figures_in_words import figure
from osler.synthesis.regression.fit import Fit


@dataclass(frozen=True, slots=True, repr=False)
class Inflation(Result):
    """Variance inflation factors; 1 where moderators have nothing to do with each other.

    Attributes
    ----------
    names : tuple of str
    vif : tuple of float
        Of each coefficient but the intercept.
    terms : tuple of str
    gvif : tuple of float
        Of all columns of a term at once.
    df : tuple of int
        Columns of each term.
    """

    names: tuple[str, ...]
    vif: tuple[float, ...]
    terms: tuple[str, ...]
    gvif: tuple[float, ...]
    df: tuple[int, ...]

    @property
    def gsif(self) -> tuple[float, ...]:
        """Inflation of a standard error: GVIF to the power 1 / (2 df), comparable among terms."""
        return tuple(g ** (0.5 / m) for g, m in zip(self.gvif, self.df, strict=True))

    def summary(self) -> str:
        """A line for each coefficient, then for each term of several columns."""
        head = ["Coefficient", "VIF"]
        lines = aligned(
            [head, *([n, figure(v)] for n, v in zip(self.names, self.vif, strict=True))]
        )
        terms = zip(self.terms, self.df, self.gvif, self.gsif, strict=True)
        many = [[t, str(m), figure(g), figure(s)] for t, m, g, s in terms if m > 1]
        if many:
            lines += ["", *aligned([["Term", "df", "GVIF", "GVIF^(1/2df)"], *many])]
        return "\n".join(lines)

    def columns(self) -> dict[str, list[object]]:
        """One row a coefficient."""
        return {"name": list(self.names), "vif": list(self.vif)}

    def text(self) -> str:
        """The largest factor in a sentence."""
        if not self.vif:
            return "There is no moderator whose variance could be inflated."
        worst = int(np.argmax(self.vif))
        return (
            f"The largest variance inflation factor was {figure(self.vif[worst])} "
            f"({self.names[worst]})."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """One for each coefficient."""
        return {name: partial(self._why, j) for j, name in enumerate(self.names)}

    def _why(self, j: int) -> Why:
        return Why(
            self.names[j],
            self.vif[j],
            "The variance of the coefficient over that with the other moderators unrelated to it.",
            "diagonal of R⁻¹, R = correlations of the coefficients without the intercept",
            source="Fox & Monette 1992, J Am Stat Assoc 87, 178-183",
        )


def inflation(fit: Fit) -> Inflation:
    r"""Variance inflation factors of coefficients and terms.

    .. math:: \mathrm{GVIF} = \det R_{11} \det R_{22} / \det R

    with R the correlations of the coefficients but the intercept, split into those of a
    term and the others.

    Notes
    -----
    Equal to metafor's ``vif``. In a model without intercept every coefficient takes part.

    References
    ----------
    .. [1] Fox & Monette (1992). J Am Stat Assoc 87, 178-183. doi:10.2307/2290467
    """
    at = list(fit.design.moderators)
    names = tuple(fit.design.names[j] for j in at)
    R = _correlations(fit.vcov[np.ix_(at, at)])
    single = tuple(_gvif(R, [j]) for j in range(len(at)))
    place = {old: new for new, old in enumerate(at)}
    terms = {
        term: [place[j] for j in cols if j in place] for term, cols in fit.design.terms.items()
    }
    terms = {term: cols for term, cols in terms.items() if cols}
    gvif = tuple(_gvif(R, cols) for cols in terms.values())
    return Inflation(names, single, tuple(terms), gvif, tuple(len(c) for c in terms.values()))


def _correlations(vcov: Floats) -> Floats:
    se = np.sqrt(np.diag(vcov))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(vcov / np.outer(se, se))


def _gvif(R: Floats, inside: list[int]) -> float:
    if not np.isfinite(R).all():
        return float("nan")
    outside = [j for j in range(len(R)) if j not in inside]
    logs = [np.linalg.slogdet(R[np.ix_(part, part)])[1] for part in (inside, outside)]
    return float(np.exp(sum(logs) - np.linalg.slogdet(R)[1]))
