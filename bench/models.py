"""Models beyond one mean: regression, subsets, selection, rare events, three levels."""

import json
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import osler
from bench.timing import Race, Work
from osler.core.arrays import Floats
from osler.synthesis.regression import regress_arrays

REFERENCE = Path(__file__).resolve().parent.parent / "tests" / "reference" / "metafor"
SELECTION = {"step": "stepfun", "beta": "beta", "half-normal": "halfnorm", "logistic": "logistic",
             "power": "power"}  # fmt: skip
GLMM = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")


def races(scratch: Path) -> list[Race]:
    bcg = _bcg(scratch)
    return [
        _two_moderators(30, scratch),
        _two_moderators(100, scratch),
        _two_moderators(3000, scratch),
        _two_moderators(30, scratch, "DL"),
        _all_told(scratch),
        _formula(scratch),
        _influence(100, scratch),
        _influence(1000, scratch),
        _permutation(scratch),
        *_subsets(bcg),
        *_selection(bcg),
        *_rare(scratch),
        _three_levels(333, scratch),
        _three_levels(1000, scratch),
    ]


def _write(scratch: Path, name: str, columns: dict[str, Floats]) -> None:
    values = np.column_stack(list(columns.values()))
    np.savetxt(
        scratch / f"{name}.csv", values, delimiter=",", header=",".join(columns), comments="",
        fmt="%.17g",
    )  # fmt: skip


def _stored(name: str) -> list[dict[str, Any]]:
    found = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))["studies"]
    return [study for study in found if study["estimate"] is not None]


def _bcg(scratch: Path) -> osler.Synthesis:
    studies = _stored("bcg_RR")
    y, v = ([study[key] for study in studies] for key in ("estimate", "variance"))
    _write(scratch, "bcg", {"yi": np.array(y), "vi": np.array(v)})
    return osler.synthesise([str(i) for i in range(len(y))], y, v, measure="RR")


def _with_moderators(k: int) -> dict[str, Floats]:
    rng = np.random.default_rng(24)
    v = rng.uniform(0.01, 0.5, k)
    a, b = rng.normal(size=k), rng.normal(size=k)
    return {"y": rng.normal(0.3 + 0.2 * a, np.sqrt(v + 0.1)), "v": v, "a": a, "b": b}


def _two_moderators(k: int, scratch: Path, method: str = "REML") -> Race:
    data = _with_moderators(k)
    _write(scratch, f"reg{k}", data)
    X = np.column_stack([data["a"], data["b"]])

    def pymare() -> object:
        estimators = import_module("pymare.estimators")
        with_one = np.column_stack([np.ones(k), X])
        estimator = (
            estimators.VarianceBasedLikelihoodEstimator(method="REML")
            if method == "REML"
            else estimators.DerSimonianLaird()
        )
        return estimator.fit(y=data["y"][:, None], v=data["v"][:, None], X=with_one)

    def pimeta() -> object:
        return import_module("pimeta").rma(data["y"], data["v"], mods=X, test="knha", method=method)

    work: dict[str, Work] = {
        "osler": partial(
            regress_arrays,
            data["y"],
            data["v"],
            np.column_stack([np.ones(k), X]),
            names=("1", "a", "b"),
            tau2_method=method,
        ),
        "PyMARE": pymare,
        "pimeta": pimeta,
    }
    fitted = f"rma(y, v, mods = ~ a + b, data = reg{k}, test = 'knha', method = '{method}')"
    # metafor works with k x k matrices: with thousands of studies minutes for one fit.
    r = f"for (i in 1:20) {fitted}" if k < 1000 else ""
    return Race(f"two moderators, {method}, k = {k:,}", work, r=r, r_fits=20)


def _all_told(scratch: Path) -> Race:
    """The same with what is made when it is asked for: tests, fit indices, interval of tau2."""
    data = _with_moderators(30)
    X = np.column_stack([data["a"], data["b"]])
    with_one = np.column_stack([np.ones(30), X])

    def ours() -> object:
        return regress_arrays(data["y"], data["v"], with_one, names=("1", "a", "b")).summary()

    def pimeta() -> object:
        fit = import_module("pimeta").rma(data["y"], data["v"], mods=X, test="knha", method="REML")
        return fit, fit.confint()

    fitted = "fit <- rma(y, v, mods = ~ a + b, data = reg30, test = 'knha')"
    r = f"for (i in 1:20) {{ {fitted}; capture.output(print(summary(fit))); confint(fit) }}"
    work: dict[str, Work] = {"osler": ours, "pimeta": pimeta}
    return Race("two moderators, REML, k = 30, all told", work, r=r, r_fits=20)


def _formula(scratch: Path) -> Race:
    """The same from a formula: what reading it and the table adds."""
    data = _with_moderators(30)
    ours = partial(osler.regress, "a + b", data, estimate="y", variance="v")
    r = "for (i in 1:20) rma(y, v, mods = ~ a + b, data = reg30, test = 'knha')"
    return Race("formula of two moderators, k = 30", {"osler": ours}, r=r, r_fits=20)


