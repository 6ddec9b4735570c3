"""The synthesis as it grew, study by study."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan

import numpy as np
from numpy.typing import NDArray

from osler.appraisal.influence import problems
from osler.appraisal.influence.pools import Poolable, pool_of
from osler.appraisal.influence.refits import REFIT_FORMULA, Refit, refit_columns, refit_table
from osler.appraisal.influence.studies import (
    MODELS,
    laid_out,
    model_line,
    scale_of_studies,
    title,
    told,
)
from osler.core.results import Result, Why
from osler.core.wording import capital, counted, level_percent
from osler.effects.scales import shown
from osler.synthesis.account import compares

Order = str | Sequence[object] | None


@dataclass(frozen=True, slots=True, repr=False)
class Cumulative(Result):
    """One synthesis a step: ``rows[i]`` holds the first ``i + 1`` of ``studies``.

    Everything is in the order in which studies were added. ``order`` says what that is, and
    ``keys`` holds each study's value of it, as text.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    keys: tuple[str, ...]
    order: str
    rows: tuple[Refit, ...]
    model: str
    tau2_method: str
    ci_method: str
    level: float
    notes: tuple[str, ...] = ()

    @property
    def settled(self) -> int:
        """Number of studies from which on the interval always excludes the null; 0 if never."""
        outside = [row.ci_lower > 0 or row.ci_upper < 0 for row in self.rows]
        last_within = max((i for i, out in enumerate(outside) if not out), default=-1)
        return last_within + 2 if last_within + 1 < len(self.rows) else 0

    def summary(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        labels = [
            f"+ {name} ({key})" if key else f"+ {name}"
            for name, key in zip(self.studies, self.keys, strict=True)
        ]
        return laid_out(
            title("Cumulative synthesis", self.measure, len(self.studies)),
            refit_table("Added", labels, self.rows, scale, self.level),
            *([settled] if (settled := self._settled_words()) else []),
            f"Order: {self.order}. Intervals are not corrected for repeated looks.",
            (
                f"{capital(model_line(self.model, self.tau2_method))}; intervals asked for: "
                f"{self.ci_method}; level {level_percent(self.level)}."
            ),
            *self.notes,
        )

    def columns(self) -> dict[str, list[object]]:
        added: dict[str, list[object]] = {"added": list(self.studies), "key": list(self.keys)}
        return added | refit_columns(self.rows)

    def text(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        last = self.rows[-1]
        first = next((row for row in self.rows if not isnan(row.estimate)), last)
        return (
            f"Studies were added one at a time (order: {self.order}; "
            f"{model_line(self.model, self.tau2_method)}). The pooled {scale.name} went from "
            f"{told(scale, first.estimate, first.ci_lower, first.ci_upper, self.level)} with the "
            f"first {counted(first.k, 'study', 'studies') if first.k > 1 else 'study'} to "
            f"{told(scale, last.estimate, last.ci_lower, last.ci_upper, self.level)} "
            f"with all {last.k}. {self._settled_words()}".rstrip()
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        rows = range(len(self.rows))
        return {f"rows[{i}].estimate": partial(self._why_row, i) for i in rows}

    def _why_row(self, i: int) -> Why:
        row = self.rows[i]
        scale = scale_of_studies(self.measure, self.variances)
        return Why(
            f"rows[{i}].estimate",
            row.estimate,
            f"The synthesis of the first {row.k} studies in the order of {self.order}, the last "
            f"of them {self.studies[i]}; shown as {shown(scale, row.estimate)}.",
            REFIT_FORMULA if self.model in MODELS else "",
            (("studies", self.studies[: i + 1]), ("tau2", row.tau2)),
            "Lau et al. (1992), N Engl J Med 327, 248-254",
        )

    def _settled_words(self) -> str:
        if not compares(self.measure):
            return ""
        if not self.settled:
            return "With all studies the interval holds the null."
        if self.settled == 1:
            return "From the first study on the interval excludes the null."
        name = self.studies[self.settled - 1]
        return f"From {name} (study {self.settled}) on the interval always excludes the null."


def cumulative(
    effects: Poolable,
    order: Order = None,
    *,
    descending: bool = False,
    model: str = "random_effects",
    tau2_method: str | None = None,
    ci_method: str | None = None,
    level: float | None = None,
) -> Cumulative:
    """Pool the first study, the first two, and so on.

    Parameters
    ----------
    effects : StudyEstimates or CountsSynthesis
        Effects of a table, a synthesis, or pooled counts, which are pooled again by the
        method that they were pooled by.
    order : None, str, or one value a study
        None keeps the order of the studies. "precision" begins with the most precise. Any
        other text is a column of the table that the effects, or the synthesis, came from
        ("year"). Values (numbers, or texts) sort the studies; ties keep their order.
    descending : bool
        Largest value first.
    model : {"random_effects", "common_effect"}
    tau2_method, ci_method, level : optional
        As in :func:`osler.synthesise`; where left out, as the synthesis was made, or the
        defaults there. Not for counts.

    Raises
    ------
    DataError
        As :func:`osler.synthesise`; where the model is not known (INF002), the order has
        another length than the studies (INF003), cannot be sorted (INF004), or names no
        column (INF005); with a model, a method or a level for pooled counts (INF011).

    Notes
    -----
    Equals metafor's ``cumul`` wherever two or more studies are pooled by the same
    interval method; one study is given Wald's interval here, whatever was asked for.
    Looking again and again finds a chance result sooner or later: these intervals do not
    allow for it. :func:`osler.appraisal.sequential.sequential` shows how far they would have to.

    References
    ----------
    .. [1] Lau et al. (1992). N Engl J Med 327, 248-254. doi:10.1056/NEJM199207233270406

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> grown = cumulative(fit, [2003, 1999, 2001])
    >>> grown.studies, [round(row.estimate, 3) for row in grown.rows]
    (('B', 'C', 'A'), [0.3, 0.592, 0.437])
    """
    pool = pool_of(
        effects,
        what="a cumulative synthesis",
        least=1,
        model=model,
        tau2_method=tau2_method,
        ci_method=ci_method,
        level=level,
    )
    rows, keys, order_words = ordered(effects, pool.variances, order, descending=descending)
    k = len(pool.labels)
    members = np.zeros((k, k), bool)
    members[rows] = np.tri(k, dtype=bool).T
    steps, notes = pool.refits(members)
    return Cumulative(
        measure=pool.measure,
        studies=tuple(pool.labels[i] for i in rows),
        estimates=tuple(pool.estimates[i] for i in rows),
        variances=tuple(pool.variances[i] for i in rows),
        keys=keys,
        order=order_words,
        rows=steps,
        model=pool.model,
        tau2_method=pool.tau2_method,
        ci_method=pool.ci_asked,
        level=pool.level,
        notes=notes,
    )


def ordered(
    effects: object, variances: Sequence[float], order: Order, *, descending: bool = False
) -> tuple[NDArray[np.intp], tuple[str, ...], str]:
    """Positions of the studies in their order, their keys as text, and the order in words."""
    k = len(variances)
    if order is None:
        return np.arange(k)[:: -1 if descending else 1], ("",) * k, "as the studies stand"
    if isinstance(order, str) and order == "precision":
        rows = np.argsort(np.asarray(variances, float), kind="stable")
        told = "most precise first" if not descending else "least precise first"
        return rows[:: -1 if descending else 1], ("",) * k, told
    values, told = _values(effects, order)
    if len(values) != k:
        raise problems.order_of_other_length(len(values), k)
    rows = _sorted(values, descending=descending)
    return rows, tuple(_key(values[i]) for i in rows), told + (", last first" * descending)


def _values(effects: object, order: str | Sequence[object]) -> tuple[list[object], str]:
    if not isinstance(order, str):
        return list(order), "values given"
    # A synthesis made from a table knows its effects, and those the table's other columns.
    source = getattr(effects, "effects", None) or effects
    data: Mapping[str, Sequence[object]] = getattr(source, "data", None) or {}
    if order not in data:
        raise problems.no_such_column(order, ", ".join(data))
    return list(data[order]), order


def _sorted(values: Sequence[object], *, descending: bool) -> NDArray[np.intp]:
    """A stable sort; values that are missing or of several kinds have no order."""
    for i, value in enumerate(values, 1):
        if value is None or value != value:
            raise problems.order_not_comparable(f"study {i} (counted from 1) has no value")
    try:
        keyed = sorted(range(len(values)), key=lambda i: values[i], reverse=descending)  # type: ignore[arg-type, return-value]
    except TypeError:
        kinds = ", ".join(sorted({type(value).__name__ for value in values}))
        raise problems.order_not_comparable(f"values are of several kinds: {kinds}") from None
    return np.array(keyed, dtype=np.intp)


def _key(value: object) -> str:
    return f"{value:g}" if isinstance(value, (float, np.floating)) else str(value)
