"""What this part keeps about people, and when it goes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from osler.web.accounts.models import Clinic
from osler.web.accounts.trail import write_trail
from osler.web.practice.limits import limits
from osler.web.practice.models import Answer, Consent, Contact, Episode, Invitation
from osler.web.privacy.keeping import Kept, Person, delete, emptied

_YEAR = timedelta(days=365)


def _address_days() -> timedelta:
    return timedelta(days=limits().keep_address_days)


def _over(cutoff: datetime, prefix: str = "") -> Q:
    """Ended before; or never told to have ended, and nothing was written for a year on top."""
    ended = Q(**{f"{prefix}ended_at__lt": cutoff})
    forgotten = Q(**{f"{prefix}ended_at": None, f"{prefix}changed_at__lt": cutoff - _YEAR})
    return ended | forgotten


def _contacts(cutoff: datetime) -> QuerySet[Any]:
    return Contact.objects.filter(_over(cutoff, "episode__"))


KEPT = (
    Kept(
        model="practice.Contact",
        fields=("email",),
        what="Patients: the e-mail address for questionnaires and reminders, apart from the record",
        why="to send you our questionnaires, and to remind you of them",
        basis="your consent",
        period=_address_days,
        counted_from="the end of your course of treatment (where none was told, a year and "
        "this after the last entry), or at once when you take your consent back",
        due=_contacts,
        end=delete,
    ),
    Kept(
        model="practice.Episode",
        fields=("started_on",),
        what="Patients: the day of the first session, under a number",
        why="to ask you again some weeks later, if you agreed to that",
        basis="your consent",
        period=_address_days,
        counted_from="the end of your course of treatment; sooner, with the last question",
        due=lambda cutoff: Episode.objects.filter(_over(cutoff), started_on__isnull=False),
        end=emptied(started_on=None),
    ),
    Kept(
        model="practice.Invitation",
        fields=("draft",),
        what="Patients: answers that were filled in and not sent",
        why="so that you can stop in between and go on later",
        basis="your consent",
        period=lambda: timedelta(days=limits().keep_draft_days),
        counted_from="the day the link ends",
        due=lambda cutoff: Invitation.objects.filter(expires_at__lt=cutoff).exclude(draft={}),
        end=emptied(draft={}),
    ),
    Kept(
        model="practice.Episode",
        fields=("condition", "treatment", "started"),
        what="Patients: the beginning of a record under a number, to which nobody has agreed yet",
        why="so that you can be asked whether you agree to it, on a page of your own",
        basis="preparing what you are asked to agree to",
        period=lambda: limits().link_holds,
        counted_from="the day it was begun; at once when you say no",
        due=lambda cutoff: Episode.objects.filter(changed_at__lt=cutoff, consents=None),
        end=delete,
    ),
    Kept(
        model="practice.Episode",
        fields=("condition", "treatment", "started", "ended", "recovered", "unwanted"),
        what="Patients: the record of a course of treatment under a number, without a name: what "
        "for, which treatment, the month it began, sessions, how it ended, unwanted effects",
        why="to see how people fare who come to us",
        basis="your consent",
        period=lambda: timedelta(days=limits().keep_episode_days),
        counted_from="the last entry in it",
        due=lambda cutoff: Episode.objects.filter(changed_at__lt=cutoff),
        end=delete,
    ),
    Kept(
        model="practice.Answer",
        fields=("instrument", "measure", "answers"),
        what="Patients: answers to questionnaires, in that record",
        why="to see how people fare who come to us",
        basis="your consent",
        period=lambda: None,
        until="the record goes",
    ),
    Kept(
        model="practice.Consent",
        fields=("purpose", "version", "wording"),
        what="Patients: what you agreed to, in which words, when, and when you took it back",
        why="because we must be able to show it",
        basis="legal obligation",
        period=lambda: None,
        until="the record goes",
    ),
)
NOT_PERSONAL = {"practice.Invitation": ("nonce", "instruments")}


def _of(email: str, clinic: Clinic) -> QuerySet[Episode]:
    rows = Episode.objects.filter(clinic=clinic, contact__email__iexact=email.strip())
    return rows.order_by("number")


def export_person(email: str, clinic: Clinic) -> list[dict[str, object]]:
    """Every episode with this address, whole. Where the address is gone, staff know the number."""
    return [_exported(episode) for episode in _of(email, clinic).select_related("contact")]


def _exported(episode: Episode) -> dict[str, object]:
    answers = Answer.objects.filter(invitation__episode=episode).select_related("invitation")
    drafts = episode.invitations.exclude(draft={})
    return {
        "record": episode.code,
        "email": episode.contact.email,
        "condition": episode.condition,
        "treatment": episode.treatment,
        "began": episode.started,
        "first session": episode.started_on.isoformat() if episode.started_on else None,
        "sessions": episode.sessions,
        "ended": episode.ended,
        "ended at": _iso(episode.ended_at),
        "recovered": episode.recovered,
        "unwanted effects": episode.unwanted,
        "consents": [_consent(c) for c in Consent.objects.filter(episode=episode)],
        "answers": [
            {
                "measure": a.measure,
                "after sessions": a.invitation.session,
                "answers": a.answers,
                "score": a.score,
                "at": _iso(a.answered_at),
            }
            for a in answers
        ],
        "not sent": [one.draft for one in drafts],
    }


def _consent(consent: Consent) -> dict[str, object]:
    return {
        "to": consent.purpose,
        "words": consent.wording,
        "version": consent.version,
        "by": "the person" if consent.by_patient else "staff, for the person",
        "given": _iso(consent.given_at),
        "taken back": _iso(consent.revoked_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def erase_person(email: str, clinic: Clinic, now: datetime) -> int:
    """The episodes go with all that hangs on them: consent was their ground."""
    with transaction.atomic():
        rows = list(_of(email, clinic).select_for_update(of=("self",)))
        for episode in rows:
            write_trail(
                clinic=clinic,
                user=None,
                action="episode.erased",
                about=f"episode {episode.code}",
                now=now,
            )
            episode.delete()
    return len(rows)


PERSON = Person(export=export_person, erase=erase_person)
