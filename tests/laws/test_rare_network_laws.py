"""Laws of networks of rare events."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.synthesis.network.hypergeometric import hypergeometric_network
from osler.synthesis.network.mantel_haenszel import mantel_haenszel_network
from osler.synthesis.network.rare import RareNetwork

MODELS: dict[str, Any] = {
    "MH": mantel_haenszel_network,
    "approximate": hypergeometric_network,
    "exact": lambda data, **kw: hypergeometric_network(data, exact=True, **kw),
}
Row = tuple[str, str, int, int]


@st.composite
def networks(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = []
    for s in range(draw(st.integers(2, 6))):
        size = draw(st.integers(2, 4))
        arms = draw(st.permutations("abcd"))[:size]
        for arm in arms:
            n = draw(st.integers(5, 60))
            rows.append((f"s{s}", arm, draw(st.integers(0, min(n, 12))), n))
    return rows


def table(rows: list[Row]) -> dict[str, list[Any]]:
    names = ("study", "treatment", "events", "n")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def fitted(model: str, rows: list[Row]) -> RareNetwork | None:
    try:
        found: RareNetwork = MODELS[model](table(rows))
    except DataError as error:
        if {d.code for d in error.diagnostics} <= {"NET050", "NET052"}:
            return None
        raise
    return found


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=15, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_neither_order_nor_names_matter(model: str, rows: list[Row], random: Any) -> None:
    fit = fitted(model, rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    other_names = dict(zip("abcd", "zyxw", strict=True))
    again = fitted(model, [(s, other_names[t], e, n) for s, t, e, n in shuffled])
    assert (fit is None) == (again is None)
    if fit is None or again is None or len(fit.others) > 0:
        return
    at = [again.treatments.index(other_names[t]) for t in fit.treatments]
    np.testing.assert_allclose(again.common.estimate[np.ix_(at, at)], fit.common.estimate, 0, 1e-8)
    np.testing.assert_allclose(again.common.se[np.ix_(at, at)], fit.common.se, 1e-8)


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=15, deadline=None)
@given(networks())
def test_what_is_told_is_finite_and_consistent(model: str, rows: list[Row]) -> None:
    fit = fitted(model, rows)
    if fit is None:
        return
    d, se = fit.common.estimate, fit.common.se
    assert np.isfinite(d).all()
    assert (se[~np.eye(len(d), dtype=bool)] > 0).all()
    np.testing.assert_allclose(d[:, :1] + d[:1, :], d, atol=1e-8)
    assert fit.q >= 0 or fit.df == 0
    names = {e.study for e in fit.excluded}
    assert {row[0] for row in rows} >= names


@pytest.mark.parametrize("model", ["MH", "exact"])
@settings(max_examples=15, deadline=None)
@given(networks())
def test_events_and_non_events_change_the_sign_alone(model: str, rows: list[Row]) -> None:
    fit, turned = fitted(model, rows), fitted(model, [(s, t, n - e, n) for s, t, e, n in rows])
    if fit is None or turned is None:
        assert fit is turned
        return
    np.testing.assert_allclose(turned.common.estimate, -fit.common.estimate, 0, 1e-7)
    np.testing.assert_allclose(turned.common.se, fit.common.se, 1e-7)
