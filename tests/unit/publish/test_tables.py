"""Summary of findings, evidence profile and decision summary as sheets."""

import re
from dataclasses import replace

import pytest

from osler.certainty.model import Absolute, Evidence, Finding, Level, Step
from osler.core.diagnostics import DataError, Place, Severity
from osler.effects.model import Effect
from osler.publish.composition import Composition, environment
from osler.publish.decision import NOT_KNOWN, decision_sheet
from osler.publish.importance import importance_text
from osler.publish.profile import profile_sheet
from osler.publish.ratings import explanation, rating
from osler.publish.risks import change_text, risk_text
from osler.publish.scores import comparator_scores, scores_text
from osler.publish.sheet_text import cell_text, sheet_text
from osler.publish.sheets import Cell, Sheet
from osler.publish.site import build_site
from osler.publish.summary import MOST_OUTCOMES, chosen_outcomes, summary_diagnostics, summary_sheet
from osler.review.model import Arm, Comparison, Instrument, Judgement, Result, Review, Threshold
from tests.unit.publish.sample import (
    BETTER_DRUGS,
    DRUGS,
    EVIDENCE,
    HARM,
    HARM_DRUGS,
    PAIN,
    PAIN_SHAM,
    REVIEW,
    SHAM,
    TEXT,
    finding,
    outcome,
    page,
    study_effect,
)

HERE = Place("pages/a.md", 3)
PERSON = Judgement(
    "a / b", "indirectness", 1, "other people", "A reviewer", "2026-01-15", HERE, "the basis"
)


def composed(review: Review = REVIEW, evidence: Evidence = EVIDENCE) -> Composition:
    return Composition(review, evidence, page(), environment())


def texts(sheet: Sheet, row: int) -> list[str]:
    return [cell_text(cell) for cell in sheet.rows[row]]


def column(sheet: Sheet, head: str) -> list[Cell]:
    place = [c.head for c in sheet.columns].index(head)
    return [row[place] for row in sheet.rows]


def many(count: int, *, harm_at: int | None) -> tuple[Review, Evidence]:
    """A review with so many answered outcomes, of which one is a harm."""
    outcomes = [
        outcome(f"outcome {i}", "MD", harm=i == harm_at, label=f"outcome {i}") for i in range(count)
    ]
    found = [
        finding(SHAM, one, (study_effect("a", "Trial A", Effect("MD", -12.0, 4.0)),))
        for one in outcomes
    ]
    review = replace(REVIEW, outcomes={o.name: o for o in outcomes}, comparisons={SHAM.name: SHAM})
    return review, Evidence({f.about: f for f in found}, {})


# ------------------------------------------------------------------ which outcomes


def test_seven_outcomes_are_shown_without_a_word() -> None:
    review, evidence = many(7, harm_at=6)
    chosen = chosen_outcomes(review, evidence, SHAM)
    assert len(chosen.answers) == MOST_OUTCOMES
    assert (chosen.hidden, chosen.gave_way) == ((), None)
    assert summary_diagnostics(review, evidence, SHAM) == ()


def test_an_eighth_outcome_is_named_below_and_noted() -> None:
    review, evidence = many(8, harm_at=0)
    sheet = summary_sheet(composed(review, evidence), SHAM)
    assert len(sheet.rows) == MOST_OUTCOMES
    assert "Also measured: outcome 7." in sheet.remarks
    (noted,) = summary_diagnostics(review, evidence, SHAM)
    assert (noted.code, noted.severity) == ("SOF001", Severity.NOTE)
    assert noted.found.endswith("not in the table: outcome 7")


def test_a_harm_takes_the_seventh_place_and_says_whose() -> None:
    review, evidence = many(9, harm_at=8)
    sheet = summary_sheet(composed(review, evidence), SHAM)
    assert texts(sheet, 6)[0].startswith("Outcome 8\nharm; ")
    assert any("outcome 8 took the place of outcome 6" in remark for remark in sheet.remarks)
    noted = summary_diagnostics(review, evidence, SHAM)
    assert [d.code for d in noted] == ["SOF001", "SOF002"]
    assert noted[1].so == "it takes the place of 'outcome 6'"


def test_a_review_without_harms_is_warned_of_and_says_so_in_the_table() -> None:
    review, evidence = many(2, harm_at=None)
    sheet = summary_sheet(composed(review, evidence), SHAM)
    assert "No harm was asked about: this table cannot tell what may go wrong." in sheet.remarks
    (warned,) = summary_diagnostics(review, evidence, SHAM)
    assert (warned.code, warned.severity) == ("SOF003", Severity.WARNING)


