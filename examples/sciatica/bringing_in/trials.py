"""Studies, arms, results, contrasts and bias: one row of the extraction tables to one row here."""

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bringing_in.tables import COLUMNS, Row, Toml, joined, required

NO_RESULT = "No result could be read from the page seen."
REVIEW_URL = "https://github.com/openMetaAnalysis/Sciatica-treatment-with-gabapentinoids"


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
        "notes": joined(
            "bibliographic data and population as the living review prints them", trial["notes"]
        ),
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
    renamed = {(d["study"], d["arm"], d["outcome"]): d["to"] for d in decisions["rename_result"]}
    rows = [
        result_row(r) for r in source["outcomes_arm"] if (r["study_id"], r["arm_id"]) not in dropped
    ]
    for row in rows:
        row["outcome"] = renamed.get((row["study"], row["arm"], row["outcome"]), row["outcome"])
    return rows


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
    pair = [
        a["n_randomised"] for a in arms if a["arm_id"] in (contrast["arm_a"], contrast["arm_b"])
    ]
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
        "se": repr(math.sqrt(float(printed["variance"]))),
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
    return rows + [
        living_contrast_row(p, decisions) for p in source["gabapentinoids_living_review"]
    ]


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
    required(
        all(e["study"] in known for e in entries), "a bias judgement is about no included study"
    )
    return rows
