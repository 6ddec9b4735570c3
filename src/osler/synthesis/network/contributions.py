"""How much each comparison, and each study, contributes to each result of a network."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from textwrap import wrap

import numpy as np

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import number, percent
from osler.synthesis.asked import checked_name
from osler.synthesis.network.data import Codes, Network
from osler.synthesis.network.designs import sign_between
from osler.synthesis.network.kernel import laplacian, places_of, weights_of
from osler.synthesis.network.model import NetworkSynthesis

CONTRIBUTION_METHODS = ("shortest path", "random walk")

# Less evidence than this on a comparison is rounding.
_NOTHING = 1e-10
# What people are told: so many of the largest contributions, and none below half a percent.
_SHOWN, _LEAST = 6, 0.005


@dataclass(frozen=True, slots=True, repr=False)
class Contributions(Result):
    """Evidence of each result of a network by where it comes from.

    Attributes
    ----------
    results : tuple of (treatment, comparator), length r
    comparisons : tuple of (treatment, comparator), length c
        Those that studies make.
    studies : tuple of str, length k
    hat : array of shape (r, c)
        What a result takes from each direct estimate: result = hat @ direct. Seen as a flow of
        evidence from treatment to comparator, its absolute value is what a comparison carries.
    share : array of shape (r, c)
        Contributions of the comparisons; each row adds up to 1.
    of_study : array of shape (r, k)
        Contributions of the studies; each row adds up to 1.
    mean_path : array of shape (r,)
        Comparisons that the evidence passes on average.
    parallelism : array of shape (r,)
        Least number of ways side by side: 1 over the largest part of the flow on a comparison.
    """

    method: str
    model: str
    results: tuple[tuple[str, str], ...]
    comparisons: tuple[tuple[str, str], ...]
    studies: tuple[str, ...]
    hat: Floats
    share: Floats
    of_study: Floats
    mean_path: Floats
    parallelism: Floats

    def summary(self) -> str:
        head = f"Where the evidence comes from ({self.method}, {self.model})"
        lines, names = [head], self._names()
        for i, (a, b) in enumerate(self.results):
            told = ", ".join(
                f"{names[j]} {percent(self.share[i, j])}"
                for j in np.argsort(-self.share[i], kind="stable")[:_SHOWN].tolist()
                if self.share[i, j] >= _LEAST
            )
            path, beside = number(self.mean_path[i], 2), number(self.parallelism[i], 2)
            lines += ["", f"{a} vs {b}: mean path {path}, parallelism {beside}"]
            lines += wrap(told, 92, initial_indent="  ", subsequent_indent="  ")
        return "\n".join(lines)

    def columns(self) -> dict[str, list[object]]:
        r, c = self.share.shape
        out: dict[str, list[object]] = {
            "treatment": [a for a, _ in self.results for _ in range(c)],
            "comparator": [b for _, b in self.results for _ in range(c)],
            "comparison": [*self._names()] * r,
        }
        return out | {"hat": [*self.hat.ravel().tolist()], "share": [*self.share.ravel().tolist()]}

    def study_columns(self) -> dict[str, list[object]]:
        """One row a result and study."""
        r, k = self.of_study.shape
        return {
            "treatment": [a for a, _ in self.results for _ in range(k)],
            "comparator": [b for _, b in self.results for _ in range(k)],
            "study": list(self.studies) * r,
            "share": self.of_study.ravel().tolist(),
        }

    def _names(self) -> list[str]:
        """Of the comparisons, for people."""
        sign = sign_between(name for pair in self.comparisons for name in pair)
        return [sign.join(pair) for pair in self.comparisons]

    def text(self) -> str:
        return (
            "Contributions of direct comparisons to the results of the network were taken from "
            f"the flow of evidence in its hat matrix ({self.method} method, {self.model})."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {f"{a} vs {b}": partial(self._why, i) for i, (a, b) in enumerate(self.results)}

    def _why(self, i: int) -> Why:
        a, b = self.results[i]
        order = np.argsort(-self.share[i], kind="stable").tolist()
        names = self._names()
        parts = [(names[j], float(self.share[i, j])) for j in order]
        return Why(
            f"{a} vs {b}",
            parts[0][1] if parts else float("nan"),
            "The result's row of the hat matrix is a flow of evidence; it is cut into paths, and "
            "what a path carries is shared equally by its comparisons.",
            "share = Σ φ(path) / length(path) over the paths through a comparison",
            (("contributions", parts),),
            _SOURCES[self.method],
        )


_SOURCES = {
    "shortest path": "Papakonstantinou et al. (2018), F1000Research 7, 610",
    "random walk": "Davies, Papakonstantinou, Nikolakopoulou, Rücker & Galla (2022), Stat Med 41, "
    "2091-2114",
}


def contributions(
    fit: NetworkSynthesis,
    *,
    method: str = "shortest path",
    against: str = "",
    common: bool = False,
) -> Contributions:
    """Contributions of comparisons and studies to every result, or to those against one treatment.

    Parameters
    ----------
    fit : NetworkSynthesis
    method : {"shortest path", "random walk"}
        How the flow of evidence is cut into paths: always the shortest that is left, or all
        paths at once in proportion to what flows on at each treatment.
    against : str
        Only results against this treatment; every comparison where left out.
    common : bool
        By the common-effect model.

    Raises
    ------
    DataError
        Where the method (SYN005) or the treatment (NET010) is unknown.

    Notes
    -----
    "shortest path" equals ``netcontrib`` of netmeta (its default). Where two paths are equally
    short it is ambiguous, and results depend on which one goes first: here, as there, treatments
    in the order in which they come up in the list of direct comparisons, sorted by name and each
    written along its flow. "random walk" has no such choice: the same evidence gives the same
    contributions whatever the treatments are called.

    Studies share a comparison's contribution in proportion to their weights in it.

    References
    ----------
    .. [1] Papakonstantinou et al. (2018). F1000Research 7, 610.
       doi:10.12688/f1000research.14770.3
    .. [2] Davies, Papakonstantinou, Nikolakopoulou, Rücker & Galla (2022). Stat Med 41,
       2091-2114. doi:10.1002/sim.9346
    .. [3] König, Krahn & Binder (2013). Stat Med 32, 5414-5429. doi:10.1002/sim.6001
    """
    method = checked_name("method", method, CONTRIBUTION_METHODS)
    tau2 = 0.0 if common else fit.tau2
    order = sorted(range(len(fit.treatments)), key=lambda t: fit.treatments[t].casefold())
    only = fit.place(against) if against else -1
    results = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :] if only in (-1, a, b)]
    inverse = places_of(fit.network, np.array([tau2])).inverse[0]
    weight = _weights(fit.network, tau2)
    edges = _edges(fit.network, order)
    first, second = edges.T
    at = np.array(results)
    away = inverse[at[:, 0]] - inverse[at[:, 1]]
    hat = (away[:, first] - away[:, second]) * weight[first, second]
    # Without negative weights evidence flows downhill, and cannot flow in circles.
    rounds = bool((weight < 0).any())
    share = np.stack([
        _shares(row, edges, pair, len(order), method, rounds=rounds)
        for row, pair in zip(hat, results, strict=True)
    ])  # fmt: skip
    carried = np.abs(hat)
    if only >= 0:
        hat = np.where(at[:, :1] == only, -hat, hat)
        results = [(a, b) if b == only else (b, a) for a, b in results]
    return Contributions(
        method,
        "common effect" if common else "random effects",
        _named(fit.treatments, results),
        _named(fit.treatments, edges.tolist()),
        fit.network.studies,
        hat,
        share,
        share @ _by_study(fit.network, tau2, edges),
        carried.sum(axis=1),
        1.0 / carried.max(axis=1),
    )


def _named(
    treatments: tuple[str, ...], pairs: Sequence[Sequence[int]]
) -> tuple[tuple[str, str], ...]:
    return tuple((treatments[a], treatments[b]) for a, b in pairs)


def _weights(network: Network, tau2: float) -> Floats:
    """Weight of each comparison once studies of several arms have shared theirs; shape (n, n)."""
    n = len(network.treatments)
    out = np.zeros((n, n))
    for group in network.groups:
        out -= laplacian(group, weights_of(group, np.array([tau2])), n)[0]
    np.fill_diagonal(out, 0.0)
    return out


def _edges(network: Network, order: Sequence[int]) -> Codes:
    """Comparisons that studies make, sorted by name; shape (c, 2)."""
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    pairs = network.paired
    both = place[np.stack([pairs.treatment, pairs.comparator], axis=1)]
    return np.asarray(np.array(order)[np.unique(np.sort(both, axis=1), axis=0)], np.intp)


def _by_study(network: Network, tau2: float, edges: Codes) -> Floats:
    """Share of each study in each comparison's weight; shape (c, k)."""
    n, k = len(network.treatments), len(network.studies)
    column = np.full((n, n), -1)
    column[edges[:, 0], edges[:, 1]] = column[edges[:, 1], edges[:, 0]] = np.arange(len(edges))
    out = np.zeros((len(edges), k))
    for group in network.groups:
        w = weights_of(group, np.array([tau2]))[0]
        m = group.arms.shape[1]
        whole = np.zeros((len(w), m, m))
        whole[:, 1:, 1:] = -w
        whole[:, 0, 1:] = w.sum(axis=1)
        a, b = np.triu_indices(m, 1)
        at = column[group.arms[:, a], group.arms[:, b]]
        out[at, group.study[:, None]] = np.abs(whole[:, a, b])
    total = out.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(out, total, out=np.zeros_like(out), where=total > 0))


