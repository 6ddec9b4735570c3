"""The pages: questionnaires by a link, episodes and audit for staff."""

from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

import osler.web
from osler.publish.figures.svg import stylesheet
from osler.web.accounts.models import AuditEntry, Role
from osler.web.pages.models import Folder
from osler.web.practice import asking, services
from osler.web.practice.models import Answer, Contact, Episode, Invitation
from tests.web.practice.conftest import NOW, answered, asked, make_user, opened, practice, told

EXAMPLE = Path(__file__).parents[3] / "examples" / "sciatica"


@pytest.fixture
def staff(client, user, settings):
    settings.OSLER_TWO_FACTOR = "offered"
    client.force_login(user)
    return client


@pytest.fixture
def link(clinic, user, monkeypatch):
    """An open link to two questionnaires, and its address."""
    monkeypatch.setattr("osler.web.practice.views.timezone.now", lambda: NOW)
    episode = opened(clinic, user)
    made, token = asked(episode, user, "pain-nrs", "rmdq")
    return made, reverse("practice-questions", args=[token])


def send(client, address, part, action="next", **filled):
    return client.post(address, {"part": part, "action": action} | filled)


def test_two_questionnaires_are_answered_without_an_account(link):
    made, address = link
    client = Client()
    page = client.get(address).content.decode()
    assert page.count('type="radio"') == 11
    assert "<legend>" in page
    assert "part 1 of 2" in page
    answer = send(client, address, "pain-nrs", **{"a-pain": "7"})
    assert answer["Location"].endswith("?part=2")
    page = client.get(answer["Location"]).content.decode()
    assert page.count('type="checkbox"') == 24
    answer = send(client, address, "rmdq", **{"a-1": "1", "a-13": "1"})
    assert answer["Location"] == reverse("practice-received")
    assert [(a.measure, a.score) for a in Answer.objects.all()] == [
        ("pain 0-10", 7.0),
        ("Roland-Morris 0-24", 2.0),
    ]
    made.refresh_from_db()
    assert made.draft == {}
    assert client.get(address).status_code == 410
    assert send(client, address, "rmdq").status_code == 410
    assert "sessionid" not in client.cookies


def test_it_is_resumed_where_it_was_left(link):
    _, address = link
    send(Client(), address, "pain-nrs", **{"a-pain": "7"})
    later = Client()
    assert "part 2 of 2" in later.get(address).content.decode()
    back = send(later, address, "rmdq", "back", **{"a-4": "1"})
    assert back["Location"].endswith("?part=1")
    page = later.get(back["Location"]).content.decode()
    assert 'value="7" checked' in page
    assert 'name="a-4" value="1" checked' in later.get(f"{address}?part=2").content.decode()


def test_the_end_is_not_reached_past_an_empty_part(link):
    _, address = link
    client = Client()
    assert "part 1 of 2" in client.get(f"{address}?part=2").content.decode()
    answer = send(client, address, "rmdq")
    assert answer["Location"].endswith("?part=1")
    assert not Answer.objects.exists()


@pytest.mark.parametrize("told", [{}, {"a-pain": "11"}, {"a-pain": "x"}, {"a-pain": "nan"}])
def test_no_answer_is_asked_for_again(link, told, caplog):
    _, address = link
    answer = send(Client(), address, "pain-nrs", **told)
    assert 'role="alert"' in answer.content.decode()
    assert Invitation.objects.get().draft == {}
    assert "/questions/" not in caplog.text, "an open link is in no log"


def test_questions_may_be_left_out(link):
    _, address = link
    client = Client()
    send(client, address, "pain-nrs", "skip")
    send(client, address, "rmdq", "skip")
    assert [a.score for a in Answer.objects.all()] == [None, None]


@pytest.mark.parametrize("data", [{}, {"part": "pain-nrs"}, {"part": "x", "action": "next"}])
def test_what_no_form_sends_changes_nothing(link, data, caplog):
    _, address = link
    assert "part 1 of 2" in Client().post(address, data).content.decode()
    assert Invitation.objects.get().draft == {}
    assert "/questions/" not in caplog.text


