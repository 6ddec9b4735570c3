"""What a passage tells beside direction, size and certainty."""

import pytest

from osler.claims.language.reading import read_words
from osler.claims.model import Reading


def rows(text: str) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for line in text.strip().splitlines():
        words, _, told = line.rpartition("|")
        out.append((words.strip(), told.strip()))
    return out


DURATION = """
reduces leg pain at four weeks | short-term
eases pain for a few weeks | short-term
gives short-term relief of migraine | short-term
relief is temporary | short-term
reduces pain within 12 weeks | short-term
lowered pain over the first six weeks | short-term
reduces pain in the first weeks | short-term
gives long-lasting relief | lasting
brings long term relief | lasting
keeps the pain away for years | lasting
pain was still lower two years later | lasting
reduces pain at 52 weeks | lasting
the effect lasts | lasting
cures it for good | permanent
the pain never comes back | permanent
the pain will not return | permanent
relief is permanent | permanent
works once and for all | permanent
reduces leg pain at six months |
reduces leg pain |
the effect does not last |
is not a permanent cure |
no lasting benefit |
prevents lasting damage to the nerve |
helps long-term pain |
helps people with long-lasting sciatica |
helps adults aged 50 years |
a session of 30 minutes |
a 40 year old man |
has good quality evidence, for good reason |
does not give long-lasting relief |
"""
GENERALITY = """
helps everyone | all
always works | all
all patients improve | all
works in every case | all
nearly always works | nearly all
almost everyone gets better | nearly all
helps the vast majority | nearly all
most people get better | most
usually helps | most
helps the majority of adults | most
some patients improve | some
sometimes helps | some
many people feel better | some
does not help everyone | some
does not always work | some
not everyone is helped | some
helps not all patients | some
is not a last choice for everybody | some
patients improve |
reduces leg pain |
all trials were small |
most people are advised to keep moving |
needles are always sterile |
"""
SAFETY = """
is completely safe | safe
has no side effects | safe
is safe and effective | safe
was well tolerated | safe
is harmless | safe
causes no harm | safe
is safer than surgery | safer
has fewer side effects than drugs | safer
is less harmful than tablets | safer
causes bruising | harms
may cause more side effects | harms
is not safe in pregnancy | harms
is dangerous | harms
nausea and dizziness were reported | harms
reduces the risk of a relapse |
carries the least risk |
relieves nausea |
reduces leg pain |
is a natural therapy |
did not increase side effects |
"""
SOURCE = """
A review found that it may help | review
A Cochrane review found less pain | review
One trial found less pain | study
Researchers say that it helps | research
Research shows that it works | research
Patients tell us that it helps | patients
Some people find that it helps | patients
As the WHO lists sciatica, it works | authority
NICE says to consider it | authority
It is traditionally used for pain | tradition
For thousands of years it has eased pain | tradition
In my experience it helps | writer
We see it work in our clinic | writer
The evidence is very uncertain |
Three of 20 patients reported more pain |
A pooled number cannot be surer than the trials in it |
It reduces leg pain |
More research is needed |
It is nice to lie down |
"""


def told(words: str) -> Reading:
    return read_words(words, better="lower")


@pytest.mark.parametrize(("words", "duration"), rows(DURATION))
def test_how_long(words: str, duration: str) -> None:
    assert told(words).duration == duration


@pytest.mark.parametrize(("words", "generality"), rows(GENERALITY))
def test_for_how_many(words: str, generality: str) -> None:
    assert told(words).generality == generality


@pytest.mark.parametrize(("words", "safety"), rows(SAFETY))
def test_safety(words: str, safety: str) -> None:
    assert told(words).safety == safety


@pytest.mark.parametrize(("words", "source"), rows(SOURCE))
def test_whose_statement(words: str, source: str) -> None:
    assert told(words).source == source


@pytest.mark.parametrize(
    ("words", "proof"),
    [
        ("It works by releasing endorphins, which is why it relieves pain", True),
        ("It releases endorphins, so it relieves pain", True),
        ("Because it boosts blood flow it heals", True),
        ("It relieves pain because it releases endorphins", True),
        ("It relieves pain by releasing endorphins", True),
        ("It calms inflammation; therefore it helps sciatica", True),
        ("It raises blood flow in healthy people", False),
        ("Needling releases endorphins in rats", False),
        ("It releases endorphins, but this does not mean that it relieves pain", False),
        ("It may reduce leg pain", False),
        ("It relieves pain, because people rest", False),
        ("It has not been shown that it helps because it raises blood flow", False),
        ("So far, endorphins were measured in few trials, and it may help", False),
    ],
)
def test_a_mechanism_as_proof(words: str, proof: bool) -> None:
    assert told(words).proof is proof


# words | direction | negated | absence
NEGATION = """
does not reduce leg pain | none | yes | no
did not help | none | yes | no
never helps | none | yes | no
fails to reduce pain | none | yes | no
makes no difference to pain | none | yes | no
has little to no effect on pain | none | yes | no
is ineffective | none | yes | no
is no more effective than sham | none | yes | no
does not increase side effects | none | yes | no
is unlikely to help | none | yes | no
there is no evidence that it reduces pain | none | no | yes
has not been shown to reduce pain | none | no | yes
is not proven to help | none | no | yes
is as effective as ibuprofen | none | no | no
is similar to sham for pain | none | no | no
reduces leg pain | better | no | no
not only reduces pain but improves sleep | better | no | no
no doubt reduces pain | better | no | no
reduces pain without surgery | better | no | no
reduces pain, and does not cause harm | better | no | no
is better than no treatment | better | no | no
"""


