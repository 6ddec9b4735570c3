"""What the protocol sends: squiggles, the evidence behind a claim, fixes, completions.

Everything here is a function of a checked document and a position in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from osler.certainty.model import Evidence, Finding
from osler.claims.document.blocks import KINDS
from osler.claims.language.names import known_questions
from osler.claims.model import Judged
from osler.cli.language_server.documents import Document
from osler.cli.language_server.places import Encoding, column_at, position, range_of
from osler.core.diagnostics import Diagnostic, Severity
from osler.publish.sentences import result
from osler.review.model import Fact, Mechanism, Review

SOURCE = "osler"
_WEIGHTS = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


def diagnostic_of(d: Diagnostic, lines: Sequence[str], encoding: Encoding) -> types.Diagnostic:
    """A finding as an editor shows it; ``osler explain CODE`` has the rest.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> d = Diagnostic("CLM006", Severity.ERROR, Place("a.md", 1, 4, 9), "no trial", help="x")
    >>> shown = diagnostic_of(d, ["It cures."], "utf-16")
    >>> print(shown.message)
    no trial
    help: x
    """
    parts = (("", d.message), ("found: ", d.found), ("so: ", d.so), ("help: ", d.help))
    return types.Diagnostic(
        range=range_of(d.place, lines, encoding),
        message="\n".join(f"{label}{text}" for label, text in parts if text),
        severity=_WEIGHTS[d.severity],
        code=d.code,
        source=SOURCE,
    )


def fixes_in(
    document: Document, lines: Sequence[str], uri: str, wanted: types.Range, encoding: Encoding
) -> list[types.CodeAction]:
    """The safe rewritings of the findings that a range touches."""
    actions = []
    for d in document.diagnostics:
        if d.fix is None or not _touch(range_of(d.place, lines, encoding), wanted):
            continue
        edit = types.TextEdit(range_of(d.fix.place, lines, encoding), d.fix.text)
        actions.append(
            types.CodeAction(
                title=f'Write "{d.fix.text}"' if d.fix.text else "Take the words out",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic_of(d, lines, encoding)],
                edit=types.WorkspaceEdit(changes={uri: [edit]}),
                is_preferred=True,
            )
        )
    return actions


def _touch(one: types.Range, other: types.Range) -> bool:
    def key(at: types.Position) -> tuple[int, int]:
        return at.line, at.character

    return key(one.start) <= key(other.end) and key(other.start) <= key(one.end)


def hover_at(
    document: Document, lines: Sequence[str], at: types.Position, encoding: Encoding
) -> types.Hover | None:
    """The evidence behind the marked passage at a position; None elsewhere."""
    line, column = column_at(lines, at, encoding)
    judged = next((j for j in document.judged if _covers(j, line, column)), None)
    if judged is None:
        return None
    told = [
        *(text for finding in judged.findings for text in _finding(finding)),
        *(_fact(fact) for fact in judged.facts),
        *_mechanisms(judged, document.review),
    ]
    value = "\n\n".join(told or ["Nothing in this folder is held against these words."])
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, value),
        range_of(judged.span.place, lines, encoding),
    )


def _covers(judged: Judged, line: int, column: int) -> bool:
    """Whether a marked passage, which may run over several lines, is at a place."""
    place, pieces = judged.span.place, judged.span.pieces
    if place.line == line:
        return place.column <= column <= place.end_column
    last = max((piece.line for piece in pieces), default=place.line)
    if not place.line < line <= last:
        return False
    final = pieces[-1]
    ends = final.column + len(judged.span.text) - final.offset
    return line < last or column <= ends


def _finding(finding: Finding) -> Iterator[str]:
    """Two lines: what the trials give, and what may be said."""
    said = result(finding)
    yield f"**{escaped(finding.about)}**: {escaped(f'{said.lead} ({said.rest})')}"
    yield f"May be said: {escaped(finding.statement)}"


def _fact(fact: Fact) -> str:
    source = f" ({escaped(fact.reference or fact.source)})" if fact.reference or fact.source else ""
    return f"**{escaped(fact.id)}**: {escaped(fact.statement)}{source}"


def _mechanisms(judged: Judged, review: Review) -> Iterator[str]:
    if judged.span.kind != "mechanism":
        return
    for name in judged.span.about:
        rows = [row for row in review.mechanisms if row.mechanism == name]
        if rows:
            yield f"**{escaped(name)}**: {escaped(_counted(rows))}"
            yield "A mechanism does not show that a treatment helps."


def _counted(rows: Sequence[Mechanism]) -> str:
    """Which way the studies point and in whom: "supports 3 (rat 2, human 1); null 1 (rat 1)"."""
    directions = dict.fromkeys(row.direction for row in rows)
    parts = []
    for direction in directions:
        species = [row.species for row in rows if row.direction == direction]
        each = ", ".join(f"{s or 'not told'} {species.count(s)}" for s in dict.fromkeys(species))
        parts.append(f"{direction} {len(species)} ({each})")
    return "; ".join(parts)


def escaped(text: str) -> str:
    """Words as Markdown that shows them as they are."""
    return "".join("\\" + c if c in "\\`*_[]<>" else c for c in text)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What stands between a mark's opening and the cursor: characters ``start`` to ``end``."""

    kind: str
    classes: tuple[str, ...]
    start: int
    end: int


