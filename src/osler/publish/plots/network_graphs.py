"""Graphs of networks: treatments as circles, comparisons as lines."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.wording import counted, number
from osler.publish.plots import palette
from osler.publish.plots.charts import size_of
from osler.publish.plots.network_keys import KeyItem, draw_keys, keys_height, stacked
from osler.publish.plots.network_labels import Label, beside, round_circle
from osler.publish.plots.network_layouts import Edge, placed
from osler.publish.plots.network_problems import no_value, not_in_network, nothing_to_show
from osler.publish.plots.paper import Drawn, inches, sheet, text_width, wrapped
from osler.publish.plots.pens import Pen, Point
from osler.publish.plots.problems import does_not_fit, unknown_choice

_LAYOUTS = ("auto", "circle", "planar")
_EDGES = ("studies", "precision")
_MARGIN = 6.0
# Colour and dashes both, so that a grey print says the same.
_JUDGED: dict[str, tuple[str, tuple[float, ...] | None]] = {
    "low": (palette.GREEN, None),
    "some concerns": (palette.ORANGE, (2.2, 0.5)),
    "unclear": (palette.ORANGE, (2.2, 0.5)),
    "high": (palette.VERMILION, (0.9, 0.5)),
    "critical": ("#7A1F00", (0.5, 0.5)),
    "": ("#BDBDBD", None),
}
_WORDS = {"some concerns": "some concerns about bias", "": "risk of bias not judged"}
_SHADES = (palette.SKY, palette.ORANGE, palette.PURPLE, palette.GREEN, palette.YELLOW)


def network_graph(
    result: Any,
    *,
    sizes: Mapping[str, float] | None = None,
    size_label: str = "participants",
    edges: str = "studies",
    bias: Mapping[str, str] | None = None,
    multi_arm: bool = True,
    counts: bool | None = None,
    layout: str = "auto",
    labels: Mapping[str, str] | None = None,
    title: str = "",
    width: float | str | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """Graph of a network: who was compared with whom, and by how much evidence.

    Parameters
    ----------
    result : NetworkSynthesis or Network
        A Network may fall into parts that no study connects: all are drawn.
    sizes : mapping of str to float, optional
        What the area of each treatment's circle shows, by its name: its participants. Without
        it, the number of studies.
    size_label : str
        What ``sizes`` count.
    edges : {"studies", "precision"}
        What the width of lines shows: the number of studies that compare two treatments, or
        the precision (1 / standard error) of these together, by the common-effect model.
    bias : mapping of str to str, optional
        Risk of bias of each study, by its name: "low", "some concerns", "unclear", "high" or
        "critical". Each line is split among its studies.
    multi_arm : bool
        Shade the treatments of studies with three arms or more.
    counts : bool, optional
        Write the number of studies on each line; where left out, in small networks.
    layout : {"auto", "circle", "planar"}
        A circle in the order with the fewest crossings found; "auto" leaves it for a drawing
        without crossings where one is found (up to 12 treatments), and "planar" does so even
        where the circle has none.
    labels : mapping of str to str, optional
        Other names for treatments.
    width : float or {"single", "middle", "double"}, optional
        In inches, or a journal's columns; where left out "middle", and "double" for more than
        14 treatments.
    title, font_size
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        FIG002 where there is no network, FIG003 for an unknown choice, FIG012 for names that
        the network does not have, or sizes that are not given for every treatment, FIG014
        where there is no study.

    Examples
    --------
    >>> import numpy as np
    >>> from osler.synthesis.network.contrasts import network_of
    >>> found = network_of(
    ...     ["s1", "s2"], ["A", "B"], ["C", "C"], np.array([0.1, 0.2]), np.array([0.1, 0.1])
    ... )
    >>> network_graph(found).description
    'Network graph: 3 treatments, 2 studies, 2 comparisons. A and C: 1 study; ...'
    """
    network = getattr(result, "network", result)
    if not (hasattr(network, "treatments") and hasattr(network, "pairs")):
        raise DataError(does_not_fit("network_graph", type(result).__name__, "a network"))
    for option, given, known in (("layout", layout, _LAYOUTS), ("edges", edges, _EDGES)):
        if given not in known:
            raise DataError(unknown_choice(option, given, known))
    found = _found(network, sizes, bias or {})
    size = size_of(font_size)
    wide = inches(width or ("middle" if len(found.names) <= 14 else "double")) * palette.INCH
    names = [str((labels or {}).get(name, name)) for name in found.names]
    stage = _stage(found, names, layout, wide, size)
    keys = _keys(found, size_label, edges, bias=bool(bias), shaded=multi_arm, reach=stage.reach)
    head = 1.9 * size if title else 0.0
    foot = keys_height(keys, wide - 2 * _MARGIN, size)
    figure, axes = sheet(wide, head + stage.height + foot + _MARGIN)
    pen = Pen(axes, size)
    if title:
        pen.text(_MARGIN, 1.4 * size, title, bold=True, size=size + 0.5)
    whole = _Drawing(found, stage.shifted(head), pen)
    if multi_arm:
        whole.shades()
    whole.lines(_widths(found, edges, stage.widest))
    few = len(found.edges) <= 15 if counts is None else counts
    if few:
        whole.numbers()
    whole.labels()
    whole.circles()
    draw_keys(keys, pen, _MARGIN, head + stage.height, wide - 2 * _MARGIN)
    stacked(axes)
    figure.description = _told(found, names)
    return figure


@dataclass(frozen=True, slots=True)
class _Found:
    """What is drawn: treatments with their sizes, comparisons with studies, larger designs."""

    names: tuple[str, ...]
    studies: int
    sizes: tuple[float, ...]
    own_sizes: bool
    edges: tuple[Edge, ...]
    counts: tuple[int, ...]
    precision: tuple[float, ...]
    judged: tuple[tuple[str, ...], ...]
    designs: tuple[tuple[int, ...], ...]


def _found(network: Any, sizes: Mapping[str, float] | None, bias: Mapping[str, str]) -> _Found:
    names = tuple(network.treatments)
    if not network.studies or not names:
        raise DataError(nothing_to_show("network_graph", "the network has no study"))
    if unknown := [s for s in bias if s not in network.studies]:
        raise DataError(not_in_network("studies", unknown, network.studies))
    judged = {study: str(how).strip().casefold() for study, how in bias.items()}
    for how in judged.values():
        if how not in _JUDGED:
            raise DataError(unknown_choice("judgement", how, [j for j in _JUDGED if j]))
    between: dict[Edge, list[tuple[int, float]]] = {}
    for study, a, b, _, variance in network.pairs():
        between.setdefault((min(a, b), max(a, b)), []).append((study, variance))
    edges = tuple(sorted(between))
    arms = [tuple(sorted(row)) for g in network.groups for row in g.arms.tolist()]
    by_size = _sizes(names, sizes) if sizes is not None else None
    taking = tuple(float(sum(i in design for design in arms)) for i in range(len(names)))
    return _Found(
        names,
        len(network.studies),
        by_size or taking,
        by_size is not None,
        edges,
        tuple(len(between[e]) for e in edges),
        tuple(math.sqrt(sum(1 / v for _, v in between[e])) for e in edges),
        tuple(tuple(judged.get(network.studies[s], "") for s, _ in between[e]) for e in edges),
        tuple(sorted({design for design in arms if len(design) > 2})),
    )


def _sizes(names: Sequence[str], sizes: Mapping[str, float]) -> tuple[float, ...]:
    if unknown := [name for name in sizes if name not in names]:
        raise DataError(not_in_network("treatments", unknown, names))
    absent = [n for n in names if not 0 <= float(sizes.get(n, math.nan)) < math.inf]
    if absent or not any(sizes.values()):
        raise DataError(no_value("sizes", absent or names))
    return tuple(float(sizes[name]) for name in names)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Places on paper, in points, y downwards."""

    at: Floats
    radii: Floats
    labels: tuple[Label, ...]
    height: float
    reach: float  # of the largest circle
    widest: float  # of lines

    def shifted(self, down: float) -> "_Stage":
        moved = tuple(label.shifted(0.0, down) for label in self.labels)
        at = self.at + np.array([0.0, down])
        return _Stage(at, self.radii, moved, self.height, self.reach, self.widest)


