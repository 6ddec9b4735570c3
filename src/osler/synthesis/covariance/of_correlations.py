"""The covariance of correlations that come from the same people."""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.synthesis.covariance import problems
from osler.synthesis.covariance.construct import Given, clusters_of, labels_of, numbers_of
from osler.synthesis.covariance.model import SamplingCovariance

Pair = tuple[str, str]


def correlation_covariance(
    correlation: Given,
    first: Given,
    second: Given,
    n: Given,
    study: Given,
    *,
    data: Table | None = None,
    fisher_z: bool = False,
) -> SamplingCovariance:
    r"""Covariance of several correlations of each study, from the correlations themselves.

    .. math::
       n\,\mathrm{Cov}(r_{st}, r_{uv}) = \tfrac12 r_{st} r_{uv}
           (r_{su}^2 + r_{sv}^2 + r_{tu}^2 + r_{tv}^2) + r_{su} r_{tv} + r_{sv} r_{tu}
           - (r_{st} r_{su} r_{sv} + r_{st} r_{tu} r_{tv} + r_{us} r_{ut} r_{uv}
           + r_{vs} r_{vt} r_{uv})

    Parameters
    ----------
    correlation : column name, or values
        One row a correlation, strictly between -1 and 1.
    first, second : column name, or values
        The two variables of each correlation.
    n : column name, or values
        People in the study, 4 or more, the same in all rows of a study.
    study : column name, or values
        Rows of different studies are independent.
    data : table, optional
        Where columns are looked up.
    fisher_z : bool
        Whether the covariance is wanted of Fisher's z, atanh(r).

    Returns
    -------
    SamplingCovariance
        In the order of the rows, for ``multilevel(..., V=...)``. The variances are
        :math:`(1 - r^2)^2 / (n - 1)`, those of z :math:`1 / (n - 3)`.

    Raises
    ------
    DataError
        Where values are missing or lengths differ (COV001, COV002), a correlation cannot be
        used (COV005), a study's correlations are impossible together (COV006), or one that
        the formula needs is not there, or there twice (COV009).

    Notes
    -----
    Equals metafor's ``rcalc``, for rows in any order. Supposes that all correlations of a
    study are of the same people and that the variables are normal. Covariances use n - 1 for
    n, as variances do; for z they are divided by :math:`(1 - r_{st}^2)(1 - r_{uv}^2)` and use
    n - 3.

    References
    ----------
    .. [1] Olkin & Finn (1995). Psychol Bull 118, 155-164. doi:10.1037/0033-2909.118.1.155
    .. [2] Steiger (1980). Psychol Bull 87, 245-251. doi:10.1037/0033-2909.87.2.245

    Examples
    --------
    >>> V = correlation_covariance(
    ...     [0.5, 0.3, 0.4], ["x", "x", "y"], ["y", "z", "z"], [50] * 3, ["a"] * 3
    ... )
    >>> V.matrix.round(5)
    array([[0.01148, 0.00462, 0.00259],
           [0.00462, 0.0169 , 0.00704],
           [0.00259, 0.00704, 0.0144 ]])
    """
    columns: dict[str, list[object]] = {} if data is None else columns_of(data)
    r = numbers_of(correlation, "correlation", columns, None)
    people = numbers_of(n, "n", columns, r.size)
    one, two = (
        [str(label) for label in labels_of(given, name, columns, r.size)]
        for given, name in ((first, "first"), (second, "second"))
    )
    rows, names = clusters_of([labels_of(study, "study", columns, r.size)])
    blocks = []
    for at, name in zip(rows, names, strict=True):
        pairs = [(one[i], two[i]) for i in at]
        block = _block(name, r[at], pairs, people[at], fisher_z=fisher_z)
        block.setflags(write=False)
        blocks.append(block)
    return SamplingCovariance(
        r.size,
        tuple(names),
        tuple(tuple(at.tolist()) for at in rows),
        tuple(blocks),
        ("all correlations of a study are of the same people, and normal variables",),
        (),
    )


def _block(
    name: str, r: Floats, pairs: Sequence[Pair], people: Floats, *, fisher_z: bool
) -> Floats:
    if not (np.abs(r) < 1.0).all():
        raise DataError(problems.correlation_not_usable(f"study {name}: {r.tolist()}"))
    if not (people == people[0]).all() or people[0] < 4:
        raise DataError(problems.correlations_incomplete(f"study {name}: n = {people.tolist()}"))
    places = {pair: i for i, pair in enumerate(pairs)}
    R, code = _matrix(name, r, pairs)
    of = {pair: (code[pair[0]], code[pair[1]]) for pair in places}
    out = np.empty((r.size, r.size))
    for p, q in combinations_with_replacement(pairs, 2):
        i, j = places[p], places[q]
        out[i, j] = out[j, i] = _shared(R, *of[p], *of[q])
    if fisher_z:
        slope = 1.0 - r * r
        return np.asarray(out / np.outer(slope, slope) / (people[0] - 3.0))
    return np.asarray(out / (people[0] - 1.0))


def _matrix(name: str, r: Floats, pairs: Sequence[Pair]) -> tuple[Floats, Mapping[str, int]]:
    """All correlations of a study as a matrix, and where each variable stands in it."""
    variables = list(dict.fromkeys(label for pair in pairs for label in pair))
    code = {label: i for i, label in enumerate(variables)}
    R = np.full((len(variables), len(variables)), np.nan)
    np.fill_diagonal(R, 1.0)
    for (a, b), value in zip(pairs, r.tolist(), strict=True):
        i, j = code[a], code[b]
        if not np.isnan(R[i, j]):
            found = f"study {name}: {a} with {b}" + (" twice" if a != b else "")
            raise DataError(problems.correlations_incomplete(found))
        R[i, j] = R[j, i] = value
    gaps = zip(*np.nonzero(np.isnan(np.tril(R))), strict=True)
    absent = [f"{variables[j]} with {variables[i]}" for i, j in gaps]
    if absent:
        found = f"study {name} lacks {', '.join(absent[:4])}"
        raise DataError(problems.correlations_incomplete(found))
    lowest = float(np.linalg.eigvalsh(R)[0])
    if lowest <= 0.0:
        raise DataError(problems.not_definite(name, lowest))
    return R, code


def _shared(R: Floats, s: int, t: int, u: int, v: int) -> float:
    """The covariance of two correlations, times n."""
    squares = R[s, u] ** 2 + R[s, v] ** 2 + R[t, u] ** 2 + R[t, v] ** 2
    through = R[s, t] * (R[s, u] * R[s, v] + R[t, u] * R[t, v])
    through += R[u, v] * (R[u, s] * R[u, t] + R[v, s] * R[v, t])
    value = 0.5 * R[s, t] * R[u, v] * squares + R[s, u] * R[t, v] + R[s, v] * R[t, u] - through
    return float(value)
