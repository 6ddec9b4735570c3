"""Pooling counts: one door to every method for rare events."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from osler.core.arrays import Bools
from osler.core.frames import Table
from osler.synthesis.counts import problems
from osler.synthesis.counts.mixed import Arms
from osler.synthesis.counts.model import CountsSynthesis
from osler.synthesis.counts.plan import Plan
from osler.synthesis.counts.reading import MEASURES, HasArms, double_zero, read_counts
from osler.synthesis.counts.ways import pooled_by
from osler.synthesis.counts.zeros import Correction, correction_named, study_effects

MIXED = ("GLMM-UM.FS", "GLMM-UM.RS", "GLMM-CM.EL", "GLMM-CM.AL")
METHODS: Mapping[str, tuple[str, ...]] = {
    "OR": ("MH", "Peto", "exact", *MIXED, "beta-binomial"),
    "RR": ("MH",),
    "RD": ("MH",),
    "IRR": ("MH", "exact", "GLMM-UM.FS", "GLMM-UM.RS", "GLMM-CM.EL", "Poisson-gamma"),
    "IRD": ("MH",),
    "PLO": ("GLMM", "beta-binomial"),
    "IRLN": ("GLMM", "Poisson-gamma"),
}
CI_METHODS = ("Wald", "t", "profile")
_ALL_METHODS = tuple(dict.fromkeys(m for methods in METHODS.values() for m in methods))
# Studies without events in either arm (or with events in all) say nothing by these.
_NEVER_SILENT = ("GLMM-UM.FS", "GLMM-CM.EL", "GLMM-CM.AL")


def pool_counts(
    data: HasArms | Table,
    measure: str = "OR",
    *,
    method: str = "auto",
    ci_method: str = "Wald",
    level: float = 0.95,
    double_zero_studies: str = "auto",
    correction: str = "none",
    add: float = 0.5,
    where: str = "only0",
    variance: str = "Sato",
    cmh_correct: bool = True,
    quadrature_points: int | None = None,
    effect_coding: float = 0.5,
    correlated: bool = False,
    mid_p: bool = False,
    columns: Mapping[str, str] | None = None,
) -> CountsSynthesis:
    r"""Pool studies from their counts, without first making an effect of each.

    Parameters
    ----------
    data : Effects, mapping of columns, or a data frame of any library
        One row a study: events and participants (or person-time) of the treated and of
        the controls, or of one group. Where a table has those with and those without the
        event, they are the participants, whatever a column of sizes says.
    measure : {"OR", "RR", "RD", "IRR", "IRD", "PLO", "IRLN"}
        PLO is the logit of a proportion, IRLN the log of a rate, each of one group.
    method : str
        "auto" takes "MH" for two arms and "GLMM" for one group.

        * "MH" (OR, RR, RD, IRR, IRD): Mantel-Haenszel, a common effect.
        * "Peto" (OR): one step from an odds ratio of 1.
        * "exact" (OR, IRR): conditional maximum likelihood with exact limits.
        * "GLMM-UM.FS", "GLMM-UM.RS", "GLMM-CM.EL", "GLMM-CM.AL" (OR; for IRR all but
          the last, as the conditional likelihood is binomial): random effects by maximum
          likelihood. "GLMM" for PLO and IRLN.
        * "beta-binomial" (OR, PLO), "Poisson-gamma" (IRR, IRLN): overdispersed counts.
    ci_method : {"Wald", "t", "profile"}
        Of mixed and overdispersion models; "t" has k - 1 degrees of freedom, "profile"
        also gives limits of tau2. Mantel-Haenszel and Peto use Wald's.
    level : float
        Of every interval, between 0 and 1.
    double_zero_studies : {"auto", "keep", "drop"}
        Studies in which no one (or everyone) had the event in each arm. "auto" drops them
        where they say nothing by the method's own logic (conditional models, UM.FS, a
        correction that would make up data) and keeps them elsewhere.
    correction : {"none", "constant", "treatment-arm", "RevMan", "metafor"}
        For "MH" only, which needs none.
    add : float
        The constant of the correction.
    where : {"only0", "if0all", "all"}
        Which studies it is added to.
    variance : {"Sato", "Greenland-Robins"}
        Of the Mantel-Haenszel risk difference.
    cmh_correct : bool
        Whether the test of no effect takes off the half.
    quadrature_points : int, optional
        Nodes of the Gauss-Hermite quadrature (an axis). Without it, as many as leave the
        log-likelihood unchanged to 1e-9 (1e-8 with two random effects). metafor uses 7,
        and 1 for UM.RS.
    effect_coding : float
        Unconditional models: what the treated have of the random effect, the controls
        having this less 1; 1/2 gives both arms the same variance, 1 leaves the controls
        without (metafor's ``coding=1``), 0 the treated.
    correlated : bool
        UM.RS: whether intercepts and effects may be correlated.
    mid_p : bool
        "exact": count half of the observed result's probability.
    columns : mapping of role to column name, optional
        Roles: study, events_treated, n_treated, events_control, n_control, time_treated,
        time_control; for one group events, n, time.

    Returns
    -------
    CountsSynthesis

    Raises
    ------
    DataError
        For an unknown method (CNT001), level (CNT002) or other choice (CNT009), counts that
        cannot be (CNT003, CNT004), a method that does not pool the measure (CNT005),
        missing columns (CNT006), no informative study (CNT007), an infinite estimate
        (CNT008), columns that could be two things (DAT002), an unknown role (EFF050).

    Notes
    -----
    Equals metafor's ``rma.mh``, ``rma.peto`` and ``rma.glmm`` with the same choices, to the
    precision to which ``glmer`` searches; see ``docs/explanation/rare-events.md``.

    References
    ----------
    .. [1] Stijnen, Hamza & Özdemir (2010). Stat Med 29, 3046-3067. doi:10.1002/sim.4040
    .. [2] Kuss (2015). Stat Med 34, 1097-1116. doi:10.1002/sim.6383
    .. [3] Bradburn, Deeks, Berlin & Localio (2007). Stat Med 26, 53-77. doi:10.1002/sim.2528

    Examples
    --------
    >>> table = {
    ...     "study": ["A", "B", "C", "D"],
    ...     "ai": [1, 0, 5, 0], "n1i": [50, 40, 60, 30],
    ...     "ci": [3, 4, 9, 0], "n2i": [50, 40, 60, 30],
    ... }
    >>> fit = pool_counts(table, measure="OR", method="Peto")
    >>> round(fit.common.estimate, 4), fit.weights[-1]
    (-0.9902, 0.0)
    >>> fit = pool_counts(table, measure="OR", method="GLMM-CM.EL")
    >>> round(fit.random.estimate, 4), fit.heterogeneity.tau2, fit.left_out[0][0]
    (-1.0625, 0.0, 'D')
    """
    plan = _checked(
        measure, method, ci_method, level, correction, add, where, variance, cmh_correct,
        quadrature_points, effect_coding, correlated, mid_p, double_zero_studies,
    )  # fmt: skip
    counts = read_counts(data, plan.measure, columns)
    left_out = tuple((label, "a count is missing") for label in counts.incomplete)
    return _pooled(counts.labels, counts.arms, plan, left_out, counts.notes)


def pool_again(fit: CountsSynthesis, members: Bools) -> CountsSynthesis:
    """Some of the studies of a synthesis, pooled as all of them were.

    Parameters
    ----------
    fit : CountsSynthesis
    members : array of bool, shape (k,)
        The studies to pool.

    Raises
    ------
    DataError
        Where these studies have no estimate by this method (CNT007, CNT008).

    Examples
    --------
    >>> table = {"ai": [1, 4, 5], "n1i": [50, 40, 60], "ci": [3, 4, 9], "n2i": [50, 40, 60]}
    >>> pool_again(pool_counts(table), np.array([True, False, True])).k
    2
    """
    arms = Arms(np.array(fit.events, float), np.array(fit.sizes), rates="IR" in fit.measure)
    return _pooled(*_some(fit.studies, arms, members), fit.plan)


def _some(labels: tuple[str, ...], arms: Arms, members: Bools) -> tuple[tuple[str, ...], Arms]:
    kept = tuple(label for label, yes in zip(labels, members, strict=True) if yes)
    return kept, replace(arms, events=arms.events[members], size=arms.size[members])


def _pooled(
    labels: tuple[str, ...],
    arms: Arms,
    plan: Plan,
    left_out: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
) -> CountsSynthesis:
    keep = ~double_zero(arms) if arms.two and not plan.keep_silent else np.ones(arms.k, bool)
    reason = "no one, or everyone, had the event in each arm"
    left_out += tuple((label, reason) for label, yes in zip(labels, keep, strict=True) if not yes)
    if not keep.any():
        raise problems.nothing_left("in every study no one, or everyone, had the event")
    labels, arms = _some(labels, arms, keep)
    made = pooled_by(arms, plan)
    y, v = study_effects(arms, plan.measure)
    return CountsSynthesis(
        measure=plan.measure,
        method=plan.method,
        studies=labels,
        events=tuple(tuple(int(x) for x in row) for row in arms.events),
        sizes=tuple(tuple(row) for row in arms.size.tolist()),
        study_estimates=tuple(y.tolist()),
        study_variances=tuple(v.tolist()),
        weights=tuple(made.weights.tolist()),
        common=made.common,
        random=made.random,
        heterogeneity=made.heterogeneity,
        test=made.test,
        log_likelihood=made.log_likelihood,
        common_log_likelihood=made.common_log_likelihood,
        nodes=made.nodes,
        left_out=left_out,
        choices=made.choices,
        notes=(*notes, *made.notes, *_few(arms, plan)),
        level=plan.level,
        plan=plan,
    )


def _checked(
    measure: str, method: str, ci_method: str, level: float, correction: str, add: float,
    where: str, variance: str, cmh_correct: bool, points: int | None, coding: float,
    correlated: bool, mid_p: bool, silent: str,
) -> Plan:  # fmt: skip
    measure = _among("measure", measure, MEASURES)
    known = METHODS[measure]
    method = known[0] if method.lower() == "auto" else _among("method", method, _ALL_METHODS)
    if method not in known:
        raise problems.not_for_measure(method, measure, known)
    problems.check_level(level)
    ci_method = _among("interval method", ci_method, CI_METHODS)
    if method in ("MH", "Peto", "exact") and ci_method != "Wald":
        known_here = "leave ci_method as it is: mixed and overdispersion models have others"
        raise problems.not_a_choice("ci_method", ci_method, known_here)
    if points is not None and not (1 <= points <= 200 and points == int(points)):
        raise problems.not_a_choice("quadrature_points", points, "give a whole number, 1 to 200")
    if not 0 <= coding <= 1:
        raise problems.not_a_choice("effect_coding", coding, "give 0.5, or a number from 0 to 1")
    how = correction_named(correction, add, where)
    if how.kind != "none" and method != "MH":
        raise problems.not_a_choice("correction", correction, f"{method} takes counts as they are")
    variance = _among("variance", variance, ("Sato", "Greenland-Robins"))
    return Plan(
        measure, method, ci_method, level, how, variance, cmh_correct, points, coding,
        correlated, mid_p, _keeps_silent(method, measure, how, silent),
    )  # fmt: skip


def _among(kind: str, given: str, known: tuple[str, ...]) -> str:
    """The name as it is written, asked for in capitals or not."""
    for name in known:
        if name.lower() == given.lower():
            return name
    raise problems.unknown(kind, given, known)


def _keeps_silent(method: str, measure: str, correction: Correction, asked: str) -> bool:
    """Whether studies take part in which no one, or everyone, had the event in each arm."""
    asked = _among("double_zero_studies", asked, ("auto", "keep", "drop"))
    if asked == "drop" or method in _NEVER_SILENT:
        return False
    made_up = correction.kind != "none" and measure in ("OR", "RR", "IRR")
    return asked == "keep" or not made_up


def _few(arms: Arms, plan: Plan) -> tuple[str, ...]:
    out = []
    if arms.k == 1:
        out.append("one study: its own result; nothing is known of heterogeneity")
    silent = int(double_zero(arms).sum())
    weightless = plan.method in ("MH", "Peto", "exact") and plan.measure in ("OR", "RR", "IRR")
    if silent and arms.two and weightless and plan.correction.kind == "none":
        none = int((arms.events == 0).all(axis=1).sum())
        if plan.measure == "RR" and none < silent:
            out.append("a study in which everyone had the event draws the risk ratio towards 1")
        if none:
            out.append(f"{none} of the studies had no event and so no weight")
    return tuple(out)
