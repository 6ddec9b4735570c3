"""E-mail: only with consent, to an address that goes when it is no longer needed."""

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.core import mail
from django.core.exceptions import ValidationError

from osler.web.accounts.models import AuditEntry
from osler.web.practice import asking, reminding, services
from osler.web.practice.command import remind_command
from osler.web.practice.kept import KEPT, PERSON
from osler.web.practice.models import Answer, Contact, Episode, Invitation
from osler.web.privacy import retention
from tests.web.practice.conftest import DAY, NOW, answered, asked, opened, told

MAIL = "patient@site.example"


def link(name, token):
    return f"https://clinic.example/{name}/{token}/"


def remind(days):
    return reminding.remind(NOW + timedelta(days=days), link)


def test_an_open_link_is_sent_again_twice_and_no_more(clinic, user):
    episode = opened(clinic, user, email=MAIL)
    made, token = asked(episode, user)
    assert remind(2.9).sent == 0
    assert remind(3).sent == 1
    assert token in mail.outbox[0].body
    assert "practice-stop" in mail.outbox[0].body
    assert mail.outbox[0].subject == "Questions from Clinic one"
    assert [remind(day).sent for day in (4, 6, 9, 12, 13.9)] == [0, 1, 1, 0, 0]
    made.refresh_from_db()
    assert made.mails == 3
    assert AuditEntry.objects.filter(action="questions.mailed").count() == 3


@pytest.mark.parametrize("why", ["answered", "revoked", "expired", "no consent", "no address"])
def test_nobody_is_reminded_without_reason_or_consent(clinic, user, why):
    episode = opened(clinic, user, email="" if why == "no address" else MAIL)
    made, token = asked(episode, user)
    days = 3.0
    if why == "answered":
        asking.draft_keep(token, "pain-nrs", {"pain": 1}, now=NOW)
        asking.answers_send(token, now=NOW)
    elif why == "revoked":
        asking.invitation_revoke(made.pk, clinic=clinic, user=user, now=NOW)
    elif why == "expired":
        days = 14.0
    elif why == "no consent":
        services.consent_revoke(1, "reminders", clinic=clinic, user=user, now=NOW)
    assert remind(days).sent == 0
    with pytest.raises(ValidationError):
        reminding.invitation_mail(
            made.pk, clinic=clinic, user=user, link=link, now=NOW + timedelta(days=days)
        )
    assert mail.outbox == []


def test_people_are_asked_again_some_weeks_later_also_who_stopped_coming(clinic, user, settings):
    settings.OSLER_PRACTICE = {"follow_up_weeks": (6, 12)}
    episode = opened(clinic, user, email=MAIL, started_on=NOW.date())
    answered(episode, user, 7)
    told(episode, user, 2, "did not return", "unknown")
    assert remind(41).follow_ups == 0
    found = remind(42)
    assert (found.sent, found.follow_ups) == (1, 1)
    made = Invitation.objects.latest("pk")
    assert (made.instruments, made.session) == (["pain-nrs", "global-change"], 2)
    episode.refresh_from_db()
    assert episode.started_on == NOW.date(), "it is needed for the second time"
    assert remind(42).sent == 0
    assert remind(84).follow_ups == 1
    episode.refresh_from_db()
    assert episode.started_on is None
    assert remind(200).sent == 0


def test_a_mail_server_that_fails_is_told_and_tried_again(clinic, user, monkeypatch):
    episode = opened(clinic, user, email=MAIL)
    made, _ = asked(episode, user)

    def down(*told, **more):
        raise ConnectionRefusedError

    monkeypatch.setattr(reminding, "send_mail", down)
    found = remind(3)
    assert [d.code for d in found.diagnostics] == ["WEB062"]
    assert MAIL not in str(found.diagnostics)
    made.refresh_from_db()
    assert (made.mails, made.mailed_at) == (0, None)
    monkeypatch.undo()
    assert remind(4).sent == 1


def test_the_command(clinic, user, settings):
    settings.OSLER_URL = ""
    done = CliRunner().invoke(remind_command, [])
    assert done.exit_code == 2
    assert "WEB063" in done.output
    settings.OSLER_URL = "https://clinic.example"
    done = CliRunner().invoke(remind_command, ["--quiet"])
    assert (done.exit_code, done.output) == (0, "")
    made, _ = asked(opened(clinic, user, email=MAIL), user)
    Invitation.objects.filter(pk=made.pk).update(expires_at=NOW + 90000 * DAY)
    done = CliRunner().invoke(remind_command, [])
    assert done.output == "1 e-mail sent\n"
    assert "https://clinic.example/questions/" in mail.outbox[0].body


def test_the_clock_takes_the_address_the_day_and_the_draft(clinic, user):
    ended, running = (opened(clinic, user, email=MAIL, started_on=date(2026, 1, 7)) for _ in "ab")
    _, token = asked(ended, user)
    asking.draft_keep(token, "pain-nrs", {"pain": 3}, now=NOW)
    told(ended, user)
    retention.end_what_is_due(NOW + 29 * DAY)
    assert Contact.objects.count() == 2
    retention.end_what_is_due(NOW + 31 * DAY)
    assert [c.episode for c in Contact.objects.all()] == [running]
    days = Episode.objects.order_by("number").values_list("started_on", flat=True)
    assert list(days) == [None, date(2026, 1, 7)]
    assert Invitation.objects.get().draft == {}
    retention.end_what_is_due(NOW + (365 + 31) * DAY)
    assert not Contact.objects.exists(), "also where nobody ever wrote that it ended"
    assert Episode.objects.count() == 2
    retention.end_what_is_due(NOW + (8 * 365 + 1) * DAY)
    assert not Episode.objects.exists()


def test_everything_kept_has_a_moment_in_which_it_goes():
    timeless = [kept.model for kept in KEPT if kept.period() is None]
    assert timeless == ["practice.Answer", "practice.Consent"]


def test_one_persons_data_can_be_had_and_erased(clinic, user):
    episode = opened(clinic, user, email=MAIL)
    answered(episode, user, 7)
    opened(clinic, user, email="other@site.example")
    (told_,) = PERSON.export(MAIL.upper(), clinic)
    assert told_["record"] == "E001"
    assert told_["answers"][0]["score"] == 7.0
    assert len(told_["consents"]) == 4
    assert PERSON.erase(MAIL, clinic, NOW) == 1
    assert [e.code for e in Episode.objects.all()] == ["E002"]
    assert not Answer.objects.exists()
    assert PERSON.export(MAIL, clinic) == []
