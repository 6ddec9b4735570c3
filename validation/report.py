"""Tables and figures for ``docs/explanation/validation.md``, from what was simulated.

``python -m validation report`` writes them into ``docs/explanation/validation/``. The same JSON
gives the same bytes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from validation import coverage, rare_events

FOLDER = Path(__file__).parents[1] / "docs" / "explanation" / "validation"
# Grey and hues of middle lightness: legible on white paper and on a dark page.
GREY = "#808080"
HUES = ("#d1495b", "#2a8fbd", "#d08c1d", "#3c9d6e", "#9b72c8", "#808080")
MARKERS = ("o", "s", "^", "D", "v", "P")
SHOWN = {
    "coverage": ("Wald", "t", "HKSJ", "HKSJ-adhoc", "auto", "KR"),
    "prediction": ("S", "V", "HTS", "HK", "HK-PR", "KR"),
    "tau2": ("DL", "REML", "ML", "PM", "HE", "SJ"),
}
Cell = Mapping[str, Any]


def read(path: Path) -> dict[str, Any]:
    """What a simulation wrote."""
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def markdown(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, numbers flush right."""
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, rule, *lines)) + "\n"


def percent(share: float) -> str:
    """A share as a percentage with one decimal."""
    return f"{100 * share:.1f}"


def coverage_table(cells: Sequence[Cell], part: str, names: Sequence[str], sizes: str) -> str:
    """Coverage in percent: one row for each k and I2, one column for each method."""
    lines = []
    for cell in cells:
        if cell["sizes"] == sizes:
            found = [percent(cell[part][name]["coverage"]) for name in names]
            lines.append([f"{cell['k']}, {100 * cell['i2']:.0f} %", *found])
    return markdown(["k, I²", *names], lines)


def tau2_table(cells: Sequence[Cell], sizes: str) -> str:
    """Bias of tau2 in units of the typical variance, and the true value in the same units."""
    lines = []
    for cell in cells:
        if cell["sizes"] == sizes:
            true = cell["i2"] / (1 - cell["i2"])
            bias = [f"{cell['tau2'][m]['bias']:+.2f}".replace("-", "−") for m in coverage.TAU2]
            lines.append([f"{cell['k']}, {100 * cell['i2']:.0f} %", f"{true:.2f}", *bias])
    return markdown(["k, I²", "true", *coverage.TAU2], lines)


def rare_table(cells: Sequence[Cell]) -> str:
    """Coverage in percent of the true odds ratio, by method."""
    names = list(cells[0]["methods"])
    lines = []
    for cell in cells:
        what = (
            f"{cell['k']}, {100 * cell['control_risk']:.0f} %, "
            f"{cell['odds_ratio']:g}, {cell['tau']:g}"
        )
        lines.append([what, *(percent(cell["methods"][n]["coverage"]) for n in names)])
    return markdown(["k, risk, OR, tau", *names], lines)


def plain(axes: Axes) -> None:
    """Grey axes without a box."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
    axes.tick_params(colors=GREY, labelsize=8)


def drawn(
    cells: Sequence[Cell],
    names: Sequence[str],
    value: Callable[[Cell, str], float],
    label: str,
    line: float,
    limits: tuple[float, float],
) -> Figure:
    """A panel for each I2, the number of studies across, a line for each method."""
    figure = Figure(figsize=(9.0, 3.1))
    panels = figure.subplots(1, len(coverage.I2), sharey=True)
    across = range(len(coverage.STUDIES))
    for axes, i2 in zip(panels, coverage.I2, strict=True):
        plain(axes)
        axes.axhline(line, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        for name, hue, marker in zip(names, HUES, MARKERS, strict=True):
            ys = [value(cell, name) for cell in cells if cell["i2"] == i2]
            axes.plot(across, ys, color=hue, marker=marker, markersize=4, linewidth=1.3, label=name)
        axes.set_title(f"I² = {100 * i2:.0f} %", fontsize=9, color=GREY)
        axes.set_xticks(list(across), [str(k) for k in coverage.STUDIES])
        axes.set_xlabel("studies", fontsize=8, color=GREY)
        axes.set_ylim(*limits)
    panels[0].set_ylabel(label, fontsize=8, color=GREY)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="upper center",
        ncols=len(names),
        frameon=False,
        fontsize=8,
        labelcolor=GREY,
    )
    figure.subplots_adjust(left=0.07, right=0.99, bottom=0.16, top=0.80, wspace=0.12)
    return figure


def save(figure: Figure, name: str) -> None:
    """An SVG with text as text, without date and with names that do not change."""
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "osler"}):
        figure.savefig(
            FOLDER / f"{name}.svg",
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None},
        )


def figures(cells: Sequence[Cell]) -> None:
    """Coverage of the mean and of a new effect, and bias of tau2, for unequal sizes."""
    for name, part, sizes, low in (
        ("coverage", "mean", "log-normal", 75.0),
        ("coverage-one-large", "mean", "one large", 75.0),
        ("prediction", "prediction", "log-normal", 70.0),
    ):
        chosen = [cell for cell in cells if cell["sizes"] == sizes]

        def value(cell: Cell, method: str, part: str = part) -> float:
            return float(100 * cell[part][method]["coverage"])

        methods = SHOWN["prediction" if part == "prediction" else "coverage"]
        save(drawn(chosen, methods, value, "coverage, %", 95.0, (low, 101.0)), name)

    def share(cell: Cell, method: str) -> float:
        total = 1 / (1 - cell["i2"])
        return float(cell["tau2"][method]["bias"] / total)

    chosen = [cell for cell in cells if cell["sizes"] == "log-normal"]
    save(drawn(chosen, SHOWN["tau2"], share, "bias / total variance", 0.0, (-0.4, 1.0)), "tau2")


def run() -> Path:
    """Write everything."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    cells = read(coverage.FILE)["cells"]
    figures(cells)
    means = [name for name, _, _ in coverage.INTERVALS]
    predictions = [name for name, _, _ in coverage.PREDICTIONS]
    texts = {
        "coverage": coverage_table(cells, "mean", means, "log-normal"),
        "coverage-one-large": coverage_table(cells, "mean", means, "one large"),
        "prediction": coverage_table(cells, "prediction", predictions, "log-normal"),
        "tau2": tau2_table(cells, "log-normal"),
        "rare-events": rare_table(read(rare_events.FILE)["cells"]),
    }
    for name, text in texts.items():
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
    return FOLDER
