"""Meta-analysis of dependent effects: levels, outcomes, times, species."""

from osler.synthesis.multilevel.components import Component
from osler.synthesis.multilevel.fit import multilevel
from osler.synthesis.multilevel.influence import MultilevelInfluence
from osler.synthesis.multilevel.levels import RandomEffects
from osler.synthesis.multilevel.model import Coefficient, Criteria, Multilevel, Omnibus, Share
from osler.synthesis.multilevel.predicting import Predictions
from osler.synthesis.multilevel.profiling import ComponentInterval, Profile
from osler.synthesis.multilevel.terms import Intercept, Related, Slopes, Structured, parse_random

__all__ = [
    "Coefficient",
    "Component",
    "ComponentInterval",
    "Criteria",
    "Intercept",
    "Multilevel",
    "MultilevelInfluence",
    "Omnibus",
    "Predictions",
    "Profile",
    "RandomEffects",
    "Related",
    "Share",
    "Slopes",
    "Structured",
    "multilevel",
    "parse_random",
]
