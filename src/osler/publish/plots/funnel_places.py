"""Where the studies of a funnel plot stand, on which axes, and their marks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.core.quantiles import normal_quantile
from osler.core.wording import capital, counted
from osler.effects.scales import scale_of
from osler.publish.plots import palette
from osler.publish.plots.chart_labels import spread_labels
from osler.publish.plots.chart_marks import (
    points,
)
from osler.publish.plots.charts import (
    Sheet,
    around,
    effect_axis,
    label_axes,
    number_axis,
)
from osler.publish.plots.problems import does_not_fit, no_column, unknown_choice, wrong_length
from osler.publish.plots.showing import Display, display_of, null_of
from osler.publish.plots.tables import study_values

# What stands on both axes: names of columns of a regression's residuals.
RESIDUALS = {
    "standardised": ("raw", "standardised_se"),
    "studentised": ("deleted", "studentised_se"),
}
HEIGHTS = {
    "se": "Standard error",
    "precision": "Precision (1 / standard error)",
    "variance": "Variance",
    "n": "Participants",
}


@dataclass(frozen=True, slots=True)
class Funnel:
    """What is drawn: studies with their places on both axes."""

    display: Display
    studies: tuple[str, ...]
    estimates: Floats
    se: Floats
    filled: tuple[bool, ...]
    centre: float
    level: float
    height: str
    sizes: Floats
    name: str  # of the horizontal axis
    null: float | None
    remark: str = ""

    def place(self, se: Floats) -> Floats:
        """Where a standard error stands on the vertical axis."""
        return {"se": se, "precision": 1 / se, "variance": se * se}.get(self.height, self.sizes)


def funnel_of(
    result: Any,
    y: str,
    reference: str | float,
    n: Sequence[float] | None,
    data: Table | None,
    unit: str,
    residuals: str = "standardised",
) -> Funnel:
    """The places of studies, of those behind an asymmetry test, or of residuals."""
    if hasattr(result, "residuals") and hasattr(result, "estimates"):
        return _of_regression(result, residuals, y, reference, n, data, unit)
    studies = getattr(result, "refitted", None) or result
    if not hasattr(studies, "estimates") or not hasattr(studies, "variances"):
        if not hasattr(result, "limit_estimate"):
            raise DataError(does_not_fit("funnel", type(result).__name__, "a synthesis or effects"))
        return _of_test(result, y, unit)
    estimates = np.array(studies.estimates, float)
    se = np.sqrt(np.array(studies.variances, float))
    z = float(normal_quantile(0.975))
    ends = [*(estimates - z * se).tolist(), *(estimates + z * se).tolist()]
    display = display_of(studies.measure, ends, unit)
    return Funnel(
        display,
        tuple(studies.studies),
        estimates,
        se,
        tuple(getattr(result, "filled", ())) or (False,) * len(se),
        _centre(studies, reference, display),
        float(getattr(studies, "level", 0.95)),
        y,
        _sizes(studies, n, data) if y == "n" else se,
        _named(display),
        null_of(studies.measure),
    )


def _named(display: Display) -> str:
    unit = display.scale.unit
    name = capital(display.name)
    return f"{name}, {unit}" if unit else name


def _of_test(test: Any, y: str, unit: str) -> Funnel:
    """The studies behind an asymmetry test, where it regressed estimates on standard errors."""
    if test.predictor != "se" or test.outcome != "estimate":
        found = f"{type(test).__name__} of the predictor {test.predictor!r}"
        raise DataError(does_not_fit("funnel", found, "the synthesis or effects themselves"))
    se = np.sqrt(np.array(test.v, float))
    display = display_of(test.measure, list(test.y), unit)
    return Funnel(
        display,
        tuple(test.studies),
        np.array(test.y, float),
        se,
        (False,) * len(se),
        math.nan,
        test.level,
        y,
        se,
        _named(display),
        null_of(test.measure),
    )


def _of_regression(
    fit: Any,
    kind: str,
    y: str,
    reference: str | float,
    n: Sequence[float] | None,
    data: Table | None,
    unit: str,
) -> Funnel:
    """Residuals against their own standard errors, which hold what tau2 and the fit add."""
    if kind not in RESIDUALS:
        raise DataError(unknown_choice("residuals", kind, RESIDUALS))
    if reference not in ("random", "none") and isinstance(reference, str):
        raise DataError(unknown_choice("reference", reference, ("random", "none", "a number")))
    found = fit.residuals()
    raw, se = (np.array(getattr(found, name), float) for name in RESIDUALS[kind])
    known = np.isfinite(raw) & np.isfinite(se) & (se > 0)
    lost = int((~known).sum())
    display = display_of(fit.measure, raw[known].tolist(), unit)
    if display.scale.back:  # differences of what is bent have no way back
        display = display_of("", raw[known].tolist())
    if not known.any():
        raise DataError(does_not_fit("funnel", "regression without residuals", "more studies"))
    return Funnel(
        display,
        tuple(name for name, here in zip(fit.studies, known, strict=True) if here),
        raw[known],
        se[known],
        (False,) * (len(raw) - lost),
        0.0 if reference == "random" else _centre(fit, reference, display),
        fit.level,
        y,
        (_sizes(fit, n, data) if y == "n" else se)[known],
        _residual_name(fit.measure, display),
        0.0,
        _without(lost),
    )


def _residual_name(measure: str, display: Display) -> str:
    if display.ratio:
        return f"{capital(display.name)}, over what the model expects"
    if display.measure:
        return f"{_named(display)}, less what the model expects"
    return f"Residual, {scale_of(measure).name}" if measure else "Residual"


def _without(lost: int) -> str:
    if not lost:
        return ""
    return f"{counted(lost, 'study', 'studies')} without residual, not shown"


def _centre(studies: Any, reference: str | float, display: Display) -> float:
    if not isinstance(reference, str):
        return display.inward(float(reference), -40.0, 40.0)
    if reference not in ("random", "common", "none"):
        raise DataError(unknown_choice("reference", reference, ("random", "common", "none")))
    pooled = getattr(studies, reference, None)
    if pooled is None and reference != "none":  # effects that are not pooled: by precision
        w = 1 / np.array(studies.variances)
        return float((w * np.array(studies.estimates)).sum() / w.sum())
    return math.nan if pooled is None else float(pooled.estimate)


def _sizes(studies: Any, n: Sequence[float] | None, data: Table | None) -> Floats:
    if n is None:
        values = study_values(studies, studies.studies, data)
        arms = [values[name] for name in ("n_treated", "n_control") if name in values]
        single = [values["n"]] if "n" in values else []
        found = arms if len(arms) == 2 else single
        if not found:
            raise DataError(no_column("n", values))
        n = np.sum([[float(str(v)) for v in each] for each in found], axis=0).tolist()
    sizes = np.asarray(n, float)
    if sizes.shape != (len(studies.studies),):
        raise DataError(wrong_length("n", sizes.size, len(studies.studies)))
    return sizes


def limits_of(what: Funnel, xlim: tuple[float, float] | None) -> tuple[float, float, float, float]:
    """Ends of the axes: left, right, top (large studies) and bottom."""
    place = what.place(what.se)
    if what.height in ("se", "variance"):
        top, bottom = 0.0, float(place.max()) * 1.06
    elif what.height == "n":
        top, bottom = float(place.max()) * 1.05, 0.0
    else:
        room = 0.06 * float(place.max() - place.min()) or 0.1 * float(place.max())
        top, bottom = float(place.max()) + room, max(float(place.min()) - room, 1e-9)
    if xlim is not None:
        ends = (what.display.inward(v, -40.0, 40.0) for v in xlim)
        low, high = ends
        return low, high, top, bottom
    reach: list[float] = [*what.estimates.tolist()]
    if math.isfinite(what.centre) and what.height != "n":
        z = float(normal_quantile(0.5 + what.level / 2))
        worst = float(what.se.max()) * 1.04
        reach += [what.centre - z * worst, what.centre + z * worst]
    elif math.isfinite(what.centre):
        reach.append(what.centre)
    low, high = around(reach, 0.04)
    return low, high, top, bottom


def draw_axes(sheet: Sheet, what: Funnel, x: tuple[float, float], y: tuple[float, float]) -> None:
    effect_axis(sheet, sheet.axes, *x, what.display)
    number_axis(sheet, sheet.axes, *y, of="y")
    label_axes(sheet, what.name, HEIGHTS[what.height])


def draw_studies(sheet: Sheet, what: Funnel) -> None:
    place = what.place(what.se)
    filled = np.array(what.filled)
    diameter = 4.6 if len(place) <= 60 else 3.6
    points(sheet.axes, what.estimates[~filled], place[~filled], size=diameter)
    if filled.any():
        hollow: dict[str, Any] = {"fill": palette.WHITE, "edge": palette.VERMILION, "width": 1.0}
        points(sheet.axes, what.estimates[filled], place[filled], size=diameter, **hollow)


def name_studies(sheet: Sheet, what: Funnel, labels: str) -> None:
    if labels not in ("none", "outside", "all"):
        raise DataError(unknown_choice("labels", labels, ("none", "outside", "all")))
    if labels == "none":
        return
    z = float(normal_quantile(0.5 + what.level / 2))
    place = what.place(what.se)
    centre = what.centre if math.isfinite(what.centre) else float(np.median(what.estimates))
    outside = np.abs(what.estimates - centre) > z * what.se
    named = [
        (float(what.estimates[i]), float(place[i]), name)
        for i, name in enumerate(what.studies)
        if (labels == "all" or outside[i]) and not what.filled[i]
    ]
    every = list(zip(what.estimates.tolist(), place.tolist(), strict=True))
    spread_labels(sheet, sheet.axes, named, avoid=every)
