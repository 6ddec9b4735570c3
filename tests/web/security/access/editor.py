"""Editor."""

import subprocess
import tempfile
from pathlib import Path

from osler.web.pages.models import Folder
from tests.web.security.access import Access

# One folder for all runs: only the rows are of one test.
_ROOT = tempfile.TemporaryDirectory()


def _folder(clinic):
    path = Path(_ROOT.name)
    if not (path / "pages").exists():
        (path / "pages").mkdir()
        (path / "pages" / "knee.md").write_text("Words.\n")
        subprocess.run(["git", "init", "--quiet", str(path)], check=True)
    defaults = {"clinic": clinic, "path": str(path)}
    return Folder.objects.get_or_create(slug=f"edit-{clinic.slug}", defaults=defaults)[0]


def _page(clinic):
    return {"folder": _folder(clinic).slug, "name": "knee"}


EDIT = "pages.edit"
ACCESS = {
    "editor-pages": Access(EDIT),
    "editor-new": Access(
        EDIT, lambda c: {"folder": _folder(c).slug}, "POST", {"name": "..", "title": "x"}
    ),
    "editor-page": Access(EDIT, _page),
    "editor-check": Access(EDIT, _page, "POST", {"text": "Words."}),
    "editor-preview": Access(EDIT, _page, "POST", {"text": "Words."}),
}
