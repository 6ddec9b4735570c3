"""How often intervals hold what they should, and how far estimates of tau2 are off.

``python -m validation coverage`` writes ``coverage.json`` beside this file. True effects are
normal about a mean of 0 with variance tau2, estimates normal about them with the variance of a
standardised mean difference between two arms of equal size, 4 / n. The sizes of studies are
either log-normal (median 100 participants, one in six above 220) or small and alike but for one
that is ten times as large. Tau2 is such that I2 is 0 to 90 % at the typical variance of the
sizes.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr

from osler import SynthesisBatch, synthesise_many
from osler.core.arrays import Floats

FILE = Path(__file__).parent / "coverage.json"
SEED = 20_140_218
REPLICATIONS = 10_000
# Likelihood intervals are searched for one by one.
LIKELIHOOD_REPLICATIONS = 2_000
STUDIES = (3, 5, 10, 20, 50)
I2 = (0.0, 0.25, 0.5, 0.75, 0.9)
SIZES = ("log-normal", "one large")
MEDIAN_SIZE, SPREAD_OF_SIZES = 100.0, 0.8
SMALL_SIZE, TIMES_AS_LARGE = 60.0, 10.0

# (name, tau2 method, interval); the first is what most reviews have used.
INTERVALS = (
    ("Wald, DL", "DL", "Wald"),
    ("Wald", "REML", "Wald"),
    ("t", "REML", "t"),
    ("HKSJ", "REML", "HKSJ"),
    ("HKSJ-adhoc", "REML", "HKSJ-adhoc"),
    ("HKSJ-hybrid", "REML", "HKSJ-hybrid"),
    ("auto", "REML", "auto"),
    ("KR", "REML", "KR"),
    ("PL", "ML", "PL"),
)
# (name, interval of the mean, prediction)
PREDICTIONS = (
    ("S", "Wald", "S"),
    ("V", "Wald", "V"),
    ("HTS", "Wald", "HTS"),
    ("HK", "HKSJ", "HK"),
    ("HK-PR", "HKSJ", "HK-PR"),
    ("KR", "KR", "KR"),
)
TAU2 = ("DL", "REML", "ML", "PM", "EB", "HE", "HS", "SJ")


@dataclass(frozen=True, slots=True)
class Setting:
    """One cell of the grid."""

    sizes: str
    k: int
    i2: float

    @property
    def typical_variance(self) -> float:
        """4 over the mean size: what the sizes have in place of one variance."""
        if self.sizes == "one large":
            mean = SMALL_SIZE * (self.k - 1 + TIMES_AS_LARGE) / self.k
        else:
            mean = MEDIAN_SIZE * math.exp(SPREAD_OF_SIZES**2 / 2)
        return 4 / mean

    @property
    def tau2(self) -> float:
        """Variance of the true effects that gives the I2 asked for."""
        return self.typical_variance * self.i2 / (1 - self.i2)


def settings() -> Iterator[Setting]:
    """The whole grid, in the order in which it is written."""
    for sizes in SIZES:
        for k in STUDIES:
            for i2 in I2:
                yield Setting(sizes, k, i2)


def draws(setting: Setting, count: int) -> tuple[Floats, Floats]:
    """Estimates and variances, each of shape (k, count); the same for the same setting."""
    place = [SIZES.index(setting.sizes), setting.k, round(100 * setting.i2)]
    rng = np.random.default_rng([SEED, *place])
    shape = (setting.k, count)
    if setting.sizes == "one large":
        n = np.full(shape, SMALL_SIZE)
        n[0] *= TIMES_AS_LARGE
    else:
        n = np.exp(rng.normal(math.log(MEDIAN_SIZE), SPREAD_OF_SIZES, shape))
    v = 4 / n
    return rng.normal(0.0, np.sqrt(setting.tau2 + v)), v


def pooled(
    y: Floats, v: Floats, tau2: str, interval: str, prediction: str = "auto"
) -> SynthesisBatch:
    """Every column pooled, without the interval of tau2."""
    return synthesise_many(
        y, v, tau2_method=tau2, ci_method=interval, pred_method=prediction, tau2_ci_method="none"
    )


def of_mean(y: Floats, v: Floats, tau2: str, interval: str) -> dict[str, float]:
    """Coverage of 0 by the interval of the mean, and its median width."""
    if interval == "PL":
        y, v = y[:, :LIKELIHOOD_REPLICATIONS], v[:, :LIKELIHOOD_REPLICATIONS]
    found = pooled(y, v, tau2, interval)
    lower, upper = found.ci_lower, found.ci_upper
    # Kenward and Roger give no interval below one degree of freedom: that one covers.
    none = np.isnan(lower)
    covers = none | ((lower <= 0) & (upper >= 0))
    out = {"coverage": float(covers.mean()), "width": float(np.nanmedian(upper - lower))}
    return out | ({"without": float(none.mean())} if none.any() else {})


def of_new_effect(
    y: Floats, v: Floats, true_tau2: float, interval: str, prediction: str
) -> dict[str, float]:
    """Share of new true effects inside the prediction interval, averaged over the intervals.

    Given an interval the share is known from the normal distribution of effects, so that no
    new effect needs to be drawn.
    """
    found = pooled(y, v, "REML", interval, prediction)
    lower, upper = found.pred_lower, found.pred_upper
    none = np.isnan(lower)
    if true_tau2 == 0:
        inside = ((lower <= 0) & (upper >= 0)).astype(float)
    else:
        tau = math.sqrt(true_tau2)
        inside = ndtr(upper / tau) - ndtr(lower / tau)
    inside = np.where(none, 1.0, inside)
    out = {"coverage": float(inside.mean()), "width": float(np.nanmedian(upper - lower))}
    return out | ({"without": float(none.mean())} if none.any() else {})


def of_tau2(y: Floats, v: Floats, method: str, setting: Setting) -> dict[str, float]:
    """Bias and root mean squared error, both in units of the typical variance; share of zeros."""
    found = pooled(y, v, method, "Wald").tau2
    off = (found - setting.tau2) / setting.typical_variance
    return {
        "bias": float(off.mean()),
        "rmse": float(np.sqrt((off * off).mean())),
        "zero": float((found == 0).mean()),
    }


def simulated(setting: Setting) -> dict[str, Any]:
    """Everything that is known of one cell of the grid."""
    y, v = draws(setting, REPLICATIONS)
    return {
        "sizes": setting.sizes,
        "k": setting.k,
        "i2": setting.i2,
        "mean": {name: of_mean(y, v, tau2, ci) for name, tau2, ci in INTERVALS},
        "prediction": {
            name: of_new_effect(y, v, setting.tau2, ci, pred) for name, ci, pred in PREDICTIONS
        },
        "tau2": {method: of_tau2(y, v, method, setting) for method in TAU2},
    }


def rounded(value: Any) -> Any:
    """Four decimals: far below what chance leaves uncertain, above what machines disagree on."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def run() -> Path:
    """Simulate the grid and write it."""
    cells = [rounded(simulated(setting)) for setting in settings()]
    value = {
        "seed": SEED,
        "replications": REPLICATIONS,
        "likelihood_replications": LIKELIHOOD_REPLICATIONS,
        "cells": cells,
    }
    FILE.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return FILE
