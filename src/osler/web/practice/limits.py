"""How long links hold and things are kept, when to ask again: with what holds without settings."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    """``OSLER_PRACTICE`` in the settings overrides any of these.

    Attributes
    ----------
    instruments : str
        Folder of further questionnaires, one TOML file each; empty for none.
    link_days : int
        How long a link to questionnaires holds.
    remind_after_days, reminders : int
        When an unanswered link is sent again, and how often at most.
    follow_up_weeks : tuple of int
        How many weeks after the first session people are asked again who agreed to reminders,
        whether they still come or not.
    keep_address_days, keep_draft_days, keep_episode_days : int
        How long an e-mail address stays after the end of its episode, an unsent answer after
        its link, an episode after its last entry. Eight years after the last contact is what
        the NHS Records Management Code of Practice (2021) keeps an adult's records.
    """

    instruments: str = ""
    link_days: int = 14
    remind_after_days: int = 3
    reminders: int = 2
    follow_up_weeks: tuple[int, ...] = (6,)
    keep_address_days: int = 30
    keep_draft_days: int = 7
    keep_episode_days: int = 8 * 365

    @property
    def link_holds(self) -> timedelta:
        return timedelta(days=self.link_days)


def limits() -> Limits:
    """Those in force."""
    told = dict(getattr(settings, "OSLER_PRACTICE", {}))
    if "follow_up_weeks" in told:
        told["follow_up_weeks"] = tuple(told["follow_up_weeks"])
    return Limits(**told)
