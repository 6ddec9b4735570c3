"""Forty small records: titles as the sciatica example cites them, abstracts of one sentence."""

import json
from pathlib import Path

from osler.records.duplicates.model import Pair, Standing
from osler.records.library import Library, lone, render_library, render_pairs
from osler.records.model import Name, Record

REFERENCES = Path(__file__).parents[3] / "examples" / "sciatica" / "references.json"
CRITERIA = """\
question = "Which treatments help adults with sciatica?"
include = ["Randomised trial", "Adults with sciatica"]
exclude = ["Reviews"]
reasons = ["Not randomised", "Not sciatica"]
words_in = ["randomi*", "sciatica"]
words_out = ["review"]
reviewers_needed = {needed}
"""


def records() -> tuple[Record, ...]:
    """Every fifth without an abstract, one of them in German."""
    cited = [r for r in json.loads(REFERENCES.read_text("utf-8")) if len(r.get("title", "")) > 40]
    made = []
    for n, one in enumerate(cited[:40]):
        is_trial = "trial" in one["title"].lower()
        about = "We randomised adults with leg pain." if is_trial else "We read what others wrote."
        made.append(
            Record(
                key=f"r{n:02}",
                title=one["title"],
                abstract="" if n % 5 == 4 else about,
                authors=(Name("Author", "A."),),
                year=1990 + n,
                container="Journal of Examples",
                language="ger" if n == 9 else "eng",
            )
        )
    return tuple(made)


def folder_of(path: Path, needed: int = 1) -> Path:
    """A review folder with these records, two of which a person should look at."""
    here = path / "records"
    here.mkdir(parents=True)
    pair = Pair("r00", "r01", Standing.LOOK, 0.6, ("first author",), ("titles differ",))
    library = Library(tuple(lone(record) for record in records()), (pair,))
    (here / "library.jsonl").write_text(render_library(library), "utf-8")
    (here / "pairs.jsonl").write_text(render_pairs(library.pairs), "utf-8")
    (here / "criteria.toml").write_text(CRITERIA.format(needed=needed), "utf-8")
    return path
