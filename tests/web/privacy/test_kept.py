"""Everything that says something about a person is declared, told, and ended in time."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from osler.web.comments import moderation, services
from osler.web.comments.models import Comment, State, VisitorCount
from osler.web.privacy import clock, retention
from osler.web.privacy.keeping import all_kept, declared, in_words
from osler.web.privacy.models import DataRequest, RetentionRun
from tests.web.comments.conftest import NOW, confirmed, write

pytestmark = pytest.mark.django_db

HARMLESS = (
    models.ForeignKey,
    models.ManyToManyField,
    models.AutoField,
    models.BooleanField,
    models.DateTimeField,
    models.IntegerField,
    models.FloatField,
    models.DecimalField,
)
"""What tells nothing by itself: links, numbers, yes and no, moments."""


def fields():
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field, HARMLESS):
                yield model._meta.label, field.name


def test_every_field_that_may_hold_something_about_a_person_is_declared():
    known = {(kept.model, name) for kept in all_kept() for name in kept.fields}
    known |= {
        (model, name)
        for part in declared()
        for model, names in part.not_personal.items()
        for name in names
    }
    missing = sorted(set(fields()) - known)
    assert missing == [], "add them to KEPT or NOT_PERSONAL of the app's kept.py"
    assert sorted(known - set(fields())) == [], "declared and not there"


def test_every_kind_has_an_end():
    for kept in all_kept():
        assert kept.what and kept.why and kept.basis
        if kept.period() is None:
            assert kept.until, kept.what
        else:
            assert kept.counted_from and kept.due and kept.end, kept.what
            assert kept.due(NOW).model._meta.label == kept.model


def test_no_model_has_a_column_for_network_addresses():
    ours = [m for m in apps.get_models() if m.__module__.startswith("osler.")]
    for model in ours:
        for field in model._meta.local_fields:
            assert not isinstance(field, models.GenericIPAddressField)
            assert not re.search(r"(^|_)(ip|addr|remote|agent)(_|$)", field.name), field


def test_the_page_tells_all_of_it(client):
    html = client.get(reverse("privacy")).content.decode()
    for kept in all_kept():
        if kept.fields:
            assert kept.what.replace("'", "&#39;")[:60] in html
            assert in_words(kept.period()) in html


def test_the_page_follows_the_settings(client, settings):
    settings.OSLER_COMMENTS = {"keep_refused_days": 17}
    html = client.get(reverse("privacy")).content.decode()
    assert "17 days from the decision" in html
    assert "by this site alone" in html
    settings.OSLER_COMMENTS = {"akismet_key": "k", "akismet_site": "s"}
    assert "Akismet" in client.get(reverse("privacy")).content.decode()


def test_the_clock_deletes_and_spares_to_the_minute(page):
    minute = timedelta(minutes=1)
    old = write(page, email="a@site.example", now=NOW - timedelta(hours=48) - minute)
    young = write(page, email="b@site.example", now=NOW - timedelta(hours=48) + minute)
    spam = confirmed(page, email="c@site.example", now=NOW - timedelta(days=30) - minute)
    shown = confirmed(page, email="d@site.example", now=NOW - timedelta(days=365) - minute)
    Comment.objects.filter(pk=spam.pk).update(state=State.SPAM)
    Comment.objects.filter(pk=shown.pk).update(state=State.SHOWN)
    DataRequest.objects.create(
        clinic=page.clinic, email="e@site.example", made_at=NOW - timedelta(hours=25)
    )
    retention.end_what_is_due(NOW)
    left = set(Comment.objects.values_list("pk", flat=True))
    assert left == {young.pk, shown.pk}
    assert old.pk not in left
    shown.refresh_from_db()
    assert (shown.email, shown.findings, shown.text) == ("", [], "Is a week of pain usual?")
    assert not DataRequest.objects.exists()
    assert VisitorCount.objects.filter(hour__lt=NOW - timedelta(days=1)).count() == 0
    run = RetentionRun.objects.get()
    assert run.ended["comments.Comment"] == 3
    retention.end_what_is_due(NOW)
    assert RetentionRun.objects.get().ended == run.ended, "nothing is ended twice"


def test_withdrawn_places_go_once_nothing_hangs_on_them(page, moderator):
    answered, alone = (confirmed(page, email=f"{n}@site.example") for n in "ab")
    moderation.reply_as_clinic(
        page, answered, "Thanks.", clinic=page.clinic, user=moderator, now=NOW
    )
    for comment in (answered, alone):
        services.comment_withdraw(comment, now=NOW)
    retention.end_what_is_due(NOW + timedelta(days=2))
    left = set(Comment.objects.filter(by_clinic=False).values_list("pk", flat=True))
    assert left == {answered.pk}


def test_the_serving_process_runs_it_once_a_day(page, monkeypatch):
    write(page, now=NOW - timedelta(days=9))
    assert retention.run_if_due(NOW)
    assert not Comment.objects.exists()
    write(page, now=NOW - timedelta(days=9), visitor="x" * 32)
    assert retention.run_if_due(NOW + timedelta(hours=2)) == ()
    assert Comment.objects.exists()
    retention.run_if_due(NOW + timedelta(days=1))
    assert not Comment.objects.exists()
    runs = []
    monkeypatch.setattr(clock, "run_if_due", runs.append)
    monkeypatch.setattr(clock, "_next_look", [0.0])
    clock.look(None)
    clock.look(None)
    assert len(runs) == 1, "it looks once an hour"
