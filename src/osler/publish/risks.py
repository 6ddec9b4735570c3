"""Risks with and without a treatment, at each stated baseline risk."""

from collections.abc import Sequence

from osler.certainty.model import Absolute, Finding
from osler.certainty.numbers_needed import number_needed
from osler.core.wording import level_percent, percent, round_half_up
from osler.publish.cells import denominator, people
from osler.publish.sheets import Line


def absolutes_of(finding: Finding) -> tuple[Absolute, ...]:
    """The absolute effects of a finding, lowest baseline first; the one, where only it is known."""
    one = (finding.absolute,) if finding.absolute else ()
    return tuple(sorted(finding.absolutes, key=lambda a: a.baseline)) or one


def common_denominator(absolutes: Sequence[Absolute]) -> int:
    """One number of people for all rows: 3 in 100 cannot be compared with 8 in 1000."""
    return max(denominator(absolute) for absolute in absolutes)


def risk_lines(
    finding: Finding, *, numbers_needed: bool = False, median_only: bool = False
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Lines with the comparator and with the intervention: the median risk, then the others.

    Both are empty where no risk is known.
    """
    absolutes = absolutes_of(finding)
    if not absolutes:
        return (), ()
    of = common_denominator(absolutes)
    middle = next((a for a in absolutes if a.name == "median"), absolutes[0])
    others = [a for a in absolutes if a is not middle and not median_only]
    low_and_high = ", ".join(f"{a.name} {people(a.baseline, of)}" for a in others)
    before = [Line(risk_text(middle.baseline, of))]
    if others:
        before.append(Line(f"{low_and_high} of {of}", "quiet"))
    after = [
        Line(risk_text(middle.risk, of), "strong"),
        Line(f"{_interval(finding, middle, of)}; {change_text(middle, of)}", "quiet"),
    ]
    if numbers_needed:
        after.append(Line(f"number needed to treat: {_needed(finding, middle)}", "quiet"))
    for other in others:
        text = f"at {other.name} risk: {people(other.risk, of)} of {of}"
        needed = f"; {_needed(finding, other)}" if numbers_needed else ""
        told = f"{_interval(finding, other, of)}; {change_text(other, of)}{needed}"
        after.append(Line(f"{text}; {told}", "quiet"))
    return tuple(before), tuple(after)


def _needed(finding: Finding, absolute: Absolute) -> str:
    return number_needed(absolute, finding.outcome.better).text()


def risk_text(risk: float, of: int) -> str:
    """A risk as people and as a percentage, both of the same whole number.

    Examples
    --------
    >>> risk_text(0.325, 100), risk_text(0.0136, 1000)
    ('33 of 100 (33%)', '14 of 1000 (1.4%)')
    """
    whole = round_half_up(risk * of)
    return f"{people(risk, of)} of {of} ({percent(whole / of, 0 if of == 100 else 1)})"


def sources_text(finding: Finding) -> str:
    """Where the baseline risks come from, as a note; empty where none is known."""
    absolutes = absolutes_of(finding)
    if len(absolutes) < 2:
        return "".join(f"Risk to start from: {a.baseline_source}." for a in absolutes)
    told = "; ".join(f"{a.name}, {a.baseline_source}" for a in absolutes)
    return f"Risks to start from: {told}."


def _interval(finding: Finding, absolute: Absolute, of: int) -> str:
    low, high = people(absolute.risk_lower, of), people(absolute.risk_upper, of)
    return f"{level_percent(finding.synthesis.level)} CI {low} to {high} of {of}"


def change_text(absolute: Absolute, of: int) -> str:
    """How many more or fewer people, from the same whole numbers that are shown.

    Examples
    --------
    >>> change_text(Absolute(0.41, 0.68, 0.52, 0.89, ""), 100)
    '27 more in 100'
    """
    change = round_half_up(absolute.risk * of) - round_half_up(absolute.baseline * of)
    if change == 0:
        return f"no difference in {of}"
    return f"{abs(change)} {'more' if change > 0 else 'fewer'} in {of}"
