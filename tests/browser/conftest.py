"""A real browser, and the pages that it opens."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from osler.publish.site import build_site
from tests.unit.publish.sample import EVIDENCE, REVIEW, page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MISSING = (
    "The browser tests (tests/browser) did not run: no Chromium was found. "
    "They check the built pages for accessibility, layout and links; "
    "get it with: apt-get install chromium"
)

# Playwright's loop runs in the thread of the test, and Django would refuse to ask its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one the tests are skipped, or fail where CI=true."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # As root Chromium refuses to start inside its own sandbox.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*QUIET, *sandbox])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a file in a fresh context; settings are those of ``Browser.new_context``."""
    contexts: list[BrowserContext] = []

    def opened(file: Path, *, width: int = 1280, **settings: object) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            **settings,  # type: ignore[arg-type]  # checked by Playwright
        )
        contexts.append(context)
        made = context.new_page()
        made.goto(file.as_uri())
        return made

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site with one of everything that a page can hold."""
    return written(
        dict(build_site(REVIEW, EVIDENCE, [(page(), ())], version="0.1.0")),
        tmp_path_factory.mktemp("sample"),
    )


def written(site: dict[str, bytes], folder: Path) -> Path:
    """A site's files in a folder."""
    for name, content in site.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
