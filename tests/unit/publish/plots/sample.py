"""Results to draw: the BCG trials, and syntheses of any size from a seed."""

import json
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise
from osler.synthesis.subgroups import Subgroups, synthesise_by

_STORED = Path(__file__).resolve().parents[3] / "reference" / "metafor" / "bcg_RR.json"
TRIALS = (
    *("Aronson 1948", "Ferguson & Simes 1949", "Rosenthal et al 1960"),
    *("Hart & Sutherland 1977", "Frimodt-Moller et al 1973", "Stein & Aronson 1953"),
    *("Vandiviere et al 1973", "TPT Madras 1980", "Coetzee & Berjak 1968"),
    *("Rosenthal et al 1961", "Comstock et al 1974", "Comstock & Webster 1969"),
    "Comstock et al 1976",
)
ALLOCATION = (
    *["random"] * 4,
    *["alternate"] * 2,
    *["random"] * 3,
    *["systematic"] * 4,
)
SIDES = ("favours vaccine", "favours no vaccine")


@cache
def bcg() -> tuple[list[float], list[float], dict[str, list[object]]]:
    """Log risk ratios, variances and the table of the thirteen trials."""
    rows = json.loads(_STORED.read_text(encoding="utf-8"))["studies"]
    arms = {"events_treated": "e1", "n_treated": "n1", "events_control": "e2", "n_control": "n2"}
    table: dict[str, list[object]] = {"study": list(TRIALS)}
    table |= {name: [row["arms"][key] for row in rows] for name, key in arms.items()}
    table["year"] = [int(name[-4:]) for name in TRIALS]
    return [r["estimate"] for r in rows], [r["variance"] for r in rows], table


@cache
def bcg_fit() -> Synthesis:
    y, v, _ = bcg()
    return synthesise(TRIALS, y, v, measure="RR")


@cache
def bcg_by() -> Subgroups:
    y, v, _ = bcg()
    return synthesise_by(ALLOCATION, TRIALS, y, v, measure="RR")


@cache
def made(k: int, seed: int = 0, measure: str = "OR", size: float = 1.0, long: int = 0) -> Synthesis:
    """A synthesis of ``k`` studies; every ``long``-th has a name of many words."""
    rng = np.random.default_rng(seed)
    v = rng.gamma(1.2, 0.15, k) * size**2 + 0.004 * size**2
    y = -0.3 * size + rng.normal(0, 0.3 * size, k) + rng.normal(0, np.sqrt(v))
    wordy = "Collaborative group for the long-term study of the treatment of something rare"
    names = [
        f"{wordy} {i}" if long and i % long == 0 else f"Author {i} and others {1980 + i % 40}"
        for i in range(k)
    ]
    return synthesise(names, y.tolist(), v.tolist(), measure=measure)


def boxes(figure: Figure) -> tuple[list[Text], np.ndarray]:
    """Visible texts, and the boxes they fill, in points: left, low, right, high."""
    figure.set_dpi(144)  # fine enough that hinting moves nothing
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = [t for t in figure.findobj(Text) if t.get_text().strip() and _shown(t)]
    extents = [t.get_window_extent(renderer).extents * 72 / 144 for t in texts]
    return texts, np.array(extents).reshape(-1, 4)


def _shown(text: Text) -> bool:
    return text.get_visible() and (text.axes is None or text.axes.axison or text in text.axes.texts)


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other by more than half a point."""
    texts, box = boxes(figure)
    left, low, right, high = (box[:, i] for i in range(4))
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left) > 0.5
    # Boxes hold room for accents and descenders that letters rarely fill.
    slack = 0.18 * (high - low)
    upright = np.minimum((high - slack)[:, None], high - slack) - np.maximum(
        (low + slack)[:, None], low + slack
    )
    pairs = np.argwhere(np.triu(across & (upright > 0.5), 1))
    return [(texts[i].get_text(), texts[j].get_text()) for i, j in pairs]


def outside(figure: Figure) -> list[str]:
    """Texts that reach beyond the paper."""
    texts, box = boxes(figure)
    width, height = figure.get_size_inches() * 72
    out = (
        (box[:, 0] < -0.5) | (box[:, 2] > width + 0.5) | (box[:, 1] < -1) | (box[:, 3] > height + 1)
    )
    return [texts[i].get_text() for i in np.flatnonzero(out)]


def with_gid(figure: Figure, gid: str) -> list[object]:
    return figure.findobj(lambda artist: artist.get_gid() == gid)


def judgements(k: int) -> dict[str, list[str | None]]:
    """Risk of bias of k studies: every judgement there is, and some studies not judged."""
    names = ("low", "some concerns", "high", None, "critical", "low", "unclear")
    domains = ("randomisation", "deviations from intended interventions", "missing data", "overall")
    return {d: [names[(i * (j + 2)) % 7] for i in range(k)] for j, d in enumerate(domains)}
