"""A desk for one, and a clinic with a team."""

import pytest
from django.test import Client
from django.urls import clear_url_caches, set_urlconf
from django.utils import timezone

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.pages.models import Folder
from osler.web.screening import seats, syncing
from tests.web.screening.library import folder_of


@pytest.fixture(autouse=True)
def _desks_are_closed():
    yield
    for desk in seats._DESKS.values():
        desk.close()
    seats._DESKS.clear()


@pytest.fixture
def folder(tmp_path):
    return folder_of(tmp_path / "review")


@pytest.fixture
def alone(folder, settings):
    """A browser at ``osler screen``; nothing asks the database."""
    settings.OSLER_SCREEN = {"folder": str(folder), "reviewer": "A. Author"}
    settings.ROOT_URLCONF = "osler.web.screening.local_urls"
    settings.OSLER_NAME = "Osler"
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.MIDDLEWARE = [
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "osler.web.screening.alone.nobody_logs_in",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    yield Client(headers={"host": "127.0.0.1"})
    set_urlconf(None)
    clear_url_caches()


class Team:
    """Two reviewers and a third at one clinic, screening one folder."""

    def __init__(self, path):
        self.clinic = Clinic.objects.create(slug="one", name="Clinic one")
        self.folder = Folder.objects.create(slug="back", clinic=self.clinic, path=str(path))
        self.users = {name: self._user(name) for name in ("one", "two", "three")}
        self.store = syncing.folder_store(self.folder)
        self.review = syncing.begin(
            self.folder, store=self.store, user=self.users["one"], now=timezone.now()
        )

    def _user(self, name):
        user = User.objects.create(username=name)
        Membership.objects.create(user=user, clinic=self.clinic, role=Role.EDITOR)
        return user

    def client(self, name):
        client = Client()
        client.force_login(self.users[name])
        return client

    def seat(self, name):
        return seats.team_seat(self.review, self.users[name])


@pytest.fixture
def team(db, tmp_path):
    return Team(folder_of(tmp_path / "review", needed=2))
