"""What is asked of a fitted network, each answer against the long way round."""

from itertools import pairwise

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.network.adjusted_funnel import adjusted_funnel
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.contributions import contributions
from osler.synthesis.network.data import Network
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.design_splitting import split_designs
from osler.synthesis.network.designs import pooled_designs
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.kernel import Model, heterogeneity_shape, sums_of
from osler.synthesis.network.leaving_out import without_each
from osler.synthesis.network.loops import loops
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.net_heat import net_heat
from osler.synthesis.network.regression import network_regression
from osler.synthesis.network.side_splitting import split_sides
from osler.synthesis.network.splitting import split
from osler.synthesis.network.tau2 import _beyond, _score
from osler.synthesis.network.transitivity import modifiers_of, transitivity


def drawn(seed: int, treatments: int, studies: int, arms: int = 4) -> Network:
    """A connected network of studies with two arms or more."""
    rng = np.random.default_rng(seed)
    study, a, b, y, v = [], [], [], [], []
    for s in range(studies):
        size = int(rng.integers(2, min(arms, treatments) + 1))
        own = np.array([s, s + 1]) if s < treatments - 1 else rng.permutation(treatments)[:size]
        value, variance = rng.normal(0, 0.5, own.size), rng.uniform(0.01, 0.2, own.size)
        for i in range(own.size):
            for j in range(i + 1, own.size):
                study.append(f"study {s}")
                a.append(f"T{own[i]}")
                b.append(f"T{own[j]}")
                y.append(value[i] - value[j])
                v.append(variance[i] + variance[j])
    return network_of(study, a, b, np.array(y), np.array(v))


NETWORKS = [(1, 5, 9, 3), (2, 5, 5, 2), (3, 8, 30, 4), (4, 4, 12, 3), (5, 6, 5, 2), (6, 7, 7, 3)]


@pytest.fixture(params=NETWORKS, ids=str)
def fit(request: pytest.FixtureRequest) -> NetworkSynthesis:
    return fit_network(drawn(*request.param), tau2_method="DL", measure="MD")


def kept(network: Network, left_out: set[int]) -> list[NetworkSynthesis]:
    some = network.subset([s for s in range(len(network.studies)) if s not in left_out])
    return [fit_network(part, tau2_method="DL") for part in some.parts()]


def test_designs_detached_as_by_fits_without_their_studies(fit: NetworkSynthesis) -> None:
    found = decompose(fit)
    wanted = {}
    for own in pooled_designs(fit.network, 0.0):
        for e, arms in enumerate(own.arms.tolist()):
            studies = set(own.group.study[own.design == e].tolist())
            without = kept(fit.network, studies)
            df = sum(f.df for f in without) + int(own.df[e])
            if df < fit.df:
                q = sum(f.q for f in without) + float(own.q[e])
                name = ":".join(fit.treatments[t] for t in arms)
                wanted[name] = (q - found.within.q, df - found.within.df)
    assert {p.name: p.df for p in found.detached} == {n: df for n, (_, df) in wanted.items()}
    for part in found.detached:
        assert part.q == pytest.approx(wanted[part.name][0], abs=1e-8)
    heat = net_heat(fit)
    lost = {p.name: found.between.q - p.q for p in found.detached}
    for j, name in enumerate(heat.designs):
        assert heat.heat[:, j].sum() == pytest.approx(lost.get(name, 0.0), abs=1e-8)
    np.testing.assert_allclose(np.diag(heat.heat), heat.q, atol=1e-9)
    np.testing.assert_allclose(heat.carried.sum(axis=1), 1.0)
    assert "Q between designs" in repr(heat)
    assert len(heat.columns()["heat"]) == len(heat.designs) ** 2


