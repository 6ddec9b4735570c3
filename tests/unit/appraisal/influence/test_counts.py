"""Pooled counts without each study, and study by study."""

import numpy as np
import pytest

import osler
from osler.core.diagnostics import DataError

TABLE = {
    "study": ["A", "B", "C", "D"],
    "ai": [0, 4, 5, 0],
    "n1i": [50, 40, 60, 30],
    "ci": [0, 4, 9, 0],
    "n2i": [50, 40, 60, 30],
}


def test_rows_are_pooled_by_the_same_method() -> None:
    for method in ("MH", "Peto", "exact", "GLMM-CM.EL"):
        fit = osler.pool_counts(TABLE, method=method)
        without = osler.leave_one_out(fit)
        some = {name: [x for i, x in enumerate(v) if i != 2] for name, v in TABLE.items()}
        expected = osler.pool_counts(some, method=method).pooled
        row = without.rows[without.studies.index("C")]
        assert (row.estimate, row.se) == (expected.estimate, expected.se)
        assert without.full.estimate == fit.pooled.estimate
        assert without.model == method


def test_a_choice_of_the_synthesis_is_kept() -> None:
    fit = osler.pool_counts(TABLE, "RR", correction="RevMan", level=0.9)
    grown = osler.cumulative(fit, [4, 3][: fit.k])
    assert grown.level == 0.9
    assert grown.studies == ("C", "B")
    assert grown.rows[-1].ci_upper == fit.pooled.ci_upper


def test_what_cannot_be_pooled_is_told() -> None:
    grown = osler.cumulative(osler.pool_counts(TABLE))
    assert np.isnan(grown.rows[0].estimate)
    (note,) = grown.notes
    assert note.startswith("1 of the studies cannot be pooled by this method: no study says")
    assert note.endswith("(CNT007)")
    assert note[:20] in grown.summary()
    assert "nan" not in grown.summary()
    assert "with the first 2 studies to" in grown.text()


def test_single_groups_are_tested_against_nothing() -> None:
    table = {"study": ["A", "B", "C"], "xi": [4, 5, 3], "ni": [50, 40, 60]}
    without = osler.leave_one_out(osler.pool_counts(table, "PLO"))
    assert without.pivotal == ()
    assert "null" not in without.summary() + without.text()


def test_another_method_is_refused() -> None:
    with pytest.raises(DataError) as told:
        osler.leave_one_out(osler.pool_counts(TABLE), level=0.9)
    assert told.value.diagnostics[0].code == "INF011"


def test_one_study_is_too_few() -> None:
    one = {name: values[1:2] for name, values in TABLE.items()}
    with pytest.raises(DataError) as told:
        osler.leave_one_out(osler.pool_counts(one))
    assert told.value.diagnostics[0].code == "INF001"
