"""Estimates of one cluster combined into one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table, columns_of
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, number
from osler.synthesis import problems as shared
from osler.synthesis.batch import sound
from osler.synthesis.covariance import problems
from osler.synthesis.covariance.construct import (
    Codes,
    Given,
    clusters_of,
    labels_of,
    numbers_of,
)
from osler.synthesis.covariance.model import SamplingCovariance

_SINGULAR = 1e-12
STRUCTURES = ("ID", "CS", "CAR", "CS+CAR", "CS*CAR")


@dataclass(frozen=True, slots=True, repr=False)
class Aggregated(Result):
    """One estimate for each cluster; a ``StudyEstimates``.

    Attributes
    ----------
    measure : str
    studies : tuple of str
        The clusters.
    estimates, variances : tuple of float
    counts : tuple of int
        Estimates combined in each.
    structure : str
        Assumed correlations of sampling errors, in words.
    weighted : bool
        By inverse covariance, or a plain mean.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    counts: tuple[int, ...]
    structure: str
    weighted: bool

    def summary(self) -> str:
        rows = [["cluster", "estimate", "se", "combined"]]
        for i in range(min(40, len(self.studies))):
            se = number(float(np.sqrt(self.variances[i])), 4)
            rows.append(
                [self.studies[i][:40], number(self.estimates[i], 4), se, str(self.counts[i])]
            )
        how = "inverse covariance" if self.weighted else "plain means"
        head = f"{counted(sum(self.counts), 'estimate')} combined into {len(self.studies)}, {how}"
        more = len(self.studies) - 40
        return "\n".join(
            [head, f"sampling errors: {self.structure}", "", *aligned(rows)]
            + ([f"... and {more} more"] if more > 0 else [])
        )

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "estimate": list(self.estimates),
            "variance": list(self.variances),
            "combined": list(self.counts),
        }

    def text(self) -> str:
        how = "weighted by their inverse covariance" if self.weighted else "by plain means"
        return (
            f"{counted(sum(self.counts), 'estimate')} of {counted(len(self.studies), 'cluster')} "
            f"were combined into one each, {how}, with sampling errors taken as {self.structure}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"estimates": self._why, "variances": self._why}

    def _why(self) -> Why:
        return Why(
            "estimates",
            self.estimates,
            "The best linear combination of a cluster's estimates, given their covariance."
            if self.weighted
            else "The mean of a cluster's estimates, with its variance under their covariance.",
            "Σ_ij V⁻¹_ij y_j / Σ_ij V⁻¹_ij, variance 1 / Σ_ij V⁻¹_ij"
            if self.weighted
            else "Σ y / n, variance Σ_ij V_ij / n²",
            (("combined", self.counts), ("sampling errors", self.structure)),
            "Borenstein et al. 2009, Introduction to Meta-Analysis, chapter 24",
        )


def aggregate_effects(
    estimates: Given,
    variances: Given,
    cluster: Given,
    *,
    data: Table | None = None,
    structure: Literal["ID", "CS", "CAR", "CS+CAR", "CS*CAR"] = "CS",
    rho: float | None = None,
    phi: float | None = None,
    time: Given | None = None,
    obs: Given | None = None,
    V: ArrayLike | SamplingCovariance | None = None,
    weighted: bool = True,
    measure: str = "",
) -> Aggregated:
    r"""Combine the estimates of each cluster into one.

    Parameters
    ----------
    estimates, variances, cluster : column name, or values
        Missing estimates are not allowed here: leave the rows out.
    data : table
    structure : {"CS", "ID", "CAR", "CS+CAR", "CS*CAR"}
        Correlations of errors within a cluster: ``rho`` between all (CS), none (ID),
        ``phi`` to the power of the time between (CAR), ``rho + (1 - rho) phi^t`` (CS+CAR),
        or ``rho`` between different ``obs`` times ``phi^t`` (CS*CAR).
    rho, phi : float
    time, obs : column name, or values
    V : array of shape (n, n), or SamplingCovariance
        Known covariance instead of a structure.
    weighted : bool
        By the inverse covariance, or a plain mean.
    measure : str

    Returns
    -------
    Aggregated

    Raises
    ------
    DataError
        COV001 to COV008; SYN007 where a number is too large or too small to compute with.

    Notes
    -----
    Equals metafor's ``aggregate``. A multilevel model keeps what this gives away; combine
    only where one estimate a study is needed, as for a funnel plot. With high ``rho`` and
    unequal variances the weights of the less precise estimates become negative: the best
    combination then lies outside the range of what it combines.

    Examples
    --------
    >>> one = aggregate_effects([0.2, 0.6, 0.3], [0.04, 0.04, 0.02], ["a", "a", "b"], rho=0.5)
    >>> one.studies, [round(e, 3) for e in one.estimates], [round(v, 3) for v in one.variances]
    (('a', 'b'), [0.4, 0.3], [0.03, 0.02])
    """
    columns: dict[str, list[object]] = {} if data is None else columns_of(data)
    y = numbers_of(estimates, "estimates", columns, None)
    v = numbers_of(variances, "variances", columns, y.size)
    if (v <= 0).any():
        row = int(np.flatnonzero(v <= 0)[0])
        raise DataError(problems.variance_not_positive(row + 1, float(v[row])))
    if not sound(y, v).all():
        row = int(np.flatnonzero(~sound(y, v))[0])
        problem = shared.beyond_computing(f"row {row + 1}", float(y[row]), float(v[row]))
        raise DataError(problem)
    rows, names = clusters_of([labels_of(cluster, "cluster", columns, y.size)])
    if V is not None:
        blocks, told = _known_blocks(V, rows, y.size), "given covariance"
    else:
        times = None if time is None else numbers_of(time, "time", columns, y.size)
        kinds = None if obs is None else labels_of(obs, "obs", columns, y.size)
        _check(structure, rho, phi, times, kinds)
        blocks = [_block(v[r], structure, rho, phi, times, kinds, r) for r in rows]
        told = _told(structure, rho, phi)
    found = [_combined(y[r], b, n, weighted) for r, b, n in zip(rows, blocks, names, strict=True)]
    return Aggregated(
        measure,
        tuple(names),
        tuple(e for e, _ in found),
        tuple(w for _, w in found),
        tuple(int(r.size) for r in rows),
        told,
        weighted,
    )


def _told(structure: str, rho: float | None, phi: float | None) -> str:
    if structure == "ID":
        return "independent"
    parts = [f"rho = {rho:g}"] if rho is not None and "CS" in structure else []
    parts += [f"phi = {phi:g}"] if phi is not None and "CAR" in structure else []
    return f"{structure} with {', '.join(parts)}"


def _check(
    structure: str,
    rho: float | None,
    phi: float | None,
    times: Floats | None,
    kinds: list[object] | None,
) -> None:
    if structure not in STRUCTURES:
        raise DataError(problems.unknown_choice("structure", structure, ", ".join(STRUCTURES)))
    needed = {
        "rho": (rho, structure.startswith("CS")),
        "phi": (phi, structure.endswith("CAR")),
        "time": (times, structure.endswith("CAR")),
        "obs": (kinds, structure == "CS*CAR"),
    }
    for name, (value, wanted) in needed.items():
        if wanted and value is None:
            raise DataError(problems.correlation_needed(f"structure {structure}", name))
    for name, number_ in (("rho", rho), ("phi", phi)):
        if number_ is not None and not -1.0 <= number_ <= 1.0:
            raise DataError(problems.correlation_not_usable(f"{name} = {number_:g}"))


def _block(
    v: Floats,
    structure: str,
    rho: float | None,
    phi: float | None,
    times: Floats | None,
    kinds: list[object] | None,
    r: Codes,
) -> Floats:
    n = v.size
    R = np.eye(n)
    fading = np.ones((n, n))
    if structure.endswith("CAR") and times is not None and phi is not None:
        apart = np.abs(times[r][:, None] - times[r])
        fading = np.where(apart == 0.0, 1.0, np.power(phi, apart))
    if structure == "CS":
        R = np.full((n, n), rho)
    elif structure == "CAR":
        R = fading
    elif structure == "CS+CAR" and rho is not None:
        R = rho + (1.0 - rho) * fading
    elif structure == "CS*CAR" and kinds is not None and rho is not None:
        labels = [kinds[int(i)] for i in r]
        same = np.array([[a == b for b in labels] for a in labels])
        R = np.where(same, 1.0, rho) * fading
    R = R.astype(float)
    np.fill_diagonal(R, 1.0)
    return np.asarray(R * np.sqrt(np.outer(v, v)))


def _known_blocks(V: ArrayLike | SamplingCovariance, rows: list[Codes], n: int) -> list[Floats]:
    matrix = V.matrix if isinstance(V, SamplingCovariance) else np.asarray(V, float)
    if matrix.shape != (n, n):
        raise DataError(problems.matrix_does_not_fit(f"its shape is {matrix.shape}, {n} rows"))
    inside = sum(float(np.abs(matrix[np.ix_(r, r)]).sum()) for r in rows)
    if inside < float(np.abs(matrix).sum()) * (1.0 - 1e-12):
        raise DataError(problems.matrix_does_not_fit("estimates of different clusters covary"))
    return [matrix[np.ix_(r, r)] for r in rows]


def _combined(y: Floats, V: Floats, name: str, weighted: bool) -> tuple[float, float]:
    sd = np.sqrt(np.diag(V))
    lowest = float(np.linalg.eigvalsh(V / np.outer(sd, sd))[0])
    if lowest <= _SINGULAR:
        raise DataError(problems.not_definite(name, lowest))
    if not weighted:
        return float(y.mean()), float(V.sum()) / y.size**2
    solved = np.linalg.solve(V, np.column_stack([np.ones_like(y), y]))
    total = float(solved[:, 0].sum())
    return float(solved[:, 1].sum()) / total, 1.0 / total
