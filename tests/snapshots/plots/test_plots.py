"""Figures against how they looked: a change in them is seen, and is meant.

After a change that is meant: ``UPDATE_SNAPSHOTS=1 make test ARGS=tests/snapshots/plots``, then
look at each picture before it is kept. Pictures are small and compared with room for other
releases of Matplotlib and FreeType, which set letters a little differently.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from PIL import Image

from osler.appraisal.asymmetry.trim_fill import trim_and_fill
from osler.publish import plots
from osler.publish.plots.paper import save
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.splitting import split
from tests.unit.publish.plots.networks import fitted, judged, rank_of
from tests.unit.publish.plots.networks import made as made_network
from tests.unit.publish.plots.sample import SIDES, bcg, bcg_by, bcg_fit, judgements, made
from tests.unit.publish.plots.test_models import by_hand, by_latitude, nested, weighed

FOLDER = Path(__file__).parent
DPI = 50
# Of the root mean square over pixels (0 to 1). A line that moves by a row gives above 0.1.
TOLERANCE = 0.06

FIGURES: dict[str, Callable[[], Figure]] = {
    "forest-osler": lambda: plots.forest(bcg_fit(), data=bcg()[2], favours=SIDES, title="BCG"),
    "forest-by": lambda: plots.forest(bcg_by(), layout="revman5", data=bcg()[2], favours=SIDES),
    "forest-jama": lambda: plots.forest(bcg_fit(), layout="jama", data=bcg()[2], xlim=(0.2, 2)),
    "forest-meta": lambda: plots.forest(made(13, 4, "MD", 10.0), layout="meta", favours=SIDES),
    "forest-also": lambda: plots.forest(bcg_fit(), also={"Another review": (0.5, 0.3, 0.81)}),
    "weights": lambda: plots.selection_weights(weighed(steps=(0.025, 0.5))),
    "null": lambda: plots.permutation(by_hand([0.3, 0.5, 0.2, 0.4, 0.6, -0.1])),
    "profiles": lambda: plots.profile_likelihood(nested()),
    "residuals": lambda: plots.funnel(by_latitude(), labels="outside"),
    "funnel": lambda: plots.funnel(trim_and_fill(bcg_fit())),
    "contours": lambda: plots.funnel(bcg_fit(), contours=True),
    "radial": lambda: plots.radial(bcg_fit()),
    "bias-lights": lambda: plots.bias_lights(made(6), judgements(6), title="Risk of bias"),
    "bias-summary": lambda: plots.bias_summary(made(6), judgements(6)),
    "gosh": lambda: plots.gosh(bcg_fit()),
    "drapery": lambda: plots.drapery(bcg_fit()),
    "rainforest": lambda: plots.rainforest(bcg_fit(), notes=False),
    "network-graph": lambda: plots.network_graph(made_network(8), title="Leg pain"),
    "network-graph-large": lambda: plots.network_graph(made_network(30), width="middle"),
    "network-bias": lambda: plots.network_graph(made_network(4), bias=judged(4)),
    "network-forest": lambda: plots.network_forest(fitted(8), ranking=rank_of(8)),
    "node-split": lambda: plots.node_split(split(fitted(4))),
    "rankogram": lambda: plots.rankogram(rank_of(8), cumulative=True),
    "p-scores": lambda: plots.p_score_heat({"Pain": rank_of(8), "Harm": rank_of(6)}),
    "contributions": lambda: plots.contribution_heat(contributions(fitted(8)), reference="Placebo"),
    "net-heat": lambda: plots.net_heat(
        np.array([[3.0, -1.0], [0.4, 0.0]]), np.array([[0.6, 0.2], [0.1, 0.9]]), ["A:B", "A:C"]
    ),
    "adjusted-funnel": lambda: plots.adjusted_funnel(
        [0.1, -0.2, 0.05, 0.3, -0.25], [0.1, 0.2, 0.15, 0.3, 0.25], list("AABBC"), measure="MD"
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(name: str, tmp_path: Path) -> None:
    drawn = save(FIGURES[name](), tmp_path / f"{name}.png", dpi=DPI)
    kept = FOLDER / f"{name}.png"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        Image.open(drawn).convert("RGB").quantize(32).save(kept, optimize=True)
    now, before = (imread(path)[..., :3] for path in (drawn, kept))
    assert now.shape == before.shape
    assert _apart(now, before) < TOLERANCE, f"compare {kept} with {drawn}"


def test_a_moved_mark_is_seen() -> None:
    picture = imread(FOLDER / "forest-osler.png")[..., :3]
    assert _apart(picture, np.roll(picture, 8, axis=0)) > TOLERANCE


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))