def test_the_address_and_the_page_tell_nothing_of_the_person(link):
    made, address = link
    assert made.episode.code not in address
    page = Client().get(address)
    body = page.content.decode()
    assert "sciatica" not in body
    assert "acupuncture" not in body
    assert made.episode.code not in body
    assert "noindex" in body
    assert "<script" not in body
    assert "no-store" in page["Cache-Control"]


def test_a_long_scale_is_a_number_to_type(clinic, user, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("osler.web.practice.views.timezone.now", lambda: NOW)
    text = (
        'key = "vas"\nname = "Sleep"\nmeasure = "sleep 0-100"\nlow = 0\nhigh = 100\n'
        'better = "higher"\nlicence = "None known."\nscoring = "single"\n'
        '[[items]]\nkey = "s"\ntext = "How well did you sleep?"\nkind = "scale"\n'
    )
    (tmp_path / "vas.toml").write_text(text, "utf-8")
    settings.OSLER_PRACTICE = {"instruments": str(tmp_path)}
    _, token = asked(opened(clinic, user), user, "vas")
    address = reverse("practice-questions", args=[token])
    assert 'type="number"' in Client().get(address).content.decode()
    wrong = send(Client(), address, "vas", **{"a-s": "101"})
    assert 'aria-invalid="true"' in wrong.content.decode()
    send(Client(), address, "vas", **{"a-s": "62.5"})
    assert Answer.objects.get().score == 62.5


def test_looking_at_the_stop_page_stops_nothing(clinic, user):
    episode = opened(clinic, user, email="patient@site.example")
    _, token = asked(episode, user)
    address = reverse("practice-stop", args=[token])
    Client().get(address)
    assert Contact.objects.exists()
    assert b"is deleted here" in Client().post(address).content
    assert not Contact.objects.exists()
    assert not services.agreed(episode, "reminders")
    assert services.agreed(episode, "care")
    assert Client().post(address).status_code == 200, "a second click is no error"
    assert Client().get(reverse("practice-stop", args=["x"])).status_code == 410


def test_an_episode_is_made_in_the_browser(staff, clinic):
    page = staff.get(reverse("practice-new")).content.decode()
    assert page.count('name="consents"') == 4
    assert "checked" not in page, "nobody agrees by default"
    filled = {
        "condition": "sciatica",
        "treatment": "acupuncture",
        "started": "2026-01",
        "consents": ["care", "reminders"],
        "email": "patient@site.example",
        "started_on": "2026-01-07",
    }
    answer = staff.post(reverse("practice-new"), filled)
    assert answer["Location"] == reverse("practice-episode", args=[1])
    episode = Episode.objects.get(clinic=clinic)
    assert (episode.condition, episode.started, episode.contact.email) == (
        *("sciatica", "2026-01"),
        "patient@site.example",
    )
    assert 'value="sciatica"' in staff.get(reverse("practice-new")).content.decode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"condition": "Jones 14/03/1960"}, "no names, dates or numbers"),
        ({"condition": "jones@site.example"}, "no names, dates or numbers"),
        ({"started": "2026-13"}, "Write year and month"),
        ({"started": "2026-01-07"}, "Write year and month"),
        ({"consents": ["audit"]}, "Without consent to the record"),
        ({"consents": ["care"], "email": "p@site.example"}, "This needs consent to reminders"),
        ({"consents": ["care", "reminders"], "started_on": "2026-02-07"}, "not in the month"),
    ],
)
def test_what_could_tell_who_it_was_is_refused(staff, change, told):
    filled = {"condition": "sciatica", "started": "2026-01", "consents": ["care"]} | change
    answer = staff.post(reverse("practice-new"), filled)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Episode.objects.exists()


def test_before_the_first_session_nobody_is_asked_how_things_have_changed(staff, clinic, user):
    number = opened(clinic, user).number
    change = '<input type="checkbox" name="instruments" value="global-change" disabled>'
    assert change in staff.get(f"/staff/practice/{number}/").text
    staff.post(f"/staff/practice/{number}/session/")
    assert change not in staff.get(f"/staff/practice/{number}/").text


