"""Claims without a mark: what is found, and what is left in peace."""

import re

import pytest

from osler.claims.judging import judge_page
from tests.unit.claims.sample import TODAY, codes_in, folder, found_in, page_of

PEACE = """
Acupuncture involves putting fine needles through the skin at certain points.
A course is usually six to ten sessions over several weeks.
In one trial each person had 10 sessions over four weeks.
There is no good evidence that acupuncture cures sciatica.
Acupuncture has not been shown to work better than surgery.
The trials were too small to tell whether it prevents sciatica from coming back.
Painkillers such as ibuprofen work by blocking the production of prostaglandins.
An operation may be considered if the pain does not improve.
Both groups improved, so part of the improvement has nothing to do with the needles.
In a trial of 220 people, leg pain fell more with acupuncture than with sham needling [@tu].
A review found that anti-inflammatory drugs were no better than placebo for pain [@qin].
A guideline says not to offer acupuncture for low back pain [@tu].
Exercise is often recommended, but trials disagree about how much it helps.
Most people recover without surgery.
The drug is taken to reduce pain, not to treat the cause.
If you would rather avoid tablets, acupuncture is one option.
Serious harms, such as a punctured lung, are very rare.
How acupuncture might ease pain is not known.
One idea is that needling makes the body release its own painkillers.
In rats, electroacupuncture lowered inflammation, but nobody has shown this in people.
Studies in animals cannot tell us whether acupuncture helps people with sciatica.
The two treatments have never been compared, so nobody can say which is better.
The word effective in these trials meant any improvement at all.
Our clinic charges 55 pounds for the first visit.
We record how every patient is doing after six weeks, whether or not they got better.
Without a comparison group we cannot say that our treatment was the reason.
A difference of 10 points or more is one that people notice.
You can keep having acupuncture while you take painkillers.
Acupuncture is not a replacement for surgery when the nerves of the bladder are squeezed.
About half of the trials were done in China [@qin].
The 95% confidence interval ran from 10 to 21 points.
It helps to keep a diary of your pain.
What works for one person may not work for another.
We do not know if acupuncture is as effective as exercise.
Acupuncture may be worth trying if other treatments have not helped and you can afford it.
No one should be told that acupuncture will cure them.
Claims such as "acupuncture heals the nerve" go beyond what has been shown.
No treatment is completely safe.
Ask whether acupuncture would help you.
Surgery carries risks, such as infection or a tear in the covering of the nerves.
Is acupuncture safe?
## Our results
The tablets cost little and are swallowed with water.
Some people find that acupuncture is relaxing.
Some people find their pain less after acupuncture; they might have got better without it.
Doctors usually begin with exercise and tablets.
Doctors usually begin with the treatments that carry the least risk.
A guideline recommends exercise for sciatica [@tu].
A guideline recommends acupuncture for chronic pain, which is another condition [@tu].
NICE does not recommend acupuncture for sciatica [@tu].
NICE does not recommend acupuncture for sciatica.
Ask before you stop any tablets.
Ask your doctor before you stop taking your tablets.
Do not stop your tablets without asking your doctor.
Most people with sciatica do not need surgery.
Ask your doctor whether you need surgery.
If you do not need surgery at once, there is time to think.
The pain may go away by itself.
The pain often takes weeks to go away.
Doctors recommend that you stay active.
Doctors recommend staying active.
Acupuncture is sometimes used for sciatica, but trials leave open whether it helps.
Acupuncture is offered for many complaints.
Some people try acupuncture instead of tablets because they cannot take them.
Do not have acupuncture instead of surgery if your bladder is affected.
Acupuncture should not be used instead of urgent surgery.
Some clinics offer acupuncture for sciatica.
Acupuncture is approved as a profession in some countries.
No guideline in the UK recommends acupuncture for sciatica.
The needles are taken out after 20 minutes.
You may need surgery if a nerve is squeezed.
Nobody knows whether acupuncture takes the pain away.
Surgery takes the pressure off the nerve.
Doctors recommend surgery at once for cauda equina syndrome.
If you feel better after acupuncture, the needles need not be the reason.
Being natural does not make a treatment safe.
Gentle movement is fine.
You do not need a referral for acupuncture.
Nothing here means that you can stop your tablets.
Some people wish to avoid surgery.
Acupuncture was recommended by a guideline for chronic pain [@tu].
We offer acupuncture, but it is very uncertain whether it helps with sciatica.
You can stop the tablets once the pain has gone.
Stop the tablets and see a doctor at once if your face swells.
You do not need to stop your tablets to have acupuncture.
The trial of acupuncture for sciatica was approved by the ethics committee.
Your doctor may recommend surgery if a nerve is damaged.
It used to be recommended for sciatica.
We use the trials of acupuncture for sciatica that could be read.
A nerve can be treated gently.
Doctors recommend staying active and avoiding surgery.
Doctors recommend against surgery in the first weeks.
You do not have to take painkillers every day.
We use acupuncture trials for the comparison with drugs.
"""

