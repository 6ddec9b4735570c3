"""What every result can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
import pytest

from osler.core.diagnostics import DataError
from osler.core.results import Result, Why


@dataclass(frozen=True, slots=True, repr=False)
class Mean(Result):
    values: tuple[float, ...]
    mean: float

    def summary(self) -> str:
        return f"mean {self.mean:g} < infinity"

    def columns(self) -> dict[str, list[object]]:
        return {"value": list(self.values)}

    def text(self) -> str:
        return f"The mean was {self.mean:g}."

    def reasons(self) -> Mapping[str, Callable[[], Why]]:
        inputs = (("x", self.values),)
        return {"mean": lambda: Why("mean", self.mean, "The sum by n.", "Σ x / n", inputs, "Gauss")}


MEAN = Mean(tuple(float(x) for x in range(10)), 4.5)


def test_it_shows_itself_in_terminal_and_notebook() -> None:
    assert repr(MEAN) == "mean 4.5 < infinity"
    assert MEAN._repr_html_() == "<pre>mean 4.5 &lt; infinity</pre>"


def test_it_becomes_a_frame() -> None:
    assert MEAN.to_frame("polars").equals(pl.DataFrame({"value": list(MEAN.values)}))


def test_a_number_is_traced_to_its_inputs() -> None:
    assert str(MEAN.why("mean")).splitlines() == [
        "mean = 4.5",
        "The sum by n.",
        "  Σ x / n",
        "  x = 0, 1, 2, 3, 4, 5, 6, 7, ... (10 in all)",
        "  Source: Gauss",
    ]
    with pytest.raises(DataError) as caught:
        MEAN.why("median")
    assert caught.value.diagnostics[0].code == "RES001"
    assert "it has mean" in caught.value.diagnostics[0].found
