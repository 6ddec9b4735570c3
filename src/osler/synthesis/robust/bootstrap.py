r"""Cluster wild bootstrap of robust Wald tests.

Residuals of the model fitted under the hypothesis are kept together by cluster; each
replicate multiplies every cluster's by one random sign and tests again. With working weights
held, a replicate needs only p numbers a cluster, so that all replicates are one array
expression.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.wording import counted, number, p_value
from osler.synthesis.multilevel.model import Multilevel
from osler.synthesis.robust import problems
from osler.synthesis.robust.fit import clusters_of, nested_sandwich
from osler.synthesis.robust.model import contrasts
from osler.synthesis.robust.sandwich import Cluster, Robust, adjustment
from osler.synthesis.robust.working import WorkingModel, working_of

_GOLDEN = (1.0 + np.sqrt(5.0)) / 2.0
# Values with mean 0 and variance 1, and how often each is drawn.
_POINTS: dict[str, tuple[list[float], list[float]]] = {
    "rademacher": ([-1.0, 1.0], [0.5, 0.5]),
    "mammen": ([1.0 - _GOLDEN, _GOLDEN], [_GOLDEN / 5.0**0.5, (_GOLDEN - 1.0) / 5.0**0.5]),
    "webb": (
        [s * v**0.5 for s in (-1.0, 1.0) for v in (0.5, 1.0, 1.5)],
        [1.0 / 6.0] * 6,
    ),
}
# Replicates worked on at a time: numbers that a processor keeps at hand.
_AT_ONCE = 2_000_000
# Statistics this close, relatively, count as tied: they differ by rounding alone.
_TIED = 1e-9


@dataclass(frozen=True, slots=True, repr=False)
class WildBootstrap(Result):
    """A cluster wild bootstrap test.

    Attributes
    ----------
    tested : tuple of str
    f : float
        Wald statistic over the number of contrasts, with CR0.
    df1 : int
    p_value : float
        Share of replicates with a statistic at least as large.
    replicates : int
    exact : bool
        Whether every pattern of signs was tried, instead of a random sample.
    signs, adjust : str
    clusters : int
    notes : tuple of str
    """

    tested: tuple[str, ...]
    f: float
    df1: int
    p_value: float
    replicates: int
    exact: bool
    signs: str
    adjust: str
    clusters: int
    notes: tuple[str, ...]

    def summary(self) -> str:
        how = "all patterns of signs" if self.exact else "random signs"
        lines = [
            f"Cluster wild bootstrap of {', '.join(self.tested)}",
            f"F {number(self.f, 3)}, {p_value(self.p_value)} ({self.replicates} replicates, {how})",
            f"{self.signs} signs, {counted(self.clusters, 'cluster')}",
            f"residuals under the hypothesis, adjusted: {self.adjust}",
        ]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def columns(self) -> dict[str, list[object]]:
        names = "f df1 p_value replicates exact signs adjust clusters".split()
        return {name: [getattr(self, name)] for name in names}

    def text(self) -> str:
        return (
            f"A cluster wild bootstrap with {self.signs} weights and {self.replicates} replicates "
            f"tested {', '.join(self.tested)}: {p_value(self.p_value)}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"p_value": self._why}

    def _why(self) -> Why:
        return Why(
            "p_value",
            self.p_value,
            "Share of replicates whose Wald statistic is at least that of the data; a replicate "
            "gives the residuals of each cluster, under the hypothesis, a random sign.",
            "p = #(F* ≥ F) / R",
            (("F", self.f), ("R", self.replicates), ("clusters", self.clusters)),
            "Joshi, Pustejovsky & Beretvas 2022, doi:10.1002/jrsm.1554",
        )


def wild_bootstrap(
    fit: Multilevel | WorkingModel,
    cluster: str | Sequence[object],
    tested: Sequence[str] | ArrayLike | None = None,
    *,
    rng: np.random.Generator,
    replicates: int = 1999,
    signs: Literal["rademacher", "mammen", "webb"] = "rademacher",
    adjust: Literal["none", "CR2"] = "none",
) -> WildBootstrap:
    """Test coefficients by a cluster wild bootstrap: better than F tests with few clusters.

    Parameters
    ----------
    fit : Multilevel or WorkingModel
    cluster : str or sequence
    tested : names, or array of shape (q, p)
        Without: all coefficients but the intercept.
    rng : numpy.random.Generator
    replicates : int
        With Rademacher signs and few clusters all 2^m patterns are tried instead, where
        they are no more than this.
    signs : {"rademacher", "mammen", "webb"}
    adjust : {"none", "CR2"}
        Whether residuals under the hypothesis are first corrected as CR2 does.

    Returns
    -------
    WildBootstrap

    Raises
    ------
    DataError
        ROB001 to ROB006.

    Notes
    -----
    Variance components stay as estimated from the data, so a replicate costs next to
    nothing; refitting them in each, as some programs do, changes weights slightly.

    References
    ----------
    .. [1] Joshi, Pustejovsky & Beretvas (2022). Res Synth Methods 13, 457-477.
       doi:10.1002/jrsm.1554
    .. [2] Cameron, Gelbach & Miller (2008). Rev Econ Stat 90, 414-427.
       doi:10.1162/rest.90.3.414

    Examples
    --------
    >>> from osler.synthesis.robust import working_model
    >>> y = np.array([0.1, 0.3, 0.8, 0.6, 0.2, 0.5, 0.9, 0.7])
    >>> model = working_model(["Intercept"], np.ones((8, 1)), y, np.ones(8))
    >>> found = wild_bootstrap(
    ...     model, list("aabbccdd"), ["Intercept"], rng=np.random.default_rng(1)
    ... )
    >>> found.exact, found.replicates, found.p_value
    (True, 16, 0.125)
    """
    if signs not in _POINTS:
        raise DataError(problems.unknown_kind("signs", signs, ", ".join(_POINTS)))
    if adjust not in ("none", "CR2"):
        raise DataError(problems.unknown_kind("adjust", adjust, '"none" or "CR2"'))
    if replicates < 1:
        raise DataError(problems.unknown_kind("replicates", replicates, "1 or more"))
    model = working_of(fit) if isinstance(fit, Multilevel) else fit
    codes, _ = clusters_of(model, cluster)
    sandwich = nested_sandwich(model, codes, "CR0")
    C, names = contrasts(tested, model.names)
    observed = _wald(sandwich.scores[None], C @ model.beta[:, None], sandwich.bread, C)[0]
    R = _null_scores(sandwich, model.beta, C, adjust)
    K = np.array([c.X.T @ c.weights @ c.X for c in sandwich.clusters])
    flips, exact = _flips(sandwich.m, replicates, signs, rng)
    chunk = max(1, _AT_ONCE // max(1, R.size))
    found = np.concatenate(
        [_replicates(part, R, K, sandwich.bread, C) for part in _chunked(flips, chunk)]
    )
    usable = np.isfinite(found)
    share = float(np.mean(found[usable] >= observed * (1.0 - _TIED))) if usable.any() else np.nan
    notes = []
    if not usable.all():
        notes.append(f"{int((~usable).sum())} replicates had no variance and were left out")
    if sandwich.m < 6 and signs != "webb":
        notes.append("with so few clusters few patterns of signs differ; Webb's weights give more")
    return WildBootstrap(
        names, float(observed) / len(C), len(C), share, len(flips), exact, signs, adjust,
        sandwich.m, tuple(notes),
    )  # fmt: skip


def _chunked(flips: Floats, size: int) -> list[Floats]:
    return [flips[i : i + size] for i in range(0, len(flips), size)]


def _null_scores(sandwich: Robust, beta: Floats, C: Floats, adjust: str) -> Floats:
    """X' W e of every cluster with residuals of the model under the hypothesis."""
    B = sandwich.bread
    shift = B @ C.T @ np.linalg.solve(C @ B @ C.T, C @ beta)
    restricted = [
        Cluster(c.X, c.residuals + c.X @ shift, c.weights, c.target) for c in sandwich.clusters
    ]
    residuals = [c.residuals for c in restricted]
    if adjust == "CR2":
        residuals = _adjusted(restricted, C)
    return np.array([c.X.T @ c.weights @ e for c, e in zip(restricted, residuals, strict=True)])


