"""Tables in and out, and what the other modules share."""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, str]
Toml: TypeAlias = Mapping[str, Any]

FOLDER = Path(__file__).resolve().parent.parent
DECISIONS = Path(__file__).resolve().parent

COLUMNS = {
    "studies.csv": "id label first_author year title journal doi pmid registration country design "
    "population symptom_duration randomised reference source included reason notes",
    "arms.csv": "study arm treatment detail schedule sessions n notes",
    "results.csv": "study arm outcome instrument weeks value events n mean sd se ci_lower ci_upper "
    "percent source where notes",
    "contrasts.csv": "study arm comparator_arm outcome instrument weeks measure estimate se "
    "ci_lower ci_upper p_value adjusted n source where notes",
    "bias.csv": "study domain judgement basis source",
    "facts.csv": "id statement value low high unit population reference source notes",
    "published_reviews.csv": "review citation doi pmid comparison outcome measure trials "
    "participants estimate ci_lower ci_upper i2 model certainty conclusion scope source notes",
    "mechanisms.csv": "mechanism claim citation year doi pmid species model direction "
    "evidence_level source",
}


def read_table(path: Path) -> list[Row]:
    """The rows of a CSV file, cells stripped."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [{k: (v or "").strip() for k, v in row.items()} for row in csv.DictReader(handle)]


def write_table(name: str, rows: Iterable[Row]) -> int:
    """Write a table with exactly its columns; the number of rows."""
    columns, count = COLUMNS[name].split(), 0
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def read_decisions(name: str) -> dict[str, Any]:
    return tomllib.loads((DECISIONS / name).read_text(encoding="utf-8"))


def joined(*notes: str) -> str:
    return "; ".join(n for n in notes if n)


def required(held: bool, message: str) -> None:
    """Stop where the tables are not those that the decisions were made for."""
    if not held:
        raise SystemExit(f"bring_in.py: {message}")
