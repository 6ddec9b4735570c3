"""How much, how long, how strict: the settings of comments, with what holds without them."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    """``OSLER_COMMENTS`` in the settings overrides any of these.

    Attributes
    ----------
    show : "moderated" or "clean"
        Whether every comment waits for a moderator, or only those that a layer holds.
    per_hour, refuse_per_hour : int
        Comments from one visitor in an hour: above the first they are held, above the second
        not taken, and the visitor is told so.
    edits_per_hour : int
        How often one comment may be changed by its writer's link in an hour.
    mails_a_day : int
        How many unconfirmed comments one e-mail address may have waiting.
    fewest_seconds, most_hours : int
        How long the form must have been open at least, and may have been at most.
    links : int
        More links than this hold a comment.
    held_words : tuple of str
        The clinic's own words and phrases that hold a comment; "*" at the end is any ending.
    akismet_key, akismet_site : str
        Both given: Akismet is asked, too.
    """

    show: str = "moderated"
    per_hour: int = 5
    refuse_per_hour: int = 30
    edits_per_hour: int = 10
    mails_a_day: int = 5
    fewest_seconds: int = 3
    most_hours: int = 24
    links: int = 1
    held_words: tuple[str, ...] = ()
    keep_unconfirmed_hours: int = 48
    keep_refused_days: int = 30
    keep_email_days: int = 365
    akismet_key: str = ""
    akismet_site: str = ""

    @property
    def keep_unconfirmed(self) -> timedelta:
        return timedelta(hours=self.keep_unconfirmed_hours)


def limits() -> Limits:
    """Those in force."""
    return Limits(**getattr(settings, "OSLER_COMMENTS", {}))
