"""Results of subgroups of studies, and whether the subgroups differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail
from osler.core.results import Result, Why
from osler.core.wording import aligned, capital, counted, number, p_value, percent
from osler.effects.scales import interval, shown
from osler.synthesis import problems
from osler.synthesis.account import ci_words, figure, label_cell, scale_for, tau2_words, wrapped
from osler.synthesis.asked import checked_name
from osler.synthesis.batch import choices
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import fitted, synthesise
from osler.synthesis.tau2.common import COMMON_TAU2_METHODS, common_tau2

TAU2_SHARING = ("separate", "common")


@dataclass(frozen=True, slots=True, repr=False)
class Subgroups(Result):
    """One synthesis a subgroup, in order of first appearance, and the test between them.

    ``df`` is the number of subgroups less 1; with one subgroup ``q`` is 0 and ``p_value`` 1.
    ``tau2_sharing`` is "separate" where each subgroup has a tau2 of its own, else "common".
    ``overall`` pools all studies, with a tau2 of their own.
    """

    results: Mapping[str, Synthesis]
    q: float
    df: int
    p_value: float
    tau2_sharing: str = "separate"
    overall: Synthesis | None = None

    def summary(self) -> str:
        first = next(iter(self.results.values()))
        scale, level = scale_for(first), percent(first.level)
        rows = [["Subgroup", "Studies", scale.measure or "Estimate", f"{level} CI", "tau²"]]
        rows += [
            [
                label_cell(name),
                str(fit.k),
                shown(scale, fit.random.estimate),
                interval(scale, fit.random.ci_lower, fit.random.ci_upper),
                figure(fit.heterogeneity.tau2) if fit.k > 1 or self._shared else "–",
            ]
            for name, fit in self.results.items()
        ]
        title = f"{capital(scale.name)}, {counted(len(self.results), 'subgroup')}"
        methods = dict.fromkeys(ci_words(fit.random) for fit in self.results.values())
        told = [
            f"tau²: {tau2_words(first.heterogeneity.tau2_method)}, {self._sharing_words()}",
            f"intervals: {'; '.join(methods)}",
            "test between subgroups: chi-squared, by the model-based standard errors",
        ]
        lines = [title, "", *aligned(rows), "", self._test(), "", "Methods:"]
        return "\n".join([*lines, *(wrapped(line) for line in told)])

    @property
    def _shared(self) -> bool:
        return self.tau2_sharing == "common"

    def _sharing_words(self) -> str:
        return "one for all subgroups" if self._shared else "one for each subgroup"

    def _test(self) -> str:
        if not self.df:
            return "There is only one subgroup, and nothing to compare it with."
        q = number(self.q, 2)
        return f"Difference between subgroups: Q = {q}, df = {self.df}, {p_value(self.p_value)}"

    def text(self) -> str:
        first = next(iter(self.results.values()))
        scale, level = scale_for(first), percent(first.level)
        each = [
            f"{name} {shown(scale, fit.random.estimate)} ({level} CI "
            f"{interval(scale, fit.random.ci_lower, fit.random.ci_upper)}; "
            f"{counted(fit.k, 'study', 'studies')})"
            for name, fit in self.results.items()
        ]
        tau2 = tau2_words(first.heterogeneity.tau2_method)
        return (
            f"Subgroups were pooled by random-effects models with {self._sharing_words()} of the "
            f"between-study variances tau², estimated by {tau2}, and compared by a chi-squared "
            f"test.\n\nThe pooled {scale.name} was: {'; '.join(each)}. {self._test()}."
        )

    def columns(self) -> dict[str, list[object]]:
        """One row a subgroup."""
        fits = list(self.results.values())
        random = ("estimate", "se", "ci_lower", "ci_upper", "p_value", "ci_method")
        spread = ("tau2", "i2", "q")
        return {
            "subgroup": list(self.results),
            "k": [fit.k for fit in fits],
            **{name: [getattr(fit.random, name) for fit in fits] for name in random},
            **{name: [getattr(fit.heterogeneity, name) for fit in fits] for name in spread},
        }

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"q": self._why_q, "p_value": self._why_p}

    def _why_q(self) -> Why:
        means, precision = _means_and_precision(list(self.results.values()))
        inputs = (("subgroups", tuple(self.results)), ("μ̂ᵍ", means), ("Wᵍ", precision))
        how = (
            "Weighted squares of the distances of the subgroups' means from their mean; Wᵍ is "
            "the sum of a subgroup's random-effects weights."
        )
        source = "Borenstein et al. 2009, Introduction to Meta-Analysis, chapter 19"
        return Why("q", self.q, how, "Σ Wᵍ(μ̂ᵍ − μ̂)², μ̂ = Σ Wᵍμ̂ᵍ / Σ Wᵍ", inputs, source)

    def _why_p(self) -> Why:
        how = "Of one and the same true mean in all subgroups."
        return Why(
            "p_value", self.p_value, how, "P(χ² on df > Q)", (("Q", self.q), ("df", self.df))
        )


def synthesise_by(
    groups: Sequence[str],
    labels: Sequence[str],
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    measure: str = "",
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
    pred_method: str = "auto",
    tau2: str = "separate",
) -> Subgroups:
    r"""Pool each subgroup by itself and test whether their true means differ.

    With :math:`W_g` the sum of the random-effects weights of
    subgroup g, the test compares :math:`Q = \sum W_g (\hat\mu_g - \hat\mu)^2` with
    chi-squared on the number of subgroups less 1.

    Parameters
    ----------
    groups : sequence of str, length k
        The subgroup of each study.
    labels, estimates, variances, measure, tau2_method, ci_method, level, pred_method
        As in :func:`osler.synthesis.pool.synthesise`.
    tau2 : {"separate", "common"}
        A between-study variance for each subgroup, or one for all, which few studies a
        subgroup ask for; by "REML", "ML", "DL", "PM", "PMM", "EB", "SJIT" or "HE".

    Raises
    ------
    DataError
        As :func:`osler.synthesis.pool.synthesise`; where ``groups`` has another length
        (SYN002); where the estimator has no form with a common tau2 (SYN014).

    Notes
    -----
    The test takes the model-based (Wald) standard errors whatever the interval method, so
    that chi-squared is its reference. It compares across studies, not within them: a
    difference can come from anything else in which the studies differ.

    References
    ----------
    .. [1] Borenstein, Hedges, Higgins & Rothstein (2009). Introduction to Meta-Analysis,
       chapter 19. doi:10.1002/9780470743386
    .. [2] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 10.11.3.1.

    Examples
    --------
    >>> by = synthesise_by(["a", "a", "b", "b"], ["1", "2", "3", "4"],
    ...                    [0.1, 0.2, 0.9, 1.0], [0.04, 0.04, 0.04, 0.04])
    >>> list(by.results), round(by.q, 1), by.df, round(by.p_value, 4)
    (['a', 'b'], 16.0, 1, 0.0001)
    """
    if len(groups) != len(labels):
        found = f"{len(groups)} subgroup names, {len(labels)} labels"
        raise DataError(problems.lengths_disagree(found))
    if not len(groups):
        raise DataError(problems.no_studies("no subgroup names"))
    sharing = checked_name("sharing of tau2", tau2, TAU2_SHARING)
    options: dict[str, Any] = {
        "measure": measure,
        "tau2_method": tau2_method,
        "ci_method": ci_method,
        "level": level,
        "pred_method": pred_method,
    }
    overall = synthesise(labels, estimates, variances, **options)
    if sharing == "common":
        results = _with_common_tau2(groups, labels, estimates, variances, **options)
    else:
        results = {
            group: synthesise(
                [labels[i] for i in rows],
                [estimates[i] for i in rows],
                [variances[i] for i in rows],
                **options,
            )
            for group, rows in _rows_of(groups).items()
        }
    q = _between(list(results.values()))
    df = len(results) - 1
    return Subgroups(results, q, df, float(chi2_tail(q, df)), sharing, overall)


def _rows_of(groups: Sequence[str]) -> dict[str, list[int]]:
    """The rows of each subgroup, in order of first appearance."""
    rows: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        rows.setdefault(group, []).append(i)
    return rows


def _with_common_tau2(
    groups: Sequence[str],
    labels: Sequence[str],
    estimates: Sequence[float],
    variances: Sequence[float],
    measure: str,
    tau2_method: str,
    ci_method: str,
    level: float,
    pred_method: str,
) -> dict[str, Synthesis]:
    chosen = choices(tau2_method, ci_method, level, "none", pred_method, "tau2", 0, None)
    if chosen.tau2 not in COMMON_TAU2_METHODS:
        raise DataError(problems.no_common_tau2(chosen.tau2, ", ".join(COMMON_TAU2_METHODS)))
    y, v = np.asarray(estimates, float), np.asarray(variances, float)
    rows = _rows_of(groups)
    order = np.concatenate([np.array(each) for each in rows.values()])
    number_of = np.repeat(np.arange(len(rows)), [len(each) for each in rows.values()])
    tau2 = common_tau2(number_of, y[order], v[order], chosen.tau2)
    return {
        group: fitted([labels[i] for i in at], y[at], v[at], measure, chosen, known_tau2=tau2)
        for group, at in rows.items()
    }


def _between(results: Sequence[Synthesis]) -> float:
    means, precision = (np.array(part) for part in _means_and_precision(results))
    overall = (precision * means).sum() / precision.sum()
    return float((precision * (means - overall) ** 2).sum())


def _means_and_precision(
    results: Sequence[Synthesis],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Random-effects means, and the sums of their weights."""
    means, precision = [], []
    for fit in results:
        w = 1.0 / (np.array(fit.variances) + fit.heterogeneity.tau2)
        means.append(float((w * fit.estimates).sum() / w.sum()))
        precision.append(float(w.sum()))
    return tuple(means), tuple(precision)
