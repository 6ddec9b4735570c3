"""The same question where events are rare: odds ratios from counts.

``python -m validation rare_events`` writes ``rare_events.json``. Arms of 50 to 250 people; the
control group's log odds vary between studies (SD 0.5), the log odds ratio with SD tau. Methods
that go without 1/2 added, beside the one that adds it.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit

from osler import DataError, estimate_effects, pool_counts, synthesise
from validation.coverage import rounded

FILE = Path(__file__).parent / "rare_events.json"
SEED = 19_850_401
REPLICATIONS = 400
STUDIES = (5, 15)
CONTROL_RISKS = (0.01, 0.05)
ODDS_RATIOS = (1.0, 0.5)
TAU = (0.0, 0.5)
SPREAD_OF_RISKS = 0.5
SMALLEST_ARM, LARGEST_ARM = 50, 250
COUNTED = ("MH", "Peto", "GLMM-CM.EL", "beta-binomial")
WEIGHED = (("inverse variance, Wald", "Wald"), ("inverse variance, auto", "auto"))
Table = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One cell of the grid."""

    k: int
    control_risk: float
    odds_ratio: float
    tau: float


def settings() -> Iterator[Setting]:
    """The whole grid, in the order in which it is written."""
    for k in STUDIES:
        for risk in CONTROL_RISKS:
            for ratio in ODDS_RATIOS:
                for tau in TAU:
                    yield Setting(k, risk, ratio, tau)


def tables(setting: Setting) -> Iterator[Table]:
    """Simulated reviews; one without any event is drawn again."""
    place = [setting.k, *(round(1000 * x) for x in (setting.control_risk, setting.odds_ratio))]
    rng = np.random.default_rng([SEED, *place, round(1000 * setting.tau)])
    made = 0
    while made < REPLICATIONS:
        n = rng.integers(SMALLEST_ARM, LARGEST_ARM + 1, setting.k)
        base = rng.normal(logit(setting.control_risk), SPREAD_OF_RISKS, setting.k)
        effect = rng.normal(math.log(setting.odds_ratio), setting.tau, setting.k)
        treated = rng.binomial(n, expit(base + effect))
        control = rng.binomial(n, expit(base))
        if not treated.any() or not control.any():
            continue
        made += 1
        yield {
            "study": [str(i) for i in range(setting.k)],
            "ai": treated.tolist(),
            "n1i": n.tolist(),
            "ci": control.tolist(),
            "n2i": n.tolist(),
        }


def intervals(table: Table) -> dict[str, tuple[float, float, float] | None]:
    """Estimate and limits by every method; None where a method gives none."""
    out: dict[str, tuple[float, float, float] | None] = {}
    for method in COUNTED:
        try:
            fit = pool_counts(table, measure="OR", method=method).pooled
        except DataError:
            out[method] = None
        else:
            out[method] = (fit.estimate, fit.ci_lower, fit.ci_upper)
    effects = estimate_effects(table, "OR", zero_cells="metafor")
    for name, interval in WEIGHED:
        pooled = synthesise(
            effects.studies, effects.estimates, effects.variances, ci_method=interval
        ).random
        out[name] = (pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    return out


def simulated(setting: Setting) -> dict[str, Any]:
    """Coverage of the true mean, median error and failures of every method."""
    true = math.log(setting.odds_ratio)
    found = [intervals(table) for table in tables(setting)]
    methods = {}
    for method in (*COUNTED, *(name for name, _ in WEIGHED)):
        usable = [x for one in found if (x := one[method]) and all(map(math.isfinite, x))]
        methods[method] = {
            "coverage": float(np.mean([low <= true <= high for _, low, high in usable])),
            "median_error": float(np.median([middle - true for middle, _, _ in usable])),
            "without": 1 - len(usable) / len(found),
        }
    return {
        "k": setting.k,
        "control_risk": setting.control_risk,
        "odds_ratio": setting.odds_ratio,
        "tau": setting.tau,
        "methods": methods,
    }


def run() -> Path:
    """Simulate the grid and write it."""
    cells = [rounded(simulated(setting)) for setting in settings()]
    value = {"seed": SEED, "replications": REPLICATIONS, "cells": cells}
    FILE.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return FILE
