"""Where the treatments of a network stand so that few of its lines cross.

Positions are in a square from -1 to 1, y upwards. The same network always gets the same ones:
nothing is drawn by chance.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats

Edge = tuple[int, int]
Codes = NDArray[np.intp]

_MOST_PLANAR = 12  # beyond, a search for a drawing without crossings takes too long
_GRID = 11
_NEAR = 0.16  # of the half-width: a line nearer to a treatment seems to lead to it
_PASSES = 12
_MOVES = 4  # times that each treatment is tried at every place


def circle_order(n: int, edges: Sequence[Edge]) -> list[int]:
    """Treatments in an order round a circle that lets few lines cross.

    Each in turn is moved all the way round and left at its best place, until nothing gains.

    References
    ----------
    .. [1] Baur & Brandes (2005). Crossing reduction in circular layouts. Graph-Theoretic
       Concepts in Computer Science, 332-343. doi:10.1007/978-3-540-30559-0_28

    Examples
    --------
    >>> order = circle_order(4, [(0, 2), (2, 1), (1, 3), (3, 0)])
    >>> crossings(on_circle(order), [(0, 2), (2, 1), (1, 3), (3, 0)])
    0
    """
    near = [
        np.array(sorted({b if a == i else a for a, b in edges if i in (a, b)})) for i in range(n)
    ]
    order = _by_breadth(n, near)
    for _ in range(_PASSES):
        gained = 0
        for node in sorted(range(n), key=lambda i: (-len(near[i]), i)):
            order, gain = _sifted(order, node, near)
            gained += gain
        if not gained:
            break
    return order


def _by_breadth(n: int, near: Sequence[Codes]) -> list[int]:
    """Neighbours beside each other: a start that leaves little to sift."""
    seen: dict[int, None] = {}
    for start in sorted(range(n), key=lambda i: (len(near[i]), i)):
        queue = [start]
        while queue:
            node = queue.pop()
            if node not in seen:
                seen[node] = None
                queue += [int(i) for i in near[node] if int(i) not in seen]
    return list(seen)


def _sifted(order: list[int], node: int, near: Sequence[Codes]) -> tuple[list[int], int]:
    """A treatment moved round the circle to where its lines cross least, and what that gains."""
    n = len(order)
    rest = [i for i in order if i != node]
    start = order.index(node)
    rest = rest[start:] + rest[:start]  # the node stands before rest[0]
    place = np.zeros(n)
    place[rest] = np.arange(1, n)
    change, best, at = 0, 0, 0
    for step, other in enumerate(rest[:-1]):
        change += _swap(node, other, step + 1, place, near, n)
        if change < best:
            best, at = change, step + 1
    return [*rest[:at], node, *rest[at:]], -best


def _swap(u: int, v: int, here: int, place: Floats, near: Sequence[Codes], n: int) -> int:
    """How many crossings more there are once ``u`` has passed ``v``, its next on the circle."""
    of_u = near[u][near[u] != v]
    of_v = near[v][near[v] != u]
    if not of_u.size or not of_v.size:
        return 0
    # Places counted on from v, which stands at ``here`` in an order without u.
    x, y = ((place[m] - here) % (n - 1) for m in (of_u, of_v))
    before = int((x[:, None] < y).sum())
    after = int((x[:, None] > y).sum())
    return after - before


def on_circle(order: Sequence[int]) -> Floats:
    """Positions of the treatments of an order, clockwise from the top; shape (n, 2)."""
    n = len(order)
    out = np.zeros((n, 2))
    # With an even number two stand level at the top, so that no name lies over another.
    turn = 0.0 if n % 2 or n == 4 else math.pi / n
    for place, node in enumerate(order):
        angle = math.pi / 2 - 2 * math.pi * place / n - turn
        out[node] = math.cos(angle), math.sin(angle)
    return out.round(12)


def crossings(at: Floats, edges: Sequence[Edge]) -> int:
    """How many pairs of lines cross."""
    return int(_crossed(at, np.asarray(edges, np.intp).reshape(-1, 2)).sum()) // 2


def _crossed(at: Floats, edges: Codes) -> Floats:
    """Which lines cross, each pair twice; positions may be many, shape (..., n, 2)."""
    a, b = at[..., edges[:, 0], :], at[..., edges[:, 1], :]

    def side(r: Floats) -> Floats:
        """On which side of each line the ends of the others lie."""
        ahead = (b - a)[..., :, None, :]
        away = r[..., None, :, :] - a[..., :, None, :]
        return np.asarray(ahead[..., 0] * away[..., 1] - ahead[..., 1] * away[..., 0])

    apart = side(a) * side(b) < -1e-12
    shared = (edges[:, None, :, None] == edges[None, :, None, :]).any(axis=(2, 3))
    return np.asarray(apart & np.swapaxes(apart, -1, -2) & ~shared)


def without_crossings(n: int, edges: Sequence[Edge], start: Floats) -> Floats | None:
    """Positions at which no lines cross, sought from ``start``; None where none were found.

    A search, not a test of planarity: what it does not find may still exist.
    """
    if n > _MOST_PLANAR or len(edges) > 3 * n - 6:
        return None
    lines = np.asarray(edges, np.intp)
    at = start.copy()
    places = _places()
    for _ in range(_MOVES):
        moved = False
        for node in sorted(range(n), key=lambda i: (-int((lines == i).sum()), i)):
            tried = np.repeat(at[None], len(places) + 1, axis=0)
            tried[1:, node] = places
            best = int(np.argmin(np.round(_costs(tried, lines), 9)))
            at, moved = tried[best], moved or best > 0
        if not moved:
            break
    return _filling(at) if crossings(at, edges) == 0 and _clear(at, lines) else None


def _filling(at: Floats) -> Floats:
    """Stretched so that the outermost touch the sides of the square."""
    low, high = at.min(axis=0), at.max(axis=0)
    half = np.maximum((high - low) / 2, 0.3)
    return np.asarray((at - (low + high) / 2) / half)


def _places() -> Floats:
    grid = np.linspace(-1, 1, _GRID)
    return np.array([(x, y) for x in grid for y in grid if math.hypot(x, y) <= 1.01])


def _costs(at: Floats, lines: Codes) -> Floats:
    """Crossings first, then lines through treatments, treatments too close, long lines."""
    crossed = _crossed(at, lines).sum(axis=(-1, -2)) / 2
    through = np.maximum(0.0, 1.0 - _distances(at, lines) / _NEAR).sum(axis=(-1, -2))
    close = np.maximum(0.0, 0.5 - _gaps(at)).sum(axis=(-1, -2))
    length = np.hypot(*_split(at[:, lines[:, 0]] - at[:, lines[:, 1]])).mean(axis=-1)
    return np.asarray(100 * crossed + 60 * through + 8 * close + 0.3 * length)


def _split(pairs: Floats) -> tuple[Floats, Floats]:
    return pairs[..., 0], pairs[..., 1]


def _gaps(at: Floats) -> Floats:
    """From each treatment to each other; 9 to itself."""
    away = at[..., :, None, :] - at[..., None, :, :]
    return np.asarray(np.hypot(*_split(away)) + np.eye(at.shape[-2]) * 9)


def _distances(at: Floats, lines: Codes) -> Floats:
    """From each line to each treatment that it does not join; 9 for its own ends."""
    a, b = at[..., lines[:, 0], None, :], at[..., lines[:, 1], None, :]
    along, away = b - a, at[..., None, :, :] - a
    length = np.maximum((along**2).sum(axis=-1), 1e-12)
    share = np.clip((away * along).sum(axis=-1) / length, 0, 1)
    out = np.hypot(*_split(away - share[..., None] * along))
    rows = np.arange(len(lines))
    out[..., rows, lines[:, 0]] = out[..., rows, lines[:, 1]] = 9.0
    return np.asarray(out)


def _clear(at: Floats, lines: Codes) -> bool:
    return bool(_distances(at, lines).min() > 0.8 * _NEAR and _gaps(at).min() > 0.3)


def placed(n: int, edges: Sequence[Edge], layout: str) -> tuple[Floats, bool]:
    """Positions, and whether they are a circle; "auto" leaves it only for fewer crossings."""
    circle = on_circle(circle_order(n, edges))
    if layout == "circle" or n < 4 or (layout == "auto" and not crossings(circle, edges)):
        return circle, True
    found = without_crossings(n, edges, circle)
    return (circle, True) if found is None else (found, False)
