"""L'Abbé plots: the risk in one arm against the risk in the other."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.wording import capital
from osler.publish.plots import palette
from osler.publish.plots.analyses import STUDIES
from osler.publish.plots.chart_labels import spread_labels
from osler.publish.plots.chart_marks import curve, key, key_line, points
from osler.publish.plots.charts import Sheet, chart, label_axes, number_axis, size_of, title_of
from osler.publish.plots.paper import Drawn
from osler.publish.plots.problems import does_not_fit, no_counts
from osler.publish.plots.tables import study_values


def labbe(
    result: Any,
    *,
    data: Table | None = None,
    arms: tuple[str, str] = ("treated", "control"),
    curves: bool = True,
    labels: str = "none",
    title: str = "",
    width: float | str = "single",
    height: float | None = None,
    font_size: float = 8.0,
) -> Drawn:
    """L'Abbé plot: the risk in one arm against the risk in the other.

    Parameters
    ----------
    result : Synthesis or Effects
        Of the measures OR, RR and RD the pooled effect is drawn as the curve on which it lies.
    data : data frame or mapping, optional
        With ``events_treated``, ``n_treated``, ``events_control`` and ``n_control``, where
        the result does not hold them itself.
    arms : (str, str)
        Names of the arms, on the axes.
    curves : bool
        Draw the pooled effects.
    labels : {"none", "all"}
    title, width, height, font_size
        As for :func:`~osler.publish.plots.funnels.funnel`.

    Returns
    -------
    matplotlib.figure.Figure
        Circles grow in area with the weight of the study (participants where not pooled).

    Raises
    ------
    DataError
        FIG009 where the counts are not known.

    References
    ----------
    .. [1] L'Abbé, Detsky & O'Rourke (1987). Ann Intern Med 107, 224-233.
       doi:10.7326/0003-4819-107-2-224

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B"], [-0.4, -0.2], [0.1, 0.2], measure="RR")
    >>> counts = {"events_treated": [4, 9], "n_treated": [40, 60],
    ...           "events_control": [6, 11], "n_control": [40, 60]}
    >>> labbe(fit, data=counts).axes[0].get_xlabel()
    'Risk, control (%)'
    """
    needed = ("events_treated", "n_treated", "events_control", "n_control")
    if not hasattr(result, "studies"):
        raise DataError(does_not_fit("labbe", type(result).__name__, STUDIES))
    values = study_values(result, result.studies, data)
    if any(name not in values for name in needed):
        raise DataError(no_counts("labbe", needed, values))
    e1, n1, e2, n2 = (np.array([float(str(v)) for v in values[name]]) for name in needed)
    treated, control = 100 * e1 / n1, 100 * e2 / n2
    sheet = chart(width, height, size_of(font_size), shape=1.06 if curves else 1.0)
    high = min(100.0, max(float(treated.max()), float(control.max())) * 1.1 + 0.5)
    for of in ("x", "y"):
        number_axis(sheet, sheet.axes, 0.0, high, of=of)
    sheet.axes.set_aspect("equal", adjustable="box")
    curve(sheet.axes, [0, high], [0, high], color=palette.SOFT, width=0.6, dashes=(2, 2))
    entries = _risk_curves(sheet, result, high) if curves else []
    weight = np.array(getattr(result, "random_weights", ()) or n1 + n2)
    diameter = 3.0 + 8.0 * np.sqrt(weight / weight.max()) * (1 if len(weight) < 40 else 0.6)
    points(sheet.axes, control, treated, size=diameter, fill=palette.BLUE, alpha=0.6, width=0.7)
    label_axes(sheet, f"Risk, {arms[1]} (%)", f"Risk, {arms[0]} (%)")
    key(sheet, sheet.axes, [*entries, (key_line(palette.SOFT, (2, 2), 0.6), "No difference")])
    if labels == "all":
        places = list(zip(control.tolist(), treated.tolist(), strict=True))
        names = [(*place, name) for place, name in zip(places, result.studies, strict=True)]
        spread_labels(sheet, sheet.axes, names, avoid=places, least=float(np.median(diameter)) / 2)
    title_of(sheet, title)
    sheet.figure.description = f"L'Abbé plot of {len(weight)} studies."
    return sheet.figure


def _risk_curves(sheet: Sheet, result: Any, high: float) -> list[tuple[Any, str]]:
    entries: list[tuple[Any, str]] = []
    risk = np.linspace(0.0, high / 100, 300)
    looks: tuple[tuple[str, str, tuple[float, ...] | None], ...] = (
        ("random", palette.VERMILION, None),
        ("common", palette.INK, (5, 2)),
    )
    for model, color, dashes in looks:
        pooled = getattr(result, model, None)
        shape = _risk_shapes().get(result.measure)
        if pooled is None or shape is None:
            continue
        changed = shape(risk, float(pooled.estimate))
        inside = (changed >= 0) & (changed <= high / 100)
        x, y = 100 * risk[inside], 100 * changed[inside]
        curve(sheet.axes, x, y, color=color, width=1.1, dashes=dashes)
        entries.append(
            (
                key_line(color, dashes, 1.1),
                f"{capital(model)} effects" if model == "random" else "Common effect",
            )
        )
    return entries


def _risk_shapes() -> Mapping[str, Callable[[Floats, float], Floats]]:
    """Risk in the treated arm for a risk in the control arm and an effect."""
    return {
        "RR": lambda risk, effect: risk * math.exp(effect),
        "RD": lambda risk, effect: risk + effect,
        "OR": _by_odds,
    }


def _by_odds(risk: Floats, effect: float) -> Floats:
    odds = math.exp(effect) * risk
    return np.asarray(odds / (1 - risk + odds))
