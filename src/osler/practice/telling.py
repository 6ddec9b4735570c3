"""An audit in words that a page may use: counts first, the missing always."""

from osler.core.wording import counted, percent
from osler.practice.model import Audit


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
