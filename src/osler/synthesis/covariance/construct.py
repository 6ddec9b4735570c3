"""The covariance of sampling errors from what is known, or assumed, of their correlations."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, column, columns_of, numbers
from osler.core.wording import significant
from osler.synthesis.covariance import problems
from osler.synthesis.covariance.correlations import (
    Design,
    Levels,
    correlation_matrix,
    nearest_correlations,
)
from osler.synthesis.covariance.model import SamplingCovariance

Codes = NDArray[np.intp]
# A column by its name, or its values.
Given: TypeAlias = str | Sequence[object] | NDArray[np.generic]
# One correlation, or one for every pair of named levels.
Correlation: TypeAlias = float | Mapping[tuple[str, str], float]
# Eigenvalues of a correlation matrix at or below this cannot be told from 0.
_SINGULAR = 1e-10


def sampling_covariance(
    variances: Given,
    cluster: Given,
    *,
    data: Table | None = None,
    subgroup: Given | None = None,
    obs: Given | None = None,
    type: Given | None = None,
    time1: Given | None = None,
    time2: Given | None = None,
    group1: Given | None = None,
    group2: Given | None = None,
    weight1: Given | None = None,
    weight2: Given | None = None,
    rho: Correlation | tuple[Correlation, Correlation] | None = None,
    phi: float | None = None,
    correlations: Sequence[str] | ArrayLike | None = None,
    nearest: bool = False,
) -> SamplingCovariance:
    r"""Covariance of dependent sampling errors, from their variances and correlations.

    Parameters
    ----------
    variances, cluster : column name, or values
        Rows of different clusters are independent.
    data : table
        Where columns are looked up.
    subgroup : optional
        Rows of different subgroups of a cluster are independent as well: other persons.
    obs, type : optional
        Instruments, and constructs. Rows differ by ``rho``. With neither, and no times or
        groups, every row of a cluster is an observation of its own.
    time1, time2 : optional
        When the first and the second condition were observed.
    group1, group2 : optional
        Which groups a contrast compares; a group in common makes errors correlated.
    weight1, weight2 : optional
        Sizes of these groups; without, all are of one size.
    rho : float, mapping, or a pair of these
        Between different instruments or constructs: one value, or one for every pair of
        levels, ``{("verbal", "math"): 0.66}``. With both ``obs`` and ``type`` a pair: for
        instruments of one construct, and for constructs.
    phi : float
        Correlation of errors one unit of time apart; it falls by powers.
    correlations : column names, or array of shape (n, w)
        Known correlation matrices instead: the first columns of a cluster's rows hold its
        lower triangle. Only ``cluster`` and ``subgroup`` count beside them.
    nearest : bool
        Where correlations are impossible together, take the nearest matrix that is not;
        a note says how far. Without, an error.

    Returns
    -------
    SamplingCovariance
        For ``multilevel(..., V=...)``.

    Raises
    ------
    DataError
        COV001 to COV006.

    Notes
    -----
    Equals metafor's ``vcalc``. Correlations of instruments stand in for those of errors,
    and are guesses more often than not: fit the model with several.

    References
    ----------
    .. [1] Gleser & Olkin (2009). In Cooper, Hedges & Valentine (eds), The Handbook of
       Research Synthesis and Meta-Analysis, 2nd ed., 357-376.
    .. [2] Pustejovsky & Tipton (2022). Prev Sci 23, 425-438. doi:10.1007/s11121-021-01246-3

    Examples
    --------
    >>> V = sampling_covariance([0.04, 0.09, 0.02], ["a", "a", "b"], rho=0.5)
    >>> V.matrix.round(3)
    array([[0.04, 0.03, 0.  ],
           [0.03, 0.09, 0.  ],
           [0.  , 0.  , 0.02]])
    """
    columns: dict[str, list[object]] = {} if data is None else columns_of(data)
    v = numbers_of(variances, "variances", columns, None)
    n = v.size
    if (v <= 0).any():
        row = int(np.flatnonzero(v <= 0)[0])
        raise DataError(problems.variance_not_positive(row + 1, float(v[row])))
    keys = [labels_of(cluster, "cluster", columns, n)]
    if subgroup is not None:
        keys.append(labels_of(subgroup, "subgroup", columns, n))
    rows, names = clusters_of(keys)
    if correlations is not None:
        known = _known(correlations, columns, n)
        matrices = [_lower(known[r], names[i]) for i, r in enumerate(rows)]
        assumed: tuple[str, ...] = ("the known correlations of each cluster",)
    else:
        design = Design(
            _maybe_labels(obs, "obs", columns, n),
            _maybe_labels(type, "type", columns, n),
            _maybe_numbers(time1, "time1", columns, n),
            _maybe_numbers(time2, "time2", columns, n),
            _maybe_labels(group1, "group1", columns, n),
            _maybe_labels(group2, "group2", columns, n),
            _maybe_numbers(weight1, "weight1", columns, n),
            _maybe_numbers(weight2, "weight2", columns, n),
        )
        design = _own_observations(design, rho, n)
        within, between = _levels(design, rho)
        if design.time1 is not None and phi is None:
            raise DataError(problems.correlation_needed("times were given", "phi"))
        if phi is not None and not -1.0 <= phi <= 1.0:
            raise DataError(problems.correlation_not_usable(f"phi = {phi:g}"))
        matrices = [
            correlation_matrix(_rows_of(design, r), within, between, phi, r.size) for r in rows
        ]
        assumed = _assumed(design, within, between, phi)
    return _assembled(v, rows, names, matrices, assumed, nearest=nearest)


def _own_observations(design: Design, rho: object, n: int) -> Design:
    """Every row its own observation, where a correlation is given and nothing to tell rows."""
    if rho is None or design.obs is not None or design.type is not None:
        return design
    return Design(
        list(range(n)), None, design.time1, design.time2, design.group1, design.group2,
        design.weight1, design.weight2,
    )  # fmt: skip


def _assembled(
    v: Floats,
    rows: list[Codes],
    names: list[str],
    matrices: list[Floats],
    assumed: tuple[str, ...],
    *,
    nearest: bool,
) -> SamplingCovariance:
    blocks, notes = [], []
    for r, name, R in zip(rows, names, matrices, strict=True):
        lowest = float(np.linalg.eigvalsh(R)[0]) if r.size > 1 else 1.0
        if lowest <= _SINGULAR:
            if not nearest:
                raise DataError(problems.not_definite(name, lowest))
            R, moved = nearest_correlations(R)
            notes.append(
                f"cluster {name}: correlations were impossible together; the nearest possible "
                f"ones differ by at most {significant(moved)}"
            )
        sd = np.sqrt(v[r])
        block = R * np.outer(sd, sd)
        block.setflags(write=False)
        blocks.append(block)
    return SamplingCovariance(
        v.size,
        tuple(names),
        tuple(tuple(r.tolist()) for r in rows),
        tuple(blocks),
        assumed,
        tuple(notes),
    )


def clusters_of(keys: list[list[object]]) -> tuple[list[Codes], list[str]]:
    seen: dict[tuple[object, ...], int] = {}
    codes = np.array([seen.setdefault(k, len(seen)) for k in zip(*keys, strict=True)], np.intp)
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes))[:-1]) if codes.size else []
    return rows, ["/".join(map(str, key)) for key in seen]


def _values(
    given: Given, name: str, columns: dict[str, list[object]], n: int | None
) -> list[object]:
    values = column(columns, given) if isinstance(given, str) else given
    listed = columns_of({name: values})[name]
    if n is not None and len(listed) != n:
        raise DataError(problems.lengths_disagree(f"{name} has {len(listed)} values for {n} rows"))
    return listed


def labels_of(given: Given, name: str, columns: dict[str, list[object]], n: int) -> list[object]:
    listed = _values(given, name, columns, n)
    if None in listed:
        raise DataError(problems.value_missing(name, listed.index(None) + 1))
    return listed


def numbers_of(given: Given, name: str, columns: dict[str, list[object]], n: int | None) -> Floats:
    found = numbers({name: _values(given, name, columns, n)}, name)
    bad = np.flatnonzero(~np.isfinite(found))
    if bad.size:
        raise DataError(problems.value_missing(name, int(bad[0]) + 1))
    return found


def _maybe_labels(
    given: Given | None, name: str, columns: dict[str, list[object]], n: int
) -> list[object] | None:
    return None if given is None else labels_of(given, name, columns, n)


def _maybe_numbers(
    given: Given | None, name: str, columns: dict[str, list[object]], n: int
) -> Floats | None:
    if given is None:
        return None
    found = numbers_of(given, name, columns, n)
    if name.startswith("weight") and (found <= 0).any():
        row = int(np.flatnonzero(found <= 0)[0])
        raise DataError(problems.variance_not_positive(row + 1, float(found[row])))
    return found


def _rows_of(design: Design, r: Codes) -> Design:
    def some(values: list[object] | None) -> list[object] | None:
        return None if values is None else [values[int(i)] for i in r]

    def part(values: Floats | None) -> Floats | None:
        return None if values is None else values[r]

    return Design(
        some(design.obs),
        some(design.type),
        part(design.time1),
        part(design.time2),
        some(design.group1),
        some(design.group2),
        part(design.weight1),
        part(design.weight2),
    )


def _levels(design: Design, rho: object) -> tuple[Levels | None, Levels | None]:
    """Correlations for instruments and for constructs."""
    if design.obs is None and design.type is None:
        return None, None
    if rho is None:
        raise DataError(problems.correlation_needed("instruments or constructs differ", "rho"))
    if design.obs is not None and design.type is not None:
        if not isinstance(rho, (tuple, list)) or len(rho) != 2:
            raise DataError(
                problems.correlation_needed(
                    "obs and type were given", "rho as a pair: within a construct, and between"
                )
            )
        return _level(rho[0], design.obs), _level(rho[1], design.type)
    if design.obs is not None:
        return _level(rho, design.obs), None
    assert design.type is not None
    return None, _level(rho, design.type)


def _level(rho: object, labels: list[object]) -> Levels:
    if isinstance(rho, Mapping):
        names = tuple(dict.fromkeys(str(label) for label in labels))
        return Levels(float("nan"), _matrix_of(rho, names), names)
    try:
        value = float(rho)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DataError(problems.correlation_not_usable(f"rho = {rho!r}")) from None
    if not -1.0 <= value <= 1.0:
        raise DataError(problems.correlation_not_usable(f"rho = {value:g}"))
    return Levels(value, None, ())


def _matrix_of(rho: Mapping[tuple[str, str], float], names: tuple[str, ...]) -> Floats:
    R = np.eye(len(names))
    known = {(str(a), str(b)): float(value) for (a, b), value in rho.items()}
    for i, a in enumerate(names):
        for j, b in enumerate(names[:i]):
            value = known.get((a, b), known.get((b, a)))
            if value is None or not -1.0 <= value <= 1.0:
                found = f"rho of {a} and {b}: {value}"
                raise DataError(problems.correlation_not_usable(found))
            R[i, j] = R[j, i] = value
    return R


def _known(
    correlations: Sequence[str] | ArrayLike, columns: dict[str, list[object]], n: int
) -> Floats:
    listed = list(correlations) if isinstance(correlations, (list, tuple)) else correlations
    if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
        matrix = np.column_stack([numbers(columns, str(name)) for name in listed])
    else:
        matrix = np.asarray(listed, float)
    if matrix.ndim != 2 or matrix.shape[0] != n:
        raise DataError(problems.lengths_disagree(f"correlations have the shape {matrix.shape}"))
    return matrix


def _lower(part: Floats, name: str) -> Floats:
    size = len(part)
    if part.shape[1] < size:
        found = f"cluster {name} has {size} rows, correlations {part.shape[1]} columns"
        raise DataError(problems.lengths_disagree(found))
    R = np.tril(part[:, :size], -1)
    lower = R[np.tril_indices(size, -1)]
    if not np.all(np.abs(lower) <= 1.0):
        raise DataError(problems.correlation_not_usable(f"cluster {name}: {lower.tolist()}"))
    return np.asarray(R + R.T + np.eye(size))


def _assumed(
    design: Design, within: Levels | None, between: Levels | None, phi: float | None
) -> tuple[str, ...]:
    out = []
    for levels, what in ((within, "observations"), (between, "constructs")):
        if levels is not None:
            value = f"{levels.value:g}" if levels.matrix is None else "by pair of levels"
            out.append(f"rho = {value} between {what}")
    if design.time1 is not None and phi is not None:
        out.append(f"phi = {phi:g} for one unit of time")
    if design.group1 is not None:
        sizes = "given sizes" if design.weight1 is not None else "equal sizes"
        out.append(f"shared groups of {sizes}")
    return tuple(out)
