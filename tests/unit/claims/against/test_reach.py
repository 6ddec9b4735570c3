"""For how long and for how many: readings by hand against what was measured."""

from dataclasses import replace

import pytest

from osler.certainty.model import Absolute, Finding, Level
from osler.claims.against.reach import judge_reach, measured, times_in
from osler.claims.model import Duration, Generality, Reading, Verdict
from osler.synthesis.answers import StudyEffect
from tests.unit.claims.sample import folder, page_of

PAIN = "acupuncture vs sham / leg pain"
BETTER = "acupuncture vs drugs / improvement"
HARM = "drugs vs placebo / adverse events"


def effect(weeks: float | None) -> StudyEffect:
    return StudyEffect("a", "A", None, "", "", weeks, "", 20, None, (), "")  # type: ignore[arg-type]


def finding(
    question: str = PAIN, weeks: tuple[float | None, ...] = (4.0,), risk: Absolute | None = None
) -> Finding:
    _, evidence = folder()
    found = evidence.findings[question]
    answer = replace(found.answer, effects=tuple(map(effect, weeks)))
    return replace(found, answer=answer, absolute=risk)


def codes(reading: Reading, *findings: Finding, text: str = "may reduce leg pain") -> list[str]:
    page = page_of(f'[{text}]{{.claim about="{PAIN}"}}')
    rulings = list(judge_reach(page.spans[0], page, reading, findings))
    assert all(r.diagnostic.help and r.diagnostic.found for r in rulings)
    return [r.diagnostic.code for r in rulings]


def reading(
    duration: Duration = "",
    generality: Generality = "",
    level: Level = Level.LOW,
    *,
    negated: bool = False,
    absence: bool = False,
) -> Reading:
    return Reading(
        "better",
        "",
        level,
        (),
        absence,
        duration=duration,
        generality=generality,
        negated=negated,
    )


@pytest.mark.parametrize(
    ("duration", "weeks", "expected"),
    [
        ("", (4.0,), []),
        ("short-term", (4.0,), []),
        ("short-term", (4.0, 52.0), []),
        ("short-term", (26.0, 52.0), ["CLM051"]),
        ("lasting", (4.0,), ["CLM050"]),
        ("lasting", (26.0,), ["CLM050"]),
        ("lasting", (4.0, 52.0), ["CLM050"]),
        ("lasting", (48.0, 104.0), []),
        ("lasting", (None,), ["CLM050"]),
        ("permanent", (4.0,), ["CLM050"]),
        ("permanent", (520.0,), ["CLM050"]),
    ],
)
def test_duration(duration: Duration, weeks: tuple[float | None, ...], expected: list[str]) -> None:
    assert codes(reading(duration), finding(weeks=weeks)) == expected


def test_another_time_than_the_evidence_is_a_warning() -> None:
    page = page_of(f'[may reduce leg pain]{{.claim about="{PAIN}"}}')
    (ruling,) = judge_reach(page.spans[0], page, reading("short-term"), [finding(weeks=(52.0,))])
    assert ruling.verdict is Verdict.NOT_SHOWN
    assert ruling.diagnostic.severity.value == "warning"


def test_one_question_that_was_measured_for_long_is_enough() -> None:
    assert codes(reading("lasting"), finding(), finding(weeks=(52.0,))) == []


@pytest.mark.parametrize(
    ("weeks", "last", "expected"),
    [((2.0, None, 12.0), 12.0, "2 to 12 weeks"), ((4.0,), 4.0, "at 4 weeks")],
)
def test_when_it_was_measured(weeks: tuple[float | None, ...], last: float, expected: str) -> None:
    when = measured(finding(weeks=weeks))
    assert when.last == last
    assert expected in when.words


def test_without_a_trial_that_tells_it_is_the_window_of_the_outcome() -> None:
    assert measured(finding(weeks=(None,))).last == 18.0


def test_no_window_is_no_time() -> None:
    found = finding(weeks=(None,))
    open_ended = replace(found, outcome=replace(found.outcome, weeks=(0.0, float("inf"))))
    assert measured(open_ended).last is None
    assert "no trial tells" in measured(open_ended).words
    assert codes(reading("lasting"), open_ended) == ["CLM050"]
    assert codes(reading(), open_ended, text="may reduce leg pain after ten years") == []


