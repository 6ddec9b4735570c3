"""A group of commands that loads each only when it is asked for."""

import difflib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import click

from osler.cli.collecting import uncollected


class LazyGroup(click.Group):
    """``osler explain`` needs no NumPy, and a missing extra stops only what needs it.

    Parameters
    ----------
    commands_at : mapping of str to str
        The name of each command and where it stands, "module:attribute", in the order of
        ``--help``.
    load : function, optional
        From a module's name and the command's to the module.
    """

    def __init__(
        self,
        *args: Any,
        commands_at: Mapping[str, str],
        load: Callable[[str, str], object] = lambda module, command: import_module(module),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._at, self._load = commands_at, load

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._at:
            close = difflib.get_close_matches(cmd_name, self._at, 1)
            if close:
                ctx.fail(f"No such command {cmd_name!r}. Did you mean {close[0]!r}?")
            return None
        module, name = self._at[cmd_name].split(":")
        with uncollected():
            command = getattr(self._load(module, cmd_name), name)
        return command if isinstance(command, click.Command) else None
