"""The reader as a program, against a real server: what it counts is what is stored."""

import pytest
from django.core import mail

from osler.web.accounts.models import Clinic
from osler.web.comments.models import Comment, State
from tests.web.comments.client import CommentClient, emails, links_in
from tests.web.comments.conftest import make_page


@pytest.mark.django_db(transaction=True)
def test_what_was_acknowledged_is_stored(live_server, settings):
    settings.OSLER_COMMENTS = {"per_hour": 3, "refuse_per_hour": 4, "fewest_seconds": 0}
    make_page(Clinic.objects.create(slug="one", name="Clinic one"))
    client = CommentClient(live_server.url, "sciatica")
    for email, _ in zip(emails("r"), range(6), strict=False):
        client.write(email, f"Text of {email}")
    assert len(client.written) == 4 and client.failed == 2, "two too many in this hour"
    assert set(Comment.objects.values_list("email", flat=True)) == set(client.written)
    log = "\n".join(m.message().as_string() for m in mail.outbox)
    for email, path in links_in(log).items():
        assert client.confirm(email, path)
    client.close()
    held = Comment.objects.filter(state=State.HELD)
    assert set(held.values_list("email", flat=True)) == set(client.confirmed) == set(client.written)


def test_a_server_that_is_away_acknowledges_nothing():
    client = CommentClient("http://127.0.0.1:9", "sciatica")
    assert not client.write("r@site.example", "x")
    assert (client.written, client.failed) == ([], 1)