CLAIMS = """
CLM010 Acupuncture relieves sciatica.
CLM010 Acupuncture is an effective treatment for sciatica.
CLM010 Acupuncture can help with sciatica pain.
CLM010 Most patients improve after acupuncture.
CLM010 Studies show that acupuncture reduces sciatica pain.
CLM006 Research has proven that acupuncture works.
CLM010 Acupuncture is better than painkillers.
CLM010 Acupuncture is more effective than drugs for sciatica.
CLM011 Acupuncture is a safe and effective alternative to surgery.
CLM011 Unlike drugs, acupuncture has no side effects.
CLM010 Acupuncture heals the nerve.
CLM010 Acupuncture boosts blood flow to the sciatic nerve.
CLM013 In our clinic, most people are pain-free after six sessions.
CLM013 Our patients feel better after just two sessions.
CLM013 My patients nearly always recover within ten sessions.
CLM006 Acupuncture cures sciatica.
CLM006 Acupuncture permanently relieves sciatica.
CLM010 Acupuncture prevents sciatica from coming back.
CLM010 You will feel better after acupuncture.
CLM010 Acupuncture speeds up recovery from sciatica.
CLM010 Acupuncture may help sciatica.
CLM010 Try acupuncture: it works.
CLM010 For sciatica, acupuncture works wonders.
CLM010 Acupuncture regenerates the sciatic nerve.
CLM006 Clinically proven
CLM010 It also makes ibuprofen work better.
CLM010 Tablets only mask the pain.
CLM006 The effect of acupuncture on sciatica is permanent.
CLM011 It is completely safe and has no side effects.
CLM012 Nine in ten people with sciatica recover.
CLM022 Sciatica affects up to 40% of people.
CLM010 Acupuncture takes the pain away.
CLM010 Acupuncture gets rid of sciatica.
CLM010 Acupuncture will rid you of sciatica.
CLM010 Acupuncture gives you relief from leg pain.
CLM010 Acupuncture makes the pain go away.
CLM010 Your leg pain will disappear after acupuncture.
CLM010 You will feel better after a course of acupuncture.
CLM010 Acupuncture is known to help sciatica.
CLM010 Acupuncture is shown to help sciatica.
CLM010 Acupuncture has been found to help people with sciatica.
CLM010 Doctors recommend acupuncture for sciatica.
CLM010 NICE recommends acupuncture for sciatica.
CLM010 The World Health Organization endorses acupuncture.
CLM010 Acupuncture is recommended for sciatica.
CLM010 Acupuncture is approved for sciatica.
CLM010 Acupuncture is endorsed for sciatica by experts.
CLM010 Sciatica can be treated with acupuncture.
CLM010 We treat sciatica with acupuncture.
CLM010 Our clinic offers acupuncture for sciatica.
CLM010 We use acupuncture for sciatica.
CLM010 We offer acupuncture to people with sciatica.
CLM015 Try acupuncture instead of surgery.
CLM015 Try acupuncture instead of tablets.
CLM015 Choose acupuncture over surgery.
CLM015 With acupuncture you do not need surgery.
CLM015 You do not need surgery.
CLM015 You do not need your tablets.
CLM015 You won't need an operation.
CLM015 You can stop taking your tablets.
CLM015 Stop your tablets and try acupuncture.
CLM015 Avoid surgery with acupuncture.
CLM015 There is no need for surgery once you have had acupuncture.
CLM015 Acupuncture can replace your painkillers.
CLM015 Acupuncture saves you from surgery.
CLM011 Acupuncture is natural, gentle and safe.
CLM011 Natural, gentle and safe.
"""