def test_a_harm_that_no_trial_counted_has_its_row() -> None:
    sheet = summary_sheet(composed(), SHAM)
    assert texts(sheet, 1) == [
        "Adverse events in the first four months\nharm; fewer is better",
        *("not known", "not known", "not known"),
        "no usable trial",
        "not known",
        "No trial gave a result that could be used.",
    ]


# ------------------------------------------------------------------ numbers


def test_a_row_of_a_mean_difference() -> None:
    sheet = summary_sheet(composed(), SHAM)
    cells = texts(sheet, 0)
    assert cells[0].splitlines()[1] == "scale 0 to 100, lower is better; 4 weeks"
    assert cells[1] == "score not reported"
    assert re.match(
        r"[\d.]+ points lower on a 0–100 scale\n95% CI [\d.]+ to [\d.]+ lower", cells[2]
    )
    assert cells[3] == "–"
    assert cells[4] == "at least 262 people\n3 trials"
    assert cells[5] == "⊕⊕⊝⊝ low (a, b)"
    assert cells[6] == f"{PAIN_SHAM.statement} (c)"


def test_a_row_of_a_risk_ratio() -> None:
    sheet = summary_sheet(composed(), DRUGS)
    cells = next(texts(sheet, i) for i in range(3) if "Global" in texts(sheet, i)[0])
    assert cells[1].startswith("41 of 100 (41%) (")
    assert cells[2] == "68 of 100 (68%)\n95% CI 52 to 89 of 100; 27 more in 100"
    assert cells[3].startswith("risk ratio 1.6")


def test_rare_events_are_counted_among_a_thousand_in_both_columns() -> None:
    sheet = summary_sheet(composed(), DRUGS)
    cells = next(texts(sheet, i) for i in range(3) if "Adverse" in texts(sheet, i)[0])
    assert cells[1].startswith("7 of 1000 (0.7%)")
    assert cells[2].startswith("14 of 1000 (1.4%)\n95% CI 1 to 148 of 1000; 7 more")


def test_people_and_percentage_are_of_the_same_whole_number() -> None:
    assert risk_text(0.325, 100) == "33 of 100 (33%)"
    assert risk_text(0.0, 100) == "0 of 100 (0%)"
    assert change_text(Absolute(0.40, 0.404, 0.3, 0.5, ""), 100) == "no difference in 100"


def _at_risks() -> Finding:
    three = tuple(
        Absolute(0.1 * k, 0.05 * k, 0.03 * k, 0.07 * k, f"source {k}", name)
        for k, name in enumerate(("low", "median", "high"), 1)
    )
    return replace(HARM_DRUGS, absolute=three[1], absolutes=three)


def test_every_baseline_risk_is_told_with_its_source_and_the_median_first() -> None:
    found = _at_risks()
    sheet = summary_sheet(composed(evidence=Evidence({found.about: found}, {})), DRUGS)
    cells = texts(sheet, 0)
    assert cells[1] == "20 of 100 (20%) (a)\nlow 10, high 30 of 100"
    assert cells[2].splitlines() == [
        "10 of 100 (10%)",
        "95% CI 6 to 14 of 100; 10 fewer in 100",
        "at low risk: 5 of 100; 95% CI 3 to 7 of 100; 5 fewer in 100",
        "at high risk: 15 of 100; 95% CI 9 to 21 of 100; 15 fewer in 100",
    ]
    assert sheet.notes[0] == (
        "a",
        "Risks to start from: low, source 1; median, source 2; high, source 3.",
    )


def test_numbers_needed_only_on_request_and_with_their_interval() -> None:
    found = _at_risks()
    evidence = Evidence({found.about: found}, {})
    plain = sheet_text(summary_sheet(composed(evidence=evidence), DRUGS))
    assert "NNT" not in plain
    asked = texts(summary_sheet(composed(evidence=evidence), DRUGS, numbers_needed=True), 0)[2]
    assert "number needed to treat: NNTB 10 (NNTB 8 to NNTB 17)" in asked.splitlines()


