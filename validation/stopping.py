"""Does the stopping rule keep its promise? Replayed over sets whose answers are known.

    python -m bench.screening FOLDER --orders --starts 8 > orders.json
    python -m validation.stopping orders.json

A promise is kept where the rule stopped with 95 % recall or more. Work saved is the share of the
library that was not read. The last two rows are order by chance, the hardest case that the rule's
assumption allows, where a rule that is looked at after every record shows whether it means its 5 %.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from osler.records.screening.stopping import RISK, TARGET, first_stop, hypergeometric_risk

Found = tuple[bool, ...]
LOOKS = 50
BY_CHANCE = ((1000, 60), (2000, 50))


def callaghan(found: Found, looks: int = LOOKS) -> int:
    """Where the hypergeometric test first says stop, looked at ``looks`` times."""
    total = len(found)
    for at in range(1, looks):
        read = max(total * at // looks, 1)
        if any(found[:read]) and hypergeometric_risk(found[:read], total) < RISK:
            return read
    return total


Rules = dict[str, Callable[[Found], int]]
RULES: Rules = {
    "lift 1": lambda found: first_stop(found, len(found)),
    "lift 1.5": lambda found: first_stop(found, len(found), lift=1.5),
    "lift 2": lambda found: first_stop(found, len(found), lift=2.0),
    "Callaghan": callaghan,
}


def outcome(found: Found, stop: int) -> tuple[bool, float]:
    """Whether the promise was kept, and the work saved."""
    kept = sum(found[:stop]) >= TARGET * sum(found) - 1e-9
    return kept, 1 - stop / len(found)


def by_chance(total: int, relevant: int, runs: int, seed: int) -> list[Found]:
    """Libraries read in an order by chance."""
    rng = np.random.default_rng(seed)
    told = []
    for _ in range(runs):
        found = np.zeros(total, bool)
        found[rng.choice(total, relevant, replace=False)] = True
        told.append(tuple(found.tolist()))
    return told


def row(name: str, runs: Sequence[Found], rules: Rules) -> str:
    """One line of the table."""
    cells = []
    for rule in rules.values():
        done = [outcome(found, rule(found)) for found in runs]
        kept, saved = sum(kept for kept, _ in done), np.mean([saved for _, saved in done])
        cells.append(f"{kept}/{len(done)}, {saved:.2f}")
    return f"| {name} | {len(runs[0])} | {sum(runs[0])} | " + " | ".join(cells) + " |"


def report(orders: dict[str, list[str]], chance_runs: int, looks: int = LOOKS) -> str:
    """Runs in which the promise was kept, and mean work saved."""
    rules = {**RULES, "Callaghan": lambda found: callaghan(found, looks)}
    lines = [
        f"| set | N | relevant | {' | '.join(RULES)} |",
        "| --- |" + " ---: |" * (2 + len(RULES)),
    ]
    for name, told in orders.items():
        lines.append(row(name, [tuple(c == "1" for c in run) for run in told], rules))
    for total, relevant in BY_CHANCE:
        lines.append(row("order by chance", by_chance(total, relevant, chance_runs, seed=1), rules))
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> str:
    """What is to be printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--chance-runs", type=int, default=200)
    parser.add_argument(
        "--looks", type=int, default=LOOKS, help="at Callaghan's test, evenly spread"
    )
    given = parser.parse_args(arguments)
    orders = json.loads(given.orders.read_text(encoding="utf-8"))
    return report(orders, given.chance_runs, given.looks)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
