"""From a table of pairwise contrasts to a network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.network import problems
from osler.synthesis.network.data import Codes, Network, SameArms

# Contrasts of one study may miss each other by so much of their standard errors, as estimates
# rounded to two or three digits do: nothing hangs on it, and it is told.
_ROUNDING = 0.05
# What misses by more than this was rounded.
_TOLD = 1e-6


@dataclass(frozen=True, slots=True)
class StudyContrasts:
    """Contrasts of one study against its first arm, and their covariance.

    ``slack``, of shape (m, m), is what its rows miss them by, where rounding makes them miss.
    """

    arms: tuple[str, ...]
    y: Floats
    v: Floats
    slack: Floats | None = None


def network_of(
    study: Sequence[str],
    treatment: Sequence[str],
    comparator: Sequence[str],
    estimates: Floats,
    variances: Floats,
) -> Network:
    """A network from one row a pairwise contrast, treatment against comparator.

    A study of m arms has all m (m - 1) / 2 rows; from their variances the covariance of its
    contrasts against its first arm follows.

    Raises
    ------
    DataError
        Where a number cannot be used (NET001), a treatment is compared with itself (NET002),
        a contrast stands twice (NET003) or is absent (NET004) in a study, or a study's
        estimates or variances contradict each other (NET005, NET006).
    """
    names = tuple(dict.fromkeys(study))
    treatments = tuple(sorted({*treatment, *comparator}))
    code = {name: i for i, name in enumerate(treatments)}
    place = {name: i for i, name in enumerate(names)}
    of_row = np.array([place[name] for name in study], np.intp)
    arms = np.array([(code[b], code[a]) for a, b in zip(treatment, comparator, strict=True)])
    plain = _plain(of_row, arms.reshape(-1, 2), estimates, variances)
    rows: dict[int, list[int]] = {}
    for i in np.flatnonzero(~plain).tolist():
        rows.setdefault(int(of_row[i]), []).append(i)
    found: list[DataError] = []
    blocks: dict[int, list[tuple[int, list[int], StudyContrasts]]] = {}
    for s, own in sorted(rows.items()):
        try:
            one = study_of_contrasts(names[s], own, treatment, comparator, estimates, variances)
        except DataError as error:
            found.append(error)
            continue
        blocks.setdefault(len(one.arms), []).append((s, [code[a] for a in one.arms], one))
    if found:
        raise DataError(*(d for error in found for d in error.diagnostics))
    groups = [_together(blocks[m]) for m in sorted(blocks)]
    if plain.any():
        y, v = estimates[plain, None], variances[plain, None, None]
        groups.insert(0, SameArms(of_row[plain], arms[plain], y, v))
    return Network(treatments, names, tuple(groups))


def _plain(study: Codes, arms: Codes, estimates: Floats, variances: Floats) -> NDArray[np.bool_]:
    """Rows that are a whole study of two arms, and sound."""
    alone = np.bincount(study)[study] == 1 if study.size else np.zeros(0, bool)
    sound = np.isfinite(estimates) & np.isfinite(variances) & (variances > 0)
    return np.asarray(alone & sound & (arms[:, 0] != arms[:, 1]), bool)


def _together(found: list[tuple[int, list[int], StudyContrasts]]) -> SameArms:
    study, arms, read = zip(*found, strict=True)
    return SameArms(
        np.array(study),
        np.array(arms),
        np.array([one.y for one in read]),
        np.array([one.v for one in read]),
        slack_of([one.slack for one in read], len(arms[0])),
    )


def slack_of(found: Sequence[Floats | None], m: int) -> Floats | None:
    """Of several studies with m arms; None where there is none at all."""
    if all(slack is None for slack in found):
        return None
    return np.array([np.zeros((m, m)) if slack is None else slack for slack in found])


def study_of_contrasts(
    name: str,
    rows: Sequence[int],
    treatment: Sequence[str],
    comparator: Sequence[str],
    estimates: Floats,
    variances: Floats,
) -> StudyContrasts:
    """Arms of one study, its contrasts against the first, and their covariance.

    Raises
    ------
    DataError
        As :func:`network_of`.
    """
    arms = tuple(dict.fromkeys(t for i in rows for t in (comparator[i], treatment[i])))
    place = {t: n for n, t in enumerate(arms)}
    m = len(arms)
    y, v = np.full((m, m), np.nan), np.full((m, m), np.nan)
    for i in rows:
        a, b = place[treatment[i]], place[comparator[i]]
        _check(name, i, treatment[i], comparator[i], float(estimates[i]), float(variances[i]))
        if not np.isnan(y[a, b]):
            raise DataError(problems.contrast_twice(name, treatment[i], comparator[i]))
        y[a, b], y[b, a], v[a, b], v[b, a] = estimates[i], -estimates[i], variances[i], variances[i]
    np.fill_diagonal(y, 0.0)
    np.fill_diagonal(v, 0.0)
    absent = [(arms[a], arms[b]) for a in range(m) for b in range(a) if np.isnan(y[a, b])]
    if absent:
        raise DataError(problems.contrasts_absent(name, arms, absent))
    miss, se = np.abs(y - (y[:, :1] - y[:, 0])), np.sqrt(v)
    if m > 2 and (miss - _ROUNDING * se > 1e-12).any():
        beyond = miss - _ROUNDING * se
        a, b = (int(x) for x in np.unravel_index(int(beyond.argmax()), beyond.shape))
        implied = float(y[a, 0] - y[b, 0])
        raise DataError(
            problems.estimates_contradict(name, arms[a], arms[b], float(y[a, b]), implied)
        )
    covariance = 0.5 * (v[1:, :1] + v[:1, 1:] - v[1:, 1:])
    if m > 2 and np.linalg.eigvalsh(covariance).min() <= 1e-10 * v.max():
        raise DataError(problems.variances_contradict(name, arms))
    rounded = m > 2 and bool((miss - _TOLD * se > 1e-12).any())
    best = _least_squares(y, covariance)
    if not rounded:
        return StudyContrasts(arms, best, covariance)
    whole = np.concatenate([[0.0], best])
    return StudyContrasts(arms, best, covariance, y - (whole[:, None] - whole))


def _least_squares(y: Floats, covariance: Floats) -> Floats:
    """Contrasts against the first arm that fit all pairs best, rounding being what it is."""
    if len(y) == 2:
        return y[1:, 0]
    inverse = np.linalg.inv(covariance)
    weights = np.zeros_like(y)
    weights[1:, 1:] = -inverse
    weights[1:, 0] = weights[0, 1:] = inverse.sum(axis=0)
    return np.asarray(covariance @ (weights * y).sum(axis=1)[1:])


def _check(name: str, row: int, a: str, b: str, y: float, v: float) -> None:
    if a == b:
        raise DataError(problems.same_treatment(name, a))
    if not (np.isfinite(y) and np.isfinite(v) and v > 0):
        raise DataError(problems.number_unusable(name, a, b, y, v))
