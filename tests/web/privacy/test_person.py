"""One person's data: asked for, exported, erased."""

import json
import logging
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.core import mail, serializers
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.comments import command as comments_command
from osler.web.comments import moderation, selectors
from osler.web.comments.models import Comment, State
from osler.web.comments.signing import form_stamp
from osler.web.privacy import command, services
from osler.web.privacy.models import DataRequest
from tests.web.comments.conftest import NOW, confirmed, make_user, served

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.77"


def ask(client, clinic, email="reader@site.example"):
    """Ask on the public page; the path of the link in the mail."""
    client.post(reverse("privacy"), {"email": email, "clinic": clinic.pk})
    return re.search(r"http://testserver(\S+)", mail.outbox[-1].body).group(1)


def test_a_person_reads_downloads_and_erases_by_a_link(client, page, settings, moderator):
    settings.OSLER_COMMENTS = {"show": "clean"}
    comment = confirmed(page, "My own words.")
    confirmed(page, "Another's words.", email="other@site.example")
    moderation.reply_as_clinic(
        page, comment, "An answer.", clinic=page.clinic, user=moderator, now=NOW
    )
    link = ask(client, page.clinic, "READER@site.example")
    shown = client.get(link).content.decode()
    assert "My own words." in shown and "<dt>Text</dt>" in shown and "{&#34;" not in shown
    answer = client.get(link, {"download": "1"})
    found = json.loads(answer.content)
    assert [c["text"] for c in found["comments"]] == ["My own words."]
    assert found["comments"][0]["email"] == "reader@site.example"
    assert "attachment" in answer["Content-Disposition"]
    assert "erased" in client.post(link).content.decode()
    assert "My own words." not in served(page)
    assert "Another&#39;s words." in served(page) or "Another's words." in served(page)
    assert "An answer." in served(page), "the thread stays readable"
    assert [s.is_withdrawn for s in selectors.thread(page)][:2] == [True, False]
    assert not DataRequest.objects.exists()
    assert client.get(link).status_code == 404
    assert not everywhere("reader@site.example"), "nothing is left in any table"
    assert not everywhere("My own words")


def everywhere(text):
    """In which rows of which tables a text stands."""
    return [
        (model._meta.label, row.pk)
        for model in apps.get_models()
        for row in model._default_manager.all()
        if text.casefold() in serializers.serialize("json", [row]).casefold()
    ]


def test_who_asks_for_anothers_address_learns_nothing(client, page):
    confirmed(page)
    answers = [
        client.post(reverse("privacy"), {"email": email, "clinic": page.clinic.pk}, follow=True)
        for email in ("reader@site.example", "nobody@site.example")
    ]
    assert answers[0].content == answers[1].content


def test_a_link_holds_for_a_day_and_mails_are_few(client, page):
    now = timezone.now()
    for _ in range(5):
        ask(client, page.clinic)
    assert len(mail.outbox) == 3
    token = re.search(r"mine/([^/]+)/", mail.outbox[0].body).group(1)
    assert services.request_of(token, now + timedelta(hours=23)) is not None
    assert services.request_of(token, now + timedelta(hours=25)) is None
    assert services.request_of("x" + token, now) is None
    assert "reader@site.example" not in token


def test_a_mail_that_cannot_be_sent_is_told(client, page, settings, caplog):
    settings.EMAIL_BACKEND = "tests.web.comments.test_posting.Broken"
    told = {"email": "reader@site.example", "clinic": page.clinic.pk}
    answer = client.post(reverse("privacy"), told)
    assert answer.status_code == 422
    assert "could not send" in answer.content.decode()
    assert "reader@" not in caplog.text


def test_an_owner_exports_and_erases_for_somebody_who_asked_in_person(client, page):
    confirmed(page, "My own words.")
    owner = make_user(page.clinic, Role.OWNER)
    client.force_login(owner)
    told = {"email": "reader@site.example"}
    found = client.post(reverse("privacy-staff"), told | {"action": "export"})
    assert "My own words." in json.loads(found.content)["comments"][0]["text"]
    client.post(reverse("privacy-staff"), told | {"action": "erase"})
    assert not everywhere("reader@site.example")
    entries = AuditEntry.objects.filter(user=owner).order_by("pk")
    assert [e.action for e in entries] == ["person.exported", "person.erased"]


@pytest.mark.parametrize("role", [r for r in Role if r != Role.OWNER])
def test_others_may_not(page, role):
    confirmed(page)
    user = make_user(page.clinic, role)
    told = {"clinic": page.clinic, "user": user, "now": NOW}
    with pytest.raises(PermissionDenied):
        services.export_for_owner("reader@site.example", **told)
    with pytest.raises(PermissionDenied):
        services.erase_for_owner("reader@site.example", **told)
    assert Comment.objects.get().email


def test_another_clinic_erases_only_its_own(page):
    confirmed(page)
    two = Clinic.objects.create(slug="two", name="Clinic two")
    owner = make_user(two, Role.OWNER)
    found = services.export_for_owner("reader@site.example", clinic=two, user=owner, now=NOW)
    assert not any(found.values())
    services.erase_for_owner("reader@site.example", clinic=two, user=owner, now=NOW)
    assert Comment.objects.get().email


def test_no_network_address_is_stored_or_logged(client, page, caplog, moderator):
    """From the form to the queue, and a wrong password, all from one address."""
    caplog.set_level(logging.DEBUG)
    stamp = form_stamp(page.slug, timezone.now() - timedelta(minutes=1))
    told = {"name": "A", "email": "reader@site.example", "text": "Words.", "stamp": stamp}
    away = {"REMOTE_ADDR": ADDRESS, "HTTP_X_FORWARDED_FOR": ADDRESS, "HTTP_USER_AGENT": "Agent 77"}
    client.post(reverse("comments-write", args=[page.slug]), told, **away)
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body).group(1)
    client.post(link, {"action": "confirm"}, **away)
    client.post(reverse("login"), {"username": "one-moderator", "password": "wrong"}, **away)
    client.get("/nowhere/", **away)
    assert Comment.objects.get().state == State.HELD
    for trace in (ADDRESS, "Agent 77"):
        assert not everywhere(trace)
        assert trace not in caplog.text


def test_the_commands_tell_what_they_did(page):
    confirmed(page, now=timezone.now() - timedelta(days=400))
    Comment.objects.update(state=State.SPAM)
    told = CliRunner().invoke(command.retention)
    assert told.exit_code == 0
    assert "1 row  A comment that was not shown" in told.output
    assert "nothing was due" in CliRunner().invoke(command.retention).output
    assert CliRunner().invoke(command.retention, ["--quiet"]).output == ""
    learnt = CliRunner().invoke(comments_command.learn)
    assert learnt.exit_code == 1
    assert "WEB031" in learnt.output