def test_an_episode_from_first_session_to_end(staff, clinic, user):
    episode = opened(clinic, user, email="patient@site.example")
    at = [1]
    staff.post(reverse("practice-session", args=at))
    answer = staff.post(reverse("practice-ask", args=at), {"instruments": ["pain-nrs"]})
    made = Invitation.objects.get()
    assert answer["Location"] == reverse("practice-link", args=[1, made.pk])
    page = staff.get(answer["Location"]).content.decode()
    assert "<svg" in page
    assert "http://testserver/questions/" in page
    staff.post(reverse("practice-link-mail", args=[1, made.pk]))
    assert mail.outbox[0].to == ["patient@site.example"]
    assert "/questions/" in mail.outbox[0].body
    assert "sciatica" not in mail.outbox[0].body
    staff.post(reverse("practice-link-revoke", args=[1, made.pk]))
    assert "no longer opens" in staff.get(answer["Location"]).content.decode()
    filled = {"sessions": 5, "ended": "recovered", "recovered": "no", "unwanted": "minor"}
    assert staff.post(reverse("practice-tell", args=at), filled).status_code == 422
    staff.post(reverse("practice-tell", args=at), filled | {"recovered": "yes"})
    staff.post(reverse("practice-consent", args=at), {"purpose": "publication"})
    staff.post(reverse("practice-address", args=at), {"email": ""})
    episode.refresh_from_db()
    assert (episode.sessions, episode.recovered, episode.unwanted) == (5, "yes", "minor")
    assert not services.agreed(episode, "publication")
    assert not Contact.objects.exists()
    assert "E001" in staff.get(f"{reverse('practice-episodes')}?all=yes").content.decode()
    assert "E001" not in staff.get(reverse("practice-episodes")).content.decode()
    assert staff.post(reverse("practice-erase", args=at), {"code": "E002"}).status_code == 422
    staff.post(reverse("practice-erase", args=at), {"code": "e001"})
    assert not Episode.objects.exists()


def test_an_answer_stands_on_the_episodes_page(staff, clinic, user):
    episode = opened(clinic, user)
    answered(episode, user, 7)
    page = staff.get(reverse("practice-episode", args=[1])).content.decode()
    assert "pain 0-10: <strong>7</strong>" in page


def test_a_broken_questionnaire_is_told_and_the_others_are_offered(
    staff, clinic, user, settings, tmp_path
):
    (tmp_path / "bad.toml").write_text("key = 1", "utf-8")
    (tmp_path / "coded.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "again.toml").write_text(
        'key = "rmdq"\nname = "n"\nmeasure = "m"\nlow = 0\nhigh = 1\nbetter = "lower"\n'
        'licence = "l"\nscoring = "single"\n[[items]]\nkey = "1"\ntext = "t"\nkind = "scale"\n',
        "utf-8",
    )
    settings.OSLER_PRACTICE = {"instruments": str(tmp_path)}
    opened(clinic, user)
    page = staff.get(reverse("practice-episode", args=[1])).content.decode()
    for code in ("PRA010", "WEB060", "WEB061"):
        assert code in page
    assert page.count('name="instruments"') == 3
    settings.OSLER_PRACTICE = {"instruments": str(tmp_path / "none")}
    assert "WEB060" in staff.get(reverse("practice-episode", args=[1])).content.decode()


def test_a_questionnaire_that_left_the_folder_does_not_close_the_others(
    clinic, user, settings, tmp_path
):
    text = (
        'key = "own"\nname = "n"\nmeasure = "own 0-1"\nlow = 0\nhigh = 1\nbetter = "lower"\n'
        'licence = "l"\nscoring = "single"\n[[items]]\nkey = "1"\ntext = "t"\nkind = "scale"\n'
    )
    (tmp_path / "own.toml").write_text(text, "utf-8")
    settings.OSLER_PRACTICE = {"instruments": str(tmp_path)}
    _, token = asked(opened(clinic, user), user, "own", "pain-nrs")
    settings.OSLER_PRACTICE = {}
    assert [i.key for i in asking.asked(token, NOW).instruments] == ["pain-nrs"]


