"""An editor in a real browser: a finding appears and goes, preview, save, publish."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.pages import services
from osler.web.pages.models import Page
from tests.web.editor.conftest import begin, git
from tests.web.pages.conftest import NOW, STARTER

# Playwright keeps a loop running in this thread, and Django would not talk to its database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = pytest.mark.django_db(transaction=True)
WRONG = "BCG vaccination cures tuberculosis."
ADDRESS = "/staff/edit/starter/bcg-vaccine/"


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "starter"
    shutil.copytree(STARTER, folder, ignore=shutil.ignore_patterns("__pycache__", "build"))
    begin(folder)
    return folder


@pytest.fixture
def owner(path, live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    clinic = Clinic.objects.create(slug="one", name="Clinic one")
    user = User.objects.create_user("jo", first_name="J. Owner")
    Membership.objects.create(user=user, clinic=clinic, role=Role.OWNER)
    folder = services.add_folder(path, clinic)
    services.publish_folder(folder, user=None, now=NOW)
    return user


@pytest.fixture
def opened(browser, live_server, owner):
    contexts = []

    def opens(*, width=1280, scheme="light", javascript=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=javascript,
            base_url=live_server.url,
        )
        contexts.append(context)
        client = Client()
        client.force_login(owner)
        told = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        context.add_cookies([{**told, "url": live_server.url}])
        page = context.new_page()
        page.said = []
        # axe asks the frames of a page, and one in a sandbox does not hear it.
        page.on(
            "console",
            lambda said: None if "postMessage" in said.text else page.said.append(said.text),
        )
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    yield opens
    for context in contexts:
        context.close()


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")
    ]


def shot(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/editor-{name}.png", full_page=True)


def at_the_end(page, text):
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.insert_text(text)


def test_edit_a_page_and_see_a_finding_appear_and_go(opened, path):
    page = opened()
    page.goto("/staff/edit/")
    page.get_by_role("link", name="Does BCG").click()
    page.get_by_text("Nothing found.").wait_for()
    at_the_end(page, f"\n{WRONG}\n")
    findings = page.locator("#findings li.error")
    findings.first.wait_for()
    assert "cures" in findings.first.inner_text()
    page.locator(".cm-lintRange-error").first.hover()
    tip = page.locator(".cm-tooltip")
    tip.wait_for()
    assert "What to do" in tip.inner_text()
    shot(page, "finding")
    assert serious(page) == []
    page.mouse.move(0, 0)
    at_the_end(page, "")
    for _ in range(2):
        page.keyboard.press("ControlOrMeta+z")
        if WRONG not in page.locator("textarea[name=text]").input_value():
            break
    page.get_by_text("Nothing found.").wait_for()
    assert findings.count() == 0
    at_the_end(page, "\nWords of today.\n")
    page.get_by_role("button", name="Preview").click()
    frame = page.frame_locator("iframe[name=preview]")
    frame.get_by_text("Words of today.").wait_for()
    assert frame.locator("h1").evaluate("e => getComputedStyle(e).fontFamily") != ""
    assert frame.locator("link[rel=stylesheet]").count() >= 1
    shot(page, "preview")
    page.get_by_label("What you changed").fill("Said more")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert git(path, "log", "-1", "--format=%an: %s") == "J. Owner: Said more\n"
    page.get_by_role("button", name="Save and publish").click()
    page.get_by_text("Saved and published.").wait_for()
    assert "Words of today." in Page.objects.get().text
    assert page.said == []


def test_a_safe_rewriting_is_one_click(opened, path):
    page = opened()
    text = (path / "pages" / "bcg-vaccine.md").read_text()
    page.goto(ADDRESS)
    page.get_by_text("Nothing found.").wait_for()
    stronger = text.replace("probably", "certainly").replace("may ", "will ")
    assert stronger != text
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(stronger)
    page.locator("#findings li.error").first.wait_for()
    button = page.locator("#findings li button:not(.link)").first
    button.wait_for()
    before = page.locator("textarea[name=text]").input_value()
    words = button.inner_text().removeprefix("Write “").removesuffix("”")
    button.click()
    after = page.locator("textarea[name=text]").input_value()
    assert after != before and words in after


def test_errors_are_published_by_an_owner_with_a_reason(opened):
    page = opened()
    page.goto(ADDRESS)
    page.get_by_text("Nothing found.").wait_for()
    at_the_end(page, f"\n{WRONG}\n")
    page.locator("#findings li.error").first.wait_for()
    page.get_by_role("button", name="Save and publish").click()
    page.get_by_text("Saved, but not published").wait_for()
    page.get_by_label("Reason for publishing").fill("A quotation from 1950")
    page.get_by_role("button", name="Save and publish").click()
    page.get_by_text("Saved and published.").wait_for()
    page.goto("/versions/bcg-vaccine/")
    assert "A quotation from 1950" in page.locator("main").inner_text()


def test_without_javascript_it_is_a_form(opened, path):
    page = opened(javascript=False)
    page.goto(ADDRESS)
    area = page.get_by_label("Text of the page")
    area.fill(area.input_value() + f"\n{WRONG}\n")
    page.get_by_role("button", name="Check").click()
    assert "cures" in page.locator("#findings li.error").first.inner_text()
    shot(page, "plain")
    area.fill(area.input_value().replace(WRONG, "More."))
    page.get_by_role("button", name="Preview").click()
    page.frame_locator("iframe[name=preview]").get_by_text("More.", exact=True).wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    assert "More.\n" in (path / "pages" / "bcg-vaccine.md").read_text()
    area.fill("One.")
    (path / "pages" / "bcg-vaccine.md").write_text("Two.\n")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "somebody outside the editor saved" in page.locator("#conflict").inner_text()
    shot(page, "conflict")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_is_accessible_and_fits(opened, width, scheme, path):
    page = opened(width=width, scheme=scheme)
    for name, address in (("list", "/staff/edit/"), ("page", ADDRESS)):
        page.goto(address)
        if name == "page":
            page.get_by_text("Nothing found.").wait_for()
            at_the_end(page, f"\n{WRONG}\n")
            page.locator("#findings li.error").first.wait_for()
            page.get_by_role("button", name="Preview").click()
            page.frame_locator("iframe[name=preview]").get_by_text(WRONG).wait_for()
        assert serious(page) == [], name
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
        shot(page, f"{name}-{width}-{scheme}")
    assert page.said == []
