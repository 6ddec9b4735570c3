"""How numbers are written: the house style for tables, sentences and figures.

A true minus sign, "to" in ranges, as many decimals as the scale carries, ratios as
ratios (never logs). Everything here takes values on the analysis scale and gives text.
"""

from collections.abc import Sequence

from osler.certainty.model import Absolute, Finding, Level
from osler.core.wording import counted, number, plain, round_half_up
from osler.effects.scales import Scale, scale_of
from osler.review.model import Outcome
from osler.synthesis.intervals import CI_NAMES

# Shorter than the engine's own names: for the foot of a figure on a page.
_METHODS = {
    "Wald": "Wald",
    "HKSJ": "Hartung-Knapp",
    "HKSJ-adhoc": "Hartung-Knapp, never narrower than Wald",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def scale_of_outcome(outcome: Outcome) -> Scale:
    """The scale that an outcome's pooled effect is shown on."""
    span = None if outcome.low is None or outcome.high is None else outcome.high - outcome.low
    return scale_of(outcome.measure, unit=outcome.unit or "points", span=span)


def difference(scale: Scale, value: float) -> str:
    """A difference in words.

    Examples
    --------
    >>> difference(scale_of("MD", unit="points"), -11.94)
    '11.9 points lower'
    >>> difference(scale_of("MD", unit="points on a scale of 0 to 100"), 3.0)
    '3.0 points higher on a scale of 0 to 100'
    """
    noun, on, instrument = scale.unit.partition(" on ")
    way = "higher" if value > 0 else "lower"
    words = (_size(scale, value), noun, f"{way}{on}{instrument}")
    return " ".join(word for word in words if word)


def difference_range(scale: Scale, lower: float, upper: float) -> str:
    """An interval of a difference in words; the direction is said once where it is the same.

    Examples
    --------
    >>> difference_range(scale_of("MD"), -20.4, -3.4)
    '3.4 to 20.4 lower'
    >>> difference_range(scale_of("MD"), -6.0, 1.8)
    '6.0 lower to 1.8 higher'
    """
    if upper <= 0:
        return f"{_size(scale, upper)} to {_size(scale, lower)} lower"
    if lower >= 0:
        return f"{_size(scale, lower)} to {_size(scale, upper)} higher"
    return f"{_size(scale, lower)} lower to {_size(scale, upper)} higher"


def _size(scale: Scale, value: float) -> str:
    return number(abs(value) * scale.factor, scale.decimals)


def denominator(absolute: Absolute) -> int:
    """People to count among: 100, or 1000 where one of the risks is below 1 in 100.

    One denominator serves both groups: a reader cannot compare 3 in 100 with 8 in 1000.
    """
    return 100 if min(absolute.baseline, absolute.risk) >= 0.01 else 1000


def people(risk: float, of: int) -> str:
    """A risk as whole people."""
    return number(round_half_up(risk * of), 0)


def method_name(ci_method: str) -> str:
    """An interval method as a reader knows it.

    Examples
    --------
    >>> method_name("HKSJ")
    'Hartung-Knapp'
    """
    return _METHODS.get(ci_method) or CI_NAMES.get(ci_method, ci_method)


def participants(numbers: Sequence[int | None]) -> str:
    """How many people took part, saying so where a trial does not tell.

    Examples
    --------
    >>> participants([220, 42]), participants([220, None])
    ('262 people', 'at least 220 people')
    """
    known = [n for n in numbers if n is not None]
    if not known:
        return "number of people not reported"
    total = counted(sum(known), "person", "people")
    return total if len(known) == len(numbers) else f"at least {total}"


def basis(finding: Finding) -> str:
    """Trials and people behind a finding: "2 trials, 262 people"; of a network, how many direct."""
    effects = finding.answer.effects
    people = participants([e.n for e in effects])
    if finding.network is None:
        return f"{counted(len(effects), 'trial')}, {people}"
    direct = finding.network.trials
    how = f"{direct} of them of these two" if direct else "none of them of these two"
    return f"a network of {counted(len(effects), 'trial')}, {how}, {people}"


def symbol(level: Level) -> str:
    """GRADE's four circles.

    Examples
    --------
    >>> symbol(Level.LOW)
    '⊕⊕⊝⊝'
    """
    return "\u2295" * int(level) + "\u229d" * (4 - int(level))


def weeks(value: float | None) -> str:
    """A follow-up time.

    Examples
    --------
    >>> weeks(4.0), weeks(1.0), weeks(None)
    ('4 weeks', '1 week', 'time not reported')
    """
    if value is None:
        return "time not reported"
    return f"{plain(round(value, 1))} {'week' if value == 1 else 'weeks'}"


def weeks_range(values: Sequence[float | None]) -> str:
    """First to last follow-up time of several trials.

    Examples
    --------
    >>> weeks_range([4.0, 12.0, None]), weeks_range([4.0, 4.0])
    ('4 to 12 weeks', '4 weeks')
    """
    known = sorted(v for v in values if v is not None)
    if not known:
        return weeks(None)
    first, last = round(known[0], 1), round(known[-1], 1)
    return weeks(first) if first == last else f"{plain(first)} to {plain(last)} weeks"


def date_text(iso: str) -> str:
    """A date as people write it; what is not YYYY-MM-DD is returned as it stands.

    Examples
    --------
    >>> date_text("2025-03-07")
    '7 March 2025'
    """
    parts = iso.split("-")
    if len(parts) != 3 or not all(p.isdigit() for p in parts) or not 1 <= int(parts[1]) <= 12:
        return iso
    return f"{int(parts[2])} {_MONTHS[int(parts[1]) - 1]} {parts[0]}"


def slug(text: str) -> str:
    """A name for addresses and ids: lower-case letters, digits and hyphens.

    Examples
    --------
    >>> slug("acupuncture vs sham / leg pain (0-100)")
    'acupuncture-vs-sham-leg-pain-0-100'
    """
    kept = "".join(c if c.isalnum() and c.isascii() else " " for c in text.lower())
    return "-".join(kept.split()) or "x"
