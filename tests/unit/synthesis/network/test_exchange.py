"""Tables of netmeta, gemtc and CINeMA, written and read again; contrasts from arms."""

from typing import Any

import numpy as np
import pytest

from osler.core.diagnostics import DataError
from osler.core.frames import frame_of
from osler.synthesis.network.data import Network
from osler.synthesis.network.exchange import (
    to_cinema,
    to_cinema_arms,
    to_gemtc,
    to_gemtc_arms,
    to_netmeta,
)
from osler.synthesis.network.exchange_reading import read_exchange
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.pairwise import pairwise
from osler.synthesis.network.reading import read_network

ARMS: dict[str, list[Any]] = {
    "study": ["Hart 2010", "Hart 2010", "Mill", "Mill", "Mill", "Oak", "Oak", "Oak", "Oak"],
    "treatment": ["rest", "walking", "rest", "yoga + NSAID", "walking",
                  "Yoga", "rest", "walking", "yoga + NSAID"],
    "events": [4, 2, 3, 1, 6, 7, 9, 3, 2],
    "n": [100, 100, 50, 52, 51, 60, 61, 62, 63],
}  # fmt: skip
MEANS = {
    "study": ARMS["study"],
    "treatment": ARMS["treatment"],
    "mean": [5.0, 3.1, 4.0, 3.3, 2.7, 2.0, 4.4, 3.9, 1.0],
    "sd": [2.0, 1.5, 2.2, 1.7, 1.1, 2.5, 2.1, 2.0, 1.3],
    "n": ARMS["n"],
}
RATINGS = {"Hart 2010": 1, "Mill": 3, "Oak": 2}


def network(measure: str = "OR") -> Network:
    return read_network(MEANS if measure in ("MD", "SMD") else ARMS, measure).network


def same(one: Network, other: Network, rtol: float = 1e-10) -> None:
    """The same network, whichever arm of a study stands first."""
    assert (one.treatments, one.studies) == (other.treatments, other.studies)
    fits = [fit_network(each, tau2_method="DL") for each in (one, other)]
    for name in ("estimate", "se"):
        ours, theirs = (getattr(fit.random, name) for fit in fits)
        np.testing.assert_allclose(ours, theirs, rtol, 1e-9)
    assert fits[0].q == pytest.approx(fits[1].q, rel=1e-8)


def test_pairwise_has_every_comparison_of_a_study() -> None:
    found = pairwise(ARMS, "OR")
    assert found.study == ("Hart 2010",) + ("Mill",) * 3 + ("Oak",) * 6
    rows = {(s, a, b): (y, se) for s, a, b, y, se in zip(*found.columns().values(), strict=True)}
    y, se = rows["Hart 2010", "rest", "walking"]
    assert y == pytest.approx(np.log(4 * 98 / (2 * 96)))
    assert se == pytest.approx((1 / 4 + 1 / 96 + 1 / 2 + 1 / 98) ** 0.5)
    y, _ = rows["Mill", "rest", "yoga + NSAID"]
    assert y == pytest.approx(np.log(3 * 51 / (1 * 47)))
    assert "walking" in found.summary()
    assert found.text() == "3 studies gave 10 comparisons (odds ratio)."


def test_pairwise_says_what_it_left_out_and_what_it_added() -> None:
    more = {name: [*values] for name, values in ARMS.items()}
    for row in (("Elm", "rest", 0, 20), ("Elm", "walking", 0, 20), ("Ash", "rest", 0, 20),
                ("Ash", "walking", 1, 20)):  # fmt: skip
        for values, value in zip(more.values(), row, strict=True):
            values.append(value)
    found = pairwise(more, "OR")
    assert [e.study for e in found.excluded] == ["Elm"]
    assert "Ash" in found.notes[0]
    assert "left out: Elm" in found.summary()


@pytest.mark.parametrize("measure", ["OR", "RD", "MD", "SMD"])
@pytest.mark.parametrize("write", [to_netmeta, to_cinema], ids=["netmeta", "CINeMA"])
def test_contrasts_written_and_read_again(write: Any, measure: str) -> None:
    whole = network(measure)
    same(read_exchange(write(whole), measure).read.network, whole)


@pytest.mark.parametrize("measure", ["OR", "MD"])
def test_relative_effects_of_gemtc_written_and_read_again(measure: str) -> None:
    whole = network(measure)
    tables = to_gemtc(whole)
    assert tables.treatments["id"] == ["Yoga", "rest", "walking", "yoga_NSAID"]
    read = read_exchange(tables.data, measure, treatments=tables.treatments).read
    same(read.network, whole)
    # Without their names treatments go by their ids.
    assert "yoga_NSAID" in read_exchange(tables.data, measure).read.network.treatments


def test_relative_effects_without_one_shared_variance() -> None:
    with pytest.raises(DataError, match=r"NET055(.|\n)*Oak"):
        to_gemtc(network("SMD"))


@pytest.mark.parametrize(("table", "measure"), [(ARMS, "OR"), (MEANS, "MD")])
def test_arms_written_and_read_again(table: dict[str, list[Any]], measure: str) -> None:
    whole = read_network(table, measure).network
    tables = to_gemtc_arms(table)
    read = read_exchange(tables.data, treatments=tables.treatments).read
    assert read.measure == measure
    same(read.network, whole)
    same(read_exchange(to_cinema_arms(table)).read.network, whole)


