"""How effects are shown: ratios as ratios, never as logs, with the decimals of their scale."""

import math
from dataclasses import dataclass

from osler.core.wording import number, significant, typographic
from osler.effects.back import back
from osler.effects.measures import MEASURES, is_ratio

# Measures that are reported and never computed here.
_REPORTED = {"HR": "hazard ratio"}
_FAR = math.log(1e6)  # ratios beyond it are only said to be there
# Their way back needs a group size, which a pooled value has not.
_NEED_A_SIZE = ("PFT", "IRFT")


@dataclass(frozen=True, slots=True)
class Scale:
    """How one measure is shown: ``factor`` times the value, then ``decimals``, then ``unit``.

    ``back`` tells that the value first goes back to the printed scale: a logit becomes a
    proportion, Fisher's z a correlation. Ratios do so too, with decimals of their own.
    """

    measure: str
    name: str
    ratio: bool
    factor: float
    decimals: int
    unit: str
    back: bool = False


def scale_of(measure: str, *, unit: str = "", span: float | None = None) -> Scale:
    """The scale of a measure.

    Parameters
    ----------
    measure : str
        As in ``MEASURES``, or "HR"; any other is shown as it is.
    unit : str
        Of a mean difference.
    span : float, optional
        Range of the instrument (100 for 0-100), which sets the decimals of a mean
        difference: one from a range of 20 on, else two.

    Examples
    --------
    >>> scale_of("RD").unit
    'percentage points'
    >>> shown(scale_of("PLO"), 0.0)
    '0.500'
    """
    known = MEASURES.get(measure)
    name = known.label if known else _REPORTED.get(measure, measure or "estimate")
    if is_ratio(measure):
        return Scale(measure, name, ratio=True, factor=1.0, decimals=2, unit="")
    if measure == "RD":
        return Scale(measure, name, False, 100.0, 1, "percentage points")
    if measure == "MD":
        decimals = 1 if span is None or span >= 20 else 2
        return Scale(measure, name, False, 1.0, decimals, typographic(unit))
    if known and known.back_by not in ("", "identity") and measure not in _NEED_A_SIZE:
        return Scale(measure, name, False, 1.0, 3, "", back=True)
    return Scale(measure, name, False, 1.0, 2, "standard deviations" if measure == "SMD" else "")


def shown(scale: Scale, value: float) -> str:
    """One value of the analysis scale as a reader sees it.

    Examples
    --------
    >>> shown(scale_of("RR"), 0.0), shown(scale_of("RD"), -0.125)
    ('1.00', '−12.5')
    """
    if scale.ratio:
        return _ratio(value) if math.isfinite(value) else "–"
    if scale.back and math.isfinite(value):
        value = float(back(scale.measure, value))
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
