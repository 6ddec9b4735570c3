"""Writing, confirming, changing and withdrawing."""

from datetime import timedelta

import pytest
from django.core import mail

from osler.web.accounts.models import AuditEntry
from osler.web.comments import moderation, selectors, services
from osler.web.comments.layers.finding import from_data
from osler.web.comments.models import Comment, State
from osler.web.comments.signing import comment_of, form_stamp, writer_token
from tests.web.comments.conftest import NOW, confirmed, served, write, written

pytestmark = pytest.mark.django_db


def findings(comment):
    return {f.layer: f for f in from_data(comment.findings)}


def test_nobody_sees_a_comment_before_its_writer_confirms_it(page, moderator):
    comment = write(page, "Is a week of pain usual?")
    assert comment.state == State.UNCONFIRMED
    assert selectors.thread(page) == []
    assert all(not selectors.queue(page.clinic, name) for name in selectors.QUEUES)
    assert "Is a week" not in served(page)
    assert set(findings(comment)) == {"form", "rate"}, "no other layer has judged it yet"


def test_the_mail_has_the_link_and_nothing_that_was_typed(page):
    comment = write(page, "buy my pills", name="www.pills.example")
    [message] = mail.outbox
    assert message.to == ["reader@site.example"]
    assert writer_token(comment.pk) in message.body
    assert "pills" not in message.body + message.subject


def test_a_confirmed_comment_waits_with_a_word_from_every_layer(page):
    comment = confirmed(page)
    assert comment.state == State.HELD
    assert comment.confirmed_at == NOW
    told = findings(comment)
    layers = ["form", "rate", "name", "words", "links", "classifier", "testimonial", "akismet"]
    assert list(told) == layers
    assert {f.verdict for f in told.values()} == {"clean", "off"}
    assert all(f.reason for f in told.values())


def test_where_the_clinic_wants_it_a_clean_comment_is_shown_at_once(page, settings):
    settings.OSLER_COMMENTS = {"show": "clean"}
    clean = confirmed(page)
    held = confirmed(page, "Cheap cialis here", email="other@site.example")
    assert (clean.state, held.state) == (State.SHOWN, State.HELD)
    assert "Is a week of pain usual?" in served(page)
    assert "cialis" not in served(page)


def test_confirming_twice_changes_nothing(page, moderator):
    comment = confirmed(page)
    moderation.comments_decide(
        [comment.version], State.SHOWN, clinic=page.clinic, user=moderator, batch=BATCH, now=NOW
    )
    comment.refresh_from_db()
    assert services.comment_confirm(comment, now=NOW) == State.SHOWN


BATCH = "00000000-0000-0000-0000-000000000001"


def test_a_change_is_judged_anew_and_leaves_the_page_until_then(page, moderator):
    comment = confirmed(page, "A kind word.")
    moderation.comments_decide(
        [comment.version], State.SHOWN, clinic=page.clinic, user=moderator, batch=BATCH, now=NOW
    )
    assert "A kind word." in served(page)
    comment.refresh_from_db()
    later = NOW + timedelta(hours=1)
    state = services.comment_edit(comment, name="B", text="Casino bonus!", now=later)
    assert state == State.HELD
    assert "A kind word." not in served(page) and "Casino" not in served(page)
    comment.refresh_from_db()
    assert findings(comment)["words"].verdict == "hold"
    assert findings(comment)["form"].verdict == "clean", "what the sending told stays"
    assert comment.edited_at == later


def test_a_withdrawn_comment_is_emptied_and_its_answers_stay(page, moderator):
    comment = confirmed(page, "My secret.")
    _, reply = (
        comment,
        moderation.reply_as_clinic(
            page, comment, "Thank you.", clinic=page.clinic, user=moderator, now=NOW
        ),
    )
    moderation.comments_decide(
        [comment.version], State.SHOWN, clinic=page.clinic, user=moderator, batch=BATCH, now=NOW
    )
    comment.refresh_from_db()
    services.comment_withdraw(comment, now=NOW)
    comment.refresh_from_db()
    assert (comment.name, comment.email, comment.text, comment.findings) == ("", "", "", [])
    assert "My secret." not in served(page)
    assert "withdrawn by its writer" in served(page) and "Thank you." in served(page)
    assert [(s.comment.pk, s.depth) for s in selectors.thread(page)] == [
        (comment.pk, 0),
        (reply.pk, 1),
    ]


def test_a_withdrawn_comment_that_nobody_answered_leaves_no_trace_on_the_page(page):
    comment = confirmed(page)
    services.comment_withdraw(comment, now=NOW)
    assert selectors.thread(page) == []


