"""No link in README or docs leads nowhere within the project."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import reference_pages
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "examples/*/README.md")
    for path in ROOT.glob(pattern)
    if not {"_build", "generated"} & set(path.parts)
)


def links(text: str) -> Iterator[str]:
    for token in MarkdownIt().parse(text):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target:
                yield str(target)


def anchors(text: str) -> set[str]:
    """The ids that headings get on code hosts and from MyST."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def generated() -> dict[str, str]:
    return {f"docs/reference/generated/{k}": v for k, v in reference_pages.pages().items()}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    made = generated()
    text = (ROOT / document).read_text(encoding="utf-8")
    missing = []
    for link in links(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
        target = joined if path else document
        if target not in made and not (ROOT / target).exists():
            missing.append(link)
        elif anchor and target.endswith(".md"):
            there = made.get(target) or (ROOT / target).read_text(encoding="utf-8")
            missing += [] if anchor in anchors(there) else [link]
    assert missing == []


def toctree_entries(text: str) -> Iterator[str]:
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.info.strip() == "{toctree}":
            lines = (line.strip() for line in token.content.splitlines())
            yield from (line for line in lines if line and not line.startswith(":"))


def test_every_page_of_the_docs_is_in_a_contents() -> None:
    listed = {"docs/index.md"}
    for document in (d for d in DOCUMENTS if d.startswith("docs/")):
        text = (ROOT / document).read_text(encoding="utf-8")
        folder = posixpath.dirname(document)
        listed |= {posixpath.join(folder, f"{entry}.md") for entry in toctree_entries(text)}
    assert {d for d in DOCUMENTS if d.startswith("docs/")} - listed == set()