def completions_at(
    document: Document, lines: Sequence[str], at: types.Position, encoding: Encoding
) -> list[types.CompletionItem]:
    """What can be written at a position: questions, facts, mechanisms, classes, keys."""
    line, column = column_at(lines, at, encoding)
    text = lines[line - 1]
    typed = _typed(text, column - 1)
    if typed is None or document.page is None:
        return []
    where = types.Range(
        position(lines, line, typed.start + 1, encoding),
        position(lines, line, typed.end + 1, encoding),
    )
    kind = types.CompletionItemKind.Value
    return [
        types.CompletionItem(
            label=label,
            kind=kind,
            detail=detail,
            sort_text=f"{number:05d}",
            text_edit=types.TextEdit(where, label),
        )
        for number, (label, detail) in enumerate(_offers(typed, document))
    ]


def _typed(text: str, at: int) -> _Typed | None:
    """What is being written at a character of a line; None outside marks."""
    before = text[:at]
    cited = before.rfind("[@")
    if cited >= 0 and "]" not in before[cited:]:
        start = before.rfind("@") + 1
        return _Typed("key", (), start, at)
    brace = before.rfind("{")
    if brace < 1 or text[brace - 1] != "]" or "}" in before[brace:]:
        return None
    inside = before[brace:]
    classes = tuple(k for k in KINDS if f".{k}" in text[brace : _closing(text, at)])
    quote = inside.rfind('about="')
    if quote >= 0 and inside.count('"', quote) == 1:
        first = max(brace + quote + len('about="'), before.rfind(";") + 1)
        start = first + len(before[first:]) - len(before[first:].lstrip())
        end = _end_of_value(text, at)
        return _Typed("about", classes, start, end)
    word = max(inside.rfind(" "), inside.rfind("{"), inside.rfind(".")) + 1
    return _Typed("class", classes, brace + word, at) if inside[word - 1] == "." else None


def _closing(text: str, at: int) -> int:
    end = text.find("}", at)
    return end if end >= 0 else len(text)


def _end_of_value(text: str, at: int) -> int:
    """Up to the end of the name that the cursor is in, so that it is replaced and not doubled."""
    ends = [e for mark in '";}' if (e := text.find(mark, at)) >= 0]
    return min(ends) if ends and '"' in text[at:] else at


def _offers(typed: _Typed, document: Document) -> Iterator[tuple[str, str]]:
    review = document.review
    if typed.kind == "class":
        yield from ((kind, "kind of a marked span") for kind in KINDS)
        return
    if typed.kind == "key":
        for key, entry in review.references.items():
            yield key, str(entry.get("title", ""))
        return
    if not typed.classes or "claim" in typed.classes:
        yield from _questions(review, document.evidence)
    if not typed.classes or "fact" in typed.classes:
        yield from ((fact.id, fact.statement) for fact in review.facts.values())
    if not typed.classes or "mechanism" in typed.classes:
        names = dict.fromkeys(row.mechanism for row in review.mechanisms)
        yield from ((name, "mechanism") for name in names)


def _questions(review: Review, evidence: Evidence) -> Iterator[tuple[str, str]]:
    for question in known_questions(review, evidence):
        finding = evidence.findings.get(question)
        yield question, finding.statement if finding else "no study of this folder answers this"
