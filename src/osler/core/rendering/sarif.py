"""A report as SARIF 2.1.0, the format in which code-scanning services take findings.

Columns are counted in UTF-16 code units, as ``columnKind`` says and as viewers assume where
they do not read it. Paths are relative to ``%SRCROOT%``, where the check was started.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias
from urllib.parse import quote

from osler.core.diagnostics import Diagnostic, Fix, Place, Severity
from osler.core.rendering.explanation import parse_explanation
from osler.core.rendering.passages import end_column, utf16_column
from osler.core.rendering.report import Aside, Report, Told

Object: TypeAlias = dict[str, object]

# The identifier that the standard gives its schema.
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GRAVEST_FIRST = tuple(_LEVELS)


def report_as_sarif(report: Report) -> str:
    """The log as JSON; what was set aside is in it, with its reason."""
    driver: Object = {"name": "Osler", "rules": _rules(report)}
    if report.version:
        driver["version"] = report.version
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {ROOT: {"description": {"text": "where the check was started"}}},
        "invocations": [{"executionSuccessful": report.ran}],
        "results": _results(report),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _codes(report: Report) -> list[str]:
    return sorted({t.diagnostic.code for t in report.told})


def _rules(report: Report) -> list[Object]:
    gravest: dict[str, Severity] = {}
    for d in (t.diagnostic for t in report.told):
        both = (d.severity, gravest.get(d.code, d.severity))
        gravest[d.code] = min(both, key=_GRAVEST_FIRST.index)
    return [_rule(code, gravest[code], report.explanations) for code in _codes(report)]


def _rule(code: str, severity: Severity, explanations: Mapping[str, str]) -> Object:
    rule: Object = {"id": code, "defaultConfiguration": {"level": _LEVELS[severity]}}
    text = explanations.get(code, "")
    if text:
        read = parse_explanation(text)
        rule["shortDescription"] = {"text": read.title}
        rule["fullDescription"] = {"text": " ".join(read.meaning.split())}
        advice = read.sections.get("What to do", read.meaning)
        rule["help"] = {"text": " ".join(advice.split()), "markdown": text.strip()}
    rule["properties"] = {"tags": [code[:3]]}
    return rule


def _results(report: Report) -> list[Object]:
    index = {code: n for n, code in enumerate(_codes(report))}
    prints = fingerprints(report.told)
    return [
        _result(t, index[t.diagnostic.code], p) for t, p in zip(report.told, prints, strict=True)
    ]


def _result(told: Told, index: int, fingerprint: str) -> Object:
    d = told.diagnostic
    location: Object = {"physicalLocation": _physical(d.place)}
    if d.place.field:
        location["logicalLocations"] = [{"name": d.place.field, "kind": "member"}]
    result: Object = {
        "ruleId": d.code,
        "ruleIndex": index,
        "level": _LEVELS[d.severity],
        # Without arguments nothing in braces is a placeholder, so they are not doubled.
        "message": {"text": _message(d)},
        "locations": [location],
        "partialFingerprints": {"oslerFinding/v1": fingerprint},
        # An empty list says "not suppressed"; without it nothing would be said.
        "suppressions": [_suppression(told.aside, d.place.file)] if told.aside else [],
    }
    if d.fix is not None:
        result["fixes"] = [_fix(d.fix)]
    if d.rule:
        result["properties"] = {"rule": d.rule}
    return result


def _message(d: Diagnostic) -> str:
    return "\n".join(part for part in (d.message, d.found, d.so, d.help) if part)


def _physical(place: Place) -> Object:
    return {"artifactLocation": _artifact(place.file), "region": _region(place)}


def _artifact(file: str) -> Object:
    path = PurePosixPath(file.replace("\\", "/"))
    if path.is_absolute():
        return {"uri": "file://" + quote(str(path))}
    # A colon in the first part would be read as the scheme of the address.
    return {"uri": quote(str(path)), "uriBaseId": ROOT}


def _region(place: Place, end: int = 0) -> Object:
    start, end = place.column, end or end_column(place)
    region: Object = {
        "startLine": place.line,
        "startColumn": utf16_column(place.source, start),
        "endLine": place.line,
        "endColumn": utf16_column(place.source, end),
    }
    words = place.source[start - 1 : end - 1]
    if words:
        region["snippet"] = {"text": words}
    return region


def _suppression(aside: Aside, file: str) -> Object:
    if aside.by == "baseline":
        return {"kind": "external", "justification": f"known from {aside.because}"}
    suppression: Object = {
        "kind": "inSource",
        "status": "accepted",
        "justification": aside.because,
    }
    if aside.place is not None:
        physical = {"artifactLocation": _artifact(file), "region": _region(aside.place)}
        suppression["location"] = {"physicalLocation": physical}
    return suppression


def _fix(fix: Fix) -> Object:
    region = _region(fix.place, fix.place.end_column)
    region.pop("snippet", None)
    replacement = {"deletedRegion": region, "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": _artifact(fix.place.file), "replacements": [replacement]}
    return {"description": {"text": f"write: {fix.text}"}, "artifactChanges": [change]}


def fingerprints(told: Sequence[Told]) -> list[str]:
    """For each finding a name that stays where lines move: by code, file, words and their count.

    Examples
    --------
    >>> d = Diagnostic("CLM006", Severity.ERROR, Place("a.md", 3), "no trial can show it")
    >>> moved = Diagnostic("CLM006", Severity.ERROR, Place("a.md", 9), "no trial can show it")
    >>> fingerprints([Told(d, "It cures.")]) == fingerprints([Told(moved, "It cures.")])
    True
    """
    seen: Counter[tuple[str, ...]] = Counter()
    out = []
    for t in told:
        d = t.diagnostic
        key = (d.code, d.rule, d.place.file, d.place.field, " ".join(t.text.split()))
        seen[key] += 1
        name = "\0".join((*key, str(seen[key])))
        out.append(hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return out
