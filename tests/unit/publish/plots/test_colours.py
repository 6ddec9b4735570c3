"""What is told apart by colour is told apart by the colour-blind too, and in a grey print."""

from collections.abc import Callable
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from osler.appraisal.asymmetry.trim_fill import trim_and_fill
from osler.appraisal.influence.gosh import gosh as gosh_of
from osler.appraisal.multiverse.grid import multiverse
from osler.appraisal.sequential.analysis import sequential as sequential_of
from osler.publish import plots
from osler.publish.figures.styles import LIGHT, STYLES
from osler.publish.plots import adjusted_funnels, heat, lights, network_graphs, palette, sunsets
from osler.synthesis.regression import regress
from tests.unit.publish.plots.colour_vision import SEEN_BY, apart, ciede2000, in_grey, lab
from tests.unit.publish.plots.sample import bcg, bcg_fit, made
from tests.unit.publish.plots.test_models import weighed

# CIEDE2000 of about 2 is just seen side by side; small marks on white need several times that.
LEAST = 10.0
# Of L*, which runs from 0 to 100.
LEAST_IN_GREY = 10.0
# From one shade of a ramp or of nested areas to the next, which touch each other.
LEAST_STEP = 2.0


def bubble() -> Figure:
    y, v, table = bcg()
    found = regress(
        "year", {**table, "yi": y, "vi": v}, estimate="yi", variance="vi", study="study"
    )
    return plots.bubble(found, data={"year": table["year"]})


KEYED: dict[str, Callable[[], Figure]] = {
    "funnel": lambda: plots.funnel(trim_and_fill(bcg_fit())),
    "contours": lambda: plots.funnel(bcg_fit(), contours=True),
    "gosh": lambda: plots.gosh(gosh_of(bcg_fit()), study="TPT Madras 1980"),
    "drapery": lambda: plots.drapery(bcg_fit()),
    "p-value function": lambda: plots.p_value_function(bcg_fit()),
    "bubble": bubble,
    "labbe": lambda: plots.labbe(bcg_fit(), data=bcg()[2]),
    "sequential": lambda: plots.sequential(
        sequential_of(made(30, 3), relevant_effect=-0.3, futility=True)
    ),
    "weights": lambda: plots.selection_weights(
        weighed(), {kind: weighed(kind) for kind in ("beta", "power", "logistic", "half-normal")}
    ),
    "weights of one": lambda: plots.selection_weights(weighed()),
    "specifications": lambda: plots.specification_curve(multiverse(bcg_fit())),
}


def differ(one: str, other: str) -> bool:
    """Whether two colours alone tell two things apart, for everybody and in grey."""
    least = min(apart(one, other, eye) for eye in SEEN_BY)
    return least >= LEAST and in_grey(one, other) >= LEAST_IN_GREY


def look(handle: Line2D) -> tuple[tuple[object, ...], str]:
    """Shape or line of a key's sample, and its colour."""
    if handle.get_marker() not in ("", "None", None):
        fill = to_hex(str(handle.get_markerfacecolor())).upper()
        hollow = fill == palette.WHITE
        color = to_hex(str(handle.get_markeredgecolor())) if hollow else fill
        return (handle.get_marker(), hollow), color
    return ("line", str(handle._unscaled_dash_pattern)), to_hex(str(handle.get_color()))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", KEYED)
def test_what_a_key_names_differs_in_shape_or_clearly_in_colour(name: str) -> None:
    handles = [
        handle
        for axes in KEYED[name]().axes
        if (legend := axes.get_legend())
        for handle in legend.legend_handles
    ]
    assert handles, "a figure without a key cannot be checked"
    lines = [look(handle) for handle in handles if isinstance(handle, Line2D)]
    for (one, first), (other, second) in combinations(lines, 2):
        assert one != other or differ(first, second), (one, first, second)
    fills = [to_hex(h.get_facecolor()) for h in handles if isinstance(h, Patch)]
    for first, second in combinations(fills, 2):
        assert in_grey(first, second) >= LEAST_STEP


def test_comparisons_of_a_funnel_differ_without_colour_up_to_14_and_with_it_up_to_42() -> None:
    looks = [adjusted_funnels._look(i) for i in range(42)]
    assert len({(a.shape, a.fill == palette.WHITE) for a in looks[:14]}) == 14
    for one, other in combinations(looks, 2):
        if (one.shape, one.fill == palette.WHITE) == (other.shape, other.fill == palette.WHITE):
            colors = (one.edge, other.edge) if one.fill == palette.WHITE else (one.fill, other.fill)
            assert min(apart(*colors, eye) for eye in SEEN_BY) >= LEAST


def test_risk_of_bias_differs_in_dashes_or_in_signs() -> None:
    dashes = {name: dashes for name, (_, dashes) in network_graphs._JUDGED.items()}
    kinds = ("low", "some concerns", "high", "critical")
    assert len({dashes[name] for name in kinds}) == 4
    assert differ(network_graphs._JUDGED["low"][0], network_graphs._JUDGED[""][0])
    assert len({lights.LIGHTS[name].sign for name in kinds}) == 4
    for name in kinds:
        fill, sign = lights.LIGHTS[name].fill, lights.LIGHTS[name].ink
        assert in_grey(fill, sign) >= 40, f"the sign of {name} cannot be read"


@pytest.mark.parametrize("eye", SEEN_BY)
def test_ramps_run_one_way_for_every_eye(eye: str) -> None:
    blues = [heat.color_on(heat.BLUES, x) for x in np.linspace(0, 1, 9)]
    below = [heat.color_on(heat.BOTH, x) for x in np.linspace(0, -1, 9)]
    above = [heat.color_on(heat.BOTH, x) for x in np.linspace(0, 1, 9)]
    sunset = [*reversed(sunsets._SUNSET)]
    for ramp in (blues, below, above, sunset):
        light = [lab(color, eye)[0] for color in ramp]
        assert all(one - other >= LEAST_STEP / 2 for one, other in pairwise(light)), ramp
    for x in (0.25, 0.5, 1.0):
        assert apart(heat.color_on(heat.BOTH, x), heat.color_on(heat.BOTH, -x), eye) >= LEAST


def test_a_rise_of_q_has_a_sign_where_its_colour_is_lost_in_grey() -> None:
    matrix = np.array([[3.0, -1.0, -0.01], [0.4, 0.0, -4.0], [0.0, 0.0, 0.0]])
    figure = plots.net_heat(matrix, None, ["A:B", "A:C", "B:C"])
    assert len(figure.findobj(lambda artist: artist.get_gid() == "minus")) == 2
    assert "Q rises" in "\n".join(text.get_text() for text in figure.findobj(match=_is_text))
    plain = plots.net_heat(np.abs(matrix), None, ["A:B", "A:C", "B:C"])
    assert not plain.findobj(lambda artist: artist.get_gid() == "minus")


def _is_text(artist: object) -> bool:
    return hasattr(artist, "get_text")


@pytest.mark.parametrize(("one", "other"), [("icon-on", "icon-off"), ("icon-harm", "icon-off")])
def test_icons_differ(one: str, other: str) -> None:
    assert differ(*(LIGHT[STYLES[name].fill] for name in (one, other)))


@pytest.mark.parametrize(("one", "other"), [*combinations(palette.SERIES, 2)])
def test_the_series_can_be_told_apart_by_every_eye(one: str, other: str) -> None:
    assert min(apart(one, other, eye) for eye in SEEN_BY) >= LEAST


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_distances_are_those_of_sharma_wu_and_dalal_table_1(
    one: tuple[float, ...], other: tuple[float, ...], wanted: float
) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(wanted, abs=5e-5)
