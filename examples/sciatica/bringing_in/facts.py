"""Facts: prevalence, natural history, harms, costs and the results of published reviews."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from bringing_in.tables import Row, Toml, joined, required


def opening(text: str) -> str:
    """The text with a capital at its start, abbreviations whole."""
    return re.sub(r"^Nsaid", "NSAID", text[0].upper() + text[1:])


def number_of(text: str) -> str:
    return text if re.fullmatch(r"-?\d+(\.\d+)?", text) else ""


def unit_of(text: str) -> tuple[str, str]:
    """Unit and the qualifier that the tables keep in brackets behind it."""
    found = re.fullmatch(r"(percent) \((up to|about)\)", text)
    return (found[1], found[2]) if found else (text, "")


def secondary_note(address: str, decisions: Toml) -> str:
    kind = decisions["secondary"].get(urlsplit(address).netloc, "")
    return f"secondary source: {kind}" if kind else ""


def epidemiology_fact(key: str, row: Row) -> Row:
    unit, qualifier = unit_of(row["unit"])
    fact = opening(row["fact"])
    return {
        "statement": f"{fact} ({row['population']})" if row["population"] else fact,
        "value": row["estimate"],
        "low": row["low"],
        "high": row["high"],
        "unit": unit,
        "population": row["population"],
        "source": row["source_url"],
        "notes": joined(qualifier, row["notes"]),
    }


def harm_fact(key: str, row: Row) -> Row:
    required(key.startswith(row["study_or_review_id"]), f"{key} does not belong to its row")
    counts = f"{row['events']} of {row['n']}" if row["events"] and row["n"] else ""
    in_percent = bool(row["percent"])
    return {
        "statement": f"{opening(row['treatment'])}: {row['harm']}",
        "value": row["percent"] or row["value"] or row["events"],
        "unit": row["unit"] if in_percent or row["value"] or row["unit"] else "patients",
        "population": joined(f"trial or review {row['study_or_review_id']}", row["timepoint"]),
        "reference": row["study_or_review_id"],
        "source": row["source_url"],
        "notes": joined(counts, "" if counts or not row["n"] else f"n {row['n']}", row["notes"]),
    }


def review_fact(key: str, row: Row) -> Row:
    required(key.startswith(row["review_id"]), f"{key} does not belong to its row")
    scope = {"this pool": "in this pool", "whole review": "in the whole review"}
    counts = joined(
        f"{row['n_trials']} trials" if row["n_trials"] else "",
        f"{row['n_participants']} participants" if row["n_participants"] else "",
    )
    certainty = f", certainty as the review grades it: {row['certainty_grade']}"
    said = f"{row['comparison']}: {row['outcome']}, {row['measure'] or 'no estimate'}"
    return {
        "statement": opening(said) + (certainty if row["certainty_grade"] else ""),
        "value": row["estimate"],
        "low": row["ci_low"],
        "high": row["ci_high"],
        "unit": row["measure"],
        "population": joined(counts, scope.get(row["counts_scope"], "")),
        "reference": row["review_id"],
        "source": row["source_url"],
        "notes": joined(
            f"I2 {row['i2']}" if row["i2"] else "",
            row["model"],
            f"conclusion: {row['conclusion_paraphrase']}" if row["conclusion_paraphrase"] else "",
            row["notes"],
        ),
    }


def fact_rows(source: Mapping[str, list[Row]], decisions: Toml) -> list[Row]:
    makers = {
        "epidemiology": ("epidemiology", epidemiology_fact),
        "harms": ("harms_costs", harm_fact),
        "reviews": ("published_reviews", review_fact),
    }
    rows = []
    for kind, (table, make) in makers.items():
        keys = decisions[kind]
        required(len(keys) == len(source[table]), f"{len(keys)} names for {table}.csv")
        for key, row in zip(keys, source[table], strict=True):
            rows.append(finished_fact(key, make(key, row), decisions))
    rows += [dict(f) for f in decisions["fact"]]
    required(len({r["id"] for r in rows}) == len(rows), "two facts have the same id")
    return rows


def finished_fact(key: str, fact: Row, decisions: Toml) -> Row:
    """The fact with its id, hand-written wording, bounds and the mark of a secondary source."""
    low, high = decisions["bounds"].get(key, (fact.get("low", ""), fact.get("high", "")))
    return fact | {
        "id": key,
        "statement": decisions["statements"].get(key, fact["statement"]),
        "value": number_of(fact["value"]),
        "low": number_of(low),
        "high": number_of(high),
        "reference": decisions["references"].get(key, fact.get("reference", "")),
        "notes": joined(secondary_note(fact["source"], decisions), fact["notes"]),
    }
