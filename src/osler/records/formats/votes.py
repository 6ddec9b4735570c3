"""Screening decisions in the exports of Rayyan, Covidence, EPPI-Reviewer, abstrackr, ASReview."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from osler.records.formats.columns import Columns, column_name
from osler.records.model import Decision, RawField, Stage, Verdict

_VERDICTS = {
    "include": Verdict.INCLUDE, "included": Verdict.INCLUDE, "yes": Verdict.INCLUDE,
    "i": Verdict.INCLUDE, "in": Verdict.INCLUDE, "relevant": Verdict.INCLUDE, "1": Verdict.INCLUDE,
    "true": Verdict.INCLUDE, "select": Verdict.INCLUDE, "accept": Verdict.INCLUDE,
    "accepted": Verdict.INCLUDE,
    "exclude": Verdict.EXCLUDE, "excluded": Verdict.EXCLUDE, "no": Verdict.EXCLUDE,
    "e": Verdict.EXCLUDE, "irrelevant": Verdict.EXCLUDE, "0": Verdict.EXCLUDE,
    "out": Verdict.EXCLUDE,
    "false": Verdict.EXCLUDE, "reject": Verdict.EXCLUDE, "rejected": Verdict.EXCLUDE,
    "not relevant": Verdict.EXCLUDE,
    "maybe": Verdict.MAYBE, "unsure": Verdict.MAYBE, "uncertain": Verdict.MAYBE, "?": Verdict.MAYBE,
}  # fmt: skip
_ABSTRACKR = {"1": Verdict.INCLUDE, "-1": Verdict.EXCLUDE, "0": Verdict.MAYBE}
_LABELS = {"1": Verdict.INCLUDE, "0": Verdict.EXCLUDE}
_LABEL_COLUMNS = frozenset(
    {"label included", "included", "final included", "label", "asreview label", "included label"}
)
_VOTE_COLUMNS = frozenset(
    "decision|verdict|status|screening decision|screening status|include exclude|i e d s flag|"
    "item status|state|inclusion decision|title abstract decision|full text decision|"
    "final decision|screening vote|vote|covidence status|review status|include".split("|")
)
_REASON_COLUMNS = ("exclusion reason", "exclusion reasons", "reason for exclusion", "reason")
_WHEN = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})")

_RAYYAN = re.compile(r"RAYYAN-INCLUSION:\s*\{(?P<votes>[^}]*)\}", re.IGNORECASE)
_RAYYAN_VOTE = re.compile(r"\"(?P<who>[^\"]*)\"\s*(?:=>|:)\s*\"(?P<vote>[^\"]*)\"")
_RAYYAN_LABELS = re.compile(r"RAYYAN-LABELS:\s*(?P<labels>[^|\n]*)", re.IGNORECASE)
_RAYYAN_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*(?P<reasons>[^|\n]*)", re.IGNORECASE)
_ASREVIEW = re.compile(r"\bASReview_(?P<vote>relevant|irrelevant|not_seen)\b", re.IGNORECASE)
_COVIDENCE_REASON = re.compile(r"Exclusion reason:\s*(?P<reason>[^;\n]+)", re.IGNORECASE)
_COVIDENCE_FILE = re.compile(
    r"review_\d+_(?P<list>irrelevant|excluded|included|extraction|select|screen)", re.IGNORECASE
)


def votes_in_notes(key: str, texts: Sequence[str]) -> Iterator[Decision]:
    """The decisions that Rayyan and ASReview write into the notes of a record.

    Examples
    --------
    >>> note = 'RAYYAN-INCLUSION: {"Reviewer One"=>"Excluded"} | RAYYAN-LABELS: pilot'
    >>> [(d.who, d.verdict.value, d.labels) for d in votes_in_notes("1", [note])]
    [('Reviewer One', 'exclude', ('pilot',))]
    """
    text = "\n".join(texts)
    if match := _RAYYAN.search(text):
        yield from _rayyan(key, match["votes"], text)
    for match in _ASREVIEW.finditer(text):
        verdict = {"relevant": Verdict.INCLUDE, "irrelevant": Verdict.EXCLUDE}.get(match[1].lower())
        if verdict is not None:
            yield _decision(key, verdict, "ASReview")


def _rayyan(key: str, votes: str, text: str) -> Iterator[Decision]:
    labels = _listed(_RAYYAN_LABELS.search(text), "labels")
    reasons = _listed(_RAYYAN_REASONS.search(text), "reasons")
    for vote in _RAYYAN_VOTE.finditer(votes):
        verdict = verdict_of(vote["vote"])
        if verdict is not None:
            excluded = verdict is Verdict.EXCLUDE
            reason = "; ".join(reasons) if excluded else ""
            yield _decision(key, verdict, vote["who"], reason=reason, labels=labels)


def _listed(match: re.Match[str] | None, group: str) -> tuple[str, ...]:
    if match is None:
        return ()
    return tuple(part.strip() for part in match[group].split(",") if part.strip())


def verdict_of(text: str) -> Verdict | None:
    """The verdict that a word of a screening tool stands for; None where it is none.

    Examples
    --------
    >>> verdict_of("Included").value, verdict_of("Duplicate")
    ('include', None)
    """
    return _VERDICTS.get(text.strip().lower())


def _decision(
    key: str,
    verdict: Verdict,
    who: str,
    *,
    stage: Stage = Stage.TITLE_ABSTRACT,
    reason: str = "",
    when: str = "",
    labels: tuple[str, ...] = (),
) -> Decision:
    return Decision(key, stage, verdict, who, when, reason, labels=labels, role="imported")


def votes_in_row(
    key: str, fields: Sequence[RawField], columns: Columns, file: str
) -> Iterator[Decision]:
    """The decisions in one row of a screening tool's table."""
    notes = [text for _, text, _ in fields if "RAYYAN" in text or "ASReview_" in text]
    noted = list(votes_in_notes(key, notes)) if notes else []
    yield from noted
    if columns.tool == "abstrackr":
        yield from _abstrackr(key, fields, columns)
    elif not noted and (columns.tool == "Covidence" or _telling(columns.headers)):
        telling = _telling(columns.headers)
        cells = {column_name(raw.tag): raw.value for raw in fields if raw.tag in telling}
        yield from _in_columns(key, cells, columns, file)


