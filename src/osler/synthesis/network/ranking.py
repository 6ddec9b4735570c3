"""Which treatments come out ahead, how surely, and by how much: ranks are not certainty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from typing import Literal

import numpy as np
from scipy.special import ndtr

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.results import Result, Why
from osler.core.wording import aligned, number, percent
from osler.synthesis.network import problems
from osler.synthesis.network.model import League, NetworkSynthesis
from osler.synthesis.network.rare import RareNetwork

Good = Literal["lower", "higher"]

WARNING = (
    "A rank says who is ahead in these data, not by how much, nor how sure the evidence is: "
    "read it beside the effects, their intervals and the certainty."
)


@dataclass(frozen=True, slots=True, repr=False)
class Ranking(Result):
    """P-scores, and ranks by simulation.

    Attributes
    ----------
    treatments : tuple of str, length n
        Best first, by P-score.
    p_scores : tuple of float
        Mean probability of being better than another treatment (by at least ``mid``).
    sucra : tuple of float
        Surface under the cumulative ranking curve, from the draws.
    ranks : tuple of tuple of float
        ``ranks[i][r]``: share of draws in which treatment i has rank r + 1.
    better : {"lower", "higher"}
        Which values of the outcome are good.
    mid : float
        Smallest difference that counts as better, on the analysis scale; 0 for any.
    draws, seed : int
    model : str
    """

    treatments: tuple[str, ...]
    p_scores: tuple[float, ...]
    sucra: tuple[float, ...]
    ranks: tuple[tuple[float, ...], ...]
    better: Good
    mid: float
    draws: int
    seed: int
    model: str

    def summary(self) -> str:
        rows = [["", "P-score", "SUCRA", "ranked first", "ranked last"]]
        for name, p, s, r in zip(
            self.treatments, self.p_scores, self.sucra, self.ranks, strict=True
        ):
            simulated = [number(s, 3), percent(r[0]), percent(r[-1])] if self.draws else [""] * 3
            rows.append([name, number(p, 3), *simulated])
        least = f", by at least {self.mid:g}" if self.mid else ""
        told = f"{self.better} values are better{least}; {self.model}; {self.draws:,} draws"
        head = f"Ranking of {len(self.treatments)} treatments"
        return "\n".join([head, "", *aligned(rows), "", f"{told}, seed {self.seed}", WARNING])

    def columns(self) -> dict[str, list[object]]:
        out: dict[str, list[object]] = {
            "treatment": list(self.treatments),
            "p_score": list(self.p_scores),
            "sucra": list(self.sucra),
        }
        for r in range(len(self.treatments)):
            out[f"rank_{r + 1}"] = [row[r] for row in self.ranks]
        return out

    def text(self) -> str:
        least = f" by at least {self.mid:g}" if self.mid else ""
        return (
            f"Treatments were ranked by P-scores, the mean probability of being better{least} than "
            f"another ({self.better} values are better; {self.model}); the highest was that of "
            f"{self.treatments[0]} ({number(self.p_scores[0], 2)}). {WARNING}"
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {f"p_scores[{i}]": partial(self._why, i) for i in range(len(self.treatments))}

    def _why(self, i: int) -> Why:
        return Why(
            f"p_scores[{i}]",
            self.p_scores[i],
            f"For {self.treatments[i]} the one-sided probability of being better, averaged over "
            "all other treatments.",
            "mean over j of Φ((±dᵢⱼ − MID) / seᵢⱼ)",
            (("better", self.better), ("MID", self.mid)),
            "Rücker & Schwarzer (2015), BMC Med Res Methodol 15, 58",
        )


def rank(
    fit: NetworkSynthesis | RareNetwork,
    *,
    better: Good,
    mid: float = 0.0,
    common: bool = False,
    draws: int = 10_000,
    seed: int = 0,
) -> Ranking:
    r"""Rank the treatments of a network.

    Parameters
    ----------
    fit : NetworkSynthesis or RareNetwork
        A model of rare events has a common effect alone.
    better : {"lower", "higher"}
        Which values of the outcome are good; there is no default, as half of all outcomes
        would be ranked upside down by any.
    mid : float
        Count as better only what is better by at least so much, on the analysis scale; >= 0.
    common : bool
        By the common-effect model.
    draws, seed : int
        Of the simulated ranks and SUCRA; P-scores need none, and with 0 draws there is nothing
        else.

    Raises
    ------
    DataError
        Where ``better``, ``mid``, ``draws`` or ``seed`` cannot be used (NET012).

    Notes
    -----
    With ``mid`` 0 P-scores equal those of netmeta's ``netrank``, and SUCRA equals them but for
    the error of simulation.

    References
    ----------
    .. [1] Rücker & Schwarzer (2015). BMC Med Res Methodol 15, 58.
       doi:10.1186/s12874-015-0060-8
    .. [2] Mavridis, Porcher, Nikolakopoulou, Salanti & Ravaud (2020). Biometrical Journal 62,
       375-385. doi:10.1002/bimj.201900026
    """
    if better not in ("lower", "higher") or not _is_number(mid) or not 0.0 <= mid < np.inf:
        raise DataError(problems.ranking_unclear(better, mid))
    if not (_is_count(draws) and _is_count(seed)):
        raise DataError(problems.draws_unclear(draws, seed))
    sign = 1.0 if better == "higher" else -1.0
    common = common or isinstance(fit, RareNetwork)
    league = fit.random if isinstance(fit, NetworkSynthesis) and not common else fit.common
    scores = _p_scores(league, sign, mid)
    n = scores.size
    shares = np.full((n, n), np.nan)
    if draws:
        shares = _rank_shares(*league.places(), sign, draws, np.random.default_rng(seed))
    sucra = ((n - np.arange(1, n + 1)) * shares).sum(axis=1) / max(n - 1, 1)
    order = np.argsort(-scores, kind="stable")
    return Ranking(
        tuple(fit.treatments[i] for i in order.tolist()),
        tuple(scores[order].tolist()),
        tuple(sucra[order].tolist()),
        tuple(tuple(row) for row in shares[order].tolist()),
        better,
        mid,
        draws,
        seed,
        "common effect" if common else "random effects",
    )


def _is_number(value: object) -> bool:
    return isinstance(value, Real)


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and int(value) >= 0


def _p_scores(league: League, sign: float, mid: float) -> Floats:
    n = len(league.estimate)
    ahead = sign * league.estimate - mid
    ratio = np.divide(ahead, league.se, out=np.zeros_like(ahead), where=league.se > 0)
    better = ndtr(ratio)
    np.fill_diagonal(better, 0.0)
    return np.asarray(better.sum(axis=1) / max(n - 1, 1))


def _rank_shares(
    position: Floats, covariance: Floats, sign: float, draws: int, rng: np.random.Generator
) -> Floats:
    """Share of draws in which each treatment has each rank; shape (n, n)."""
    n = position.size
    found = position + rng.standard_normal((draws, n)) @ _root(covariance).T
    # Row by row the treatment at each rank, counted as one number for the two.
    there = np.argsort(-sign * found, axis=1) * n + np.arange(n)
    return np.asarray(np.bincount(there.ravel(), minlength=n * n).reshape(n, n) / draws)


def _root(covariance: Floats) -> Floats:
    """A matrix that times its transpose is the covariance, or that of places moved alike."""
    try:
        # What is added to every place alike makes the matrix regular and moves no rank.
        return np.linalg.cholesky(covariance + np.trace(covariance) / len(covariance))
    except np.linalg.LinAlgError:
        # Variances so far apart that rounding leaves some below 0.
        value, vectors = np.linalg.eigh(covariance)
        return np.asarray(vectors * np.sqrt(np.maximum(value, 0.0)))
