"""A clinic, its practitioner, and episodes that agreed to this and that."""

from datetime import UTC, datetime, timedelta

import pytest

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.practice import asking, services
from osler.web.practice.links import token_of
from osler.web.practice.models import Episode

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
ALL = ("care", "audit", "publication", "reminders")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _as_shipped(settings):
    settings.OSLER_PRACTICE = {}


@pytest.fixture
def clinic(db):
    return Clinic.objects.create(slug="one", name="Clinic one")


@pytest.fixture
def user(clinic):
    return make_user(clinic, Role.PRACTITIONER)


def make_user(clinic, role):
    user = User.objects.create(username=f"{clinic.slug}-{role}")
    Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


def opened(clinic, user, *, consents=ALL, now=NOW, **more):
    """A new episode."""
    told = {"condition": "sciatica", "treatment": "acupuncture", "started": "2026-01"} | more
    return services.episode_open(
        services.Opened(**told), consents=consents, clinic=clinic, user=user, now=now
    )


def told(episode, user, sessions=6, ended="recovered", recovered="yes", unwanted="none", now=NOW):
    """The same, as it ended."""
    answer = services.Told(sessions, ended, recovered, unwanted)
    services.episode_tell(episode.number, answer, clinic=episode.clinic, user=user, now=now)
    episode.refresh_from_db()
    return episode


def asked(episode, user, *instruments, now=NOW):
    """An invitation and the token of its link."""
    made = asking.invitation_make(
        episode.number, instruments or ("pain-nrs",), clinic=episode.clinic, user=user, now=now
    )
    return made, token_of(made.nonce)


def answered(episode, user, pain, *, now=NOW):
    """A number for pain that came back."""
    _, token = asked(episode, user, now=now)
    asking.draft_keep(token, "pain-nrs", {"pain": pain}, now=now)
    asking.answers_send(token, now=now)


def practice(clinic, user, n=8, **more):
    """Episodes with pain before and after; the last one stopped coming."""
    for number in range(n):
        episode = opened(clinic, user, started=f"2025-0{1 + number % 3}", **more)
        answered(episode, user, 7)
        if number == n - 1:
            told(episode, user, 2, "did not return", "unknown", "unknown")
            continue
        told(episode, user, 4 + number, "continues", "unknown")
        answered(episode, user, 2)
        told(episode, user, 4 + number)
    return Episode.objects.filter(clinic=clinic)
