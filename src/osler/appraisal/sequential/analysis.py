"""The cumulative synthesis against boundaries that allow for looking again and again."""

from collections.abc import Sequence
from math import inf

import numpy as np

from osler.appraisal.influence.cumulative import Cumulative, Order, cumulative, ordered
from osler.appraisal.sequential import problems
from osler.appraisal.sequential.boundaries import (
    LEAST_STEP,
    alpha_boundaries,
    crossing_probabilities,
    futility_boundaries,
)
from osler.appraisal.sequential.information import drift_of
from osler.appraisal.sequential.plan import Plan, plan_of
from osler.appraisal.sequential.result import Sequential
from osler.core.arrays import Floats
from osler.core.studies import StudyEstimates, check_studies


def sequential(
    effects: StudyEstimates,
    order: Order = None,
    *,
    relevant_effect: float | None = None,
    control_risk: float | None = None,
    reduction: float | None = None,
    sd: float | None = None,
    participants: Sequence[float] | None = None,
    basis: str = "information",
    alpha: float = 0.05,
    power: float = 0.9,
    spending: str = "OBF",
    heterogeneity: str | float = "diversity",
    futility: bool = False,
    tau2_method: str = "REML",
) -> Sequential:
    r"""Trial sequential analysis: a sensitivity analysis, never the main one.

    A synthesis that is repeated as studies come in finds a chance result sooner or later.
    Here the cumulative z is compared with boundaries that keep the error rate over all
    looks, given a required amount of information.

    Parameters
    ----------
    effects : StudyEstimates
    order : None, str, or one value a study
        As in :func:`osler.appraisal.influence.cumulative`: usually the year.
    relevant_effect : float, optional
        The smallest effect worth finding, on the analysis scale (a ratio as its log). Or, for
        RR, OR and RD, give ``control_risk`` and ``reduction``.
    control_risk, reduction : float, optional
        Risk without treatment, and the relative reduction worth finding (0.2 for 20 %).
    sd : float, optional
        Standard deviation in the groups, for ``basis="participants"`` of a mean difference.
    participants : sequence of float, optional
        One number a study, for ``basis="participants"``; taken from ``effects.arms`` where
        those hold ``n_treated`` and ``n_control``.
    basis : {"information", "participants"}
        What is counted. Statistical information needs no assumption on risks.
    alpha, power : float
        Two-sided error rate, and power for the relevant effect.
    spending : {"OBF", "Pocock"}
    heterogeneity : "diversity", "none" or float
        The required information is divided by 1 less this: D2 of all studies, 0, or a stated
        fraction. D2 of few studies is hardly known; a stated one is a better plan.
    futility : bool
        Also give boundaries for futility (beta spending, not binding).
    tau2_method : str
        As in :func:`osler.synthesise`.

    Returns
    -------
    Sequential

    Raises
    ------
    DataError
        As :func:`osler.appraisal.influence.cumulative`; where alpha or power cannot be
        (SEQ001), no relevant effect is given or it is 0 (SEQ002), a choice is not known
        (SEQ003), the adjustment is no fraction (SEQ004), risks cannot be (SEQ006), or
        participants are missing or not above 0 (SEQ007).

    Notes
    -----
    Looks beyond the required information come after the end of the plan and have no
    boundary. A look that adds less than 1e-6 of the required information tests nothing. The
    required information is that of a single test, as in the paper, so that the power of the
    whole plan is a little lower; ``power_reached`` tells. With the basis "information" and D2
    the fraction is the common-effect information over the adjusted requirement, which at the
    last look equals the random-effects information over the unadjusted one.

    Boundaries agree with mvtnorm's probabilities. The law of the iterated logarithm (the
    "penalised z") is not offered: its constant depends on the unit of information. The
    Cochrane Handbook (6.5, chapter 22) discourages sequential methods for updated
    meta-analyses.

    References
    ----------
    .. [1] Wetterslev, Thorlund, Brok & Gluud (2008). J Clin Epidemiol 61, 64-75.
       doi:10.1016/j.jclinepi.2007.03.013
    .. [2] Wetterslev, Thorlund, Brok & Gluud (2009). BMC Med Res Methodol 9, 86.
       doi:10.1186/1471-2288-9-86
    .. [3] Lan & DeMets (1983). Biometrika 70, 659-663. doi:10.1093/biomet/70.3.659

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> fit = synthesise(["A", "B", "C"], [-0.4, -0.2, -0.3], [0.04, 0.02, 0.03], measure="RR")
    >>> found = sequential(fit, [2001, 2004, 2009], relevant_effect=np.log(0.75))
    >>> [round(t, 2) for t in found.fraction], [round(c, 2) for c in found.boundary]
    ([0.2, 0.59, 0.85], [4.92, 2.69, 2.19])
    >>> found.crossed
    3
    """
    check_studies(effects)
    grown = cumulative(effects, order, tau2_method=tau2_method, ci_method="Wald")
    rows, _, _ = ordered(effects, effects.variances, order)
    v = np.array(grown.variances)
    tau2 = grown.rows[-1].tau2
    plan = plan_of(
        grown.measure,
        v,
        tau2,
        relevant_effect,
        control_risk,
        reduction,
        sd,
        basis,
        alpha,
        power,
        spending,
        heterogeneity,
    )
    counted = _information(effects, rows, v, basis, participants)
    fraction = counted / plan.required
    looks = _looks(fraction)
    bounds, inner = _boundaries(fraction, looks, plan, futility=futility)
    return _told(grown, counted, fraction, bounds, inner, looks, plan, tau2)


