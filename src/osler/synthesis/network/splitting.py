"""Direct and indirect evidence for each comparison of a network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from osler.core.arrays import Floats
from osler.core.quantiles import normal_quantile, normal_two_sided
from osler.core.results import Result, Why
from osler.core.wording import aligned, level_percent, p_value, percent
from osler.effects.scales import interval, scale_of, shown
from osler.synthesis.network.model import NetworkSynthesis

# A share of direct evidence so near to 1 leaves nothing indirect but rounding.
_WHOLE = 1e-10


@dataclass(frozen=True, slots=True)
class SplitComparison:
    """One comparison: what its own studies say, what the rest of the network says, both.

    ``share`` is the part of the network estimate's weight that is direct, between 0 and 1;
    estimates that do not exist are NaN. ``difference`` is direct less indirect.
    """

    treatment: str
    comparator: str
    studies: int
    share: float
    network: float
    network_se: float
    direct: float
    direct_se: float
    indirect: float
    indirect_se: float
    difference: float
    difference_se: float
    p_value: float


@dataclass(frozen=True, slots=True, repr=False)
class NetworkSplit(Result):
    """Every comparison of a network split into direct and indirect evidence.

    ``method`` says how the indirect evidence was found, and ``source`` where that is described.
    """

    measure: str
    comparisons: tuple[SplitComparison, ...]
    model: str
    level: float
    method: str = "back-calculation"
    source: str = "König, Krahn & Binder (2013), Stat Med 32, 5414-5429"

    @property
    def testable(self) -> tuple[SplitComparison, ...]:
        """Comparisons with evidence of both kinds."""
        return tuple(c for c in self.comparisons if not np.isnan(c.difference))

    def summary(self) -> str:
        scale = scale_of(self.measure)
        z = float(normal_quantile(0.5 + self.level / 2.0))

        def cell(estimate: float, se: float) -> str:
            if np.isnan(estimate):
                return ""
            bounds = interval(scale, estimate - z * se, estimate + z * se)
            return f"{shown(scale, estimate)} ({bounds})"

        rows = [["", "k", "Direct", "Network", "Direct evidence", "Indirect", "p"]]
        for c in self.comparisons:
            if c.studies:
                p = p_value(c.p_value).removeprefix("p ").removeprefix("= ")
                rows.append([
                    f"{c.treatment} vs {c.comparator}", str(c.studies), percent(c.share),
                    cell(c.network, c.network_se), cell(c.direct, c.direct_se),
                    cell(c.indirect, c.indirect_se), "" if np.isnan(c.p_value) else p,
                ])  # fmt: skip
        level = level_percent(self.level)
        head = f"Direct and indirect evidence ({self.method}), {self.model}, {level} intervals"
        return "\n".join([head, "", *aligned(rows)])

    def columns(self) -> dict[str, list[object]]:
        names = SplitComparison.__slots__
        return {name: [getattr(c, name) for c in self.comparisons] for name in names}

    def text(self) -> str:
        low = [c for c in self.testable if c.p_value < 0.05]
        found = "; ".join(f"{c.treatment} vs {c.comparator} ({p_value(c.p_value)})" for c in low)
        return (
            f"Direct and indirect evidence could be compared for {len(self.testable)} comparisons "
            f"({self.method}, {self.model}). "
            + (f"They differed for: {found}." if found else "None had p < 0.05.")
            + " Such tests have little power, and many of them find some difference by chance."
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {f"{c.treatment} vs {c.comparator}": partial(self._why, c) for c in self.testable}

    def _why(self, c: SplitComparison) -> Why:
        return Why(
            f"{c.treatment} vs {c.comparator}",
            c.difference,
            "What the studies of the two say, less what the rest of the network says: by "
            f"{self.method}.",
            "direct − indirect",
            (
                ("direct", c.direct),
                ("indirect", c.indirect),
                ("network", c.network),
                ("share", c.share),
            ),
            self.source,
        )


def split(fit: NetworkSynthesis, *, common: bool = False) -> NetworkSplit:
    """Split every comparison into direct and indirect evidence, by back-calculation.

    Notes
    -----
    Equals ``netsplit(method = "Back-calculation")`` of netmeta: the direct estimate pools the
    studies of the comparison with the network's tau2; its share is the ratio of the variances
    of network and direct estimate.

    References
    ----------
    .. [1] König, Krahn & Binder (2013). Stat Med 32, 5414-5429. doi:10.1002/sim.6001
    """
    direct, direct_se, k = direct_evidence(fit, common=common)
    league = fit.common if common else fit.random
    i, j = np.triu_indices(len(fit.treatments), 1)
    both = (league.estimate, league.se, direct, direct_se)
    whole, se, direct, direct_se = (values[i, j] for values in both)
    studies = k[i, j]
    share = np.divide(se * se, direct_se * direct_se, out=np.zeros_like(se), where=studies > 0)
    rest = np.where(share < 1.0 - _WHOLE, 1.0 - share, np.nan)
    pulled = np.where(studies > 0, share * direct, 0.0)
    indirect, indirect_se = (whole - pulled) / rest, se / np.sqrt(rest)
    difference, difference_se = direct - indirect, np.hypot(direct_se, indirect_se)
    p = normal_two_sided(difference / difference_se)
    names = ([fit.treatments[t] for t in x.tolist()] for x in (i, j))
    columns = (
        studies, np.minimum(share, 1.0), whole, se, direct, direct_se, indirect, indirect_se,
        difference, difference_se, p,
    )  # fmt: skip
    rows = zip(*names, *(column.tolist() for column in columns), strict=True)
    return NetworkSplit(
        fit.measure,
        tuple(SplitComparison(*row) for row in rows),
        "common effect" if common else "random effects",
        fit.level,
    )


def direct_evidence(
    fit: NetworkSynthesis, *, common: bool = False
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Each comparison pooled over its own studies at the network's tau2; arrays of shape (n, n).

    Estimates and standard errors, NaN where no study compares the two, and numbers of studies.
    """
    n, pairs = len(fit.treatments), fit.network.paired
    w = 1.0 / (pairs.v + (0.0 if common else fit.tau2))
    at = pairs.treatment * n + pairs.comparator
    weight, pulled, k = (
        np.bincount(at, x, n * n).reshape(n, n) for x in (w, w * pairs.y, np.ones_like(w))
    )
    weight, k, pulled = weight + weight.T, k + k.T, pulled - pulled.T
    none = np.full((n, n), np.nan)
    se = np.sqrt(np.divide(1.0, weight, out=none.copy(), where=k > 0))
    return np.divide(pulled, weight, out=none, where=k > 0), se, k.astype(np.intp)