def test_a_number_needed_whose_interval_holds_no_difference_runs_through_infinity() -> None:
    at = Absolute(0.40, 0.30, 0.15, 0.45, "an example")
    found = replace(HARM_DRUGS, absolute=at)
    evidence = Evidence({found.about: found}, {})
    sheet = summary_sheet(composed(evidence=evidence), DRUGS, numbers_needed=True)
    assert "NNTB 10 (NNTB 4 to infinity to NNTH 20)" in texts(sheet, 0)[2]


def test_a_ratio_without_a_risk_says_that_people_are_not_known() -> None:
    bare = replace(BETTER_DRUGS, absolute=None)
    sheet = summary_sheet(composed(evidence=Evidence({bare.about: bare}, {})), DRUGS)
    assert texts(sheet, 0)[1:3] == ["number of people not known"] * 2


# ------------------------------------------------------------------ scores of the comparator


def _result(study: str, mean: float | None, **changes: object) -> Result:
    values: dict[str, object] = {
        "study": study, "arm": "c", "outcome": "leg pain", "instrument": "VAS 0-100", "weeks": 4.0,
        "value": "final", "events": None, "n": 20, "mean": mean, "sd": None, "se": None,
        "ci_lower": None, "ci_upper": None, "source": "", "where": "", "notes": "", "place": HERE,
    }  # fmt: skip
    return Result(**(values | changes))  # type: ignore[arg-type]  # fields by name


def _scored(*results: Result) -> Review:
    arms = tuple(Arm(s, "c", "sham acupuncture", "", 20, HERE) for s in "abc")
    instruments = {
        "VAS 0-100": Instrument("VAS 0-100", 0, 100, "lower"),
        "Wellness 0-10": Instrument("Wellness 0-10", 0, 10, "higher"),
    }
    return replace(REVIEW, arms=arms, results=results, instruments=instruments)


@pytest.mark.parametrize(
    ("results", "told"),
    [
        ((), ("", "")),
        ((_result("a", 40.0),), ("40.0 points", "mean of 1 of 3 trials")),
        (
            (_result("a", 40.0), _result("b", 31.5), _result("c", 35.0)),
            ("31.5 to 40.0 points", "means of 3 trials"),
        ),
        ((_result("a", -14.9, value="change"),), ("fell by 14.9 points", "mean of 1 of 3 trials")),
        (
            (_result("a", -14.9, value="change"), _result("b", 30.0)),
            ("30.0 points", "mean of 1 of 3 trials"),
        ),
        ((_result("a", 40.0, weeks=12.0),), ("", "")),
        ((_result("a", 40.0, arm="t"),), ("", "")),
        ((_result("a", None),), ("", "")),
    ],
)
def test_scores_with_the_comparator(results: tuple[Result, ...], told: tuple[str, str]) -> None:
    assert scores_text(_scored(*results), PAIN_SHAM) == told


def test_a_score_on_another_instrument_is_brought_to_the_scale_and_turned() -> None:
    effect = replace(PAIN_SHAM.answer.effects[0], instrument="Wellness 0-10")
    answer = replace(PAIN_SHAM.answer, effects=(effect,))
    review = _scored(_result("a", 7.0, instrument="Wellness 0-10"))
    (score,) = comparator_scores(review, replace(PAIN_SHAM, answer=answer))
    assert score.mean == pytest.approx(30.0)


# ------------------------------------------------------------------ notes


@pytest.mark.parametrize("comparison", [SHAM, DRUGS])
def test_every_letter_has_its_note_and_every_note_its_letter(comparison: Comparison) -> None:
    for sheet in (summary_sheet(composed(), comparison), profile_sheet(composed(), comparison)):
        used = [letter for row in sheet.rows for cell in row for letter in cell.notes]
        assert set(used) == {letter for letter, _ in sheet.notes}
        assert used, "a table of findings explains itself"


def test_each_lowering_is_explained_and_what_lowers_nothing_is_not() -> None:
    sheet = summary_sheet(composed(), SHAM)
    told = " ".join(text for _, text in sheet.notes)
    assert "Imprecision: lowered 2 levels. Decided by the rule. Seen: 3.4 to 20.4, MID 10." in told
    # A person left a level that the rule would have taken: both values are told.
    letters = column(sheet, "Certainty")[0].notes
    explained = [text for letter, text in sheet.notes if letter in letters]
    assert any(
        "Indirectness: not lowered. Decided by a person (A reviewer" in text for text in explained
    )
    assert any("The rule alone: lowered one level." in text for text in explained)