@pytest.mark.parametrize("row", NEGATION.strip().splitlines())
def test_the_scope_of_a_negation(row: str) -> None:
    words, direction, negated, absence = (cell.strip() for cell in row.split("|"))
    reading = told(words)
    found = (reading.direction, reading.negated, reading.absence)
    assert found == (direction, negated == "yes", absence == "yes")


@pytest.mark.parametrize(
    ("words", "hedges"),
    [
        ("may reduce pain", ("may",)),
        ("The evidence suggests that it probably helps", ("suggests", "probably")),
        ("Some people find that it helps", ("some people find",)),
        ("It might possibly help", ("might", "possibly")),
        ("It is very uncertain whether it helps", ("very uncertain",)),
        ("reduces pain", ()),
        ("people are more likely to improve", ()),
    ],
)
def test_hedges(words: str, hedges: tuple[str, ...]) -> None:
    assert told(words).hedges == hedges


@pytest.mark.parametrize(
    ("words", "certainty"),
    [
        ("may reduce pain and improve sleep", "low"),
        ("may reduce pain, and improves sleep", "high"),
        ("may reduce pain, and improve sleep", "low"),
        ("may reduce pain; it improves sleep", "high"),
        ("may reduce pain, but it improves sleep", "high"),
    ],
)
def test_the_scope_of_a_hedge(words: str, certainty: str) -> None:
    assert told(words).certainty.word == certainty


@pytest.mark.parametrize(
    ("words", "comparators"),
    [
        ("reduces leg pain more than sham acupuncture", ("sham acupuncture",)),
        ("is better than drugs for sciatica", ("drugs",)),
        ("is preferable to surgery", ("surgery",)),
        ("reduces pain compared with the usual care at six weeks", ("usual care",)),
        ("is as effective as ibuprofen and safer", ("ibuprofen",)),
        ("is better than drugs and better than surgery", ("drugs", "surgery")),
        ("helps in less than 10 weeks", ()),
        ("reduces pain more than we thought", ()),
        ("reduces pain more than the one before", ()),
        ("reduces pain", ()),
    ],
)
def test_comparators(words: str, comparators: tuple[str, ...]) -> None:
    assert told(words).comparators == comparators


@pytest.mark.parametrize(
    ("words", "populations"),
    [
        ("helps adults with chronic sciatica", ("adults with chronic sciatica",)),
        ("usually helps pregnant women", ("pregnant women",)),
        ("helps older people and children", ("older people", "children")),
        ("helps people who take blood thinners", ("people who take blood thinners",)),
        ("is not for people with diabetes, or others", ("people with diabetes",)),
        ("in people with sciatica the cause is a disc", ("people with sciatica",)),
        ("how many people it helps", ("people",)),
        ("reduces leg pain", ()),
    ],
)
def test_populations(words: str, populations: tuple[str, ...]) -> None:
    assert told(words).populations == populations


@pytest.mark.parametrize(
    ("words", "outcomes"),
    [
        ("reduces leg pain and disability", ("leg pain", "disability")),
        ("improves sleep and quality of life", ("sleep", "quality of life")),
        ("reduces pain in adults with chronic sciatica", ("pain",)),
        ("causes bruising", ("bruising",)),
        ("may improve it", ()),
    ],
)
def test_outcomes(words: str, outcomes: tuple[str, ...]) -> None:
    assert told(words).outcomes == outcomes


def test_an_outcome_by_its_own_name() -> None:
    reading = read_words("raises the Oswestry index", labels=("Oswestry index",))
    assert reading.outcomes == ("oswestry index",)


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("greatly reduces leg pain", "large"),
        ("results in a large reduction in leg pain", "large"),
        ("makes a tremendous difference, and reduces pain a great deal", "large"),
        ("reduces leg pain moderately", "moderate"),
        ("results in a moderate reduction in pain", "moderate"),
        ("reduces leg pain slightly", "slight"),
        ("results in a slight reduction in leg pain", "slight"),
        ("reduces leg pain a little", "slight"),
        ("reduces pain minimally", "slight"),
        ("reduces leg pain", ""),
        ("does not greatly reduce pain", "none"),
        ("a large trial found that it reduces pain", ""),
        ("reduces pain after major surgery", ""),
    ],
)
def test_size_words(words: str, size: str) -> None:
    assert told(words).size == size


# How clinics claim, and what a reader must not miss or mistake. Wordings are ours.
TRAPS: list[tuple[str, dict[str, object]]] = [
    ("As the WHO lists sciatica, acupuncture works.", {"source": "authority"}),
    ("Research suggests that it helps.", {"source": "research", "hedges": ("suggests",)}),
    ("Acupuncture offers short-term relief.", {"duration": "short-term", "direction": "better"}),
    ("Acupuncture is a permanent cure.", {"duration": "permanent", "direction": "better"}),
    ("It nearly always works.", {"generality": "nearly all", "absolutes": ("nearly always",)}),
    ("It lowers the risk by 30%.", {"relative_alone": True}),
    ("It is safe, as needles are sterile.", {"safety": "safe"}),
    ("Endorphins are released, so pain is reduced.", {"proof": True}),
    ("Our patients recover fully.", {"source": "writer"}),
]


@pytest.mark.parametrize(("words", "expected"), TRAPS)
def test_how_clinics_claim(words: str, expected: dict[str, object]) -> None:
    reading = told(words)
    assert {name: getattr(reading, name) for name in expected} == expected