def test_columns_have_the_names_of_the_programs() -> None:
    assert list(to_netmeta(network())) == ["studlab", "treat1", "treat2", "TE", "seTE"]
    assert list(to_gemtc_arms(ARMS).data) == ["study", "treatment", "responders", "sampleSize"]
    means = list(to_gemtc_arms(MEANS).data)
    assert set(means) == {"study", "treatment", "mean", "std.dev", "sampleSize"}
    names = list(to_cinema_arms(ARMS, RATINGS, RATINGS))
    assert names == ["study", "id", "t", "r", "n", "rob", "indirectness"]
    names = list(to_cinema(network(), RATINGS))
    assert names == ["study", "id", "t1", "t2", "effect", "se", "rob"]


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_frames_of_any_library(library: str) -> None:
    pytest.importorskip(library)
    whole = network()
    for columns in (to_netmeta(whole), to_gemtc(whole).data, to_cinema(whole, RATINGS)):
        frame = frame_of(columns, library)
        if "treatment" in columns:
            names = frame_of(to_gemtc(whole).treatments, library)
            same(read_exchange(frame, "OR", treatments=names).read.network, whole)
        else:
            same(read_exchange(frame, "OR").read.network, whole)
    assert len(pairwise(frame_of(ARMS, library)).study) == 10


def test_ratings_come_back() -> None:
    found = read_exchange(to_cinema_arms(ARMS, RATINGS, {**RATINGS, "Oak": 1}))
    assert found.risk_of_bias == RATINGS
    assert found.indirectness == {**RATINGS, "Oak": 1}
    rob: list[object] = [" High ", "low", "low", "low", *"MMMMMM"]
    words = to_cinema(network()) | {"rob": rob}
    assert read_exchange(words).risk_of_bias == {"Hart 2010": 3, "Mill": 1, "Oak": 2}
    assert read_exchange(to_netmeta(network())).risk_of_bias == {}


@pytest.mark.parametrize(
    "rob",
    [["4"] + [1] * 9, [1] * 9 + [3], ["perhaps"] * 10, [1.5] * 10],
    ids=["unknown", "two", "word", "between"],
)
def test_ratings_that_are_not_clear(rob: list[Any]) -> None:
    with pytest.raises(DataError, match="NET054"):
        read_exchange(to_cinema(network()) | {"rob": rob})


def test_ratings_that_lack() -> None:
    wrong: Any
    for wrong in ([1], {"Hart 2010": True, "Mill": 1, "Oak": 1}):
        with pytest.raises(DataError, match="NET054"):
            to_cinema(network(), wrong)
    for ratings in ({"Hart 2010": 1}, {**RATINGS, "Oak": 4}, {}):
        with pytest.raises(DataError, match="NET054"):
            to_cinema(network(), ratings)
        with pytest.raises(DataError, match="NET054"):
            to_cinema_arms(ARMS, RATINGS, ratings)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("rest", 0.5, 0.2), ("yoga", 0.7, 0.2)], "0 rows without diff"),
        ([("rest", None, 0.2), ("yoga", None, 0.2)], "2 rows without diff"),
        ([("rest", None, None), ("yoga", 1, 0.2), ("run", 2, 0.3)], "3 arms, no std.err"),
        ([("rest", "less", None), ("yoga", 1, 0.2)], "diff of rest is 'less'"),
    ],
)
def test_relative_effects_without_a_baseline(rows: list[Any], found: str) -> None:
    rows = [("Good", "rest", None, None), ("Good", "yoga", -1.0, 0.5)] + [("Bad", *r) for r in rows]
    data = {
        n: [r[i] for r in rows] for i, n in enumerate(("study", "treatment", "diff", "std.err"))
    }
    read = read_exchange(data, "MD").read
    assert read.network.studies == ("Good",)
    assert [e.study for e in read.excluded] == ["Bad"]
    assert read.diagnostics[0].code == "NET053"
    assert found in read.diagnostics[0].found


def test_relative_effects_as_text_and_without_names() -> None:
    data: dict[str, list[Any]] = {
        "study": ["Hart", "Hart", "Mill", "Mill", "Oak"],
        "treatment": ["rest", "yoga", "rest", None, "rest"],
        "diff": ["NA", "-1.5", "", 1, ""],
        "std.err": ["NA", "0.5", "", 1, ""],
    }
    read = read_exchange(data, "MD").read
    assert fit_network(read.network).effect("yoga", "rest").estimate == pytest.approx(-1.5)
    assert [d.code for d in read.diagnostics] == ["NET023", "NET024"]


def test_relative_effects_that_no_arms_could_have() -> None:
    """The baseline's own variance cannot be above that of a difference with it."""
    data: dict[str, list[Any]] = {
        "study": ["Bad"] * 3,
        "treatment": ["rest", "yoga", "run"],
        "diff": [None, 1.0, 2.0],
        "std.err": [0.9, 0.2, 0.3],
    }
    read = read_exchange(data, "MD").read
    assert [e.study for e in read.excluded] == ["Bad"]
    assert read.diagnostics[0].code in ("NET001", "NET006")


def test_tables_that_are_none() -> None:
    for write in (to_cinema_arms, to_gemtc_arms):
        with pytest.raises(DataError, match="NET020"):
            write({"study": ["a"], "n": [3]})
        with pytest.raises(DataError, match="NET020"):
            write(ARMS, columns={"events": "deaths"})
    with pytest.raises(DataError, match="NET020"):
        read_exchange({"study": ["a"], "n": [3]})
    with pytest.raises(DataError, match="NET020"):
        read_exchange(to_gemtc(network()).data, treatments={"id": ["rest"]})
    renamed = {
        "trial": ARMS["study"],
        "a": ARMS["treatment"],
        "dead": ARMS["events"],
        "n": ARMS["n"],
    }
    written = to_gemtc_arms(renamed, columns={"treatment": "a", "events": "dead"})
    assert written.data == to_gemtc_arms(ARMS).data
