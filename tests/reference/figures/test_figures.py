"""What the figures draw, against the numbers behind metafor's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PathCollection

import osler
from osler.publish.plots.component_profiles import curves_of
from osler.publish.plots.funnels import funnel
from osler.publish.plots.selections import interval_of

STORED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "drawn.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("kind", ["standardised", "studentised"])
@pytest.mark.parametrize("name", STORED["funnels"])
def test_residuals_stand_where_they_do_in_metafor(name: str, kind: str) -> None:
    kept = STORED["funnels"][name]
    table = {"y": kept["yi"], "v": kept["vi"], "x": kept["moderator"]}
    fit = osler.regress(
        "x", table, estimate="y", variance="v", measure=kept["measure"], ci_method="Wald"
    )
    figure = funnel(fit, residuals=kind)
    (marks,) = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    places = np.array(marks.get_offsets())
    assert places[:, 0] == pytest.approx(np.array(kept[kind]["x"]), rel=1e-7, abs=1e-9)
    assert places[:, 1] == pytest.approx(np.array(kept[kind]["y"]), rel=1e-7)


@pytest.mark.parametrize("kind", STORED["weights"])
def test_weight_functions_and_their_intervals_are_those_of_metafor(kind: str) -> None:
    kept, data = STORED["weights"][kind], STORED["hackshaw1998"]
    effects = osler.synthesise([str(i) for i in range(len(data["yi"]))], data["yi"], data["vi"])
    steps = (0.025, 0.5) if kind == "step" else None
    fit = osler.selection_model(effects, kind, steps=steps)
    assert fit.weight(kept["p"]) == pytest.approx(kept["weight"], rel=2e-5)
    bounds = interval_of(fit, np.array(kept["p"]), None, wanted=True)
    assert bounds is not None
    # metafor calls the weight at the parameter's lower end "lower", where the weight is larger.
    theirs = np.sort(np.array([kept["lower"], kept["upper"]]), axis=0)
    # Its standard errors come from a numerical Hessian of integrals: to a few thousandths.
    assert np.array(bounds) == pytest.approx(theirs, abs=3e-3)


def test_profiles_of_components_are_those_of_metafor() -> None:
    data = STORED["konstantopoulos2011"]
    fit = osler.multilevel(
        "1",
        {"y": data["yi"], "v": data["vi"], "d": data["district"], "s": data["school"]},
        random="d/s",
        estimate="y",
        variance="v",
    )
    _, curves, _ = curves_of(fit, None)
    for curve, kept in zip(curves, STORED["profiles"], strict=True):
        # metafor's search fails at some values (null): those it reached are compared.
        reached = [
            (value, drop)
            for value, drop in zip(kept["values"], kept["drop"], strict=True)
            if drop is not None and curve.values[0] <= value <= curve.values[-1]
        ]
        assert len(reached) >= 4
        values, drops = np.array(reached).T
        here = np.interp(values, curve.values, curve.heights)
        assert here == pytest.approx(drops, abs=1e-4)


def test_the_grid_has_no_holes() -> None:
    assert set(STORED["funnels"]) == {"bcg", "raudenbush1985"}
    assert set(STORED["weights"]) == {
        "step", "half-normal", "negative-exponential", "logistic", "power",
    }  # fmt: skip
    assert len(STORED["profiles"]) == 2
