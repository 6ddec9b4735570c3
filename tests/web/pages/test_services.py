"""Publishing: all or nothing, never an error over a good page."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.pages import parts, services, shelf
from osler.web.pages.models import OldAddress, Page, PublishedFile, Shelf
from osler.web.pages.services import Result
from tests.web.pages.conftest import NOW, member, publish

GOOD = "may reduce the risk"


def page_file(path):
    return path / "pages" / "bcg-vaccine.md"


def overstate(path):
    """Now the page says more than its trials carry, which is an error."""
    file = page_file(path)
    file.write_text(file.read_text().replace(GOOD, "cures everybody and completely ends"))


def served(name="bcg-vaccine/index.html"):
    return bytes(PublishedFile.objects.get(path=name).content).decode()


def test_a_clean_folder_is_published_with_everything_around_it(folder):
    outcome = publish(folder)
    assert outcome.result is Result.PUBLISHED and outcome.pages == ("bcg-vaccine",)
    page = Page.objects.get()
    assert page.is_live and page.clinic == folder.clinic and page.categories == ["Example"]
    html = served()
    assert GOOD in html and 'href="/search/"' in html and "Has the answer changed?" in html
    assert f'href="../data/{folder.slug}/' in html
    paths = set(PublishedFile.objects.values_list("path", flat=True))
    assert {"index.html", "feed.xml", "robots.txt", "style.css", "favicon.svg"} <= paths
    assert any(p.startswith(f"data/{folder.slug}/") for p in paths)
    assert "404.html" not in paths
    assert page.title in served("index.html") and "bcg-vaccine/" in served("feed.xml")


def test_every_link_of_a_published_page_within_the_site_leads_somewhere(client, folder):
    publish(folder)
    import re  # noqa: PLC0415

    links = re.findall(r'(?:href|src)="(?!https?:|mailto:|#)([^"#]+)', served())
    assert len(links) > 8
    for link in set(links):
        path = link.replace("../", "/")
        if path.startswith("/static/"):
            continue
        assert client.get(path, follow=True).status_code == 200, link


def test_nothing_changes_where_nothing_has_changed(folder):
    publish(folder)
    digests = dict(PublishedFile.objects.values_list("path", "digest"))
    outcome = publish(folder)
    assert outcome.result is Result.UNCHANGED
    assert digests == dict(PublishedFile.objects.values_list("path", "digest"))
    assert Page.objects.get().versions.count() == 1


def test_a_page_with_errors_is_never_published_over_a_good_one(folder, path):
    publish(folder)
    overstate(path)
    outcome = publish(folder)
    assert outcome.result is Result.REFUSED
    assert GOOD in served() and "completely ends" not in served()
    folder.refresh_from_db()
    assert folder.is_refused and any(d["severity"] == "error" for d in folder.last_check)
    assert Page.objects.get().versions.count() == 1
    entries = AuditEntry.objects.filter(action="pages.refused")
    publish(folder)
    assert entries.count() == 1  # the same refusal is told once


def test_an_owner_may_publish_with_a_reason_which_is_kept(folder, path, owner, editor):
    publish(folder)
    overstate(path)
    with pytest.raises(PermissionDenied):
        publish(folder, editor, reason="I know better")
    outcome = publish(folder, owner, reason=" The wording is a quotation. ")
    assert outcome.result is Result.PUBLISHED and "completely ends" in served()
    version = Page.objects.get().versions.get(number=2)
    assert version.reason == "The wording is a quotation." and version.user == owner
    # The clock goes on with it as long as the files are the same, and no longer.
    assert publish(folder).result is Result.UNCHANGED
    page_file(path).write_text(page_file(path).read_text() + "\nMore.\n")
    assert publish(folder).result is Result.REFUSED


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.MODERATOR])
def test_who_may_not_publish_cannot(folder, role):
    with pytest.raises(PermissionDenied):
        publish(folder, member(folder.clinic, role))
    assert not Page.objects.exists()


def test_an_owner_of_another_clinic_cannot(folder):
    other = Clinic.objects.create(slug="two", name="Clinic two")
    with pytest.raises(PermissionDenied):
        publish(folder, member(other, Role.OWNER))


def test_a_folder_that_is_gone_takes_nothing_away(folder, path):
    publish(folder)
    path.rename(path.with_name("elsewhere"))
    outcome = publish(folder)
    assert outcome.result is Result.REFUSED
    assert [d.code for d in outcome.diagnostics] == ["WEB001"]
    assert GOOD in served()


def test_a_page_that_left_its_folder_is_no_longer_served_but_its_history_stays(folder, path):
    publish(folder)
    text = page_file(path).read_text()
    page_file(path).rename(path / "pages" / "other-name.md")
    publish(folder)
    assert not PublishedFile.objects.filter(path="bcg-vaccine/index.html").exists()
    old = Page.objects.get(slug="bcg-vaccine")
    assert not old.is_live and old.versions.count() == 1
    assert "bcg-vaccine/" not in served("index.html").replace("other-name/", "")
    page_file(path).write_text(text)
    (path / "pages" / "other-name.md").unlink()
    publish(folder)
    old.refresh_from_db()
    assert old.is_live and old.versions.count() == 1  # it says what it said


def test_two_folders_cannot_have_one_address(folder, path, clinic, tmp_path):
    import shutil  # noqa: PLC0415

    publish(folder)
    shutil.copytree(path, tmp_path / "second")
    second = services.add_folder(tmp_path / "second", clinic)
    outcome = publish(second)
    assert outcome.result is Result.REFUSED
    assert "WEB002" in [d.code for d in outcome.diagnostics]
    page_file(path).rename(path / "pages" / "search.md")
    assert "WEB002" in [d.code for d in publish(folder).diagnostics]


def test_files_that_change_while_they_are_checked_are_not_published(folder, path, monkeypatch):
    publish(folder)
    make = services.make_folder

    def slow(*given, **more):
        made = make(*given, **more)
        page_file(path).write_text(page_file(path).read_text() + "\nSaved meanwhile.\n")
        return made

    monkeypatch.setattr(services, "make_folder", slow)
    page_file(path).write_text(page_file(path).read_text() + "\nFirst.\n")
    assert publish(folder).result is Result.CHANGED_MEANWHILE
    monkeypatch.undo()
    assert publish(folder).result is Result.PUBLISHED
    assert "Saved meanwhile." in served()


def test_a_failure_half_way_leaves_everything_as_it_was(folder, path, monkeypatch):
    publish(folder)
    before = dict(PublishedFile.objects.values_list("path", "digest")), Shelf.objects.get().revision
    page_file(path).write_text(page_file(path).read_text() + "\nMore.\n")

    def fails(*given):
        raise DatabaseError("disk full")

    monkeypatch.setattr(shelf, "take_away", fails)
    with pytest.raises(DatabaseError):
        publish(folder)
    after = dict(PublishedFile.objects.values_list("path", "digest")), Shelf.objects.get().revision
    assert before == after
    assert Page.objects.get().versions.count() == 1 and "More." not in Page.objects.get().text


def test_old_addresses_lead_to_the_page(folder, path, client):
    (path / "redirects.csv").write_text(
        "old,new\n/2019/03/bcg/,/bcg-vaccine/\n/?p=12,/bcg-vaccine/\n"
    )
    publish(folder)
    assert OldAddress.objects.count() == 2
    for old in ("/2019/03/bcg/", "/?p=12"):
        response = client.get(old)
        assert (response.status_code, response["Location"]) == (301, "/bcg-vaccine/"), old
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "row",
    [
        "http://x.example/,/a/",
        "/a/,//x.example/",
        "/a/,/a/",
        "/a/,",
        "/" + "a" * 600 + ",/b/",
        "/a\x01,/b/",
    ],
)
def test_an_old_address_that_cannot_be_kept_is_told(folder, path, row):
    (path / "redirects.csv").write_text(f"old,new\n{row}\n/ok/,/bcg-vaccine/\n")
    outcome = publish(folder)
    assert outcome.published and "WEB003" in [d.code for d in outcome.diagnostics]
    assert list(OldAddress.objects.values_list("old", flat=True)) == ["/ok/"]


def test_a_removed_folder_is_off_the_site_and_can_come_back(folder, path, clinic):
    publish(folder)
    assert services.remove_folder(folder, now=NOW) == ("bcg-vaccine",)
    assert not PublishedFile.objects.filter(path__contains="bcg").exists()
    assert publish(services.add_folder(path, clinic)).published
    assert GOOD in served()


def test_a_part_is_on_the_page_at_once_and_escapes_nothing_of_its_own(folder, monkeypatch):
    monkeypatch.setattr(parts, "_PARTS", {})
    publish(folder)
    said = ["<p>one</p>"]
    parts.register("told", lambda page: said[0], css="told.css")
    page = Page.objects.get()
    revision = Shelf.objects.get().revision
    parts.refresh(page, now=NOW)
    assert "<p>one</p>\n</article>" in served().replace("\n\n", "\n") and "told.css" in served()
    assert Shelf.objects.get().revision == revision + 1
    said[0] = ""
    parts.refresh(page, now=NOW)
    assert "told.css" not in served()
    parts.refresh(page, now=NOW)
    assert Shelf.objects.get().revision == revision + 2  # nothing new, nothing counted
    services.remove_folder(page.folder, now=NOW)
    page.refresh_from_db()
    parts.refresh(page, now=NOW)
    assert not PublishedFile.objects.filter(path="bcg-vaccine/index.html").exists()
