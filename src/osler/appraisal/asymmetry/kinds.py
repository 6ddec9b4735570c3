"""The regression tests by name: what is regressed on what, with which weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from osler.appraisal.asymmetry import problems
from osler.appraisal.asymmetry.studies import (
    COUNTS,
    SIZES,
    Arms,
    StudyNumbers,
    arm_numbers,
    sample_sizes,
)
from osler.core.arrays import Floats
from osler.core.studies import StudyEstimates

PREDICTORS = ("se", "variance", "n", "1/n", "sqrt(n)", "1/sqrt(n)")


@dataclass(frozen=True, slots=True)
class Regressed:
    """Outcome, its variance and the predictor, each of shape (k,)."""

    y: Floats
    v: Floats
    x: Floats
    outcome: str
    predictor: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a test may draw on."""

    effects: StudyEstimates
    studies: StudyNumbers
    arms: Arms | None
    n: ArrayLike | None
    predictor: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A regression test: its name for a reader, its usual model and where it is from."""

    title: str
    model: str
    tau2_method: str
    source: str
    regressed: Callable[[Given], Regressed]


def _egger(given: Given) -> Regressed:
    s = given.studies
    name = given.predictor or "se"
    return Regressed(s.y, s.v, _predictor(given, name), "estimate", name)


def _predictor(given: Given, name: str) -> Floats:
    if name not in PREDICTORS:
        raise problems.unknown_choice("predictor", name, PREDICTORS)
    if name in ("se", "variance"):
        return given.studies.se if name == "se" else given.studies.v
    n = sample_sizes(given.effects, given.arms, given.n, f"the predictor {name}")
    powers = {"n": 1.0, "1/n": -1.0, "sqrt(n)": 0.5, "1/sqrt(n)": -0.5}
    return np.asarray(n ** powers[name])


def _by_events(given: Given, what: str, predictor: Callable[[Floats], Floats]) -> Regressed:
    """Weights S F / N: the variance of the log odds ratio if both arms had one risk."""
    c = arm_numbers(given.effects, given.arms, COUNTS, what)
    n = c["n_treated"] + c["n_control"]
    events = c["events_treated"] + c["events_control"]
    informative = (events > 0) & (events < n)
    for i in np.flatnonzero(~informative):
        raise problems.unusable_arm_number(
            given.studies.labels[i], f"{events[i]:g} events among {n[i]:g}, so no weight"
        )
    v = n / (events * (n - events))
    name = given.predictor or ("1/n" if what == "Peters' test" else "n")
    x = predictor(n) if given.predictor is None else _predictor(given, name)
    return Regressed(given.studies.y, v, x, "estimate", name)


def _peters(given: Given) -> Regressed:
    return _by_events(given, "Peters' test", lambda n: 1.0 / n)


def _macaskill(given: Given) -> Regressed:
    return _by_events(given, "Macaskill's test", lambda n: n)


def _harbord(given: Given) -> Regressed:
    c = arm_numbers(given.effects, given.arms, COUNTS, "Harbord's test")
    n1, n0 = c["n_treated"], c["n_control"]
    n, events = n1 + n0, c["events_treated"] + c["events_control"]
    score = c["events_treated"] - events * n1 / n
    with np.errstate(divide="ignore", invalid="ignore"):
        information = n1 * n0 * events * (n - events) / (n * n * (n - 1.0))
    for i in np.flatnonzero(~(information > 0)):
        raise problems.unusable_arm_number(
            given.studies.labels[i], "no events, or nobody without: the score says nothing"
        )
    v = 1.0 / information
    return Regressed(score * v, v, np.sqrt(v), "score / information", "1/sqrt(information)")


def _deeks(given: Given) -> Regressed:
    a = arm_numbers(given.effects, given.arms, SIZES, "Deeks' test")
    effective = 4.0 * a["n_treated"] * a["n_control"] / (a["n_treated"] + a["n_control"])
    v = 1.0 / effective
    return Regressed(given.studies.y, v, np.sqrt(v), "estimate", "1/sqrt(effective n)")


def _pustejovsky_rodgers(given: Given) -> Regressed:
    a = arm_numbers(given.effects, given.arms, SIZES, "the test of Pustejovsky and Rodgers")
    v = 1.0 / a["n_treated"] + 1.0 / a["n_control"]
    return Regressed(given.studies.y, v, np.sqrt(v), "estimate", "sqrt(1/n1 + 1/n2)")


def _arcsine(given: Given) -> Regressed:
    c = arm_numbers(given.effects, given.arms, COUNTS, "the arcsine test")
    n1, n0 = c["n_treated"], c["n_control"]
    y = np.arcsin(np.sqrt(c["events_treated"] / n1)) - np.arcsin(np.sqrt(c["events_control"] / n0))
    v = 0.25 / n1 + 0.25 / n0
    return Regressed(y, v, np.sqrt(v), "arcsine difference", "se")


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "egger": Kind(
            "Egger's test",
            "multiplicative",
            "",
            "Egger et al. (1997) BMJ 315, 629-634; Sterne & Egger (2005)",
            _egger,
        ),
        "thompson-sharp": Kind(
            "Thompson and Sharp's test",
            "additive",
            "DL",
            "Thompson & Sharp (1999) Stat Med 18, 2693-2708, method 3a",
            _egger,
        ),
        "peters": Kind(
            "Peters' test",
            "multiplicative",
            "",
            "Peters et al. (2006) JAMA 295, 676-680",
            _peters,
        ),
        "macaskill": Kind(
            "Macaskill's test",
            "multiplicative",
            "",
            "Macaskill, Walter & Irwig (2001) Stat Med 20, 641-654, pooled variance",
            _macaskill,
        ),
        "harbord": Kind(
            "Harbord's test",
            "multiplicative",
            "",
            "Harbord, Egger & Sterne (2006) Stat Med 25, 3443-3457",
            _harbord,
        ),
        "deeks": Kind(
            "Deeks' test",
            "multiplicative",
            "",
            "Deeks, Macaskill & Irwig (2005) J Clin Epidemiol 58, 882-893",
            _deeks,
        ),
        "pustejovsky-rodgers": Kind(
            "Pustejovsky and Rodgers' test",
            "multiplicative",
            "",
            "Pustejovsky & Rodgers (2019) Res Synth Methods 10, 57-71",
            _pustejovsky_rodgers,
        ),
        "arcsine": Kind(
            "Rücker's arcsine test",
            "multiplicative",
            "",
            "Rücker, Schwarzer & Carpenter (2008) Stat Med 27, 746-763",
            _arcsine,
        ),
    }
)
"""Every regression test; `asymmetry_test` takes one by name."""
