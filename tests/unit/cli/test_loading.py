"""What a command loads, and how."""

import gc
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from osler.cli.collecting import uncollected
from osler.cli.lazily import LazyGroup


def test_a_check_loads_nothing_that_draws() -> None:
    code = (
        "import sys, osler.cli.check; print([m for m in sys.modules if "
        "m.startswith(('osler.publish.plots', 'osler.publish.figures', 'django', 'matplotlib'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("on", [True, False])
def test_the_search_for_circles_is_left_as_it_was(on: bool) -> None:
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() is on
        with pytest.raises(ZeroDivisionError), uncollected():
            1 / 0  # noqa: B018
        assert gc.isenabled() is on
    finally:
        (gc.enable if was_on else gc.disable)()


def test_a_command_is_loaded_without_that_search() -> None:
    seen: list[bool] = []

    def load(module: str, command: str) -> object:
        seen.append(gc.isenabled())
        return sys.modules[__name__]

    group = LazyGroup("group", commands_at={"say": f"{__name__}:say"}, load=load)
    assert CliRunner().invoke(group, ["say"]).output == "True\n"
    assert seen == [False]


@click.command()
def say() -> None:
    click.echo(str(gc.isenabled()))
