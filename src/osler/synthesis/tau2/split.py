"""Sums of weights in which one study may exceed all others by many orders of magnitude."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats, every
from osler.synthesis.kernel import sum_of, sum_of_products

# A difference is trusted to be right to ten digits or so down to this part of its terms.
CANCELLED = 1e-5


def spread_of_weights(a: Floats) -> Floats:
    """Sum of the weights less the sum of their squares over it; shape (groups,)."""
    total = sum_of(a)
    out: Floats = total - sum_of_products(a, a) / total
    if not every(out >= CANCELLED * total):
        out = Split.of(a).pairs(a) / total
    return out


@dataclass(frozen=True, slots=True)
class Split:
    """Sums over the studies without the one of largest weight, so that nothing cancels.

    ``top`` is that weight; ``rest(x)`` sums over the others.
    """

    w: Floats
    position: NDArray[np.intp]
    top: Floats

    @staticmethod
    def of(w: Floats) -> "Split":
        position = w.argmax(axis=0)[None]
        return Split(w, position, np.take_along_axis(w, position, axis=0)[0])

    def at_top(self, x: Floats) -> Floats:
        return np.asarray(np.take_along_axis(x, self.position, axis=0)[0])

    def rest(self, x: Floats) -> Floats:
        others = x.copy()
        np.put_along_axis(others, self.position, 0.0, axis=0)
        return np.asarray(others.sum(axis=0))

    def pairs(self, x: Floats) -> Floats:
        """Twice the sum of the products of all pairs: the squared sum less the squares."""
        rest = self.rest(x)
        return 2.0 * self.at_top(x) * rest + np.maximum(rest * rest - self.rest(x * x), 0.0)

    def shares_of_others(self) -> Floats:
        """For each study the part of the weight that the others hold; shape of ``w``."""
        total = self.w.sum(axis=0)
        out = 1.0 - self.w / total
        np.put_along_axis(out, self.position, (self.rest(self.w) / total)[None], axis=0)
        return np.asarray(out)
