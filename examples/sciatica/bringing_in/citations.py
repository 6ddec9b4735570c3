"""references.json: CSL-JSON of everything that a page may cite."""

import re
from collections.abc import Sequence
from typing import Any

from bringing_in.tables import Row


def split_journal(text: str) -> dict[str, str]:
    """Journal, volume, issue and pages from "Pain 2010;149(3):470-475" and its like."""
    found = re.fullmatch(
        r"(?P<title>.+?),? (?:\d{4};)?(?P<volume>\d+)?(?:\((?P<issue>\d+)\))?"
        r"(?::(?P<page>[\w-]+))?",
        re.sub(r", \d{4}, no (\d+)$", r" (\1)", text),
    )
    if not found or not re.search(r"\d", text):
        return {"container-title": text} if text else {}
    parts = {"container-title": found["title"]}
    return parts | {k: found[k] for k in ("volume", "issue", "page") if found[k]}


def study_reference(study: Row) -> dict[str, Any]:
    """CSL-JSON of one study: only what the tables hold."""
    thesis = "thesis" in study["journal"]
    out: dict[str, Any] = {"id": study["id"], "type": "thesis" if thesis else "article-journal"}
    out["title"] = re.sub(r"^\(title not seen\) (.*)", r"[Title not seen: \1]", study["title"])
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
