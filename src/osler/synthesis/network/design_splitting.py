"""Direct against indirect evidence by leaving out: the rest of the network without the studies."""

from collections.abc import Sequence

import numpy as np

from osler.core.quantiles import normal_two_sided
from osler.synthesis.network.data import Network
from osler.synthesis.network.kernel import Model, places_of
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.splitting import NetworkSplit, SplitComparison, direct_evidence
from osler.synthesis.network.tau2 import network_tau2


def split_designs(fit: NetworkSynthesis, *, common: bool = False) -> NetworkSplit:
    r"""Split every comparison that was made directly: its own studies, and a network of the others.

    All studies that hold both treatments, whatever other arms they have, give the direct estimate;
    a network of all other studies gives the indirect one. No study is in both, so their variances
    add up.

    Parameters
    ----------
    fit : NetworkSynthesis
    common : bool
        By the common-effect model.

    Returns
    -------
    NetworkSplit
        NaN for the indirect estimate where the other studies do not connect the two.

    Notes
    -----
    SIDDE, as ``netsplit(method = "SIDDE")`` of netmeta: the direct estimate is pooled with the
    network's tau2, and the network of the others estimates its own. netmeta gives no indirect
    estimate where any part of it falls off, Osler as long as the two are connected.

    References
    ----------
    .. [1] Efthimiou, Rücker, Schwarzer, Higgins, Egger & Salanti (2019). Stat Med 38,
       2992-3012. doi:10.1002/sim.8158

    Examples
    --------
    >>> from osler.synthesis.network.contrasts import network_of
    >>> from osler.synthesis.network.fit import fit_network
    >>> loop = network_of(["1", "2", "3"], ["A", "B", "A"], ["B", "C", "C"],
    ...     np.array([0.2, 0.3, 0.6]), np.full(3, 0.04))
    >>> found = split_designs(fit_network(loop, tau2_method="DL")).comparisons[0]
    >>> found.treatment, found.comparator, round(found.direct, 2), round(found.indirect, 2)
    ('A', 'B', 0.2, 0.3)
    """
    direct, direct_se, k = direct_evidence(fit, common=common)
    league = fit.common if common else fit.random
    in_study = _arms(fit.network)
    found = []
    for i, j in zip(*(x.tolist() for x in np.triu_indices(len(fit.treatments), 1)), strict=True):
        if not k[i, j]:
            continue
        others = np.flatnonzero(~(in_study[:, i] & in_study[:, j])).tolist()
        pair = fit.treatments[i], fit.treatments[j]
        indirect, indirect_se = _without(fit, others, pair, common=common)
        share = min(float(league.se[i, j] ** 2 / direct_se[i, j] ** 2), 1.0)
        difference = float(direct[i, j]) - indirect
        se = float(np.hypot(direct_se[i, j], indirect_se))
        found.append(SplitComparison(
            *pair, int(k[i, j]), share, float(league.estimate[i, j]), float(league.se[i, j]),
            float(direct[i, j]), float(direct_se[i, j]), indirect, indirect_se,
            difference, se, float(normal_two_sided(np.array(difference / se))),
        ))  # fmt: skip
    model = "common effect" if common else "random effects"
    return NetworkSplit(
        fit.measure, tuple(found), model, fit.level,
        "their studies left out", "Efthimiou et al. (2019), Stat Med 38, 2992-3012",
    )  # fmt: skip


def _arms(network: Network) -> np.ndarray:
    """Which treatments each study has; shape (k, n)."""
    out = np.zeros((len(network.studies), len(network.treatments)), bool)
    for group in network.groups:
        out[group.study[:, None], group.arms] = True
    return out


def _without(
    fit: NetworkSynthesis, studies: Sequence[int], pair: tuple[str, str], *, common: bool
) -> tuple[float, float]:
    """One treatment against another, and its standard error, by a network of some studies."""
    parts = fit.network.subset(studies).parts()
    mine = next((part for part in parts if {*pair} <= {*part.treatments}), None)
    if mine is None:
        return float("nan"), float("nan")
    tau2 = 0.0 if common else network_tau2(Model(mine), fit.tau2_method)[0]
    found = places_of(mine, np.array([tau2]))
    i, j = (mine.treatments.index(name) for name in pair)
    inverse = found.inverse[0]
    variance = inverse[i, i] + inverse[j, j] - 2.0 * inverse[i, j]
    return float(found.position[0, i] - found.position[0, j]), float(np.sqrt(variance))