def _stage(found: _Found, names: Sequence[str], layout: str, wide: float, size: float) -> _Stage:
    n = len(names)
    unit, circular = placed(n, found.edges, layout)
    texts = [wrapped(name, 0.23 * wide, size) for name in names]
    longest = max(text_width(line, size) for lines in texts for line in lines)
    reach = min(17.0, 0.38 * 2 * math.pi * 0.27 * wide / max(n, 3))
    across = wide / 2 - _MARGIN - longest - reach - 4.0
    # So that the names of one side find room below each other.
    needed = sum(1.22 * len(lines) + 0.3 for lines in texts) * size / 4
    upright = max(across, min(needed, 1.6 * across)) if circular else 0.85 * across
    shares = np.sqrt(np.array(found.sizes) / max(found.sizes))
    radii = reach * np.maximum(shares, 0.2)
    at = unit * [across, -upright]
    if circular:
        labels = round_circle(at, radii, texts, size, (across, upright))
    else:
        labels, clear = beside(at, radii, texts, size, found.edges, wide / 2 - _MARGIN)
        if not clear and layout == "auto":  # rather a crossing than a name on a line
            return _stage(found, names, "circle", wide, size)
    tops = [label.top for label in labels] + (at[:, 1] - radii).tolist()
    ends = [label.bottom for label in labels] + (at[:, 1] + radii).tolist()
    shift = np.array([wide / 2, _MARGIN - min(tops)])
    moved = tuple(label.shifted(*shift) for label in labels)
    height = max(ends) - min(tops) + 2 * _MARGIN
    widest = min(0.6 * reach, 8.0) if n > 3 else 8.0
    return _Stage(at + shift, radii, moved, height, float(radii.max()), max(widest, 2.5))