def test_more_than_usual_from_one_visitor_is_held_and_far_more_is_refused_openly(page, settings):
    settings.OSLER_COMMENTS = {"per_hour": 2, "refuse_per_hour": 3}
    sent = [write(page, email=f"r{n}@site.example") for n in range(3)]
    assert [findings(c)["rate"].verdict for c in sent] == ["clean", "clean", "hold"]
    with pytest.raises(services.TooMany):
        write(page, email="r4@site.example")
    assert Comment.objects.count() == 3
    assert write(page, email="r5@site.example", visitor="w" * 32)
    assert write(page, email="r6@site.example", now=NOW + timedelta(hours=1))


def test_one_address_is_not_flooded_with_mails(page, settings):
    settings.OSLER_COMMENTS = {"mails_a_day": 2}
    for n in range(2):
        write(page, visitor=str(n) * 32)
    with pytest.raises(services.TooMany):
        write(page, visitor="9" * 32, email="READER@site.example")
    assert len(mail.outbox) == 2
    confirmed_later = NOW + timedelta(days=2)
    assert write(page, visitor="9" * 32, now=confirmed_later)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"trap": "x"}, "do not see"),
        ({"stamp": ""}, "own form"),
        ({"stamp": form_stamp("another", NOW - timedelta(minutes=1))}, "own form"),
        ({"stamp": form_stamp("sciatica", NOW - timedelta(seconds=1))}, "1 s after"),
        ({"stamp": form_stamp("sciatica", NOW - timedelta(hours=25))}, "more than 24 hours"),
        ({"stamp": form_stamp("sciatica", NOW + timedelta(hours=1))}, "0 s after"),
    ],
)
def test_how_it_was_sent_is_told_to_the_moderator(page, told, reason):
    comment = confirmed(page, **told)
    assert findings(comment)["form"].verdict == "hold"
    assert reason in findings(comment)["form"].reason
    assert comment.state == State.HELD, "held, not dropped"


def test_the_trail_names_comments_and_not_people(page, moderator):
    comment = confirmed(page)
    services.comment_withdraw(comment, now=NOW)
    told = [(e.action, e.about, e.user_id) for e in AuditEntry.objects.order_by("pk")]
    assert told == [
        ("comment.confirmed", f"comment {comment.pk}", None),
        ("comment.withdrawn", f"comment {comment.pk}", None),
    ]
    assert "reader" not in str([e.details for e in AuditEntry.objects.all()])


def test_a_comment_of_a_former_site_comes_once(page):
    told = {
        "name": "Old reader",
        "email": "old@site.example",
        "text": "Hello",
        "state": State.SHOWN,
        "written_at": NOW - timedelta(days=900),
        "imported_from": "https://old.example/?p=5#comment-9",
        "parent": None,
        "now": NOW,
    }
    first, is_new = services.comment_import(page, **told)
    again, is_new_again = services.comment_import(page, **told)
    assert (is_new, is_new_again, first) == (True, False, again)
    assert [s.comment for s in selectors.thread(page)] == [first]


@pytest.mark.parametrize("token", ["", ".", "12", "12.x", "x.y", "-1.é", "9" * 400])
def test_a_link_that_is_not_ours_is_nobodys(token):
    assert comment_of(token) is None


def test_what_is_typed_is_tidied(page):
    comment = write(page, "one\r\n\r\n\r\ntwo\x00\u202e", name="  A\n Reader ")
    assert (comment.name, comment.text) == ("A Reader", "one\n\ntwo")
    assert written().trap == ""


def test_a_comment_cannot_be_changed_without_end(page, settings):
    settings.OSLER_COMMENTS = {"edits_per_hour": 2}
    comment = confirmed(page)
    for text in ("Second words.", "Third words."):
        services.comment_edit(comment, name="A", text=text, now=NOW)
    with pytest.raises(services.TooMany):
        services.comment_edit(comment, name="A", text="Fourth words.", now=NOW)
    comment.refresh_from_db()
    assert comment.text == "Third words."
    assert AuditEntry.objects.filter(action="comment.edited").count() == 2
    services.comment_edit(comment, name="A", text="Later.", now=NOW + timedelta(hours=1))
    other = confirmed(page, email="other@site.example")
    services.comment_edit(other, name="A", text="Mine.", now=NOW)


def test_a_comment_is_withdrawn_once(page):
    comment = confirmed(page)
    for _ in range(3):
        services.comment_withdraw(comment, now=NOW)
    assert AuditEntry.objects.filter(action="comment.withdrawn").count() == 1
