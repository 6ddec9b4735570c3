"""``osler site remind``: e-mail to those who agreed to it, by hand or by a timer."""

import sys

import click
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.rendering import render
from osler.core.wording import counted
from osler.web.practice.reminding import remind

EPILOG = """\b
Examples:
  osler site remind           send what is due, and tell how much
  OSLER_SITE=/srv/clinic OSLER_URL=https://clinic.example osler site remind --quiet
                              once a day, from a timer

\b
Exit codes:
  0  all that was due is sent
  1  something was not sent; the next run tries again
  2  there is no address for the links (OSLER_URL)
"""


@click.command("remind", epilog=EPILOG)
@click.option("--quiet", is_flag=True, help="Say nothing where nothing was due.")
def remind_command(quiet: bool) -> None:
    """Send reminders of questionnaires that are open, and questions some weeks after the start.

    Only to people who agreed to e-mail and whose episode has an address. E-mail goes to the
    console until OSLER_EMAIL names a server.
    """
    if not settings.OSLER_URL:
        click.echo(render((_no_address(),), "text", colour=False), err=True)
        sys.exit(2)
    told = remind(timezone.now(), _link)
    if told.sent or not quiet:
        new = f", {told.follow_ups} of them with new questions" if told.follow_ups else ""
        click.echo(f"{counted(told.sent, 'e-mail')} sent{new}")
    if told.diagnostics:
        click.echo(render(told.diagnostics, "text", colour=False), err=True)
        sys.exit(1)


def _link(name: str, token: str) -> str:
    return f"{settings.OSLER_URL}{reverse(name, args=[token])}"


def _no_address() -> Diagnostic:
    return Diagnostic(
        "WEB063",
        Severity.ERROR,
        Place("settings"),
        "the site has no public address",
        "OSLER_URL is empty",
        "no reminder is sent, because its link would lead nowhere",
        "set OSLER_URL to where the public finds the site, such as https://clinic.example",
    )
