"""The Markdown of a page: CommonMark, tables, marked spans, insertions and citations.

Beside CommonMark a page may hold

- ``[text]{.claim about="..."}``: a marked span (``span_open``, ``span_close``),
- ``{{ name("argument") }}``: an insertion (``osler_insertion``; meta: name, arguments),
- ``[@key; @key2]``: a citation (``osler_citation``; meta: keys),
- ``::: answer`` ... ``:::``: the plain answer at the top (``container_answer_open``),
- ``::: urgent`` ... ``:::``: when to get help at once (``container_urgent_open``),
- ``<!-- osler: ignore CODE because ... -->``: a comment for the checker (``osler_comment``,
  hidden; meta: comment), on a line of its own or within a paragraph.

Raw HTML is text. Every inline token is put down with the offset at which it starts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

# The longest mark that is read. Without a limit, a file of opening braces would be
# scanned to its end from each of them.
LONGEST_MARK = 800

# More opening brackets than this in one paragraph are no marks but a mishap; markdown-it
# would try a link at each of them. Such a paragraph stays plain text, and is told.
MOST_BRACKETS = 1000

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_KEY = _NAME | frozenset(":./+")
_SPACE = " \t\n"


@dataclass(frozen=True, slots=True)
class Atom:
    """An inline token as first read, and the offset in the block's content where it starts.

    ``text`` is a copy: markdown-it joins text tokens later.
    """

    kind: str
    text: str
    at: int
    token: Token


def markdown() -> MarkdownIt:
    """A parser for pages.

    Each inline token of its result carries ``meta["atoms"]``, a list of :class:`Atom`.

    Examples
    --------
    >>> tokens = markdown().parse('It [may help]{.claim about="a / b"} [@tu2024].')
    >>> [(atom.kind, atom.at) for atom in tokens[1].meta["atoms"]][:3]
    [('text', 0), ('span_open', 3), ('text', 4)]
    """
    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    container_plugin(md, "answer")
    container_plugin(md, "urgent")
    md.inline.ruler.before("text", "osler_mark", _mark)
    md.inline.ruler.before("link", "osler_citation", _citation)
    md.inline.ruler.after("link", "osler_span", _span)
    md.inline.ruler.push("osler_insertion", _insertion)
    md.inline.ruler.push("osler_comment", _inline_comment)
    md.block.ruler.before("paragraph", "osler_comment", _block_comment)
    md.inline.ruler2.before("fragments_join", "osler_atoms", _atoms)
    md.core.ruler.at("inline", _inline)
    return md


def _inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = []
            if token.content.count("[") > MOST_BRACKETS:
                token.meta["atoms"] = list(_plain_atoms(token.content))
                token.meta["overfull"] = True
                token.children = [atom.token for atom in token.meta["atoms"]]
                continue
            state.md.inline.parse(token.content, state.md, state.env, token.children)
            token.meta["atoms"] = state.env.pop("osler_atoms", [])


def _plain_atoms(content: str) -> Iterator[Atom]:
    at = 0
    for line in content.split("\n"):
        if at:
            yield Atom("softbreak", "", at - 1, Token("softbreak", "br", 0))
        yield Atom("text", line, at, Token("text", "", 0, content=line))
        at += len(line) + 1


def _mark(state: StateInline, silent: bool) -> bool:
    """Before any other rule: put down where the next token starts, and match nothing."""
    if not silent:
        marks = state.env.setdefault("osler_marks", {}).setdefault(id(state), {})
        n = len(state.tokens)
        marks[n] = (marks[n][0] if n in marks else state.pos, state.pos)
    return False


def _atoms(state: StateInline) -> None:
    """After emphasis is settled and before texts are joined: tokens with their offsets."""
    marks = state.env.get("osler_marks", {}).pop(id(state), {})
    atoms: list[Atom] = []
    cursor = 0
    for n, token in enumerate(state.tokens):
        start = cursor
        if n in marks:
            start, last = marks[n]
            # Two marks: text gathered from the first on, and the next token starts at the last.
            cursor = last if last > start else start + len(token.content)
        else:
            cursor += len(token.content)
        atoms.append(Atom(token.type, token.content, start, token))
    state.env["osler_atoms"] = atoms


def _citation(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if not source.startswith("[@", start):
        return False
    end = source.find("]", start, min(state.posMax, start + LONGEST_MARK))
    if end < 0:
        return False
    keys: list[str] = []
    offsets: list[int] = []
    at = start + 1
    for part in source[start + 1 : end].split(";"):
        key = part.strip()
        if len(key) < 2 or key[0] != "@" or not set(key[1:]) <= _KEY:
            return False
        keys.append(key[1:])
        offsets.append(at + len(part) - len(part.lstrip()))
        at += len(part) + 1
    if not silent:
        token = state.push("osler_citation", "", 0)
        token.content = source[start : end + 1]
        token.meta = {"keys": tuple(keys), "at": tuple(offsets)}
    state.pos = end + 1
    return True


def _span(state: StateInline, silent: bool) -> bool:
    source, start, stop = state.src, state.pos, state.posMax
    if source[start] != "[":
        return False
    close = state.md.helpers.parseLinkLabel(state, start, False)
    if close < 0 or close + 1 >= stop or source[close + 1] != "{":
        return False
    read = read_attributes(source, close + 1, min(stop, close + 1 + LONGEST_MARK))
    if read is None:
        return False
    attributes, end = read
    if not silent:
        token = state.push("span_open", "span", 1)
        token.attrs = {k: v for k, v in attributes.items() if k in ("class", "about", "id")}
        token.meta = {"end": close}
        state.pos, state.posMax = start + 1, close
        state.md.inline.tokenize(state)
        state.push("span_close", "span", -1)
    state.pos, state.posMax = end, stop
    return True


def read_attributes(source: str, start: int, stop: int) -> tuple[dict[str, str], int] | None:
    """Attributes in Pandoc's syntax, from the brace at ``start``; None where they are not such.

    Examples
    --------
    >>> read_attributes('{.fact about="a  b"} x', 0, 22)
    ({'class': 'fact', 'about': 'a b'}, 20)
    """
    attributes: dict[str, str] = {}
    classes: list[str] = []
    at = start + 1
    while True:
        at = _skip(source, at, stop, _SPACE)
        if at >= stop:
            return None
        if source[at] == "}":
            break
        sign = source[at] if source[at] in ".#" else ""
        word_end = _skip(source, at + len(sign), stop, _NAME)
        name = source[at + len(sign) : word_end]
        at = word_end
        if not name:
            return None
        if sign:
            classes += [name] if sign == "." else []
            attributes |= {"id": name} if sign == "#" else {}
            continue
        value = _value(source, at, stop)
        if value is None:
            return None
        attributes[name], at = value
    if classes:
        attributes = {"class": " ".join(classes), **attributes}
    return attributes, at + 1


def _value(source: str, at: int, stop: int) -> tuple[str, int] | None:
    """What follows ``name``: ``="quoted"`` or ``=bare``; runs of white space become one space."""
    if at + 1 >= stop or source[at] != "=":
        return None
    if source[at + 1] == '"':
        end = source.find('"', at + 2, stop)
        return None if end < 0 else (" ".join(source[at + 2 : end].split()), end + 1)
    end = _skip(source, at + 1, stop, _KEY)
    return None if end == at + 1 else (source[at + 1 : end], end)


def _skip(source: str, at: int, stop: int, characters: str | frozenset[str]) -> int:
    while at < stop and source[at] in characters:
        at += 1
    return at


def _insertion(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if not source.startswith("{{", start):
        return False
    end = source.find("}}", start, min(state.posMax, start + LONGEST_MARK))
    if end < 0:
        return False
    read = read_call(source[start + 2 : end])
    if read is None:
        return False
    if not silent:
        token = state.push("osler_insertion", "", 0)
        token.content = source[start : end + 2]
        token.meta = {"name": read[0], "arguments": tuple(read[1])}
    state.pos = end + 2
    return True


def comment_end(source: str, start: int, stop: int) -> int:
    """Where the comment for the checker that opens at ``start`` ends; 0 where none does.

    Examples
    --------
    >>> comment_end("<!-- osler: ignore CLM010 because ... --> x", 0, 42)
    41
    >>> comment_end("<!-- to do -->", 0, 14)
    0
    """
    if not source.startswith("<!--", start):
        return 0
    at = _skip(source, start + 4, min(stop, start + LONGEST_MARK), _SPACE)
    if not source.startswith("osler:", at):
        return 0
    end = source.find("-->", at, min(stop, start + LONGEST_MARK))
    return 0 if end < 0 else end + 3


def _inline_comment(state: StateInline, silent: bool) -> bool:
    end = comment_end(state.src, state.pos, state.posMax)
    if end and not silent:
        token = state.push("osler_comment", "", 0)
        token.hidden = True
        token.meta = {"comment": state.src[state.pos : end]}
    state.pos = end or state.pos
    return end > 0


def _block_comment(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A comment with lines of its own, outside paragraphs."""
    start = state.bMarks[first] + state.tShift[first]
    end = comment_end(state.src, start, state.eMarks[last - 1])
    line = first
    while end and line < last - 1 and state.eMarks[line] < end:
        line += 1
        if state.sCount[line] < state.blkIndent:
            return False
    if not end or state.src[end : state.eMarks[line]].strip():
        return False
    if not silent:
        state.line = line + 1
        token = state.push("osler_comment", "", 0)
        token.hidden = True
        token.map = [first, line + 1]
        token.meta = {"comment": state.src[start:end]}
    return True


def read_call(text: str) -> tuple[str, Sequence[str]] | None:
    """``name("a", "b")`` as name and arguments; a bare ``name`` has none.

    Examples
    --------
    >>> read_call(' forest("a vs b / pain") ')
    ('forest', ['a vs b / pain'])
    >>> read_call('forest("a') is None
    True
    """
    text = text.strip()
    name, bracket, rest = text.partition("(")
    name = name.strip()
    if not name or not set(name) <= _NAME or (bracket and not rest.endswith(")")):
        return None
    parts = rest[:-1].split('"') if bracket else [""]
    between = [part.strip() for part in parts[::2]]
    arguments = [" ".join(part.split()) for part in parts[1::2]]
    wanted = ["", *[","] * (len(arguments) - 1), ""] if arguments else [""]
    return (name, arguments) if between == wanted else None
