"""GRADE's grid: every permitted wording passes, the next stronger one does not.

Santesso et al. (2020), J Clin Epidemiol 119, 126-135, doi:10.1016/j.jclinepi.2019.10.014.
"""

import itertools

import pytest

from osler.certainty.model import Evidence, Level, Size
from osler.certainty.statements import permitted, way_of
from osler.claims.model import Verdict
from tests.cases.reading import finding_by_hand
from tests.unit.claims.sample import folder, judge

PAIN = "acupuncture vs sham / leg pain"
BETTER = "acupuncture vs drugs / improvement"
HARM = "drugs vs placebo / adverse events"
QUESTIONS = (PAIN, BETTER, HARM)

SIZES: tuple[Size, ...] = ("trivial", "small", "moderate", "important", "large")
NEXT_LARGER: dict[Size, tuple[Size, ...]] = {
    "trivial": ("small", "moderate", "important", "large"),
    "small": ("moderate", "important", "large"),
    "moderate": ("large",),
    "important": ("large",),
    "large": (),
}
WAYS = ("better", "worse")

# Forms in a writer's own words, beside those of the table; "|" separates those of one cell.
OWN = {
    ("large", "high"): "greatly reduces leg pain|results in a large reduction in leg pain",
    ("large", "moderate"): "probably greatly reduces leg pain",
    ("large", "low"): "may greatly reduce leg pain|might result in a large reduction in leg pain",
    ("moderate", "high"): "reduces leg pain|lowers leg pain|eases leg pain",
    ("moderate", "moderate"): "probably reduces leg pain|probably eases leg pain",
    ("moderate", "low"): "may reduce leg pain|could ease leg pain",
    ("important", "high"): "reduces leg pain|relieves leg pain",
    ("important", "moderate"): "probably reduces leg pain|is likely to reduce leg pain",
    ("important", "low"): "may reduce leg pain|possibly eases leg pain",
    (
        "small",
        "high",
    ): "reduces leg pain slightly|slightly reduces leg pain|eases leg pain a little",
    ("small", "moderate"): "probably reduces leg pain slightly|probably slightly reduces leg pain",
    ("small", "low"): "may reduce leg pain slightly|may ease leg pain a little"
    "|may lead to a small reduction in leg pain",
    ("trivial", "high"): "makes little or no difference to leg pain|does not reduce leg pain",
    ("trivial", "moderate"): "probably makes little or no difference to leg pain"
    "|probably does not reduce leg pain",
    ("trivial", "low"): "may make little to no difference to leg pain|may not reduce leg pain",
}
VERY_LOW = (
    "The evidence is very uncertain about the effect of acupuncture on leg pain",
    "may reduce leg pain but the evidence is very uncertain",
    "may have little to no effect on leg pain but the evidence is very uncertain",
    "We are very uncertain whether acupuncture reduces leg pain",
)
LEVELS = ("very low", "low", "moderate", "high")
OWN_FORMS = [(s, c, form) for (s, c), forms in OWN.items() for form in forms.split("|")]


def evidence(question: str, size: str, level: str, direction: str = "better") -> Evidence:
    review, _ = folder()
    way = "none" if size == "trivial" else direction
    finding = finding_by_hand(review, question, way, size, level, "yes")
    return Evidence({question: finding}, {})


def verdict(words: str, question: str, size: str, level: str, way: str = "better") -> Verdict:
    text = f'[{words}]{{.claim about="{question}"}}'
    return judge(text, evidence(question, size, level, way))[0].verdict


def forms(question: str, size: Size, level: Level, way: str) -> tuple[str, ...]:
    """The sentences of one cell of the table, for the names of a question."""
    finding = evidence(question, size, level.word, way).findings[question]
    told = (finding.comparison.intervention, finding.outcome.label, finding.comparison.comparator)
    return permitted(*told, level, size, way_of(finding.outcome, finding.direction))


CELLS = [
    pytest.param(question, size, level, way, id=f"{question}-{size}-{level.word}-{way}")
    for question, size, level, way in itertools.product(QUESTIONS, SIZES, Level, WAYS)
]


@pytest.mark.parametrize(("question", "size", "level", "way"), CELLS)
def test_every_form_of_a_cell_passes(question: str, size: Size, level: Level, way: str) -> None:
    told = forms(question, size, level, way)
    assert {w: verdict(w, question, size, level.word, way) for w in told} == dict.fromkeys(
        told, Verdict.SUPPORTED
    )


@pytest.mark.parametrize(("question", "size", "level", "way"), CELLS)
def test_every_form_of_the_next_level_is_too_certain(
    question: str, size: Size, level: Level, way: str
) -> None:
    if level is Level.HIGH:
        above = tuple(f"{w[:-1]}, as is proven." for w in forms(question, size, level, way))
    else:
        above = forms(question, size, Level(level + 1), way)
    told = {w: verdict(w, question, size, level.word, way) for w in above}
    assert told == dict.fromkeys(above, Verdict.OVERSTATED)


