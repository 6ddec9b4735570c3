"""What holds of any network: names, order, reference and sides do not matter."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import osler
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.reading import read_network

Row = tuple[str, str, str, float, float]


@st.composite
def networks(draw: st.DrawFn) -> list[Row]:
    """Contrasts of four treatments, connected by a chain; some studies have three arms."""
    number = st.floats(-2.0, 2.0)
    variance = st.floats(0.05, 1.0)
    rows: list[Row] = []
    pairs = [("A", "B"), ("B", "C"), ("C", "D")]
    pairs += draw(
        st.lists(st.sampled_from([("A", "C"), ("A", "D"), ("B", "D"), ("A", "B")]), max_size=5)
    )
    for i, (a, b) in enumerate(pairs):
        rows.append((f"s{i}", b, a, draw(number), draw(variance)))
    for i in range(draw(st.integers(0, 2))):
        mean = [draw(number) for _ in range(3)]
        spread = [draw(variance) for _ in range(3)]
        arms = draw(st.permutations("ABCD"))[:3]
        for j in range(3):
            for k in range(j):
                rows.append((f"m{i}", arms[j], arms[k], mean[j] - mean[k], spread[j] + spread[k]))
    return rows


def fitted(rows: list[Row], method: str = "DL") -> NetworkSynthesis:
    study, a, b, y, v = zip(*rows, strict=True)
    return fit_network(network_of(study, a, b, np.array(y), np.array(v)), tau2_method=method)


def same(one: NetworkSynthesis, other: NetworkSynthesis, rtol: float = 1e-8) -> None:
    assert one.tau2 == pytest.approx(other.tau2, rel=rtol, abs=1e-9)
    order = [other.place(t) for t in one.treatments]
    for name in ("estimate", "se"):
        theirs = getattr(other.random, name)[np.ix_(order, order)]
        np.testing.assert_allclose(getattr(one.random, name), theirs, rtol, 1e-8)


@given(networks(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_neither_order_nor_sides_of_rows_matter(rows: list[Row], random: Random) -> None:
    turned = [
        (s, b, a, -y, v) if random.random() < 0.5 else (s, a, b, y, v) for s, a, b, y, v in rows
    ]
    random.shuffle(turned)
    same(fitted(rows), fitted(turned))


@given(networks())
@settings(max_examples=40, deadline=None)
def test_names_do_not_matter(rows: list[Row]) -> None:
    new = {"A": "zinc", "B": "yarrow", "C": "alpha", "D": "mint"}
    named = fitted([(s, new[a], new[b], y, v) for s, a, b, y, v in rows])
    plain = fitted(rows)
    for a, x in new.items():
        for b, z in new.items():
            i, j = plain.place(a), plain.place(b)
            k, m = named.place(x), named.place(z)
            assert plain.random.estimate[i, j] == pytest.approx(
                named.random.estimate[k, m], abs=1e-8
            )


@given(networks())
@settings(max_examples=40, deadline=None)
def test_the_league_is_consistent(rows: list[Row]) -> None:
    d = fitted(rows).random.estimate
    np.testing.assert_allclose(
        d[:, :, None] + d[None], np.broadcast_to(d[:, None], (4, 4, 4)), 1e-9, 1e-9
    )


@given(networks(), st.floats(0.1, 10.0))
@settings(max_examples=40, deadline=None)
def test_a_change_of_unit(rows: list[Row], unit: float) -> None:
    scaled = fitted([(s, a, b, unit * y, unit * unit * v) for s, a, b, y, v in rows], "REML")
    plain = fitted(rows, "REML")
    assert scaled.tau2 == pytest.approx(unit * unit * plain.tau2, rel=1e-6, abs=1e-8 * unit * unit)
    assert scaled.q == pytest.approx(plain.q, rel=1e-9, abs=1e-9)


@given(networks())
@settings(max_examples=30, deadline=None)
def test_a_study_split_in_two_of_twice_its_variance(rows: list[Row]) -> None:
    head, *rest = rows
    s, a, b, y, v = head
    halves = [(f"{s}-1", a, b, y, 2 * v), (f"{s}-2", a, b, y, 2 * v)]
    one, two = fitted(rows).common, fitted([*halves, *rest]).common
    np.testing.assert_allclose(one.estimate, two.estimate, 1e-9, 1e-9)
    np.testing.assert_allclose(one.se, two.se, 1e-9, 1e-9)


@given(networks())
@settings(max_examples=30, deadline=None)
def test_a_star_is_so_many_pairwise_syntheses(rows: list[Row]) -> None:
    star = [(s, a, b, y, v) for s, a, b, y, v in rows if a == "A" or b == "A"]
    star = [row for row in star if not row[0].startswith("m")]
    league = fitted(star).common
    found = fitted(star)
    for t in found.treatments:
        own = [(y if a == t else -y, v) for _, a, b, y, v in star if t in (a, b) and t != "A"]
        if own:
            w = np.array([1 / v for _, v in own])
            mean = float(w @ [y for y, _ in own] / w.sum())
            assert league.estimate[found.place(t), found.place("A")] == pytest.approx(
                mean, abs=1e-9
            )


@given(networks(), st.sampled_from(["REML", "DL"]))
@settings(max_examples=25, deadline=None)
def test_the_reference_changes_nothing_but_the_list(rows: list[Row], method: str) -> None:
    study, a, b, y, v = zip(*rows, strict=True)
    network = network_of(study, a, b, np.array(y), np.array(v))
    first, *others = (fit_network(network, reference=t, tau2_method=method) for t in "ABCD")
    for fit in others:
        assert fit.tau2 == first.tau2
        np.testing.assert_array_equal(fit.random.estimate, first.random.estimate)
        np.testing.assert_array_equal(fit.random.pred_lower, first.random.pred_lower)


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(0.05, 1)), min_size=2, max_size=8),
    st.sampled_from(["REML", "DL", "PM", "ML"]),
)
@settings(max_examples=30, deadline=None)
def test_two_treatments_are_one_pairwise_synthesis(
    found: list[tuple[float, float]], method: str
) -> None:
    fit = fitted([(f"s{i}", "B", "A", y, v) for i, (y, v) in enumerate(found)], method)
    y, v = (list(column) for column in zip(*found, strict=True))
    labels = [f"s{i}" for i in range(len(y))]
    pair = osler.synthesise(labels, y, v, tau2_method=method, ci_method="Wald")
    assert fit.tau2 == pytest.approx(pair.heterogeneity.tau2, rel=1e-6, abs=1e-9)
    assert fit.effect("B", "A").estimate == pytest.approx(pair.random.estimate, abs=1e-7)
    assert fit.effect("B", "A").se == pytest.approx(pair.random.se, rel=1e-6)
    assert fit.q == pytest.approx(pair.heterogeneity.q, rel=1e-9, abs=1e-9)


@st.composite
def arm_tables(draw: st.DrawFn) -> dict[str, list[float | str]]:
    """Arms of six studies, one of them with all of four treatments; some without events."""
    out: dict[str, list[float | str]] = {
        name: [] for name in ("study", "treatment", "events", "n", "mean", "sd", "time")
    }
    arms = st.permutations("ABCD")
    sizes = [4, 2, 2, 3, 3, *draw(st.lists(st.integers(2, 4), max_size=2))]
    for i, size in enumerate(sizes):
        for arm in draw(arms)[:size]:
            n = draw(st.integers(5, 60))
            out["study"].append(f"s{i}")
            out["treatment"].append(arm)
            out["events"].append(draw(st.integers(1 if i else 2, n - 1)) if i != 3 else 0)
            out["n"].append(n)
            out["mean"].append(draw(st.floats(1.0, 9.0)))
            out["sd"].append(draw(st.floats(0.5, 4.0)))
            out["time"].append(draw(st.floats(10.0, 90.0)))
        if i == 3:
            out["events"][-1] = draw(st.integers(1, 5))
    return out


@given(arm_tables(), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "AS", "MD", "SMD", "ROM", "IRR", "IRD"])
def test_the_baseline_arm_of_a_study_does_not_matter(
    measure: str, table: dict[str, list[float | str]], random: Random
) -> None:
    order = list(range(len(table["study"])))
    random.shuffle(order)
    turned = {name: [values[i] for i in order] for name, values in table.items()}
    one, other = (read_network(t, measure) for t in (table, turned))
    assert {e.study for e in one.excluded} == {e.study for e in other.excluded}
    same(
        fit_network(one.network, tau2_method="DL"),
        fit_network(other.network, tau2_method="DL"),
        1e-7,
    )
