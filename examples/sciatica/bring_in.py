"""Bring the extraction tables of sciatica trials into this review folder.

    python bring_in.py SOURCE_FOLDER [MECHANISMS_FOLDER]

Writes studies.csv, arms.csv, results.csv, contrasts.csv, bias.csv, facts.csv,
references.json and, where the second folder is given, mechanisms.csv beside this file.
Numbers are copied as text, so that none is rounded. What a person decided stands in the
decisions*.toml files; README.md gives the rules and their reasons.
"""

import csv
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Row: TypeAlias = dict[str, str]
Toml: TypeAlias = Mapping[str, Any]

HERE = Path(__file__).resolve().parent
NO_RESULT = "No result could be read from the page seen."
REVIEW_URL = "https://github.com/openMetaAnalysis/Sciatica-treatment-with-gabapentinoids"

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
    with (HERE / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def read_decisions(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def joined(*notes: str) -> str:
    return "; ".join(n for n in notes if n)


def required(held: bool, message: str) -> None:
    """Stop where the tables are not those that the decisions were made for."""
    if not held:
        raise SystemExit(f"bring_in.py: {message}")


# ---------------------------------------------------------------- studies and arms


def author_of(study: Row, decisions: Toml) -> tuple[str, str]:
    """Family and given name of the first author, ("", "") where none was seen."""
    if study["study_id"] in decisions["authors"]:
        name = decisions["authors"][study["study_id"]]
        return (name[0], name[1]) if name else ("", "")
    family, _, given = study["first_author"].rpartition(" ")
    return (family, given) if family else (study["first_author"], "")


def label_of(study: Row, decisions: Toml) -> str:
    if study["study_id"] in decisions["labels"]:
        return str(decisions["labels"][study["study_id"]])
    year = study["year"] or study["study_id"].rpartition("-")[2]
    return f"{author_of(study, decisions)[0]} {year}"


def study_row(study: Row, with_results: set[str], decisions: Toml) -> Row:
    key = study["study_id"]
    reason = decisions["excluded"].get(key, "" if key in with_results else NO_RESULT)
    family, given = author_of(study, decisions)
    same = "year title journal doi pmid registration country design population symptom_duration"
    return {k: study[k] for k in same.split()} | {
        "id": key,
        "label": label_of(study, decisions),
        "first_author": f"{family} {given}".strip(),
        "randomised": study["n_randomised"],
        "reference": key,
        "source": study["source_url"],
        "included": "no" if reason else "yes",
        "reason": reason,
        "notes": study["notes"],
    }


def living_study_row(trial: Toml) -> Row:
    """A trial that only the living review of gabapentinoids has."""
    same = "id year title journal doi pmid registration design population randomised"
    author = f"{trial['family']} {trial['given']}".strip()
    return {k: trial[k] for k in same.split()} | {
        "label": f"{trial['family']} {trial['year']}" if author else trial["study"],
        "first_author": author,
        "reference": trial["id"],
        "source": REVIEW_URL,
        "included": "yes",
        "notes": joined("bibliographic data and population as the living review prints them", trial["notes"]),
    }


def study_rows(source: Mapping[str, list[Row]], decisions: Toml) -> list[Row]:
    usable = {r["study_id"] for r in source["outcomes_arm"] if r["kind"] != "continuous baseline"}
    usable |= {r["study_id"] for r in source["outcomes_contrast"]}
    rows = [study_row(s, usable, decisions) for s in source["studies"]]
    rows += [living_study_row(t) for t in decisions["living_review"] if "arms" in t]
    labels = [r["label"] for r in rows]
    required(len(set(labels)) == len(labels), "two studies have the same label")
    return rows


def arm_rows(source: Mapping[str, list[Row]], decisions: Toml) -> list[Row]:
    nodes = {(d["study"], d["arm"]): d for d in decisions["node"]}
    dropped = {(d["study"], d["arm"]) for d in decisions["drop_arm"]}
    rows = []
    for arm in source["arms"]:
        key = (arm["study_id"], arm["arm_id"])
        if key in dropped:
            continue
        other = nodes.get(key)
        rows.append(
            {
                "study": key[0],
                "arm": key[1],
                "treatment": other["treatment"] if other else arm["treatment_class"],
                "detail": arm["treatment"],
                "schedule": arm["dose_and_schedule"],
                "sessions": arm["n_sessions"],
                "n": arm["n_randomised"],
                "notes": other["because"] if other else "",
            }
        )
    for trial in decisions["living_review"]:
        for arm_id, treatment, detail, schedule in trial.get("arms", []):
            rows.append(
                {
                    "study": trial["id"],
                    "arm": arm_id,
                    "treatment": treatment,
                    "detail": detail,
                    "schedule": schedule,
                }
            )
    return rows


# ---------------------------------------------------------------- results and contrasts


def result_row(result: Row) -> Row:
    """One arm, one outcome, one time; a derived count is marked as such."""
    derived = result["events_derived"] if not result["events"] else ""
    return {
        "study": result["study_id"],
        "arm": result["arm_id"],
        "outcome": result["outcome"],
        "instrument": result["instrument"],
        "weeks": result["timepoint_weeks"],
        "value": result["kind"].removeprefix("continuous").removeprefix("binary").strip(),
        "events": result["events"] or derived,
        "n": result["n"],
        "mean": result["mean"],
        "sd": result["sd"],
        "se": result["se"],
        "ci_lower": result["ci_low"],
        "ci_upper": result["ci_high"],
        "percent": result["percent"],
        "source": result["source_url"],
        "where": result["verbatim_basis"],
        "notes": joined(
            "count derived from the printed percentage" if derived else "", result["notes"]
        ),
    }


def result_rows(source: Mapping[str, list[Row]], decisions: Toml) -> list[Row]:
    dropped = {(d["study"], d["arm"]) for d in decisions["drop_arm"]}
    kept = [r for r in source["outcomes_arm"] if (r["study_id"], r["arm_id"]) not in dropped]
    return [result_row(r) for r in kept]


def place_of(contrast: Row, results: Sequence[Row]) -> str:
    """Where on the page a contrast stands, as far as the tables tell."""
    address = contrast["source_url"]
    if re.search(r"/table/|/tbl|/tab\d", address):
        return "the table at the address"
    for result in results:
        if (result["study_id"], result["source_url"]) == (contrast["study_id"], address):
            return "same page as: " + re.split(r" \(", result["verbatim_basis"])[0]
    return "the page at the address; the place on it was not recorded"


def group_size(contrast: Row, source: Mapping[str, list[Row]], decisions: Toml) -> tuple[str, str]:
    """Participants in both groups, and a note that says which number it is."""
    key = contrast["study_id"]
    if key in decisions["analysed"]:
        return decisions["analysed"][key], "n is the number analysed in both groups"
    arms = [a for a in source["arms"] if a["study_id"] == key]
    pair = [a["n_randomised"] for a in arms if a["arm_id"] in (contrast["arm_a"], contrast["arm_b"])]
    study = next(s for s in source["studies"] if s["study_id"] == key)
    if "crossover" in study["design"]:
        return "", ""
    if all(pair):
        return str(sum(int(n) for n in pair)), "n is the number randomised to both groups"
    if len(arms) == 2 and study["n_randomised"]:
        return study["n_randomised"], "n is the number randomised to both groups"
    return "", ""


def as_proportion(text: str, measure: str) -> str:
    """Percentage points of a risk difference as a proportion, exactly."""
    return format(Decimal(text) / 100, "f") if measure == "RD" and text else text


def decided(contrast: Row, entries: Sequence[Toml]) -> Toml | None:
    """The decision whose keys all agree with the contrast."""
    cells = contrast | {"study": contrast["study_id"], "weeks": contrast["timepoint_weeks"]}
    given = ("study", "outcome", "weeks", "measure")
    for entry in entries:
        if all(entry[k] == cells[k] for k in given if k in entry):
            return entry
    return None


def contrast_row(contrast: Row, source: Mapping[str, list[Row]], decisions: Toml) -> Row:
    measure = contrast["measure"]
    renamed = decided(contrast, decisions["rename"])
    estimate = decided(contrast, decisions["estimate"]) if not contrast["estimate"] else None
    se = decided(contrast, decisions["se"])
    size, size_note = group_size(contrast, source, decisions)
    points = "printed in percentage points, here a proportion" if measure == "RD" else ""
    return {
        "study": contrast["study_id"],
        "arm": contrast["arm_a"],
        "comparator_arm": contrast["arm_b"],
        "outcome": renamed["to"] if renamed else contrast["outcome"],
        "instrument": contrast["instrument"],
        "weeks": contrast["timepoint_weeks"],
        "measure": measure,
        "estimate": estimate["value"] if estimate else as_proportion(contrast["estimate"], measure),
        "se": se["value"] if se else "",
        "ci_lower": as_proportion(contrast["ci_low"], measure),
        "ci_upper": as_proportion(contrast["ci_high"], measure),
        "p_value": contrast["p_value"],
        "adjusted": contrast["adjusted"],
        "n": size,
        "source": contrast["source_url"],
        "where": place_of(contrast, source["outcomes_arm"]),
        "notes": joined(estimate["note"] if estimate else "", contrast["notes"], points, size_note),
    }


def living_contrast_row(printed: Row, decisions: Toml) -> Row:
    """A standardised mean difference of the living review; SE is the root of its variance."""
    key = (printed["study"], printed["year"])
    trial = next(t for t in decisions["living_review"] if (t["study"], t["year"]) == key)
    return {
        "study": trial["id"],
        "arm": trial["compare"][0],
        "comparator_arm": trial["compare"][1],
        "outcome": trial["outcome"],
        "weeks": trial["weeks"],
        "measure": "SMD",
        "estimate": printed["smd"],
        "se": str(Decimal(printed["variance"]).sqrt()),
        "n": printed["n"],
        "source": printed["source_url"],
        "where": "R code of the review (files/r-code)",
        "notes": joined(
            f"se is the square root of the printed variance {printed['variance']}",
            f"population: {trial['because']}",
            printed["notes"],
        ),
    }


def contrast_rows(source: Mapping[str, list[Row]], decisions: Toml) -> list[Row]:
    rows = [contrast_row(c, source, decisions) for c in source["outcomes_contrast"]]
    return rows + [living_contrast_row(p, decisions) for p in source["gabapentinoids_living_review"]]


# ---------------------------------------------------------------- bias


def bias_rows(studies: Sequence[Row], entries: Sequence[Toml]) -> list[Row]:
    """What the texts say, and "unclear" overall for every included study."""
    rows = []
    for study in studies:
        if study["included"] == "no":
            continue
        own = [e for e in entries if e["study"] == study["id"]]
        for entry in own:
            rows.append({k: entry.get(k, "") for k in COLUMNS["bias.csv"].split()})
            rows[-1]["source"] = entry.get("source", study["source"])
        rows.append(
            {
                "study": study["id"],
                "domain": "overall",
                "judgement": "unclear",
                "basis": "only the abstract, a summary or a table was read"
                + ("; the domains not listed are not described there" if own else ""),
                "source": study["source"],
            }
        )
    known = {s["id"] for s in studies if s["included"] == "yes"}
    required(all(e["study"] in known for e in entries), "a bias judgement is about no included study")
    return rows


# ---------------------------------------------------------------- facts


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
    fact = row["fact"][0].upper() + row["fact"][1:]
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
        "statement": f"{row['treatment'][0].upper()}{row['treatment'][1:]}: {row['harm']}",
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
        "statement": said[0].upper() + said[1:] + (certainty if row["certainty_grade"] else ""),
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


# ---------------------------------------------------------------- references


def split_journal(text: str) -> dict[str, str]:
    """Journal, volume, issue and pages from "Pain 2010;149(3):470-475" and its like."""
    found = re.fullmatch(
        r"(?P<title>.+?),? (?:\d{4};)?(?P<volume>\d+)?(?:\((?P<issue>\d+)\))?"
        r"(?::(?P<page>[\w-]+))?",
        text,
    )
    if not found or not re.search(r"\d", text):
        return {"container-title": text} if text else {}
    parts = {"container-title": found["title"]}
    return parts | {k: found[k] for k in ("volume", "issue", "page") if found[k]}


def study_reference(study: Row) -> dict[str, Any]:
    """CSL-JSON of one study: only what the tables hold."""
    thesis = "thesis" in study["journal"]
    out: dict[str, Any] = {"id": study["id"], "type": "thesis" if thesis else "article-journal"}
    out["title"] = re.sub(r"^\(title not seen\) ", "", study["title"])
    family, _, given = study["first_author"].rpartition(" ")
    if study["first_author"]:
        name = {"family": family, "given": given} if family else {"family": study["first_author"]}
        out["author"] = [name]
        out["note"] = "first author only"
    if thesis:
        out["publisher"] = study["journal"].split(", ")[-1]
    else:
        out |= split_journal(study["journal"])
    if study["year"]:
        out["issued"] = {"date-parts": [[int(study["year"])]]}
    named = {"DOI": study["doi"], "PMID": study["pmid"], "URL": study["source"]}
    return out | {k: v for k, v in named.items() if v}


def references(studies: Sequence[Row], by_hand: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All references; an entry written by hand replaces the one made from the tables."""
    made = {s["id"]: study_reference(s) for s in studies}
    made |= {entry["id"]: entry for entry in by_hand}
    return [made[key] for key in sorted(made)]


# ---------------------------------------------------------------- all of it

SOURCES = (
    "studies arms outcomes_arm outcomes_contrast published_reviews harms_costs epidemiology "
    "gabapentinoids_living_review"
).split()


def bring_in(folder: Path, mechanisms: Path | None) -> None:
    """Write every table and print how many rows came and went."""
    source = {name: read_table(folder / f"{name}.csv") for name in SOURCES}
    decisions, facts = read_decisions("decisions.toml"), read_decisions("decisions-facts.toml")
    bias = read_decisions("decisions-bias.toml")["bias"]
    studies = study_rows(source, decisions)
    tables = {
        "studies.csv": studies,
        "arms.csv": arm_rows(source, decisions),
        "results.csv": result_rows(source, decisions),
        "contrasts.csv": contrast_rows(source, decisions),
        "bias.csv": bias_rows(studies, bias),
        "facts.csv": fact_rows(source, facts),
    }
    if mechanisms:
        rows = read_table(mechanisms / "mechanisms.csv")
        tables["mechanisms.csv"] = [r | {"source": r.pop("source_url")} for r in rows]
    for name, rows in tables.items():
        print(f"{name:15} {write_table(name, rows):4} rows")
    by_hand = json.loads((HERE / "decisions-references.json").read_text(encoding="utf-8"))
    cited = references(studies, by_hand)
    text = json.dumps(cited, ensure_ascii=False, indent=2) + "\n"
    (HERE / "references.json").write_text(text, encoding="utf-8")
    print(f"references.json {len(cited):4} entries")
    report(source, tables)


def report(source: Mapping[str, list[Row]], tables: Mapping[str, list[Row]]) -> None:
    """The rows that came in, and those that stayed behind."""
    for name in SOURCES:
        print(f"read {len(source[name]):4} rows of {name}.csv")
    out = [s["id"] for s in tables["studies.csv"] if s["included"] == "no"]
    print(f"{len(out)} studies kept in the inventory and not included: {', '.join(out)}")
    print(f"not brought over: {len(source['arms']) + extra_arms(tables) - len(tables['arms.csv'])} arm,")
    print(f"  {len(source['outcomes_arm']) - len(tables['results.csv'])} result (README.md says which)")


def extra_arms(tables: Mapping[str, list[Row]]) -> int:
    """Arms that came from the living review alone."""
    added = {s["id"] for s in tables["studies.csv"] if s["source"] == REVIEW_URL}
    return sum(a["study"] in added for a in tables["arms.csv"])


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    bring_in(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else None)
