"""Networks: Senn 2013, one of 50 treatments, and one of 300 with its memory."""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bench import timing
from bench.timing import Race
from osler.synthesis.network.contrasts import network_of
from osler.synthesis.network.data import Network, SameArms
from osler.synthesis.network.decomposition import decompose
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.ranking import rank

REFERENCE = Path(__file__).resolve().parent.parent / "tests" / "reference" / "network"
PROGRAMS = ["osler", "metafor", "pimeta"]
MIDDLE = (50, 500)
LARGE = (300, 10_000)
_RUNS = 3
_BUSY_RUNS = 30


def report(scratch: Path) -> str:
    """Races with peers, netmeta beside them where R has it, and the largest network alone."""
    tasks = races(scratch)
    told = timing.table(timing.run(tasks, scratch), PROGRAMS)
    return "\n\n".join([told, _busy(tasks), *_netmeta(scratch), *map(alone, ("DL", "REML"))])


def races(scratch: Path) -> list[Race]:
    """By DL, which all programs have; "whole" has P-scores and the parts of Q as well."""
    out = []
    for name, network in (("Senn 2013", senn()), ("50 treatments, 500 studies", random(*MIDDLE))):
        pairs = _pairs(network)
        stem = name.split()[0]
        _write(scratch / f"net{stem}.csv", network)
        league = Race(
            f"{name}: league",
            {"osler": partial(_league, pairs), "pimeta": partial(_pimeta, pairs, whole=False)},
            r=_rma_mv(f"net{stem}") if network.contrasts < 100 else "",
            slow=("metafor",),
        )
        whole = Race(
            f"{name}: whole",
            {"osler": partial(_whole, pairs), "pimeta": partial(_pimeta, pairs, whole=True)},
            slow=("pimeta",) if network.contrasts > 100 else (),
        )
        out += [league, whole]
    return out


def _busy(tasks: list[Race]) -> str:
    """Osler's processor time, which other programs on the machine disturb less than the clock."""
    lines = ["osler, processor time in ms: median (least)"]
    for race in tasks:
        seconds = []
        for _ in range(_BUSY_RUNS):
            start = time.process_time()
            race.work["osler"]()
            seconds.append(time.process_time() - start)
        middle, least = 1e3 * statistics.median(seconds), 1e3 * min(seconds)
        lines.append(f"{race.task}: {middle:.3g} ({least:.3g})")
    return "\n".join(lines)


def senn() -> Network:
    """The network of Senn et al. (2013), as tests have it from metadat."""
    data = json.loads((REFERENCE / "netmeta" / "senn2013.json").read_text("utf-8"))["data"]
    se = np.array(data["seTE"], float)
    estimates = np.array(data["TE"], float)
    return network_of(data["studlab"], data["treat1"], data["treat2"], estimates, se * se)


