"""How strong a relation a sentence states. The sentences are ours; none is from a labelled set."""

import time
from pathlib import Path

import pytest

from osler.claims.language.lexicon import Lexicon, table
from osler.claims.language.reader.moods import LISTED
from osler.claims.language.reader.verbs import forms_of, verbs_of
from osler.claims.language.strength import cues_in, strength_of, weights
from osler.claims.language.words import words_of
from osler.claims.model import Strength
from validation.claim_strength import confusion, f1, is_held_out, main

NONE = """
More trials are needed before this can be told.
Registered as a trial with the number NCT01234567.
The study was funded by a charity.
Doctors should ask about sleep at every visit.
We aimed to assess whether massage reduces pain.
It remains to be seen whether the drug helps.
Low back pain is common in nurses.
We studied forty adults for six weeks.
Larger studies are needed to determine the effect of yoga on pain.
The questionnaire was sent to all practices.
"""
CORRELATIONAL = """
Smoking was associated with more back pain.
Pain and poor sleep are correlated.
People who sit all day are more likely to have sciatica.
Heavy lifting is a risk factor for back pain.
Leg pain at the start predicts surgery within a year.
Eating fish is linked to a longer life.
Pain scores were lower in the needle group than in the control group.
No association was found between weight and recovery.
Age may be related to slower recovery.
Tall people had twice the odds of a slipped disc compared with short people.
Serum levels were raised in patients with nerve pain compared with controls.
Income was not associated with use of acupuncture.
"""
CONDITIONAL = """
Acupuncture may reduce leg pain.
Walking might help prevent back pain.
Poor sleep could increase the risk of chronic pain.
The drug appears to improve walking.
Needling seems to relieve pain.
Exercise is likely to improve function.
Stress could lead to more pain.
These findings suggest that massage may be effective for neck pain.
The injection may have a beneficial effect on leg pain.
Heat might protect against stiffness.
Acupuncture probably reduces leg pain.
The drug can possibly harm the nerve.
Lifting may be to blame for sciatica.
"""
CAUSAL = """
Acupuncture reduces leg pain.
The drug improved walking and lowered pain scores.
Gabapentin did not reduce leg pain.
Surgery led to faster recovery.
The programme resulted in a greater reduction in disability.
Exercise is effective for low back pain.
Yoga had a positive effect on sleep.
Massage had no effect on disability.
Smoking causes disc damage.
Early physiotherapy can prevent chronic pain.
The treatment significantly reduced pain compared with placebo.
Patients benefit from early exercise.
The injection was found to relieve leg pain.
Pain was reduced by the new drug.
Heat works.
Fear makes pain worse.
The injection results in little to no difference in pain.
"""
ROWS = [
    (sentence, label)
    for text, label in (
        (NONE, Strength.NONE),
        (CORRELATIONAL, Strength.CORRELATIONAL),
        (CONDITIONAL, Strength.CONDITIONAL_CAUSAL),
        (CAUSAL, Strength.CAUSAL),
    )
    for sentence in text.strip().splitlines()
]


@pytest.mark.parametrize(("sentence", "label"), ROWS)
def test_strength(sentence: str, label: Strength) -> None:
    assert strength_of(sentence) is label


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("Tea may lower blood pressure.", "Tea lowers blood pressure."),
        ("Tea drinking is associated with lower blood pressure.", "Tea may lower blood pressure."),
        ("We measured blood pressure.", "Tea drinking is associated with blood pressure."),
        ("Whether tea lowers blood pressure is not known.", "Tea lowers blood pressure."),
        (
            "To assess the effect of tea on sleep, studies are needed.",
            "Tea has an effect on sleep.",
        ),
        ("Tea should be given to reduce pain.", "Tea was shown to reduce pain."),
    ],
)
def test_a_word_makes_it_stronger_or_weaker(weaker: str, stronger: str) -> None:
    assert strength_of(weaker) < strength_of(stronger)