@pytest.mark.parametrize("sentence", PEACE.strip().splitlines())
def test_plain_and_honest_sentences_are_left_in_peace(sentence: str) -> None:
    assert codes_in(sentence) == []


@pytest.mark.parametrize("row", CLAIMS.strip().splitlines())
def test_claims_are_found(row: str) -> None:
    code, _, sentence = row.partition(" ")
    assert code in codes_in(sentence)


def test_it_stands_for_the_treatment_named_before() -> None:
    assert codes_in("We offer acupuncture. It is completely safe.") == ["CLM011"]
    assert codes_in("We offer acupuncture. It is preferable to surgery.") == ["CLM010"]


def test_it_does_not_stand_for_a_treatment_when_the_illness_was_named_since() -> None:
    text = "## What is sciatica?\n\nSciatica is a pain in the leg. It improves by itself."
    assert codes_in(text) == []


def test_what_is_marked_is_not_found_again() -> None:
    marked = 'Acupuncture [may reduce leg pain]{.claim about="acupuncture vs sham / leg pain"}.'
    assert codes_in(marked) == []


def test_the_part_outside_a_mark_is_read() -> None:
    marked = '[may reduce leg pain]{.claim about="acupuncture vs sham / leg pain"}'
    assert codes_in(f"Acupuncture cures sciatica and {marked}.") == ["CLM006"]


def test_the_help_offers_a_sentence_and_a_question() -> None:
    (found,) = found_in("Acupuncture is more effective than drugs for sciatica.")
    assert "The evidence is very uncertain about the effect of acupuncture" in found.help
    assert 'about="acupuncture vs drugs / improvement"' in found.help


def test_the_help_says_what_to_write_and_what_to_mark() -> None:
    (found,) = found_in("Acupuncture relieves leg pain.")
    assert found.help.startswith('write: "Acupuncture may reduce ')
    assert '." and mark it {.claim about="acupuncture vs sham / leg pain"}' in found.help


def test_the_help_offers_no_question_on_other_treatments_or_outcomes() -> None:
    review, _ = folder()
    for sentence in ("Acupuncture relieves leg pain.", "Surgery relieves sciatica."):
        (found,) = found_in(sentence)
        offered = re.findall(r'about="([^"]+)"', found.help)
        assert 1 <= len(offered) <= 3
        for about in offered:
            comparison, outcome = about.split(" / ")
            treatment = sentence.split()[0].lower()
            assert treatment in review.comparisons[comparison].interventions
            assert outcome == "leg pain" or "leg pain" not in sentence


def test_a_recommendation_is_to_be_cited() -> None:
    (found,) = found_in("Doctors recommend acupuncture for sciatica.")
    assert found.message.startswith("a recommendation without a source")
    assert found.help.startswith("cite who says so and for whom, as [@key]; or write: ")
    assert codes_in("A guideline recommends acupuncture for sciatica [@tu].") == []


def test_leading_away_from_treatment_is_told_at_its_words_and_alone() -> None:
    (found,) = found_in("For sciatica, you do not need surgery: acupuncture is better.")
    place = found.place
    assert found.code == "CLM015"
    assert place.source[place.column - 1 : place.end_column - 1] == "you do not need surgery"
    assert "Ask your doctor before you stop" in found.help


