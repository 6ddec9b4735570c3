"""On any page at all: no crash, every place inside the file, and peace on the honest one."""

from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.certainty.model import Evidence
from osler.claims.document.page import parse_page
from osler.claims.language.names import names_of
from osler.claims.rules.checking import check_rules
from osler.claims.rules.shipped import shipped_packs
from osler.claims.unmarked import find_unmarked
from osler.core.diagnostics import Severity
from osler.review.folder import read_folder
from osler.review.reading import parse_review
from tests.unit.claims.sample import folder

EXAMPLE = Path(__file__).parents[4] / "examples" / "sciatica"
TODAY = date(2026, 11, 22)

PARTS = st.sampled_from(
    ["We offer acupuncture", " for sciatica", ". ", "\n", "\n\n", "[", "]{.story}", "]{.quote}",
     "]{.opinion}", ']{.claim about="a / b"}', "- ", "# What we treat\n\n", "my pain was gone",
     "Mrs Hall told us", "3 in 100", " 15 in 1000", "proven", "risk by 30%", "“", "”", "|",
     "in order to ", "analgesia", "the WHO lists", "for information only", "\u00e9\u0301", "\0",
     "?", "not ", "may "]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=30))
def test_places_stay_inside_the_file(parts: list[str]) -> None:
    review, evidence = folder()
    page, _ = parse_page("---\ntitle: " + "".join(parts[:3]) + "\n---\n" + "".join(parts), "a.md")
    names = names_of(review, evidence)
    found = check_rules(page, shipped_packs(), names, TODAY)
    assert found == check_rules(page, shipped_packs(), names, TODAY)
    for d in [*found, *find_unmarked(page, review, evidence, names)]:
        assert 1 <= d.place.line <= len(page.lines)
        assert 1 <= d.place.column <= d.place.end_column <= len(d.place.source) + 1 or (
            d.place.end_column == 0
        )
        assert d.place.source == page.lines[d.place.line - 1]


def test_the_honest_example_has_notes_at_most_and_the_draft_more() -> None:
    review, _ = parse_review(read_folder(EXAMPLE))
    assert review is not None
    names = names_of(review, Evidence({}, {}))
    worst = {}
    for source in review.pages:
        page, _ = parse_page(source.text, source.file)
        found = check_rules(page, shipped_packs(), names, TODAY)
        worst[source.file] = {d.severity for d in found}
    assert worst["pages/acupuncture-for-sciatica.md"] == {Severity.NOTE}
    assert Severity.ERROR in worst["pages/first-draft.md"]
