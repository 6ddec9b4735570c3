"""The built pages as a reader meets them, in a real browser."""

import re
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from osler.publish.building import build_folder
from tests.browser.conftest import Open

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
NUMBER = "a.number[href^='#evidence-']"


@pytest.fixture(scope="session")
def example_site(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The sciatica example as ``osler build`` writes it, from a copy of its folder."""
    folder = tmp_path_factory.mktemp("example") / "sciatica"
    shutil.copytree(
        root / "examples" / "sciatica",
        folder,
        ignore=shutil.ignore_patterns("build", "bringing_in"),
    )
    built = build_folder(folder)
    assert built.site is not None, built.diagnostics
    return built.site


@pytest.fixture(scope="session", params=["sample", "example"])
def article(request: pytest.FixtureRequest) -> Path:
    """The made-up page with one of everything, and the real one."""
    if request.param == "sample":
        site: Path = request.getfixturevalue("sample_site")
        return site / "needles" / "index.html"
    site = request.getfixturevalue("example_site")
    return site / "acupuncture-for-sciatica" / "index.html"


def unfold(page: Page) -> None:
    """Open everything, so that what is folded away is tested too."""
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")


def serious(page: Page) -> list[str]:
    """axe-core's serious and critical findings, in words."""
    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_serious_accessibility_finding(
    article: Path, open_page: Open, width: int, scheme: str
) -> None:
    page = open_page(article, width=width, color_scheme=scheme)
    unfold(page)
    assert serious(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["index.html", "404.html"])
def test_the_other_pages_are_accessible_too(
    sample_site: Path, open_page: Open, name: str, scheme: str
) -> None:
    page = open_page(sample_site / name, width=390, color_scheme=scheme)
    assert serious(page) == []


def test_axe_would_find_something(sample_site: Path, open_page: Open) -> None:
    page = open_page(sample_site / "index.html")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=x>')")
    assert any(finding.startswith("image-alt") for finding in serious(page))


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_makes_the_page_scroll_sideways(article: Path, open_page: Open, width: int) -> None:
    page = open_page(article, width=width)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_headings_step_down_one_level_at_a_time(article: Path, open_page: Open) -> None:
    page = open_page(article)
    unfold(page)
    levels: Sequence[int] = page.eval_on_selector_all(
        "main :is(h1, h2, h3, h4, h5, h6)", "found => found.map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_entry_of_the_contents_leads_to_its_heading(article: Path, open_page: Open) -> None:
    page = open_page(article)
    links = page.locator(".toc a")
    assert links.count() >= 3
    for i in range(links.count()):
        link = links.nth(i)
        target = str(link.get_attribute("href"))
        link.click()
        heading = page.locator(f"[id='{target.removeprefix('#')}']")
        assert heading.inner_text().strip() == link.inner_text().strip()
        assert heading.is_visible()


def test_a_number_opens_its_trials(article: Path, open_page: Open) -> None:
    page = open_page(article)
    number = page.locator(NUMBER).first
    target = page.locator(str(number.get_attribute("href")))
    assert not target.is_visible()
    number.click()
    target.wait_for(state="visible")
    assert target.locator("table.trials tbody tr").count() >= 1
    assert target.locator("table.ledger tbody tr").count() >= 2
    in_view = target.evaluate("e => e.getBoundingClientRect().top < window.innerHeight")
    assert in_view


def test_every_number_and_claim_leads_somewhere(article: Path, open_page: Open) -> None:
    page = open_page(article)
    lost = page.eval_on_selector_all(
        "a[href^='#']",
        "links => links.map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(decodeURIComponent(id)))",
    )
    assert lost == []


def test_it_works_without_javascript(article: Path, open_page: Open) -> None:
    page = open_page(article, java_script_enabled=False)
    number = page.locator(NUMBER).first
    target = page.locator(str(number.get_attribute("href")))
    number.click()
    target.wait_for(state="visible")
    page.locator("details.as-table summary").first.click()
    assert page.locator("details.as-table table").first.is_visible()


def test_nothing_is_asked_of_another_host(article: Path, open_page: Open) -> None:
    page = open_page(article.parents[1] / "index.html")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(article.as_uri())
    unfold(page)
    page.wait_for_load_state("networkidle")
    assert article.as_uri() in asked
    assert [url for url in asked if urlsplit(url).scheme != "file"] == []
    assert any(url.endswith("/style.css") for url in asked)


def test_the_skip_link_is_the_first_stop_and_leads_to_the_text(
    article: Path, open_page: Open
) -> None:
    page = open_page(article)
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the text"
    outline = skip.evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_wide_tables_scroll_in_a_region_that_the_keyboard_reaches(
    article: Path, open_page: Open
) -> None:
    page = open_page(article, width=390)
    unfold(page)
    overflowing: Sequence[str] = page.eval_on_selector_all(
        "table",
        "tables => tables.filter(t => t.scrollWidth > t.parentElement.clientWidth + 1)"
        ".map(t => t.parentElement)"
        ".map(region => region.getAttribute('tabindex') + region.getAttribute('role'))",
    )
    assert set(overflowing) == {"0region"}


def test_phones_get_the_narrow_plot_and_desktops_the_wide_one(
    article: Path, open_page: Open
) -> None:
    for width, wide in ((390, False), (1280, True)):
        page = open_page(article, width=width)
        assert page.locator(".wide-only svg").first.is_visible() is wide
        assert page.locator(".small-only svg").first.is_visible() is not wide


@pytest.mark.parametrize("width", WIDTHS)
def test_text_in_figures_is_large_enough_to_read(
    article: Path, open_page: Open, width: int
) -> None:
    page = open_page(article, width=width)
    scales: Sequence[float] = page.eval_on_selector_all(
        ".wide-only svg, .small-only svg",
        "all => all.filter(s => s.getBoundingClientRect().width > 0)"
        ".map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width)",
    )
    assert scales
    assert min(scales) * 12 >= 10.5, "12 is the smallest size in a figure"


def test_print_hides_the_site_and_keeps_the_article(article: Path, open_page: Open) -> None:
    page = open_page(article)
    page.emulate_media(media="print")
    assert not page.locator(".toc").is_visible()
    assert not page.locator(".site-head nav").is_visible()
    assert page.locator("h1").is_visible()
    assert page.locator(".answer").is_visible()
    assert page.locator(".references li").first.is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )


HIDDEN = "all => all.filter(e => !e.checkVisibility({contentVisibilityAuto: true})).length"


def test_print_opens_what_is_folded_away(article: Path, open_page: Open) -> None:
    page = open_page(article)
    folded = "details:not([open]) table"
    assert page.eval_on_selector_all(folded, HIDDEN) == page.locator(folded).count() > 0
    page.emulate_media(media="print")
    assert page.locator("details[open]").count() == 0
    for text in ("table", ".evidence-body .statement", "details h4"):
        assert page.locator(text).count() > 0
        assert page.eval_on_selector_all(text, HIDDEN) == 0
    assert page.evaluate("document.body.innerText").count("How sure we are") > 0
    printed = page.pdf(format="A4")
    unfold(page)
    assert pages_of(printed) == pages_of(page.pdf(format="A4")), "as long as with all open"


def pages_of(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF")
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_findings_are_stacked_on_a_phone_and_a_table_on_paper(
    article: Path, open_page: Open
) -> None:
    page = open_page(article, width=390)
    table = page.locator("table.findings").first
    assert table.evaluate("e => e.scrollWidth <= e.parentElement.clientWidth")
    display = "e => getComputedStyle(e).display"
    assert table.evaluate(display) == "block"
    page.emulate_media(media="print")
    assert table.evaluate(display) == "table"


def test_options_are_stacked_on_a_phone_and_a_table_elsewhere(
    article: Path, open_page: Open
) -> None:
    phone = open_page(article, width=390)
    table = phone.locator("table.options")
    assert table.evaluate("e => e.scrollWidth <= e.parentElement.clientWidth")
    assert phone.get_by_role("rowheader", name="Acupuncture", exact=True).count() == 1
    label = "e => getComputedStyle(e, '::before').content"
    assert "Harms" in table.locator("td[data-label=Harms]").first.evaluate(label)
    wide = open_page(article, width=1280)
    assert wide.locator("table.options").evaluate("e => getComputedStyle(e).display") == "table"


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_of_icon_arrays_are_as_large_as_text(
    article: Path, open_page: Open, width: int
) -> None:
    page = open_page(article, width=width)
    sizes: Sequence[float] = page.eval_on_selector_all(
        ".icons svg",
        "all => all.filter(s => s.getBoundingClientRect().width > 0).flatMap(s => {"
        " const scale = s.getBoundingClientRect().width / s.viewBox.baseVal.width;"
        " return [...s.querySelectorAll('text')]"
        ".map(t => parseFloat(getComputedStyle(t).fontSize) * scale) })",
    )
    assert sizes
    assert 13 <= min(sizes) <= 20


def test_the_list_of_pages_leads_to_the_article(example_site: Path, open_page: Open) -> None:
    page = open_page(example_site / "index.html")
    page.locator(".cards a").first.click()
    assert page.locator("h1").count() == 1
    assert page.locator(".answer").is_visible()
    page.locator(".site-name").click()
    assert page.locator(".cards").is_visible()
