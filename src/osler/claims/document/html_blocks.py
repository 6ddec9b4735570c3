"""The main text of a web page: its paragraphs, headings, list items and cells.

The elements are gathered in one pass without recursion, so that a page nested a hundred
thousand deep is read like any other. What is menu, banner, comment or script is left out by
the names in ``web_page.toml``; then the element that holds the text is chosen.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

from osler.claims.document.html_tokens import Run, Tag, Value, html_tokens

# A root that holds less than this share of the text is no main text but an empty frame, and
# the smallest element that still holds nearly all of it is the densest. Both shares are ours.
_ENOUGH = 0.3
_NEARLY_ALL = 0.8

# More tags or more text than this are no page for readers: 200,000 characters are some 33,000
# words, three times a very long article. What comes behind is not read, and that is told, so
# that the time taken has a bound on any page. Both numbers are ours.
MOST_TAGS = 12_000
MOST_TEXT = 200_000

_KINDS = {
    "h1": "headline",
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("li", "dd", "dt"), "list"),
    **dict.fromkeys(("td", "th", "caption"), "cell"),
}


@cache
def layout() -> Mapping[str, tuple[str, ...]]:
    """The lists of ``web_page.toml`` by name; those of a table as "table.name"."""
    text = files("osler.claims.document").joinpath("web_page.toml").read_text(encoding="utf-8")
    flat: dict[str, tuple[str, ...]] = {}
    for key, value in tomllib.loads(text).items():
        if isinstance(value, dict):
            flat |= {f"{key}.{name}": tuple(items) for name, items in value.items()}
        else:
            flat[key] = tuple(value)
    return flat


class Element(NamedTuple):
    """An element, and what it makes of the text in it.

    ``left_out`` is "" for text of the page, "head" within the site's head and "out" elsewhere.
    ``within`` tells that an article or the main part is around it. ``link`` is the address that
    the text leads to, ``note`` tells of a superscript, which may be a footnote's number.
    ``holds`` is "main", "named" or "article" for what is marked as holding the text.
    """

    name: str
    parent: int
    kind: str
    left_out: str
    within: bool
    link: Value | None
    note: bool
    holds: str


class Part(NamedTuple):
    """A run of text in block ``number``; one without length is a line break."""

    start: int
    end: int
    element: int
    number: int


@dataclass(frozen=True, slots=True)
class HtmlBlock:
    """A paragraph, heading, list item or cell: its runs of text, each with its element."""

    kind: str
    parts: tuple[tuple[Part, Element], ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The blocks of the main text, and what the head of the page holds.

    ``headlines`` are the ``h1`` outside the main text: what a page is called often stands in
    the head of the site. ``cut`` is the offset behind which nothing was read; -1 where all was.
    """

    blocks: tuple[HtmlBlock, ...]
    headlines: tuple[HtmlBlock, ...]
    titles: tuple[Run, ...]
    metas: tuple[Tag, ...]
    scripts: tuple[tuple[Tag, Run], ...]
    cut: int


@dataclass(slots=True)
class _Tree:
    """What is known while reading.

    ``stack`` holds the names of the open elements with the Element that their text belongs to;
    ``depths`` tells where in it each name stands, "#" where a block does.
    """

    text: str
    elements: list[Element] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    stack: list[tuple[str, int]] = field(default_factory=list)
    depths: dict[str, list[int]] = field(default_factory=dict)
    number: int = 0
    breaks: int = 0
    titles: list[Run] = field(default_factory=list)
    metas: list[Tag] = field(default_factory=list)
    scripts: list[tuple[Tag, Run]] = field(default_factory=list)
    cut: int = -1


def outline(text: str) -> Outline:
    """The main text of a page of HTML.

    Examples
    --------
    >>> source = "<nav>Home</nav><main><h1>Cupping</h1><p>It may help.</main>"
    >>> [(b.kind, source[p.start : p.end]) for b in outline(source).blocks for p, _ in b.parts]
    [('heading', 'Cupping'), ('paragraph', 'It may help.')]
    """
    tree = _Tree(text)
    tree.elements.append(Element("", 0, "paragraph", "", False, None, False, ""))
    tree.stack.append(("", 0))
    _read(tree)
    inside = _inside(tree)
    pairs = list(zip(inside, tree.elements, strict=True))
    body = [i and not e.left_out for i, e in pairs]
    heads = [not i and e.kind == "headline" and e.left_out != "out" for i, e in pairs]
    blocks = tuple(_blocks(tree, body))
    return Outline(
        blocks,
        tuple(_blocks(tree, heads)),
        tuple(tree.titles),
        tuple(tree.metas),
        tuple(tree.scripts),
        tree.cut,
    )