def test_what_stands_under_a_heading_for_emergencies_leads_nobody_away() -> None:
    assert codes_in("## Call 999\n\nStop the tablets.") == []
    assert codes_in("## The clinic\n\nStop the tablets.") == ["CLM015"]


def test_it_takes_the_pain_away_right_after_a_claim() -> None:
    assert codes_in("Needling heals sciatica. It will take your leg pain away.") == [
        "CLM010",
        "CLM010",
    ]


def test_the_help_says_when_nothing_was_compared() -> None:
    (found,) = found_in("Acupuncture is preferable to surgery.")
    assert "no comparison in this folder holds acupuncture against surgery" in found.help


def test_a_mechanism_is_to_be_marked_as_one() -> None:
    (found,) = found_in("Acupuncture regenerates the sciatic nerve.")
    assert '{.mechanism about="nerve regeneration"}' in found.help


def test_a_clinic_learns_what_its_results_can_show() -> None:
    (found,) = found_in("My patients nearly always recover within ten sessions.")
    assert "cannot show that the treatment was the reason" in found.help


def test_the_place_is_the_word_itself() -> None:
    (found,) = found_in("Needles are thin. Acupuncture *really* relieves\nsciatica.")
    place = found.place
    assert place.source[place.column - 1 : place.end_column - 1] == "relieves"


SOLD = """
Acupuncture takes the edge off sciatica.
Say goodbye to sciatica with acupuncture.
Struggling with sciatica? Acupuncture is the answer.
Many people find relief from sciatica through acupuncture.
Acupuncture gets to the root of sciatica.
Acupuncture is a great way to manage sciatica.
Acupuncture can make a real difference to sciatica.
Acupuncture is ideal for sciatica.
Sciatica responds well to acupuncture.
With regular acupuncture you can live without sciatica.
Acupuncture keeps sciatica at bay.
End your sciatica with acupuncture.
Acupuncture works wonders.
Acupuncture is one of the best things for sciatica.
"""


@pytest.mark.parametrize("sentence", SOLD.strip().splitlines())
def test_the_idioms_of_selling_are_claims(sentence: str) -> None:
    assert codes_in(sentence) == ["CLM010"]


NOT_SOLD = """
The answer to what to do next is not simple.
Ask what the best way to manage your pain is.
Not everyone responds to the same treatment.
How people respond to acupuncture differs from one to the next.
There is no one solution to sciatica.
An operation carries risks, and recovery takes time.
Nobody can say whether sciatica responds well to acupuncture.
Acupuncture has not been shown to get to the root of sciatica.
A walk each day is a great way to keep moving.
It is not known which people acupuncture is ideal for.
"""


@pytest.mark.parametrize("sentence", NOT_SOLD.strip().splitlines())
def test_plain_words_that_look_like_selling_are_left_in_peace(sentence: str) -> None:
    assert codes_in(sentence) == []


def test_our_patients_notice_a_difference() -> None:
    assert codes_in("Most of our patients notice a difference after three sessions.") == ["CLM013"]


FRONT = """---
title: {title}
description: {description}
categories: [Pain, {category}]
---

Quiet rooms.
"""


@pytest.mark.parametrize("key", ["title", "description", "category"])
def test_what_search_engines_read_is_judged(key: str) -> None:
    honest = {"title": "Sciatica", "description": "What trials found", "category": "Acupuncture"}
    review, evidence = folder()
    codes = []
    for values in (honest, honest | {key: "Acupuncture relieves sciatica"}):
        _, found = judge_page(page_of(FRONT.format(**values)), review, evidence, today=TODAY)
        codes.append([(d.code, d.place.source[d.place.column - 1 :][:8]) for d in found])
    before, after = ([c for c in found if c[0] == "CLM010"] for found in codes)
    assert before == []
    assert after == [("CLM010", "relieves")]
