"""Tables of certainty as documents of their own, in a real browser."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from osler.certainty.evidence import gather_evidence
from osler.publish.documents import Asked, table_document
from osler.review.folder import read_folder
from osler.review.reading import parse_review
from tests.browser.conftest import Open

ASKED = {
    "findings": Asked("findings", "acupuncture vs medication", "html", numbers_needed=True),
    "profile": Asked("profile", "acupuncture vs medication", "html"),
    "decision": Asked("decision", "leg pain", "html"),
}


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The example's tables, one file each."""
    review, _ = parse_review(read_folder(root / "examples" / "sciatica"))
    assert review is not None
    evidence = gather_evidence(review)
    folder = tmp_path_factory.mktemp("tables")
    for name, asked in ASKED.items():
        content = table_document(review, evidence, asked, version="0.0.0").content
        (folder / f"{name}.html").write_bytes(content)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ASKED)
def test_a_table_is_accessible_and_never_scrolls_sideways(
    tables: Path, open_page: Open, name: str, width: int, scheme: str
) -> None:
    page = open_page(tables / f"{name}.html", width=width, color_scheme=scheme)
    found = Axe().run(page).response["violations"]
    grave = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
    assert grave == []
    for scope in ("document.documentElement", "document.querySelector('.scroll')"):
        assert page.evaluate(f"{scope}.scrollWidth <= {scope}.clientWidth")


@pytest.mark.parametrize("name", ASKED)
def test_stacked_cells_keep_their_roles_and_say_their_column(
    tables: Path, open_page: Open, name: str
) -> None:
    page = open_page(tables / f"{name}.html", width=390)
    assert page.get_by_role("table").count() == 1
    heads = page.get_by_role("columnheader").all_text_contents()
    cells = page.locator("tbody tr").first.get_by_role("cell")
    shown = cells.evaluate_all("e => e.map(c => getComputedStyle(c, '::before').content)")
    assert shown == [f'"{head}: "' for head in heads[1:]]
