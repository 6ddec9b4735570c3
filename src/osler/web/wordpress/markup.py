"""A post's HTML as the Markdown of a page; whatever cannot stand on a page is told."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag
from markdownify import MarkdownConverter

from osler.web.wordpress.preparing import is_of_blocks, without_blocks, without_shortcodes

_PARAGRAPH = re.compile(r"\n[ \t\r]*\n\s*")
_SPACES = re.compile(r"\s+")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.IGNORECASE
)
# What CommonMark, or a page's own marks, would read as something else than words.
_SPECIAL = re.compile(r"([\\`*\[\]]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?])|&(?=#?\w+;)|\{(?=\{))")
_OPENING = re.compile(r"^(\s*)([#>+=~-]|:::|\d{1,9}(?=[.)]))")
# No tag, or one that does not end before the next begins.
_NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_LINES = re.compile(r"\n{3,}")

INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img input ins kbd label mark"
    " q s samp small span strike strong sub sup time tt u var wbr".split()
)
_BOXES = (
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "blockquote",
    "figure",
    "figcaption",
    "center",
    "address",
    "details",
    "li",
    "td",
    "th",
    "dd",
)
_BLOCKS = ("p", "ul", "ol", "table", "pre", "blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6")
_VERBATIM = ["pre", "code", "kbd", "samp"]
_UNREADABLE = {
    "script": "a script",
    "style": "a style sheet",
    "noscript": "what is shown without scripts",
    "form": "a form",
    "svg": "a drawing (svg)",
    "canvas": "a drawing (canvas)",
    "math": "a formula (MathML)",
    "select": "a choice of a form",
    "textarea": "a field of a form",
    "template": "a template",
}
_MEDIA = ("iframe", "embed", "object", "video", "audio")

MOST_HTML = 500_000  # characters of one post; a long health page has 50,000
DEEPEST = 200
MOST_ELEMENTS = 8_000


@dataclass
class Written:
    """A post as Markdown, with what was lost on the way and the files that it names.

    ``lost`` is what and the words; ``files`` is kind, address and words.
    """

    text: str = ""
    lost: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str, str]] = field(default_factory=list)


def to_markdown(
    html: str,
    link: Callable[[str], str] = lambda address: address,
    reusable: Mapping[str, str] | None = None,
    pictures: Mapping[str, str] | None = None,
) -> Written:
    r"""Turn a post into Markdown.

    Parameters
    ----------
    html : str
        As the export holds it: HTML with blocks or shortcodes, or text with blank lines.
    link : function
        From an address on the former site to the one on the new; others stay.
    reusable, pictures : mapping of str to str
        Reusable blocks and addresses of pictures, by their numbers.

    Returns
    -------
    Written

    Examples
    --------
    >>> to_markdown("One.\n\nTwo<br>[x] and <b>H<sub>2</sub>O</b>").text
    'One.\n\nTwo  \n\\[x\\] and **H₂O**\n'
    >>> to_markdown('<p>See</p><form>Name <input></form>').lost
    [('a form', 'Name')]
    """
    written = Written()

    def tell(what: str, words: str) -> None:
        written.lost.append((what, " ".join(words.split())[:300]))

    with_breaks = not is_of_blocks(html)
    if len(html) > MOST_HTML:
        tell(f"everything after {MOST_HTML} characters", html[MOST_HTML:])
    text = without_blocks(html[:MOST_HTML], reusable or {}, tell)
    text = without_shortcodes(text, pictures or {}, tell)
    soup = BeautifulSoup(_bounded(_without_comments(text, tell), tell), "html.parser")
    _siblings(soup)
    _drop(soup, tell)
    soup.smooth()
    _media(soup, tell, written)
    _pictures(soup, written)
    _words(soup, tell)
    _links(soup, link, written)
    if with_breaks:
        _paragraphs(soup, soup)
    _headings(soup)
    _escape(soup)
    converter = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        autolinks=False,
        escape_asterisks=False,
        escape_underscores=False,
        table_infer_header=True,
    )
    made = "\n".join(_trimmed(line) for line in converter.convert_soup(soup).split("\n"))
    written.text = _LINES.sub("\n\n", made).strip() + "\n"
    return written


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def _bounded(html: str, tell: Callable[[str, str], None]) -> str:
    """The words alone where a text has more elements, or deeper ones, than any page.

    The tree is walked by functions that call themselves, and its parts are moved one by one.
    """
    deep = deepest = elements = 0
    for closing, name, rest in _TAG.findall(html):
        elements += not closing
        if name.lower() not in _VOID and not rest.endswith("/"):
            deep = max(deep + (-1 if closing else 1), 0)
            deepest = max(deepest, deep)
    # List items and paragraphs need no closing tag.
    if deepest - _never_closed(html) <= DEEPEST and elements <= MOST_ELEMENTS:
        html = html if deepest <= DEEPEST else _TAG.sub(_closed_by_itself, html)
    else:
        tell("the form of a text with too many elements; its words are kept", "")
        html = _TAG.sub(" ", html)
    if html.count("\n") > 2 * MOST_ELEMENTS:
        tell("the line ends of a text with too many", "")
        html = " ".join(html.split())
    return html


def _never_closed(html: str) -> int:
    lower = html.lower()
    return sum(max(lower.count(f"<{n}>") - lower.count(f"</{n}>"), 0) for n in ("p", "li"))


def _closed_by_itself(found: re.Match[str]) -> str:
    return "<br><br>" if found.group(2).lower() in ("p", "li") else found.group()


def _trimmed(line: str) -> str:
    """Without blanks at its end, but for the two that mean a new line."""
    bare = line.rstrip()
    return f"{bare}  " if bare and line.endswith("  ") else bare


def _without_comments(html: str, tell: Callable[[str, str], None]) -> str:
    """Comments taken out; declarations, and comments without an end, become words."""
    parts, at = [], 0
    while (start := html.find("<!--", at)) >= 0 and (end := html.find("-->", start + 4)) >= 0:
        parts.append(html[at:start])
        if html[start + 4 : end].strip():
            tell("a comment in the HTML, which readers never saw", html[start + 4 : end])
        at = end + 3
    return _NO_TAG.sub("&lt;", "".join(parts) + html[at:])


def _siblings(soup: BeautifulSoup) -> None:
    """List items and paragraphs that were not closed stand beside each other, not inside."""
    for name in ("li", "p", "dt", "dd", "tr", "td"):
        for tag in soup.find_all(name):
            around = tag.parent
            if isinstance(around, Tag) and around.name == name:
                around.insert_after(tag.extract())


def _drop(soup: BeautifulSoup, tell: Callable[[str, str], None]) -> None:
    for tag in soup.find_all(list(_UNREADABLE)):
        if not tag.decomposed:
            tell(_UNREADABLE[tag.name], tag.get_text(" ", strip=True) or str(tag))
            tag.decompose()
    for tag in soup.find_all(style=_HIDDEN):
        if not tag.decomposed:
            tell("hidden text, which readers never saw", str(tag))
            tag.decompose()
    for tag in soup.find_all(["del", "s", "strike"]):
        if not tag.decomposed:
            tell("struck-out words", tag.get_text(" ", strip=True))
            tag.decompose()


def _media(soup: BeautifulSoup, tell: Callable[[str, str], None], written: Written) -> None:
    """Videos and the like as links."""
    for tag in soup.find_all(_MEDIA):
        if tag.decomposed:
            continue
        inner = tag.find(["source", "embed", "param"])
        source = inner if isinstance(inner, Tag) else tag
        found = tag.get("src") or tag.get("data") or source.get("src") or source.get("value") or ""
        address = str(found)
        if not address:
            tell(f"an element {tag.name} without an address", str(tag))
            tag.decompose()
            continue
        words = (
            str(tag.get("title") or "") or f"{'Sound' if tag.name == 'audio' else 'Video or frame'}"
        )
        written.files.append((tag.name, address, words))
        tag.replace_with(_link(soup, address, words))


def _link(soup: BeautifulSoup, address: str, words: str) -> Tag:
    paragraph, anchor = soup.new_tag("p"), soup.new_tag("a", href=address)
    anchor.string = words
    paragraph.append(anchor)
    return paragraph


def _pictures(soup: BeautifulSoup, written: Written) -> None:
    """Pictures as links to them: a page shows none, and loads nothing from elsewhere."""
    for image in soup.find_all("img"):
        address = str(image.get("src") or image.get("data-src") or "")
        words = " ".join(str(image.get("alt") or image.get("title") or "").split())
        if not address or address.startswith("data:"):
            image.replace_with(words)
            written.lost.append(("a picture without an address", words))
            continue
        written.files.append(("picture", address, words))
        shown = f"Picture: {words}" if words else "Picture"
        around = image.find_parent("a")
        if isinstance(around, Tag):  # a link in a link is none: the picture leads where it led
            image.replace_with(shown)
        else:
            anchor = soup.new_tag("a", href=address)
            anchor.string = shown
            image.replace_with(anchor)
    for name in ("figcaption", "caption"):
        for caption in soup.find_all(name):
            caption.name = "p"
            # A table's caption may not stand inside the table.
            table = caption.find_parent("table")
            if isinstance(table, Tag):
                table.insert_before(caption.extract())


def _words(soup: BeautifulSoup, tell: Callable[[str, str], None]) -> None:
    """Raised and lowered figures, quotations, cells that span: what Markdown has no sign for."""
    for tag in soup.find_all(["sup", "sub"]):
        text = tag.get_text()
        table = _RAISED if tag.name == "sup" else _LOWERED
        moved = text.translate(table)
        if any(c.isdigit() and c.isascii() for c in moved):
            tell(f"the position of raised or lowered words ({tag.name})", text)
        tag.replace_with(moved if not set(moved) & set(text) - set(" ") else text)
    for tag in soup.find_all("q"):
        tag.insert(0, "“")
        tag.append("”")
        tag.unwrap()
    for tag in soup.find_all(["td", "th"]):
        if str(tag.get("colspan", "1")) != "1" or str(tag.get("rowspan", "1")) != "1":
            tell("a table cell that spans several", tag.get_text(" ", strip=True))
        if tag.find("table"):
            tell("a table within a table; its words are kept", tag.get_text(" ", strip=True))
            inner = tag.get_text(" ", strip=True)
            tag.clear()
            tag.append(inner)
    for tag in soup.find_all(["input", "button"]):
        tell("a button or a field of a form", str(tag.get("value") or tag.get_text(" ")))
        tag.decompose()


def _links(soup: BeautifulSoup, link: Callable[[str], str], written: Written) -> None:
    for anchor in soup.find_all("a"):
        address = _SPACES.sub("%20", str(anchor.get("href") or "").strip())
        if not address or address.lower().startswith(("javascript:", "data:", "vbscript:")):
            if address:
                written.lost.append(("a link that runs a script", anchor.get_text(" ", strip=True)))
            anchor.unwrap()
            continue
        new = link(address).replace("(", "%28").replace(")", "%29").replace("<", "%3C")
        for name in [*anchor.attrs]:
            del anchor[name]
        anchor["href"] = new.replace(">", "%3E")


def _headings(soup: BeautifulSoup) -> None:
    """No words of a heading in bold: they are headings."""
    for heading in soup.find_all(["h1", "h2", "h3", "h4", "h5", "h6"]):
        for bold in heading.find_all(["b", "strong"]):
            bold.unwrap()


_TIGHT = ("li", "td", "th", "dd", "figcaption")


def _paragraphs(soup: BeautifulSoup, parent: Tag) -> None:
    """Blank lines as paragraphs and line ends as new lines, as WordPress shows them."""
    boxes = [child for child in parent.find_all(_BOXES) if not child.find_parent("pre")]
    for box in [parent, *boxes]:
        _of_box(soup, box)
    for tag in parent.find_all(["p", *_TIGHT]):
        if tag.name == "p" or not tag.find(_BLOCKS):
            _broken(soup, tag)


def _of_box(soup: BeautifulSoup, box: Tag) -> None:
    """Runs of words and inline elements become paragraphs; all else stays where it is."""
    run: list[PageElement] = []
    runs: list[list[PageElement]] = []
    for child in list(box.contents):
        if not _is_inline(child):
            runs += [run, [child]]
            run = []
            continue
        first, *others = _split(child)
        run.append(first)
        for part in others:
            runs.append(run)
            run = [part]
    runs = [r for r in [*runs, run] if r]
    if sum(map(_says, runs)) < 2 and box.name in _TIGHT:
        return
    _rebuild(box, [part for r in runs for part in _wrapped(soup, r)])


def _split(child: PageElement) -> list[PageElement]:
    """A text in its parts between blank lines."""
    if not isinstance(child, NavigableString):
        return [child]
    return [NavigableString(text) for text in _PARAGRAPH.split(child)]


def _says(run: Sequence[PageElement]) -> bool:
    return any(not isinstance(part, NavigableString) or part.strip() for part in run)


def _wrapped(soup: BeautifulSoup, run: list[PageElement]) -> list[PageElement]:
    """A run as a paragraph; one that holds a block, or nothing, as it is."""
    if not _says(run) or not all(_is_inline(part) for part in run):
        return run
    paragraph = soup.new_tag("p")
    for part in run:
        paragraph.append(part.extract())
    return [paragraph]


def _is_inline(part: PageElement) -> bool:
    return isinstance(part, NavigableString) or (isinstance(part, Tag) and part.name in INLINE)


def _rebuild(parent: Tag, children: Sequence[PageElement]) -> None:
    """Puts children in the place of those that are there; one by one it would take for ever."""
    parent.clear()
    for child in children:
        parent.append(child)


def _broken(soup: BeautifulSoup, parent: Tag) -> None:
    """Line ends between an element's children as ``<br>``, but not at its edges."""
    children = list(parent.contents)
    if not any(isinstance(c, NavigableString) and "\n" in c for c in children):
        return
    out: list[PageElement] = []
    for n, child in enumerate(children):
        if not isinstance(child, NavigableString):
            out.append(child)
            continue
        raw = str(child).replace("\r\n", "\n")
        raw = raw.lstrip() if n == 0 or _is_break(children[n - 1]) else raw
        raw = raw.rstrip() if n == len(children) - 1 else raw
        for m, line in enumerate(raw.split("\n")):
            if m:
                out.append(soup.new_tag("br"))
            out.append(NavigableString(line))
    _rebuild(parent, out)


