"""Draw the figures of the gallery page: its own code, run as it stands there.

A block that ends by saving a file is what the page shows below it, so that no picture can
say something else than the code above it makes.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = "gallery.md"
FOLDER = "reference/generated/gallery"
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[str]:
    r"""The Python blocks of a page.

    Examples
    --------
    >>> blocks("```python\nx = 1\n```\n")
    ['x = 1\n']
    """
    return _BLOCK.findall(text)


def draw(page: Path, folder: Path) -> list[Path]:
    """Run the page in ``folder`` and return the pictures that are there afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[str, object] = {}
    before = Path.cwd()
    os.chdir(folder)
    try:
        for block in blocks(page.read_text(encoding="utf-8")):
            exec(compile(block, str(page), "exec"), names)
    finally:
        os.chdir(before)
    return sorted(folder.glob("*.svg"))


def make(app: "Sphinx") -> None:
    draw(Path(app.srcdir) / PAGE, Path(app.srcdir) / FOLDER)


def setup(app: "Sphinx") -> dict[str, bool]:
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