def _read(tree: _Tree) -> None:
    before: Tag | None = None
    tags = 0
    for token in html_tokens(tree.text):
        if isinstance(token, Run):
            _run(tree, token, before)
            continue
        tags += 1
        if tags > MOST_TAGS:
            tree.cut = token.start
            return
        before = token
        (_close if token.closes else _open)(tree, token)


def _run(tree: _Tree, run: Run, before: Tag | None) -> None:
    if not run.raw:
        if tree.breaks and not tree.text[run.start : run.end].isspace():
            tree.breaks = 0
        tree.parts.append(Part(run.start, run.end, tree.stack[-1][1], tree.number))
    elif before is not None and before.name == "title" and not tree.depths.get("svg"):
        tree.titles.append(run)  # a picture has a title of its own
    elif before is not None and before.name == "script":
        tree.scripts.append((before, run))


def _open(tree: _Tree, tag: Tag) -> None:
    for name in _ended_by().get(tag.name, ()):
        _end_implied(tree, name)
    if tag.name in _names("blocks"):
        tree.number += 1
    if tag.name == "br":
        _break(tree, tag)
    elif tag.name == "meta":
        tree.metas.append(tag)
    if tag.name in _names("empty"):
        return
    at = tree.stack[-1][1]
    if tag.attributes or tag.name in _telling():
        tree.elements.append(_element(tree, tag, at))
        at = len(tree.elements) - 1
    depth = len(tree.stack)
    tree.stack.append((tag.name, at))
    tree.depths.setdefault(tag.name, []).append(depth)
    if tag.name in _names("blocks"):
        tree.depths.setdefault("#", []).append(depth)


def _break(tree: _Tree, tag: Tag) -> None:
    """One line break is a space; two of them end the paragraph."""
    tree.breaks += 1
    if tree.breaks > 1:
        tree.number += 1
    else:
        tree.parts.append(Part(tag.start, tag.start, tree.stack[-1][1], tree.number))


def _close(tree: _Tree, tag: Tag) -> None:
    """Ends the innermost element of this name, unless a cell or, for words, a block shuts it in."""
    is_block = tag.name in _names("blocks")
    if is_block:
        tree.number += 1
    walls: tuple[str, ...] = ("td", "th", "caption") if is_block else ("#",)
    if tag.name in ("body", "html") or tag.name in _names("tables"):
        walls = ()
    _end(tree, tag.name, walls)


def _end_implied(tree: _Tree, name: str) -> None:
    _end(tree, name, layout()[f"holds.{name}"])


def _end(tree: _Tree, name: str, walls: Sequence[str]) -> None:
    depths = tree.depths.get(name)
    if not depths or any(d and d[-1] > depths[-1] for d in map(tree.depths.get, walls)):
        return
    for depth in range(len(tree.stack) - 1, depths[-1] - 1, -1):
        closed, _ = tree.stack.pop()
        tree.depths[closed].pop()
        if tree.depths.get("#") and tree.depths["#"][-1] == depth:
            tree.depths["#"].pop()


def _element(tree: _Tree, tag: Tag, at: int) -> Element:
    parent = tree.elements[at]
    role = _attribute(tree, tag, "role")
    names = _attribute(tree, tag, "class").split() + _attribute(tree, tag, "id").split()
    return Element(
        tag.name,
        at,
        _KINDS.get(tag.name, parent.kind),
        _left_out(tag, role, names, parent),
        parent.within or tag.name in ("main", "article") or role == "main",
        tag.attributes.get("href") if tag.name == "a" else parent.link,
        parent.note or tag.name == "sup",
        _holds(tag, role, names),
    )


def _attribute(tree: _Tree, tag: Tag, name: str) -> str:
    value = tag.attributes.get(name)
    return tree.text[value.start : value.end].strip().lower() if value else ""


