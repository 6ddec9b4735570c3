"""Studies as rays: the slope of each from the origin is its estimate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from osler.appraisal.influence.studies import (
    checked,
    laid_out,
    model_line,
    scale_of_studies,
    short,
    title,
)
from osler.core.quantiles import normal_quantile
from osler.core.results import Result, Why
from osler.core.studies import StudyEstimates
from osler.core.wording import aligned, capital, counted, level_percent, number
from osler.effects.scales import shown


@dataclass(frozen=True, slots=True, repr=False)
class Radial(Result):
    """Coordinates of Galbraith's plot.

    A study stands at ``(x, y)``, x its precision and y its estimate over its standard error,
    so that the line from the origin has the slope of its estimate; the pooled line has the
    slope ``slope``, and ``outside`` marks studies further than ``band`` above or below it.
    """

    measure: str
    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    slope: float
    band: float
    outside: tuple[bool, ...]
    tau2: float
    model: str
    tau2_method: str
    level: float

    def summary(self) -> str:
        scale = scale_of_studies(self.measure, self.variances)
        rows = [["Study", "Precision", "z", "From the line", ""]]
        for i, name in enumerate(self.studies):
            away = self.y[i] - self.slope * self.x[i]
            mark = "outside" if self.outside[i] else ""
            rows.append(
                [
                    short(name),
                    number(self.x[i], 2),
                    number(self.y[i], 2),
                    number(away, 2),
                    mark,
                ]
            )
        return laid_out(
            title("Radial coordinates", self.measure, len(self.studies)),
            aligned(rows),
            (
                f"The pooled line has the slope of {shown(scale, self.slope)}; "
                f"{self._outside_words()}"
            ),
            (
                f"{capital(model_line(self.model, self.tau2_method))}; "
                f"band of {level_percent(self.level)}."
            ),
        )

    def columns(self) -> dict[str, list[object]]:
        return {
            "study": list(self.studies),
            "x": list(self.x),
            "y": list(self.y),
            "outside": list(self.outside),
        }

    def text(self) -> str:
        return (
            "Each study was plotted by its precision and its estimate over its standard error "
            f"(Galbraith 1988; {model_line(self.model, self.tau2_method)}); "
            f"{self._outside_words()}"
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        rows = range(len(self.studies))
        return {f"y[{i}]": partial(self._why, i) for i in rows}

    def _why(self, i: int) -> Why:
        return Why(
            f"y[{i}]",
            self.y[i],
            "The study's estimate over its standard error, which includes tau².",
            "yᵢ / √(vᵢ + τ²)",
            (("y", self.estimates[i]), ("v", self.variances[i]), ("tau2", self.tau2)),
            "Galbraith (1988), Stat Med 7, 889-894",
        )

    def _outside_words(self) -> str:
        count = sum(self.outside)
        who = counted(count, "study lies", "studies lie")
        return f"{who} outside ±{self.band:.2f} of it, where {self._expected():.1f} are expected."

    def _expected(self) -> float:
        return len(self.studies) * (1.0 - self.level)


def radial(
    effects: StudyEstimates,
    *,
    model: str = "common_effect",
    tau2_method: str | None = None,
    level: float | None = None,
) -> Radial:
    """Coordinates of a radial (Galbraith) plot.

    Parameters
    ----------
    effects : StudyEstimates
    model : {"common_effect", "random_effects"}
        Under random effects standard errors include tau.
    tau2_method, level : optional
        As in :func:`osler.synthesise`; where left out, as the synthesis was made, or the
        defaults there. ``level`` sets the band about the pooled line.

    Raises
    ------
    DataError
        As :func:`osler.synthesise`, or where the model is not known (INF002).

    Notes
    -----
    Equals the coordinates of metafor's ``radial``.

    References
    ----------
    .. [1] Galbraith (1988). Stat Med 7, 889-894. doi:10.1002/sim.4780070807

    Examples
    --------
    >>> from osler.synthesis import synthesise
    >>> found = radial(synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03]))
    >>> [round(x, 2) for x in found.x], [round(y, 2) for y in found.y], found.outside
    ([5.0, 7.07, 5.77], [0.5, 2.12, 5.2], (False, False, True))
    """
    studies = checked(
        effects, what="a radial plot", least=1, model=model, tau2_method=tau2_method, level=level
    )
    x = 1.0 / np.sqrt(studies.v + studies.tau2)
    y = studies.y * x
    band = float(normal_quantile(0.5 + studies.level / 2.0))
    return Radial(
        measure=effects.measure,
        studies=studies.labels,
        estimates=studies.fit.estimates,
        variances=studies.fit.variances,
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        slope=studies.estimate,
        band=band,
        outside=tuple((np.abs((studies.y - studies.estimate) * x) > band).tolist()),
        tau2=studies.tau2,
        model=model,
        tau2_method=studies.tau2_method,
        level=studies.level,
    )
