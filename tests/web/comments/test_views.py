"""The pages of comments as they come over HTTP."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from osler.web.comments.models import Comment, State
from osler.web.comments.signing import form_stamp, writer_token
from tests.web.comments.conftest import confirmed, served, write

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.77"


def filled(**more):
    told = {"name": "A. Reader", "email": "reader@site.example", "text": "Is it usual?"}
    earlier = timezone.now() - timedelta(minutes=1)
    return told | {"stamp": form_stamp("sciatica", earlier)} | more


@pytest.fixture
def url(page):
    return reverse("comments-write", args=[page.slug])


def test_the_form_marks_what_is_required_and_names_help_and_problems(client, url):
    html = client.get(url).content.decode()
    assert html.count("(required)") == 3
    assert html.count(" required") >= 3
    assert 'aria-describedby="id_email_helptext"' in html
    html = client.post(url, filled(email="not an address")).content.decode()
    assert 'aria-invalid="true"' in html
    assert 'value="not an address"' in html and "Is it usual?" in html, "nothing is typed twice"


def test_reading_sets_no_cookie_and_the_form_only_the_one_against_forgery(client, page, url):
    client.get(page.get_absolute_url())
    assert not client.cookies
    client.get(url)
    assert set(client.cookies) == {"csrftoken"}


def test_from_the_form_to_the_page(client, page, url, moderator):
    answer = client.post(url, filled(), REMOTE_ADDR=ADDRESS, follow=True)
    assert "look at your e-mail" in answer.content.decode()
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body).group(1)
    assert "not confirmed yet" in client.get(link).content.decode()
    assert Comment.objects.get().state == State.UNCONFIRMED, "looking changes nothing"
    answer = client.post(link, {"action": "confirm"}, follow=True)
    assert "it is confirmed" in answer.content.decode()
    client.force_login(moderator)
    queue = client.get(reverse("comments-queue")).content.decode()
    assert "Is it usual?" in queue and "reader@site.example" not in queue
    version = re.search(r'name="comment" value="([^"]+)"', queue).group(1)
    client.post(reverse("comments-decide"), {"state": "shown", "comment": [version]})
    assert "Is it usual?" in served(page)
    client.post(reverse("comments-answer", args=[Comment.objects.get().pk]), {"text": "It is."})
    assert "It is." in served(page)
    answers = Comment.objects.get(by_clinic=True)
    client.post(reverse("comments-answer-remove", args=[answers.pk]))
    assert "It is." not in served(page)
    client.post(reverse("comments-undo"), {"list": "held"})
    assert "Is it usual?" not in served(page)
    assert "No comments" not in queue


def test_a_button_beside_one_comment_means_that_one(client, page, moderator):
    one = confirmed(page, email="a@site.example")
    two = confirmed(page, email="b@site.example")
    client.force_login(moderator)
    told = {"only_spam": one.version, "comment": [two.version], "list": "held"}
    client.post(reverse("comments-decide"), told)
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.state, two.state) == (State.SPAM, State.HELD)


def test_a_change_by_the_writer_is_told_to_a_moderator_who_was_late(client, page, moderator):
    one = confirmed(page)
    client.force_login(moderator)
    told = {"only_shown": f"{one.pk}-20200101000000000000"}
    answer = client.post(reverse("comments-decide"), told, follow=True)
    assert "1 comment left as before" in answer.content.decode()


@pytest.mark.parametrize("told", [{}, {"state": "unconfirmed"}, {"state": "x", "comment": ["y"]}])
def test_an_unknown_decision_is_none(client, page, moderator, told):
    client.force_login(moderator)
    assert client.post(reverse("comments-decide"), told).status_code == 404


def test_the_writer_changes_and_withdraws(client, page):
    comment = confirmed(page)
    link = reverse("comments-mine", args=[writer_token(comment.pk)])
    client.post(link, {"action": "edit", "name": "B. Reader", "text": "Now other words."})
    comment.refresh_from_db()
    assert (comment.name, comment.text) == ("B. Reader", "Now other words.")
    assert client.post(link, {"action": "edit", "name": "", "text": "x"}).status_code == 422
    answer = client.post(link, {"action": "withdraw"}, follow=True).content.decode()
    assert "You have withdrawn this comment." in answer
    assert "Now other words." not in answer


def test_who_changes_a_comment_again_and_again_is_told_to_wait(client, page, settings):
    settings.OSLER_COMMENTS = {"edits_per_hour": 1}
    link = reverse("comments-mine", args=[writer_token(confirmed(page).pk)])
    told = {"action": "edit", "name": "A", "text": "First change."}
    assert client.post(link, told).status_code == 302
    answer = client.post(link, told | {"text": "Second change."})
    assert answer.status_code == 429
    assert "changed very often" in answer.content.decode()
    assert "Second change." in answer.content.decode(), "what was written is not lost"
    assert Comment.objects.get().text == "First change."
    assert client.post(link, {"action": "withdraw"}).status_code == 302


def test_a_form_with_nothing_in_it_is_given_back(client, url):
    answer = client.post(url, filled(text=" ... \n", name="\u202e"))
    assert answer.status_code == 422
    assert answer.content.decode().count("There are no words in it.") >= 1
    assert not Comment.objects.exists()


def test_too_many_are_told_so(client, page, url, settings):
    settings.OSLER_COMMENTS = {"refuse_per_hour": 1, "per_hour": 1}
    assert client.post(url, filled()).status_code == 302
    answer = client.post(url, filled(email="b@site.example"))
    assert answer.status_code == 429
    assert "none of this was kept" in answer.content.decode().replace("\n", " ")


def test_a_mail_server_that_is_away_loses_no_comment(client, url, settings):
    settings.EMAIL_BACKEND = "tests.web.comments.test_posting.Broken"
    assert client.post(url, filled()).status_code == 302
    assert Comment.objects.get().mail_due is not None


def test_an_answer_to_a_comment_says_what_it_answers(client, page, url, settings):
    settings.OSLER_COMMENTS = {"show": "clean"}
    first = confirmed(page, "The first word.")
    assert "The first word." in client.get(url, {"to": first.pk}).content.decode()
    client.post(url, filled(parent=first.pk, email="b@site.example"))
    assert Comment.objects.get(email="b@site.example").parent == first


@pytest.mark.parametrize("to", ["0", "x", "9" * 30, "-1", "²"])
def test_an_answer_to_nothing_is_a_comment(client, url, to):
    assert client.get(url, {"to": to}).status_code == 200
    assert client.post(url, filled(parent=to)).status_code in (302, 422)


@pytest.mark.parametrize("token", ["x", "1.x", "1"])
def test_a_wrong_link_leads_nowhere(client, page, token):
    write(page)
    assert client.get(reverse("comments-mine", args=[token])).status_code == 404


def test_a_post_without_the_token_against_forgery_is_refused(page, url):
    assert Client(enforce_csrf_checks=True).post(url, filled()).status_code == 403
    assert not Comment.objects.exists()


def test_comments_of_a_page_that_is_not_live_are_closed(client, page, url):
    page.is_live = False
    page.save()
    assert client.get(url).status_code == 404


def test_what_is_typed_never_becomes_html(client, page, moderator, settings):
    settings.OSLER_COMMENTS = {"show": "clean"}
    nasty = '<img src=x onerror=alert(1)><script>x</script> "quoted" & more'
    confirmed(page, nasty, name="<b>Bold</b>")
    client.force_login(moderator)
    for html in (
        served(page),
        client.get(reverse("comments-queue"), {"list": "shown"}).content.decode(),
    ):
        assert "<img" not in html and "<b>Bold" not in html and "<script>x" not in html
        assert "&lt;b&gt;Bold" in html
