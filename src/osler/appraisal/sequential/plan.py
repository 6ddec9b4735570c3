"""What a sequential analysis decides beforehand, checked."""

from dataclasses import dataclass

from osler.appraisal.sequential import problems
from osler.appraisal.sequential.information import (
    diversity,
    effect_of_reduction,
    pooled_variances,
    required_information,
    required_participants_binary,
    required_participants_mean,
)
from osler.core.arrays import Floats

BASES = ("information", "participants")


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided beforehand; ``effect`` is on the analysis scale."""

    effect: float
    alpha: float
    power: float
    spending: str
    heterogeneity: float
    heterogeneity_by: str
    basis: str
    required: float
    required_unadjusted: float
    control_risk: float
    sd: float


def plan_of(
    measure: str,
    v: Floats,
    tau2: float,
    effect: float | None,
    control_risk: float | None,
    reduction: float | None,
    sd: float | None,
    basis: str,
    alpha: float,
    power: float,
    spending: str,
    heterogeneity: str | float,
) -> Plan:
    if basis not in BASES:
        raise problems.unknown_choice("basis", basis, ", ".join(BASES))
    if effect is None and control_risk is not None and reduction is not None:
        effect = effect_of_reduction(measure, control_risk, reduction)
    if effect is None:
        raise problems.no_relevant_effect("neither an effect nor a risk reduction was given")
    needed = required_information(effect, alpha=alpha, power=power)
    if basis == "participants":
        needed = _participants_needed(effect, control_risk, reduction, sd, alpha, power)
    share, words = _heterogeneity(heterogeneity, v, tau2)
    return Plan(
        effect=float(effect),
        alpha=alpha,
        power=power,
        spending=spending,
        heterogeneity=share,
        heterogeneity_by=words,
        basis=basis,
        required=needed / (1.0 - share),
        required_unadjusted=needed,
        control_risk=float("nan") if control_risk is None else control_risk,
        sd=float("nan") if sd is None else sd,
    )


def _participants_needed(
    effect: float,
    control_risk: float | None,
    reduction: float | None,
    sd: float | None,
    alpha: float,
    power: float,
) -> float:
    if control_risk is not None and reduction is not None:
        return required_participants_binary(control_risk, reduction, alpha=alpha, power=power)
    if sd is not None:
        return required_participants_mean(effect, sd, alpha=alpha, power=power)
    raise problems.no_relevant_effect(
        'basis="participants" without control_risk and reduction, or sd'
    )


def _heterogeneity(given: str | float, v: Floats, tau2: float) -> tuple[float, str]:
    if given == "diversity":
        share = diversity(*pooled_variances(v, tau2))
        if share > 1.0 - 1e-9:
            raise problems.heterogeneity_out_of_range(share)
        return share, "diversity D² of all studies"
    if given == "none":
        return 0.0, "no adjustment"
    if isinstance(given, (str, bool)) or not 0.0 <= given < 1.0:
        raise problems.heterogeneity_out_of_range(given)
    return float(given), "stated"
