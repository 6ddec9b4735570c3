"""The live site in a browser: read, search, versions, log in, look after members."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.pages import services
from osler.web.pages.models import Page
from tests.web.pages.conftest import NOW, STARTER

# Playwright keeps a loop running in this thread, and Django would not talk to its database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


@pytest.fixture
def site(live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    clinic = Clinic.objects.create(slug="one", name="Clinic one")
    owner = User.objects.create_user("jo", password=PASSWORD)
    Membership.objects.create(user=owner, clinic=clinic, role=Role.OWNER)
    folder = services.add_folder(STARTER, clinic)
    services.publish_folder(folder, user=None, now=NOW)
    page = Page.objects.get()
    first = page.versions.get()
    first.pk, first.number = None, 2
    first.wording = [s.replace("may reduce", "probably reduces") for s in first.wording]
    first.save()
    return live_server


@pytest.fixture
def visit(browser, site):
    contexts = []

    def visited(path, *, width=1280, scheme="light", javascript=True, page=None):
        if page is None:
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                java_script_enabled=javascript,
            )
            contexts.append(context)
            page = context.new_page()
        page.goto(site.url + path)
        return page

    yield visited
    for context in contexts:
        context.close()


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")
    ]


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def shot(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


PUBLIC = {
    "index": "/",
    "page": "/bcg-vaccine/",
    "search": "/search/?q=tuberculosis",
    "contact": "/contact/",
    "category": "/categories/Example/",
    "versions": "/versions/bcg-vaccine/",
    "changed": "/versions/bcg-vaccine/1-2/",
    "lost": "/nothing/",
}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_what_the_public_sees_is_accessible_and_fits(visit, width, scheme):
    page = None
    for name, path in PUBLIC.items():
        page = visit(path, width=width, scheme=scheme, page=page)
        shot(page, f"{name}-{width}-{scheme}")
        assert serious(page) == [], name
        assert not too_wide(page), name


def test_a_reader_without_javascript_finds_a_page_and_its_history(visit):
    page = visit("/", javascript=False)
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Words to look for").fill("coughing blood")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Does BCG vaccine prevent tuberculosis?").click()
    page.get_by_role("link", name="What this page said before").click()
    page.get_by_role("link", name="What changed from version 1 to version 2").click()
    assert page.locator("ins").count() and page.context.cookies() == []


def test_staff_log_in_with_a_second_factor_and_invite(visit, settings):
    settings.OSLER_TWO_FACTOR = "required"
    page = visit("/staff/")
    failed = []
    page.on("console", lambda said: failed.append(said.text) if said.type == "error" else None)
    shot(page, "login")
    assert serious(page) == []
    page.get_by_label("Username").fill("jo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    shot(page, "enrol")
    assert serious(page) == []
    device = TOTPDevice.objects.get()
    page.get_by_label("Number from the app").fill(f"{totp(device.bin_key):06d}")
    page.get_by_role("button", name="Switch it on").click()
    shot(page, "codes")
    page.get_by_role("link", name="I have written them down").click()
    for name in ("Pages", "Members", "Audit trail"):
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        shot(page, f"staff-{name}")
        assert serious(page) == [], name
    page.get_by_role("link", name="Members", exact=True).click()
    page.get_by_label("User name").fill("sam")
    page.locator("form[action$='invite/']").get_by_label("editor").check()
    page.get_by_role("button", name="Make an account and a link").click()
    assert "/staff/invitation/" in page.locator(".problems code").inner_text()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    shot(page, "members-phone-dark")
    assert serious(page) == [] and not too_wide(page)
    page.get_by_role("button", name="Log out").click()
    assert page.url.endswith("/staff/login/") and failed == []
