import math

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.effects import MEASURES, back, mean_back, pooled_proportion


def codes(error: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


def test_each_way_back_undoes_its_measure() -> None:
    for name in ("PR", "PLN", "PLO", "PAS", "PFT"):
        n = np.array([40.0, 7.0, 1000.0])
        x = np.array([12.0, 1.0, 3.0])
        arms = {"events": x, "n": n}
        y, _ = MEASURES[name].compute(arms, None)  # type: ignore[arg-type]
        assert back(name, y, n=n) == pytest.approx(x / n, rel=1e-10), name
    for name in ("IR", "IRLN", "IRS", "IRFT"):
        arms = {"events": np.array([12.0, 1.0]), "time": np.array([33.0, 0.4])}
        y, _ = MEASURES[name].compute(arms, None)  # type: ignore[arg-type]
        assert back(name, y, time=arms["time"]) == pytest.approx(arms["events"] / arms["time"])
    for name in ("AHW", "ABT"):
        arms = {"alpha": np.array([0.9]), "items": np.array([5.0]), "n": np.array([50.0])}
        y, _ = MEASURES[name].compute(arms, None)  # type: ignore[arg-type]
        assert back(name, y) == pytest.approx([0.9])


def test_beyond_the_scale_stands_its_end() -> None:
    assert back("PAS", [-0.1, 2.0]).tolist() == [0.0, 1.0]
    assert back("PFT", [-0.1, 2.0], n=20).tolist() == [0.0, 1.0]
    assert back("IRS", [-0.1]).tolist() == [0.0]
    assert back("RR", 1e9) == math.inf
    assert back("HR", 0.0) == 1.0 and back("whatever", 3.0) == 3.0


def test_a_double_arcsine_without_a_size_has_no_way_back() -> None:
    for call in (lambda: back("PFT", 0.3), lambda: back("IRFT", 0.3)):
        with pytest.raises(DataError) as error:
            call()
        assert codes(error) == ["EFF060"]
    with pytest.raises(DataError) as error:
        mean_back("PFT", 0.3, 0.1)
    assert codes(error) == ["EFF060"]


def test_the_harmonic_mean_is_refused_where_sizes_differ_much() -> None:
    """Schwarzer 2019: studies of very unlike size make the stand-in decide the answer."""
    with pytest.raises(DataError) as error:
        pooled_proportion(0.02, [217, 16557, 676, 44, 29])
    assert codes(error) == ["EFF060"]
    assert "29" in error.value.diagnostics[0].found
    assert 0.2 < pooled_proportion(0.5, [90, 95, 100]) < 0.25


def test_means_of_the_printed_scale() -> None:
    assert mean_back("RR", 0.0, 0.0) == 1.0
    assert mean_back("PLO", 0.0, 3.0) == pytest.approx(0.5)
    assert mean_back("MD", 1.5, 3.0) == pytest.approx(1.5, rel=1e-12)
    assert mean_back("IRS", 2.0, 0.5) == 4.5
    assert mean_back("ZCOR", [0.5, 0.5], [0.0, 0.3])[0] == pytest.approx(math.tanh(0.5))
    with pytest.raises(DataError):
        mean_back("RR", 0.0, -1.0)