def _information(
    effects: StudyEstimates,
    rows: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.intp]],
    v: Floats,
    basis: str,
    participants: Sequence[float] | None,
) -> Floats:
    """What is there at each look."""
    if basis == "information":
        return np.cumsum(1.0 / v)
    if participants is None:
        arms = getattr(effects, "arms", None) or {}
        if "n_treated" not in arms or "n_control" not in arms:
            raise problems.participants_unusable("no numbers of participants were given")
        participants = (np.asarray(arms["n_treated"]) + np.asarray(arms["n_control"])).tolist()
    n = np.asarray(participants, float)
    if n.shape != v.shape or not (np.isfinite(n) & (n > 0)).all():
        raise problems.participants_unusable(f"{n.size} numbers for {v.size} studies")
    return np.cumsum(n[np.asarray(rows)])


def _looks(fraction: Floats) -> list[int]:
    """Looks that test: each adds enough, and none follows the end of the plan."""
    found: list[int] = []
    before = 0.0
    for j, t in enumerate(fraction.tolist()):
        if before < 1.0 and t - before >= LEAST_STEP:
            found.append(j)
            before = t
    return found


def _boundaries(
    fraction: Floats, looks: list[int], plan: Plan, *, futility: bool
) -> tuple[tuple[tuple[float, ...], float, float], tuple[float, ...]]:
    """Boundaries at the looks, at full information, the power; and those for futility."""
    times = fraction[looks].tolist()
    whole = times if times and times[-1] >= 1.0 else _closed(times)
    upper = alpha_boundaries(whole, alpha=plan.alpha, spending=plan.spending)
    drift = drift_of(plan.alpha, plan.power)
    above, _ = crossing_probabilities(whole, upper, drift=drift)
    inner: tuple[float, ...] = ()
    if futility:
        inner = futility_boundaries(
            whole, upper, drift=drift, beta=1.0 - plan.power, spending=plan.spending
        )
    return (upper, upper[-1], sum(above)), inner


def _closed(times: list[float]) -> list[float]:
    """The looks so far and one with all of the information."""
    kept = [t for t in times if 1.0 - t >= LEAST_STEP]
    return [*kept, 1.0]


def _told(
    grown: Cumulative,
    counted: Floats,
    fraction: Floats,
    bounds: tuple[tuple[float, ...], float, float],
    inner: tuple[float, ...],
    looks: list[int],
    plan: Plan,
    tau2: float,
) -> Sequential:
    upper, final, power = bounds
    estimate = np.array([row.estimate for row in grown.rows])
    se = np.array([row.se for row in grown.rows])
    z = estimate / se
    boundary = _at_looks(upper, looks, fraction, inf)
    below = _at_looks(inner, looks, fraction, 0.0) if inner else np.empty(0)
    with np.errstate(invalid="ignore"):
        crossed = np.abs(z) >= boundary
        futile = np.abs(z[: below.size]) < below
    first = _first(crossed)
    return Sequential(
        measure=grown.measure,
        studies=grown.studies,
        estimates=grown.estimates,
        variances=grown.variances,
        keys=grown.keys,
        order=grown.order,
        estimate=tuple(estimate.tolist()),
        se=tuple(se.tolist()),
        z=tuple(z.tolist()),
        information=tuple(counted.tolist()),
        fraction=tuple(fraction.tolist()),
        boundary=tuple(boundary.tolist()),
        futility=tuple(below.tolist()),
        lower=tuple((estimate - boundary * se).tolist()),
        upper=tuple((estimate + boundary * se).tolist()),
        crossed=first,
        futile=_first(futile),
        final_boundary=final,
        power_reached=power,
        plan=plan,
        tau2=tau2,
        tau2_method=grown.tau2_method,
        notes=_notes(grown, z, first, fraction, plan),
    )


def _at_looks(
    values: tuple[float, ...], looks: list[int], fraction: Floats, untested: float
) -> Floats:
    """Values at the looks that test; NaN after the end of the plan."""
    out = np.full(fraction.size, untested)
    for value, j in zip(values, looks, strict=False):
        out[j] = value
    ended = np.flatnonzero(fraction >= 1.0)
    if ended.size:
        out[ended[0] + 1 :] = np.nan
    return out


def _first(where: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    found = np.flatnonzero(where)
    return int(found[0]) + 1 if found.size else 0


def _notes(
    grown: Cumulative, z: Floats, crossed: int, fraction: Floats, plan: Plan
) -> tuple[str, ...]:
    notes = []
    conventional = _first(np.abs(z) >= 1.959963984540054)
    if conventional and not crossed:
        notes.append(
            f"|z| passed 1.96 at {grown.studies[conventional - 1]} (look {conventional}), where "
            "the boundary had not been reached."
        )
    if fraction[0] >= 1.0:
        notes.append("the first study alone brings the required information.")
    if plan.heterogeneity_by.startswith("diversity") and len(grown.studies) < 5:
        notes.append("D² of fewer than five studies is hardly known; state a fraction instead.")
    return tuple(notes)
