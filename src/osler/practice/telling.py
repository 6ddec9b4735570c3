"""An audit in words that a page may use: counts first, the missing always."""

import math
from collections.abc import Sequence

from osler.core.wording import counted, number, percent
from osler.practice.model import Audit, Benchmark, Change


def describe(audit: Audit) -> str:
    """The audit in two or three sentences.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> from osler.practice.audit import audit
    >>> from osler.review.model import Episode
    >>> known = [True] * 6 + [False] * 2 + [None] * 2
    >>> rows = [Episode(f"E{n}", "", "sciatica", "", 5, "", None, None, known[n], "", Place(""))
    ...         for n in range(10)]
    >>> print(describe(audit(rows, "sciatica")))
    Of 10 people, 6 recovered, 2 did not, and of 2 we do not know; so at least 60% and at most 80% \
recovered.
    """
    share = audit.share
    counts = (
        f"Of {counted(share.everybody, 'person', 'people')}, {share.recovered} recovered, "
        f"{share.known - share.recovered} did not"
    )
    if share.missing:
        return (
            f"{counts}, and of {share.missing} we do not know; so at least "
            f"{percent(share.worst)} and at most {percent(share.best)} recovered."
        )
    return f"{counts} ({percent(share.worst)} recovered)."


def describe_sessions(audit: Audit) -> str:
    """Sessions until recovery, in one sentence; "" where they were not counted."""
    sessions = audit.sessions
    if sessions is None:
        return ""
    return (
        f"Of the {sessions.n} who recovered, half had up to {sessions.median:g} sessions, and the "
        f"middle half between {sessions.lower:g} and {sessions.upper:g}."
    )


def describe_ends(audit: Audit) -> str:
    """How many began, and how it ended, in one sentence."""
    ends = audit.ends
    still = f", {counted(ends.continuing, 'still comes', 'still come')}" if ends.continuing else ""
    return (
        f"{counted(ends.started, 'person', 'people')} began: {ends.finished} finished, "
        f"{ends.stopped} stopped coming{still}; of {ends.answered} the outcome is known."
    )


def describe_waiting(audit: Audit, within: int) -> str:
    """What had happened by a number of sessions; "" where sessions were not counted.

    Stopping is told beside recovery, because who stopped has not been shown to recover.
    """
    if audit.waiting is None:
        return ""
    recovered, lower, upper = audit.waiting.by(within)
    stopped, _, _ = audit.waiting.by(within, 1)
    still = max(0.0, 1 - recovered - stopped)
    return (
        f"Within {counted(within, 'session')}, {percent(recovered)} had recovered (95% interval "
        f"{percent(lower)} to {percent(upper)}), {percent(stopped)} had stopped coming without a "
        f"known recovery, and {percent(still)} were still under way."
    )


def describe_change(change: Change) -> str:
    """One measure in one or two sentences, the missing named."""
    others = f"; of {counted(change.missing, 'other')} it is not known" if change.missing else ""
    told = ""
    if not math.isnan(change.baseline):
        interval = (
            ""
            if math.isnan(change.ci_lower)
            else f", 95% interval {number(change.ci_lower, 1)} to {number(change.ci_upper, 1)}"
        )
        told = (
            f"{change.measure}: on average {number(change.baseline, 1)} before and "
            f"{number(change.last, 1)} at the last session in the "
            f"{counted(change.n, 'person', 'people')} with both (a change of "
            f"{number(change.difference, 1)}{interval}){others}."
        )
    if change.improved is None:
        return told
    share = change.improved.share
    verb = "answered" if math.isnan(change.baseline) else "improved"
    lead = f"{told} " if told else f"{change.measure}: "
    return (
        f"{lead}{share.recovered} of {share.known} {verb} {change.improved.by}; of all "
        f"{share.everybody} at least {percent(share.worst)} and at most {percent(share.best)}."
    )


def describe_unwanted(audit: Audit) -> str:
    """Unwanted effects, with what a count of none can and cannot show."""
    seen = audit.unwanted
    if seen is None:
        return "Nobody was asked about unwanted effects, so nothing can be said of safety."
    missing = (
        f" {counted(seen.missing, 'was not asked', 'were not asked')}." if seen.missing else ""
    )
    any_ = seen.minor + seen.serious
    text = (
        f"Of {counted(seen.asked, 'person', 'people')} who were asked, {any_} had an unwanted "
        f"effect ({percent(any_ / seen.asked)}; 95% interval {percent(seen.any_lower)} to "
        f"{percent(seen.any_upper)})"
    )
    if seen.serious:
        return f"{text}, {seen.serious} of them a serious one.{missing}"
    return (
        f"{text}, none of them a serious one; with so few people, a serious one in as many as "
        f"1 in {max(1, round(1 / seen.none_upper))} could have been missed.{missing}"
    )


def describe_benchmark(found: Benchmark) -> str:
    """What happened without the treatment, in trials."""
    weeks = (
        ""
        if math.isnan(found.first_week)
        else f" after {found.first_week:g} weeks"
        if found.first_week == found.last_week
        else f" after {found.first_week:g} to {found.last_week:g} weeks"
    )
    spread = (
        f"{percent(found.median)}"
        if found.trials == 1
        else f"between {percent(found.lowest)} and {percent(found.highest)} "
        f"(median {percent(found.median)})"
    )
    return (
        f"Without the treatment: in the control groups of {counted(found.trials, 'trial')} "
        f'({found.people} people), {spread} had the outcome "{found.outcome}"{weeks}. They are '
        "other people, measured otherwise; the figure shows how much gets better anyway."
    )


_NOT_THE_REASON = (
    "Not that the treatment cured, helped, works or was the reason: nobody was left without it, "
    "and many get better anyway."
)


def not_to_say(audit: Audit) -> Sequence[str]:
    """What a page may not say on the strength of this audit, each with its reason.

    Examples
    --------
    >>> from osler.core.diagnostics import Place
    >>> from osler.practice.audit import audit
    >>> from osler.review.model import Episode
    >>> known = [True] * 6 + [False] * 2 + [None] * 2
    >>> rows = [Episode(f"E{n}", "", "sciatica", "", 5, "", None, None, known[n], "", Place(""))
    ...         for n in range(10)]
    >>> print(not_to_say(audit(rows, "sciatica"))[1])
    Not “75% recovered”: of 2 nobody knows, and it is at least 60% and at most 80%.
    """
    share, seen = audit.share, audit.unwanted
    found = [_NOT_THE_REASON]
    if share.known and share.missing:
        found.append(
            f"Not “{percent(share.proportion)} recovered”: of {share.missing} nobody "
            f"knows, and it is at least {percent(share.worst)} and at most {percent(share.best)}."
        )
    found.append("Not that a reader will recover, nor by when: these were other people.")
    if audit.changes:
        found.append(
            "Not that a score fell because of the treatment: people come when it is at its worst, "
            "so a later score is lower on average even where nothing helped."
        )
    if seen is None:
        found.append("Not that the treatment is safe: nobody was asked.")
    elif not seen.serious:
        found.append(
            "Not that the treatment is safe: with so few people, a serious unwanted effect in as "
            f"many as 1 in {max(1, round(1 / seen.none_upper))} could have been missed."
        )
    return tuple(found)