def test_a_persons_decision_shows_both_values() -> None:
    step = Step("indirectness", 1, 0, "no rule can see it", "the basis", PERSON)
    assert explanation(step) == (
        "Indirectness: lowered one level. Decided by a person (A reviewer, 15 January 2026). "
        "Reason: other people. The rule alone: not lowered. Seen: the basis."
    )


def test_a_stale_decision_says_so_in_every_table() -> None:
    step = Step("indirectness", 1, 0, "a rule", "I2 72%", PERSON, stale="I2 60% is now I2 72%")
    assert "Out of date, to be decided again: I² 60% is now I² 72%." in explanation(step)
    graded = replace(PAIN_SHAM.certainty, steps=(step,))
    found = replace(PAIN_SHAM, certainty=graded)
    evidence = Evidence({found.about: found}, {})
    summary = summary_sheet(composed(evidence=evidence), SHAM)
    assert "Out of date" in sheet_text(summary)
    profile = profile_sheet(composed(evidence=evidence), SHAM)
    assert cell_text(column(profile, "Indirectness")[0]) == (
        "serious (−1) (a)\na person decided\nout of date"
    )
    assert "1 decision out of date." in profile.remarks[0]


@pytest.mark.parametrize(
    ("levels", "way", "shown"),
    [
        (0, "down", "not serious"),
        (1, "down", "serious (−1)"),
        (2, "down", "very serious (−2)"),
        (3, "down", "extremely serious (−3)"),
        (0, "up", "not raised"),
        (2, "up", "raised (+2)"),
    ],
)
def test_ratings_in_the_words_of_grade(levels: int, way: str, shown: str) -> None:
    assert rating(Step("a", levels, levels, "", "", way=way)) == shown  # type: ignore[arg-type]


def test_importance_names_the_thresholds_and_their_sources() -> None:
    assert importance_text(REVIEW, PAIN) == (
        "An effect counts as important from 10 points (between groups; Author 2024)."
    )
    large = Threshold(0.125, "between groups", "elsewhere", scale="absolute")
    mid = replace(large, value=0.05)
    three = replace(HARM, mid=mid, moderate=replace(large, value=0.1), large=large)
    assert importance_text(REVIEW, three) == (
        "An effect counts as small but important from 5 people in 100 (between groups; "
        "elsewhere), as moderate from 10 people in 100 (between groups; elsewhere), as large "
        "from 125 people in 1000 (between groups; elsewhere)."
    )
    assert importance_text(REVIEW, HARM) == ""


# ------------------------------------------------------------------ profile


def test_the_profile_has_a_column_for_each_reason_and_a_note_for_each_rating() -> None:
    sheet = profile_sheet(composed(), DRUGS)
    assert [c.head for c in sheet.columns] == [
        *("Outcome", "People (trials)", "Starts at", "Imprecision", "Indirectness"),
        *("Effect", "Certainty"),
    ]
    assert len(sheet.rows) == 3
    for head in ("Imprecision", "Indirectness"):
        assert all(len(cell.notes) == 1 for cell in column(sheet, head))


def test_reasons_to_raise_come_after_those_to_lower() -> None:
    up = Step("large effect", 1, 1, "one level from RR 2", "RR 2.4", way="up")
    graded = replace(PAIN_SHAM.certainty, start=Level.LOW, steps=(up, *PAIN_SHAM.certainty.steps))
    found = replace(PAIN_SHAM, certainty=graded)
    sheet = profile_sheet(composed(evidence=Evidence({found.about: found}, {})), SHAM)
    heads = [c.head for c in sheet.columns]
    assert heads[3:6] == ["Imprecision", "Indirectness", "Large effect"]
    assert cell_text(column(sheet, "Large effect")[0]).startswith("raised (+1)")
    assert cell_text(column(sheet, "Starts at")[0]) == "low (not all studies were randomised)"


def test_the_effect_of_a_profile_stands_beside_the_risk_without_it() -> None:
    sheet = profile_sheet(composed(), DRUGS)
    cells = [cell_text(cell).splitlines() for cell in column(sheet, "Effect")]
    assert cells[1][:2] == ["68 of 100 (68%)", "instead of 41 of 100 (41%)"]
    assert cells[0][0].endswith("points lower on a 0–100 scale")


def test_a_profile_of_nothing_says_so() -> None:
    sheet = profile_sheet(composed(evidence=Evidence({}, {})), SHAM)
    assert sheet.rows == ()
    assert sheet.remarks[0] == "No question of this comparison has an answer."


# ------------------------------------------------------------------ decision


