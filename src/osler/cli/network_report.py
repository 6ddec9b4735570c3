"""A network meta-analysis as text for people and as data for programs."""

import math
from typing import Any, cast

from osler.synthesis.network.decomposition import Decomposition, QPart, decompose
from osler.synthesis.network.model import League, NetworkSynthesis
from osler.synthesis.network.ranking import Good, Ranking, rank
from osler.synthesis.network.splitting import NetworkSplit, split


def as_text(fit: NetworkSynthesis, better: str | None, mid: float) -> str:
    """The effects against the reference, inconsistency, both kinds of evidence, ranks."""
    parts = [repr(fit), repr(decompose(fit)) if fit.df else "", repr(split(fit))]
    if better is not None:
        parts.append(repr(rank(fit, better=cast(Good, better), mid=mid)))
    else:
        parts.append("Not ranked: say --better lower or --better higher.")
    return "\n\n".join(part for part in parts if part)


def as_data(fit: NetworkSynthesis, better: str | None, mid: float) -> dict[str, Any]:
    """Everything on the analysis scale; NaN as null."""
    return {
        "measure": fit.measure,
        "reference": fit.reference,
        "treatments": list(fit.treatments),
        "studies": list(fit.network.studies),
        "level": fit.level,
        "random": {
            "league": _league(fit, fit.random, prediction=True),
            "tau2": fit.tau2,
            "tau": fit.tau,
            "tau2_method": fit.tau2_method,
        },
        "common": {"league": _league(fit, fit.common, prediction=False)},
        "heterogeneity": {
            "q": _plain(fit.q),
            "df": fit.df,
            "p_value": _plain(fit.p_value),
            "i2": fit.i2,
        },
        "ranking": _ranking(fit, better, mid),
        "inconsistency": _inconsistency(decompose(fit), split(fit)),
        "excluded": [{"study": e.study, "why": e.why} for e in fit.excluded],
        "not_connected": [list(names) for names in fit.others],
        "notes": list(fit.notes),
    }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _league(fit: NetworkSynthesis, league: League, *, prediction: bool) -> list[dict[str, Any]]:
    """All ordered pairs: treatment against comparator."""
    names = ["estimate", "se", "ci_lower", "ci_upper", "p_value"]
    names += ["pred_lower", "pred_upper"] if prediction else []
    out: list[dict[str, Any]] = []
    for i, treatment in enumerate(fit.treatments):
        for j, comparator in enumerate(fit.treatments):
            if i != j:
                values = {name: _plain(getattr(league, name)[i, j]) for name in names}
                out.append({"treatment": treatment, "comparator": comparator, **values})
    return out


def _ranking(fit: NetworkSynthesis, better: str | None, mid: float) -> dict[str, Any]:
    """By what is good; where that was not said, by either, for the reader to choose."""
    ways = (better,) if better else ("lower", "higher")
    found = {way: rank(fit, better=cast(Good, way), mid=mid) for way in ways}
    told = {way: _ranked(ranking) for way, ranking in found.items()}
    if better is None:
        return {"better": None, **{f"if_{way}_is_better": data for way, data in told.items()}}
    return {"better": better, **told[better]}


def _ranked(ranking: Ranking) -> dict[str, Any]:
    return {
        "mid": ranking.mid,
        "p_scores": dict(zip(ranking.treatments, ranking.p_scores, strict=True)),
        "sucra": dict(zip(ranking.treatments, ranking.sucra, strict=True)),
        "draws": ranking.draws,
        "seed": ranking.seed,
    }


def _inconsistency(parts: Decomposition, evidence: NetworkSplit) -> dict[str, Any]:
    return {
        "within_designs": _part(parts.within),
        "between_designs": _part(parts.between),
        "between_designs_random": {**_part(parts.interaction), "tau2_within": parts.tau2_within},
        "designs": [{"design": p.name, **_part(p)} for p in parts.designs],
        "detached": [{"design": p.name, **_part(p)} for p in parts.detached],
        "split": [
            {
                name: value if isinstance(value, str | int) else _plain(value)
                for name in type(c).__slots__
                for value in (getattr(c, name),)
            }
            for c in evidence.comparisons
        ],
    }


def _part(part: QPart) -> dict[str, Any]:
    return {"q": part.q, "df": part.df, "p_value": _plain(part.p_value)}