def test_without_each_study_as_by_fits_of_the_others(fit: NetworkSynthesis) -> None:
    found = without_each(fit)
    for s in range(fit.k):
        parts = kept(fit.network, {s})
        assert found.df[s] == sum(p.df for p in parts)
        assert found.q[s] == pytest.approx(sum(p.q for p in parts), abs=1e-9)
        mine = [p for p in parts if fit.reference in p.treatments]
        left = set(mine[0].treatments) if mine else {fit.reference}
        lost = {t for t, e in zip(fit.treatments, found.estimate[s], strict=True) if np.isnan(e)}
        assert lost == set(fit.treatments) - left
        assert np.isinf(found.shift[s]) == bool(lost)
        if not mine:
            continue
        if not lost:
            assert found.tau2[s] == pytest.approx(mine[0].tau2, abs=1e-10)
        sums = sums_of(mine[0].network, np.array([fit.tau2]))
        reference = mine[0].treatments.index(fit.reference)
        for i, t in enumerate(mine[0].treatments):
            j = fit.treatments.index(t)
            d = sums.position[0, i] - sums.position[0, reference]
            inverse = sums.inverse[0]
            v = inverse[i, i] + inverse[reference, reference] - 2 * inverse[i, reference]
            assert found.estimate[s, j] == pytest.approx(d, abs=1e-10)
            assert found.se[s, j] == pytest.approx(max(v, 0.0) ** 0.5, abs=1e-7)
    assert "the largest shifts" in repr(found)
    assert max(map(len, repr(found).splitlines())) <= 96
    assert len(found.columns()["shift"]) == fit.k
    assert found.why(fit.network.studies[0]).source


def test_what_designs_of_two_arms_rest_on_is_their_hat_matrix() -> None:
    fit = fit_network(drawn(2, 5, 14, 2))
    (own,) = pooled_designs(fit.network, 0.0)
    x = np.eye(5)[own.arms[:, 1]] - np.eye(5)[own.arms[:, 0]]
    hat = np.abs(x @ sums_of(fit.network, np.zeros(1)).inverse[0] @ x.T / own.v[:, 0, 0])
    order = np.argsort(own.first)
    wanted = (hat / hat.sum(axis=1, keepdims=True))[np.ix_(order, order)]
    np.testing.assert_allclose(net_heat(fit).carried, wanted)


def every_path(flow: np.ndarray, at: int, end: int) -> list[list[int]]:
    if at == end:
        return [[end]]
    ahead = np.flatnonzero(flow[at] > 1e-12).tolist()
    return [[at, *rest] for to in ahead for rest in every_path(flow, to, end)]


@pytest.mark.parametrize("method", ["shortest path", "random walk"])
def test_contributions_add_up(fit: NetworkSynthesis, method: str) -> None:
    found = contributions(fit, method=method)
    np.testing.assert_allclose(found.share.sum(axis=1), 1.0)
    np.testing.assert_allclose(found.of_study.sum(axis=1), 1.0)
    assert (found.share >= 0).all()
    # A comparison can be passed by its own direct way: what the hat matrix gives it.
    for i, pair in enumerate(found.results):
        if pair in found.comparisons:
            j = found.comparisons.index(pair)
            assert found.share[i, j] == pytest.approx(found.hat[i, j])
    some = contributions(fit, method=method, against=fit.reference)
    assert {b for _, b in some.results} == {fit.reference}
    assert len(some.results) == len(fit.treatments) - 1
    everything = {frozenset(pair): i for i, pair in enumerate(found.results)}
    for i, pair in enumerate(some.results):
        same = everything[frozenset(pair)]
        sign = 1.0 if found.results[same] == pair else -1.0
        np.testing.assert_allclose(some.share[i], found.share[same])
        np.testing.assert_allclose(some.hat[i], sign * found.hat[same])
    assert "mean path" in repr(some)
    assert len(some.study_columns()["share"]) == len(some.results) * fit.k
    assert some.why(f"{some.results[0][0]} vs {some.results[0][1]}").source


def test_a_random_walk_as_by_listing_its_paths() -> None:
    fit = fit_network(drawn(4, 4, 12, 3))
    found = contributions(fit, method="random walk")
    n = len(fit.treatments)
    for i, (a, b) in enumerate(found.results):
        flow = np.zeros((n, n))
        for j, (s, t) in enumerate(found.comparisons):
            s_, t_ = fit.treatments.index(s), fit.treatments.index(t)
            h = found.hat[i, j]
            flow[(s_, t_) if h > 0 else (t_, s_)] = abs(h)
        step = flow / np.maximum(flow.sum(axis=1, keepdims=True), 1e-300)
        share = np.zeros((n, n))
        for path in every_path(flow, fit.treatments.index(a), fit.treatments.index(b)):
            ways = list(pairwise(path))
            chance = float(np.prod([step[w] for w in ways]))
            for w in ways:
                share[w] += chance / len(ways)
        both = share + share.T
        wanted = [both[fit.treatments.index(s), fit.treatments.index(t)]
                  for s, t in found.comparisons]  # fmt: skip
        np.testing.assert_allclose(found.share[i], wanted, atol=1e-12)


