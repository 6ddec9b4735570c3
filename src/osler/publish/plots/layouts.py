"""How journals and programs set a forest plot: order of columns, words, marks, numbers.

Only the looks are told here. "revman5" sets a plot as Cochrane reviews did with Review
Manager 5, "jama" and "bmj" as those journals print them, "meta" as many papers from R do,
and "osler" as this package's own pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from osler.core.diagnostics import DataError
from osler.core.wording import number
from osler.publish.plots import palette
from osler.publish.plots.problems import unknown_choice

# A word in `columns` that is no column: here stands the plot.
PLOT = "plot"
# Both of these stand for what the data hold: arms first, or the arms as "events/n".
COUNTS, FRACTIONS = "counts", "fractions"

_WORDS = {
    "study": "Study",
    "weight": "Weight",
    "random": "Random effects",
    "common": "Common effect",
    "prediction": "Prediction interval",
    "subtotal": "Subgroup",
    "interval": "{measure} ({level} CI)",
    "axis": "{name}",
    "treated": "Treated",
    "control": "Control",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The looks of one kind of forest plot.

    Attributes
    ----------
    columns : tuple of str
        From left to right; "plot" stands where the plot is, "counts" for columns of each arm
        and "fractions" for one column an arm, where the data have them.
    brackets : tuple of str
        What opens, joins and closes an interval.
    p : {"plain", "capital", "short", "coarse"}
        "p = 0.034", "P = 0.03", "P = .03", "p = 0.03".
    notes : {"below", "left"}
        Where heterogeneity is told: under the figure, or in the rows beside the axis.
    """

    name: str
    columns: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    brackets: tuple[str, str, str] = ("(", " to ", ")")
    p: Literal["plain", "capital", "short", "coarse"] = "plain"
    square: str = palette.BLUE
    square_other: str = palette.BLUE
    whisker: str = palette.INK
    random: tuple[str, str] = (palette.INK, palette.INK)
    common: tuple[str, str] = (palette.WHITE, palette.INK)
    subtotal: tuple[str, str] = (palette.SOFT, palette.SOFT)
    own: tuple[str, str] = (palette.SKY, palette.INK)
    prediction: str = palette.VERMILION
    prediction_shape: str = "bar"
    mark: Literal["square", "raindrop", "rain"] = "square"
    pooled: tuple[str, ...] = ("random", "common")
    totals: bool = False
    stripes: bool = False
    guide: bool = True
    frame: bool = False
    caps: bool = False
    null: str = palette.INK
    notes: Literal["below", "left"] = "below"
    favours: Literal["below", "above"] = "below"
    head_over_plot: bool = False
    weight_decimals: int = 1

    def word(self, name: str) -> str:
        return {**_WORDS, **self.words}[name]


LAYOUTS = {
    "osler": Layout(
        "osler",
        ("study", FRACTIONS, PLOT, "estimate", "weight"),
    ),
    "revman5": Layout(
        "revman5",
        ("study", COUNTS, "weight", "estimate", PLOT),
        words={
            "study": "Study or Subgroup",
            "random": "Total ({level} CI)",
            "common": "Total, common effect ({level} CI)",
            "subtotal": "Subtotal ({level} CI)",
            "interval": "{full}\nIV, {model}, {level} CI",
            "axis": "",
            "treated": "Experimental",
        },
        brackets=("[", ", ", "]"),
        p="capital",
        square="#1F4FA3",
        square_other=palette.GREEN,
        random=(palette.BLACK, palette.BLACK),
        subtotal=(palette.BLACK, palette.BLACK),
        whisker=palette.BLACK,
        pooled=("random",),
        totals=True,
        guide=False,
        frame=True,
        notes="left",
        head_over_plot=True,
    ),
    "jama": Layout(
        "jama",
        ("study", FRACTIONS, "estimate", PLOT, "weight"),
        words={
            "study": "Source",
            "weight": "Weight, %",
            "random": "Total, random effects",
            "common": "Total, common effect",
            "subtotal": "Subtotal",
            "treated": "Treatment",
            "prediction": "{level} prediction interval",
        },
        brackets=("(", "-", ")"),
        p="short",
        square=palette.INK,
        square_other=palette.INK,
        random=(palette.BLUE, palette.BLUE),
        subtotal=(palette.SKY, palette.BLUE),
        prediction=palette.BLUE,
        pooled=("random",),
        totals=True,
        stripes=True,
        notes="left",
        favours="above",
    ),
    "bmj": Layout(
        "bmj",
        ("study", FRACTIONS, PLOT, "weight", "estimate"),
        words={
            "weight": "Weight (%)",
            "interval": "{full} ({level} CI)",
            "random": "Total (random effects)",
            "common": "Total (common effect)",
            "subtotal": "Subtotal",
            "treated": "Intervention",
            "axis": "",
        },
        p="capital",
        square="#2B5C8A",
        square_other="#2B5C8A",
        random=("#B5403A", "#8E2E29"),
        subtotal=("#E3B0A8", "#8E2E29"),
        common=(palette.WHITE, "#8E2E29"),
        prediction="#8E2E29",
        pooled=("random",),
        totals=True,
        guide=True,
        notes="left",
    ),
    "meta": Layout(
        "meta",
        ("study", COUNTS, PLOT, "estimate", "weight_common", "weight_random"),
        words={
            "random": "Random effects model",
            "common": "Common effect model",
            "subtotal": "Random effects model",
            "interval": "{measure} [{level}-CI]",
            "treated": "Experimental",
            "weight_common": "Weight (common)",
            "weight_random": "Weight (random)",
        },
        brackets=("[", "; ", "]"),
        p="coarse",
        square="#BEBEBE",
        square_other="#BEBEBE",
        random=("#BEBEBE", palette.BLACK),
        common=("#BEBEBE", palette.BLACK),
        subtotal=("#BEBEBE", palette.BLACK),
        prediction="#CC0000",
        pooled=("common", "random"),
        totals=True,
        notes="left",
    ),
}


def layout_of(name: str) -> Layout:
    """The layout of a name.

    Raises
    ------
    DataError
        Where there is none of that name (FIG003).
    """
    if name not in LAYOUTS:
        raise DataError(unknown_choice("layout", name, LAYOUTS))
    return LAYOUTS[name]


def p_text(p: float, layout: Layout) -> str:
    """A p-value as the layout's journal writes it.

    Examples
    --------
    >>> p_text(0.0004, LAYOUTS["jama"]), p_text(0.034, LAYOUTS["revman5"])
    ('P < .001', 'P = 0.03')
    """
    if not 0 <= p <= 1:
        return "p not computed"
    letter = "p" if layout.p in ("plain", "coarse") else "P"
    least = {"plain": 0.001, "capital": 0.001, "short": 0.001, "coarse": 0.01}[layout.p]
    least = 0.00001 if layout.name == "revman5" else least
    if p < least:
        text = f"{letter} < {least:.5f}".rstrip("0")
    else:
        text = f"{letter} = {number(p, _decimals(p, layout))}"
    return text.replace(" 0.", " .") if layout.p == "short" else text


def _decimals(p: float, layout: Layout) -> int:
    """Two figures that tell; more where the second decimal would round to 0 or 0.05."""
    if layout.p == "plain":
        return 3 if p < 0.1 else 2
    if layout.name == "revman5":
        return 5 if p < 0.0001 else 4 if p < 0.001 else 3 if p < 0.01 else 2
    return 3 if p < 0.01 or 0.045 <= p < 0.055 else 2
