"""What every result of an analysis can do besides holding its numbers.

A result is a frozen dataclass that inherits :class:`Result` (``@dataclass(frozen=True,
slots=True, repr=False)``) and says, in four short methods, how it is told. It never draws:
``result.plot`` hands it to the drawing room that the package names once, above all layers.
"""

import html
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.drawing import drawing_room
from osler.core.frames import frame_of


@dataclass(frozen=True, slots=True)
class Why:
    """Where one number comes from.

    Attributes
    ----------
    name : str
        As asked for: "random.estimate".
    value : object
    how : str
        One or two sentences for a reader who knows the field.
    formula : str
        In plain characters: "Σ wᵢyᵢ / Σ wᵢ, wᵢ = 1 / (vᵢ + τ²)".
    inputs : tuple of (name, value)
        What stands in the formula, with its value; long sequences are cut when printed.
    source : str
        Author, year, journal, equation.
    """

    name: str
    value: object
    how: str
    formula: str = ""
    inputs: tuple[tuple[str, object], ...] = ()
    source: str = ""

    def __str__(self) -> str:
        lines = [f"{self.name} = {_shown(self.value)}", self.how]
        if self.formula:
            lines.append(f"  {self.formula}")
        width = max((len(name) for name, _ in self.inputs), default=0)
        lines += [f"  {name:<{width}} = {_shown(value)}" for name, value in self.inputs]
        if self.source:
            lines.append(f"  Source: {self.source}")
        return "\n".join(lines)

    __repr__ = __str__


class Result(ABC):
    """A result that explains itself; see the methods that a result must give."""

    __slots__ = ()

    @abstractmethod
    def summary(self) -> str:
        """The result as text for a terminal, 96 columns at most: numbers, and every choice."""

    @abstractmethod
    def columns(self) -> dict[str, list[object]]:
        """The result as a table, one row for what the result is about (study, term, subset)."""

    @abstractmethod
    def text(self) -> str:
        """Sentences for the methods and the results of a paper."""

    @abstractmethod
    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        """For every number that can be asked about, what gives its reasons."""

    def to_frame(self, library: str | None = None) -> Any:
        """:meth:`columns` as a data frame of "pandas", "polars" or "pyarrow"."""
        return frame_of(self.columns(), library)

    def why(self, name: str) -> Why:
        """Where a number comes from: how it is made, from what, by whose formula.

        Raises
        ------
        DataError
            Where the result has no number of that name (RES001); the message lists those
            there are.
        """
        reasons = self.reasons()
        if name not in reasons:
            raise DataError(_no_such_number(name, reasons))
        return reasons[name]()

    @property
    def plot(self) -> "Plots":
        """What can be drawn of the result: ``result.plot.forest()``."""
        return Plots(self)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


class Plots:
    """The figures of one result; ``dir()`` lists them."""

    __slots__ = ("_result",)

    def __init__(self, result: Result) -> None:
        self._result = result

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in dir(self):
            kind = type(self._result).__name__
            known = ", ".join(dir(self)) or "nothing"
            raise AttributeError(f"a {kind} has no figure {name!r}; it has {known}")
        draw = getattr(import_module(drawing_room()), name)
        result = self._result

        def drawn(*args: Any, **options: Any) -> Any:
            return draw(result, *args, **options)

        drawn.__doc__, drawn.__name__ = draw.__doc__, name
        return drawn

    def __dir__(self) -> list[str]:
        if not drawing_room():
            return []
        figures: Callable[[Result], list[str]] = import_module(drawing_room()).figures_of
        return figures(self._result)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        head = ", ".join(_shown(v) for v in value[:8])
        return f"{head}, ... ({len(value)} in all)" if len(value) > 8 else head
    if hasattr(value, "tolist"):
        return _shown(value.tolist())
    return str(value)


def _no_such_number(name: str, known: Mapping[str, object]) -> Diagnostic:
    return Diagnostic(
        "RES001",
        Severity.ERROR,
        Place(""),
        f"the result has no number {name!r}",
        found=f"it has {', '.join(known)}",
        so="nothing is explained",
        help="ask for one of these, as it is written",
    )
