"""The editor over HTTP: findings, preview, save, publish, and what it does not open."""

import re
import time

import pytest

from osler.publish import one_page
from osler.web.accounts.models import AuditEntry
from osler.web.editor.files import blob_hash
from osler.web.pages.models import Page
from tests.web.editor.conftest import NAME
from tests.web.pages.conftest import publish

WRONG = "\nBCG vaccination cures tuberculosis.\n"


@pytest.fixture
def at(kept):
    return f"/staff/edit/{kept.slug}/{NAME}/"


@pytest.fixture
def staff(client, editor):
    client.force_login(editor)
    return client


def sent(page, base, more="", **fields):
    return {"text": page.read_text() + more, "base": base, "note": "", "reason": ""} | fields


def test_the_list_names_pages_and_drafts(staff, kept, path):
    (path / "pages" / "other.md").write_text("x")
    html = staff.get("/staff/edit/").content.decode()
    assert f"pages/{NAME}.md" in html and "pages/other.md" in html and "not published" in html


def test_a_folder_without_git_says_how_to_begin(staff, folder, monkeypatch, path):
    monkeypatch.setattr("osler.web.editor.git.is_under_git", lambda folder: False)
    html = staff.get(f"/staff/edit/{folder.slug}/{NAME}/").content.decode()
    assert "git init" in html and 'value="save"' not in html


def test_the_policy_lets_in_only_styles_with_the_pages_number(staff, at):
    response = staff.get(at)
    policy = response["Content-Security-Policy"]
    nonce = re.search(r'data-nonce="([^"]{16,})"', response.content.decode())[1]
    assert f"'nonce-{nonce}'" in policy and "unsafe" not in policy
    assert "script-src 'self';" in f"{policy};" and "frame-src 'self'" in policy


def test_findings_come_with_their_places_and_go(staff, at, page, base):
    text = page.read_text() + WRONG
    found = staff.post(f"{at}check/", {"text": text}).json()["findings"]
    errors = [f for f in found if f["severity"] == "error"]
    assert errors and "cures" in text[errors[0]["from"] : errors[0]["to"]]
    assert errors[0]["help"]
    clean = staff.post(f"{at}check/", {"text": page.read_text()}).json()
    assert clean == {"findings": [], "problem": ""}


def test_the_evidence_is_worked_out_once_for_a_state_of_the_folder(
    staff, at, page, path, monkeypatch
):
    asked = []
    gather = one_page.gather_evidence
    monkeypatch.setattr(one_page, "gather_evidence", lambda r: asked.append(1) or gather(r))
    for more in ("", "a", "b"):
        staff.post(f"{at}check/", {"text": page.read_text() + more})
    page.write_text(page.read_text() + "c")
    staff.post(f"{at}check/", {"text": "d"})
    assert len(asked) == 1
    results = path / "results.csv"
    results.write_bytes(results.read_bytes() + b"\n")
    staff.post(f"{at}check/", {"text": "d"})
    assert len(asked) == 2


def test_a_key_stroke_is_answered_in_well_under_a_second(staff, at, page):
    staff.post(f"{at}check/", {"text": page.read_text()})
    began = time.process_time()
    staff.post(f"{at}check/", {"text": page.read_text() + "x"})
    assert time.process_time() - began < 0.5


def test_without_javascript_checking_shows_the_findings(staff, at, page, base):
    html = staff.post(at, sent(page, base, WRONG, do="check")).content.decode()
    assert "cures tuberculosis" in html and 'class="error"' in html


def test_the_preview_is_the_page_in_a_frame_that_can_do_nothing(staff, at, page):
    response = staff.post(f"{at}preview/", {"text": page.read_text() + "\nNew words.\n"})
    html = response.content.decode()
    assert "<p>New words.</p>" in html and 'href="/style.css"' in html
    policy = response["Content-Security-Policy"]
    assert "sandbox" in policy and "frame-ancestors 'self'" in policy and "unsafe" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "New words" not in page.read_text()


