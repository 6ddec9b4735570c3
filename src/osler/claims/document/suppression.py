"""Comments in a page that set findings aside: which they reach, and which reach nothing."""

import difflib
import tomllib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from osler.claims.model import Page, Suppression
from osler.core.diagnostics import Diagnostic, Severity, in_order

# File, code or rule, line.
_Spot: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that a person has set aside, and the comment by which it was done."""

    diagnostic: Diagnostic
    suppression: Suppression


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings after the comments of their pages.

    Attributes
    ----------
    kept : tuple of Diagnostic
        Those that stand.
    suppressed : tuple of Suppressed
        Those that were set aside; nothing is lost.
    unused : tuple of Diagnostic
        What is wrong with the comments: they reach nothing (OUT010), name a finding that
        cannot be set aside (OUT011), or a code that does not exist (OUT012).
    """

    kept: tuple[Diagnostic, ...]
    suppressed: tuple[Suppressed, ...]
    unused: tuple[Diagnostic, ...]

    @property
    def standing(self) -> tuple[Diagnostic, ...]:
        """What counts: the findings kept, and what is wrong with the comments."""
        return in_order([*self.kept, *self.unused])


@cache
def never_set_aside() -> Mapping[str, str]:
    """The codes that no comment and no baseline reaches, with the reason.

    Examples
    --------
    >>> "CLM015" in never_set_aside()
    True
    """
    text = (files("osler.claims.document") / "suppression.toml").read_text(encoding="utf-8")
    return {code: str(entry["because"]) for code, entry in tomllib.loads(text).items()}


def apply_suppressions(
    diagnostics: Iterable[Diagnostic], pages: Iterable[Page], known: Collection[str] = ()
) -> Applied:
    """Take out of the findings what the comments of the pages set aside.

    Parameters
    ----------
    diagnostics : iterable of Diagnostic
        Of the whole folder.
    pages : iterable of Page
    known : collection of str
        Codes that exist, for telling a slip of the pen; empty: not looked at.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> from osler.core.diagnostics import Place
    >>> comment = "<!-- osler: ignore CLM006 because it is a title of a book -->"
    >>> page, _ = parse_page(comment + chr(10) + chr(10) + "It is proven.", "a.md")
    >>> found = Diagnostic("CLM006", Severity.ERROR, Place("a.md", 3), "no trial can show it")
    >>> applied = apply_suppressions([found], [page])
    >>> applied.kept, len(applied.suppressed), applied.unused
    ((), 1, ())
    """
    diagnostics, pages = tuple(diagnostics), tuple(pages)
    owners = _owners(diagnostics, pages)
    kept: list[Diagnostic] = []
    suppressed: list[Suppressed] = []
    for d in diagnostics:
        comment = _reaching(d, owners)
        if comment is None:
            kept.append(d)
        else:
            suppressed.append(Suppressed(d, comment))
    used = {(s.suppression, name) for s in suppressed for name in _names(s.diagnostic)}
    problems = [
        problem
        for page in pages
        for comment in page.suppressions
        for problem in _problems(comment, used, known)
    ]
    return Applied(tuple(kept), tuple(suppressed), in_order(problems))


def _names(d: Diagnostic) -> tuple[str, ...]:
    """By what a comment can name a finding."""
    return (d.code, d.rule) if d.rule else (d.code,)


def _reaching(d: Diagnostic, owners: Mapping[_Spot, Suppression]) -> Suppression | None:
    if d.code in never_set_aside():
        return None
    spots = ((d.place.file, name, d.place.line) for name in _names(d))
    return next((owners[spot] for spot in spots if spot in owners), None)


def _owners(diagnostics: Iterable[Diagnostic], pages: Iterable[Page]) -> dict[_Spot, Suppression]:
    """The comment that reaches each line with a finding; of several, the one that stands last."""
    lines: dict[tuple[str, str], set[int]] = {}
    for d in diagnostics:
        for name in _names(d):
            lines.setdefault((d.place.file, name), set()).add(d.place.line)
    out: dict[_Spot, Suppression] = {}
    for page in pages:
        for name, comments in _by_name(page.suppressions).items():
            found = sorted(lines.get((page.file, name), ()))
            for line, comment in _shared_out(found, comments):
                out[page.file, name, line] = comment
    return out


def _by_name(suppressions: Sequence[Suppression]) -> dict[str, list[Suppression]]:
    found: dict[str, list[Suppression]] = {}
    for comment in suppressions:
        for code in comment.codes:
            found.setdefault(code, []).append(comment)
    return found


def _shared_out(
    lines: Sequence[int], comments: Sequence[Suppression]
) -> Iterator[tuple[int, Suppression]]:
    """Each line to the last comment that covers it; every line is touched once."""
    free = list(range(len(lines) + 1))  # where the next line without a comment stands
    for comment in reversed(comments):
        first, last = comment.lines
        at = _next(free, bisect_left(lines, first))
        while at < len(lines) and lines[at] <= last:
            yield lines[at], comment
            free[at] = at + 1
            at = _next(free, at)


def _next(free: list[int], at: int) -> int:
    """The first free line from ``at`` on; the way there is shortened for the next time."""
    end = at
    while free[end] != end:
        end = free[end]
    while free[at] != end:
        free[at], at = end, free[at]
    return end


def _problems(
    comment: Suppression, used: Set[tuple[Suppression, str]], known: Collection[str]
) -> Iterator[Diagnostic]:
    for code in comment.codes:
        if code in never_set_aside():
            yield _never(comment, code)
        elif known and "/" not in code and code not in known:
            yield _unknown(comment, code, known)
        elif (comment, code) not in used:
            yield _unused(comment, code)


def _never(comment: Suppression, code: str) -> Diagnostic:
    return Diagnostic(
        "OUT011",
        Severity.ERROR,
        comment.place,
        f"{code} cannot be set aside",
        never_set_aside()[code],
        "the comment reaches nothing, and the finding stands",
        "mend what the finding says, then take the comment out",
    )


def _unknown(comment: Suppression, code: str, known: Collection[str]) -> Diagnostic:
    close = difflib.get_close_matches(code, sorted(known), 1)
    hint = f"write {close[0]}, if that is what is meant" if close else "take it out"
    return Diagnostic(
        "OUT012",
        Severity.ERROR,
        comment.place,
        f"there is no code {code}",
        f"the comment gives as its reason: {comment.because}"[:200],
        "it sets nothing aside",
        f"{hint}; osler explain lists all codes",
    )


def _unused(comment: Suppression, code: str) -> Diagnostic:
    first, last = comment.lines
    where = f"line {first}" if first == last else f"lines {first} to {last}"
    return Diagnostic(
        "OUT010",
        Severity.WARNING,
        comment.place,
        f"nothing is left here for {code} to set aside",
        f"{where} have no such finding" if first != last else f"{where} has no such finding",
        "the comment would hide a finding that comes later, for a reason given before it was there",
        f"take {code} out of the comment" if len(comment.codes) > 1 else "take the comment out",
    )
