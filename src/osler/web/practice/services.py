"""Changing episodes and consent: each asks the policy, changes, and writes the trail at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.practice.models import (
    Consent,
    Contact,
    Ended,
    Episode,
    Invitation,
    Numbering,
    Purpose,
    Recovered,
)
from osler.web.practice.wording import wordings

WRITE = "episodes.write"


@dataclass(frozen=True)
class Opened:
    """What is known of an episode when it begins; ``started_on`` only where reminders need it."""

    condition: str
    treatment: str
    started: str
    started_on: date | None = None
    email: str = ""


@dataclass(frozen=True)
class Told:
    """How an episode stands, as staff fill it in."""

    sessions: int
    ended: str
    recovered: str
    unwanted: str


@transaction.atomic
def episode_open(
    opened: Opened, *, consents: Collection[str], clinic: Clinic, user: User, now: datetime
) -> Episode:
    """A new episode under the next number, with the consents that were given.

    Raises
    ------
    ValidationError
        Without consent to the record itself, or with an address without consent to reminders.
    """
    require(user, WRITE, clinic)
    if Purpose.CARE not in consents:
        raise ValidationError("Without consent to the record there can be none.")
    episode = Episode.objects.create(
        clinic=clinic,
        number=_next_number(clinic),
        condition=opened.condition,
        treatment=opened.treatment,
        started=opened.started,
        started_on=opened.started_on if Purpose.REMINDERS in consents else None,
        changed_at=now,
    )
    for purpose in wordings():
        if purpose in consents:
            _agree(episode, purpose, user, now)
    if opened.email:
        _address(episode, opened.email, now)
    _trail(episode, user, "episode.opened", now, {"consents": sorted(consents)})
    return episode


@transaction.atomic
def episode_open_waiting(opened: Opened, *, clinic: Clinic, user: User, now: datetime) -> Episode:
    """A new episode to which the person will agree by a link; until then nothing can be written.

    Raises
    ------
    ValidationError
        With an address or a day, which need consent to reminders.
    """
    require(user, WRITE, clinic)
    if opened.email or opened.started_on:
        raise ValidationError("An address and a day need consent to reminders.")
    episode = Episode.objects.create(
        clinic=clinic,
        number=_next_number(clinic),
        condition=opened.condition,
        treatment=opened.treatment,
        started=opened.started,
        changed_at=now,
    )
    _trail(episode, user, "episode.opened", now, {"consents": [], "waits": True})
    return episode


def is_waiting(episode: Episode) -> bool:
    """Whether nobody has agreed to the record yet, nor taken an agreement back."""
    return not episode.consents.exists()


def _next_number(clinic: Clinic) -> int:
    Numbering.objects.get_or_create(clinic=clinic)
    row = Numbering.objects.select_for_update().get(clinic=clinic)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


@transaction.atomic
def episode_tell(number: int, told: Told, *, clinic: Clinic, user: User, now: datetime) -> Episode:
    """How it stands now: sessions, end, outcome, unwanted effects.

    Raises
    ------
    ValidationError
        Where the end and the outcome contradict each other, or there is no consent.
    """
    require(user, WRITE, clinic)
    episode = locked(clinic, number)
    _need(episode, Purpose.CARE)
    if told.ended == Ended.RECOVERED and told.recovered != Recovered.YES:
        raise ValidationError("It ended with recovery, so recovered must be yes.")
    was_open = episode.ended_at is None
    episode.sessions, episode.ended = told.sessions, told.ended
    episode.recovered, episode.unwanted = told.recovered, told.unwanted
    if told.ended == Ended.CONTINUES:
        episode.ended_at = None
    elif was_open:
        episode.ended_at = now
    _touch(episode, now)
    _trail(episode, user, "episode.changed", now, {"sessions": told.sessions, "ended": told.ended})
    return episode


@transaction.atomic
def session_add(number: int, *, clinic: Clinic, user: User, now: datetime) -> Episode:
    """One session more, of somebody who still comes."""
    require(user, WRITE, clinic)
    episode = locked(clinic, number)
    _need(episode, Purpose.CARE)
    if episode.ended != Ended.CONTINUES:
        raise ValidationError("This episode has ended.")
    episode.sessions += 1
    _touch(episode, now)
    _trail(episode, user, "episode.session", now, {"sessions": episode.sessions})
    return episode


@transaction.atomic
def episode_erase(number: int, *, clinic: Clinic, user: User, now: datetime) -> None:
    """The episode goes with everything that hangs on it; its number is not given again."""
    require(user, WRITE, clinic)
    episode = locked(clinic, number)
    erase(episode, user=user, now=now)


def erase(episode: Episode, *, user: User | None, now: datetime) -> None:
    """The same, of an episode that the caller holds."""
    _trail(episode, user, "episode.erased", now)
    episode.delete()


@transaction.atomic
def consent_give(number: int, purpose: str, *, clinic: Clinic, user: User, now: datetime) -> None:
    """Somebody agrees, to the words in force; nothing changes where they had agreed already.

    Raises
    ------
    ValidationError
        For another purpose where there is no consent to the record itself.
    """
    require(user, WRITE, clinic)
    episode = locked(clinic, number)
    if purpose != Purpose.CARE:
        _need(episode, Purpose.CARE)
    give(episode, purpose, user=user, now=now)


def give(episode: Episode, purpose: str, *, user: User | None, now: datetime) -> None:
    """Consent in the words in force; ``user`` is None where the person gave it by a link."""
    if agreed(episode, purpose):
        return
    consent = _agree(episode, purpose, user, now)
    _touch(episode, now)
    _trail(episode, user, "consent.given", now, {"purpose": purpose, "words": consent.version})


@transaction.atomic
def consent_revoke(number: int, purpose: str, *, clinic: Clinic, user: User, now: datetime) -> None:
    """Somebody takes consent back; what it allowed ends with it."""
    require(user, WRITE, clinic)
    take_back(locked(clinic, number), purpose, user=user, now=now)


def take_back(episode: Episode, purpose: str, *, user: User | None, now: datetime) -> None:
    """Without the record's consent there are no links, no reminders and no counting."""
    rows = episode.consents.filter(purpose=purpose, revoked_at=None)
    if not rows.update(revoked_at=now):
        return
    if purpose in (Purpose.REMINDERS, Purpose.CARE):
        Contact.objects.filter(episode=episode).delete()
        episode.started_on = None
    if purpose == Purpose.CARE:
        Invitation.objects.filter(episode=episode, answered_at=None, revoked_at=None).update(
            revoked_at=now, draft={}
        )
        episode.consents.filter(revoked_at=None).update(revoked_at=now)
    _touch(episode, now)
    _trail(episode, user, "consent.revoked", now, {"purpose": purpose})


