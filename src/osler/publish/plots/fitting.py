"""Which figures fit which results.

Told by what a result holds and by the name of its type, not by its class: importing every
analysis there is, to learn which one this is, would take longer than drawing it.
"""

_FORESTS = ("forest", "forest_pages")
_OF_STUDIES = (
    *_FORESTS,
    *("multi_panel", "funnel", "sunset", "radial", "baujat", "influence", "gosh", "qq"),
    *("drapery", "raindrop", "rainforest"),
    *("bias_lights", "bias_summary"),
)
_OF_POOLED = ("p_value_function", "profile_likelihood")
_BY_NAME = {
    "Baujat": ("baujat",),
    "Gosh": ("gosh",),
    "Influence": ("influence",),
    "Radial": ("radial",),
    "ResidualQuantiles": ("qq",),
    "TrimAndFill": ("funnel", *_FORESTS),
    "AdjustedFunnel": ("adjusted_funnel",),
    "AsymmetryTest": ("funnel",),
    "SelectionModel": ("selection_weights",),
    "Regression": ("baujat", "bubble", "funnel", "qq"),
    "Multilevel": ("profile_likelihood",),
    "Profile": ("profile_likelihood",),
    "Multiverse": ("specification_curve",),
    "Sequential": ("sequential",),
    "NetworkSynthesis": ("network_forest", "network_graph"),
    "NetworkSplit": ("node_split",),
    "Contributions": ("contribution_heat",),
    "NetHeat": ("net_heat",),
    "Ranking": ("p_score_heat", "rankogram"),
}
_COUNTS = frozenset({"events_treated", "n_treated", "events_control", "n_control"})


def kind_of(result: object) -> str:
    """What a result is, as far as forest plots go; empty where none can be drawn."""
    name = type(result).__name__
    if name in ("Cumulative", "LeaveOneOut"):
        return "steps"
    if name == "CountsSynthesis":
        return "counts"
    if name == "TrimAndFill":
        return "trim and fill"
    if name in _BY_NAME:
        return ""
    if hasattr(result, "results") and hasattr(result, "p_value"):
        return "subgroups"
    if not (hasattr(result, "estimates") and hasattr(result, "variances")):
        return ""
    if hasattr(result, "random") and hasattr(result, "heterogeneity"):
        return "synthesis"
    return "effects" if name == "Effects" else ""


def figures_of(result: object) -> list[str]:
    """Names of the figures that can be drawn of a result, in alphabetical order.

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B"], [0.1, 0.3], [0.04, 0.02], measure="MD")
    >>> "forest" in figures_of(fit), figures_of("a text")
    (True, [])
    """
    name = type(result).__name__
    kind = kind_of(result)
    found = {
        "steps": _FORESTS,
        "counts": (*_FORESTS, "bias_lights", "bias_summary"),
        "subgroups": _FORESTS,
        "synthesis": (*_OF_STUDIES, *_OF_POOLED),
        "effects": _OF_STUDIES,
    }.get(kind, _BY_NAME.get(name, ()))
    if name == "PermutationTest" and hasattr(result, "null"):
        found = ("permutation",)
    return sorted({*found, *(("labbe",) if _of_risks(result, kind) else ())})


def _of_risks(result: object, kind: str) -> bool:
    """Whether a result has counts, or is of risks: then they can be given as ``data``."""
    if kind == "synthesis" and getattr(result, "measure", "") in ("OR", "RR", "RD"):
        return True
    source = getattr(result, "effects", None) or result
    arms = getattr(source, "arms", None)
    return hasattr(source, "studies") and _holds(arms)


def _holds(arms: object) -> bool:
    keys = getattr(arms, "keys", None)
    return callable(keys) and set(keys()) >= _COUNTS
