"""The synthesis without each study in turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isnan

import numpy as np

from osler.appraisal.influence.pools import Poolable, pool_of
from osler.appraisal.influence.refits import (
    REFIT_FORMULA,
    Refit,
    all_but_one,
    refit_columns,
    refit_table,
)
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
from osler.effects.scales import interval, shown
from osler.synthesis.account import compares


@dataclass(frozen=True, slots=True, repr=False)
class LeaveOneOut(Result):
    """One synthesis for each study left out; ``rows[i]`` is without ``studies[i]``.

    ``estimates`` and ``variances`` are those of the studies, ``full`` the synthesis of all.
    Where counts cannot be pooled without a study, its row is NaN and ``notes`` say why.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    full: Refit
    rows: tuple[Refit, ...]
    model: str
    tau2_method: str
    ci_method: str
    level: float
    notes: tuple[str, ...] = ()

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest estimate over all omissions."""
        found = [row.estimate for row in self.rows if not isnan(row.estimate)]
        return min(found), max(found)

    @property
    def pivotal(self) -> tuple[str, ...]:
        """Studies whose omission moves the interval across no effect, or off it.

        None of single groups, whose effects are compared with nothing.
        """
        if not compares(self.measure):
            return ()
        before = _excludes_zero(self.full)
        pairs = zip(self.studies, self.rows, strict=True)
        return tuple(
            name for name, row in pairs if not isnan(row.estimate) and _excludes_zero(row) != before
        )

    def summary(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        labels = ["(all studies)", *self.studies]
        table = refit_table("Left out", labels, [self.full, *self.rows], scale, self.level)
        table.insert(2, "")
        pivotal = (
            "Studies on which it hangs whether the interval holds the null: "
            f"{', '.join(self.pivotal) or 'none'}."
        )
        return laid_out(
            title("Leave-one-out", self.measure, len(self.studies)),
            table,
            f"Estimates run from {interval(scale, *self.range)}.",
            *([pivotal] if compares(self.measure) else []),
            (
                f"{capital(model_line(self.model, self.tau2_method))}; "
                f"intervals: {self.ci_method}; level {level_percent(self.level)}."
            ),
            *self.notes,
        )

    def columns(self) -> dict[str, list[object]]:
        return {"left_out": list(self.studies), **refit_columns(self.rows)}

    def text(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        k = len(self.studies)
        full = self.full
        cell = told(scale, full.estimate, full.ci_lower, full.ci_upper, self.level)
        return (
            f"We repeated the synthesis without each of the {counted(k, 'study', 'studies')} "
            f"in turn ({model_line(self.model, self.tau2_method)}; {self.ci_method} intervals). "
            f"The pooled {scale.name} of all studies was {cell}; without one study it ranged "
            f"from {interval(scale, *self.range)}.{self._verdict()}"
        )

    def _verdict(self) -> str:
        if not compares(self.measure):
            return ""
        if self.pivotal:
            return f" Whether the interval excluded the null depended on {', '.join(self.pivotal)}."
        return " No single study decided whether the interval excluded the null."

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        named = {f"rows[{i}].estimate": i for i in range(len(self.rows))}
        return {
            "range": self._why_range,
            **{name: partial(self._why_row, i) for name, i in named.items()},
        }

    def _why_range(self) -> Why:
        return Why(
            "range",
            self.range,
            "The lowest and the highest estimate among the syntheses that leave one study out.",
            inputs=(("estimates", [row.estimate for row in self.rows]),),
        )

    def _why_row(self, i: int) -> Why:
        row = self.rows[i]
        scale = scale_of_studies(self.measure, self.variances)
        return Why(
            f"rows[{i}].estimate",
            row.estimate,
            f"The synthesis of the {row.k} studies other than {self.studies[i]} by the "
            f"{model_line(self.model, self.tau2_method)}; shown as {shown(scale, row.estimate)}.",
            REFIT_FORMULA if self.model in MODELS else "",
            (
                ("left out", self.studies[i]),
                ("tau2 without it", row.tau2),
                ("estimate of all", self.full.estimate),
            ),
            "Viechtbauer & Cheung (2010), Res Synth Methods 1, 112-125",
        )


def leave_one_out(
    effects: Poolable,
    *,
    model: str = "random_effects",
    tau2_method: str | None = None,
    ci_method: str | None = None,
    level: float | None = None,
) -> LeaveOneOut:
    """Pool again without each study in turn.

    Parameters
    ----------
    effects : StudyEstimates or CountsSynthesis
        Two studies or more: effects of a table, a synthesis, or pooled counts, which are
        pooled again by the method that they were pooled by.
    model : {"random_effects", "common_effect"}
    tau2_method, ci_method, level : optional
        As in :func:`osler.synthesise`; where left out, as the synthesis was made, or the
        defaults there. Tau2 is estimated anew each time. Not for counts.

    Returns
    -------
    LeaveOneOut
        One row a study, each with everything a synthesis has.

    Raises
    ------
    DataError
        As :func:`osler.synthesise`, with fewer than two studies (INF001), or where the
        model is not known (INF002); with a model, a method or a level for pooled counts
        (INF011).

    Notes
    -----
    Equals metafor's ``leave1out``, which after ``method="REML"`` can stop at a lower
    maximum of the likelihood where there are several. A single omission cannot show
    influence that two studies have together: see :func:`gosh`.

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.2, 1.4], [0.04, 0.02, 0.03, 0.05])
    >>> without = leave_one_out(fit)
    >>> [round(row.estimate, 3) for row in without.rows]
    [0.619, 0.559, 0.59, 0.223]
    """
    pool = pool_of(
        effects,
        what="leaving one out",
        least=2,
        model=model,
        tau2_method=tau2_method,
        ci_method=ci_method,
        level=level,
    )
    k = len(pool.labels)
    (full, *rows), notes = pool.refits(np.column_stack([np.ones(k, bool), all_but_one(k)]))
    return LeaveOneOut(
        measure=pool.measure,
        studies=pool.labels,
        estimates=pool.estimates,
        variances=pool.variances,
        full=full,
        rows=tuple(rows),
        model=pool.model,
        tau2_method=pool.tau2_method,
        ci_method=full.ci_method,
        level=pool.level,
        notes=notes,
    )


def _excludes_zero(row: Refit) -> bool:
    return row.ci_lower > 0 or row.ci_upper < 0
