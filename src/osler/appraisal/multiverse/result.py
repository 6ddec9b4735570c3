"""What a grid of analyses gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from math import isfinite, isnan, nan

import numpy as np

from osler.appraisal.influence.studies import laid_out, scale_of_studies, short, told
from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, level_percent, number, percent
from osler.effects.scales import Scale, estimate_cell, interval, shown

CHOICES = ("measure", "zero_cells", "exclusion", "model", "ci_method")
_WORDS = {
    "measure": "Measure",
    "zero_cells": "Zero cells",
    "exclusion": "Exclusion",
    "model": "Model",
    "ci_method": "Interval",
}
_SOURCE = (
    "Steegen et al. (2016), Perspect Psychol Sci 11, 702-712; Voracek, Kossmeier & Tran (2019), "
    "Z Psychol 227, 64-82"
)


@dataclass(frozen=True, slots=True)
class Specification:
    """One way to do the analysis, and what it gives, on the analysis scale.

    ``model`` is "common effect", or the estimator of tau2; ``ci_method`` is the one asked for.
    ``beyond_mid`` tells whether the estimate is at least as far from no effect as the smallest
    important effect, in the direction of the main specification.
    """

    measure: str
    zero_cells: str
    exclusion: str
    model: str
    ci_method: str
    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float
    tau2: float
    i2: float
    same_direction: bool
    excludes_no_effect: bool
    beyond_mid: bool
    wholly_beyond_mid: bool

    @property
    def z(self) -> float:
        """Estimate over standard error; NaN where that is 0."""
        return self.estimate / self.se if self.se > 0 else nan

    @property
    def name(self) -> str:
        parts = (self.measure, self.zero_cells, self.exclusion, self.model, self.ci_method)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, repr=False)
class Multiverse(Result):
    """The grid; ``specifications[0]`` is the main one.

    Attributes
    ----------
    specifications : tuple of Specification
    shares : mapping of str to float
        For each choice with several options the share of the variance over specifications
        that its options explain, each choice by itself; of the estimates, or of z where
        measures differ (``shares_of`` says which). They need not add up to 1.
    left_out : tuple of (str, str)
        Specifications that could not be computed, and why.
    notes : tuple of str
        Rows of the table that gave no effect, and why.
    """

    specifications: tuple[Specification, ...]
    shares: Mapping[str, float]
    shares_of: str
    mid: Mapping[str, float]
    left_out: tuple[tuple[str, str], ...]
    level: float
    typical_variance: float
    notes: tuple[str, ...] = ()

    @property
    def main(self) -> Specification:
        return self.specifications[0]

    @property
    def decisive(self) -> str:
        """The choice that explains most of the variance; empty where nothing varies."""
        known = {name: share for name, share in self.shares.items() if isfinite(share)}
        return max(known, key=lambda name: known[name]) if known else ""

    def count(self, what: str) -> int:
        """How many specifications hold "same_direction", "excludes_no_effect", ..."""
        return sum(getattr(s, what) for s in self.specifications)

    def holds(self) -> int:
        """How many agree with the main one on direction, and on excluding the null."""
        main = self.main.excludes_no_effect
        found = self.specifications
        return sum(s.same_direction and s.excludes_no_effect == main for s in found)

    def curve(self) -> tuple[int, ...]:
        """Positions of the specifications by rising estimate (by z where measures differ)."""
        by = [s.estimate if self.shares_of == "estimate" else s.z for s in self.specifications]
        return tuple(np.argsort(by, kind="stable").tolist())

    def summary(self) -> str:
        scale = self._scale()
        total = len(self.specifications)
        beside = " (shares stand beside each choice)." if self.decisive else "."
        unit = "estimate" if self.shares_of != "estimate" else scale.measure or "estimate"
        table = [["Choice", "Option", "n", f"Median {unit}", "Range", "Excludes null"]]
        for name in self.shares:
            table += self._rows(name, scale)
        lines = [
            (
                f"{percent(self.holds() / total)} of {counted(total, 'specification')} agree with "
                "the main one on the direction and on whether the interval excludes the null."
            ),
            (
                f"Same direction: {self._of('same_direction')}. Interval excludes the null in "
                f"that direction: {self._of('excludes_no_effect')}.{self._mid_words(scale)}"
            ),
            self._decisive_words() + beside,
            self._main_words(),
            *(f"Could not be computed: {name}: {why}." for name, why in self.left_out[:5]),
            *([f"... and {len(self.left_out) - 5} more."] if len(self.left_out) > 5 else []),
            *self.notes,
        ]
        head = f"Multiverse: {counted(total, 'specification')} of the analysis"
        return laid_out(head, aligned(table, left=2), *lines)

    def columns(self) -> dict[str, list[object]]:
        names = [f.name for f in fields(Specification)]
        found: dict[str, list[object]] = {
            name: [getattr(s, name) for s in self.specifications] for name in names
        }
        rank = np.empty(len(self.specifications), int)
        rank[list(self.curve())] = np.arange(1, len(self.specifications) + 1)
        return {"rank": rank.tolist(), **found}

    def text(self) -> str:
        total = len(self.specifications)
        names = [_WORDS[name].lower() for name in self.shares] or ["nothing"]
        varied = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
        return (
            f"We repeated the analysis in {counted(total, 'specification')}, all combinations of "
            f"defensible choices of {varied}. Of these, {self.count('same_direction')} had the "
            f"direction of the main analysis ({self.main.name}: {self._told(self.main)}), and in "
            f"{self.count('excludes_no_effect')} the {level_percent(self.level)} interval excluded "
            f"the null in that direction.{self._mid_words(self._scale())} {self._decisive_words()}."
            + "".join(f" {note}" for note in self.notes)
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {f"shares.{name}": partial(self._why, name) for name in self.shares}

    def _why(self, name: str) -> Why:
        if isnan(self.shares[name]):
            how = f"All specifications give one and the same {self.shares_of}: nothing varies."
            return Why(f"shares.{name}", "none", how)
        values = outcomes(self.specifications, self.shares_of)
        levels = self._levels(name)
        options = np.array([getattr(s, name) for s in self.specifications])
        means = [(level, float(np.nanmean(values[options == level]))) for level in levels]
        return Why(
            f"shares.{name}",
            self.shares[name],
            f"Of the variance of {self.shares_of} over specifications, the part that lies "
            f"between the options of {_WORDS[name].lower()}.",
            "Σ n_g (m_g − m)² / Σ (xᵢ − m)²",
            tuple((f"mean, {level or 'none'}", mean) for level, mean in means),
            _SOURCE,
        )

    def _levels(self, name: str) -> list[str]:
        return list(dict.fromkeys(getattr(s, name) for s in self.specifications))

    def _rows(self, name: str, scale: Scale) -> list[list[str]]:
        rows: list[list[str]] = []
        for level in self._levels(name):
            found = [s for s in self.specifications if getattr(s, name) == level]
            own = scale_of_studies(level, (self.typical_variance,)) if name == "measure" else scale
            mixed = name != "measure" and self.shares_of != "estimate"
            values = [s.estimate for s in found]
            excluded = sum(s.excludes_no_effect for s in found) / len(found)
            first = f"{_WORDS[name]} ({self._share(name)})" if not rows else ""
            rows.append(
                [
                    first,
                    short(level or "none", 28),
                    str(len(found)),
                    "–" if mixed else shown(own, float(np.median(values))),
                    "–" if mixed else interval(own, min(values), max(values)),
                    percent(excluded),
                ]
            )
        return rows

    def _share(self, name: str) -> str:
        share = self.shares[name]
        return "–" if isnan(share) else percent(share)

    def _scale(self) -> Scale:
        return scale_of_studies(self.main.measure, (self.typical_variance,))

    def _cell(self, s: Specification) -> str:
        scale = scale_of_studies(s.measure, (self.typical_variance,))
        return estimate_cell(scale, s.estimate, s.ci_lower, s.ci_upper)

    def _told(self, s: Specification) -> str:
        scale = scale_of_studies(s.measure, (self.typical_variance,))
        return told(scale, s.estimate, s.ci_lower, s.ci_upper, self.level)

    def _of(self, what: str) -> str:
        count, total = self.count(what), len(self.specifications)
        return f"{number(count, 0)} of {number(total, 0)} ({percent(count / total)})"

    def _mid_words(self, scale: Scale) -> str:
        if not self.mid:
            return ""
        return (
            f" Estimate beyond the smallest important effect: {self._of('beyond_mid')}; the whole "
            f"interval: {self._of('wholly_beyond_mid')}."
        )

    def _main_words(self) -> str:
        interval = f"{level_percent(self.level)} interval"
        return f"Main: {self.main.name}: {self._cell(self.main)}, {interval}."

    def _decisive_words(self) -> str:
        if not self.decisive:
            return "No choice makes a difference"
        of = "the estimate" if self.shares_of == "estimate" else self.shares_of
        return (
            f"The choice that matters most is {_WORDS[self.decisive].lower()}: it explains "
            f"{percent(self.shares[self.decisive])} of the variance of {of} over specifications"
        )


# Pooled estimates of one and the same mean agree to about this, relative to it.
ROUNDING = 1e-12


def outcomes(specifications: tuple[Specification, ...], of: str) -> Floats:
    """What the variance is taken of: estimates, or z."""
    return np.array([s.estimate if of == "estimate" else s.z for s in specifications])


def variance_share(values: Floats, levels: list[str], least: float = 0.0) -> float:
    """Share of the sum of squares that lies between levels; NaN where nothing varies.

    Differences up to ``least``, or of rounding alone, are none.

    Examples
    --------
    >>> variance_share(np.array([1.0, 1.0, 3.0, 3.0]), ["a", "a", "b", "b"])
    1.0
    """
    kept = np.isfinite(values)
    x, names = values[kept], np.array(levels)[kept]
    if x.size < 2:
        return nan
    unit = float(np.abs(x - x[0]).max())
    # What differs by rounding alone does not vary: by the order of sums it would get a share.
    if unit <= max(least, ROUNDING * float(np.abs(x).max())):
        return nan
    x = (x - x[0]) / unit
    whole = float(((x - x.mean()) ** 2).sum())
    parts = [x[names == name] for name in dict.fromkeys(names.tolist())]
    between = sum(part.size * (float(part.mean()) - float(x.mean())) ** 2 for part in parts)
    return float(min(1.0, between / whole))
