"""How numbers are written: the house style for tables, sentences and figures.

A true minus sign, "to" in ranges, as many decimals as the scale carries, ratios as
ratios (never logs). Everything here takes values on the analysis scale and gives text.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from osler.certainty.model import Absolute, Finding, Level
from osler.review.model import Outcome

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
NAMES = {
    "OR": "odds ratio",
    "RR": "risk ratio",
    "HR": "hazard ratio",
    "RD": "risk difference",
    "MD": "mean difference",
    "SMD": "standardised mean difference",
}
_FAR = math.log(1e6)  # ratios beyond it are only said to be there
RATIOS = frozenset({"OR", "RR", "HR"})
_METHODS = {
    "wald": "Wald",
    "HKSJ": "Hartung-Knapp",
    "HKSJ-adhoc": "Hartung-Knapp, never narrower than Wald",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """How one measure is shown: ``factor`` times the value, then ``decimals``, then ``unit``."""

    measure: str
    name: str
    ratio: bool
    factor: float
    decimals: int
    unit: str


def scale_of(measure: str, *, unit: str = "", span: float | None = None) -> Scale:
    """The scale of a measure.

    Parameters
    ----------
    measure : str
        "OR", "RR", "HR", "RD", "MD", "SMD"; any other is shown as it is.
    unit : str
        Of a mean difference.
    span : float, optional
        Range of the instrument (100 for 0-100), which sets the decimals of a mean
        difference: one from a range of 20 on, else two.

    Examples
    --------
    >>> scale_of("RD").unit
    'percentage points'
    """
    name = NAMES.get(measure, measure or "estimate")
    if measure in RATIOS:
        return Scale(measure, name, ratio=True, factor=1.0, decimals=2, unit="")
    if measure == "RD":
        return Scale(measure, name, False, 100.0, 1, "percentage points")
    if measure == "MD":
        decimals = 1 if span is None or span >= 20 else 2
        return Scale(measure, name, False, 1.0, decimals, typographic(unit))
    return Scale(measure, name, False, 1.0, 2, "standard deviations" if measure == "SMD" else "")


def scale_of_outcome(outcome: Outcome) -> Scale:
    """The scale that an outcome's pooled effect is shown on."""
    span = None if outcome.low is None or outcome.high is None else outcome.high - outcome.low
    return scale_of(outcome.measure, unit=outcome.unit or "points", span=span)


def number(value: float, decimals: int) -> str:
    """A number with a true minus sign; "–" where there is none.

    Examples
    --------
    >>> number(-0.04, 1), number(1234.5, 1)
    ('0.0', '1\u202f234.5')
    """
    if not math.isfinite(value):
        return "–"
    text = f"{abs(value):,.{decimals}f}".replace(",", NARROW_SPACE)
    negative = value < 0 and float(f"{value:.{decimals}f}") != 0
    return (MINUS if negative else "") + text


