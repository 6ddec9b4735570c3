"""``osler site``: the clinic's live site, and the commands that look after it."""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from osler.core.diagnostics import DataError
from osler.core.rendering import render
from osler.web.commands.starting import MissingSite, start

EPILOG = """\b
Examples:
  osler site back-pain                   start the site of one review folder
  osler site back-pain knees --port 80   of two
  osler site user add jo --role owner    an account; prints a link to choose a password
  osler site backup site.zip             everything that the site keeps, in one file
  osler site restore site.zip --data new
  osler site remind                      e-mail to patients who agreed to it
  osler site check-deploy                is it fit to face the internet?

\b
Everything the site writes is in one folder: --data DIR, else $OSLER_SITE, else osler-site.
With DATABASE_URL=postgres://... the rows are in PostgreSQL. The other settings stand in
docs/how-to/run-the-site.md.
"""
COMMANDS = {
    "run": "osler.web.commands.running:run",
    "user": "osler.web.commands.people:user",
    "publish": "osler.web.commands.folders:publish",
    "remove": "osler.web.commands.folders:remove",
    "backup": "osler.web.commands.keeping:backup_command",
    "restore": "osler.web.commands.keeping:restore_command",
    "check-deploy": "osler.web.commands.deploying:check_deploy",
    "import-comments": "osler.web.wordpress.comments_command:import_comments_command",
    "retention": "osler.web.privacy.command:retention",
    "remind": "osler.web.practice.command:remind_command",
    "learn": "osler.web.comments.command:learn",
    "manage": "osler.web.commands.deploying:manage",
}
"""Every command below ``osler site`` and where it stands."""

MAY_BE_NEW = ("run", "restore", "check-deploy")
DEFAULT_DATA = "osler-site"


class _Site(click.Group):
    """Starts Django only when a command is known; ``osler site FOLDER`` is ``osler site run``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        data, args = _taken(args)
        first = next((a for a in args if not a.startswith("-")), None)
        if "--help" not in args[:1] and (
            first is None or args[0] != first or first not in COMMANDS
        ):
            args = ["run", *args]
        ctx.meta["data"], ctx.meta["args"] = data, tuple(args)
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        # Without arguments somebody only asks what there is: the documentation, a completion.
        if "--help" in ctx.meta.get("args", ("--help",)):
            _start(None, may_be_new=False)
        else:
            _start(ctx.meta["data"], may_be_new=cmd_name in MAY_BE_NEW)
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.group(
    "site",
    cls=_Site,
    epilog=EPILOG,
    no_args_is_help=False,
    short_help="The clinic's live site: pages, replies, results.",
)
def site_command() -> None:
    """Start the site of one or more review FOLDERs, or look after it.

    'osler site FOLDER...' is short for 'osler site run FOLDER...': it makes what is missing
    (database, secret key, style sheets), checks the folders, publishes them, and publishes
    again when a file changes and the check finds no error.
    """


def _taken(args: list[str]) -> tuple[Path, list[str]]:
    """The value of ``--data``, wherever it stands, and the other arguments."""
    data, rest = os.environ.get("OSLER_SITE") or DEFAULT_DATA, []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--data":
            data = next(waiting, "")
        elif arg.startswith("--data="):
            data = arg.removeprefix("--data=")
        else:
            rest.append(arg)
    if not data:
        raise click.UsageError("--data needs the name of a folder")
    return Path(data), rest


def _start(data: Path | None, *, may_be_new: bool) -> None:
    try:
        start(data, may_be_new=may_be_new)
    except MissingSite as missing:
        click.echo(f"osler: {missing}", err=True)
    except DataError as error:
        click.echo(render(error.diagnostics, "text"), err=True)
    except ModuleNotFoundError as missing:
        name = missing.name or "Django"
        click.echo(f"osler: the site needs {name}: pip install 'osler[web]'", err=True)
    except OSError as error:
        what = error.filename or data
        click.echo(f"osler: cannot use {what}: {error.strerror or error}", err=True)
    else:
        return
    sys.exit(2)
