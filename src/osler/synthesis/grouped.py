"""Results of pooling a table group by group."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, number
from osler.effects.scales import interval, scale_of, shown
from osler.synthesis.batch import SynthesisBatch
from osler.synthesis.groups import Runs
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise

# A terminal shows this many groups; data frames have all.
_SHOWN = 20


@dataclass(frozen=True, slots=True, repr=False)
class GroupedSynthesis(Result):
    """One synthesis a group; made by :func:`osler.pool` with ``by``.

    Attributes
    ----------
    measure, by : str
        The effect measure, and the column that named the groups.
    groups : array of shape (groups,)
        Their names, in order of first appearance.
    pooled : SynthesisBatch
        Arrays of shape (groups,); NaN where a group could not be pooled.
    problems : mapping of str to str
        Groups that could not be pooled, and why.
    left_out : array of shape (groups,)
        Rows with neither estimate nor variance.
    excluded : tuple of str
        Rows of the table that gave no effect, with the reason.
    methods : mapping of str to object
        As asked for; names as of :func:`osler.synthesise`.
    """

    measure: str
    by: str
    groups: NDArray[Any]
    pooled: SynthesisBatch
    problems: Mapping[str, str]
    left_out: NDArray[np.intp]
    excluded: tuple[str, ...]
    methods: Mapping[str, Any]
    _labels: NDArray[Any]
    _estimates: Floats
    _variances: Floats
    _runs: Runs

    def __len__(self) -> int:
        return len(self.groups)

    def group(self, name: object) -> Synthesis:
        """One group's whole synthesis, with its studies, its ``why()`` and its figures.

        Raises
        ------
        DataError
            Where there is no such group (SYN030), or it cannot be pooled (SYN001 to SYN007).
        """
        found = np.flatnonzero(self.groups == name)
        if not found.size:
            raise DataError(_no_such_group(name, self))
        start, length = self._runs.starts[found[0]], self._runs.lengths[found[0]]
        rows = np.arange(start, start + length)
        rows = rows[~(np.isnan(self._estimates[rows]) & np.isnan(self._variances[rows]))]
        return synthesise(
            [str(label) for label in self._labels[rows]],
            self._estimates[rows].tolist(),
            self._variances[rows].tolist(),
            measure=self.measure,
            **self.methods,
        )

    def columns(self) -> dict[str, list[object]]:
        problems = [self.problems.get(str(name), "") for name in self.groups]
        found: dict[str, list[object]] = {
            f.name: getattr(self.pooled, f.name).tolist() for f in fields(SynthesisBatch)
        }
        found |= {"left_out": self.left_out.tolist(), "problem": list(problems)}
        # A column called "k" or "se" must not take the place of the numbers.
        name = f"group_{self.by}" if self.by in found else self.by
        return {name: self.groups.tolist(), **found}

    def summary(self) -> str:
        scale = scale_of(self.measure)
        level = f"{self.methods.get('level', 0.95) * 100:g}% CI"
        head = [short(self.by), "k", self.measure or "Estimate", level, "tau²", "I²", "interval"]
        rows = [head]
        for i in range(min(len(self), _SHOWN)):
            p = self.pooled
            bounds = interval(scale, float(p.ci_lower[i]), float(p.ci_upper[i]))
            rows.append(
                [
                    short(str(self.groups[i])),
                    "–" if np.isnan(p.k[i]) else f"{p.k[i]:.0f}",
                    shown(scale, float(p.estimate[i])),
                    "" if np.isnan(p.estimate[i]) else bounds,
                    number(float(p.tau2[i]), 4),
                    "–" if np.isnan(p.i2[i]) else f"{p.i2[i] * 100:.0f}%",
                    str(p.ci_method[i]),
                ]
            )
        what = counted(len(self), "meta-analysis", "meta-analyses")
        lines = [f"{what} by {self.by!r}, random effects", "", *aligned(rows)]
        if len(self) > _SHOWN:
            lines.append(f"... and {len(self) - _SHOWN} more; to_frame() has them all")
        return "\n".join([*lines, *self._told_of_problems(), "", f"Methods: {self._methods()}"])

    def text(self) -> str:
        done = len(self) - len(self.problems)
        told = f"Random-effects meta-analyses were computed for {counted(done, 'group')} "
        told += f"({self._methods()})."
        if self.problems:
            told += f" {counted(len(self.problems), 'group')} could not be pooled."
        return told

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {f"{name}.estimate": partial(self._why, name) for name in self.groups.tolist()}

    def _why(self, name: object) -> Why:
        return replace(self.group(name).why("random.estimate"), name=f"{name}.estimate")

    def _methods(self) -> str:
        asked = {"tau2_method": "REML", "ci_method": "auto"} | dict(self.methods)
        return ", ".join(f"{key} {value}" for key, value in asked.items())

    def _told_of_problems(self) -> list[str]:
        lines = []
        if self.problems:
            lines = ["", f"{counted(len(self.problems), 'group')} could not be pooled:"]
            lines += [_within(f"{n}: {why}") for n, why in list(self.problems.items())[:5]]
            lines += [f"  ... and {more} more" for more in [len(self.problems) - 5] if more > 0]
        left_out = int(self.left_out.sum()) + len(self.excluded)
        if left_out:
            lines += ["", f"{counted(left_out, 'row')} left out"]
            lines += [_within(told) for told in self.excluded[:5]]
            lines += [f"  ... and {more} more" for more in [len(self.excluded) - 5] if more > 0]
        return lines


def _within(told: str) -> str:
    """Within the width of a terminal."""
    return textwrap.fill(told, 96, initial_indent="  ", subsequent_indent="    ")


def short(label: str, width: int = 28) -> str:
    """A name that leaves a table within its width."""
    line = " ".join(label.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def row_without_group(by: str, rows: Sequence[int]) -> Diagnostic:
    """Rows, counted from 1, that do not say to which group they belong."""
    told = ", ".join(str(row) for row in rows[:8])
    more = f", ... ({len(rows)} in all)" if len(rows) > 8 else ""
    return Diagnostic(
        "SYN031",
        Severity.ERROR,
        Place("", field=by),
        "a row does not name its group",
        found=f"column {by!r}, {'row' if len(rows) == 1 else 'rows'} {told}{more}",
        so="nothing is pooled until it is corrected",
        help="write the group, or leave the row out by name",
    )


def _no_such_group(name: object, result: GroupedSynthesis) -> Diagnostic:
    some = ", ".join(str(group) for group in result.groups[:8])
    more = f", ... ({len(result)} in all)" if len(result) > 8 else ""
    return Diagnostic(
        "SYN030",
        Severity.ERROR,
        Place("", field=result.by),
        f"there is no group {name!r}",
        found=f"groups: {some}{more}",
        so="there is nothing to show",
        help="ask for one of these, with its type (1 is not '1')",
    )
