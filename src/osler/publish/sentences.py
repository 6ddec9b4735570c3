"""Findings in words: the numbers of a result as a sentence can carry them."""

from dataclasses import dataclass

from osler.certainty.model import Absolute, Finding
from osler.core.wording import capital, counted, level_percent, round_half_up
from osler.effects.scales import Scale, interval, shown
from osler.publish.cells import (
    basis,
    denominator,
    difference,
    difference_range,
    method_name,
    people,
    scale_of_outcome,
)
from osler.synthesis.model import Pooled


@dataclass(frozen=True, slots=True)
class Said:
    """A result: ``lead`` is the number, ``rest`` what must stand beside it in brackets."""

    lead: str
    rest: str


def result(finding: Finding) -> Said:
    """A result with its interval, basis and certainty.

    Never a relative effect alone: a ratio comes with people in 100, or with the words
    that the trials do not tell how many.
    """
    synthesis, pooled = finding.synthesis, finding.synthesis.random
    scale = scale_of_outcome(finding.outcome)
    level = f"{level_percent(synthesis.level)} confidence interval"
    tail = f"{basis(finding)}; {finding.certainty.level.word} certainty"
    if finding.absolute is not None:
        return _with_people(finding.absolute, scale, pooled, level, tail)
    if scale.ratio:
        limits = interval(scale, pooled.ci_lower, pooled.ci_upper)
        unknown = "how many people that is cannot be worked out from the trials"
        lead = f"{scale.name} {shown(scale, pooled.estimate)}"
        return Said(lead, f"{level} {limits}; {unknown}; {tail}")
    limits = difference_range(scale, pooled.ci_lower, pooled.ci_upper)
    return Said(difference(scale, pooled.estimate), f"{level} {limits}; {tail}")


def _with_people(absolute: Absolute, scale: Scale, pooled: Pooled, level: str, tail: str) -> Said:
    of = denominator(absolute)
    lead = f"{people(absolute.risk, of)} of {of} instead of {people(absolute.baseline, of)} of {of}"
    limits = (
        f"{level} {people(absolute.risk_lower, of)} to {people(absolute.risk_upper, of)} of {of}"
    )
    if not scale.ratio:
        return Said(lead, f"{limits}; {tail}")
    relative = interval(scale, pooled.ci_lower, pooled.ci_upper)
    ratio = f"{scale.name} {shown(scale, pooled.estimate)}, {relative}"
    return Said(lead, f"{limits}; {ratio}; {tail}")


def more_or_fewer(absolute: Absolute) -> str:
    """How many more or fewer people, from the same whole numbers that are shown."""
    of = denominator(absolute)
    change = round_half_up(absolute.risk * of) - round_half_up(absolute.baseline * of)
    if change == 0:
        return f"no difference in {of}"
    return f"{abs(change)} {'more' if change > 0 else 'fewer'} in {of}"


def model_sentence(finding: Finding) -> str:
    """Which model gave the number, with every default named."""
    synthesis, pooled = finding.synthesis, finding.synthesis.random
    scale = scale_of_outcome(finding.outcome)
    logs = ", pooled as its logarithm" if scale.ratio else ""
    if finding.network is not None:
        return (
            f"{capital(scale.name)}{logs}, from the whole network of "
            f"{counted(finding.network.whole, 'trial')}: random effects with one variance between "
            f"trials (τ²) for all comparisons, estimated by {synthesis.heterogeneity.tau2_method}, "
            f"and a normal (Wald) {level_percent(synthesis.level)} interval. In the table each "
            "trial stands with what it compared itself, and its weight is what it contributes here."
        )
    if synthesis.k == 1:
        return (
            f"{capital(scale.name)}{logs}. One trial, so nothing was pooled: this is its own "
            f"result with a normal (Wald) {level_percent(synthesis.level)} interval."
        )
    return (
        f"{capital(scale.name)}{logs}; random effects, with the variance between trials (τ²) "
        f"estimated by {synthesis.heterogeneity.tau2_method} and a "
        f"{level_percent(synthesis.level)} interval by the {method_name(pooled.ci_method)} method. "
        "The common-effect result is shown beside it."
    )
