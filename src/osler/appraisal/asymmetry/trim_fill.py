"""Trim and fill: how many studies would make the funnel symmetric, and what they would change."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.line import fit_line, residual_tau2
from osler.appraisal.asymmetry.studies import (
    effect_words,
    few_studies,
    model_named,
    model_words,
    noted,
    numbers_of,
    with_ci,
)
from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates, check_weights
from osler.core.wording import aligned, counted, number, p_value, significant
from osler.synthesis.batch import method_names, synthesise_many
from osler.synthesis.made import way_of
from osler.synthesis.model import Pooled, Synthesis
from osler.synthesis.pool import synthesise

ESTIMATORS = ("L0", "R0", "Q0")
SIDES = ("auto", "left", "right")
MODELS = ("random_effects", "common_effect")
# Trimming settles in a handful of rounds or goes round in a ring.
_MOST_ROUNDS = 100
_SOURCE = "Duval & Tweedie (2000) Biometrics 56, 455-463; J Am Stat Assoc 95, 89-98"


@dataclass(frozen=True, slots=True, repr=False)
class TrimAndFill(Result):
    """What pooling gives after the funnel has been made symmetric.

    Attributes
    ----------
    missing, missing_se : int, float
        Studies estimated to be missing, and the standard error of that estimate.
    missing_p_value : float
        Of "none is missing"; only "R0" has it, else NaN.
    side : str
        "left" or "right": where studies were filled in.
    filled : tuple of bool
        For each study of ``refitted``, whether it was filled in.
    trim_model : str
        Model whose estimate the funnel was centred on, "random_effects" or "common_effect".
    original, refitted : Synthesis
        Without and with the filled studies; both models, same methods.
    rounds : int
        Rounds of trimming until the number stood still.
    """

    estimator: str
    side: str
    side_chosen: str
    trim_model: str
    missing: int
    missing_se: float
    missing_p_value: float
    rounds: int
    filled: tuple[bool, ...]
    original: Synthesis
    refitted: Synthesis
    notes: tuple[str, ...]

    @property
    def measure(self) -> str:
        return self.original.measure

    @property
    def studies(self) -> tuple[str, ...]:
        return self.refitted.studies

    @property
    def estimates(self) -> tuple[float, ...]:
        return self.refitted.estimates

    @property
    def variances(self) -> tuple[float, ...]:
        return self.refitted.variances

    def _pooled(self, fit: Synthesis) -> Pooled:
        return fit.random if self.trim_model == "random_effects" else fit.common

    def _cell(self, fit: Synthesis) -> str:
        pooled = self._pooled(fit)
        ends = (pooled.estimate, pooled.ci_lower, pooled.ci_upper)
        return with_ci(self.measure, *ends, fit.level)

    def summary(self) -> str:
        missing = f"{self.missing} on the {self.side} (SE {number(self.missing_se, 2)})"
        if math.isfinite(self.missing_p_value):
            missing += f", {p_value(self.missing_p_value)}"
        heterogeneity = self.refitted.heterogeneity
        rows = [
            ["trimmed by", model_words(self.trim_model), ""],
            ["missing", missing, ""],
            ["as found", self._cell(self.original), f"{self.original.k} studies"],
            ["filled", self._cell(self.refitted), f"{self.refitted.k} studies"],
            ["tau² filled", significant(heterogeneity.tau2), heterogeneity.tau2_method],
            ["CI method", self._pooled(self.refitted).ci_method, ""],
        ]
        lines = [f"  {line}" for line in aligned(rows, left=3)]
        title = f"Trim and fill, estimator {self.estimator}, side {self.side_chosen}"
        return "\n".join([title, *lines, *noted(self.notes)])

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "estimate": list(self.estimates),
            "variance": list(self.variances),
            "filled": list(self.filled),
        }

    def text(self) -> str:
        model = model_words(self.trim_model)
        said = f"In a trim-and-fill analysis ({_SOURCE}; estimator {self.estimator}, {model}), "
        what = f"the pooled {effect_words(self.measure)}"
        if self.missing:
            were = counted(self.missing, "study was", "studies were")
            said += (
                f"{were} judged to be missing on the {self.side} of the funnel. With them filled "
                f"in, {what} was {self._cell(self.refitted)}, against "
                f"{self._cell(self.original)} as found."
            )
        else:
            said += (
                f"no study was judged to be missing on the {self.side} of the funnel, so that "
                f"{what} stayed {self._cell(self.original)}."
            )
        return " ".join([said, *self.notes])

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {
            "missing": lambda: Why(
                "missing",
                self.missing,
                "Studies without a mirror image, from the ranks of distances to the centre, "
                "repeated until trimming them changes nothing.",
                _FORMULAE[self.estimator],
                (("k", self.original.k), ("rounds", self.rounds), ("side", self.side)),
                _SOURCE,
            ),
            "refitted.estimate": lambda: Why(
                "refitted.estimate",
                self._pooled(self.refitted).estimate,
                "Pooled after the trimmed studies were given mirror images about the centre.",
                "",
                (
                    ("filled", [y for y, f in zip(self.estimates, self.filled, strict=True) if f]),
                    ("tau2", self.refitted.heterogeneity.tau2),
                ),
                _SOURCE,
            ),
        }


_FORMULAE = {
    "L0": "(4 T − k(k + 1)) / (2k − 1), T = Σ ranks above the centre",
    "R0": "γ − 1, γ = length of the run of largest ranks above the centre",
    "Q0": "k − 1/2 − √(2k² − 4 T + 1/4), T = Σ ranks above the centre",
}


def trim_and_fill(
    effects: StudyEstimates,
    estimator: str = "L0",
    *,
    side: str = "auto",
    trim_model: str = "random_effects",
    tau2_method: str | None = None,
    ci_method: str | None = None,
    level: float | None = None,
) -> TrimAndFill:
    r"""Fill the funnel with the studies that would make it symmetric, and pool again.

    Parameters
    ----------
    effects : StudyEstimates
        At least three studies.
    estimator : {"L0", "R0", "Q0"}
        Of the number missing, with T the sum of the ranks above the centre:
        ``L0 = (4T - k(k+1)) / (2k - 1)``, ``R0`` = the run of largest ranks above the centre
        less 1, ``Q0 = k - 1/2 - sqrt(2k^2 - 4T + 1/4)``. "L0" resists single extreme studies.
    side : {"auto", "left", "right"}
        Where studies are thought to be missing. "auto": where the slope of a regression on
        the standard error (in the model of ``trim_model``) says they would be.
    trim_model : {"random_effects", "common_effect"}
        Whose estimate is the centre while trimming; "random" and "common" are understood.
    tau2_method, ci_method, level : optional
        As for :func:`osler.synthesise`, for every fit; where left out, as the synthesis was
        made, or the defaults there.

    Returns
    -------
    TrimAndFill
        Is itself ``StudyEstimates``: the studies found, then those filled in.

    Raises
    ------
    DataError
        ASY001 with fewer than 3 studies, ASY002 for an unusable number, ASY003 for an unknown
        choice, INF014 for a synthesis by weights of one's own.

    Notes
    -----
    Equals metafor's ``trimfill``: "random_effects" its random-random, "common_effect" its
    equal-equal approach, whose filled studies pooled by random effects are
    ``refitted.random``. A way to see how sensitive a result is to one kind of suppression,
    not a better estimate: real heterogeneity makes it fill in studies that were never missing.

    References
    ----------
    .. [1] Duval & Tweedie (2000). Biometrics 56, 455-463. doi:10.1111/j.0006-341X.2000.00455.x
    .. [2] Duval & Tweedie (2000). J Am Stat Assoc 95, 89-98.
       doi:10.1080/01621459.2000.10473905

    Examples
    --------
    >>> from osler import synthesise
    >>> fit = synthesise(
    ...     list("ABCDEF"), [0.0, 0.1, 0.2, 0.6, 0.9, 1.3], [0.01, 0.02, 0.04, 0.1, 0.2, 0.3]
    ... )
    >>> filled = trim_and_fill(fit, trim_model="common_effect")
    >>> filled.missing, filled.side
    (3, 'left')
    """
    trim_model = model_named(trim_model)
    _check(estimator, side, trim_model)
    check_weights(effects)
    studies = numbers_of(effects, "trim and fill", 3)
    way = way_of(effects, tau2_method, ci_method, level)
    pool = _Centre(trim_model, method_names(way.tau2_method, way.ci_method)[0])
    used, chosen = (
        (side, "given") if side != "auto" else (_side(studies.y, studies.v, pool), "by slope")
    )
    turn = -1.0 if used == "right" else 1.0
    order = np.argsort(turn * studies.y, kind="stable")
    y, v = turn * studies.y[order], studies.v[order]
    trimmed = _trimmed(y, v, estimator, pool)
    mirrored = turn * (2.0 * trimmed.centre - y[y.size - trimmed.missing :])
    kept = studies.labels
    extra = [kept[i] for i in order[y.size - trimmed.missing :]]
    fit_names = (*kept, *(f"filled ({label})" for label in extra))
    y_all = np.concatenate([studies.y, mirrored])
    v_all = np.concatenate([studies.v, v[y.size - trimmed.missing :]])

    def fit(names: tuple[str, ...], ys: Floats, vs: Floats) -> Synthesis:
        return synthesise(
            names,
            ys.tolist(),
            vs.tolist(),
            measure=effects.measure,
            tau2_method=way.tau2_method,
            ci_method=way.ci_method,
            level=way.level,
        )

    return TrimAndFill(
        estimator=estimator,
        side=used,
        side_chosen=f"{used} ({chosen})",
        trim_model=trim_model,
        missing=trimmed.missing,
        missing_se=trimmed.se,
        missing_p_value=0.5 ** (trimmed.missing + 1) if estimator == "R0" else math.nan,
        rounds=trimmed.rounds,
        filled=(False,) * studies.k + (True,) * trimmed.missing,
        original=fit(kept, studies.y, studies.v),
        refitted=fit(fit_names, y_all, v_all),
        notes=trimmed.notes + few_studies(studies.k),
    )


def _check(estimator: str, side: str, trim_model: str) -> None:
    for what, given, known in (
        ("estimator", estimator, ESTIMATORS),
        ("side", side, SIDES),
        ("trim_model", trim_model, MODELS),
    ):
        if given not in known:
            raise problems.unknown_choice(what, given, known)


@dataclass(frozen=True, slots=True)
class _Centre:
    """The pooled estimate of one model."""

    model: str
    tau2_method: str

    def __call__(self, y: Floats, v: Floats) -> float:
        method = "DL" if self.model == "common_effect" else self.tau2_method
        many = synthesise_many(y[:, None], v[:, None], tau2_method=method, ci_method="Wald")
        found = many.common_estimate if self.model == "common_effect" else many.estimate
        return float(found[0])

    def slope(self, y: Floats, v: Floats) -> float:
        x = np.sqrt(v / v.min())
        method = self.tau2_method if self.tau2_method in _LINE_METHODS else "REML"
        tau2 = residual_tau2(y, x, v, method) if self.model == "random_effects" else 0.0
        return fit_line(y, x, v.min() / (v + tau2)).slope


_LINE_METHODS = ("REML", "ML", "DL", "HE", "PM", "EB")


def _side(y: Floats, v: Floats, pool: _Centre) -> str:
    if np.ptp(v) <= 1e-12 * v.max():
        return "left"
    return "right" if pool.slope(y, v) < 0 else "left"


@dataclass(frozen=True, slots=True)
class _Trimmed:
    missing: int
    se: float
    centre: float
    rounds: int
    notes: tuple[str, ...]


def _trimmed(y: Floats, v: Floats, estimator: str, pool: _Centre) -> _Trimmed:
    """Trim the largest of ascending ``y`` until the number stands still."""
    k, missing, seen = y.size, 0, [0]
    for rounds in range(1, _MOST_ROUNDS + 1):
        centre = pool(y[: k - missing], v[: k - missing])
        ranks = _signed_ranks(y - centre)
        new, se = _missing(ranks, estimator)
        # At least one study must be left to centre on.
        new = min(new, k - 1)
        if new == missing:
            return _Trimmed(missing, se, centre, rounds, ())
        if new in seen:
            break
        missing = new
        seen.append(new)
    ring = sorted(set(seen[seen.index(new) :]))
    note = f"Trimming does not settle: it goes round {', '.join(map(str, ring))} missing studies."
    return _Trimmed(missing, se, centre, rounds, (note,))


def _signed_ranks(offset: Floats) -> Floats:
    """Ranks of the distances, the first of equals lower, with the sign of the offset."""
    ranks = np.empty(offset.size)
    ranks[np.argsort(np.abs(offset), kind="stable")] = np.arange(1.0, offset.size + 1.0)
    return np.asarray(np.sign(offset) * ranks)


def _missing(ranks: Floats, estimator: str) -> tuple[int, float]:
    k = ranks.size
    above = float(ranks[ranks > 0].sum())
    if estimator == "R0":
        largest_below = float(np.maximum(-ranks, 0.0).max())
        found = k - largest_below - 1.0
        return _rounded(found), math.sqrt(2.0 * max(0.0, found) + 2.0)
    if estimator == "L0":
        found = (4.0 * above - k * (k + 1.0)) / (2.0 * k - 1.0)
        error = _rank_sum_error(k, found)
        return _rounded(found), 4.0 * error / (2.0 * k - 1.0)
    root = max(0.0, 2.0 * k * k - 4.0 * above + 0.25)
    found = k - 0.5 - math.sqrt(root)
    spread = (k - 0.5) ** 2 - found * (2.0 * k - found - 1.0)
    error = _rank_sum_error(k, found)
    return _rounded(found), 2.0 * error / math.sqrt(spread) if spread > 0 else math.nan


def _rounded(value: float) -> int:
    return int(max(0.0, np.rint(value)))


def _rank_sum_error(k: int, n: float) -> float:
    """Of the sum of ranks above the centre with ``n`` studies missing; NaN far below 0.

    Duval & Tweedie (2000), J Am Stat Assoc, section 3.
    """
    polynomial = (
        k * (k + 1.0) * (2.0 * k + 1.0)
        + 10.0 * n**3
        + 27.0 * n**2
        + 17.0 * n
        - 18.0 * k * n**2
        - 18.0 * k * n
        + 6.0 * k**2 * n
    )
    return math.sqrt(polynomial / 24.0) if polynomial >= 0 else math.nan
