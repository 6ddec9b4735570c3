"""``osler site check-deploy`` and ``osler site manage``: Django's own commands on the site."""

import sys
from io import StringIO

import click
from django.conf import settings
from django.core.management import call_command, execute_from_command_line
from django.core.management.base import SystemCheckError


@click.command("check-deploy", epilog="\b\nExample:\n  osler site check-deploy --data /srv/site")
def check_deploy() -> None:
    r"""Ask Django's deployment checks, with the settings as they are now.

    \b
    Exit codes:
      0  fit to face the internet
      1  something is not; it is told
    """
    said = StringIO()
    try:
        call_command("check", deploy=True, fail_level="WARNING", stdout=said, stderr=said)
    except SystemCheckError as problem:
        click.echo(str(problem))
        if not settings.OSLER_URL.startswith("https://"):
            click.echo("Set OSLER_URL to the public address, https://..., and try again.")
        sys.exit(1)
    click.echo(said.getvalue().strip())
    if not settings.OSLER_PROXIES:
        click.echo(
            "OSLER_PROXIES is 0: behind Caddy or nginx all visitors would count as one. "
            "Set it to the number of your own proxies."
        )
        sys.exit(1)


@click.command(
    "manage",
    epilog="\b\nExample:\n  osler site manage showmigrations",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def manage(args: tuple[str, ...]) -> None:
    """Any of Django's commands: 'osler site manage dbshell'."""
    execute_from_command_line(["osler site manage", *args])