def test_the_decision_summary_says_what_is_not_known() -> None:
    sheet = decision_sheet(composed(), PAIN, HERE)
    drugs, needles = (texts(sheet, i) for i in range(2))
    assert drugs[0] == "Anti-inflammatory drugs"
    assert drugs[1:4] == [NOT_KNOWN, NOT_KNOWN, f"leg pain: {NOT_KNOWN}"]
    assert drugs[4:] == ["Tablets", NOT_KNOWN, NOT_KNOWN]
    assert needles[1].startswith(PAIN_SHAM.statement)
    assert "against sham acupuncture" in needles[1]


def test_the_decision_summary_leads_to_the_same_measurement_at_another_time() -> None:
    later = outcome("leg pain at one year", "MD", accepts=("leg pain",), weeks=(40.0, 65.0))
    found = finding(SHAM, later, (study_effect("a", "Trial A", Effect("MD", -5.0, 9.0)),))
    outcomes = {**REVIEW.outcomes, later.name: later}
    made = composed(replace(REVIEW, outcomes=outcomes), Evidence({found.about: found}, {}))
    said = texts(decision_sheet(made, PAIN, HERE), 1)[1]
    assert said.startswith(f"{NOT_KNOWN}\nthere is a result for leg pain at one year")
    assert said.endswith(", against sham acupuncture")
    assert found.about in made.used, "the page holds its evidence"


def test_the_decision_summary_has_pooled_harms_and_sourced_ones() -> None:
    sheet = decision_sheet(composed(), PAIN, HERE)
    harms, certainty = texts(sheet, 1)[2:4]
    assert HARM_DRUGS.statement in harms
    assert "Bruising is common. <https://example.org/harm>" in harms
    assert certainty.splitlines() == ["leg pain", "⊕⊕⊝⊝ low", "adverse events", "⊕⊝⊝⊝ very low"]


def test_the_decision_summary_follows_the_reviews_order_and_ranks_nothing() -> None:
    turned = {
        name: replace(t, order=3 - t.order if t.order else 0)
        for name, t in REVIEW.treatments.items()
    }
    sheet = decision_sheet(composed(replace(REVIEW, treatments=turned)), PAIN, HERE)
    assert [texts(sheet, i)[0] for i in range(2)] == ["Acupuncture", "Anti-inflammatory drugs"]
    assert any("cannot be ranked" in remark for remark in sheet.remarks)


# ------------------------------------------------------------------ text


@pytest.mark.parametrize("width", [80, 100, 140])
def test_text_keeps_to_its_width_and_cuts_no_word(width: int) -> None:
    made = composed()
    sheets = [
        summary_sheet(made, SHAM),
        summary_sheet(made, DRUGS, numbers_needed=True),
        summary_sheet(made, replace(DRUGS, comparator="physiotherapeutic counselling")),
        profile_sheet(made, DRUGS),
        decision_sheet(made, PAIN, HERE),
    ]
    for sheet in sheets:
        text = sheet_text(sheet, width)
        assert max(map(len, text.splitlines())) <= width
        shown = [c for c in sheet.columns[1:] if not c.below]
        words = {word for c in shown for word in c.head.split()}
        assert words <= set(re.split(r"[\s:]+", text))


# ------------------------------------------------------------------ on a page


def test_profile_and_decision_stand_on_a_page_and_lead_to_its_evidence() -> None:
    head = TEXT[: TEXT.index("## What is sciatica?")]
    body = '{{ profile("acupuncture vs medication") }}\n\n{{ decision("leg pain") }}\n'
    site = build_site(REVIEW, EVIDENCE, [(page(head + body), ())], version="0")
    html = site["needles/index.html"].decode()
    assert html.count('<table class="sheet profile"') == 1
    assert html.count('<table class="sheet decision"') == 1
    targets = set(re.findall(r'href="#(evidence-[^"]+)"', html))
    assert len(targets) == 4
    assert all(f'id="{target}"' in html for target in targets)


@pytest.mark.parametrize("asked", ['{{ profile("a") }}', '{{ decision("a") }}'])
def test_a_table_of_what_is_not_there_keeps_the_page_from_being_built(asked: str) -> None:
    head = TEXT[: TEXT.index("## What is sciatica?")]
    with pytest.raises(DataError, match="PUB004"):
        build_site(REVIEW, EVIDENCE, [(page(f"{head}{asked}\n"), ())], version="0")
