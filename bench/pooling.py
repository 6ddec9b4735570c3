"""Pooling, one fit and very many: Osler beside metafor, pimeta and PyMARE."""

from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

from bench.timing import Race, Work
from osler.core.arrays import Floats
from osler.synthesis import synthesise, synthesise_many
from osler.synthesis.groups import Runs, synthesise_runs

SIZES = (10, 30, 100, 1000, 3000, 10_000)
STUDIES, GROUPS, LOOP = 30, 10_000, 200
HUGE = 1_000_000


def studies(k: int, groups: int = 1) -> tuple[Floats, Floats]:
    """Meta-analyses of k studies, the same on every run."""
    rng = np.random.default_rng(20)
    v = rng.uniform(0.01, 0.5, (k, groups))
    return rng.normal(0.3, np.sqrt(v + 0.1)), v


def races(scratch: Path) -> list[Race]:
    """REML with a Hartung-Knapp interval throughout."""
    return [*(_single(k, scratch) for k in SIZES), _loop(scratch), _together(), *_groups()]


def _single(k: int, scratch: Path) -> Race:
    y, v = (values[:, 0] for values in studies(k))
    labels = [str(i) for i in range(k)]
    np.savetxt(
        scratch / f"one{k}.csv", np.c_[y, v], delimiter=",", header="y,v", comments="", fmt="%.17g"
    )
    work: dict[str, Work] = {
        "osler": partial(synthesise, labels, y.tolist(), v.tolist(), ci_method="HKSJ"),
        "PyMARE": partial(_pymare, y[:, None], v[:, None]),
    }
    if k <= 1000:
        work["pimeta"] = partial(_pimeta, y, v)
    many = 20 if k <= 100 else 1
    return Race(
        f"REML + HKSJ, k = {k:,}",
        work,
        r=f"for (i in 1:{many}) rma(y, v, data = one{k}, test = 'knha')" if k <= 1000 else "",
        r_fits=many,
        slow=("metafor",) if k >= 1000 else (),
    )


def _loop(scratch: Path) -> Race:
    y, v = studies(STUDIES, LOOP)
    labels = [str(i) for i in range(STUDIES)]
    for name, values in (("loopy", y), ("loopv", v)):
        np.savetxt(
            scratch / f"{name}.csv",
            values,
            delimiter=",",
            header=",".join(f"c{i}" for i in range(LOOP)),
            comments="",
            fmt="%.17g",
        )
    columns = [(y[:, i], v[:, i]) for i in range(LOOP)]

    def osler() -> None:
        for a, b in columns:
            synthesise(labels, a.tolist(), b.tolist(), ci_method="HKSJ")

    def pymare() -> None:
        for a, b in columns:
            _pymare(a[:, None], b[:, None])

    def pimeta() -> None:
        for a, b in columns:
            _pimeta(a, b)

    # Fisher scoring does not converge on every one; that costs it no more time.
    r = f"for (i in 1:{LOOP}) try(rma(loopy[, i], loopv[, i], test = 'knha'), silent = TRUE)"
    work: dict[str, Work] = {"osler": osler, "pimeta": pimeta, "PyMARE": pymare}
    return Race(f"{LOOP} fits in a loop, k = {STUDIES}", work, LOOP, r, LOOP, slow=("metafor",))


def _together() -> Race:
    y, v = studies(STUDIES, GROUPS)
    work: dict[str, Work] = {
        "osler": partial(synthesise_many, y, v, ci_method="HKSJ"),
        "PyMARE": partial(_pymare, y, v),
    }
    return Race(f"{GROUPS:,} fits at once, k = {STUDIES}", work, GROUPS)


def _groups() -> list[Race]:
    """From arrays in memory; `bench.files` does the same from file to file."""
    out = []
    for what, sizes in (("10", (10, 11)), ("3 to 17", (3, 18))):
        rng = np.random.default_rng(21)
        lengths = rng.integers(*sizes, 100_000)
        y, v = (values[:, 0] for values in studies(int(lengths.sum())))
        runs = Runs.of_ends(np.cumsum(lengths))
        work: dict[str, Work] = {"osler": partial(synthesise_runs, y, v, runs, ci_method="HKSJ")}
        out.append(Race(f"100,000 groups of {what}", work, 100_000))
    return out


def _pimeta(y: Floats, v: Floats) -> object:
    return import_module("pimeta").rma(y, v, method="REML", test="knha")


def _pymare(y: Floats, v: Floats) -> object:
    estimators = import_module("pymare.estimators")
    estimator = estimators.VarianceBasedLikelihoodEstimator(method="REML")
    return estimator.fit(y=y, v=v, X=np.ones((y.shape[0], 1)))
