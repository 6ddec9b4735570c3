"""What variance a study of a given size will have."""

from math import exp, isfinite

from osler.synthesis.planning import problems

MEASURES = ("SMD", "MD", "RR", "OR", "RD")


def study_variance(
    measure: str,
    effect: float,
    *,
    n_treated: float,
    n_control: float,
    sd: float | None = None,
    control_risk: float | None = None,
) -> float:
    r"""Variance of the effect in a study with two groups, if the effect is what is assumed.

    SMD: :math:`1/n_1 + 1/n_2 + d^2 / (2 (n_1 + n_2))`; MD: :math:`\sigma^2 (1/n_1 + 1/n_2)`;
    RR, OR and RD: the usual large-sample variances at the expected counts.

    Parameters
    ----------
    measure : {"SMD", "MD", "RR", "OR", "RD"}
    effect : float
        On the analysis scale.
    n_treated, n_control : float
        Group sizes.
    sd : float, optional
        Of both groups, for MD.
    control_risk : float, optional
        For RR, OR and RD.

    Raises
    ------
    DataError
        Where the measure is not known (POW006) or something it needs is missing or
        impossible (POW003).

    Examples
    --------
    >>> round(study_variance("SMD", 0.3, n_treated=10, n_control=10), 5)
    0.20225
    >>> round(study_variance("RR", -0.2231, n_treated=100, n_control=100, control_risk=0.2), 4)
    0.0925
    """
    if measure not in MEASURES:
        raise problems.unknown_choice("measure", measure, ", ".join(MEASURES))
    if not (n_treated > 0 and n_control > 0 and isfinite(n_treated + n_control)):
        raise problems.variance_unknown(f"groups of {n_treated:g} and {n_control:g}")
    if not isfinite(effect):
        raise problems.no_effect(f"effect {effect:g}")
    sizes = 1.0 / n_treated + 1.0 / n_control
    if measure == "SMD":
        return sizes + effect**2 / (2.0 * (n_treated + n_control))
    if measure == "MD":
        if sd is None or not (isfinite(sd) and sd > 0):
            raise problems.variance_unknown(f"MD with a standard deviation of {sd}")
        return sd**2 * sizes
    return _binary(measure, effect, n_treated, n_control, control_risk)


def _binary(measure: str, effect: float, n1: float, n2: float, control: float | None) -> float:
    if control is None or not 0.0 < control < 1.0:
        raise problems.variance_unknown(f"{measure} with a control risk of {control}")
    odds = control / (1.0 - control)
    treated = {
        "RD": lambda: control + effect,
        "RR": lambda: control * exp(effect),
        "OR": lambda: odds * exp(effect) / (1.0 + odds * exp(effect)),
    }[measure]()
    if not 0.0 < treated < 1.0:
        raise problems.variance_unknown(f"the effect would leave a risk of {treated:g}")
    if measure == "RD":
        return treated * (1 - treated) / n1 + control * (1 - control) / n2
    if measure == "RR":
        return (1 - treated) / (n1 * treated) + (1 - control) / (n2 * control)
    return 1.0 / (n1 * treated * (1 - treated)) + 1.0 / (n2 * control * (1 - control))
