"""``osler site learn``: the classifier learns from what moderators decided."""

import sys

import click
from django.utils import timezone

from osler.core.diagnostics import DataError
from osler.core.rendering import render
from osler.web.accounts.models import Clinic
from osler.web.comments.learning import learn_from_decisions

EPILOG = """\b
Examples:
  osler site learn            for every clinic of the site
  osler site learn --check    only tell how well it would do
"""


@click.command(epilog=EPILOG)
@click.option("--check", is_flag=True, help="Tell the figures and keep the model in use.")
def learn(check: bool) -> None:
    """Teach the spam classifier what moderators have shown and what they called spam.

    Needs 20 of each. A model that does worse on comments that it has not seen than the one in
    use is not kept.
    """
    failed = False
    for clinic in Clinic.objects.order_by("pk"):
        try:
            learnt = learn_from_decisions(clinic, now=timezone.now(), keep=not check)
        except DataError as error:
            failed = True
            click.echo(render(error.diagnostics, "text", colour=False), err=True)
            continue
        click.echo(f"{clinic.name}: {learnt}")
    sys.exit(1 if failed else 0)