def _widths(found: _Found, edges: str, widest: float) -> list[float]:
    values = found.counts if edges == "studies" else found.precision
    most = max(values)
    return [max(0.8, widest * value / most) for value in values]


@dataclass(frozen=True, slots=True)
class _Drawing:
    found: _Found
    stage: _Stage
    pen: Pen

    def shades(self) -> None:
        designs = self.found.designs
        for i, design in enumerate(designs):
            shade = _SHADES[i % len(_SHADES)] if len(designs) <= len(_SHADES) else palette.SKY
            alpha = 0.22 if len(designs) <= len(_SHADES) else max(0.08, 0.9 / len(designs))
            outline = _hull(self.stage.at[list(design)])
            self.pen.area(outline, fill=shade, alpha=alpha, gid="multi-arm")

    def lines(self, widths: Sequence[float]) -> None:
        thin_first = sorted(range(len(widths)), key=lambda i: -widths[i])
        for i in thin_first:
            a, b = (self.stage.at[end] for end in self.found.edges[i])
            if any(self.found.judged[i]):
                self._strips(a, b, widths[i], self.found.judged[i])
            else:
                line = (_point(a), _point(b))
                self.pen.line(line, color="#6F6F6F", width=widths[i], gid="comparison")

    def _strips(self, a: Floats, b: Floats, width: float, judged: Sequence[str]) -> None:
        """A line split lengthwise among its studies, by their judgements."""
        width = max(width, 1.3 * len(set(judged)))
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        across = np.array([-along[1], along[0]])
        done = 0.0
        for how in (name for name in _JUDGED if name in judged):
            part = width * judged.count(how) / len(judged)
            off = across * (done + part / 2 - width / 2)
            color, dashes = _JUDGED[how]
            scaled = tuple(max(d * 4.0 / part, 0.4) for d in dashes) if dashes else None
            line = (_point(a + off), _point(b + off))
            self.pen.line(line, color=color, width=part, dashes=scaled, gid=f"bias {how}".strip())
            done += part

    def circles(self) -> None:
        for (x, y), radius in zip(self.stage.at.tolist(), self.stage.radii.tolist(), strict=True):
            self.pen.circle(x, y, radius + 0.8, fill=palette.WHITE)
            self.pen.circle(x, y, radius, fill=palette.BLUE)

    def numbers(self) -> None:
        """The number of studies on each line, where it covers no other line or number."""
        size = 0.86 * self.pen.size
        taken: list[tuple[float, float]] = []
        for i, (a, b) in enumerate(self.found.edges):
            text = str(self.found.counts[i])
            x, y = self._free(i, self.stage.at[a], self.stage.at[b], taken)
            taken.append((x, y))
            half = 0.5 * text_width(text, size) + 1.4
            self.pen.box(x - half, y - 0.6 * size, x + half, y + 0.6 * size, fill=palette.WHITE)
            self.pen.text(x, self.pen.middle(y, size), text, align="center", size=size)

    def _free(
        self, i: int, a: Floats, b: Floats, taken: Sequence[tuple[float, float]]
    ) -> tuple[float, float]:
        others = [e for j, e in enumerate(self.found.edges) if j != i]
        best, score = (0.0, 0.0), -math.inf
        for share in (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72):
            p = a + share * (b - a)
            near = [math.hypot(p[0] - x, p[1] - y) for x, y in taken]
            near += [_to_line(p, *(self.stage.at[end] for end in e)) for e in others]
            near += (np.hypot(*(self.stage.at - p).T) - self.stage.radii).tolist()
            room = min(min(near, default=99.0), 1.3 * self.pen.size) - abs(share - 0.5)
            if room > score:
                best, score = _point(p), room
        return best

    def labels(self) -> None:
        for label in self.stage.labels:
            if label.leader:
                self.pen.line(label.leader, color=palette.RULE, width=0.4)
            label.write(self.pen)


