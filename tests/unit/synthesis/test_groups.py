"""Many groups of a long table give what each gives by itself."""

from dataclasses import fields

import numpy as np

from osler.core.arrays import Floats
from osler.synthesis import synthesise_many
from osler.synthesis.batch import Names, SynthesisBatch
from osler.synthesis.groups import Runs, synthesise_runs

NUMBERS = [f.name for f in fields(SynthesisBatch) if f.type is not Names]


def ragged(groups: int = 300) -> tuple[Floats, Floats, Runs]:
    rng = np.random.default_rng(4)
    lengths = rng.choice([1, 2, 3, 9, 16, 17, 18, 33, 40], groups)
    v = rng.uniform(0.01, 0.5, lengths.sum())
    return rng.normal(0.3, np.sqrt(v + 0.1)), v, Runs.of_ends(np.cumsum(lengths))


def test_every_group_comes_out_as_if_it_were_alone() -> None:
    y, v, runs = ragged()
    found = synthesise_runs(y, v, runs, workers=2)
    for group in range(0, 300, 7):
        rows = slice(runs.starts[group], runs.starts[group] + runs.lengths[group])
        alone = synthesise_many(y[rows, None], v[rows, None])
        for name in NUMBERS:
            got, expected = getattr(found.pooled, name)[group], getattr(alone, name)[0]
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        assert found.pooled.ci_method[group] == alone.ci_method[0]


def test_the_number_of_workers_changes_nothing() -> None:
    y, v, runs = ragged()
    one, four = (synthesise_runs(y, v, runs, workers=n).pooled for n in (1, 4))
    for f in fields(SynthesisBatch):
        np.testing.assert_array_equal(getattr(one, f.name), getattr(four, f.name))


def test_methods_are_passed_on() -> None:
    y, v, runs = ragged(20)
    found = synthesise_runs(y, v, runs, tau2_method="DL", ci_method="Wald")
    assert set(found.pooled.ci_method) == {"Wald"}


def test_what_cannot_be_pooled_is_said_and_harms_no_other() -> None:
    y = np.array([0.1, 0.2, np.nan, 0.3, np.nan, 0.5, 0.6, 0.7])
    v = np.array([0.1, 0.1, np.nan, -1.0, np.nan, 0.1, 0.1, np.nan])
    found = synthesise_runs(y, v, Runs.of_ends([2, 4, 5, 7, 8]))
    assert found.problems == {
        1: "a variance is not above 0: row 2 of the group: variance -1",
        2: "no row has both an estimate and a variance",
        4: "an estimate or a variance is not a finite number: row 1 of the group: "
        "estimate 0.7, variance nan",
    }
    assert found.left_out.tolist() == [0, 1, 1, 0, 0]
    assert np.isnan(found.pooled.estimate).tolist() == [False, True, True, False, True]
    assert found.pooled.ci_method[1] == ""
