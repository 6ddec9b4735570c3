"""Logging in: password, pause after wrong ones, second factor, recovery codes, invitations."""

from datetime import UTC, datetime

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from osler.web.accounts import services
from osler.web.accounts.models import AuditEntry, Clinic, Membership, Role, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def clinic():
    return Clinic.objects.create(slug="one", name="Clinic one")


@pytest.fixture
def user(clinic):
    user = User.objects.create_user("jo", password=PASSWORD)
    Membership.objects.create(user=user, clinic=clinic, role=Role.OWNER)
    return user


def log_in(client, password=PASSWORD, name="jo", **more):
    return client.post("/staff/login/", {"username": name, "password": password}, **more)


def enrolled(user):
    return TOTPDevice.objects.create(user=user, name="app", confirmed=True)


def number(device, step=0):
    return f"{totp(device.bin_key, drift=device.drift + step):06d}"


def test_passwords_are_argon2(user):
    assert user.password.startswith("argon2$argon2id$")


def test_in_and_out(client, user):
    assert client.get("/staff/")["Location"] == "/staff/login/?next=/staff/"
    assert log_in(client)["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200
    assert client.get("/staff/logout/").status_code == 405
    client.post("/staff/logout/")
    assert client.get("/staff/").status_code == 302


def test_the_login_names_the_site_and_not_the_host_that_was_asked_for(client, settings):
    settings.OSLER_NAME, settings.ALLOWED_HOSTS = "The clinic", ["tablet.example"]
    shown = client.get("/staff/login/", headers={"host": "tablet.example"}).text
    assert ">The clinic</a>" in shown and "tablet.example" not in shown


def test_nobody_is_sent_to_another_site_after_the_login(client, user):
    sent = {"username": "jo", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/staff/login/", sent)["Location"] == "/staff/"


def test_after_some_wrong_passwords_this_name_has_a_pause_from_this_place(client, user, settings):
    assert settings.AXES_FAILURE_LIMIT == 10
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(2):
        assert log_in(client, "wrong", REMOTE_ADDR="203.0.113.77").status_code == 200
    assert log_in(client, "wrong", REMOTE_ADDR="203.0.113.77").status_code == 429
    assert log_in(client, REMOTE_ADDR="203.0.113.77").status_code == 429
    other = log_in(client, REMOTE_ADDR="198.51.100.1")
    assert other.status_code == 302  # a stranger cannot lock an owner out


def test_no_address_and_no_browser_is_kept_of_who_tried(client, user):
    more = {"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "Particular Browser 1"}
    log_in(client, "wrong-secret-word", **more)
    assert AccessAttempt.objects.get().ip_address.startswith("fd")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM axes_accessattempt")
        kept = str(cursor.fetchall())
    assert "203.0.113.77" not in kept and "Particular" not in kept
    assert "wrong-secret-word" not in kept


def test_where_it_is_required_nobody_gets_on_without_a_second_factor(client, user, settings):
    settings.OSLER_TWO_FACTOR = "required"
    log_in(client)
    for path in ("/staff/", "/staff/members/", "/staff/pages/", "/staff/account/"):
        assert client.get(path)["Location"].startswith("/staff/two-factor/new/"), path
    page = client.get("/staff/two-factor/new/")
    assert "<svg" in page.text
    device = TOTPDevice.objects.get(user=user, confirmed=False)
    assert "switch" in page.text.lower() and not device.confirmed
    wrong = client.post("/staff/two-factor/new/", {"token": "000000"})
    assert "not the number" in wrong.text
    device.refresh_from_db()
    device.throttle_reset()
    codes = client.post("/staff/two-factor/new/", {"token": number(device)}).text
    assert codes.count("<code>") == 10
    assert client.get("/staff/").status_code == 200
    assert AuditEntry.objects.filter(action="account.factor_on").exists()


def test_who_has_a_second_factor_needs_it_at_every_login(client, user):
    device = enrolled(user)
    log_in(client)
    assert client.get("/staff/pages/")["Location"].startswith("/staff/two-factor/")
    assert client.get("/staff/two-factor/new/")["Location"] == "/staff/account/"
    assert "not right" in client.post("/staff/two-factor/", {"token": "123"}).text
    device.refresh_from_db()
    device.throttle_reset()
    sent = client.post("/staff/two-factor/?next=/staff/pages/", {"token": number(device)})
    assert sent["Location"] == "/staff/pages/"
    assert client.get("/staff/pages/").status_code == 200


def test_a_number_works_once(client, user):
    device = enrolled(user)
    given = number(device)
    for expected in (302, 200):
        client.logout()
        log_in(client)
        assert client.post("/staff/two-factor/", {"token": given}).status_code == expected


def test_a_recovery_code_works_once_and_new_ones_replace_the_old(client, user):
    enrolled(user)
    codes = services.new_codes(user=user, now=NOW)
    assert len(set(codes)) == 10 and all(len(code) == 16 for code in codes)
    log_in(client)
    assert client.post("/staff/two-factor/", {"token": codes[0].upper()}).status_code == 302
    assert StaticToken.objects.filter(device__user=user).count() == 9
    services.new_codes(user=user, now=NOW)
    assert not StaticToken.objects.filter(token=codes[1]).exists()


def test_an_invitation_works_once(client, clinic, user):
    person = services.invite(
        by=user, clinic=clinic, username="sam", name="", roles=["editor"], now=NOW
    )
    path = services.invitation_path(person)
    weak = client.post(path, {"new_password1": "short", "new_password2": "short"})
    assert weak.status_code == 200 and "too short" in weak.text
    sent = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(path, sent)["Location"] == "/staff/login/"
    assert client.get(path).status_code == 410
    assert log_in(client, name="sam").status_code == 302


@pytest.mark.parametrize("path", ["x/y", "MQ/y", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/y-z", "%00/a"])
def test_a_link_that_nobody_made_leads_nowhere(client, path):
    assert client.get(f"/staff/invitation/{path}/").status_code in (404, 410)


def test_changing_the_password_ends_other_sessions(client, user):
    from django.test import Client  # noqa: PLC0415

    other = Client()
    log_in(other)
    log_in(client)
    new = "another horse battery"
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/staff/account/password/", sent)["Location"] == "/staff/account/"
    assert client.get("/staff/account/").status_code == 200
    assert other.get("/staff/account/").status_code == 302
