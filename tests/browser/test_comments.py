"""A reader and a moderator in a real browser: read, comment, confirm, moderate, reply."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from osler.publish.site import build_site
from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.comments import services
from osler.web.comments.models import Comment
from osler.web.comments.signing import form_stamp, writer_token
from osler.web.pages import parts, shelf
from osler.web.pages.models import Folder
from osler.web.pages.models import Page as PublishedPage
from tests.unit.publish.sample import EVIDENCE, REVIEW, page

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = ((390, "dark"), (1280, "light"))


@pytest.fixture(scope="session", autouse=True)
def _beside_playwright() -> None:
    """Playwright's loop runs in this thread; Django would take that for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="module")
def built() -> Mapping[str, bytes]:
    """A whole page and its style sheet as the static build makes them."""
    return build_site(REVIEW, EVIDENCE, [(page(), ())], version="0.1.0")


@pytest.fixture
def published(built: Mapping[str, bytes], transactional_db: None, settings) -> PublishedPage:
    settings.OSLER_COMMENTS = {"fewest_seconds": 0}
    clinic = Clinic.objects.create(slug="one", name="Clinic one")
    folder = Folder.objects.create(slug="one", clinic=clinic, path="/none/one")
    html = built["needles/index.html"]
    made = PublishedPage.objects.create(
        folder=folder, slug="needles", title="Needles", file="pages/needles.md", html=html
    )
    shelf.put({"style.css": built["style.css"]}, None)
    parts.refresh(made, now=timezone.now())
    return made


@pytest.fixture
def moderator(published: PublishedPage) -> User:
    user = User.objects.create(username="moderator")
    Membership.objects.create(user=user, clinic=published.clinic, role=Role.OWNER)
    return user


