"""SARIF: valid by the schema, the same bytes, and the same names where lines move."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.core.diagnostics import Diagnostic, Fix, Place, Severity
from osler.core.rendering import Aside, Report, Told, render_report
from osler.core.rendering.sarif import fingerprints
from tests.unit.core.rendering.sample import CLAIM, LINE, REPORT, ROW, TOLD

SCHEMA = Path(__file__).resolve().parents[3] / "schemas" / "sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def run_of(report: Report) -> dict[str, Any]:
    return json.loads(render_report(report, "sarif"))["runs"][0]


def test_the_schema_refuses_what_is_not_sarif(validator: Any) -> None:
    log = json.loads(render_report(REPORT, "sarif"))
    assert not list(validator.iter_errors(log))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert list(validator.iter_errors(log))


def test_a_report_without_findings_is_valid_too(validator: Any) -> None:
    log = json.loads(render_report(Report(), "sarif"))
    assert not list(validator.iter_errors(log))
    assert log["runs"][0]["results"] == []


texts = st.text(max_size=30)
places = st.builds(
    Place, texts, st.integers(1, 99), st.integers(1, 40), st.integers(0, 50), texts, texts
)
diagnostics = st.builds(
    Diagnostic,
    st.sampled_from(["CLM001", "CLM002", "TAB001"]),
    st.sampled_from(Severity),
    places,
    texts,
    texts,
    texts,
    texts,
    st.none() | st.builds(Fix, places.map(lambda p: replace(p, end_column=p.column + 2)), texts),
    texts,
)
asides = st.none() | st.builds(Aside, st.just("page"), texts, st.none() | places)


@settings(max_examples=30)
@given(st.lists(st.builds(Told, diagnostics, texts, asides), max_size=4))
def test_whatever_is_told_the_log_is_valid(validator: Any, told: list[Told]) -> None:
    text = render_report(Report(tuple(told)), "sarif")
    assert not list(validator.iter_errors(json.loads(text)))
    assert text == render_report(Report(tuple(told)), "sarif")


def test_columns_are_utf16_code_units_and_say_so() -> None:
    run = run_of(REPORT)
    result = next(r for r in run["results"] if r["ruleId"] == "CLM005")
    region = result["locations"][0]["physicalLocation"]["region"]
    assert run["columnKind"] == "utf16CodeUnits"
    utf16 = LINE.encode("utf-16-le")
    words = utf16[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)]
    assert words.decode("utf-16-le") == "greatly reduce" == region["snippet"]["text"]


def test_a_fix_replaces_the_same_passage() -> None:
    result = next(r for r in run_of(REPORT)["results"] if r["ruleId"] == "CLM005")
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert replacement["deletedRegion"] == {k: v for k, v in region.items() if k != "snippet"}
    assert replacement["insertedContent"] == {"text": "may reduce"}


def test_rules_come_from_the_explanations() -> None:
    rules = {rule["id"]: rule for rule in run_of(REPORT)["tool"]["driver"]["rules"]}
    rule = rules["CLM005"]
    assert rule["shortDescription"]["text"] == "too large"
    assert rule["fullDescription"]["text"] == "The words are too large."
    assert rule["help"]["text"] == "Use smaller ones."
    assert rule["defaultConfiguration"]["level"] == "error"
    assert rules["EFF030"]["defaultConfiguration"]["level"] == "note"
    assert [r["ruleId"] for r in run_of(REPORT)["results"]] == [
        list(rules)[r["ruleIndex"]] for r in run_of(REPORT)["results"]
    ]


def test_what_is_set_aside_is_there_with_its_reason() -> None:
    found = {r["ruleId"]: r["suppressions"] for r in run_of(REPORT)["results"]}
    assert found["CLM005"] == []
    assert found["CLM006"][0]["kind"] == "inSource"
    assert found["CLM006"][0]["justification"] == "it is a quotation"
    assert found["CLM010"] == [
        {"kind": "external", "justification": "known from osler-baseline.json"}
    ]


def test_paths_are_relative_to_where_the_check_was_started() -> None:
    run = run_of(REPORT)
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]
    assert {"uri": "pages/old%20page.md", "uriBaseId": "%SRCROOT%"} in uris
    absolute = replace(ROW, place=replace(ROW.place, file="/a b/c.csv"))
    (result,) = run_of(Report((Told(absolute),)))["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "file:///a%20b/c.csv"}


def test_fingerprints_stay_where_lines_move_and_differ_where_words_do() -> None:
    moved = [
        replace(t, diagnostic=replace(t.diagnostic, place=replace(t.diagnostic.place, line=77)))
        for t in TOLD
    ]
    assert fingerprints(moved) == fingerprints(TOLD)
    other = replace(TOLD[1], text="Another sentence.")
    assert fingerprints([other]) != fingerprints([TOLD[1]])


def test_the_same_words_twice_have_two_fingerprints() -> None:
    again = replace(CLAIM, place=replace(CLAIM.place, line=40))
    assert len(set(fingerprints([Told(CLAIM, "It helps."), Told(again, "It helps.")]))) == 2