def _is_break(part: PageElement | None) -> bool:
    return isinstance(part, Tag) and part.name == "br"


def _escape(soup: BeautifulSoup) -> None:
    """Words stay words: signs that Markdown or the page's own marks would read are escaped."""
    for tag in [soup, *soup.find_all(True)]:
        if tag.name in _VERBATIM or tag.find_parent(_VERBATIM):
            continue
        children = list(tag.contents)
        if any(isinstance(c, NavigableString) for c in children):
            in_cell = tag.name in ("td", "th") or tag.find_parent(["td", "th"]) is not None
            _rebuild(tag, list(_escaped(children, tag, in_cell)))


def _escaped(children: Sequence[PageElement], tag: Tag, in_cell: bool) -> Iterator[PageElement]:
    opens = tag.name not in INLINE
    for child in children:
        if isinstance(child, NavigableString):
            marked = _SPECIAL.sub(r"\\\1", _SPACES.sub(" ", str(child)))
            marked = marked.replace("|", "\\|") if in_cell else marked
            yield NavigableString(_OPENING.sub(_unread, marked) if opens else marked)
            opens = opens and not marked.strip()
        else:
            yield child
            opens = isinstance(child, Tag) and (child.name == "br" or child.name not in INLINE)


def _unread(found: re.Match[str]) -> str:
    blank, sign = found.groups()
    return f"{blank}{sign}\\" if sign[0].isdigit() else f"{blank}\\{sign}"
