"""Which studies lie further from the others than chance and heterogeneity explain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.appraisal.influence import problems
from osler.appraisal.influence.measures import deletions
from osler.appraisal.influence.refits import Refit, refits
from osler.appraisal.influence.studies import (
    checked,
    laid_out,
    model_line,
    scale_of_studies,
    short,
    title,
)
from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, capital, level_percent, number, p_value
from osler.effects.scales import estimate_cell

ADJUSTMENTS = ("holm", "bonferroni", "none")
RULES = ("studentised", "interval")


@dataclass(frozen=True, slots=True, repr=False)
class Outliers(Result):
    """Studies tested as outliers, and the synthesis with and without those found.

    ``without`` is None where no study is outlying, or all are.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    studentised: tuple[float, ...]
    p_values: tuple[float, ...]
    p_adjusted: tuple[float, ...]
    outlying: tuple[bool, ...]
    full: Refit
    without: Refit | None
    rule: str
    adjustment: str
    alpha: float
    model: str
    tau2_method: str
    ci_method: str
    level: float

    @property
    def found(self) -> tuple[str, ...]:
        """Names of the outlying studies."""
        pairs = zip(self.studies, self.outlying, strict=True)
        return tuple(name for name, outlying in pairs if outlying)

    def summary(self) -> str:
        rows = [["Study", "Studentised", "p", "p adjusted", ""]]
        for i, name in enumerate(self.studies):
            mark = "outlying" if self.outlying[i] else ""
            rows.append(
                [
                    short(name),
                    number(self.studentised[i], 2),
                    _bare(self.p_values[i]),
                    _bare(self.p_adjusted[i]),
                    mark,
                ]
            )
        return laid_out(
            title("Outlying studies", self.measure, len(self.studies)),
            aligned(rows),
            *self._pooled_lines(),
            f"Rule: {self._rule_words()}",
            (
                f"{capital(model_line(self.model, self.tau2_method))}; "
                f"intervals: {self.ci_method}; level {level_percent(self.level)}."
            ),
        )

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "studentised": list(self.studentised),
            "p_value": list(self.p_values),
            "p_adjusted": list(self.p_adjusted),
            "outlying": list(self.outlying),
        }

    def text(self) -> str:
        names = ", ".join(self.found) or "none of them"
        return (
            f"A study counted as outlying by this rule: {self._rule_words()} The "
            f"{model_line(self.model, self.tau2_method)} was used. Of the {len(self.studies)} "
            f"studies this held for {names}. {' '.join(self._pooled_lines())}"
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        rows = range(len(self.studies))
        return {f"p_adjusted[{i}]": partial(self._why, i) for i in rows}

    def _why(self, i: int) -> Why:
        return Why(
            f"p_adjusted[{i}]",
            self.p_adjusted[i],
            f"Two-sided normal probability of the studentised deleted residual of "
            f"{self.studies[i]}, corrected for {len(self.studies)} tests ({self.adjustment}).",
            "p = 2 (1 − Φ(|tᵢ|))",
            (("t", self.studentised[i]), ("p", self.p_values[i]), ("alpha", self.alpha)),
            "Viechtbauer & Cheung (2010), Res Synth Methods 1, 112-125; Holm (1979), "
            "Scand J Stat 6, 65-70",
        )

    def _pooled_lines(self) -> list[str]:
        scale = scale_of_studies(self.measure, self.variances)

        def told(row: Refit) -> str:
            return estimate_cell(scale, row.estimate, row.ci_lower, row.ci_upper)

        if self.without is None:
            reason = "No study is outlying." if not self.found else "All studies are outlying."
            return [f"{reason} Pooled {scale.name} {told(self.full)}."]
        return [
            (
                f"Pooled {scale.name} {told(self.full)}; "
                f"without {', '.join(self.found)}: {told(self.without)}."
            )
        ]

    def _rule_words(self) -> str:
        if self.rule == "interval":
            of_study = f"the study's {level_percent(self.level)} interval"
            return f"{of_study} and the pooled one do not meet."
        words = {"none": "uncorrected"}.get(
            self.adjustment, f"{capital(self.adjustment)} correction"
        )
        return f"studentised deleted residual, p < {self.alpha:g} ({words})."


def outliers(
    effects: StudyEstimates,
    *,
    rule: str = "studentised",
    adjustment: str = "holm",
    alpha: float = 0.05,
    model: str = "random_effects",
    tau2_method: str | None = None,
    ci_method: str | None = None,
    level: float | None = None,
) -> Outliers:
    """Find studies that the others do not predict, and pool with and without them.

    Parameters
    ----------
    effects : StudyEstimates
        Three studies or more.
    rule : {"studentised", "interval"}
        "studentised" tests each deleted residual against the normal distribution;
        "interval" calls a study outlying whose own interval does not meet the pooled one,
        a common rule of thumb that finds more studies the narrower the pooled interval is.
    adjustment : {"holm", "bonferroni", "none"}
        Correction for k tests; one test in twenty would find something by chance.
    alpha : float
        Error rate of the tests together.
    model, tau2_method, ci_method, level : optional
        As in :func:`leave_one_out`.

    Raises
    ------
    DataError
        As :func:`osler.synthesise`, with fewer than three studies (INF001), an unknown
        model, rule or correction (INF002), or alpha not between 0 and 1 (INF008).

    Notes
    -----
    Residuals equal metafor's ``rstudent``. Leaving out what is found makes the rest look
    more alike than it is: report both results.

    References
    ----------
    .. [1] Viechtbauer & Cheung (2010). Res Synth Methods 1, 112-125. doi:10.1002/jrsm.11

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C", "D"], [0.1, 0.3, 0.2, 1.4], [0.04, 0.02, 0.03, 0.05])
    >>> found = outliers(fit)
    >>> found.found, round(found.without.estimate, 3)
    (('D',), 0.223)
    """
    _check(rule, adjustment, alpha)
    studies = checked(
        effects,
        what="a search for outlying studies",
        least=3,
        model=model,
        tau2_method=tau2_method,
        ci_method=ci_method,
        level=level,
    )
    t = deletions(studies).studentised
    p = normal_two_sided(t)
    adjusted = _adjusted(p, adjustment)

    def pooled(kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Refit:
        return refits(studies, kept[:, None])[0]

    full = pooled(np.ones(studies.k, bool))
    if rule == "studentised":
        outlying = adjusted < alpha
    else:
        half = float(normal_quantile(0.5 + studies.level / 2.0)) * np.sqrt(studies.v)
        outlying = (studies.y + half < full.ci_lower) | (studies.y - half > full.ci_upper)
    return Outliers(
        measure=effects.measure,
        studies=studies.labels,
        estimates=studies.fit.estimates,
        variances=studies.fit.variances,
        studentised=tuple(t.tolist()),
        p_values=tuple(p.tolist()),
        p_adjusted=tuple(adjusted.tolist()),
        outlying=tuple(outlying.tolist()),
        full=full,
        without=pooled(~outlying) if outlying.any() and not outlying.all() else None,
        rule=rule,
        adjustment=adjustment if rule == "studentised" else "none",
        alpha=alpha,
        model=model,
        tau2_method=studies.tau2_method,
        ci_method=full.ci_method,
        level=studies.level,
    )


def _check(rule: str, adjustment: str, alpha: float) -> None:
    if rule not in RULES:
        raise problems.unknown_choice("rule", rule, ", ".join(RULES))
    if adjustment not in ADJUSTMENTS:
        raise problems.unknown_choice("correction", adjustment, ", ".join(ADJUSTMENTS))
    if not 0.0 < alpha < 1.0:
        raise problems.level_out_of_range("alpha", alpha)


def _adjusted(p: Floats, adjustment: str) -> Floats:
    """Holm's or Bonferroni's correction, never above 1."""
    if adjustment == "none":
        return p
    if adjustment == "bonferroni":
        return np.minimum(1.0, p * p.size)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (p.size - np.arange(p.size)))
    out = np.empty_like(p)
    out[order] = np.minimum(1.0, stepped)
    return out


def _bare(p: float) -> str:
    return p_value(p).removeprefix("p ").removeprefix("= ")
