"""What effects are made from, and what they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile
from osler.core.results import Result, Why
from osler.core.wording import aligned, capital, counted, level_percent, number
from osler.effects.arms import Counts, Effect, Moments, Rate
from osler.effects.back import back
from osler.effects.measures import MEASURES
from osler.effects.scales import scale_of, shown

# A terminal shows this many studies; data frames have all.
_SHOWN_STUDIES = 40
_SHOWN_LABEL = 34
_WIDTH = 96


@dataclass(frozen=True, slots=True)
class ExcludedStudy:
    """A row that gives no effect, and why; ``row_number`` counts from 1."""

    label: str
    why: str
    row_number: int


@dataclass(frozen=True, slots=True, repr=False)
class Effects(Result):
    """One effect a study, computed from a table; see :func:`osler.estimate_effects`.

    Attributes
    ----------
    measure : str
        "RR", "SMD", ...
    studies : tuple of str
        Labels, no two alike.
    estimates, variances : tuple of float
        On the analysis scale (ratios as logs); finite, variances above 0.
    notes : tuple of str
        What was done in each study, "1/2 added to every cell"; "" where nothing.
    arms : mapping of str to array of shape (k,)
        What was reported, by role ("events_treated", "sd_control", ...), unchanged.
    data : mapping of str to sequence
        Every column of the table, rows in line with ``studies``.
    excluded : tuple of ExcludedStudy
        Rows left out, with the reason.
    conventions : tuple of str
        Every choice that was made, in words.
    row_numbers : tuple of int
        Where each study stood in the table, from 1.
    level : float
        Of the intervals that are shown.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    notes: tuple[str, ...]
    arms: Mapping[str, Floats]
    data: Mapping[str, Sequence[object]]
    excluded: tuple[ExcludedStudy, ...]
    conventions: tuple[str, ...]
    row_numbers: tuple[int, ...]
    level: float = 0.95

    def __len__(self) -> int:
        return len(self.studies)

    @property
    def label(self) -> str:
        """The measure's name in running text."""
        known = MEASURES.get(self.measure)
        return known.label if known else scale_of(self.measure).name

    def bounds(self) -> tuple[Floats, Floats]:
        """Ends of each study's own interval, by the normal distribution, analysis scale."""
        y, half = np.array(self.estimates), np.sqrt(self.variances)
        half = half * float(normal_quantile(0.5 + self.level / 2))
        return y - half, y + half

    def summary(self) -> str:
        head = f"{capital(self.label)} ({self.measure})" if self.measure else "Estimates"
        unit = scale_of(self.measure).unit
        told = f", {unit}" if unit else ""
        lines = [f"{head}, {counted(len(self), 'study', 'studies')}{told}", ""]
        lines += aligned([self._header(), *(self._row(i) for i in range(self._shown()))])
        if len(self) > self._shown():
            lines.append(f"... and {len(self) - self._shown()} more; to_frame() has them all")
        noted = [(s, n) for s, n in zip(self.studies, self.notes, strict=True) if n]
        if noted:
            lines += ["", "Notes"]
            lines += [part for s, n in noted for part in _folded(f"{s}: {n}")]
        if self.excluded:
            lines += ["", f"Left out: {counted(len(self.excluded), 'row')}"]
            for e in self.excluded:
                lines += _folded(f"{e.label} (row {e.row_number}): {e.why}")
        lines += ["", "Methods"]
        lines += [part for told in self.conventions for part in _folded(capital(told))]
        return "\n".join(lines)

    def columns(self) -> dict[str, list[object]]:
        lower, upper = self.bounds()
        out: dict[str, list[object]] = {
            "study": list(self.studies),
            "estimate": list(self.estimates),
            "variance": list(self.variances),
            "se": np.sqrt(self.variances).tolist(),
            "ci_lower": lower.tolist(),
            "ci_upper": upper.tolist(),
        }
        out |= {role: values.tolist() for role, values in self.arms.items()}
        out |= {"note": list(self.notes), "row_number": list(self.row_numbers)}
        return out

    def text(self) -> str:
        told = f"For {counted(len(self), 'study', 'studies')} we computed the {self.label}"
        known = MEASURES.get(self.measure)
        told += " on the log scale" if known and known.ratio else ""
        told += " with its sampling variance. " + " ".join(
            f"{capital(c)}." for c in self.conventions
        )
        changed = sum(bool(note) for note in self.notes)
        if changed:
            told += f" Something was added or inferred in {counted(changed, 'study', 'studies')}."
        if self.excluded:
            reasons = "; ".join(f"{e.label}: {e.why}" for e in self.excluded)
            rows = counted(len(self.excluded), "row")
            told += f" {rows} of the table gave no effect ({reasons})."
        return told.strip()

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        out: dict[str, Callable[[], Why]] = {}
        for i, study in enumerate(self.studies):
            out[f"{study}.estimate"] = partial(self._why, i, "estimate")
            out[f"{study}.variance"] = partial(self._why, i, "variance")
        return out

    def _shown(self) -> int:
        return min(len(self), _SHOWN_STUDIES)

    def _header(self) -> list[str]:
        on_scale = f"log {self.measure}" if self._is_log() else "estimate"
        percent = f"{level_percent(self.level)} CI"
        return ["Study", self.measure or "value", percent, on_scale, "variance"]

    def _is_log(self) -> bool:
        known = MEASURES.get(self.measure)
        return known.ratio if known else scale_of(self.measure).ratio

    def _row(self, i: int) -> list[str]:
        low, high = (float(ends[i]) for ends in self.bounds())
        estimate, variance = self.estimates[i], self.variances[i]
        name = self.studies[i]
        label = name if len(name) <= _SHOWN_LABEL else name[: _SHOWN_LABEL - 1] + "…"
        ends = f"{self._printed(low, i)} to {self._printed(high, i)}"
        return [label, self._printed(estimate, i), ends, number(estimate, 4), f"{variance:.4g}"]

    def _printed(self, x: float, i: int) -> str:
        """One value as a reader sees it, on the scale people think in."""
        scale = scale_of(self.measure)
        if self._is_log():
            ratio = scale if scale.ratio else scale_of("RR")
            return shown(ratio, x)
        known = MEASURES.get(self.measure)
        if known is None or known.back_by in ("", "identity"):
            return shown(scale, x)
        sizes = {role: float(self.arms[role][i]) for role in ("n", "time") if role in self.arms}
        return number(float(back(self.measure, x, **sizes)), 3)

    def _why(self, i: int, what: str) -> Why:
        known = MEASURES.get(self.measure)
        value = (self.estimates if what == "estimate" else self.variances)[i]
        formula = source = ""
        if known:
            formula = known.formula if what == "estimate" else known.variance_formula
            source = known.source
        how = f"{capital(self.label)} of {self.studies[i]}, on the analysis scale"
        how += f"; {self.notes[i]}." if self.notes[i] else "."
        inputs = tuple((role, float(values[i])) for role, values in self.arms.items())
        return Why(f"{self.studies[i]}.{what}", value, how, formula, inputs, source)


def _folded(text: str) -> list[str]:
    """A sentence on lines that fit a terminal, the later ones set in."""
    lines, line = [], " "
    for word in text.split():
        if len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = "   "
        line += f" {word}"
    return [*lines, line]


__all__ = ["Counts", "Effect", "Effects", "ExcludedStudy", "Moments", "Rate"]
