"""Publishing: all or nothing, never an error over a good page."""

import shutil

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from osler.web.accounts.models import AuditEntry, Clinic, Role
from osler.web.pages import parts, services, shelf
from osler.web.pages.models import Folder, OldAddress, Page, PublishedFile, Shelf
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
    assert (
        "<p>one</p>\n</div></article>" in served().replace("\n\n", "\n") and "told.css" in served()
    )
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


HOSTILE = {
    "a zero in the title": ("title: Does", "title: D\0oes"),
    "a zero in the text": ("## What", "## W\0hat"),
    "a zero in a category": ("categories: [Example]", "categories: [Ex\0ample]"),
    "a date that is none": ("date: 2", "date: some day in the year 2"),
    "a review date that is none": ("reviewed: 2", "reviewed: " + "x" * 300),
    "a title without end": ("title: Does", "title: " + "Does " * 20_000),
    "half a pair": ("title: Does", "title: \ud800 Does".encode("utf-8", "surrogatepass")),
    "bytes that are no text": ("title: Does", b"title: \xff\xfe Does"),
    "text that turns round": ("title: Does", "title: \u202e\u2066Does"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_page_holds_it_is_published_or_refused_and_no_error(folder, path, owner, name):
    before, after = HOSTILE[name]
    after = after if isinstance(after, bytes) else after.encode()
    file = page_file(path)
    content = file.read_bytes()
    assert before.encode() in content
    file.write_bytes(content.replace(before.encode(), after, 1))
    for user, reason in ((None, ""), (owner, "to see what becomes of it")):
        outcome = publish(folder, user, reason=reason)
        assert outcome.result in (Result.PUBLISHED, Result.REFUSED, Result.UNCHANGED)
    for page in Page.objects.all():
        assert "\0" not in page.title + page.text + page.date and served(f"{page.slug}/index.html")


def test_long_names_and_words_of_the_folder_are_no_error(folder, path, owner):
    (path / "pages" / f"{'long-' * 48}.md").write_bytes(page_file(path).read_bytes())
    toml = path / "osler.toml"
    text = toml.read_text().replace(
        'population = "', 'searched = "' + "x" * 400 + '"\npopulation = "'
    )
    toml.write_text(text)
    outcome = publish(folder, owner, reason="to see what becomes of it")
    assert outcome.result is Result.REFUSED
    told = next(d for d in outcome.diagnostics if d.code == "WEB002")
    assert "200 characters" in told.found
    (path / "pages" / f"{'long-' * 48}.md").unlink()
    assert publish(folder).published
    assert len(Page.objects.get().searched) == 100


def test_a_folder_with_a_long_name_has_a_shorter_one_on_the_site(clinic, tmp_path):
    names = [tmp_path / part / ("knee-and-hip-" * 15) for part in "ab"]
    slugs = [services.add_folder(name, clinic).slug for name in names]
    assert len(set(slugs)) == 2 and all(len(slug) <= 50 for slug in slugs)


def test_the_pages_of_all_folders_have_one_name_of_the_site(folder, path, clinic, settings):
    other = path.parent / "other"
    shutil.copytree(path, other)
    page_file(other).rename(other / "pages" / "second.md")
    toml = (other / "osler.toml").read_text()
    (other / "osler.toml").write_text(toml.replace('name = "My health pages"', 'name = "Another"'))
    second = services.add_folder(other, clinic)
    assert publish(folder).published and publish(second).published
    assert "My health pages</a>" in served("second/index.html")
    assert Folder.objects.get(pk=second.pk).site_name == "Another"
    settings.OSLER_NAME = "The clinic"
    publish(second), publish(folder)
    for name in ("second", "bcg-vaccine"):
        assert "The clinic</a>" in served(f"{name}/index.html")
