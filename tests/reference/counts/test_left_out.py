"""Mantel-Haenszel and Peto without each study, and study by study, against metafor."""

import json
from pathlib import Path

import numpy as np
import pytest

import osler
from osler.appraisal.influence.refits import Refit

STORED = json.loads((Path(__file__).parent / "left_out.json").read_text(encoding="utf-8"))
FIELDS = {
    "estimate": "estimate",
    "se": "se",
    "p_value": "pval",
    "ci_lower": "ci.lb",
    "ci_upper": "ci.ub",
    "q": "Q",
    "q_p_value": "Qp",
}
CASES = [
    (kind, name, method, measure)
    for kind in ("tables", "rates")
    for name, stored in STORED[kind].items()
    for method, measures in (("MH", stored["MH"]), ("Peto", ["OR"] if "Peto" in stored else []))
    for measure in measures
]


def fit(kind: str, name: str, method: str, measure: str) -> osler.CountsSynthesis:
    data = STORED[kind][name]["data"]
    names = ("study", "ai", "n1i", "ci", "n2i")
    columns = {c: [row[c] for row in data] for c in names}
    if kind == "rates":
        columns |= {"t1i": columns.pop("n1i"), "t2i": columns.pop("n2i")}
        columns |= {"x1i": columns.pop("ai"), "x2i": columns.pop("ci")}
    return osler.pool_counts(columns, measure, method=method)


def compare(rows: tuple[Refit, ...], expected: dict[str, list[float | None]], first: int) -> None:
    """From the row ``first`` on: of one study with an empty cell metafor tells Q = 0, Osler NaN."""
    for field, name in FIELDS.items():
        got = np.array([getattr(row, field) for row in rows])[first:]
        wanted = np.array(expected[name], float)[first:]
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-13, err_msg=field)


@pytest.mark.parametrize(("kind", "name", "method", "measure"), CASES)
def test_without_each_study(kind: str, name: str, method: str, measure: str) -> None:
    stored = STORED[kind][name]
    expected = stored["Peto"] if method == "Peto" else stored["MH"][measure]
    without = osler.leave_one_out(fit(kind, name, method, measure))
    compare(without.rows, expected["leave1out"], 0)


@pytest.mark.parametrize(("kind", "name", "method", "measure"), CASES)
def test_study_by_study(kind: str, name: str, method: str, measure: str) -> None:
    stored = STORED[kind][name]
    expected = stored["Peto"] if method == "Peto" else stored["MH"][measure]
    grown = osler.cumulative(fit(kind, name, method, measure))
    compare(grown.rows, expected["cumul"], 1)
