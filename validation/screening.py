"""Settings of the prioritiser, chosen with one set left out at a time, beside a plain one.

    python -m validation.screening FOLDER [--starts N] [--seed N] [--patience N]

FOLDER is that of ``bench.screening``. For each set the settings are chosen that do best on all the
*other* sets (mean of WSS@95 and recall at 10 %, each as the difference to the plain model from the
same starts); what they do on the set itself is then what a review that nobody has tuned on may
expect. The plain model is ASReview's default without what Osler adds: a support vector machine on
words and pairs, relevant records weighed 9.8 times.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.screening import PLAIN, SEED, Library, means, read_library, runs
from osler.records.screening.prioritising import Settings

CANDIDATES = {
    "as shipped": Settings(),
    "cost 0.1": Settings(cost=0.1),
    "cost 0.4": Settings(cost=0.4),
    "found late as found early": Settings(late_weight=1.0),
    "found last four times": Settings(late_weight=4.0),
    "a hundred presumed": Settings(presumed=100, presumed_weight=1.0),
    "presumed as if judged": Settings(presumed_weight=1.0),
    "title once": Settings(title=1),
    "no beginnings and ends": Settings(parts=0.0),
    "beginnings and ends do not fade": Settings(parts=0.5, parts_fading=1e9),
    "no likeness": Settings(likeness=0.0),
    "likeness does not fade": Settings(likeness=0.2, likeness_fading=1e9),
}


def differences(
    libraries: Sequence[Library], starts: int, patience: int, seed: int = SEED
) -> np.ndarray:
    """Of shape (candidates, sets, 2): WSS@95 and recall less those of the plain model."""
    told = np.empty((len(CANDIDATES), len(libraries), 2))
    for column, library in enumerate(libraries):
        plain = means(list(runs(library, starts, replace(PLAIN, patience=patience), seed=seed)))
        for row, settings in enumerate(CANDIDATES.values()):
            own = replace(settings, patience=patience)
            done = means(list(runs(library, starts, own, seed=seed)))
            told[row, column] = np.subtract(done, plain)
        sys.stderr.write(f"{library.name} {told[:, column].round(3).tolist()}\n")
    return told


def left_out(told: np.ndarray) -> list[int]:
    """For each set, the candidate that is best on all others."""
    score = told.mean(axis=2)
    return [
        int(np.argmax(np.delete(score, at, axis=1).mean(axis=1))) for at in range(told.shape[1])
    ]


def report(libraries: Sequence[Library], told: np.ndarray) -> str:
    """Two tables: each set with the settings chosen without it, and each candidate over all."""
    names = list(CANDIDATES)
    lines = ["| set left out | chosen on the others | WSS@95 | recall at 10 % |"]
    lines.append("| --- | --- | ---: | ---: |")
    chosen = left_out(told)
    for at, library in enumerate(libraries):
        saved, recall = told[chosen[at], at]
        lines.append(f"| {library.name} | {names[chosen[at]]} | {saved:+.3f} | {recall:+.3f} |")
    own = told[chosen, np.arange(len(libraries))].mean(axis=0)
    lines.append(f"| mean | | {own[0]:+.3f} | {own[1]:+.3f} |")
    lines += [
        "",
        "| settings | WSS@95 | recall at 10 % | lowest of a set |",
        "| --- |" + " ---: |" * 3,
    ]
    for row, name in enumerate(names):
        saved, recall = told[row].mean(axis=0)
        lines.append(f"| {name} | {saved:+.3f} | {recall:+.3f} | {told[row].min():+.3f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> str:
    """What is to be printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--seed", type=int, default=SEED, help="draws the starts")
    parser.add_argument("--patience", type=int, default=20)
    given = parser.parse_args(arguments)
    libraries = [read_library(path) for path in sorted(given.folder.glob("*.csv"))]
    told = differences(libraries, given.starts, given.patience, given.seed)
    return report(libraries, told)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