@transaction.atomic
def address_keep(number: int, email: str, *, clinic: Clinic, user: User, now: datetime) -> None:
    """The address for reminders; an empty one deletes it.

    Raises
    ------
    ValidationError
        Where there is no consent to reminders.
    """
    require(user, WRITE, clinic)
    episode = locked(clinic, number)
    if email:
        _address(episode, email, now)
    else:
        Contact.objects.filter(episode=episode).delete()
    _trail(episode, user, "address.kept" if email else "address.deleted", now)


def locked(clinic: Clinic, number: int) -> Episode:
    """The episode, held until the transaction ends; DoesNotExist at any other clinic."""
    return Episode.objects.select_for_update().get(clinic=clinic, number=number)


def agreed(episode: Episode, purpose: str) -> bool:
    """Whether consent to ``purpose`` is in force."""
    return episode.consents.filter(purpose=purpose, revoked_at=None).exists()


def _need(episode: Episode, purpose: str) -> None:
    if not agreed(episode, purpose):
        raise ValidationError(f"There is no consent to this: {wordings()[purpose].label}.")


def _agree(episode: Episode, purpose: str, user: User | None, now: datetime) -> Consent:
    words = wordings()[purpose]
    return Consent.objects.create(
        episode=episode,
        purpose=purpose,
        version=words.version,
        wording=words.text,
        given_at=now,
        recorded_by=user,
        by_patient=user is None,
    )


def _address(episode: Episode, email: str, now: datetime) -> None:
    _need(episode, Purpose.REMINDERS)
    Contact.objects.update_or_create(episode=episode, defaults={"email": email, "given_at": now})


def _touch(episode: Episode, now: datetime) -> None:
    episode.changed_at = now
    episode.save()


def _trail(
    episode: Episode,
    user: User | None,
    action: str,
    now: datetime,
    details: dict[str, object] | None = None,
) -> None:
    write_trail(
        clinic=episode.clinic,
        user=user,
        action=action,
        about=f"episode {episode.code}",
        now=now,
        details=details,
    )
