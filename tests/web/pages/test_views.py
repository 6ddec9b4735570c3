"""Lists, search, versions, contact: what the public reads besides the pages."""

import pytest

from osler.web.pages.models import Page, PublishedFile, Version
from tests.web.pages.conftest import NOW, publish


@pytest.fixture
def published(folder):
    publish(folder)
    return Page.objects.get()


@pytest.mark.parametrize(
    "address",
    ["/", "/index.html", "/bcg-vaccine/", "/feed.xml", "/robots.txt", "/style.css", "/healthz"],
)
def test_published_files(client, published, address):
    response = client.get(address)
    assert response.status_code == 200 and not response.cookies
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_by_category_and_author(client, published):
    for path in ("/categories/example/", "/authors/The%20authors%20of%20this%20page/"):
        assert published.title in client.get(path).text
    assert client.get("/categories/none/").status_code == 404


def test_a_missing_slash_is_added(client, published):
    for path in ("/search", "/bcg-vaccine", "/contact"):
        assert client.get(path)["Location"] == f"{path}/"
    assert client.get("/nothing").status_code == client.get("/nothing/").status_code == 404


@pytest.mark.parametrize(
    "address", ["/%00/", "/" + "x" * 3000 + "/", "/versions/none/", "/%ff%fe/"]
)
def test_any_address_has_an_answer(client, published, address):
    assert client.get(address).status_code == 404


def test_search_finds_by_word_and_shows_where(client, published):
    body = client.get("/search/", {"q": "coughing blood"}).text
    assert published.title in body and "1 page found" in body and "Coughing blood" in body
    assert "0 pages found" in client.get("/search/", {"q": "knee"}).text
    hostile = client.get("/search/", {"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in hostile
    assert client.get("/search/", {"q": "\x00" + "a " * 5000}).status_code == 200
    assert not client.get("/search/").cookies


def test_contact_comes_from_the_settings(client, db, settings):
    settings.OSLER_CONTACT, settings.OSLER_CONTACT_EMAIL = "1 Any Street|Town", "hello@site.example"
    body = client.get("/contact/").text
    assert "Any Street" in body and "mailto:hello@site.example" in body


def test_before_anything_is_published_there_is_a_page(client, db):
    assert "No page has been published yet" in client.get("/").text


def another_version(page, **changes):
    first = page.versions.get(number=1)
    answers = {k: dict(v) for k, v in first.answers.items()}
    answer = answers["BCG vaccine vs no vaccine / tuberculosis"]
    answer.update(lead="3 in 100 instead of 9 in 100", level=3, certainty="moderate", why=[])
    answer["trials"] = [*answer["trials"], "New trial 2027"]
    wording = [s.replace("may reduce", "probably reduces") for s in first.wording]
    return Version.objects.create(
        page=page, number=2, at=NOW, digest="d", title=page.title, answers=answers, wording=wording
    )


def test_has_the_answer_changed(client, published):
    first = client.get("/versions/bcg-vaccine/").text
    assert "The first version published here" in first
    another_version(published)
    body = client.get("/versions/bcg-vaccine/").text
    assert "1 number, the certainty of 1 result and the wording in 1 place" in body.lower()
    compared = client.get("/versions/bcg-vaccine/1-2/").text
    assert "Trials added: New trial 2027." in compared
    assert "to moderate" in compared and "<del>" in compared and "probably reduces" in compared
    for wrong in ("2-1", "1-1", "1-9", "0-1"):
        assert client.get(f"/versions/bcg-vaccine/{wrong}/").status_code == 404


def test_staff_see_why_a_page_is_not_published(client, folder, path, editor):
    publish(folder)
    file = path / "pages" / "bcg-vaccine.md"
    file.write_text(
        file.read_text().replace("may reduce the risk", "cures everybody and completely ends")
    )
    publish(folder)
    client.force_login(editor)
    body = client.get("/staff/pages/").text
    assert "The last change is not published" in body and "CLM" in body
    assert "Reason for publishing" not in body  # an editor has no such button
    client.post(f"/staff/pages/{folder.slug}/publish/", {"reason": "please"})
    assert (
        "completely ends"
        not in bytes(PublishedFile.objects.get(path="bcg-vaccine/index.html").content).decode()
    )
