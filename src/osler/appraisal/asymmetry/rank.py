"""Rank tests of funnel asymmetry: Begg and Mazumdar's, and Schwarzer's for rare events."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.hypergeometric import noncentral_moments
from osler.appraisal.asymmetry.kendall import Kendall, kendall
from osler.appraisal.asymmetry.studies import (
    COUNTS,
    Arms,
    arm_numbers,
    few_studies,
    noted,
    numbers_of,
)
from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, counted, number, p_value

METHODS = ("auto", "exact", "normal", "normal-corrected")
SOURCES = {
    "begg-mazumdar": "Begg & Mazumdar (1994) Biometrics 50, 1088-1101",
    "schwarzer": "Schwarzer, Antes & Schumacher (2007) Stat Med 26, 721-733",
}
_DISTRIBUTIONS = {
    "exact": "exact distribution",
    "normal": "normal approximation",
    "normal, corrected": "normal approximation with continuity correction",
}
_TITLES = {
    "begg-mazumdar": "Begg and Mazumdar's rank test",
    "schwarzer": "Schwarzer's rank test",
}


@dataclass(frozen=True, slots=True, repr=False)
class RankTest(Result):
    """Rank correlation of standardised effects with their variances.

    Attributes
    ----------
    tau : float
        Kendall's tau-b, between -1 and 1; 0 where size and result are unrelated.
    score, score_se, statistic : float
        Concordant less discordant pairs, its error without correlation, and their ratio.
    p_value : float
        Two-sided.
    method : str
        "exact", "normal", or "normal, corrected" for continuity.
    standardised, compared : tuples of length k
        What was ranked.
    """

    kind: str
    method: str
    measure: str
    studies: tuple[str, ...]
    tau: float
    score: float
    score_se: float
    statistic: float
    p_value: float
    standardised: tuple[float, ...]
    compared: tuple[float, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        return len(self.studies)

    def summary(self) -> str:
        rows = [
            ["ranked", f"{counted(self.k, 'study', 'studies')}, {_DISTRIBUTIONS[self.method]}"],
            ["Kendall's tau", number(self.tau, 3)],
            ["test", f"score {number(self.score, 0)}, {p_value(self.p_value)}"],
        ]
        title = f"{_TITLES[self.kind]} of funnel asymmetry"
        return "\n".join(
            [title, *(f"  {line}" for line in aligned(rows, left=2)), *noted(self.notes)]
        )

    def columns(self) -> dict[str, list[object]]:
        names = "kind method k tau score score_se statistic p_value"
        return {name: [getattr(self, name)] for name in names.split()}

    def text(self) -> str:
        verdict = "evidence" if self.p_value < 0.1 else "little evidence"
        said = (
            f"Funnel asymmetry of {counted(self.k, 'study', 'studies')} was examined with "
            f"{_TITLES[self.kind]} ({SOURCES[self.kind]}; {_DISTRIBUTIONS[self.method]}). There "
            f"was {verdict} that effects are correlated with precision (Kendall's tau = "
            f"{number(self.tau, 2)}, {p_value(self.p_value)})."
        )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"tau": lambda: self._why("tau"), "p_value": lambda: self._why("p_value")}

    def _why(self, name: str) -> Why:
        how = {
            "tau": "Pairs of studies ranked alike by both, less those ranked apart.",
            "p_value": "Chance of a score this far from 0 if ranks were unrelated.",
        }[name]
        inputs: tuple[tuple[str, object], ...] = (
            ("standardised", self.standardised),
            ("compared", self.compared),
            ("score", self.score),
            ("score_se", self.score_se),
        )
        formula = "(concordant − discordant) / √(pairs untied in x · pairs untied in y)"
        return Why(
            name,
            getattr(self, name),
            how,
            formula if name == "tau" else "",
            inputs,
            SOURCES[self.kind],
        )


def rank_test(
    effects: StudyEstimates,
    kind: str = "begg-mazumdar",
    *,
    method: str = "auto",
    arms: Arms | None = None,
) -> RankTest:
    r"""Test whether results go with their precision, by ranks.

    Begg and Mazumdar correlate :math:`(y_i - \hat\mu) / \sqrt{v_i - 1 / \sum w}`, with
    :math:`\hat\mu` the common effect, with :math:`v_i`. Schwarzer correlates the events in
    the treated arm, standardised by the hypergeometric distribution at the Mantel-Haenszel
    odds ratio, with 1 / their variance: unlike the former it keeps its level with rare events.

    Parameters
    ----------
    effects : StudyEstimates
        At least three studies.
    kind : {"begg-mazumdar", "schwarzer"}
    method : {"auto", "exact", "normal", "normal-corrected"}
        "auto": exact without ties and up to 200 studies, else normal with the variance
        corrected for ties.
    arms : mapping, optional
        Counts, for "schwarzer"; default: what the effects carry.

    Returns
    -------
    RankTest

    Raises
    ------
    DataError
        Fewer than 3 studies (ASY001), an unusable number (ASY002, ASY004), an unknown choice
        (ASY003).

    Notes
    -----
    Equals metafor's ``ranktest`` up to 200 studies; R's ``cor.test`` decides likewise where
    there are ties. Has less power than the regression tests.

    References
    ----------
    .. [1] Begg & Mazumdar (1994). Biometrics 50, 1088-1101. doi:10.2307/2533446
    .. [2] Schwarzer, Antes & Schumacher (2007). Stat Med 26, 721-733. doi:10.1002/sim.2588

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(list("ABCD"), [0.1, 0.3, 0.5, 1.0], [0.01, 0.04, 0.09, 0.25])
    >>> test = rank_test(fit)
    >>> test.tau, round(test.p_value, 4)
    (1.0, 0.0833)
    """
    for what, given, known in (("rank test", kind, tuple(SOURCES)), ("method", method, METHODS)):
        if given not in known:
            raise problems.unknown_choice(what, given, known)
    studies = numbers_of(effects, _TITLES[kind], 3)
    if kind == "schwarzer":
        x, compared = _by_counts(arm_numbers(effects, arms, COUNTS, _TITLES[kind]))
    else:
        x, compared = _standardised(studies.y, studies.v), studies.v
    found = kendall(x, compared, method)
    return RankTest(
        kind=kind,
        method=found.method,
        measure=effects.measure,
        studies=studies.labels,
        tau=found.tau,
        score=found.score,
        score_se=found.score_se,
        statistic=found.statistic,
        p_value=found.p_value,
        standardised=tuple(x.tolist()),
        compared=tuple(compared.tolist()),
        notes=_notes(found, method) + few_studies(studies.k),
    )


def _standardised(y: Floats, v: Floats) -> Floats:
    unit = v.min()
    share = (unit / v) / (unit / v).sum()
    centre = float((share * y).sum())
    # v - 1 / sum(w) is v (1 - share); 0 where one study has all of the weight.
    rest = np.maximum(v * (1.0 - share), np.finfo(float).tiny)
    offset = y - centre
    # Equal estimates differ from their mean by rounding alone, which must not be ranked.
    offset[np.abs(offset) <= 8.0 * np.finfo(float).eps * np.abs(y).max()] = 0.0
    return np.asarray(offset / np.sqrt(rest))


def _by_counts(c: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    a, n1, b, n0 = (c[name] for name in COUNTS)
    odds_ratio = _mantel_haenszel(a, n1, b, n0)
    mean, variance = noncentral_moments(n1, n0, a + b, odds_ratio)
    if not (variance > 0).all():
        i = int(np.flatnonzero(~(variance > 0))[0])
        raise problems.unusable_arm_number(
            f"study {i + 1}", "no events, or nobody without: it says nothing here"
        )
    return (a - mean) / np.sqrt(variance), 1.0 / variance


def _mantel_haenszel(a: Floats, n1: Floats, b: Floats, n0: Floats) -> float:
    n = n1 + n0
    above, below = float((a * (n0 - b) / n).sum()), float((b * (n1 - a) / n).sum())
    if above == 0 or below == 0:
        raise problems.unusable_arm_number("all studies", "the odds ratio is 0 or infinite")
    return above / below


def _notes(found: Kendall, method: str) -> tuple[str, ...]:
    notes = []
    if found.ties and method in ("auto", "exact"):
        notes.append("Ties: the normal distribution takes the place of the exact one.")
    if found.score_se == 0 or not math.isfinite(found.tau):
        notes.append("All studies are tied, so there is nothing to correlate.")
    return tuple(notes)
