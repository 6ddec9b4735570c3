"""Screening replayed on sets whose answers are known, beside ASReview.

    python -m bench.screening FOLDER [SET ...] [--starts N] [--beside-plain]

FOLDER has a ``NAME.csv`` for each set, with the columns ``record_id``, ``title``, ``abstract`` and
``label_included`` (1 where the record is in the review after full text), as the SYNERGY collection
does. Each run begins with one relevant and one irrelevant record drawn by chance; the same seed
draws the same starts for every program that is compared.
"""

import argparse
import csv
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from osler.records.cleaning import plain
from osler.records.model import Record
from osler.records.screening.prioritising import Prioritiser, Settings
from osler.records.screening.replaying import n95, random_start, recall_at, replay, work_saved

# ASReview 3.0.8 with its default model (ELAS u4), retrained after every label: mean WSS@95 and
# mean recall at 10 % over 1 to 10 starts of the same kind.
ASREVIEW = {
    "Wallace_2010_copd": (0.636, 0.598),
    "Appenzeller-Herzog_2020_wilson": (0.837, 0.948),
    "Bannach-Brown_2019": (0.416, 0.560),
    "Cohen_2006_ADHD": (0.550, 0.665),
    "Kitchenham_2010": (0.674, 0.667),
    "Kwok_2020_virus": (0.708, 0.756),
    "Nagtegaal_2019": (0.734, 0.660),
}
# The same kind of model without what Osler adds, for pairs from the very same starts.
PLAIN = Settings(cost=0.11, late_weight=1.0, presumed=0, title=1, parts=0.0, likeness=0.0)
STARTS, SEED = 5, 2026


@dataclass(frozen=True)
class Library:
    """One set: its records and which of them are relevant."""

    name: str
    records: tuple[Record, ...]
    answers: dict[str, bool]

    @property
    def relevant(self) -> int:
        return sum(self.answers.values())


@dataclass(frozen=True)
class Run:
    """One replay: its figures, and the answers in the order in which they were given."""

    saved: float
    recall: float
    read: int
    found: tuple[bool, ...]
    seconds: float

    @property
    def seconds_per_1000(self) -> float:
        return 1000 * self.seconds / len(self.found)


def read_library(path: Path) -> Library:
    """A set from its file, cleaned as an import does; the row is the key, as identifiers repeat."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    records = tuple(
        Record(key=f"{at}", title=plain(row["title"]), abstract=plain(row["abstract"]))
        for at, row in enumerate(rows)
    )
    answers = {f"{at}": row["label_included"] == "1" for at, row in enumerate(rows)}
    return Library(path.stem, records, answers)


def runs(
    library: Library,
    starts: int,
    settings: Settings | None = None,
    *,
    read: int = 0,
    seed: int = SEED,
) -> Iterator[Run]:
    """Replays from ``starts`` starts: to 95 %, past the first tenth, and past ``read`` records."""
    rng = np.random.default_rng(seed)
    total, relevant = len(library.records), library.relevant
    for number in range(starts):
        start = random_start(library.answers, rng)
        began = time.process_time()
        prioritiser = Prioritiser(library.records, seed=number, settings=settings)
        order = replay(
            prioritiser,
            library.answers,
            start,
            until=-(-relevant * 19 // 20),
            at_least=min(total, max(read, total // 10)),
        )
        seconds = time.process_time() - began
        found = tuple(library.answers[key] for key in order)
        yield Run(
            work_saved(found, relevant, total),
            recall_at(found, relevant, total // 10),
            n95(found, relevant),
            found,
            seconds,
        )


def means(done: Sequence[Run]) -> tuple[float, float]:
    """Mean WSS@95 and mean recall at 10 %."""
    return float(np.mean([r.saved for r in done])), float(np.mean([r.recall for r in done]))


def report(
    folder: Path, names: Sequence[str] = (), starts: int = STARTS, *, beside_plain: bool = False
) -> str:
    """A table of the sets, with ASReview's figures where they are known."""
    lines = [HEAD, "| --- |" + " ---: |" * 10]
    rows = []
    for path in sorted(folder.glob("*.csv")):
        if not names or path.stem in names:
            rows.append(_measured(read_library(path), starts, beside_plain))
            lines.append(_shown(*rows[-1]))
            print(lines[-1], file=sys.stderr, flush=True)
    known = [figures for name, figures in rows if name in ASREVIEW]
    if known:
        lines.append(_shown("mean of those with a figure", np.mean(known, axis=0)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = f"{starts} starts a set; labels: how many to 95 %; CPU s: for 1,000, texts included"
    return "\n".join([*lines, "", f"{told}; {peak:.0f} MB at most"])


HEAD = (
    "| set | N | relevant | WSS@95 | plain | ASReview | recall at 10 % | plain | ASReview "
    "| labels | CPU s |"
)


def _measured(library: Library, starts: int, beside_plain: bool) -> tuple[str, Sequence[float]]:
    done = list(runs(library, starts, read=1000))
    saved, recall = means(done)
    plain = means(list(runs(library, starts, PLAIN))) if beside_plain else (np.nan, np.nan)
    theirs = ASREVIEW.get(library.name, (np.nan, np.nan))
    read = float(np.mean([run.read for run in done]))
    seconds = float(np.mean([run.seconds_per_1000 for run in done]))
    counts = [len(library.records), library.relevant]
    row = [*counts, saved, plain[0], theirs[0], recall, plain[1], theirs[1], read, seconds]
    return library.name, row


def _shown(name: str, figures: Sequence[float]) -> str:
    formats = ["{:.0f}"] * 2 + ["{:.3f}"] * 6 + ["{:.0f}", "{:.1f}"]
    cells = [
        "" if np.isnan(figure) else form.format(figure)
        for form, figure in zip(formats, figures, strict=True)
    ]
    return f"| {name} | {' | '.join(cells)} |"


def orders(folder: Path, starts: int, names: Sequence[str] = ()) -> str:
    """Every run over the whole library as JSON: what the simulation of stopping reads."""
    libraries = (
        read_library(path)
        for path in sorted(folder.glob("*.csv"))
        if not names or path.stem in names
    )
    told = {
        library.name: [
            "".join("1" if hit else "0" for hit in run.found)
            for run in runs(library, starts, read=len(library.records))
        ]
        for library in libraries
    }
    return json.dumps(told, indent=1)


def main(arguments: Sequence[str]) -> str:
    """What is to be printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--orders", action="store_true", help="print whole runs as JSON instead")
    parser.add_argument("--beside-plain", action="store_true", help="a plain model beside it")
    given = parser.parse_args(arguments)
    if given.orders:
        return orders(given.folder, given.starts, given.sets)
    return report(given.folder, given.sets, given.starts, beside_plain=given.beside_plain)


if __name__ == "__main__":
    print(main(sys.argv[1:]))
