"""A report for a colleague, as Markdown: what to read in an e-mail or a pull request.

It tells of pages first: how each statement fared, and for each finding the sentence, why, and
what to write instead. Codes come last; a colleague need not know them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from osler.core.diagnostics import Diagnostic, Severity
from osler.core.rendering.passages import passage
from osler.core.rendering.report import PageReport, Report, Statement, Told
from osler.core.rendering.text import count_line, reason

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&$])")
# At the start of a line these would make a heading, a list or a quotation.
_OPENING = re.compile(r"^(\s*)([#+\-=]|\d{1,9}[.)])")
# GitHub would tell a person of that name that they are spoken of; a joiner stops it.
_MENTION = re.compile(r"@(?=\w)")
_FINE = ("supported",)
_LONGEST = 300
_TOLD_ONCE = 3


def report_as_markdown(report: Report) -> str:
    """The whole report, without a closing newline."""
    blocks = [f"# What Osler found: {escaped(report.title)}", _summary(report)]
    if len(report.pages) > 1:
        blocks.append(_overview(report))
    in_pages = {page.file for page in report.pages}
    for page in report.pages:
        blocks += _page(page, [t for t in report.told if t.diagnostic.place.file == page.file])
    others = [t for t in report.told if t.diagnostic.place.file not in in_pages]
    blocks += _others(others, bool(report.pages))
    return "\n\n".join(block for block in blocks if block)


def escaped(text: str) -> str:
    r"""The text on one line, so that Markdown shows it as it stands.

    Examples
    --------
    >>> print(escaped("*p* < 0.05 [x]"))
    \*p\* \< 0.05 \[x\]
    """
    text = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _MENTION.sub("@\u2060", _OPENING.sub(_backslash, text))


def _backslash(match: re.Match[str]) -> str:
    space, opening = match[1], match[2]
    return f"{space}{opening[:-1]}\\{opening[-1]}"


def _summary(report: Report) -> str:
    if not report.ran:
        return "**Nothing could be checked.**"
    lines = count_line(report.standing, report.checked, report.set_aside).splitlines()
    return "\n".join(map(escaped, lines))


def _overview(report: Report) -> str:
    rows = ["| Page | Errors | Warnings | |", "| --- | ---: | ---: | --- |"]
    for page in report.pages:
        found = [d for d in report.standing if d.place.file == page.file]
        errors, warnings = (_count(found, s) for s in (Severity.ERROR, Severity.WARNING))
        state = "to be changed" if errors else "to be looked at" if warnings else "as it should be"
        draft = ", a draft" if page.draft else ""
        rows.append(f"| {_name(page)} | {errors} | {warnings} | {state}{draft} |")
    return "\n".join(rows)


def _count(found: Iterable[Diagnostic], severity: Severity) -> int:
    return sum(d.severity is severity for d in found)


def _name(page: PageReport) -> str:
    return escaped(page.title or page.file)


def _page(page: PageReport, told: Sequence[Told]) -> Iterator[str]:
    yield f"## {_name(page)}"
    yield f"File: {_code(page.file)}{' (a draft)' if page.draft else ''}"
    if page.statements:
        yield "### How its marked statements fared"
        yield _verdicts(page.statements)
    standing = [t for t in told if t.aside is None]
    findings = [t for t in standing if t.diagnostic.is_finding]
    if findings:
        yield "### What to change"
        often = _often(t.diagnostic.so for t in findings)
        if often:
            yield f"Where nothing else is said: {escaped(often)}."
        yield from (_finding(n, t, often) for n, t in enumerate(findings, start=1))
    else:
        yield "There is nothing to change."
    yield from _notes([t for t in standing if not t.diagnostic.is_finding])
    yield from _set_aside([t for t in told if t.aside is not None])


def _often(consequences: Iterable[str]) -> str:
    """What follows from so many findings that it is told once; empty where nothing does."""
    counts = Counter(text for text in consequences if text).most_common(1)
    return counts[0][0] if counts and counts[0][1] >= _TOLD_ONCE else ""


def _verdicts(statements: Sequence[Statement]) -> str:
    rows = ["| Line | Statement | Verdict | Evidence |", "| ---: | --- | --- | --- |"]
    for s in statements:
        verdict = s.verdict if s.verdict in _FINE else f"**{escaped(s.verdict)}**"
        rows.append(
            f"| {s.line} | {escaped(_short(s.words))} | {verdict} | {escaped(_short(s.evidence))} |"
        )
    return "\n".join(rows)


def _finding(number: int, told: Told, often: str) -> str:
    d = told.diagnostic
    lines = [f"**{number}. {escaped(_sentence(d.message))}**", _quotation(told)]
    # What only says the sentence again is left out, and so is what was told for all.
    found = "" if d.found.strip('"') == " ".join(told.text.split()) else d.found
    follows = "" if d.so == often else d.so
    points = [("Why", found), ("What follows", follows), ("What to do", d.help)]
    if d.fix is not None:
        points.append(("Safe rewriting", d.fix.text))
    told_points = "\n".join(f"- {name}: {escaped(text)}" for name, text in points if text)
    where = f"{d.severity.value.capitalize()}, line {d.place.line}, `{d.code}`"
    if d.rule:
        where += f", rule {_code(d.rule)}"
    return "\n\n".join(part for part in (*lines, f"{told_points}\n- {where}") if part)


def _quotation(told: Told) -> str:
    """The sentence, its faulty words in bold."""
    words = " ".join(passage(told.diagnostic.place).split())
    text = " ".join(told.text.split())
    if not text or text == "---":  # the fence of the front matter: it is said of the whole page
        return ""
    at = text.find(words)
    if at < 0 or not words:
        return f"> {escaped(_short(text))}"
    before, after = text[:at], text[at + len(words) :]
    if len(text) > _LONGEST:
        before, after = _tail(before), _short(after)
    spaced = (_edge(before), f"**{escaped(words)}**", _edge(after))
    return f"> {''.join(spaced)}"


def _edge(text: str) -> str:
    """Escaped, with the space that joins it to its neighbour."""
    lead = " " if text[:1].isspace() else ""
    trail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{lead}{escaped(text)}{trail}"


def _tail(text: str) -> str:
    return text if len(text) <= _LONGEST else f"… {text[-_LONGEST:].partition(' ')[2]}"


def _short(text: str) -> str:
    text = " ".join(text.split()) if not text[:1].isspace() else " " + " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} …"


def _notes(told: Sequence[Told]) -> Iterator[str]:
    if told:
        yield "### Good to know"
        yield "\n".join(_line(t) for t in told)


def _set_aside(told: Sequence[Told]) -> Iterator[str]:
    if told:
        yield "### Set aside"
        yield "\n".join(f"{_line(t)}: {escaped(reason(t.aside))}" for t in told if t.aside)


def _line(told: Told) -> str:
    d = told.diagnostic
    return f"- Line {d.place.line}, `{d.code}`: {escaped(d.message)}"


def _others(told: Sequence[Told], beside_pages: bool) -> Iterator[str]:
    """What was found in the tables and settings, in a line each; notes are only counted."""
    standing = [t.diagnostic for t in told if t.aside is None]
    if not standing:
        return
    yield "## In the tables and settings" if beside_pages else "## Findings"
    lines = [
        f"- {_code(d.place.file)}, line {d.place.line}: {escaped(d.message)}"
        f"{'; ' + escaped(d.found) if d.found else ''} (`{d.code}`)"
        for d in standing
        if d.is_finding
    ]
    notes = sum(not d.is_finding for d in standing)
    if notes:
        plural = "s" if notes > 1 else ""
        lines.append(f"- {notes} note{plural} on the tables; `osler check` tells them")
    yield "\n".join(lines)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _code(text: str) -> str:
    """Text as code, fenced by more backticks than stand in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{' '.join(text.split())}{space}{fence}"
