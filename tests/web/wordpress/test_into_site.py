"""Comments of a former site in the database."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from django.core import mail

from osler.web.accounts.models import AuditEntry, Clinic
from osler.web.comments.models import Comment
from osler.web.pages.models import Folder, Page
from osler.web.wordpress.comments_command import import_comments_command
from osler.web.wordpress.into_site import import_comments

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def clinic(db):
    clinic = Clinic.objects.create(slug="one", name="Clinic one")
    folder = Folder.objects.create(slug="one", clinic=clinic, path="/none/one")
    Page.objects.create(folder=folder, slug="knees", title="Knees", html=b"<article></article>")
    return clinic


def row(number="1", **fields):
    told = {
        "page": "knees", "number": number, "parent": "", "name": "A. Reader",
        "email": "Reader@site.example", "text": "Kind words.", "status": "approved",
        "written": f"2019-04-0{number}T10:00:00+00:00", "from": f"https://old.example/#{number}",
    }  # fmt: skip
    return told | fields


def bring(clinic, *rows):
    return import_comments("".join(json.dumps(r) + "\n" for r in rows), "c.jsonl", clinic, now=NOW)


def test_each_status_and_date(clinic):
    states = {"approved": "shown", "hold": "held", "spam": "spam", "trash": "refused"}
    done = bring(clinic, *(row(str(n), status=s) for n, s in enumerate(states, start=1)))
    assert done.new == dict.fromkeys(states.values(), 1) and done.diagnostics == ()
    assert list(Comment.objects.order_by("pk").values_list("state", flat=True)) == [
        *states.values()
    ]
    first = Comment.objects.earliest("pk")
    assert first.written_at == datetime(2019, 4, 1, 10, tzinfo=UTC)
    assert (first.email, first.name) == ("reader@site.example", "A. Reader")
    assert mail.outbox == []
    entry = AuditEntry.objects.get(action="comments.imported")
    assert entry.user is None and entry.details == done.new


def test_replies_hang_on_their_comments_whatever_the_order(clinic):
    bring(clinic, row("2", parent="1"), row("1"), row("3", parent="99"))
    by = {c.imported_from[-1]: c for c in Comment.objects.all()}
    assert by["2"].parent == by["1"] and by["3"].parent is None


def test_twice_is_the_same_as_once(clinic):
    bring(clinic, row())
    again = bring(clinic, row(), row("2"))
    assert (again.new, again.known, Comment.objects.count()) == ({"shown": 1}, 1, 2)


def test_what_cannot_be_taken_is_told_with_its_line(clinic):
    lines = "\n".join(
        ["{", "[]", json.dumps(row(page="lost")), json.dumps(row(status="x")),
         json.dumps(row(written="now")), json.dumps(row(written="2019-01-01T00:00:00")),
         json.dumps(row(text="a\0b")), json.dumps(row("7"))]
    )  # fmt: skip
    done = import_comments(lines, "c.jsonl", clinic, now=NOW)
    assert sorted(d.place.line for d in done.diagnostics) == [1, 2, 3, 4, 5, 6, 7]
    assert {d.code for d in done.diagnostics} == {"WEB108"} and done.new == {"shown": 1}


def test_another_clinics_pages_are_not_reached(clinic):
    other = Clinic.objects.create(slug="two", name="Clinic two")
    assert len(bring(other, row()).diagnostics) == 1 and not Comment.objects.exists()


def test_the_command(clinic, tmp_path):
    path = tmp_path / "comments.jsonl"
    path.write_text(json.dumps(row()) + "\n")
    done = CliRunner().invoke(import_comments_command, [str(path)])
    assert (done.exit_code, done.output) == (0, "1 new comment (1 shown).\n")
    missing = CliRunner().invoke(import_comments_command, [str(tmp_path / "none")])
    nobody = CliRunner().invoke(import_comments_command, [str(path), "--clinic", "x"])
    assert (missing.exit_code, nobody.exit_code) == (2, 2)
