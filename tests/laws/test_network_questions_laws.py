"""What holds of every question put to a network: names, sides and units do not matter."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.core.diagnostics import DataError
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.leaving_out import without_each
from osler.synthesis.network.loops import loops
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.net_heat import net_heat
from osler.synthesis.network.regression import network_regression
from osler.synthesis.network.side_splitting import split_sides
from tests.laws.test_network_laws import Row, fitted, networks

NEW_NAMES = dict(zip("ABCD", "WZXY", strict=True))
Told = dict[object, list[float]]


def renamed(rows: list[Row]) -> list[Row]:
    return [(s, NEW_NAMES[a], NEW_NAMES[b], y, v) for s, a, b, y, v in rows]


def scaled(rows: list[Row], by: float) -> list[Row]:
    return [(s, a, b, by * y, by * by * v) for s, a, b, y, v in rows]


def _walks(fit: NetworkSynthesis) -> Told:
    found = contributions(fit, method="random walk")
    return {
        (frozenset(pair), frozenset(way)): [float(found.share[i, j])]
        for i, pair in enumerate(found.results)
        for j, way in enumerate(found.comparisons)
    }


def _heat(fit: NetworkSynthesis) -> Told:
    found = net_heat(fit)
    sets = [frozenset(name.split(":")) for name in found.designs]
    return {(a, b): [float(found.heat[i, j]), float(found.carried[i, j])]
            for i, a in enumerate(sets) for j, b in enumerate(sets)}  # fmt: skip


def _detached(fit: NetworkSynthesis) -> Told:
    parts = decompose(fit).detached
    return {frozenset(p.name.split(":")): [p.q, float(p.df)] for p in parts}


def _loops(fit: NetworkSynthesis) -> Told:
    found: Told = {}
    for loop in loops(fit).loops:
        ways = zip(loop.treatments, (*loop.treatments[1:], loop.treatments[0]), strict=True)
        found[frozenset(map(frozenset, ways))] = [abs(loop.difference), loop.se]
    return found


def _sides(fit: NetworkSynthesis) -> Told:
    return {
        frozenset((c.treatment, c.comparator)): [abs(c.difference), c.difference_se]
        for c in split_sides(fit).comparisons
    }


def _without(fit: NetworkSynthesis) -> Told:
    found = without_each(fit)
    numbers = (found.leverage, found.q, found.df, found.tau2)
    return {name: [float(x[i]) for x in numbers] for i, name in enumerate(found.studies)}


QUESTIONS: tuple[tuple[Callable[[NetworkSynthesis], Told], tuple[int, ...]], ...] = (
    # Powers of the unit of the effects in each number.
    (_walks, (0,)),
    (_heat, (0, 0)),
    (_detached, (0, 0)),
    (_loops, (1, 1)),
    (_sides, (1, 1)),
    (_without, (0, 0, 0, 2)),
)


def named_anew(key: object) -> object:
    if isinstance(key, frozenset):
        return frozenset(named_anew(part) for part in key)
    if isinstance(key, tuple):
        return tuple(named_anew(part) for part in key)
    return NEW_NAMES.get(str(key), key)


@given(networks())
@settings(max_examples=12, deadline=None)
def test_names_of_treatments_do_not_matter(rows: list[Row]) -> None:
    one, other = fitted(rows), fitted(renamed(rows))
    for question, _ in QUESTIONS:
        ours, theirs = question(one), question(other)
        assert {named_anew(key) for key in ours} == set(theirs)
        for key, values in ours.items():
            np.testing.assert_allclose(values, theirs[named_anew(key)], 1e-6, 1e-7)


@given(networks(), st.sampled_from([0.01, 0.3, 50.0]))
@settings(max_examples=12, deadline=None)
def test_a_change_of_unit(rows: list[Row], by: float) -> None:
    one, other = fitted(rows), fitted(scaled(rows, by))
    for question, powers in QUESTIONS:
        ours, theirs = question(one), question(other)
        assert set(ours) == set(theirs)
        for key, values in ours.items():
            unit = [by**power for power in powers]
            np.testing.assert_allclose(np.multiply(values, unit), theirs[key], 1e-6, 1e-7 * by)


@given(networks(), st.floats(0.1, 100.0), st.floats(-1000.0, 1000.0))
@settings(max_examples=12, deadline=None)
def test_unit_and_origin_of_a_covariate(rows: list[Row], by: float, more: float) -> None:
    fit = fitted(rows)
    if fit.df < 2:
        return
    x = np.arange(fit.k) % 3 + 0.5 * (np.arange(fit.k) > 1)
    asked = [x.tolist(), (by * x + more).tolist()]
    if len({study for study, a, b, _, _ in rows if "A" in (a, b)}) < 2:
        for values in asked:  # nothing but one study tells of the reference
            with pytest.raises(DataError, match="NET032"):
                network_regression(fit, values)
        return
    one, other = (network_regression(fit, values) for values in asked)
    ours, theirs = one.coefficients[0], other.coefficients[0]
    np.testing.assert_allclose(ours.estimate, by * theirs.estimate, 1e-6, 1e-7)
    np.testing.assert_allclose(one.tau2, other.tau2, 1e-6, 1e-9)
    there = one.at(1.0).estimate, other.at(by + more).estimate
    np.testing.assert_allclose(*there, 1e-6, 1e-6)
