"""GRADE's grid: every permitted wording passes, the next stronger one does not.

Santesso et al. (2020), J Clin Epidemiol 119, 126-135, doi:10.1016/j.jclinepi.2019.10.014.
"""

import pytest

from osler.certainty.model import Evidence, Level
from osler.claims.model import Verdict
from tests.cases.reading import finding_by_hand
from tests.unit.claims.sample import folder, judge

PAIN = "acupuncture vs sham / leg pain"
BETTER = "acupuncture vs drugs / improvement"
HARM = "drugs vs placebo / adverse events"

# Rows of the grid for pain, by size of effect and level of certainty. The forms of one cell
# are separated by "|".
PERMITTED = {
    ("large", "high"): "results in a large reduction in leg pain",
    ("large", "moderate"): "likely results in a large reduction in leg pain"
    "|probably results in a large reduction in leg pain",
    ("large", "low"): "may result in a large reduction in leg pain"
    "|The evidence suggests acupuncture results in a large reduction in leg pain",
    ("important", "high"): "reduces leg pain|results in a reduction in leg pain"
    "|reduces leg pain slightly|results in a slight reduction in leg pain",
    ("important", "moderate"): "probably reduces leg pain|likely reduces leg pain"
    "|probably results in a reduction in leg pain|probably reduces leg pain slightly"
    "|likely results in a slight reduction in leg pain",
    ("important", "low"): "may reduce leg pain|The evidence suggests acupuncture reduces leg pain"
    "|may reduce leg pain slightly|may result in a slight reduction in leg pain"
    "|The evidence suggests acupuncture results in a reduction in leg pain",
    ("trivial", "high"): "results in little to no difference in leg pain|does not reduce leg pain",
    ("trivial", "moderate"): "likely results in little to no difference in leg pain"
    "|probably does not reduce leg pain|probably makes little or no difference to leg pain",
    ("trivial", "low"): "may result in little to no difference in leg pain"
    "|The evidence suggests acupuncture results in little to no difference in leg pain"
    "|may not reduce leg pain",
}
VERY_LOW = (
    "The evidence is very uncertain about the effect of acupuncture on leg pain",
    "may reduce leg pain but the evidence is very uncertain",
    "may have little to no effect on leg pain but the evidence is very uncertain",
    "We are very uncertain whether acupuncture reduces leg pain",
)
SIZES = ("trivial", "important", "large")
LEVELS = ("very low", "low", "moderate", "high")


def evidence(question: str, size: str, level: str, direction: str = "better") -> Evidence:
    review, _ = folder()
    way = "none" if size == "trivial" else direction
    finding = finding_by_hand(review, question, way, size, level, "yes")
    return Evidence({question: finding}, {})


def verdict(words: str, question: str, size: str, level: str, way: str = "better") -> Verdict:
    text = f'[{words}]{{.claim about="{question}"}}'
    return judge(text, evidence(question, size, level, way))[0].verdict


@pytest.mark.parametrize(
    ("size", "level", "words"),
    [(s, c, form) for (s, c), forms in PERMITTED.items() for form in forms.split("|")],
)
def test_a_permitted_form_passes(size: str, level: str, words: str) -> None:
    assert verdict(words, PAIN, size, level) is Verdict.SUPPORTED


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", VERY_LOW)
def test_at_very_low_certainty_only_uncertainty_passes(size: str, words: str) -> None:
    assert verdict(words, PAIN, size, "very low") is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("size", "level", "words"),
    [(s, c, form) for (s, c), forms in PERMITTED.items() for form in forms.split("|")],
)
def test_the_same_form_is_too_certain_one_level_down(size: str, level: str, words: str) -> None:
    down = LEVELS[LEVELS.index(level) - 1]
    assert verdict(words, PAIN, size, down) in (Verdict.OVERSTATED, Verdict.CONTRADICTED)


@pytest.mark.parametrize(
    ("size", "level", "words"),
    [
        (SIZES[SIZES.index(s) - 1], c, form)
        for (s, c), forms in PERMITTED.items()
        for form in forms.split("|")
        if s != "trivial"
    ],
)
def test_the_same_form_is_too_much_for_the_size_below(size: str, level: str, words: str) -> None:
    assert verdict(words, PAIN, size, level) is Verdict.OVERSTATED


@pytest.mark.parametrize(
    ("size", "level", "words"),
    [
        (s, c, form)
        for (s, c), forms in PERMITTED.items()
        for form in forms.split("|")
        if s != "trivial"
    ],
)
def test_a_benefit_is_contradicted_by_a_harm(size: str, level: str, words: str) -> None:
    assert verdict(words, PAIN, size, level, "worse") is Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (LEVELS[LEVELS.index(c) + 1], form)
        for (s, c), forms in PERMITTED.items()
        for form in forms.split("|")
        if s == "important" and c != "high"
    ],
)
def test_the_same_form_says_too_little_one_level_up(level: str, words: str) -> None:
    assert verdict(words, PAIN, "important", level) is Verdict.UNDERSTATED


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", ["better", "worse"])
@pytest.mark.parametrize("question", [PAIN, BETTER, HARM])
def test_the_sentence_that_osler_writes_is_one_that_it_accepts(
    question: str, way: str, size: str, level: str
) -> None:
    found = evidence(question, size, level, way)
    text = f'[{found.findings[question].statement}]{{.claim about="{question}"}}'
    assert judge(text, found)[0].verdict is Verdict.SUPPORTED


def test_what_the_interval_leaves_open_is_not_settled() -> None:
    review, _ = folder()
    finding = finding_by_hand(review, PAIN, "better", "important", "moderate", "no")
    text = f'[probably reduces leg pain]{{.claim about="{PAIN}"}}'
    (judged,) = judge(text, Evidence({PAIN: finding}, {}))
    assert [d.code for d in judged.diagnostics] == ["CLM007"]


def test_the_worst_of_several_verdicts_wins() -> None:
    text = f'[may reduce leg pain]{{.claim about="{PAIN}; {BETTER}"}}'
    review, _ = folder()
    two = {
        PAIN: finding_by_hand(review, PAIN, "better", "important", "low", "yes"),
        BETTER: finding_by_hand(review, BETTER, "worse", "important", "low", "yes"),
    }
    (judged,) = judge(text, Evidence(two, {}))
    assert judged.verdict is Verdict.CONTRADICTED
    assert [f.about for f in judged.findings] == [PAIN, BETTER]


def test_levels_are_those_of_the_model() -> None:
    assert [level.word for level in Level] == list(LEVELS)
