"""From a between-arm contrast as a trial reports it to an effect."""

import math
import re

from osler.core.quantiles import normal_quantile, t_quantile
from osler.effects import problems
from osler.effects.arms import Effect
from osler.effects.conversions import check_interval
from osler.effects.measures import is_ratio

# Rounding in print moves an estimate off the middle of its interval, too; a tenth of the
# interval's half-width is more than two printed digits can explain.
_OFF_CENTRE = 0.1


def effect_from_report(
    measure: str,
    *,
    estimate: float | None = None,
    se: float | None = None,
    ci_lower: float | None = None,
    ci_upper: float | None = None,
    p_value: float | str | None = None,
    level: float = 0.95,
    df: float | None = None,
) -> tuple[Effect, str]:
    r"""Effect and, where the report is not quite what it should be, a note in words.

    The variance comes from the first of these that is given: standard error, interval,
    exact p-value. An interval alone gives its middle as the estimate.

    Parameters
    ----------
    measure : str
        "RR", "OR", "HR", ...: given as a ratio, analysed as its logarithm; any other
        name: given and analysed as a difference.
    estimate : float, optional
        As printed (ratios as ratios).
    se : float, optional
        On the analysis scale: of the logarithm, for a ratio.
    ci_lower, ci_upper : float, optional
        As printed; taken as symmetric on the analysis scale.
    p_value : float or str, optional
        Two-sided and exact: 0.03 or "0.03", not "<0.05".
    level : float
        Of the interval.
    df : float, optional
        Degrees of freedom where interval and p-value come from Student's t; the normal
        distribution is taken where None.

    Returns
    -------
    effect : Effect
        On the analysis scale.
    note : str
        Says that the estimate does not lie in the middle of its interval (on the analysis
        scale) or was not reported; empty where all is well.

    Raises
    ------
    DataError
        Where nothing gives a variance (EFF030), the standard error (EFF031), the interval
        (EFF032, EFF033, EFF042) or the p-value (EFF036) cannot be, or a ratio is not above
        0 (EFF035).

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions 6.5, sections 6.3.1,
       6.3.2 and 6.5.2.3.

    Examples
    --------
    >>> effect, note = effect_from_report("RR", estimate=0.49, ci_lower=0.34, ci_upper=0.69)
    >>> round(effect.estimate, 4), round(effect.variance, 4), note
    (-0.7133, 0.0326, '')
    >>> effect_from_report("MD", estimate=-8.0, ci_lower=-15.0, ci_upper=-5.0)[1]
    'the estimate is not in the middle of its interval'
    """
    ratio = is_ratio(measure)
    value = _on_scale(measure, "estimate", estimate, ratio)
    lower = _on_scale(measure, "lower end", ci_lower, ratio)
    upper = _on_scale(measure, "upper end", ci_upper, ratio)
    if se is not None and value is not None:
        return _from_se(measure, value, se), ""
    _check_as_printed(estimate, ci_lower, ci_upper, level)
    if lower is not None and upper is not None:
        return _from_interval(measure, value, lower, upper, level, df)
    if p_value not in (None, "") and value is not None:
        return _from_p(measure, value, p_value, df), ""
    raise problems.nothing_reported(_given(estimate, se, ci_lower, ci_upper))


def _check_as_printed(
    estimate: float | None, lower: float | None, upper: float | None, level: float
) -> None:
    """Raise where an interval cannot be, in the numbers of the report, not their logarithms."""
    if lower is None or upper is None:
        return
    check_interval(lower, upper, level)
    if estimate is not None and not lower <= estimate <= upper:
        raise problems.outside_interval(estimate, lower, upper)


def _given(*values: float | None) -> str:
    """What little was reported, in words."""
    names = ("estimate", "SE", "lower end", "upper end")
    told = [f"{n} {v:g}" for n, v in zip(names, values, strict=True) if v is not None]
    return f"only {', '.join(told)}" if told else "no estimate either"


def _on_scale(measure: str, what: str, value: float | None, ratio: bool) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value):
        raise problems.not_finite(f"the {what} of the reported {measure}", value)
    if not ratio:
        return value
    if value <= 0:
        raise problems.ratio_not_positive(measure, value)
    return math.log(value)


def _from_se(measure: str, estimate: float, se: float) -> Effect:
    if not (math.isfinite(se) and se > 0):
        raise problems.se_not_positive(se)
    return Effect(measure, estimate, se * se)  # ** raises where this gives infinity


def _from_interval(
    measure: str,
    estimate: float | None,
    lower: float,
    upper: float,
    level: float,
    df: float | None,
) -> tuple[Effect, str]:
    """From an interval that has been checked."""
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    se = half / _quantile(0.5 + level / 2, df)
    variance = se * se
    if estimate is None:
        return Effect(measure, middle, variance), "the estimate is the middle of the interval"
    off = abs(estimate - middle) > _OFF_CENTRE * half
    scale = " on the log scale" if is_ratio(measure) else ""
    note = f"the estimate is not in the middle of its interval{scale}" if off else ""
    return Effect(measure, estimate, variance), note


def _from_p(measure: str, estimate: float, p_value: float | str | None, df: float | None) -> Effect:
    p = _exact_p(p_value)
    if estimate == 0:
        raise problems.p_value_unusable(f"p = {p:g} with no difference at all")
    se = estimate / _quantile(1 - p / 2, df)
    return Effect(measure, estimate, se * se)


def _exact_p(given: float | str | None) -> float:
    text = re.sub(r"^\s*p?\s*=?\s*", "", str(given), flags=re.IGNORECASE)
    try:
        p = float(text)
    except ValueError:
        raise problems.p_value_unusable(f"p {given}") from None
    if not 0 < p < 1:
        raise problems.p_value_unusable(f"p = {p:g}")
    return p


def _quantile(p: float, df: float | None) -> float:
    return float(normal_quantile(p) if df is None else t_quantile(p, df))
