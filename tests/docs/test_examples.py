"""Every example in README and docs does what the page says."""

import shutil
from pathlib import Path

import pytest

from tests.docs.documents import Scratch, blocks

ROOT = Path(__file__).resolve().parents[2]
RUN = ("console", "python")


def documents() -> list[str]:
    """The documents that hold something to run."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        path.relative_to(ROOT).as_posix()
        for path in paths
        if not {"_build", "generated"} & set(path.parts)
        and any(b.language in RUN for b in blocks(path.read_text(encoding="utf-8"), path.name))
    ]


@pytest.mark.parametrize("document", documents())
def test_examples_do_what_the_page_says(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # what an example saves must not land in the project
    ignore = shutil.ignore_patterns("build", "__pycache__")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=ignore)
    scratch = Scratch(tmp_path)
    text = (ROOT / document).read_text(encoding="utf-8")
    problems = [problem for block in blocks(text, document) for problem in scratch.run(block)]
    assert not problems, "\n\n".join(problems)


def test_there_are_documents_to_run() -> None:
    assert "README.md" in documents()
    assert any(name.startswith("docs/tutorial/") for name in documents())
