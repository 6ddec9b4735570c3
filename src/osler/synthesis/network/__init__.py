"""Networks of treatments: all compared at once, directly and through one another.

``network`` and ``component_network`` fit; the others put questions to what they give.
"""

from osler.synthesis.network.adjusted_funnel import adjusted_funnel
from osler.synthesis.network.asking import component_network, network, networks_apart
from osler.synthesis.network.components import ComponentSynthesis
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.design_splitting import split_designs
from osler.synthesis.network.exchange import (
    to_cinema,
    to_cinema_arms,
    to_gemtc,
    to_gemtc_arms,
    to_netmeta,
)
from osler.synthesis.network.exchange_reading import read_exchange
from osler.synthesis.network.hypergeometric import hypergeometric_network
from osler.synthesis.network.leaving_out import without_each
from osler.synthesis.network.loops import loops
from osler.synthesis.network.mantel_haenszel import mantel_haenszel_network
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.net_heat import net_heat
from osler.synthesis.network.pairwise import pairwise
from osler.synthesis.network.ranking import rank
from osler.synthesis.network.rare import RareNetwork
from osler.synthesis.network.reading import read_network
from osler.synthesis.network.regression import network_regression
from osler.synthesis.network.side_splitting import split_sides
from osler.synthesis.network.splitting import split
from osler.synthesis.network.transitivity import transitivity

__all__ = [
    "ComponentSynthesis",
    "NetworkSynthesis",
    "RareNetwork",
    "adjusted_funnel",
    "component_network",
    "contributions",
    "decompose",
    "hypergeometric_network",
    "loops",
    "mantel_haenszel_network",
    "net_heat",
    "network",
    "network_regression",
    "networks_apart",
    "pairwise",
    "rank",
    "read_exchange",
    "read_network",
    "split",
    "split_designs",
    "split_sides",
    "to_cinema",
    "to_cinema_arms",
    "to_gemtc",
    "to_gemtc_arms",
    "to_netmeta",
    "transitivity",
    "without_each",
]
