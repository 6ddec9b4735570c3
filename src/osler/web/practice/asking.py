"""Asking for questionnaires and taking the answers: one link, used once, open for some days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from osler.practice.instruments import Instrument, score
from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.trail import write_trail
from osler.web.practice.limits import limits
from osler.web.practice.links import new_nonce, nonce_of
from osler.web.practice.models import Answer, Episode, Invitation, Purpose
from osler.web.practice.questionnaires import offered
from osler.web.practice.services import WRITE, agreed, locked, take_back

Filled = Mapping[str, float]


class Spent(Exception):
    """The link is not ours, was used, was revoked, or is too old. Which of these is not told."""


@dataclass(frozen=True)
class Asked:
    """An open link, and what it asks for in order."""

    invitation: Invitation
    instruments: tuple[Instrument, ...]


@transaction.atomic
def invitation_make(
    number: int,
    instruments: Sequence[str],
    *,
    clinic: Clinic,
    user: User,
    now: datetime,
    asks_consent: bool = False,
) -> Invitation:
    """A link to questionnaires, after as many sessions as the episode has now.

    With ``asks_consent`` the person first says what they agree to, and there may be no
    questionnaires.

    Raises
    ------
    ValidationError
        Without consent to the record, unless the link asks for it; for a questionnaire that is
        not offered, or that asks for a change before there was a session.
    """
    require(user, WRITE, clinic)
    episode = locked(clinic, number)
    if not asks_consent and not agreed(episode, Purpose.CARE):
        raise ValidationError("There is no consent to the record, so nothing can be asked.")
    made = invite(episode, instruments, now, asks_consent=asks_consent)
    told = {"questionnaires": list(made.instruments), "consent": asks_consent}
    _trail(made, user, "questions.asked", now, told)
    return made


def invite(
    episode: Episode, instruments: Sequence[str], now: datetime, *, asks_consent: bool = False
) -> Invitation:
    """The row itself; the caller holds the episode and writes the trail."""
    known = offered().instruments
    wanted = list(dict.fromkeys(instruments))
    if not (wanted or asks_consent) or any(key not in known for key in wanted):
        raise ValidationError("Choose questionnaires that are offered.")
    early = too_early(episode, known)
    changes = [known[key].name for key in wanted if key in early]
    if changes:
        raise ValidationError(
            f"{', '.join(changes)}: this asks how things have changed since the first session, "
            "and there was none yet."
        )
    return Invitation.objects.create(
        episode=episode,
        nonce=new_nonce(),
        instruments=wanted,
        session=episode.sessions,
        made_at=now,
        expires_at=now + limits().link_holds,
        asks_consent=asks_consent,
    )


def too_early(episode: Episode, known: Mapping[str, Instrument]) -> frozenset[str]:
    """Questionnaires that ask how things have changed, where there was no session yet."""
    changes = (key for key, one in known.items() if one.improved_at is not None)
    return frozenset() if episode.sessions else frozenset(changes)


@transaction.atomic
def invitation_revoke(pk: int, *, clinic: Clinic, user: User, now: datetime) -> None:
    """The link no longer opens; what was filled in and not sent is gone. DoesNotExist elsewhere."""
    require(user, WRITE, clinic)
    found = Invitation.objects.select_related("episode").get(pk=pk, episode__clinic=clinic)
    locked(clinic, found.episode.number)
    own = Invitation.objects.select_related("episode__clinic")
    invitation = own.select_for_update(of=("self",)).get(pk=pk)
    if invitation.answered_at is not None:
        raise ValidationError("The answers have come already.")
    if invitation.revoked_at is None:
        invitation.revoked_at, invitation.draft = now, {}
        invitation.save(update_fields=["revoked_at", "draft"])
        _trail(invitation, user, "questions.revoked", now)


def asked(token: str, now: datetime, *, hold: bool = False) -> Asked:
    """What a link asks for.

    Raises
    ------
    Spent
        Where it does not open.
    """
    nonce = nonce_of(token) or ""
    rows = Invitation.objects.select_related("episode__clinic")
    if hold:
        # The episode first, as those do who change it: nobody waits for who waits for them.
        held = Episode.objects.select_for_update(of=("self",))
        held.filter(invitations__nonce=nonce).first()
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(nonce=nonce).first()
    if found is None or found.revoked_at or found.answered_at or found.expires_at <= now:
        raise Spent
    known = offered().instruments
    # A questionnaire may have left the folder meanwhile: the others can still be answered.
    instruments = tuple(known[key] for key in found.instruments if key in known)
    if not (instruments or found.asks_consent):
        raise Spent
    return Asked(found, instruments)


@transaction.atomic
def draft_keep(token: str, instrument: str, filled: Filled | None, *, now: datetime) -> Asked:
    """Keeps one questionnaire as it is filled in, None for "left out"; sent is nothing yet.

    Raises
    ------
    Spent
        Where the link does not open.
    ValueError
        Where an answer is none of the question's.
    """
    now_asked = _agreed(asked(token, now, hold=True))
    own = {one.key: one for one in now_asked.instruments}[instrument]
    if filled is not None:
        score(own, filled)
    invitation = now_asked.invitation
    invitation.draft = invitation.draft | {instrument: None if filled is None else dict(filled)}
    invitation.save(update_fields=["draft"])
    return now_asked


def _agreed(asked: Asked) -> Asked:
    """The same, where the person has said what they agree to or was not asked."""
    if asked.invitation.awaits_consent or not asked.instruments:
        raise Spent
    return asked


def is_filled_in(asked: Asked, one: Instrument) -> bool:
    """Whether one of the questionnaires is kept, as it stands in its file today."""
    kept = asked.invitation.draft
    if one.key not in kept:
        return False
    try:
        return kept[one.key] is None or score(one, kept[one.key]) is not None
    except ValueError:
        return False


@transaction.atomic
def answers_send(token: str, *, now: datetime) -> None:
    """What was filled in is now an answer: kept, or nothing of it; the link is spent.

    Raises
    ------
    Spent
        Where the link does not open, or somebody was quicker with it.
    ValueError
        Where a questionnaire was neither filled in nor left out.
    """
    now_asked = _agreed(asked(token, now, hold=True))
    invitation = now_asked.invitation
    if not all(is_filled_in(now_asked, one) for one in now_asked.instruments):
        raise ValueError("not everything is filled in")
    filled = {one.key: invitation.draft[one.key] for one in now_asked.instruments}
    Answer.objects.bulk_create(
        Answer(
            invitation=invitation,
            instrument=one.key,
            measure=one.measure,
            answers=filled[one.key] or {},
            score=None if filled[one.key] is None else score(one, filled[one.key]),
            answered_at=now,
        )
        for one in now_asked.instruments
    )
    invitation.answered_at, invitation.draft = now, {}
    invitation.save(update_fields=["answered_at", "draft"])
    Episode.objects.filter(pk=invitation.episode_id).update(changed_at=now)
    _trail(invitation, None, "questions.answered", now)


@transaction.atomic
def reminders_stop(token: str, *, now: datetime) -> None:
    """By the link in a reminder: the address is deleted, also where the link is spent.

    Raises
    ------
    Spent
        Where the link is not ours.
    """
    nonce = nonce_of(token)
    found = Invitation.objects.select_related("episode__clinic").filter(nonce=nonce or "").first()
    if found is None:
        raise Spent
    episode = locked(found.episode.clinic, found.episode.number)
    take_back(episode, Purpose.REMINDERS, user=None, now=now)


def _trail(
    invitation: Invitation,
    user: User | None,
    action: str,
    now: datetime,
    details: dict[str, object] | None = None,
) -> None:
    write_trail(
        clinic=invitation.episode.clinic,
        user=user,
        action=action,
        about=f"episode {invitation.episode.code}",
        now=now,
        details=details,
    )
