"""A post's HTML as Markdown: what WordPress writes, and what somebody else might."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from osler.claims.document.markdown import markdown
from osler.web.wordpress.markup import to_markdown

CASES = {
    "classic paragraphs": ("One.\n\nTwo\nlines.", "One.\n\nTwo  \nlines.\n"),
    "blocks": (
        """<!-- wp:paragraph {"align":"left"} --><p>One
two.</p><!-- /wp:paragraph -->


<!-- wp:separator /--><!-- wp:paragraph --><p>Three.</p><!-- /wp:paragraph -->""",
        "One two.\n\nThree.\n",
    ),
    "a list that was not closed": ("<ul><li>one<li>two</ul>", "- one\n- two\n"),
    "a table": (
        "<table><tr><th>a</th><th>b|c</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "| a | b\\|c |\n| --- | --- |\n| 1 | 2 |\n",
    ),
    "raised figures": ("10<sup>3</sup> and CO<sub>2</sub>, 2<sup>nd</sup>", "10³ and CO₂, 2nd\n"),
    "a caption": (
        '[caption id="a_1" width="300"]<img src="https://o/x.jpg" alt="A needle"/> Words[/caption]',
        "[Picture: A needle](https://o/x.jpg) Words\n",
    ),
    "an entity": ("Fish &amp; chips &lt;b&gt;", "Fish & chips \\<b>\n"),
    "a quotation": ("<blockquote>One\n\ntwo</blockquote>", "> One\n>\n> two\n"),
    "a shortcode around words": ("[su_box title='x']Words[/su_box]", "Words\n"),
    "what is no shortcode": (
        "As [Smith 2010] said [sic].",
        "As \\[Smith 2010\\] said \\[sic\\].\n",
    ),
    "a shortcode that is written about": ("Write [[gallery]].", "Write \\[gallery\\].\n"),
    "headings": ("<h2><strong>Knees</strong></h2>Words", "## Knees\n\nWords\n"),
    "a break": ("One<br />\nTwo", "One  \nTwo\n"),
    "the marks of a page": (
        'A [b]{.claim} {{ result("x") }} [@key]',
        'A \\[b\\]{.claim} \\{{ result("x") }} \\[@key\\]\n',
    ),
    "what would be a list": ("- one\n1. two\n# three", "\\- one  \n1\\. two  \n\\# three\n"),
    "a script's address": ('<a href="javascript:alert(1)">Click</a>', "Click\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    html, wanted = CASES[name]
    assert to_markdown(html).text == wanted


LOST = {
    "<script>alert(1)</script>": ("a script", "alert(1)"),
    "<style>p{}</style>": ("a style sheet", "p{}"),
    "<form>Name</form>": ("a form", "Name"),
    '<p style="display: none">casino</p>': ("hidden text, which readers never saw", "casino"),
    "<del>It cures</del>": ("struck-out words", "It cures"),
    "<!-- todo -->": ("a comment in the HTML, which readers never saw", "todo"),
    '[contact-form-7 id="3"]': ("shortcode [contact-form-7]", 'id="3"'),
    "<!-- wp:latest-posts /-->": ("block latest-posts, which WordPress fills in", ""),
    "<svg><text>x</text></svg>": ("a drawing (svg)", "x"),
}


@pytest.mark.parametrize("html", LOST)
def test_what_is_lost_is_told_and_not_on_the_page(html):
    what, words = LOST[html]
    written = to_markdown(f"<p>Before.</p>{html}<p>After.</p>")
    assert written.text == "Before.\n\nAfter.\n"
    assert [(w, words in said) for w, said in written.lost] == [(what, True)]


def test_a_reusable_block_is_put_in_once():
    block = '<!-- wp:block {"ref":7} /-->'
    written = to_markdown(f"<p>A</p>{block}", reusable={"7": f"<p>Shared.</p>{block}"})
    assert written.text == "A\n\nShared.\n"


def test_a_gallery_and_a_video_become_links():
    written = to_markdown(
        '[gallery ids="4,5"] <iframe src="https://v.example/1"></iframe>',
        pictures={"4": "https://o/4.jpg"},
    )
    assert "[Picture](https://o/4.jpg)" in written.text
    assert [kind for kind, _, _ in written.files] == ["iframe", "picture"]


def plain(text):
    tokens = markdown().parse(text)
    return "".join(c.content for t in tokens for c in (t.children or ()))


@given(st.text(alphabet="ab*_[]{}<>&;#-+=~1.)(|\\`: ", max_size=60))
def test_words_stay_words(text):
    """Text without tags has the same letters on the page, and none of the page's own marks."""
    import html  # noqa: PLC0415

    made = to_markdown(f"<!-- wp:p --><p>{html.escape(text)}</p><!-- /wp:p -->").text
    kinds = {c.type for t in markdown().parse(made) for c in (t.children or ())}
    assert kinds <= {"text", "softbreak"}, made
    assert "".join(plain(made).split()) == "".join(text.split()), made


@given(st.text(alphabet="<>/abpdivtrl ul=\"'![]-&;\n", max_size=200))
def test_nothing_makes_it_fail_and_no_html_comes_through(html):
    made = to_markdown(html).text
    MarkdownIt("commonmark").parse(made)


@pytest.mark.parametrize(
    "html",
    [
        "<!--" * 20_000, "<div>" * 20_000, "<li>" * 20_000, "<a " * 20_000, "[caption]" * 10_000,
        "[" * 50_000, "a\n\n" * 30_000, "<!-- wp:x " * 10_000, '<a b="' * 20_000,
        "<script>" * 10_000, "<b>" * 150 + "x", "<table><tr><td>" * 3_000,
    ],
    ids=lambda html: html[:9].strip(),
)  # fmt: skip
def test_hostile_posts_take_no_time(html):
    began = time.process_time()
    to_markdown(html)
    assert time.process_time() - began < 5
