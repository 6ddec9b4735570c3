"""A network from arrays to a result."""

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.quantiles import chi2_tail, normal_quantile, normal_two_sided, t_quantile
from osler.synthesis.asked import checked_level, checked_name
from osler.synthesis.batch import FARTHEST
from osler.synthesis.network import problems
from osler.synthesis.network.data import Network
from osler.synthesis.network.kernel import Model, Places, Sums, places_of
from osler.synthesis.network.model import Excluded, League, NetworkSynthesis
from osler.synthesis.network.naming import treatment_named
from osler.synthesis.network.tau2 import NETWORK_TAU2, network_tau2

# Variances further apart than this leave the smaller weights no digits in a sum with the larger.
WIDEST = 1e10


def fit_network(
    network: Network,
    *,
    reference: str = "",
    measure: str = "",
    tau2_method: str = "REML",
    level: float = 0.95,
    excluded: tuple[Excluded, ...] = (),
    notes: tuple[str, ...] = (),
) -> NetworkSynthesis:
    """Fit the sub-network of the reference; the others are named in the result.

    Parameters
    ----------
    network : Network
    reference : str
        The first treatment of the largest sub-network where left out.
    tau2_method : {"REML", "ML", "DL", "PM"}
    level : float

    Raises
    ------
    DataError
        Where the reference is no treatment of the network (NET010), a method is unknown
        (SYN005) or the level out of range (SYN006).
    """
    method = checked_name("tau2 method", tau2_method, NETWORK_TAU2)
    checked_level(level)
    reference = treatment_named(reference, network.treatments)
    parts = network.parts()
    if not parts:
        raise DataError(problems.no_studies())
    mine = next((p for p in parts if reference in p.treatments), parts[0])
    others = tuple(part.treatments for part in parts if part is not mine)
    check_range(mine)
    model = Model(mine)
    tau2, maxima = network_tau2(model, method)
    spread = places_of(mine, np.array([tau2])) if tau2 else model.at_zero
    df, q = mine.freedom, float(model.at_zero.q[0])
    return NetworkSynthesis(
        measure=measure,
        treatments=mine.treatments,
        reference=reference or mine.treatments[0],
        network=mine,
        common=league_of(model.at_zero, 0, level),
        random=league_of(spread, 0, level, tau2, df, predicts=True),
        tau2=tau2,
        tau2_method=method,
        q=q,
        df=df,
        p_value=float(chi2_tail(np.array([q]), np.array([float(df)]))[0]) if df else float("nan"),
        i2=max(0.0, (q - df) / q) if q > 0 else 0.0,
        level=level,
        excluded=excluded,
        others=others,
        notes=(*notes, *_notes(df, maxima)),
    )


def check_range(network: Network) -> None:
    """Raise where variances lie too far apart, or estimates from them, to compute with (NET013)."""
    y = np.concatenate([group.y.ravel() for group in network.groups])
    v = np.concatenate([np.einsum("sii->si", group.v).ravel() for group in network.groups])
    low, high, far = float(v.min()), float(v.max()), float(np.abs(y).max())
    if high > WIDEST * low or far / low * far > FARTHEST:
        raise DataError(problems.beyond_computing(low, high, far))


def _notes(df: int, maxima: int) -> tuple[str, ...]:
    notes = (
        ["no closed loop and no second study of a comparison: tau² cannot be judged"]
        if not df
        else []
    )
    if maxima > 1:
        notes.append(f"the likelihood of tau² has {maxima} maxima; the highest is taken")
    return tuple(notes)


def league_of(
    found: Sums | Places,
    at: int,
    level: float,
    tau2: float = 0.0,
    df: int = 0,
    *,
    predicts: bool = False,
) -> League:
    """Differences of positions with their intervals, and with prediction where it is asked for."""
    position, inverse = found.position[at], found.inverse[at]
    estimate = position[:, None] - position
    variance = np.diag(inverse)[:, None] + np.diag(inverse) - 2.0 * inverse
    np.fill_diagonal(variance, 0.0)
    se = np.sqrt(np.maximum(variance, 0.0))
    half = float(normal_quantile(0.5 + level / 2.0)) * se
    ratio = np.divide(estimate, se, out=np.zeros_like(se), where=se > 0)
    reach = _predicted(se, tau2, df, level) if predicts else np.full_like(se, np.nan)
    return League(
        estimate, se, estimate - half, estimate + half, normal_two_sided(ratio),
        estimate - reach, estimate + reach,
    )  # fmt: skip


def _predicted(se: Floats, tau2: float, df: int, level: float) -> Floats:
    """Half the width of prediction intervals: t with the degrees of freedom of Q, as netmeta 3."""
    if df < 1:
        return np.full_like(se, np.nan)
    reach = float(t_quantile(0.5 + level / 2.0, df)) * np.sqrt(se * se + tau2)
    np.fill_diagonal(reach, 0.0)
    return np.asarray(reach)
