"""The flow of records on a page, as a reader meets it on a desk and on a phone."""

from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from osler.publish.site import build_site
from tests.browser.conftest import Open, written
from tests.unit.publish.sample import EVIDENCE, REVIEW, TEXT, page
from tests.unit.records.making import RECORDS

FLOW = TEXT[: TEXT.index("## ")] + "## How trials were found\n\n{{ prisma() }}\n"


@pytest.fixture(scope="module")
def flow_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    review = replace(REVIEW, records=RECORDS)
    site = dict(build_site(review, EVIDENCE, [(page(FLOW), ())], version="0.1.0"))
    return written(site, tmp_path_factory.mktemp("flow")) / "needles" / "index.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_figure_fits_can_be_read_and_is_accessible(
    flow_page: Path, open_page: Open, width: int, scheme: str
) -> None:
    page = open_page(flow_page, width=width, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    figure = page.locator("#figure-prisma svg:visible")
    assert figure.count() == 1
    sizes = figure.evaluate(
        "svg => [...svg.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize)"
        " * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)"
    )
    assert min(sizes) >= (11 if width < 500 else 9)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert figure.evaluate("svg => svg.getBoundingClientRect().right") <= width
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
