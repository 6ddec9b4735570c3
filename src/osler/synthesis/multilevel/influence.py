"""What leaving out estimates, or whole studies, does to a multilevel model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import column
from osler.core.quantiles import chi2_quantile
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, number
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.deletion import Deletion, between, quadratic, without
from osler.synthesis.multilevel.fitted import Fitted
from osler.synthesis.multilevel.terms import groups_of

Codes = NDArray[np.intp]
# A residual whose variance is below this part of the estimate's own is 0 by construction.
_NOTHING = 1e-9
_PAPER = "Viechtbauer & Cheung 2010, Res Synth Methods 1, 112-125"
_OF_ESTIMATES = (
    *("residual", "standardised", "standardised_se", "hat"),
    *("deleted", "studentised", "studentised_se"),
)


@dataclass(frozen=True, slots=True, repr=False)
class MultilevelInfluence(Result):
    """Residuals of every estimate, and the change of the model without every unit.

    A unit is what is left out at once: an estimate, or all estimates of a cluster. NaN where
    a coefficient cannot be had without the unit.

    Attributes
    ----------
    measure : str
    names : tuple of str
        Of the coefficients.
    cluster : str
        What the units are ("estimate", or the column that was named).
    studies : tuple of str
        Label of each estimate.
    unit_of : tuple of int
        Position of each estimate's unit in ``units``.
    residual, standardised, standardised_se, hat : tuple of float
        One value an estimate: less its fitted mean; over the standard error of that; the
        diagonal of the hat matrix.
    deleted, studentised, studentised_se : tuple of float
        Likewise of the distance to what the model without the unit expects.
    units : tuple of str
    sizes : tuple of int
        Estimates of each unit.
    chi2_standardised, chi2_studentised : tuple of float
        One value a unit: its residuals together, measured by their covariance; chi-squared
        with as many degrees of freedom as the unit has estimates.
    cooks_distance : tuple of float
        Squared change of the coefficients, measured by their covariance.
    dfbetas : tuple of tuple of float
        One tuple a unit, one number a coefficient: its change in standard errors.
    components : tuple of str
    components_deleted : tuple of tuple of float
        Variance components without each unit; as they were where not ``reestimated``.
    influential : tuple of bool
        One a unit: Cook's distance beyond the median of chi-squared with p degrees of
        freedom, or |DFBETAS| > 1.
    reestimated : bool
    """

    measure: str
    names: tuple[str, ...]
    cluster: str
    studies: tuple[str, ...]
    unit_of: tuple[int, ...]
    residual: tuple[float, ...]
    standardised: tuple[float, ...]
    standardised_se: tuple[float, ...]
    hat: tuple[float, ...]
    deleted: tuple[float, ...]
    studentised: tuple[float, ...]
    studentised_se: tuple[float, ...]
    units: tuple[str, ...]
    sizes: tuple[int, ...]
    chi2_standardised: tuple[float, ...]
    chi2_studentised: tuple[float, ...]
    cooks_distance: tuple[float, ...]
    dfbetas: tuple[tuple[float, ...], ...]
    components: tuple[str, ...]
    components_deleted: tuple[tuple[float, ...], ...]
    influential: tuple[bool, ...]
    reestimated: bool

    @property
    def rule(self) -> str:
        """When a unit counts as influential."""
        limit = _cook_limit(len(self.names))
        return f"Cook's distance > {limit:.3f}, or |DFBETAS| of a coefficient > 1"

    def summary(self) -> str:
        """A line for each unit; a star marks the influential."""
        head = [self.cluster, "", "k", "chi², studentised", "Cook", *self._short_names()]
        rows = [
            [
                self.units[i][:28],
                "*" if self.influential[i] else "",
                str(self.sizes[i]),
                number(self.chi2_studentised[i], 2),
                number(self.cooks_distance[i], 3),
                *(number(value, 2) for value in self.dfbetas[i][:4]),
            ]
            for i in range(len(self.units))
        ]
        told = f"Influence of each {self.cluster} on {counted(len(self.names), 'coefficient')}"
        return "\n".join(
            [told, "", *aligned([head, *rows], left=2), "", f"* {self.rule}", self._how()]
        )

    def _short_names(self) -> list[str]:
        return [f"DFB {name[:14]}" for name in self.names[:4]]

    def _how(self) -> str:
        what = "searched for anew" if self.reestimated else "held as they were"
        return f"Variance components were {what} without each {self.cluster}."

    def columns(self) -> dict[str, list[object]]:
        """One row a unit; DFBETAS and components a column each."""
        table: dict[str, list[object]] = {
            "unit": list(self.units),
            "size": list(self.sizes),
            "chi2_standardised": list(self.chi2_standardised),
            "chi2_studentised": list(self.chi2_studentised),
            "cooks_distance": list(self.cooks_distance),
        }
        table |= {f"dfbetas {n}": [r[j] for r in self.dfbetas] for j, n in enumerate(self.names)}
        for j, name in enumerate(self.components):
            table[f"{name} deleted"] = [row[j] for row in self.components_deleted]
        return table | {"influential": list(self.influential)}

    def estimate_columns(self) -> dict[str, list[object]]:
        """One row an estimate."""
        units: list[object] = [self.units[u] for u in self.unit_of]
        found: dict[str, list[object]] = {"study": list(self.studies), "unit": units}
        return found | {name: list(getattr(self, name)) for name in _OF_ESTIMATES}

    def text(self) -> str:
        """Which units the model leans on."""
        flagged = [u for u, yes in zip(self.units, self.influential, strict=True) if yes]
        lost = [u for u, d in zip(self.units, self.cooks_distance, strict=True) if np.isnan(d)]
        said = (
            f"Influence was assessed by leaving out each {self.cluster} in turn (Cook's distance, "
            f"DFBETAS; Viechtbauer and Cheung 2010). {self._how()} "
        )
        if flagged:
            said += f"Influential by the usual bounds: {', '.join(flagged)}."
        else:
            said += "None was influential by the usual bounds."
        if lost:
            said += f" Coefficients cannot be had without {', '.join(lost)}."
        return said

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """``cooks_distance[i]`` of each unit, ``studentised[i]`` of each estimate."""
        of_units = {
            f"cooks_distance[{i}]": partial(self._why_cook, i) for i in range(len(self.units))
        }
        return of_units | {
            f"studentised[{i}]": partial(self._why_residual, i) for i in range(len(self.studies))
        }

    def _why_cook(self, i: int) -> Why:
        return Why(
            f"cooks_distance[{i}]",
            self.cooks_distance[i],
            f"How far the coefficients move without {self.units[i]}, measured by their covariance.",
            "(b - b₍₋ᵢ₎)' V⁻¹ (b - b₍₋ᵢ₎)",
            (("unit", self.units[i]), ("estimates", self.sizes[i]), ("DFBETAS", self.dfbetas[i])),
            _PAPER,
        )

    def _why_residual(self, i: int) -> Why:
        return Why(
            f"studentised[{i}]",
            self.studentised[i],
            "The estimate less what the model without its unit expects, over the standard error "
            "of that difference.",
            "(yᵢ - xᵢb₍₋ᵢ₎) / √(Mᵢᵢ + xᵢV₍₋ᵢ₎xᵢ' - 2Cᵢᵢ)",
            (("deleted residual", self.deleted[i]), ("se", self.studentised_se[i])),
            _PAPER,
        )


def influence_of(
    fitted: Fitted,
    studies: tuple[str, ...],
    cluster: str | Sequence[object],
    *,
    reestimate: bool,
) -> MultilevelInfluence:
    """See :meth:`osler.synthesis.multilevel.model.Multilevel.influence`."""
    codes, units, named = _units(fitted, studies, cluster)
    rows = [np.flatnonzero(codes == u) for u in range(len(units))]
    gone = [without(fitted, each, reestimate=reestimate) for each in rows]
    b, V = fitted.marginal.fixed.beta, fitted.marginal.fixed.covariance
    p, T = b.size, fitted.marginal.covariances
    residual = fitted.problem.y - fitted.problem.X @ b
    spread = [_residual_covariance(fitted, each) for each in rows]
    chi2 = [quadratic(residual[r], S) for r, S in zip(rows, spread, strict=True)]
    own = np.concatenate([np.diag(between(fitted.problem, T, r, r)) for r in rows])
    variance = np.concatenate([np.diag(S) for S in spread])
    # What a coefficient of its own explains leaves nothing but rounding.
    variance = np.where(variance > _NOTHING * own, variance, np.nan)
    se = np.sqrt(variance)[_back(rows)]
    moved = np.array([np.full(p, np.nan) if d is None else b - d.beta for d in gone])
    cook = [quadratic(m, V) if np.isfinite(m).all() else float("nan") for m in moved]
    scale = np.array([np.full(p, np.nan) if d is None else d.se_of_all for d in gone])
    dfbetas = moved / scale
    deleted, far = _deleted(rows, gone)
    names = fitted.solution.setting.names
    return MultilevelInfluence(
        measure=fitted.choices.measure,
        names=fitted.design.names,
        cluster=named,
        studies=studies,
        unit_of=tuple(codes.tolist()),
        residual=tuple(residual.tolist()),
        standardised=tuple((residual / se).tolist()),
        standardised_se=tuple(se.tolist()),
        hat=tuple(_hat(fitted).tolist()),
        deleted=tuple(deleted.tolist()),
        studentised=tuple((deleted / far).tolist()),
        studentised_se=tuple(far.tolist()),
        units=units,
        sizes=tuple(each.size for each in rows),
        chi2_standardised=tuple(chi2),
        chi2_studentised=tuple(
            float("nan") if d is None else quadratic(d.residuals, d.covariance) for d in gone
        ),
        cooks_distance=tuple(cook),
        dfbetas=tuple(map(tuple, dfbetas.tolist())),
        components=names,
        components_deleted=tuple(_components_of(d, names) for d in gone),
        influential=tuple(_flagged(c, row, p) for c, row in zip(cook, dfbetas, strict=True)),
        reestimated=reestimate,
    )


def _units(
    fitted: Fitted, studies: tuple[str, ...], cluster: str | Sequence[object]
) -> tuple[Codes, tuple[str, ...], str]:
    """The unit of each row, what the units are called, and what one is."""
    if isinstance(cluster, str) and not cluster:
        return np.arange(len(studies)), studies, "estimate"
    named = cluster if isinstance(cluster, str) else "cluster"
    values = column(fitted.columns, cluster) if isinstance(cluster, str) else list(cluster)
    if len(values) != len(studies):
        found = f"{len(values)} labels of clusters for {counted(len(studies), 'estimate')}"
        raise DataError(problems.sizes_disagree(found))
    empty = [i for i, value in enumerate(values, 1) if value is None]
    if empty:
        raise DataError(problems.group_missing(named, empty))
    codes, labels = groups_of([values])
    return codes, labels, named


def _back(rows: Sequence[Codes]) -> Codes:
    """Where each row of the data stands when those of the units follow each other."""
    return np.argsort(np.concatenate(rows), kind="stable")


def _residual_covariance(fitted: Fitted, rows: Codes) -> Floats:
    """Of the residuals of the whole fit: M - X V X', for these rows."""
    X, V = fitted.problem.X[rows], fitted.marginal.fixed.covariance
    M = between(fitted.problem, fitted.marginal.covariances, rows, rows)
    return np.asarray(M - X @ V @ X.T)


def _hat(fitted: Fitted) -> Floats:
    X, V = fitted.problem.X, fitted.marginal.fixed.covariance
    return np.asarray(np.einsum("ij,jl,il->i", X, V, fitted.marginal.times(X)))


def _deleted(rows: Sequence[Codes], gone: Sequence[Deletion | None]) -> tuple[Floats, Floats]:
    """Deleted residuals and their standard errors, in the order of the data."""
    nothing = [np.full(each.size, np.nan) for each in rows]
    e = [n if d is None else d.residuals for n, d in zip(nothing, gone, strict=True)]
    v = [n if d is None else np.diag(d.covariance) for n, d in zip(nothing, gone, strict=True)]
    order = _back(rows)
    return np.concatenate(e)[order], np.sqrt(np.concatenate(v)[order])


def _components_of(deletion: Deletion | None, names: Sequence[str]) -> tuple[float, ...]:
    known = {} if deletion is None else deletion.components
    return tuple(known.get(name, float("nan")) for name in names)


def _cook_limit(p: int) -> float:
    return float(chi2_quantile(0.5, p))


def _flagged(cook: float, dfbetas: Floats, p: int) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(cook > _cook_limit(p) or (np.abs(dfbetas) > 1.0).any())
