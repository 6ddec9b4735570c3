"""A network: how it is read, taken apart and told, and what cannot be one."""

import numpy as np
import pytest

import osler
from osler.core.diagnostics import DataError
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.data import Network
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.splitting import split

Row = tuple[str, str, str, float, float]
TRIANGLE: list[Row] = [
    ("s1", "B", "A", 0.2, 0.04),
    ("s2", "C", "A", 0.5, 0.05),
    ("s3", "C", "B", 0.4, 0.03),
    ("s4", "B", "A", 0.3, 0.06),
]
THREE_ARMS: list[Row] = [
    ("s5", "B", "A", 0.1, 0.08),
    ("s5", "C", "A", 0.6, 0.09),
    ("s5", "C", "B", 0.5, 0.07),
]


def network(rows: list[Row]) -> Network:
    study, a, b, y, v = zip(*rows, strict=True)
    return network_of(study, a, b, np.array(y), np.array(v))


def code(rows: list[Row]) -> str:
    with pytest.raises(DataError) as caught:
        network(rows)
    assert all(d.found and d.help for d in caught.value.diagnostics)
    return caught.value.diagnostics[0].code


def test_what_is_read() -> None:
    found = network(TRIANGLE + THREE_ARMS)
    assert found.treatments == ("A", "B", "C")
    assert found.studies == ("s1", "s2", "s3", "s4", "s5")
    assert [g.arms.shape for g in found.groups] == [(4, 2), (1, 3)]
    assert (found.contrasts, found.freedom) == (6, 4)
    pairs = {(found.studies[s], a, b): (y, v) for s, a, b, y, v in found.pairs()}
    assert len(pairs) == len(TRIANGLE) + len(THREE_ARMS)
    assert pairs["s5", 1, 2] == pytest.approx((-0.5, 0.07)) or pairs["s5", 2, 1] == pytest.approx(
        (0.5, 0.07)
    )


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ("NET001", [("s1", "B", "A", 0.2, 0.0)]),
        ("NET001", [("s1", "B", "A", float("nan"), 0.1)]),
        ("NET001", [("s1", "B", "A", 0.2, float("inf"))]),
        ("NET002", [("s1", "A", "A", 0.2, 0.1)]),
        ("NET003", [*TRIANGLE, ("s1", "A", "B", -0.2, 0.04)]),
        ("NET004", [*TRIANGLE, *THREE_ARMS[:2]]),
        ("NET005", [*THREE_ARMS[:2], ("s5", "C", "B", 0.9, 0.07)]),
        ("NET006", [*THREE_ARMS[:2], ("s5", "C", "B", 0.5, 0.9)]),
    ],
)
def test_what_cannot_be_read(wanted: str, rows: list[Row]) -> None:
    assert code(rows) == wanted


def test_every_study_that_is_wrong_is_told() -> None:
    with pytest.raises(DataError) as caught:
        network([("s1", "A", "A", 0.2, 0.1), ("s2", "B", "A", 0.2, -1.0), *TRIANGLE[1:]])
    assert [d.code for d in caught.value.diagnostics] == ["NET002", "NET001"]


def test_two_treatments_are_a_pairwise_synthesis() -> None:
    rows = [("s1", "B", "A", 0.1, 0.04), ("s2", "B", "A", 0.9, 0.02), ("s3", "A", "B", -0.4, 0.03)]
    for method in ("REML", "ML", "DL", "PM"):
        fit = fit_network(network(rows), reference="A", tau2_method=method)
        pair = osler.synthesise(
            "abc", [0.1, 0.9, 0.4], [0.04, 0.02, 0.03], tau2_method=method, ci_method="Wald"
        )
        effect = fit.effect("B")
        assert fit.tau2 == pytest.approx(pair.heterogeneity.tau2, rel=1e-9)
        assert effect.estimate == pytest.approx(pair.random.estimate, rel=1e-9)
        assert effect.se == pytest.approx(pair.random.se, rel=1e-9)
        assert fit.q == pytest.approx(pair.heterogeneity.q, rel=1e-12)


def test_sub_networks_are_named_and_pooled_apart() -> None:
    apart: list[Row] = [("s8", "Y", "X", 0.3, 0.1), ("s9", "Z", "Y", 0.1, 0.1)]
    whole = network(TRIANGLE + apart)
    assert [part.treatments for part in whole.parts()] == [("A", "B", "C"), ("X", "Y", "Z")]
    fit = fit_network(whole, reference="A")
    assert fit.treatments == ("A", "B", "C")
    assert fit.others == (("X", "Y", "Z"),)
    assert "not connected with these: X, Y, Z" in repr(fit)
    other = fit_network(whole, reference="X")
    assert other.effect("Z").estimate == pytest.approx(0.4)
    assert (other.df, other.tau2) == (0, 0.0)
    assert any("cannot be judged" in note for note in other.notes)
    assert np.isnan(other.effect("Z").pred_lower)


def test_a_reference_or_treatment_that_is_not_there() -> None:
    with pytest.raises(DataError, match="NET010"):
        fit_network(network(TRIANGLE), reference="X")
    with pytest.raises(DataError, match="NET010"):
        fit_network(network(TRIANGLE)).effect("D")
    with pytest.raises(DataError, match="SYN005"):
        fit_network(network(TRIANGLE), tau2_method="HE")


def test_a_reference_in_other_capitals() -> None:
    fit = fit_network(network(TRIANGLE), reference=" a ")
    assert fit.reference == "A"


def test_a_reference_that_is_nearly_right() -> None:
    rows = [("1", "tablets", "placebo", 0.2, 0.1)]
    with pytest.raises(DataError, match="did you mean 'placebo'"):
        fit_network(network(rows), reference="Placbo")


def test_what_a_person_sees() -> None:
    fit = fit_network(network(TRIANGLE + THREE_ARMS), reference="A", measure="MD")
    shown = repr(fit)
    assert "3 treatments in 5 studies, each against A" in shown
    assert "one for all comparisons" in shown
    assert max(map(len, shown.splitlines())) <= 96
    assert "3 treatments" in fit.text()
    assert "3 of which compared the two directly" in str(fit.why("B vs A"))
    assert len(fit.columns()["treatment"]) == 6
    table = split(fit)
    assert "Direct evidence" in repr(table)
    assert len(table.testable) == 3
    parts = decompose(fit)
    assert parts.total.q == pytest.approx(parts.within.q + parts.between.q)
    assert parts.total.df == parts.within.df + parts.between.df
    assert "Design by treatment" in repr(parts)
    assert "little power" in parts.text()
