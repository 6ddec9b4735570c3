"""Each design of a network pooled by itself: what its studies say without the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis.network.data import Codes, Network, SameArms, against_arms
from osler.synthesis.network.kernel import between, residuals_of, shaped, times, weights_of

# Codes of arms taken together fit an integer below this.
_MOST_CODES = 2**62


@dataclass(frozen=True, slots=True)
class Designs:
    """All designs with the same number of arms, e of them, pooled at one tau2.

    Attributes
    ----------
    arms : array of shape (e, m)
        Treatments, in the order of their codes.
    group : SameArms
        Their studies, s of them, design by design, with arms in the same order.
    design : array of shape (s,)
        Position here of each study's design.
    y, v : array of shape (e, m - 1) and (e, m - 1, m - 1)
        Pooled contrasts against the first arm, and their covariance.
    q, spread : array of shape (e,)
        Weighted squared residuals within the design, and what they gain with tau2.
    first : array of shape (e,)
        The first study of each, by position in the network.
    """

    arms: Codes
    group: SameArms
    design: Codes
    y: Floats
    v: Floats
    q: Floats
    spread: Floats
    first: Codes

    @property
    def k(self) -> Codes:
        """Studies of each design."""
        return np.asarray(np.bincount(self.design, minlength=len(self.arms)), np.intp)

    @property
    def df(self) -> Codes:
        """Degrees of freedom within each design."""
        return np.asarray((self.k - 1) * (self.arms.shape[1] - 1), np.intp)


def sign_between(treatments: Iterable[str]) -> str:
    """What joins treatments in the name of a design: a sign that stands in no name.

    Examples
    --------
    >>> sign_between(["rest", "yoga"]), sign_between(["rest", "tea 1:10"])
    (':', ' | ')
    """
    names = "\n".join(treatments)
    if ":" not in names:
        return ":"
    bars = next(n for n in count(1) if "|" * n not in names)
    return f" {'|' * bars} "


def sorted_arms(group: SameArms) -> SameArms:
    """The same studies with their arms in the order of the treatments' codes."""
    order = np.argsort(group.arms, axis=1)
    of = np.arange(len(order))[:, None]
    y, v = against_arms(group)
    y = y[of, order]
    v = v[of[:, :, None], order[:, :, None], order[:, None, :]]
    v = v[:, 1:, 1:] - v[:, 1:, :1] - v[:, :1, 1:] + v[:, :1, :1]
    return SameArms(group.study, group.arms[of, order], y[:, 1:] - y[:, :1], v)


def pooled_designs(network: Network, tau2: float) -> tuple[Designs, ...]:
    """Every design by itself, grouped by number of arms."""
    sorted_groups = map(sorted_arms, network.groups)
    return tuple(_pooled(group, len(network.treatments), tau2) for group in sorted_groups)


def _pooled(group: SameArms, n: int, tau2: float) -> Designs:
    code = _codes(group.arms, n)
    order = np.argsort(code, kind="stable")
    group = SameArms(group.study[order], group.arms[order], group.y[order], group.v[order])
    begins = np.diff(code[order], prepend=-1) != 0
    starts, design = np.flatnonzero(begins), np.cumsum(begins) - 1
    w = weights_of(group, np.array([tau2]))[0]
    y, v, residual = _means(group, w, starts, design)
    ws = shaped(w)
    traces = np.einsum("sii->s", ws)
    spread = np.add.reduceat(traces, starts)
    spread -= np.einsum("eij,eji->e", v, np.add.reduceat(ws @ w, starts, axis=0))
    q = np.add.reduceat((times(w, residual) * residual).sum(axis=1), starts)
    return Designs(group.arms[starts], group, design, y, v, q, spread, group.study[starts])


def _codes(arms: Codes, n: int) -> Codes:
    """One number >= 0 for each set of arms."""
    if n ** arms.shape[1] > _MOST_CODES:
        return np.asarray(np.unique(arms, axis=0, return_inverse=True)[1].ravel(), np.intp)
    return np.asarray(arms @ n ** np.arange(arms.shape[1])[::-1], np.intp)


