"""How well the reader tells the strength of a claim, against sentences that people labelled.

    python validation/claim_strength.py sentences.csv

The file needs the columns ``sentence`` and ``label``. That of Yu, Li and Wang (2019,
aclanthology.org/D19-1473; github.com/junwang4/causal-language-use-in-science) has 3,061
sentences from conclusions of PubMed abstracts. Its labels are 0 none, 1 direct causal,
2 conditional causal, 3 correlational, in the order of ``--codes``; 1 and 3 are easily taken for
each other, so the script tells where the word "associated" stands.

The file is split in two by a hash of the sentence. The rules were written with the errors of the
development half in sight, and those of the held-out half never looked at.
"""

import argparse
import csv
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from osler.claims.language.strength import strength_of
from osler.claims.model import Strength

NAMES = {
    "none": Strength.NONE,
    "correlational": Strength.CORRELATIONAL,
    "conditional": Strength.CONDITIONAL_CAUSAL,
    "causal": Strength.CAUSAL,
}
CODES = "none,causal,conditional,correlational"
Row = tuple[str, Strength]


def read_rows(path: Path, codes: Sequence[str]) -> list[Row]:
    """The sentences with their labels; ``codes`` names the label of 0, 1, 2 and 3."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["sentence"], NAMES[codes[int(row["label"])]]) for row in csv.DictReader(file)]


def is_held_out(sentence: str) -> bool:
    """Whether a sentence belongs to the half that was not looked at."""
    return hashlib.sha256(sentence.encode()).digest()[0] % 2 == 1


def confusion(rows: Sequence[Row]) -> list[list[int]]:
    """Counts: as labelled (rows) by as read (columns)."""
    table = [[0] * len(Strength) for _ in Strength]
    for sentence, label in rows:
        table[label][strength_of(sentence)] += 1
    return table


def f1(table: Sequence[Sequence[int]], label: int) -> float:
    """Harmonic mean of precision and recall of one label."""
    read = sum(row[label] for row in table)
    return 2 * table[label][label] / max(sum(table[label]) + read, 1)


def report(name: str, rows: Sequence[Row]) -> str:
    """One half as a table in Markdown."""
    table = confusion(rows)
    scores = [f1(table, label) for label in Strength]
    head = " | ".join(NAMES)
    lines = [
        f"{name}: {len(rows)} sentences, macro-F1 {sum(scores) / len(scores):.3f}",
        "",
        f"| labelled \\ read | {head} | F1 |",
        "| --- |" + " ---: |" * 5,
    ]
    for (label, code), score in zip(NAMES.items(), scores, strict=True):
        cells = " | ".join(str(count) for count in table[code])
        lines.append(f"| {label} | {cells} | {score:.3f} |")
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str]) -> str:
    """The report on a file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--codes", default=CODES, help=f"what 0, 1, 2, 3 stand for ({CODES})")
    given = parser.parse_args(arguments)
    rows = read_rows(given.file, given.codes.split(","))
    linked = [label.name.lower() for text, label in rows if "associated with" in text.lower()]
    often = max(sorted(set(linked)), key=linked.count) if linked else "nowhere"
    return "\n".join(
        [
            report("development half", [row for row in rows if not is_held_out(row[0])]),
            report("held-out half", [row for row in rows if is_held_out(row[0])]),
            report("all", rows),
            f'"associated with" stands mostly in sentences labelled: {often}',
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
