"""Against irrCAC 1.0 (its README prints these tables with the results)."""

import math

import numpy as np
import pytest

from osler.records.model import Decision, Stage, Verdict
from osler.records.screening.agreement import agreement, cohen_kappa, pairwise, votes_of, wilson

# irrCAC's cont3x3abstractors and cac.raw4raters, the second from Krippendorff.
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
FOUR_RATERS = """
1 1 . 1 | 2 2 3 2 | 3 3 3 3 | 3 3 3 3 | 2 2 2 2 | 1 2 3 4
4 4 4 4 | 1 1 2 1 | 2 2 2 2 | . 5 5 5 | . . 1 1 | . . 3 .
"""


def rows_of(table: list[list[int]]) -> list[dict[str, str]]:
    return [
        {"one": str(i), "two": str(j)}
        for i, row in enumerate(table)
        for j, count in enumerate(row)
        for _ in range(count)
    ]


def four_raters() -> list[dict[str, str]]:
    units = FOUR_RATERS.strip().replace("\n", " | ").split("|")
    return [
        {f"rater {k}": vote for k, vote in enumerate(unit.split()) if vote != "."} for unit in units
    ]


def decision(record: str, who: str, verdict: Verdict, role: str = "reviewer") -> Decision:
    return Decision(record, Stage.TITLE_ABSTRACT, verdict, who, "2026-01-05T10:00:00Z", role=role)


def test_kappa_of_two_abstractors_equals_irrcac() -> None:
    kappa = agreement(rows_of(ABSTRACTORS)).kappa
    assert kappa.estimate == pytest.approx(0.7964094, abs=5e-8)
    assert kappa.se == pytest.approx(0.05891072, abs=5e-9)
    assert kappa.ci_lower == pytest.approx(0.68, abs=6e-4)
    assert kappa.ci_upper == pytest.approx(0.913, abs=6e-4)


def test_ac1_of_two_abstractors_equals_irrcac() -> None:
    ac1 = agreement(rows_of(ABSTRACTORS)).ac1
    assert ac1.estimate == pytest.approx(0.8493305, abs=5e-8)
    assert ac1.se is not None
    # gwet.ac1.table divides by n, gwet.ac1.raw (which is followed here) by n - 1.
    assert ac1.se * math.sqrt(99 / 100) == pytest.approx(0.04321747, abs=5e-9)


def test_percent_of_two_abstractors_equals_irrcac() -> None:
    percent = agreement(rows_of(ABSTRACTORS)).percent
    assert percent.estimate == pytest.approx(0.89)
    assert percent.se == pytest.approx(0.03128898, abs=5e-9)


def test_four_raters_with_gaps_equal_irrcac() -> None:
    told = agreement(four_raters())
    assert told.percent.estimate == pytest.approx(0.8181818, abs=5e-8)
    assert told.percent.se == pytest.approx(0.12561, abs=5e-6)
    assert told.ac1.estimate == pytest.approx(0.77544, abs=5e-6)
    assert told.ac1.se == pytest.approx(0.14295, abs=5e-6)
    assert told.ac1.ci_lower == pytest.approx(0.461, abs=5e-4)
    assert told.ac1.ci_upper == 1.0
    assert told.kappa.estimate == pytest.approx(0.76117, abs=5e-6)
    assert told.kappa.se == pytest.approx(0.15302, abs=5e-6)
    assert told.kappa.ci_lower == pytest.approx(0.424, abs=5e-4)
    assert told.records == 11


def test_cohen_1960_paradox_high_agreement_low_kappa() -> None:
    # Feinstein & Cicchetti (1990), J Clin Epidemiol 43, 543-549: 85 % agreement, kappa 0.70 and
    # 0.32 by the balance of the margins alone.
    assert cohen_kappa(np.array([[40.0, 9.0], [6.0, 45.0]])).estimate == pytest.approx(
        0.70, abs=5e-3
    )
    assert cohen_kappa(np.array([[80.0, 10.0], [5.0, 5.0]])).estimate == pytest.approx(
        0.32, abs=5e-3
    )


def test_wilson_equals_newcombe_1998() -> None:
    # Newcombe (1998), Stat Med 17, 857-872, table I: 81/263, 15/148, 0/20, 1/29.
    expected = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605)}
    expected |= {(0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
    for (hits, n), (lower, upper) in expected.items():
        assert wilson(hits / n, n) == pytest.approx((lower, upper), abs=5e-5)


def test_perfect_agreement_has_no_interval_of_width_nought() -> None:
    told = agreement([{"one": v, "two": v} for v in ["include"] * 3 + ["exclude"] * 17])
    for each in (told.percent, told.kappa, told.ac1):
        assert each.estimate == pytest.approx(1.0)
        assert each.ci_lower is not None
        assert each.ci_lower < 0.9


def test_kappa_of_one_category_is_not_defined_and_ac1_is() -> None:
    told = agreement([{"one": "exclude", "two": "exclude"}] * 9)
    assert told.kappa.estimate is None
    assert told.ac1.estimate == pytest.approx(1.0)


@pytest.mark.parametrize("rows", [[], [{"one": "include"}], [{}]])
def test_nothing_seen_by_two_gives_no_numbers(rows: list[dict[str, str]]) -> None:
    told = agreement(rows)
    assert told.records == 0
    assert (told.percent.estimate, told.kappa.estimate, told.ac1.estimate) == (None, None, None)


def test_one_shared_record_gives_estimates_without_error() -> None:
    told = agreement([{"one": "include", "two": "exclude"}])
    assert told.percent.estimate == 0.0
    assert told.ac1.se is None


def test_pairs_are_those_who_share_a_record() -> None:
    rows = [{"one": "a", "two": "a"}, {"two": "a", "three": "b"}]
    assert {pair: told.percent.estimate for pair, told in pairwise(rows).items()} == {
        ("one", "two"): 1.0,
        ("three", "two"): 0.0,
    }


def test_consensus_is_no_vote_and_imports_neither() -> None:
    told = votes_of(
        [
            decision("a", "one", Verdict.INCLUDE),
            decision("a", "two", Verdict.EXCLUDE),
            decision("a", "both", Verdict.INCLUDE, role="consensus"),
            decision("a", "old", Verdict.INCLUDE, role="imported"),
        ]
    )
    assert told == {"a": {"one": "include", "two": "exclude"}}


def test_maybe_may_be_kept_apart() -> None:
    told = [decision("a", "one", Verdict.MAYBE)]
    assert votes_of(told) == {"a": {"one": "include"}}
    assert votes_of(told, maybe_is_include=False) == {"a": {"one": "maybe"}}
