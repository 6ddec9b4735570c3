import pytest
from scipy.special import comb

from osler.core.diagnostics import DataError
from osler.records.screening.auditing import audit, audited, sample, sample_size


@pytest.mark.parametrize(("pool", "sampled", "found"), [(60, 20, 0), (60, 20, 3), (40, 39, 1)])
def test_bound_is_the_last_number_that_is_not_ruled_out(
    pool: int, sampled: int, found: int
) -> None:
    def at_most(relevant: int) -> float:
        ways = comb(pool, sampled, exact=True)
        return sum(
            comb(relevant, k, exact=True) * comb(pool - relevant, sampled - k, exact=True) / ways
            for k in range(found + 1)
        )

    possible = range(found, pool - (sampled - found) + 1)
    expected = max(relevant for relevant in possible if at_most(relevant) > 0.05)
    assert audit(pool, sampled, found).most == expected


def test_a_whole_pool_is_known() -> None:
    told = audit(50, 50, 3)
    assert (told.most, told.most_missed) == (3, 0)
    assert told.recall(10) == 1.0


def test_no_sample_says_nothing() -> None:
    assert audit(50, 0, 0).most == 50
    assert audit(0, 0, 0).recall(0) == 1.0


def test_sample_size_is_the_smallest() -> None:
    size = sample_size(800, 60)
    assert audit(800, size, 0).recall(60) >= 0.95
    assert audit(800, size - 1, 0).recall(60) < 0.95


def test_sample_is_chance_without_repeats() -> None:
    keys = [f"r{i}" for i in range(50)]
    drawn = sample(keys, 20, seed=1)
    assert len(set(drawn)) == 20 and set(drawn) <= set(keys)
    assert sample(keys, 20, seed=2) != drawn
    assert sorted(sample(keys, 99, seed=1)) == sorted(keys)


def test_answers_are_counted() -> None:
    assert audited([False, True, False], 10) == audit(10, 3, 1)


@pytest.mark.parametrize(("pool", "sampled", "found"), [(5, 6, 0), (5, 3, 4), (5, 3, -1)])
def test_impossible_samples(pool: int, sampled: int, found: int) -> None:
    with pytest.raises(DataError) as raised:
        audit(pool, sampled, found)
    assert raised.value.diagnostics[0].code == "REC055"
