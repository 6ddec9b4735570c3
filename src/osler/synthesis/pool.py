"""One meta-analysis."""

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from osler.core.arrays import Floats, floats_of
from osler.core.diagnostics import DataError
from osler.synthesis import problems
from osler.synthesis.batch import (
    FARTHEST,
    LARGEST,
    SMALLEST,
    Choices,
    SynthesisBatch,
    choices,
    number_problem,
    pool_block,
    too_far_apart,
)
from osler.synthesis.kernel import Block, block_of, block_of_one, shaped_as
from osler.synthesis.model import Heterogeneity, Pooled, Synthesis
from osler.synthesis.modes import notes_of
from osler.synthesis.tau2.reml import highest, maxima_of_one

_FIELDS = SynthesisBatch.__slots__
_values = attrgetter(*_FIELDS)
# Methods that go through a block column by column, and so want one, even of one meta-analysis.
_THROUGH_COLUMNS = frozenset(
    {"ML", "GENQM", "PL", "PL-Bartlett", "HC", "GENQ", "PL-ML", "PL-REML", "NNF"}
)


def synthesise(
    labels: Sequence[str],
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    measure: str = "",
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
    tau2_ci_method: str = "QP",
    pred_method: str = "auto",
    i2_method: str = "tau2",
    weights: Sequence[float] | None = None,
    tau2_weights: Sequence[float] | None = None,
    seed: int = 0,
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
    tau2_method : str
        Estimator of the between-study variance, a name of ``TAU2_METHODS``: "REML", "ML",
        "DL", "DL2", "PM", "PMM", "EB", "HE", "HE2", "HS", "HSk", "SJ", "SJIT", "GENQ" or
        "GENQM". Capitals do not matter in any of the names here.
    ci_method : str
        Interval of the random-effects mean: "auto", "HKSJ", "HKSJ-adhoc", "HKSJ-hybrid",
        "KR", "KR-observed", "t", "Wald", "PL", "PL-Bartlett" or "HC". "auto" takes HKSJ with
        three or more studies and tau2 above 0, Wald otherwise: with tau2 = 0 the plain HKSJ
        interval can be narrower than the common-effect one, and two studies leave it one
        degree of freedom. "HKSJ-adhoc" never lets the standard error fall below Wald's,
        "HKSJ-hybrid" takes Wald's interval where it is the wider. One study is always given
        Wald's interval. "HC" belongs to the common-effect estimate, which it puts in place
        of the random-effects one.
    level : float
        Confidence level of every interval, between 0 and 1.
    tau2_ci_method : {"QP", "GENQ", "PL", "PL-ML", "PL-REML", "Wald", "none"}
        Interval of tau2, from which those of I2 and H2 follow. "PL" is of the likelihood
        that estimates tau2, the restricted one unless that is "ML".
    pred_method : {"auto", "HK", "HK-PR", "HK-adhoc", "HTS", "V", "S", "KR", "KR-PR", "NNF"}
        Prediction interval; "auto" takes the standard error of the interval method with its
        degrees of freedom ("HK", "HK-adhoc" or "KR"), and "V" beside the others.
    i2_method : {"tau2", "q"}
        I2 and H2 from tau2 and the typical variance, or from Q.
    weights : sequence of float, length k, optional
        Of the random-effects mean, instead of the inverse variances; only their ratios
        matter. The interval is then "Wald" ("auto") or "t".
    tau2_weights : sequence of float, length k, optional
        Of "GENQ" and "GENQM", as estimators and as interval; 1 / sqrt(variance) where left
        out.
    seed : int
        Of the draws of the prediction interval "NNF".

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
        is unknown (SYN005), the level is not between 0 and 1 (SYN006), a weight is not above
        0 (SYN012), or weights of one's own meet a method without them (SYN013).

    Notes
    -----
    I2 and H2 come from tau2 by the chosen method and the typical variance, as in metafor;
    they equal the values from Q only under "DL". Interval methods other than those made for
    a likelihood take tau2 as any estimator gives it; ``notes`` says where a method was made
    for another estimator than the one chosen, and where the likelihood has several maxima.

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
    y, v = floats_of(estimates), floats_of(variances)
    _check(labels, y, v)
    chosen = choices(
        tau2_method, ci_method, level, tau2_ci_method, pred_method, i2_method, seed, weights
    )
    own, for_tau2 = _own(labels, weights), _own(labels, tau2_weights)
    return fitted(labels, y, v, measure, chosen, own, for_tau2)


def fitted(
    labels: Sequence[str],
    y: Floats,
    v: Floats,
    measure: str,
    chosen: Choices,
    own: Floats | None = None,
    for_tau2: Floats | None = None,
    known_tau2: float | None = None,
) -> Synthesis:
    """As :func:`synthesise`, once everything is checked; with a tau2 that is known, by it."""
    block = _block(y, v, chosen)
    if block.reach > FARTHEST:
        raise too_far_apart("estimates", y, v)
    tau2, maxima = _estimated(block, chosen, known_tau2)
    many = pool_block(block, chosen, _beside(block, own), _beside(block, for_tau2), tau2)
    one = dict(zip(_FIELDS, map(_plain, _values(many)), strict=True))
    return Synthesis(
        measure=str(measure),
        studies=tuple(map(str, labels)),
        estimates=tuple(y.tolist()),
        variances=tuple(v.tolist()),
        common_weights=_shares(1.0 / v),
        random_weights=_shares(_weights(v, one, own)),
        common=_common(one),
        random=_random(one),
        heterogeneity=_heterogeneity(one, chosen, known=known_tau2 is not None),
        level=chosen.level,
        weighting="inverse variance" if own is None else "own",
        notes=notes_of(one, chosen, maxima, known=known_tau2 is not None),
        ci_asked=chosen.ci,
    )


def _plain(value: Any) -> float | str:
    """Python's own number or text, which NumPy's ``item`` is slow to give of a number."""
    found: float | str = float(value) if isinstance(value, float) else value.item()
    return found


def _block(y: Floats, v: Floats, chosen: Choices) -> Block:
    if _THROUGH_COLUMNS.isdisjoint((chosen.tau2, chosen.ci, chosen.tau2_ci, chosen.pred)):
        return block_of_one(y, v)
    return block_of(y[:, None], v[:, None], np.ones((y.size, 1), bool))


def _beside(block: Block, w: Floats | None) -> Floats | None:
    """Weights in the shape of the block."""
    return None if w is None else w.reshape(block.y.shape)


def _estimated(
    block: Block, chosen: Choices, known: float | None
) -> tuple[Floats | None, tuple[float, ...]]:
    """Tau2 in the block's unit where it is known or by REML, and all maxima of the latter."""
    if known is not None:
        return known / block.unit**2, ()
    if chosen.tau2 != "REML":
        return None, ()
    tau2, height = maxima_of_one(block)
    square = block.unit.item() ** 2
    return shaped_as(block.k, highest(tau2, height)), tuple(each * square for each in tau2)


def _weights(v: Floats, one: Mapping[str, Any], own: Floats | None) -> Floats:
    if own is not None:
        return own
    return 1.0 / v if one["ci_method"] == "HC" else 1.0 / (v + one["tau2"])


def _shares(w: Floats) -> tuple[float, ...]:
    """Each study's part of the whole weight."""
    return tuple((w / np.add.reduce(w)).tolist())


def _check(labels: Sequence[str], y: Floats, v: Floats) -> None:
    if not len(labels) == len(y) == len(v):
        found = f"{len(labels)} labels, {len(y)} estimates, {len(v)} variances"
        raise DataError(problems.lengths_disagree(found))
    if not len(labels):
        raise DataError(problems.no_studies("no labels, estimates or variances"))
    if not _all_sound(y, v):
        checked = [
            number_problem(a, float(b), float(c)) for a, b, c in zip(labels, y, v, strict=True)
        ]
        raise DataError(*(d for problem in checked if problem for d in problem.diagnostics))


def _all_sound(y: Floats, v: Floats) -> bool:
    """Whether :func:`osler.synthesis.batch.sound` holds everywhere; no NaN compares as it must."""
    return bool(
        np.minimum.reduce(y) >= -LARGEST
        and np.maximum.reduce(y) <= LARGEST
        and np.minimum.reduce(v) > SMALLEST
        and np.maximum.reduce(v) < LARGEST
    )


def _own(labels: Sequence[str], given: Sequence[float] | None) -> Floats | None:
    """Weights of one's own, scaled to a largest of 1; shape (k,)."""
    if given is None:
        return None
    if len(given) != len(labels):
        found = f"{len(labels)} labels, {len(given)} weights"
        raise DataError(problems.lengths_disagree(found))
    w = np.asarray(given, float)
    wrong = [i for i in range(w.size) if not 0.0 < w[i] < LARGEST]
    if wrong:
        raise DataError(*(problems.weight_not_positive(labels[i], float(w[i])) for i in wrong))
    return np.asarray(w / w.max())


def _common(one: Mapping[str, Any]) -> Pooled:
    return Pooled(
        estimate=one["common_estimate"],
        se=one["common_se"],
        ci_lower=one["common_ci_lower"],
        ci_upper=one["common_ci_upper"],
        p_value=one["common_p_value"],
        ci_method="Wald",
        pred_lower=math.nan,
        pred_upper=math.nan,
    )


def _random(one: Mapping[str, Any]) -> Pooled:
    return Pooled(
        estimate=one["estimate"],
        se=one["se"],
        ci_lower=one["ci_lower"],
        ci_upper=one["ci_upper"],
        p_value=one["p_value"],
        ci_method=one["ci_method"],
        pred_lower=one["pred_lower"],
        pred_upper=one["pred_upper"],
        df=one["df"],
        pred_method=one["pred_method"],
    )


def _heterogeneity(one: Mapping[str, Any], chosen: Choices, *, known: bool) -> Heterogeneity:
    return Heterogeneity(
        q=one["q"],
        df=int(one["k"]) - 1,
        p_value=one["q_p_value"],
        i2=one["i2"],
        h2=one["h2"],
        tau2=one["tau2"],
        tau2_ci_lower=one["tau2_ci_lower"],
        tau2_ci_upper=one["tau2_ci_upper"],
        tau2_method=chosen.tau2,
        # The standard error of one's own studies is not that of a tau2 from others too.
        tau2_se=math.nan if known else one["tau2_se"],
        tau2_ci_method=chosen.tau2_ci,
        i2_ci_lower=one["i2_ci_lower"],
        i2_ci_upper=one["i2_ci_upper"],
        h2_ci_lower=one["h2_ci_lower"],
        h2_ci_upper=one["h2_ci_upper"],
        i2_method=chosen.i2,
    )
