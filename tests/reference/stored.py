"""The reference values beside this file; ``make reference`` makes them anew."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from osler.effects import Counts, Moments
from osler.synthesis import Synthesis, synthesise

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in (HERE / "metafor").glob("*.json")))
TAU2_METHODS = ("DL", "PM", "REML")
# Osler's interval method, and the ``test=`` of metafor that gives its interval and its
# prediction interval. After test="z" metafor predicts by the normal distribution, which
# Osler never does: its prediction beside a Wald interval is the one of test="t".
INTERVALS = {"Wald": ("z", "t"), "HKSJ": ("knha", "knha"), "HKSJ-adhoc": ("adhoc", "adhoc")}


def stored(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Reference:
    name: str
    values: dict[str, Any]

    @property
    def pooled(self) -> list[dict[str, Any]]:
        return [study for study in self.values["studies"] if study["estimate"] is not None]

    def fit(self, tau2_method: str, ci_method: str) -> Synthesis:
        return synthesise(
            [str(i) for i in range(len(self.pooled))],
            [study["estimate"] for study in self.pooled],
            [study["variance"] for study in self.pooled],
            tau2_method=tau2_method,
            ci_method=ci_method,
        )


def reference(name: str) -> Reference:
    return Reference(name, stored(f"metafor/{name}"))


def arms_of(study: dict[str, Any]) -> tuple[Counts, Counts] | tuple[Moments, Moments]:
    arms = study["arms"]
    if "e1" in arms:
        return Counts(arms["e1"], arms["n1"]), Counts(arms["e2"], arms["n2"])
    return (
        Moments(arms["m1"], arms["sd1"], arms["n1"]),
        Moments(arms["m2"], arms["sd2"], arms["n2"]),
    )


def close(got: float, expected: float, rtol: float = 1e-8, atol: float = 1e-14) -> None:
    """Assert that two numbers agree, and show both where they do not."""
    assert np.isclose(got, expected, rtol=rtol, atol=atol), f"{got!r} is not {expected!r}"
