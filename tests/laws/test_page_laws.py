"""No page makes the checker fail, and every place that it names is in the file."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.claims.document.extent import MOST_LINES, MOST_OPENINGS, MOST_TEXT, within
from osler.claims.document.page import parse_page
from validation.page_promises import by_itself, in_a_folder

# Each example is checked, shown in every format, mended and answered for, twice.
SLOW = settings(max_examples=60, deadline=timedelta(seconds=20))

MARKDOWN = st.sampled_from(
    [
        *("---\n", "title: Pain\n", "description: It cures all pain.\n", "categories: [a, b]\n"),
        *("# ", "## When to see a doctor at once\n", "- ", "1. ", "> ", "    ", "\t", "\n", "\n\n"),
        *("| a | b |\n|---|---|\n", "| It \\| cures | 30% |\n", "```\n", "***", "**", "_", "`"),
        *("[", "]", "(", ")", "![a](b)", "[a](https://doi.org/10.1000/x)", "<b>", "&amp;", "\\"),
        *("[reduces leg pain]", "[It is safe]", "[nearly always]", "[About 5%]", "[\n]"),
        *('{.claim about="acupuncture vs sham / leg-pain"}', '{.fact about="x"}', "{.claim}"),
        *('{.mechanism about="x"}', '{.practice about="x"}', "{.opinion}", "{.story}", "{.quote}"),
        *("[@ji2015]", "[@", "[@a; @b]", '{{ forest("a / b") }}', "{{ summary", "}}", '{{ x("'),
        *("<!-- osler: ignore CLM010 because it is known -->", "<!-- osler:", "-->", "<!--"),
        *("::: answer\n", "::: urgent\n", ":::\n", "Acupuncture ", "cures ", "sciatica ", "It "),
        *("helps. ", "does not ", "We offer ", "instead of surgery. ", "utilise ", "1 in 100 "),
        *("RR 0.5 (95% CI 0.3 to 0.8) ", "Mrs Hall was cured. ", "“quoted” ", '"x" '),
        *("\r", "\r\n", "\0", "\u2028", "\x85", "\ufeff", "é", "𝔸", "\u0301", "İ", "ß", "\u202e"),
        *("٣%", "²", "½", "1,000.50", "…", "’"),
    ]
)
HTML = st.sampled_from(
    [
        *("<p>", "</p>", "<h1>", "<title>", "<main>", "<nav>", "<li>", "<td>", "<br>", "<!--"),
        *('<meta name="description" content="It cures pain.">', "<script>", "</script>", "&nbsp;"),
        *('<script type="application/ld+json">{"description": "It cures"}</script>', "&#x110000;"),
        *("Acupuncture cures sciatica. ", "It is safe. ", "30% ", "\0", "\r\n", "𝔸", "<", "&", '"'),
        *('<a href="https://doi.org/10.1000/x">', "utilise ", '<meta charset="latin-1">', "\ufeff"),
    ]
)
NAMES = st.sampled_from(["page.md", "page.html", "-", "page.txt"])
PIECES = st.one_of(MARKDOWN, st.text(max_size=6))


@given(st.lists(PIECES, max_size=40).map("".join))
@SLOW
def test_no_markdown_breaks_a_promise(text: str) -> None:
    in_a_folder(text.encode("utf-8", "replace"))


@given(st.lists(st.one_of(HTML, MARKDOWN), max_size=40).map("".join), NAMES)
@SLOW
def test_no_page_by_itself_breaks_a_promise(text: str, name: str) -> None:
    by_itself(text.encode("utf-8", "replace"), name)


@given(st.binary(max_size=200), NAMES)
@SLOW
def test_no_bytes_break_a_promise(data: bytes, name: str) -> None:
    in_a_folder(data)
    by_itself(data, name)


@given(
    st.lists(PIECES, min_size=1, max_size=8).map("".join).filter(bool),
    st.sampled_from([7, 900, 40_000]),
)
@settings(max_examples=40, deadline=timedelta(seconds=20))
def test_what_is_read_of_a_page_is_its_beginning_within_every_limit(unit: str, times: int) -> None:
    text = unit * times
    cut = within(text)
    assert text.startswith(cut.text)
    assert bool(cut.because) == (len(cut.text) < len(text))
    assert len(cut.text) <= MOST_TEXT
    assert cut.text.count("\n") <= MOST_LINES
    assert cut.text.count("[") + cut.text.count("{") <= MOST_OPENINGS
    assert within(cut.text).because == ""


@given(st.lists(MARKDOWN, max_size=30).map("".join))
@settings(deadline=timedelta(seconds=20))
def test_a_page_within_the_limits_is_read_whole(text: str) -> None:
    assert "PAG013" not in {d.code for d in parse_page(text, "pages/page.md")[1]}
