"""A network meta-analysis as text for people and as data for programs."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from osler.core.diagnostics import Diagnostic
from osler.synthesis.network.components import ComponentEffect, ComponentSynthesis
from osler.synthesis.network.decomposition import Decomposition, QPart, decompose
from osler.synthesis.network.model import League, NetworkSynthesis
from osler.synthesis.network.ranking import Good, Ranking, rank
from osler.synthesis.network.rare import RareNetwork
from osler.synthesis.network.reading import ReadNetwork
from osler.synthesis.network.splitting import NetworkSplit, split

Fit: TypeAlias = NetworkSynthesis | RareNetwork


@dataclass(frozen=True, slots=True)
class Asked:
    """What to tell beside the effects: ranks by what is good, and components."""

    better: str | None
    mid: float
    separator: str | None = None
    inactive: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Results of all sub-networks, the one of the reference first."""

    fits: Sequence[Fit]
    read: ReadNetwork | None = None
    components: ComponentSynthesis | None = None

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return self.read.diagnostics if self.read else ()

    @property
    def left_something(self) -> bool:
        """Whether a study was left out, or a treatment is not connected with the reference."""
        first = self.fits[0]
        lost = isinstance(first, RareNetwork) and bool(first.lost)
        return bool(self.diagnostics or first.others or first.excluded or lost)


def as_text(told: Told, asked: Asked) -> str:
    """Each sub-network: effects, inconsistency, both kinds of evidence, ranks; and components."""
    parts = [part for fit in told.fits for part in _parts_of(fit, asked)]
    if told.components is not None:
        parts.append(repr(told.components))
    if asked.better is None:
        parts.append("Not ranked: say --better lower or --better higher.")
    return "\n\n".join(part for part in parts if part)


def _parts_of(fit: Fit, asked: Asked) -> list[str]:
    parts = [repr(fit)]
    if isinstance(fit, NetworkSynthesis):
        parts += [repr(decompose(fit)) if fit.df else "", repr(split(fit))]
    if asked.better is not None:
        parts.append(repr(rank(fit, better=cast(Good, asked.better), mid=asked.mid)))
    return parts


def as_json(told: Told, asked: Asked) -> str:
    """As :func:`as_data`, with one line for each row of a table."""
    return _lines(as_data(told, asked), "")


# Python's own encoder is ten times slower where it indents, and a league may have 90,000 rows.
_in_a_line = json.JSONEncoder(ensure_ascii=False).encode


def _lines(value: Any, before: str) -> str:
    inside = before + " "
    if isinstance(value, dict) and _nested(value):
        told = [f"{inside}{json.dumps(k)}: {_lines(v, inside)}" for k, v in value.items()]
        return "{\n" + ",\n".join(told) + f"\n{before}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        nested = _nested(value[0])
        rows = [inside + (_lines(row, inside) if nested else _in_a_line(row)) for row in value]
        return "[\n" + ",\n".join(rows) + f"\n{before}]"
    return _in_a_line(value)


def _nested(value: Mapping[str, Any]) -> bool:
    return any(isinstance(v, dict | list) for v in value.values())


def as_data(told: Told, asked: Asked) -> dict[str, Any]:
    """Everything on the analysis scale; NaN as null."""
    first, *others = told.fits
    out = _data_of(first, asked)
    out["excluded"] = [{"study": e.study, "why": e.why} for e in first.excluded]
    out["not_connected"] = [list(names) for names in first.others]
    out["sub_networks"] = [_data_of(fit, asked) for fit in others]
    if told.components is not None:
        out["components"] = _components(told.components)
    return out


def _data_of(fit: Fit, asked: Asked) -> dict[str, Any]:
    return _rare(fit, asked) if isinstance(fit, RareNetwork) else _by_variance(fit, asked)


def _by_variance(fit: NetworkSynthesis, asked: Asked) -> dict[str, Any]:
    return {
        "measure": fit.measure,
        "method": "IV",
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
        "ranking": _ranking(fit, asked),
        "inconsistency": _inconsistency(decompose(fit), split(fit)),
        "notes": list(fit.notes),
    }


def _rare(fit: RareNetwork, asked: Asked) -> dict[str, Any]:
    """A common effect alone."""
    return {
        "measure": fit.measure,
        "method": fit.method,
        "reference": fit.reference,
        "treatments": list(fit.treatments),
        "k": fit.k,
        "level": fit.level,
        "random": None,
        "common": {"league": _league(fit, fit.common, prediction=False)},
        "ranking": _ranking(fit, asked),
        "inconsistency": {
            "between_designs": {"q": _plain(fit.q), "df": fit.df, "p_value": _plain(fit.p_value)}
        },
        "nothing_told_about": list(fit.lost),
        "notes": [],
    }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _league(fit: Fit, league: League, *, prediction: bool) -> list[dict[str, Any]]:
    """All ordered pairs: treatment against comparator."""
    names = ["estimate", "se", "ci_lower", "ci_upper", "p_value"]
    names += ["pred_lower", "pred_upper"] if prediction else []
    values = {name: getattr(league, name).tolist() for name in names}
    return [
        {
            "treatment": treatment,
            "comparator": comparator,
            **{name: _plain(values[name][i][j]) for name in names},
        }
        for i, treatment in enumerate(fit.treatments)
        for j, comparator in enumerate(fit.treatments)
        if i != j
    ]


def _ranking(fit: Fit, asked: Asked) -> dict[str, Any]:
    """By what is good; where that was not said, by either, for the reader to choose."""
    ways = (asked.better,) if asked.better else ("lower", "higher")
    found = {way: rank(fit, better=cast(Good, way), mid=asked.mid) for way in ways}
    told = {way: _ranked(ranking) for way, ranking in found.items()}
    if asked.better is None:
        return {"better": None, **{f"if_{way}_is_better": data for way, data in told.items()}}
    return {"better": asked.better, **told[asked.better]}


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


def _components(fit: ComponentSynthesis) -> dict[str, Any]:
    return {
        "inactive": fit.inactive,
        "random": [_component(c) for c in fit.random],
        "common": [_component(c) for c in fit.common],
        "tau2": fit.tau2,
        "tau2_method": fit.tau2_method,
        "additive": {"q": _plain(fit.q), "df": fit.df, "p_value": _plain(fit.p_value)},
        "against_the_network": {
            "q": _plain(fit.q_difference),
            "df": fit.df_difference,
            "p_value": _plain(fit.p_difference),
        },
        "notes": list(fit.notes),
    }


def _component(effect: ComponentEffect) -> dict[str, Any]:
    names = ("estimate", "se", "ci_lower", "ci_upper", "p_value")
    return {"component": effect.name, **{name: _plain(getattr(effect, name)) for name in names}}
