"""Networks to draw: of any size from a seed, and one of four treatments."""

from functools import cache

import numpy as np

from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.data import Network
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.ranking import Ranking, rank

_LONG = (
    *("Placebo", "Usual care", "Gabapentin 900 mg daily", "Epidural steroid injection"),
    *("NSAID", "Exercise with manual therapy", "Pregabalin", "Surgery (microdiscectomy)"),
    *("Advice", "Traction", "Opioid", "Acupuncture and NSAID", "Spinal manipulation"),
    *("Corticosteroid by mouth", "Benzodiazepine", "Antidepressant (duloxetine)"),
)


def names_of(n: int) -> list[str]:
    return [_LONG[i] if i < len(_LONG) else f"Treatment number {i + 1}" for i in range(n)]


@cache
def made(n: int, seed: int = 1) -> Network:
    """A connected network of ``n`` treatments; some studies have three or four arms."""
    rng = np.random.default_rng(seed)
    names, truth = names_of(n), rng.normal(0, 0.4, n)
    designs = [(0 if i < 0.6 * n else int(rng.integers(i)), i) for i in range(1, n)]
    for _ in range(n // 2):
        designs.append(tuple(rng.choice(n, 2, replace=False).tolist()))
    designs.append((0, 1, n - 1))
    designs += [tuple(rng.choice(n, 3, replace=False).tolist()) for _ in range(n // 12)]
    rows = []
    for i, design in enumerate(d for d in designs for _ in range(int(rng.integers(1, 5)))):
        mean = truth[list(design)] + rng.normal(0, 0.25, len(design))
        var = rng.uniform(0.01, 0.08, len(design))
        for a in range(len(design)):
            for b in range(a):
                pair = (names[design[a]], names[design[b]])
                rows.append((f"Study {i + 1}", *pair, mean[a] - mean[b], var[a] + var[b]))
    study, treat, against, y, v = zip(*rows, strict=True)
    return network_of(study, treat, against, np.array(y), np.array(v))


@cache
def fitted(n: int, seed: int = 1, measure: str = "OR") -> NetworkSynthesis:
    return fit_network(made(n, seed), reference="Placebo", measure=measure, tau2_method="DL")


@cache
def rank_of(n: int, seed: int = 1) -> Ranking:
    return rank(fitted(n, seed), better="lower", draws=500)


def judged(n: int) -> dict[str, str]:
    """Risk of bias of each study, by turns."""
    kinds = ("low", "some concerns", "high", "low")
    return {name: kinds[i % 4] for i, name in enumerate(made(n).studies)}