def _shares(
    row: Floats, edges: Codes, pair: tuple[int, int], n: int, method: str, *, rounds: bool
) -> Floats:
    """Contributions of the comparisons to one result; shape (c,)."""
    forward = row > 0
    start, end = np.where(forward, edges[:, 0], edges[:, 1]), np.where(forward, *edges.T[::-1])
    flow = np.zeros((n, n))
    flow[start, end] = np.where(np.abs(row) > _NOTHING, np.abs(row), 0.0)
    if rounds:
        flow = _without_rounds(flow)
    if method == "shortest path":
        seen = dict.fromkeys(np.stack([start, end], axis=1).ravel().tolist())
        found = _by_shortest_paths(flow, pair, list(seen))
    else:
        found = _by_random_walk(flow, pair)
    return np.asarray(found[start, end])


def _by_shortest_paths(flow: Floats, pair: tuple[int, int], order: Sequence[int]) -> Floats:
    """The shortest path that is left takes all it can carry, until nothing is left.

    Of equally short paths the first in the order of the treatments that it passes.
    """
    left = [{to: row[to] for to in order if row[to] > 0.0} for row in flow.tolist()]
    out = np.zeros_like(flow)
    while pair[0] in (far := _distances(left, pair[1])):
        ahead = [iter([to for to in row if far.get(to) == far.get(at, 0) - 1])
                 for at, row in enumerate(left)]  # fmt: skip
        for path, carried in _paths(left, pair, [next(i, -1) for i in ahead], ahead):
            out[path[:-1], path[1:]] += carried / (len(path) - 1)
        left = [{to: f for to, f in row.items() if f > _NOTHING} for row in left]
    return out


