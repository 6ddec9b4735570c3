"""A page's text as a :class:`~osler.claims.model.Page`: sentences, marked spans, places."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath

from osler.claims.document.blocks import ReadBlock, blocks_of, read_block
from osler.claims.document.comments import block_comments, front_comments, read_comment
from osler.claims.document.extent import cut_off, within
from osler.claims.document.front_matter import REQUIRED, FrontMatter, read_front_matter
from osler.claims.document.markdown import markdown
from osler.claims.document.positions import part_of, place_of
from osler.claims.document.sentences import split_sentences
from osler.claims.model import Meta, Page, Piece, Sentence, Suppression
from osler.core.diagnostics import Diagnostic, Place, Severity

_DATES = ("date", "reviewed", "next_review")


def parse_page(text: str, file: str) -> tuple[Page, tuple[Diagnostic, ...]]:
    """Read a page; whatever is wrong with its form is told, and reading goes on.

    Parameters
    ----------
    text : str
        Markdown with front matter.
    file : str
        Path within the review folder, with forward slashes; the page's slug is its stem.

    Returns
    -------
    Page, tuple of Diagnostic
        Never raises, whatever the text.

    Examples
    --------
    >>> page, _ = parse_page('It [may help]{.claim about="a / b"}. It is safe.', "pages/x.md")
    >>> [(s.text, s.marked) for s in page.sentences], page.spans[0].about
    ([('It may help.', True), ('It is safe.', False)], ('a / b',))
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    cut = within(text.replace("\0", "\ufffd"))
    lines = cut.text.split("\n")
    front = read_front_matter(lines, file)
    body = "\n".join([""] * front.length + lines[front.length :])
    tokens = markdown().parse(body)
    blocks = [read_block(block) for block in blocks_of(tokens, file, lines)]
    comments = (
        *front_comments(lines, front.length, file),
        *block_comments(tokens, file, lines),
        *(comment for block in blocks for comment in block.comments),
    )
    read = [read_comment(comment) for comment in comments]
    page = Page(
        file,
        _meta(front, file, blocks),
        tokens,
        tuple(s for block in blocks for s in block.spans),
        tuple(i for block in blocks for i in block.insertions),
        tuple(c for block in blocks for c in block.citations),
        tuple(s for block in blocks if block.kind != "heading" for s in block.sentences),
        (
            *_front_sentences(front, file, lines),
            *(s for block in blocks if block.kind == "heading" for s in block.sentences),
        ),
        tuple(lines),
        front.places,
        _by_line(s for s in read if isinstance(s, Suppression)),
    )
    wrong = [d for block in blocks for d in block.diagnostics]
    wrong += [d for d in read if isinstance(d, Diagnostic)]
    wrong += [cut_off(cut, file)] if cut.because else []
    return page, (*front.diagnostics, *_front_findings(front, file, lines, page), *wrong)


def _by_line(suppressions: Iterable[Suppression]) -> tuple[Suppression, ...]:
    return tuple(sorted(suppressions, key=lambda s: (s.place.line, s.place.column)))


def _front_sentences(front: FrontMatter, file: str, lines: Sequence[str]) -> tuple[Sentence, ...]:
    """What search engines and lists read of a page, judged like the rest.

    Title and description stand in the page's structured data too; it names no treatment.
    """
    out: list[Sentence] = []
    for key in ("title", "description"):
        value = front.values.get(key, "")
        place = front.places.get(key)
        if value and place is not None:
            out += _front_value(value, place, place.column - 1, file, lines)
    at = 0
    for category in front.lists.get("categories", ()):
        place = front.places["categories"]
        at = max(lines[place.line - 1].find(category, max(at, place.column - 1)), at)
        out += _front_value(category, place, at, file, lines)
        at += len(category)
    return tuple(out)


def _front_value(
    value: str, place: Place, start: int, file: str, lines: Sequence[str]
) -> list[Sentence]:
    """The sentences of one value, looked for from column ``start`` (from 0) of its line."""
    at = lines[place.line - 1].find(value, start)
    pieces = (Piece(0, place.line, max(at, place.column - 1) + 1),)
    out: list[Sentence] = []
    for first, last in split_sentences(value):
        where = place_of(pieces, first, last, file, lines)
        part = part_of(pieces, first, last)
        words = value[first:last]
        out.append(Sentence(words, where, False, "", words, part, "meta", 0, ()))
    return out


def _meta(front: FrontMatter, file: str, blocks: Sequence[ReadBlock]) -> Meta:
    values = front.values
    answer = " ".join(" ".join(b.text.split()) for b in blocks if b.in_answer)
    return Meta(
        values.get("title", ""),
        values.get("description", ""),
        values.get("author", ""),
        values.get("date", ""),
        values.get("reviewed", ""),
        values.get("next_review", ""),
        front.lists.get("categories", ()),
        values.get("draft", "") == "true",
        answer,
        PurePosixPath(file).stem,
    )


def _front_findings(
    front: FrontMatter, file: str, lines: Sequence[str], page: Page
) -> list[Diagnostic]:
    top = Place(file, source=lines[0] if lines else "")
    told = {d.place.field for d in front.diagnostics if d.code == "PAG012"}
    lacking = [key for key in REQUIRED if front.length and not _has(front, key)]
    out = [_absent(key, top) for key in lacking if key not in told]
    out += [_bad_date(front.places[key]) for key in _DATES if not _is_date(front.values, key)]
    if front.values.get("draft", "true") not in ("true", "false"):
        out.append(_bad_draft(front.places["draft"]))
    if not page.meta.answer:
        out.append(_no_answer(top))
    return out


def _has(front: FrontMatter, key: str) -> bool:
    return bool(front.values.get(key) or front.lists.get(key))


def _is_date(values: Mapping[str, str], key: str) -> bool:
    """Whether ``values[key]`` is a date, or is missing, which is told elsewhere."""
    if not values.get(key):
        return True
    try:
        return date.fromisoformat(values[key]).isoformat() == values[key]
    except ValueError:
        return False


def _absent(key: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG003",
        Severity.ERROR,
        place,
        f"the front matter has no {key}",
        so="readers cannot tell who wrote the page, and how old it is"
        if key in ("author", *_DATES)
        else "it cannot be listed or found as it should",
        help=f"add a line {key}: " + ("[one, two]" if key == "categories" else "..."),
    )


def _bad_date(place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG005",
        Severity.ERROR,
        place,
        f"{place.field} is not a date",
        place.source.strip()[:80],
        "the page has no such date",
        "write year-month-day, such as 2025-03-31",
    )


def _bad_draft(place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG005",
        Severity.ERROR,
        place,
        "draft must be true or false",
        place.source.strip()[:80],
        "the page counts as finished",
        "write draft: true, or leave the line out",
    )


def _no_answer(place: Place) -> Diagnostic:
    return Diagnostic(
        "PAG006",
        Severity.WARNING,
        place,
        "the page has no plain answer at the top",
        so="a reader has to work through the page to learn what it says",
        help="below the front matter write a line ::: answer, then the answer, then a line :::",
    )
