"""``osler site publish`` and ``osler site remove``: folders from the command line."""

import sys
from pathlib import Path

import click
from django.core.management import call_command
from django.utils import timezone

from osler.core.rendering import render
from osler.core.wording import counted
from osler.web.commands.running import the_clinic
from osler.web.pages.models import Folder
from osler.web.pages.services import Result, add_folder, publish_folder, remove_folder


@click.command("publish", epilog="\b\nExample:\n  osler site publish back-pain --data /srv/site")
@click.argument(
    "folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path)
)
def publish(folders: tuple[Path, ...]) -> None:
    r"""Check FOLDERs once and publish them, for a site that another machine serves.

    \b
    Exit codes:
      0  all are published, or had not changed
      1  a page has errors; what was published of that folder stays
      2  the site could not be used
    """
    call_command("migrate", verbosity=0, interactive=False)
    outcomes = [
        publish_folder(
            add_folder(folder.resolve(), the_clinic("Clinic")), user=None, now=timezone.now()
        )
        for folder in folders
    ]
    for folder, outcome in zip(folders, outcomes, strict=True):
        if outcome.diagnostics and not outcome.published:
            click.echo(render(outcome.diagnostics, "text") + "\n")
        click.echo(f"{folder}: {outcome.result.value}, {counted(len(outcome.pages), 'page')}")
    sys.exit(0 if all(o.result in (Result.PUBLISHED, Result.UNCHANGED) for o in outcomes) else 1)


@click.command("remove", epilog="\b\nExample:\n  osler site remove back-pain")
@click.argument("folder")
def remove(folder: str) -> None:
    """Take the pages of FOLDER (its path or short name) off the site.

    Their versions and comments are kept, should the folder come back.
    """
    paths = {str(Path(folder).resolve()), folder}
    known = Folder.objects.filter(path__in=paths).first() or (
        Folder.objects.filter(slug=folder).first()
    )
    if known is None:
        names = ", ".join(Folder.objects.values_list("slug", flat=True)) or "none"
        click.echo(f"osler: the site has no folder {folder}; there are: {names}", err=True)
        sys.exit(2)
    pages = remove_folder(known, now=timezone.now())
    click.echo(f"{counted(len(pages), 'page')} taken off the site")