def _left_out(tag: Tag, role: str, names: Iterable[str], parent: Element) -> str:
    if parent.left_out == "out" or tag.name in _names("left_out"):
        return "out"
    # Whole pages carry such names too, on their body: <body class="menu-open sidebar">.
    if tag.name not in ("html", "body", "main", "article", "h1"):
        listed, beginnings = _names("names_left_out"), layout()["beginnings_left_out"]
        if role in _names("roles_left_out") or any(
            name in listed or name.startswith(beginnings) for name in names
        ):
            return "head" if role == "banner" or "masthead" in names else "out"
    is_head = tag.name in layout()["heads"] and not parent.within
    return "head" if is_head else parent.left_out


def _holds(tag: Tag, role: str, names: Iterable[str]) -> str:
    if tag.name == "main" or role == "main":
        return "main"
    if not _names("names_of_text").isdisjoint(names):
        return "named"
    return "article" if tag.name == "article" else ""


def _inside(tree: _Tree) -> list[bool]:
    """For each element, whether it is or stands within what holds the main text."""
    totals = _totals(tree)
    for kind in ("main", "named", "article"):
        inside = [e.holds == kind and not e.left_out for e in tree.elements]
        held = _spread(tree, inside, totals)
        if held and held >= _ENOUGH * totals[0]:
            return inside
    inside = [False] * len(tree.elements)
    inside[_densest(tree, totals)] = True
    _spread(tree, inside, totals)
    return inside


def _spread(tree: _Tree, inside: list[bool], totals: Sequence[int]) -> int:
    """Marks what stands within marked elements; how much text they hold together."""
    held = 0
    for at, element in enumerate(tree.elements[1:], start=1):
        if inside[element.parent]:
            inside[at] = True
        elif inside[at]:
            held += totals[at]
    return held


def _totals(tree: _Tree) -> list[int]:
    """Characters of text in each element, without what is left out or leads elsewhere."""
    totals = [0] * len(tree.elements)
    for part in tree.parts:
        element = tree.elements[part.element]
        if not element.left_out and element.link is None:
            totals[part.element] += len(tree.text[part.start : part.end].strip())
    for at in range(len(totals) - 1, 0, -1):
        totals[tree.elements[at].parent] += totals[at]
    return totals


def _densest(tree: _Tree, totals: Sequence[int]) -> int:
    """The smallest container that holds nearly all the text of the one around it."""
    heaviest = [0] * len(totals)
    for at, element in enumerate(tree.elements[1:], start=1):
        if totals[at] > totals[heaviest[element.parent]] or not heaviest[element.parent]:
            heaviest[element.parent] = at
    at = 0
    while (child := heaviest[at]) and totals[child] >= _NEARLY_ALL * totals[at] > 0:
        if tree.elements[child].name not in _names("containers"):
            break
        at = child
    return at


def _blocks(tree: _Tree, wanted: Sequence[bool]) -> Iterator[HtmlBlock]:
    chosen = _within_bounds(tree, (part for part in tree.parts if wanted[part.element]))
    for _, group in groupby(chosen, key=lambda part: part.number):
        parts = list(group)
        told = [p for p in parts if not tree.text[p.start : p.end].isspace() and p.start < p.end]
        if told:
            kind = tree.elements[told[0].element].kind
            kind = "heading" if kind == "headline" else kind
            yield HtmlBlock(kind, tuple((p, tree.elements[p.element]) for p in parts))


def _within_bounds(tree: _Tree, parts: Iterable[Part]) -> Iterator[Part]:
    left = MOST_TEXT
    for part in parts:
        if part.end - part.start > left:
            tree.cut = part.start + left
            yield part._replace(end=tree.cut)
            return
        left -= part.end - part.start
        yield part


@cache
def _names(which: str) -> frozenset[str]:
    return frozenset(layout()[which])


@cache
def _telling() -> frozenset[str]:
    """Elements from which something follows although they have no attributes."""
    lists = ("left_out", "heads", "containers")
    return frozenset((*_KINDS, "a", "sup", *(name for key in lists for name in layout()[key])))


@cache
def _ended_by() -> Mapping[str, tuple[str, ...]]:
    """By the name of an element that opens: the elements that may end there."""
    ended: dict[str, tuple[str, ...]] = {}
    for key, openers in layout().items():
        kind, _, name = key.partition(".")
        if kind == "ends":
            for opener in openers:
                ended[opener] = (*ended.get(opener, ()), name)
    return ended
