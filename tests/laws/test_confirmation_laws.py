"""Laws of judging: any words in a mark, any confirmations, any file that claims to hold them."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from osler.claims.confirmed import (
    Confirmation,
    Confirmations,
    Shown,
    confirm,
    normalised,
    parse_confirmations,
    render_confirmations,
)
from osler.claims.judging import judge_page
from osler.claims.model import Verdict
from osler.core.diagnostics import Severity
from tests.unit.claims.sample import TODAY, folder, judge, page_of

PAIN = "acupuncture vs sham / leg pain"
SURGERY = "surgery vs usual care / leg pain"
UNSURE = "acupuncture vs drugs / improvement"

words = st.lists(
    st.sampled_from(
        (
            "acupuncture it may probably will has been proven to not does reduce reduces reducing "
            "leg pain back pain in children most people nearly all greatly slightly a large much "
            "better than sham surgery drugs anything else after two years weeks lasting permanent "
            "for good , . ; but and the evidence is very uncertain no side effects improves sleep "
            "results in reduction increase always cure 10 ² – \u2028 \ufeff ﬁ İ"
        ).split(" ")
    ),
    max_size=14,
).map(" ".join)
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    before=words,
    inside=words,
    after=words,
    about=st.sampled_from([PAIN, SURGERY, UNSURE, f"{PAIN}; {SURGERY}"]),
)
@example("In children ,", "reduces leg pain", "for good", PAIN)
@example("It", "greatly reduces leg pain", ".", PAIN)
@example("It", "reduces leg pain", ".", UNSURE)
@example("", "İİİİ reduces leg pain", "in children", PAIN)
def test_whatever_is_marked_places_are_inside_and_a_fix_is_one(
    before: str, inside: str, after: str, about: str
) -> None:
    review, evidence = folder()
    page = page_of(f'{before} [{inside}]{{.claim about="{about}"}} {after}')
    judged, found = judge_page(page, review, evidence, today=TODAY)
    for d in found:
        assert 1 <= d.place.line <= len(page.lines)
        line = page.lines[d.place.line - 1]
        assert 1 <= d.place.column <= len(line) + 1
        assert d.place.end_column == 0 or d.place.column <= d.place.end_column <= len(line) + 1
    for fix in (d.fix for one in judged for d in one.diagnostics if d.fix is not None):
        (again,) = judge(f'[{fix.text}]{{.claim about="{about}"}}')
        assert again.verdict is Verdict.SUPPORTED
        assert fix.text != inside


@settings(max_examples=60, deadline=None)
@given(words, words)
def test_what_was_just_confirmed_is_not_out_of_date(first: str, second: str) -> None:
    review, evidence = folder()
    text = f'[{first}]{{.claim about="{PAIN}"}} x [{second}]{{.claim about="{SURGERY}"}}'
    page = page_of(text)
    judged, _ = judge_page(page, review, evidence, today=TODAY)
    kept = confirm(judged, page, review, Confirmations(), by="A reader", date="2025-01-01")
    read, wrong = parse_confirmations(render_confirmations(kept))
    assert wrong == ()
    _, found = judge_page(page, review, evidence, today=TODAY, confirmed=read)
    assert [d.code for d in found if d.code in ("CLM056", "CLM057", "CLM058")] == []


shown = st.builds(Shown, texts, texts, texts, texts, st.lists(texts, max_size=3).map(tuple), texts)
entries = st.builds(
    Confirmation,
    texts,
    st.lists(texts, max_size=2).map(tuple),
    texts.map(normalised),
    texts,
    texts,
    st.lists(shown, max_size=2).map(tuple),
)


@given(st.lists(entries, max_size=4))
def test_written_and_read_again_it_is_the_same(found: list[Confirmation]) -> None:
    confirmed = Confirmations({entry.key: entry for entry in found})
    text = render_confirmations(confirmed)
    read, wrong = parse_confirmations(text)
    assert wrong == ()
    assert dict(read.entries) == dict(confirmed.entries)
    assert render_confirmations(read) == text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["page", "about", "words", "by", "date", "evidence", "studies"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.one_of(texts, json_values.map(json.dumps)))
def test_no_file_is_a_crash(text: str) -> None:
    _, found = parse_confirmations(text)
    assert all(d.severity is Severity.ERROR and d.code == "CLM058" for d in found)


@given(st.lists(json_values, max_size=3))
def test_no_entry_is_a_crash(values: list[object]) -> None:
    text = json.dumps({"format": 1, "confirmed": values})
    read, found = parse_confirmations(text)
    assert len(found) + len(read.entries) <= len(values)
    assert bool(found) or len(read.entries) > 0 or not values


@given(texts)
def test_normal_words_are_normal_already(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert normalised(f"  {text}. ") == once
