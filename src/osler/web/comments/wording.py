"""A comment's plain text as HTML: paragraphs, line breaks, links."""

import re

import nh3
from markupsafe import Markup, escape

_LINK = re.compile(r"https?://[^\s<>\"']{1,500}")
_TRAILING = ".,;:!?)]}'\""
# Line ends, and the joiners that some scripts and many emoji need.
_KEPT = "\n\u200c\u200d"
_GAP = re.compile(r"\n{2,}")
# Letters and signs that show nothing: fillers of Hangul and Khmer, the empty cell of Braille.
_BLANK = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f"
# No writing puts more than a few marks on one letter; a tower of them covers what others wrote.
_STACKED = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)


def normalised(text: str) -> str:
    r"""Line ends made one kind, invisible characters and blank edges taken away.

    Examples
    --------
    >>> normalised("  one\r\n\r\n\r\ntwo\u202e ")
    'one\n\ntwo'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(
        c for c in text.replace("\t", " ") if c in _KEPT or (c.isprintable() and c not in _BLANK)
    )
    text = _STACKED.sub(r"\1", text)
    lines = [line.strip() for line in text.split("\n")]
    return _GAP.sub("\n\n", "\n".join(lines)).strip()


def html_of(text: str) -> Markup:
    r"""Safe HTML: what was typed is shown as typed; web addresses become links.

    Links carry ``rel="ugc nofollow noopener"``. Whatever the text, the result has no other
    elements than p, br and a: nh3 has the last word.

    Examples
    --------
    >>> print(html_of("See <b>this</b>: https://a.example/x.\nBye"))
    <p>See &lt;b&gt;this&lt;/b&gt;: <a href="https://a.example/x" rel="ugc nofollow noopener">https://a.example/x</a>.<br>Bye</p>
    """
    paragraphs = [p for p in normalised(text).split("\n\n") if p]
    raw = "".join(f"<p>{_linked(p)}</p>" for p in paragraphs).replace("\n", "<br>")
    return Markup(
        nh3.clean(
            raw,
            tags={"p", "br", "a"},
            attributes={"a": {"href"}},
            url_schemes={"http", "https"},
            link_rel="ugc nofollow noopener",
        )
    )


def _linked(text: str) -> str:
    out, end = [], 0
    for match in _LINK.finditer(text):
        address = match.group().rstrip(_TRAILING)
        start = match.start()
        shown = escape(address)
        out += [str(escape(text[end:start])), f'<a href="{shown}">{shown}</a>']
        end = start + len(address)
    return "".join([*out, str(escape(text[end:]))])


def links_in(text: str) -> list[str]:
    """Web addresses in a text, with or without http, and HTML or forum links.

    Examples
    --------
    >>> links_in("www.a.example and [url=b.example]x[/url], e.g. not this")
    ['www.a.example', '[url=']
    """
    return [m.group() for m in _ANY_LINK.finditer(text)]


# With http, without, and as written to be put together again by whoever reads it. A bare name
# counts where its end is one of a few that end no English word: a full stop without a space
# after it ("better.it was") makes no address.
_NAME = r"(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,4}"
_ANY_LINK = re.compile(
    r"\b(?:h..ps?|ftp)://[^\s<>\"']{1,500}|\bwww\.[^\s<>\"']{1,500}"
    r"|(?<![\w:/])//[a-z0-9-]{1,63}\.[^\s<>\"']{1,500}|<a\s|\[(?:url|link)\b=?"
    rf"|{_NAME}[a-z]{{2,24}}/[a-z0-9?#][^\s<>\"']{{0,500}}"
    rf"|{_NAME}(?:com|net|org|info|biz|xyz|edu|gov|uk|ru|cn)\b(?!@)"
    r"|(?<![\w.-])[a-z0-9-]{1,63} ?[\[(](?:\.|dot)[\])] ?(?:com|net|org|info|biz|xyz|ru|cn)\b",
    re.IGNORECASE,
)
