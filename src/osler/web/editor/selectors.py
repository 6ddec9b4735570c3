"""What the editor shows of a folder."""

from dataclasses import dataclass
from pathlib import Path

from django.http import Http404

from osler.web.accounts.models import Clinic
from osler.web.editor import git
from osler.web.editor.files import NoSuchPage, page_names, page_path, read_page
from osler.web.pages.models import Folder, Page
from osler.web.pages.selectors import folders_of


@dataclass(frozen=True)
class Row:
    """A page in the list: published or not."""

    name: str
    title: str
    is_live: bool


@dataclass(frozen=True)
class FolderRow:
    """A folder with its pages, and whether they can be saved."""

    folder: Folder
    pages: tuple[Row, ...]
    is_under_git: bool


def folder_rows(clinic: Clinic) -> tuple[FolderRow, ...]:
    return tuple(
        FolderRow(f, tuple(_rows(f)), git.is_under_git(Path(f.path))) for f in folders_of(clinic)
    )


def _rows(folder: Folder) -> list[Row]:
    live = dict(
        Page.objects.filter(folder=folder, is_live=True).values_list("file", "title").iterator()
    )
    return [
        Row(name, live.get(f"pages/{name}.md", name), f"pages/{name}.md" in live)
        for name in page_names(Path(folder.path))
    ]


def folder_at(clinic: Clinic, slug: str) -> Folder:
    """A folder of this clinic; Http404 for another's."""
    folder = Folder.objects.filter(clinic=clinic, slug=slug, is_removed=False).first()
    if folder is None:
        raise Http404("no such folder")
    return folder


def page_content(folder: Folder, name: str) -> tuple[Path, bytes]:
    """A page's path and bytes; Http404 where there is no such page."""
    try:
        path = page_path(Path(folder.path), name)
        return path, read_page(path)
    except NoSuchPage:
        raise Http404("no such page") from None
