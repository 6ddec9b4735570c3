"""Figures of results, drawn with Matplotlib: ``result.plot.forest()``.

Every function here takes a result first and gives a :class:`matplotlib.figure.Figure`; which
of them fit a result is told by :func:`figures_of`. Importing this package does not import
Matplotlib: a drawing module is loaded when its first figure is asked for.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from osler.core.diagnostics import DataError
from osler.publish.plots.fitting import figures_of
from osler.publish.plots.problems import no_matplotlib

if TYPE_CHECKING:
    from osler.publish.plots.adjusted_funnels import adjusted_funnel
    from osler.publish.plots.bias import bias_lights, bias_summary
    from osler.publish.plots.drapes import drapery
    from osler.publish.plots.forests import forest, forest_pages, multi_panel
    from osler.publish.plots.funnels import funnel
    from osler.publish.plots.likelihoods import profile_likelihood
    from osler.publish.plots.network_forests import network_forest, node_split
    from osler.publish.plots.network_graphs import network_graph
    from osler.publish.plots.network_heat import contribution_heat, net_heat, p_score_heat
    from osler.publish.plots.outliers import baujat, influence, qq
    from osler.publish.plots.p_values import p_value_function
    from osler.publish.plots.paper import save
    from osler.publish.plots.permutations import permutation
    from osler.publish.plots.radials import radial
    from osler.publish.plots.raindrops import raindrop, rainforest
    from osler.publish.plots.rankograms import rankogram
    from osler.publish.plots.regressions import bubble
    from osler.publish.plots.risks import labbe
    from osler.publish.plots.selections import selection_weights
    from osler.publish.plots.sequences import sequential, specification_curve
    from osler.publish.plots.subsets import gosh
    from osler.publish.plots.sunsets import sunset

_MODULES = {
    "forests": ("forest", "forest_pages", "multi_panel"),
    "funnels": ("funnel",),
    "sunsets": ("sunset",),
    "radials": ("radial",),
    "risks": ("labbe",),
    "subsets": ("gosh",),
    "selections": ("selection_weights",),
    "permutations": ("permutation",),
    "bias": ("bias_lights", "bias_summary"),
    "outliers": ("baujat", "influence", "qq"),
    "drapes": ("drapery",),
    "p_values": ("p_value_function",),
    "likelihoods": ("profile_likelihood",),
    "raindrops": ("raindrop", "rainforest"),
    "regressions": ("bubble",),
    "sequences": ("specification_curve", "sequential"),
    "network_graphs": ("network_graph",),
    "network_forests": ("network_forest", "node_split"),
    "rankograms": ("rankogram",),
    "network_heat": ("contribution_heat", "net_heat", "p_score_heat"),
    "adjusted_funnels": ("adjusted_funnel",),
    "paper": ("save",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "adjusted_funnel",
    "baujat",
    "bias_lights",
    "bias_summary",
    "bubble",
    "contribution_heat",
    "drapery",
    "figures_of",
    "forest",
    "forest_pages",
    "funnel",
    "gosh",
    "influence",
    "labbe",
    "multi_panel",
    "net_heat",
    "network_forest",
    "network_graph",
    "node_split",
    "p_score_heat",
    "p_value_function",
    "permutation",
    "profile_likelihood",
    "qq",
    "radial",
    "raindrop",
    "rainforest",
    "rankogram",
    "save",
    "selection_weights",
    "sequential",
    "specification_curve",
    "sunset",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if find_spec("matplotlib") is None:
        raise DataError(no_matplotlib(name))
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
