"""A clinic whose small review folder is under git."""

import subprocess

import pytest

from osler.web.editor.files import blob_hash
from tests.web.pages.conftest import clinic, editor, folder, owner, path

__all__ = ["clinic", "editor", "folder", "owner", "path"]
NAME = "bcg-vaccine"


def git(folder, *arguments):
    command = [
        "git",
        "-C",
        str(folder),
        "-c",
        "user.name=A. Author",
        "-c",
        "user.email=a@x.example",
    ]
    return subprocess.run([*command, *arguments], check=True, capture_output=True, text=True).stdout


def begin(folder):
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "The folder as it is")


@pytest.fixture
def kept(folder, path):
    """The folder, under git."""
    begin(path)
    return folder


@pytest.fixture
def page(path):
    return path / "pages" / f"{NAME}.md"


@pytest.fixture
def base(page):
    return blob_hash(page.read_bytes())
