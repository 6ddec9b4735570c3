"""Pages as values, and where things stand in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.claims.document.page import parse_page
from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.judging import judge_page
from osler.claims.model import Page
from osler.core.diagnostics import Diagnostic, Place
from tests.unit.claims.sample import TODAY, folder, found_in, page_of

PAGE = """\
---
title: A page
description: Of things.
author: Somebody
date: 2025-01-31
reviewed: 2025-02-01
next_review: 2026-02-01
categories: [pain, "back, lower"]
---

::: answer
It [may *help* a
bit]{.claim about="a vs b
/ pain"}. [@one; @two] Is it safe?
:::

# A \\\\* heading

- item **bold** &amp; [link](http://example.org "t") done. Next, e.g. this.
  > quoted {{ forest("a b", "c") }} and
  > `code` more

| head | er |
|------|----|
| one \\| two | [3 in 10]{.fact about=p} |
"""


def under(place: Place) -> str:
    return place.source[place.column - 1 : place.end_column - 1]


def test_the_front_matter_becomes_the_meta() -> None:
    meta = page_of(PAGE).meta
    assert (meta.title, meta.author, meta.reviewed) == ("A page", "Somebody", "2025-02-01")
    assert meta.categories == ("pain", "back, lower")
    assert (meta.draft, meta.slug) == (False, "a")
    assert meta.answer == "It may help a bit. Is it safe?"


def test_every_sentence_has_its_text_kind_and_place() -> None:
    page = page_of(PAGE)
    assert [(s.text, s.kind, s.place.line, under(s.place)) for s in page.sentences] == [
        ("It may help a bit.", "paragraph", 12, "It [may *help* a"),
        ("Is it safe?", "paragraph", 14, "Is it safe?"),
        (
            "item bold & link done.",
            "list",
            19,
            'item **bold** &amp; [link](http://example.org "t") done.',
        ),
        ("Next, e.g. this.", "list", 19, "Next, e.g. this."),
        ("quoted \ufffc and code more", "list", 20, 'quoted {{ forest("a b", "c") }} and'),
        ("head", "cell", 23, "head"),
        ("er", "cell", 23, "er"),
        ("one | two", "cell", 25, "one \\| two"),
        ("3 in 10", "cell", 25, "3 in 10"),
    ]


def test_headings_and_what_search_engines_read_are_sentences_of_their_own() -> None:
    page = page_of(PAGE)
    assert [(s.kind, s.text, s.place.line) for s in page.headings] == [
        ("meta", "A page", 2),
        ("meta", "Of things.", 3),
        ("meta", "pain", 8),
        ("meta", "back, lower", 8),
        ("heading", "A \\* heading", 17),
    ]
    assert page.sentences[2].heading == "A \\* heading"


def test_spans_insertions_and_citations_have_their_places() -> None:
    page = page_of(PAGE)
    claim, fact = page.spans
    assert (claim.kind, claim.about, claim.text) == ("claim", ("a vs b / pain",), "may help a bit")
    assert (fact.kind, fact.about, under(fact.place)) == ("fact", ("p",), "3 in 10")
    (insertion,) = page.insertions
    assert (insertion.name, insertion.arguments) == ("forest", ("a b", "c"))
    assert under(insertion.place) == '{{ forest("a b", "c") }}'
    assert [(c.key, under(c.place)) for c in page.citations] == [("one", "@one"), ("two", "@two")]


def test_tokens_carry_the_places_of_what_they_show() -> None:
    page = page_of(PAGE)
    children = [c for t in page.tokens for c in t.children or []]
    assert [c.meta["place"] for c in children if c.type == "span_open"] == [
        s.place for s in page.spans
    ]
    assert [c.meta["place"] for c in children if c.type == "osler_insertion"] == [
        i.place for i in page.insertions
    ]


def test_several_questions_are_split_by_semicolons() -> None:
    assert page_of('[x]{.claim about="a / b; c / d"}').spans[0].about == ("a / b", "c / d")


def test_a_citation_belongs_to_the_sentence_that_it_closes() -> None:
    one, two = page_of("One. [@a] Two [@b].").sentences
    assert (one.citations, two.citations) == (("a",), ("b",))


def test_raw_html_is_text() -> None:
    page = page_of("<b>bold</b>\n\n<div>\n\nx")
    assert all(t.type != "html_block" for t in page.tokens)
    assert page.sentences[0].text == "<b>bold</b>"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    other = page_of("\ufeff" + PAGE.replace("\n", "\r\n"))
    assert other.sentences == page_of(PAGE).sentences


@pytest.mark.parametrize(
    "line",
    [
        "title: []",
        "title: null",
        "description: ~",
        "author: [1, {a: 2}]",
        "author: [A. One, B. Two]",
        "categories: x: y",
        "categories: [pain, {a: 2}]",
        "categories: null",
        "date: ~",
    ],
)
def test_a_value_that_is_no_words_is_told_once_and_not_used(line: str) -> None:
    key = line.partition(":")[0]
    text = "\n".join(line if row.startswith(f"{key}:") else row for row in PAGE.split("\n"))
    page, found = parse_page(text, "pages/a.md")
    (told,) = found
    assert (told.code, told.place.field, under(told.place)) == ("PAG012", key, line[len(key) + 2 :])
    assert not getattr(page.meta, key)


@pytest.mark.parametrize(
    "line", ['title: "null"', "title: Null results", 'categories: ["x: y"]', "title: Pain: why"]
)
def test_words_that_look_like_something_else_stay_words(line: str) -> None:
    key = line.partition(":")[0]
    text = "\n".join(line if row.startswith(f"{key}:") else row for row in PAGE.split("\n"))
    assert [d.code for d in parse_page(text, "pages/a.md")[1]] == []


@pytest.mark.parametrize("about", ["", "  ", ";"])
def test_a_mark_about_nothing_is_told(about: str) -> None:
    found = parse_page(f'{PAGE}\n[may help]{{.claim about="{about}"}}\n', "pages/a.md")[1]
    assert [(d.code, d.message) for d in found] == [
        ("PAG010", "a marked span must say what it is about")
    ]
    assert found[0].found == "the span has .claim and an empty about"


def test_a_picture_is_found_at_its_place() -> None:
    (found,) = found_in("Look at\n*this* ![our clinic](https://example.org/c.jpg).")
    assert (found.code, found.place.column, under(found.place)) == ("PUB014", 8, "![")
    assert found.found == "![our clinic](https://example.org/c.jpg)"


def test_icons_need_an_absolute_effect() -> None:
    _, evidence = folder()
    without = next(a for a, f in evidence.findings.items() if f.absolute is None)
    (found,) = found_in(f'{{{{ icons("{without}") }}}}')
    assert (found.code, under(found.place)) == ("PUB005", f'{{{{ icons("{without}") }}}}')
    assert found_in(f'{{{{ forest("{without}") }}}}') == []


def test_a_page_that_is_one_sentence_is_told_and_not_judged() -> None:
    review, evidence = folder()
    page = page_of("acupuncture cures sciatica and " * 400)
    assert len(page.sentences[0].text) > LONGEST_SENTENCE
    _, found = judge_page(page, review, evidence, today=TODAY)
    assert [d.code for d in found] == ["PAG011"]


def test_a_paragraph_full_of_brackets_is_told_and_stays_text() -> None:
    text = "[" * 2000 + "\nand\n" + '[x]{.claim about="a / b"}'
    page, found = parse_page(text, "a.md")
    assert "PAG011" in [d.code for d in found]
    assert page.spans == ()
    assert page.sentences[0].text.endswith('{.claim about="a / b"}')


@pytest.mark.parametrize("words", ["", " ", "---", "---\n---", "---\ntitle", "\0", "::: answer"])
def test_scraps_are_pages(words: str) -> None:
    assert isinstance(parse_page(words, "a.md")[0], Page)


MARKS = (
    '[may help]{.claim about="acupuncture vs sham / leg pain"} ',
    '[30%]{.fact about="still-ill"}',
    '[in rats]{.mechanism about="inflammation"}',
    '{{ forest("a / b") }}',
    "[@tu; @qin]",
    "[@",
    "]{",
    "{{",
    "}}",
    '{.claim about="',
    "\n\n",
    "\n",
    "\r\n",
    "- ",
    "> ",
    "| a | b |\n|---|---|\n",
    "# ",
    "::: answer\n",
    ":::\n",
    "---\n",
    "title: x\n",
    "\t",
    "    ",
    "Acupuncture cures sciatica. ",
    "It is completely safe. ",
    "up to 40% of people ",
    "“",
    "\\",
    "`",
    "**",
    "![a](b)",
    '[a](b "c")',
    "\0",
    "\u2028",
    "&amp;",
)


def is_inside(place: Place, lines: list[str]) -> bool:
    if not 1 <= place.line <= len(lines):
        return False
    line = lines[place.line - 1]
    end = place.end_column or place.column
    return place.source == line and 1 <= place.column <= end <= len(line) + 1


def places_of(page: Page, diagnostics: tuple[Diagnostic, ...]) -> list[Place]:
    return [
        *(span.place for span in page.spans),
        *(insertion.place for insertion in page.insertions),
        *(citation.place for citation in page.citations),
        *(sentence.place for sentence in (*page.sentences, *page.headings)),
        *(diagnostic.place for diagnostic in diagnostics),
    ]


@given(st.one_of(st.text(), st.lists(st.sampled_from(MARKS)).map("".join)))
def test_any_text_is_a_page_and_every_place_lies_inside_it(text: str) -> None:
    page, while_reading = parse_page(text, "a.md")
    review, evidence = folder()
    _, found = judge_page(page, review, evidence, today=TODAY)
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.replace("\0", "\ufffd").split("\n")
    outside = [p for p in places_of(page, (*while_reading, *found)) if not is_inside(p, lines)]
    assert outside == []


@given(st.lists(st.sampled_from(MARKS)).map("".join))
def test_the_words_of_a_sentence_stand_where_its_pieces_say(text: str) -> None:
    page, _ = parse_page(text, "a.md")
    for sentence in page.sentences:
        assert len(sentence.outside) == len(sentence.text)
        for piece in sentence.pieces:
            there = page.lines[piece.line - 1][piece.column - 1 :]
            shown = sentence.text[piece.offset :][:1]
            assert shown in (" ", "\ufffc") or there[:1] in (shown, "&", "\\")


@pytest.mark.parametrize(
    "scrap", [*MARKS, "[", "[a](", "![", "not ", "a, and it helps, ", "(", '"']
)
def test_a_page_of_one_scrap_over_and_over_is_read_to_its_end(scrap: str) -> None:
    text = (scrap * 20_000)[:20_000]
    page, _ = parse_page(text, "a.md")
    review, evidence = folder()
    judged, _ = judge_page(page, review, evidence, today=TODAY)
    assert len(judged) == len(page.spans)
