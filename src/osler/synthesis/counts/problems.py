"""What can be wrong with counts and with how they are to be pooled, as diagnostics."""

from collections.abc import Sequence

import numpy as np

from osler.core.arrays import Bools, Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity

_MOST_NAMED = 6


def _error(code: str, message: str, found: str, help_: str) -> DataError:
    so = "nothing is pooled until it is corrected"
    return DataError(Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_))


def unknown(kind: str, given: str, known: Sequence[str]) -> DataError:
    return _error("CNT001", f"unknown {kind}", repr(given), f"use one of {', '.join(known)}")


def check_level(level: float) -> None:
    if not 0 < level < 1:
        raise _error(
            "CNT002",
            "the confidence level does not lie between 0 and 1",
            f"level {level:g}",
            "write 0.95 for 95 %",
        )


def named(labels: Sequence[str], which: Bools) -> str:
    """The labels for which it holds, cut where they are many."""
    chosen = [label for label, yes in zip(labels, which, strict=True) if yes]
    more = len(chosen) - _MOST_NAMED
    return ", ".join(chosen[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _numbered(size: int) -> list[str]:
    return [f"study {i}" for i in range(1, size + 1)]


def check_proportions(events: Floats, n: Floats, labels: Sequence[str] = ()) -> None:
    """Whole counts, of groups of one or more."""
    x, m = np.atleast_1d(events), np.atleast_1d(n)
    with np.errstate(invalid="ignore"):
        bad = ~((x >= 0) & (x <= m) & (m >= 1) & np.isfinite(m))
        bad |= (x != np.round(x)) | (m != np.round(m))
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        whose = (labels or _numbered(x.size))[i]
        raise _error(
            "CNT003",
            "a count cannot be",
            f"{whose}: {x[i]:g} with the event of {m[i]:g}",
            "give whole numbers, events between 0 and the size of the group, sizes from 1 on",
        )


def check_rates(events: Floats, time: Floats, labels: Sequence[str] = ()) -> None:
    """Whole counts, and person-time above 0."""
    x, t = np.atleast_1d(events), np.atleast_1d(time)
    with np.errstate(invalid="ignore"):
        bad = ~((x >= 0) & np.isfinite(x) & (t > 0) & np.isfinite(t)) | (x != np.round(x))
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        whose = (labels or _numbered(x.size))[i]
        raise _error(
            "CNT004",
            "events or person-time cannot be",
            f"{whose}: {x[i]:g} events in a person-time of {t[i]:g}",
            "give whole numbers of events from 0 on, and person-time above 0",
        )


def not_for_measure(method: str, measure: str, known: Sequence[str]) -> DataError:
    return _error(
        "CNT005",
        "the method does not pool this measure",
        f"method {method!r} for {measure}",
        f"for {measure} use one of {', '.join(known)}",
    )


def columns_missing(missing: Sequence[str], measure: str, there: Sequence[str]) -> DataError:
    return _error(
        "CNT006",
        f"the counts that {measure} is made of are not all there",
        f"missing: {', '.join(missing)}\ncolumns: {', '.join(there) or 'none'}",
        'name them by columns={"events_treated": "name of the column", ...}',
    )


def nothing_left(found: str) -> DataError:
    return _error(
        "CNT007",
        "no study says anything about the effect",
        found,
        "pool the risk difference, which counts studies without events, or none",
    )


def infinite(method: str, why: str, others: str) -> DataError:
    return _error(
        "CNT008",
        "the estimate is infinite",
        f"{why}; by {method} the likelihood rises without end",
        others,
    )


def not_a_choice(name: str, given: object, known: str) -> DataError:
    return _error("CNT009", f"{name} cannot be {given!r}", f"{name}={given!r}", known)