def test_the_scan_for_tau2_reaches_beyond_every_root() -> None:
    for args in NETWORKS[:4]:
        model = Model(drawn(*args))
        far = np.geomspace(1.0, 1e6, 25)
        for expected, restricted in ((model.freedom, True), (model.network.contrasts, False)):
            beyond = model.sums(_beyond(model, expected) * far)
            assert (_score(beyond, restricted) < 0).all()
        assert (model.sums(_beyond(model) * far).q < model.freedom).all()


def test_loops_with_the_covariance_of_studies_with_several_arms() -> None:
    """Against the same sums from one matrix of all contrasts."""
    fit = fit_network(drawn(4, 4, 12, 3), tau2_method="DL")
    pairs = fit.network.paired
    whole = np.zeros((pairs.y.size, pairs.y.size))
    done = 0
    for group in fit.network.groups:
        m = group.arms.shape[1]
        first, second = np.triu_indices(m, 1)
        x = np.zeros((first.size, m))
        x[np.arange(first.size), first], x[np.arange(first.size), second] = 1, -1
        for v in group.v:
            own = np.zeros((m, m))
            own[1:, 1:] = v + fit.tau2 * heterogeneity_shape(m - 1)
            at = slice(done, done + first.size)
            whole[at, at] = x @ own @ x.T
            done += first.size
    found = loops(fit)
    assert {len(loop.treatments) for loop in found.loops} == {3, 4}
    for loop in found.loops:
        row = np.zeros(pairs.y.size)
        for s, t in zip(loop.treatments, (*loop.treatments[1:], loop.treatments[0]), strict=True):
            i, j = fit.treatments.index(s), fit.treatments.index(t)
            ahead = (pairs.treatment == i) & (pairs.comparator == j)
            back = (pairs.treatment == j) & (pairs.comparator == i)
            w = (ahead | back) / (pairs.v + fit.tau2)
            row += np.where(ahead, 1.0, -1.0) * w / w.sum()
        assert loop.difference == pytest.approx(row @ pairs.y, abs=1e-12)
        assert loop.se == pytest.approx((row @ whole @ row) ** 0.5)
    assert "closed loops" in repr(found)
    assert "one in twenty" in found.text()
    assert {len(loop.treatments) for loop in loops(fit, longest=3).loops} == {3}


def test_a_study_with_three_arms_alone_is_no_loop() -> None:
    net = network_of(
        "sss", ["B", "C", "C"], ["A", "A", "B"], np.array([0.1, 0.6, 0.5]), np.array([2, 2, 2.0])
    )
    found = loops(fit_network(net))
    assert (found.loops, found.closed) == ((), 1)
    assert "several arms alone" in repr(found)


def test_designs_left_out_as_by_fits_of_the_others(fit: NetworkSynthesis) -> None:
    found = split_designs(fit)
    assert len(found.comparisons) == sum(c.studies > 0 for c in split(fit).comparisons)
    for c in found.comparisons:
        i, j = fit.place(c.treatment), fit.place(c.comparator)
        with_both = {
            int(s)
            for group in fit.network.groups
            for s, arms in zip(group.study, group.arms.tolist(), strict=True)
            if {i, j} <= {*arms}
        }
        assert c.studies == len(with_both)
        rest = [f for f in kept(fit.network, with_both) if c.treatment in f.treatments]
        if not rest or c.comparator not in rest[0].treatments:
            assert np.isnan(c.indirect) and np.isnan(c.p_value)
            continue
        effect = rest[0].effect(c.treatment, c.comparator)
        assert (c.indirect, c.indirect_se) == (
            pytest.approx(effect.estimate, abs=1e-10),
            pytest.approx(effect.se, rel=1e-9),
        )
        assert c.difference == pytest.approx(c.direct - effect.estimate, abs=1e-10)
        assert c.difference_se == pytest.approx(np.hypot(c.direct_se, effect.se), rel=1e-9)


