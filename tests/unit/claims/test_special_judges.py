"""Practice, harms, citations, consistency and units: what the cases do not show, and any text."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.certainty.model import Evidence
from osler.claims.against.facts import judge_fact
from osler.claims.against.mechanisms import judge_mechanism
from osler.claims.against.practice import audits, judge_practice
from osler.claims.against.reviews import judge_citations
from osler.claims.consistency import check_consistency
from osler.claims.consistency.addresses import address_problem, is_other_topic, searched_for
from osler.claims.consistency.drugs import drugs_in
from osler.claims.consistency.estimates import Triple, triples_in
from osler.claims.consistency.identifiers import doi_problem, pmid_problem, registration_problem
from osler.claims.document.page import parse_page
from osler.claims.language.harms import rule_of_three
from osler.claims.language.words import words_of
from osler.claims.language.yardsticks import frequency_class, generality_in
from osler.claims.model import Page, Verdict
from osler.claims.safety import check_safety
from osler.core.diagnostics import Diagnostic
from osler.review.model import Review
from osler.review.reading import parse_review
from tests.cases.reading import evidence_by_hand, read_case

CASES = Path(__file__).parents[2] / "cases"


TWO_OUTCOMES = b"""
two,A,10.1000/two,2,drugs vs placebo,pain,MD,,,,,,,,low,No more effective for pain,,,
two,A,10.1000/two,2,drugs vs placebo,improvement,RR,,,,,,,,low,More effective than placebo,,,
"""


@cache
def folder() -> tuple[Review, Evidence]:
    """The folder of the cases, with an audit and two published reviews."""
    files = dict(read_case(CASES / "base.md").files)
    for name, table in (("practice.md", "practice.csv"), ("citations.md", "published_reviews.csv")):
        files[table] = read_case(CASES / name).files[table]
    files["published_reviews.csv"] += TWO_OUTCOMES
    files["references.json"] = read_case(CASES / "citations.md").files["references.json"]
    review, _ = parse_review(files)
    assert review is not None
    return review, evidence_by_hand(review, read_case(CASES / "base.md").blocks["findings"])


def page_of(text: str) -> Page:
    return parse_page(text, "pages/a.md")[0]


def found_in(text: str) -> list[Diagnostic]:
    """What the special judges find in a text."""
    review, evidence = folder()
    page = page_of(text)
    judge = {"practice": judge_practice, "fact": judge_fact, "mechanism": judge_mechanism}
    judged = [judge[s.kind](s, page, review) for s in page.spans if s.kind in judge]
    return [
        *(d for j in judged for d in j.diagnostics),
        *judge_citations(page, review),
        *check_safety(page, review, evidence),
        *check_consistency(page, review, evidence),
    ]


def codes(text: str) -> list[str]:
    return [d.code for d in found_in(text)]


def practice(words: str, after: str = "; 5 did not reply.") -> list[str]:
    return codes(f'[{words}]{{.practice about="sciatica"}}{after}')


@pytest.mark.parametrize(
    "words",
    [
        "Needling cured 12 of 20 people",
        "12 of 20 people recovered thanks to us",
        "Our treatment works",
        "12 of 20 people recovered because of the needles",
        "Acupuncture helps most people",
    ],
)
def test_an_audit_carries_no_cause(words: str) -> None:
    assert practice(words) == ["CLM071"]


@pytest.mark.parametrize(
    "words",
    [
        "12 of 20 people recovered",
        "At least 60% recovered",
        "12 recovered and 3 did not",
        "Most people had recovered within ten sessions",
        "Of 20 people, 12 recovered; this cannot show that acupuncture helped",
        "Half of those who recovered had had up to 6.5 sessions",
        "Not everyone recovered",
    ],
)
def test_what_was_counted_may_be_said(words: str) -> None:
    assert practice(words) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("All of our patients recovered", "CLM072"),
        ("The great majority recovered", "CLM072"),
        ("Nearly everyone recovered", "CLM072"),
        ("Most people had recovered within 6 sessions", "CLM074"),
        ("Most people had recovered in under 7 sessions", "CLM074"),
        ("15 of 20 people recovered", "CLM073"),
        ("You can expect to recover", "CLM077"),
    ],
)
def test_more_than_was_counted(words: str, code: str) -> None:
    assert practice(words) == [code]


def test_the_missing_are_said_anywhere_in_the_paragraph() -> None:
    assert practice("80% recovered", ". Of 5 we do not know.") == []
    assert practice("80% recovered", ".\n\nOf 5 we do not know.") == ["CLM075"]


def test_a_verdict_and_the_audits_of_a_folder() -> None:
    review, _ = folder()
    page = page_of('[Most recovered]{.practice about="sciatica"}; 5 did not reply.')
    assert judge_practice(page.spans[0], page, review).verdict is Verdict.SUPPORTED
    assert [a.about for a in audits(review)] == ["sciatica", "sciatica / acupuncture"]


@pytest.mark.parametrize("n", [1, 3, 30, 110, 5000])
def test_the_rule_of_three_is_never_below_the_exact_limit(n: int) -> None:
    assert rule_of_three(n) >= 1 - 0.05 ** (1 / n)
    assert rule_of_three(n) <= 1


def test_classes_of_frequency_begin_where_the_guideline_says() -> None:
    borders = [
        *((0.1, "very common"), (0.0999, "common"), (0.01, "common"), (0.0099, "uncommon")),
        *((0.001, "uncommon"), (0.0009, "rare"), (0.0001, "rare"), (0.00009, "very rare")),
    ]
    assert [frequency_class(x).name for x, _ in borders] == [name for _, name in borders]


def test_words_of_how_many() -> None:
    told = {text: [s.name for _, s in generality_in(words_of(text))] for text in (
        "nearly always", "not all of it", "every session", "most people", "at most")}  # fmt: skip
    assert told == {"nearly always": ["nearly all"], "not all of it": [], "every session": [],
                    "most people": ["most"], "at most": []}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drugs did not work, a review concluded [@inj].", ["CLM084"]),
        ("A review found no clear difference between drugs and placebo [@inj].", []),
        ("A review suggests that acupuncture may help more than drugs [@qin].", []),
        ("A review has shown that acupuncture reduces pain [@qin].", ["CLM081"]),
        ("A review found that surgery made little difference to pain [@rest].", ["CLM086"]),
        ("A review found with moderate certainty little difference with surgery [@rest].", []),
        ("A review showed that drugs reduce pain [@two].", ["CLM080"]),
        ("A review showed that drugs may help more people to improve [@two].", []),
        ("A review of eleven trials [@qin].", []),
        ("A review of twelve trials [@qin].", ["CLM083"]),
        ("Acupuncture reduces pain [@tu].", []),
    ],
)
def test_citations(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("-16.0 (95% CI -21.3 to -10.6)", [(16.0, 21.3, 10.6)]),
        ("1.40 [1.02, 1.93]", [(1.4, 1.02, 1.93)]),
        ("12.1 points lower (23.6 to 0.5 lower)", [(12.1, 23.6, 0.5)]),
        ("2.3, 95% confidence interval 0.2 to 4.5", [(2.3, 0.2, 4.5)]),
        ("11 trials (962 people)", []),
        ("from 2 to 5 in 2015 (10 to 12)", []),
        ("12 trials (1,842 people)", []),
        ("a median of 28.5 days (range 14 to 42)", []),
        ("people of 52 years (18 to 80)", []),
        ("1,819 euro (95% CI 842 to 2,796)", [(1819.0, 842.0, 2796.0)]),
    ],
)
def test_estimates_in_prose(words: str, found: list[tuple[float, float, float]]) -> None:
    assert [(t.estimate, t.lower, t.upper) for t in triples_in(words)] == found


def test_an_estimate_agrees_with_what_it_was_rounded_from() -> None:
    (said,) = triples_in("11.9 lower (20.4 to 3.4 lower)")
    assert said.agrees(Triple(-11.94, -20.44, -3.43))
    assert said.agrees(Triple(-11.94, -3.43, -20.44))
    assert not said.agrees(Triple(-12.94, -20.44, -3.43))


@pytest.mark.parametrize("text", ["", "x", "10.", "10.1/", "10.12345/ü", "doi:10.1000/a"])
def test_identifiers_never_raise(text: str) -> None:
    assert isinstance(doi_problem(text or "x"), str)
    assert isinstance(pmid_problem(text or "x"), str)
    assert isinstance(registration_problem(text), str)


def test_drugs_by_their_stems() -> None:
    text = "Etoricoxib, ibuprofen, prednisolone, duloxetine and gabapentin in persons"
    assert drugs_in(text) == {"etoricoxib", "ibuprofen", "prednisolone", "duloxetine", "gabapentin"}
    assert drugs_in("Acupuncture for low back pain in one person") == set()


@pytest.mark.parametrize(
    "address", ["http://", "https://[", "www.example.org", "https://exa mple.org", "https://a"]
)
def test_addresses_that_are_not_whole(address: str) -> None:
    assert address_problem(address)


@pytest.mark.parametrize(
    "address",
    ["#top", "other.html", "../a", "https://example.org:80/a?b=c#d", "mailto:a@b.org", ""],
)
def test_addresses_that_may_be(address: str) -> None:
    assert address_problem(address) == ""


def test_a_journal_or_one_foreign_word_is_no_other_topic() -> None:
    assert searched_for("https://pubmed.ncbi.nlm.nih.gov/?term=%22Spine%22[jour]") == ""
    assert not is_other_topic("progesterone", {"sciati"})
    assert is_other_topic("preterm progesterone", {"sciati"})


MARKS = ("practice", "fact", "mechanism", "claim")
PIECES = st.sampled_from(
    [
        *('[12 of 20 (1 to 2)]{.practice about="sciatica"}', '[107%]{.fact about="unwanted"}'),
        *('[IL-6 so it works]{.mechanism about="inflammation"}', "[@qin] ", "[@inj]", "](", "- "),
        *('[safe 3 of 4]{.claim about="acupuncture vs sham / leg pain"}', "[b](#c)"),
        "[a](http://x y)",
        *("1 (2 to 3)", " better than surgery ", "11 trials", "\n\n", "\u2212", "£"),
        "| a |\n|--|\n| 3 of 4 |\n",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=14))
def test_any_text_is_read_without_a_crash_and_places_are_inside(parts: list[str]) -> None:
    text = "".join(parts)
    lines = page_of(text).lines
    for found in found_in(text):
        place = found.place
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
        assert place.end_column <= len(lines[place.line - 1]) + 1


UNITS = ["1", "1.", "-1 (", "10.", "IL-", "a/", "%25&term=", "(((", "NCT"]


@pytest.mark.parametrize(
    "scan", [address_problem, searched_for, doi_problem, pmid_problem, registration_problem]
)
def test_two_megabytes_in_one_cell_take_less_than_two_seconds(
    scan: Callable[[str], object],
) -> None:
    texts = [unit * (2_000_000 // len(unit)) for unit in UNITS]
    start = process_time()
    for text in texts:
        scan(text)
    assert process_time() - start < 2 * len(texts)


@pytest.mark.parametrize("unit", UNITS)
def test_estimates_and_drugs_take_time_by_length_alone(unit: str) -> None:
    # Sentences are cut at 4000 characters before they are read; a title has no such limit.
    text = unit * (100_000 // len(unit))
    start = process_time()
    list(triples_in(text))
    drugs_in(text)
    assert process_time() - start < 2


def test_many_marks_and_links_take_time_by_number_alone() -> None:
    part = '[12 of 20 (1 to 2)]{.fact about="unwanted"} and [b](http://x/?q=a+b). '
    page = page_of((part * 12 + "\n\n") * 60)
    review, evidence = folder()
    start = process_time()
    check_safety(page, review, evidence)
    check_consistency(page, review, evidence)
    judge_citations(page, review)
    assert len(page.spans) == 720
    assert process_time() - start < 4
