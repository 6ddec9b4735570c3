"""The network of an outcome as a reader meets it: graph, rows that unfold, why nothing is best."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from osler.certainty.evidence import gather_evidence
from osler.certainty.network.asked import with_networks
from osler.claims.document.page import parse_page
from osler.claims.links import questions_of
from osler.publish.site import build_site
from tests.browser.conftest import Open, written
from tests.unit.certainty.network.sample import loop_folder, review_of
from tests.unit.publish.network_page import NETWORK_PAGE

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def network_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up network that connects: every part of the section is there."""
    review = review_of(loop_folder())
    page, _ = parse_page(NETWORK_PAGE, "pages/network.md")
    evidence = with_networks(review, gather_evidence(review), questions_of(page))
    site = dict(build_site(review, evidence, [(page, ())], version="0.1.0"))
    return written(site, tmp_path_factory.mktemp("network")) / "network" / "index.html"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_section_is_accessible(
    network_page: Path, open_page: Open, width: int, scheme: str
) -> None:
    page = open_page(network_page, width=width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_graph_fits_and_its_numbers_can_be_read(
    network_page: Path, open_page: Open, width: int
) -> None:
    page = open_page(network_page, width=width)
    figure = page.locator("figure.network svg:visible")
    assert figure.count() == 1
    sizes = figure.evaluate(
        "svg => [...svg.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize)"
        " * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)"
    )
    assert min(sizes) >= 11
    keys = page.locator(".network-key .node-key").all_text_contents()
    drawn = figure.locator("g.f-node-number text, g.f-node-inert-number text").all_text_contents()
    assert sorted(keys) == sorted(drawn) == ["1", "2", "3", "4"]


def test_a_row_unfolds_to_its_evidence_without_javascript(
    network_page: Path, open_page: Open
) -> None:
    page = open_page(network_page, java_script_enabled=False)
    row = page.locator("table.options tbody tr").first
    row.locator("summary").click()
    told = row.locator("details.behind-row").inner_text()
    assert "59% of the evidence, 2 trials" in told and "Trial 0" in told
    row.locator("details.behind-row a").click()
    assert page.locator("#evidence-rest-vs-usual-care-recovery-network").is_visible()


def test_the_order_stands_beside_how_sure_we_are(network_page: Path, open_page: Open) -> None:
    page = open_page(network_page)
    table = page.locator("figure.network table").first
    assert table.locator("tbody tr").count() == 3
    assert table.locator("tbody tr").first.inner_text().startswith("Tablets")
    assert "moderate" in table.inner_text()
    assert "does not say how much better" in page.locator("figure.network").inner_text()