def test_designs_left_out_agree_with_back_calculation_where_studies_have_two_arms() -> None:
    fit = fit_network(drawn(2, 5, 14, 2), tau2_method="DL")
    found = split_designs(fit, common=True)
    assert "their studies left out" in repr(found) and "their studies left out" in found.text()
    first = found.testable[0]
    assert "Efthimiou" in found.why(f"{first.treatment} vs {first.comparator}").source
    for one, other in zip(
        found.comparisons,
        (c for c in split(fit, common=True).comparisons if c.studies),
        strict=True,
    ):
        assert one.direct == pytest.approx(other.direct)
        assert one.indirect == pytest.approx(other.indirect, nan_ok=True)
        assert one.p_value == pytest.approx(other.p_value, nan_ok=True)


def test_sides_agree_with_back_calculation_where_studies_have_two_arms() -> None:
    fit = fit_network(drawn(2, 5, 14, 2), tau2_method="DL")
    ways = {(c.treatment, c.comparator): c for c in split(fit).testable}
    sides = split_sides(fit, keep_tau2=True).comparisons
    assert {(c.treatment, c.comparator) for c in sides} == set(ways)
    for found in sides:
        wanted = ways[found.treatment, found.comparator]
        for name in ("direct", "direct_se", "indirect", "indirect_se", "difference", "p_value"):
            assert getattr(found, name) == pytest.approx(getattr(wanted, name), rel=1e-7)


def test_a_regression_of_two_treatments_is_the_pairwise_one() -> None:
    rng = np.random.default_rng(3)
    y, v, x = rng.normal(size=8), rng.uniform(0.05, 0.2, 8), np.arange(8.0)
    net = network_of([f"s{i}" for i in range(8)], ["B"] * 8, ["A"] * 8, y, v)
    fit = fit_network(net, reference="A", tau2_method="REML")
    found = network_regression(fit, x.tolist(), name="dose")
    design = np.stack([np.ones(8), x - 3.5], axis=1)
    w = 1.0 / (v + found.tau2)
    beta = np.linalg.solve(design.T @ (w[:, None] * design), design.T @ (w * y))
    assert found.coefficients[0].estimate == pytest.approx(beta[1])
    assert found.at(3.5).estimate[1, 0] == pytest.approx(beta[0])
    assert found.at(5.5).estimate[1, 0] == pytest.approx(beta[0] + 2 * beta[1])
    assert found.at(5.5).estimate[0, 1] == -found.at(5.5).estimate[1, 0]
    assert "without the covariate" in repr(found)
    assert max(map(len, repr(found).splitlines())) <= 96
    assert "not one between patients" in found.text()
    assert found.why("dose").source
    with pytest.raises(DataError, match="NET030"):
        found.at("high")


def test_the_reference_of_independent_coefficients_does_not_matter() -> None:
    net = drawn(3, 4, 30, 3)
    x = np.random.default_rng(1).normal(size=30).tolist()
    both = [
        network_regression(fit_network(net, reference=r), x, interaction="independent")
        for r in ("T0", "T2")
    ]
    np.testing.assert_allclose(both[0].league.estimate, both[1].league.estimate, atol=1e-8)
    np.testing.assert_allclose(both[0].at(1.0).se, both[1].at(1.0).se, atol=1e-8)
    assert both[0].q_model == pytest.approx(both[1].q_model)


def test_what_a_treatment_with_one_study_cannot_tell() -> None:
    rows = [("s1", "B", "A"), ("s2", "B", "A"), ("s3", "B", "A"), ("s4", "C", "A")]
    study, a, b = zip(*rows, strict=True)
    net = network_of(study, a, b, np.array([0.1, 0.4, 0.2, 0.9]), np.full(4, 0.1))
    fit = fit_network(net, reference="A")
    found = network_regression(fit, [1.0, 2.0, 4.0, 3.0], interaction="independent")
    told = {c.treatment: c.estimate for c in found.coefficients}
    assert np.isfinite(told["B"])
    assert np.isnan(told["C"])
    assert found.df_model == 1
    assert np.isnan(found.at(1.0).estimate[2, 0])
    assert found.at(3.0).estimate[2, 0] == pytest.approx(0.9)
    assert "–" in repr(found)


