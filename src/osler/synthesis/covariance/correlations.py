r"""Correlations of sampling errors within one cluster.

Errors of two estimates are correlated because they were observed in the same persons: with
other instruments (``obs``), other constructs (``type``), at other times, or with a group in
common. The factors multiply.
"""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats


@dataclass(frozen=True, slots=True)
class Design:
    """What is known of the estimates of one cluster; None where it plays no part.

    Attributes
    ----------
    obs, type : list or None
        Labels of instruments and of constructs.
    time1, time2 : array of shape (n,) or None
        When the first and the second condition of a contrast were observed.
    group1, group2 : list or None
    weight1, weight2 : array of shape (n,) or None
        Sizes of the groups.
    """

    obs: list[object] | None
    type: list[object] | None
    time1: Floats | None
    time2: Floats | None
    group1: list[object] | None
    group2: list[object] | None
    weight1: Floats | None
    weight2: Floats | None


@dataclass(frozen=True, slots=True)
class Levels:
    """One correlation for all pairs of different levels, or one a pair."""

    value: float
    matrix: Floats | None
    names: tuple[str, ...]

    def between(self, labels: list[object]) -> Floats:
        """Correlations between rows, shape (n, n); 1 between rows of one level."""
        if self.matrix is None:
            out = np.where(_same(labels), 1.0, self.value)
        else:
            at = [self.names.index(str(label)) for label in labels]
            out = self.matrix[np.ix_(at, at)]
        return np.asarray(out)


def correlation_matrix(
    design: Design, within: Levels | None, between: Levels | None, phi: float | None, n: int
) -> Floats:
    """Correlations of the sampling errors of one cluster, shape (n, n)."""
    out = _instruments(design, within, between, n) * _conditions(design, phi, n)
    np.fill_diagonal(out, 1.0)
    return out


def _instruments(design: Design, within: Levels | None, between: Levels | None, n: int) -> Floats:
    """Of what was measured, and how."""
    out = np.ones((n, n))
    if design.obs is not None and within is not None:
        out = within.between(design.obs)
    if design.type is not None and between is not None:
        out = np.where(_same(design.type), out, between.between(design.type))
    return out


def _conditions(design: Design, phi: float | None, n: int) -> Floats:
    r"""Of whom, and when.

    A contrast is the difference of two conditions. Conditions of one group share its
    persons: their errors have the correlation :math:`\phi^{|t - t'|}` and variances
    :math:`1 / w`; those of different groups are independent.
    """
    one = _half(design.group1, design.time1, design.weight1, n)
    if design.group2 is None and design.time2 is None:
        return _shared(one, one, phi) * np.sqrt(np.outer(one.weight, one.weight))
    groups = design.group2 if design.group2 is not None else design.group1
    times = design.time2 if design.time2 is not None else design.time1
    two = _half(groups, times, design.weight2, n)
    covariance = (
        _shared(one, one, phi)
        - _shared(one, two, phi)
        - _shared(two, one, phi)
        + _shared(two, two, phi)
    )
    variance = np.diag(covariance)
    # Two equal conditions have no difference and no variance; their correlation is left at 0.
    scale = np.sqrt(np.where(variance > 0, variance, np.inf))
    return np.asarray(covariance / np.outer(scale, scale))


@dataclass(frozen=True, slots=True)
class _Half:
    group: list[object] | None
    time: Floats | None
    weight: Floats


def _half(group: list[object] | None, time: Floats | None, weight: Floats | None, n: int) -> _Half:
    return _Half(group, time, np.ones(n) if weight is None else weight)


def _shared(a: _Half, b: _Half, phi: float | None) -> Floats:
    """Covariances between conditions."""
    n = a.weight.size
    same = np.ones((n, n))
    if a.group is not None and b.group is not None:
        same = np.array([[float(x == y) for y in b.group] for x in a.group]).reshape(n, n)
    if phi is not None and a.time is not None and b.time is not None:
        apart = np.abs(a.time[:, None] - b.time)
        same = same * np.where(apart == 0.0, 1.0, np.power(phi, apart))
    return np.asarray(same / np.sqrt(np.outer(a.weight, b.weight)))


def _same(labels: list[object]) -> np.ndarray:
    return np.array([[x == y for y in labels] for x in labels]).reshape(len(labels), -1)


def nearest_correlations(R: Floats) -> tuple[Floats, float]:
    """The nearest correlation matrix that is positive definite, and how far it is.

    Alternating projections with Dykstra's correction; the smallest eigenvalue is kept at
    1e-6 of the largest, so that the matrix can be inverted. The distance is the largest
    change of a correlation.

    References
    ----------
    .. [1] Higham (2002). IMA J Numer Anal 22, 329-343. doi:10.1093/imanum/22.3.329

    Examples
    --------
    >>> R, moved = nearest_correlations(np.array([[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1.0]]))
    >>> bool(np.linalg.eigvalsh(R).min() > 0), round(moved, 2)
    (True, 0.16)
    """
    Y, correction = R.copy(), np.zeros_like(R)
    for _ in range(2000):
        shifted = Y - correction
        values, vectors = np.linalg.eigh(shifted)
        X = (vectors * np.maximum(values, 2e-6 * values[-1])) @ vectors.T
        correction = X - shifted
        new = X.copy()
        np.fill_diagonal(new, 1.0)
        done = float(np.abs(new - Y).max()) < 1e-12
        Y = new
        if done:
            break
    values, vectors = np.linalg.eigh(Y)
    Y = (vectors * np.maximum(values, 1e-6 * values[-1])) @ vectors.T
    scale = np.sqrt(np.diag(Y))
    Y = Y / np.outer(scale, scale)
    return np.asarray((Y + Y.T) / 2.0), float(np.abs(Y - R).max())
