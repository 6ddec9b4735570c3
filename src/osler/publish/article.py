"""An article's tokens as HTML: markdown-it's renderer with rules of our own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from osler.claims.model import Page
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.publish.cells import slug
from osler.publish.composition import Composition
from osler.publish.insertions import BLOCKS, certainty_mark, insert
from osler.publish.marks import citation_marks, source_marks

Rule = Callable[[Sequence[Token], int, OptionsDict, EnvType], str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the article; ``level`` is 2 or 3."""

    level: int
    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Article:
    """The rendered article and its headings, for the table of contents.

    ``answer`` is the plain answer where the article begins with one: it is shown before the
    contents, so that a reader with a small screen meets it first.
    """

    answer: Markup
    html: Markup
    headings: tuple[Heading, ...]


def render_article(composition: Composition) -> Article:
    """The page's tokens as HTML.

    Citation numbers are given out and findings noted as used on the way, in reading
    order: render an article before its list of references.

    Raises
    ------
    DataError
        PUB014 for a picture; other PUB codes where an insertion asks for what is not there.
    """
    pictures = tuple(_pictures(composition.page))
    if pictures:
        raise DataError(*pictures)
    tokens, headings = with_heading_ids(lifted(composition.page.tokens))
    markdown = MarkdownIt(renderer_cls=_Renderer)
    env: dict[str, Any] = {"composition": composition, "spans": []}
    end = _end_of_answer(tokens)
    answer, html = (
        Markup(markdown.renderer.render(part, markdown.options, env))
        for part in (tokens[:end], tokens[end:])
    )
    return Article(answer, html, headings)


def _pictures(page: Page) -> Iterator[Diagnostic]:
    """PUB014: a site that loads nothing from elsewhere, and is made of pages, has no pictures."""
    for token in page.tokens:
        for picture in (c for c in _children(token) if c.type == "image"):
            line = (token.map or [0])[0] + 1
            yield Diagnostic(
                code="PUB014",
                severity=Severity.ERROR,
                place=Place(page.file, line),
                message="a picture cannot stand on a page",
                found=f"![{picture.content}]({str(picture.attrs.get('src', ''))[:80]})",
                so="the page was not built",
                help="link to the picture instead: [what it shows](address); figures of results "
                'come from {{ forest("...") }} and {{ icons("...") }}',
            )


def _end_of_answer(tokens: Sequence[Token]) -> int:
    """How many tokens at the beginning belong to the plain answer; 0 where it comes later."""
    kinds = [token.type for token in tokens]
    if kinds[:1] != ["container_answer_open"]:
        return 0
    return kinds.index("container_answer_close") + 1


def lifted(tokens: Sequence[Token]) -> list[Token]:
    """Without the paragraph around a table or figure that stands alone in it.

    A ``<p>`` may not hold a ``<figure>``.
    """
    out: list[Token] = []
    skip = 0
    for i, token in enumerate(tokens):
        if skip:
            skip -= 1
        elif token.type == "paragraph_open" and _is_block(tokens[i + 1]):
            out.extend(_blocks(tokens[i + 1]))
            skip = 2
        else:
            out.append(token)
    return out


def _is_block(inline: Token) -> bool:
    """Whether a paragraph holds nothing but insertions of tables and figures."""
    visible = [c for c in _children(inline) if not _is_blank(c)]
    return bool(visible) and all(
        c.type == "osler_insertion" and c.meta["name"] in BLOCKS for c in visible
    )


def _is_blank(token: Token) -> bool:
    """Whether nothing of it shows."""
    text = token.type == "text" and not token.content.strip()
    return text or token.type in ("softbreak", "osler_comment")


def _blocks(inline: Token) -> list[Token]:
    return [c for c in _children(inline) if not _is_blank(c)]


def _children(inline: Token) -> Sequence[Token]:
    return inline.children or ()