def _means(
    group: SameArms, w: Floats, starts: Codes, design: Codes
) -> tuple[Floats, Floats, Floats]:
    """Pooled contrasts of each design, their covariance, and what they leave of each study's."""
    whole = np.add.reduceat(w, starts, axis=0)
    v = np.asarray(1.0 / whole if whole.shape[-1] == 1 else np.linalg.inv(whole), float)
    y = times(v, np.add.reduceat(times(w, group.y), starts, axis=0))
    return y, v, group.y - y[design]


def q_within_designs(designs: Sequence[Designs], tau2: float) -> float:
    """Weighted squared residuals within all designs together, at another tau2."""
    q = 0.0
    for d in designs:
        w = weights_of(d.group, np.array([tau2]))[0]
        starts = np.searchsorted(d.design, np.arange(len(d.arms)))
        *_, residual = _means(d.group, w, starts, d.design)
        q += float((times(w, residual) * residual).sum())
    return q


def left_by(designs: Designs, inverse: Floats, position: Floats) -> tuple[Floats, Floats]:
    r"""What Q loses when each design in turn has effects of its own, and in which directions.

    With residuals r of the pooled contrasts and their covariance C under the consistent network,
    of which H is what the network itself explains, Q falls by :math:`r' (C - H)^+ r`: one small
    matrix a design, and no second fit.

    Returns
    -------
    q : array of shape (e, m - 1)
        By direction, those that are best explained by the network first.
    free : array of shape (e, m - 1)
        The share of each direction that evidence beside the design's own tells; 0 where the
        network falls apart without the design.
    """
    n_arms, residual = designs.arms.shape[1], _residual(designs, position)
    explained = between(inverse, designs.arms)
    if n_arms == 2:
        free = 1.0 - (explained / designs.v)[..., 0]
        along = residual * residual / designs.v[..., 0]
        return np.divide(along, free, out=np.zeros_like(free), where=free > 0), free
    root = np.linalg.cholesky(designs.v)
    r = np.linalg.solve(root, residual[..., None])
    half = np.linalg.solve(root, explained)
    share = np.linalg.solve(root, half.transpose(0, 2, 1))
    free, vectors = np.linalg.eigh(np.eye(n_arms - 1) - 0.5 * (share + share.transpose(0, 2, 1)))
    along = np.einsum("eij,ei->ej", vectors, r[..., 0])
    q = np.divide(along * along, free, out=np.zeros_like(free), where=free > 0)
    return q[:, ::-1], free[:, ::-1]


def _residual(designs: Designs, position: Floats) -> Floats:
    group = SameArms(designs.first, designs.arms, designs.y, designs.v)
    return np.asarray(residuals_of(group, position[None])[0])


def told_without(designs: Sequence[Designs]) -> list[Codes]:
    """For each design the dimensions that the other designs tell too; one array a group.

    A design that cannot be spared is an articulation point of the graph in which treatments and
    designs are the points; one walk finds them all [1]_.

    References
    ----------
    .. [1] Hopcroft & Tarjan (1973). Communications of the ACM 16, 372-378.
       doi:10.1145/362248.362272
    """
    arms = [row for group in designs for row in group.arms.tolist()]
    beside: dict[int, list[int]] = {}
    for design, treatments in enumerate(arms):
        beside[~design] = treatments
        for t in treatments:
            beside.setdefault(t, []).append(~design)
    cut = cut_off(beside)
    told = np.array([len(row) - 1 - cut[~design] for design, row in enumerate(arms)], np.intp)
    return np.split(told, np.cumsum([len(group.arms) for group in designs])[:-1])


def cut_off(beside: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """For each point the parts that hang on it alone, beside the one the walk came from."""
    cut, seen, low = dict.fromkeys(beside, 0), dict[int, int](), dict[int, int]()
    for root in (point for point in beside if point >= 0):
        if root in seen:
            continue
        seen[root] = low[root] = len(seen)
        walk = [(root, root, iter(beside[root]))]
        while walk:
            point, came, rest = walk[-1]
            to = next(rest, None)
            if to is None:
                walk.pop()
                low[came] = min(low[came], low[point])
                cut[came] += low[point] >= seen[came]
            elif to not in seen:
                seen[to] = low[to] = len(seen)
                walk.append((to, point, iter(beside[to])))
            elif to != came:
                low[point] = min(low[point], seen[to])
    return cut
