"""What leaves: only with consent, no small group, and just what parse_practice reads."""

from contextlib import suppress
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from osler.core.diagnostics import Place
from osler.review.reading import parse_practice
from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.practice import services
from osler.web.practice.auditing import shared
from osler.web.practice.exporting import TABLES, table_export
from osler.web.practice.selectors import COUNTED, PUBLISHED, tables_of
from tests.web.practice.conftest import NOW, answered, asked, make_user, opened, practice, told


def exported(clinic, user, purposes):
    files = {}
    for table in TABLES:
        with suppress(ValidationError):
            files[table] = table_export(table, purposes, clinic=clinic, user=user, now=NOW)
    return files, parse_practice(files)


@pytest.mark.parametrize("purposes", [COUNTED, PUBLISHED])
def test_the_export_reads_back_as_what_is_shown(clinic, user, purposes):
    practice(clinic, user, 12)
    _, (read, scores, found) = exported(clinic, user, purposes)
    assert found == ()
    told, _ = shared(clinic, purposes)
    assert [replace(e, place=Place("practice.csv")) for e in read] == list(told.episodes)
    assert [(s.episode, s.session, s.score) for s in scores] == [
        (s.episode, s.session, s.score) for s in told.scores
    ]
    assert len(read) == 12
    assert {(e.measure, e.baseline) for e in read} == {("pain 0-10", 7.0)}
    assert sorted(e.last for e in read if e.last is not None) == [2.0] * 11
    assert AuditEntry.objects.filter(action="audit.exported").count() == 2


def test_only_who_agreed_is_in_it(clinic, user):
    practice(clinic, user, 6)
    practice(clinic, user, 5, consents=("care",))
    practice(clinic, user, 5, consents=("care", "audit"))
    files, (read, scores, _) = exported(clinic, user, COUNTED)
    assert [e.id for e in read] == [f"E{n:03}" for n in (*range(1, 7), *range(12, 17))]
    assert {s.episode for s in scores} <= {e.id for e in read}
    _, (published, _, _) = exported(clinic, user, PUBLISHED)
    assert len(published) == 6
    services.consent_revoke(1, "publication", clinic=clinic, user=user, now=NOW)
    services.consent_revoke(2, "audit", clinic=clinic, user=user, now=NOW)
    _, (published, _, _) = exported(clinic, user, PUBLISHED)
    assert published == (), "four are too few"
    _, (counted, _, _) = exported(clinic, user, COUNTED)
    assert "E002" not in {e.id for e in counted}
    assert b"E007" not in files["practice.csv"]


def test_nothing_of_another_clinic(clinic, user):
    practice(clinic, user, 6)
    elsewhere = Clinic.objects.create(slug="two", name="Clinic two")
    _, (read, _, _) = exported(elsewhere, make_user(elsewhere, Role.OWNER), COUNTED)
    assert read == ()


def test_who_was_asked_and_did_not_answer_is_there_without_a_score(clinic, user):
    episode = opened(clinic, user)
    asked(episode, user)
    (score,) = tables_of(clinic, COUNTED).scores
    assert (score.episode, score.measure, score.session, score.score) == (
        *("E001", "pain 0-10", 0),
        None,
    )
    answered(episode, user, 4)
    (score,) = tables_of(clinic, COUNTED).scores
    assert score.score == 4.0, "asked twice at the same session: the answer counts"
    told(episode, user, 3, "continues", "unknown", "unknown")
    made, _ = asked(episode, user)
    made.revoked_at = NOW
    made.save()
    assert len(tables_of(clinic, COUNTED).scores) == 1, "a revoked link asked nobody"
