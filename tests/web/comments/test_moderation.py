"""The moderators' side: decisions, undo, answers, and what they may not do."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.comments import moderation, selectors, services
from osler.web.comments.models import Decision, State
from tests.web.comments.conftest import NOW, confirmed, make_page, make_user, served, write

pytestmark = pytest.mark.django_db


def decide(comments, state, user, clinic, now=NOW):
    for comment in comments:
        comment.refresh_from_db()
    return moderation.comments_decide(
        [c.version for c in comments],
        state,
        clinic=clinic,
        user=user,
        batch=uuid.uuid4(),
        now=now,
    )


def states(*comments):
    for comment in comments:
        comment.refresh_from_db()
    return [comment.state for comment in comments]


@pytest.fixture
def three(page):
    return [confirmed(page, f"Word {n}.", email=f"r{n}@site.example") for n in range(3)]


def test_many_at_once_and_back_with_one_click(three, page, moderator):
    assert decide(three[:2], State.SHOWN, moderator, page.clinic) == 2
    assert decide(three[2:], State.SPAM, moderator, page.clinic, NOW + timedelta(seconds=5)) == 1
    assert states(*three) == ["shown", "shown", "spam"]
    assert "Word 0." in served(page) and "Word 2." not in served(page)
    for expected in (["shown", "shown", "held"], ["held", "held", "held"]):
        moderation.decisions_undo(clinic=page.clinic, user=moderator, now=NOW)
        assert states(*three) == expected
    assert "Word 0." not in served(page)
    assert moderation.decisions_undo(clinic=page.clinic, user=moderator, now=NOW) == 0


def test_undo_is_of_ones_own_clicks_and_only_where_nobody_moved_it_since(three, page, moderator):
    other = make_user(page.clinic, Role.OWNER)
    decide(three, State.REFUSED, moderator, page.clinic)
    decide(three[:1], State.SHOWN, other, page.clinic, NOW + timedelta(seconds=5))
    services.comment_withdraw(three[1], now=NOW)
    assert moderation.decisions_undo(clinic=page.clinic, user=moderator, now=NOW) == 1
    assert states(*three) == ["shown", "withdrawn", "held"]


def test_what_was_changed_since_it_was_read_is_not_shown(three, page, moderator):
    read = three[0].version
    services.comment_edit(three[0], name="B", text="Other words.", now=NOW + timedelta(minutes=1))
    changed = moderation.comments_decide(
        [read], State.SHOWN, clinic=page.clinic, user=moderator, batch=uuid.uuid4(), now=NOW
    )
    assert changed == 0
    assert states(three[0]) == ["held"]


@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.WITHDRAWN])
def test_nobody_decides_for_the_writer(three, page, moderator, state):
    with pytest.raises(ValueError, match="nobody can make"):
        decide(three, state, moderator, page.clinic)
    waiting = write(page, email="w@site.example")
    assert decide([waiting], State.SHOWN, moderator, page.clinic) == 0
    assert states(waiting) == ["unconfirmed"]


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.EDITOR])
def test_who_may_not_moderate_changes_nothing(three, page, role):
    user = make_user(page.clinic, role)
    for attempt in (
        lambda: decide(three, State.SHOWN, user, page.clinic),
        lambda: moderation.decisions_undo(clinic=page.clinic, user=user, now=NOW),
        lambda: moderation.reply_as_clinic(page, None, "x", clinic=page.clinic, user=user, now=NOW),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert states(*three) == ["held"] * 3


def test_another_clinics_comments_are_out_of_reach(three, page):
    two = Clinic.objects.create(slug="two", name="Clinic two")
    theirs = make_user(two, Role.MODERATOR)
    assert decide(three, State.SHOWN, theirs, two) == 0
    with pytest.raises(ValueError, match="not a page of this clinic"):
        moderation.reply_as_clinic(page, None, "x", clinic=two, user=theirs, now=NOW)
    assert states(*three) == ["held"] * 3
    assert selectors.counts(two) == dict.fromkeys(selectors.QUEUES, 0)


def test_every_decision_stands_in_the_trail_with_who_and_what(three, page, moderator):
    before = AuditEntry.objects.count()
    decide(three[:1], State.SPAM, moderator, page.clinic)
    moderation.decisions_undo(clinic=page.clinic, user=moderator, now=NOW)
    new = AuditEntry.objects.order_by("pk")[before:]
    assert [(e.action, e.user, e.details) for e in new] == [
        ("comment.spam", moderator, {"before": "held"}),
        ("comment.undone", moderator, {"before": "spam"}),
    ]
    assert Decision.objects.get().undone_at == NOW


def test_the_clinic_answers_under_its_own_name_and_can_take_it_back(three, page, moderator):
    decide(three[:1], State.SHOWN, moderator, page.clinic)
    reply = moderation.reply_as_clinic(
        page, three[0], "Usually <b>not</b>.", clinic=page.clinic, user=moderator, now=NOW
    )
    assert "Clinic one" in served(page) and "Usually &lt;b&gt;not&lt;/b&gt;." in served(page)
    assert [s.depth for s in selectors.thread(page)] == [0, 1]
    moderation.reply_remove(reply, clinic=page.clinic, user=moderator, now=NOW)
    assert "Usually" not in served(page)


def test_an_answer_goes_to_a_comment_of_the_same_page(three, page, moderator):
    other = make_page(page.clinic, "knee")
    with pytest.raises(ValueError, match="not a page"):
        moderation.reply_as_clinic(
            other, three[0], "x", clinic=page.clinic, user=moderator, now=NOW
        )


def test_replies_stand_below_what_they_answer(page, moderator):
    first = confirmed(page, "First.", email="a@site.example")
    second = confirmed(page, "Second.", email="b@site.example")
    below = first
    chain = [first]
    for n in range(5):
        below = confirmed(page, f"Below {n}.", email=f"c{n}@site.example", parent=below)
        chain.append(below)
    decide([*chain, second], State.SHOWN, moderator, page.clinic)
    shown = selectors.thread(page)
    assert [s.comment.pk for s in shown] == [*(c.pk for c in chain), second.pk]
    assert [s.depth for s in shown] == [0, 1, 2, 3, 3, 3, 0]


def test_a_reply_to_what_is_no_longer_shown_stays_readable(page, moderator):
    first = confirmed(page, "First.", email="a@site.example")
    reply = confirmed(page, "Reply.", email="b@site.example", parent=first)
    decide([reply], State.SHOWN, moderator, page.clinic)
    assert [(s.comment.pk, s.depth) for s in selectors.thread(page)] == [(reply.pk, 0)]
