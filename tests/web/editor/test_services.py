"""Saving: a commit by the user, nobody's words lost, all of it or nothing."""

import pytest
from django.core.exceptions import PermissionDenied

from osler.claims.document.page import parse_page
from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.editor import git as git_program
from osler.web.editor import services
from osler.web.editor.files import NoSuchPage, blob_hash
from osler.web.editor.services import Conflict, NotSaved, Saved
from tests.web.editor.conftest import NAME, git
from tests.web.pages.conftest import NOW, member


def save(folder, text, base, user, note=""):
    return services.page_save(folder, NAME, text, base=base, note=note, user=user, now=NOW)


def test_a_save_is_a_commit_by_the_user_with_a_line_in_the_trail(kept, path, page, base, editor):
    editor.first_name = "A. <b>\nEditor"
    text = page.read_text() + "\nMore.\r\n"
    done = save(kept, text, base, editor, "Said more")
    assert isinstance(done, Saved) and done.changed
    assert page.read_text().endswith("\nMore.\n") and done.base == blob_hash(page.read_bytes())
    assert git(path, "log", "-1", "--format=%an|%ae|%s") == (
        "A. bEditor|one-editor@users.invalid|Said more\n"
    )
    assert git(path, "hash-object", str(page)).strip() == done.base
    assert git(path, "status", "--porcelain") == ""
    entry = AuditEntry.objects.get(action="pages.saved")
    assert (entry.user, entry.details) == (editor, {"blob": done.base})


def test_what_somebody_else_saved_is_not_written_over(kept, page, base, editor, owner):
    before = page.read_text()
    save(kept, before + "Theirs.\n", base, owner)
    done = save(kept, before + "Mine.\n", base, editor)
    assert isinstance(done, Conflict)
    assert done.by == owner.username
    assert "-Theirs." in done.diff and "+Mine." in done.diff
    assert page.read_text() == before + "Theirs.\n"
    again = save(kept, before + "Theirs.\nMine.\n", done.base, editor)
    assert isinstance(again, Saved)


def test_a_change_with_another_program_has_its_own_commit(kept, path, page, editor):
    page.write_text(page.read_text() + "\nFrom outside.\n")
    base = blob_hash(page.read_bytes())
    save(kept, page.read_text() + "Mine.\n", base, editor)
    assert git(path, "log", "-2", "--format=%an: %s").splitlines() == [
        f"one-editor: Edit {NAME}",
        f"Osler site: {NAME}: changed outside the editor",
    ]


def test_only_the_page_is_committed(kept, path, page, base, editor):
    (path / "facts.csv").write_text("half written")
    (path / "new.csv").write_text("a")
    git(path, "add", "new.csv")
    save(kept, page.read_text() + "x\n", base, editor)
    assert git(path, "show", "--name-only", "--format=").split() == [f"pages/{NAME}.md"]
    assert "A  new.csv" in git(path, "status", "--porcelain")


def test_the_hooks_of_the_folder_do_not_run(kept, path, page, base, editor):
    for name in ("pre-commit", "post-commit", "commit-msg"):
        hook = path / ".git" / "hooks" / name
        hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
        hook.chmod(0o755)
    assert save(kept, page.read_text() + "x\n", base, editor).changed
    assert not (path / "ran").exists()


def test_where_git_refuses_the_page_is_as_it_was(kept, path, page, base, editor):
    before = page.read_bytes()
    (path / ".git" / "index.lock").write_text("")
    with pytest.raises(NotSaved, match="could not be committed"):
        save(kept, page.read_text() + "x\n", base, editor)
    assert page.read_bytes() == before
    assert not AuditEntry.objects.filter(action="pages.saved").exists()


def test_a_commit_that_fails_after_the_writing_puts_the_page_back(
    kept, page, base, editor, monkeypatch
):
    before = page.read_bytes()

    def refuse(*told):
        raise git_program.GitFailed("no")

    monkeypatch.setattr(services.git, "commit", refuse)
    with pytest.raises(NotSaved):
        save(kept, page.read_text() + "x\n", base, editor)
    assert page.read_bytes() == before


def test_a_folder_without_git_is_not_written_to(folder, page, base, editor, path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(path.parent))
    before = page.read_bytes()
    with pytest.raises(NotSaved, match="not under git"):
        save(folder, "x", base, editor)
    assert page.read_bytes() == before


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.PRACTITIONER])
def test_who_may_not_edit_does_not(kept, clinic, page, base, role):
    before = page.read_bytes()
    with pytest.raises(PermissionDenied):
        save(kept, "x", base, member(clinic, role))
    with pytest.raises(PermissionDenied):
        services.page_new(kept, "x", "X", user=member(clinic, role, "other"), now=NOW)
    assert page.read_bytes() == before


def test_the_owner_of_another_clinic_may_not(kept, base):
    other = Clinic.objects.create(slug="two", name="Clinic two")
    with pytest.raises(PermissionDenied):
        save(kept, "x", base, member(other, Role.OWNER))


def test_line_ends_and_the_mark_stay_as_the_page_has_them(kept, path, page, editor):
    page.write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    save(kept, "a\nc\n", blob_hash(page.read_bytes()), editor)
    assert page.read_bytes() == b"\xef\xbb\xbfa\r\nc\r\n"


def test_a_link_is_no_page(kept, path, editor, tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    (path / "pages" / "link.md").symlink_to(secret)
    with pytest.raises(NoSuchPage):
        services.page_save(
            kept, "link", "x", base=blob_hash(b"secret"), note="", user=editor, now=NOW
        )
    with pytest.raises(NoSuchPage):
        services.page_new(kept, "link", "x", user=editor, now=NOW)
    assert secret.read_text() == "secret"


@pytest.mark.parametrize("name", ["../x", "..", "", "a/b", "X", "a.b", "a\0", "-a", "a" * 90, NAME])
def test_a_new_page_needs_a_name_that_is_an_address_and_free(kept, editor, name):
    with pytest.raises(NoSuchPage):
        services.page_new(kept, name, "Title", user=editor, now=NOW)


def test_a_new_page_is_a_draft_under_git(kept, path, editor):
    title = 'Knee: "pain" \\ # and\n--- more'
    editor.first_name = "A. Author: [one"
    services.page_new(kept, "knee-pain", title, user=editor, now=NOW)
    text = (path / "pages" / "knee-pain.md").read_text()
    told, _ = parse_page(text, "pages/knee-pain.md")
    assert told.meta.title == "Knee: 'pain' \\ # and --- more"
    assert told.meta.author == "A. Author: [one" and told.meta.draft
    assert git(path, "log", "-1", "--format=%an %s") == "A. Author: [one Begin knee-pain\n"
