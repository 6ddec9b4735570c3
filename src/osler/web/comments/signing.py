"""Signed stamps and links: a form's age, and a writer's key to a comment of their own."""

from datetime import datetime

from django.core import signing

_FORM = "osler.comments.form"
_WRITER = "osler.comments.writer"


def form_stamp(page: str, now: datetime) -> str:
    """What a form carries to tell when it was opened and for which page.

    Examples
    --------
    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 2, tzinfo=UTC)
    >>> opened_at(form_stamp("sciatica", now), "sciatica") == now
    True
    >>> opened_at(form_stamp("sciatica", now), "another") is None
    True
    """
    return signing.dumps([page, int(now.timestamp())], salt=_FORM)


def opened_at(stamp: str, page: str) -> datetime | None:
    """When the form was opened; None where the stamp is not ours or of another page."""
    try:
        told, seconds = signing.loads(stamp, salt=_FORM)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    from_utc = datetime.fromisoformat("1970-01-01T00:00:00+00:00").tzinfo
    return datetime.fromtimestamp(seconds, from_utc) if told == page else None


def writer_token(comment: int) -> str:
    """What the link in the writer's e-mail carries; nobody else can make it.

    Examples
    --------
    >>> comment_of(writer_token(12)), comment_of(writer_token(12) + "x")
    (12, None)
    """
    return signing.Signer(salt=_WRITER).sign(str(comment)).replace(":", ".")


def comment_of(token: str) -> int | None:
    """Which comment a link is for; None where the link is not ours."""
    number, _, signature = token.partition(".")
    try:
        return int(signing.Signer(salt=_WRITER).unsign(f"{number}:{signature}"))
    except (signing.BadSignature, ValueError):
        return None