@lru_cache(maxsize=64)
def _telling(headers: tuple[str, ...]) -> frozenset[str]:
    """Of a table's headers those that may tell a decision, or its reason."""
    known = _LABEL_COLUMNS | _VOTE_COLUMNS | set(_REASON_COLUMNS) | {"notes"}
    return frozenset(header for header in headers if column_name(header) in known)


def _in_columns(
    key: str, cells: Mapping[str, str], columns: Columns, file: str
) -> Iterator[Decision]:
    reason = _reason(cells)
    for name, cell in cells.items():
        verdict = None
        if name in _LABEL_COLUMNS:
            verdict = _LABELS.get(cell.strip().removesuffix(".0"))
        elif name in _VOTE_COLUMNS:
            verdict = verdict_of(cell)
        if verdict is not None:
            given = reason if verdict is Verdict.EXCLUDE else ""
            stage = Stage.FULL_TEXT if given or "full" in name else Stage.TITLE_ABSTRACT
            yield _decision(key, verdict, columns.tool or "imported", stage=stage, reason=given)
            return
    if columns.tool == "Covidence":
        yield from _covidence(key, file, reason)


def _reason(cells: Mapping[str, str]) -> str:
    for name in _REASON_COLUMNS:
        if cells.get(name, "").strip():
            return cells[name].strip()
    match = _COVIDENCE_REASON.search(cells.get("notes", ""))
    return match["reason"].strip() if match else ""


def _covidence(key: str, file: str, reason: str) -> Iterator[Decision]:
    """Covidence gives one file for each list, and names the list in the file's name."""
    match = _COVIDENCE_FILE.search(file)
    listed = match["list"].lower() if match else ""
    if reason or listed == "excluded":
        stage, verdict = Stage.FULL_TEXT, Verdict.EXCLUDE
    elif listed in ("included", "extraction"):
        stage, verdict = Stage.FULL_TEXT, Verdict.INCLUDE
    elif listed == "irrelevant":
        stage, verdict = Stage.TITLE_ABSTRACT, Verdict.EXCLUDE
    elif listed == "select":
        stage, verdict = Stage.TITLE_ABSTRACT, Verdict.INCLUDE
    else:
        return
    yield _decision(key, verdict, "Covidence", stage=stage, reason=reason)


def _abstrackr(key: str, fields: Sequence[RawField], columns: Columns) -> Iterator[Decision]:
    """One column a screener, headed by the name; the time stands in the column behind it."""
    for i, raw in enumerate(fields):
        if raw.value.strip() in _ABSTRACKR and _is_screener(raw.tag, columns):
            behind = fields[i + 1] if i + 1 < len(fields) else None
            timed = behind is not None and column_name(behind.tag) == "labeled at"
            match = _WHEN.match(behind.value) if behind is not None and timed else None
            when = f"{match[1]}T{match[2]}Z" if match else ""
            verdict = _ABSTRACKR[raw.value.strip()]
            yield _decision(key, verdict, raw.tag.strip() or "imported", when=when)


def _is_screener(header: str, columns: Columns) -> bool:
    """Abstrackr's screeners stand right of the consensus."""
    names = [column_name(h) for h in columns.headers]
    name = column_name(header)
    after = names.index("consensus") if "consensus" in names else len(names)
    return name not in ("consensus", "labeled at") and name in names[after:] and "notes" not in name


def eppi_votes(key: str, status: str) -> Iterator[Decision]:
    """EPPI-Reviewer's status of an item: "Included", "Excluded", or its letter."""
    verdict = verdict_of(status)
    if verdict is not None:
        yield _decision(key, verdict, "EPPI-Reviewer")