def _adjusted(clusters: list[Cluster], C: Floats) -> list[Floats]:
    """Residuals with the correction of CR2 for the design that the hypothesis leaves."""
    _, values, vectors = np.linalg.svd(C)
    rank = int((values > 1e-10 * values[0]).sum())
    basis = vectors[rank:].T
    reduced = [Cluster(c.X @ basis, c.residuals, c.weights, c.target) for c in clusters]
    size = basis.shape[1]
    zero = np.zeros((size, size))
    information = sum((c.X.T @ c.weights @ c.X for c in reduced), zero)
    bread = np.asarray(np.linalg.inv(information)) if size else zero
    meat = sum((c.X.T @ c.weights @ c.target @ c.weights @ c.X for c in reduced), zero)
    return [adjustment(c, bread, meat) @ c.residuals for c in reduced]


def _flips(m: int, replicates: int, signs: str, rng: np.random.Generator) -> tuple[Floats, bool]:
    """Random weights of the clusters, shape (replicates, m); every pattern where few."""
    if signs == "rademacher" and m < 31 and 2**m <= replicates:
        bits = np.arange(2**m)[:, None] >> np.arange(m) & 1
        return np.asarray(1.0 - 2.0 * bits), True
    points, shares = _POINTS[signs]
    return np.asarray(rng.choice(points, size=(replicates, m), p=shares)), False


def _replicates(flips: Floats, R: Floats, K: Floats, bread: Floats, C: Floats) -> Floats:
    """Wald statistics of the replicates, shape (replicates,)."""
    moved = flips @ R @ bread
    scores = flips[:, :, None] * R - np.einsum("jab,rb->rja", K, moved)
    return _wald(scores, C @ moved.T, bread, C)


def _wald(scores: Floats, values: Floats, bread: Floats, C: Floats) -> Floats:
    """Statistics with CR0; ``scores`` (r, m, p), ``values`` (q, r)."""
    half = scores @ (bread @ C.T)
    V = half.transpose(0, 2, 1) @ half
    sizes = np.abs(np.linalg.det(V)) > 0
    out = np.full(len(V), np.nan)
    solved = np.linalg.solve(V[sizes], values.T[sizes][:, :, None])[:, :, 0]
    out[sizes] = np.einsum("rq,rq->r", values.T[sizes], solved)
    return out
