"""The likelihood as a function of one component, the others at their best."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_quantile
from osler.core.results import Result, Why
from osler.core.wording import aligned, level_percent, number, significant
from osler.synthesis.multilevel import problems
from osler.synthesis.multilevel.components import Setting, setting_of
from osler.synthesis.multilevel.core import Problem, Solution, component_values
from osler.synthesis.multilevel.fitted import Fitted
from osler.synthesis.multilevel.likelihood import Likelihood, split
from osler.synthesis.multilevel.search import climb
from osler.synthesis.multilevel.structures import Natural, Spherical, Structure

# Least drop of the log-likelihood, over the whole profile, that counts as information.
_FLAT = 1e-4
# Log-likelihoods are compared to this many units.
_EXACT = 1e-10


@dataclass(frozen=True, slots=True, repr=False)
class Profile(Result):
    """Log-likelihood over the values of one component.

    Attributes
    ----------
    component : str
    values, log_likelihoods : tuple of float
    estimate, highest : float
        The component at the maximum, and the log-likelihood there.
    identified : bool
        False where the profile is flat: the data do not tell the component.
    notes : tuple of str
    """

    component: str
    values: tuple[float, ...]
    log_likelihoods: tuple[float, ...]
    estimate: float
    highest: float
    identified: bool
    notes: tuple[str, ...]

    def summary(self) -> str:
        rows = [["value", "log-likelihood", "below the maximum"]]
        for value, height in zip(self.values, self.log_likelihoods, strict=True):
            rows.append([significant(value), number(height, 4), number(self.highest - height, 4)])
        state = "identified" if self.identified else "NOT identified: the profile is flat"
        head = f"Profile of {self.component}: {significant(self.estimate)}, {state}"
        return "\n".join([head, "", *aligned(rows, left=0), *(f"note: {n}" for n in self.notes)])

    def columns(self) -> dict[str, list[object]]:
        return {"value": list(self.values), "log_likelihood": list(self.log_likelihoods)}

    def text(self) -> str:
        said = "has a clear peak" if self.identified else "is flat"
        return f"The profile of the likelihood over {self.component} {said}."

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"log_likelihoods": self._why}

    def _why(self) -> Why:
        return Why(
            "log_likelihoods",
            self.log_likelihoods,
            "At each value the component is held and all others are fitted anew.",
            "ℓ(θ) = max over the others of ℓ(θ, others)",
            (("values", self.values),),
            "Pawitan 2001, In All Likelihood, chapter 3",
        )


@dataclass(frozen=True, slots=True)
class ComponentInterval:
    """Profile-likelihood interval of one component; a bound at an end of the range is the end.

    ``lower`` or ``upper`` is NaN where the likelihood never falls far enough.
    """

    component: str
    estimate: float
    lower: float
    upper: float
    level: float
    notes: tuple[str, ...]

    def __str__(self) -> str:
        bounds = f"{significant(self.lower)} to {significant(self.upper)}"
        interval = f"{level_percent(self.level)} CI {bounds}"
        return f"{self.component} {significant(self.estimate)} ({interval})"


@dataclass(frozen=True, slots=True)
class _Held:
    """The likelihood with one component held, as a function of its value."""

    likelihood: Likelihood
    setting: Setting
    place: int
    structure: Structure
    which: int
    natural: Natural
    unit2: float

    def at(self, value: float, start: Floats) -> tuple[float, Floats]:
        """Log-likelihood at the value, and where the other coordinates ended."""
        scaled = value / self.unit2 if self.natural.kind == "variance" else value
        z = start.copy()
        z[self.place] = self.structure.coordinate_of(self.which, scaled)
        found = climb(self.likelihood.at, z, self.setting.free, 1e-12)
        return found.height + self.likelihood.constant, found.z


def _held(problem: Problem, solution: Solution, name: str) -> tuple[_Held, Floats]:
    """The held likelihood, and its coordinates at the maximum."""
    kept = dict(zip(solution.setting.names, component_values(solution), strict=True))
    if name not in kept or name in solution.setting.held:
        known = [n for n in solution.setting.names if n not in solution.setting.held]
        raise DataError(problems.no_component(name, known))
    unit2 = solution.likelihood.data.unit**2
    hold = {n: kept[n] for n in (*solution.setting.held, name)}
    setting = setting_of(problem.terms, hold, solution.likelihood.data.unit)
    likelihood = replace(solution.likelihood, terms=setting.terms)
    if likelihood.chain is None:
        likelihood = replace(likelihood, layout=replace(likelihood.layout, terms=setting.terms))
    at = first = 0
    for term in setting.terms:
        naturals = term.structure.naturals
        which = setting.names.index(name) - first
        if which < len(naturals):
            place = at + naturals[which].coordinate
            held = _Held(likelihood, setting, place, term.structure, which, naturals[which], unit2)
            return held, _moved(solution, setting)
        at += term.structure.coordinates
        first += len(naturals)
    raise AssertionError(name)


def _moved(solution: Solution, setting: Setting) -> Floats:
    """The maximum in the coordinates of the setting in which the component can be held."""
    before = [term.structure for term in solution.setting.terms]
    parts = []
    for old, part, term in zip(
        before, split(solution.maximum.z, before), setting.terms, strict=True
    ):
        new = term.structure
        if isinstance(new, Spherical) and not isinstance(old, Spherical):
            part = new.at(old.covariance(part))
        parts.append(part)
    return np.concatenate(parts)


def profile_of(fitted: Fitted, name: str, points: int) -> Profile:
    """See :meth:`Multilevel.profile`."""
    held, z = _held(fitted.problem, fitted.solution, name)
    estimate = component_values(fitted.solution)[fitted.solution.setting.names.index(name)]
    grid = _grid(fitted, name, held, estimate, points)
    centre = int(np.argmin(np.abs(grid - estimate)))
    heights = np.full(grid.size, np.nan)
    for order in (range(centre, grid.size), range(centre - 1, -1, -1)):
        start = z
        for i in order:
            heights[i], start = held.at(float(grid[i]), start)
    top = fitted.solution.log_likelihood
    known = bool(top - np.nanmin(heights) > _FLAT)
    notes = []
    if np.nanmax(heights) > top + 1e-6:
        notes.append("the profile rises above the fit: another maximum is higher")
    if not known:
        notes.append(f"{name} cannot be told from the data: every value fits as well")
    return Profile(
        name, tuple(grid.tolist()), tuple(heights.tolist()), estimate, top, known, tuple(notes)
    )


def _grid(fitted: Fitted, name: str, held: _Held, estimate: float, points: int) -> Floats:
    low, high = _range(held)
    if held.natural.kind == "correlation":
        return np.round(np.linspace(low + 1e-3, high - 1e-3, points), 12)
    wide = 4.0 * max(estimate, 0.05 * held.unit2) if held.natural.kind == "variance" else 0.0
    if held.natural.kind == "range":
        return np.asarray(estimate * np.geomspace(0.1, 10.0, points))
    return np.linspace(0.0, wide, points)


def _range(held: _Held) -> tuple[float, float]:
    """Ends of what the component can be."""
    if held.natural.kind == "variance":
        return 0.0, np.inf
    curve = getattr(held.structure, "curve", None)
    if held.natural.kind == "range":
        return 0.0, np.inf
    return (curve.lower, curve.upper) if curve is not None else (-1.0, 1.0)


def interval_of(fitted: Fitted, name: str, level: float) -> ComponentInterval:
    """See :meth:`Multilevel.component_interval`."""
    held, z = _held(fitted.problem, fitted.solution, name)
    estimate = component_values(fitted.solution)[fitted.solution.setting.names.index(name)]
    goal = fitted.solution.log_likelihood - float(chi2_quantile(level, 1.0)) / 2.0
    low, high = _range(held)
    notes: list[str] = []
    lower = _bound(held, z, estimate, low, goal, -1, notes)
    upper = _bound(held, z, estimate, high, goal, 1, notes)
    return ComponentInterval(name, estimate, lower, upper, level, tuple(notes))


def _bound(
    held: _Held, z: Floats, estimate: float, end: float, goal: float, side: int, notes: list[str]
) -> float:
    """Where the profile falls to the goal, between the estimate and an end of the range."""
    inside, start = estimate, z
    for trial in _outward(held, estimate, end, side):
        height, ended = held.at(trial, start)
        if height < goal:
            return _root(held, inside, trial, start, goal)
        inside, start = trial, ended
    if np.isfinite(end) and held.natural.kind != "range":
        return end
    which = "upper" if side > 0 else "lower"
    notes.append(f"the likelihood never falls far enough: there is no {which} bound")
    return float("nan")


def _outward(held: _Held, estimate: float, end: float, side: int) -> list[float]:
    if held.natural.kind == "correlation":
        gaps = (0.5, 0.25, 0.1, 0.03, 0.01, 1e-3, 1e-5)
        return [end - side * gap * abs(end - estimate) for gap in gaps] + [end]
    if side < 0:
        floor = [0.0] if held.natural.kind == "variance" else []
        return [estimate * f for f in (0.5, 0.1, 0.01, 1e-4) if estimate > 0] + floor
    first = max(estimate, 1e-3 * held.unit2) if held.natural.kind == "variance" else estimate
    return [estimate + first * f for f in (0.5, 1.5, 4.0, 12.0, 40.0, 150.0, 1e3, 1e4)]


def _root(held: _Held, inside: float, outside: float, start: Floats, goal: float) -> float:
    """Between two values with the profile above and below the goal: bisection and secants."""
    a, b = inside, outside
    fa, start = held.at(a, start)
    fb, _ = held.at(b, start)
    fa, fb = fa - goal, fb - goal
    side = 0
    for _ in range(100):
        if abs(b - a) <= 1e-10 * max(abs(a), abs(b), 1e-12):
            break
        c = a + (b - a) * fa / (fa - fb) if np.isfinite(fb) and side < 50 else (a + b) / 2.0
        if not min(a, b) < c < max(a, b):
            c = (a + b) / 2.0
        fc, ended = held.at(c, start)
        fc -= goal
        if abs(fc) < _EXACT:
            return c
        if fc > 0:
            a, fa, start = c, fc, ended
            # Illinois: the end that stays is halved, so that both ends move.
            fb = fb / 2.0 if side > 0 else fb
            side = 1
        else:
            b, fb = c, fc
            fa = fa / 2.0 if side < 0 else fa
            side = -1
    return (a + b) / 2.0