def test_what_cannot_be_shown_says_why(staff, at, page):
    text = page.read_text() + "\n![a](b.png)\n"
    html = staff.post(f"{at}preview/", {"text": text}).content.decode()
    assert "PUB014" in html


def test_save_then_a_conflict_keeps_both(staff, at, page, base):
    text = page.read_text()
    assert staff.post(at, sent(page, base, "One.\n", do="save")).status_code == 302
    mine = {"text": text + "Two.\n", "base": base, "do": "save"}
    response = staff.post(at, mine)
    html = response.content.decode()
    assert response.status_code == 409 and "-One." in html and "+Two." in html
    assert page.read_text() == text + "One.\n"
    new_base = re.search(r'name="base" value="([0-9a-f]{40})"', html)[1]
    assert staff.post(at, mine | {"base": new_base}).status_code == 302
    assert page.read_text() == text + "Two.\n"


def test_publish_when_clean(staff, at, page, base, kept):
    response = staff.post(at, sent(page, base, "\nMore about it.\n", do="publish"), follow=True)
    assert b"Saved and published." in response.content
    assert "More about it" in Page.objects.get().text


def test_an_editor_cannot_publish_errors_even_with_a_reason(staff, at, page, base, kept):
    publish(kept)
    assert b"id_reason" not in staff.get(at).content
    response = staff.post(at, sent(page, base, WRONG, do="publish", reason="I say so"))
    assert response.status_code == 403
    assert staff.post(at, sent(page, base, WRONG, do="publish")).status_code in (302, 409)
    assert "cures" not in Page.objects.get().text


def test_an_owner_publishes_errors_with_a_reason_that_readers_of_versions_see(
    client, owner, at, page, base, kept
):
    client.force_login(owner)
    publish(kept)
    client.post(at, sent(page, base, WRONG, do="publish"))
    assert "cures" not in Page.objects.get().text
    text = page.read_text()
    again = {
        "text": text,
        "base": blob_hash(page.read_bytes()),
        "do": "publish",
        "reason": "A quotation",
    }
    client.post(at, again)
    assert "cures" in Page.objects.get().text
    assert Page.objects.get().versions.last().reason == "A quotation"
    entry = AuditEntry.objects.filter(action="pages.published").latest("pk")
    assert (entry.details["reason"], entry.user) == ("A quotation", owner)
    assert b"A quotation" in client.get(f"/versions/{NAME}/").content


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fosler.toml", "..%2Ffacts", "%2e%2e", ".hidden", "link", "none", "a%00"]
)
def test_nothing_but_pages_is_opened(staff, kept, path, tmp_path, name):
    (tmp_path / "secret.md").write_text("secret")
    (path / "pages" / "link.md").symlink_to(tmp_path / "secret.md")
    (path / "pages" / ".hidden.md").write_text("hidden")
    for end in ("", "check/", "preview/"):
        address = f"/staff/edit/{kept.slug}/{name}/{end}"
        assert staff.get(address).status_code in (404, 405)
        assert staff.post(address, {"text": "x"}).status_code in (404, 405)


def test_pages_behind_a_linked_folder_are_not_opened(staff, kept, path):
    (path / "pages").rename(path.parent / "elsewhere")
    (path / "pages").symlink_to(path.parent / "elsewhere")
    assert staff.get(f"/staff/edit/{kept.slug}/{NAME}/").status_code == 404


def test_a_new_page(staff, kept, path):
    response = staff.post(f"/staff/edit/{kept.slug}/", {"name": "knees", "title": "Knees"})
    assert response["Location"].endswith("/knees/") and (path / "pages" / "knees.md").exists()
    again = staff.post(f"/staff/edit/{kept.slug}/", {"name": "knees", "title": "Knees"})
    assert again.status_code == 400 and b"already" in again.content


@pytest.mark.parametrize("text", ["", "\0", "\ufeff", "---\n", "😀" * 5000, "[" * 5000, "\r\r\n"])
def test_any_text_is_checked(staff, at, text):
    assert staff.post(f"{at}check/", {"text": text}).status_code == 200
    assert staff.post(f"{at}preview/", {"text": text}).status_code == 200
