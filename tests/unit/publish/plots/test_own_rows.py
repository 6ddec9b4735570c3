"""Rows of one's own in forest plots."""

from functools import cache
from typing import Any

import pytest

from osler.appraisal.asymmetry import pet_peese
from osler.appraisal.influence.cumulative import cumulative
from osler.core.diagnostics import DataError
from osler.publish import plots
from osler.synthesis.pool import synthesise
from osler.synthesis.regression import regress
from tests.unit.publish.plots.sample import (
    SIDES,
    bcg,
    bcg_by,
    bcg_fit,
    made,
    outside,
    overlaps,
    with_gid,
)


@cache
def others() -> dict[str, Any]:
    fit = bcg_fit()
    y, v, table = bcg()
    by_year = regress("year", {**table, "y": y, "v": v}, estimate="y", variance="v", measure="RR")
    return {
        "Maximum likelihood": synthesise(
            fit.studies, y, v, measure="RR", tau2_method="ML", ci_method="Wald"
        ),
        "In the year": by_year.predict({"year": [1940, 1980]}),
        "PET-PEESE": pet_peese(fit),
        "Another review": (0.5, 0.3, 0.81),
    }


def said(figure: Any) -> str:
    return str(figure.description)


def test_each_kind_of_row_is_a_diamond_with_its_numbers() -> None:
    figure = plots.forest(bcg_fit(), also=others())
    assert len(with_gid(figure, "diamond-own")) == 5
    assert "Another review: 0.50 (0.30 to 0.81)" in said(figure)
    assert "In the year: " in said(figure)
    pooled = others()["Maximum likelihood"].random
    assert pooled.estimate == pytest.approx(-0.711, abs=0.001)  # log 0.49
    assert "Maximum likelihood: 0.49 (" in said(figure)
    assert overlaps(figure) == [] and outside(figure) == []


def test_numbers_are_written_as_they_were_given() -> None:
    for measure, row, shown in (
        ("RR", (0.5, 0.25, 1.0), "0.50 (0.25 to 1.00)"),
        ("MD", (-3.0, -5.0, -1.0), "−3.00 (−5.00 to −1.00)"),
        ("PLO", (0.2, 0.1, 0.4), "0.20 (0.10 to 0.40)"),
        ("RR", (0.5, 0.5, 1.0), "0.50 (0.50 to 1.00)"),
    ):
        figure = plots.forest(made(5, 2, measure), also={"Own": row})
        assert f"Own: {shown}" in said(figure).replace("\u202f", "")


def test_the_axis_reaches_to_the_rows() -> None:
    figure = plots.forest(made(5, 2, "MD"), also={"Far": (3.0, 2.8, 3.2)})
    assert len(with_gid(figure, "diamond-own")) == 1


def test_a_row_far_out_and_as_wide_ends_in_an_arrow() -> None:
    figure = plots.forest(made(5, 2, "MD"), also={"Far": (30.0, 25.0, 35.0)})
    assert with_gid(figure, "arrow-right")


def test_another_level_is_told() -> None:
    y, v, _ = bcg()
    wide = synthesise(bcg_fit().studies, y, v, measure="RR", level=0.9)
    assert "Wide (90% CI): 0.49" in said(plots.forest(bcg_fit(), also={"Wide": wide}))


@pytest.mark.parametrize("k", [3, 120])
def test_rows_stand_in_every_kind_of_forest(k: int) -> None:
    row = {"A review of the same question by somebody else, with a long name": (-0.2, -0.4, 0.1)}
    fit = made(k, 1, "SMD")
    for figure in (
        plots.forest(fit, also=row, favours=SIDES),
        plots.forest(fit, also=row, pooled=()),
        plots.forest(fit, layout="revman5", also=row),
        plots.rainforest(fit, also=row),
        plots.forest(cumulative(fit), also=row),
        plots.forest_pages(fit, also=row, height=5)[-1],
    ):
        assert len(with_gid(figure, "diamond-own")) == 1
        assert overlaps(figure) == [] and outside(figure) == []
    by = plots.forest(bcg_by(), also={"Other": (0.5, 0.4, 0.6)})
    assert len(with_gid(by, "diamond-own")) == 1


def test_rows_that_cannot_be_drawn_are_refused() -> None:
    wrong: dict[str, Any] = {
        "ends": (0.5, 0.7, 0.3),
        "no ratio": (0.5, -0.1, 0.8),
        "two": (0.5, 0.4),
        "point": (0.5, 0.5, 0.5),
        "word": "0.5",
        "nothing": None,
        "nan": (float("nan"), 0.1, 0.2),
        "infinite": (0.5, 0.1, float("inf")),
    }
    for label, given in wrong.items():
        with pytest.raises(DataError) as caught:
            plots.forest(bcg_fit(), also={label: given})
        (told,) = caught.value.diagnostics
        assert told.code in ("FIG016", "FIG007"), label
        assert told.code == "FIG007" or label in told.found


def test_another_measure_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        plots.forest(bcg_fit(), also={"Odds": made(4, 1, "OR")})
    assert caught.value.diagnostics[0].code == "FIG002"
    with pytest.raises(DataError) as caught:
        plots.multi_panel(bcg_fit(), also=others())
    assert caught.value.diagnostics[0].code == "FIG003"
