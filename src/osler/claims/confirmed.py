"""What a person confirmed, against which evidence, and whether that is still the evidence.

``confirmed.json`` stands in the review folder: one entry for each marked passage, in the
order of pages, so that version control shows what was confirmed anew. It is written by
``osler confirm`` and read by every check.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from osler.certainty.model import Finding
from osler.claims.model import Judged, Page, Span, Verdict
from osler.claims.rulings import Ruling, warning, worst_of
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.effects.scales import Scale, estimate_cell, scale_of
from osler.review.model import Fact, Mechanism, Outcome, Review

FILE = "confirmed.json"
FORMAT = 1

Key = tuple[str, tuple[str, ...], str]

_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d\u00a0", "''\"\" ")


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood behind one question, fact or mechanism, as a reader saw it.

    ``level`` and ``result`` ("better, small") are empty for facts and mechanisms.
    ``statement`` is for people; a change of it alone is no change of the evidence.
    """

    about: str
    level: str
    result: str
    estimate: str
    studies: tuple[str, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One passage of a page as somebody confirmed it. ``date`` is YYYY-MM-DD."""

    page: str
    about: tuple[str, ...]
    words: str
    by: str
    date: str
    evidence: tuple[Shown, ...]
    place: Place = field(default=Place(FILE), compare=False)

    @property
    def key(self) -> Key:
        return self.page, self.about, self.words


@dataclass(frozen=True, slots=True)
class Confirmations:
    """All that ``confirmed.json`` holds, by page, question and words."""

    entries: Mapping[Key, Confirmation] = field(default_factory=dict)

    def of(self, span: Span, page: str) -> Confirmation | None:
        """The confirmation of a marked passage, None where nobody confirmed these words."""
        return self.entries.get(key_of(span, page))


def normalised(words: str) -> str:
    r"""Words without what a change of layout changes: white space, capitals, the full stop.

    Examples
    --------
    >>> normalised(" May  reduce\nleg pain. ")
    'may reduce leg pain'
    """
    return " ".join(words.translate(_QUOTES).split()).casefold().rstrip(". ")


def key_of(span: Span, page: str) -> Key:
    """Page, questions and words: another of these is another claim."""
    return page, span.about, normalised(span.text)


def evidence_of(judged: Judged, review: Review) -> tuple[Shown, ...]:
    """What stands behind a marked passage now, in the order of its ``about``."""
    out: list[Shown] = []
    findings = {finding.about: finding for finding in judged.findings}
    for about in judged.span.about:
        rows = [m for m in review.mechanisms if m.mechanism == about]
        if judged.span.kind == "mechanism" and rows:
            out.append(_mechanism(about, rows))
        elif judged.span.kind == "fact" and about in review.facts:
            out.append(_fact(review.facts[about]))
        elif about in findings:
            out.append(_finding(findings[about]))
    return tuple(out)


def _finding(finding: Finding) -> Shown:
    pooled = finding.synthesis.random
    cell = estimate_cell(_scale(finding.outcome), pooled.estimate, pooled.ci_lower, pooled.ci_upper)
    return Shown(
        finding.about,
        finding.certainty.level.word,
        f"{finding.direction}, {finding.size}",
        f"{finding.outcome.measure} {cell}",
        tuple(sorted(effect.study for effect in finding.answer.effects)),
        finding.statement,
    )


def _scale(outcome: Outcome) -> Scale:
    span = None if outcome.low is None or outcome.high is None else outcome.high - outcome.low
    return scale_of(outcome.measure, unit=outcome.unit or "points", span=span)


def _fact(fact: Fact) -> Shown:
    numbers = [f"{x:g}" for x in (fact.value, fact.low, fact.high) if x is not None]
    told = f"{', '.join(numbers)} {fact.unit}".strip() if numbers else fact.statement
    return Shown(fact.id, "", "", told, (fact.reference or fact.source,), fact.statement)


def _mechanism(about: str, rows: Sequence[Mechanism]) -> Shown:
    ways = sorted({row.direction for row in rows})
    told = ", ".join(f"{sum(row.direction == w for row in rows)} {w}" for w in ways)
    studies = sorted(f"{row.citation[:60]} {row.year or ''}".strip() for row in rows)
    return Shown(about, "", "", told, tuple(studies), "")


def hold_against(judged: Judged, page: Page, review: Review, confirmed: Confirmations) -> Judged:
    """The verdict out of date, with what changed, where the evidence is not the confirmed one."""
    entry = confirmed.of(judged.span, page.file)
    if entry is None:
        return judged
    changes = [*_changes(entry.evidence, evidence_of(judged, review))]
    if not changes:
        return judged
    ruling = _out_of_date(judged.span, entry, changes)
    return replace(
        judged,
        verdict=worst_of((judged.verdict, ruling.verdict)),
        diagnostics=(*judged.diagnostics, ruling.diagnostic),
    )


def _out_of_date(span: Span, entry: Confirmation, changes: Sequence[str]) -> Ruling:
    return warning(
        Verdict.OUT_OF_DATE,
        "CLM056",
        span.place,
        "the evidence has changed since this claim was confirmed",
        f"confirmed by {entry.by} on {entry.date}; since then {'; '.join(changes)}",
        "read it beside the new evidence, then run osler confirm, or change the words",
    )


def _changes(before: Sequence[Shown], now: Sequence[Shown]) -> Iterator[str]:
    there = {shown.about: shown for shown in now}
    for old in before:
        new = there.pop(old.about, None)
        if new is None:
            yield f"{old.about}: there is no evidence any more (it was {old.estimate})"
            continue
        told = [*_differences(old, new)]
        if told:
            yield f"{old.about}: {', '.join(told)}"
    for new in there.values():
        yield f"{new.about}: evidence that was not there ({new.estimate})"


def _differences(old: Shown, new: Shown) -> Iterator[str]:
    if old.estimate != new.estimate:
        yield f"{old.estimate} then, {new.estimate} now"
    if old.result != new.result:
        yield f"{old.result} then, {new.result} now"
    if old.level != new.level:
        yield f"{old.level} certainty then, {new.level} now"
    added = [study for study in new.studies if study not in old.studies]
    gone = [study for study in old.studies if study not in new.studies]
    if added:
        yield f"added {_listed(added)}"
    if gone:
        yield f"no longer there {_listed(gone)}"


def _listed(studies: Sequence[str]) -> str:
    more = f" and {len(studies) - 4} more" if len(studies) > 4 else ""
    return ", ".join(studies[:4]) + more


def unused(page: Page, confirmed: Confirmations) -> list[Diagnostic]:
    """Notes on confirmations of words that no longer stand on their page."""
    used = {key_of(span, page.file) for span in page.spans}
    return [
        _unused(entry)
        for entry in confirmed.entries.values()
        if entry.page == page.file and entry.key not in used
    ]


def of_lost_pages(confirmed: Confirmations, files: Iterable[str]) -> list[Diagnostic]:
    """Notes on confirmations for pages that are no longer in the folder."""
    there = set(files)
    return [_unused(e) for e in confirmed.entries.values() if e.page not in there]


def _unused(entry: Confirmation) -> Diagnostic:
    words = entry.words if len(entry.words) <= 100 else entry.words[:97] + "..."
    return Diagnostic(
        "CLM057",
        Severity.NOTE,
        entry.place,
        "a confirmation belongs to no claim",
        f'{entry.page}: "{words}" about {"; ".join(entry.about)}, confirmed by {entry.by} '
        f"on {entry.date}",
        "a changed sentence is a new claim that nobody has confirmed",
        "run osler confirm for the page, which drops what is no longer there",
    )


def confirm(
    judged: Iterable[Judged],
    page: Page,
    review: Review,
    confirmed: Confirmations,
    *,
    by: str,
    date: str,
) -> Confirmations:
    """These passages of a page confirmed, in place of all that was confirmed of it before.

    What was confirmed already, against the same evidence, keeps its name and date.
    """
    kept = {k: e for k, e in confirmed.entries.items() if e.page != page.file}
    for one in judged:
        shown = evidence_of(one, review)
        old = confirmed.of(one.span, page.file)
        if old is not None and not [*_changes(old.evidence, shown)]:
            kept[old.key] = old
            continue
        new = Confirmation(*key_of(one.span, page.file), by, date, shown)
        kept[new.key] = new
    return Confirmations(kept)


def render_confirmations(confirmed: Confirmations) -> str:
    """The text of ``confirmed.json``: sorted, indented, with a newline at its end.

    Examples
    --------
    >>> print(render_confirmations(Confirmations()), end="")
    {
      "format": 1,
      "confirmed": []
    }
    """
    entries = [
        {
            "page": entry.page,
            "about": list(entry.about),
            "words": entry.words,
            "by": entry.by,
            "date": entry.date,
            "evidence": [asdict(shown) for shown in entry.evidence],
        }
        for entry in sorted(confirmed.entries.values(), key=lambda entry: entry.key)
    ]
    value = {"format": FORMAT, "confirmed": entries}
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def parse_confirmations(
    text: str, file: str = FILE
) -> tuple[Confirmations, tuple[Diagnostic, ...]]:
    """The confirmations of a folder, and what is wrong with their file.

    Parameters
    ----------
    text : str
        The content of ``confirmed.json``; "" where there is none.
    file : str
        Its name, for the places of findings.

    Returns
    -------
    Confirmations, tuple of Diagnostic
        Entries that cannot be read are left out and told (CLM058).

    Examples
    --------
    >>> parse_confirmations("")[1]
    ()
    >>> [d.code for d in parse_confirmations("{")[1]]
    ['CLM058']
    """
    if not text.strip():
        return Confirmations(), ()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        return Confirmations(), (_unreadable(Place(file), "it is not JSON", str(problem)[:80]),)
    entries = value.get("confirmed") if isinstance(value, dict) else None
    if not isinstance(entries, list) or value.get("format") != FORMAT:
        found = f'expected {{"format": {FORMAT}, "confirmed": [...]}}'
        return Confirmations(), (_unreadable(Place(file), "it has another form", found),)
    places = _places(text, file, len(entries))
    read = [_entry(entry, place) for entry, place in zip(entries, places, strict=True)]
    good = {entry.key: entry for entry in read if entry is not None}
    bad = [
        _unreadable(place, f"entry {n} lacks a part", "page, about, words, by, date, evidence")
        for n, (entry, place) in enumerate(zip(read, places, strict=True), start=1)
        if entry is None
    ]
    return Confirmations(good), tuple(bad)


def _places(text: str, file: str, entries: int) -> list[Place]:
    """Where the words of each entry stand, as far as the file is laid out as we write it."""
    out = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith('"words":'):
            column = line.index('"words":') + 1
            out.append(Place(file, number, column, len(line) + 1, "", line))
    return out if len(out) == entries else [Place(file)] * entries


def _entry(value: object, place: Place) -> Confirmation | None:
    try:
        if not isinstance(value, dict):
            return None
        shown = tuple(_shown(part) for part in value["evidence"])
        page, words, by, date = (_text(value[k]) for k in ("page", "words", "by", "date"))
        return Confirmation(page, _texts(value["about"]), words, by, date, shown, place)
    except (KeyError, TypeError):
        return None


def _shown(value: Mapping[str, object]) -> Shown:
    return Shown(
        about=_text(value["about"]),
        level=_text(value["level"]),
        result=_text(value["result"]),
        estimate=_text(value["estimate"]),
        studies=_texts(value["studies"]),
        statement=_text(value["statement"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(part) for part in value)


def _unreadable(place: Place, what: str, found: str) -> Diagnostic:
    return Diagnostic(
        "CLM058",
        Severity.ERROR,
        place,
        f"{place.file} cannot be read: {what}",
        found,
        "what was confirmed is not compared with the evidence",
        "restore the last good version, or delete the file and run osler confirm again",
    )
