"""Direct against indirect evidence by regression: one comparison at a time has two effects."""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import normal_two_sided
from osler.synthesis.network.covariates import Columns, Regressed, regressed
from osler.synthesis.network.data import SameArms
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.splitting import NetworkSplit, SplitComparison, direct_evidence
from osler.synthesis.network.tau2 import network_tau2


def split_sides(fit: NetworkSynthesis, *, keep_tau2: bool = False) -> NetworkSplit:
    r"""Split every comparison that can be by a model in which it has two effects.

    In studies that compare both treatments their difference is :math:`d + \omega`, elsewhere
    d: the first is direct, the second indirect, :math:`\omega` their difference. A third arm of
    such a study stands half-way between (the symmetric form), so that it does not matter which
    of the two is named first.

    Parameters
    ----------
    fit : NetworkSynthesis
    keep_tau2 : bool
        Weights at the network's tau2; else it is estimated again with each comparison split, as
        inconsistency is part of it otherwise.

    Notes
    -----
    Beside :func:`osler.synthesis.network.splitting.split` (back-calculation), which pools the
    direct evidence pair by pair: for comparisons without studies of several arms and with the
    same tau2 both agree. ``share`` is that of back-calculation.

    References
    ----------
    .. [1] Dias, Welton, Caldwell & Ades (2010). Stat Med 29, 932-944. doi:10.1002/sim.3767
    .. [2] White (2015). Stata Journal 15, 951-985. doi:10.1177/1536867X1501500403
    """
    n, reference = len(fit.treatments), fit.place(fit.reference)
    _, direct_se, k = direct_evidence(fit)
    plain = regressed(fit.network, reference, [])
    found = []
    for i, j in zip(*np.triu_indices(n, 1), strict=True):
        if k[i, j]:
            model = regressed(fit.network, reference, [_side(int(i), int(j))])
            if model.basis.shape[1] > plain.basis.shape[1]:
                share = float(fit.random.se[i, j] ** 2 / direct_se[i, j] ** 2)
                found.append(_one(fit, model, (int(i), int(j)), int(k[i, j]), share, keep_tau2))
    return NetworkSplit(
        fit.measure, tuple(found), "random effects", fit.level,
        "side-splitting", "White (2015), Stata Journal 15, 951-985",
    )  # fmt: skip


def _side(a: int, b: int) -> Columns:
    """Half a unit more for a and less for b in studies that compare the two."""

    def columns(group: SameArms) -> Floats:
        here = (group.arms == a) * 0.5 - (group.arms == b) * 0.5
        both = (group.arms == a).any(axis=1) & (group.arms == b).any(axis=1)
        return np.asarray((here * both[:, None])[:, :, None])

    return columns


@dataclass(frozen=True, slots=True)
class _Told:
    """Combinations of coefficients: estimates and standard errors."""

    estimate: Floats
    se: Floats


def _told(model: Regressed, tau2: float, rows: Floats) -> _Told:
    estimate, covariance = model.coefficients(model.sums(np.array([tau2])))
    return _Told(rows @ estimate, np.sqrt(np.einsum("ij,jk,ik->i", rows, covariance, rows)))


def _one(
    fit: NetworkSynthesis, model: Regressed, pair: tuple[int, int], k: int, share: float, keep: bool
) -> SplitComparison:
    i, j = pair
    n, reference = len(fit.treatments), fit.place(fit.reference)
    code = np.concatenate([np.eye(n)[:, np.arange(n) != reference], np.zeros((n, 1))], axis=1)
    apart = code[i] - code[j]
    omega = np.zeros(n)
    omega[-1] = 1.0
    tau2 = fit.tau2 if keep or model.freedom <= 0 else network_tau2(model, fit.tau2_method)[0]
    told = _told(model, tau2, np.stack([apart + omega, apart, omega]))
    (direct, indirect, difference), (d_se, i_se, o_se) = told.estimate.tolist(), told.se.tolist()
    return SplitComparison(
        fit.treatments[i], fit.treatments[j], k, min(share, 1.0),
        float(fit.random.estimate[i, j]), float(fit.random.se[i, j]),
        direct, d_se, indirect, i_se, difference, o_se,
        float(normal_two_sided(np.array(difference / o_se))),
    )  # fmt: skip
