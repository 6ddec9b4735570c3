"""The variance between studies that the moderators of one regression leave."""

from dataclasses import dataclass

import numpy as np

from osler.core.arrays import Floats
from osler.core.quantiles import chi2_quantile
from osler.synthesis.regression.moments import MOMENTS
from osler.synthesis.regression.q_profile import tau2_where_q_is
from osler.synthesis.regression.scan import likelihood_maxima, scanned
from osler.synthesis.regression.sums import LARGEST_SQUARES, basis_of, far_apart, sums_of
from osler.synthesis.regression.tau2 import Maxima, highest, maxima, problem_of


@dataclass(frozen=True, slots=True)
class Between:
    """On the scale of the data.

    Attributes
    ----------
    tau2 : float
    maxima : tuple of float
        Where the likelihood is highest in its surroundings, for "REML" and "ML".
    """

    tau2: float
    maxima: tuple[float, ...] = ()


def between(y: Floats, v: Floats, X: Floats, method: str) -> Between:
    """tau2 by one of ``TAU2_METHODS``.

    Parameters
    ----------
    y, v : array of shape (k,)
    X : array of shape (k, p)
        Of full rank, with fewer columns than rows where the method is not "CE".
    method : str
    """
    if method in MOMENTS:
        return Between(max(0.0, float(MOMENTS[method](y, v, X.T))))
    if method in ("REML", "ML"):
        found, unit2 = _maxima(y, v, X, method == "REML"), float(v.min())
        return Between(float(highest(found)[0]) * unit2, tuple((found.tau2 * unit2).tolist()))
    df = y.size - X.shape[1]
    target = float(chi2_quantile(0.5, df)) if method == "PMM" else float(df)
    return Between(tau2_where_q_is(y, v, X, [target])[0])


def _maxima(y: Floats, v: Floats, X: Floats, restricted: bool) -> Maxima:
    """From sums of products where variances are not too far apart, else from bases."""
    if not far_apart(v):
        sums = sums_of(basis_of(y, v, X))
        if sums.squares < LARGEST_SQUARES:
            return likelihood_maxima(scanned(sums), restricted)
    problem = problem_of(y[:, None], v[:, None], np.ascontiguousarray(X.T)[:, :, None])
    return maxima(problem, restricted)
