"""The power of one test, with all that was assumed."""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from osler.core.results import Result, Why
from osler.core.wording import MINUS, aligned, percent


@dataclass(frozen=True, slots=True, repr=False)
class Power(Result):
    """Power of one test, and everything that was assumed for it.

    Attributes
    ----------
    question : str
        What is tested.
    power : float
        Probability that the test finds it.
    k : int
        Number of studies.
    effect : float
        What is there to be found, on the analysis scale (NaN for tests of several effects).
    noncentrality : float
        By which the test statistic is shifted; for the test of heterogeneity under random
        effects the factor by which it is stretched.
    critical : float
        What the statistic must exceed.
    df : float
        Degrees of freedom of the statistic; infinity for the normal distribution.
    solved : str
        What was asked for: "power", "k" or "effect".
    """

    question: str
    power: float
    k: int
    effect: float
    noncentrality: float
    critical: float
    df: float
    alpha: float
    tau2: float
    assumed: tuple[tuple[str, float], ...]
    formula: str
    method: str
    source: str
    solved: str = "power"

    def summary(self) -> str:
        rows = [["Assumed", "Value"]]
        rows += [[name, _figures(value)] for name, value in self.assumed]
        rows += [["alpha", f"{self.alpha:g}"], ["tau²", _figures(self.tau2)]]
        return "\n".join(
            [
                f"Power of the {self.question}: {percent(self.power, 1)}",
                "",
                *aligned(rows),
                "",
                self._answer(),
                textwrap.fill(f"Method: {self.method}.", 96, subsequent_indent="  "),
                textwrap.fill(f"Source: {self.source}.", 96, subsequent_indent="  "),
            ]
        )

    def columns(self) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {name: [value] for name, value in self.assumed}
        names = ("power", "k", "effect", "noncentrality", "critical", "df", "alpha", "tau2")
        return found | {name: [getattr(self, name)] for name in names}

    def text(self) -> str:
        given = ", ".join(f"{name} = {_figures(value)}" for name, value in self.assumed)
        return (
            f"We computed the power of the {self.question} ({self.method}; {self.source}), "
            f"assuming {given}, tau² = {_figures(self.tau2)} and alpha = {self.alpha:g}. "
            f"{self._answer()}"
        )

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        return {"power": self._why}

    def _answer(self) -> str:
        if self.solved == "k":
            return f"{self.k} studies are needed; they give a power of {percent(self.power, 1)}."
        if self.solved == "effect":
            return (
                f"{self.k} studies find an effect of {_figures(self.effect)} or more with a "
                f"power of {percent(self.power, 1)}."
            )
        return f"{self.k} studies give a power of {percent(self.power, 1)}."

    def _why(self) -> Why:
        inputs = (
            *self.assumed,
            ("tau2", self.tau2),
            ("noncentrality", self.noncentrality),
            ("critical value", self.critical),
            ("df", self.df),
        )
        how = f"The {self.question}: {self.method}."
        return Why("power", self.power, how, self.formula, inputs, self.source)


def solved_for(found: Power, what: str) -> Power:
    names = [name for name in Power.__dataclass_fields__ if name != "solved"]
    return Power(**{name: getattr(found, name) for name in names}, solved=what)


def _figures(value: float) -> str:
    """Four figures, in powers of ten only where nothing else is readable."""
    return f"{value:.4g}".replace("-", MINUS)