@pytest.mark.parametrize(
    ("code", "values", "interaction"),
    [
        ("NET030", [1.0, 2.0, None], "common"),
        ("NET030", ["a", "b", 2.0], "common"),
        ("NET030", [1.0, float("nan"), 2.0], "common"),
        ("NET031", [1.0, 1.0, 1.0], "common"),
        ("NET032", [1.0, 2.0, 3.0], "independent"),
        ("SYN005", [1.0, 2.0, 3.0], "exchangeable"),
    ],
)
def test_covariates_that_cannot_be_used(code: str, values: list[object], interaction: str) -> None:
    net = network_of(["s1", "s2", "s3"], ["B", "C", "D"], ["A"] * 3, np.zeros(3), np.full(3, 0.1))
    with pytest.raises(DataError, match=code):
        network_regression(fit_network(net, reference="A"), values, interaction=interaction)


def test_a_regression_that_leaves_no_freedom() -> None:
    net = network_of(["s1", "s2"], ["B", "B"], ["A", "A"], np.zeros(2), np.full(2, 0.1))
    with pytest.raises(DataError, match="NET033"):
        network_regression(fit_network(net), [1.0, 2.0])


def test_a_funnel_needs_an_order_of_these_treatments_and_points() -> None:
    fit = fit_network(drawn(3, 8, 30, 3))
    for order in (["T0"], [*fit.treatments, "T99"], [*fit.treatments, "T0"]):
        with pytest.raises(DataError, match="NET034"):
            adjusted_funnel(fit, order=order)
    with pytest.raises(DataError, match="NET035"):
        adjusted_funnel(fit_network(drawn(5, 6, 5, 2)))
    ahead, back = (adjusted_funnel(fit, order=o) for o in (fit.treatments, fit.treatments[::-1]))
    assert ahead.intercept == pytest.approx(-back.intercept)
    assert [t.p_value for t in ahead.tests] == pytest.approx([t.p_value for t in back.tests])
    assert "Comparison-adjusted funnel" in repr(ahead)
    assert "Egger's regression" in ahead.text()
    assert ahead.why("intercept").source
    assert set(ahead.columns()) >= {"study", "deviation", "se"}


def test_modifiers_by_comparison() -> None:
    rows = [("s1", "B", "A"), ("s2", "B", "A"), ("s3", "C", "A"), ("s4", "C", "B")]
    study, a, b = zip(*rows, strict=True)
    net = network_of(study, a, b, np.zeros(4), np.full(4, 0.1))
    table: dict[str, list[object]] = {
        "study": ["s1", "s2", "s3", "s9"], "age": [40.0, 50.0, 60.0, 70.0],
             "setting": ["ward", "", "home", "home"]}  # fmt: skip
    found = transitivity(fit_network(net), modifiers_of(table))
    row = {(r.comparison, r.modifier): r for r in found.rows}
    assert (row["A:B", "age"].mean, row["A:B", "age"].studies) == (45.0, 2)
    assert row["A:B", "setting"].counts == (("ward", 1),)
    assert row["A:B", "setting"].missing == 1
    assert (row["B:C", "age"].studies, row["B:C", "age"].missing) == (0, 1)
    assert dict(found.between)["age"] == pytest.approx(150.0 / 200.0)
    assert dict(found.between)["setting"] == pytest.approx(1.0)
    assert found.unknown == ("s9",)
    assert "not in the network: s9" in repr(found)
    assert "does not show" in found.text()
    assert found.why("age").source
    assert found.columns()["counts"][-1] == ""
    for columns in ({"author": ["s1"]}, {"study": ["s1"]}):
        with pytest.raises(DataError, match="NET036"):
            modifiers_of(columns)
    with pytest.raises(DataError, match="NET036"):
        transitivity(fit_network(net), {})
