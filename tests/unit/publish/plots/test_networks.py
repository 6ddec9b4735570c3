"""Figures of networks: every size, nothing over anything else, the same bytes, clear refusals."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.text import Text

from osler.core.diagnostics import DataError
from osler.publish import plots
from osler.publish.plots.heat import BLUES, BOTH, color_on, letters_on
from osler.publish.plots.network_labels import spread
from osler.publish.plots.network_layouts import (
    circle_order,
    crossings,
    on_circle,
    placed,
    without_crossings,
)
from osler.publish.plots.paper import save
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.net_heat import net_heat
from osler.synthesis.network.splitting import split
from tests.unit.publish.plots import sample
from tests.unit.publish.plots.networks import fitted, made, names_of, rank_of
from tests.unit.publish.plots.sample import boxes, outside, overlaps, with_gid

SIDES = ("favours treatment", "favours placebo")


def pairs(n: int) -> list[str]:
    network = made(n)
    found = sorted({(min(a, b), max(a, b)) for _, a, b, _, _ in network.pairs()})
    return [f"{network.treatments[a]} vs {network.treatments[b]}" for a, b in found]


def heat(n: int) -> Figure:
    names, rng = pairs(n), np.random.default_rng(n)
    matrix = rng.normal(0, 3, (len(names), len(names)))
    return plots.net_heat(matrix, rng.uniform(0, 1, matrix.shape), names)


def funnel(n: int) -> Figure:
    network = made(n)
    rows = [(f"{network.treatments[a]} vs {network.treatments[b]}", y / 3, v**0.5)
            for _, a, b, y, v in network.pairs()]  # fmt: skip
    named, y, se = zip(*rows, strict=True)
    return plots.adjusted_funnel(y, se, named, measure="OR", p=0.04, favours=SIDES)


FIGURES: dict[str, Callable[[int], Figure]] = {
    "graph": lambda n: plots.network_graph(made(n), title="Leg pain"),
    "forest": lambda n: plots.network_forest(fitted(n), ranking=rank_of(n), favours=SIDES),
    "node_split": lambda n: plots.node_split(split(fitted(n)), favours=SIDES),
    "rankogram": lambda n: plots.rankogram(rank_of(n)),
    "cumulative": lambda n: plots.rankogram(rank_of(n), cumulative=True, title="Leg pain"),
    "p_scores": lambda n: plots.p_score_heat(
        {"Leg pain": rank_of(n), "Disability": rank_of(n, 2), "Serious harm": rank_of(n - 1)}
    ),
    "contributions": lambda n: plots.contribution_heat(
        contributions(fitted(n)), reference="Placebo"
    ),
    "net_heat": heat,
    "funnel": funnel,
}


@pytest.mark.parametrize("n", [4, 9, 30])
@pytest.mark.parametrize("name", FIGURES)
def test_no_words_touch_or_leave_the_paper(
    name: str, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = FIGURES[name](n)
    measured = boxes(figure)  # once for both
    monkeypatch.setattr(sample, "boxes", lambda _: measured)
    assert overlaps(figure) == []
    assert outside(figure) == []
    assert figure.description  # type: ignore[attr-defined]


def test_narrow_paper_holds_them_too() -> None:
    figures = (
        plots.network_graph(made(6), width="single"),
        plots.rankogram(rank_of(6), width="single"),
        plots.p_score_heat(rank_of(6), width="single"),
        plots.network_forest(fitted(6), width="single"),
    )
    for figure in figures:
        assert overlaps(figure) == [] and outside(figure) == []


@pytest.mark.parametrize("name", FIGURES)
def test_files_repeat_to_the_byte(tmp_path: Path, name: str) -> None:
    endings = ("svg", "pdf", "png") if name in ("graph", "net_heat") else ("svg",)
    for ending in endings:
        one, two = (save(FIGURES[name](4), tmp_path / f"{i}.{ending}", dpi=40) for i in (1, 2))
        assert one.read_bytes() == two.read_bytes()


# Where treatments stand


@pytest.mark.parametrize("seed", range(6))
def test_no_other_circle_of_six_has_fewer_crossings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = sorted({tuple(sorted(rng.choice(6, 2, replace=False).tolist())) for _ in range(9)})
    best = min(crossings(on_circle([0, *p]), edges) for p in permutations(range(1, 6)))
    assert crossings(on_circle(circle_order(6, edges)), edges) <= best + 1
    assert sorted(circle_order(6, edges)) == list(range(6))


def test_crossings_are_counted() -> None:
    square = on_circle([0, 1, 2, 3])
    assert crossings(square, [(0, 2), (1, 3)]) == 1
    assert crossings(square, [(0, 1), (2, 3), (0, 2)]) == 0


def test_four_that_all_meet_are_drawn_without_a_crossing() -> None:
    complete = [(a, b) for a in range(4) for b in range(a)]
    circle = on_circle(circle_order(4, complete))
    assert crossings(circle, complete) == 1
    found = without_crossings(4, complete, circle)
    assert found is not None and crossings(found, complete) == 0
    at, circular = placed(4, complete, "auto")
    assert not circular and crossings(at, complete) == 0


def test_five_that_all_meet_stay_on_the_circle() -> None:
    complete = [(a, b) for a in range(5) for b in range(a)]
    assert without_crossings(5, complete, on_circle(circle_order(5, complete))) is None
    assert placed(5, complete, "planar")[1]


def test_places_are_the_nearest_that_do_not_touch() -> None:
    assert spread([5.0], [4.0]) == [5.0]
    assert spread([0.0, 0.0, 0.0], [2.0, 4.0, 2.0]) == [-3.0, 0.0, 3.0]


# The graph


@pytest.mark.parametrize("n", [4, 9, 30])
def test_no_name_lies_on_a_circle(n: int) -> None:
    figure = plots.network_graph(made(n))
    names = set(names_of(n)) | {part for name in names_of(n) for part in name.split(" ")}
    texts, box = boxes(figure)
    wide, tall = figure.get_size_inches() * 72
    circles = [c for c in figure.findobj(Circle) if c.radius > 4.3]
    for text, (left, low, right, high) in zip(texts, box, strict=True):
        if not any(word in names for word in text.get_text().split(" ")):
            continue
        for circle in circles:
            x, y = circle.center[0], tall - circle.center[1]
            away = np.hypot(max(left - x, 0, x - right), max(low + 1 - y, 0, y - high + 1))
            assert away > circle.radius - 1.0, (text.get_text(), n)
    assert wide > 0


def test_areas_show_participants_and_widths_studies() -> None:
    network = network_of(
        ["s1", "s2", "s3"], ["A", "A", "B"], ["C", "C", "C"], np.zeros(3), np.full(3, 0.1)
    )
    sizes = {"A": 100.0, "B": 25.0, "C": 400.0}
    figure = plots.network_graph(network, sizes=sizes, counts=False)
    drawn = [c.radius for c in figure.findobj(Circle) if c.get_facecolor()[0] < 0.5]
    radii = sorted(drawn)[-3:]
    assert radii[2] / radii[1] == pytest.approx(2.0) and radii[2] / radii[0] == pytest.approx(4.0)
    lines = with_gid(figure, "comparison")
    widths = sorted(line.get_linewidth() for line in lines)  # type: ignore[attr-defined]
    assert widths[1] == pytest.approx(2 * widths[0])
    assert "A and C: 2 studies; B and C: 1 study" in figure.description


def test_precision_sets_the_width() -> None:
    network = network_of(["s1", "s2"], ["A", "B"], ["C", "C"], np.zeros(2), np.array([0.01, 0.04]))
    lines = with_gid(plots.network_graph(network, edges="precision"), "comparison")
    widths = sorted(line.get_linewidth() for line in lines)  # type: ignore[attr-defined]
    assert widths[1] == pytest.approx(2 * widths[0])


def test_studies_of_three_arms_are_shaded() -> None:
    network = made(9)
    larger = {tuple(sorted(row)) for g in network.groups for row in g.arms.tolist() if len(row) > 2}
    assert len(with_gid(plots.network_graph(network), "multi-arm")) == len(larger)
    assert with_gid(plots.network_graph(network, multi_arm=False), "multi-arm") == []


def test_judgements_split_a_line_among_its_studies() -> None:
    network = network_of(["s1", "s2", "s3"], ["A"] * 3, ["B"] * 3, np.zeros(3), np.full(3, 0.1))
    bias = {"s1": "low", "s2": "Low", "s3": "high"}
    figure = plots.network_graph(network, bias=bias)
    low, high = (with_gid(figure, f"bias {how}") for how in ("low", "high"))
    assert len(low) == len(high) == 1
    widths = [line.get_linewidth() for line in (*low, *high)]  # type: ignore[attr-defined]
    assert widths[0] == pytest.approx(2 * widths[1])


def test_a_network_in_parts_is_drawn_whole() -> None:
    apart = network_of(["s1", "s2"], ["A", "C"], ["B", "D"], np.zeros(2), np.full(2, 0.1))
    assert len(with_gid(plots.network_graph(apart), "comparison")) == 2


# Forests


def test_a_forest_says_what_the_network_says() -> None:
    fit = fitted(4)
    told = plots.network_forest(fit).description
    e = fit.effect("Usual care")
    assert f"Usual care: {np.exp(e.estimate):.2f}" in told
    other = plots.network_forest(fit, reference="Usual care").description
    assert f"Placebo: {np.exp(-e.estimate):.2f}" in other
    assert "Placebo" in plots.network_forest(fit, labels={"Usual care": "Waiting"}).description


def test_a_split_shows_three_estimates_a_comparison() -> None:
    found = split(fitted(4))
    figure = plots.node_split(found)
    assert len(with_gid(figure, "interval")) == 3 * len(found.testable)
    one = found.comparisons[0]
    chosen = plots.node_split(found, comparisons=[(one.comparator, one.treatment)])
    assert f"{one.treatment} against {one.comparator}" in chosen.description


# Shaded tables


def test_colours_meet_their_ends_and_letters_can_be_read() -> None:
    assert color_on(BLUES, 0.0) == "#ffffff" and color_on(BOTH, -3.0) == "#0a5a9c"
    for value in np.linspace(0, 1, 21):
        fill = color_on(BLUES, float(value))
        assert _contrast(fill, letters_on(fill)) >= 4.15, value


def _contrast(one: str, other: str) -> float:
    bright = sorted(_bright(color) for color in (one, other))
    return (bright[1] + 0.05) / (bright[0] + 0.05)


def _bright(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_an_outcome_without_a_treatment_leaves_its_cell_empty() -> None:
    figure = plots.p_score_heat({"Pain": rank_of(5), "Harm": rank_of(4)}, sort="Harm")
    assert "–" in [t.get_text() for t in boxes(figure)[0]]


def test_contributions_of_studies_and_comparisons() -> None:
    found = contributions(fitted(4))
    told = plots.contribution_heat(found, reference="Placebo").description
    assert told.count("vs Placebo") + told.count("Placebo vs") >= 3
    assert "Study" in plots.contribution_heat(found, of="studies").description


def test_net_heat_of_a_network() -> None:
    found = net_heat(fitted(9))
    figure = plots.net_heat(found)
    assert figure.description.startswith(f"Net heat plot of {len(found.designs)} designs.")
    assert overlaps(figure) == [] and plots.figures_of(found) == ["net_heat"]


def test_net_heat_does_not_burn_where_nothing_disagrees() -> None:
    """Colours end at what a test would notice, however little the largest change is."""
    small = plots.net_heat(np.array([[0.1, 0.0], [0.0, 0.1]]), None, ["a", "b"])
    large = plots.net_heat(np.array([[6.0, 0.0], [0.0, 0.1]]), None, ["a", "b"])
    texts = [{text.get_text() for text in figure.findobj(Text)} for figure in (small, large)]
    assert "3.8" in texts[0] and "6.0" in texts[1]


# What does not fit


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.diagnostics[0].code


def test_what_cannot_be_drawn_is_refused() -> None:
    net, fit, split_ = made(4), fitted(4), split(fitted(4))
    star = network_of(["a", "b"], ["A", "B"], ["C", "C"], np.zeros(2), np.full(2, 0.1))
    one = np.ones((1, 1))
    refused: dict[str, list[Callable[[], object]]] = {
        "FIG002": [
            lambda: plots.network_graph(3),
            lambda: plots.network_forest(net),
            lambda: plots.node_split(fit),
            lambda: plots.rankogram(fit),
            lambda: plots.p_score_heat({"Pain": fit}),
        ],
        "FIG003": [
            lambda: plots.network_graph(net, layout="star"),
            lambda: plots.network_graph(net, edges="weight"),
            lambda: plots.network_graph(net, bias={"Study 1": "fine"}),
            lambda: plots.network_forest(fit, sort="p_score"),
            lambda: plots.p_score_heat(rank_of(4), sort="Harm"),
            lambda: plots.contribution_heat(contributions(fit), of="arms"),
        ],
        "FIG004": [lambda: plots.adjusted_funnel([0.1], [0.1, 0.2], ["A vs B"])],
        "FIG007": [lambda: plots.network_forest(fit, xlim=(2.0, 1.0))],
        "FIG012": [
            lambda: plots.network_graph(net, sizes={"Placebo": 3.0}),
            lambda: plots.network_graph(net, sizes={"placebo": 3.0}),
            lambda: plots.network_graph(net, bias={"Nobody": "low"}),
            lambda: plots.network_forest(fit, ranking=rank_of(5)),
            lambda: plots.node_split(split_, comparisons=[("A", "B")]),
            lambda: plots.rankogram(rank_of(4), show=["A"]),
            lambda: plots.contribution_heat(one, ["a"], ["b"], show=["c"]),
            lambda: plots.contribution_heat(contributions(fit), reference="A"),
        ],
        "FIG013": [lambda: plots.net_heat(one, None, ["a", "b"])],
        "FIG014": [
            lambda: plots.node_split(split(fit_network(star, measure="MD"))),
            lambda: plots.contribution_heat(np.empty((0, 0)), [], []),
            lambda: plots.adjusted_funnel([], [], []),
            lambda: plots.p_score_heat({}),
        ],
        "FIG015": [
            lambda: plots.adjusted_funnel([0.1], [0.0], ["A vs B"]),
            lambda: plots.net_heat(np.array([[np.inf]]), None, ["a"]),
        ],
        "NET010": [lambda: plots.network_forest(fit, reference="A")],
    }
    for code, calls in refused.items():
        for call in calls:
            assert code_of(call) == code


def test_figures_fit_the_results_of_networks() -> None:
    assert plots.figures_of(fitted(4)) == ["network_forest", "network_graph"]
    assert plots.figures_of(split(fitted(4))) == ["node_split"]
    assert fitted(4).plot.network_graph(layout="circle").description.startswith("Network graph")
