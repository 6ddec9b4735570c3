"""How a comment was sent: the form's age, the field that only machines fill in, how many came."""

from datetime import datetime, timedelta

from osler.web.comments.layers.finding import Finding
from osler.web.comments.limits import Limits


def judge_form(opened: datetime | None, filled: str, now: datetime, limits: Limits) -> Finding:
    """The form's signed time, and the field that people do not see.

    Examples
    --------
    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 2, 12, tzinfo=UTC)
    >>> judge_form(now - timedelta(seconds=1), "", now, Limits()).reason
    'sent 1 s after the form was opened; people take longer than 3 s'
    """
    problems = [_age(opened, now, limits)]
    if filled:
        problems.append("a field that people do not see was filled in")
    told = [p for p in problems if p]
    if told:
        return Finding("form", "hold", "; ".join(told))
    return Finding("form", "clean", "filled in as a person does")


def _age(opened: datetime | None, now: datetime, limits: Limits) -> str:
    if opened is None:
        return "not sent from the page's own form"
    open_for = now - opened
    if open_for < timedelta(seconds=limits.fewest_seconds):
        seconds = max(0, int(open_for.total_seconds()))
        least = limits.fewest_seconds
        return f"sent {seconds} s after the form was opened; people take longer than {least} s"
    if open_for > timedelta(hours=limits.most_hours):
        return f"the form was open for more than {limits.most_hours} hours"
    return ""


def judge_rate(count: int, limits: Limits) -> Finding:
    """How many comments the same visitor sent within the hour.

    Examples
    --------
    >>> judge_rate(1, Limits()).verdict, judge_rate(6, Limits()).verdict
    ('clean', 'hold')
    """
    reason = f"comment {count} from the same visitor within the hour"
    if count > limits.per_hour:
        return Finding("rate", "hold", f"{reason}; {limits.per_hour} are usual")
    return Finding("rate", "clean", reason)
