"""``osler site backup`` and ``osler site restore``."""

import sys
from pathlib import Path

import click
from django.conf import settings

from osler.core.diagnostics import DataError
from osler.core.rendering import render
from osler.core.wording import counted
from osler.web.commands.archive import restore, write_backup
from osler.web.commands.running import prepare


@click.command("backup", epilog="\b\nExample:\n  osler site backup /backup/site-2026-12-01.zip")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup_command(file: Path) -> None:
    """Write everything that the site keeps to FILE, while it runs.

    In it are all rows of the database (also of PostgreSQL), the secret key and the published
    pages; not in it are the review folders themselves and who is logged in. Whoever has FILE
    has all that is known of patients and readers: keep it as you keep the records.
    """
    try:
        rows = write_backup(file)
    except OSError as error:
        click.echo(f"osler: cannot write {file}: {error.strerror or error}", err=True)
        sys.exit(2)
    click.echo(f"{file}: {counted(rows, 'row')} and the secret key")


@click.command(
    "restore",
    epilog="\b\nExample:\n  osler site restore /backup/site-2026-12-01.zip --data new-site",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore_command(file: Path) -> None:
    """Bring FILE back into a new site: into the folder of --data, or the database of DATABASE_URL.

    The database may be another kind than the one that was backed up. A site that already
    holds anything is left alone.
    """
    prepare()
    try:
        rows = restore(file)
    except DataError as error:
        click.echo(render(error.diagnostics, "text"), err=True)
        sys.exit(2)
    click.echo(
        f"{counted(rows, 'row')} brought back; start with: osler site --data {settings.SITE}"
    )
