"""Count, for each question of osler.toml, the studies with figures that can be used.

    python count_effects.py

A check on the engine by other means: it knows nothing of the engine's code and makes no
effect, it only asks whether one could be made. A study counts when a comparison's two
sides both have an arm in it and, inside the outcome's weeks, there is either a contrast
with its estimate and a standard error or interval, or the counts (or means with a spread)
of both arms.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, str]

HERE = Path(__file__).resolve().parent


def read_table(name: str) -> list[Row]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def in_time(row: Row, outcome: dict[str, Any]) -> bool:
    low, high = outcome["weeks"]
    if not row["weeks"]:
        return bool(outcome["weeks_unknown"])
    return bool(low <= float(row["weeks"]) <= high)


def reads_as(outcome: dict[str, Any], scales: set[str]) -> Callable[[Row], bool]:
    """Whether a row belongs to the outcome: name, week, and a scale that can be rescaled."""
    rescaled = outcome["measure"] == "MD"
    return lambda row: (
        row["outcome"] in outcome["accepts"]
        and in_time(row, outcome)
        and (not rescaled or row["instrument"] in scales)
    )


def usable_contrast(row: Row, measure: str) -> bool:
    spread = bool(row["se"]) or bool(row["ci_lower"] and row["ci_upper"])
    exact_p = re.fullmatch(r"0?\.\d*[1-9]\d*", row["p_value"]) is not None
    return row["measure"] == measure and bool(row["estimate"]) and (spread or exact_p)


def usable_result(row: Row, kind: str) -> bool:
    if kind == "binary":
        return bool(row["events"] and row["n"])
    spread = row["sd"] or row["se"] or (row["ci_lower"] and row["ci_upper"])
    return row["value"] in ("final", "change") and bool(row["mean"] and row["n"] and spread)


def both_sides(results: Sequence[Row], sides: tuple[set[str], set[str]]) -> bool:
    """Whether one instrument and week has a usable result on either side, and any event."""
    if results and all(r["events"] == "0" for r in results):
        return False
    keys = [
        {(r["instrument"], r["weeks"], r["value"]) for r in results if r["arm"] in s} for s in sides
    ]
    return bool(keys[0] & keys[1])


def has_effect(
    study: str, sides: tuple[set[str], set[str]], outcome: dict[str, Any], tables: dict[str, Any]
) -> bool:
    belongs = reads_as(outcome, tables["scales"])
    for row in tables["contrasts"]:
        arms = (row["arm"], row["comparator_arm"])
        fits = (arms[0] in sides[0] and arms[1] in sides[1]) or (
            arms[1] in sides[0] and arms[0] in sides[1]
        )
        if (
            row["study"] == study
            and fits
            and belongs(row)
            and usable_contrast(row, outcome["measure"])
        ):
            return True
    rows = [r for r in tables["results"] if r["study"] == study and belongs(r)]
    within = [r for r in rows if r["arm"] in sides[0] | sides[1]]
    return both_sides([r for r in within if usable_result(r, outcome["kind"])], sides)


def count_all() -> None:
    """Print one line for each question that at least one study answers."""
    question = tomllib.loads((HERE / "osler.toml").read_text(encoding="utf-8"))
    tables = {
        "contrasts": read_table("contrasts.csv"),
        "results": read_table("results.csv"),
        "scales": {i["id"] for i in question["instruments"]},
    }
    arms = read_table("arms.csv")
    studies = [s["id"] for s in read_table("studies.csv") if s["included"] == "yes"]
    for comparison in question["comparisons"]:
        for outcome in question["outcomes"]:
            found = []
            for study in studies:
                own = [a for a in arms if a["study"] == study]
                sides = (
                    {a["arm"] for a in own if a["treatment"] in comparison["interventions"]},
                    {a["arm"] for a in own if a["treatment"] in comparison["comparators"]},
                )
                if all(sides) and has_effect(study, sides, outcome, tables):
                    found.append(study)
            if found:
                print(
                    f"{comparison['name']} / {outcome['name']}: {len(found)} ({', '.join(found)})"
                )


if __name__ == "__main__":
    count_all()