@pytest.mark.parametrize(
    ("question", "size", "larger", "level", "way"),
    [
        (question, size, larger, level, way)
        for question, size, level, way in itertools.product(QUESTIONS, SIZES, Level, WAYS)
        for larger in NEXT_LARGER[size]
        if level is not Level.VERY_LOW
    ],
)
def test_every_form_of_a_larger_size_says_too_much(
    question: str, size: Size, larger: Size, level: Level, way: str
) -> None:
    told = {
        w: verdict(w, question, size, level.word, way) for w in forms(question, larger, level, way)
    }
    assert told == dict.fromkeys(told, Verdict.OVERSTATED)


@pytest.mark.parametrize(
    ("question", "size", "level", "way"),
    [case for case in CELLS if case.values[2] is not Level.VERY_LOW],
)
def test_every_form_of_the_level_below_says_too_little(
    question: str, size: Size, level: Level, way: str
) -> None:
    below = forms(question, size, Level(level - 1), way)
    told = {w: verdict(w, question, size, level.word, way) for w in below}
    assert told == dict.fromkeys(below, Verdict.UNDERSTATED)


@pytest.mark.parametrize(("size", "level", "words"), OWN_FORMS)
def test_a_form_in_own_words_passes(size: str, level: str, words: str) -> None:
    assert verdict(words, PAIN, size, level) is Verdict.SUPPORTED


@pytest.mark.parametrize(("size", "level", "words"), OWN_FORMS)
def test_a_form_in_own_words_is_too_certain_one_level_down(
    size: str, level: str, words: str
) -> None:
    down = LEVELS[LEVELS.index(level) - 1]
    assert verdict(words, PAIN, size, down) is Verdict.OVERSTATED


@pytest.mark.parametrize(("size", "level", "words"), OWN_FORMS)
def test_a_form_in_own_words_is_too_much_for_the_size_below(
    size: str, level: str, words: str
) -> None:
    below = {"large": "important", "important": "small", "moderate": "small", "small": "trivial"}
    if size == "trivial":
        # Nothing is smaller; the opposite of it is an effect.
        assert verdict(words, PAIN, "moderate", level) is Verdict.CONTRADICTED
    else:
        assert verdict(words, PAIN, below[size], level) is Verdict.OVERSTATED


@pytest.mark.parametrize(("size", "level", "words"), [f for f in OWN_FORMS if f[0] != "trivial"])
def test_a_benefit_is_contradicted_by_a_harm(size: str, level: str, words: str) -> None:
    assert verdict(words, PAIN, size, level, "worse") is Verdict.CONTRADICTED


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", VERY_LOW)
def test_at_very_low_certainty_only_uncertainty_passes(size: str, words: str) -> None:
    assert verdict(words, PAIN, size, "very low") is Verdict.SUPPORTED


@pytest.mark.parametrize("size", ["moderate", "important", "large"])
@pytest.mark.parametrize("words", ["may reduce leg pain slightly", "may ease leg pain a little"])
def test_slightly_says_too_little_of_more_than_a_small_effect(size: str, words: str) -> None:
    assert verdict(words, PAIN, size, "low") is Verdict.UNDERSTATED


def test_a_bare_verb_says_enough_of_a_large_effect() -> None:
    assert verdict("may reduce leg pain", PAIN, "large", "low") is Verdict.SUPPORTED


@pytest.mark.parametrize("level", ["low", "moderate", "high"])
def test_a_small_effect_needs_its_word(level: str) -> None:
    words = {"low": "may reduce", "moderate": "probably reduces", "high": "reduces"}[level]
    text = f'[{words} leg pain]{{.claim about="{PAIN}"}}'
    (judged,) = judge(text, evidence(PAIN, "small", level))
    assert [d.code for d in judged.diagnostics] == ["CLM005"]
    assert "slight" in judged.diagnostics[0].help


def test_what_the_interval_leaves_open_is_not_settled() -> None:
    review, _ = folder()
    finding = finding_by_hand(review, PAIN, "better", "important", "moderate", "no")
    text = f'[probably reduces leg pain]{{.claim about="{PAIN}"}}'
    (judged,) = judge(text, Evidence({PAIN: finding}, {}))
    assert [d.code for d in judged.diagnostics] == ["CLM007"]
    assert "Acupuncture may reduce leg pain" in judged.diagnostics[0].help


def test_may_is_enough_where_the_interval_leaves_it_open() -> None:
    review, _ = folder()
    finding = finding_by_hand(review, PAIN, "better", "important", "moderate", "no")
    text = f'[may reduce leg pain]{{.claim about="{PAIN}"}}'
    (judged,) = judge(text, Evidence({PAIN: finding}, {}))
    assert judged.verdict is Verdict.SUPPORTED


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
