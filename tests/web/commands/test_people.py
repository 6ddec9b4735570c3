"""Accounts from the command line leave a trail as well."""

import pytest
from click.testing import CliRunner
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from osler.web.accounts.models import AuditEntry, Clinic, Membership, Role, User
from osler.web.commands import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def jo(settings):
    settings.OSLER_URL = "https://site.example"
    user = User.objects.create(username="jo")
    for slug in ("one", "two"):
        clinic = Clinic.objects.create(slug=slug, name=slug)
        Membership.objects.create(user=user, clinic=clinic, role=Role.OWNER)
    TOTPDevice.objects.create(user=user, confirmed=True)
    StaticDevice.objects.create(user=user, name="recovery codes", confirmed=True)
    return user


def told(action):
    entries = AuditEntry.objects.filter(action=action).order_by("clinic__slug")
    return [(e.clinic.slug, e.user, e.about, e.details) for e in entries]


def test_a_second_factor_that_is_taken_away_stands_in_the_trail(jo):
    done = CliRunner().invoke(people.link, ["jo", "--forget-factor"])
    assert done.exit_code == 0
    assert "2 second factors taken away" in done.output
    assert not TOTPDevice.objects.exists() and not StaticDevice.objects.exists()
    by = {"by": "the command line of the server"}
    expected = [(slug, None, f"user {jo.pk}", by) for slug in ("one", "two")]
    assert told("members.factor_taken_away") == expected
    assert told("members.link") == expected


def test_a_link_alone_leaves_the_factor(jo):
    done = CliRunner().invoke(people.link, ["jo"])
    assert "/staff/" in done.output
    assert TOTPDevice.objects.count() == 1
    assert told("members.factor_taken_away") == []
    assert len(told("members.link")) == 2


def test_nobody_of_that_name_changes_nothing(jo):
    done = CliRunner().invoke(people.link, ["sam", "--forget-factor"])
    assert done.exit_code == 2
    assert not AuditEntry.objects.exists()