def significant(value: float) -> str:
    """Three figures, never in powers of ten.

    Examples
    --------
    >>> significant(38712.4), significant(28.83), significant(0.00412)
    ('38 712', '28.8', '0.00412')
    """
    if not math.isfinite(value) or value == 0:
        return "–" if value else "0"
    return number(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def typographic(text: str) -> str:
    """A text from the engine with true minus signs before its numbers.

    Examples
    --------
    >>> typographic("MD -16.0 (-21.3 to -10.6) on 0-100")
    'MD −16.0 (−21.3 to −10.6) on 0–100'
    """
    minus = re.sub(r"(?<![\w.)])-(?=\.?\d)", MINUS, text)
    return re.sub(r"(?<=\d)-(?=\d)", "–", minus)


def plain(value: float) -> str:
    """The shortest writing of a round number, for ticks.

    Examples
    --------
    >>> plain(-20.0), plain(0.5)
    ('−20', '0.5')
    """
    text = f"{abs(value):.10f}".rstrip("0").rstrip(".")
    return (MINUS if value < 0 and text != "0" else "") + text


def shown(scale: Scale, value: float) -> str:
    """One value of the analysis scale as a reader sees it.

    Examples
    --------
    >>> shown(scale_of("RR"), 0.0), shown(scale_of("RD"), -0.125)
    ('1.00', '−12.5')
    """
    if scale.ratio:
        return _ratio(value) if math.isfinite(value) else "–"
    return number(value * scale.factor, scale.decimals)


def _ratio(log: float) -> str:
    """Two decimals below 10, one below 100, none above; beyond a million only that it is."""
    if abs(log) > _FAR:
        return "< 0.000001" if log < 0 else f"> {number(1e6, 0)}"
    value = math.exp(log)
    if value < 0.01:
        return significant(value)
    return number(value, 2 if value < 10 else 1 if value < 100 else 0)


def interval(scale: Scale, lower: float, upper: float) -> str:
    """A range, joined by "to"; both ends with as many decimals, or figures.

    Examples
    --------
    >>> interval(scale_of("RR"), -0.9, 2.5), interval(scale_of("RR"), -4.9, 1.77)
    ('0.41 to 12.18', '0.007 to 5.871')
    >>> interval(scale_of("RR"), -9.0, 1.77)
    '0.000123 to 5.87'
    """
    if scale.ratio and all(math.isfinite(end) and abs(end) < _FAR for end in (lower, upper)):
        low, high = math.exp(lower), math.exp(upper)
        if low < 0.001 or high > 1000 * low:  # decimals for one would be too many for the other
            return f"{significant(low)} to {significant(high)}"
        decimals = 3 if low < 0.01 else 2 if low < 10 else 1 if low < 100 else 0
        return f"{number(low, decimals)} to {number(high, decimals)}"
    return f"{shown(scale, lower)} to {shown(scale, upper)}"


def estimate_cell(scale: Scale, estimate: float, lower: float, upper: float) -> str:
    """Estimate and interval for a table or figure.

    Examples
    --------
    >>> estimate_cell(scale_of("MD"), -16.0, -21.3, -10.6)
    '−16.0 (−21.3 to −10.6)'
    """
    return f"{shown(scale, estimate)} ({interval(scale, lower, upper)})"


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


def round_half_up(value: float) -> int:
    """Round to the nearest whole number, halves upwards as readers expect."""
    return math.floor(value + 0.5)


def percent(fraction: float, decimals: int = 0) -> str:
    """A fraction as a percentage.

    Examples
    --------
    >>> percent(0.684)
    '68%'
    """
    return f"{number(fraction * 100, decimals)}%"


def method_name(ci_method: str) -> str:
    """An interval method as a reader knows it.

    Examples
    --------
    >>> method_name("HKSJ")
    'Hartung-Knapp'
    """
    return _METHODS.get(ci_method, ci_method)


def p_value(p: float) -> str:
    """A p-value, with its sign of relation.

    Examples
    --------
    >>> p_value(0.0004), p_value(0.034)
    ('p < 0.001', 'p = 0.034')
    """
    if not math.isfinite(p):
        return "p not computed"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(1, "trial"), counted(2, "trial")
    ('1 trial', '2 trials')
    """
    return f"{number(count, 0)} {one if count == 1 else many or one + 's'}"


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
    """Trials and people behind a finding: "2 trials, 262 people"."""
    effects = finding.answer.effects
    return f"{counted(len(effects), 'trial')}, {participants([e.n for e in effects])}"


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


def capital(text: str) -> str:
    """The text with a capital at its start, the rest as it is.

    Examples
    --------
    >>> capital("NSAIDs"), capital("sham acupuncture")
    ('NSAIDs', 'Sham acupuncture')
    """
    return text[:1].upper() + text[1:]


def slug(text: str) -> str:
    """A name for addresses and ids: lower-case letters, digits and hyphens.

    Examples
    --------
    >>> slug("acupuncture vs sham / leg pain (0-100)")
    'acupuncture-vs-sham-leg-pain-0-100'
    """
    kept = "".join(c if c.isalnum() and c.isascii() else " " for c in text.lower())
    return "-".join(kept.split()) or "x"
