"""Closed loops of a network: does the way round lead back to where it began?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, level_percent, number, p_value
from osler.synthesis.network.data import Codes, SameArms
from osler.synthesis.network.kernel import heterogeneity_shape
from osler.synthesis.network.model import NetworkSynthesis

# A variance so small beside that of its comparisons is rounding: the loop cannot but be closed.
_CLOSED = 1e-9


@dataclass(frozen=True, slots=True)
class Loop:
    """A closed way over three or four treatments, each two of which in a row studies compare.

    ``difference`` is the sum of direct estimates along the way, 0 where they agree.
    """

    treatments: tuple[str, ...]
    difference: float
    se: float
    ci_lower: float
    ci_upper: float
    p_value: float


@dataclass(frozen=True, slots=True, repr=False)
class Loops(Result):
    """Every closed loop that could be inconsistent.

    ``closed`` counts loops that are consistent by construction, as their comparisons come from
    the same studies with several arms.
    """

    measure: str
    loops: tuple[Loop, ...]
    closed: int
    tau2: float
    level: float

    def summary(self) -> str:
        rows = [["Loop", "Difference", f"{level_percent(self.level)} CI", "p"]]
        for loop in self.loops:
            p = p_value(loop.p_value).removeprefix("p ").removeprefix("= ")
            bounds = f"{number(loop.ci_lower, 3)} to {number(loop.ci_upper, 3)}"
            rows.append(["-".join(loop.treatments), number(loop.difference, 3), bounds, p])
        head = f"{counted(len(self.loops), 'closed loop')} with evidence of its own"
        more = (
            [f"{counted(self.closed, 'loop')} within studies of several arms alone, left out"]
            if self.closed
            else []
        )
        return "\n".join([head, "", *aligned(rows), *more])

    def columns(self) -> dict[str, list[object]]:
        out: dict[str, list[object]] = {"loop": ["-".join(x.treatments) for x in self.loops]}
        for name in Loop.__slots__[1:]:
            out[name] = [getattr(loop, name) for loop in self.loops]
        return out

    def text(self) -> str:
        low = sum(loop.p_value < 0.05 for loop in self.loops)
        return (
            f"Of {counted(len(self.loops), 'closed loop')}, {low} had a difference between direct "
            "estimates along the loop with p < 0.05; about one in twenty does by chance."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"-".join(loop.treatments): partial(self._why, loop) for loop in self.loops}

    def _why(self, loop: Loop) -> Why:
        return Why(
            "-".join(loop.treatments),
            loop.difference,
            "Direct estimates summed along the loop, with the covariance of comparisons that share "
            "a study.",
            "AB + BC + CA",
            (("se", loop.se), ("tau2", self.tau2)),
            "Bucher, Guyatt, Griffith & Walter (1997), J Clin Epidemiol 50, 683-691",
        )


def loops(fit: NetworkSynthesis, *, common: bool = False, longest: int = 4) -> Loops:
    """Loop-specific inconsistency in every closed loop of three and four treatments.

    Parameters
    ----------
    fit : NetworkSynthesis
    common : bool
        Direct estimates without the network's tau2.
    longest : {3, 4}

    Notes
    -----
    Direct estimates pool the studies of a comparison with the network's tau2. Comparisons of one
    study with several arms are not independent, which loops of pairwise syntheses forget: here
    their covariance counts, and a loop within such studies alone is left out. Loops share
    comparisons, so their p-values are not independent.

    References
    ----------
    .. [1] Bucher, Guyatt, Griffith & Walter (1997). J Clin Epidemiol 50, 683-691.
       doi:10.1016/S0895-4356(97)00049-8
    .. [2] Veroniki, Vasiliadis, Higgins & Salanti (2013). Int J Epidemiol 42, 332-345.
       doi:10.1093/ije/dys222
    """
    tau2 = 0.0 if common else fit.tau2
    edge, estimate, covariance = _direct(fit, tau2)
    z = float(normal_quantile(0.5 + fit.level / 2.0))
    ways = _ways(edge >= 0, longest)
    ends = [np.roll(way, -1) for way in ways]
    out, closed = [], 0
    for way, to in zip(ways, ends, strict=True):
        at = edge[way, to]
        sign = np.where(way < to, 1.0, -1.0)
        own = covariance[np.ix_(at, at)]
        variance = float(sign @ own @ sign)
        if variance <= _CLOSED * float(np.trace(own)):
            closed += 1
            continue
        difference, se = float(sign @ estimate[at]), variance**0.5
        p = float(normal_two_sided(difference / se))
        names = tuple(fit.treatments[t] for t in way.tolist())
        out.append(Loop(names, difference, se, difference - z * se, difference + z * se, p))
    return Loops(fit.measure, tuple(out), closed, tau2, fit.level)


def _direct(fit: NetworkSynthesis, tau2: float) -> tuple[Codes, Floats, Floats]:
    """Number of each comparison, -1 where there is none; its estimate, lower code against higher.

    The covariance is that of all comparisons, of shape (c, c).
    """
    n, pairs = len(fit.treatments), fit.network.paired
    code = np.minimum(pairs.treatment, pairs.comparator) * n
    code += np.maximum(pairs.treatment, pairs.comparator)
    known, at = np.unique(code, return_inverse=True)
    w = 1.0 / (pairs.v + tau2)
    weight = np.bincount(at, w)
    signed = np.where(pairs.treatment < pairs.comparator, pairs.y, -pairs.y)
    estimate = np.bincount(at, w * signed) / weight
    covariance, done = np.zeros((known.size, known.size)), 0
    for group in fit.network.groups:
        m = group.arms.shape[1]
        size = group.study.size * m * (m - 1) // 2
        own = slice(done, done + size)
        share = (w[own] / weight[at[own]]).reshape(group.study.size, -1)
        _add(covariance, group, tau2, share, at[own].reshape(group.study.size, -1))
        done += size
    edge = np.full((n, n), -1, np.intp)
    edge[known // n, known % n] = edge[known % n, known // n] = np.arange(known.size)
    return edge, estimate, covariance


def _add(covariance: Floats, group: SameArms, tau2: float, share: Floats, at: Codes) -> None:
    """What the studies of a group add to the covariance of the comparisons."""
    m = group.arms.shape[1]
    whole = np.zeros((group.study.size, m, m))
    whole[:, 1:, 1:] = group.v + tau2 * heterogeneity_shape(m - 1)
    first, second = np.triu_indices(m, 1)
    turned = np.where(group.arms[:, first] < group.arms[:, second], 1.0, -1.0)
    x = np.zeros((first.size, m))
    x[np.arange(first.size), first], x[np.arange(first.size), second] = 1.0, -1.0
    own = x @ whole @ x.T
    pull = share * turned
    np.add.at(covariance, (at[:, :, None], at[:, None, :]), own * pull[:, :, None] * pull[:, None])


def _ways(joined: np.ndarray, longest: int) -> list[Codes]:
    """Every loop of three and of four treatments once."""
    n = len(joined)
    out = [
        np.array([a, b, c])
        for a in range(n)
        for b in range(a + 1, n)
        if joined[a, b]
        for c in np.flatnonzero(joined[a] & joined[b]).tolist()
        if c > b
    ]
    if longest < 4:
        return out
    for a in range(n):
        near = [t for t in np.flatnonzero(joined[a]).tolist() if t > a]
        for i, b in enumerate(near):
            for d in near[i + 1 :]:
                across = np.flatnonzero(joined[b] & joined[d]).tolist()
                out += [np.array([a, b, c, d]) for c in across if c > a and c not in (b, d)]
    return out
