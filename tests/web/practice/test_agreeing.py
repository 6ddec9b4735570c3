"""Consent by the person's own hand, on the page of a link: separate, dated, worded, taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.practice import agreeing, asking, reminding, selectors, services
from osler.web.practice.agreeing import choice
from osler.web.practice.asking import Spent
from osler.web.practice.links import token_of
from osler.web.practice.models import Answer, Consent, Contact, Episode, Invitation
from osler.web.practice.wording import wordings
from osler.web.privacy import retention
from tests.web.practice.conftest import DAY, NOW, asked, make_user, opened

BEGUN = services.Opened("sciatica", "acupuncture", "2026-03")


def tick(*purposes):
    return [choice(wordings()[purpose]) for purpose in purposes]


@pytest.fixture
def waiting(clinic, user):
    return services.episode_open_waiting(BEGUN, clinic=clinic, user=user, now=NOW)


@pytest.fixture
def link(waiting, user, monkeypatch):
    """A link that asks for consent and then for pain, and its token."""
    monkeypatch.setattr("osler.web.practice.views.timezone.now", lambda: NOW)
    return _link(waiting, user, "pain-nrs")


def _link(episode, user, *instruments):
    made = asking.invitation_make(
        episode.number,
        instruments,
        clinic=episode.clinic,
        user=user,
        now=NOW,
        asks_consent=True,
    )
    return made, token_of(made.nonce)


def in_force(episode):
    return set(episode.consents.filter(revoked_at=None).values_list("purpose", flat=True))


def test_somebody_agrees_on_the_tablet_and_then_answers(link, waiting):
    _, token = link
    client, page = Client(), reverse("practice-agree", args=[token])
    first = client.get(reverse("practice-questions", args=[token]))
    assert first["Location"] == page, "consent comes before any question"
    shown = client.get(page).content.decode()
    assert shown.count('type="checkbox"') == 4
    assert "checked" not in shown, "nobody is asked to take a tick out"
    for words in wordings().values():
        assert words.text.replace("'", "&#39;") in shown
    answer = client.post(page, {"agreed": tick("care", "audit"), "action": "keep"})
    assert answer["Location"] == reverse("practice-questions", args=[token])
    consent = waiting.consents.get(purpose="care")
    assert (consent.given_at, consent.by_patient, consent.recorded_by) == (NOW, True, None)
    assert consent.wording == wordings()["care"].text
    assert consent.version == wordings()["care"].version
    assert in_force(waiting) == {"care", "audit"}
    told = {"part": "pain-nrs", "action": "next", "a-pain": "7"}
    assert client.post(answer["Location"], told)["Location"] == reverse("practice-received")
    assert Answer.objects.get().score == 7
    assert client.get(page, follow=True).status_code == 410, "the link is spent"
    given = AuditEntry.objects.filter(action="consent.given")
    assert [(e.user, e.details["purpose"]) for e in given.order_by("pk")] == [
        (None, "care"),
        (None, "audit"),
    ]
    assert "sessionid" not in client.cookies


def test_as_long_as_the_link_is_open_a_tick_can_be_taken_out(link, waiting):
    _, token = link
    agreeing.choices_keep(token, tick("care", "audit", "reminders"), now=NOW)
    Contact.objects.create(episode=waiting, email="p@site.example", given_at=NOW)
    page = reverse("practice-agree", args=[token])
    assert Client().get(page).content.decode().count("checked") == 3
    assert page in Client().get(reverse("practice-questions", args=[token])).content.decode()
    agreeing.choices_keep(token, tick("care", "publication"), now=NOW + timedelta(hours=1))
    assert in_force(waiting) == {"care", "publication"}
    before = waiting.consents.get(purpose="audit")
    assert (before.given_at, before.revoked_at) == (NOW, NOW + timedelta(hours=1))
    assert not Contact.objects.exists(), "the address goes with the consent to it"
    assert waiting.consents.filter(purpose="care").count() == 1, "no second one for the same"


def test_who_does_not_agree_leaves_no_record(link):
    _, token = link
    page = reverse("practice-agree", args=[token])
    answer = Client().post(page, {"action": "decline", "agreed": tick("care")})
    assert answer["Location"] == reverse("practice-declined")
    assert not Episode.objects.exists()
    assert AuditEntry.objects.filter(action="episode.erased", user=None).count() == 1
    assert Client().get(page, follow=True).status_code == 410


def test_who_had_agreed_before_takes_everything_back(clinic, user):
    episode = opened(clinic, user)
    _, token = _link(episode, user)
    _, other = asked(episode, user)
    agreeing.record_decline(token, now=NOW)
    assert in_force(episode) == set()
    assert Episode.objects.filter(pk=episode.pk).exists(), "what was kept with consent is staff's"
    for link in (token, other):
        with pytest.raises(Spent):
            asking.asked(link, NOW)


def test_nothing_else_without_the_record_itself(link, waiting):
    _, token = link
    page = reverse("practice-agree", args=[token])
    for ticked in ([], tick("audit", "publication")):
        shown = Client().post(page, {"agreed": ticked, "action": "keep"}).content.decode()
        assert 'role="alert"' in shown
        assert shown.count(" checked") == len(ticked), "what was ticked is not lost"
    assert not Consent.objects.exists()


@pytest.mark.parametrize("told", ["care 2020-1", "care", "x", "", "care 2026-1\0", "a" * 9999])
def test_words_that_were_not_shown_are_not_agreed_to(link, told):
    _, token = link
    page = reverse("practice-agree", args=[token])
    shown = Client().post(page, {"agreed": [*tick("care"), told], "action": "keep"})
    assert "The words have changed" in shown.content.decode()
    assert not Consent.objects.exists()


def test_new_words_are_read_before_they_are_agreed_to(link, waiting, monkeypatch):
    _, token = link
    old = tick("care")
    newer = {p: replace(w, version="2027-1", text="New.") for p, w in wordings().items()}
    monkeypatch.setattr(agreeing, "wordings", lambda: newer)
    with pytest.raises(agreeing.Unread):
        agreeing.choices_keep(token, old, now=NOW)


def test_no_question_is_answered_past_the_consent(link):
    _, token = link
    with pytest.raises(Spent):
        asking.draft_keep(token, "pain-nrs", {"pain": 7}, now=NOW)
    with pytest.raises(Spent):
        asking.answers_send(token, now=NOW)
    address = reverse("practice-questions", args=[token])
    told = {"part": "pain-nrs", "action": "next", "a-pain": "7"}
    assert "/agree/" in Client().post(address, told)["Location"]
    assert Invitation.objects.get().draft == {}
    assert not Answer.objects.exists()


def test_a_link_for_consent_alone_is_spent_with_it(waiting, user):
    _, token = _link(waiting, user)
    agreeing.choices_keep(token, tick("care"), now=NOW)
    with pytest.raises(Spent):
        agreeing.choices_keep(token, tick("care", "audit"), now=NOW)
    assert selectors.episodes_of(waiting.clinic).get().asked == 0, "it asked no questions"


def test_a_link_to_questions_alone_gives_no_consent(clinic, user):
    _, token = asked(opened(clinic, user, consents=["care"]), user)
    for act in (
        lambda: agreeing.choices_keep(token, tick("care", "publication"), now=NOW),
        lambda: agreeing.record_decline(token, now=NOW),
    ):
        with pytest.raises(Spent):
            act()
    questions = reverse("practice-questions", args=[token])
    for answer in (Client().get, Client().post):
        assert answer(f"{questions}agree/")["Location"] == questions, "and no key in the log"
    strange = reverse("practice-agree", args=["x.y"])
    assert Client().get(strange, follow=True).status_code == 410


@pytest.mark.parametrize("then", [timedelta(days=15), None])
def test_a_link_that_is_too_old_or_revoked_takes_no_consent(waiting, user, then):
    made, token = _link(waiting, user)
    if then is None:
        asking.invitation_revoke(made.pk, clinic=waiting.clinic, user=user, now=NOW)
    with pytest.raises(Spent):
        agreeing.choices_keep(token, tick("care"), now=NOW + (then or timedelta()))
    assert not Consent.objects.exists()


def test_an_episode_that_waits_takes_nothing_else(waiting, user):
    who = {"clinic": waiting.clinic, "user": user, "now": NOW}
    for act in (
        lambda: services.session_add(waiting.number, **who),
        lambda: asking.invitation_make(waiting.number, ["pain-nrs"], **who),
        lambda: services.consent_give(waiting.number, "audit", **who),
        lambda: services.address_keep(waiting.number, "p@site.example", **who),
        lambda: services.episode_open_waiting(replace(BEGUN, email="p@site.example"), **who),
    ):
        with pytest.raises(ValidationError):
            act()
    assert selectors.tables_of(waiting.clinic, selectors.COUNTED).episodes == ()


def test_only_those_who_may_write_let_somebody_agree(clinic, user):
    other = make_user(Clinic.objects.create(slug="two", name="Two"), Role.OWNER)
    for stranger in (other, make_user(clinic, Role.EDITOR)):
        with pytest.raises(PermissionDenied):
            services.episode_open_waiting(BEGUN, clinic=clinic, user=stranger, now=NOW)


def test_what_nobody_agreed_to_goes_when_its_links_have_ended(clinic, user, waiting):
    agreed = opened(clinic, user)
    retention.end_what_is_due(NOW + 13 * DAY)
    assert Episode.objects.count() == 2
    retention.end_what_is_due(NOW + 15 * DAY)
    assert list(Episode.objects.all()) == [agreed]


def test_questions_after_some_weeks_are_those_asked_first(clinic, user):
    episode = opened(clinic, user, started="2026-03", started_on=NOW.date(), email="p@site.example")
    _link(episode, user)
    asked(episode, user, "rmdq")
    reminding.remind(NOW + 43 * DAY, lambda name, token: f"https://site.example/{token}")
    assert episode.invitations.last().instruments == ["rmdq"]


def test_staff_make_it_from_the_pages(client, user, settings):
    settings.OSLER_TWO_FACTOR = "offered"
    client.force_login(user)
    told = {"condition": "sciatica", "started": "2026-03", "by_link": "yes", "consents": ["care"]}
    made = client.post(reverse("practice-new"), told)
    episode = Episode.objects.get()
    assert not episode.consents.exists(), "staff's ticks do not count with this button"
    page = client.get(made["Location"]).content.decode()
    assert "Nobody has agreed to this record yet" in page
    assert 'name="consent" value="yes" checked' in page
    asked_for = {"consent": "yes", "instruments": ["pain-nrs"]}
    link = client.post(reverse("practice-ask", args=[episode.number]), asked_for)
    page = client.get(link["Location"]).content.decode()
    assert "Consent, Pain" in page and "<svg" in page
    token = token_of(Invitation.objects.get().nonce)
    agreeing.choices_keep(token, tick("care"), now=NOW)
    page = client.get(reverse("practice-episode", args=[episode.number])).content.decode()
    assert "by their own hand" in page
    nothing = client.post(reverse("practice-ask", args=[episode.number]), {})
    assert "Choose at least one." in nothing.content.decode()