def _to_line(p: Floats, a: Floats, b: Floats) -> float:
    along = b - a
    share = float(np.clip((p - a) @ along / max(float(along @ along), 1e-9), 0, 1))
    return float(np.hypot(*(p - a - share * along)))


def _point(p: Floats) -> Point:
    return float(p[0]), float(p[1])


def _hull(points: Floats) -> list[Point]:
    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError:  # treatments in one line
        corners = points
    return [_point(p) for p in corners]


def _keys(
    found: _Found, size_label: str, edges: str, *, bias: bool, shaded: bool, reach: float
) -> list[KeyItem]:
    what = size_label if found.own_sizes else "studies"
    low, high = (number(v, 0) for v in (min(found.sizes), max(found.sizes)))
    span = low if low == high else f"{low} to {high}"
    keys = [KeyItem("circle", f"{span} {what}", palette.BLUE)]
    fewest, most = min(found.counts), max(found.counts)
    between = str(most) if fewest == most else f"{fewest} to {most}"
    if edges == "studies":
        noun = "study" if between == "1" else "studies"
        keys.append(KeyItem("line", f"{between} {noun} of a comparison", "#6F6F6F"))
    else:
        keys.append(KeyItem("line", "precision (1 / standard error)", "#6F6F6F"))
    if shaded and found.designs:
        keys.append(KeyItem("area", "studies of three arms or more", palette.SKY))
    if bias:
        there = {how for judged in found.judged for how in judged}
        keys += [
            KeyItem("strip", _WORDS.get(how, f"{how} risk of bias"), color, dashes)
            for how, (color, dashes) in _JUDGED.items()
            if how in there
        ]
    return keys


def _told(found: _Found, names: Sequence[str]) -> str:
    parts = [
        f"{names[a]} and {names[b]}: {counted(k, 'study', 'studies')}"
        for (a, b), k in zip(found.edges, found.counts, strict=True)
    ]
    head = (
        f"Network graph: {counted(len(names), 'treatment')}, "
        f"{counted(found.studies, 'study', 'studies')}, {counted(len(parts), 'comparison')}."
    )
    return f"{head} {'; '.join(parts)}."