def with_heading_ids(tokens: Sequence[Token]) -> tuple[list[Token], tuple[Heading, ...]]:
    """Headings with ids and levels from 2 on: level 1 is the page's title."""
    levels = [int(t.tag[1]) for t in tokens if t.type == "heading_open"]
    shift = 2 - min(levels, default=2)
    out: list[Token] = []
    headings: list[Heading] = []
    for i, token in enumerate(tokens):
        if token.type not in ("heading_open", "heading_close"):
            out.append(token)
            continue
        level = min(int(token.tag[1]) + shift, 6)
        changed = token.copy(tag=f"h{level}", attrs=dict(token.attrs))
        if token.type == "heading_open":
            heading = Heading(level, plain_text(tokens[i + 1]), "")
            heading = replace(heading, id=_unused(slug(heading.text), headings))
            headings.append(heading)
            changed.attrs["id"] = heading.id
        out.append(changed)
    return out, tuple(h for h in headings if h.level <= 3)


def plain_text(inline: Token) -> str:
    """The words of an inline token, without its marks."""
    return "".join(
        " " if c.type in ("softbreak", "hardbreak") else c.content for c in _children(inline)
    ).strip()


def _unused(stem: str, taken: Sequence[Heading]) -> str:
    names = {h.id for h in taken}
    candidates = (stem, *(f"{stem}-{n}" for n in range(2, len(names) + 3)))
    return next(name for name in candidates if name not in names)


class _Renderer(RendererHTML):
    """markdown-it finds a rule by the name of the token; ``env`` carries the composition."""

    def osler_insertion(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        meta: Mapping[str, Any] = tokens[idx].meta
        name, arguments = meta["name"], tuple(meta["arguments"])
        return str(insert(_composition(env), name, arguments, meta["place"]))

    def osler_citation(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        composition = _composition(env)
        return str(citation_marks(composition, composition.cite(tokens[idx].meta["keys"])))

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A citation mark stands close to the word before it, however it was typed."""
        content = tokens[idx].content
        return escapeHtml(content.rstrip() if _before_citation(tokens, idx) else content)

    def softbreak(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "" if _before_citation(tokens, idx) else "\n"

    def span_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """``about`` is ours, not HTML's: it is kept for the end of the span."""
        kind = str(tokens[idx].attrs.get("class", ""))
        cited = _keys(tokens)
        about = str(tokens[idx].attrs.get("about", ""))
        env["spans"].append((kind, about, tokens[idx].meta["place"], cited))
        return f'<span class="{escapeHtml(kind)}">'

    def span_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        kind, about, place, cited = env["spans"].pop()
        names = [part.strip() for part in about.split(";") if part.strip()]
        return "</span>" + str(_after_span(_composition(env), kind, names, place, cited))

    def container_answer_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return (
            '<section class="answer" aria-labelledby="answer-label">\n'
            '<p class="answer-label" id="answer-label">The short answer</p>\n'
        )

    def container_answer_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</section>\n"

    def container_urgent_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return '<div class="urgent" role="note" aria-label="Urgent">\n'

    def container_urgent_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</div>\n"

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        count = _composition(env).figure_id("table").removeprefix("figure-table").strip("-") or "1"
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="Table {count}"><table>\n'
        )

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table></div>\n"

    def html_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """HTML in an article is shown, not run."""
        return escapeHtml(tokens[idx].content)

    html_inline = html_block


def _before_citation(tokens: Sequence[Token], idx: int) -> bool:
    return idx + 1 < len(tokens) and tokens[idx + 1].type == "osler_citation"


def _composition(env: EnvType) -> Composition:
    composition = env["composition"]
    assert isinstance(composition, Composition)
    return composition


def _keys(tokens: Sequence[Token]) -> frozenset[str]:
    """What the same passage of text cites by itself."""
    cited = (t.meta["keys"] for t in tokens if t.type == "osler_citation")
    return frozenset(key for keys in cited for key in keys)


def _after_span(
    composition: Composition,
    kind: str,
    names: Sequence[str],
    place: Place,
    cited: frozenset[str],
) -> Markup:
    """What stands after a marked passage: certainty for claims, the source for facts."""
    if kind == "claim":
        return Markup("").join(certainty_mark(composition, name, place) for name in names)
    if kind == "fact":
        facts = [composition.fact(name, place) for name in names]
        return source_marks(composition, [fact for fact in facts if fact.reference not in cited])
    return Markup("")
