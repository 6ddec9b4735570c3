"""``osler site import-comments``: the comments of a former site."""

import sys
from pathlib import Path

import click
from django.core.management import call_command
from django.utils import timezone

from osler.core.rendering import render
from osler.core.wording import counted
from osler.web.accounts.models import Clinic
from osler.web.wordpress.into_site import import_comments

EPILOG = """\b
Examples:
  osler import-wordpress export.xml -o clinic
  osler site publish clinic
  osler site import-comments clinic/wordpress/comments.jsonl
"""


@click.command("import-comments", epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--clinic", default="", help="Short name of the clinic; left out: the first one.")
def import_comments_command(file: Path, clinic: str) -> None:
    """Take over FILE, the comments.jsonl that osler import-wordpress wrote.

    Each keeps its date; approved ones are shown, held ones wait, spam stays spam, those of
    the bin stay hidden. No e-mail is sent. The pages have to be published first.
    """
    call_command("migrate", verbosity=0, interactive=False)
    clinics = Clinic.objects.order_by("pk")
    owner = clinics.filter(slug=clinic).first() if clinic else clinics.first()
    if owner is None:
        click.echo(
            "osler: the site has no such clinic; start it first: osler site FOLDER", err=True
        )
        sys.exit(2)
    try:
        lines = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        click.echo(f"osler: cannot read {file}: {error.strerror or error}", err=True)
        sys.exit(2)
    done = import_comments(lines, file.name, owner, now=timezone.now())
    if done.diagnostics:
        click.echo(render(done.diagnostics, "text") + "\n")
    states = ", ".join(f"{n} {state}" for state, n in sorted(done.new.items()))
    click.echo(
        f"{counted(sum(done.new.values()), 'new comment')}{f' ({states})' if states else ''}."
    )
    if done.known:
        click.echo(f"{counted(done.known, 'comment')} had been taken over before.")
    sys.exit(1 if done.diagnostics else 0)
