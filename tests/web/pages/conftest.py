"""A clinic with a small review folder on the disk."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.pages import services

NOW = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
STARTER = Path(services.__file__).parents[2] / "cli" / "starter"


def member(clinic, role, name=""):
    user = User.objects.create(username=name or f"{clinic.slug}-{role}")
    Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def clinic(db):
    return Clinic.objects.create(slug="one", name="Clinic one")


@pytest.fixture
def path(tmp_path):
    """The folder that ``osler new`` makes: it checks and builds."""
    folder = tmp_path / "starter"
    shutil.copytree(STARTER, folder, ignore=shutil.ignore_patterns("__pycache__", "build"))
    return folder


@pytest.fixture
def folder(clinic, path):
    return services.add_folder(path, clinic)


@pytest.fixture
def owner(clinic):
    return member(clinic, Role.OWNER)


@pytest.fixture
def editor(clinic):
    return member(clinic, Role.EDITOR)


def publish(folder, user=None, now=NOW, reason=""):
    return services.publish_folder(folder, user=user, now=now, reason=reason)
