"""What no arm can report, for all studies at once."""

from collections.abc import Iterator

import numpy as np

from osler.core.arrays import Bools
from osler.effects.measures.measure import Arms, Measure
from osler.effects.measures.pairs import pairs_cannot_agree

_WHOLE = {
    "binary": ("events_treated", "n_treated", "events_control", "n_control"),
    "rates": ("events_treated", "events_control"),
    "proportion": ("events", "n"),
    "rate": ("events",),
    "matched pairs": ("both", "first_only", "second_only", "neither"),
    "matched margins": ("events_first", "events_second", "n"),
    "genotypes": ("dominant", "heterozygous", "recessive"),
}


def whole_roles(kind: str) -> tuple[str, ...]:
    """Roles that are counts, so that cells can be empty."""
    return _WHOLE.get(kind, ())


def impossible(measure: Measure, arms: Arms) -> Iterator[tuple[Bools, str]]:
    """Studies whose numbers cannot be, as masks of shape (k,) with a reason.

    Counts need not be whole: events of a cluster trial divided by its design effect are not.
    """
    for role in whole_roles(measure.kind):
        yield arms[role] < 0, f"{role} is negative"
    for group in ("_treated", "_control", ""):
        events, n = f"events{group}", f"n{group}"
        if events in arms and n in arms:
            yield arms[events] > arms[n], f"{events} exceeds {n}"
            yield arms[n] <= 0, f"{n} is not above 0"
        if f"time{group}" in arms:
            yield ~(arms[f"time{group}"] > 0), f"time{group} is not above 0"
        if f"sd{group}" in arms and n in arms:
            yield ~(arms[f"sd{group}"] > 0), f"sd{group} is not above 0"
            yield arms[n] < 2, f"{n} is below 2"
    if "sd_pre" in arms:
        # A reported SD of the change stands as sd_post beside an sd_pre of 0.
        yield (arms["sd_post"] < 0) | (arms["sd_pre"] < 0), "a standard deviation is negative"
        yield arms["n"] < 2, "n is below 2"
    if "correlation" in arms:
        beyond = np.abs(arms["correlation"]) > 1
        yield beyond, "correlation is not between -1 and 1"
    if "events_first" in arms:
        for role in ("events_first", "events_second"):
            yield arms[role] > arms["n"], f"{role} exceeds n"
        odd = pairs_cannot_agree(arms["events_first"], arms["events_second"], arms)
        yield odd, "the correlation cannot be had with these numbers of events"
    if "alpha" in arms:
        yield ~(arms["alpha"] < 1), "alpha is not below 1"
        yield (arms["items"] < 2) | (arms["n"] < 3), "items is below 2, or n below 3"
    if "r_squared" in arms:
        r2 = arms["r_squared"]
        yield (r2 < 0) | (r2 > 1), "r_squared is not between 0 and 1"