def test_a_questionnaire_that_changed_meanwhile_is_asked_again(
    clinic, user, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr("osler.web.practice.views.timezone.now", lambda: NOW)
    text = (
        'key = "own"\nname = "n"\nmeasure = "own 0-9"\nlow = 0\nhigh = 9\nbetter = "lower"\n'
        'licence = "l"\nscoring = "single"\n[[items]]\nkey = "1"\ntext = "t"\nkind = "scale"\n'
    )
    (tmp_path / "own.toml").write_text(text, "utf-8")
    settings.OSLER_PRACTICE = {"instruments": str(tmp_path)}
    _, token = asked(opened(clinic, user), user, "own", "pain-nrs")
    address = reverse("practice-questions", args=[token])
    send(Client(), address, "own", **{"a-1": "8"})
    (tmp_path / "own.toml").write_text(text.replace("high = 9", "high = 5"), "utf-8")
    answer = send(Client(), address, "pain-nrs", **{"a-pain": "3"})
    assert answer["Location"].endswith("?part=1")
    send(Client(), address, "own", **{"a-1": "5"})
    send(Client(), address, "pain-nrs", **{"a-pain": "3"})
    assert sorted(a.score for a in Answer.objects.all()) == [3.0, 5.0]


def test_the_dashboard_tells_what_the_library_says(staff, clinic, user):
    practice(clinic, user, 12)
    practice(clinic, user, 3, treatment="massage")
    page = staff.get(f"{reverse('practice-audit')}?within=6").content.decode()
    assert "15 of 15 episodes counted" in page
    assert "15 people began: 13 finished, 2 stopped coming" in page
    assert "massage" not in page, "three are too few to be named"
    assert "Within 6 sessions" in page
    assert "regression to the mean" in page
    assert "A page may say" not in page
    assert page.count("<svg") == 4
    assert 'style="' not in page, "no inline style: the policy forbids it"
    assert "in as many as 1 in" in page


def test_what_a_page_may_say_and_what_not(staff, clinic, user):
    practice(clinic, user, 12)
    told(opened(clinic, user, consents=("care", "audit")), user, 3, "no benefit", "no")
    page = staff.get(reverse("practice-publication")).content.decode()
    assert "12 of 13 episodes counted" in page
    assert "at least 92% and at most 100% recovered." in page
    assert "Not that the treatment cured" in page
    assert '{.practice about="sciatica"}' in page


def test_control_groups_of_the_clinics_own_review_stand_beside_it(staff, clinic, user):
    practice(clinic, user, 6)
    without = staff.get(reverse("practice-audit")).content.decode()
    assert "Beside it" not in without
    told_ = {"slug": "sciatica", "path": str(EXAMPLE), "published_digest": "d"}
    Folder.objects.create(clinic=clinic, **told_)
    page = staff.get(reverse("practice-audit")).content.decode()
    assert "Without the treatment: in the control groups of" in page
    Folder.objects.update(path="/none", published_digest="e")
    assert "Beside it" not in staff.get(reverse("practice-audit")).content.decode()


def test_four_are_not_shown(staff, clinic, user):
    practice(clinic, user, 4)
    page = staff.get(reverse("practice-audit")).content.decode()
    assert "Nothing can be shown yet" in page
    assert "Office for National Statistics 2006" in page
    assert "<svg" not in page
    export = {"purpose": "audit", "table": "practice.csv"}
    answer = staff.post(reverse("practice-export"), export)
    assert answer.status_code == 422
    assert "nothing to put into practice.csv" in answer.content.decode()


def test_the_tables_are_taken_by_who_may_and_the_trail_says_so(staff, clinic, user, client):
    practice(clinic, user, 6)
    export = {"purpose": "publication", "table": "practice_scores.csv"}
    answer = staff.post(reverse("practice-export"), export)
    assert answer["Content-Disposition"] == 'attachment; filename="practice_scores.csv"'
    assert answer.content.startswith(b"id,measure,session,score\n")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.user, entry.details["episodes"]) == ("audit.exported", user, 6)
    assert staff.post(reverse("practice-export"), export | {"table": "x"}).status_code == 404
    editor = Client()
    editor.force_login(make_user(clinic, Role.EDITOR))
    assert "practice.csv</button>" not in editor.get(reverse("practice-audit")).content.decode()
    assert editor.post(reverse("practice-export"), export).status_code == 403


@pytest.mark.parametrize("within", ["0", "x", "99999"])
def test_a_number_of_sessions_that_is_none(staff, within):
    answer = staff.get(f"{reverse('practice-audit')}?within={within}")
    assert answer.status_code == 422


def test_the_style_sheet_has_the_marks_of_the_figures():
    css = Path(osler.web.__file__).with_name("static") / "practice.css"
    assert css.read_text("utf-8").endswith(stylesheet() + "\n")
