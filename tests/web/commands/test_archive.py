"""A backup is whole, private, and comes back in another database as it was."""

import json
import os
import subprocess
import sys
import zipfile

import pytest
from django.db import connection, transaction
from django.utils import timezone

from osler.core.diagnostics import DataError
from osler.web.accounts import services
from osler.web.accounts.models import AuditEntry, Clinic, Membership, User
from osler.web.commands.archive import restore, write_backup
from osler.web.pages import shelf
from osler.web.pages.models import Folder, Page, PublishedFile

pytestmark = pytest.mark.django_db(transaction=True)
COMMAND = "from osler.web.commands.site import site_command; site_command(prog_name='osler site')"


@pytest.fixture
def filled():
    clinic = Clinic.objects.create(slug="one", name="Clinic “één” \U0001f642")
    user = services.add_user(
        clinic=clinic, username="jo", name="", roles=["owner", "editor"], now=timezone.now()
    )
    services.choose_password(user=user, password="correct horse battery", now=timezone.now())
    services.new_codes(user=user, now=timezone.now())
    folder = Folder.objects.create(slug="f", path="/f", clinic=clinic)
    html = bytes(range(256))
    Page.objects.create(folder=folder, slug="knees", title="Knees", file="k.md", html=html)
    with transaction.atomic():
        shelf.put({"knees/index.html": b"published"}, folder)


def emptied():
    for model in (PublishedFile, Page, Folder, AuditEntry, Membership, User, Clinic, shelf.Shelf):
        model.objects.all().delete()


def test_what_was_backed_up_comes_back(filled, tmp_path):
    rows = write_backup(tmp_path / "site.zip")
    before = User.objects.get().password, list(AuditEntry.objects.values_list("action", flat=True))
    emptied()
    assert restore(tmp_path / "site.zip") == rows > 15
    assert bytes(Page.objects.get().html) == bytes(range(256))
    assert Clinic.objects.get().name == "Clinic “één” \U0001f642"
    assert bytes(PublishedFile.objects.get().content) == b"published"
    assert before == (
        User.objects.get().password,
        list(AuditEntry.objects.values_list("action", flat=True)),
    )
    assert User.objects.get().check_password("correct horse battery")
    Clinic.objects.create(slug="next", name="The next row has a number of its own")


def test_it_is_for_nobody_else_and_appears_when_whole(filled, tmp_path):
    write_backup(tmp_path / "site.zip")
    assert (tmp_path / "site.zip").stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()] == ["site.zip"]
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        assert not any("session" in line for line in archive.read("rows.jsonl").decode().split())


def test_a_site_that_is_not_empty_is_left_alone(filled, tmp_path):
    write_backup(tmp_path / "site.zip")
    with pytest.raises(DataError) as told:
        restore(tmp_path / "site.zip")
    assert told.value.diagnostics[0].code == "WEB012"
    assert User.objects.count() == 1


def rewritten(file, **changed):
    """A copy of a backup with other content in some of its parts."""
    new = file.with_name("other.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(new, "w") as out:
        for name in old.namelist():
            out.writestr(name, changed.get(name.partition(".")[0], old.read(name)))
    return new


@pytest.mark.parametrize("damage", ["cut", "text", "rows", "reference", "about", "no rows"])
def test_a_damaged_backup_changes_nothing(filled, tmp_path, damage):
    file = tmp_path / "site.zip"
    write_backup(file)
    emptied()
    with zipfile.ZipFile(file) as archive:
        rows = archive.read("rows.jsonl")
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif damage == "text":
        file.write_bytes(b"not a backup")
    elif damage == "rows":
        file = rewritten(file, rows=rows[: len(rows) // 2])
    elif damage == "no rows":
        file = rewritten(file, rows=b"")
    elif damage == "reference":
        file = rewritten(file, rows=rows.replace(b'"clinic": ', b'"clinic": 99'))
    else:
        file = rewritten(file, site=b"{}")
    with pytest.raises(DataError) as told:
        restore(file)
    assert told.value.diagnostics[0].code == "WEB010"
    assert not User.objects.exists() and not Clinic.objects.exists()


def test_another_versions_backup_is_refused(filled, tmp_path):
    write_backup(tmp_path / "site.zip")
    emptied()
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        about = json.loads(archive.read("site.json"))
    about["migrations"].append("pages.9999_later")
    with pytest.raises(DataError) as told:
        restore(rewritten(tmp_path / "site.zip", site=json.dumps(about)))
    assert told.value.diagnostics[0].code == "WEB011"


def osler_site(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        env=os.environ | {"DATABASE_URL": ""} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_the_command_line_to_a_new_site(filled, tmp_path):
    """From the database of the tests (PostgreSQL, too) to one of SQLite."""
    write_backup(tmp_path / "site.zip")
    done = osler_site("restore", tmp_path / "site.zip", "--data", tmp_path / "new")
    assert done.returncode == 0 and "brought back" in done.stdout, done.stderr
    listed = osler_site("user", "list", "--data", tmp_path / "new")
    assert "jo  editor (one), owner (one)" in listed.stdout
    again = osler_site("restore", tmp_path / "site.zip", "--data", tmp_path / "new")
    assert again.returncode == 2 and "WEB012" in again.stderr
    missing = osler_site("backup", tmp_path / "x.zip", "--data", tmp_path / "nowhere")
    assert missing.returncode == 2 and "there is no site in" in missing.stderr


def test_a_number_is_never_given_twice(filled, tmp_path):
    """A link in an old mail names its row by number: it must not open what came after it."""
    clinic = Clinic.objects.get()
    gone = Folder.objects.create(slug="gone", path="/gone", clinic=clinic)
    number = gone.pk
    gone.delete()
    write_backup(tmp_path / "site.zip")
    emptied()
    restart_numbers()
    restore(tmp_path / "site.zip")
    new = Folder.objects.create(slug="new", path="/new", clinic=Clinic.objects.get())
    assert new.pk == number + 1


def restart_numbers():
    """As in the new database that a restore begins with."""
    tables = [Folder._meta.db_table, Clinic._meta.db_table]
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1, false)")
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])


def test_it_is_not_written_into_what_waits_under_its_name(filled, tmp_path):
    other = tmp_path / "others"
    other.write_text("theirs")
    for name in ("site.zip.unfinished", ".site.zip.unfinished"):
        (tmp_path / name).symlink_to(other)
    write_backup(tmp_path / "site.zip")
    assert other.read_text() == "theirs"


def test_what_fails_leaves_nothing(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("osler.web.commands.archive._write_rows", lambda out: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_backup(tmp_path / "site.zip")
    assert not list(tmp_path.iterdir())
