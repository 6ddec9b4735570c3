"""Consent that people give themselves: on the page of a link, on the tablet or their own phone.

    link -> the words of each purpose -> ticks of theirs -> consents, dated, by the person
                                      -> "I do not agree" -> no record

Nothing is ticked before they tick it. What they have agreed to is shown ticked as long as the link
is open, and a tick taken out takes the consent back.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from osler.web.practice.asking import Asked, Spent, asked
from osler.web.practice.models import Episode, Purpose
from osler.web.practice.services import agreed, erase, give, is_waiting, take_back
from osler.web.practice.wording import Wording, wordings


class Unread(Exception):
    """The words have changed since they were shown: nobody has agreed to the new ones."""


class Incomplete(Exception):
    """Something was agreed to without the record that it is about."""


def choice(words: Wording) -> str:
    """What a tick stands for: these words for this purpose.

    Examples
    --------
    >>> choice(Wording("care", "2026-1", "The practice may keep a record."))
    'care 2026-1'
    """
    return f"{words.purpose} {words.version}"


def offered(token: str, now: datetime) -> tuple[Asked, Mapping[str, Wording]]:
    """The link, and the words it asks about by what a tick stands for.

    Raises
    ------
    Spent
        Where the link does not open or does not ask for consent.
    """
    found = asked(token, now)
    if not found.invitation.asks_consent:
        raise Spent
    return found, {choice(words): words for words in wordings().values()}


def agreed_to(episode: Episode) -> Collection[str]:
    """Purposes of which consent is in force."""
    return set(episode.consents.filter(revoked_at=None).values_list("purpose", flat=True))


@transaction.atomic
def choices_keep(token: str, ticked: Collection[str], *, now: datetime) -> Asked:
    """What somebody agrees to from now on; what is not ticked is not, or no longer, agreed to.

    Raises
    ------
    Spent
        Where the link does not open or does not ask for consent.
    Unread
        Where a tick stands for other words than those in force; nothing has changed.
    Incomplete
        Where the record itself is not among them; nothing has changed.
    """
    found = _held(token, now)
    in_force = {choice(words): words.purpose for words in wordings().values()}
    if not set(ticked) <= set(in_force):
        raise Unread
    wanted = {in_force[one] for one in ticked}
    if Purpose.CARE not in wanted:
        raise Incomplete
    episode = found.invitation.episode
    for purpose in wordings():
        if purpose in wanted:
            give(episode, purpose, user=None, now=now)
        elif agreed(episode, purpose):
            take_back(episode, purpose, user=None, now=now)
    _said(found, now)
    return found


@transaction.atomic
def record_decline(token: str, *, now: datetime) -> None:
    """No record: one that nobody had agreed to goes at once, any other is used no longer.

    Raises
    ------
    Spent
        Where the link does not open or does not ask for consent.
    """
    found = _held(token, now)
    episode = found.invitation.episode
    if is_waiting(episode):
        erase(episode, user=None, now=now)
        return
    take_back(episode, Purpose.CARE, user=None, now=now)
    _said(found, now)


def _held(token: str, now: datetime) -> Asked:
    found = asked(token, now, hold=True)
    if not found.invitation.asks_consent:
        raise Spent
    return found


def _said(found: Asked, now: datetime) -> None:
    """A link without questionnaires has done its work."""
    invitation = found.invitation
    invitation.agreed_at = now
    if not found.instruments:
        invitation.answered_at = now
    invitation.save(update_fields=["agreed_at", "answered_at"])