def random(treatments: int, studies: int) -> Network:
    """A network of studies with two arms, and three in every fifth, the same on every run."""
    rng = np.random.default_rng(27)
    effect = rng.normal(0.0, 0.5, treatments)
    groups = []
    for m, count, first in ((2, studies - studies // 5, 0), (3, studies // 5, 1)):
        arms = np.array([rng.permutation(treatments)[:m] for _ in range(count)])
        if first == 0:
            # A chain through all treatments, so that one network it is.
            arms[:treatments] = np.c_[np.arange(treatments), np.roll(np.arange(treatments), 1)]
        own = rng.uniform(0.01, 0.25, (count, m))
        y = effect[arms] + rng.normal(0.0, np.sqrt(own + 0.02))
        v = own[:, :1, None] + own[:, 1:, None] * np.eye(m - 1)
        place = np.arange(count) + first * (studies - studies // 5)
        groups.append(SameArms(place, arms, y[:, 1:] - y[:, :1], v))
    names = tuple(f"t{i:03}" for i in range(treatments))
    return Network(names, tuple(f"s{i}" for i in range(studies)), tuple(groups))


Pairs = tuple[list[str], list[str], list[str], Any, Any]


def _pairs(network: Network) -> Pairs:
    rows = sorted(network.pairs())
    names = network.treatments
    return (
        [network.studies[row[0]] for row in rows],
        [names[row[1]] for row in rows],
        [names[row[2]] for row in rows],
        np.array([row[3] for row in rows]),
        np.array([row[4] for row in rows]),
    )


def _league(pairs: Pairs) -> object:
    return fit_network(network_of(*pairs), tau2_method="DL")


def _whole(pairs: Pairs) -> object:
    fit = fit_network(network_of(*pairs), tau2_method="DL")
    # P-scores need no draws, here as there.
    return rank(fit, better="lower", draws=0), decompose(fit)


def _pimeta(pairs: Pairs, *, whole: bool) -> object:
    room = import_module("pimeta")
    study, first, second, y, v = pairs
    fit = room.netmeta(y, np.sqrt(v), first, second, study)
    return (room.netrank(fit), room.decomp_design(fit)) if whole else fit


def _write(path: Path, network: Network) -> None:
    """Contrasts against each study's first arm, with the variance that they share."""
    lines = ["study,a,b,y,v,shared"]
    for group in network.groups:
        for s, arms, y, v in zip(group.study, group.arms, group.y, group.v, strict=True):
            shared = v[0, 1] if v.shape[0] > 1 else 0.0
            for i, arm in enumerate(arms[1:]):
                lines.append(f"{s},{arm},{arms[0]},{y[i]:.17g},{v[i, i]:.17g},{shared:.17g}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _rma_mv(frame: str) -> str:
    """The network as a multivariate model; REML, as rma.mv has no method of moments."""
    return f"""d <- {frame}
    X <- sapply(setdiff(unique(c(d$a, d$b)), 0), function(t) (d$a == t) - (d$b == t))
    V <- outer(d$study, d$study, "==") * d$shared; diag(V) <- d$v
    d$row <- ave(seq_along(d$study), d$study, FUN = seq_along)
    rma.mv(y, V, mods = X, intercept = FALSE, random = ~ factor(row) | study, struct = "CS",
           rho = 0.5, data = d, sparse = TRUE)"""


def _netmeta(scratch: Path) -> list[str]:
    """Seconds of netmeta, where Rscript has it: Debian does not."""
    if not shutil.which("Rscript"):
        return ["netmeta: R is not installed"]
    frames = []
    for name, network in (("Senn", senn()), ("50", random(*MIDDLE))):
        study, first, second, y, v = _pairs(network)
        rows = zip(study, first, second, y, np.sqrt(v), strict=True)
        text = "\n".join(f"{s},{a},{b},{e:.17g},{se:.17g}" for s, a, b, e, se in rows)
        (scratch / f"pairs{name}.txt").write_text(f"s,a,b,y,se\n{text}\n", encoding="utf-8")
        frames.append(name)
    script = "if (!requireNamespace('netmeta', quietly = TRUE)) { cat('not installed'); q() }\n"
    script += "suppressMessages(library(netmeta))\n" + "\n".join(
        f"d <- read.csv('pairs{name}.txt')\n"
        f"cat('{name}', system.time(netmeta(y, se, a, b, s, data = d))[['elapsed']], 's; ')"
        for name in frames
    )
    done = subprocess.run(
        ["Rscript", "-e", script], cwd=scratch, capture_output=True, text=True, check=False
    )
    return [f"netmeta: {done.stdout.strip() or done.stderr.strip()[-200:]}"]


def alone(method: str) -> str:
    """Seconds and peak memory of the largest network, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.networks", method],
        capture_output=True, text=True, check=True,
        cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    return done.stdout.strip()


def _large(method: str) -> str:
    network = random(*LARGE)
    before = _peak()
    seconds, whole = [], 0.0
    for _ in range(_RUNS):
        start = time.perf_counter()
        fit = fit_network(network, tau2_method=method)
        seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
        rank(fit, better="lower", draws=1000)
        decompose(fit)
        whole = time.perf_counter() - start
    what = f"{LARGE[0]} treatments, {LARGE[1]:,} studies, {method}"
    return (
        f"{what}: league {statistics.median(seconds):.2f} s, ranking and parts of Q {whole:.2f} s "
        f"more; {_peak():.2f} GB at most, {before:.2f} GB before"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    print(_large(sys.argv[1]))
