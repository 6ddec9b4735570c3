r"""From included reports to ``studies.csv`` and ``references.json``: begun, never written over."""

import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.splitting import split_records
from osler.records.ledger import Ledger, naming
from osler.records.model import Name, Record
from osler.records.reports import FILE as REPORTS
from osler.records.reports import Report, append_reports
from osler.records.rows import render_rows

STUDIES, REFERENCES = "studies.csv", "references.json"
COLUMNS = (
    "id label first_author year title journal doi pmid registration country design population "
    "symptom_duration randomised reference source included reason notes"
).split()
TO_WRITE = "not stated yet"
"""What stands in the columns that a person has to fill, until somebody does."""


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one study; ``why`` says what holds them together, where there are several."""

    study: str
    records: tuple[Record, ...]
    why: str = ""

    @property
    def main(self) -> Record:
        """The report that the study is cited by: an article before the rest, the earliest."""
        return min(self.records, key=_rank)


def group_reports(
    ledger: Ledger, included: Iterable[str], taken: Iterable[str] = ()
) -> tuple[Group, ...]:
    """Included reports by study.

    What a person wrote into ``reports.csv`` holds. Of the others, those with a registration
    number in common are one study; any other report is a study of its own until somebody
    says which it belongs to.

    Parameters
    ----------
    ledger : Ledger
    included : iterable of str
        Keys of the included entries.
    taken : iterable of str
        Ids of studies that are there already and mean something else.

    Returns
    -------
    tuple of Group
        In order of their ids.
    """
    records = [ledger.library.by_key[key].record for key in included]
    of_person = {key: r.study.strip() for key, r in ledger.full_texts.items() if r.study.strip()}
    groups: dict[str, list[Record]] = {}
    by_number: dict[str, str] = {}
    for record in records:
        if record.key in of_person:
            groups.setdefault(of_person[record.key], []).append(record)
            by_number |= dict.fromkeys(record.registrations, of_person[record.key])
    rest = [r for r in records if r.key not in of_person]
    why: dict[str, str] = {}
    for record in sorted(rest, key=_rank):
        number = next((n for n in record.registrations if n in by_number), None)
        study = by_number[number] if number else _study_id(record, {*taken, *groups})
        groups.setdefault(study, []).append(record)
        by_number |= {n: by_number.get(n, study) for n in record.registrations}
        if number:
            why[study] = f"registered as {number}"
    ordered = sorted(groups.items())
    return tuple(Group(s, tuple(sorted(g, key=_rank)), why.get(s, "")) for s, g in ordered)


def study_row(group: Group) -> dict[str, str]:
    """The row of ``studies.csv`` that a group begins: what its main report says of itself."""
    main = group.main
    numbers = dict.fromkeys(n for r in group.records for n in r.registrations)
    year = str(main.year) if main.year else ""
    first = main.authors[0] if main.authors else Name()
    label = f"{first.family or first.literal or group.study} {year}".strip()
    reports = f"{len(group.records)} reports" if len(group.records) > 1 else ""
    notes = "; ".join(text for text in (reports, group.why) if text)
    return dict.fromkeys(COLUMNS, "") | {
        "id": group.study,
        "label": label,
        "first_author": first.shown,
        "year": year,
        "title": main.title,
        "journal": main.container,
        "doi": main.doi,
        "pmid": main.pmid,
        "registration": "; ".join(numbers),
        "design": TO_WRITE,
        "population": TO_WRITE,
        "reference": group.study,
        "source": _address(main),
        "included": "yes",
        "notes": notes,
    }


def begin_studies(text: str, groups: Sequence[Group]) -> tuple[str, tuple[Diagnostic, ...]]:
    """``studies.csv`` with a row for each study that it lacks; what stands there stays.

    A study is there if a row has its id, its DOI, its PMID or its registration number. Where
    the row then says something else, REC086 tells, and the row is left as it is.
    """
    rows, header = _rows(text)
    lacking: list[dict[str, str]] = []
    found: list[Diagnostic] = []
    for group in groups:
        fresh = study_row(group)
        there = next(((line, row) for line, row in rows if _same_study(row, fresh)), None)
        if there is None:
            lacking.append(fresh)
        else:
            found += _differences(*there, fresh)
    if not lacking:
        return text, tuple(found)
    if not text.strip():
        return render_rows([COLUMNS, *([r[c] for c in COLUMNS] for r in lacking)]), tuple(found)
    end = "" if text.endswith("\n") else "\n"
    added = render_rows([[row.get(name, "") for name in header] for row in lacking])
    return text + end + added, tuple(found)


def begin_references(text: str, groups: Sequence[Group]) -> str:
    """``references.json`` with an entry for each study that it lacks; the rest stays as it is.

    Raises ValueError where the text is not a JSON list, which is then left alone.
    """
    known = json.loads(text) if text.strip() else []
    if not isinstance(known, list):
        raise ValueError("references.json is not a list")
    ids = {str(item.get("id")) for item in known if isinstance(item, dict)}
    fresh = [csl_item(g.main, g.study) for g in groups if g.study not in ids]
    if not fresh:
        return text
    lines = ",\n".join(_indented(json.dumps(i, ensure_ascii=False, indent=2)) for i in fresh)
    if not known:
        return f"[\n{lines}\n]\n"
    # Written at the end of the list, so that the bytes of what stands there do not change.
    return f"{text.rstrip().removesuffix(']').rstrip()},\n{lines}\n]\n"


def csl_item(record: Record, name: str) -> dict[str, Any]:
    """A record as CSL-JSON; only what it says.

    Examples
    --------
    >>> csl_item(Record(title="A trial", year=2024, doi="10.1000/x"), "tu-2024")["issued"]
    {'date-parts': [[2024]]}
    """
    texts = {
        "title": record.title,
        "container-title": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages,
        "publisher": record.publisher,
        "DOI": record.doi,
        "PMID": record.pmid,
        "URL": _address(record),
    }
    out: dict[str, Any] = {"id": name, "type": record.kind}
    out |= {key: text for key, text in texts.items() if text}
    if record.authors:
        out["author"] = [_csl_name(author) for author in record.authors]
    if record.year:
        out["issued"] = {"date-parts": [[record.year]]}
    return out


def begin_reports(text: str, ledger: Ledger, groups: Sequence[Group]) -> str:
    """``reports.csv`` with the study of each report that has none yet."""
    said = {key for key, report in ledger.full_texts.items() if report.study.strip()}
    rows = [
        Report(record.key, study=group.study, note=group.why)
        for group in groups
        for record in group.records
        if record.key not in said
    ]
    return append_reports(text, rows) if rows else text


def without_study(ledger: Ledger, included: Iterable[str]) -> tuple[Diagnostic, ...]:
    """REC085: included reports of which nobody has said to which study they belong."""
    full = ledger.full_texts
    keys = [k for k in included if not (full[k].study.strip() if k in full else "")]
    if not keys:
        return ()
    told = (
        "included reports have no study yet",
        keys,
        "each counts as a study of its own",
        "run `osler records studies`, then look at what it wrote into reports.csv",
    )
    return (naming("REC085", Severity.NOTE, REPORTS, *told),)


def _rank(record: Record) -> tuple[bool, bool, int, str]:
    return (
        record.kind != "article-journal",
        not record.doi and not record.pmid,
        record.year or 9999,
        record.key,
    )


def _study_id(record: Record, taken: set[str]) -> str:
    first = record.authors[0] if record.authors else Name()
    words = str(first.family or first.literal) or " ".join(record.title.split()[:3])
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", f"{plain} {record.year or ''}").strip("-") or "study"
    for letter in ("", *"bcdefghijklmnopqrstuvwxyz"):
        if f"{stem}{letter}" not in taken:
            return f"{stem}{letter}"
    return record.key


def _address(record: Record) -> str:
    if record.doi:
        return f"https://doi.org/{record.doi}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/" if record.pmid else record.url


def _rows(text: str) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    records, _ = split_records(lines, ",")
    if not records:
        return [], list(COLUMNS)
    header = [cell.strip() for cell in records[0][1]]
    rows = [(line, dict(zip(header, cells, strict=False))) for line, cells in records[1:]]
    return rows, header


def _same_study(row: Mapping[str, str], fresh: Mapping[str, str]) -> bool:
    if row.get("id", "").strip() == fresh["id"]:
        return True
    numbers = set(re.split(r"[;,\s]+", row.get("registration", "").upper())) - {""}
    if numbers & set(fresh["registration"].split("; ")):
        return True
    pairs = ((row.get(name, "").strip().lower(), fresh[name].lower()) for name in ("doi", "pmid"))
    return any(there and there == new for there, new in pairs)


def _differences(line: int, row: Mapping[str, str], fresh: Mapping[str, str]) -> list[Diagnostic]:
    told = [
        f"{name} is {row[name].strip()!r}, the library has {fresh[name]!r}"
        for name in ("year", "doi", "pmid")
        if row.get(name, "").strip()
        and fresh[name]
        and row[name].strip().lower() != fresh[name].lower()
    ]
    if not told:
        return []
    return [
        Diagnostic(
            "REC086",
            Severity.NOTE,
            Place(STUDIES, line),
            "studies.csv and the library differ",
            f"{row.get('id', '')}: {'; '.join(told)}",
            "the row stays as it is",
            "correct the one that is wrong, or say in reports.csv that it is another study",
        )
    ]


def _csl_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    return {k: v for k, v in (("family", name.family), ("given", name.given)) if v}


def _indented(text: str) -> str:
    held = io.StringIO(text)
    return "".join(f"  {line}" for line in held)
