"""Comments by which a person sets a finding aside: ``<!-- osler: ignore CODE because ... -->``.

A comment on a line of its own covers the block below it, and one within a paragraph covers
the line it stands on. In the front matter, ``# osler: ignore CODE because ...`` covers the
next line and what is said of the page as a whole. The reason is part of the form.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from osler.claims.model import Suppression
from osler.core.diagnostics import Diagnostic, Place, Severity

_OPENING = "osler:"
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")
_RULE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_CODE_LETTERS, _CODE_LENGTH = 3, 6
_HELP = "write <!-- osler: ignore CLM010 because it quotes a leaflet -->, with your own reason"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment for the checker: its text, where it stands, and the lines it is for."""

    text: str
    place: Place
    lines: tuple[int, int]


def read_comment(comment: Comment) -> Suppression | Diagnostic:
    """What a comment sets aside, or why it sets nothing aside.

    Examples
    --------
    >>> place = Place("pages/a.md", 3)
    >>> text = "<!-- osler: ignore CLM010, plain-language/jargon because it quotes a leaflet -->"
    >>> read = read_comment(Comment(text, place, (4, 6)))
    >>> read.codes, read.because
    (('CLM010', 'plain-language/jargon'), 'it quotes a leaflet')
    >>> read_comment(Comment("<!-- osler: ignore CLM010 -->", place, (4, 6))).code
    'RUL001'
    """
    words = _bare(comment.text).split()
    verb, rest = words[:1], words[1:]
    split = rest.index("because") if "because" in rest else len(rest)
    codes = tuple(code for word in rest[:split] for code in word.split(",") if code)
    because = " ".join(rest[split + 1 :])
    wrong = [code for code in codes if not _is_code(code)]
    if verb != ["ignore"] or not codes or wrong:
        return _unreadable(comment, wrong)
    if not any(character.isalpha() for character in because):
        return _no_reason(comment, codes)
    return Suppression(tuple(dict.fromkeys(codes)), because, comment.place, comment.lines)


def _bare(text: str) -> str:
    inside = text.strip().removeprefix("<!--").removesuffix("-->").removeprefix("#")
    return inside.strip().removeprefix(_OPENING)


def _is_code(text: str) -> bool:
    """Whether it has the form of a code (CLM010) or of a rule (pack/rule)."""
    pack, slash, rule = text.partition("/")
    if slash:
        return bool(pack) and bool(rule) and set(pack + rule) <= _RULE
    letters, digits = set(text[:_CODE_LETTERS]), set(text[_CODE_LETTERS:])
    return len(text) == _CODE_LENGTH and letters <= _CAPITALS and digits <= _DIGITS


def _unreadable(comment: Comment, wrong: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "RUL002",
        Severity.ERROR,
        comment.place,
        "a comment for the checker that cannot be read",
        f"no code and no rule: {', '.join(wrong)[:80]}" if wrong else comment.text.strip()[:80],
        "nothing is set aside",
        _HELP,
    )


def _no_reason(comment: Comment, codes: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "RUL001",
        Severity.ERROR,
        comment.place,
        "a finding is set aside without a reason",
        f"ignore {', '.join(codes)}"[:80],
        "the finding stands",
        _HELP,
    )


def front_comments(lines: Sequence[str], length: int, file: str) -> Iterator[Comment]:
    """Comments in the front matter, whose fences are its first and its last line."""
    for n in range(1, max(length - 1, 1)):
        text = lines[n].strip()
        if text.startswith("#") and text[1:].strip().startswith(_OPENING):
            column = lines[n].index("#") + 1
            place = Place(file, n + 1, column, len(lines[n].rstrip()) + 1, "", lines[n])
            yield Comment(text, place, (1, n + 2))


def block_comments(tokens: Sequence[Token], file: str, lines: Sequence[str]) -> Iterator[Comment]:
    """Comments with a line of their own, each for the next block beside it."""
    waiting: dict[int, list[Token]] = {}
    for token in tokens:
        if token.type == "osler_comment":
            waiting.setdefault(token.level, []).append(token)
        elif token.nesting < 0:
            # The list or container ends, and with it the reach of comments inside it.
            yield from (_own_line(c, file, lines) for c in waiting.pop(token.level + 1, []))
        elif token.map and token.level in waiting:
            first, last = token.map
            for comment in waiting.pop(token.level):
                yield _block_comment(comment, file, lines, (first + 1, max(last, first + 1)))
    for comments in waiting.values():
        yield from (_own_line(comment, file, lines) for comment in comments)


def _own_line(token: Token, file: str, lines: Sequence[str]) -> Comment:
    line = (token.map or [0])[0] + 1
    return _block_comment(token, file, lines, (line, line))


def _block_comment(
    token: Token, file: str, lines: Sequence[str], covered: tuple[int, int]
) -> Comment:
    row = (token.map or [0])[0]
    source = lines[row] if row < len(lines) else ""
    text = str(token.meta["comment"])
    at = max(source.find(text), 0)
    place = Place(file, row + 1, at + 1, min(at + len(text), len(source)) + 1, "", source)
    return Comment(text, place, covered)
