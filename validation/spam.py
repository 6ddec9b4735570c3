"""How well the spam classifier does, and the making of the model that Osler starts with.

    python -m validation.spam messages.tsv [--splits N] [--write MODEL.json]

``messages.tsv`` has one message a line: its label (``ham`` or ``spam``), a tabulator, the text.
The SMS Spam Collection (Almeida, Hidalgo and Yamakami 2011, doi:10.1145/2034691.2034742; UCI
repository, CC BY 4.0) has this form; with ``--youtube`` files of the YouTube Spam Collection
(Alberto, Lochter and Almeida 2015, doi:10.1109/ICMLA.2015.37) are read: CSV with the columns
CONTENT and CLASS.

Messages that differ in digits and punctuation only are counted once. A hash of the text decides
which of them are for training and which for testing, so that everyone gets the same split. The
comments of spam_comments.toml are split in the same way and told apart in the report.
``--splits`` adds the kinder protocol of most papers: random parts of the set as it is distributed,
where the same message may stand in both parts.
"""

import argparse
import csv
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from osler.web.comments.layers.finding import Finding, is_held
from osler.web.comments.layers.learnt import judge_by_model
from osler.web.comments.layers.links import judge_links
from osler.web.comments.layers.words import judge_words
from osler.web.comments.limits import Limits
from osler.web.comments.spam.model import SpamModel, write_model
from osler.web.comments.spam.training import (
    Figures,
    Labelled,
    figures_of,
    share_of,
    train,
    without_repeats,
)

OWN = Path(__file__).with_name("spam_comments.toml")
TRAINING = 0.7


def read_messages(text: str) -> list[Labelled]:
    """Label, tabulator, text."""
    split = (line.split("\t", 1) for line in text.splitlines() if "\t" in line)
    return [Labelled(message, label == "spam") for label, message in split]


def read_youtube(text: str) -> list[Labelled]:
    """CSV of the YouTube Spam Collection."""
    rows = csv.DictReader(text.splitlines())
    return [Labelled(row["CONTENT"], row["CLASS"] == "1") for row in rows]


def own_comments() -> list[Labelled]:
    """Those of spam_comments.toml."""
    read = tomllib.loads(OWN.read_text("utf-8"))
    good = [Labelled(text, False) for text in read["good"]]
    return good + [Labelled(text, True) for text in read["spam"]]


def split(rows: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """For training, for testing."""
    rows = without_repeats(rows)
    train_rows = [row for row in rows if share_of(row.text) < TRAINING]
    return train_rows, [row for row in rows if share_of(row.text) >= TRAINING]


def trained(messages: Sequence[Labelled], name: str) -> tuple[SpamModel, list[str]]:
    """The model, and the lines of the report."""
    (seen, unseen), (own_seen, own_unseen) = split(messages), split(own_comments())
    model = train([*seen, *own_seen], {})
    figures = {
        f"{name}, held out": figures_of(model, unseen),
        "comments written for this, held out": figures_of(model, own_unseen),
        f"{name}, held out, with words and links": with_other_layers(model, unseen),
        f"{name}, trained on": figures_of(model, seen),
    }
    about = {
        "made_from": f"{name} ({len(seen)} messages) and spam_comments.toml ({len(own_seen)})",
        "held_out": {key: str(f) for key, f in figures.items() if "held out" in key},
        "see": "docs/explanation/spam.md",
    }
    return SpamModel(model.weights, model.intercept, model.threshold, about), _report(figures)


def with_other_layers(model: SpamModel, rows: Sequence[Labelled]) -> Figures:
    """The classifier together with the lists of words and the count of links."""
    held = [
        (row.is_spam, is_held([judge_by_model(row.text, model), judge_words(row.text), links(row)]))
        for row in rows
    ]
    spam = [found for is_spam, found in held if is_spam]
    good = [found for is_spam, found in held if not is_spam]
    return Figures(len(spam), sum(spam), len(good), sum(good))


def links(row: Labelled) -> Finding:
    """What the links of a text say, with the limits that hold without settings."""
    return judge_links(row.text, "A. Reader", Limits())


def random_splits(messages: Sequence[Labelled], count: int) -> str:
    """The sum over random splits into 70 and 30 per cent, repeats left in."""
    total = [0, 0, 0, 0]
    for seed in range(count):
        order = np.random.default_rng(seed).permutation(len(messages))
        cut = int(TRAINING * len(messages))
        model = train([messages[i] for i in order[:cut]], {})
        found = figures_of(model, [messages[i] for i in order[cut:]])
        parts = (found.spam, found.caught, found.good, found.false_holds)
        total = [a + b for a, b in zip(total, parts, strict=True)]
    found = Figures(*total)
    return f"as distributed, {count} random splits: {found}; {_intervals(found)}"


def _report(figures: dict[str, Figures]) -> list[str]:
    return [f"{name}: {found}; {_intervals(found)}" for name, found in figures.items()]


def _intervals(found: Figures) -> str:
    """Exact 95 % intervals (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404)."""
    parts = [(found.caught, found.spam), (found.false_holds, found.good)]
    both = [binomtest(k, n).proportion_ci(0.95, "exact") for k, n in parts if n]
    return "95 % from " + " and from ".join(f"{b.low:.2%} to {b.high:.2%}" for b in both)


def main(arguments: Sequence[str] | None = None) -> int:
    """Report, and write the model where asked to."""
    parser = argparse.ArgumentParser(description="How well the spam classifier does")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--youtube", action="store_true", help="files of the YouTube collection")
    parser.add_argument("--name", default="SMS Spam Collection (CC BY 4.0)")
    parser.add_argument("--splits", type=int, default=0, help="how many random splits to add")
    parser.add_argument("--write", type=Path, help="where to write the model")
    chosen = parser.parse_args(arguments)
    read = read_youtube if chosen.youtube else read_messages
    rows = [r for file in chosen.files for r in read(file.read_text("utf-8", errors="replace"))]
    model, lines = trained(rows, chosen.name)
    lines += [random_splits(rows, chosen.splits)] if chosen.splits else []
    sys.stdout.write("\n".join([f"{len(rows)} messages", *lines]) + "\n")
    if chosen.write:
        chosen.write.write_text(write_model(model), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
