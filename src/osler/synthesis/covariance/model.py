"""The covariance of sampling errors, block by block."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.results import Result, Why
from osler.core.wording import aligned, counted, number


@dataclass(frozen=True, slots=True, repr=False)
class SamplingCovariance(Result):
    """Covariance matrix of the sampling errors of ``k`` estimates, as independent blocks.

    Attributes
    ----------
    k : int
        Number of estimates.
    clusters : tuple of str
        Name of each block.
    rows : tuple of tuple of int
        Rows of the data in each block, from 0.
    blocks : tuple of arrays
        Covariances of these rows, read-only.
    assumed : tuple of str
        What the correlations rest on: "rho = 0.6 between observations", ...
    notes : tuple of str
        What a reader should know: blocks that were not positive definite, and so on.
    """

    k: int
    clusters: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    blocks: tuple[Floats, ...]
    assumed: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def matrix(self) -> Floats:
        """The whole matrix, shape (k, k)."""
        out = np.zeros((self.k, self.k))
        for rows, block in zip(self.rows, self.blocks, strict=True):
            out[np.ix_(rows, rows)] = block
        return out

    def summary(self) -> str:
        shown = [["cluster", "estimates", "lowest r", "highest r"]]
        for cluster, block in list(zip(self.clusters, self.blocks, strict=True))[:12]:
            low, high = _range_of_correlations(block)
            shown.append([cluster[:40], str(len(block)), number(low, 2), number(high, 2)])
        head = f"{counted(self.k, 'estimate')} in {counted(len(self.blocks), 'cluster')}"
        lines = [
            f"Sampling covariance of {head}",
            *(f"assumed: {each}" for each in self.assumed),
            "",
            *aligned(shown),
        ]
        if len(self.blocks) > 12:
            lines.append(f"... and {len(self.blocks) - 12} more")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def columns(self) -> dict[str, list[object]]:
        i, j, value = [], [], []
        for rows, block in zip(self.rows, self.blocks, strict=True):
            for a, row in enumerate(rows):
                for b in range(a + 1):
                    i.append(row)
                    j.append(rows[b])
                    value.append(float(block[a, b]))
        return {"row": list(i), "column": list(j), "covariance": list(value)}

    def text(self) -> str:
        largest = max((len(block) for block in self.blocks), default=0)
        basis = "; ".join(self.assumed) or "independence"
        return (
            f"Sampling errors of the {counted(self.k, 'estimate')} were allowed to be correlated "
            f"within {counted(len(self.blocks), 'cluster')} (at most {largest} in one). "
            f"Their covariances were constructed from the sampling variances and {basis}."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"matrix": self._why_matrix}

    def _why_matrix(self) -> Why:
        return Why(
            "matrix",
            f"{self.k} x {self.k}, {len(self.blocks)} blocks",
            "Each covariance is a correlation times the roots of the two sampling variances; "
            "rows of different clusters are independent.",
            "V_ij = r_ij √(v_i v_j)",
            tuple(("assumed", each) for each in self.assumed),
            "Gleser & Olkin 2009; Trikalinos & Olkin 2012, doi:10.1177/1740774512453218",
        )


def _range_of_correlations(block: Floats) -> tuple[float, float]:
    if len(block) < 2:
        return float("nan"), float("nan")
    sd = np.sqrt(np.diag(block))
    off = (block / np.outer(sd, sd))[np.tril_indices(len(block), -1)]
    return float(off.min()), float(off.max())
