"""What a reader should know of a regression before trusting its numbers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osler.synthesis.regression.model import Regression


def notes_of(model: "Regression") -> tuple[str, ...]:
    """In the order in which they are told."""
    fit = model.fit
    notes: list[str] = list(model.scale.notes) if model.scale else []
    if model.scale is None and len(model.maxima) > 1:
        told = ", ".join(f"{value:.4g}" for value in model.maxima)
        notes.append(
            f"The likelihood of tau2 has several maxima, at {told}; the highest is used, "
            "other programs may stop at another."
        )
    if model.r2_raw < 0:
        notes.append(
            f"tau2 is larger with the moderators than without: R² is {100 * model.r2_raw:.1f}% "
            "and is reported as 0."
        )
    if fit.own is not None:
        notes.append(
            "Weights are as given, not the inverse variances; standard errors allow for that."
        )
    if fit.ci_method == "HKSJ" and fit.s2 < 1.0 and model.tau2 == 0 and fit.own is None:
        notes.append(
            "tau2 is 0 and the estimates agree more than chance allows: HKSJ intervals are "
            "narrower here than those of the common-effect model; compare with 'HKSJ-adhoc'."
        )
    moderators = len(fit.design.moderators)
    if moderators and fit.k < 10 * moderators:
        notes.append(
            f"{fit.k} studies for {moderators} moderator columns: fewer than 10 for each; "
            "expect unstable coefficients."
        )
    if fit.design.intercept is None:
        notes.append("No intercept: the test of moderators asks whether all coefficients are 0.")
    return tuple(notes)
