"""Roles that a table lacks but implies: a total from its parts, an SD from its standard error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.effects.measures.measure import Measure


@dataclass(frozen=True, slots=True)
class Filled:
    """Arrays for every role of a measure, and what was done to have them.

    ``missing`` names the roles that the table has no column for, nor a way to make one;
    ``arms`` is complete only where it is empty.
    """

    arms: dict[str, Floats]
    notes: tuple[str, ...]
    conventions: tuple[str, ...]
    missing: tuple[str, ...]


def filled(
    measure: Measure,
    numbers: Mapping[str, Floats],
    roles: Mapping[str, str],
    correlation: float | None,
) -> Filled:
    """Every role the measure needs, from what the table has.

    Parameters
    ----------
    measure : Measure
    numbers : mapping of str to array of shape (rows,)
        By role; NaN where a cell is empty.
    roles : mapping of str to str
        Role -> column.
    correlation : float or None
        For rows without one, where the measure needs it.
    """
    arms = dict(numbers)
    size = len(next(iter(numbers.values()), np.zeros(0)))
    notes: list[list[str]] = [[] for _ in range(size)]
    conventions: list[str] = []
    for group in ("_treated", "_control", ""):
        _totals(arms, group, notes)
        _sds(arms, group, notes)
    if "correlation" in measure.roles and measure.kind.startswith("change"):
        _changes(measure, arms, size, correlation, notes, conventions)
    if measure.kind == "matched margins":
        r = arms.get("correlation", np.full(size, np.nan))
        arms["correlation"] = _assumed(r, correlation, notes, conventions)
    missing = tuple(role for role in measure.roles if role not in arms)
    return Filled(arms, tuple("; ".join(n) for n in notes), tuple(conventions), missing)


def _totals(arms: dict[str, Floats], group: str, notes: Sequence[list[str]]) -> None:
    """Participants from those with and those without the event.

    Those of this outcome count: a column of sizes beside them can be of the randomised, or of
    another outcome. Where it says otherwise, a note does.
    """
    events, others, n = f"events{group}", f"nonevents{group}", f"n{group}"
    if events in arms and others in arms:
        # A negative count would hide in the sum.
        both = np.where(arms[others] < 0, -np.inf, arms[events] + arms[others])
        reported = arms.get(n, np.full(both.shape, np.nan))
        arms[n] = np.where(np.isnan(both), reported, both)
        differ = (reported != both) & np.isfinite(reported) & np.isfinite(both)
        for i in np.flatnonzero(differ).tolist():
            notes[i].append(
                f"{n} is {reported[i]:g}, but {events} and {others} are {both[i]:g} together, "
                "which is taken"
            )


def _sds(arms: dict[str, Floats], group: str, notes: Sequence[list[str]]) -> None:
    """Standard deviations from standard errors of means, where they are not reported."""
    sd, se, n = f"sd{group}", f"se{group}", f"n{group}"
    if se not in arms or n not in arms:
        return
    made = arms[se] * np.sqrt(np.where(arms[n] > 0, arms[n], np.nan))
    reported = arms.get(sd, np.full(made.shape, np.nan))
    arms[sd] = np.where(np.isnan(reported), made, reported)
    for i in np.flatnonzero(np.isnan(reported) & np.isfinite(made)).tolist():
        notes[i].append(f"{sd} from the standard error of the mean")


def _changes(
    measure: Measure,
    arms: dict[str, Floats],
    size: int,
    assumed: float | None,
    notes: Sequence[list[str]],
    conventions: list[str],
) -> None:
    """The correlation of two measurements: reported, implied, or assumed."""
    nothing = np.full(size, np.nan)
    for role in ("sd_post", "sd_pre", "correlation"):
        if role in measure.roles and (role in arms or "sd_change" in arms or role == "correlation"):
            arms.setdefault(role, nothing.copy())
    if "sd_pre" not in arms or "sd_post" not in arms:
        return
    post, pre, r = arms["sd_post"], arms["sd_pre"], arms["correlation"].copy()
    change = arms.get("sd_change", nothing)
    with np.errstate(all="ignore"):
        implied = (post * post + pre * pre - change * change) / (2 * post * pre)
    of_change = np.isnan(r) & np.isfinite(implied) & (np.abs(implied) <= 1)
    r = np.where(of_change, implied, r)
    for i in np.flatnonzero(of_change).tolist():
        notes[i].append(f"correlation {r[i]:.3f} from the standard deviation of the change")
    if measure.name in ("MC", "SMCC"):
        # Only the change matters here, and its standard deviation may be all there is.
        alone = np.isnan(r) & np.isfinite(change)
        post, pre, r = (np.where(alone, x, y) for x, y in ((change, post), (0, pre), (0, r)))
        for i in np.flatnonzero(alone).tolist():
            notes[i].append("from the standard deviation of the change alone")
    arms["sd_post"], arms["sd_pre"] = post, pre
    arms["correlation"] = _assumed(r, assumed, notes, conventions)


def _assumed(
    r: Floats, assumed: float | None, notes: Sequence[list[str]], conventions: list[str]
) -> Floats:
    """The correlations, with the assumed one where none is reported, and that said."""
    guessed = np.isnan(r)
    if assumed is None or not guessed.any():
        return r
    for i in np.flatnonzero(guessed).tolist():
        notes[i].append(f"correlation {assumed:g} assumed")
    conventions.append(
        f"correlation of the two measurements: {assumed:g} assumed where it is not "
        "reported; results depend on it"
    )
    return np.where(guessed, assumed, r)
