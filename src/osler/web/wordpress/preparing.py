"""What WordPress does to a post's text before it is HTML: blocks, shortcodes, paragraphs."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import cast

_BLOCK = re.compile(r"<!--\s*(/?)wp:([a-z][a-z0-9/_-]*)([^<>]*?)(/?)-->", re.IGNORECASE)
_REF = re.compile(r'"ref"\s*:\s*(\d+)')
# A closing tag has no attributes; [[name]] is a shortcode that is only written about.
_SHORTCODE = re.compile(r"(\[?)\[(/?)([A-Za-z][\w-]{0,60})((?:\s[^\[\]<>]{0,2000})?)(/?)\](\]?)")
_ATTRIBUTE = re.compile(r"""([\w-]{1,60})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
_ADDRESS = re.compile(r"https?://[^\s\[\]<>\"']+")
_MARKS = re.compile(r"<!--\s*(?:more[^<>]{0,200}?|nextpage|noteaser)\s*-->", re.IGNORECASE)

Told = Callable[[str, str], None]
"""Takes what is not brought, and the words that are lost or kept."""


@cache
def data() -> Mapping[str, Mapping[str, object]]:
    """``wordpress.toml``."""
    text = files("osler.web.wordpress").joinpath("wordpress.toml").read_text(encoding="utf-8")
    return cast(Mapping[str, Mapping[str, object]], tomllib.loads(text))


def is_of_blocks(text: str) -> bool:
    """Whether a post was written with the block editor: its line ends mean nothing.

    Examples
    --------
    >>> is_of_blocks("<!-- wp:paragraph --><p>One</p><!-- /wp:paragraph -->"), is_of_blocks("One")
    (True, False)
    """
    return _BLOCK.search(text) is not None


def without_blocks(text: str, reusable: Mapping[str, str], tell: Told) -> str:
    """Takes block marks out, and puts reusable blocks in.

    A block that WordPress fills when it is shown (latest posts, a form) has nothing between
    its marks: it is told.
    """

    def replaced(found: re.Match[str]) -> str:
        closing, name, attributes, alone = found.groups()
        if closing or (not alone and name != "block"):
            return ""
        ref = _REF.search(attributes)
        if name == "block" and ref and ref.group(1) in reusable:
            # Blocks within blocks once: a block that holds itself would never end.
            return _BLOCK.sub("", reusable[ref.group(1)])
        if name not in ("separator", "spacer", "more", "nextpage"):
            tell(f"block {name}, which WordPress fills in", attributes.strip())
        return ""

    return _MARKS.sub("", _BLOCK.sub(replaced, text))


def without_shortcodes(text: str, pictures: Mapping[str, str], tell: Told) -> str:
    """Shortcodes as HTML where they have one; of the others the words between their tags stay.

    Examples
    --------
    >>> told = []
    >>> without_shortcodes(
    ...     'A [sic] [button link="/x"]Book[/button] [[gallery]] [my_form id="3"]', {},
    ...     lambda what, words: told.append(what))
    'A [sic] Book [gallery] '
    >>> told
    ['shortcode [button]', 'shortcode [my_form]']
    """
    closed = {m.group(3).lower() for m in _SHORTCODE.finditer(text) if m.group(2)}

    def replaced(found: re.Match[str]) -> str:
        before, closing, name, rest, _, after = found.groups()
        name = name.lower()
        if not _is_shortcode(name, rest, closed):
            return found.group()
        if before and after:
            return found.group()[1:-1]
        if name == "caption":
            return before + ("</figure>" if closing else "<figure>") + after
        if name == "embed":
            return before + after
        if closing:
            return before + after
        html = _as_html(name, dict(_attributes(rest)), pictures)
        if not html:
            tell(f"shortcode [{name}]", rest.strip())
        return before + html + after

    return _SHORTCODE.sub(replaced, text)


def _is_shortcode(name: str, rest: str, closed: set[str]) -> bool:
    known = cast(list[str], data()["shortcodes"]["known"])
    return "=" in rest or name in closed or name in known or "_" in name


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for name, *values in _ATTRIBUTE.findall(text):
        yield name.lower(), next(filter(None, values), "")


def _as_html(name: str, attributes: Mapping[str, str], pictures: Mapping[str, str]) -> str:
    if name == "gallery":
        ids = [n.strip() for n in attributes.get("ids", attributes.get("include", "")).split(",")]
        found = [pictures[n] for n in ids if n in pictures]
        return "".join(f'<figure><img src="{escape(url)}" alt=""></figure>' for url in found)
    if name in ("audio", "video", "playlist"):
        urls = [v for v in attributes.values() if _ADDRESS.fullmatch(v)]
        return "".join(f'<iframe src="{escape(url)}"></iframe>' for url in urls[:1])
    return ""
