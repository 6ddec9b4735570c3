"""Texts that nobody writes: the check answers at once, and says what it did not read."""

import math
import time
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from osler.certainty.evidence import gather_evidence
from osler.claims.alone import judge_alone
from osler.claims.document.extent import MOST_SENTENCES, within
from osler.claims.document.page import parse_page
from osler.claims.house import house_of
from osler.claims.language.words import GAP, Mention, Phrases, words_of
from osler.cli.alone import page_alone
from osler.core.diagnostics import Severity
from osler.publish.pipeline import CheckedPage, check_page
from osler.review.folder import read_folder
from osler.review.reading import parse_review

TODAY = date(2025, 6, 1)
SIZE = 2_000_000
FRONT = "---\ntitle: Pain\ndescription: Pain\n---\n\n"
SENTENCE = (
    "Acupuncture may reduce leg pain in adults with sciatica, although the evidence is very "
    "uncertain and most people get better by themselves within some weeks. "
)

HOSTILE = {
    "paragraphs": "It helps.\n\n",
    "claims": '[It helps]{.claim about="acupuncture vs sham / leg-pain"}\n\n',
    "citations": "A review found that acupuncture reduces leg pain [@ji2015].\n\n",
    "stories": '"Acupuncture cured my pain," says Ann. ',
    "shares": "About 50% to 60% of people had pain. ",
    "brackets": "[",
    "table": "|It helps.|Safe 50%|\n|-|-|\n",
    "items": "- a\n",
}


@cache
def judged() -> Callable[[str], CheckedPage]:
    """Judges a page within the example on sciatica."""
    files = read_folder(Path(__file__).parents[3] / "examples" / "sciatica")
    review, _ = parse_review(files)
    assert review is not None
    evidence = gather_evidence(review)
    house, _ = house_of(files, review, TODAY)
    return lambda text: check_page(text, "pages/x.md", review, evidence, house, TODAY)


def seconds(work: Callable[[], object]) -> float:
    """The best of three: a busy machine slows some of them down."""
    best = math.inf
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
        if best < 2:
            break
    return best


@pytest.mark.parametrize("name", HOSTILE)
def test_two_megabytes_of_anything_are_judged_in_less_than_two_seconds(name: str) -> None:
    judge, unit = judged(), HOSTILE[name]
    text = FRONT + unit * (SIZE // len(unit))
    kept: list[CheckedPage] = []
    assert seconds(lambda: kept.append(judge(text))) < 2
    found = {d.code: d for d in kept[-1].diagnostics}
    assert found["PAG013"].severity is Severity.ERROR


@pytest.mark.parametrize("unit", ["It cures pain. ", "- a\n", "<p>It cures pain.</p>"])
def test_two_megabytes_without_a_folder_take_less_than_two_seconds(unit: str) -> None:
    data = (unit * (SIZE // len(unit))).encode()
    assert seconds(lambda: judge_alone(page_alone("-", data)[0], TODAY)) < 2


def test_a_page_of_twenty_thousand_words_is_judged_to_its_end() -> None:
    paragraphs = ["".join([*[SENTENCE] * 4, "\n\n"])] * 230
    text = FRONT + "".join(paragraphs) + "Acupuncture cures sciatica.\n"
    assert len(text.split()) > 20_000
    found = judged()(text).diagnostics
    assert "PAG013" not in {d.code for d in found}
    last = text.count("\n")
    assert {"CLM006", "CLM010"} & {d.code for d in found if d.place.line == last}


def test_two_thousand_words_are_judged_in_well_under_a_second() -> None:
    judge = judged()
    judge(FRONT)  # word lists are read once for all pages
    text = FRONT + (SENTENCE * 4 + "\n\n") * 23
    assert len(text.split()) > 2000
    assert seconds(lambda: judge(text)) < 0.5


def test_what_is_not_judged_is_told_where_it_begins() -> None:
    text = "It helps.\n" * (MOST_SENTENCES + 50)
    page, found = parse_page(text, "pages/x.md")
    (told,) = [d for d in found if d.code == "PAG013"]
    assert (told.place.line, told.place.column) == (MOST_SENTENCES, len("It helps.") + 1)
    assert told.found == f"more than {MOST_SENTENCES:,} sentences"
    assert len(page.sentences) == MOST_SENTENCES


def test_a_text_in_one_line_is_cut_within_it() -> None:
    cut = within("word " * 100_000)
    assert (len(cut.text), cut.because) == (180_000, "more than 180,000 characters")


def test_a_phrase_with_many_gaps_takes_no_time() -> None:
    pattern = " ... ".join("a" * 12) + " ... b"
    words = words_of("a " * 200)
    phrases = Phrases({"many": [pattern]})
    assert seconds(lambda: phrases.find(tuple(words))) < 2
    assert phrases.find(words) == []


def test_a_gap_takes_the_nearest_end_and_no_more_words_than_it_may() -> None:
    phrases = Phrases({"p": ["a ... b ... c"]})
    filled = " ".join(["a", *["x"] * GAP, "b", "b", "c"])
    assert phrases.find(words_of(filled)) == [Mention("p", 0, GAP + 4)]
    assert phrases.find(words_of(filled.replace("a", "a x"))) == []


def test_what_was_found_once_is_not_changed_by_who_asked() -> None:
    words, phrases = words_of("it helps"), Phrases({"p": ["helps"]})
    first = phrases.find(words)
    first.append(Mention("mine", 0, 1))
    assert phrases.find(words) == [Mention("p", 1, 2)]
    assert phrases.find(tuple(words)) == phrases.find(words)
