"""From a table of pairwise contrasts to a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.synthesis.network import problems
from osler.synthesis.network.data import Codes, Network, SameArms
from osler.synthesis.network.study_read import Unusable

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


StudyFound: TypeAlias = StudyContrasts | Unusable


@dataclass(frozen=True, slots=True)
class ContrastColumns:
    """Columns of a table with one row a pairwise contrast, treatment against comparator."""

    treatment: Sequence[str]
    comparator: Sequence[str]
    estimates: Floats
    variances: Floats


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
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(study):
        rows.setdefault(name, []).append(i)
    columns = ContrastColumns(treatment, comparator, estimates, variances)
    found = studies_of_contrasts(rows, columns)
    wrong = [one.diagnostic for one in found.values() if isinstance(one, Unusable)]
    if wrong:
        raise DataError(*wrong)
    return together({s: one for s, one in found.items() if isinstance(one, StudyContrasts)})


def together(found: Mapping[str, StudyContrasts]) -> Network:
    """The network of studies that were read; treatments by name, studies in their order.

    Examples
    --------
    >>> one = StudyContrasts(("B", "A"), np.array([0.5]), np.array([[0.1]]))
    >>> together({"Hart": one}).treatments
    ('A', 'B')
    """
    treatments = tuple(sorted({arm for one in found.values() for arm in one.arms}))
    code = {name: i for i, name in enumerate(treatments)}
    sizes: dict[int, list[tuple[int, StudyContrasts]]] = {}
    for s, one in enumerate(found.values()):
        sizes.setdefault(len(one.arms), []).append((s, one))
    groups = []
    for m in sorted(sizes):
        studies = [one for _, one in sizes[m]]
        groups.append(
            SameArms(
                np.array([s for s, _ in sizes[m]]),
                np.array([[code[arm] for arm in one.arms] for one in studies]),
                np.array([one.y for one in studies]),
                np.array([one.v for one in studies]),
                _slack_of([one.slack for one in studies], m),
            )
        )
    return Network(treatments, tuple(found), tuple(groups))


def _slack_of(found: Sequence[Floats | None], m: int) -> Floats | None:
    """Of several studies with m arms; None where there is none at all."""
    if all(slack is None for slack in found):
        return None
    return np.array([np.zeros((m, m)) if slack is None else slack for slack in found])


def studies_of_contrasts(
    rows: Mapping[str, Sequence[int]], columns: ContrastColumns
) -> dict[str, StudyFound]:
    """Each study's contrasts against its first arm with their covariance, or why it has none.

    Parameters
    ----------
    rows : mapping of str to sequence of int
        The rows of each study.
    columns : ContrastColumns

    Returns
    -------
    dict
        In the order of ``rows``. What can be wrong is what :func:`network_of` raises.
    """
    found = _of_one_row({name: own[0] for name, own in rows.items() if len(own) == 1}, columns)
    sizes: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
    for name, own in rows.items():
        if len(own) > 1:
            sides = ((columns.comparator[i], columns.treatment[i]) for i in own)
            arms = tuple(dict.fromkeys(arm for both in sides for arm in both))
            sizes.setdefault(len(arms), []).append((name, arms))
    for alike in sizes.values():
        found |= _of_one_size(_squares(alike, rows, columns), rows, columns)
    return {name: found[name] for name in rows}


def _of_one_row(rows: Mapping[str, int], columns: ContrastColumns) -> dict[str, StudyFound]:
    """Studies of two arms."""
    at = list(rows.values())
    y, v = columns.estimates[at, None], columns.variances[at, None, None]
    sound = (np.isfinite(y[:, 0]) & np.isfinite(v[:, 0, 0]) & (v[:, 0, 0] > 0)).tolist()
    out: dict[str, StudyFound] = {}
    for k, (name, i) in enumerate(rows.items()):
        arms = columns.comparator[i], columns.treatment[i]
        whole = sound[k] and arms[0] != arms[1]
        out[name] = (
            StudyContrasts(arms, y[k], v[k]) if whole else _incomplete(name, arms, [i], columns)
        )
    return out


@dataclass(frozen=True, slots=True)
class _Squares:
    """Every arm of a study against every other, of studies with the same number of arms.

    ``y`` and ``v``, of shape (s, m, m), are NaN where a study has no row, and ``times`` says how
    many rows a pair has.
    """

    studies: Sequence[str]
    arms: Sequence[tuple[str, ...]]
    y: Floats
    v: Floats
    times: Codes


def _squares(
    alike: Sequence[tuple[str, tuple[str, ...]]],
    rows: Mapping[str, Sequence[int]],
    columns: ContrastColumns,
) -> _Squares:
    s, m = len(alike), len(alike[0][1])
    at, row = [], []
    for k, (name, arms) in enumerate(alike):
        place = {arm: i for i, arm in enumerate(arms)}
        for i in rows[name]:
            row.append(i)
            at.append((k, place[columns.treatment[i]], place[columns.comparator[i]]))
    study, one, other = np.array(at, np.intp).T
    y, v = np.full((2, s, m, m), np.nan)
    times = np.bincount((study * m + one) * m + other, minlength=s * m * m).reshape(s, m, m)
    y[study, one, other], y[study, other, one] = columns.estimates[row], -columns.estimates[row]
    v[study, one, other] = v[study, other, one] = columns.variances[row]
    diagonal = np.arange(m)
    # A treatment against itself is left NaN, so that the study does not count as sound.
    own = np.where(times[:, diagonal, diagonal] > 0, np.nan, 0.0)
    y[:, diagonal, diagonal] = v[:, diagonal, diagonal] = own
    names, sides = [name for name, _ in alike], [arms for _, arms in alike]
    return _Squares(names, sides, y, v, times + times.transpose(0, 2, 1))


def _of_one_size(
    squares: _Squares, rows: Mapping[str, Sequence[int]], columns: ContrastColumns
) -> dict[str, StudyFound]:
    told = np.isfinite(squares.y) & np.isfinite(squares.v)
    told &= (squares.v > 0) | np.eye(squares.y.shape[1], dtype=bool)
    whole = (told & (squares.times <= 1)).all(axis=(1, 2))
    out: dict[str, StudyFound] = {}
    for k in np.flatnonzero(~whole).tolist():
        name = squares.studies[k]
        out[name] = _incomplete(name, squares.arms[k], rows[name], columns)
    return out | _fitted(squares, np.flatnonzero(whole), rows, columns)


def _incomplete(
    study: str, arms: Sequence[str], rows: Sequence[int], columns: ContrastColumns
) -> Unusable:
    """The first row that cannot be used; or the contrasts that no row has."""
    seen: set[frozenset[str]] = set()
    for i in rows:
        a, b = columns.treatment[i], columns.comparator[i]
        y, v = float(columns.estimates[i]), float(columns.variances[i])
        if a == b:
            return Unusable(problems.same_treatment(study, a), i)
        if not (np.isfinite(y) and np.isfinite(v) and v > 0):
            return Unusable(problems.number_unusable(study, a, b, y, v), i)
        if {a, b} in seen:
            return Unusable(problems.contrast_twice(study, a, b), i)
        seen.add(frozenset((a, b)))
    absent = [(a, b) for n, a in enumerate(arms) for b in arms[:n] if {a, b} not in seen]
    return Unusable(problems.contrasts_absent(study, arms, absent), rows[0])


def _fitted(
    squares: _Squares,
    sound: Codes,
    rows: Mapping[str, Sequence[int]],
    columns: ContrastColumns,
) -> dict[str, StudyFound]:
    """Studies with all their contrasts, where these and their variances hang together."""
    y, v = squares.y[sound], squares.v[sound]
    miss, se = np.abs(y - _between(y[:, :, 0])), np.sqrt(v)
    covariance = 0.5 * (v[:, 1:, :1] + v[:, :1, 1:] - v[:, 1:, 1:])
    beyond, possible = miss - _ROUNDING * se, _possible(covariance, v)
    best = y[:, 1:, 0].copy()
    rounded = (miss - _TOLD * se).max(axis=(1, 2), initial=0.0) > 1e-12
    best[possible] = _least_squares(y[possible], covariance[possible])
    slack = y - _between(np.concatenate([np.zeros_like(best[:, :1]), best], axis=1))
    out: dict[str, StudyFound] = {}
    for k, at in enumerate(sound.tolist()):
        name, arms = squares.studies[at], squares.arms[at]
        if (beyond[k] > 1e-12).any():
            out[name] = _contradiction(name, arms, rows[name], columns, y[k], beyond[k])
        elif not possible[k]:
            out[name] = Unusable(problems.variances_contradict(name, arms), rows[name][0])
        else:
            out[name] = StudyContrasts(
                arms, best[k], covariance[k], slack[k] if rounded[k] else None
            )
    return out


def _between(places: Floats) -> Floats:
    """Every arm's place less every other's; from (s, m) to (s, m, m)."""
    return np.asarray(places[:, :, None] - places[:, None, :])


def _possible(covariance: Floats, v: Floats) -> NDArray[np.bool_]:
    """Whether contrasts can have these variances."""
    least = np.linalg.eigvalsh(covariance).min(axis=1, initial=np.inf)
    return np.asarray(least > 1e-10 * v.max(axis=(1, 2), initial=0.0))


def _contradiction(
    study: str,
    arms: Sequence[str],
    rows: Sequence[int],
    columns: ContrastColumns,
    y: Floats,
    beyond: Floats,
) -> Unusable:
    """The contrast that misses the others by most."""
    a, b = (int(x) for x in np.unravel_index(int(beyond.argmax()), beyond.shape))
    implied = float(y[a, 0] - y[b, 0])
    pair = {arms[a], arms[b]}
    row = next(i for i in rows if {columns.treatment[i], columns.comparator[i]} == pair)
    told = problems.estimates_contradict(study, arms[a], arms[b], float(y[a, b]), implied)
    return Unusable(told, row)


def _least_squares(y: Floats, covariance: Floats) -> Floats:
    """Contrasts against the first arm that fit all pairs best, rounding being what it is."""
    inverse = np.linalg.inv(covariance)
    weights = np.zeros_like(y)
    weights[:, 1:, 1:] = -inverse
    weights[:, 1:, 0] = weights[:, 0, 1:] = inverse.sum(axis=1)
    return np.asarray((covariance @ (weights * y).sum(axis=2)[:, 1:, None])[..., 0])
