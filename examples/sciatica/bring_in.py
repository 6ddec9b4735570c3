"""Bring the extraction tables of sciatica trials into this review folder.

    python bring_in.py SOURCE_FOLDER [MECHANISMS_FOLDER]

Writes studies.csv, arms.csv, results.csv, contrasts.csv, bias.csv, facts.csv,
published_reviews.csv, references.json and, where the second folder is given, mechanisms.csv
beside this file.
Numbers are copied as text, so that none is rounded. What a person decided stands in
bringing_in/*.toml and bringing_in/references.json; README.md gives the rules and their
reasons.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from bringing_in.citations import references
from bringing_in.facts import fact_rows
from bringing_in.reviews import published_rows
from bringing_in.tables import DECISIONS, FOLDER, Row, read_decisions, read_table, write_table
from bringing_in.trials import (
    REVIEW_URL,
    arm_rows,
    bias_rows,
    contrast_rows,
    result_rows,
    study_rows,
)

SOURCES = (
    "studies",
    "arms",
    "outcomes_arm",
    "outcomes_contrast",
    "published_reviews",
    "harms_costs",
    "epidemiology",
    "gabapentinoids_living_review",
)


def bring_in(folder: Path, mechanisms: Path | None) -> None:
    """Write every table and print how many rows came and went."""
    source = {name: read_table(folder / f"{name}.csv") for name in SOURCES}
    decisions, facts = read_decisions("trials.toml"), read_decisions("facts.toml")
    bias = read_decisions("bias.toml")["bias"]
    studies = study_rows(source, decisions)
    tables = {
        "studies.csv": studies,
        "arms.csv": arm_rows(source, decisions),
        "results.csv": result_rows(source, decisions),
        "contrasts.csv": contrast_rows(source, decisions),
        "bias.csv": bias_rows(studies, bias),
        "facts.csv": fact_rows(source, facts),
        "published_reviews.csv": published_rows(source["published_reviews"]),
    }
    if mechanisms:
        rows = read_table(mechanisms / "mechanisms.csv")
        tables["mechanisms.csv"] = [r | {"source": r.pop("source_url")} for r in rows]
    for name, rows in tables.items():
        print(f"{name:21} {write_table(name, rows):4} rows")
    by_hand = json.loads((DECISIONS / "references.json").read_text(encoding="utf-8"))
    cited = references(studies, by_hand)
    text = json.dumps(cited, ensure_ascii=False, indent=2) + "\n"
    (FOLDER / "references.json").write_text(text, encoding="utf-8")
    print(f"references.json       {len(cited):4} entries")
    report(source, tables)


def report(source: Mapping[str, list[Row]], tables: Mapping[str, list[Row]]) -> None:
    """The rows that came in, and those that stayed behind."""
    for name in SOURCES:
        print(f"read {len(source[name]):4} rows of {name}.csv")
    out = [s["id"] for s in tables["studies.csv"] if s["included"] == "no"]
    print(f"{len(out)} studies kept in the inventory and not included: {', '.join(out)}")
    arms = len(source["arms"]) + extra_arms(tables) - len(tables["arms.csv"])
    results = len(source["outcomes_arm"]) - len(tables["results.csv"])
    print(f"not brought over: {arms} arm and {results} result (README.md says which)")


def extra_arms(tables: Mapping[str, list[Row]]) -> int:
    """Arms that came from the living review alone."""
    added = {s["id"] for s in tables["studies.csv"] if s["source"] == REVIEW_URL}
    return sum(a["study"] in added for a in tables["arms.csv"])


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    bring_in(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else None)
