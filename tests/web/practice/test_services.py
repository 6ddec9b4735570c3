"""Episodes and consent: who may, what follows, what is written into the trail."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.practice import asking, reminding, services
from osler.web.practice.asking import Spent
from osler.web.practice.exporting import table_export
from osler.web.practice.models import Answer, Consent, Contact, Episode
from osler.web.practice.selectors import COUNTED
from osler.web.practice.wording import wordings
from tests.web.practice.conftest import ALL, DAY, NOW, answered, asked, make_user, opened, told


def test_numbers_run_on_and_are_never_given_again(clinic, user):
    first, second = opened(clinic, user), opened(clinic, user)
    assert (first.code, second.code) == ("E001", "E002")
    services.episode_erase(2, clinic=clinic, user=user, now=NOW)
    assert opened(clinic, user).code == "E003"
    elsewhere = Clinic.objects.create(slug="two", name="Clinic two")
    assert opened(elsewhere, make_user(elsewhere, Role.OWNER)).code == "E001"


def test_each_consent_is_its_own_dated_and_worded(clinic, user):
    episode = opened(clinic, user, consents=("care", "audit"))
    rows = {c.purpose: c for c in Consent.objects.filter(episode=episode)}
    assert set(rows) == {"care", "audit"}
    assert rows["audit"].given_at == NOW
    assert rows["audit"].wording == wordings()["audit"].text
    assert rows["audit"].version == wordings()["audit"].version
    services.consent_give(1, "audit", clinic=clinic, user=user, now=NOW + DAY)
    assert Consent.objects.filter(episode=episode, purpose="audit").count() == 1
    services.consent_revoke(1, "audit", clinic=clinic, user=user, now=NOW + DAY)
    services.consent_give(1, "audit", clinic=clinic, user=user, now=NOW + 2 * DAY)
    both = Consent.objects.filter(episode=episode, purpose="audit")
    assert [c.revoked_at for c in both] == [NOW + DAY, None]


def test_there_is_no_record_without_consent_to_it(clinic, user):
    with pytest.raises(ValidationError):
        opened(clinic, user, consents=("audit",))
    assert not Episode.objects.exists()


def test_nothing_can_be_written_or_asked_once_consent_to_the_record_is_back(clinic, user):
    episode = opened(clinic, user, email="patient@site.example", started_on=date(2026, 1, 7))
    _, token = asked(episode, user)
    asking.draft_keep(token, "pain-nrs", {"pain": 3}, now=NOW)
    services.consent_revoke(1, "care", clinic=clinic, user=user, now=NOW + DAY)
    episode.refresh_from_db()
    assert episode.started_on is None
    assert not Contact.objects.exists()
    assert not Consent.objects.filter(revoked_at=None).exists()
    assert episode.invitations.get().draft == {}
    with pytest.raises(Spent):
        asking.asked(token, NOW + DAY)
    for write in (
        lambda: told(episode, user),
        lambda: services.session_add(1, clinic=clinic, user=user, now=NOW),
        lambda: asked(episode, user),
        lambda: services.consent_give(1, "audit", clinic=clinic, user=user, now=NOW),
    ):
        with pytest.raises(ValidationError):
            write()


def test_an_address_needs_consent_to_reminders_and_goes_with_it(clinic, user):
    episode = opened(clinic, user, consents=("care",))
    with pytest.raises(ValidationError):
        services.address_keep(1, "p@site.example", clinic=clinic, user=user, now=NOW)
    services.consent_give(1, "reminders", clinic=clinic, user=user, now=NOW)
    services.address_keep(1, "p@site.example", clinic=clinic, user=user, now=NOW)
    assert Contact.objects.get().email == "p@site.example"
    services.consent_revoke(1, "reminders", clinic=clinic, user=user, now=NOW)
    assert not Contact.objects.exists()
    assert services.agreed(episode, "care")


def test_a_day_is_kept_only_for_reminders(clinic, user):
    day = date(2026, 1, 7)
    assert opened(clinic, user, consents=("care",), started_on=day).started_on is None
    assert opened(clinic, user, started_on=day).started_on == day


def test_an_end_and_an_outcome_that_contradict_each_other_are_refused(clinic, user):
    episode = opened(clinic, user)
    with pytest.raises(ValidationError):
        told(episode, user, ended="recovered", recovered="unknown")
    told(episode, user)
    assert episode.ended_at == NOW
    with pytest.raises(ValidationError):
        services.session_add(1, clinic=clinic, user=user, now=NOW)
    told(episode, user, ended="referred", recovered="no", now=NOW + DAY)
    assert episode.ended_at == NOW, "it ended when it was first said to have"
    told(episode, user, ended="continues", recovered="unknown", now=NOW + DAY)
    assert episode.ended_at is None


def test_every_change_is_in_the_trail_and_none_names_anybody(clinic, user):
    episode = opened(clinic, user, email="patient@site.example")
    answered(episode, user, 6)
    told(episode, user)
    services.consent_revoke(1, "audit", clinic=clinic, user=user, now=NOW)
    services.episode_erase(1, clinic=clinic, user=user, now=NOW)
    entries = AuditEntry.objects.order_by("pk")
    assert [e.action for e in entries] == [
        "episode.opened",
        "questions.asked",
        "questions.answered",
        "episode.changed",
        "consent.revoked",
        "episode.erased",
    ]
    assert {e.about for e in entries} == {"episode E001"}
    assert "patient" not in str([e.details for e in entries])
    assert [e.user for e in entries] == [user, user, None, user, user, user]


CALLS = {
    "open": lambda c, u: opened(c, u),
    "tell": lambda c, u: services.episode_tell(
        1, services.Told(1, "continues", "unknown", "none"), clinic=c, user=u, now=NOW
    ),
    "session": lambda c, u: services.session_add(1, clinic=c, user=u, now=NOW),
    "erase": lambda c, u: services.episode_erase(1, clinic=c, user=u, now=NOW),
    "give": lambda c, u: services.consent_give(1, "audit", clinic=c, user=u, now=NOW),
    "revoke": lambda c, u: services.consent_revoke(1, "audit", clinic=c, user=u, now=NOW),
    "address": lambda c, u: services.address_keep(1, "", clinic=c, user=u, now=NOW),
    "ask": lambda c, u: asking.invitation_make(1, ["pain-nrs"], clinic=c, user=u, now=NOW),
    "mail": lambda c, u: reminding.invitation_mail(
        1, clinic=c, user=u, link=lambda n, t: t, now=NOW
    ),
    "unask": lambda c, u: asking.invitation_revoke(1, clinic=c, user=u, now=NOW),
    "export": lambda c, u: table_export("practice.csv", COUNTED, clinic=c, user=u, now=NOW),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_service_asks_the_policy(clinic, user, name):
    episode = opened(clinic, user)
    asked(episode, user)
    before = (AuditEntry.objects.count(), Episode.objects.count())
    elsewhere = Clinic.objects.create(slug="two", name="Clinic two")
    inactive = make_user(clinic, Role.OWNER)
    inactive.is_active = False
    people = [
        make_user(clinic, Role.MODERATOR),
        make_user(clinic, Role.EDITOR),
        make_user(elsewhere, Role.OWNER),
        inactive,
    ]
    for person in people:
        with pytest.raises(PermissionDenied):
            CALLS[name](clinic, person)
    assert (AuditEntry.objects.count(), Episode.objects.count()) == before


def test_another_clinics_episode_is_not_there(clinic, user):
    opened(clinic, user)
    elsewhere = Clinic.objects.create(slug="two", name="Clinic two")
    stranger = make_user(elsewhere, Role.OWNER)
    for name in ("tell", "session", "erase", "give", "revoke", "address", "ask"):
        with pytest.raises(Episode.DoesNotExist):
            CALLS[name](elsewhere, stranger)


def test_a_link_is_used_once(clinic, user):
    episode = opened(clinic, user)
    _, token = asked(episode, user)
    with pytest.raises(ValueError, match="not everything"):
        asking.answers_send(token, now=NOW)
    asking.draft_keep(token, "pain-nrs", {"pain": 3}, now=NOW)
    assert not Answer.objects.exists(), "kept is not sent"
    asking.answers_send(token, now=NOW)
    for again in (
        lambda: asking.answers_send(token, now=NOW),
        lambda: asking.draft_keep(token, "pain-nrs", {"pain": 9}, now=NOW),
        lambda: asking.asked(token, NOW),
    ):
        with pytest.raises(Spent):
            again()
    assert [a.score for a in Answer.objects.all()] == [3.0]


def test_a_link_expires_can_be_revoked_and_cannot_be_made_up(clinic, user):
    episode = opened(clinic, user)
    made, token = asked(episode, user)
    assert asking.asked(token, made.expires_at - DAY / 1000)
    for bad, at in (
        (token, made.expires_at),
        (made.nonce, NOW),
        (token[:-1] + ("A" if token[-1] != "A" else "B"), NOW),
        ("\x00", NOW),
        ("1:2", NOW),
    ):
        with pytest.raises(Spent):
            asking.asked(bad, at)
    asking.invitation_revoke(made.pk, clinic=clinic, user=user, now=NOW)
    with pytest.raises(Spent):
        asking.asked(token, NOW)


def test_a_change_cannot_be_asked_before_there_was_a_session(clinic, user):
    episode = opened(clinic, user)
    with pytest.raises(ValidationError, match="since the first session"):
        asked(episode, user, "global-change")
    with pytest.raises(ValidationError):
        asked(episode, user, "no-such")
    services.session_add(1, clinic=clinic, user=user, now=NOW)
    episode.refresh_from_db()
    made, _ = asked(episode, user, "global-change", "rmdq")
    assert (made.session, made.instruments) == (1, ["global-change", "rmdq"])


def test_what_is_no_answer_is_not_kept(clinic, user):
    episode = opened(clinic, user)
    _, token = asked(episode, user)
    with pytest.raises(ValueError, match="no answer"):
        asking.draft_keep(token, "pain-nrs", {"pain": 11}, now=NOW)
    asking.draft_keep(token, "pain-nrs", None, now=NOW)
    asking.answers_send(token, now=NOW)
    assert [a.score for a in Answer.objects.all()] == [None]


def test_everybody_agrees_to_everything_in_these_tests():
    assert set(ALL) == set(wordings())