@pytest.mark.parametrize(
    ("words", "cue"),
    [
        ("It may not in all cases reduce pain", "verb_may"),
        ("It did not reduce pain", "verb_do"),
        ("It can reduce pain", "verb_can"),
        ("It should reduce pain", "advised_verb_asked"),
        ("A plan to reduce pain", "verb_purpose"),
        ("It was shown to reduce pain", "verb_finite"),
        ("It appears to reduce pain", "verb_may"),
        ("Pain was reduced", "verb_passive"),
        ("Pain was reduced by heat", "verb_by_agent"),
        ("Pain decreased over time", "verb_itself"),
        ("Heat reduced the pain", "verb_past"),
        ("People had increased blood flow", "participle"),
        ("It helps the nerve, reducing pain", "verb_after_comma"),
        ("A boost of energy", "noun"),
        ("It could lower pain", "verb_may"),
        ("More likely to increase the dose", "verb_purpose"),
    ],
)
def test_the_mood_of_a_verb(words: str, cue: str) -> None:
    assert cue in cues_in(words)


def test_advice_and_questions_take_their_clause_out_of_what_is_stated() -> None:
    assert "advised_relation" in cues_in("The association should be looked into")
    assert "asked_effect_noun" in cues_in("We tried to assess the effect of tea")
    assert "relation" in cues_in("Tea was associated with sleep, and this should be tested")


def test_every_weight_belongs_to_a_cue_that_can_be_found() -> None:
    phrases = {*table("strength")} - {"neutral"}
    known = {"start", *LISTED, *phrases, *(f"{name}_modal" for name in phrases)}
    assert set(weights()) <= known
    assert phrases <= set(weights())
    assert set(LISTED) <= set(weights())
    assert all(len(row) == len(Strength) for row in weights().values())


def test_regular_and_irregular_verbs() -> None:
    assert list(forms_of("boost").values()) == ["boost", "boosts", "boosted", "boosting"]
    found = verbs_of(words_of("It cut pain, led to rest and carries on; curbed it"), Lexicon())
    assert [v.lemma for v in found] == ["cut", "lead to", "curb"]


def test_a_review_can_teach_it_a_verb() -> None:
    lexicon, found = Lexicon().with_words('[verbs]\nacts = ["unblock"]')
    sentence = "Needling unblocks the channel."
    assert not found
    assert strength_of(sentence) is Strength.NONE
    assert strength_of(sentence, lexicon=lexicon) is Strength.CAUSAL


def test_a_page_of_two_thousand_words_is_fast() -> None:
    sentences = [sentence for sentence, _ in ROWS] * 6
    assert sum(len(sentence.split()) for sentence in sentences) > 2000
    strength_of(sentences[0])
    start = time.process_time()
    for sentence in sentences:
        strength_of(sentence)
    assert time.process_time() - start < 0.2


def test_the_report_of_the_script(tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    codes = {Strength.NONE: 0, Strength.CAUSAL: 1}
    codes |= {Strength.CONDITIONAL_CAUSAL: 2, Strength.CORRELATIONAL: 3}
    lines = [f'"{sentence}",{codes[label]}' for sentence, label in ROWS]
    path.write_text("\n".join(["sentence,label", *lines]), encoding="utf-8")
    told = main([str(path)])
    assert f"all: {len(ROWS)} sentences, macro-F1 1.000" in told
    assert "labelled: correlational" in told
    turned = main([str(path), "--codes", "none,correlational,conditional,causal"])
    assert "labelled: causal" in turned and "macro-F1 1.000" not in turned


def test_the_score_counts_both_kinds_of_error() -> None:
    rows = [("Tea reduces pain.", Strength.CAUSAL), ("Tea reduces pain.", Strength.NONE)]
    assert f1(confusion(rows), Strength.CAUSAL) == pytest.approx(2 / 3)
    assert f1(confusion(rows), Strength.NONE) == 0
    assert {is_held_out(sentence) for sentence, _ in ROWS} == {True, False}
