"""Ways round the second factor, the host, the proxy and the order of things."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from osler.web.accounts import services
from osler.web.accounts.models import Clinic, Membership, User
from osler.web.comments.signing import comment_of, form_stamp, opened_at, writer_token
from osler.web.comments.wording import normalised
from osler.web.pages import shelf
from osler.web.pages.models import Folder, OldAddress
from osler.web.pages.serving import Published
from osler.web.privacy.models import DataRequest

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def clinic():
    return Clinic.objects.create(slug="one", name="Clinic one")


@pytest.fixture
def owner(clinic):
    user = User.objects.create_user("jo", password=PASSWORD)
    Membership.objects.create(user=user, clinic=clinic, role="owner")
    return user


def log_in(client):
    return client.post("/staff/login/", {"username": "jo", "password": PASSWORD})


@pytest.mark.parametrize("place", ["", "/x", "/staff", "//x"])
def test_the_second_factor_is_asked_for_wherever_the_site_stands(client, owner, settings, place):
    settings.OSLER_TWO_FACTOR = "required"
    log_in(client)
    for path in ("/staff/", "/staff/members/", "/staff/account/", "/staff/comments/"):
        response = client.get(path, SCRIPT_NAME=place)
        assert response.status_code == 302 and "/two-factor/" in response["Location"], path


def test_what_staff_see_is_kept_by_nobody(client, owner):
    log_in(client)
    for path in ("/staff/", "/staff/members/", "/staff/trail/", "/staff/comments/"):
        kept = client.get(path)["Cache-Control"]
        assert "no-store" in kept and "private" in kept, path


def test_a_session_has_another_key_after_the_login(client, owner):
    client.cookies["sessionid"] = "x" * 32
    log_in(client)
    first = client.cookies["sessionid"].value
    assert first != "x" * 32
    client.post("/staff/logout/")
    log_in(client)
    assert client.cookies["sessionid"].value != first


def test_a_new_password_ends_all_sessions(client, owner):
    log_in(client)
    assert client.get("/staff/").status_code == 200
    services.choose_password(user=owner, password="quite another one", now=timezone.now())
    assert client.get("/staff/").status_code == 302


def test_the_number_that_switched_the_factor_on_does_not_log_in(client, owner):
    log_in(client)
    client.get("/staff/two-factor/new/")
    device = TOTPDevice.objects.get(user=owner)
    given = f"{totp(device.bin_key):06d}"
    assert "<code>" in client.post("/staff/two-factor/new/", {"token": given}).text
    other = Client()
    log_in(other)
    assert other.post("/staff/two-factor/", {"token": given}).status_code == 200
    assert other.get("/staff/members/").status_code == 302


def test_a_recovery_code_is_the_own_one_and_works_once(client, owner, clinic):
    stranger = User.objects.create_user("sam", password=PASSWORD)
    for user, code in ((owner, "own-code"), (stranger, "others-code")):
        device = StaticDevice.objects.create(user=user, name="codes", confirmed=True)
        StaticToken.objects.create(device=device, token=code)
    log_in(client)
    assert client.post("/staff/two-factor/", {"token": "others-code"}).status_code == 200
    StaticDevice.objects.get(user=owner).throttle_reset()
    assert client.post("/staff/two-factor/", {"token": "own-code"}).status_code == 302
    assert not StaticToken.objects.filter(device__user=owner).exists()
    assert StaticToken.objects.filter(device__user=stranger).exists()


def test_guessing_numbers_is_slowed_down(client, owner):
    device = TOTPDevice.objects.create(user=owner, name="app", confirmed=True)
    log_in(client)
    client.post("/staff/two-factor/", {"token": "000000"})
    right = f"{totp(device.bin_key):06d}"
    assert client.post("/staff/two-factor/", {"token": right}).status_code == 200


@pytest.mark.parametrize(
    "next_page",
    [
        "//evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "\x08//evil.example",
        "https://testserver@evil.example/",
        "/staff/\r\nSet-Cookie: a=b",
    ],
)
def test_nobody_is_led_elsewhere(client, owner, next_page):
    sent = {"username": "jo", "password": PASSWORD, "next": next_page}
    assert client.post("/staff/login/", sent)["Location"] in (
        "/staff/",
        "/staff/%0D%0ASet-Cookie:%20a=b",
    )
    device = TOTPDevice.objects.create(user=owner, name="app", confirmed=True)
    given = {"token": f"{totp(device.bin_key):06d}"}
    client.cookies.clear()
    log_in(client)
    from urllib.parse import quote  # noqa: PLC0415

    leads = client.post(f"/staff/two-factor/?next={quote(next_page)}", given)["Location"]
    assert leads.startswith("/staff/") and "\n" not in leads


def test_login_says_the_same_of_names_that_are_there_and_not(client, owner):
    User.objects.create_user("gone", password=PASSWORD, is_active=False)
    User.objects.create(username="invited", password="!unusable")
    said = set()
    for name in ("jo", "nobody", "gone", "invited"):
        page = client.post("/staff/login/", {"username": name, "password": "wrong"}).text
        # The token is drawn anew each time, and may hold the name by chance.
        after = re.split(r'name="csrfmiddlewaretoken" value="\w+"', page)[1]
        said.add(after.replace(name, ""))
    assert len(said) == 1


def test_every_name_costs_one_hash(client, owner, monkeypatch):
    from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: PLC0415

    User.objects.create(username="invited", password="!unusable")
    counted = []
    was = Argon2PasswordHasher.encode

    def encode(self, *told):
        counted.append("encode")
        return was(self, *told)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    for name in ("nobody", "invited"):
        counted.clear()
        client.post("/staff/login/", {"username": name, "password": "wrong"})
        assert counted, name


def test_links_are_of_the_sites_own_address(client, owner, clinic, settings, mailoutbox):
    settings.OSLER_URL = "https://clinic.example"
    settings.ALLOWED_HOSTS = ["clinic.example", "127.0.0.1", "testserver"]
    asked = {"email": "reader@site.example", "clinic": clinic.pk}
    for host in ("clinic.example:1234", "127.0.0.1"):
        client.post("/privacy/", asked, HTTP_HOST=host)
        assert "https://clinic.example/privacy/mine/" in mailoutbox[-1].body
    log_in(client)
    invited = {"username": "sam", "roles": ["editor"]}
    shown = client.post("/staff/members/invite/", invited, HTTP_HOST="127.0.0.1").text
    assert "https://clinic.example/staff/invitation/" in shown


def test_a_link_of_one_purpose_is_none_of_another():
    now = timezone.now()
    clinic = Clinic.objects.create(slug="x", name="x")
    request = DataRequest.objects.create(clinic=clinic, email="a@b.example", made_at=now)
    comment = writer_token(request.pk)
    signed = signing.dumps(request.pk, salt="osler.privacy.request")
    from osler.web.privacy.services import request_of  # noqa: PLC0415

    assert request_of(signed, now) == request
    for token in (comment, comment.replace(".", ":"), signing.dumps(request.pk), signed[:-1], ""):
        assert request_of(token, now) is None
    assert comment_of(signed) is None and comment_of(signed.replace(":", ".")) is None
    assert opened_at(signed, "page") is None
    assert request_of(form_stamp("page", now), now) is None


def test_an_old_link_does_not_open_what_has_its_number_now(monkeypatch):
    """A request is deleted; in a site that was restored, another may get its number."""
    from osler.web.privacy.services import request_of  # noqa: PLC0415

    now = timezone.now()
    clinic = Clinic.objects.create(slug="x", name="x")
    with monkeypatch.context() as past:
        past.setattr("time.time", lambda: (now - timedelta(days=2)).timestamp())
        old = signing.dumps(77, salt="osler.privacy.request")
    DataRequest.objects.create(pk=77, clinic=clinic, email="another@b.example", made_at=now)
    assert request_of(old, now) is None


def test_names_of_staff_hold_nothing_that_turns_text_round(client, owner):
    log_in(client)
    invited = {"username": "sam", "name": "A\u202e\u2066Author\x07", "roles": ["editor"]}
    client.post("/staff/members/invite/", invited)
    assert User.objects.get(username="sam").first_name == "AAuthor"


def test_more_than_was_asked_for_changes_nothing(client, owner, clinic):
    log_in(client)
    invited = {
        "username": "sam",
        "roles": ["editor"],
        "is_superuser": "1",
        "is_staff": "1",
        "password": "known",
        "clinic": "other",
        "is_active": "",
    }
    client.post("/staff/members/invite/", invited)
    sam = User.objects.get(username="sam")
    assert not sam.is_superuser and not sam.is_staff and not sam.has_usable_password()
    assert list(sam.memberships.values_list("clinic", "role")) == [(clinic.pk, "editor")]


def test_one_visitor_cannot_have_mails_sent_to_everybody(client, clinic, mailoutbox):
    for number in range(14):
        asked = {"email": f"reader{number}@site.example", "clinic": clinic.pk}
        assert client.post("/privacy/", asked)["Location"] == "/privacy/asked/"
    assert len(mailoutbox) == 10
    other = {"email": "other@site.example", "clinic": clinic.pk}
    client.post("/privacy/", other, REMOTE_ADDR="198.51.100.1")
    assert len(mailoutbox) == 11


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u3164", ""),
        ("A\u2800\u115fB", "AB"),
        ("Z" + "\u0300\u0336" * 30 + "y", "Z\u0300\u0336\u0300y"),
        ("Zoe\u0308 e\u0301", "Zoe\u0308 e\u0301"),
        ("\u202egnorw\u2066\u200b\ufeff\x1b[31m", "gnorw[31m"),
        (
            "\u0915\u094d\u200d\u0937 \u0633\u064e\u0651",
            "\u0915\u094d\u200d\u0937 \u0633\u064e\u0651",
        ),
    ],
)
def test_what_nobody_sees_and_what_covers_others_is_taken_away(typed, kept):
    assert normalised(typed) == kept


def test_old_addresses_with_any_letters_lead_on(clinic):
    folder = Folder.objects.create(slug="f", path="/f", clinic=clinic)
    for old, new in (("/caf%C3%A9/", "/knees/"), ("/?p=1%2B2", "/膝/"), ("/schön/", "/é/")):
        OldAddress.objects.create(folder=folder, old=old, new=new)
    with transaction.atomic():
        shelf.mark_changed()
    application, led = Published(lambda environ, start_response: [b"Django"]), {}
    for path, query in (("/café/", ""), ("/", "p=1%2B2"), ("/schön/", "")):
        environ = {
            "REQUEST_METHOD": "GET",
            "HTTP_HOST": "127.0.0.1",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
        }
        application(environ, lambda status, headers, path=path: led.update({path: dict(headers)}))
    found = [led[path]["Location"] for path in ("/café/", "/", "/schön/")]
    assert found == ["/knees/", "/%E8%86%9D/", "/%C3%A9/"]
