"""Published output against what it was: a change in it is seen, and is meant.

After a change that is meant: ``UPDATE_SNAPSHOTS=1 make test ARGS=tests/snapshots``, then
read the difference before it is kept.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from osler.certainty.evidence import gather_evidence
from osler.certainty.network.asked import with_networks
from osler.claims.document.page import parse_page
from osler.claims.links import questions_of
from osler.publish.figures.forest import forest_of_finding
from osler.publish.figures.icons import icons_of_finding
from osler.publish.figures.svg import svg_standalone
from osler.publish.site import build_site
from tests.unit.certainty.network.sample import loop_folder, review_of
from tests.unit.publish.network_page import NETWORK_PAGE
from tests.unit.publish.sample import BETTER_DRUGS, EVIDENCE, PAIN_SHAM, REVIEW, TEXT, page
from tests.unit.records.making import RECORDS

FOLDER = Path(__file__).parent

SHORT = (
    TEXT[: TEXT.index("### Against drugs")]
    + '{{ summary("acupuncture vs medication") }}\n\n{{ options("leg pain") }}\n'
)


def _site() -> dict[str, bytes]:
    return dict(build_site(REVIEW, EVIDENCE, [(page(SHORT), ())], version="0.0.0"))


def _network() -> str:
    """The graph of a network with its text, and the options that it carries."""
    review = review_of(loop_folder())
    shown, _ = parse_page(NETWORK_PAGE, "pages/network.md")
    evidence = with_networks(review, gather_evidence(review), questions_of(shown))
    site = build_site(review, evidence, [(shown, ())], version="0.0.0")
    html = site["network/index.html"].decode()
    return html[html.index('<h2 id="treatments') : html.index('<figure class="plate" ')]


def _flow() -> str:
    """The flow of records with its table."""
    review = replace(REVIEW, records=RECORDS)
    shown = page(TEXT[: TEXT.index("## ")] + "{{ prisma() }}\n")
    html = build_site(review, EVIDENCE, [(shown, ())], version="0.0.0")["needles/index.html"]
    text = html.decode()
    start = text.index('<figure class="plate" id="figure-prisma"')
    return text[start : text.index("</figure>", start)] + "</figure>\n"


def _outputs() -> dict[str, bytes]:
    site = _site()
    return {
        "page.html": site["needles/index.html"],
        "index.html": site["index.html"],
        "feed.xml": site["feed.xml"],
        "sitemap.xml": site["sitemap.xml"],
        "leg-pain.csv": site["data/acupuncture-vs-sham-acupuncture-leg-pain.csv"],
        "forest.svg": svg_standalone(forest_of_finding(PAIN_SHAM)).encode(),
        "forest-small.svg": svg_standalone(forest_of_finding(BETTER_DRUGS, small=True)).encode(),
        "network.html": _network().encode(),
        "flow.html": _flow().encode(),
        "icons.svg": svg_standalone(icons_of_finding(BETTER_DRUGS)).encode(),
    }


@pytest.fixture(scope="module")
def outputs() -> dict[str, bytes]:
    made = _outputs()
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        for name, content in made.items():
            (FOLDER / name).write_bytes(content)
    return made


@pytest.mark.parametrize(
    "name",
    [
        "page.html",
        "index.html",
        "network.html",
        "flow.html",
        "feed.xml",
        "sitemap.xml",
        "leg-pain.csv",
        "forest.svg",
        "forest-small.svg",
        "icons.svg",
    ],
)
def test_output_is_as_it_was(name: str, outputs: dict[str, bytes]) -> None:
    assert outputs[name].decode().splitlines() == (FOLDER / name).read_text("utf-8").splitlines()
