"""Screening in a real browser: alone and as a team, by keys, by thumb, without JavaScript."""

import os
import re
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import clear_url_caches, set_urlconf

from osler.records.decisions import parse_decisions
from osler.web.screening import seats, serving
from tests.web.screening.conftest import Team
from tests.web.screening.library import folder_of

SIZES = ((390, "dark"), (1280, "light"))


@pytest.fixture(scope="session", autouse=True)
def _beside_playwright():
    """Playwright's loop runs in this thread; Django would take that for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(autouse=True)
def _desks_are_closed():
    yield
    for desk in seats._DESKS.values():
        desk.close()
    seats._DESKS.clear()


@pytest.fixture
def folder(tmp_path):
    return folder_of(tmp_path / "review")


@pytest.fixture
def alone(folder, settings):
    """``osler screen`` on a folder, served from this process; gives its address."""
    settings.OSLER_SCREEN = {"folder": str(folder), "reviewer": "A. Author"}
    settings.ROOT_URLCONF = "osler.web.screening.local_urls"
    settings.OSLER_NAME = "Osler"
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.MIDDLEWARE = [
        "csp.middleware.CSPMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "osler.web.screening.alone.nobody_logs_in",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    made = serving.server(0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()
    set_urlconf(None)
    clear_url_caches()


@pytest.fixture
def visit(browser):
    contexts = []

    def visited(address, *, width=1280, scheme="light", javascript=True, cookie=None):
        context = browser.new_context(
            viewport={"width": width, "height": 850},
            color_scheme=scheme,
            java_script_enabled=javascript,
            has_touch=width < 600,
            base_url=address,
        )
        contexts.append(context)
        if cookie:
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
        page = context.new_page()
        page.said = []
        page.on("console", lambda m: page.said.append(m.text) if m.type == "error" else None)
        return page

    yield visited
    for context in contexts:
        context.close()


def rows(folder):
    path = folder / "records" / "decisions.csv"
    return parse_decisions(path.read_text("utf-8") if path.exists() else "")[0]


def key_of(page):
    return page.locator("form.verdict [name=record]").get_attribute("value")


def press(page, key):
    """A key that sends a form; back when the next page is there."""
    with page.expect_navigation():
        page.keyboard.press(key)


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], [n["target"] for n in v["nodes"]][:3])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def test_screen_by_keys(alone, folder, visit):
    page = visit(alone)
    page.goto("/")
    first = key_of(page)
    press(page, "e")
    second = key_of(page)
    press(page, "i")
    press(page, "m")
    assert [(row.record, row.verdict.value) for row in rows(folder)][:2] == [
        (first, "exclude"),
        (second, "include"),
    ]
    press(page, "u")
    assert page.get_by_text("Taken back: decide again, or skip it.").is_visible()
    skipped = key_of(page)
    press(page, "s")
    assert key_of(page) != skipped
    page.keyboard.press("2")
    assert page.get_by_label("Not sciatica").is_checked()
    page.keyboard.press("n")
    page.keyboard.type("i think it is about mice")
    assert len(rows(folder)) == 4, "letters in a note are no keys"
    page.keyboard.press("Escape")
    press(page, "e")
    assert rows(folder)[-1].note == "i think it is about mice"
    assert rows(folder)[-1].reason == "Not sciatica"
    press(page, "/")
    assert page.get_by_role("heading", name="Search the records").is_visible()
    assert page.said == []


def test_keys_can_be_switched_off_for_good(alone, folder, visit):
    page = visit(alone)
    page.goto("/")
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("e")
    page.reload()
    page.locator("body").press("e")
    page.wait_for_timeout(150)
    assert rows(folder) == ()
    assert page.locator("form.verdict kbd").first.is_hidden()
    with page.expect_navigation():
        page.get_by_role("button", name="Exclude").click()
    assert len(rows(folder)) == 1


def test_without_javascript_all_of_it_works(alone, folder, visit):
    page = visit(alone, javascript=False)
    page.goto("/")
    first = key_of(page)
    page.get_by_role("button", name="Include").click()
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Undo my last").click()
    assert key_of(page) == first
    page.get_by_label("Note").fill("kept")
    page.get_by_label("Labels").fill("a, b")
    page.get_by_role("button", name="Maybe").click()
    last = rows(folder)[-1]
    assert (last.verdict.value, last.note, last.labels) == ("maybe", "kept", ("a", "b"))


def test_enter_in_a_field_decides_nothing(alone, folder, visit):
    page = visit(alone)
    page.goto("/")
    first = key_of(page)
    page.get_by_label("Labels").fill("background")
    page.get_by_label("Labels").press("Enter")
    page.wait_for_timeout(200)
    assert key_of(page) == first
    assert not rows(folder)
    page.get_by_role("button", name="Exclude").click()
    last = rows(folder)[-1]
    assert (last.verdict.value, last.labels) == ("exclude", ("background",))


def test_on_a_phone_the_buttons_stay_under_the_thumb(alone, folder, visit):
    page = visit(alone, width=390)
    page.goto("/")
    # As long as abstracts are; the buttons stand behind the text.
    page.evaluate(
        "document.querySelector('.abstract').textContent = 'Pain was measured. '.repeat(150)"
    )
    for name in ("Include", "Maybe", "Exclude"):
        box = page.get_by_role("button", name=name, exact=False).first.bounding_box()
        assert box["height"] >= 48 and box["width"] >= 90
        assert box["y"] + box["height"] <= 850
    with page.expect_navigation():
        page.get_by_role("button", name="Exclude").tap()
    assert len(rows(folder)) == 1


PAGES = (
    "",
    "?record=r03",
    "full-text/",
    "history/",
    "search/?words=epidural",
    "progress/",
    "conflicts/",
    "texts/",
    "pairs/",
)


def look(page, where, name):
    """No serious finding of axe, and it fits: on a dark phone, on a light desk."""
    assert page.goto(where).status == 200, where
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    pictures = os.environ.get("OSLER_PICTURES")
    for width, scheme in SIZES:
        page.set_viewport_size({"width": width, "height": 850})
        page.emulate_media(color_scheme=scheme)
        assert serious(page) == [], (where, width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (where, width)
        if pictures:
            page.screenshot(path=Path(pictures) / f"{name}-{width}-{scheme}.png")


def test_every_page_alone_is_accessible_and_fits(alone, folder, visit):
    page = visit(alone)
    page.goto("/")
    for key in "eiiemei":
        press(page, key)
    for n, where in enumerate(PAGES):
        look(page, f"/screening/here/{where}", f"alone-{n}")
    assert page.said == []


@pytest.fixture
def team(transactional_db, tmp_path):
    return Team(folder_of(tmp_path / "review", needed=2))


@pytest.fixture
def sit(team, live_server, visit):
    def sat(who, **more):
        client = Client()
        client.force_login(team.users[who])
        page = visit(live_server.url, cookie=client.cookies["sessionid"].value, **more)
        page.goto("/staff/screening/back/")
        return page

    return sat


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_are_blind_to_each_other_and_settle_by_talk(team, sit):
    one, two = sit("one"), sit("two", width=390)
    first = key_of(one)
    press(one, "i")
    assert key_of(one) != first
    two.reload()
    assert key_of(two) == first
    for where in ("", "history/", "search/", "conflicts/"):
        two.goto(f"/staff/screening/back/{where}")
        assert "include" not in (two.locator(".said, .own").all_inner_texts())
    two.goto("/staff/screening/back/")
    with two.expect_navigation():
        two.get_by_role("button", name="Exclude").click()
    one.get_by_role("link", name=re.compile("Conflicts")).click()
    assert one.get_by_text("settle it when you have talked").is_visible()
    one.get_by_label("Why").fill("We talked: it is a trial.")
    one.locator("form.settle").get_by_role("button", name="Include").click()
    assert one.get_by_text("Settled.").is_visible()
    two.goto("/staff/screening/back/conflicts/")
    assert two.get_by_text("No conflict that you can settle.").is_visible()
    review = team.seat("one").desk.review()
    roles = [(d.who, d.verdict.value, d.role) for d in review.ledger.decisions]
    assert roles == [
        ("one", "include", "reviewer"),
        ("two", "exclude", "reviewer"),
        ("one", "include", "consensus"),
    ]
    assert one.said == two.said == []


@pytest.mark.django_db(transaction=True)
def test_every_page_of_a_team_is_accessible_and_fits(team, sit):
    one, two = sit("one"), sit("two")
    press(one, "i")
    press(two, "e")
    one.goto("/staff/screening/back/team/")
    for who in ("one", "two"):
        one.get_by_label(f"Part of {who}").fill("1")
    one.get_by_role("button", name="Share the records out").click()
    one.get_by_role("button", name="Begin").click()
    look(one, "/staff/screening/", "team-index")
    for where in ("", "conflicts/", "team/", "progress/"):
        look(one, f"/staff/screening/back/{where}", f"team-{where.strip('/')}")
    assert one.said == []
