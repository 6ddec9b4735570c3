"""One meta-analysis."""

from collections.abc import Sequence

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis import problems
from osler.synthesis.batch import SynthesisBatch, method_names, number_problem, synthesise_many
from osler.synthesis.kernel import weights
from osler.synthesis.model import Heterogeneity, Pooled, Synthesis


def synthesise(
    labels: Sequence[str],
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    measure: str = "",
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
) -> Synthesis:
    """Pool the effects of several studies by the common-effect and random-effects models.

    Parameters
    ----------
    labels : sequence of str, length k
        What to call the studies; k >= 1.
    estimates, variances : sequence of float, length k
        On the analysis scale (ratios as logs), with variances, not standard errors.
    measure : str
        Name of the effect measure, kept with the result ("RR", "MD", ...).
    tau2_method : {"REML", "DL", "PM"}
        Estimator of the between-study variance.
    ci_method : {"auto", "HKSJ", "HKSJ-adhoc", "Wald"}
        Interval of the random-effects estimate. "auto" takes HKSJ with three or more
        studies and tau2 above 0, Wald otherwise: with tau2 = 0 the plain HKSJ interval can
        be narrower than the common-effect one, and two studies leave it one degree of
        freedom. "HKSJ-adhoc" never lets the standard error fall below Wald's. One study
        is always given Wald's interval. Capitals do not matter.
    level : float
        Confidence level of every interval, between 0 and 1.

    Returns
    -------
    Synthesis
        For one study both models give its own result, tau2 is 0 and the intervals of
        tau2 and of a new study are NaN.

    Raises
    ------
    DataError
        Where there is nothing to pool (SYN001), lengths differ (SYN002), a variance is not
        above 0 (SYN003), a number is not finite (SYN004) or out of range (SYN007), a method
        is unknown (SYN005), or the level is not between 0 and 1 (SYN006).

    Notes
    -----
    I2 and H2 come from tau2 by the chosen method and the typical variance, as in metafor;
    they equal the values from Q only under "DL". The prediction interval uses k - 1
    degrees of freedom and the standard error of the interval method.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, section 10.10.
    .. [2] IntHout, Ioannidis & Borm (2014). BMC Med Res Methodol 14, 25.
       doi:10.1186/1471-2288-14-25

    Examples
    --------
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> round(fit.random.estimate, 3), fit.random.ci_method
    (0.437, 'HKSJ')
    >>> round(fit.heterogeneity.tau2, 3), round(fit.heterogeneity.i2, 3)
    (0.138, 0.827)
    """
    _check(labels, estimates, variances)
    y, v = np.asarray(estimates, float), np.asarray(variances, float)
    many = synthesise_many(
        y[:, None], v[:, None], tau2_method=tau2_method, ci_method=ci_method, level=level
    )
    return Synthesis(
        measure=measure,
        studies=tuple(labels),
        estimates=tuple(y.tolist()),
        variances=tuple(v.tolist()),
        common_weights=_shares(v, np.zeros_like(many.tau2)),
        random_weights=_shares(v, many.tau2),
        common=_common(many),
        random=_random(many),
        heterogeneity=_heterogeneity(many, method_names(tau2_method, ci_method)[0]),
        level=level,
    )


def _shares(v: Floats, tau2: Floats) -> tuple[float, ...]:
    """Each study's part of the whole weight."""
    w = weights(v, tau2)
    return tuple((w / w.sum()).tolist())


def _check(labels: Sequence[str], y: Sequence[float], v: Sequence[float]) -> None:
    if not len(labels) == len(y) == len(v):
        found = f"{len(labels)} labels, {len(y)} estimates, {len(v)} variances"
        raise DataError(problems.lengths_disagree(found))
    if not len(labels):
        raise DataError(problems.no_studies("no labels, estimates or variances"))
    checked = [number_problem(a, float(b), float(c)) for a, b, c in zip(labels, y, v, strict=True)]
    found_bad = [d for problem in checked if problem for d in problem.diagnostics]
    if found_bad:
        raise DataError(*found_bad)


def _common(many: SynthesisBatch) -> Pooled:
    return Pooled(
        estimate=float(many.common_estimate[0]),
        se=float(many.common_se[0]),
        ci_lower=float(many.common_ci_lower[0]),
        ci_upper=float(many.common_ci_upper[0]),
        p_value=float(many.common_p_value[0]),
        ci_method="Wald",
        pred_lower=float("nan"),
        pred_upper=float("nan"),
    )


def _random(many: SynthesisBatch) -> Pooled:
    return Pooled(
        estimate=float(many.estimate[0]),
        se=float(many.se[0]),
        ci_lower=float(many.ci_lower[0]),
        ci_upper=float(many.ci_upper[0]),
        p_value=float(many.p_value[0]),
        ci_method=str(many.ci_method[0]),
        pred_lower=float(many.pred_lower[0]),
        pred_upper=float(many.pred_upper[0]),
    )


def _heterogeneity(many: SynthesisBatch, tau2_method: str) -> Heterogeneity:
    return Heterogeneity(
        q=float(many.q[0]),
        df=int(many.k[0]) - 1,
        p_value=float(many.q_p_value[0]),
        i2=float(many.i2[0]),
        h2=float(many.h2[0]),
        tau2=float(many.tau2[0]),
        tau2_ci_lower=float(many.tau2_ci_lower[0]),
        tau2_ci_upper=float(many.tau2_ci_upper[0]),
        tau2_method=tau2_method,
    )