def risk(middle: float, low: float, high: float, baseline: float = 0.4) -> Absolute:
    return Absolute(baseline, middle, low, high, "the comparator group")


@pytest.mark.parametrize("generality", ["most", "nearly all", "all"])
def test_a_difference_between_means_counts_nobody(generality: Generality) -> None:
    assert codes(reading(generality=generality), finding()) == ["CLM052"]


@pytest.mark.parametrize("generality", ["", "some"])
def test_some_people_can_always_be_said(generality: Generality) -> None:
    assert codes(reading(generality=generality), finding()) == []


@pytest.mark.parametrize(
    ("generality", "level", "absolute", "expected"),
    [
        ("most", Level.LOW, None, ["CLM052"]),
        ("most", Level.LOW, risk(0.60, 0.45, 0.75), []),
        ("most", Level.MODERATE, risk(0.60, 0.45, 0.75), ["CLM052"]),
        ("most", Level.HIGH, risk(0.60, 0.55, 0.65), []),
        ("most", Level.LOW, risk(0.50, 0.40, 0.60), ["CLM052"]),
        ("nearly all", Level.LOW, risk(0.85, 0.80, 0.95), ["CLM052"]),
        ("nearly all", Level.LOW, risk(0.93, 0.80, 0.95), []),
        ("all", Level.LOW, risk(1.0, 1.0, 1.0), ["CLM052"]),
    ],
)
def test_counts_carry_most_where_they_are_more_than_half(
    generality: Generality, level: Level, absolute: Absolute | None, expected: list[str]
) -> None:
    found = finding(BETTER, risk=absolute)
    assert codes(reading(generality=generality, level=level), found) == expected


def test_those_without_the_event_count_where_less_is_better() -> None:
    few = finding(HARM, risk=risk(0.2, 0.1, 0.3))
    many = finding(HARM, risk=risk(0.8, 0.7, 0.9))
    none = replace(reading(generality="most"), direction="none")
    worse = replace(reading(generality="most"), direction="worse")
    assert (codes(none, few), codes(none, many)) == ([], ["CLM052"])
    assert (codes(worse, few), codes(worse, many)) == (["CLM052"], [])


def test_both_shares_are_told() -> None:
    page = page_of(f'[may help most people]{{.claim about="{BETTER}"}}')
    found = finding(BETTER, risk=risk(0.45, 0.40, 0.50, baseline=0.36))
    (ruling,) = judge_reach(page.spans[0], page, reading(generality="most"), [found])
    assert "45%" in ruling.diagnostic.found
    assert "36% with drugs" in ruling.diagnostic.found


@pytest.mark.parametrize(
    "said",
    [
        reading("permanent", "all", Level.VERY_LOW),
        reading("lasting", "all", negated=True),
        reading("lasting", "most", absence=True),
    ],
)
def test_that_nobody_knows_may_always_be_said(said: Reading) -> None:
    assert codes(said, finding()) == []


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("less pain after 12 weeks", [12]),
        ("less pain at about one year", [52]),
        ("less pain after a year and at two years", [52, 104]),
        ("still less pain beyond six months", [26]),
        ("in people who had pain for two years", []),
        ("in people with pain for at least three months", []),
        ("after ten sessions", []),
        ("after weeks", []),
        ("year", []),
        ("at 99999999999999999999999 weeks", [999999999]),
        ("at ² weeks", []),
    ],
)
def test_times_that_are_named(text: str, weeks: list[int]) -> None:
    assert [round(t.weeks) for t in times_in(text)] == weeks


@pytest.mark.parametrize(
    ("text", "weeks", "expected"),
    [
        ("may reduce leg pain after 4 weeks", (4.0,), []),
        ("may reduce leg pain at three months", (12.0,), []),
        ("may reduce leg pain at one year", (4.0,), ["CLM051"]),
        ("may reduce leg pain at one year", (4.0, 52.0), []),
    ],
)
def test_a_time_at_which_nobody_measured(
    text: str, weeks: tuple[float | None, ...], expected: list[str]
) -> None:
    assert codes(reading(), finding(weeks=weeks), text=text) == expected


def test_without_a_finding_there_is_nothing_to_hold_it_against() -> None:
    assert codes(reading("permanent", "all")) == []