class Opened:
    """Contexts of one test."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []

    def visitor(self, width: int = 1280, scheme: str = "light") -> Page:
        """Somebody without JavaScript."""
        return self._page(width, scheme, java_script_enabled=False)

    def staff(self, user: User, width: int = 1280, scheme: str = "light") -> Page:
        opened = self._page(width, scheme)
        client = Client()
        client.force_login(user)
        cookie = client.cookies["sessionid"].value
        told = {"name": "sessionid", "value": cookie, "url": self.address}
        opened.context.add_cookies([told])
        return opened

    def _page(self, width: int, scheme: str, **more: object) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            base_url=self.address,
            **more,
        )
        self.contexts.append(context)
        return context.new_page()


@pytest.fixture
def opened(browser: Browser, live_server) -> Iterator[Opened]:
    all_of_it = Opened(browser, live_server.url)
    yield all_of_it
    for context in all_of_it.contexts:
        context.close()


def link_in(message) -> str:
    return re.search(r"(/\S+/mine/\S+)", message.body).group(1)


def fill(visitor: Page, text: str, email: str = "reader@site.example") -> None:
    visitor.get_by_label("Name").fill("A. Reader")
    visitor.get_by_label("E-mail").fill(email)
    visitor.get_by_label("Comment").fill(text)
    visitor.get_by_role("button", name="Send").click()


def test_read_comment_confirm_moderate_and_reply(published, moderator, opened) -> None:
    visitor = opened.visitor(390)
    visitor.goto("/needles/")
    assert visitor.context.cookies() == []
    assert visitor.get_by_text("Nobody has left a comment yet.").is_visible()
    visitor.get_by_role("link", name="Leave a reply").click()
    assert not visitor.locator("[name=website]").is_visible() or in_no_view(visitor)
    fill(visitor, "How long does it last?")
    assert visitor.get_by_role("heading", name="Please look at your e-mail").is_visible()
    visitor.goto(re.sub(r"^https?://[^/]+", "", link_in(mail.outbox[0])))
    visitor.get_by_role("button", name="Confirm").click()
    assert visitor.get_by_text("it is confirmed").is_visible()

    staff = opened.staff(moderator)
    errors: list[str] = []
    staff.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    staff.goto("/staff/comments/")
    assert staff.get_by_text("How long does it last?").is_visible()
    assert staff.get_by_text("comment 1 from the same visitor within the hour").is_visible()
    staff.keyboard.press("s")
    staff.get_by_text("1 comment now on the page.").wait_for()
    staff.keyboard.press("z")
    staff.get_by_text("1 comment put back.").wait_for()
    staff.keyboard.press("x")
    assert staff.locator("[name=comment]").is_checked()
    staff.keyboard.press("s")
    staff.get_by_text("1 comment now on the page.").wait_for()
    staff.get_by_role("link", name=re.compile("Shown")).click()
    staff.wait_for_url("**list=shown")
    staff.locator(".waits:focus").wait_for()
    staff.keyboard.press("a")
    staff.get_by_label("Answer").fill("About a day, in the trials we list.")
    staff.get_by_role("button", name="Put the answer on the page").click()
    staff.get_by_text("Your answer is on the page.").wait_for()
    assert errors == []

    visitor.goto("/needles/")
    thread = visitor.locator("ol.thread > li")
    assert thread.count() == 2
    assert "How long does it last?" in thread.nth(0).inner_text()
    assert "the clinic" in thread.nth(1).inner_text()
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_end_of_a_page_stands_below_its_text_and_not_in_the_margin(published, opened) -> None:
    visitor = opened.visitor(1280)
    visitor.goto("/needles/")
    text = visitor.locator(".page > .body").bounding_box()
    for part in ("#comments", ".history"):
        box = visitor.locator(part).bounding_box()
        assert abs(box["x"] - text["x"]) < 2 and box["width"] > 400, part
        assert box["y"] >= text["y"] + text["height"]


def in_no_view(visitor: Page) -> bool:
    box = visitor.locator("[name=website]").bounding_box()
    return box is not None and box["x"] + box["width"] < 0


def test_the_writer_changes_and_withdraws_without_javascript(published, opened) -> None:
    pk = comment(published, "First words.")
    visitor = opened.visitor()
    visitor.goto(f"/comments/mine/{writer_token(pk)}/")
    visitor.get_by_role("button", name="Confirm").click()
    visitor.get_by_label("Comment").fill("Better words.")
    visitor.get_by_role("button", name="Save the change").click()
    assert Comment.objects.get(pk=pk).text == "Better words."
    visitor.get_by_role("button", name="Withdraw").click()
    assert visitor.get_by_text("You have withdrawn this comment.").is_visible()


def test_staff_moderate_without_javascript_too(published, moderator, opened) -> None:
    for n in range(3):
        pk = comment(published, f"Word {n}.", email=f"r{n}@site.example")
        services.comment_confirm(Comment.objects.get(pk=pk), now=timezone.now())
    staff = opened.staff(moderator)
    plain = opened.visitor()
    plain.context.add_cookies(staff.context.cookies())
    plain.goto("/staff/comments/")
    for box in plain.locator("[name=comment]").all()[:2]:
        box.check()
    plain.get_by_role("button", name="Show", exact=True).click()
    assert plain.get_by_text("2 comments now on the page.").is_visible()
    plain.get_by_role("button", name=re.compile("Spam ?: the comment")).click()
    assert plain.get_by_text("1 comment marked as spam.").is_visible()
    plain.get_by_role("button", name="Undo my last click").click()
    assert plain.get_by_text("1 comment put back.").is_visible()


def test_keys_move_between_comments(published, moderator, opened) -> None:
    for n in range(2):
        pk = comment(published, f"Word {n}.", email=f"r{n}@site.example")
        services.comment_confirm(Comment.objects.get(pk=pk), now=timezone.now())
    staff = opened.staff(moderator)
    staff.goto("/staff/comments/")
    focused = "document.activeElement.textContent"
    assert "Word 0." in staff.evaluate(focused)
    staff.keyboard.press("j")
    assert "Word 1." in staff.evaluate(focused)
    staff.keyboard.press("j")
    assert "Word 1." in staff.evaluate(focused)
    staff.keyboard.press("k")
    assert "Word 0." in staff.evaluate(focused)


def comment(published: PublishedPage, text: str, email: str = "reader@site.example") -> int:
    now = timezone.now()
    stamp = form_stamp(published.slug, now - timedelta(minutes=1))
    return services.comment_write(
        published,
        services.Written("A. Reader", email, text, stamp),
        visitor="v" * 32,
        site="http://site.example",
        now=now,
    )


@pytest.fixture
def everything(published, moderator) -> list[tuple[bool, str]]:
    """Every page of comments and privacy, for a visitor (False) and for staff (True)."""
    first = comment(published, "A kind word.")
    held = comment(published, "It cured my sciatica! www.a.example www.b.example", "b@site.example")
    unconfirmed = comment(published, "Not yet.", "c@site.example")
    for pk in (first, held):
        services.comment_confirm(Comment.objects.get(pk=pk), now=timezone.now())
    Comment.objects.filter(pk=first).update(state="shown")
    parts.refresh(published, now=timezone.now())
    Client().post("/privacy/", {"email": "reader@site.example", "clinic": published.clinic.pk})
    mine = re.search(r"/privacy/mine/\S+/", mail.outbox[-1].body).group()
    return [
        (False, "/needles/"),
        (False, "/comments/write/needles/"),
        (False, f"/comments/write/needles/?to={first}"),
        (False, "/comments/sent/needles/"),
        (False, f"/comments/mine/{writer_token(unconfirmed)}/"),
        (False, f"/comments/mine/{writer_token(held)}/"),
        (False, "/privacy/"),
        (False, "/privacy/asked/"),
        (False, mine),
        (True, "/staff/comments/"),
        (True, "/staff/comments/?list=shown"),
        (True, f"/staff/comments/answer/{held}/"),
        (True, "/staff/privacy/"),
    ]


def test_every_page_is_accessible_and_fits(everything, moderator, opened) -> None:
    # axe needs JavaScript in the page; the visitor's pages themselves have none.
    guest, staff = opened._page(1280, "light"), opened.staff(moderator)
    pictures = os.environ.get("OSLER_PICTURES")
    for n, (is_staff, address) in enumerate(everything):
        seen = staff if is_staff else guest
        assert seen.goto(address).status == 200, address
        seen.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        for width, scheme in SIZES:
            seen.set_viewport_size({"width": width, "height": 900})
            seen.emulate_media(color_scheme=scheme)
            # In the dark all is as it is in the light but the colours.
            rules = ["color-contrast"] if scheme == "dark" else None
            assert serious(seen, rules) == [], (address, width, scheme)
            assert seen.evaluate("document.documentElement.scrollWidth") <= width, address
            if pictures:
                file = Path(pictures) / f"{n:02}-{width}-{scheme}.png"
                seen.screenshot(path=file, full_page=n > 0)
        if not is_staff:
            assert seen.locator("script:not([type='application/ld+json'])").count() == 0


def serious(seen: Page, rules: list[str] | None = None) -> list[str]:
    """axe-core's serious and critical findings, in words; of some rules, or of all."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = Axe().run(seen, options=options).response["violations"]
    return [
        f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def test_a_mistyped_form_is_given_back_with_the_problem_beside_the_field(published, opened) -> None:
    visitor = opened.visitor()
    visitor.goto("/comments/write/needles/")
    visitor.get_by_label("Name").fill("A. Reader")
    visitor.get_by_label("E-mail").fill("reader@site")
    visitor.get_by_label("Comment").fill("Words.")
    visitor.get_by_role("button", name="Send").click()
    field = visitor.get_by_label("E-mail")
    assert field.get_attribute("aria-invalid") == "true"
    assert visitor.get_by_label("Comment").input_value() == "Words."
