"""What can be wrong with the numbers handed to a synthesis, as diagnostics."""

from osler.core.diagnostics import Diagnostic, Place, Severity

_NOWHERE = Place("")


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    so = "nothing is pooled until it is corrected"
    return Diagnostic(code, Severity.ERROR, _NOWHERE, message, found, so, help_)


def no_studies(found: str) -> Diagnostic:
    return _error(
        "SYN001", "there is no study to pool", found, "give at least one estimate and its variance"
    )


def lengths_disagree(found: str) -> Diagnostic:
    return _error(
        "SYN002",
        "labels, estimates and variances are not of one length",
        found,
        "give one of each for every study",
    )


def variance_not_positive(whose: str, value: float) -> Diagnostic:
    return _error(
        "SYN003",
        "a variance is not above 0",
        f"{whose}: variance {value:g}",
        "a study known without error cannot be weighed; check it, or leave it out by name",
    )


def not_a_number(whose: str, estimate: float, variance: float) -> Diagnostic:
    return _error(
        "SYN004",
        "an estimate or a variance is not a finite number",
        f"{whose}: estimate {estimate:g}, variance {variance:g}",
        "leave the study out by name, or find the value",
    )


def unknown_method(kind: str, given: object, known: str) -> Diagnostic:
    return _error("SYN005", f"unknown {kind}", repr(given), f"use one of {known}")


def level_out_of_range(level: object) -> Diagnostic:
    return _error(
        "SYN006",
        "the confidence level does not lie between 0 and 0.999999",
        f"level {level!r}",
        "write 0.95 for 95 %",
    )


def beyond_computing(whose: str, estimate: float, variance: float) -> Diagnostic:
    return _error(
        "SYN007",
        "a number is too large or too small to compute with",
        f"{whose}: estimate {estimate:g}, variance {variance:g}",
        "check the unit in which the study is given",
    )


def weight_not_positive(whose: str, value: float) -> Diagnostic:
    return _error(
        "SYN012",
        "a weight is not above 0",
        f"{whose}: weight {value:g}",
        "give every study a weight above 0, or leave it out by name",
    )


def no_interval_with_own_weights(kind: str, method: str, known: str) -> Diagnostic:
    return _error(
        "SYN013",
        f"the {kind} method is not defined for weights of one's own",
        repr(method),
        f"use one of {known}, or leave the weights to the model",
    )


def no_common_tau2(method: str, known: str) -> Diagnostic:
    return _error(
        "SYN014",
        "the estimator of tau2 has no form with one tau2 for all subgroups",
        repr(method),
        f'use one of {known}, or tau2="separate"',
    )


def weights_far_apart(ratio: float) -> Diagnostic:
    return _error(
        "SYN015",
        "the weights of the studies are too far apart for the distribution of Q",
        f"the largest is {ratio:.3g} times the smallest",
        "check the variances; or use another estimator, interval or prediction",
    )


def no_draws(draws: int) -> Diagnostic:
    return _error(
        "SYN016",
        "a test by random patterns needs at least one of them",
        f"draws {draws}",
        "draw a thousand or more",
    )


def one_study(label: str) -> Diagnostic:
    return Diagnostic(
        "SYN011",
        Severity.WARNING,
        _NOWHERE,
        "there is only one study",
        label,
        "its own result is shown; heterogeneity and a prediction cannot be had",
        "look for further studies, and do not speak of a pooled result",
    )


def several_maxima(tau2: list[float]) -> Diagnostic:
    shown = ", ".join(f"{value:.4g}" for value in tau2)
    return Diagnostic(
        "SYN010",
        Severity.NOTE,
        _NOWHERE,
        "the restricted likelihood of tau2 has several maxima",
        f"at tau2 = {shown}",
        "the highest is used; other programs may stop at another",
        "compare with the PM estimate before resting much on this one",
    )
