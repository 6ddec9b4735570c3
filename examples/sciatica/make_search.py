"""Write a small search for sciatica trials into records/, to show the way from hits to studies.

    python make_search.py

Nobody ran this search. Its records are made from studies.csv and references.json, so that every
title, author, journal and number in them is one that is in this folder already; each pretended
source writes them in its own format and with its own habits (a full stop after the title, initials,
abbreviated pages, no DOI). Who decided and when is made up too ("first reviewer"). The verdicts
and reasons are those of studies.csv.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from osler.records.adding import add_export
from osler.records.criteria import Criteria, render_criteria
from osler.records.decisions import render_decisions
from osler.records.known import Known, render_known
from osler.records.ledger import read_ledger
from osler.records.model import Decision, Stage, Verdict
from osler.records.reports import Report, Retrieval, render_reports
from osler.records.searches import Search, SearchKind

HERE = Path(__file__).parent
RECORDS = HERE / "records"
DAY = "2026-11-20"
NOTE = "Made for this example from the references of this folder; nobody ran this search."
Item = dict[str, Any]

PUBMED = (
    "tu-2024 mathieson-2017 goldberg-2015 carette-1997 zhang-2017 cohen-2012 cohen-2015 "
    "fritz-2020 iversen-2011 friedman-2008 konstantinou-2020 gadjradj-2022 vad-2002 baron-2010 "
    "hofstee-2002 bush-1991 ji-2015 acupuncture-vs-analgesics-2022 haimovic-1986"
).split()
EMBASE = (
    "tu-2024 mathieson-2017 carette-1997 cohen-2012 cohen-2015 iversen-2011 peul-2007 "
    "genevay-2010 wilby-2021 vad-2002 baron-2010 liu-2019 qin-2015 zhang-2023 pinto-2012-bmj "
    "konstantinou-2008 ostelo-2008"
).split()
CENTRAL = (
    "tu-2024 goldberg-2015 carette-1997 zhang-2017 peul-2007 vroomen-1999 bronfort-2014 "
    "luijsterburg-2008 warm-needling-swiss liu-2019"
).split()
SCOPUS = (
    "tu-2024 mathieson-2017 genevay-2010 gadjradj-2022 haugen-2011 lewis-2015 tang-2018 "
    "salame-2025 liu-2023-bmj watts-silagy-1995"
).split()
CITED = "carette-1997 miller-2024 malik-2015 tu-2024".split()

REASONS = {
    "vad-2002": "Not randomised",
    "baron-2010": "Not comparable: only people who had responded",
    "liu-2019": "Both groups had the same treatment",
    "warm-needling-swiss": "Both groups had the same treatment",
}
NOT_RETRIEVED = ("hofstee-2002", "bush-1991")
CRITERIA = Criteria(
    question="Which treatments help adults with sciatica?",
    include=("Randomised trial", "Adults with sciatica", "A treatment against another or none"),
    exclude=("Reviews", "Surveys and measurement studies"),
    reasons=(
        "Not randomised",
        "Both groups had the same treatment",
        "Not comparable: only people who had responded",
    ),
    words_in=("randomised", "randomized", "placebo", "sham", "sciatica", "radicul*"),
    words_out=("review", "meta-analysis", "prevalence", "rat", "rats"),
    reviewers=("first reviewer", "second reviewer"),
    reviewers_needed=1,
)


def main() -> None:
    """Exports, searches, library, decisions, full texts."""
    items = _items()
    files: dict[str, bytes] = {}
    for search, name, content in _searches(items):
        files |= add_export(files, content, name, search).files
    files |= _judged(files, items)
    for name, content in files.items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{name:34} {len(content):6} bytes")


def _items() -> dict[str, Item]:
    cited = {x["id"]: x for x in json.loads((HERE / "references.json").read_text("utf-8"))}
    with (HERE / "studies.csv").open(encoding="utf-8", newline="") as held:
        for row in csv.DictReader(held):
            cited[row["id"]] |= {"registration": row["registration"], "study": row["id"]}
    return cited


def _searches(items: dict[str, Item]) -> Iterable[tuple[Search, str, bytes]]:
    sources: Sequence[tuple[str, str, SearchKind, list[str], str, Callable[[list[Item]], str]]] = (
        ("PubMed", "NLM", SearchKind.DATABASE, PUBMED, "pubmed.nbib", _nbib),
        ("Embase", "Ovid", SearchKind.DATABASE, EMBASE, "embase.ris", _ris),
        ("CENTRAL", "Cochrane Library", SearchKind.DATABASE, CENTRAL, "central.bib", _bibtex),
        ("Scopus", "", SearchKind.DATABASE, SCOPUS, "scopus.csv", _csv),
        ("Reference lists", "", SearchKind.CITATION, CITED, "cited.ris", _ris),
    )
    for database, platform, kind, ids, name, render in sources:
        search = Search(
            id="",
            database=database,
            kind=kind,
            platform=platform,
            date=DAY,
            strategy=_STRATEGIES.get(database, ""),
            hits=len(ids),
            note=NOTE,
        )
        yield search, name, render([items[name] for name in ids]).encode()


_STRATEGIES = {
    "PubMed": '(sciatica[mesh] OR sciatica[tiab] OR "lumbar radicul*"[tiab])\nAND random*[tiab]',
    "Embase": "1  exp sciatica/\n2  (sciatic* or (lumbar adj2 radicul*)).ti,ab.\n"
    "3  random*.ti,ab.\n4  (1 or 2) and 3",
    "CENTRAL": "sciatica OR (lumbar NEAR/2 radicul*):ti,ab",
    "Scopus": 'TITLE-ABS-KEY(sciatica OR "lumbar radiculopathy") AND TITLE-ABS-KEY(random*)',
}


def _judged(files: dict[str, bytes], items: dict[str, Item]) -> dict[str, bytes]:
    ledger, _ = read_ledger(files)
    by_doi = {e.record.doi: e.key for e in ledger.library.entries if e.record.doi}
    by_title = {_plain(e.record.title): e.key for e in ledger.library.entries}
    names = dict.fromkeys([*PUBMED, *EMBASE, *CENTRAL, *SCOPUS, *CITED])
    decided: list[Decision] = []
    reports: list[Report] = []
    minute = 0

    def decide(key: str, stage: Stage, verdict: Verdict, reason: str = "") -> None:
        nonlocal minute
        when = f"{DAY}T{9 + minute // 60:02}:{minute % 60:02}:00Z"
        decided.append(Decision(key, stage, verdict, "first reviewer", when, reason))
        minute += 1

    for name in names:
        item = items[name]
        key = by_doi.get(str(item.get("DOI", "")).lower()) or by_title[_plain(item["title"])]
        trial = "study" in item
        decide(key, Stage.TITLE_ABSTRACT, Verdict.INCLUDE if trial else Verdict.EXCLUDE)
        if not trial:
            continue
        link = item.get("URL", "")
        if name in NOT_RETRIEVED:
            reports.append(Report(key, Retrieval.NOT_RETRIEVED, link, note="abstract only"))
            continue
        study = "" if name in REASONS else item["study"]
        reports.append(Report(key, Retrieval.RETRIEVED, link, study))
        verdict = Verdict.EXCLUDE if name in REASONS else Verdict.INCLUDE
        decide(key, Stage.FULL_TEXT, verdict, REASONS.get(name, ""))
    known = [
        Known(items[n]["title"], str(items[n]["DOI"]).lower()) for n in ("tu-2024", "peul-2007")
    ]
    return {
        "records/decisions.csv": render_decisions(decided).encode(),
        "records/reports.csv": render_reports(reports).encode(),
        "records/criteria.toml": render_criteria(CRITERIA).encode(),
        "records/known.csv": render_known(known).encode(),
    }


def _plain(title: str) -> str:
    return "".join(c for c in title.casefold() if c.isalnum())


def _names(item: Item, *, initials: bool) -> list[str]:
    out = []
    for author in item.get("author", ()):
        given = author.get("given", "")
        if initials:
            given = "".join(p[0] for p in re.split(r"[\s-]+", given) if p and not given.isupper())
            given = given or author.get("given", "")
        out.append(f"{author.get('family') or author['literal']}, {given}".strip(", "))
    return out


def _year(item: Item) -> str:
    return str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""


def _nbib(items: list[Item]) -> str:
    """As PubMed writes it: a full stop after the title, pages cut short, long lines folded."""
    blocks = []
    for item in items:
        lines = [("PMID", item.get("PMID", "")), ("TI", f"{item['title'].rstrip('.')}.")]
        for name in _names(item, initials=True):
            lines.append(("AU", name.replace(",", "")))
        lines += [("DP", _year(item)), ("JT", item.get("container-title", ""))]
        lines += [("VI", item.get("volume", "")), ("IP", item.get("issue", ""))]
        lines += [("PG", _short(item.get("page", "")))]
        if item.get("DOI"):
            lines.append(("LID", f"{item['DOI']} [doi]"))
        if item.get("registration"):
            lines.append(("SI", f"ClinicalTrials.gov/{item['registration']}"))
        lines.append(("PT", "Journal Article"))
        blocks.append("".join(_folded(tag, text) for tag, text in lines if text))
    return "\n".join(blocks)


def _folded(tag: str, text: str) -> str:
    words, rows = text.split(), [""]
    for word in words:
        if len(rows[-1]) + len(word) > 78:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return f"{tag:<4}- " + "\n      ".join(rows) + "\n"


def _short(pages: str) -> str:
    """1417-1424 as 1417-24."""
    first, _, last = pages.partition("-")
    if not last or len(first) != len(last) or not (first + last).isdigit():
        return pages
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), 0)
    return f"{first}-{last[same:]}"


def _ris(items: list[Item]) -> str:
    out = []
    for item in items:
        first, _, last = str(item.get("page", "")).partition("-")
        lines = [("TY", "JOUR"), ("T1", item["title"])]
        lines += [("A1", name) for name in _names(item, initials=True)]
        lines += [("Y1", f"{_year(item)}//" if _year(item) else "")]
        lines += [("JF", item.get("container-title", "")), ("VL", item.get("volume", ""))]
        lines += [("IS", item.get("issue", "")), ("SP", first), ("EP", last)]
        lines += [("DO", item.get("DOI", ""))]
        out.append("".join(f"{tag}  - {text}\n" for tag, text in lines if text) + "ER  - \n")
    return "\n".join(out)


def _bibtex(items: list[Item]) -> str:
    """Without DOIs, as some libraries have it."""
    out = []
    for number, item in enumerate(items, 1):
        fields = {
            "title": f"{{{item['title']}}}",
            "author": " and ".join(_names(item, initials=False)),
            "year": _year(item),
            "journal": item.get("container-title", ""),
            "volume": item.get("volume", ""),
            "pages": str(item.get("page", "")).replace("-", "--"),
        }
        rows = ",\n".join(f"  {key} = {{{text}}}" for key, text in fields.items() if text)
        out.append(f"@article{{CN-{number:05},\n{rows}\n}}\n")
    return "\n".join(out)


def _csv(items: list[Item]) -> str:
    head = ["Authors", "Title", "Year", "Source title", "Volume", "Issue", "Page start"]
    rows = [[*head, "Page end", "DOI", "Document Type"]]
    for item in items:
        first, _, last = str(item.get("page", "")).partition("-")
        authors = "; ".join(name.replace(",", "") for name in _names(item, initials=True))
        row = [authors, item["title"], _year(item), item.get("container-title", "")]
        row += [item.get("volume", ""), item.get("issue", ""), first, last, item.get("DOI", "")]
        rows.append([*row, "Article"])
    return "".join(",".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in r) + "\n" for r in rows)


if __name__ == "__main__":
    main()