def _influence(k: int, scratch: Path) -> Race:
    data = _with_moderators(k)
    _write(scratch, f"reg{k}", data)
    X = np.column_stack([np.ones(k), data["a"], data["b"]])
    fit = regress_arrays(data["y"], data["v"], X, names=("1", "a", "b"))
    fitted = f"rma(y, v, mods = ~ a + b, data = reg{k}, test = 'knha')"
    r = f"influence({fitted})" if k < 1000 else ""
    work: dict[str, Work] = {"osler": fit.influence}
    return Race(f"influence, two moderators, k = {k:,}", work, r=r, slow=("metafor",))


def _permutation(scratch: Path) -> Race:
    data = _with_moderators(30)
    fit = osler.regress("a + b", data, estimate="y", variance="v")

    def ours() -> object:
        return fit.permutation_test(1000, rng=np.random.default_rng(1))

    def pimeta() -> object:
        room = import_module("pimeta")
        X = np.column_stack([data["a"], data["b"]])
        return room.permutest(room.rma(data["y"], data["v"], mods=X, test="knha"), iter=1000)

    fitted = "rma(y, v, mods = ~ a + b, data = reg30, test = 'knha')"
    r = f"permutest({fitted}, iter = 1000, progbar = FALSE)"
    work: dict[str, Work] = {"osler": ours, "pimeta": pimeta}
    return Race("permutation test, 1,000", work, r=r, slow=("metafor", "pimeta"))


def _subsets(bcg: osler.Synthesis) -> list[Race]:
    y, v = np.array(bcg.estimates), np.array(bcg.variances)

    def pimeta() -> object:
        return import_module("pimeta").gosh(y, v)

    few = Race(
        "GOSH, 8,191 subsets, REML",
        {"osler": partial(osler.gosh, bcg), "pimeta": pimeta},
        r="gosh(rma(yi, vi, data = bcg), progbar = FALSE)",
        slow=("metafor", "pimeta"),
    )
    rng = np.random.default_rng(25)
    v = rng.uniform(0.01, 0.5, 20)
    estimates = rng.normal(0.3, np.sqrt(v + 0.1)).tolist()
    twenty = osler.synthesise([str(i) for i in range(20)], estimates, v.tolist())
    all_of_20 = partial(osler.gosh, twenty, subsets=2**20, tau2_method="DL")
    return [few, Race("GOSH, 2^20 subsets, DL", {"osler": all_of_20}, slow=("osler",))]


def _selection(bcg: osler.Synthesis) -> list[Race]:
    y, v = np.array(bcg.estimates), np.array(bcg.variances)

    def pimeta(kind: str) -> object:
        room = import_module("pimeta")
        steps = {"steps": [0.025]} if kind == "stepfun" else {}
        return room.selmodel(room.rma(y, v, method="ML"), kind, alternative="less", **steps)

    out = []
    for kind, name in SELECTION.items():
        steps = ", steps = 0.025" if kind == "step" else ""
        out.append(
            Race(
                f"selection model, {kind}",
                {
                    "osler": partial(osler.selection_model, bcg, kind, alternative="less"),
                    "pimeta": partial(pimeta, name),
                },
                r="selmodel(rma(yi, vi, data = bcg, method = 'ML'), "
                f"type = '{name}', alternative = 'less'{steps})",
                slow=("metafor", "pimeta"),
            )
        )
    return out


def _rare(scratch: Path) -> list[Race]:
    arms = [study["arms"] for study in _stored("bcg_OR")]
    names = {"e1": "events_treated", "n1": "n_treated", "e2": "events_control", "n2": "n_control"}
    _write(scratch, "counts", {name: np.array([arm[name] for arm in arms]) for name in names})
    data = {long: [arm[name] for arm in arms] for name, long in names.items()}
    return [
        Race(
            f"GLMM {model}, 13 studies",
            {"osler": partial(osler.pool_counts, data, method=f"GLMM-{model}")},
            r="rma.glmm(measure = 'OR', ai = e1, n1i = n1, ci = e2, n2i = n2, data = counts, "
            f"model = '{model}')",
            slow=("metafor",),
        )
        for model in GLMM
    ]


def _three_levels(clusters: int, scratch: Path) -> Race:
    rng = np.random.default_rng(26)
    n = 3 * clusters
    v = rng.uniform(0.01, 0.5, n)
    cluster = np.repeat(np.arange(clusters), 3)
    between = rng.normal(0, 0.3, clusters)[cluster]
    y = rng.normal(0.3 + between, np.sqrt(v + 0.05))
    data = {"y": y, "v": v, "cluster": cluster.astype(float), "effect": np.arange(n, dtype=float)}
    _write(scratch, f"levels{n}", data)
    ours = partial(
        osler.multilevel, "1", data, random="~ 1 | cluster/effect", estimate="y", variance="v"
    )
    r = f"rma.mv(y, v, random = ~ 1 | cluster/effect, data = levels{n}, sparse = TRUE)"
    return Race(f"three levels, {n:,} effects", {"osler": ours}, r=r, slow=("metafor",))
