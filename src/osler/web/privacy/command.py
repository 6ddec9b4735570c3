"""``osler site retention``: the retention clock by hand, or by a timer."""

import click
from django.utils import timezone

from osler.core.wording import counted
from osler.web.privacy.retention import end_what_is_due

EPILOG = """\b
Examples:
  osler site retention        end what has been kept long enough, and tell how much
  OSLER_SITE=/srv/clinic osler site retention --quiet    from a timer
"""


@click.command(epilog=EPILOG)
@click.option("--quiet", is_flag=True, help="Say nothing where nothing was due.")
def retention(quiet: bool) -> None:
    """Delete for good what has been kept as long as the privacy page says.

    The running site does this by itself once a day. Needs Django to be set up, as the other
    commands of the site do.
    """
    ended = end_what_is_due(timezone.now())
    for one in ended:
        if one.count:
            click.echo(f"{counted(one.count, 'row')}  {one.what}")
    if not quiet and not any(one.count for one in ended):
        click.echo("nothing was due")
