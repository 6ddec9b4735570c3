"""A patient on a telephone and a practitioner in a real browser: ask, answer, audit."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from osler.publish.site import build_site
from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.pages import shelf
from osler.web.practice import asking, services
from osler.web.practice.links import token_of
from osler.web.practice.models import Answer, Episode
from tests.unit.publish.sample import EVIDENCE, REVIEW, page

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = ((390, "dark"), (1280, "light"))
ALL = ("care", "audit", "publication", "reminders")


@pytest.fixture(scope="session", autouse=True)
def _beside_playwright() -> None:
    """Playwright's loop runs in this thread; Django would take that for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="module")
def style() -> bytes:
    return dict(build_site(REVIEW, EVIDENCE, [(page(), ())], version="0.1.0"))["style.css"]


@pytest.fixture
def user(transactional_db: None, settings, style: bytes) -> User:
    settings.OSLER_PRACTICE = {}
    settings.OSLER_TWO_FACTOR = "offered"
    clinic = Clinic.objects.create(slug="one", name="Clinic one")
    shelf.put({"style.css": style}, None)
    made = User.objects.create(username="practitioner")
    Membership.objects.create(user=made, clinic=clinic, role=Role.PRACTITIONER)
    return made


class Opened:
    """Contexts of one test."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []

    def page(self, width: int = 390, **more: object) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 844}, base_url=self.address, **more
        )
        self.contexts.append(context)
        return context.new_page()

    def patient(self) -> Page:
        """On a telephone, with JavaScript off."""
        return self.page(java_script_enabled=False, has_touch=True)

    def staff(self, user: User) -> Page:
        opened = self.page(1280)
        client = Client()
        client.force_login(user)
        told = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        opened.context.add_cookies([told | {"url": self.address}])
        return opened


@pytest.fixture
def opened(browser: Browser, live_server) -> Iterator[Opened]:
    all_of_it = Opened(browser, live_server.url)
    yield all_of_it
    for context in all_of_it.contexts:
        context.close()


def episode(user: User, number: int = 0, **more: object) -> Episode:
    told = services.Opened("sciatica", "acupuncture", f"2025-{1 + number % 12:02}", **more)
    clinic = Clinic.objects.get()
    return services.episode_open(told, consents=ALL, clinic=clinic, user=user, now=timezone.now())


def ask(made: Episode, user: User, *instruments: str, asks_consent: bool = False) -> str:
    invitation = asking.invitation_make(
        made.number,
        instruments,
        clinic=made.clinic,
        user=user,
        now=timezone.now(),
        asks_consent=asks_consent,
    )
    return f"/questions/{token_of(invitation.nonce)}/"


def practice(user: User, n: int) -> None:
    """So many episodes with pain before and after, quarter after quarter."""
    for number in range(n):
        made = episode(user, number)
        for sessions, pain in ((0, 7 - number % 2), (3 + number % 7, 1 + number % 3)):
            Episode.objects.filter(pk=made.pk).update(sessions=sessions)
            address = ask(made, user, "pain-nrs")
            token = address.split("/")[2]
            asking.draft_keep(token, "pain-nrs", {"pain": pain}, now=timezone.now())
            asking.answers_send(token, now=timezone.now())
        ends = ("recovered", "yes") if number % 4 else ("did not return", "unknown")
        told = services.Told(3 + number % 7, *ends, "minor" if number % 5 == 0 else "none")
        services.episode_tell(made.number, told, clinic=made.clinic, user=user, now=timezone.now())


def test_questionnaires_on_a_telephone_without_javascript(user, opened) -> None:
    made = episode(user)
    services.session_add(made.number, clinic=made.clinic, user=user, now=timezone.now())
    patient = opened.patient()
    address = ask(made, user, "pain-nrs", "global-change", "rmdq")
    patient.goto(address)
    patient.get_by_role("button", name="Keep these and go on").click()
    assert patient.get_by_role("alert").is_visible()
    patient.get_by_label("6", exact=True).tap()
    patient.get_by_role("button", name="Keep these and go on").click()
    patient.get_by_label("a little better").tap()
    patient.get_by_role("button", name="Keep these and go on").click()

    later = opened.patient()
    later.goto(address)
    assert later.get_by_text("part 3 of 3").is_visible()
    later.get_by_role("button", name="Back").click()
    assert later.get_by_label("a little better").is_checked()
    later.get_by_role("button", name="Keep these and go on").click()
    later.get_by_label("I stay at home most of the time because of my back.").tap()
    later.get_by_role("button", name="Send my answers").click()
    assert later.get_by_role("heading", name="Thank you").is_visible()
    scores = {a.measure: a.score for a in Answer.objects.all()}
    assert scores == {
        "pain 0-10": 6.0,
        "global impression of change 1-7": 3.0,
        "Roland-Morris 0-24": 1.0,
    }
    assert patient.goto(address).status == 410


def test_somebody_agrees_by_their_own_hand_and_answers(user, opened) -> None:
    staff = opened.staff(user)
    staff.goto("/staff/practice/new/")
    staff.get_by_label("What for").fill("sciatica")
    staff.get_by_label("Month of the first session").fill("2026-01")
    staff.get_by_role("button", name="let them agree themselves").click()
    staff.get_by_text("Nobody has agreed to this record yet").wait_for()
    staff.get_by_label("Pain, numerical rating scale").check()
    staff.get_by_role("button", name="Make a link").click()
    link = staff.locator("code.address").inner_text()
    patient = opened.patient()
    patient.goto(link)
    assert patient.get_by_role("checkbox", checked=True).count() == 0
    patient.get_by_role("checkbox", name=re.compile("Counting results")).tap()
    patient.get_by_role("button", name="Keep my choices and go on").click()
    assert patient.get_by_role("alert").is_visible(), "not without the record itself"
    assert patient.get_by_role("checkbox", checked=True).count() == 1
    patient.get_by_role("checkbox", name=re.compile("Records of your care")).tap()
    patient.get_by_role("button", name="Keep my choices and go on").click()
    patient.get_by_role("link", name="What you have agreed to").click()
    patient.get_by_role("checkbox", name=re.compile("Counting results")).tap()
    patient.get_by_role("button", name="Keep my choices and go on").click()
    patient.get_by_label("7", exact=True).tap()
    patient.get_by_role("button", name="Send my answers").click()
    assert patient.get_by_role("heading", name="Thank you").is_visible()
    in_force = Episode.objects.get().consents.filter(revoked_at=None)
    assert [(one.purpose, one.by_patient) for one in in_force] == [("care", True)]
    staff.get_by_role("link", name="Back to E001").click()
    assert staff.get_by_text("by their own hand").first.is_visible()


def test_targets_are_big_enough_for_a_thumb(user, opened) -> None:
    patient = opened.patient()
    patient.goto(ask(episode(user), user, "pain-nrs", "rmdq", asks_consent=True))
    for name in ("Keep my choices", "Leave these out", "Leave these out"):
        for target in patient.locator(".pick, main button").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44, target.inner_text()
        patient.get_by_role("button", name=name).click()


def test_everything_goes_by_keyboard(user, opened) -> None:
    """Tab to the scale, choose by arrows, Enter sends."""
    patient = opened.patient()
    patient.goto(ask(episode(user), user, "pain-nrs"))
    patient.get_by_label("0", exact=True).focus()
    patient.keyboard.press("Space")
    for _ in range(4):
        patient.keyboard.press("ArrowRight")
    assert patient.get_by_label("4", exact=True).is_checked()
    patient.keyboard.press("Enter")
    patient.get_by_role("heading", name="Thank you").wait_for()
    assert Answer.objects.get().score == 4.0


def test_an_episode_is_made_asked_and_told(user, opened) -> None:
    staff = opened.staff(user)
    errors: list[str] = []
    staff.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    staff.goto("/staff/practice/")
    staff.get_by_role("link", name="New episode").click()
    staff.get_by_label("What for").fill("sciatica")
    staff.get_by_role("combobox", name="Treatment:").fill("acupuncture")
    staff.get_by_label("Month of the first session").fill("2026-01")
    staff.get_by_label(re.compile("Records of your care")).check()
    staff.get_by_label(re.compile("Counting results")).check()
    staff.get_by_role("button", name="Make the episode").click()
    staff.get_by_text("E001 is made.").wait_for()
    staff.get_by_label("Pain, numerical rating scale").check()
    staff.get_by_role("button", name="Make a link").click()
    assert staff.get_by_role("img", name="QR code").is_visible()
    link = staff.locator("code.address").inner_text()
    patient = opened.patient()
    patient.goto(link)
    patient.get_by_label("7", exact=True).tap()
    patient.get_by_role("button", name="Send my answers").click()
    staff.get_by_role("link", name="Back to E001").click()
    assert staff.get_by_text("pain 0-10: 7").is_visible()
    staff.get_by_role("button", name="One session more").click()
    staff.locator(".message").wait_for()
    assert Episode.objects.get().sessions == 1
    assert errors == []


def test_the_dashboard_shows_and_gives_its_tables(user, opened) -> None:
    practice(user, 24)
    staff = opened.staff(user)
    errors: list[str] = []
    staff.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    staff.goto("/staff/audit/")
    assert staff.get_by_text("24 of 24 episodes counted").is_visible()
    assert staff.locator("svg:visible").count() == 2
    filled = "getComputedStyle(document.querySelector('.wide-only .f-icon-on rect, "
    filled += ".wide-only .f-icon-on polygon')).fill"
    assert staff.evaluate(filled) not in ("rgb(0, 0, 0)", "none"), "the marks have their colours"
    staff.get_by_label("Recovered within this many sessions").fill("5")
    staff.get_by_role("button", name="Show").click()
    assert staff.locator("dd", has_text="Within 5 sessions").is_visible()
    with staff.expect_download() as taken:
        staff.get_by_role("button", name="practice.csv").click()
    assert taken.value.suggested_filename == "practice.csv"
    staff.get_by_role("link", name="For publication").click()
    assert staff.get_by_role("heading", name="It may not say").is_visible()
    assert errors == []


@pytest.fixture
def everything(user) -> list[tuple[bool, str]]:
    """Every page of this part, for patients (False) and for staff (True)."""
    practice(user, 12)
    made = episode(user, email="patient@site.example")
    services.session_add(made.number, clinic=made.clinic, user=user, now=timezone.now())
    pain, change, rmdq = (ask(made, user, key) for key in ("pain-nrs", "global-change", "rmdq"))
    invitation = made.invitations.latest("pk")
    agree = ask(made, user, "pain-nrs", asks_consent=True)
    spent = ask(made, user, "pain-nrs")
    invitations = made.invitations.order_by("-pk")
    invitations.filter(pk=invitations[0].pk).update(expires_at=timezone.now() - timedelta(days=1))
    return [
        (False, pain),
        (False, change),
        (False, rmdq),
        (False, spent),
        (False, f"{pain}stop/"),
        (False, f"{agree}agree/"),
        (False, "/questions/agreed/"),
        (False, "/questions/declined/"),
        (False, "/questions/received/"),
        (True, "/staff/practice/?all=yes"),
        (True, "/staff/practice/new/"),
        (True, f"/staff/practice/{made.number}/"),
        (True, f"/staff/practice/{made.number}/link/{invitation.pk}/"),
        (True, "/staff/audit/"),
        (True, "/staff/audit/publication/"),
    ]


def test_every_page_is_accessible_and_fits(everything, user, opened, tmp_path) -> None:
    # axe needs JavaScript in the page; the patients' pages themselves have none.
    guest, staff = opened.page(1280), opened.staff(user)
    pictures = Path(os.environ.get("OSLER_PICTURES", tmp_path))
    for n, (is_staff, address) in enumerate(everything):
        seen = staff if is_staff else guest
        assert seen.goto(address).status in (200, 410), address
        seen.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        for width, scheme in SIZES:
            seen.set_viewport_size({"width": width, "height": 844})
            seen.emulate_media(color_scheme=scheme)
            assert serious(seen) == [], (address, width, scheme)
            assert seen.evaluate("document.documentElement.scrollWidth") <= width, address
            seen.screenshot(path=pictures / f"{n:02}-{width}-{scheme}.png", full_page=True)
        assert is_staff or seen.locator("script").count() == 0
    guest.goto(everything[0][1])
    guest.get_by_role("button", name="Send my answers").click()
    assert serious(guest) == [], "with a mistake, too"


def serious(seen: Page) -> list[str]:
    """axe-core's serious and critical findings, in words."""
    found = Axe().run(seen).response["violations"]
    return [
        f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