def _distances(left: Sequence[Mapping[int, float]], end: int) -> dict[int, int]:
    """Steps from each treatment to the end, for those from which it can be reached."""
    before: dict[int, list[int]] = {}
    for at, row in enumerate(left):
        for to in row:
            before.setdefault(to, []).append(at)
    far, line = {end: 0}, deque([end])
    while line:
        to = line.popleft()
        for at in before.get(to, ()):
            if at not in far:
                far[at] = far[to] + 1
                line.append(at)
    return far


def _paths(
    left: Sequence[dict[int, float]],
    pair: tuple[int, int],
    to: list[int],
    ahead: list[Iterator[int]],
) -> Iterator[tuple[list[int], float]]:
    """Paths of the least length, one after another, and what each carries; ``left`` shrinks.

    ``to`` is where each treatment's flow goes next, -1 where nothing of it can go on.
    """
    path = [pair[0]]
    while path:
        at = path[-1]
        if at == pair[1]:
            steps = list(pairwise(path))
            carried = min(left[a][b] for a, b in steps)
            for a, b in steps:
                left[a][b] -= carried
            yield path, carried
            path = [pair[0]]
        elif to[at] < 0:
            path.pop()
            if path:
                to[path[-1]] = next(ahead[path[-1]], -1)
        elif left[at][to[at]] <= _NOTHING:
            to[at] = next(ahead[at], -1)
        else:
            path.append(to[at])


def _without_rounds(flow: Floats) -> Floats:
    """Without what flows in a circle, as can be where a study's own weights are below 0."""
    flow = flow.copy()
    while round_ := _round(flow):
        a, b = np.array(round_[:-1]), np.array(round_[1:])
        flow[a, b] -= flow[a, b].min()
        flow[flow <= _NOTHING] = 0.0
    return flow


def _round(flow: Floats) -> list[int]:
    """A path along the flow that ends where it began; empty where there is none."""
    left = flow > 0
    while (ends := left.any(axis=0) & ~left.any(axis=1)).any():
        left[:, ends] = False
    if not left.any():
        return []
    path = [int(np.flatnonzero(left.any(axis=1))[0])]
    while path.count(path[-1]) < 2:
        path.append(int(np.flatnonzero(left[path[-1]])[0]))
    return path[path.index(path[-1]) :]


def _by_random_walk(flow: Floats, pair: tuple[int, int]) -> Floats:
    r"""All paths at once, by their lengths.

    A walker who leaves the treatment goes on along the flow with the chances of what flows. With
    F[l, i] the chance to be at i after l steps and B[m, j] that to reach the comparator from j
    in m more, a comparison (i, j) has :math:`p_{ij} \sum_{lm} F_{li} B_{mj} / (l + m + 1)`: no
    path needs to be listed.
    """
    n, out = len(flow), flow.sum(axis=1, keepdims=True)
    step = np.divide(flow, out, out=np.zeros_like(flow), where=out > 0)
    step[pair[1]] = 0.0
    there, left = np.zeros((n, n)), np.zeros((n, n))
    there[0, pair[0]] = left[0, pair[1]] = 1.0
    steps = n
    for length in range(1, n):
        there[length], left[length] = there[length - 1] @ step, step @ left[length - 1]
        if there[length].max() <= 0.0:
            steps = length
            break
    lengths = np.arange(steps)
    weight = 1.0 / (lengths[:, None] + lengths + 1.0)
    found = step * (there[:steps].T @ weight @ left[:steps])
    return np.asarray(found / found.sum())
